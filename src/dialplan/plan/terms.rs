//! Who may be rung for a caller, by how long he has waited.

use std::{collections::BTreeMap, time::Duration};

use crate::domain::Name;

/// What a queue asks of those who are rung for a caller, from a moment of his waiting on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// When he has waited for so long.
    pub after: Duration,
    /// Which penalties may be rung.
    pub penalties: Penalties,
    /// The least level of each skill that is asked for.
    pub skills: BTreeMap<Name, u32>,
}

/// Limits to penalties, as rules of `queuerules.conf` set them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Penalties {
    /// Nobody with a smaller one is rung.
    pub min: u32,
    /// Nobody with a greater one is rung.
    pub max: Option<u32>,
    /// Smaller ones count as if they were this one.
    pub raise: Option<Raise>,
}

/// Smaller penalties are raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raise {
    /// So far.
    pub to: u32,
    /// Only those that are not below the least that may be rung.
    pub from_min: bool,
}

/// Why somebody may not be rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit<'t> {
    /// A skill that he has not, or not well enough.
    Skill {
        /// Which.
        skill: &'t Name,
        /// The level that is asked for.
        least: u32,
        /// His; `None`: he has it not at all.
        level: Option<u32>,
    },
    /// A penalty outside the limits.
    Penalty {
        /// His, as it counts.
        counts: u32,
        /// The limits.
        limits: Penalties,
    },
}

impl Terms {
    /// The penalty that counts of one with this penalty and these skills; `None`: he may not be rung.
    pub fn admit(&self, penalty: u32, skills: &BTreeMap<Name, u32>) -> Option<u32> {
        self.unfit(penalty, skills).next().is_none().then(|| self.penalties.counts(penalty))
    }

    /// All that keeps one with this penalty and these skills from being rung.
    pub fn unfit<'t>(&'t self, penalty: u32, skills: &'t BTreeMap<Name, u32>) -> impl Iterator<Item = Unfit<'t>> {
        let limits = self.penalties;
        let counts = limits.counts(penalty);
        let outside = (!limits.admit(counts)).then_some(Unfit::Penalty { counts, limits });
        let asked = self.skills.iter().map(|(skill, least)| (skill, *least, skills.get(skill).copied()));
        let lacking = asked.filter(|(_, least, level)| level.is_none_or(|level| level < *least));
        outside.into_iter().chain(lacking.map(|(skill, least, level)| Unfit::Skill { skill, least, level }))
    }
}

impl Penalties {
    /// What a penalty counts as: smaller ones may be raised.
    fn counts(self, penalty: u32) -> u32 {
        let raise = self.raise.filter(|raise| !raise.from_min || penalty >= self.min);
        raise.map_or(penalty, |raise| penalty.max(raise.to))
    }

    /// Whether one that counts so may be rung. As app_queue does it: first raised, then compared with the limits.
    fn admit(self, counts: u32) -> bool {
        counts >= self.min && self.max.is_none_or(|max| counts <= max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smaller_penalties_are_raised_before_they_are_compared_with_the_limits() {
        let raised = |from_min| Penalties { min: 2, max: Some(5), raise: Some(Raise { to: 3, from_min }) };
        let admitted = |penalties: Penalties| {
            let terms = Terms { penalties, ..Terms::default() };
            (0..7).map(|penalty| terms.admit(penalty, &BTreeMap::new())).collect::<Vec<_>>()
        };
        assert_eq!(admitted(raised(false)), [Some(3), Some(3), Some(3), Some(3), Some(4), Some(5), None]);
        assert_eq!(admitted(raised(true)), [None, None, Some(3), Some(3), Some(4), Some(5), None]);
        assert_eq!(admitted(Penalties::default())[6], Some(6));
    }

    #[test]
    fn a_skill_is_had_from_its_level_on() {
        let skills = |level| [(Name::new("english"), level)].into();
        let terms = Terms { skills: skills(3), ..Terms::default() };
        assert_eq!(terms.admit(0, &skills(2)), None);
        assert_eq!(terms.admit(0, &skills(3)), Some(0));
        assert_eq!(terms.admit(0, &BTreeMap::new()), None);
    }

    #[test]
    fn all_that_keeps_somebody_out_is_named() {
        let asked = [(Name::new("billing"), 1), (Name::new("english"), 3), (Name::new("german"), 2)].into();
        let limits = Penalties { max: Some(1), ..Penalties::default() };
        let terms = Terms { penalties: limits, skills: asked, ..Terms::default() };
        let has = [(Name::new("english"), 2), (Name::new("german"), 2)].into();
        let unfit: Vec<Unfit> = terms.unfit(4, &has).collect();
        let skills: Vec<_> = unfit
            .iter()
            .filter_map(|unfit| match unfit {
                Unfit::Skill { skill, least, level } => Some((&***skill, *least, *level)),
                Unfit::Penalty { .. } => None,
            })
            .collect();
        assert_eq!(skills, [("billing", 1, None), ("english", 3, Some(2))]);
        assert_eq!(unfit[0], Unfit::Penalty { counts: 4, limits });
    }
}
