//! Desks, as typed: which telephones they are, and the step `operator` at one.

use std::sync::Arc;

use crate::{
    dialplan::word::{self, Plain, Rule, YesNo},
    domain::Name,
    yaml::{Key, Read},
};

/// At which telephone somebody signs in, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::dialplan) enum RawAtDesk {
    /// At the one that he calls from.
    Here,
    /// At the one with this internal number.
    Number(Name),
    /// At the one that an expression gives.
    Computed(Arc<str>),
}

/// Of an internal number.
pub(super) const DESK: Key<YesNo> = Key::optional(
    "desk",
    YesNo,
    "Whether operators may sign in at this telephone, and are rung there until they sign out; not when this is missing.",
);

/// Of the step `operator`.
pub(super) const AT: Key<Plain<RawAtDesk>> = Key::optional(
    "desk",
    Plain::new("`here`, or an internal number", at, &AT_WHICH),
    "With `sign_in` and `toggle`: the desk at which he is rung from then on, until he signs out.",
);

const AT_WHICH: Rule = Rule {
    also: &["integer"],
    pattern: String::new,
    examples: &["here", "205", "{{ desk }}"],
    docs: "`here`, which is the telephone that he calls from, a desk's internal number, or in braces what gives one.",
};

fn at(text: &str) -> Read<RawAtDesk> {
    if text == "here" {
        return Ok(RawAtDesk::Here);
    }
    if text.contains("{{") {
        return Ok(RawAtDesk::Computed(text.into()));
    }
    word::extension(text).map(RawAtDesk::Number)
}
