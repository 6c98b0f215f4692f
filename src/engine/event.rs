//! What happened: everything the engine can be told.

use std::{sync::Arc, time::Duration};

use super::{
    choice::Ask,
    command::Command,
    duty::DutyBy,
    errand::{Answer, LookupId},
    message::{About, Fate},
    notice::{OfferOutcome, Transfer},
    steer::Steer,
};
use crate::{
    dialplan::{DutyChange, Plan, hours::Override},
    domain::{
        BridgeId, CallId, CallbackId, Caller, Cause, ChannelId, DeviceState, Digit, Name, NodeId, PlaybackId,
        RecordingId, ReservationId,
    },
};

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// A caller came to us: his channel is in our hands.
    CallArrived {
        /// His channel.
        channel: ChannelId,
        /// By what he came.
        enters: Enters,
        /// Who he is.
        caller: Caller,
        /// Whether Asterisk's dialplan answered him already.
        answered: bool,
    },
    /// A leg we dialled is in our hands: not yet answered after [`Command::Create`], answered after
    /// [`Command::Originate`].
    LegEntered {
        /// The leg.
        channel: ChannelId,
        /// Whether it is answered.
        answered: bool,
    },
    /// The phone of a leg we dialled rings.
    LegRinging {
        /// The leg.
        channel: ChannelId,
    },
    /// Somebody answered a leg we dialled.
    LegAnswered {
        /// The leg.
        channel: ChannelId,
    },
    /// A channel took the place of another in its bridge: a phone transferred somebody, most often the operator's the
    /// caller.
    LegReplaced {
        /// The one that left the conversation and is still up: a leg's, or a caller's.
        old: ChannelId,
        /// The one in its place.
        new: ChannelId,
        /// Whereto that leads, where Asterisk's name for it says so.
        to: Option<Transfer>,
    },
    /// A channel left our hands: hung up, or gone back to Asterisk's dialplan.
    Left {
        /// The channel.
        channel: ChannelId,
    },
    /// A leg we dialled is no more.
    Ended {
        /// The leg.
        channel: ChannelId,
        /// Why.
        cause: Cause,
    },
    /// A key was pressed and let go.
    Pressed {
        /// On this channel.
        channel: ChannelId,
        /// This key.
        digit: Digit,
    },
    /// Something that we played came to its end, or was stopped.
    PlaybackFinished {
        /// What was played.
        playback: PlaybackId,
        /// To whom.
        channel: ChannelId,
        /// False when it could not be played, or the channel went away.
        whole: bool,
    },
    /// What a caller says is recorded, as far as it was said.
    RecordingOver {
        /// Which recording.
        recording: RecordingId,
        /// Whose.
        channel: ChannelId,
        /// False when Asterisk could not record.
        well: bool,
    },
    /// It is known what became of a message, of this life of the engine or an earlier one.
    Message {
        /// Which.
        about: Arc<About>,
        /// What.
        fate: Fate,
    },
    /// Asterisk's dialplan asks for an operator, to whom it connects a caller itself. Answered by [`Command::Reply`], at once or
    /// when the caller has waited.
    ChoiceAsked {
        /// The caller.
        channel: ChannelId,
        /// The number that he dialled, as far as Asterisk knows it.
        dialled: Arc<str>,
        /// Who he is.
        caller: Caller,
        /// What is asked.
        ask: Ask,
    },
    /// An operator who was chosen talks to his caller. Answered by [`Command::Reply`].
    ChoiceAnswered {
        /// The channel for which this is said: the caller's, or the operator's.
        channel: ChannelId,
        /// Which operator; `None`: the one who was chosen for this channel.
        reservation: Option<ReservationId>,
    },
    /// Asterisk's dialplan has no use any more for an operator who was chosen. Answered by [`Command::Reply`].
    ChoiceReleased {
        /// The channel for which this is said.
        channel: ChannelId,
        /// Which operator; `None`: the one who was chosen for this channel.
        reservation: Option<ReservationId>,
        /// What became of him, as far as it was not said before; `None`: he was not used, which is no fault of his.
        outcome: Option<OfferOutcome>,
    },
    /// Asterisk's dialplan asks where a call would go. Answered by [`Command::Reply`] at once.
    RouteAsked {
        /// For which channel.
        channel: ChannelId,
        /// The number that is dialled.
        dialled: Arc<str>,
        /// Who calls.
        caller: Caller,
    },
    /// A server was asked, and this came of it.
    LookedUp {
        /// Which question.
        lookup: LookupId,
        /// What came of it.
        answer: Answer,
    },
    /// A command came to nothing. Success is not told: what a command leads to is an event of its own.
    Failed {
        /// The command.
        command: Command,
        /// How.
        failure: Failure,
    },
    /// A node can be used, and this is all that it holds of ours.
    NodeUp {
        /// The node.
        node: NodeId,
        /// For what.
        scope: Scope,
        /// What it holds; of scope [`Scope::CallerAlone`] nothing that anybody could go on with.
        held: Held,
    },
    /// We no longer hear from a node. Its calls go on there by themselves; when it has been away for longer than a call
    /// lives there without us, they are forgotten.
    NodeDown {
        /// The node.
        node: NodeId,
    },
    /// Another engine owns this node's calls now: Asterisk gave it our application. Everything the node held is forgotten at
    /// once and without a command; it is not used again before the next [`Event::NodeUp`]. Whether [`Event::NodeDown`] was
    /// told before makes no difference.
    NodeTaken {
        /// The node.
        node: NodeId,
    },
    /// How a telephone of the plan is, whoever uses it. Told of each before [`Event::NodeUp`], and whenever it changes.
    DeviceChanged {
        /// Which node says so.
        node: NodeId,
        /// What Asterisk calls it: `PJSIP/anna`.
        device: Name,
        /// How it is.
        state: DeviceState,
    },
    /// A new plan for the calls from now on.
    PlanLoaded(Arc<Plan>),
    /// Somebody wants hours of the plan to be open or closed, whatever the plan says, or as it says again.
    HoursOverridden {
        /// Which.
        hours: Name,
        /// How.
        how: Override,
    },
    /// Somebody wants an operator of the plan to be there for his queues, or not, or to wrap up for a shorter or longer time.
    DutyAsked {
        /// Whom.
        operator: Name,
        /// What he wants.
        change: DutyChange,
        /// Who.
        by: DutyBy,
    },
    /// Somebody wants something of a caller who waits. What cannot be done is not done: see
    /// [`Engine::cannot_steer`](super::Engine::cannot_steer).
    Steered {
        /// Who waits.
        call: CallId,
        /// What is wanted.
        steer: Steer,
    },
    /// Somebody does not want a callback any more. One that is not there is over.
    CallbackCancelled {
        /// Which.
        id: CallbackId,
    },
    /// Take no new calls: we are about to stop.
    Draining,
}

