use super::{super::parse::parse_with, *};
use crate::{
    dialplan::{
        prompt::Prompts,
        tests::{any::right_plan, plan},
    },
    domain::{Language, Prompt},
    yaml::Read,
};
use proptest::prelude::*;
use std::sync::Arc;

/// A small office, in which everything can change.
const OFFICE: &str = r#"
exchange: office
timezone: Europe/Oslo
country: NO
numbers:
  "+47 800 12 345": {channels: 30, type: toll_free, flow: welcome}
  "+47 22 33 44 00..49": {flow: day}
  "+47 22 33 44 99": {flow: welcome}
lists:
  vip: ["+47 900 00 000", "+46 8*"]
  blocked: ["+47 911 11 111"]
operators:
  anna: {dial: PJSIP/anna}
  boris: {dial: PJSIP/boris}
  carla: {dial: PJSIP/+4790000003@trunk}
hours:
  office: {open: Mo-Fr 08:00-16:00, closed: [12-24]}
queues:
  sales: {operators: [anna, boris], ring: 15s, max_wait: {after: 10m, go: {hangup: busy}}}
  billing: {operators: [carla, anna]}
flows:
  welcome:
    - answer
    - play: sound:hello-world
    - hours: {of: office, closed: {flow: night}}
    - menu:
        play: sound:basic-pbx-ivr-main
        options: {1: {queue: sales}, 2: [{play: sound:beep}, {queue: sales}], 4711: {flow: night}}
        otherwise: {queue: sales}
  day:
    - set: {pin: "4711"}
    - switch: {on: caller.number, cases: {"+4790000000": {flow: night}}}
    - lookup:
        url: "https://crm.example/geheim/{{ caller.number }}"
        headers: {Authorization: "Bearer geheim"}
        body: {key: geheim, queue: sales}
        set: {customer: name}
    - say: "Please hold, 4711."
    - queue: billing
  night: [{play: sound:vm-goodbye}, hangup]
"#;

fn changes(old: &str, new: &str) -> Vec<String> {
    between(&plan(old).plan, &plan(new).plan)
}

