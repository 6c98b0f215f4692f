//! Comparisons that can never hold, since a fact is never written so: found by who wrote them, and not by a caller.

use jiff::civil::Date;

use super::{Arithmetic, Comparison, Expr, Fact, Function, Scope, Value};
use crate::{
    domain::Number,
    yaml::{Wrong, quoted, suggest},
};

impl Scope {
    /// Why it is a mistake to compare an expression with a value that stands there.
    pub(in crate::dialplan) fn never(&self, how: Comparison, one: &Expr, other: &Expr) -> Option<Wrong> {
        let Expr::Fact(fact) = one else { return None };
        match standing(other)? {
            Value::Text(text) => match self.closed_set(one) {
                Some(known) => (!known.contains(&&*text)).then(|| {
                    let remedy = suggest::instead(&text, known.iter().copied(), "it is one of");
                    Wrong::new(never_is(&text), remedy)
                }),
                None => self.never_written(how, fact, &text),
            },
            Value::Number(number) => never_number(how, fact, number),
            Value::Truth(_) => None,
        }
    }

    fn never_written(&self, how: Comparison, fact: &Fact, text: &str) -> Option<Wrong> {
        let whole = matches!(how, Comparison::Equal | Comparison::Different);
        if *fact == Fact::TimeClock {
            never_clock(text, whole)
        } else if *fact == Fact::TimeDate {
            never_date(text, whole)
        } else if is_telephone(fact) && whole {
            self.never_telephone(fact, text)
        } else {
            None
        }
    }

    /// Numbers are compared as calls have them: in E.164 where they can be read, without what people write between digits.
    fn never_telephone(&self, fact: &Fact, text: &str) -> Option<Wrong> {
        if text.is_empty() {
            return None;
        }
        if Number::parse(text).is_none() {
            return no_digits(fact, text);
        }
        let read = Number::read(text, self.national.country)?;
        (read.as_str() != text).then(|| Wrong::new(never_is(text), format!("write \"{read}\", as calls have it")))
    }

    /// Why it is a mistake to ask whether a text begins or ends with what stands there.
    pub(super) fn never_part(&self, function: Function, of: &Expr, part: &Expr) -> Option<Wrong> {
        let (Expr::Fact(fact), Some(Value::Text(text))) = (of, standing(part)) else { return None };
        if !is_telephone(fact) || text.is_empty() || &*text == "+" {
            return None;
        }
        let Some(digits) = Number::parse(&text) else { return no_digits(fact, &text) };
        let digits = digits.as_str();
        let (meant, never) = match function {
            Function::StartsWith => (self.national.begins(digits), "begins"),
            Function::EndsWith => (None, "ends"),
            Function::Lower | Function::Upper | Function::Length | Function::Int => return None,
        };
        let meant = meant.or_else(|| (digits != &*text).then(|| digits.to_owned()))?;
        let message = format!("it never {never} with {}", quoted(&text));
        Some(Wrong::new(message, format!("write \"{meant}\", as calls have it")))
    }
}

impl Comparison {
    /// The same comparison of the same two, the other one first.
    pub(super) fn turned(self) -> Self {
        match self {
            Self::Equal => Self::Equal,
            Self::Different => Self::Different,
            Self::Less => Self::More,
            Self::AtMost => Self::AtLeast,
            Self::More => Self::Less,
            Self::AtLeast => Self::AtMost,
        }
    }
}

/// The value that stands there, where one does.
fn standing(expr: &Expr) -> Option<Value> {
    if let Expr::Value(value) = expr {
        return Some(value.clone());
    }
    // `-1` is read as `0 - 1`.
    let Expr::Arithmetic(Arithmetic::Minus, from, number) = expr else { return None };
    match (&**from, &**number) {
        (Expr::Value(Value::Number(0)), Expr::Value(Value::Number(number))) => {
            Some(Value::Number(number.saturating_neg()))
        }
        (_, _) => None,
    }
}

fn is_telephone(fact: &Fact) -> bool {
    matches!(fact, Fact::CallerNumber | Fact::NumberCalled)
}

fn never_is(text: &str) -> String {
    format!("it is never {}", quoted(text))
}

/// A number that is called may be a word of Asterisk's dialplan; a caller's is of digits.
fn no_digits(fact: &Fact, text: &str) -> Option<Wrong> {
    let remedy = "write digits, with `+` and the country: \"+4790000000\"; `caller.withheld` asks who shows no number";
    (*fact == Fact::CallerNumber).then(|| Wrong::new(never_is(text), remedy))
}

/// `whole`: it is compared with all of the time, and not asked which is the later one.
fn never_clock(text: &str, whole: bool) -> Option<Wrong> {
    let two = |text: &str, below: u8| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits && text.parse::<u8>().is_ok_and(|it| it < below)
    };
    let right = text.split_once(':').is_some_and(|(hour, minute)| two(hour, 24) && two(minute, 60));
    // By their letters an hour alone, and the end of the day, are in the right place.
    if right || !whole && (two(text, 25) || text == "24:00") {
        return None;
    }
    let (hour, minute) = text.split_once([':', '.']).unwrap_or((text, "00"));
    let meant = match (hour.parse::<u8>(), minute.parse::<u8>()) {
        (Ok(hour), Ok(minute)) if hour < 24 && minute < 60 => format!("\"{hour:02}:{minute:02}\""),
        (Ok(_) | Err(_), _) => "hour and minute of two digits each, as in \"09:30\"".into(),
    };
    Some(Wrong::new(format!("the time of day is never written as {}", quoted(text)), format!("write {meant}")))
}

fn never_date(text: &str, whole: bool) -> Option<Wrong> {
    let shape = |text: &str| {
        let fits = |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
        text.bytes().enumerate().all(fits)
    };
    let right = if whole {
        text.len() == 10 && shape(text) && text.parse::<Date>().is_ok()
    } else {
        // By their letters a year, and a month of it, are in the right place.
        matches!(text.len(), 4 | 7 | 10) && shape(text)
    };
    if right {
        return None;
    }
    let mut parts = text.splitn(3, '.');
    let (day, month, year) = (parts.next(), parts.next(), parts.next());
    let date = || Date::new(year?.parse().ok()?, month?.parse().ok()?, day?.parse().ok()?).ok();
    let meant = match date().filter(|date| date.year() >= 1000) {
        Some(date) => format!("\"{date}\""),
        None => "a day that there is by year, month and day, as in \"2027-05-17\"".into(),
    };
    Some(Wrong::new(format!("the date is never written as {}", quoted(text)), format!("write {meant}")))
}

fn never_number(how: Comparison, fact: &Fact, number: i64) -> Option<Wrong> {
    let counts = matches!(
        fact,
        Fact::NumberCalls | Fact::CallSeconds | Fact::QueueWaiting(_) | Fact::QueueLongest(_) | Fact::QueueReady(_)
    );
    let (least, most, known) = match (fact == &Fact::TimeHour, counts) {
        (true, _) => (0, 23, "0 to 23"),
        (false, true) => (0, i64::MAX, "0 or more"),
        (false, false) => return None,
    };
    let outside = number < least || number > most;
    let (mistake, says) = match how {
        Comparison::Equal => (outside, "never"),
        Comparison::Different => (outside, "always"),
        Comparison::Less => (number <= least, "never"),
        Comparison::AtMost => (number < least, "never"),
        Comparison::More => (number >= most, "never"),
        Comparison::AtLeast => (number > most, "never"),
    };
    mistake.then(|| Wrong::new(format!("this is {says} so: it is {known}"), "compare it with a number that it may be"))
}
