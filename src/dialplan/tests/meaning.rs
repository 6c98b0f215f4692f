use std::time::Duration;

use super::{
    super::{
        Act, Announcement, Answering, Choice, Confirm, DialMode, Lack, Music, Plan, Retry, ShownNumber, StepId,
        Strategy, Target, Unanswered, WhenFull, expr::Type, request::Method,
    },
    *,
};
use crate::domain::{Digits, Name, Reason, Tariff};

fn head(rest: &str) -> String {
    format!(
        "exchange: test\ntimezone: UTC\nnumbers: {{101: {{flow: welcome}}}}\noperators: {{anna: {{dial: PJSIP/anna}}}}\n\
         hours: {{office: {{open: [Mo-Fr 08:00-16:00]}}}}\nqueues: {{sales: {{operators: [anna]}}}}\n{rest}"
    )
}

/// The steps from one on, as words, until the end or a step seen before.
fn way(plan: &Plan, from: StepId) -> Vec<String> {
    let mut words = Vec::new();
    let mut at = Some(from);
    while let Some(id) = at {
        let step = plan.step(id);
        words.push(match &step.act {
            Act::Answer => "answer".into(),
            Act::Ring(lasts) => format!("ring {lasts:?}"),
            Act::Music { class, lasts } => format!("music {class} {lasts:?}"),
            Act::Wait(lasts) => format!("wait {lasts:?}"),
            Act::Play(it) => {
                let media = it.fixed(0).expect("the same for every call");
                media.iter().map(ToString::to_string).collect::<Vec<_>>().join("+")
            }
            Act::Menu(_) => "menu".into(),
            Act::Ask(_) => "ask".into(),
            Act::Operator(step) => format!("operator {}", step.change.word()),
            Act::Hours { of, .. } => format!("hours {of}"),
            Act::Record(record) => format!("record {}", record.mailbox),
            Act::Override { of, .. } => format!("override {of}"),
            Act::Queue(queue) => format!("queue {queue}"),
            Act::Dial(_) => "dial".into(),
            Act::Callback(it) => format!("callback {}", it.queue),
            Act::Go(_) => "go".into(),
            Act::Set(sets) => format!("set {}", sets.len()),
            Act::If { .. } => "if".into(),
            Act::Switch(_) => "switch".into(),
            Act::LookUp(lookup) => format!("lookup {}", lookup.request.host),
            Act::Notify(request) => format!("notify {}", request.host),
            Act::Call(_) => "call".into(),
            Act::Language(_) => "language".into(),
            Act::Continue => "continue".into(),
            Act::Require(requires) => format!("requires {} times", requires.steps.len()),
            Act::HangUp(reason) => format!("{reason:?}"),
        });
        at = step.next;
    }
    words
}

fn flow(plan: &Plan, name: &str) -> StepId {
    plan.flows[name]
}

#[test]
fn steps_follow_one_another_to_the_end_of_the_flow() {
    let checked = plan(&head(
        "flows: {welcome: [answer, {play: [sound:a, sound:b]}, {hours: {of: office, closed: hangup}}, {queue: sales}]}",
    ));
    let plan = checked.plan;
    let entry = plan.number("101").expect("the number").entry;
    assert_eq!(way(&plan, entry), ["answer", "sound:a+sound:b", "hours office", "queue sales"]);
}

#[test]
fn a_branch_goes_on_at_the_step_behind_it() {
    let checked = plan(&head(
        "flows: {welcome: [{hours: {of: office, closed: [{play: sound:closed}]}}, \
         {menu: {play: sound:q, options: {1: [{play: sound:one}], 2: {queue: sales}, 3: {repeat: true}}, otherwise: answer}}, \
         {play: sound:behind}]}",
    ));
    let plan = checked.plan;
    let first = flow(&plan, "welcome");
    let Act::Hours { closed, .. } = &plan.step(first).act else { panic!("hours first") };
    // A menu with `otherwise` has only its own ways on.
    assert_eq!(way(&plan, *closed), ["sound:closed", "menu"]);

    let menu_at = plan.step(first).next.expect("the menu");
    let Act::Menu(menu) = &plan.step(menu_at).act else { panic!("a menu") };
    let (one, choice) = &menu.options[0];
    assert_eq!(one, &Digits::new("1").unwrap());
    let Choice::Go(body) = choice else { panic!("steps") };
    assert_eq!(way(&plan, *body), ["sound:one", "sound:behind"]);
    assert_eq!(menu.options[2].1, Choice::Repeat);
    assert_eq!(way(&plan, menu.asking.otherwise.any.expect("steps")), ["answer", "sound:behind"]);
}

