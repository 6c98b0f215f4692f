//! The bench: an engine, a clock that stands still until told, and a hand in place of Asterisk.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use super::{charge::owing, queue_log::Log};
use crate::{
    dialplan::{
        Act, Asking, Choice, MaxWait, Menu, Operator, Plan, PublicNumber, Queue, Step, StepId, Strategy, Unanswered,
    },
    domain::{
        BridgeId, Called, Caller, Cause, ChannelId, Digit, Digits, Media, Name, NodeId, PlaybackId, Reason, Time,
    },
    engine::{
        BridgeKind, Command, Engine, Errand, Event, Fact, Failure, Held, HeldBridge, HeldChannel, Limits, Mark, Scope,
        Setup, Sound,
        mark::State,
        notice::{OfferOutcome, OperatorState, Outcome},
        record::{Book, Record},
    },
    queue_log::Style,
};

pub(super) const NODE: NodeId = NodeId(0);

/// The number whose calls go straight to the first queue.
pub(super) const DIRECT: &str = "+47 22 33 44 55";

/// The number whose calls hear a greeting and a menu: 1 is the first queue, 2 hangs up, 9 asks again.
pub(super) const MENU: &str = "+47 800 12 345";

pub(super) fn sound(name: &str) -> Arc<[Media]> {
    [Media::Sound(name.into())].into()
}

pub(super) fn queue(name: &str, operators: &[&str], strategy: Strategy) -> Queue {
    let queue = Queue::new(name.into(), operators.iter().map(|name| Name::new(name)));
    Queue { strategy, wrap_up: Duration::from_secs(20), ..queue }
}

/// A plan with these queues; [`DIRECT`] leads to the first, [`MENU`] through a menu to it.
pub(super) fn plan(queues: Vec<Queue>) -> Plan {
    let first = queues[0].name.clone();
    let mut operators: Vec<Name> = queues.iter().flat_map(|queue| queue.operators().cloned()).collect();
    operators.dedup();
    let step = |act, next: Option<u32>| Step { act, next: next.map(StepId) };
    let asking = Asking {
        prompt: sound("menu").into(),
        timeout: Duration::from_secs(5),
        inter_digit: Duration::from_secs(2),
        tries: 3,
        type_ahead: true,
        invalid: sound("invalid").into(),
        silent: Default::default(),
        otherwise: Unanswered { any: Some(StepId(4)), ..Unanswered::default() },
    };
    let menu = Menu {
        asking,
        options: vec![
            (Digits::new("1").expect("keys"), Choice::Go(StepId(0))),
            (Digits::new("2").expect("keys"), Choice::Go(StepId(3))),
            (Digits::new("55").expect("keys"), Choice::Go(StepId(0))),
            (Digits::new("9").expect("keys"), Choice::Repeat),
        ],
        extensions: Default::default(),
    };
    let steps = vec![
        step(Act::Queue(first), None),
        step(Act::Play(sound("greeting").into()), Some(2)),
        step(Act::Menu(Arc::new(menu)), None),
        step(Act::HangUp(Reason::Normal), None),
        step(Act::Play(sound("goodbye").into()), None),
    ];
    let number = |text: &str, entry: u32, channels| {
        let number = Called::read(text, None).expect("a number");
        PublicNumber { channels, ..PublicNumber::new(number, StepId(entry)) }
    };
    Plan {
        numbers: [number(DIRECT, 0, None), number(MENU, 1, Some(3))].into_iter().collect(),
        operators: operators
            .into_iter()
            .map(|name| {
                let dial = format!("PJSIP/{name}").into();
                let device = Some(Name::new(&format!("PJSIP/{name}")));
                (name.clone(), Operator { device, ..Operator::new(name, dial) })
            })
            .collect(),
        queues: queues.into_iter().map(|queue| (queue.name.clone(), queue)).collect(),
        flows: [("welcome".into(), StepId(1))].into_iter().collect(),
        steps,
        ..Plan::nothing("bench".into())
    }
}

