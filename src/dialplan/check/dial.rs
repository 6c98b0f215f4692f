//! Who can be dialled: internal numbers, trunks, and the step that rings them.

use std::{collections::BTreeMap, sync::Arc};

use indexmap::IndexMap;

use super::{Known, graph::Graph, values};
use crate::{
    dialplan::{
        expr::{Expr, Scope, Trouble, Type, template},
        plan::{Act, Dial, DialMode, Extension, Outside, Reaches, StepId, Target, Trunk},
        raw::{PHONE_RINGS, RawDial, RawPlan, RawRinging, RawTarget, RawTrunk, Text},
        word::{self, LONGEST_EXTENSION},
    },
    domain::{Country, E164, Name, Number, Reason},
    yaml::{At, ENOUGH, Fault, Span, quoted, suggest},
};

/// Everybody who can be dialled by a plan.
pub(super) struct Directory<'r> {
    operators: Known<'r>,
    trunks: Known<'r>,
    /// The trunk that is meant where none is named.
    only: Option<&'r Name>,
    extensions: BTreeMap<&'r Name, Listed<'r>>,
    country: Option<Country>,
}

/// An internal number, and whom it reaches.
struct Listed<'r> {
    span: &'r Span,
    reaches: Reached<'r>,
}

/// Whom an internal number reaches, as typed.
#[derive(Clone, Copy)]
pub(super) enum Reached<'r> {
    Operator(&'r Name),
    /// `None`: the dial string could not be read.
    Phone(Option<&'r Arc<str>>),
    Flow(Option<&'r At<Name>>),
}

impl<'r> Directory<'r> {
    /// Internal numbers that are there twice, or are public ones too, are told.
    pub(super) fn new(raw: &'r RawPlan, faults: &mut Vec<Fault>) -> Self {
        let trunks = raw.trunks.iter().map(|trunk| &trunk.name);
        let mut directory = Self {
            operators: Known::new(
                raw.operators.iter().map(|it| &it.name),
                "there is no operator",
                "operators of this plan",
            ),
            trunks: Known::new(trunks, "there is no trunk", "trunks of this plan"),
            only: if let [only] = raw.trunks.as_slice() { Some(&only.name.value) } else { None },
            extensions: BTreeMap::new(),
            country: raw.country.as_ref().map(|at| at.value),
        };
        for operator in &raw.operators {
            if let Some(extension) = &operator.extension {
                directory.list(extension, Reached::Operator(&operator.name.value), faults);
            }
        }
        let read = raw.extensions.iter().filter(|typed| word::extension(&typed.number.value).is_ok());
        for extension in read {
            let reaches = match (&extension.flow, &extension.dial) {
                (Some(flow), _) => Reached::Flow(Some(flow)),
                (None, Some(dial)) => Reached::Phone(Some(&dial.value)),
                (None, None) => Reached::Phone(None),
            };
            directory.list(&extension.number, reaches, faults);
        }
        directory.tell_public(raw, faults);
        directory
    }

    fn list(&mut self, number: &'r At<Name>, reaches: Reached<'r>, faults: &mut Vec<Fault>) {
        let listed = Listed { span: &number.span, reaches };
        if let Some(first) = self.extensions.get(&number.value) {
            let message = format!("the internal number {} is given twice", quoted(&number.value));
            let fault = Fault::error(&number.span, message).related(first.span, "first here");
            faults.push(fault.remedy("give each a number of his own"));
            return;
        }
        self.extensions.insert(&number.value, listed);
    }

    /// A number that is both would lead to two places, depending on who dials it.
    fn tell_public(&self, raw: &RawPlan, faults: &mut Vec<Fault>) {
        for number in &raw.numbers {
            let bare = number.number.value.as_ref().map(|called| Name::new(called.bare()));
            let Some((name, listed)) = bare.as_ref().and_then(|bare| self.extensions.get_key_value(bare)) else {
                continue;
            };
            let message = format!("{} is a number of this plan and an internal one, too", quoted(name));
            let fault = Fault::error(listed.span, message).related(&number.number.span, "the other one");
            faults.push(
                fault.remedy("take one of the two out: an internal number can lead to a flow, `{flow: welcome}`"),
            );
        }
    }

    fn target(
        &self,
        typed: &At<RawTarget>,
        trunk: Option<&Name>,
        scope: &Scope,
        faults: &mut Vec<Fault>,
    ) -> Option<Target> {
        match &typed.value {
            RawTarget::Named(name) => {
                let name = At { value: name.clone(), span: typed.span.clone() };
                self.operators.has(&name, faults).then_some(Target::Operator(name.value))
            }
            RawTarget::Digits(digits) => self.digits(digits, &typed.span, trunk, faults),
            RawTarget::Computed(text) => {
                let text = At { value: text.clone(), span: typed.span.clone() };
                let expr = computed(&text, scope, faults)?;
                self.over(&typed.span, trunk, Outside::Computed(expr), faults)
            }
        }
    }

    fn digits(&self, digits: &str, span: &Span, trunk: Option<&Name>, faults: &mut Vec<Fault>) -> Option<Target> {
        let bare = Number::parse(digits)?;
        let internal = !digits.starts_with('+') && bare.as_str().len() <= LONGEST_EXTENSION;
        if internal {
            return self.extension(digits, span, faults);
        }
        let Some(number) = E164::read(digits, self.country) else {
            let remedy = match self.country {
                Some(country) => format!("write a number of {}, or one with `+` and its country", country.name()),
                None => {
                    "write it with `+` and its country, \"+47 900 00 000\", or add `country: NO` at the top of the plan"
                        .into()
                }
            };
            faults.push(
                Fault::error(span, format!("{} is no number that can be dialled", quoted(digits))).remedy(remedy),
            );
            return None;
        };
        self.over(span, trunk, Outside::Number(number), faults)
    }

    /// Every internal number, and whom it reaches.
    pub(super) fn extensions(&self) -> impl Iterator<Item = (&'r Name, Reached<'r>)> {
        self.extensions.iter().map(|(name, listed)| (*name, listed.reaches))
    }

    /// Where an internal number is given.
    pub(super) fn place(&self, number: &Name) -> Option<&'r Span> {
        self.extensions.get(number).map(|listed| listed.span)
    }

    /// An internal number that is named somewhere, if there is one.
    pub(super) fn listed(
        &self,
        number: &Name,
        span: &Span,
        faults: &mut Vec<Fault>,
    ) -> Option<(&'r Name, Reached<'r>)> {
        let listed = self.extensions.get_key_value(number).map(|(name, listed)| (*name, listed.reaches));
        if listed.is_none() {
            let known = self.extensions.keys().map(|name| &***name);
            let remedy = suggest::instead(number, known, "internal numbers are");
            let message = format!("there is no internal number {}", quoted(number));
            faults.push(Fault::error(span, message).remedy(remedy));
        }
        listed
    }

    fn extension(&self, digits: &str, span: &Span, faults: &mut Vec<Fault>) -> Option<Target> {
        let (name, reaches) = self.listed(&Name::new(digits), span, faults)?;
        match reaches {
            Reached::Operator(operator) => Some(Target::Operator(operator.clone())),
            Reached::Phone(_) => Some(Target::Phone(name.clone())),
            Reached::Flow(flow) => {
                let flow = flow.map_or("", |flow| &*flow.value);
                let message = format!("{} leads to a flow, and nobody is there to be rung", quoted(name));
                let fault = Fault::error(span, message);
                let fault = self.place(name).into_iter().fold(fault, |fault, span| fault.related(span, "its line"));
                faults.push(fault.remedy(format!("go there instead: {}", quoted(&format!("- flow: {flow}")))));
                None
            }
        }
    }

    /// The trunk that is named, or else the plan's only one; what is wrong with that is told.
    pub(super) fn trunk(&self, named: Option<&At<Name>>, span: &Span, faults: &mut Vec<Fault>) -> Option<Name> {
        if let Some(named) = named {
            return self.trunks.has(named, faults).then(|| named.value.clone());
        }
        if let Some(only) = self.only {
            return Some(only.clone());
        }
        let (message, remedy) = if self.trunks.names.is_empty() {
            (
                "to call somebody back a trunk is needed, and the plan has none",
                "add `trunks: {provider: {dial: \"PJSIP/{number}@provider\"}}` to the plan",
            )
        } else {
            ("the plan has several trunks, and this does not say which", "add `trunk: NAME`")
        };
        faults.push(Fault::error(span, message).remedy(remedy));
        None
    }

    fn over(&self, span: &Span, trunk: Option<&Name>, number: Outside, faults: &mut Vec<Fault>) -> Option<Target> {
        if let Some(trunk) = trunk.or(self.only) {
            return Some(Target::Outside { number, trunk: trunk.clone() });
        }
        let (message, remedy) = if self.trunks.names.is_empty() {
            (
                "a number outside needs a trunk, and the plan has none",
                "add `trunks: {provider: {dial: \"PJSIP/{number}@provider\"}}` to the plan",
            )
        } else {
            ("the plan has several trunks, and this step does not say which", "add `trunk: NAME` to the step")
        };
        faults.push(Fault::error(span, message).remedy(remedy));
        None
    }
}

/// A number that is computed: a text, since digits count as they are written.
pub(super) fn computed(text: &Text, scope: &Scope, faults: &mut Vec<Fault>) -> Option<Expr> {
    match template(&text.value, scope) {
        Ok(expr) if expr.kind() == Type::Text => Some(expr),
        Ok(expr) => {
            let message = format!("a telephone number is a text, and this is {}", expr.kind().word());
            faults.push(Fault::error(&text.span, message).remedy("dial what is a text: \"{{ caller.number }}\""));
            None
        }
        Err(trouble @ (Trouble::Wrong(..) | Trouble::Later)) => {
            values::tell(text, trouble, faults);
            None
        }
    }
}

impl<'r> Graph<'r> {
    /// The step `dial`.
    pub(super) fn dial(&mut self, typed: &'r RawDial, next: Option<StepId>) -> Act {
        if let Some(trunk) = &typed.trunk {
            self.directory.trunks.has(trunk, self.faults);
        }
        let trunk = typed.trunk.as_ref().map(|trunk| &trunk.value);
        let mut to: Vec<Target> = Vec::new();
        for target in &typed.to {
            if self.faults.len() >= ENOUGH {
                break;
            }
            let Some(meant) = self.directory.target(target, trunk, &self.scope, self.faults) else { continue };
            if to.contains(&meant) {
                let fault = Fault::error(&target.span, "here somebody is dialled for the second time");
                self.faults.push(fault.remedy("name each once"));
                continue;
            }
            to.push(meant);
        }
        Act::Dial(Arc::new(Dial { to, mode: typed.mode, ..self.ringing(&typed.ringing, next) }))
    }

    /// A step that rings nobody yet, and its ways. `next`: where they go on.
    pub(super) fn ringing(&mut self, typed: &'r RawRinging, next: Option<StepId>) -> Dial {
        let mut way = |body: &'r Option<_>| body.as_ref().map(|body| self.body(body, next));
        let (busy, no_answer) = (way(&typed.busy), way(&typed.no_answer));
        let (unreachable, otherwise) = (way(&typed.unreachable), way(&typed.otherwise));
        let (to, mode, ring) = (Vec::new(), DialMode::InTurn, typed.ring);
        Dial { to, mode, ring, busy, no_answer, unreachable, otherwise }
    }

    /// Internal numbers, and the steps of those that ring somebody.
    pub(super) fn extensions(&mut self) -> IndexMap<Name, Extension> {
        let listed: Vec<_> = self.directory.extensions.iter().map(|(name, it)| (*name, it.span, it.reaches)).collect();
        let mut extensions = IndexMap::new();
        for (name, span, reaches) in listed {
            let found = match reaches {
                Reached::Operator(operator) => {
                    let entry = self.ring(Target::Operator(operator.clone()), span);
                    Some(Extension { entry, reaches: Reaches::Operator(operator.clone()) })
                }
                Reached::Phone(dial) => dial.map(|dial| {
                    let entry = self.ring(Target::Phone(name.clone()), span);
                    Extension { entry, reaches: Reaches::Phone(dial.clone()) }
                }),
                Reached::Flow(flow) => {
                    let entry = flow.and_then(|flow| self.flow(flow));
                    entry.map(|entry| Extension { entry, reaches: Reaches::Flow })
                }
            };
            extensions.extend(found.map(|found| (name.clone(), found)));
        }
        extensions
    }

    /// The steps of an internal number that rings somebody: whoever cannot be had is told so, as telephones do.
    fn ring(&mut self, target: Target, span: &Span) -> StepId {
        let mut end = |reason| self.push(Act::HangUp(reason), span);
        let (busy, no_answer, unreachable) = (end(Reason::Busy), end(Reason::NoAnswer), end(Reason::Congestion));
        let dial = Dial {
            to: vec![target],
            mode: DialMode::InTurn,
            ring: PHONE_RINGS,
            busy: Some(busy),
            no_answer: Some(no_answer),
            unreachable: Some(unreachable),
            otherwise: None,
        };
        self.push(Act::Dial(Arc::new(dial)), span)
    }
}

/// Trunks as meant.
pub(super) fn trunks(raw: &RawPlan) -> IndexMap<Name, Trunk> {
    let trunk = |typed: &RawTrunk| {
        let dial = typed.dial.as_ref()?.value.clone();
        let name = typed.name.value.clone();
        let (shows, identity) = (typed.shows.clone(), typed.identity.clone());
        Some((name.clone(), Trunk { name, dial, channels: typed.channels, shows, identity, tariff: typed.tariff }))
    };
    raw.trunks.iter().filter_map(trunk).collect()
}
