//! Operators and their telephones.

use std::sync::Arc;

use indexmap::IndexMap;

use super::{Known, accept};
use crate::{
    dialplan::{
        plan::{Asks, Operator, Phone, Trunk},
        raw::{RawOperator, RawPhone, RawPlan},
        word,
    },
    domain::Name,
    yaml::{Fault, quoted},
};

/// The operators of a plan.
pub(super) fn operators(
    raw: &RawPlan,
    trunks: &IndexMap<Name, Trunk>,
    asks: &Arc<Asks>,
    faults: &mut Vec<Fault>,
) -> IndexMap<Name, Operator> {
    let hours = Known::new(raw.hours.iter().map(|it| &it.name), "there are no hours", "hours of this plan");
    let mut operators = IndexMap::new();
    for typed in &raw.operators {
        tell(typed, &hours, faults);
        let phones: Vec<Phone> = typed.phones.iter().map(|phone| meant(typed, phone, trunks, asks)).collect();
        let Some(first) = phones.first().cloned() else { continue };
        let name = typed.name.value.clone();
        // What is behind a trunk has no state there: the trunk's own is of all its calls.
        let known = || word::device_of(&first.dial).filter(|_| first.trunk.is_none());
        let device = typed.device.as_ref().map_or_else(known, |at| at.value.clone());
        let operator = Operator {
            name: name.clone(),
            dial: first.dial,
            extension: typed.extension.as_ref().map(|at| at.value.clone()),
            skills: typed.skills.iter().map(|(skill, level)| (skill.value.clone(), *level)).collect(),
            accept: first.accept,
            trunk: first.trunk,
            device,
            shows: typed.shows.clone(),
            shows_name: typed.shows_name,
            signed_in: typed.duty.signed_in,
            pin: typed.duty.pin.as_ref().map(|at| at.value.clone()),
            capacity: typed.capacity.as_ref().map_or(1, |at| at.value),
            phones: if phones.len() > 1 { phones.into() } else { Arc::default() },
        };
        operators.insert(name, operator);
    }
    operators
}

fn meant(operator: &RawOperator, typed: &RawPhone, trunks: &IndexMap<Name, Trunk>, asks: &Arc<Asks>) -> Phone {
    let dial = typed.dial.value.clone();
    let accepts = if typed.says_accept { typed.accept.as_ref() } else { operator.accept.as_ref() };
    Phone {
        after: typed.after,
        trunk: trunks.values().find(|trunk| trunk.dial.fits(&dial)).map(|trunk| trunk.name.clone()),
        dial,
        accept: accept::meant(accepts, asks),
        hours: typed.hours.as_ref().map(|at| at.value.clone()),
    }
}

fn tell(typed: &RawOperator, hours: &Known<'_>, faults: &mut Vec<Fault>) {
    for of in typed.phones.iter().filter_map(|phone| phone.hours.as_ref()) {
        hours.has(of, faults);
    }
    if let Some(capacity) = typed.capacity.as_ref().filter(|at| at.value > 1 && typed.phones.len() > 1) {
        let message = format!("{} has several telephones, and so one call at a time", quoted(&typed.name.value));
        let remedy = "take `capacity` out, or name the one telephone at which he has several calls";
        faults.push(Fault::error(&capacity.span, message).remedy(remedy));
    }
    if let [RawPhone { hours: Some(hours), .. }] = typed.phones.as_slice() {
        let message = format!("the hours of the only telephone of {} decide nothing", quoted(&typed.name.value));
        let remedy = "take `hours` out, or name the telephone where he is otherwise";
        faults.push(Fault::error(&hours.span, message).remedy(remedy));
    }
    if let Some(phone) = typed.phones.get(Phone::MOST) {
        let message = format!("{} has more than {} telephones", quoted(&typed.name.value), Phone::MOST);
        faults.push(Fault::error(&phone.dial.span, message).remedy("take this one and those behind it out"));
    }
}
