//! Desks: telephones at which operators may sign in.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::{Known, graph::Graph, values};
use crate::{
    dialplan::{
        expr::{Type, template},
        plan::{AtDesk, Trunk},
        raw::{RawAtDesk, RawByPhone, RawPlan},
    },
    domain::Name,
    yaml::{At, Fault, quoted},
};

/// The desks of a plan, by their internal numbers.
pub(super) fn meant(raw: &RawPlan, trunks: &IndexMap<Name, Trunk>, faults: &mut Vec<Fault>) -> BTreeSet<Name> {
    let mut desks = BTreeSet::new();
    for typed in &raw.extensions {
        let Some(desk) = typed.desk.as_ref().filter(|desk| desk.value) else { continue };
        let number = quoted(&typed.number.value);
        if typed.flow.is_some() {
            let fault = Fault::error(&desk.span, format!("{number} leads to a flow, and nobody can sit there"));
            faults.push(fault.remedy("take `desk` out, or name its telephone: `{dial: PJSIP/desk1, desk: true}`"));
        }
        let Some(dial) = &typed.dial else { continue };
        if let Some(trunk) = trunks.values().find(|trunk| trunk.dial.fits(&dial.value)) {
            let message =
                format!("{number} is reached over the trunk {}, and a desk is in the house", quoted(&trunk.name));
            faults.push(Fault::error(&desk.span, message).remedy("take `desk` out"));
        }
        desks.insert(typed.number.value.clone());
    }
    desks
}

impl<'r> Graph<'r> {
    /// The desk of the step `operator`.
    pub(super) fn at_desk(&mut self, step: &'r RawByPhone) -> Option<AtDesk> {
        let At { value, span } = step.desk.as_ref()?;
        let raw = self.raw;
        let desks = raw.extensions.iter().filter(|typed| typed.desk.as_ref().is_some_and(|desk| desk.value));
        let desks: Vec<&At<Name>> = desks.map(|typed| &typed.number).collect();
        if desks.is_empty() {
            let fault = Fault::error(span, "the plan has no telephone at which operators may sign in");
            self.faults.push(
                fault.remedy("say of one that it is a desk: `extensions: {205: {dial: PJSIP/desk1, desk: true}}`"),
            );
            return None;
        }
        if step.extension.is_none() {
            let fault = Fault::error(span, "a desk is nobody's own telephone, and this step does not ask who he is");
            self.faults.push(fault.remedy("add `extension: {say: \"Your internal number, and then the hash key.\"}`"));
        }
        match value {
            RawAtDesk::Here => Some(AtDesk::Here),
            RawAtDesk::Number(number) => {
                let known = Known::new(desks.into_iter(), "there is no desk", "desks of this plan");
                let number = At { value: number.clone(), span: span.clone() };
                known.has(&number, self.faults).then_some(AtDesk::Number(number.value))
            }
            RawAtDesk::Computed(text) => match template(text, &self.scope) {
                Ok(expr) if expr.kind() == Type::Text => Some(AtDesk::Computed(expr)),
                Ok(expr) => {
                    let message = format!("an internal number is a text, and this is {}", expr.kind().word());
                    self.faults.push(Fault::error(span, message).remedy("name a variable that `ask` sets"));
                    None
                }
                Err(trouble) => {
                    values::tell(&At { value: text.clone(), span: span.clone() }, trouble, self.faults);
                    None
                }
            },
        }
    }
}