/// A leg that rings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ringing {
    pub(super) leg: ChannelId,
    /// Joined with the caller before the answer.
    pub(super) early: bool,
}

pub(super) struct Bench {
    pub(super) engine: Engine,
    pub(super) now: Time,
    pub(super) asked: VecDeque<Command>,
    /// What was asked of others than Asterisk.
    pub(super) errands: VecDeque<Errand>,
    pub(super) facts: Vec<Fact>,
    pub(super) book: Book,
    pub(super) log: Log,
    /// The records of calls that are over.
    pub(super) records: Vec<Record>,
    /// Who was joined where.
    pub(super) joined: Vec<(ChannelId, BridgeId)>,
    callers: u32,
}

impl Bench {
    pub(super) fn new(plan: Plan) -> Self {
        Self::with_limits(plan, Limits::default())
    }

    pub(super) fn with_limits(plan: Plan, limits: Limits) -> Self {
        Self::born(7, plan, limits)
    }

    /// The life of an engine with that number.
    pub(super) fn born(boot: u32, plan: Plan, limits: Limits) -> Self {
        let setup = Setup { boot, born: Time::ZERO, seed: 1, limits, public_url: None };
        let log = Log::of(Style::default(), &plan);
        let mut bench = Self {
            engine: Engine::new(setup, Arc::new(plan)),
            now: Time::from_secs(1_000_000),
            asked: VecDeque::new(),
            errands: VecDeque::new(),
            facts: Vec::new(),
            book: Book::default(),
            log,
            records: Vec::new(),
            joined: Vec::new(),
            callers: 0,
        };
        bench.node_up(Held::default());
        bench.asked.clear();
        bench
    }

    /// Another engine in the place of this one.
    pub(super) fn next_life(&mut self, engine: Engine) {
        (self.engine, self.book) = (engine, Book::default());
        self.log.next_life(&self.engine.plan);
    }

    /// One queue; one operator is offered one call at a time, in the plan's order.
    pub(super) fn with_queue<const N: usize>(name: &str, operators: [&str; N]) -> Self {
        Self::new(plan(vec![queue(name, &operators, Strategy::Linear)]))
    }

    pub(super) fn with_strategy<const N: usize>(strategy: Strategy, operators: [&str; N]) -> Self {
        Self::new(plan(vec![queue("sales", &operators, strategy)]))
    }

    /// Tells the engine, takes what it says, and looks whether all is well.
    pub(super) fn tell(&mut self, event: Event) {
        let what = format!("{event:?}");
        self.engine.handle(self.now, event);
        self.drain(&what);
    }

    fn drain(&mut self, what: &str) {
        while let Some(command) = self.engine.poll_command() {
            self.look_at_mark(&command);
            self.asked.push_back(command);
        }
        self.errands.extend(std::iter::from_fn(|| self.engine.poll_errand()));
        while let Some(notice) = self.engine.poll_notice() {
            self.records.extend(self.book.see(&notice));
            self.log.see(&notice);
            self.facts.push(notice.fact);
        }
        let (calls, open) = (self.engine.calls.len(), (self.book.open(), self.log.open()));
        assert_eq!(open, (calls, calls), "after {what}: the book or the log has other calls than the engine");
        assert_eq!(self.book.owing(), owing(&self.engine), "after {what}: the book waits for other legs");
        let wrong = self.engine.broken_invariants();
        assert!(wrong.is_empty(), "after {what}: {wrong:#?}");
    }

    /// Whatever is written says until when the dead man's switch is armed from now on; but nothing else is written on the channel
    /// of one for whom a dialplan asks.
    fn look_at_mark(&self, command: &Command) {
        let Command::Mark { mark, .. } = command else { return };
        if mark.state.is_none() {
            return assert_eq!(*mark, Mark { dead_man: mark.dead_man, ..Mark::default() });
        }
        let state = mark.state.as_deref().and_then(State::read).expect("a state with every mark");
        let armed = mark.dead_man.filter(|after| !after.is_zero()).map(|after| (self.now + after).as_micros());
        assert_eq!(state.armed, armed, "{command:?}");
    }

