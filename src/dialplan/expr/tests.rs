use proptest::prelude::*;

use super::*;

/// A house with a caller at half past nine on a Monday.
struct House;

impl Facts for House {
    fn fact(&self, fact: &Fact) -> Value {
        match fact {
            Fact::CallerNumber => Value::Text("+4790000000".into()),
            Fact::CallerName => Value::Text("Åse".into()),
            Fact::CallerWithheld | Fact::CallerInternal | Fact::HoursOpen(_) => Value::Truth(false),
            Fact::NumberCalled => Value::Text("+4780012345".into()),
            Fact::NumberCalls => Value::Number(2),
            Fact::CallId => Value::Text("0000beef-1".into()),
            Fact::CallLanguage => Value::Text("nb".into()),
            Fact::CallSeconds => Value::Number(61),
            Fact::TimeDate => Value::Text("2027-05-17".into()),
            Fact::TimeClock => Value::Text("09:30".into()),
            Fact::TimeHour => Value::Number(9),
            Fact::TimeWeekday => Value::Text("Mo".into()),
            Fact::QueueWaiting(_) => Value::Number(4),
            Fact::QueueLongest(_) => Value::Number(30),
            Fact::QueueReady(_) => Value::Number(0),
            Fact::OperatorState(_) => Value::Text("talking".into()),
        }
    }

    fn listed(&self, list: &Name, number: &str) -> bool {
        &**list == "vip" && number == "+4790000000"
    }

    fn variable(&self, slot: Slot) -> Value {
        if slot == Slot(0) { Value::Text("12345".into()) } else { Value::Number(7) }
    }
}

fn scope() -> Scope {
    Scope {
        queues: vec!["sales".into()],
        operators: vec!["anna".into()],
        hours: vec!["office".into()],
        lists: vec!["vip".into(), "blocked".into()],
        languages: ["en", "nb"].map(|code| crate::domain::Language::new(code).expect("a language")).into(),
        national: crate::dialplan::national::National::within(crate::domain::Country::new("RU")),
        variables: [
            ("account".into(), (Slot(0), Some(Type::Text))),
            ("tries".into(), (Slot(1), Some(Type::Number))),
            ("later".into(), (Slot(2), None)),
        ]
        .into(),
    }
}

fn made(text: &str) -> Expr {
    expression(text, &scope()).unwrap_or_else(|trouble| panic!("{text}: {trouble:?}"))
}

fn is(text: &str) -> Value {
    let expr = made(text);
    let value = expr.value(&House);
    assert_eq!(value.kind(), expr.kind(), "{text}: what it was said to be");
    value
}

