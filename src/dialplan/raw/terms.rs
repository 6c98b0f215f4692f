//! Whom a queue rings for a caller by how long he has waited, as typed: rules of penalties, skills that are asked for.

use std::time::Duration;

use super::HOUR;
use crate::{
    dialplan::word::{self, Change, Count, Lasting, Plain, Raising},
    domain::Name,
    yaml::{At, Fields, Key, Kind, Many, Mapping, Named, Node, Or, Reader, Span, Word},
};

/// The greatest level of a skill.
const MOST_LEVEL: u32 = 100;

/// Skills and their levels, as typed.
pub(in crate::dialplan) type RawSkills = Vec<(At<Name>, u32)>;

/// A rule of penalties as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawPenalties {
    pub(in crate::dialplan) after: Duration,
    pub(in crate::dialplan) min: Option<At<Change>>,
    pub(in crate::dialplan) max: Option<At<Change>>,
    pub(in crate::dialplan) raise: Option<At<Raising>>,
    /// Whether it names any of them, be it read or not.
    pub(in crate::dialplan) says: bool,
    pub(in crate::dialplan) span: Span,
}

/// Skills that are asked for from a moment on, as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawRelax {
    pub(in crate::dialplan) after: Duration,
    pub(in crate::dialplan) skills: RawSkills,
    pub(in crate::dialplan) span: Span,
}

const LEVEL: Count = Count { what: "the level of a skill", from: 1, to: MOST_LEVEL };

pub(super) const LEVELS: Named<Plain<Name>, Count> = Named { name: word::NAME, thing: LEVEL, least: 0 };

/// What somebody can, and how well.
pub(super) const HAS: Key<Named<Plain<Name>, Count>> =
    Key::optional("skills", LEVELS, "What he can, and how well: names of the plan's own, with levels from 1 to 100.");

const SINCE: Key<Or<Lasting>> = Key::or(
    "after",
    Lasting::within(Duration::ZERO, HOUR.saturating_mul(24)),
    Duration::ZERO,
    "When a caller has waited for so long; from the beginning when it is missing.",
);
const MIN: Key<Plain<Change>> = Key::optional("min", word::LIMIT, "Nobody with a smaller penalty is rung.");
const MAX: Key<Plain<Change>> = Key::optional("max", word::LIMIT, "Nobody with a greater penalty is rung.");
const RAISE: Key<Plain<Raising>> =
    Key::optional("raise", word::RAISING, "Smaller penalties count as if they were this one.");

const RULE: Mapping = Mapping { what: "a rule of penalties", keys: &[&SINCE, &MIN, &MAX, &RAISE] };

/// Rules of penalties.
pub(super) const PENALTIES: Key<Many<Mapping>> = Key::optional(
    "penalties",
    Many { one: RULE, least: 1 },
    "Which penalties may be rung, by how long a caller has waited: a rule or a list of them. What a rule does not name stays \
     as it was.",
);

/// Skills that are asked for.
pub(super) const NEEDS: Key<Named<Plain<Name>, Count>> = Key::optional(
    "skills",
    LEVELS,
    "Only operators with these skills are rung, and with no smaller levels than these.",
);

const RELAXED: Key<Named<Plain<Name>, Count>> =
    Key::required("skills", "skills: {}", LEVELS, "What is asked for then, instead of all that was asked for before.");
const LATER: Key<Lasting> = Key::required(
    "after",
    "after: 45s",
    Lasting::within(Duration::from_secs(1), HOUR.saturating_mul(24)),
    "When a caller has waited for so long.",
);

const LESS: Mapping = Mapping { what: "a step of `relax`", keys: &[&LATER, &RELAXED] };

/// When less is asked for.
pub(super) const RELAX: Key<Many<Mapping>> = Key::optional(
    "relax",
    Many { one: LESS, least: 1 },
    "What is asked for instead of `skills`, by how long a caller has waited.",
);

/// Reads skills behind a key.
pub(super) fn skills(node: &Node, reader: &mut Reader) -> RawSkills {
    let named =
        reader.named(node, "skills with their levels", |name| word::NAME.read("skills", name), |name| name, Name::new);
    let level = |(name, node): (At<Name>, &Node), reader: &mut Reader| {
        let level = reader.read(node, &LEVEL, "level")?;
        Some((name, level.value))
    };
    named.into_iter().flatten().filter_map(|named| level(named, reader)).collect()
}

/// Reads rules of penalties.
pub(super) fn penalties(node: &Node, reader: &mut Reader) -> Vec<RawPenalties> {
    let rule = |node: &Node, reader: &mut Reader| {
        let fields = reader.fields(node, &RULE, &node.span)?;
        let after = reader.or(&fields, &SINCE);
        let (min, max) = (reader.maybe(&fields, &MIN), reader.maybe(&fields, &MAX));
        let says = fields.get(&MIN).is_some() || fields.get(&MAX).is_some() || fields.get(&RAISE).is_some();
        let raise = reader.maybe(&fields, &RAISE);
        Some(RawPenalties { after, min, max, raise, says, span: node.span.clone() })
    };
    one_or_many(node).iter().filter_map(|node| rule(node, reader)).collect()
}

/// Reads when less is asked for.
pub(super) fn relax(node: &Node, reader: &mut Reader) -> Vec<RawRelax> {
    let less = |node: &Node, reader: &mut Reader| {
        let fields = reader.fields(node, &LESS, &node.span)?;
        let after = reader.needed(&fields, &LATER)?.value;
        let skills = needed(&fields, reader);
        Some(RawRelax { after, skills, span: node.span.clone() })
    };
    one_or_many(node).iter().filter_map(|node| less(node, reader)).collect()
}

fn needed(fields: &Fields<'_>, reader: &mut Reader) -> RawSkills {
    let node = reader.required(fields, &RELAXED);
    node.map(|node| skills(node, reader)).unwrap_or_default()
}

fn one_or_many(node: &Node) -> &[Node] {
    match &node.kind {
        Kind::List(items) => items,
        Kind::Nothing | Kind::Word(_) | Kind::Map(_) => std::slice::from_ref(node),
    }
}
