//! Tests as people write them: `NAME.test.yaml`.

mod remembered;
mod shape;
mod words;

use std::{collections::BTreeMap, time::Duration};

use self::{
    remembered::{REMEMBERED, remembered},
    shape::{Deeds, Expectations},
    words::{Known, deed, expectation},
};
use super::{
    happening::What,
    lookups::{self, ADDRESSES, Replies},
    stage::{Behaviour, Part},
};
use crate::{
    dialplan::{
        Plan,
        moment::{Moment, When},
        word::{self, Count, Plain, Rule},
    },
    domain::{Name, Number, Time},
    yaml::{
        self, At, Fault, Faults, Key, Kind, Many, Mapping, Named, Node, Read, Reader, Source, Span, Wrong, document,
        quoted, suggest,
    },
};

/// A caller who withholds his number.
const WITHHELD: &str = "withheld";

/// When a call comes to a plan without opening hours, where it makes no difference: Monday 2024-01-08, 12:00 UTC.
const ANY_TIME: Time = Time::from_secs(1_704_715_200);

/// The tests of a plan.
#[derive(Debug)]
pub struct Suite {
    /// The file's name.
    pub file: String,
    /// The plan.
    pub plan: Plan,
    /// The tests, in the order of the file.
    pub tests: Vec<Test>,
}

/// A test: somebody calls, and something is expected to happen.
#[derive(Debug)]
pub struct Test {
    /// What it claims.
    pub name: String,
    /// Its line, from 1.
    pub line: usize,
    /// Who does what.
    pub part: Part,
    /// What is to happen, in this order.
    pub expect: Vec<Expectation>,
    /// What is not to happen.
    pub never: Vec<Expectation>,
}

/// Something that is to happen, or is not to.
#[derive(Debug)]
pub struct Expectation {
    /// What.
    pub what: What,
    /// So long after the caller dialled, at the latest.
    pub within: Option<Duration>,
    /// Its line, from 1.
    pub line: usize,
}

/// The schema of a file of tests. It accepts every right one; names are looked up in the plan when it is read.
pub fn schema() -> serde_json::Value {
    document(
        &FILE,
        "Tests of a plan of Sentral",
        "Who calls when, and what is to happen: docs/testing-plans.md explains it.",
    )
}

/// Reads tests. `plan` loads the plan that the file names, or the one beside it when it names none.
///
/// # Errors
/// Every mistake in it, or in the plan.
pub(super) fn read(
    file: &str,
    text: &[u8],
    plan: impl FnOnce(Option<&str>) -> Result<Plan, Faults>,
) -> Result<Suite, Faults> {
    let Ok(text) = std::str::from_utf8(text) else {
        return Err(Faults::one(file, Fault::whole("this is not UTF-8").remedy("save the file as UTF-8")));
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let source = || Source::new(file, text);
    let node = yaml::read(text).map_err(|fault| Faults::new(source(), vec![fault]))?;
    let plan = plan(named_plan(&node))?;
    let mut reader = Reader::default();
    let tests = {
        let source = source();
        all(&node, &mut Stagehand { plan: &plan, source: &source, reader: &mut reader })
    };
    if reader.faults.is_empty() {
        Ok(Suite { file: file.into(), plan, tests })
    } else {
        Err(Faults::new(source(), reader.faults))
    }
}

/// The plan that a file names, as far as that is a word.
fn named_plan(node: &Node) -> Option<&str> {
    node.value_of("plan").and_then(Node::as_word)
}

/// Who reads, and what for.
pub(super) struct Stagehand<'a> {
    plan: &'a Plan,
    source: &'a Source,
    pub(super) reader: &'a mut Reader,
}

