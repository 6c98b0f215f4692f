//! Who calls, as far as the network says.

use std::sync::Arc;

/// At most this many characters of a caller's number or name are kept: no telephone network carries more.
const LONGEST: usize = 80;

/// The caller as the trunk presents him. What comes from outside is cleaned here, once, so that it can go into a
/// variable, a header or a log line without breaking out of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// His number, or `None` when it is withheld or is none.
    pub number: Option<Arc<str>>,
    /// The name that came with it.
    pub name: Option<Arc<str>>,
}

impl Caller {
    /// Keeps of a number its digits and leading `+`, of a name its printable characters without quotes, brackets,
    /// commas and the like.
    pub fn from_wire(number: &str, name: &str) -> Self {
        let mut digits = String::new();
        for (at, c) in number.trim().chars().enumerate() {
            match c {
                '0'..='9' | '*' | '#' => digits.push(c),
                '+' if at == 0 => digits.push(c),
                _ => {}
            }
            if digits.len() >= LONGEST {
                break;
            }
        }
        let withheld = !digits.contains(|c: char| c.is_ascii_digit());
        let name: String = name
            .chars()
            .filter(|c| {
                !c.is_control() && !matches!(c, '"' | '\'' | '\\' | '<' | '>' | ',' | ';' | '|' | '$' | '{' | '}' | '`')
            })
            .take(LONGEST)
            .collect();
        let name = name.trim();
        Self { number: (!withheld).then(|| digits.into()), name: (!name.is_empty()).then(|| name.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_caller_sends_can_break_out_of_where_it_is_put() {
        let hostile = format!("Ivan\"<sip:x>,\r\nInjected: 1;${{EVAL}}{}", "x".repeat(10_240));
        let caller = Caller::from_wire("+4790\"0,0\r\n0000<>", &hostile);
        assert_eq!(caller.number.as_deref(), Some("+4790000000"));
        let name = caller.name.expect("a name is left");
        assert!(name.starts_with("Ivansip:xInjected: 1EVALxxx"), "{name}");
        assert!(name.chars().count() <= 80);
    }

    #[test]
    fn a_withheld_caller_is_nobody() {
        for number in ["", "anonymous", "Restricted", "+", "unknown"] {
            assert_eq!(Caller::from_wire(number, "").number, None, "{number}");
        }
    }
}
