//! Calls: one caller's visit.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use super::{
    LegId, LookupId, OperatorIx, QueueIx,
    ahead::{Ahead, Trail},
    also::Guest,
    callback::CalledBack,
    channels::Share,
    message::About,
    notice::{Miss, Outcome},
    question::Question,
    queue::Place,
    room::Room,
    sticky::Sticky,
};
use crate::{
    dialplan::{
        Dial, LookUp, PRIORITY, Plan, Record, Requires, StepId,
        expr::{Slot, Value},
    },
    domain::{BridgeId, CallId, Caller, ChannelId, Digit, Digits, Name, Number, PlaybackId, ReservationId, Time},
};

/// How many variables of a call outlive the engine, and how many bytes a text among them may have.
const MOST_KEPT: usize = 32;
const LONGEST_KEPT: usize = 80;

/// One caller's visit, from his arrival until his channel has left us.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) id: CallId,
    /// The caller's channel.
    pub(crate) channel: ChannelId,
    /// The plan it began with, and keeps.
    pub(crate) plan: Arc<Plan>,
    /// The number that was called, as the plan has it; as it came to us where a flow was asked for and the plan lacks it.
    pub(crate) number: Name,
    /// What was dialled, where the plan has it as one of several numbers.
    pub(crate) dialled: Option<Number>,
    /// The flow that Asterisk's dialplan asked for, whatever number was called.
    pub(crate) flow: Option<Name>,
    /// As what it counts towards the number's channels.
    pub(crate) share: Share,
    pub(crate) caller: Caller,
    /// The operator from whose telephone it came, as it was then.
    pub(crate) operator: Option<OperatorIx>,
    pub(crate) arrived: Time,
    /// Since when it is answered, or was asked to be; `None`: it is not.
    pub(crate) answered: Option<Time>,
    /// Until when he may stay unanswered; `None`: he is answered with the next thing that he hears, or is already.
    pub(crate) unanswered_until: Option<Time>,
    /// Whether his side was told to listen although he is not answered.
    pub(crate) listens: bool,
    /// Legs that were dialled for it, are charged, and have not ended.
    pub(crate) uncharged: u32,
    /// What he hears on his own channel until something else comes.
    pub(crate) hum: Option<Hum>,
    /// What he was to hear and did not.
    pub(crate) unheard: Option<PlaybackId>,
    /// What he hears for the second time, since the dead man's switch was not armed for the first.
    pub(crate) anew: Option<PlaybackId>,
    /// The step it is at.
    pub(crate) at: StepId,
    /// Where it comes back to when the plan is at its end: behind each step `call` that it is in, the last one first to be
    /// come back to. A plan whose flows call themselves is refused, so this does not grow without an end.
    pub(crate) back: Vec<StepId>,
    /// Keys pressed before they were asked for.
    pub(crate) ahead: Ahead,
    /// Menus it came through.
    pub(crate) trail: Trail,
    /// The plan's variables, in the order of [`Plan::variables`]; those behind the last one set are not in it.
    pub(crate) variables: Vec<Value>,
    /// What it asks of those who are rung for it in a line.
    pub(crate) requires: Arc<Requires>,
    /// When he joined the first of the lines that he has stood in since he talked to somebody, if he did.
    pub(crate) entered: Option<Time>,
    /// The queue in which a callback was promised to him: there he has that age, whatever the queue says of places.
    pub(crate) holds: Option<Name>,
    /// The priority that somebody gave him by hand, whatever the plan says.
    pub(crate) preferred: Option<i64>,
    /// Steps taken since the caller last had a say or a rest: what limits a plan that runs in circles.
    pub(crate) hurried: u32,
    /// Steps taken in all: what limits a plan that keeps a call for ever.
    pub(crate) steps: u32,
    pub(crate) doing: Doing,
    /// When Asterisk takes him to the fallback unless it hears from us; `None`: we have not told it yet.
    pub(crate) armed: Option<Time>,
    /// Who armed it so.
    pub(crate) switch: Switch,
    /// In which of the plan's languages he is spoken to, by its place.
    pub(crate) language: usize,
    /// Whether that is written on his channel.
    pub(crate) told_language: bool,
    /// The queue that is written on his channel, and since when he stands there.
    pub(crate) written: Option<(QueueIx, Time)>,
    /// The priority that is written there, or follows from what is.
    pub(crate) written_priority: i64,
    /// Whether a queue's own class of music is written on his channel, or may be.
    pub(crate) music: bool,
    /// The talk bridge it has for itself, once it needed one.
    pub(crate) bridge: Option<BridgeId>,
    /// Talk bridges it had before. Nobody tells us when the caller has left one, so nobody else gets it before he is gone.
    pub(crate) past: Vec<BridgeId>,
    /// Whether he is in a bridge, and in which.
    pub(crate) stands: Stands,
    /// The waiting room in which he was last.
    pub(crate) room: Option<Room>,
    /// Of one in which somebody is called back: who, and over what.
    pub(crate) called_back: Option<Box<CalledBack>>,
    /// Whether he ever talked to an operator.
    pub(crate) served: bool,
}

