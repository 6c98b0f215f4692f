//! Expressions as one writes them, to be shown to people.

use indexmap::IndexMap;

use super::{Arithmetic, Comparison, Expr, Fact, Function, Slot, Type, Value};
use crate::domain::Name;

impl Expr {
    /// As one would write it; `variables` are those of its plan. Brackets stand wherever they may be of help.
    pub fn written(&self, variables: &IndexMap<Name, Type>) -> String {
        let plain = |expr: &Self| expr.written(variables);
        let inner = |expr: &Self| if expr.is_simple() { plain(expr) } else { format!("({})", plain(expr)) };
        let all = |parts: &[Self], between: &str| parts.iter().map(plain).collect::<Vec<_>>().join(between);
        match self {
            Self::Value(Value::Text(text)) => {
                format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
            }
            Self::Value(value @ (Value::Number(_) | Value::Truth(_))) => value.to_string(),
            Self::Fact(fact) => fact.written(),
            Self::Variable(slot, _) => slot.written(variables),
            Self::Not(of) => format!("not {}", inner(of)),
            Self::And(a, b) => format!("{} and {}", inner(a), inner(b)),
            Self::Or(a, b) => format!("{} or {}", inner(a), inner(b)),
            Self::Compare(how, a, b) => format!("{} {} {}", inner(a), how.written(), inner(b)),
            Self::Among(one, these) => format!("{} in [{}]", inner(one), all(these, ", ")),
            Self::Listed(one, list) => format!("{} in lists.{list}", inner(one)),
            Self::Within(a, b) => format!("{} in {}", inner(a), inner(b)),
            Self::Arithmetic(how, a, b) => format!("{} {} {}", inner(a), how.written(), inner(b)),
            Self::Join(parts) => parts.iter().map(inner).collect::<Vec<_>>().join(" ~ "),
            Self::If(when, then, otherwise) => {
                format!("{} if {} else {}", inner(then), inner(when), inner(otherwise))
            }
            Self::Call(function, of, None) => format!("{}({})", function.written(), plain(of)),
            Self::Call(function, of, Some(with)) => format!("{}({}, {})", function.written(), plain(of), plain(with)),
        }
    }

    /// Whether it holds together without brackets.
    fn is_simple(&self) -> bool {
        match self {
            Self::Value(_) | Self::Fact(_) | Self::Variable(_, _) | Self::Call(_, _, _) => true,
            Self::Compare(_, a, b) => a.is_simple() && b.is_simple(),
            Self::Not(_)
            | Self::And(_, _)
            | Self::Or(_, _)
            | Self::Among(_, _)
            | Self::Listed(_, _)
            | Self::Within(_, _)
            | Self::Arithmetic(_, _, _)
            | Self::Join(_)
            | Self::If(_, _, _) => false,
        }
    }
}

impl Slot {
    /// The variable's name.
    pub fn written(self, variables: &IndexMap<Name, Type>) -> String {
        variables.get_index(self.0).map(|(name, _)| name.to_string()).unwrap_or_default()
    }
}

impl Fact {
    fn written(&self) -> String {
        match self {
            Self::CallerNumber => "caller.number".into(),
            Self::CallerName => "caller.name".into(),
            Self::CallerWithheld => "caller.withheld".into(),
            Self::NumberCalled => "number.called".into(),
            Self::NumberCalls => "number.calls".into(),
            Self::CallId => "call.id".into(),
            Self::CallLanguage => "call.language".into(),
            Self::CallSeconds => "call.seconds".into(),
            Self::TimeDate => "time.date".into(),
            Self::TimeClock => "time.clock".into(),
            Self::TimeHour => "time.hour".into(),
            Self::TimeWeekday => "time.weekday".into(),
            Self::QueueWaiting(queue) => format!("queues.{queue}.waiting"),
            Self::QueueLongest(queue) => format!("queues.{queue}.longest_wait"),
            Self::QueueReady(queue) => format!("queues.{queue}.ready"),
            Self::OperatorState(operator) => format!("operators.{operator}.state"),
            Self::HoursOpen(hours) => format!("hours.{hours}.open"),
        }
    }
}

impl Comparison {
    fn written(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::Different => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }
}

impl Arithmetic {
    fn written(self) -> &'static str {
        match self {
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Times => "*",
            Self::Through => "//",
            Self::Rest => "%",
        }
    }
}

impl Function {
    fn written(self) -> &'static str {
        match self {
            Self::Lower => "lower",
            Self::Upper => "upper",
            Self::Length => "length",
            Self::Int => "int",
            Self::StartsWith => "starts_with",
            Self::EndsWith => "ends_with",
        }
    }
}
