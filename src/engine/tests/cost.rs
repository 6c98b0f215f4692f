//! What a call costs: one command is one request to Asterisk. A change that adds one must say so here and in
//! `docs/performance.md`.

use std::time::Duration;

use super::bench::{Bench, DIRECT, MENU, holding, plan, queue};
use crate::{
    dialplan::{Answering, PublicNumber, Strategy},
    domain::{Cause, ChannelId},
    engine::{Command, Event, Held},
};

/// A bench whose pool has a bridge, as any has after its first calls, and which counts what is asked.
struct Counted {
    bench: Bench,
    asked: Vec<&'static str>,
}

impl Counted {
    fn new(strategy: Strategy, operators: &[&str]) -> Self {
        Self::answering(Answering::AtOnce, strategy, operators)
    }

    fn answering(answer: Answering, strategy: Strategy, operators: &[&str]) -> Self {
        let mut sales = queue("sales", operators, strategy);
        sales.wrap_up = Duration::ZERO;
        let mut plan = plan(vec![sales]);
        plan.numbers = plan.numbers.values().cloned().map(|number| PublicNumber { answer, ..number }).collect();
        let mut bench = Bench::new(plan);
        let bridges = ["sentral-00000001-t1", "sentral-00000001-t2", "sentral-w-sales"];
        bench.node_up(Held { channels: vec![], bridges: bridges.map(|bridge| holding(bridge, &[])).into() });
        bench.assert_quiet();
        Self { bench, asked: Vec::new() }
    }

    fn legs(&self) -> Vec<ChannelId> {
        let leg = |command: &Command| match command {
            Command::Create { leg, .. } | Command::Originate { leg, .. } => Some(leg.clone()),
            _ => None,
        };
        self.bench.asked.iter().filter_map(leg).collect()
    }

    fn count(&mut self) {
        self.asked.extend(self.bench.asked.drain(..).map(|command| command.name()));
    }

    fn finishes_prompt(&mut self, caller: &ChannelId) {
        let playing = self.bench.asked.iter().find_map(|command| match command {
            Command::Play { playback, .. } => Some(*playback),
            _ => None,
        });
        self.count();
        self.bench.hears_to_the_end(caller, playing.expect("something is played"));
    }

    /// The operator who is rung answers; they talk; he hangs up.
    fn is_served(&mut self, caller: &ChannelId) {
        let legs = self.legs();
        self.count();
        let early = self.asked.contains(&"create");
        if early {
            self.bench.tell(Event::LegEntered { channel: legs[0].clone(), answered: false });
            self.bench.tell(Event::LegAnswered { channel: legs[0].clone() });
        } else {
            self.bench.tell(Event::LegEntered { channel: legs[0].clone(), answered: true });
        }
        for leg in &legs[1..] {
            self.bench.ends(leg, Cause::q850(16));
        }
        self.bench.passes(Duration::from_secs(180));
        self.bench.hangs_up(&legs[0]);
        self.bench.hangs_up(caller);
        self.count();
    }
}

#[test]
fn a_call_through_greeting_and_menu_to_a_free_operator_takes_nine_requests() {
    let mut call = Counted::new(Strategy::Linear, &["anna"]);
    let caller = call.bench.caller_arrives(MENU);
    call.finishes_prompt(&caller);
    call.finishes_prompt(&caller);
    call.bench.presses(&caller, "1");
    call.is_served(&caller);
    assert_eq!(call.asked, ["answer", "mark", "play", "play", "create", "dial", "join", "mark", "hang_up"]);
}

#[test]
fn a_key_that_cuts_a_prompt_takes_one_more() {
    let mut call = Counted::new(Strategy::Linear, &["anna"]);
    let caller = call.bench.caller_arrives(MENU);
    call.finishes_prompt(&caller);
    call.bench.presses(&caller, "1");
    call.is_served(&caller);
    assert_eq!(call.asked, ["answer", "mark", "play", "play", "create", "stop", "dial", "join", "mark", "hang_up"]);
}

#[test]
fn a_call_straight_to_a_free_operator_takes_seven_requests() {
    let mut call = Counted::new(Strategy::Linear, &["anna"]);
    let caller = call.bench.caller_arrives(DIRECT);
    call.is_served(&caller);
    assert_eq!(call.asked, ["answer", "create", "mark", "dial", "join", "mark", "hang_up"]);
}

#[test]
fn a_call_that_waited_takes_one_more_and_one_every_fifteen_seconds() {
    let mut call = Counted::new(Strategy::Linear, &["anna"]);
    let first = call.bench.caller_arrives(DIRECT);
    let anna = call.legs().remove(0);
    call.bench.tell(Event::LegEntered { channel: anna.clone(), answered: false });
    call.bench.tell(Event::LegAnswered { channel: anna.clone() });
    call.count();
    call.asked.clear();

    let caller = call.bench.caller_arrives(DIRECT);
    call.bench.passes(Duration::from_secs(44));
    call.bench.hangs_up(&anna);
    call.bench.hangs_up(&first);
    call.is_served(&caller);

    let of_the_first = ["hang_up"];
    let waiting = ["mark", "mark"];
    assert_eq!(
        call.asked,
        [&["answer", "mark", "park"][..], &waiting, &["create"], &of_the_first, &["dial", "join", "mark", "hang_up"]]
            .concat()
    );
}

#[test]
fn parting_with_a_caller_can_wait_and_freeing_an_operator_cannot() {
    let mut call = Counted::new(Strategy::Linear, &["anna"]);
    let first = call.bench.caller_arrives(DIRECT);
    let anna = call.legs().remove(0);
    call.bench.tell(Event::LegEntered { channel: anna.clone(), answered: false });
    call.bench.tell(Event::LegAnswered { channel: anna.clone() });
    let second = call.bench.caller_arrives(DIRECT);
    let asked = |call: &mut Counted| -> Vec<_> {
        let asked = call.bench.asked.drain(..).map(|command| (command.name(), command.can_wait()));
        asked.filter(|(name, _)| matches!(*name, "create" | "hang_up")).collect()
    };
    asked(&mut call);
    call.bench.hangs_up(&anna);
    assert_eq!(asked(&mut call), [("create", false), ("hang_up", true)]);
    call.bench.hangs_up(&first);
    // Anna is rung for him, and the one behind him waits for her.
    call.bench.caller_arrives(DIRECT);
    call.bench.hangs_up(&second);
    assert_eq!(asked(&mut call), [("hang_up", false)]);
}

#[test]
fn ringing_three_at_once_takes_one_request_each_and_two_to_stop_the_others() {
    let mut call = Counted::new(Strategy::RingAll, &["anna", "boris", "carla"]);
    let caller = call.bench.caller_arrives(DIRECT);
    call.is_served(&caller);
    assert_eq!(
        call.asked,
        [
            "answer",
            "mark",
            "park",
            "originate",
            "originate",
            "originate",
            "join",
            "hang_up",
            "hang_up",
            "mark",
            "hang_up"
        ]
    );
}

#[test]
fn a_call_that_is_answered_with_the_operator_takes_one_more() {
    let unanswered = Answering::OnOperator { at_latest: Duration::from_secs(50) };
    let mut call = Counted::answering(unanswered, Strategy::Linear, &["anna"]);
    let caller = call.bench.caller_arrives(MENU);
    call.finishes_prompt(&caller);
    call.finishes_prompt(&caller);
    call.bench.presses(&caller, "1");
    call.is_served(&caller);
    assert_eq!(call.asked, ["mark", "play", "play", "create", "dial", "ring", "join", "answer", "mark", "hang_up"]);
}
