//! Who is rung.

use std::fmt;

use crate::domain::{E164, Name};

/// Somebody who is rung, be he of a queue or dialled by a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Callee {
    /// An operator of the plan.
    Operator(Name),
    /// A phone that is no operator's, by its internal number.
    Phone(Name),
    /// A number outside.
    Outside {
        /// Which.
        number: E164,
        /// Over which trunk.
        trunk: Name,
    },
}

impl Callee {
    /// All words of [`Self::kind`], for metrics.
    pub const KINDS: [&str; 3] = ["operator", "phone", "outside"];

    /// The operator that he is.
    pub fn operator(&self) -> Option<&Name> {
        match self {
            Self::Operator(name) => Some(name),
            Self::Phone(_) | Self::Outside { .. } => None,
        }
    }

    /// The trunk that leads to him.
    pub fn trunk(&self) -> Option<&Name> {
        match self {
            Self::Outside { trunk, .. } => Some(trunk),
            Self::Operator(_) | Self::Phone(_) => None,
        }
    }

    /// The word for what he is: `operator`, `phone`, `outside`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Operator(_) => "operator",
            Self::Phone(_) => "phone",
            Self::Outside { .. } => "outside",
        }
    }

    /// What he is called in the id of a leg: no operator's name has a dot in it, and none of it has a dash.
    pub(crate) fn tag(&self) -> String {
        match self {
            Self::Operator(name) => name.to_string(),
            Self::Phone(keys) => format!("phone.{}", keys.replace('*', "s").replace('#', "h")),
            Self::Outside { number, trunk } => format!("trunk.{trunk}.{}", number.digits()),
        }
    }

    /// Whom [`Self::tag`] named. An operator may be in no plan any more.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        match tag.split_once('.') {
            None => Some(Self::Operator(Name::new(tag))),
            Some(("phone", keys)) => Some(Self::Phone(Name::new(&keys.replace('s', "*").replace('h', "#")))),
            Some(("trunk", rest)) => {
                let (trunk, digits) = rest.split_once('.')?;
                let number = E164::read(&format!("+{digits}"), None)?;
                Some(Self::Outside { number, trunk: Name::new(trunk) })
            }
            Some(_) => None,
        }
    }
}

impl fmt::Display for Callee {
    /// As people say it: `anna`, `205`, `+4790000000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator(name) | Self::Phone(name) => name.fmt(f),
            Self::Outside { number, .. } => number.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_known_again_by_his_tag() {
        let number = E164::read("+47 900 00 000", None).expect("a number");
        for callee in [
            Callee::Operator("anna".into()),
            Callee::Phone("205".into()),
            Callee::Phone("*6#".into()),
            Callee::Outside { number, trunk: "provider_2".into() },
        ] {
            let tag = callee.tag();
            assert!(!tag.contains('-'), "{tag}");
            assert_eq!(Callee::of_tag(&tag), Some(callee));
        }
        for tag in ["trunk.x", "trunk.x.12", "fax.205"] {
            assert_eq!(Callee::of_tag(tag), None, "{tag}");
        }
    }
}