fn wrong_with(text: &str) -> (String, String) {
    match expression(text, &scope()) {
        Err(Trouble::Wrong(why, at)) => {
            assert!(at.end <= text.len(), "{text}: {at:?}");
            (why.message, why.remedy)
        }
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn conditions_say_what_they_say() {
    for yes in [
        "caller.number in lists.vip",
        "caller.number not in lists.blocked",
        "not caller.withheld and queues.sales.waiting < 5",
        "hours.office.open or time.weekday == 'Mo'",
        "time.weekday in ['Sa', 'Mo']",
        "8 <= time.hour < 16",
        "time.clock >= '09:30' and time.date == \"2027-05-17\"",
        "'90' in caller.number",
        "starts_with(caller.number, '+47')",
        "caller.number|length == 11",
        "account|int == 12345",
        "operators.anna.state != 'ready'",
        "number.called == '+4780012345' and number.calls == 2",
        "(tries + 1) * 2 // 3 % 4 == 1",
        "-tries < 0",
        "lower('ÅSE') == 'åse' and upper(caller.name) == 'ÅSE'",
        "('a' if tries > 5 else 'b') == 'a'",
        "call.seconds > 60",
        "true",
    ] {
        assert_eq!(is(yes), Value::Truth(true), "{yes}");
    }
    assert_eq!(is("'x' ~ tries ~ true"), Value::Text("x7true".into()));
}

#[test]
fn what_is_shown_of_an_expression_means_the_same() {
    let variables = [("account".into(), Type::Text), ("tries".into(), Type::Number)].into_iter().collect();
    for text in [
        "caller.number in lists.vip and not (caller.withheld or hours.office.open)",
        "(caller.withheld and hours.office.open) or caller.number not in lists.blocked",
        "time.weekday in ['Sa', 'Mo'] and 8 <= time.hour < 16",
        "time.clock >= '09:30' and time.date != \"2027-05-17\" and call.id == ''",
        "'90' in (caller.number if caller.withheld else account)",
        "starts_with(caller.number, '+47') and ends_with(number.called, '5') and number.calls > 1",
        "caller.number|length == 11 and account|int <= 12345 and call.seconds < 5",
        "operators.anna.state != 'ready' and queues.sales.ready == 0 and queues.sales.longest_wait > 60",
        "(tries + 1) * 2 // 3 % 4 - (1 - 2) == -tries + queues.sales.waiting",
        r#"lower('Å"SE\\') == upper(caller.name ~ ' ' ~ tries)"#,
        "('a' if tries > 5 else 'b') == 'a'",
        "true and not false",
    ] {
        let written = made(text).written(&variables);
        assert_eq!(made(&written), made(text), "{text} as {written}");
    }
    assert_eq!(made("not caller.withheld and tries < 5").written(&variables), "(not caller.withheld) and tries < 5");
}

#[test]
fn arithmetic_never_fails() {
    for (text, number) in [
        ("7 // 2", 3),
        ("-7 // 2", -4),
        ("7 // -2", -4),
        ("-7 % 2", 1),
        ("7 % -2", -1),
        ("7 // 0", 0),
        ("7 % 0", 0),
        ("9223372036854775807 + 1", i64::MAX),
        ("-9223372036854775807 - 2", i64::MIN),
        ("9223372036854775807 * 2", i64::MAX),
        ("'99999999999999999999'|int", i64::MAX),
        ("''|int", 0),
        ("'-5'|int", 0),
    ] {
        assert_eq!(is(text), Value::Number(number), "{text}");
    }
}

#[test]
fn a_mistake_is_told_with_what_to_write() {
    for (text, message, remedy) in [
        ("caller.nubmer == 'x'", "of `caller` nothing called `nubmer` is known", "did you mean `number`?"),
        ("caller", "`caller` is no value", "say what of it: `caller.number`"),
        ("queues.sale.waiting > 1", "there is no queue `sale`", "did you mean `sales`?"),
        ("queues.sales > 1", "queue `sales` is no value", "say what of it, behind a dot: `waiting`"),
        ("queues.sales.size > 1", "of queue `sales` nothing called `size` is known", "known are: `waiting`"),
        ("caller.number in lists.vips", "there is no list `vips`", "did you mean `vip`?"),
        ("acount == 'x'", "no step sets a variable `acount`", "did you mean `account`?"),
        ("caller.name == Ivan", "no step sets a variable `Ivan`", "a text goes into quotes: `\"Ivan\"`"),
        ("queues.sales.waiting", "", ""),
        ("caller.number > 5", "a text is compared with a number", "a text of digits stands in quotes"),
        ("queues.sales.waiting and true", "this should be a yes or no, and it is a number", "`> 0`"),
        ("caller.number and true", "this should be a yes or no, and it is a text", "`== \"...\"`"),
        ("tries = 3", "this is no expression", "compared with `==`"),
        ("tries == 3 && true", "this is no expression", "write `and`"),
        ("account + 'x'", "this should be a number, and it is a text", "with `~`"),
        ("tries / 2", "`/` would give parts", "write `//`"),
        ("1.5 < tries", "this is no value of a plan", "whole numbers"),
        ("time.weekday == 'Monday'", "it is never `Monday`", "it is one of"),
        ("operators.anna.state in ['redy']", "it is never `redy`", "did you mean `ready`?"),
        ("lowr(caller.name) == 'x'", "there is no function `lowr`", "did you mean `lower`?"),
        ("starts_with(caller.name)", "`starts_with` does not take these", "write `starts_with(caller.number"),
        ("'a' if true", "it is not said what it is otherwise", "add `else ...`"),
        ("account.x == ''", "the variable `account` has no parts", "write `account`"),
        ("nobody.knows == ''", "`nobody.knows` means nothing here", "there are"),
        ("{{ tries > 1 }}", "braces are for texts", "without the braces: `tries > 1`"),
        ("tries[0] == 1", "this cannot stand in an expression", "values"),
        ("range(10)", "there is no function `range`", "there are"),
        ("account is defined", "this cannot stand in an expression", "values"),
        ("", "there is no expression here", "as in"),
    ] {
        if message.is_empty() {
            assert_eq!(made(text).kind(), Type::Number);
            continue;
        }
        let (said, help) = wrong_with(text);
        assert!(said.contains(message), "{text}: {said}");
        assert!(help.contains(remedy), "{text}: {help}");
    }
}

#[test]
fn the_place_of_a_mistake_is_the_part_that_is_wrong() {
    let text = "tries > 1 and caller.nubmer == 'x'";
    match expression(text, &scope()) {
        Err(Trouble::Wrong(_, at)) => assert_eq!(&text[at], "caller.nubmer"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_variable_that_is_not_known_yet_is_asked_for_later() {
    assert_eq!(expression("later == 1", &scope()), Err(Trouble::Later));
}

#[test]
fn a_text_may_hold_values() {
    let text = |text: &str| template(text, &scope()).expect("a text").value(&House);
    assert_eq!(text("Hello {{ caller.name }}, {{ tries + 1 }}!"), Value::Text("Hello Åse, 8!".into()));
    assert_eq!(text("plain { and } 100%"), Value::Text("plain { and } 100%".into()));
    assert_eq!(text("{{ tries }}"), Value::Number(7), "one value alone keeps its type");
    for (text, message) in [
        ("{% for x in y %}{% endfor %}", "only values stand in a text"),
        ("{{ caller.nubmer }}", "nothing called `nubmer`"),
        ("{{ tries", "this is no expression"),
        ("{% if tries %}x{% endif %}", "only values stand in a text"),
    ] {
        match template(text, &scope()) {
            Err(Trouble::Wrong(why, _)) => assert!(why.message.contains(message), "{text}: {}", why.message),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn what_is_long_or_deep_is_refused() {
    let (said, _) = wrong_with(&"x".repeat(2000));
    assert!(said.contains("too long"), "{said}");
    let deep = format!("{}1{}", "(".repeat(500), ")".repeat(500));
    assert!(expression(&deep, &scope()).is_err());
    let nots = "not ".repeat(200) + "true";
    let _either = expression(&nots, &scope());
}

proptest! {
    #[test]
    fn no_text_is_too_odd(text in "[ -~]{0,60}|\\PC{0,40}") {
        let _either = expression(&text, &scope());
        let _either = template(&text, &scope());
        let _either = template(&format!("{{{{{text}}}}}"), &scope());
    }

    #[test]
    fn what_is_read_gives_what_was_said(
        a in prop::sample::select(vec!["tries", "(time.hour + 0)", "7", "-3", "(0 + queues.sales.waiting)", "account|int"]),
        op in prop::sample::select(vec!["+", "-", "*", "//", "%", "<", ">=", "==", "!=", "~"]),
        b in prop::sample::select(vec!["tries", "0", "9223372036854775807", "(call.seconds + 0)"]),
    ) {
        is(&format!("{a} {op} {b}"));
    }
}

#[test]
fn what_can_never_hold_is_told_with_what_to_write() {
    for (text, message, remedy) in [
        ("caller.number == '8 921 000 00 01'", "it is never `8 921 000 00 01`", "write \"+79210000001\""),
        ("'89210000001' != caller.number", "it is never `89210000001`", "write \"+79210000001\""),
        ("number.called in ['+79210000001', '0046812345678']", "it is never `0046812345678`", "\"+46812345678\""),
        ("caller.number == 'anonymous'", "it is never `anonymous`", "`caller.withheld`"),
        ("starts_with(caller.number, '8921')", "it never begins with `8921`", "write \"+7921\""),
        ("starts_with(number.called, '+7 921')", "it never begins with `+7 921`", "write \"+7921\""),
        ("starts_with(caller.number, '0046')", "it never begins with `0046`", "write \"+46\""),
        ("ends_with(caller.number, '00 01')", "it never ends with `00 01`", "write \"0001\""),
        ("time.clock > '9:30'", "the time of day is never written as `9:30`", "write \"09:30\""),
        ("'8' <= time.clock", "never written as `8`", "write \"08:00\""),
        ("time.clock == '24:00'", "never written as `24:00`", "hour and minute of two digits"),
        ("time.clock < '+9:30'", "never written", "write \"09:30\""),
        ("time.date == '17.05.2027'", "the date is never written as `17.05.2027`", "write \"2027-05-17\""),
        ("time.date >= '5/17/2027'", "never written", "as in \"2027-05-17\""),
        ("time.date == '2027-02-30'", "never written as `2027-02-30`", "a day that there is"),
        ("time.hour > 25", "this is never so: it is 0 to 23", "that it may be"),
        ("time.hour > 23", "this is never so", ""),
        ("24 == time.hour", "this is never so", ""),
        ("time.hour != 24", "this is always so", ""),
        ("queues.sales.waiting < 0", "this is never so: it is 0 or more", ""),
        ("time.hour in [9, -1]", "this is never so", ""),
    ] {
        let (said, help) = wrong_with(text);
        assert!(said.contains(message), "{text}: {said}");
        assert!(help.contains(remedy), "{text}: {help}");
    }
}

#[test]
fn what_may_hold_is_no_mistake() {
    for text in [
        "caller.number == '' or caller.number == '+79210000001' or caller.number in ['101', '*43']",
        "number.called == 's' or starts_with(caller.number, '+') or starts_with(caller.number, '8')",
        "starts_with(caller.number, '10') or starts_with(caller.number, '+7921') or ends_with(caller.number, '001')",
        "starts_with(caller.name, '8 921') or caller.name == 'anonymous'",
        "'09:30' <= time.clock < '24:00' or time.clock >= '09' or time.clock == '00:00'",
        "time.date >= '2027-05' and time.date < '2028' or time.date == '2027-05-17'",
        "8 <= time.hour < 24 or time.hour >= 0 or time.hour == 23 or queues.sales.waiting == 0",
    ] {
        assert_eq!(made(text).kind(), Type::Truth, "{text}");
    }
}