impl Stagehand<'_> {
    fn line(&self, span: &Span) -> usize {
        self.source.line_and_column(span.start).0
    }

    /// Whether the plan has a thing of this name; if not, tells it.
    fn knows(&mut self, name: &At<Name>, kind: Known) -> bool {
        let plan = self.plan;
        let names: Vec<&str> = match kind {
            Known::Operator => plan.operators.keys().map(|name| &**name).collect(),
            Known::Callee => plan.operators.keys().chain(plan.phones()).map(|name| &**name).collect(),
            Known::Queue => plan.queues.keys().map(|name| &**name).collect(),
            Known::Box => plan.mailboxes().into_iter().map(|name| &**name).collect(),
            Known::Flow => plan.flows.keys().map(|name| &**name).collect(),
            Known::Hours => plan.hours.keys().map(|name| &**name).collect(),
        };
        let known = names.contains(&&*name.value);
        if !known {
            let (one, all) = kind.words();
            let message = format!("the plan has no {one} {}", quoted(&name.value));
            let remedy = suggest::instead(&name.value, names.into_iter(), &format!("{all} of the plan"));
            self.reader.tell(Fault::error(&name.span, message).remedy(remedy));
        }
        known
    }
}

const PLAN: Key<Plain<String>> =
    Key::optional("plan", word::FILE, "The plan's file; `office.yaml` for `office.test.yaml` when this is missing.");
const TESTS: Key<Named<Rule, Mapping>> = Key::required(
    "tests",
    "tests: {\"somebody answers\": {expect: [{rings: anna}]}}",
    Named { name: CLAIM, thing: TEST, least: 1 },
    "The tests, by what each of them claims.",
);

/// A file of tests.
const FILE: Mapping = Mapping { what: "a file of tests", keys: &[&PLAN, &TESTS] };

/// What a test claims.
const CLAIM: Rule =
    Rule { also: &[], pattern: String::new, examples: &["who presses 1 reaches sales"], docs: "What the test claims." };

fn all(node: &Node, hand: &mut Stagehand<'_>) -> Vec<Test> {
    let start = node.span.start..node.span.start;
    let Some(fields) = hand.reader.fields(node, &FILE, &start) else {
        return Vec::new();
    };
    if let Some(plan) = fields.get(&PLAN) {
        hand.reader.word(plan, "the plan's file");
    }
    let Some(tests) = hand.reader.required(&fields, &TESTS) else {
        return Vec::new();
    };
    if hand.reader.is_empty(tests, "there is no test", "\"somebody answers\": {expect: [{rings: anna}]}") {
        return Vec::new();
    }
    let named = hand.reader.named(tests, "tests", claim, |name: &String| name, str::to_owned);
    named.unwrap_or_default().into_iter().filter_map(|(name, node)| test(name, node, hand)).collect()
}

fn claim(text: &str) -> Read<String> {
    if text.trim().is_empty() {
        return Err(Wrong::new("a test says nothing", "write what it claims: \"who presses 1 reaches sales\""));
    }
    Ok(text.into())
}

const EXPECT: Key<Expectations> = Key::required(
    "expect",
    "expect: [{rings: anna}]",
    Expectations { least: 1 },
    "What happens, in this order; other things may lie between.",
);
const AT: Key<Plain<Moment>> = Key::optional(
    "at",
    MOMENT,
    "When he calls, by the plan's clock, or with an offset; it must be there when the plan has opening hours.",
);
const FROM: Key<Plain<Option<String>>> = Key::optional(
    "from",
    FROM_WHOM,
    "The caller's number, or `withheld`, which it is when this is missing; or the telephone of the house that he calls from: an \
     operator's name, an internal number.",
);
const TO: Key<Plain<Number>> =
    Key::optional("to", TO_WHOM, "The number that he calls; it must be there when the plan has several.");