/// Where a caller's channel is, as far as we asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stands {
    /// By himself.
    Alone,
    /// In a waiting room of a queue, with music.
    Parked(Room),
    /// In the talk bridge of his call.
    Joined,
}

/// What a caller hears on his own channel until something else comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Hum {
    /// Ringing.
    Ringing,
    /// This class of music.
    Music(Name),
    /// One of them, perhaps: an engine before us may have begun it.
    Unknown,
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
    /// Lets time pass at a step; whether what he hears meanwhile ends with it.
    Resting { hums: bool },
    /// Is asked for keys.
    Asked(Asked),
    /// Leaves a message.
    Recording(Taking),
    /// Waits for what another server says.
    LookingUp(LookingUp),
    /// Stands in line.
    Queued(Box<Standing>),
    /// Is rung for by a step of the plan.
    Dialling(Dialling),
    /// Is in the hands of Asterisk's dialplan, with an operator who is kept for him.
    Chosen(Chosen),
    /// Talks.
    Talking(Talk),
    /// Rings somebody who is called back.
    CallingBack,
    /// Is on his way from a node to another that can do what the plan wants.
    HandingOver { since: Time },
    /// Is on his way out: hung up, or given back to Asterisk's dialplan.
    Leaving { outcome: Outcome, asked: u32 },
}

/// A question in progress.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) question: Question,
    /// Which time it is asked; the first is 1.
    pub(crate) attempt: u32,
    /// The prompt, while it is playing.
    pub(crate) prompt: Option<PlaybackId>,
    /// Keys pressed so far.
    pub(crate) keys: Digits,
}

/// A message in the making.
#[derive(Debug)]
pub(crate) struct Taking {
    pub(crate) record: Arc<Record>,
    pub(crate) about: Arc<About>,
    pub(crate) stage: Stage,
}

/// How far a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The caller hears what is said before.
    Greeting(PlaybackId),
    /// He speaks, since then; `ended`: he pressed the key for the end.
    Recording { since: Time, ended: bool },
    /// It is fetched: so long did the recording take.
    Keeping { took: Duration, ended: bool },
    /// He hears that it is kept.
    Done(PlaybackId),
}

/// A question to another server that has no answer yet.
#[derive(Debug)]
pub(crate) struct LookingUp {
    pub(crate) lookup: Arc<LookUp>,
    /// Which question it is: an answer to another one is of no use.
    pub(crate) id: LookupId,
    pub(crate) since: Time,
}

/// A place in a line.
#[derive(Debug)]
pub(crate) struct Standing {
    pub(crate) queue: QueueIx,
    pub(crate) place: Place,
    /// Other queues whose operators may take him now, in the order of the plan.
    pub(crate) also: Vec<Guest>,
    /// Legs that ring for him, or are about to.
    pub(crate) legs: Vec<LegId>,
    /// How often each operator was rung for him.
    pub(crate) tried: BTreeMap<OperatorIx, u32>,
    /// Who is to be rung for him next.
    pub(crate) assigned: Option<OperatorIx>,
    /// Who of his own queue was rung for him last.
    pub(crate) last: Option<OperatorIx>,
    /// Who talked to him last, where his queue asks for that.
    pub(crate) sticky: Option<Sticky>,
    /// What he heard when he came, and hears while nobody rings for him where the queue has nothing to hear.
    pub(crate) hum: Option<Hum>,
    /// The place that he came to, if nobody was free then and it is known.
    pub(crate) came_to: Option<usize>,
    /// The key with which he leaves it.
    pub(crate) key: Option<Digit>,
    /// What he was told of his waiting.
    pub(crate) told: Told,
    /// What he stands there for.
    pub(crate) wants: Wants,
}

