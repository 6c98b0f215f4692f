//! The step with which a call asks for skills, as typed.

use super::{
    step::{RawAct, StepWord},
    terms::{self, RawRelax, RawSkills},
};
use crate::{
    dialplan::word::{Count, Plain},
    domain::Name,
    yaml::{Key, Mapping, Named, Node, Reader},
};

/// What a call asks for, as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawRequire {
    pub(in crate::dialplan) skills: RawSkills,
    pub(in crate::dialplan) relax: Vec<RawRelax>,
}

const SKILLS: Key<Named<Plain<Name>, Count>> = Key::required(
    "skills",
    "skills: {english: 3}",
    terms::LEVELS,
    "Only operators with these skills are rung for this call, and with no smaller levels than these; `{}`: nothing is asked \
     for any more.",
);

const KEYS: Mapping = Mapping { what: "the step `require`", keys: &[&SKILLS, &terms::RELAX] };

pub(super) const REQUIRE: StepWord = StepWord {
    key: &Key::optional(
        "require",
        KEYS,
        "Lets a call ask for skills of operators from now on, in every queue that it comes to and besides what that asks for, \
         and goes on behind it at once.",
    ),
    alone: None,
    read,
};

/// `require: {skills: {english: 3}, relax: {after: 45s, skills: {}}}`
fn read(key: &Node, value: &Node, reader: &mut Reader) -> RawAct {
    let Some(fields) = reader.fields(value, &KEYS, &key.span) else { return RawAct::Unread };
    let skills = reader.required(&fields, &SKILLS).map(|node| terms::skills(node, reader)).unwrap_or_default();
    let relax = fields.get(&terms::RELAX).map(|node| terms::relax(node, reader)).unwrap_or_default();
    RawAct::Require(RawRequire { skills, relax })
}