/// What changes in the office when parts of its plan become others.
fn when(parts: &[(&str, &str)]) -> String {
    let new = parts.iter().fold(OFFICE.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    changes(OFFICE, &new).join("\n")
}

#[test]
fn who_may_be_dialled_in_a_menu_is_told_by_his_internal_number() {
    let menu = "options: {1: {queue: sales},";
    let with = |extensions: &str| {
        let office = OFFICE.replacen("{dial: PJSIP/anna}", "{dial: PJSIP/anna, extension: 101}", 1);
        let office = office.replacen("{dial: PJSIP/boris}", "{dial: PJSIP/boris, extension: 102}", 1);
        office.replacen(menu, &format!("{extensions}\n        {menu}"), 1)
    };
    for (old, new, told) in [
        ("", "extensions: true", ": extensions true added"),
        ("extensions: true", "extensions: 101", ": extensions true -> 101"),
        ("extensions: [101]", "extensions: [101, 102]", ": extensions: 102 added"),
        (
            "extensions: {only: [101], ring: 20s}",
            "extensions: {only: [101, 102], busy: hangup}",
            ", extensions: only: 102 added; busy (hangup normal) added; ring 20s -> 30s",
        ),
    ] {
        assert_eq!(changes(&with(old), &with(new)), [format!("flow welcome: step 4 menu{told}")]);
    }
}

#[test]
fn changes_of_every_kind_are_told_in_words() {
    let told = when(&[
        ("timezone: Europe/Oslo", "timezone: Europe/Berlin"),
        ("channels: 30, type: toll_free, flow: welcome", "channels: 40, when_full: {flow: night}, flow: day"),
        ("  \"+47 22 33 44 99\": {flow: welcome}\n", "  \"+47 22 33 44 98\": {flow: welcome}\n"),
        ("[\"+47 900 00 000\", \"+46 8*\"]", "[\"90 00 00 01\", \"+47 900 00 002\", \"+46 8*\", \"+45*\"]"),
        ("  blocked: [\"+47 911 11 111\"]\n", "  gold: [\"+47 911 11 111\"]\n"),
        ("PJSIP/anna", "PJSIP/anna2"),
        ("+4790000003@trunk", "+4790000004@trunk"),
        ("closed: [12-24]", "closed: [12-24, 2027-05-17]"),
        (
            "operators: [anna, boris], ring: 15s, max_wait: {after: 10m",
            "operators: [anna, carla], ring: 20s, strategy: linear, exit: {\"0\": {flow: night}}, capacity: 9, when_full: {flow: night}, announce: {position: true, every: 30s, periodic: {play: sound:beep}}, max_wait: {after: 5m",
        ),
        ("operators: [carla, anna]", "operators: [anna, carla]"),
        ("    - answer\n", ""),
        ("of: office, closed: {flow: night}", "of: office, closed: [{play: sound:beep}, {flow: night}]"),
        (
            "options: {1: {queue: sales}, 2: [{play: sound:beep}, {queue: sales}], 4711",
            "timeout: 7s\n        options: {1: {queue: billing}, 2: [{play: sound:on}, {queue: sales}], 3: {queue: billing}, 4712",
        ),
        (
            "night: [{play: sound:vm-goodbye}, hangup]",
            "night: [{play: [sound:im-sorry, sound:vm-goodbye]}, {hangup: busy}]\n  holiday: hangup",
        ),
    ]);
    insta::assert_snapshot!(told);
}

#[test]
fn special_hours_are_told_day_by_day() {
    let special = |days: &str| OFFICE.replacen("closed: [12-24]", &format!("closed: [12-24], special: {{{days}}}"), 1);
    let was = special("12-31: 08:00-13:00, 2027-02-20: [09:00-15:00]");
    assert_eq!(changes(OFFICE, &was), ["hours office: special: 12-31 08:00-13:00 added; 2027-02-20 09:00-15:00 added"]);
    let now = special("12-31: [08:00-14:00], 12-27..12-30: closed");
    let expected = "hours office: special: 12-31 08:00-13:00 -> 08:00-14:00; 12-27..12-30 closed added; \
                    2027-02-20 09:00-15:00 taken out";
    assert_eq!(changes(&was, &now), [expected]);
    assert_eq!(changes(&was, &special("2027-02-20: 09:00-15:00, 12-31: [08:00-13:00]")), [] as [&str; 0]);
}

#[test]
fn what_something_costs_is_told() {
    let number =
        |tariff: &str| OFFICE.replacen("type: toll_free,", &format!("type: toll_free, tariff: {{{tariff}}},"), 1);
    let was = number("currency: NOK, per_minute: 0.89, increment: 60s");
    assert_eq!(changes(OFFICE, &was), ["number +47 800 12 345: tariff added"]);
    let told = changes(&was, &number("currency: EUR, per_minute: 0.09, free: 10s, setup: 1.50"));
    let expected = "number +47 800 12 345: tariff: currency NOK -> EUR; per_minute 0.89 -> 0.09; free 0s -> 10s; \
                    setup 1.50 added; increment 60s -> 1s";
    assert_eq!(told, [expected]);
}

#[test]
fn what_callers_and_secrets_are_is_never_told() {
    let told = when(&[
        ("pin: \"4711\"", "pin: \"0815\""),
        ("+4790000000\": {flow: night}", "+4790000009\": {flow: welcome}"),
        ("crm.example/geheim", "crm.example/secret"),
        ("Bearer geheim", "Bearer secret"),
        ("key: geheim, queue: sales", "key: secret, queue: hidden"),
        ("{customer: name}", "{customer: key}"),
        ("hold, 4711", "hold, 0815"),
        ("4711: {flow: night}", "0815: {flow: night}"),
        ("vip: [\"+47 900 00 000\"", "vip: [\"+47 900 00 009\""),
        ("+4790000003@trunk", "+4790000004@trunk"),
    ]);
    for secret in ["4711", "0815", "9000", "geheim", "secret", "hidden", "crm"] {
        assert!(!told.contains(secret), "{secret} in\n{told}");
    }
    insta::assert_snapshot!(told);
}

#[test]
fn the_same_in_other_words_is_no_change() {
    let told = when(&[
        ("\nexchange: office\n", "\n# A remark.\nexchange: \"office\"\n"),
        ("\"+47 800 12 345\": {channels: 30, type: toll_free,", "\"800 12 345\": {type: toll_free, channels: 30,"),
        ("closed: [12-24]", "closed: 12-24"),
        ("[anna, boris], ring: 15s,", "[anna, boris], strategy: ringall,"),
        ("    - menu:\n", "    - menu:\n        timeout: 5s\n        tries: 3\n"),
        ("night: [{play: sound:vm-goodbye}, hangup]", "night: [{play: sound:vm-goodbye}, {hangup: normal}]"),
        ("  day:\n    - set: {pin: \"4711\"}", "  day:\n    - set:\n        pin: 4711"),
        ("[\"+47 900 00 000\", \"+46 8*\"]", "[\"+46 8*\", \"90 00 00 00\"]"),
    ]);
    assert_eq!(told, "");
}

#[test]
fn a_step_that_came_moves_the_others_and_is_told_alone() {
    let told = when(&[("    - answer\n", "    - answer\n    - play: sound:beep\n")]);
    assert_eq!(told, "flow welcome: step 2 added (play sound:beep)");
    let told = when(&[("    - play: sound:hello-world\n", "")]);
    assert_eq!(told, "flow welcome: the old step 2 taken out (play sound:hello-world)");
    let told =
        when(&[("    - answer\n    - play: sound:hello-world\n", "    - play: sound:hello-world\n    - answer\n")]);
    assert_eq!(told, "flow welcome: the old step 1 taken out (answer); step 2 added (answer)");
}

/// Every file is there, with this in it.
struct Content(&'static str, Vec<String>);

impl Prompts for Content {
    fn file(&mut self, name: &str) -> Read<Arc<Prompt>> {
        self.1.push(name.into());
        Ok(crate::dialplan::on_trust(name))
    }

    fn has(&mut self, _name: &str) -> bool {
        false
    }

    fn text(&mut self, text: &str, _language: &Language) -> Read<Arc<Prompt>> {
        Ok(crate::dialplan::on_trust(text))
    }

    fn contents(&self) -> BTreeMap<String, String> {
        self.1.iter().map(|name| (name.clone(), self.0.to_owned())).collect()
    }
}

#[test]
fn a_prompt_with_new_content_is_told_though_the_text_is_the_same() {
    let text = OFFICE.replace("sound:hello-world", "welcome.wav");
    let read = |content| {
        let none = |_: &str| -> Read<Vec<u8>> { panic!("no list is in a file") };
        parse_with("office.yaml", text.as_bytes(), &none, &mut Content(content, Vec::new())).expect("a plan").plan
    };
    assert_eq!(between(&read("one"), &read("two")), ["prompt welcome.wav: new content"]);
    assert_eq!(between(&read("one"), &read("one")), [""; 0]);
}

/// A plan with so many operators, each with a telephone that begins so.
fn crowd(many: usize, dial: &str) -> String {
    let operators: String = (0..many).map(|n| format!("  o{n}: {{dial: PJSIP/{dial}{n}}}\n")).collect();
    let steps: String = (0..many).map(|n| format!("    - play: sound:{dial}{n}\n    - answer\n")).collect();
    format!("exchange: crowd\nnumbers: {{101: {{flow: long}}}}\noperators:\n{operators}flows:\n  long:\n{steps}")
}

#[test]
fn however_much_changes_what_is_told_is_bounded() {
    let told = changes(&crowd(1000, "a"), &crowd(1000, "b"));
    assert_eq!((told.len(), told.last().map(String::as_str)), (MOST_LINES + 1, Some("and 951 more")));
    let told = changes(&crowd(30, "a"), &crowd(30, "b"));
    let flow = told.last().expect("a line");
    assert!(flow.ends_with("; and 18 more") && flow.len() < 1000, "{flow}");
}

#[test]
fn a_plan_does_not_show_its_text_to_who_debugs_it() {
    assert_eq!(format!("{:?}", plan(OFFICE).plan.written), "Written { .. }");
}

proptest! {
    #[test]
    fn a_plan_changes_nothing_against_itself_and_little_is_told_of_any_two(old in right_plan(), new in right_plan()) {
        prop_assert!(changes(&old, &old).is_empty());
        let told = changes(&old, &new);
        prop_assert_eq!(told.is_empty(), changes(&new, &old).is_empty(), "one way and back");
        prop_assert!(told.len() <= MOST_LINES + 1);
        prop_assert!(told.iter().all(|line| line.len() < 4096 && !line.contains('\n')));
    }
}

#[test]
fn a_tone_is_told_as_the_plan_writes_it_and_a_text_beside_it_is_not() {
    let with = |media: &str| OFFICE.replacen("play: sound:hello-world", &format!("play: {media}"), 1);
    for (old, new, told) in [
        ("{tone: busy, for: 3s}", "{tone: ring, for: 3s}", "play {tone: busy, for: 3s} -> {tone: ring, for: 3s}"),
        ("sound:x", "[sound:x, {tone: busy, for: 3s}]", "play: {tone: busy, for: 3s} added"),
        ("{tone: busy, for: 3s}", "{say: Geheim.}", "play changed"),
    ] {
        assert_eq!(changes(&with(old), &with(new)), [format!("flow welcome: step 2: {told}")]);
    }
}
