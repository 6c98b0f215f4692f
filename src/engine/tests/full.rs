//! A number's channels: kept for some callers, and what comes of one call too many.

use std::time::Duration;

use super::bench::{Bench, MENU, NODE, held, plan, queue};
use crate::{
    dialplan::{NumberType, Plan, Reserved, StepId, Strategy, WhenFull, lists::Entry},
    domain::{Caller, ChannelId, Reason},
    engine::{
        Command, Event, Fact, Held, Limits,
        notice::{Outcome, Refusal},
    },
};

/// The step that says goodbye, in every plan of the bench.
const GOODBYE: StepId = StepId(4);

/// [`MENU`] has three channels, of which so many are kept for callers of Sweden.
fn three_channels(kept: u32, when_full: WhenFull) -> Plan {
    let mut plan = plan(vec![queue("sales", &["anna"], Strategy::Linear)]);
    let numbers = plan.numbers.values().cloned().map(|mut number| {
        if number.channels == Some(3) {
            number.reserved = (kept > 0).then(|| Reserved { list: "vip".into(), channels: kept });
            number.kind = NumberType::TollFree;
            number.when_full = when_full;
        }
        number
    });
    plan.numbers = numbers.collect();
    let entries = [Entry::read("+46*", None).expect("an entry")];
    plan.lists.insert("vip".into(), entries.into_iter().collect());
    plan
}

fn calls(bench: &mut Bench, name: &str, from: &str) -> ChannelId {
    let channel = ChannelId::new(NODE, name);
    let caller = Caller::from_wire(from, "", "");
    bench.tell(Event::CallArrived { channel: channel.clone(), enters: MENU.into(), caller, answered: false });
    channel
}

/// Whether the next caller from there is let in; he stays.
fn is_let_in(bench: &mut Bench, name: &str, from: &str) -> bool {
    bench.asked.clear();
    let channel = calls(bench, name, from);
    !bench.asked.contains(&Command::HangUp { channel, reason: Reason::Busy, can_wait: false })
}

const SWEDE: &str = "+46812345678";
const OTHER: &str = "+4790000000";

#[test]
fn channels_are_kept_for_callers_of_the_list_and_for_no_others() {
    let mut bench = Bench::new(three_channels(2, WhenFull::HangUp(Reason::Busy)));
    assert!(is_let_in(&mut bench, "1", OTHER));
    assert!(!is_let_in(&mut bench, "2", OTHER));
    assert!(!is_let_in(&mut bench, "3", "anonymous"), "who withholds his number is in no list");
    assert!(is_let_in(&mut bench, "4", SWEDE) && is_let_in(&mut bench, "5", SWEDE));
    assert!(!is_let_in(&mut bench, "6", SWEDE), "there are three channels for all");

    bench.hangs_up(&ChannelId::new(NODE, "4"));
    assert!(!is_let_in(&mut bench, "7", OTHER), "what is free is kept");
    assert!(is_let_in(&mut bench, "8", SWEDE));
}

#[test]
fn callers_of_the_list_take_the_kept_channels_first() {
    let mut bench = Bench::new(three_channels(1, WhenFull::HangUp(Reason::Busy)));
    assert!(is_let_in(&mut bench, "1", SWEDE));
    assert!(is_let_in(&mut bench, "2", OTHER) && is_let_in(&mut bench, "3", OTHER), "two are for anybody");
    assert!(!is_let_in(&mut bench, "4", SWEDE) && !is_let_in(&mut bench, "5", OTHER));

    bench.hangs_up(&ChannelId::new(NODE, "2"));
    assert!(is_let_in(&mut bench, "6", SWEDE), "any channel that is free is theirs too");
    bench.hangs_up(&ChannelId::new(NODE, "1"));
    assert!(is_let_in(&mut bench, "7", SWEDE) && !is_let_in(&mut bench, "8", OTHER));
}

#[test]
fn the_caller_past_the_last_channel_goes_where_the_plan_leads_and_takes_no_channel() {
    let mut bench = Bench::new(three_channels(0, WhenFull::Go(GOODBYE)));
    let three = ["1", "2", "3"].map(|name| calls(&mut bench, name, OTHER));
    bench.asked.clear();
    let fourth = calls(&mut bench, "4", OTHER);
    bench.expect_answer(&fourth);
    let goodbye = bench.expect_play(&fourth, "goodbye");

    let snapshot = bench.engine.snapshot(bench.now);
    assert_eq!((snapshot.numbers[1].calls, snapshot.numbers[1].kind), (3, NumberType::TollFree));
    let beyond: Vec<_> = snapshot.calls.iter().map(|call| call.beyond_channels).collect();
    assert_eq!((snapshot.nodes[0].calls, beyond), (4, vec![false, false, false, true]));
    let full =
        bench.facts.iter().filter(|fact| matches!(fact, Fact::FoundFull { number } if &**number == "4780012345"));
    assert_eq!(full.count(), 1);

    // A channel that becomes free is the next caller's, and not his.
    bench.hangs_up(&three[0]);
    let fifth = calls(&mut bench, "5", OTHER);
    bench.expect_play(&fifth, "greeting");
    bench.hears_to_the_end(&fourth, goodbye);
    bench.expect_hangup(&fourth);
    bench.hangs_up(&fourth);
    assert_eq!(bench.engine.snapshot(bench.now).numbers[1].calls, 3);
    assert_eq!(bench.outcomes(), [Outcome::LeftInMenu, Outcome::EndedByPlan]);
}

#[test]
fn one_past_the_last_channel_counts_towards_the_limits_of_the_node() {
    let limits = Limits { calls: 4, ..Limits::default() };
    let mut bench = Bench::with_limits(three_channels(0, WhenFull::Go(GOODBYE)), limits);
    for name in ["1", "2", "3", "4"] {
        calls(&mut bench, name, OTHER);
    }
    bench.asked.clear();
    let fifth = calls(&mut bench, "5", OTHER);
    bench.expect_continue(&fifth);
    let refused = bench.facts.iter().filter(|fact| matches!(fact, Fact::Refused { why: Refusal::Overload, .. }));
    assert_eq!(refused.count(), 1);
}

#[test]
fn one_past_the_last_channel_takes_none_after_a_restart_either() {
    let mut bench = Bench::new(three_channels(0, WhenFull::Go(GOODBYE)));
    for name in ["1", "2", "3"] {
        calls(&mut bench, name, OTHER);
    }
    let fourth = calls(&mut bench, "4", OTHER);
    bench.passes(Duration::from_secs(1));
    let mark = bench.asked.iter().rev().find_map(|command| match command {
        Command::Mark { channel, mark } if *channel == fourth => mark.state.clone(),
        _ => None,
    });
    let mut found = held(&fourth, true);
    found.enters = Some(MENU.into());
    found.mark = Some(mark.expect("is written"));
    let mut bench = Bench::born(8, three_channels(0, WhenFull::Go(GOODBYE)), Limits::default());
    bench.node_up(Held { channels: vec![found], bridges: vec![] });
    bench.expect_play(&fourth, "goodbye");
    assert_eq!(bench.engine.snapshot(bench.now).numbers[1].calls, 0);
}
