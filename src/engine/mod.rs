//! The engine: events in, commands out. It decides and does nothing else.
//!
//! | file | holds |
//! | --- | --- |
//! | `event`, `command`, `errand`, `message`, `choice`, `notice`, `snapshot` | the seam: what comes in, what goes out, what is told |
//! | `arrival` | a caller comes, is admitted, and leaves |
//! | `ivr` | the steps of a plan |
//! | `recording` | messages that callers leave |
//! | `asking`, `question` | questions that callers answer with keys |
//! | `pause` | steps that let time pass |
//! | `early` | when a caller is answered |
//! | `lookup` | questions to other servers, and news for them |
//! | `facts` | what expressions of the plan ask |
//! | `by_hand` | hours that somebody overrides |
//! | `duty`, `staff` | whether operators are there for their queues, and for a queue anybody |
//! | `desk` | operators at telephones that are not their own |
//! | `by_phone`, `guesses` | operators who say so at a telephone, and those who guess |
//! | `callback` | callers who are called back |
//! | `line`, `room` | standing in a queue, and where one waits |
//! | `leave` | leaving it without a conversation |
//! | `also` | operators of other queues who may take him, too |
//! | `came_back` | who was gone and comes again soon |
//! | `steer` | what is done by hand to those who stand there |
//! | `announce` | what those hear who stand there |
//! | `matching`, `sticky`, `obstacle` | which callers and operators are brought together, and what keeps them apart |
//! | `explain` | that, for whoever asks why not yet |
//! | `offer` | ringing somebody, his answer, his refusal |
//! | `accept` | operators who accept by a key, and are asked before |
//! | `follow` | operators with several telephones |
//! | `calling` | operators who call |
//! | `seat` | what operators do, one thing after the other, and the conversations they have besides |
//! | `device` | operators whose telephones are in use, or not registered |
//! | `dial` | ringing somebody in particular, one after the other or all together |
//! | `reserve` | operators who are kept for callers whom Asterisk's dialplan connects |
//! | `route` | where a call would go |
//! | `shown` | what those who are rung are shown of a caller |
//! | `talk` | conversations, and what comes after them |
//! | `transfer` | somebody else is in the place of one who talked |
//! | `charge` | what calls and legs cost |
//! | `node` | a node comes and goes; what it holds is compared with what we believe |
//! | `adopt` | calls found on a node that we know nothing of |
//! | `forget` | a node's calls that are no longer ours |
//! | `idle` | whether somebody waits for nothing though somebody is free |
//! | `hand_over` | a caller comes in again where more can be done for him |
//! | `failure` | commands that came to nothing |
//! | `setup` | what an engine is born with |
//! | `due` | what is due, for those who deal with it |
//! | `reload` | a new plan |
//! | `record`, `statistics` | what notices say of a call, and of a day, put together |
//! | `call`, `callee`, `ahead`, `day`, `done`, `leg`, `legs`, `queue`, `places`, `wanted`, `wanting`, `pace`, `operator`, `phone`, `mark`, `memory`, `timers` | the state, without decisions |
//!
//! One rule for what waits for Asterisk: *a channel that we hung up is not gone until Asterisk says so*. An operator whose
//! phone is being told to stop ringing is not free, and a talk bridge is not free while anybody may be in it.

mod accept;
mod adopt;
mod ahead;
mod also;
mod announce;
mod arrival;
mod asking;
mod by_hand;
mod by_phone;
mod call;
mod callback;
mod callee;
mod calling;
mod came_back;
mod channels;
mod charge;
pub mod choice;
pub mod command;
mod day;
mod desk;
mod device;
mod dial;
mod done;
mod due;
mod duty;
mod early;
pub mod errand;
pub mod event;
pub mod explain;
mod facts;
mod failure;
mod follow;
mod forget;
mod guesses;
mod hand_over;
mod idle;
pub mod invariants;
mod ivr;
mod leave;
mod leg;
mod legs;
mod line;
mod lookup;
mod mark;
mod matching;
mod memory;
pub mod message;
mod node;
pub mod notice;
mod obstacle;
mod offer;
mod operator;
mod pace;
mod pause;
mod phone;
mod places;
mod question;
mod queue;
pub mod record;
mod recording;
mod reload;
mod reserve;
mod room;
mod route;
mod seat;
mod setup;
mod shown;
pub mod snapshot;
mod speech;
mod staff;
pub mod statistics;
mod steer;
mod sticky;
mod talk;
#[cfg(test)]
mod tests;
mod timers;
mod transfer;
mod view;
mod wanted;
mod wanting;
mod words;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

