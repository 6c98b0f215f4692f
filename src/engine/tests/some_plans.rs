//! Plans of every kind, for [`chaos`](super::chaos).

use std::{sync::Arc, time::Duration};

use super::{
    bench::{patience, plan, queue, sound},
    charge::tariff,
};
use crate::{
    dialplan::{
        Act, Also, Answering, AutoPause, Away, Dial, DialMode, Identity, Menu, Missed, Music, Outside, Pattern,
        Penalties, Plan, PublicNumber, Record, Required, Requires, ShownNumber, Step, StepId, Sticky, Strategy, Target,
        Terms, Trunk,
    },
    domain::{Digit, Digits, E164, Name},
};

/// How many plans there are.
pub(super) const PLANS: u8 = 19;

/// Whether callers of a plan may be called back.
pub(super) fn calls_back(which: u8) -> bool {
    matches!(which, 10..=13 | 18)
}

/// Four and five have fewer queues and operators, and not the numbers. From six on their queues are choosy. Four more call
/// back, two of them operators first. In the last five each queue has the operators of the other, too.
pub(super) fn some_plan(which: u8) -> Plan {
    if which >= 14 {
        let mut plan = some_plan([0, 1, 6, 8, 12][usize::from(which - 14) % 5]);
        share_operators(&mut plan, which);
        return plan;
    }
    if which >= 12 {
        let mut plan = some_plan(if which == 12 { 0 } else { 2 });
        super::callback_chaos::call_back_soon(&mut plan, false);
        super::callback_first::operator_first(&mut plan);
        return plan;
    }
    if which >= 10 {
        let mut plan = some_plan(which - 10);
        super::callback_chaos::call_back_soon(&mut plan, which == 10);
        return plan;
    }
    if which >= 6 {
        let mut plan = some_plan(which - 6);
        be_choosy(&mut plan, which);
        return plan;
    }
    let strategy = [Strategy::Linear, Strategy::RingAll, Strategy::LeastRecent, Strategy::Random];
    let mut first = queue("sales", &["anna", "boris"], strategy[usize::from(which % 4)]);
    super::announce::vary(&mut first, which);
    let wait = Duration::from_secs(if which == 3 { 0 } else { 12 });
    first.keep_place_for = (which >= 2).then_some(Duration::from_secs(20));
    first.sticky = (which >= 1).then_some(Sticky { lasts: Duration::from_secs(600), wait });
    let mut second = queue("billing", &["boris", "carla"], Strategy::RrMemory);
    second.wrap_up = Duration::ZERO;
    if which >= 4 {
        let left = queue("night", &[if which == 4 { "dora" } else { "carla" }], Strategy::Linear);
        let mut plan = plan(vec![left]);
        plan.numbers = plan.numbers.values().filter(|number| number.channels.is_none()).cloned().collect();
        return plan;
    }
    let mut plan = plan(vec![patience(first, Duration::from_secs(45)), second]);
    // Boris is at a mobile that may have a voicemail.
    if which >= 1 {
        super::accept::by_key(&mut plan, &["boris"]);
    }
    // Anna has three telephones.
    if which >= 2 {
        super::follow::with_phones(&mut plan, "anna", &[("annas_mobile", 0), ("annas_home", 7)]);
    }
    // Whoever answers there is told what it is about.
    if which == 1 || which == 2 {
        super::told_before::announce(&mut plan, "sales");
    }
    // Some may talk with several.
    if which == 0 || which == 3 {
        plan.operators["boris"].capacity = if which == 0 { 2 } else { 3 };
    }
    // Who presses 2 is looked up before he comes to the queue.
    plan.steps[3] = crate::dialplan::Step { act: super::lookup::a_lookup(), next: Some(crate::dialplan::StepId(5)) };
    plan.steps.push(crate::dialplan::Step { act: crate::dialplan::Act::Queue("billing".into()), next: None });
    if which >= 2 {
        plan.operators.shift_remove("carla");
    }
    // Instead of a goodbye: who does not answer the menu, or waits too long, leaves a message.
    plan.steps[4].act = Act::Record(Arc::new(message()));
    if which % 2 == 1 {
        dial_by_extension(&mut plan);
        dial_at(&mut plan, if which == 1 { DialMode::InTurn } else { DialMode::AtOnce });
        let answer = Answering::OnOperator { at_latest: Duration::from_secs(20) };
        plan.numbers = plan.numbers.values().cloned().map(|number| PublicNumber { answer, ..number }).collect();
        // The way out leads over all that lets time pass, to the step that dials.
        let second = u32::try_from(plan.steps.len()).expect("few steps");
        plan.steps[4] = Step { act: Act::Ring(Some(Duration::from_secs(3))), next: Some(StepId(second)) };
        let music = Act::Music { class: "default".into(), lasts: None };
        plan.steps.push(Step { act: music, next: Some(StepId(second + 1)) });
        plan.steps.push(Step { act: Act::Wait(Duration::from_secs(2)), next: Some(StepId(3)) });
    }
    plan
}

