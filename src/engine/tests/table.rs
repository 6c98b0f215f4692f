//! Every state of a call against every event: what is asked of Asterisk, and what the call does then. A new state or a new
//! event changes this table, and somebody looks at it.

use std::{fmt::Write as _, sync::Arc};

use super::{
    bench::{Bench, DIRECT, MENU, NODE, held, holding, plan, queue},
    device::phone,
    hand_over::{comes, with_door},
};
use crate::{
    dialplan::{StepId, Strategy},
    domain::{CallId, Caller, Cause, ChannelId, DeviceState, Digit, PlaybackId, Reason},
    engine::{Answer, Command, Enters, Errand, Event, Failure, Held, LookupId, NoAnswer, Scope},
};

/// A call in some state.
struct At {
    bench: Bench,
    caller: ChannelId,
    leg: ChannelId,
    hears: PlaybackId,
}

impl At {
    /// The question on whose answer the call waits, or one that it never asked.
    fn lookup(&self) -> LookupId {
        let asked = self.bench.errands.iter().find_map(|errand| match errand {
            Errand::KeepDone(..) | Errand::KeepCallback(..) => None,
            Errand::LookUp { lookup, .. } => Some(*lookup),
            Errand::Notify(_)
            | Errand::Message(_)
            | Errand::KeepHours(_)
            | Errand::KeepDuty { .. }
            | Errand::Remember(_)
            | Errand::WatchDevices(_) => None,
        });
        asked.unwrap_or(LookupId { call: CallId { boot: 7, number: 1 }, number: 99 })
    }
}

fn at(state: &str) -> At {
    let strategy = if state == "ringing together" { Strategy::RingAll } else { Strategy::Linear };
    let mut plan = plan(vec![queue("sales", &["anna", "boris"], strategy)]);
    if state == "waiting with a way out" {
        plan.queues["sales"].exit.extend(Digit::new('1').map(|key| (key, StepId(4))));
    }
    if state == "waiting and told something" {
        plan.queues["sales"].announce = Some(Arc::new(super::announce::everything()));
    }
    if state == "looking up" {
        plan.steps[1].act = super::lookup::a_lookup();
    }
    let mut bench = Bench::new(plan);
    let leg = ChannelId::new(NODE, "sentral-00000007-nobody-99");
    let hears = PlaybackId { boot: 7, number: 99 };
    let through_menu = matches!(state, "playing" | "asked" | "listening" | "looking up");
    if state == "handed over" {
        return on_his_way();
    }
    if state.starts_with("waiting") {
        bench.two_talk("anna");
        bench.two_talk("boris");
    }
    let caller = bench.caller_arrives(if through_menu { MENU } else { DIRECT });
    let mut at = At { bench, caller, leg, hears };
    let caller = at.caller.clone();
    match state {
        "playing" => at.hears = at.bench.expect_play(&caller, "greeting"),
        "asked" | "listening" => {
            let greeting = at.bench.expect_play(&caller, "greeting");
            at.bench.hears_to_the_end(&caller, greeting);
            at.hears = at.bench.expect_play(&caller, "menu");
            if state == "listening" {
                at.bench.hears_to_the_end(&caller, at.hears);
            }
        }
        "made" => {
            let create = at.bench.take("to ring", |command| matches!(command, Command::Create { .. }));
            let Command::Create { leg, .. } = create else { unreachable!() };
            at.leg = leg;
        }
        "ringing" | "ringing together" | "talking" | "leaving" => {
            let ringing = at.bench.expect_offer("anna", &caller);
            if matches!(state, "talking" | "leaving") {
                at.bench.answers(&ringing);
            }
            at.leg = ringing.leg;
            if state == "leaving" {
                let leg = at.leg.clone();
                at.bench.hangs_up(&leg);
            }
        }
        "waiting and told something" => {
            at.bench.passes(std::time::Duration::from_secs(10));
            at.hears = at.bench.expect_play(&caller, "first");
        }
        "waiting" | "waiting with a way out" | "looking up" => {}
        other => panic!("{other}"),
    }
    at.bench.asked.clear();
    at.bench.facts.clear();
    at
}

/// A caller who left the node where he was alone.
fn on_his_way() -> At {
    let mut bench = with_door(plan(vec![queue("sales", &["anna", "boris"], Strategy::Linear)]));
    let caller = comes(&mut bench, DIRECT);
    bench.asked.clear();
    bench.facts.clear();
    let leg = ChannelId::new(NODE, "sentral-00000007-nobody-99");
    At { bench, caller, leg, hears: PlaybackId { boot: 7, number: 99 } }
}

const STATES: [&str; 13] = [
    "playing",
    "asked",
    "listening",
    "looking up",
    "waiting",
    "waiting with a way out",
    "waiting and told something",
    "made",
    "ringing",
    "ringing together",
    "talking",
    "leaving",
    "handed over",
];

