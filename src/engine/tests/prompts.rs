//! Prompts whose length is known: the dead man's switch waits for what plays, and no longer.

use std::{sync::Arc, time::Duration};

use super::bench::{Bench, MENU, plan, queue};
use crate::{
    dialplan::{Act, Asking, Menu, Plan, Strategy},
    domain::{ChannelId, Media, Prompt},
    engine::{Command, Fact, Limits, notice::Outcome},
};

const SECOND: Duration = Duration::from_secs(1);

fn prompt(name: &str, seconds: u32) -> Media {
    let uri = format!("sound:http://sentral/prompts/{name}.wav").into();
    Media::Prompt(Arc::new(Prompt { name: name.into(), uri, length: Some(seconds * SECOND) }))
}

/// The bench's plan with this greeting, and a menu that asks and chides so.
fn with(greeting: &[Media], question: &[Media], invalid: &[Media]) -> Plan {
    let mut plan = plan(vec![queue("sales", &["anna"], Strategy::Linear)]);
    plan.steps[1].act = Act::Play(greeting.into());
    let Act::Menu(menu) = &plan.steps[2].act else { panic!("{:?}", plan.steps[2]) };
    let asking = Asking { prompt: question.into(), invalid: invalid.into(), ..menu.asking.clone() };
    let menu = Menu { asking, ..(**menu).clone() };
    plan.steps[2].act = Act::Menu(Arc::new(menu));
    plan
}

/// What the switch was set to, if it was set.
fn armed(bench: &mut Bench, caller: &ChannelId) -> Option<Duration> {
    bench.asked.iter().rev().find_map(|command| match command {
        Command::Mark { channel, mark } if channel == caller => mark.dead_man,
        _ => None,
    })
}

#[test]
fn the_switch_waits_for_the_prompts_that_play_and_no_longer() {
    let own = [prompt("a", 7), prompt("b", 5)];
    let mixed = [prompt("a", 7), Media::Sound("beep".into())];
    let limits = Limits::default();
    for (greeting, lasts) in [(&own[..], 12 * SECOND), (&mixed[..], limits.longest_prompt)] {
        let mut bench = Bench::new(with(greeting, &own, &own));
        let caller = bench.caller_arrives(MENU);
        assert_eq!(armed(&mut bench, &caller), Some(limits.dead_man + lasts), "{greeting:?}");
    }
}

#[test]
fn the_switch_waits_for_a_prompt_that_is_longer_than_the_settings_thought() {
    let mut bench = Bench::new(with(&[prompt("a", 300)], &[prompt("b", 5)], &[]));
    let caller = bench.caller_arrives(MENU);
    assert_eq!(armed(&mut bench, &caller), Some(Limits::default().dead_man + 300 * SECOND));
}

#[test]
fn a_node_that_is_away_is_given_up_only_when_the_longest_prompt_would_be_over() {
    // The longest is what a wrong key leads to: 100 and 110 seconds.
    let mut bench = Bench::new(with(&[prompt("a", 90)], &[prompt("b", 110)], &[prompt("c", 100)]));
    bench.caller_arrives(MENU);
    bench.asked.clear();
    bench.node_down();
    let lost = |fact: &Fact| matches!(fact, Fact::Ended { outcome: Outcome::Fallback, .. });
    bench.passes(Limits::default().dead_man + 210 * SECOND);
    assert!(!bench.facts.iter().any(lost), "he may be hearing it yet");
    bench.passes(11 * SECOND);
    assert!(bench.facts.iter().any(lost), "{:?}", bench.facts);
}