#[test]
fn a_flow_that_is_gone_to_does_not_come_back() {
    let checked = plan(&head(
        "flows: {welcome: [answer, {menu: {play: sound:q, options: {1: {flow: bye}}}}, {hangup: busy}], bye: {hangup: normal}}",
    ));
    let plan = checked.plan;
    let menu_at = plan.step(flow(&plan, "welcome")).next.expect("the menu");
    let Act::Menu(menu) = &plan.step(menu_at).act else { panic!("a menu") };
    let (_, Choice::Go(go)) = menu.options[0] else { panic!("steps") };
    let step = plan.step(go);
    assert!(matches!(step.act, Act::Go(target) if target == flow(&plan, "bye")));
    assert_eq!(step.next, None);
}

#[test]
fn what_is_not_written_has_its_default() {
    let checked = plan(&head("flows: {welcome: {menu: {play: sound:q, options: {1: {queue: sales}}}}}"));
    let plan = checked.plan;
    let number = plan.number("101").expect("the number");
    assert_eq!((number.channels, number.when_full), (None, WhenFull::HangUp(Reason::Busy)));
    let queue = &plan.queues["sales"];
    assert_eq!(queue.strategy, Strategy::RingAll);
    let seconds = |n| Duration::from_secs(n);
    assert_eq!((queue.ring, queue.wrap_up, queue.retry), (seconds(15), seconds(0), Retry::always(seconds(5))));
    assert!(queue.music == Music::Default && queue.max_wait.is_none());
    let Act::Menu(menu) = &plan.step(flow(&plan, "welcome")).act else { panic!("a menu") };
    assert_eq!((menu.asking.timeout, menu.asking.inter_digit, menu.asking.tries), (seconds(5), seconds(2), 3));
    assert!(menu.asking.invalid == Announcement::default() && menu.asking.otherwise == Unanswered::default());
}

#[test]
fn the_office_plan_means_what_it_says() {
    let text = include_str!("../../../dialplans/office.yaml");
    let plan = plan(text).plan;
    let number = plan.number("004780012345").expect("the number as a trunk may write it");
    assert_eq!(
        (number.channels, number.when_full, number.number.as_str()),
        (Some(30), WhenFull::HangUp(Reason::Busy), "+4780012345")
    );
    assert_eq!(way(&plan, number.entry), ["answer", "hours office", "sound:hello-world", "menu"]);
    let sales = &plan.queues["sales"];
    assert_eq!(sales.operators().map(|name| &**name).collect::<Vec<_>>(), ["anna", "boris"]);
    assert_eq!((sales.strategy, sales.wrap_up), (Strategy::LeastRecent, Duration::from_secs(20)));
    let wait = sales.max_wait.expect("a limit");
    assert_eq!(wait.after, Duration::from_secs(600));
    assert!(matches!(plan.step(wait.go).act, Act::Go(target) if target == flow(&plan, "sorry")));
    assert_eq!(&*plan.operators["anna"].dial, "PJSIP/anna");
    assert_eq!(way(&plan, flow(&plan, "sorry")), ["sound:tt-allbusy+sound:please-try-call-later", "Busy"]);
}

#[test]
fn a_word_is_what_was_typed_and_not_what_yaml_takes_it_for() {
    let text = "exchange: yes\nnumbers: {0047800: {channels: 010, flow: no}}\nflows: {no: {menu: {play: sound:007, options: {0: hangup, 1_0: hangup}}}}\n";
    let told = faults(text.as_bytes()).to_string();
    assert!(told.contains("`1_0` is no key of a telephone"), "{told}");
    let right = text.replace("1_0", "10").replace("options: {0:", "options: {00:");
    let plan = plan(&right).plan;
    assert_eq!(&*plan.exchange, "yes");
    assert_eq!(plan.number("+47800").and_then(|number| number.channels), Some(10));
    let Act::Menu(menu) = &plan.step(flow(&plan, "no")).act else { panic!("a menu") };
    assert_eq!(menu.asking.prompt.fixed(0).expect("a sound")[0].to_string(), "sound:007");
    assert_eq!(menu.options[0].0, Digits::new("00").unwrap());
}

