//! ARI's own words: its JSON as Asterisk sends it, and only what we use of it.
//!
//! A message is read in one pass into borrowed text. What we do not know is skipped, so a newer Asterisk may say more.
//! The shapes are those of Asterisk's `rest-api/api-docs/*.json`, seen on 16.28 and 22.10.

use std::{borrow::Cow, fmt, ops::Deref};

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, Visitor},
};

/// The user event by which we hear ourselves through the application's own event loop.
pub(super) const SELF_TEST: &str = "sentral-selftest";

/// The variable that carries a call's state (see [`Mark`](crate::engine::Mark)).
pub(super) const STATE: &str = "SENTRAL_STATE";

/// One message from the event websocket.
#[derive(Debug, Deserialize)]
pub(super) struct Message<'a> {
    /// What kind of event.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// The application it was sent to.
    #[serde(borrow)]
    pub application: Option<Text<'a>>,
    /// Whom it happened to.
    #[serde(borrow)]
    pub channel: Option<Channel<'a>>,
    /// `StasisStart`: the channel whose place `channel` takes.
    #[serde(borrow)]
    pub replace_channel: Option<Channel<'a>>,
    /// `StasisStart`: what came with the channel into our application.
    #[serde(borrow, default)]
    pub args: Vec<Text<'a>>,
    /// `PlaybackFinished`.
    #[serde(borrow)]
    pub playback: Option<Playback<'a>>,
    /// `RecordingFinished` and `RecordingFailed`.
    #[serde(borrow)]
    pub recording: Option<Recording<'a>>,
    /// `DeviceStateChanged`.
    #[serde(borrow)]
    pub device_state: Option<Device<'a>>,
    /// `ChannelDtmfReceived`.
    #[serde(borrow)]
    pub digit: Option<Text<'a>>,
    /// `ChannelDestroyed`: Q.850. (In `ChannelHangupRequest` it may be something else.)
    pub cause: Option<u16>,
    /// `ChannelDestroyed`: the SIP status, from Asterisk 22.7 on.
    pub tech_cause: Option<u16>,
}

/// A channel as it was at that moment.
#[derive(Debug, Deserialize)]
pub(super) struct Channel<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow)]
    pub name: Option<Text<'a>>,
    #[serde(borrow)]
    pub state: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub caller: Party<'a>,
    #[serde(borrow, default)]
    pub dialplan: Place<'a>,
    #[serde(borrow)]
    pub creationtime: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub channelvars: Variables<'a>,
}

impl Channel<'_> {
    /// Whether it is answered: of ARI's states (`Down`, `Ring`, `Ringing`, `Busy` ..) the one that says so.
    pub(super) fn is_up(&self) -> bool {
        self.state.as_deref() == Some("Up")
    }

    /// Whether it is the half of a `Local` channel that was called. A transfer puts it in the place of an operator's leg; it
    /// is never a caller.
    pub(super) fn is_called_half(&self) -> bool {
        self.name.as_deref().is_some_and(|name| name.starts_with("Local/") && name.ends_with(";1"))
    }

    /// Whether it is in a Stasis application now. A leg that is originated enters when it is answered, and has another
    /// application's name until then.
    pub(super) fn is_in_stasis(&self) -> bool {
        self.dialplan.app_name.as_deref() == Some("Stasis")
    }
}

/// A caller's name and number as presented.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Party<'a> {
    #[serde(borrow)]
    pub name: Option<Text<'a>>,
    #[serde(borrow)]
    pub number: Option<Text<'a>>,
}

/// Where in the dialplan a channel is.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Place<'a> {
    #[serde(borrow)]
    pub exten: Option<Text<'a>>,
    #[serde(borrow)]
    pub app_name: Option<Text<'a>>,
    /// The application's arguments: `sentral,+4780012345`.
    #[serde(borrow)]
    pub app_data: Option<Text<'a>>,
}

/// The variables that a snapshot shows; of them ours.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Variables<'a> {
    #[serde(borrow, rename = "SENTRAL_STATE")]
    pub state: Option<Text<'a>>,
}

/// A playing.
#[derive(Debug, Deserialize)]
pub(super) struct Playback<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    /// `channel:` or `bridge:` and an id.
    #[serde(borrow)]
    pub target_uri: Option<Text<'a>>,
    #[serde(borrow)]
    pub state: Option<Text<'a>>,
}

