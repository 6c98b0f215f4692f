//! The languages of a plan, and the step that changes a call's, as typed.

use super::{logic::Text, step::RawAct};
use crate::{
    dialplan::word,
    domain::Language,
    yaml::{At, Fault, Fields, Node, Reader, quoted},
};

/// More languages than this are a mistake: each needs its own prompts.
const MOST: usize = 16;

/// `language: nb`, or `languages: [en, nb]`, of which the first is the one that calls begin in. None: the plan names none.
pub(super) fn languages(fields: &Fields<'_>, reader: &mut Reader) -> Vec<At<Language>> {
    match (fields.get("language"), fields.get("languages")) {
        (None, None) => Vec::new(),
        (Some(one), None) => reader.value(one, "a language", word::language).into_iter().collect(),
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
    for language in reader.values(node, "a list of languages", word::language) {
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
pub(super) fn step(node: &Node, reader: &mut Reader) -> RawAct {
    let language: Option<Text> = reader.value(node, "a language", |word| Ok(word.into()));
    language.map_or(RawAct::Unread, RawAct::Language)
}
