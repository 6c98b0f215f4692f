use indexmap::IndexMap;
use tokio::task::JoinHandle;

use super::*;
use crate::{
    dialplan::{Act, Announcement, Asking, Languages, Menu, PublicNumber, Step, StepId, Unanswered},
    domain::{Called, Caller, ChannelId, Media, Name, NodeId, PlaybackId, Reason, Time},
    engine::{Fact, Held, Limits, Notice, Scope, Setup, notice::Outcome},
    metrics::Metrics,
    runtime::ready::Readiness,
};

/// One number, which answers, greets, and asks once.
fn plan() -> Arc<Plan> {
    let media: Arc<[Media]> = Arc::new([Media::Sound("welcome".into())]);
    let asking = Asking {
        prompt: media.clone().into(),
        timeout: Duration::from_millis(20),
        inter_digit: Duration::from_millis(20),
        tries: 1,
        type_ahead: true,
        invalid: Announcement::default(),
        silent: Announcement::default(),
        otherwise: Unanswered::default(),
    };
    let menu = Menu { asking, options: Vec::new(), extensions: Default::default() };
    let number = Called::read("100", None).expect("a number");
    let step = |act, next: Option<u32>| Step { act, next: next.map(StepId) };
    Arc::new(Plan {
        exchange: "nordlys".into(),
        timezone: jiff::tz::TimeZone::UTC,
        languages: Languages::default(),
        variables: IndexMap::new(),
        numbers: [PublicNumber::new(number, StepId(0))].into_iter().collect(),
        lists: IndexMap::new(),
        operators: IndexMap::new(),
        extensions: IndexMap::new(),
        desks: Default::default(),
        pauses: IndexMap::new(),
        trunks: IndexMap::new(),
        hours: IndexMap::new(),
        queues: IndexMap::new(),
        flows: IndexMap::from([(Name::new("welcome"), StepId(0))]),
        steps: vec![
            step(Act::Answer, Some(1)),
            step(Act::Play(media.into()), Some(2)),
            step(Act::Menu(Arc::new(menu)), None),
        ],
        written: Default::default(),
        whole: Default::default(),
    })
}

/// The engine's task at work, with one node that is up.
struct Bench {
    clock: Arc<Clock>,
    events: mpsc::Sender<Heard>,
    commands: mpsc::UnboundedReceiver<Command>,
    notices: mpsc::Receiver<Notice>,
    desk: Desk,
    metrics: Arc<Metrics>,
    stop: CancellationToken,
    task: JoinHandle<Stopped>,
}

impl Bench {
    async fn new(limits: Limits) -> Self {
        let clock = Arc::new(Clock::new());
        let metrics = Arc::new(Metrics::new(vec!["pbx".into()]).expect("metrics"));
        let readiness = Arc::new(Readiness::new(vec!["pbx".into()]));
        let (narrator, notices) = mpsc::channel(NARRATION);
        let watchers = Watchers::new(Arc::clone(&metrics), readiness, Box::new(drop), Some(narrator));
        let (sent, commands) = mpsc::unbounded_channel();
        let send: Send = Box::new(move |command| drop(sent.send(command)));
        let engine = Engine::new(Setup { boot: 1, born: Time::ZERO, seed: 1, limits, public_url: None }, plan());
        let (runtime, desk) =
            Runtime::new(engine, Arc::clone(&clock), Outlets { nodes: vec![send], errands: Box::new(drop) }, watchers);
        let stop = CancellationToken::new();
        let (events, heard) = mpsc::channel(64);
        let task = tokio::spawn(runtime.run(heard, stop.clone()));
        let bench = Self { clock, events, commands, notices, desk, metrics, stop, task };
        bench.hears(Event::NodeUp { node: NodeId(0), scope: Scope::WholeCall, held: Held::default() }).await;
        bench
    }

    async fn hears(&self, event: Event) {
        self.events.send(Heard::new(event, self.clock.now())).await.expect("the engine runs");
    }

    async fn caller_arrives(&self, id: &str) -> ChannelId {
        let channel = ChannelId::new(NodeId(0), id);
        let (enters, caller) = ("100".into(), Caller::default());
        self.hears(Event::CallArrived { channel: channel.clone(), enters, caller, answered: false }).await;
        channel
    }