    /// Lets time pass, from deadline to deadline.
    pub(super) fn passes(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(next) = self.engine.poll_timeout().filter(|next| *next <= until) {
            self.now = self.now.max(next);
            self.engine.handle_timeout(self.now);
            self.drain("time passed");
        }
        self.now = until;
    }

    // What happens.

    pub(super) fn caller_arrives(&mut self, number: &str) -> ChannelId {
        self.callers += 1;
        let channel = ChannelId::new(NODE, &format!("171.{}", self.callers));
        let caller = Caller::from_wire(&format!("+479000{:04}", self.callers), "", "");
        self.tell(Event::CallArrived { channel: channel.clone(), enters: number.into(), caller, answered: false });
        channel
    }

    pub(super) fn presses(&mut self, caller: &ChannelId, keys: &str) {
        for key in keys.chars() {
            let digit = Digit::new(key).expect("a key");
            self.tell(Event::Pressed { channel: caller.clone(), digit });
        }
    }

    pub(super) fn hears_to_the_end(&mut self, caller: &ChannelId, playback: PlaybackId) {
        self.tell(Event::PlaybackFinished { playback, channel: caller.clone(), whole: true });
    }

    pub(super) fn answers(&mut self, ringing: &Ringing) {
        let channel = ringing.leg.clone();
        if ringing.early {
            self.tell(Event::LegAnswered { channel });
        } else {
            self.tell(Event::LegAnswered { channel: channel.clone() });
            self.tell(Event::LegEntered { channel, answered: true });
        }
    }

    pub(super) fn hangs_up(&mut self, channel: &ChannelId) {
        self.tell(Event::Left { channel: channel.clone() });
    }

    pub(super) fn ends(&mut self, leg: &ChannelId, cause: Cause) {
        self.tell(Event::Ended { channel: leg.clone(), cause });
    }

    pub(super) fn declines(&mut self, ringing: &Ringing) {
        self.ends(&ringing.leg, Cause { q850: 21, sip: Some(603) });
    }

    pub(super) fn rings_out(&mut self, ringing: &Ringing) {
        self.ends(&ringing.leg, Cause { q850: 19, sip: Some(480) });
    }

    pub(super) fn fails(&mut self, command: Command, failure: Failure) {
        self.tell(Event::Failed { command, failure });
    }

    pub(super) fn node_up(&mut self, held: Held) {
        self.tell(Event::NodeUp { node: NODE, scope: Scope::WholeCall, held });
    }

    pub(super) fn node_down(&mut self) {
        self.tell(Event::NodeDown { node: NODE });
    }

    /// A caller of [`DIRECT`] and the operator who answers him.
    pub(super) fn two_talk(&mut self, operator: &str) -> (ChannelId, Ringing) {
        let caller = self.caller_arrives(DIRECT);
        self.expect_answer(&caller);
        let ringing = self.expect_offer(operator, &caller);
        self.take_marks(&caller);
        self.answers(&ringing);
        self.expect_disarmed(&caller);
        (caller, ringing)
    }

    /// The bridge in which an operator talks, with those who are in it.
    pub(super) fn talk(&self, leg: &ChannelId, inside: &[&ChannelId]) -> HeldBridge {
        let (_, bridge) = self.joined.iter().rev().find(|(joined, _)| joined == leg).expect("was joined");
        holding(&bridge.id, inside)
    }

    // What must have been asked.

    #[track_caller]
    pub(super) fn take(&mut self, what: &str, wanted: impl Fn(&Command) -> bool) -> Command {
        let at = self.asked.iter().position(wanted);
        let Some(command) = at.and_then(|at| self.asked.remove(at)) else {
            panic!("{what} was not asked; what was: {:#?}", self.asked);
        };
        command
    }

    #[track_caller]
    pub(super) fn expect_answer(&mut self, caller: &ChannelId) {
        self.take("an answer", |command| matches!(command, Command::Answer { channel } if channel == caller));
    }

