//! Telephones of the house, from which a call comes that is none from outside.

use crate::{
    dialplan::{Plan, Reaches},
    domain::Name,
};

/// A telephone of the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HousePhone {
    /// What it is called on the stage: its operator's name, or its internal number.
    pub name: Name,
    /// The number that it presents: its internal one, if it has one.
    pub number: Option<String>,
}

impl HousePhone {
    /// The one that somebody means: an operator's by his name or his internal number, another by its internal number.
    pub fn of(plan: &Plan, typed: &str) -> Option<Self> {
        let of_operator = |name: &Name| {
            let operator = plan.operators.get(name)?;
            let number = operator.extension.as_ref().map(ToString::to_string);
            Some(Self { name: operator.name.clone(), number })
        };
        if let Some((name, _)) = plan.operators.get_key_value(typed) {
            return of_operator(name);
        }
        let (number, extension) = plan.extensions.get_key_value(typed)?;
        match &extension.reaches {
            Reaches::Operator(name) => of_operator(name),
            Reaches::Phone(_) => Some(Self { name: number.clone(), number: Some(number.to_string()) }),
            Reaches::Flow => None,
        }
    }
}

/// Whom an internal number reaches, in words: `101 (anna)`, `205`, `600 (a flow)`.
pub(super) fn extension_words(plan: &Plan, number: &str) -> String {
    match plan.extensions.get(number).map(|extension| &extension.reaches) {
        Some(Reaches::Operator(name)) => format!("{number} ({name})"),
        Some(Reaches::Phone(_)) => format!("{number} (a telephone)"),
        Some(Reaches::Flow) => format!("{number} (a flow)"),
        None => number.to_owned(),
    }
}
