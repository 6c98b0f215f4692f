//! Legs: channels that we dialled, from the first word about them to the last.

use super::{OperatorIx, QueueIx, operator::Rest};
use crate::domain::{BridgeId, CallId, ChannelId, Time, id::OURS};

/// A leg to an operator's phone. While it rings it is an *offer*.
#[derive(Debug)]
pub(crate) struct Leg {
    pub(crate) channel: ChannelId,
    /// The call it was dialled for. The call may be over before the leg is.
    pub(crate) call: CallId,
    /// That call's channel, which outlives nothing but keeps the order of commands.
    pub(crate) caller: ChannelId,
    /// Whose phone it is; `None`: somebody whom the operator transferred the call to, or whom no plan knows.
    pub(crate) operator: Option<OperatorIx>,
    /// The queue that offers the call; `None` when nobody knows any more.
    pub(crate) queue: Option<QueueIx>,
    /// How it is dialled.
    pub(crate) way: Way,
    /// When it was asked for.
    pub(crate) since: Time,
    /// The bridge it was put into.
    pub(crate) bridge: Option<BridgeId>,
    pub(crate) phase: Phase,
}

/// How a leg is dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Made first, then rung, and in one bridge with the caller before it is answered: they hear each other at once.
    Created,
    /// Rung at once, and joined when it is answered: the caller keeps his music until then, and several can ring.
    Originated,
}

/// How far a leg is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Asked for; Asterisk has not made it yet.
    Making,
    /// It rings, or is about to.
    Ringing,
    /// It was answered and is the other end of a conversation.
    Talking,
    /// It was hung up and has not ended yet: what the operator is owed then, and how often it was hung up.
    Going { rest: Rest, asked: u32 },
}

/// What a leg's id in Asterisk says to an engine that finds it. Nothing else is known of a leg then; and of a caller who
/// was offered to an operator at once, nothing is written on his own channel before a second one is rung, or he waits or
/// is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tag<'a> {
    /// Whose phone it is.
    pub(crate) operator: &'a str,
    /// The call that it was dialled for, and the queue that offered it. Engines before this one did not say.
    pub(crate) call: Option<(CallId, &'a str)>,
}

impl<'a> Tag<'a> {
    /// The id of a leg. Names have no dash in them.
    pub(crate) fn write(self, boot: u32, number: u64) -> String {
        let call = self.call.map(|(call, queue)| format!("-{call}-{queue}")).unwrap_or_default();
        format!("{OURS}{boot:08x}-{}-{number}{call}", self.operator)
    }

    /// What an id says; `None` when it is not of a leg.
    pub(crate) fn read(id: &'a str) -> Option<Self> {
        let mut parts = id.strip_prefix(OURS)?.splitn(4, '-');
        let (_boot, operator, _number) = (parts.next()?, parts.next()?, parts.next()?);
        let call = parts.next().and_then(|rest| {
            let (call, queue) = rest.rsplit_once('-')?;
            Some((CallId::parse(call)?, queue))
        });
        Some(Self { operator, call })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leg_s_id_reads_back_and_an_older_one_tells_less() {
        let tag = Tag { operator: "anna", call: Some((CallId { boot: 0xbeef, number: 12 }, "sales_2")) };
        let id = tag.write(7, 17);
        assert_eq!(id, "sentral-00000007-anna-17-0000beef-12-sales_2");
        assert_eq!(Tag::read(&id), Some(tag));
        assert_eq!(Tag::read("sentral-00000007-anna-17"), Some(Tag { operator: "anna", call: None }));
        for other in ["1795381135.0", "sentral-00000007-t4", "sentral-"] {
            assert_eq!(Tag::read(other), None, "{other}");
        }
    }
}
