//! Questions that callers answer with keys.

use super::{graph::Graph, values};
use crate::{
    dialplan::{
        expr::Type,
        plan::{Act, Ask, Asking, Choice, Confirm, Menu, StepId, Unanswered},
        raw::{RawAsk, RawAsking, RawChoice, RawConfirm, RawMenu},
    },
    domain::Digits,
    yaml::{At, Fault, quoted},
};

/// So many digits an answer has at most where the plan does not say it.
const MOST_DIGITS: u32 = 20;

impl<'r> Graph<'r> {
    /// A menu, which is the step `at`.
    pub(super) fn menu(&mut self, menu: &'r RawMenu, at: StepId, next: Option<StepId>) -> Menu {
        self.tell_ambiguous(menu);
        let options = menu.options.iter().map(|(keys, choice)| {
            let choice = match choice {
                RawChoice::Repeat => Choice::Repeat,
                RawChoice::Back => Choice::Back,
                RawChoice::Go(body) => Choice::Go(self.body(body, next)),
            };
            (keys.value.clone(), choice)
        });
        let options = options.collect();
        let extensions = menu.by_extension.as_ref().map(|typed| self.by_extension(typed, at)).unwrap_or_default();
        self.tell_clashes(menu, &extensions);
        Menu { options, extensions, asking: self.asking(&menu.asking, next) }
    }

    pub(super) fn asking(&mut self, asking: &'r RawAsking, next: Option<StepId>) -> Asking {
        if let (Some(_), Some(_), Some(lost)) = (&asking.on_silence, &asking.on_invalid, &asking.otherwise) {
            let fault =
                Fault::error(&lost.span, "`otherwise` is never taken: `on_silence` and `on_invalid` are all there is");
            self.faults.push(fault.remedy("take one of the three out"));
        }
        let mut way = |body: &'r Option<_>| body.as_ref().map(|body| self.body(body, next));
        let otherwise = Unanswered {
            silence: way(&asking.on_silence),
            invalid: way(&asking.on_invalid),
            any: way(&asking.otherwise),
        };
        Asking {
            prompt: self.sounds.of(&asking.prompt, &self.scope, self.faults),
            timeout: asking.timeout,
            inter_digit: asking.inter_digit,
            tries: asking.tries,
            type_ahead: asking.type_ahead,
            invalid: self.sounds.of(&asking.invalid, &self.scope, self.faults),
            silent: self.sounds.of(&asking.silent, &self.scope, self.faults),
            otherwise,
        }
    }

    /// `None`: what was typed makes no question.
    pub(super) fn ask(&mut self, ask: &'r RawAsk, next: Option<StepId>) -> Option<Act> {
        let asking = self.asking(&ask.asking, next);
        let (min, max) = self.digits(ask);
        let valid = ask.valid.as_ref();
        let valid = valid.and_then(|valid| values::read(valid, Some(Type::Truth), &self.scope, self.faults));
        let confirm = ask.confirm.as_ref().map(|confirm| self.confirm(confirm));
        let (into, _) = *self.scope.variables.get(&ask.into.as_ref()?.name.value)?;
        Some(Act::Ask(Ask { asking, into, min, max, end: ask.end, valid, confirm }.into()))
    }

    /// How many digits an answer has, at least and at most.
    fn digits(&mut self, ask: &RawAsk) -> (usize, usize) {
        let count = |at: &Option<At<u32>>| at.as_ref().map(|at| at.value);
        let min = count(&ask.min).unwrap_or(1);
        let max = count(&ask.max).unwrap_or(MOST_DIGITS.max(min));
        if let Some(at) = ask.min.as_ref().filter(|_| min > max) {
            let fault = Fault::error(&at.span, format!("no answer has {min} digits at least and {max} at most"));
            let fault = ask.max.iter().fold(fault, |fault, max| fault.related(&max.span, "at most"));
            self.faults.push(fault.remedy(format!("write `min: {max}` and `max: {min}`")));
        }
        if let Some(at) = ask.min.as_ref().filter(|_| min == 0 && ask.end.is_none()) {
            let fault = Fault::error(&at.span, "an answer without digits needs a key that ends it");
            self.faults.push(fault.remedy("leave out `end: none`, or write `min: 1`"));
        }
        (min as usize, max as usize)
    }

    fn confirm(&mut self, confirm: &RawConfirm) -> Confirm {
        let before = self.sounds.of(&confirm.before, &self.scope, self.faults);
        Confirm { before, question: self.sounds.of(&confirm.question, &self.scope, self.faults) }
    }

    /// Tells answers that have two meanings.
    fn tell_ambiguous(&mut self, menu: &RawMenu) {
        let mut answers: Vec<&At<Digits>> = menu.options.iter().map(|(keys, _)| keys).collect();
        // In this order an answer stands right before all those that begin with it.
        answers.sort_by(|a, b| (&a.value, a.span.start).cmp(&(&b.value, b.span.start)));
        let mut answers = answers.into_iter();
        let Some(mut shortest) = answers.next() else { return };
        for answer in answers {
            if answer.value == shortest.value {
                let message = format!("the key {} has two meanings", quoted(&answer.value.to_string()));
                let fault = Fault::error(&answer.span, message).related(&shortest.span, "the first one");
                self.faults.push(fault.remedy("keep one of the two"));
            } else if answer.value.starts_with(&shortest.value) {
                let (long, short) = (quoted(&answer.value.to_string()), quoted(&shortest.value.to_string()));
                let message = format!("{long} can never be answered, since {short} is an answer already");
                let fault = Fault::error(&answer.span, message).related(&shortest.span, "the shorter answer");
                self.faults.push(fault.remedy(format!("choose keys of which none begins with {short}")));
            } else {
                shortest = answer;
            }
        }
    }
}