/// A recording.
#[derive(Debug, Deserialize)]
pub(super) struct Recording<'a> {
    #[serde(borrow)]
    pub name: Text<'a>,
    /// `channel:` or `bridge:` and an id.
    #[serde(borrow)]
    pub target_uri: Option<Text<'a>>,
}

/// A device, also in `GET /deviceStates/{name}`.
#[derive(Debug, Deserialize)]
pub(super) struct Device<'a> {
    #[serde(borrow)]
    pub name: Text<'a>,
    #[serde(borrow)]
    pub state: Text<'a>,
}

/// A bridge, in `GET /bridges`.
#[derive(Debug, Deserialize)]
pub(super) struct Bridge<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow, default)]
    pub channels: Vec<Text<'a>>,
}

/// `GET /applications/{name}`.
#[derive(Debug, Deserialize)]
pub(super) struct Application<'a> {
    #[serde(borrow, default)]
    pub channel_ids: Vec<Text<'a>>,
    /// The event filter, of which only matters whether there is one.
    pub events_allowed: Option<Vec<IgnoredAny>>,
}

/// `GET /asterisk/info`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Info {
    pub system: System,
    pub status: Status,
}

/// What it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct System {
    pub version: String,
}

/// Since when it runs.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    pub startup_time: String,
}

/// `GET /channels/{id}/variable`.
#[derive(Debug, Deserialize)]
pub(super) struct Variable<'a> {
    #[serde(borrow)]
    pub value: Text<'a>,
}

/// Text out of a message: borrowed from it, unless something in it was escaped.
#[derive(Debug)]
pub(super) struct Text<'a>(Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

// An own type, since `Option<Cow<str>>` never borrows.
impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Cow<'de, str>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(text))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(text.to_owned()))
            }
        }

        deserializer.deserialize_str(Reader).map(Self)
    }
}

/// Makes an enum of words, one of which stands for all others.
macro_rules! kinds {
    ($(#[$about:meta])* $name:ident { $($variant:ident = $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum $name { $($variant,)* /// Any other.
            Other }

        impl $name {
            /// Asterisk's word for it; `other` for what we do not use.
            pub(super) fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* Self::Other => "other" }
            }

            fn read(word: &str) -> Self {
                match word { $($word => Self::$variant,)* _ => Self::Other }
            }

            /// All that we use.
            pub(super) const USED: &[Self] = &[$(Self::$variant),*];
        }
    };
}

kinds! {
    /// The events that we use: all that the event filter lets through.
    ///
    /// `ApplicationReplaced` is in the list since the filter would swallow it too (seen on 22.10).
    Kind {
        StasisStart = "StasisStart",
        StasisEnd = "StasisEnd",
        ChannelDestroyed = "ChannelDestroyed",
        ChannelStateChange = "ChannelStateChange",
        ChannelDtmfReceived = "ChannelDtmfReceived",
        PlaybackFinished = "PlaybackFinished",
        RecordingFinished = "RecordingFinished",
        RecordingFailed = "RecordingFailed",
        DeviceStateChanged = "DeviceStateChanged",
        ChannelUserevent = "ChannelUserevent",
        ApplicationReplaced = "ApplicationReplaced",
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl Visitor<'_> for Reader {
            type Value = Kind;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of an event")
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<Kind, E> {
                Ok(Kind::read(word))
            }
        }

        deserializer.deserialize_str(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_borrowed_where_nothing_is_escaped() {
        let json = r#"{"type":"StasisStart","args":["in","a\"b"],"channel":{"id":"1.0","caller":{"name":"Ivan"}}}"#;
        let message: Message<'_> = serde_json::from_str(json).expect("a message");
        let channel = message.channel.expect("a channel");
        assert!(matches!(channel.id.0, Cow::Borrowed("1.0")));
        assert!(matches!(channel.caller.name, Some(Text(Cow::Borrowed("Ivan")))));
        assert!(matches!(message.args[0].0, Cow::Borrowed("in")));
        assert_eq!(&*message.args[1], "a\"b");
    }

    #[test]
    fn what_we_do_not_know_is_skipped() {
        let json = r#"{"type":"ChannelLevitated","height":[{"m":3}],"channel":{"id":"1.0","tenantid":"x","caller_rdnis":null}}"#;
        let message: Message<'_> = serde_json::from_str(json).expect("a message");
        assert_eq!(message.kind, Kind::Other);
        assert_eq!(message.kind.word(), "other");
    }

    #[test]
    fn every_kind_reads_back_as_it_is_written() {
        for kind in Kind::USED {
            assert_eq!(Kind::read(kind.word()), *kind);
        }
    }
}