const OTHER_CALLS: Key<Count> = Key::optional(
    "other_calls",
    OTHERS,
    "So many of the number's `channels` are taken by other calls; none when this is missing.",
);
const OPERATORS: Key<Named<Plain<Name>, Many<Plain<Behaviour>>>> = Key::optional(
    "operators",
    Named { name: word::REFERENCE, thing: OPERATORS_DO, least: 0 },
    "What the operators do when they are rung; who is missing answers after 3 seconds.",
);
const PHONES: Key<Named<Rule, Many<Plain<Behaviour>>>> = Key::optional(
    "phones",
    Named { name: CALLEES, thing: OPERATORS_DO, least: 0 },
    "The same for telephones by their internal numbers, and for numbers outside.",
);
const LOOKUPS: Key<Named<Rule, Replies>> = Key::optional(
    "lookups",
    Named { name: ADDRESSES, thing: Replies, least: 0 },
    "What other servers answer, by the beginning of an address; who is missing is not there.",
);
const DOES: Key<Deeds> = Key::optional("does", Deeds, "What the caller does, one thing after the other.");
const NEVER: Key<Expectations> = Key::optional("never", Expectations { least: 0 }, "What does not happen.");

/// Other calls on the number that is called: no more than a number may have channels.
const OTHERS: Count = Count { what: "a number of calls", from: 1, to: 10_000 };

/// A test.
const TEST: Mapping = Mapping {
    what: "a test",
    keys: &[&EXPECT, &AT, &FROM, &TO, &OTHER_CALLS, &REMEMBERED, &OPERATORS, &PHONES, &LOOKUPS, &DOES, &NEVER],
};

const OPERATORS_DO: Many<Plain<Behaviour>> = Many { one: BEHAVIOUR, least: 1 };

const MOMENT: Plain<Moment> = Plain::new(
    "a moment",
    Moment::parse,
    &Rule { also: &[], pattern: String::new, examples: &["2026-11-25T09:30", "2026-10-25T02:30+02:00"], docs: "" },
);

const CALLEES: Rule = Rule { also: &[], pattern: String::new, examples: &["205", "+47 900 00 000"], docs: "" };
const NUMBERS: Rule = Rule { also: &["integer"], pattern: String::new, examples: &["+47 800 12 345"], docs: "" };
const FROM_WHOM: Plain<Option<String>> = Plain::new("a telephone number", caller, &NUMBERS);
const TO_WHOM: Plain<Number> = Plain::new("a telephone number", number, &NUMBERS);

const BEHAVIOUR: Plain<Behaviour> = Plain::new(
    "what the operator does, or a list of it",
    words::behaviour,
    &Rule {
        also: &[],
        pattern: String::new,
        examples: &[
            "answers after 3s",
            "answers after 3s, hangs up after 20s",
            "busy",
            "declines after 2s",
            "rings out",
        ],
        docs: "A list is for the first ringing, the second and so on.",
    },
);

fn test(name: At<String>, node: &Node, hand: &mut Stagehand<'_>) -> Option<Test> {
    if !hand.reader.goes_on() {
        return None;
    }
    let fields = hand.reader.fields(node, &TEST, &name.span)?;
    let at = match fields.get(&AT) {
        Some(node) => hand.reader.read(node, &MOMENT, AT.name()).and_then(|moment| when(&moment, hand)),
        None if hand.plan.hours.is_empty() => Some(ANY_TIME),
        None => {
            let fault = Fault::error(&name.span, "the plan has opening hours, and this test does not say when it is");
            hand.reader.tell(fault.remedy("add `at: 2026-11-25T09:30`"));
            None
        }
    };
    let from = fields.get(&FROM).map(|node| from(node, hand)).unwrap_or_default();
    let to = dialled(fields.get(&TO), from.phone.is_some(), &name.span, hand);
    let other_calls = other_calls(fields.get(&OTHER_CALLS), to.as_deref(), hand);
    let (at, number) = (at.unwrap_or(ANY_TIME), from.number.as_deref());
    let remembered = fields.get(&REMEMBERED).map(|node| remembered(node, number, at, hand)).unwrap_or_default();
    let operators = fields.get(&OPERATORS).map(|node| operators(node, hand)).unwrap_or_default();
    let phones = fields.get(&PHONES).map(|node| phones(node, hand)).unwrap_or_default();
    let lookups = fields.get(&LOOKUPS).map(|node| lookups::read(node, hand)).unwrap_or_default();
    let does = fields.get(&DOES).map(|node| list(node, "a list of what the caller does", hand, deed));
    let expect = hand.reader.required(&fields, &EXPECT);
    let expect = expect.filter(|node| !hand.reader.is_empty(node, "nothing is expected", "[{rings: anna}]"));
    let expect = expect.map(|node| list(node, "a list of what is to happen", hand, expectation)).unwrap_or_default();
    let never = fields.get(&NEVER).map(|node| list(node, "a list of what is not to happen", hand, expectation));
    let part = Part {
        at,
        from: from.number,
        phone: from.phone,
        to: to.unwrap_or_default(),
        other_calls,
        remembered,
        does: does.unwrap_or_default(),
        operators: operators.into_iter().chain(phones).collect(),
        lookups,
    };
    let line = hand.line(&name.span);
    Some(Test { name: name.value, line, part, expect, never: never.unwrap_or_default() })
}