#[test]
fn seven_menus_fit_into_one_another() {
    let menus =
        (0..7).fold("hangup".to_owned(), |inner, _| format!("{{menu: {{play: sound:q, options: {{1: [{inner}]}}}}}}"));
    let hours = "{hours: {of: office, closed: {queue: sales}}}";
    let checked = plan(&head(&format!("flows: {{welcome: [{hours}, {menus}]}}")));
    assert_eq!(checked.plan.steps.iter().filter(|step| matches!(step.act, Act::Menu(_))).count(), 7);
}

#[test]
fn an_alias_stands_for_what_it_names() {
    let checked = plan(&head(
        "flows: {welcome: {menu: {play: &q sound:q, invalid: *q, options: {1: &go [{queue: sales}], 2: *go}}}}",
    ));
    let Act::Menu(menu) = &checked.plan.step(flow(&checked.plan, "welcome")).act else { panic!("a menu") };
    assert_eq!(menu.asking.prompt, menu.asking.invalid);
    assert_eq!(menu.options.len(), 2);
}

#[test]
fn a_mark_at_the_beginning_and_other_line_ends_make_no_difference() {
    let text = include_str!("../../../dialplans/minimal.yaml");
    let other = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    assert_eq!(format!("{:?}", plan(&other).plan), format!("{:?}", plan(text).plan));
}

#[test]
fn what_is_doubtful_is_told_and_the_plan_can_be_used() {
    let text = "exchange: test\ntimezone: UTC\nnumbers: {101: {flow: welcome}}\n\
        operators: {anna: {dial: PJSIP/anna}, boris: {dial: PJSIP/anna}, carla: {dial: PJSIP/carla}}\n\
        hours: {office: {open: 08:00-16:00}}\nqueues: {sales: {operators: [anna, boris]}, billing: {operators: [anna]}}\n\
        flows: {welcome: {queue: sales}, lost: {flow: lost_too}, lost_too: [{play: sound:a}, {flow: lost}]}\n";
    let warnings = plan(text).warnings;
    insta::assert_snapshot!(warnings);
}

#[test]
fn what_a_variable_is_comes_from_what_it_is_set_to() {
    let checked = plan(&head(
        "flows: {welcome: [{set: {tries: \"{{ tries + 1 }}\", next: \"{{ tries }}\", seen: \"{{ not seen }}\", \
         digits: 0800, hello: \"Hello {{ next }}\", on: true}}, {if: {when: seen and on and next < 3, then: hangup}}, {queue: sales}]}",
    ));
    let kinds: Vec<_> = checked.plan.variables.iter().map(|(name, kind)| (name.to_string(), *kind)).collect();
    let expected = [
        ("tries", Type::Number),
        ("next", Type::Number),
        ("seen", Type::Truth),
        ("digits", Type::Text),
        ("hello", Type::Text),
        ("on", Type::Truth),
    ];
    assert_eq!(kinds, expected.map(|(name, kind)| (name.to_owned(), kind)));
}

#[test]
fn a_circle_through_a_flow_that_takes_time_is_none() {
    let around = |called: &str| {
        let text =
            head(&format!("flows: {{welcome: [{{call: a}}, {{flow: welcome}}], a: [{{call: b}}], b: {called}}}"));
        parse("plan.yaml", text.as_bytes()).map(|_| ()).map_err(|faults| faults.to_string())
    };
    assert_eq!(around("[{play: sound:a}]"), Ok(()));
    let told = around("[{set: {x: 1}}]").expect_err("a circle");
    assert!(told.contains("would go round here without an end"), "{told}");
    let told = around("[{if: {when: caller.withheld, then: {play: sound:a}}}]")
        .expect_err("a circle for those who show who they are");
    assert!(told.contains("would go round here without an end"), "{told}");
}

