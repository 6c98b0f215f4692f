//! What operators are told before they have a call: sentences in the first language of the plan.

use std::{sync::Arc, time::Duration};

use super::graph::Graph;
use crate::{
    dialplan::{
        expr::{Expr, Fact},
        plan::{Accept, Announcement, Asks, First, Part, Saying, Script},
        raw::{RawAccept, RawOperator, RawPlan, RawQueue},
        say::{Manner, accept, fluent, waiting},
    },
    domain::Language,
    yaml::{Fault, Span, quoted},
};

impl<'r> Graph<'r> {
    /// What those are told who accept by a key, or to whom a queue's calls are announced; nothing where nobody is.
    pub(super) fn asks(&mut self, raw: &'r RawPlan) -> Arc<Asks> {
        let of_phones = |operator: &'r RawOperator| operator.phones.iter().filter_map(|phone| phone.accept.as_ref());
        let typed = || raw.operators.iter().flat_map(|operator| operator.accept.iter().chain(of_phones(operator)));
        let announced = raw.queues.iter().find_map(|queue| queue.introduces.as_ref());
        let Some(span) = typed().next().map(|accept| &accept.span).or(announced) else { return Arc::default() };
        let language = self.sounds.languages.at(0).clone();
        let Some(words) = accept::words(&language) else {
            let message = format!("there are no words for who is to accept a call in {}", quoted(language.code()));
            let known = fluent().collect::<Vec<_>>().join(", ");
            let remedy = format!("there are in {known}: name one of them first in `languages`");
            self.faults.push(Fault::error(span, message).remedy(remedy));
            return Arc::default();
        };
        let from = raw.queues.iter().map(|queue| {
            let name = queue.name.value.clone();
            (name.clone(), self.sentence(&words.from(&name), &language, span))
        });
        let from = from.collect();
        let minutes = waiting::WAITS.iter().map(|minutes| Duration::from_secs(60) * *minutes);
        let waited = words.waited().into_iter().map(|text| self.sentence(&text, &language, span));
        let waited = minutes.zip(waited.collect::<Vec<_>>()).collect();
        let number = typed().find(|accept| accept.number).map(|accept| {
            let said = self.said(words.number, &language, &accept.span);
            let digits = self.sounds.words(Manner::Digits, &language, &accept.span, self.faults);
            let value = Expr::Fact(Fact::CallerNumber);
            let digits = digits
                .map(|words| Part::Value(Saying { manner: Manner::Digits, value, language: language.clone(), words }));
            Announcement::new(vec![Script::new(said.into_iter().chain(digits).collect())])
        });
        let calls_back = |it: &RawQueue| it.callback.as_ref().is_some_and(|it| it.first == First::Operator);
        let callback = raw.queues.iter().any(calls_back).then(|| self.sentence(words.callback, &language, span));
        let callback = callback.unwrap_or_default();
        let call = self.sentence(words.call, &language, span);
        let by_key = typed().next().is_some();
        let press = if by_key { self.sentence(words.press, &language, span) } else { Announcement::default() };
        Arc::new(Asks { from, call, callback, waited, number: number.unwrap_or_default(), press })
    }

    fn sentence(&mut self, text: &str, language: &Language, span: &Span) -> Announcement {
        Announcement::new(vec![Script::new(self.said(text, language, span).into_iter().collect())])
    }

    fn said(&mut self, text: &str, language: &Language, span: &Span) -> Option<Part> {
        self.sounds.text(text, language, span, self.faults).map(Part::Media)
    }
}

/// How an operator accepts; `None`: by answering.
pub(super) fn meant(typed: Option<&RawAccept>, asks: &Arc<Asks>) -> Option<Arc<Accept>> {
    let typed = typed?;
    Some(Arc::new(Accept { by_key: true, within: typed.within, number: typed.number, asks: asks.clone() }))
}

/// What whoever answers a queue's call is told before he has it; `None`: nothing.
pub(super) fn introduces(queue: &RawQueue, asks: &Arc<Asks>) -> Option<Arc<Accept>> {
    queue.introduces.as_ref()?;
    Some(Arc::new(Accept { by_key: false, within: Accept::WITHIN, number: false, asks: asks.clone() }))
}
