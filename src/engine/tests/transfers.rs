//! Phones that transfer: somebody new is in a bridge of ours, in the place of one whom we know.

use std::time::Duration;

use super::bench::{Bench, DIRECT, NODE, held, holding};
use crate::{
    domain::{Cause, ChannelId},
    engine::{
        Command, Event, Failure, Held, HeldChannel,
        notice::{OperatorState, Outcome},
    },
};

fn local() -> ChannelId {
    ChannelId::new(NODE, "Local.1")
}

/// Whether a call that comes now gets a bridge that was used before.
fn reuses_a_bridge(bench: &mut Bench) -> bool {
    bench.asked.clear();
    let caller = bench.caller_arrives(DIRECT);
    let reuses = !bench.asked.iter().any(|command| matches!(command, Command::MakeBridge { .. }));
    bench.hangs_up(&caller);
    reuses
}

#[test]
fn an_operator_who_transfers_the_caller_is_free_and_the_caller_talks_on() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (caller, anna) = bench.two_talk("anna");
    let other = local();

    bench.tell(Event::LegReplaced { old: anna.leg.clone(), new: other.clone(), to: None });

    bench.expect_hangup(&anna.leg);
    bench.assert_quiet();
    // Asterisk does not say that it ended: we ask, and it is gone.
    bench.hangs_up(&anna.leg);
    bench.passes(Duration::from_millis(500));
    let ask = bench.take("to hang up", |command| matches!(command, Command::HangUp { .. }));
    bench.fails(ask, Failure::Refused(404));
    bench.assert_operator("anna", OperatorState::WrappingUp);
    bench.hangs_up(&other);
    bench.expect_hangup(&caller);
    bench.hangs_up(&caller);
    bench.assert_quiet();
    bench.assert_no_calls();
}

#[test]
fn a_caller_who_transfers_himself_has_been_served_and_both_are_hung_up() {
    let mut bench = Bench::with_queue("sales", ["anna", "boris"]);
    let (caller, anna) = bench.two_talk("anna");

    bench.tell(Event::LegReplaced { old: caller.clone(), new: local(), to: None });

    bench.expect_hangup(&local());
    bench.expect_hangup(&anna.leg);
    bench.expect_hangup(&caller);
    bench.assert_quiet();
    bench.hangs_up(&caller);
    bench.ends(&anna.leg, Cause::q850(16));
    assert_eq!(bench.outcomes(), [Outcome::Served]);
    bench.assert_operator("anna", OperatorState::WrappingUp);
    // He is in the bridge until he has ended: nobody else may talk there.
    assert!(!reuses_a_bridge(&mut bench));
    bench.hangs_up(&local());
    assert!(reuses_a_bridge(&mut bench));
}

#[test]
fn a_caller_who_is_replaced_in_the_line_has_left_it() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    bench.two_talk("anna");
    let caller = bench.caller_arrives(DIRECT);
    bench.asked.clear();

    bench.tell(Event::LegReplaced { old: caller.clone(), new: local(), to: None });

    bench.expect_hangup(&local());
    bench.expect_hangup(&caller);
    bench.assert_quiet();
    assert!(bench.waiting().is_empty());
    bench.hangs_up(&caller);
    assert_eq!(bench.outcomes(), [Outcome::Abandoned]);
}

#[test]
fn a_transfer_that_crosses_the_hang_up_leaves_nobody_in_a_bridge_that_is_lent_to_others() {
    let mut bench = Bench::with_queue("sales", ["anna", "boris"]);
    let (caller, anna) = bench.two_talk("anna");
    bench.hangs_up(&caller);
    bench.expect_hangup(&anna.leg);

    bench.tell(Event::LegReplaced { old: anna.leg.clone(), new: local(), to: None });

    bench.expect_hangup(&local());
    bench.assert_quiet();
    bench.ends(&anna.leg, Cause::q850(16));
    assert!(!reuses_a_bridge(&mut bench));
    bench.hangs_up(&local());
    assert!(reuses_a_bridge(&mut bench));
}

