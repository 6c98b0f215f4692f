//! Facts for those who watch: past tense, and nobody's orders.
//!
//! Metrics, logs, call records and the wallboard read these and nothing else.

mod callback;
mod duty;
mod entering;
mod hand_over;
mod measured;
mod miss;
mod outcome;
mod party;
mod steered;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

pub use callback::{CallbackFact, CallbackOver};
pub use duty::{DutyFact, PinRefused};
pub use entering::Entering;
pub use hand_over::HandOver;
pub use measured::Measured;
pub use miss::Miss;
pub use outcome::{LeftQueue, MessageOutcome, Outcome};
pub use party::{Party, Transfer};
use serde::Serialize;
pub use steered::Steered;

use super::{Callee, by_hand::ByHand, errand::NoAnswer, event::Failure};
use crate::{
    dialplan::StepId,
    domain::{CallId, Caller, Cause, ChannelId, Charge, Digit, Digits, MessageId, Name, NodeId, Reason, Time},
};

/// One fact.
#[derive(Clone, Debug)]
pub struct Notice {
    /// When.
    pub at: Time,
    /// Of which call, where it is of one.
    pub call: Option<CallId>,
    /// What.
    pub fact: Fact,
}

/// What came about.
#[derive(Clone, Debug)]
pub enum Fact {
    /// A call arrived at a number of the plan.
    Arrived {
        /// The number, as the plan writes it.
        number: Name,
        /// Who called.
        caller: Caller,
        /// His channel.
        channel: ChannelId,
    },
    /// A call that arrived found all channels of its number in use, and goes where the plan leads then.
    FoundFull {
        /// The number, as the plan writes it.
        number: Name,
    },
    /// A call was found on a node after a restart or a gap, and goes on.
    Adopted {
        /// The number, where it is known.
        number: Option<Name>,
        /// Who called.
        caller: Caller,
        /// His channel.
        channel: ChannelId,
        /// When he arrived, as far as is known.
        arrived: Time,
        /// Where it goes on.
        place: Adopted,
    },
    /// A call was not taken.
    Refused {
        /// The number as dialled; of the plan, when it is in the plan.
        number: Arc<str>,
        /// Who called.
        caller: Caller,
        /// Why.
        why: Refusal,
    },
    /// Asterisk's dialplan asks for a flow that the plan does not have. The call was not taken.
    NoFlow {
        /// What it asks for.
        flow: Name,
        /// The flow that may be meant.
        near: Option<Name>,
    },
    /// Something came about while a caller was handed over to a node that can do more.
    HandOver(HandOver),
    /// A call came to a step of the plan that it began with.
    Reached {
        /// The step.
        step: StepId,
        /// The flow that begins with it, if one does.
        flow: Option<Name>,
    },
    /// A menu was asked.
    MenuAsked {
        /// Which time.
        attempt: u32,
    },
    /// A caller gave an answer.
    MenuAnswered {
        /// The keys.
        keys: Digits,
    },
    /// A caller pressed what the menu does not offer.
    MenuMistaken {
        /// The keys.
        keys: Digits,
    },
    /// A caller pressed nothing.
    MenuUnanswered,
    /// A caller speaks, and is recorded.
    Records {
        /// The box that his message is for.
        mailbox: Name,
    },
    /// It is known what became of a message.
    Message {
        /// The box that it is for.
        mailbox: Name,
        /// The message.
        id: MessageId,
        /// What became of it.
        outcome: MessageOutcome,
        /// How long it is; nothing when it is not kept.
        lasts: Duration,
    },
    /// Something came about while a caller was asked for digits.
    Entering(Entering),
    /// A server is asked something for a caller, who waits for the answer.
    LooksUp {
        /// Which server, as the plan writes it.
        host: Arc<str>,
        /// The address, with the caller's values in it.
        url: Arc<str>,
    },
    /// It answered.
    LookedUp {
        /// Which server.
        host: Arc<str>,
        /// How long that took.
        took: Duration,
        /// How many of the values that the plan takes out of an answer are not in this one.
        lacks: u32,
    },
    /// There is no answer, and the call goes on as the plan says for that.
    LookupFailed {
        /// Which server.
        host: Arc<str>,
        /// How long that took.
        took: Duration,
        /// Why.
        why: NoAnswer,
    },
    /// A server is told something of a call.
    Notifies {
        /// Which server, as the plan writes it.
        host: Arc<str>,
        /// The address, with the caller's values in it.
        url: Arc<str>,
        /// The notification's id.
        id: Arc<str>,
    },
    /// The values of a call make no notification that can be sent.
    NotNotified {
        /// Which server was to be told.
        host: Arc<str>,
    },
    /// A caller joined a queue.
    Joined {
        /// The queue.
        queue: Name,
        /// His place in line; 1 is the next to be served.
        position: usize,
    },
    /// Asterisk's dialplan, which asked for an operator, was told what came of that.
    ChoiceTold {
        /// The queue that it asked for; perhaps none of the plan.
        queue: Name,
        /// The word for what came of it: one of [`Choice::WORDS`](super::choice::Choice::WORDS).
        choice: &'static str,
    },
    /// A caller left a queue without having been connected.
    LeftQueue {
        /// The queue.
        queue: Name,
        /// His place in line when he left; 1 is the next to be served.
        position: usize,
        /// How long he waited.
        waited: Duration,
        /// Why.
        why: LeftQueue,
        /// The key that led him out of it, if one did.
        key: Option<Digit>,
    },
    /// A caller has the place again that he had in a queue before he was gone for a while.
    CameBack {
        /// The queue.
        queue: Name,
        /// For how long he had waited when he went, as far as it counts for his place.
        waited: Duration,
    },
    /// A call asks for these skills from now on, with the least level of each; none: for nothing any more.
    Required {
        /// Which.
        skills: BTreeMap<Name, u32>,
    },
    /// Somebody did something to a caller who waits.
    Steered {
        /// The queue.
        queue: Name,
        /// What.
        how: Steered,
    },
    /// Somebody is rung for a call.
    Offered {
        /// The queue; `None`: a step of the plan dials.
        queue: Option<Name>,
        /// Who.
        callee: Callee,
    },
    /// An offer came to its end; or somebody whom a step dials was not rung at all, since he is engaged.
    OfferEnded {
        /// The queue; `None`: a step of the plan dialled.
        queue: Option<Name>,
        /// Who was rung.
        callee: Callee,
        /// How.
        outcome: OfferOutcome,
        /// How long it rang.
        rang: Duration,
        /// What Asterisk said.
        cause: Cause,
    },
    /// A caller and whoever answered him were connected.
    Connected {
        /// The queue; `None`: a step of the plan dialled.
        queue: Option<Name>,
        /// Who answered.
        callee: Callee,
        /// His channel; `None`: Asterisk's dialplan dialled him.
        leg: Option<ChannelId>,
        /// How long the caller waited from joining the queue, or from the step on.
        waited: Duration,
    },
    /// What a plan computed to be dialled is no telephone number, and was not dialled.
    NoNumber,
    /// Nobody whom a step dialled answered.
    NobodyAnswered {
        /// Why.
        missed: Miss,
    },
    /// They no longer talk.
    TalkEnded {
        /// The queue, if it was one and is known (a conversation found after a restart may not tell).
        queue: Option<Name>,
        /// Whom the caller talked to.
        callee: Callee,
        /// How long they talked.
        talked: Duration,
        /// Who ended it.
        by: Party,
        /// How long the caller had waited before, if it is known.
        waited: Option<Duration>,
        /// Whereto he was transferred, if he was and it is known.
        to: Option<Transfer>,
    },
    /// A call is over.
    Ended {
        /// The number, where it is known.
        number: Option<Name>,
        /// How it ended.
        outcome: Outcome,
        /// How long it lasted from its arrival.
        lasted: Duration,
        /// What it costs, where its number has a tariff.
        charge: Option<Charge>,
        /// So many legs that were dialled for it have not ended yet, and will tell what they cost ([`Fact::Charged`]).
        uncharged: u32,
    },
    /// A leg that was dialled over a trunk with a tariff has ended, or is ours no longer. Its call may be over.
    Charged {
        /// The trunk.
        trunk: Name,
        /// Who was rung.
        callee: Callee,
        /// What it costs; `None`: whoever finds it will tell, since it was left to go on.
        charge: Option<Charge>,
    },
    /// An operator does something else now.
    OperatorChanged {
        /// The operator.
        operator: Name,
        /// What he did.
        from: OperatorState,
        /// What he does.
        to: OperatorState,
    },
    /// Something came about of whether an operator is there for his queues.
    Duty(DutyFact),
    /// Something came about of a callback.
    Callback(CallbackFact),
    /// Somebody overrode hours of the plan, or no longer does.
    HoursOverridden {
        /// Which.
        hours: Name,
        /// How they stand from now on; `None`: as the plan says.
        by_hand: Option<ByHand>,
    },
    /// Hours stand by hand that the plan in force does not have; they do again when it has them.
    OverrideIdle {
        /// Which.
        hours: Name,
    },
    /// How well it goes was measured.
    Measured(Measured),
    /// A command came to nothing.
    CommandFailed {
        /// The command.
        command: &'static str,
        /// How.
        failure: Failure,
    },
    /// A prompt could not be played.
    PromptFailed,
    /// The plan led a call in circles, without giving the caller a say or without an end; it was ended.
    RanInCircles,
    /// A node can be used.
    NodeUp {
        /// The node.
        node: NodeId,
        /// How many calls it holds that go on.
        calls: usize,
    },
    /// A node is not heard from.
    NodeDown {
        /// The node.
        node: NodeId,
    },
    /// A new plan is in force.
    PlanLoaded {
        /// The exchange.
        exchange: Name,
    },
    /// Something that cannot be was: a bug. The call it touched was ended; the others go on.
    Broken {
        /// What.
        what: &'static str,
    },
}

