use proptest::prelude::*;

use super::{
    super::{Plan, StepId, parse, schema},
    schema::typed,
    *,
};
use crate::yaml::fits;

const OFFICE: &str = include_str!("../../../dialplans/office.yaml");

/// Text in the words of a plan, in any order.
fn babble() -> impl Strategy<Value = String> {
    const WORDS: &[&str] = &[
        "exchange: ",
        "numbers:",
        "flows:",
        "queues:",
        "operators:",
        "hours:",
        "timezone: ",
        "welcome",
        "\n",
        "\n  ",
        "\n    ",
        "\n- ",
        "- ",
        ": ",
        "{",
        "}",
        "[",
        "]",
        ", ",
        "\"",
        "'",
        "&a ",
        "*a",
        "!!int ",
        "|",
        ">",
        "#",
        "? ",
        "menu:",
        "play: ",
        "sound:x",
        "options:",
        "1",
        "12",
        "*",
        "queue: ",
        "flow: ",
        "hangup",
        "answer",
        "15s",
        "Mo-Fr 08:00-16:00",
        "12-24..12-26",
        "+47 800",
        "~",
        "null",
        "---",
        "%YAML 1.2",
        "\t",
        "æ",
        "\u{0}",
        "\r",
        "<<: ",
    ];
    prop::collection::vec(prop::sample::select(WORDS), 0..40).prop_map(|words| words.concat())
}

/// A right plan with something cut out, doubled or put in.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let cut = (0..OFFICE.len(), 0..60_usize, babble(), any::<Option<u8>>());
    prop::collection::vec(cut, 1..4).prop_map(|cuts| {
        let mut text = OFFICE.as_bytes().to_vec();
        for (at, long, put, byte) in cuts {
            let at = at.min(text.len());
            let end = (at + long).min(text.len());
            text.splice(at..end, put.into_bytes().into_iter().chain(byte));
        }
        text
    })
}

fn name(kind: &'static str, most: usize) -> impl Strategy<Value = String> {
    (0..most).prop_map(move |n| format!("{kind}{n}"))
}

/// Steps that may stand anywhere. Those that never come back stand last.
fn body(depth: u32) -> BoxedStrategy<String> {
    let step = prop_oneof![
        Just("answer".to_owned()),
        Just("{play: [sound:hello, sound:beep]}".to_owned()),
        Just("ring".to_owned()),
        Just("{music: {for: 10s}}".to_owned()),
        Just("{wait: 2s}".to_owned()),
    ];
    let step = if depth == 0 {
        step.boxed()
    } else {
        let branch = || prop::option::of(body(depth - 1));
        let menu = (prop::collection::btree_map(0..10_u8, body(depth - 1), 1..4), branch(), branch());
        let menu = menu.prop_map(|(options, otherwise, busy)| {
            let options: Vec<_> = options.into_iter().map(|(key, body)| format!("{key}: {body}")).collect();
            let otherwise = otherwise.map(|body| format!(", otherwise: {body}")).unwrap_or_default();
            let busy = busy.map(|body| format!(", extensions: {{busy: {body}}}")).unwrap_or_default();
            // Without an option that comes back, what stands behind the menu might not be reached.
            format!("{{menu: {{play: sound:q, options: {{{}, \"*\": answer}}{otherwise}{busy}}}}}", options.join(", "))
        });
        let hours = (name("hours", 2), body(depth - 1))
            .prop_map(|(of, body)| format!("{{hours: {{of: {of}, closed: {body}}}}}"));
        let message =
            (1..100_u32, any::<bool>(), prop::option::of(body(depth - 1))).prop_map(|(most, beep, failed)| {
                let failed = failed.map(|failed| format!(", failed: {failed}")).unwrap_or_default();
                format!(
                    "{{record: {{into: note, at_most: {most}s, beep: {beep}, end: \"*\", done: sound:thanks{failed}}}}}"
                )
            });
        let voicemail = Just("{voicemail: sales}".to_owned());
        let lookup = body(depth - 1).prop_map(|body| {
            format!("{{lookup: {{url: \"https://crm/{{{{ caller.number }}}}\", set: {{who: name}}, failed: {body}}}}}")
        });
        prop_oneof![2 => step, 1 => menu, 1 => hours, 1 => lookup, 1 => message, 1 => voicemail].boxed()
    };
    let end = prop_oneof![
        3 => Just(String::new()),
        1 => Just(", {hangup: no_answer}".to_owned()),
        2 => name("queue", 3).prop_map(|queue| format!(", {{queue: {queue}}}")),
        // To a flow that begins with a sound, so that a circle takes time.
        1 => name("flow", 3).prop_map(|flow| format!(", {{play: sound:on}}, {{flow: {flow}}}")),
    ];
    (prop::collection::vec(step, 1..4), end).prop_map(|(steps, end)| format!("[{}{end}]", steps.join(", "))).boxed()
}