#[test]
fn a_message_has_its_defaults_and_its_id_is_a_text() {
    let checked = plan(&head(
        "flows: {welcome: [{voicemail: sales}, {record: {into: note, at_most: 10s, silence: 1s, end: none, beep: false, \
         greeting: sound:beep, failed: {hangup: busy}, notify: \"https://desk.example.com/{{ note }}\"}}, {if: {when: note == \"\", then: hangup}}]}",
    ));
    let plan = checked.plan;
    assert_eq!(plan.variables.iter().map(|(name, kind)| (&**name, *kind)).collect::<Vec<_>>(), [("note", Type::Text)]);
    let records: Vec<_> = plan
        .steps
        .iter()
        .filter_map(|step| if let Act::Record(record) = &step.act { Some(record.clone()) } else { None })
        .collect();
    let [first, second] = records.as_slice() else { panic!("{records:?}") };
    let seconds = std::time::Duration::from_secs;
    assert_eq!((&*first.mailbox, first.at_most, first.silence, first.beep), ("sales", seconds(120), seconds(5), true));
    assert_eq!((first.end.map(|key| key.as_char()), first.into, first.failed), (Some('#'), None, None));
    assert_eq!(
        (&*second.mailbox, second.at_most, second.silence, second.beep),
        ("note", seconds(10), seconds(1), false)
    );
    assert_eq!(plan.servers().into_iter().collect::<Vec<_>>(), ["desk.example.com"]);
    assert!(second.end.is_none() && second.into.is_some() && second.failed.is_some());
    assert!(plan.longest_prompt() >= seconds(120), "the dead man's switch waits for as long as he may speak");
    assert_eq!(plan.mailboxes().into_iter().map(|name| &**name).collect::<Vec<_>>(), ["note", "sales"]);
}

#[test]
fn who_is_dialled_is_an_operator_a_phone_or_a_number_over_the_only_trunk() {
    let checked = plan(
        "exchange: test\ncountry: NO\nnumbers: {\"+47 800 12 345\": {flow: welcome}}\n\
         operators: {anna: {dial: PJSIP/anna, extension: 101}}\nextensions: {205: {dial: PJSIP/kitchen}, \"*60\": {flow: welcome}}\n\
         trunks: {provider: {dial: \"PJSIP/{number}@provider\", channels: 8, caller_id: 22 33 44 55}}\n\
         flows: {welcome: [{dial: {to: [101, 205, 900 00 000, \"{{ caller.number }}\"], busy: {play: sound:busy}}}, {dial: anna}]}",
    );
    let plan = checked.plan;
    let welcome = flow(&plan, "welcome");
    let Act::Dial(dial) = &plan.step(welcome).act else { panic!("{:?}", plan.step(welcome)) };
    let written: Vec<String> = dial.to.iter().map(|target| target.written(&plan.variables)).collect();
    assert_eq!(written, ["anna", "205", "+4790000000", "{{ caller.number }}"]);
    assert_eq!((dial.mode, dial.ring), (DialMode::InTurn, Duration::from_secs(30)));
    let busy = dial.busy.expect("a branch");
    assert_eq!(way(&plan, busy), ["sound:busy", "dial"]);
    assert_eq!(way(&plan, welcome), ["dial", "dial"]);
    let trunk = &plan.trunks["provider"];
    assert_eq!(trunk.channels, Some(8));
    assert!(matches!(&trunk.shows, ShownNumber::Own(number) if number.as_str() == "+4722334455"), "{trunk:?}");
    assert_eq!(plan.extensions["*60"].entry, welcome);
    let Act::Dial(anna) = &plan.step(plan.extensions["101"].entry).act else { panic!("no dial") };
    assert_eq!(anna.to, [Target::Operator("anna".into())]);
    let ends = [anna.busy, anna.no_answer, anna.unreachable].map(|end| way(&plan, end.expect("an end")).join(" "));
    assert_eq!(ends, ["Busy", "NoAnswer", "Congestion"]);
}

#[test]
fn a_step_that_dials_is_known_again_by_whom_it_rings_and_how() {
    let dial = |step: &str| {
        let checked = plan(&head(&format!("flows: {{welcome: [{step}, {{queue: sales}}]}}")));
        let Act::Dial(dial) = &checked.plan.step(checked.plan.flows["welcome"]).act else { panic!("no dial") };
        dial.print(&checked.plan.variables)
    };
    assert_eq!(dial("{dial: anna}"), dial("{dial: {to: [anna], busy: hangup}}"));
    assert_ne!(dial("{dial: anna}"), dial("{dial: {to: anna, ring: 20s}}"));
    assert_ne!(dial("{dial: anna}"), dial("{dial: {to: anna, mode: at_once}}"));
}