    /// The next command that this is true of.
    async fn asks_for(&mut self, wanted: impl Fn(&Command) -> bool) -> Command {
        loop {
            let command = self.commands.recv().await.expect("the engine runs");
            if wanted(&command) {
                return command;
            }
        }
    }

    /// The next playing.
    async fn plays(&mut self) -> PlaybackId {
        loop {
            if let Command::Play { playback, .. } = self.asks_for(|_| true).await {
                return playback;
            }
        }
    }

    async fn tells(&mut self, wanted: impl Fn(&Fact) -> bool) -> Fact {
        loop {
            let notice = self.notices.recv().await.expect("the engine runs");
            if wanted(&notice.fact) {
                return notice.fact;
            }
        }
    }
}

#[tokio::test]
async fn what_happened_goes_in_and_what_is_asked_for_goes_out() {
    let mut bench = Bench::new(Limits::default()).await;
    bench.caller_arrives("one").await;
    let answer = bench.asks_for(|command| matches!(command, Command::Answer { .. })).await;
    assert_eq!(answer, Command::Answer { channel: ChannelId::new(NodeId(0), "one") });
    bench.tells(|fact| matches!(fact, Fact::Arrived { .. })).await;
    let snapshot = bench.desk.snapshot().await.expect("an answer");
    assert_eq!(snapshot.calls.len(), 1);
    let text = bench.metrics.text(None).expect("text");
    assert!(text.contains("sentral_event_lag_seconds_count 2"), "the node and the call: {text}");
}

#[tokio::test]
async fn whoever_asks_knows_no_less_than_those_who_watch() {
    let mut bench = Bench::new(Limits::default()).await;
    bench.caller_arrives("one").await;
    bench.asks_for(|command| matches!(command, Command::Answer { .. })).await;
    bench.desk.snapshot().await.expect("an answer");
    let told = std::iter::from_fn(|| bench.notices.try_recv().ok());
    assert!(told.map(|notice| notice.fact).any(|fact| matches!(fact, Fact::Arrived { .. })), "he was told before");
}

#[tokio::test]
async fn a_deadline_wakes_the_engine_without_an_event() {
    let mut bench = Bench::new(Limits::default()).await;
    let channel = bench.caller_arrives("one").await;
    let playback = bench.plays().await;
    bench.hears(Event::PlaybackFinished { playback, channel: channel.clone(), whole: true }).await;
    let question = bench.plays().await;
    bench.hears(Event::PlaybackFinished { playback: question, channel: channel.clone(), whole: true }).await;
    // He says nothing, and after a while the plan goes on by itself.
    let hung_up = bench.asks_for(|command| matches!(command, Command::HangUp { .. })).await;
    assert_eq!(hung_up, Command::HangUp { channel, reason: Reason::Normal, can_wait: true });
    bench.tells(|fact| matches!(fact, Fact::MenuUnanswered)).await;
}

#[tokio::test]
async fn a_new_plan_counts_for_the_next_call() {
    let mut bench = Bench::new(Limits::default()).await;
    let empty = Plan::nothing("empty".into());
    assert!(bench.desk.put_in_force(Arc::new(empty)).await);
    bench.tells(|fact| matches!(fact, Fact::PlanLoaded { .. })).await;
    bench.caller_arrives("one").await;
    bench.tells(|fact| matches!(fact, Fact::Refused { .. })).await;
}

#[tokio::test]
async fn draining_lets_the_calls_in_hand_end_and_turns_new_ones_away() {
    let mut bench = Bench::new(Limits::default()).await;
    let first = bench.caller_arrives("one").await;
    bench.plays().await;
    bench.desk.drain().await;
    // An answer to a later question: the task drains now.
    assert!(bench.desk.snapshot().await.expect("an answer").draining);

    let second = bench.caller_arrives("two").await;
    let continued = bench.asks_for(|command| matches!(command, Command::Continue { .. })).await;
    assert_eq!(continued, Command::Continue { channel: second }, "to the native fallback");
    assert!(!bench.task.is_finished(), "one call is left");

    bench.hears(Event::Left { channel: first }).await;
    assert_eq!((&mut bench.task).await.expect("no panic"), Stopped::Drained);
    bench.tells(|fact| matches!(fact, Fact::Ended { outcome: Outcome::LeftInMenu, .. })).await;
}