/// What can be done for the callers of a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scope {
    /// All that a call may need: a caller may be put into a bridge, with others who wait or with a leg that was rung for him.
    #[default]
    WholeCall,
    /// What needs nobody but the caller: he is answered, played to, asked, recorded, hung up and given back. He is never in a
    /// bridge, and nobody is rung for him; for that he is handed over ([`Command::HandOver`]).
    CallerAlone,
}

/// By what a caller comes to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Enters {
    /// By the number that he dialled, as the trunk wrote it.
    Number(Arc<str>),
    /// By a flow that Asterisk's dialplan asks for.
    Flow {
        /// Its name; perhaps of none that the plan has.
        flow: Name,
        /// The number that he dialled, as far as Asterisk knows it.
        dialled: Arc<str>,
    },
    /// As a call that we handed over: it goes on where it was. When no such call is on its way, he comes by the number.
    HandedOver {
        /// The call.
        call: CallId,
        /// The number that he dialled, as far as Asterisk knows it.
        dialled: Arc<str>,
    },
}

impl Enters {
    /// The number that he dialled, as far as it is known.
    pub fn dialled(&self) -> &Arc<str> {
        match self {
            Self::Number(dialled) | Self::Flow { dialled, .. } | Self::HandedOver { dialled, .. } => dialled,
        }
    }
}

impl From<&str> for Enters {
    fn from(number: &str) -> Self {
        Self::Number(number.into())
    }
}

/// How a command came to nothing. What may have happened at Asterisk differs, and so does what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// It never left us: nothing happened.
    NotSent,
    /// Asterisk said no, with this HTTP status: nothing happened.
    Refused(u16),
    /// It was sent and no answer came: it may have happened.
    OutcomeUnknown,
}

/// What a node holds of ours.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// Channels in our application.
    pub channels: Vec<HeldChannel>,
    /// Bridges of our application, and any other that holds one of the channels.
    pub bridges: Vec<HeldBridge>,
}

/// A channel that a node holds.
#[derive(Clone, Debug)]
pub struct HeldChannel {
    /// Its id.
    pub channel: ChannelId,
    /// By what he came, for a caller's channel.
    pub enters: Option<Enters>,
    /// Who calls.
    pub caller: Caller,
    /// Whether it is answered.
    pub answered: bool,
    /// How long ago it came to be.
    pub age: Duration,
    /// What [`Command::Mark`] wrote on it.
    pub mark: Option<Arc<str>>,
}

/// A bridge that a node holds.
#[derive(Clone, Debug)]
pub struct HeldBridge {
    /// Its id.
    pub bridge: BridgeId,
    /// Who is in it.
    pub channels: Vec<ChannelId>,
}