pub use by_hand::ByHand;
pub use callback::KeptCallback;
pub use callee::Callee;
pub use choice::{Ask, Choice, Goes, Noted, Reply, Route};
pub use command::{BridgeKind, Command, Mark, Sound};
pub use done::Done;
pub use duty::{Duty, DutyBy, KeptDuty, NotChanged};
pub use errand::{Answer, Errand, LookupId, NoAnswer, Notification};
pub use event::{Enters, Event, Failure, Held, HeldBridge, HeldChannel, Scope};
use indexmap::IndexMap;
pub use memory::{KeptCallers, LeftPlace, Memo, Talked};
pub use notice::{Fact, Notice, Turned};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
pub use setup::{Limits, Setup};
pub use shown::Shown;
pub use snapshot::Snapshot;
pub use steer::{NotSteered, Steer};

use self::{
    call::Call,
    callback::Callbacks,
    came_back::Left,
    channels::InUse,
    day::Day,
    device::Device,
    guesses::Guesses,
    legs::Legs,
    memory::Memory,
    node::Node,
    operator::Operator,
    queue::Queue,
    timers::{Timers, Wake},
};
use crate::{
    dialplan::Plan,
    domain::{BridgeId, CallId, ChannelId, Name, NodeId, PlaybackId, ReservationId, Time, id::OURS},
};

/// When its node is away, a deadline is put off by this much at a time.
const PUT_OFF: Duration = Duration::from_secs(1);

/// A leg, in one life of the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LegId(u64);

/// An operator's place in the engine; it does not change while the engine lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct OperatorIx(usize);

/// A queue's place in the engine; it does not change while the engine lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct QueueIx(usize);

/// Whose a channel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Caller(CallId),
    Leg(LegId),
}

/// One exchange: its calls, queues and operators.
#[derive(Debug)]
pub struct Engine {
    setup: Setup,
    plan: Arc<Plan>,
    now: Time,
    today: Day,
    lot: ChaCha8Rng,
    counted: u64,
    /// The longest that any caller's dead man's switch was told to wait for a prompt.
    longest_prompt: Duration,
    draining: bool,
    /// While a node tells what it holds: nobody is offered to anybody before all who wait and all who talk are known.
    taking_stock: bool,
    timers: Timers,
    nodes: BTreeMap<NodeId, Node>,
    calls: BTreeMap<CallId, Call>,
    legs: Legs,
    /// Calls of each number.
    in_use: BTreeMap<Name, InUse>,
    /// Operators whose phones stop ringing, and the calls that ask for them by name then.
    awaited: BTreeSet<(OperatorIx, CallId)>,
    /// Operators who are to be rung next for callers in particular.
    assigned: BTreeSet<(OperatorIx, CallId)>,
    /// Calls for which operators are kept.
    reserved: BTreeMap<ReservationId, CallId>,
    /// Only ever asked for one channel; never gone through.
    channels: HashMap<ChannelId, Role>,
    /// Hours that somebody overrode, until he said so perhaps long ago.
    by_hand: BTreeMap<Name, ByHand>,
    /// Callers who are to be called back.
    /// Operators whose places are being taken by others.
    replaced: Vec<OperatorIx>,
    callbacks: Callbacks,
    /// Calls in which somebody was called back, with the trunk of each.
    called_out: BTreeMap<CallId, Name>,
    /// What an earlier life kept of operators whom no plan has had yet.
    kept_duties: BTreeMap<Name, KeptDuty>,
    /// Those who entered wrong PINs.
    guesses: Guesses,
    /// What operators did in an earlier life of the engine whom the plan did not have yet in this one.
    done_before: BTreeMap<Name, Done>,
    /// By queue: who talked to each caller last.
    talked: BTreeMap<Name, Memory<Name>>,
    /// By queue: what callers left who went while they waited.
    left: BTreeMap<Name, Memory<Left>>,
    operators: IndexMap<Name, Operator>,
    /// Telephones of which nodes say how they are.
    devices: IndexMap<Name, Device>,
    queues: IndexMap<Name, Queue>,
    /// Whether operators of other queues may take callers of any.
    has_also: bool,
    commands: VecDeque<Command>,
    errands: VecDeque<Errand>,
    notices: VecDeque<Notice>,
}