#[tokio::test]
async fn without_a_call_draining_is_over_at_once() {
    let bench = Bench::new(Limits::default()).await;
    bench.desk.drain().await;
    assert_eq!(bench.task.await.expect("no panic"), Stopped::Drained);
}

#[tokio::test]
async fn told_to_stop_it_stops_with_calls_in_hand() {
    let mut bench = Bench::new(Limits::default()).await;
    bench.caller_arrives("one").await;
    bench.plays().await;
    bench.stop.cancel();
    assert_eq!((&mut bench.task).await.expect("no panic"), Stopped::Told);
    bench.tells(|fact| matches!(fact, Fact::Arrived { .. })).await;
    assert_eq!(bench.desk.snapshot().await.map(|snapshot| snapshot.calls.len()), None, "nobody answers any more");
    assert!(!bench.desk.is_alive().await);
}

#[tokio::test]
async fn the_first_commands_do_not_wait_for_all_events_of_a_burst() {
    let mut bench = Bench::new(Limits::default()).await;
    for n in 0..60 {
        let channel = ChannelId::new(NodeId(0), &format!("call{n}"));
        let event = Event::CallArrived { channel, enters: "100".into(), caller: Caller::default(), answered: false };
        bench.events.try_send(Heard::new(event, bench.clock.now())).expect("there is room");
    }
    bench.asks_for(|command| matches!(command, Command::Answer { .. })).await;
    // Each call asks for an answer, a mark and a prompt.
    let behind = bench.commands.len();
    assert!(behind < 100, "{behind} commands wait with the first of 180");
}

#[tokio::test]
async fn a_command_for_a_node_that_is_not_there_stops_nothing() {
    let mut bench = Bench::new(Limits::default()).await;
    let channel = ChannelId::new(NodeId(7), "stray");
    let (enters, caller) = ("100".into(), Caller::default());
    bench.hears(Event::NodeUp { node: NodeId(7), scope: Scope::WholeCall, held: Held::default() }).await;
    bench.hears(Event::CallArrived { channel, enters, caller, answered: false }).await;
    bench.caller_arrives("one").await;
    let answer = bench.asks_for(|command| matches!(command, Command::Answer { .. })).await;
    assert_eq!(answer.node(), NodeId(0));
}

#[tokio::test]
async fn commands_leave_and_are_carried_before_anybody_is_told() {
    let metrics = Arc::new(Metrics::new(Vec::new()).expect("metrics"));
    let (narrator, notices) = mpsc::channel(NARRATION);
    let watchers = Watchers::new(metrics, Arc::new(Readiness::new(Vec::new())), Box::new(drop), Some(narrator));
    let (sent, mut commands) = mpsc::unbounded_channel();
    let send: Send = Box::new(move |command| drop(sent.send(command)));
    let mut engine =
        Engine::new(Setup { boot: 1, born: Time::ZERO, seed: 1, limits: Limits::default(), public_url: None }, plan());
    engine.handle(Time::ZERO, Event::NodeUp { node: NodeId(0), scope: Scope::WholeCall, held: Held::default() });
    while engine.poll_command().is_some() || engine.poll_notice().is_some() {}
    let (mut runtime, _desk) =
        Runtime::new(engine, Arc::new(Clock::new()), Outlets { nodes: vec![send], errands: Box::new(drop) }, watchers);
    // A lane, which says what the narrator had waiting when it took each command.
    let lane = tokio::spawn(async move {
        let mut taken = Vec::new();
        while let Some(command) = commands.recv().await {
            taken.push((command.name(), notices.len()));
        }
        (taken, notices)
    });
    let channel = ChannelId::new(NodeId(0), "one");
    let event = Event::CallArrived { channel, enters: "100".into(), caller: Caller::default(), answered: false };
    let now = runtime.clock.now();
    runtime.on_event(Heard::new(event, now));
    runtime.tell_in_time(now).await;
    runtime.tell_in_time(now + Duration::from_secs(1)).await;
    drop(runtime);
    let (taken, told) = lane.await.expect("no panic");
    assert!(taken.iter().any(|(name, _)| *name == "answer"), "{taken:?}");
    assert!(taken.iter().all(|(_, waiting)| *waiting == 0), "{taken:?}");
    assert!(!told.is_empty(), "but he was told");
}
