//! What a plan asks of other servers, and what it takes out of their answers.

use std::{sync::Arc, time::Duration};

use super::StepId;
use crate::dialplan::{
    expr::{Expr, Slot, Type, Value},
    request::Template,
};

/// A text out of an answer has no more bytes than this: what is past it is cut off.
const LONGEST_TEXT: usize = 4096;

/// A question to a server.
#[derive(Clone, Debug)]
pub struct LookUp {
    /// What is asked.
    pub request: Template,
    /// How long the caller waits for it at most.
    pub within: Duration,
    /// What is taken out of the answer.
    pub takes: Vec<Take>,
    /// Where a call goes when there is no answer; `None`: on behind the step.
    pub failed: Option<StepId>,
}

/// A variable that gets its value from an answer.
#[derive(Clone, Debug)]
pub struct Take {
    /// The variable.
    pub slot: Slot,
    /// Where its value is in the answer: a JSON pointer (RFC 6901).
    pub at: Arc<str>,
    /// What it becomes where the answer has nothing of its kind there, or there is no answer; of the variable's kind.
    pub otherwise: Expr,
}

impl Take {
    /// The variable's value in an answer; `None`: there is none of its kind.
    pub fn out_of(&self, answer: &serde_json::Value) -> Option<Value> {
        let found = answer.pointer(&self.at)?;
        match self.otherwise.kind() {
            Type::Text => text(found).map(Value::Text),
            Type::Number => number(found).map(Value::Number),
            Type::Truth => truth(found).map(Value::Truth),
        }
    }
}

fn text(found: &serde_json::Value) -> Option<Arc<str>> {
    match found {
        serde_json::Value::String(text) => {
            let mut end = text.len().min(LONGEST_TEXT);
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            Some(text[..end].into())
        }
        serde_json::Value::Number(number) => Some(number.to_string().into()),
        serde_json::Value::Bool(truth) => Some(truth.to_string().into()),
        serde_json::Value::Null | serde_json::Value::Array(_) | serde_json::Value::Object(_) => None,
    }
}

/// A whole number, also one in quotes: many servers send them so.
fn number(found: &serde_json::Value) -> Option<i64> {
    match found {
        serde_json::Value::Number(number) => number.as_i64(),
        serde_json::Value::String(text) => text.parse().ok(),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Array(_)
        | serde_json::Value::Object(_) => None,
    }
}

fn truth(found: &serde_json::Value) -> Option<bool> {
    match found {
        serde_json::Value::Bool(truth) => Some(*truth),
        serde_json::Value::String(text) => text.parse().ok(),
        serde_json::Value::Null
        | serde_json::Value::Number(_)
        | serde_json::Value::Array(_)
        | serde_json::Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn take(at: &str, otherwise: Value) -> Take {
        Take { slot: Slot(0), at: at.into(), otherwise: Expr::Value(otherwise) }
    }

    #[test]
    fn a_value_is_taken_as_what_its_variable_is() {
        let answer =
            json!({"name": "Kari", "tier": {"level": 3, "of": "12"}, "vip": true, "all": [{"id": 7.5}], "no": null});
        let text = |at| take(at, Value::Text("".into())).out_of(&answer).map(|value| value.to_string());
        let number = |at| take(at, Value::Number(0)).out_of(&answer);
        let truth = |at| take(at, Value::Truth(false)).out_of(&answer);
        assert_eq!(text("/name").as_deref(), Some("Kari"));
        assert_eq!(text("/tier/level").as_deref(), Some("3"));
        assert_eq!(text("/vip").as_deref(), Some("true"));
        assert_eq!(text("/all/0/id").as_deref(), Some("7.5"));
        for at in ["/no", "/tier", "/all", "/all/1", "/missing", "/name/more"] {
            assert_eq!(text(at), None, "{at}");
        }
        assert_eq!((number("/tier/level"), number("/tier/of")), (Some(Value::Number(3)), Some(Value::Number(12))));
        assert_eq!((number("/name"), number("/all/0/id"), number("/vip")), (None, None, None));
        assert_eq!((truth("/vip"), truth("/name"), truth("/tier/level")), (Some(Value::Truth(true)), None, None));
    }

    #[test]
    fn a_long_text_is_cut_between_two_letters() {
        let found = take("", Value::Text("".into())).out_of(&json!("æ".repeat(3000)));
        assert_eq!(found, Some(Value::Text("æ".repeat(2048).into())));
        let odd = take("", Value::Text("".into())).out_of(&json!(format!("x{}", "æ".repeat(3000))));
        assert!(matches!(odd, Some(Value::Text(text)) if text.len() == 4095));
    }
}
