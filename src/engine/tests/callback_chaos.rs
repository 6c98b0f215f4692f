//! Callbacks among everything else that may happen, for [`chaos`](super::chaos).

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{
    bench::Bench,
    callback::{MINUTE, calling_back},
    some_plans::calls_back,
};
use crate::{
    dialplan::{Act, Choice, Menu, Plan, Promise, Step, StepId, Unanswered},
    domain::{CallbackId, Caller, Cause, ChannelId, Digit, Digits, E164, Time},
    engine::{Command, Engine, Event, Held, KeptCallback, Limits, Setup},
};

/// Callers of `sales` are called back with the key `#`, whose numbers are known; within seconds, over one line.
pub(super) fn call_back_soon(plan: &mut Plan, asks: bool) {
    let first = u32::try_from(plan.steps.len()).expect("few steps");
    let mut own = calling_back(&["anna"]);
    let mut callback = own.queues["sales"].callback.clone().expect("a callback");
    callback.retry = Duration::from_secs(2);
    callback.expires = MINUTE;
    let moved = |step: StepId| StepId(first + step.0 - 5);
    callback.entry = moved(if asks { StepId(8) } else { StepId(9) });
    for mut step in own.steps.drain(5..) {
        step.act = match step.act {
            Act::Callback(promise) => {
                let (promised, refused) = (moved(promise.promised), moved(promise.refused));
                Act::Callback(Arc::new(Promise { promised, refused, ..(*promise).clone() }))
            }
            Act::Menu(menu) => {
                let options = vec![(Digits::new("1").expect("a key"), Choice::Go(moved(StepId(9))))];
                let mut asking = menu.asking.clone();
                asking.otherwise = Unanswered::default();
                Act::Menu(Arc::new(Menu { asking, options, extensions: Default::default() }))
            }
            other => other,
        };
        plan.steps.push(Step { next: None, ..step });
    }
    let sales = plan.queues.get_mut("sales").expect("a queue");
    sales.exit.insert(Digit::new('#').expect("a key"), StepId(first));
    sales.callback = Some(callback);
    plan.trunks.extend(own.trunks);
    plan.lists.extend(own.lists);
}

/// Two who were promised it in an earlier life, and may be called at once.
pub(super) fn promised_before(now: Time) -> BTreeMap<CallbackId, KeptCallback> {
    let kept = |number: u64| {
        let kept = KeptCallback {
            queue: "sales".into(),
            number: E164::read(&format!("+479000000{number}"), None).expect("a number"),
            called: "4722334455".into(),
            dialled: None,
            language: None,
            priority: 0,
            requires: Default::default(),
            entered: now,
            promised: now,
            expires: now + MINUTE * 3,
            attempts: 0,
            next: now,
        };
        (CallbackId { boot: 1, number }, kept)
    };
    [kept(1), kept(2)].into()
}

/// An engine that begins with callbacks that an earlier one promised.
pub(super) fn call_back_at_once(bench: &mut Bench, which: u8) {
    if !calls_back(which) {
        return;
    }
    let setup = Setup { boot: 9, born: bench.now, seed: 1, limits: Limits::default(), public_url: None };
    let engine = Engine::new(setup, bench.engine.plan.clone()).with_callbacks(promised_before(bench.now));
    bench.next_life(engine);
    bench.node_up(Held::default());
}

pub(super) fn nobody_is_called_any_more(bench: &mut Bench) {
    for id in bench.engine.callbacks.keys().copied().collect::<Vec<_>>() {
        bench.tell(Event::CallbackCancelled { id });
    }
    // Whoever was rung is hung up with that.
    for command in std::mem::take(&mut bench.asked) {
        if let Command::HangUp { channel, .. } = command {
            bench.ends(&channel, Cause::q850(16));
        }
    }
}

/// One of a few callers, who come again and again; one of them shows no number.
pub(super) fn comes_again(nth: usize) -> Caller {
    Caller::from_wire(["+4790000000", "+4790000001", "+4790000002", "anonymous"][nth % 4], "", "")
}

/// Whom a command rings.
pub(super) fn rung(command: &Command) -> Option<&ChannelId> {
    match command {
        Command::Create { leg, .. } | Command::Originate { leg, .. } => Some(leg),
        Command::CallOut { channel, .. } => Some(channel),
        _ => None,
    }
}