#[test]
fn one_who_takes_the_place_of_nobody_we_know_is_hung_up_until_he_has_ended() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let nobody = ChannelId::new(NODE, "sentral-00000001-anna-1");

    bench.tell(Event::LegReplaced { old: nobody, new: local(), to: None });

    bench.expect_hangup(&local());
    bench.passes(Duration::from_secs(10));
    bench.expect_hangup(&local());
    bench.hangs_up(&local());
    bench.assert_quiet();
    assert_eq!(bench.engine.poll_timeout(), None);
}

#[test]
fn what_a_transfer_left_behind_is_hung_up_until_it_has_ended() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let mut found = held(&local(), true);
    found.enters = None;
    bench.node_up(Held { channels: vec![found], bridges: vec![holding("sentral-00000001-t4", &[&local()])] });
    bench.expect_hangup(&local());
    bench.passes(Duration::from_secs(10));
    bench.expect_hangup(&local());
    bench.hangs_up(&local());
    // Then its bridge is as good as any.
    assert!(reuses_a_bridge(&mut bench));
}

/// What a node holds after a transfer that we did not hear of: somebody in the operator's place. Whether the list of channels
/// has him depends on when it was made.
fn after_a_transfer(bench: &Bench, caller: &ChannelId, leg: &ChannelId, listed: bool, hung_up: bool) -> Held {
    let stranger = HeldChannel { enters: None, ..held(&local(), true) };
    let channels = [(held(caller, true), true), (held(leg, true), !hung_up), (stranger, listed)];
    let channels = channels.into_iter().filter(|(_, there)| *there).map(|(found, _)| found).collect();
    Held { channels, bridges: vec![bench.talk(leg, &[caller, &local()])] }
}

#[test]
fn a_transfer_that_was_missed_is_seen_when_the_node_is_back() {
    for (listed, hung_up) in [(true, false), (true, true), (false, false), (false, true)] {
        let mut bench = Bench::with_queue("sales", ["anna"]);
        let (caller, anna) = bench.two_talk("anna");
        bench.asked.clear();
        bench.node_down();

        bench.node_up(after_a_transfer(&bench, &caller, &anna.leg, listed, hung_up));

        bench.expect_hangup(&anna.leg);
        if !hung_up {
            bench.ends(&anna.leg, Cause::q850(16));
        }
        bench.assert_operator("anna", OperatorState::WrappingUp);
        // The event may come behind the list.
        bench.tell(Event::LegReplaced { old: anna.leg.clone(), new: local(), to: None });
        bench.expect_disarmed(&caller);
        bench.take("a waiting bridge", |command| matches!(command, Command::MakeBridge { .. }));
        bench.assert_quiet();
        bench.hangs_up(&local());
        bench.expect_hangup(&caller);
        bench.hangs_up(&caller);
        assert_eq!(bench.outcomes(), [Outcome::Served]);
        bench.assert_no_calls();
    }
}

#[test]
fn two_stay_together_though_somebody_else_is_in_their_bridge() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (caller, anna) = bench.two_talk("anna");
    bench.node_down();
    let mut held = after_a_transfer(&bench, &caller, &anna.leg, true, false);
    held.bridges[0].channels.push(anna.leg.clone());
    bench.node_up(held);
    bench.expect_hangup(&local());
    bench.assert_operator("anna", OperatorState::Talking);
}

#[test]
fn a_switch_that_may_still_be_armed_is_taken_off_though_the_operator_transferred_meanwhile() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let caller = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &caller);
    bench.take_marks(&caller);
    bench.answers(&anna);
    let disarm = bench.take("a mark", |command| matches!(command, Command::Mark { .. }));
    bench.fails(disarm, Failure::Refused(500));

    bench.tell(Event::LegReplaced { old: anna.leg.clone(), new: local(), to: None });
    bench.passes(Duration::from_secs(1));

    bench.expect_disarmed(&caller);
}