fn events(at: &At) -> Vec<(&'static str, Event)> {
    let (caller, leg) = (at.caller.clone(), at.leg.clone());
    let failed = |command, failure| Event::Failed { command, failure };
    let both = || Held {
        channels: vec![held(&caller, true), held(&leg, true)],
        bridges: vec![holding("sentral-w-sales", &[])],
    };
    let hang_up =
        |channel: &ChannelId| Command::HangUp { channel: channel.clone(), reason: Reason::Normal, can_wait: false };
    let create = Command::Create { leg: leg.clone(), endpoint: "PJSIP/anna".into(), caller: caller.clone() };
    vec![
        ("key 1", Event::Pressed { channel: caller.clone(), digit: Digit::new('1').expect("a key") }),
        ("key 7", Event::Pressed { channel: caller.clone(), digit: Digit::new('7').expect("a key") }),
        ("comes over", {
            let enters = Enters::HandedOver { call: CallId { boot: 7, number: 1 }, dialled: DIRECT.into() };
            // It keeps its id on its way.
            let id = if caller.node == NODE { "over" } else { &*caller.id };
            let channel = ChannelId::new(NODE, id);
            Event::CallArrived { channel, enters, caller: Caller::default(), answered: true }
        }),
        ("hand-over not sent", {
            let call = CallId { boot: 7, number: 1 };
            failed(Command::HandOver { channel: caller.clone(), call }, Failure::NotSent)
        }),
        ("prompt ends", Event::PlaybackFinished { playback: at.hears, channel: caller.clone(), whole: true }),
        ("prompt fails", Event::PlaybackFinished { playback: at.hears, channel: caller.clone(), whole: false }),
        ("caller leaves", Event::Left { channel: caller.clone() }),
        ("caller ends", Event::Ended { channel: caller.clone(), cause: Cause::q850(16) }),
        ("leg enters unanswered", Event::LegEntered { channel: leg.clone(), answered: false }),
        ("leg enters answered", Event::LegEntered { channel: leg.clone(), answered: true }),
        ("leg rings", Event::LegRinging { channel: leg.clone() }),
        ("leg answered", Event::LegAnswered { channel: leg.clone() }),
        ("leg leaves", Event::Left { channel: leg.clone() }),
        ("leg busy", Event::Ended { channel: leg.clone(), cause: Cause { q850: 17, sip: Some(486) } }),
        ("leg replaced", Event::LegReplaced { old: leg.clone(), new: ChannelId::new(NODE, "Local.1"), to: None }),
        ("caller replaced", Event::LegReplaced { old: caller.clone(), new: ChannelId::new(NODE, "Local.1"), to: None }),
        ("create refused", failed(create.clone(), Failure::Refused(500))),
        ("create unknown", failed(create, Failure::OutcomeUnknown)),
        ("leg's hang-up refused: gone", failed(hang_up(&leg), Failure::Refused(404))),
        ("caller's hang-up refused: gone", failed(hang_up(&caller), Failure::Refused(404))),
        ("answer refused", failed(Command::Answer { channel: caller.clone() }, Failure::Refused(500))),
        ("node down", Event::NodeDown { node: NODE }),
        ("node taken", Event::NodeTaken { node: NODE }),
        ("node up, all there", Event::NodeUp { node: NODE, scope: Scope::WholeCall, held: both() }),
        ("node up, nothing there", Event::NodeUp { node: NODE, scope: Scope::WholeCall, held: Held::default() }),
        ("an answer", Event::LookedUp { lookup: at.lookup(), answer: Answer::Json(Default::default()) }),
        ("no answer", Event::LookedUp { lookup: at.lookup(), answer: Answer::Failed(NoAnswer::NotJson) }),
        ("phone engaged", phone("anna", DeviceState::InUse)),
        ("phone gone", phone("anna", DeviceState::Unavailable)),
        ("draining", Event::Draining),
        ("same plan again", {
            Event::PlanLoaded(Arc::new(plan(vec![queue("sales", &["anna", "boris"], Strategy::Linear)])))
        }),
    ]
}

#[test]
fn every_state_meets_every_event() {
    let mut table = String::new();
    for state in STATES {
        writeln!(table, "{state}").expect("writes");
        let names: Vec<&str> = events(&at(state)).into_iter().map(|(name, _)| name).collect();
        for (ix, name) in names.into_iter().enumerate() {
            let mut at = at(state);
            let (_, event) = events(&at).swap_remove(ix);
            at.bench.tell(event);
            let asked: Vec<_> = at.bench.asked.iter().map(Command::name).collect();
            let snapshot = at.bench.engine.snapshot(at.bench.now);
            let is_his = |channel: &str| *channel == *at.caller.id || channel == "over";
            let call = snapshot.calls.iter().find(|call| is_his(&call.channel));
            let then = call.map_or("gone".to_owned(), |call| format!("{:?}", call.state).to_lowercase());
            writeln!(table, "  {name:<32} {then:<8} {}", asked.join(", ")).expect("writes");
        }
    }
    insta::assert_snapshot!(table);
}