    #[track_caller]
    pub(super) fn expect_play(&mut self, caller: &ChannelId, name: &str) -> PlaybackId {
        let command = self.take(&format!("to play {name}"), |command| {
            matches!(command, Command::Play { channel, media, .. }
                if channel == caller && media.last() == sound(name).last())
        });
        let Command::Play { playback, .. } = command else { unreachable!() };
        playback
    }

    #[track_caller]
    pub(super) fn expect_stop(&mut self, stopped: PlaybackId) {
        self.take("to stop", |command| matches!(command, Command::Stop { playback, .. } if *playback == stopped));
    }

    /// The operator is rung for the caller; a leg that is made first is made, dialled and joined.
    #[track_caller]
    pub(super) fn expect_offer(&mut self, operator: &str, caller: &ChannelId) -> Ringing {
        let dial = format!("PJSIP/{operator}");
        let command = self.take(&format!("to ring {operator}"), |command| {
            matches!(command, Command::Create { endpoint, caller: of, .. } | Command::Originate { endpoint, caller: of, .. }
                if **endpoint == *dial && of == caller)
        });
        self.take_bridge();
        match command {
            Command::Create { leg, .. } => {
                self.tell(Event::LegEntered { channel: leg.clone(), answered: false });
                self.take_bridge();
                self.take(
                    "to dial",
                    |command| matches!(command, Command::Dial { leg: dialled, .. } if *dialled == leg),
                );
                self.expect_join(&leg);
                Ringing { leg, early: true }
            }
            Command::Originate { leg, .. } => Ringing { leg, early: false },
            other => panic!("{other:?}"),
        }
    }

    /// As [`Self::expect_offer`] for whoever is rung first, but leaves in what was asked which bridge they are in.
    #[track_caller]
    pub(super) fn expect_offer_keeping_join(&mut self, caller: &ChannelId) -> Ringing {
        let command =
            self.take("to ring", |command| matches!(command, Command::Create { caller: of, .. } if of == caller));
        let Command::Create { leg, .. } = command else { unreachable!() };
        self.tell(Event::LegEntered { channel: leg.clone(), answered: false });
        Ringing { leg, early: true }
    }

    #[track_caller]
    pub(super) fn expect_join(&mut self, leg: &ChannelId) -> BridgeId {
        let command =
            self.take("to join", |command| matches!(command, Command::Join { leg: joined, .. } if joined == leg));
        let Command::Join { bridge, .. } = command else { unreachable!() };
        self.joined.push((leg.clone(), bridge.clone()));
        bridge
    }

    /// The caller waits with music.
    #[track_caller]
    pub(super) fn expect_parked(&mut self, caller: &ChannelId) {
        self.expect_armed(caller);
        self.take("to park", |command| matches!(command, Command::Park { channel, .. } if channel == caller));
    }

    #[track_caller]
    pub(super) fn expect_armed(&mut self, caller: &ChannelId) {
        self.take("to arm the dead man's switch", |command| {
            matches!(command, Command::Mark { channel, mark }
                if channel == caller && mark.dead_man.is_some_and(|after| !after.is_zero()))
        });
    }

    #[track_caller]
    pub(super) fn expect_disarmed(&mut self, caller: &ChannelId) {
        self.take("to take off the dead man's switch", |command| {
            matches!(command, Command::Mark { channel, mark }
                if channel == caller && mark.dead_man == Some(Duration::ZERO))
        });
    }

    #[track_caller]
    pub(super) fn expect_hangup(&mut self, hung_up: &ChannelId) -> Reason {
        let command =
            self.take("to hang up", |command| matches!(command, Command::HangUp { channel, .. } if channel == hung_up));
        let Command::HangUp { reason, .. } = command else { unreachable!() };
        reason
    }

    #[track_caller]
    pub(super) fn expect_continue(&mut self, caller: &ChannelId) {
        self.take("to continue", |command| matches!(command, Command::Continue { channel } if channel == caller));
    }