impl Engine {
    /// An engine that knows a plan and no call. Nothing happens before a node is up.
    pub fn new(setup: Setup, plan: Arc<Plan>) -> Self {
        // Operators are ready since then, not since 1970.
        let born = setup.born;
        let mut engine = Self {
            lot: ChaCha8Rng::seed_from_u64(setup.seed),
            longest_prompt: setup.limits.longest_prompt,
            setup,
            plan: plan.clone(),
            now: born,
            today: Day::of(&plan.timezone, born),
            counted: 0,
            draining: false,
            taking_stock: false,
            timers: Timers::default(),
            nodes: BTreeMap::new(),
            calls: BTreeMap::new(),
            legs: Legs::default(),
            in_use: BTreeMap::new(),
            awaited: BTreeSet::new(),
            assigned: BTreeSet::new(),
            reserved: BTreeMap::new(),
            channels: HashMap::new(),
            by_hand: BTreeMap::new(),
            replaced: Vec::new(),
            callbacks: Callbacks::new(),
            called_out: BTreeMap::new(),
            kept_duties: BTreeMap::new(),
            guesses: Guesses::default(),
            done_before: BTreeMap::new(),
            talked: BTreeMap::new(),
            left: BTreeMap::new(),
            operators: IndexMap::new(),
            devices: IndexMap::new(),
            queues: IndexMap::new(),
            has_also: false,
            commands: VecDeque::new(),
            errands: VecDeque::new(),
            notices: VecDeque::new(),
        };
        engine.take_plan(plan);
        engine
    }

    /// One thing happened.
    pub fn handle(&mut self, now: Time, event: Event) {
        self.it_is(now);
        match event {
            Event::CallArrived { channel, enters, caller, answered } => {
                self.on_arrived(channel, &enters, caller, answered);
            }
            Event::LegEntered { channel, answered } => self.on_leg_entered(&channel, answered),
            Event::LegRinging { channel } => self.on_leg_ringing(&channel),
            Event::LegAnswered { channel } => self.on_leg_answered(&channel),
            Event::LegReplaced { old, new, to } => self.on_replaced(&old, &new, to),
            Event::Left { channel } => self.on_left(&channel),
            Event::Ended { channel, cause } => self.on_ended(&channel, cause),
            Event::Pressed { channel, digit } => self.on_pressed(&channel, digit),
            Event::PlaybackFinished { playback, channel, whole } => {
                self.on_playback_finished(&channel, playback, whole)
            }
            Event::RecordingOver { recording, channel, well } => self.on_recording_over(&channel, recording, well),
            Event::Message { about, fate } => self.on_message(&about, fate),
            Event::ChoiceAsked { channel, dialled, caller, ask } => {
                self.on_choice_asked(channel, &dialled, caller, &ask);
            }
            Event::ChoiceAnswered { channel, reservation } => self.on_choice_answered(channel, reservation),
            Event::ChoiceReleased { channel, reservation, outcome } => {
                self.on_choice_released(channel, reservation, outcome);
            }
            Event::RouteAsked { channel, dialled, caller } => self.on_route_asked(channel, &dialled, caller),
            Event::LookedUp { lookup, answer } => self.on_looked_up(lookup, answer),
            Event::Failed { command, failure } => self.on_failed(command, failure),
            Event::NodeUp { node, scope, held } => self.on_node_up(node, scope, held),
            Event::NodeDown { node } => self.on_node_down(node),
            Event::NodeTaken { node } => self.on_node_taken(node),
            Event::DeviceChanged { node, device, state } => self.on_device_changed(node, device, state),
            Event::PlanLoaded(plan) => self.on_plan_loaded(plan),
            Event::HoursOverridden { hours, how } => self.override_hours(&hours, how),
            // Why not was told, if not.
            Event::DutyAsked { operator, change, by } => drop(self.change_duty(&operator, &change, by)),
            Event::CallbackCancelled { id } => self.cancel_callback(id),
            Event::Steered { call, steer } => self.on_steered(call, steer),
            Event::Draining => self.draining = true,
        }
        self.serve_awaited();
    }

