//! The languages of a plan, and the step that changes a call's, as typed.

use super::step::{RawAct, StepWord};
use crate::{
    dialplan::word::{self, Plain},
    domain::Language,
    yaml::{At, Fault, Fields, Key, Many, Node, Reader, quoted},
};

/// More languages than this are a mistake: each needs its own prompts.
const MOST: usize = 16;

pub(super) const ONE: Key<Plain<Language>> =
    Key::optional("language", word::LANGUAGE, "The language in which callers are spoken to; `en` when it is missing.");
pub(super) const SEVERAL: Key<Many<Plain<Language>>> = Key::optional(
    "languages",
    Many { one: word::LANGUAGE, least: 1 },
    "The languages in which callers are spoken to. Calls begin in the first of them; the step `language` changes it.",
);

/// `language: nb`, or `languages: [en, nb]`, of which the first is the one that calls begin in. None: the plan names none.
pub(super) fn languages(fields: &Fields<'_>, reader: &mut Reader) -> Vec<At<Language>> {
    match (fields.get(&ONE), fields.get(&SEVERAL)) {
        (None, None) => Vec::new(),
        (Some(_), None) => reader.maybe(fields, &ONE).into_iter().collect(),
        (None, Some(node)) => several(node, reader),
        (Some(one), Some(node)) => {
            let fault = Fault::error(&one.span, "a plan has `language` or `languages`, and this one has both");
            reader.tell(fault.remedy("keep `languages`; calls begin in the first of them"));
            several(node, reader)
        }
    }
}

fn several(node: &Node, reader: &mut Reader) -> Vec<At<Language>> {
    if reader.is_empty(node, "a plan speaks at least one language", "[en, nb]") {
        return Vec::new();
    }
    let mut all: Vec<At<Language>> = Vec::new();
    for language in reader.many(node, &SEVERAL) {
        match all.iter().find(|before| before.value == language.value) {
            Some(first) => {
                let fault = Fault::error(&language.span, format!("{} is here twice", quoted(language.value.code())));
                reader.tell(fault.related(&first.span, "first here").remedy("keep one of the two"));
            }
            None => all.push(language),
        }
    }
    if let Some(past) = all.get(MOST) {
        let fault = Fault::error(&past.span, format!("a plan speaks {MOST} languages at most"));
        reader.tell(fault.remedy("take out those that nobody calls in"));
    }
    all
}

/// `language: nb`
pub(super) const STEP: StepWord = StepWord {
    key: &Key::optional(
        "language",
        word::SPEAKS,
        "Speaks to the caller in this language from now on: one of the plan's, or a variable that names one in `{{ ... }}`.",
    ),
    alone: None,
    read: |_, value, reader| reader.read(value, &word::SPEAKS, "language").map_or(RawAct::Unread, RawAct::Language),
};