#[test]
fn a_question_for_digits_has_what_was_typed_and_sensible_rest() {
    let flows = "flows:\n  welcome:\n    - ask: {play: sound:a, into: it}\n    - ask: {say: \"Your number.\", into: it, min: 4, max: 4, \
                 end: \"*\", valid: length(it) == 4, confirm: {before: sound:you-entered, say: \"One if it is right.\"}, \
                 on_silence: {play: sound:b}}\n    - play: sound:behind\n";
    let plan = plan(&head(flows)).plan;
    let first = plan.step(flow(&plan, "welcome"));
    let Act::Ask(ask) = &first.act else { panic!("a question") };
    assert_eq!((ask.min, ask.max, ask.end.map(|key| key.as_char())), (1, 20, Some('#')));
    assert_eq!((ask.asking.timeout, ask.asking.inter_digit), (Duration::from_secs(5), Duration::from_secs(3)));
    assert!(ask.asking.type_ahead && ask.valid.is_none() && ask.confirm.is_none());
    let Act::Ask(ask) = &plan.step(first.next.expect("a second one")).act else { panic!("a question") };
    assert_eq!((ask.min, ask.max, ask.end.map(|key| key.as_char())), (4, 4, Some('*')));
    let silence = ask.asking.otherwise.of(Lack::Silence).expect("steps");
    assert_eq!(way(&plan, silence), ["sound:b", "sound:behind"]);
    assert_eq!(ask.asking.otherwise.of(Lack::Invalid), None);
    let before = ask.confirm.as_ref().and_then(|confirm| confirm.before.fixed(0)).expect("what is played before");
    assert_eq!(before[0].to_string(), "sound:you-entered");
    let read: Vec<String> = Confirm::digits(&Digits::new("07").expect("digits")).map(|it| it.to_string()).collect();
    assert_eq!(read, ["sound:digits/0", "sound:digits/7"]);
    assert_eq!(plan.variables[&Name::new("it")], Type::Text);
}

#[test]
fn a_menu_may_lead_back_wherever_another_menu_may_have_been_before_it() {
    let back = "- menu: {play: sound:b, options: {1: hangup, 9: {back: true}}}";
    let other = "menu: {play: sound:a, options: {1: {flow: x}}}";
    for right in [
        format!("welcome: [{{{other}}}]\n  x:\n    {back}\n"),
        format!(
            "welcome: [{{call: y}}, {{flow: x}}]\n  y: [{{menu: {{play: sound:a, options: {{1: {{play: sound:z}}}}}}}}]\n  x:\n    {back}\n"
        ),
        format!(
            "welcome: [{{set: {{a: 1}}}}, {{if: {{when: a == 1, then: {{{other}}}, else: {{flow: x}}}}}}]\n  x:\n    {back}\n"
        ),
        // It comes to itself, and from another.
        format!("welcome: [{{{other}}}]\n  x:\n    {back}\n    - flow: x\n"),
    ] {
        plan(&head(&format!("flows:\n  {right}")));
    }
    for wrong in [
        format!("welcome: [{{flow: x}}]\n  x:\n    {back}\n"),
        format!("welcome: [{{flow: x}}]\n  x:\n    {back}\n    - flow: x\n"),
        format!(
            "welcome: [{{ask: {{play: sound:a, into: it}}}}, {{flow: x}}]\n  x:\n    {back}\n    - {{ask: {{play: sound:a, into: it}}}}\n    - flow: x\n"
        ),
    ] {
        let told = faults(head(&format!("flows:\n  {wrong}")).as_bytes()).to_string();
        assert!(told.contains("no menu comes before this one"), "{told}");
    }
}

#[test]
fn a_number_says_when_its_callers_are_answered() {
    let of = |answer: &str| {
        let text = format!("exchange: t\nnumbers: {{101: {{flow: w{answer}}}}}\nflows: {{w: answer}}\n");
        plan(&text).plan.number("101").map(|number| number.answer)
    };
    let on_operator = |seconds| Some(Answering::OnOperator { at_latest: Duration::from_secs(seconds) });
    assert_eq!(of(""), Some(Answering::AtOnce));
    assert_eq!(of(", answer: at_once"), Some(Answering::AtOnce));
    assert_eq!(of(", answer: on_operator"), on_operator(50));
    assert_eq!(of(", answer: {on_operator: {at_latest: 2m}}"), on_operator(120));
}