/// What one who waits was told, and when he is told the next.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// What he hears now.
    pub(crate) playback: Option<PlaybackId>,
    /// The best place that he was told.
    pub(crate) place: Option<usize>,
    /// The shortest wait that he was told.
    pub(crate) wait: Option<Duration>,
    /// When he was told how long it will be, the last time, and how long.
    pub(crate) promised: Option<(Time, Duration)>,
    /// When he is told of both next.
    pub(crate) place_due: Option<Time>,
    /// When he hears the next of the periodic announcements, and how many he heard.
    pub(crate) periodic_due: Option<Time>,
    pub(crate) turn: usize,
}

/// What one stands in a line for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wants {
    /// To talk to an operator.
    Talk,
    /// That Asterisk's dialplan is told to whom it may connect him: that operator is kept for so long.
    Choice { limit: Duration },
}

/// An operator who is kept for a caller.
#[derive(Debug)]
pub(crate) struct Chosen {
    pub(crate) reservation: ReservationId,
    /// The queue whose operator he is, and the place that the caller had in its line.
    pub(crate) queue: QueueIx,
    pub(crate) place: Place,
    /// How often each operator was chosen for him.
    pub(crate) tried: BTreeMap<OperatorIx, u32>,
    pub(crate) operator: OperatorIx,
    /// Since when he is kept.
    pub(crate) since: Time,
    /// Since when they talk.
    pub(crate) talks: Option<Time>,
}

/// A step that rings somebody in particular.
#[derive(Debug)]
pub(crate) struct Dialling {
    pub(crate) dial: Arc<Dial>,
    /// Since when.
    pub(crate) since: Time,
    /// How many of its list were rung, or passed over.
    pub(crate) tried: usize,
    /// Legs that ring for him, or are about to.
    pub(crate) legs: Vec<LegId>,
    /// Legs that are ending since something went wrong with them: why is told with their end.
    pub(crate) ending: Vec<LegId>,
    /// Legs of an earlier try for the same caller that are ending. Until they have ended, nobody is rung anew beside them.
    pub(crate) before: Vec<LegId>,
    /// Operators whose phones are being told to stop, and who are rung then.
    pub(crate) awaits: BTreeSet<OperatorIx>,
    /// How near somebody was to answering, of those who did not.
    pub(crate) missed: Option<Miss>,
}

impl Dialling {
    /// A step in which nobody has been rung.
    pub(crate) fn new(dial: Arc<Dial>, since: Time, before: Vec<LegId>) -> Self {
        let (legs, ending, awaits) = (Vec::new(), Vec::new(), BTreeSet::new());
        Self { dial, since, tried: 0, legs, ending, before, awaits, missed: None }
    }

    /// Whether nobody rings and nothing is waited for.
    pub(crate) fn is_idle(&self) -> bool {
        self.legs.is_empty() && self.ending.is_empty() && self.before.is_empty() && self.awaits.is_empty()
    }

    /// A leg has ended: whether it was waited for.
    pub(crate) fn has_ended(&mut self, leg: LegId) -> bool {
        [&mut self.ending, &mut self.before].into_iter().any(|legs| {
            let at = legs.iter().position(|other| *other == leg);
            at.map(|at| legs.remove(at)).is_some()
        })
    }
}

