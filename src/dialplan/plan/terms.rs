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

impl Terms {
    /// The penalty that counts of one with this penalty and these skills; `None`: he may not be rung.
    pub fn admit(&self, penalty: u32, skills: &BTreeMap<Name, u32>) -> Option<u32> {
        let able = self.skills.iter().all(|(skill, least)| skills.get(skill).is_some_and(|level| level >= least));
        self.penalties.admit(penalty).filter(|_| able)
    }
}

impl Penalties {
    /// As app_queue does it: first raised, then compared with the limits.
    fn admit(self, penalty: u32) -> Option<u32> {
        let raise = self.raise.filter(|raise| !raise.from_min || penalty >= self.min);
        let counts = raise.map_or(penalty, |raise| penalty.max(raise.to));
        (counts >= self.min && self.max.is_none_or(|max| counts <= max)).then_some(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smaller_penalties_are_raised_before_they_are_compared_with_the_limits() {
        let raised = |from_min| Penalties { min: 2, max: Some(5), raise: Some(Raise { to: 3, from_min }) };
        let admitted = |penalties: Penalties| (0..7).map(|penalty| penalties.admit(penalty)).collect::<Vec<_>>();
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
}