/// Where an adopted call goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Adopted {
    /// With the operator he talks to.
    Talking,
    /// In the line of his queue.
    Waiting,
    /// At the step that rang for him.
    Dialling,
    /// At the first step of his number.
    Start,
    /// Nowhere: the operator he talked to left while nobody looked, and he is hung up.
    Over,
}

/// Why a call was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// All channels of the number are in use.
    Full,
    /// The node has as many calls, or as many new ones a second, as it may have.
    Overload,
    /// The engine is about to stop.
    Draining,
    /// No such number in the plan.
    UnknownNumber,
    /// No such flow in the plan.
    UnknownFlow,
}

impl Refusal {
    /// All of them, for metrics.
    pub const ALL: [Self; 5] = [Self::Full, Self::Overload, Self::Draining, Self::UnknownNumber, Self::UnknownFlow];

    /// How that call ended, for who dialled it: no [`Fact::Ended`] follows, since it was no call of ours.
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Full => Outcome::Full,
            Self::Overload | Self::Draining | Self::UnknownNumber | Self::UnknownFlow => Outcome::Refused,
        }
    }
}

/// How an offer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferOutcome {
    /// The operator took it.
    Answered,
    /// His phone is busy.
    Busy,
    /// He pressed "reject".
    Declined,
    /// He let it ring.
    NoAnswer,
    /// His phone cannot be reached.
    Unreachable,
    /// All channels of the trunk that leads to him are taken: he was not rung.
    TrunkFull,
    /// A colleague was quicker.
    AnsweredElsewhere,
    /// The caller left first.
    CallerLeft,
    /// He was kept for a caller whom Asterisk's dialplan connects, and it did not use him.
    Lapsed,
    /// He paused or signed out while it rang.
    OffDuty,
    /// We or Asterisk failed.
    Failed,
}

