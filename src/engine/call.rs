//! Calls: one caller's visit.

use std::{collections::BTreeMap, sync::Arc};

use super::{LegId, OperatorIx, QueueIx, channels::Share, notice::Outcome, queue::Place};
use crate::{
    dialplan::{Menu, Plan, StepId},
    domain::{BridgeId, CallId, Caller, ChannelId, Digits, Name, Number, PlaybackId, Time},
};

/// One caller's visit, from his arrival until his channel has left us.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) id: CallId,
    /// The caller's channel.
    pub(crate) channel: ChannelId,
    /// The plan it began with, and keeps.
    pub(crate) plan: Arc<Plan>,
    /// The number that was called, as the plan has it.
    pub(crate) number: Name,
    /// What was dialled, where the plan has it as one of several numbers.
    pub(crate) dialled: Option<Number>,
    /// As what it counts towards the number's channels.
    pub(crate) share: Share,
    pub(crate) caller: Caller,
    pub(crate) arrived: Time,
    /// Whether it is answered, or was asked to be.
    pub(crate) answered: bool,
    /// What he was to hear and did not.
    pub(crate) unheard: Option<PlaybackId>,
    /// The step it is at.
    pub(crate) at: StepId,
    /// Steps taken since the caller last had a say or a rest: what limits a plan that runs in circles.
    pub(crate) hurried: u32,
    pub(crate) doing: Doing,
    /// When Asterisk takes him to the fallback unless it hears from us; `None`: we have not told it yet.
    pub(crate) armed: Option<Time>,
    /// Who armed it so.
    pub(crate) switch: Switch,
    /// The queue that is written on his channel, and since when he stands there.
    pub(crate) written: Option<(QueueIx, Time)>,
    /// The talk bridge it has for itself, once it needed one.
    pub(crate) bridge: Option<BridgeId>,
    /// Talk bridges it had before. Nobody tells us when the caller has left one, so nobody else gets it before he is gone.
    pub(crate) past: Vec<BridgeId>,
    /// Whether he is in a bridge, and in which.
    pub(crate) stands: Stands,
    /// Whether he ever talked to an operator.
    pub(crate) served: bool,
}

/// Where a caller's channel is, as far as we asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stands {
    /// By himself.
    Alone,
    /// In the waiting bridge of a queue, with music.
    Parked(QueueIx),
    /// In the talk bridge of his call.
    Joined,
}

/// Who armed a call's dead man's switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Switch {
    /// We did, for as long as we need it.
    Ours,
    /// An engine before us did. The caller may still hear a prompt of its, and until that ends nothing can be written.
    Found,
    /// The same, and this is played behind that prompt: the switch may go off before it ends.
    FoundFor(PlaybackId),
}

/// What a call is doing, and only what that moment needs to know.
#[derive(Debug)]
pub(crate) enum Doing {
    /// Hears a step of the plan to its end.
    Playing { playback: PlaybackId },
    /// Is asked for a key.
    Asked(Asked),
    /// Stands in line.
    Queued(Standing),
    /// Talks.
    Talking(Talk),
    /// Is on his way out: hung up, or given back to Asterisk's dialplan.
    Leaving { outcome: Outcome, asked: u32 },
}

/// A menu in progress.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) menu: Arc<Menu>,
    /// Which time it is asked; the first is 1.
    pub(crate) attempt: u32,
    /// The prompt, while it is playing.
    pub(crate) prompt: Option<PlaybackId>,
    /// Keys pressed so far.
    pub(crate) keys: Digits,
}

/// A place in a line.
#[derive(Debug)]
pub(crate) struct Standing {
    pub(crate) queue: QueueIx,
    pub(crate) place: Place,
    /// Legs that ring for him, or are about to.
    pub(crate) legs: Vec<LegId>,
    /// How often each operator was rung for him.
    pub(crate) tried: BTreeMap<OperatorIx, u32>,
}

/// A conversation.
#[derive(Debug)]
pub(crate) struct Talk {
    pub(crate) leg: LegId,
    /// The queue that brought them together, where it is known.
    pub(crate) queue: Option<QueueIx>,
    pub(crate) since: Time,
    /// When he joined the queue.
    pub(crate) joined: Option<Time>,
    /// Whether Asterisk may not yet have heard that the dead man's switch is off.
    pub(crate) disarm_again: bool,
}

impl Call {
    /// Whether the caller is still with us.
    pub(crate) fn is_here(&self) -> bool {
        !matches!(self.doing, Doing::Leaving { .. })
    }

    /// Whether the caller hears something for which the dead man's switch was not armed.
    pub(crate) fn plays_on_found(&self) -> bool {
        match self.switch {
            Switch::FoundFor(playback) => self.hears() == Some(playback),
            Switch::Ours | Switch::Found => false,
        }
    }

    /// The playback that the caller hears.
    pub(crate) fn hears(&self) -> Option<PlaybackId> {
        match &self.doing {
            Doing::Playing { playback } => Some(*playback),
            Doing::Asked(asked) => asked.prompt,
            Doing::Queued(_) | Doing::Talking(_) | Doing::Leaving { .. } => None,
        }
    }
}
