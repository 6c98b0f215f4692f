//! Questions that callers answer with keys.

use super::graph::Graph;
use crate::{
    dialplan::{
        plan::{Choice, Menu, StepId},
        raw::{RawChoice, RawMenu},
    },
    domain::Digits,
    yaml::{At, Fault, quoted},
};

impl<'r> Graph<'r> {
    pub(super) fn menu(&mut self, menu: &'r RawMenu, next: Option<StepId>) -> Menu {
        self.tell_ambiguous(menu);
        let options = menu.options.iter().map(|(keys, choice)| {
            let choice = match choice {
                RawChoice::Repeat => Choice::Repeat,
                RawChoice::Go(body) => Choice::Go(self.body(body, next)),
            };
            (keys.value.clone(), choice)
        });
        let options = options.collect();
        Menu {
            options,
            prompt: self.sounds.of(&menu.prompt, self.faults),
            timeout: menu.timeout,
            inter_digit: menu.inter_digit,
            tries: menu.tries,
            invalid: self.sounds.of(&menu.invalid, self.faults),
            otherwise: menu.otherwise.as_ref().map(|body| self.body(body, next)),
        }
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
