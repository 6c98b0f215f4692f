//! Names of things: short to copy, ordered, and never mistaken for one another.

use std::{fmt, ops::Deref, sync::Arc};

use serde::{Serialize, Serializer};

/// A name out of a plan: of an operator, a queue, a flow, a number. Cheap to copy.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

impl Name {
    /// A name as the plan writes it.
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Name {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// One Asterisk. Numbered in the order of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct NodeId(pub u8);

/// A channel of one Asterisk, by Asterisk's own id.
///
/// A caller's id comes from Asterisk; a leg that we dial has an id of our choosing, so that no event about it can come
/// before we know of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelId {
    /// The Asterisk that holds it.
    pub node: NodeId,
    /// Its id there (`uniqueid`).
    pub id: Arc<str>,
}

impl ChannelId {
    /// The channel `id` of Asterisk `node`.
    pub fn new(node: NodeId, id: &str) -> Self {
        Self { node, id: id.into() }
    }
}

impl fmt::Debug for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.id, self.node.0)
    }
}

/// A bridge of one Asterisk. The engine chooses the id.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BridgeId {
    /// The Asterisk that holds it.
    pub node: NodeId,
    /// Its id there.
    pub id: Arc<str>,
}

impl BridgeId {
    /// The bridge `id` of Asterisk `node`.
    pub fn new(node: NodeId, id: &str) -> Self {
        Self { node, id: id.into() }
    }
}

impl fmt::Debug for BridgeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.id, self.node.0)
    }
}

/// One playing of something to a channel. Unique within a life of the engine (`boot`), so that a playback left over
/// from an earlier life is never taken for one of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlaybackId {
    /// The life of the engine that asked for it.
    pub boot: u32,
    /// Its number in that life.
    pub number: u64,
}

impl fmt::Display for PlaybackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{OURS}{:08x}-p{}", self.boot, self.number)
    }
}

impl PlaybackId {
    /// Reads what `Display` wrote; `None` for a playback that is not of an engine.
    pub fn parse(text: &str) -> Option<Self> {
        let (boot, number) = text.strip_prefix(OURS)?.split_once("-p")?;
        Some(Self { boot: u32::from_str_radix(boot, 16).ok()?, number: number.parse().ok()? })
    }
}

/// One recording of what a caller says. Unique within a life of the engine (`boot`), as a [`PlaybackId`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordingId {
    /// The life of the engine that asked for it.
    pub boot: u32,
    /// Its number in that life.
    pub number: u64,
}

impl fmt::Display for RecordingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{OURS}{:08x}-r{}", self.boot, self.number)
    }
}

impl RecordingId {
    /// Reads what `Display` wrote; `None` for a recording that is not of an engine.
    pub fn parse(text: &str) -> Option<Self> {
        let (boot, number) = text.strip_prefix(OURS)?.split_once("-r")?;
        let id = Self { boot: u32::from_str_radix(boot, 16).ok()?, number: number.parse().ok()? };
        // What is written in another way names another file.
        (id.to_string() == text).then_some(id)
    }
}

/// Everything that the engine names in Asterisk starts with this.
pub const OURS: &str = "sentral-";

/// One caller's visit, from arrival to the end, across restarts of the engine.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId {
    /// The life of the engine in which the call arrived.
    pub boot: u32,
    /// Its number in that life.
    pub number: u64,
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}-{}", self.boot, self.number)
    }
}

impl fmt::Debug for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "call {self}")
    }
}

impl CallId {
    /// Reads what `Display` wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let (boot, number) = text.split_once('-')?;
        Some(Self { boot: u32::from_str_radix(boot, 16).ok()?, number: number.parse().ok()? })
    }
}

impl Serialize for CallId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// An operator's being kept for one caller. Unique within a life of the engine (`boot`), and unknown to the next one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReservationId {
    /// The life of the engine that keeps him.
    pub boot: u32,
    /// Its number in that life.
    pub number: u64,
}

impl fmt::Display for ReservationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}-o{}", self.boot, self.number)
    }
}

impl fmt::Debug for ReservationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "reservation {self}")
    }
}

impl ReservationId {
    /// Reads what `Display` wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let (boot, number) = text.split_once("-o")?;
        Some(Self { boot: u32::from_str_radix(boot, 16).ok()?, number: number.parse().ok()? })
    }
}

/// A promise to call somebody back. It outlives the life of the engine (`boot`) that gave it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallbackId {
    /// The life of the engine that promised it.
    pub boot: u32,
    /// Its number in that life.
    pub number: u64,
}

impl fmt::Display for CallbackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}-c{}", self.boot, self.number)
    }
}

impl fmt::Debug for CallbackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "callback {self}")
    }
}

impl CallbackId {
    /// Reads what `Display` wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let (boot, number) = text.split_once("-c")?;
        Some(Self { boot: u32::from_str_radix(boot, 16).ok()?, number: number.parse().ok()? })
    }
}

impl Serialize for CallbackId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back_as_they_were_written() {
        let call = CallId { boot: 0xdead_beef, number: 17 };
        assert_eq!(CallId::parse(&call.to_string()), Some(call));
        let playback = PlaybackId { boot: 7, number: u64::MAX };
        assert_eq!(PlaybackId::parse(&playback.to_string()), Some(playback));
        let recording = RecordingId { boot: 7, number: u64::MAX };
        assert_eq!(RecordingId::parse(&recording.to_string()), Some(recording));
        let reservation = ReservationId { boot: 7, number: 12 };
        assert_eq!(ReservationId::parse(&reservation.to_string()), Some(reservation));
        let callback = CallbackId { boot: 0xbeef, number: 3 };
        assert_eq!(callback.to_string(), "0000beef-c3");
        assert_eq!(CallbackId::parse(&callback.to_string()), Some(callback));
    }

    #[test]
    fn what_is_not_ours_is_no_id_of_ours() {
        for text in ["", "-", "x-1", "sentral-", "sentral-zz-p1", "1795371615.0", "00000001-p1"] {
            assert_eq!(PlaybackId::parse(text), None, "{text}");
            assert_eq!(RecordingId::parse(text), None, "{text}");
        }
        assert_eq!(CallId::parse("1-"), None);
        assert_eq!(ReservationId::parse("00000007-12"), None);
        assert_eq!(CallbackId::parse("00000007-12"), None);
        for text in [
            "sentral-0000beef-r07",
            "sentral-0000BEEF-r7",
            "sentral-beef-r7",
            "sentral-0000beef-r7/..",
            "sentral-0000beef-p7",
        ] {
            assert_eq!(RecordingId::parse(text), None, "{text}");
        }
    }
}