    /// The time that [`Self::poll_timeout`] named has come.
    pub fn handle_timeout(&mut self, now: Time) {
        self.it_is(now);
        while let Some(wake) = self.timers.pop(self.now) {
            if self.is_put_off(wake) {
                self.timers.set(wake, self.now + PUT_OFF);
                continue;
            }
            self.on_due(wake);
            self.serve_awaited();
        }
    }

    /// The next thing to do. Ask until there is none, after every [`Self::handle`].
    pub fn poll_command(&mut self) -> Option<Command> {
        self.commands.pop_front()
    }

    /// The next fact for those who watch.
    pub fn poll_notice(&mut self) -> Option<Notice> {
        self.notices.pop_front()
    }

    /// Whether there are facts that those who watch were not told.
    pub fn has_notices(&self) -> bool {
        !self.notices.is_empty()
    }

    /// When [`Self::handle_timeout`] is wanted next.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.timers.next()
    }

    /// Asks for something. Of a node that is away nothing is asked: it would come back at once as not sent. What was not
    /// asked is seen when the node is back, by what it holds.
    fn command(&mut self, command: Command) {
        if self.is_up(command.node()) {
            self.commands.push_back(command);
        }
    }

    /// Before a prompt is stopped, if that was asked for last: for what makes a phone ring, which a caller waits for while
    /// nobody waits for silence.
    fn command_before_stop(&mut self, command: Command) {
        if !self.is_up(command.node()) {
            return;
        }
        let behind = self.commands.iter().rposition(|last| !matches!(last, Command::Stop { .. }));
        self.commands.insert(behind.map_or(0, |at| at + 1), command);
    }

    fn errand(&mut self, errand: Errand) {
        self.errands.push_back(errand);
    }

    fn tell(&mut self, call: Option<CallId>, fact: Fact) {
        self.notices.push_back(Notice { at: self.now, call, fact });
    }

    fn count(&mut self) -> u64 {
        self.counted += 1;
        self.counted
    }

    fn new_call(&mut self) -> CallId {
        CallId { boot: self.setup.boot, number: self.count() }
    }

    fn new_playback(&mut self) -> PlaybackId {
        PlaybackId { boot: self.setup.boot, number: self.count() }
    }

    /// A leg's id in Asterisk says whom it rings, and for which call of which queue: see [`leg::Tag`].
    fn new_leg_channel(
        &mut self,
        node: NodeId,
        callee: &Callee,
        call: CallId,
        queue: Option<&str>,
    ) -> (LegId, ChannelId) {
        let number = self.count();
        let tag = leg::Tag { callee: Some(callee.clone()), call: Some(call), queue };
        let channel = tag.write(self.setup.boot, number);
        (LegId(number), ChannelId::new(node, &channel))
    }

    fn new_talk_bridge(&mut self, node: NodeId) -> BridgeId {
        let number = self.count();
        BridgeId::new(node, &format!("{OURS}{:08x}-t{number}", self.setup.boot))
    }

    fn operator(&self, ix: OperatorIx) -> &Operator {
        &self.operators[ix.0]
    }

    fn queue(&self, ix: QueueIx) -> &Queue {
        &self.queues[ix.0]
    }

    fn role(&self, channel: &ChannelId) -> Option<Role> {
        self.channels.get(channel).copied()
    }

    fn caller_of(&self, channel: &ChannelId) -> Option<CallId> {
        match self.role(channel)? {
            Role::Caller(call) => Some(call),
            Role::Leg(_) => None,
        }
    }

    /// The call that a channel is part of.
    fn call_of(&self, channel: &ChannelId) -> Option<CallId> {
        match self.role(channel)? {
            Role::Caller(call) => Some(call),
            Role::Leg(leg) => self.legs.get(&leg).map(|leg| leg.call),
        }
    }

    fn leg_of(&self, channel: &ChannelId) -> Option<LegId> {
        match self.role(channel)? {
            Role::Leg(leg) => Some(leg),
            Role::Caller(_) => None,
        }
    }
}