/// Operators of one queue take callers of the other: some at once, some after a while.
fn share_operators(plan: &mut Plan, which: u8) {
    let after = |secs| Duration::from_secs(secs);
    let also = |queue: &str, after| vec![Also { queue: queue.into(), after }];
    let (long, short) = if which.is_multiple_of(2) { (after(7), after(0)) } else { (after(0), after(3)) };
    plan.queues["sales"].also = also("billing", long);
    plan.queues["billing"].also = also("sales", short);
}

fn message() -> Record {
    Record {
        mailbox: "sales".into(),
        greeting: sound("welcome").into(),
        at_most: Duration::from_secs(20),
        silence: Duration::from_secs(5),
        end: Digit::new('#'),
        beep: true,
        done: sound("thanks").into(),
        failed: Some(StepId(1)),
        into: None,
        notify: None,
    }
}

/// 15 is an internal number with which no option but 1 begins: whoever presses 1 is waited for.
fn dial_by_extension(plan: &mut Plan) {
    let Act::Menu(menu) = &plan.steps[2].act else { panic!("a menu") };
    let extensions = Digits::new("15").zip(Some(StepId(3))).into_iter().collect();
    plan.steps[2].act = Act::Menu(Arc::new(Menu { extensions, ..(**menu).clone() }));
}

/// The key 2 leads to a step that dials two operators and a number behind a narrow trunk, and on to the queue `billing`.
fn dial_at(plan: &mut Plan, mode: DialMode) {
    let number = Outside::Number(E164::read("+47 900 00 000", None).expect("a number"));
    let mut to = ["anna", "boris"].map(|name| Target::Operator(name.into())).to_vec();
    to.insert(1, Target::Outside { number, trunk: "narrow".into() });
    let (busy, no_answer, unreachable, otherwise) = (Some(StepId(4)), None, None, None);
    let ring = Duration::from_secs(20);
    let billing = StepId(u32::try_from(plan.steps.len()).expect("few"));
    plan.steps.push(Step { act: plan.steps[3].act.clone(), next: None });
    let dial = Dial { to, mode, ring, busy, no_answer, unreachable, otherwise };
    plan.steps[3] = Step { act: Act::Dial(Arc::new(dial)), next: Some(billing) };
    let dial = Pattern { before: "PJSIP/".into(), after: "@narrow".into(), plus: true };
    let own = E164::read("+47 22 33 44 55", None).filter(|_| mode == DialMode::InTurn);
    let shows = own.map_or(ShownNumber::Called, ShownNumber::Own);
    let identity = [Identity::Asserted].into();
    plan.trunks.insert(
        "narrow".into(),
        Trunk {
            name: "narrow".into(),
            dial,
            channels: Some(1),
            shows,
            identity,
            tariff: Some(tariff("EUR", "0.06", "0.10", 1)),
        },
    );
}

/// Who may be rung changes while callers wait, phones ring one beside the other, and one queue comes before the other.
fn be_choosy(plan: &mut Plan, which: u8) {
    plan.operators["anna"].skills.insert("english".into(), 2);
    let strategies = [Strategy::RingProgressively, Strategy::RingAll, Strategy::WRandom, Strategy::Linear];
    let max = |max| Penalties { max, ..Penalties::default() };
    let english = [(Name::new("english"), 1)].into();
    let sales = &mut plan.queues["sales"];
    sales.strategy = strategies[usize::from(which % 4)];
    sales.add_every = Duration::from_secs(3);
    sales.members[1].penalty = 1;
    sales.terms = vec![
        Terms { penalties: max(Some(0)), ..Terms::default() },
        Terms { after: Duration::from_secs(4), penalties: max(None), skills: english },
        Terms { after: Duration::from_secs(11), ..Terms::default() },
    ];
    // Who does not take two calls is paused, and where it is said who counts as nobody, nobody waits for them.
    sales.auto_pause = Some(AutoPause {
        after: 2,
        of: [Missed::NoAnswer, Missed::Busy].into(),
        lasts: Some(Duration::from_secs(30)),
        delay: Duration::from_secs(5),
    });
    if which.is_multiple_of(2) {
        sales.when_unstaffed = Some(StepId(4));
        sales.unstaffed_if = [Away::Paused, Away::SignedOut].into();
    }
    // Who does not answer the menu asks for English, and for nothing after a while.
    let required = |after, skills| Required { after: Duration::from_secs(after), skills };
    let english = [(Name::new("english"), 2)].into();
    let requires = Requires { steps: vec![required(0, english), required(8, Default::default())] };
    let entry = StepId(u32::try_from(plan.steps.len()).expect("few steps"));
    plan.steps.push(Step { act: Act::Require(Arc::new(requires)), next: Some(StepId(0)) });
    let asks = |number: &PublicNumber| PublicNumber { entry, ..number.clone() };
    let direct = |number: &PublicNumber| if number.channels.is_none() { asks(number) } else { number.clone() };
    plan.numbers = plan.numbers.values().map(direct).collect();
    let billing = &mut plan.queues["billing"];
    billing.weight = 1;
    billing.ageing = Some(Duration::from_secs(1));
    billing.strategy = if which.is_multiple_of(2) { Strategy::RingProgressively } else { Strategy::FewestCalls };
    billing.music = if which >= 8 { Music::Nothing } else { Music::Default };
}