    /// Making a bridge where one is needed is nobody's business but the pool's.
    pub(super) fn take_bridge(&mut self) {
        self.asked.retain(|command| !matches!(command, Command::MakeBridge { kind: BridgeKind::Talk, .. }));
    }

    /// Whether a caller hears a ringing tone is asked in tests of its own.
    pub(super) fn take_tones(&mut self) {
        self.asked
            .retain(|command| !matches!(command, Command::Ring { .. } | Command::Hush { sound: Sound::Ringing, .. }));
    }

    pub(super) fn take_marks(&mut self, caller: &ChannelId) {
        self.asked.retain(|command| !matches!(command, Command::Mark { channel, .. } if channel == caller));
    }

    /// Nothing else was asked of Asterisk.
    #[track_caller]
    pub(super) fn assert_quiet(&self) {
        assert!(self.asked.is_empty(), "still asked: {:#?}", self.asked);
    }

    #[track_caller]
    pub(super) fn assert_operator(&self, name: &str, state: OperatorState) {
        let snapshot = self.engine.snapshot(self.now);
        let operator = snapshot.operators.iter().find(|operator| *operator.operator == *name);
        assert_eq!(operator.map(|operator| operator.state), Some(state), "{name}");
    }

    #[track_caller]
    pub(super) fn assert_ready(&self, name: &str) {
        self.assert_operator(name, OperatorState::Ready);
    }

    /// Whoever waits, the next one first.
    pub(super) fn waiting(&self) -> Vec<ChannelId> {
        let snapshot = self.engine.snapshot(self.now);
        let waiting = snapshot.queues.iter().flat_map(|queue| &queue.callers);
        let channel =
            |id| snapshot.calls.iter().find(|call| call.id == id).map(|call| ChannelId::new(NODE, &call.channel));
        waiting.filter_map(|waiting| channel(waiting.call)).collect()
    }

    /// Whose phones ring for a caller who waits, in the order in which they began to.
    pub(super) fn ringing_for(&self, caller: &ChannelId) -> Vec<String> {
        let call = self.engine.caller_of(caller).expect("a caller");
        let snapshot = self.engine.snapshot(self.now);
        let waiting = snapshot.queues.iter().flat_map(|queue| &queue.callers).find(|waits| waits.call == call);
        waiting.expect("he waits").ringing.iter().map(|name| name.to_string()).collect()
    }

    pub(super) fn outcomes(&self) -> Vec<Outcome> {
        let outcome = |fact: &Fact| match fact {
            Fact::Ended { outcome, .. } => Some(*outcome),
            _ => None,
        };
        self.facts.iter().filter_map(outcome).collect()
    }

    pub(super) fn offers(&self) -> Vec<(String, OfferOutcome)> {
        let offer = |fact: &Fact| match fact {
            Fact::OfferEnded { callee, outcome, .. } => Some((callee.to_string(), *outcome)),
            _ => None,
        };
        self.facts.iter().filter_map(offer).collect()
    }

    #[track_caller]
    pub(super) fn assert_no_calls(&self) {
        assert_eq!(self.engine.calls.len(), 0, "{:#?}", self.engine.snapshot(self.now).calls);
    }
}

/// A queue whose callers go to "goodbye" after this long.
pub(super) fn patience(mut queue: Queue, after: Duration) -> Queue {
    queue.max_wait = Some(MaxWait { after, go: StepId(4) });
    queue
}

pub(super) fn held(channel: &ChannelId, answered: bool) -> HeldChannel {
    HeldChannel {
        channel: channel.clone(),
        enters: Some(DIRECT.into()),
        caller: Caller::default(),
        answered,
        age: Duration::from_secs(60),
        mark: None,
    }
}

pub(super) fn holding(bridge: &str, channels: &[&ChannelId]) -> HeldBridge {
    HeldBridge { bridge: BridgeId::new(NODE, bridge), channels: channels.iter().map(|c| (*c).clone()).collect() }
}