impl OfferOutcome {
    /// All of them, for metrics.
    pub const ALL: [Self; 11] = [
        Self::Answered,
        Self::Busy,
        Self::Declined,
        Self::NoAnswer,
        Self::Unreachable,
        Self::TrunkFull,
        Self::AnsweredElsewhere,
        Self::CallerLeft,
        Self::Lapsed,
        Self::OffDuty,
        Self::Failed,
    ];
}

/// What an operator is doing, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OperatorState {
    /// Free to be offered a call.
    Ready,
    /// His phone rings, or stops ringing.
    Ringing,
    /// Kept for a caller whom Asterisk's dialplan connects.
    Reserved,
    /// He talks.
    Talking,
    /// He finishes what the last conversation was about.
    WrappingUp,
    /// Left alone for a moment after an offer that he did not take.
    BackingOff,
    /// In a call that is none of ours.
    Busy,
    /// His telephone is not registered.
    Unreachable,
    /// He takes no calls of queues for a while.
    Paused,
    /// He is not there.
    SignedOut,
}

impl OperatorState {
    /// All of them, for metrics.
    pub const ALL: [Self; 10] = [
        Self::Ready,
        Self::Ringing,
        Self::Reserved,
        Self::Talking,
        Self::WrappingUp,
        Self::BackingOff,
        Self::Busy,
        Self::Unreachable,
        Self::Paused,
        Self::SignedOut,
    ];
}

/// What a caller meets whom [`Refusal`] is told: see the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turned {
    /// Back to Asterisk's dialplan, to the native fallback.
    Fallback,
    /// Hung up with this reason.
    HungUp(Reason),
}