pub(in crate::dialplan) fn right_plan() -> impl Strategy<Value = String> {
    let queue = ("(ringall|leastrecent|rrmemory|linear|random)", 1..600_u32, 0..3600_u32, prop::option::of(body(1)))
        .prop_map(|(strategy, ring, wrap_up, go)| {
            let wait = go.map(|go| format!(", max_wait: {{after: 90s, go: {go}}}")).unwrap_or_default();
            format!("{{operators: [anna, boris], strategy: {strategy}, ring: {ring}s, wrap_up: {wrap_up}s{wait}}}")
        });
    (prop::collection::vec(queue, 3), prop::collection::vec(body(2), 3), 1..10_000_u32).prop_map(|(queues, flows, channels)| {
        let listed = |kind: &str, all: &[String]| -> String {
            all.iter().enumerate().map(|(n, what)| format!("  {kind}{n}: {what}\n")).collect()
        };
        let (queues, flows) = (listed("queue", &queues), listed("flow", &flows));
        format!(
            "exchange: any\ntimezone: Europe/Oslo\nnumbers: {{101: {{flow: flow0, channels: {channels}}}, 102: {{flow: flow1}}}}\n\
             operators: {{anna: {{dial: PJSIP/anna, extension: 201}}, boris: {{dial: PJSIP/boris}}}}\n\
             hours: {{hours0: {{open: [Mo-Fr 08:00-16:00]}}, hours1: {{open: 22:00-04:00, closed: [12-24]}}}}\n\
             queues:\n{queues}flows:\n{flows}"
        )
    })
}

/// Every step that a plan names.
fn named(plan: &Plan) -> Vec<StepId> {
    let mut named: Vec<StepId> = plan.flows.values().copied().collect();
    named.extend(plan.numbers.values().map(|number| number.entry));
    named.extend(plan.queues.values().flat_map(|queue| queue.ways()).map(|(_, to)| to));
    for step in &plan.steps {
        named.extend(step.next);
        let shape = step.act.shape();
        assert!(shape.hours.is_none_or(|of| plan.hours.contains_key(of)));
        assert!(shape.queue.is_none_or(|queue| plan.queues.contains_key(queue)));
        named.extend(shape.ways.iter().map(|way| way.to));
    }
    named
}

fn told(text: &[u8]) {
    if let Err(faults) = parse("any.yaml", text) {
        assert!(!faults.is_empty());
        assert!(!faults.render(false).is_empty());
        assert!(faults.to_string().starts_with("any.yaml:"));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_plan_or_are_told(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        told(&bytes);
    }

    #[test]
    fn any_words_are_a_plan_or_are_told(text in babble()) {
        told(text.as_bytes());
    }

    #[test]
    fn a_plan_with_anything_done_to_it_is_a_plan_or_is_told(text in mutated()) {
        told(&text);
    }

    #[test]
    fn a_right_plan_is_taken_and_every_step_it_names_is_there(text in right_plan()) {
        let plan = plan(&text).plan;
        for step in named(&plan) {
            prop_assert!((step.0 as usize) < plan.steps.len(), "{step:?}");
        }
        for queue in plan.queues.values() {
            prop_assert!(queue.operators().all(|name| plan.operators.contains_key(name)));
        }
        prop_assert!(fits(&typed(&text), &schema()));
    }

    #[test]
    fn what_is_taken_as_a_plan_fits_the_schema(text in mutated()) {
        if let (Ok(_), Ok(text)) = (parse("any.yaml", &text), str::from_utf8(&text)) {
            prop_assert!(fits(&typed(text), &schema()), "{text}");
        }
    }
}