/// The moment at which a test is, by the plan's clock.
fn when(moment: &At<Moment>, hand: &mut Stagehand<'_>) -> Option<Time> {
    match moment.value.at(&hand.plan.timezone) {
        When::Once(time) => Some(time),
        When::Twice(..) => {
            let fault = Fault::error(&moment.span, "the clock is put back then, and shows this twice");
            hand.reader.tell(fault.remedy("say which of the two by how far it is from UTC: `2026-10-25T02:30+02:00`"));
            None
        }
        When::Never { to, .. } => {
            let fault = Fault::error(&moment.span, "the clock is put forward then, and never shows this");
            hand.reader.tell(fault.remedy(format!("the first time behind it is `{}`", to.strftime("%Y-%m-%dT%H:%M"))));
            None
        }
    }
}

/// Who calls: by his number, or from a telephone of the house.
#[derive(Default)]
struct From {
    number: Option<String>,
    phone: Option<Name>,
}

/// `"+47 22 11 00 99"`, `withheld`, or from a telephone of the house: `anna`, `205`.
fn from(node: &Node, hand: &mut Stagehand<'_>) -> From {
    let typed = node.as_word().unwrap_or_default();
    let plan = hand.plan;
    if let Some(operator) = plan.operators.get(typed) {
        return From {
            number: operator.extension.as_ref().map(ToString::to_string),
            phone: Some(operator.name.clone()),
        };
    }
    if let Some(phone) = plan.phones().find(|phone| ***phone == *typed) {
        return From { number: Some(phone.to_string()), phone: Some(phone.clone()) };
    }
    let number = hand.reader.read(node, &FROM_WHOM, FROM.name());
    From { number: number.and_then(|at| at.value), phone: None }
}

/// A caller's number; `None` when he withholds it.
fn caller(text: &str) -> Read<Option<String>> {
    if text == WITHHELD {
        return Ok(None);
    }
    match number(text) {
        Ok(number) => Ok(Some(number.as_str().into())),
        Err(wrong) => Err(Wrong::new(wrong.message, format!("{}, or `{WITHHELD}`", wrong.remedy))),
    }
}

fn number(text: &str) -> Read<Number> {
    Number::plain(text).ok_or_else(|| {
        Wrong::new(format!("{} is not a telephone number", quoted(text)), "write its digits: \"+47 800 12 345\"")
    })
}