/// A conversation.
#[derive(Debug)]
pub(crate) struct Talk {
    pub(crate) leg: LegId,
    /// The queue that brought them together, where it is known.
    pub(crate) queue: Option<QueueIx>,
    pub(crate) since: Time,
    /// When he joined the queue, or was dialled for first.
    pub(crate) joined: Option<Time>,
    /// [`Call::entered`] until then, should it come to nothing.
    pub(crate) entered: Option<Time>,
    /// Whether Asterisk may not yet have heard that the dead man's switch is off.
    pub(crate) disarm_again: bool,
}

impl Call {
    /// Gives a variable its value.
    pub(crate) fn set(&mut self, slot: Slot, value: Value) {
        let unset = self.plan.variables.values().skip(self.variables.len()).map(|kind| kind.unset());
        let missing = (slot.0 + 1).saturating_sub(self.variables.len());
        let unset: Vec<Value> = unset.take(missing).collect();
        self.variables.extend(unset);
        if let Some(place) = self.variables.get_mut(slot.0) {
            *place = value;
        }
    }

    /// Before whom he stands in a line: what somebody said by hand, or the plan set [`PRIORITY`] to, or 0.
    pub(crate) fn priority(&self) -> i64 {
        if let Some(priority) = self.preferred {
            return priority;
        }
        let slot = self.plan.variables.get_index_of(PRIORITY);
        match slot.and_then(|slot| self.variables.get(slot)) {
            Some(Value::Number(priority)) => *priority,
            Some(Value::Text(_) | Value::Truth(_)) | None => 0,
        }
    }

    /// The variables that are set, for who goes on with this call. One that is longer than a word of a person is left out: it
    /// would not fit into what Asterisk keeps for us.
    pub(crate) fn variables_by_name(&self) -> BTreeMap<String, Value> {
        let fits = |value: &Value| match value {
            Value::Text(text) => text.len() <= LONGEST_KEPT,
            Value::Number(_) | Value::Truth(_) => true,
        };
        let named = self.plan.variables.keys().zip(&self.variables);
        named
            .filter(|(_, value)| fits(value))
            .take(MOST_KEPT)
            .map(|(name, value)| (name.to_string(), value.clone()))
            .collect()
    }

    /// Takes variables over from who had this call before. What is of another kind by now, or of no variable, is left out.
    pub(crate) fn take_variables(&mut self, found: &BTreeMap<String, Value>) {
        let plan = self.plan.clone();
        for (name, value) in found {
            let known = plan.variables.get_full(name.as_str()).filter(|(_, _, kind)| **kind == value.kind());
            if let Some((slot, _, _)) = known {
                self.set(Slot(slot), value.clone());
            }
        }
    }

    /// Whether the caller is still with us.
    pub(crate) fn is_here(&self) -> bool {
        !matches!(self.doing, Doing::Leaving { .. })
    }

    /// Whether the caller hears something for which the dead man's switch was not armed, and can hear it anew. One for whom
    /// that was tried already would hear nothing but its beginning.
    pub(crate) fn plays_unarmed(&self) -> bool {
        let Some(hears) = self.hears() else { return false };
        let unarmed = self.armed.is_none() || self.switch == Switch::FoundFor(hears);
        unarmed && self.anew != Some(hears)
    }

    /// Whether nothing can be written on the caller's channel now: he hears something, or speaks.
    pub(crate) fn is_busy(&self) -> bool {
        let speaks = matches!(&self.doing, Doing::Recording(Taking { stage: Stage::Recording { .. }, .. }));
        speaks || self.hears().is_some()
    }

    /// The playback that the caller hears.
    pub(crate) fn hears(&self) -> Option<PlaybackId> {
        match &self.doing {
            Doing::Playing { playback } => Some(*playback),
            Doing::Asked(asked) => asked.prompt,
            Doing::Recording(Taking { stage: Stage::Greeting(playback) | Stage::Done(playback), .. }) => {
                Some(*playback)
            }
            Doing::Queued(standing) => standing.told.playback,
            Doing::Resting { .. }
            | Doing::LookingUp(_)
            | Doing::Recording(_)
            | Doing::Dialling(_)
            | Doing::Chosen(_)
            | Doing::Talking(_)
            | Doing::HandingOver { .. }
            | Doing::CallingBack
            | Doing::Leaving { .. } => None,
        }
    }
}
