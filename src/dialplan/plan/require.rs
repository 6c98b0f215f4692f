//! What a call asks of those who are rung for it in a queue, whatever the queue asks.

use std::{collections::BTreeMap, time::Duration};

use crate::domain::Name;

/// Skills that a call asks for, by how long its caller has waited in a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requires {
    /// What is asked for from a moment on, each later than the one before, the first from the beginning; none: nothing is.
    pub steps: Vec<Required>,
}

/// The least levels of skills that are asked for from a moment on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Required {
    /// When he has waited for so long.
    pub after: Duration,
    /// The least level of each skill.
    pub skills: BTreeMap<Name, u32>,
}

/// Skills with their levels, as they are told: `english 3 german 1`.
pub fn skills_in_words(skills: &BTreeMap<Name, u32>) -> String {
    let words: Vec<String> = skills.iter().map(|(skill, level)| format!("{skill} {level}")).collect();
    words.join(" ")
}

impl Requires {
    /// What is asked for one who has waited so long; `None`: nothing.
    pub fn at(&self, waited: Duration) -> Option<&BTreeMap<Name, u32>> {
        let now = self.steps.iter().rev().find(|step| step.after <= waited);
        now.map(|step| &step.skills).filter(|skills| !skills.is_empty())
    }

    /// Whether one with these skills may be rung for a caller who has waited so long.
    pub fn admit(&self, waited: Duration, skills: &BTreeMap<Name, u32>) -> bool {
        let has = |(skill, least): (&Name, &u32)| skills.get(skill).is_some_and(|level| level >= least);
        self.at(waited).is_none_or(|asked| asked.iter().all(has))
    }

    /// How long one who has waited so long waits until something else is asked.
    pub fn changes_after(&self, waited: Duration) -> Option<Duration> {
        self.steps.iter().map(|step| step.after).find(|after| *after > waited)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_call_asks_for_is_less_when_its_caller_has_waited() {
        let skills = |level: u32| BTreeMap::from([(Name::new("english"), level)]);
        let required = |after, skills| Required { after: Duration::from_secs(after), skills };
        let requires =
            Requires { steps: vec![required(0, skills(4)), required(45, skills(1)), required(90, BTreeMap::new())] };
        let may = |seconds, level| requires.admit(Duration::from_secs(seconds), &skills(level));
        assert_eq!([may(0, 3), may(0, 4), may(44, 3), may(45, 3), may(45, 1)], [false, true, false, true, true]);
        assert!(!requires.admit(Duration::from_secs(45), &BTreeMap::new()));
        assert!(requires.admit(Duration::from_secs(90), &BTreeMap::new()));
        assert_eq!(requires.changes_after(Duration::ZERO), Some(Duration::from_secs(45)));
        assert_eq!(requires.changes_after(Duration::from_secs(90)), None);
        assert!(Requires::default().admit(Duration::ZERO, &BTreeMap::new()));
    }
}