fn dialled(node: Option<&Node>, inside: bool, owner: &Span, hand: &mut Stagehand<'_>) -> Option<String> {
    let numbers: Vec<String> = hand.plan.numbers.values().map(|number| number.number.to_string()).collect();
    let Some(node) = node else {
        if let [only] = numbers.as_slice() {
            return Some(only.clone());
        }
        let fault = Fault::error(owner, "the plan has several numbers, and this test does not say which is called");
        let example = numbers.first().map_or("+47 800 12 345", String::as_str);
        hand.reader.tell(fault.remedy(format!("add `to: \"{example}\"`")));
        return None;
    };
    let number = hand.reader.read(node, &TO_WHOM, TO.name())?;
    let is_internal = inside && hand.plan.extensions.contains_key(number.value.as_str());
    if !is_internal && hand.plan.number(number.value.as_str()).is_none() {
        let known = numbers.iter().map(String::as_str);
        let remedy = suggest::instead(number.value.as_str(), known, "numbers of the plan");
        let message = format!("the plan has no number {}", quoted(number.value.as_str()));
        hand.reader.tell(Fault::error(&number.span, message).remedy(remedy));
    }
    Some(number.value.as_str().into())
}

/// How many channels of the called number others have. A number has no more of them than its `channels`.
fn other_calls(node: Option<&Node>, to: Option<&str>, hand: &mut Stagehand<'_>) -> u32 {
    let Some(calls) = node.and_then(|node| hand.reader.read(node, &OTHERS, OTHER_CALLS.name())) else { return 0 };
    let Some(number) = to.and_then(|to| hand.plan.number(to)) else { return calls.value };
    let (message, remedy) = match number.channels {
        Some(channels) if calls.value <= channels => return calls.value,
        Some(channels) => (
            format!("the number {} takes {channels} calls at once and no more", number.number),
            format!("write `other_calls: {channels}`: then it is full"),
        ),
        None => (
            format!("the number {} is never full: the plan gives it no `channels`", number.number),
            "leave `other_calls` out, or give the number `channels` in the plan".into(),
        ),
    };
    hand.reader.tell(Fault::error(&calls.span, message).remedy(remedy));
    0
}

fn operators(node: &Node, hand: &mut Stagehand<'_>) -> BTreeMap<Name, Vec<Behaviour>> {
    let name = |text: &str| Ok(Name::new(text));
    let named = hand.reader.named(node, "operators and what each does", name, |name| name, Name::new);
    let mut operators = BTreeMap::new();
    for (name, node) in named.unwrap_or_default() {
        hand.knows(&name, Known::Operator);
        if hand.reader.is_empty(node, "this operator does nothing", "rings out") {
            continue;
        }
        let behaviours = hand.reader.words(node, &OPERATORS_DO, OPERATORS.name());
        operators.insert(name.value, behaviours.into_iter().map(|at| at.value).collect());
    }
    operators
}

/// Phones that are no operator's, and numbers outside.
fn phones(node: &Node, hand: &mut Stagehand<'_>) -> BTreeMap<Name, Vec<Behaviour>> {
    let Kind::Map(entries) = &node.kind else {
        let fault = Fault::error(
            &node.span,
            format!("these should be phones and what each does, and it is {}", node.kind.name()),
        );
        hand.reader.tell(fault.remedy("write `{\"205\": busy, \"+47 900 00 000\": rings out}`"));
        return BTreeMap::new();
    };
    let mut phones = BTreeMap::new();
    for (key, node) in entries {
        let callee = words::callee(key, hand);
        if hand.reader.is_empty(node, "this phone does nothing", "rings out") {
            continue;
        }
        let behaviours = hand.reader.words(node, &OPERATORS_DO, PHONES.name());
        phones.extend(callee.map(|callee| (callee, behaviours.into_iter().map(|at| at.value).collect())));
    }
    phones
}

fn list<T>(
    node: &Node,
    what: &str,
    hand: &mut Stagehand<'_>,
    read: fn(&Node, &mut Stagehand<'_>) -> Option<T>,
) -> Vec<T> {
    let items = hand.reader.list(node, what).unwrap_or_default();
    items.iter().filter_map(|item| if hand.reader.goes_on() { read(item, hand) } else { None }).collect()
}
