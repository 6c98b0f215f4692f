//! What those who are rung are shown of a caller, as typed.

use std::collections::BTreeSet;

use crate::{
    dialplan::{
        plan::{Identity, ShownName, ShownNumber},
        word::{self, OneOf, Rule},
    },
    domain::Country,
    yaml::{Fields, Key, Many, Or, Reader},
};

pub(super) const OF_TRUNK: Key<Rule> = Key::optional(
    "caller_id",
    word::SHOWN,
    "What those see who are called: the caller's number, which it is when this is missing, the number that he dialled (`called`), \
     or one of your own.",
);

pub(super) const OF_OPERATOR: Key<Rule> = Key::optional(
    "caller_id",
    word::SHOWN,
    "What he sees when he is rung: the caller's number, the number that the caller dialled (`called`), or one of your own; as the \
     trunk says over which he is reached, or the caller's, when this is missing.",
);

const NAMES: OneOf<ShownName> = OneOf {
    what: "a name to be shown",
    words: &[
        ("caller", ShownName::Caller, "the caller's, where his number is shown and he has one"),
        ("queue", ShownName::Queue, "that of the queue which rings him"),
    ],
};

pub(super) const NAME: Key<Or<OneOf<ShownName>>> =
    Key::or("caller_name", NAMES, ShownName::Caller, "Whose name he sees beside the number.");

const IDENTITIES: OneOf<Identity> = OneOf {
    what: "a header",
    words: &[
        (
            "pai",
            Identity::Asserted,
            "`P-Asserted-Identity`: a number of yours, `caller_id` or the one that was dialled",
        ),
        (
            "diversion",
            Identity::Diversion,
            "`Diversion`: the number that the caller dialled, from which his call is passed on",
        ),
    ],
};

pub(super) const IDENTITY: Key<Many<OneOf<Identity>>> = Key::optional(
    "identity",
    Many { one: IDENTITIES, least: 1 },
    "Headers in which the provider is told a number of yours, one or a list; none when this is missing.",
);

/// The number that is shown, where something right is said of it.
pub(super) fn number(
    key: &Key<Rule>,
    fields: &Fields<'_>,
    country: Option<Country>,
    reader: &mut Reader,
) -> Option<ShownNumber> {
    let node = fields.get(key)?;
    let what = "`caller`, `called` or a telephone number";
    reader.value(node, what, |text| word::shown(text, country)).map(|at| at.value)
}

/// The headers.
pub(super) fn identity(fields: &Fields<'_>, reader: &mut Reader) -> BTreeSet<Identity> {
    let typed = fields.get(&IDENTITY).map(|node| reader.many(node, &IDENTITY)).unwrap_or_default();
    typed.into_iter().map(|at| at.value).collect()
}
