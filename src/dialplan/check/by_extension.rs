//! Dial by extension: which internal numbers a menu takes, and where they clash with its options.

use std::{collections::BTreeMap, ops::Bound};

use super::{dial::Reached, graph::Graph};
use crate::{
    dialplan::{
        plan::{Act, Dial, StepId, Target},
        raw::{RawByExtension, RawMenu},
        word::spoken,
    },
    domain::{Digits, Name},
    yaml::{At, Fault, Span, quoted},
};

/// So many numbers are named in one message.
const MOST_NAMED: usize = 3;

impl<'r> Graph<'r> {
    /// The internal numbers that a menu takes, each with its step. Where nobody answers, the call is back at the menu, which
    /// is the step `at`.
    pub(super) fn by_extension(&mut self, typed: &'r RawByExtension, at: StepId) -> BTreeMap<Digits, StepId> {
        let dial = self.ringing(&typed.ringing, Some(at));
        let dial = Dial { otherwise: dial.otherwise.or(Some(at)), ..dial };
        let listed = match &typed.only {
            Some(only) => self.named(only),
            None => self.everybody(typed),
        };
        let mut extensions = BTreeMap::new();
        for (name, reaches) in listed {
            let target = match reaches {
                Reached::Operator(operator) => Some(Target::Operator(operator.clone())),
                Reached::Phone(_) => Some(Target::Phone(name.clone())),
                Reached::Flow(_) => None,
            };
            let step = match (target, reaches) {
                (Some(target), _) => {
                    let dial = Dial { to: vec![target], ..dial.clone() };
                    Some(self.push(Act::Dial(dial.into()), &typed.span))
                }
                // A flow that is not there is told where the number is.
                (None, Reached::Flow(flow)) => flow.and_then(|flow| self.flows.get(&flow.value).copied()),
                (None, Reached::Operator(_) | Reached::Phone(_)) => None,
            };
            extensions.extend(Digits::new(name).zip(step));
        }
        extensions
    }

    /// Operators and telephones. What leads to a flow may be a code for the house alone, so it is named or left out.
    fn everybody(&mut self, typed: &RawByExtension) -> Vec<(&'r Name, Reached<'r>)> {
        let people = self.directory.extensions().filter(|(_, reaches)| !matches!(reaches, Reached::Flow(_)));
        let people: Vec<_> = people.collect();
        if people.is_empty() {
            let fault = Fault::warning(&typed.span, "no operator and no telephone has an internal number to dial here");
            self.doubts.push(fault.remedy("give operators an `extension`: `anna: {dial: PJSIP/anna, extension: 101}`"));
        }
        people
    }

    fn named(&mut self, only: &[At<Name>]) -> Vec<(&'r Name, Reached<'r>)> {
        let mut listed: BTreeMap<&'r Name, (Reached<'r>, &Span)> = BTreeMap::new();
        for number in only {
            let Some((name, reaches)) = self.directory.listed(&number.value, &number.span, self.faults) else {
                continue;
            };
            if let Some((_, first)) = listed.insert(name, (reaches, &number.span)) {
                let fault = Fault::error(&number.span, format!("{} is here twice", quoted(name)));
                self.faults.push(fault.related(first, "first here").remedy("keep one of the two"));
            }
        }
        listed.into_iter().map(|(name, (reaches, _))| (name, reaches)).collect()
    }

    /// Tells options that are internal numbers, too, and answers for which a caller waits since longer ones begin with them.
    pub(super) fn tell_clashes(&mut self, menu: &RawMenu, extensions: &BTreeMap<Digits, StepId>) {
        let Some(typed) = &menu.by_extension else { return };
        for (option, _) in &menu.options {
            if extensions.contains_key(&option.value) {
                self.tell_clash(option);
            } else {
                self.tell_wait(&option.value, &option.span, menu, extensions);
            }
        }
        for number in extensions.keys() {
            self.tell_wait(number, &typed.span, menu, extensions);
        }
    }

    fn tell_clash(&mut self, option: &At<Digits>) {
        let number = option.value.to_string();
        let message =
            format!("{} is an option of this menu and an internal number that it takes, too", quoted(&number));
        let fault = Fault::error(&option.span, message);
        let place = self.directory.place(&Name::new(&number));
        let fault = place.into_iter().fold(fault, |fault, span| fault.related(span, "the internal number"));
        self.faults
            .push(fault.remedy(
                "choose other keys, or list the internal numbers that callers may dial here, without this one",
            ));
    }

    /// `span`: where to point for an answer.
    fn tell_wait(&mut self, answer: &Digits, span: &Span, menu: &RawMenu, extensions: &BTreeMap<Digits, StepId>) {
        let longer = |other: &Digits| other != answer && other.starts_with(answer);
        // In their order, those that begin with it stand right behind it.
        let numbers = extensions.range((Bound::Excluded(answer), Bound::Unbounded)).map(|(number, _)| number);
        let numbers = numbers.take_while(|number| longer(number));
        // Of two options, the longer one is a mistake.
        let is_number = extensions.contains_key(answer);
        let options = menu.options.iter().map(|(keys, _)| &keys.value).filter(|keys| is_number && longer(keys));
        let all: Vec<String> = numbers.chain(options).map(|keys| quoted(&keys.to_string())).collect();
        if all.is_empty() {
            return;
        }
        let (short, wait) = (quoted(&answer.to_string()), spoken(menu.asking.inter_digit));
        let begin = if all.len() == 1 { "begins" } else { "begin" };
        let message =
            format!("who presses {short} waits {wait}, unless `#` ends it: {} {begin} with it", several(&all));
        let remedy = "choose keys with which no internal number begins, or a shorter `inter_digit`";
        self.doubts.push(Fault::warning(span, message).remedy(remedy));
    }
}

/// `101`, `102`, `103` and 9 more.
fn several(all: &[String]) -> String {
    match all.get(..MOST_NAMED) {
        Some(first) if all.len() > MOST_NAMED => format!("{} and {} more", first.join(", "), all.len() - MOST_NAMED),
        Some(_) | None => all.join(" and "),
    }
}