#[test]
fn ringing_and_music_go_on_at_once_or_last_as_long_as_they_say() {
    let steps = "[ring, ring: 10s, music, music: jazz, music: {for: 30s}, wait: 1500ms, hangup: gone]";
    let steps = steps.replace(", ", "}, {").replace('[', "[{").replace(']', "}]");
    let steps = steps.replace("{ring}", "ring").replace("{music}", "music");
    let checked = plan(&format!("exchange: t\nnumbers: {{101: {{flow: w}}}}\nflows: {{w: {steps}}}\n"));
    let told: Vec<String> = checked.plan.steps.iter().map(|step| format!("{:?}", step.act)).collect();
    let expected = [
        "Ring(None)",
        "Ring(Some(10s))",
        "Music { class: \"default\", lasts: None }",
        "Music { class: \"jazz\", lasts: None }",
        "Music { class: \"default\", lasts: Some(30s) }",
        "Wait(1.5s)",
        "HangUp(Gone)",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_looked_up_variable_is_of_the_kind_of_its_default() {
    let checked = plan(&head(
        "flows: {welcome: [{lookup: {url: \"https://CRM.example.com:8443/{{ caller.number }}\", timeout: 500ms, \
         headers: {X-Key: abc}, set: {who: name, level: {at: tier.level, default: 3}, vip: {at: /vip, default: false}}, \
         failed: {hangup: busy}}}, {notify: {url: \"https://desk.example.com/\", body: {level: \"{{ level }}\"}}}, \
         {if: {when: vip and level > 2, then: {queue: sales}}}]}",
    ));
    let plan = checked.plan;
    let kinds: Vec<_> = plan.variables.iter().map(|(name, kind)| (&**name, *kind)).collect();
    assert_eq!(kinds, [("who", Type::Text), ("level", Type::Number), ("vip", Type::Truth)]);
    let first = flow(&plan, "welcome");
    assert_eq!(way(&plan, first), ["lookup crm.example.com:8443", "notify desk.example.com", "if"]);
    let Act::LookUp(lookup) = &plan.step(first).act else { panic!("a lookup") };
    assert_eq!(lookup.within, std::time::Duration::from_millis(500));
    assert_eq!((lookup.request.method, lookup.request.body.is_some()), (Method::Get, false));
    assert_eq!(lookup.request.headers.first().map(|(name, value)| (&**name, &**value)), Some(("x-key", "abc")));
    let places: Vec<&str> = lookup.takes.iter().map(|take| &*take.at).collect();
    assert_eq!(places, ["/name", "/tier/level", "/vip"]);
    assert!(matches!(lookup.failed.map(|step| &plan.step(step).act), Some(Act::HangUp(_))));
    assert_eq!(plan.servers().into_iter().collect::<Vec<_>>(), ["crm.example.com:8443", "desk.example.com"]);
}

/// What is doubtful in a plan of these flows and hours.
fn doubts(flows: &str, closed: &str) -> String {
    let text = format!(
        "exchange: test\ntimezone: UTC\nnumbers: {{101: {{flow: w}}}}\noperators: {{anna: {{dial: PJSIP/anna}}}}\n\
         queues: {{sales: {{operators: [anna]}}}}\nhours: {{office: {{open: 08:00-16:00, closed: [{closed}]}}}}\n\
         flows:\n{flows}"
    );
    plan(&text).warnings.to_string()
}

#[test]
fn a_menu_out_of_which_no_way_leads_is_doubtful_and_told_once_for_each_round() {
    let hours = "{hours: {of: office, closed: {queue: sales}}}";
    let told = |otherwise: &str| {
        doubts(
            &format!(
                "  w: [{hours}, {{play: sound:a}}, {{flow: main}}]\n  \
                 main: {{menu: {{play: sound:b, options: {{1: {{flow: more}}, 9: {{repeat: true}}}}, otherwise: {{flow: main}}}}}}\n  \
                 more: {{menu: {{play: sound:c, options: {{1: {{flow: main}}}}, otherwise: {otherwise}}}}}\n"
            ),
            "",
        )
    };
    let trapped = told("{flow: more}");
    assert_eq!(trapped.lines().count(), 1, "{trapped}");
    assert!(trapped.starts_with("plan.yaml:9:10: warning: no way leads out of this menu"), "{trapped}");
    assert!(trapped.contains("; let a key, or `otherwise`, lead to"), "{trapped}");
    for out in ["hangup", "{queue: sales}", "continue", "{play: sound:d}"] {
        assert_eq!(told(out), "", "{out}");
    }
}

#[test]
fn hours_that_are_closed_on_every_day_of_the_year_are_doubtful() {
    let flows = "  w: [{hours: {of: office, closed: hangup}}, {queue: sales}]\n";
    for closed in ["01-01..12-31", "07-01..06-30", "01-01..06-30, 07-01..12-31"] {
        let told = doubts(flows, closed);
        assert!(told.starts_with("plan.yaml:6:9: warning: hours `office` are never open"), "{told}");
        assert!(told.contains("; take closed days out"), "{told}");
    }
    for closed in ["", "01-01..12-30", "2027-01-01..2027-12-31", "2000-01-01..2100-01-01"] {
        assert_eq!(doubts(flows, closed), "", "{closed}");
    }
}

#[test]
fn a_tariff_is_read_digit_by_digit_and_an_operator_outside_is_on_his_trunk() {
    let text = "exchange: test\nnumbers:\n  \"101\": {flow: w, tariff: {currency: NOK, per_minute: 0.10, increment: 60s}}\n  \
                \"102\": {flow: w, tariff: {currency: JPY, setup: 2}}\n  \"103\": {flow: w}\noperators:\n  anna: {dial: \
                PJSIP/anna}\n  boris: {dial: PJSIP/+4790000000@provider}\ntrunks:\n  provider:\n    dial: \
                \"PJSIP/{number}@provider\"\n    tariff: {currency: USD, per_minute: 0.0045, setup: \"0.01\", first: 30s, \
                increment: 6s, free: 3s}\nflows: {w: hangup}\n";
    let Plan { numbers, operators, trunks, .. } = plan(text).plan;
    let written = |tariff: Tariff| {
        let Tariff { currency, per_minute, setup, free, first, increment } = tariff;
        format!("{per_minute} {setup} {currency}, {first}/{increment}, free {free:?}")
    };
    let of_number = |number| numbers.get(number).and_then(|number| number.tariff).map(written);
    assert_eq!(of_number("101").as_deref(), Some("0.1 0 NOK, 60000/60000, free 0ns"));
    assert_eq!(of_number("102").as_deref(), Some("0 2 JPY, 1000/1000, free 0ns"));
    assert_eq!(of_number("103"), None);
    let of_trunk = trunks["provider"].tariff.map(written);
    assert_eq!(of_trunk.as_deref(), Some("0.0045 0.01 USD, 30000/6000, free 3s"));
    assert_eq!(operators["anna"].trunk, None);
    assert_eq!(operators["boris"].trunk.as_deref(), Some("provider"));
}

#[test]
fn an_operator_who_accepts_by_a_key_is_told_of_each_queue_in_the_first_language() {
    let text = "exchange: test\nlanguages: [nb, en]\nnumbers: {101: {flow: w}}\noperators:\n  anna: {dial: PJSIP/anna}\n  \
                boris: {dial: PJSIP/boris, accept: confirm}\n  carla: {dial: PJSIP/carla, accept: {confirm: {within: 8s, \
                say_number: true}}}\nqueues: {night_sales: {operators: [anna, boris, carla]}}\nflows: {w: [{queue: night_sales}]}\n";
    let checked = plan(text);
    let of = |name: &str| checked.plan.operators[name].accept.clone();
    assert_eq!(of("anna"), None);
    let (boris, carla) = (of("boris").expect("by a key"), of("carla").expect("by a key"));
    assert_eq!((boris.within.as_secs(), boris.number), (20, false));
    assert_eq!((carla.within.as_secs(), carla.number), (8, true));
    let said = |it: &Announcement| it.fixed(0).map(|media| media.iter().map(ToString::to_string).collect::<String>());
    assert_eq!(said(&boris.asks.from["night_sales"]).as_deref(), Some("sound:Samtale fra køen night sales."));
    let waited = |seconds| boris.asks.waited(std::time::Duration::from_secs(seconds)).and_then(said);
    assert_eq!(waited(59), None);
    assert_eq!(waited(60).as_deref(), Some("sound:Ventetid: ett minutt."));
    assert_eq!(waited(400).as_deref(), Some("sound:Ventetid: fem minutter."));
    assert_eq!(waited(90_000).as_deref(), Some("sound:Ventetid: en time."));
    // Its digits are made, and all the rest, before anybody calls.
    let made: Vec<&str> = checked.plan.prompts().map(|prompt| &*prompt.name).collect();
    for text in ["Nummeret er", "Trykk én for å ta den.", "sju"] {
        assert!(made.contains(&text), "{text}: {made:?}");
    }
}
