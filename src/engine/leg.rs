//! Legs: channels that we dialled, from the first word about them to the last.

use std::{sync::Arc, time::Duration};

use super::{Callee, OperatorIx, QueueIx, notice::OfferOutcome, operator::Rest};
use crate::{
    dialplan::Accept,
    domain::{BridgeId, CallId, Cause, ChannelId, Name, PlaybackId, Tariff, Time, id::OURS},
};

/// A leg to the phone of somebody. While it rings it is an *offer*.
#[derive(Debug)]
pub(crate) struct Leg {
    pub(crate) channel: ChannelId,
    /// The call it was dialled for. The call may be over before the leg is.
    pub(crate) call: CallId,
    /// That call's channel, which outlives nothing but keeps the order of commands.
    pub(crate) caller: ChannelId,
    /// Who is rung; `None`: somebody whom the operator transferred the call to, or whom nobody knows any more.
    pub(crate) callee: Option<Callee>,
    /// The operator that he is, while the leg is what he is engaged with.
    pub(crate) operator: Option<OperatorIx>,
    /// The queue that offers the call; `None`: a step dialled, or nobody knows any more.
    pub(crate) queue: Option<QueueIx>,
    /// How long it rings at most.
    pub(crate) ring: Duration,
    /// How it is dialled.
    pub(crate) way: Way,
    /// When it was asked for.
    pub(crate) since: Time,
    /// The bridge it was put into.
    pub(crate) bridge: Option<BridgeId>,
    pub(crate) phase: Phase,
    /// What it costs, if it goes over a trunk that has a tariff.
    pub(crate) meter: Option<Meter>,
    /// The trunk that it is on.
    pub(crate) trunk: Option<Name>,
    /// How a call is accepted on it; `None`: by answering.
    pub(crate) accept: Option<Arc<Accept>>,
}

/// What a leg costs that goes outside.
#[derive(Clone, Debug)]
pub(crate) struct Meter {
    /// Over which trunk.
    pub(crate) trunk: Name,
    /// That of the plan with which its call began.
    pub(crate) tariff: Tariff,
    /// Since when it is answered.
    pub(crate) answered: Option<Time>,
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
    /// It was answered, and whoever did is asked whether he takes the call; `failed`: he could be told nothing.
    Asked { playback: Option<PlaybackId>, failed: bool },
    /// It was answered and is the other end of a conversation.
    Talking,
    /// It was hung up and has not ended yet: what the operator is owed then, and how often it was hung up.
    Going { rest: Rest, asked: u32 },
}

impl Phase {
    /// Whether nobody has taken the call on it yet, and somebody may.
    pub(crate) fn is_offered(self) -> bool {
        match self {
            Self::Making | Self::Ringing | Self::Asked { .. } => true,
            Self::Talking | Self::Going { .. } => false,
        }
    }
}

/// What became of an offer, by the cause of the leg's end (Q.850, and the SIP status where Asterisk tells).
pub(super) fn outcome_of(cause: Cause) -> OfferOutcome {
    match (cause.q850, cause.sip) {
        (17, _) | (_, Some(486 | 600)) => OfferOutcome::Busy,
        (21, _) | (_, Some(603)) => OfferOutcome::Declined,
        // A timeout of ours is 19 with 480; a phone that says 480 by itself gives the same: nobody is there.
        (18 | 19, _) | (_, Some(408 | 480)) => OfferOutcome::NoAnswer,
        // 0 and 16: Asterisk or somebody at its console ended it; nobody knows why.
        (0 | 16, None | Some(0)) => OfferOutcome::Failed,
        (_, _) => OfferOutcome::Unreachable,
    }
}

/// What a leg's id in Asterisk says to an engine that finds it. Nothing else is known of a leg then; and of a caller who
/// was offered to an operator at once, nothing is written on his own channel before a second one is rung, or he waits or
/// is connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag<'a> {
    /// Whom it rings; `None`: nobody whom we could make sense of.
    pub(crate) callee: Option<Callee>,
    /// The call that it was dialled for. Engines before this one did not say.
    pub(crate) call: Option<CallId>,
    /// The queue that offered it; `None`: a step dialled.
    pub(crate) queue: Option<&'a str>,
}

/// What stands in place of a queue's name.
const NO_QUEUE: &str = ".";

impl<'a> Tag<'a> {
    /// The id of a leg. Names have no dash in them.
    pub(crate) fn write(&self, boot: u32, number: u64) -> String {
        let queue = self.queue.unwrap_or(NO_QUEUE);
        let call = self.call.map(|call| format!("-{call}-{queue}")).unwrap_or_default();
        let callee = self.callee.as_ref().map(Callee::tag).unwrap_or_default();
        format!("{OURS}{boot:08x}-{callee}-{number}{call}")
    }

    /// What an id says; `None` when it is not of a leg.
    pub(crate) fn read(id: &'a str) -> Option<Self> {
        let mut parts = id.strip_prefix(OURS)?.splitn(4, '-');
        let (_boot, callee, _number) = (parts.next()?, parts.next()?, parts.next()?);
        let (call, queue) = parts.next().and_then(|rest| rest.rsplit_once('-')).unzip();
        let queue = queue.filter(|queue| *queue != NO_QUEUE);
        Some(Self { callee: Callee::of_tag(callee), call: call.and_then(CallId::parse), queue })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leg_s_id_reads_back_and_an_older_one_tells_less() {
        let callee = Some(Callee::Operator("anna".into()));
        let call = Some(CallId { boot: 0xbeef, number: 12 });
        let tag = Tag { callee: callee.clone(), call, queue: Some("sales_2") };
        let id = tag.write(7, 17);
        assert_eq!(id, "sentral-00000007-anna-17-0000beef-12-sales_2");
        assert_eq!(Tag::read(&id), Some(tag));
        let dialled = Tag { callee: Some(Callee::Phone("205".into())), call, queue: None };
        assert_eq!(dialled.write(7, 17), "sentral-00000007-phone.205-17-0000beef-12-.");
        assert_eq!(Tag::read(&dialled.write(7, 17)), Some(dialled));
        assert_eq!(Tag::read("sentral-00000007-anna-17"), Some(Tag { callee, call: None, queue: None }));
        for other in ["1795381135.0", "sentral-00000007-t4", "sentral-"] {
            assert_eq!(Tag::read(other), None, "{other}");
        }
    }

    #[test]
    fn a_leg_s_cause_tells_what_became_of_the_offer() {
        let told = |q850, sip| outcome_of(Cause { q850, sip });
        assert_eq!(told(17, Some(486)), OfferOutcome::Busy);
        assert_eq!(told(21, Some(603)), OfferOutcome::Declined);
        assert_eq!(told(19, Some(480)), OfferOutcome::NoAnswer);
        assert_eq!(told(1, Some(404)), OfferOutcome::Unreachable);
        assert_eq!(told(34, Some(503)), OfferOutcome::Unreachable);
        assert_eq!(told(16, None), OfferOutcome::Failed);
    }
}
