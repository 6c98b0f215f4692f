//! Callbacks: how the callers of a queue are called back, and the step that promises it.

use std::{sync::Arc, time::Duration};

use super::{
    Known,
    graph::{Graph, unread},
};
use crate::{
    dialplan::{
        expr::{Expr, Fact, Slot, Type},
        plan::{
            Act, Announcement, Ask, Asking, Callback, Choice, Confirm, First, Menu, Part, Plan, Promise, Saying,
            Script, StepId, Unanswered,
        },
        raw::{ASK, RawCallback, RawPlan, RawPromise, RawQueue},
        say::{Manner, callback as words, fluent},
    },
    domain::{Digit, Digits, Name, Reason},
    yaml::{Fault, Span, quoted},
};

/// Who answers lifts the telephone to his ear, and hears it once more.
const TIMES: u32 = 3;

/// How long he has to press the key when he has heard it.
const WITHIN: Duration = Duration::from_secs(5);

/// The key with which he takes the call.
const KEY: &str = "1";

/// The key with which he enters another number than the one that he calls from.
const OTHER: &str = "2";

/// So many numbers he may enter until one can be called.
const NUMBERS: usize = 2;

/// So many digits it has, and the key behind the last of them.
const LEAST_DIGITS: usize = 3;
const MOST_DIGITS: usize = 20;
const END: char = '#';

/// The variable that has the number: no plan can name it, since what has a dot in it is none of a plan's.
const ENTERED: &str = "callback.entered";

/// Sentences of ours.
#[derive(Clone, Copy)]
enum Sentence {
    /// Before the number that he calls from.
    Own,
    /// Behind it: which key to press.
    Keep,
    /// That he enters one.
    Enter,
    /// Before what he entered.
    Entered,
    /// Behind it: which key to press.
    Right,
    Promised,
    Refused,
    Greeting,
    Press,
}

/// How he is asked for a key or for a number; who gives none goes on there.
fn asking(prompt: Announcement, otherwise: StepId) -> Asking {
    Asking {
        prompt,
        timeout: WITHIN,
        inter_digit: WITHIN,
        tries: TIMES,
        type_ahead: true,
        invalid: Announcement::default(),
        silent: Announcement::default(),
        otherwise: Unanswered { any: Some(otherwise), ..Unanswered::default() },
    }
}

impl<'r> Graph<'r> {
    /// How the callers of a queue are called back. What is heard then stands in no flow.
    pub(super) fn called_back(&mut self, queue: &'r RawQueue) -> Option<Callback> {
        let typed = queue.callback.as_ref()?;
        let trunk = self.directory.trunk(typed.trunk.as_ref(), &typed.span, self.faults);
        let lists = Known::new(self.raw.lists.iter().map(|it| &it.name), "there is no list", "lists of this plan");
        for list in typed.to.iter().chain(&typed.never) {
            lists.has(list, self.faults);
        }
        if let Some(hours) = &typed.hours {
            self.known_hours.has(hours, self.faults);
        }
        if typed.to.is_none() && self.raw.country.is_none() {
            let fault = Fault::error(&typed.span, "this says nothing of which numbers may be called");
            self.faults.push(fault.remedy(
                "add `country: NO` at the top of the plan for those of one country, or `to:` and the name of a list",
            ));
        }
        let entry = self.answered(&queue.name.value, typed);
        let list = |typed: &Option<crate::yaml::At<Name>>| typed.as_ref().map(|at| at.value.clone());
        Some(Callback {
            trunk: trunk?,
            first: typed.first,
            to: list(&typed.to),
            never: list(&typed.never),
            hours: list(&typed.hours),
            expires: typed.expires,
            attempts: typed.attempts,
            retry: typed.retry,
            ring: typed.ring,
            entry,
        })
    }

    /// The steps of one who answers: he takes the call, and stands in the line.
    fn answered(&mut self, queue: &Name, typed: &'r RawCallback) -> StepId {
        let span = &typed.span;
        let joins = self.push(Act::Queue(queue.clone()), span);
        let sentences: &[Sentence] =
            if typed.confirm { &[Sentence::Greeting, Sentence::Press] } else { &[Sentence::Greeting] };
        let prompt = if typed.greeting.is_empty() {
            self.sentences_of_callback(span, sentences)
        } else {
            self.sounds.of(&typed.greeting, &self.scope, self.faults)
        };
        if !typed.confirm {
            let greeting = self.push(Act::Play(prompt), span);
            self.steps[greeting.0 as usize].next = Some(joins);
            return greeting;
        }
        let ends = self.push(Act::HangUp(Reason::Normal), span);
        let asking = asking(prompt, ends);
        let options = Digits::new(KEY).map(|key| (key, Choice::Go(joins))).into_iter().collect();
        self.push(Act::Menu(Arc::new(Menu { asking, options, extensions: Default::default() })), span)
    }

    /// The step that promises it. `next`: what stands behind it.
    pub(super) fn promise(&mut self, typed: &'r RawPromise, at: &Span, next: Option<StepId>) -> Act {
        let asks = typed.number.as_ref().is_some_and(|text| &*text.value == ASK);
        let number = match &typed.number {
            Some(text) if !asks => super::dial::computed(text, &self.scope, self.faults),
            Some(_) | None => Some(Expr::Fact(Fact::CallerNumber)),
        };
        let queue = typed.queue.as_ref().filter(|queue| self.has_callback(queue));
        let promised = match &typed.promised {
            Some(body) => self.body(body, next),
            None => {
                let ends = self.push(Act::HangUp(Reason::Normal), at);
                self.tell_and_go(&[Sentence::Promised], at, ends)
            }
        };
        let (refused, behind) = match (&typed.refused, queue) {
            (Some(body), _) => {
                let refused = self.body(body, next);
                (refused, refused)
            }
            (None, Some(queue)) => {
                // Whoever cannot be called is not sent away.
                let behind = next.unwrap_or_else(|| self.push(Act::Queue(queue.value.clone()), at));
                (self.tell_and_go(&[Sentence::Refused], at, behind), behind)
            }
            (None, None) => return unread(),
        };
        let (Some(queue), Some(number)) = (queue, number) else { return unread() };
        let promise = Promise { queue: queue.value.clone(), number, promised, refused };
        if asks { self.promise_as_asked(promise, at, behind) } else { Act::Callback(Arc::new(promise)) }
    }

    /// The steps in which the caller says which number it is: the one that he calls from, or another one. Who says nothing goes on
    /// at `behind`.
    fn promise_as_asked(&mut self, promise: Promise, at: &Span, behind: StepId) -> Act {
        let slot = Slot(self.scope.variables.len());
        let name = Name::new(ENTERED);
        let (slot, _) = *self.scope.variables.entry(name).or_insert((slot, Some(Type::Text)));
        // The last is made first: each leads to the one behind it.
        let mut refused = promise.refused;
        let mut enters = behind;
        for _ in 0..NUMBERS {
            let number = Expr::Variable(slot, Type::Text);
            let takes = self.push(Act::Callback(Arc::new(Promise { number, refused, ..promise.clone() })), at);
            let confirm = Confirm {
                before: self.sentences_of_callback(at, &[Sentence::Entered]),
                question: self.sentences_of_callback(at, &[Sentence::Right]),
            };
            let prompt = self.sentences_of_callback(at, &[Sentence::Enter]);
            let (min, max, end) = (LEAST_DIGITS, MOST_DIGITS, Digit::new(END));
            let asking = asking(prompt, behind);
            let ask = Ask { asking, into: slot, min, max, end, valid: None, confirm: Some(confirm) };
            enters = self.push(Act::Ask(ask.into()), at);
            self.steps[enters.0 as usize].next = Some(takes);
            refused = self.tell_and_go(&[Sentence::Refused], at, enters);
        }
        let his = self.push(Act::Callback(Arc::new(Promise { refused, ..promise })), at);
        let keys = [(KEY, his), (OTHER, enters)].map(|(key, to)| Some((Digits::new(key)?, Choice::Go(to))));
        let menu = Menu {
            asking: asking(self.his_number(at), behind),
            options: keys.into_iter().flatten().collect(),
            extensions: Default::default(),
        };
        let otherwise = Some(self.push(Act::Menu(Arc::new(menu)), at));
        // Who withholds his number has none to be asked about.
        Act::If { when: Arc::new(Expr::Fact(Fact::CallerWithheld)), then: enters, otherwise }
    }

    /// The number that he calls from, and what to press.
    fn his_number(&mut self, at: &Span) -> Announcement {
        let languages: Vec<_> = self.sounds.languages.iter().cloned().collect();
        let (before, behind) =
            (self.sentences_of_callback(at, &[Sentence::Own]), self.sentences_of_callback(at, &[Sentence::Keep]));
        let scripts = languages.iter().enumerate().map(|(nth, language)| {
            let words = self.sounds.words(Manner::Digits, language, at, self.faults);
            let value = Expr::Fact(Fact::CallerNumber);
            let digits = words
                .map(|words| Part::Value(Saying { manner: Manner::Digits, value, language: language.clone(), words }));
            let of = |said: &Announcement| said.fixed(nth).map(|media| media.to_vec()).unwrap_or_default();
            let (before, behind) = (of(&before).into_iter(), of(&behind).into_iter());
            Script::new(before.map(Part::Media).chain(digits).chain(behind.map(Part::Media)).collect())
        });
        Announcement::new(scripts.collect())
    }

    fn tell_and_go(&mut self, sentences: &[Sentence], span: &Span, to: StepId) -> StepId {
        let told = self.told(sentences, span);
        self.steps[told.0 as usize].next = Some(to);
        told
    }

    /// Whether a queue is there, and its callers can be called back; if not, tells it.
    fn has_callback(&mut self, queue: &crate::yaml::At<Name>) -> bool {
        if !self.known_queues.has(queue, self.faults) {
            return false;
        }
        let named = self.raw.queues.iter().find(|it| it.name.value == queue.value);
        let has = named.is_some_and(|it| it.callback.is_some());
        if !has {
            let message = format!("queue {} says nothing of how its callers are called back", quoted(&queue.value));
            let fault = Fault::error(&queue.span, message);
            let fault = named.into_iter().fold(fault, |fault, it| fault.related(&it.name.span, "the queue"));
            self.faults.push(fault.remedy("add `callback: {}` to the queue: it calls over the plan's only trunk"));
        }
        has
    }

    fn told(&mut self, sentences: &[Sentence], span: &Span) -> StepId {
        let said = self.sentences_of_callback(span, sentences);
        self.push(Act::Play(said), span)
    }

    /// Sentences of ours one behind the other, in every language of the plan.
    fn sentences_of_callback(&mut self, span: &Span, sentences: &[Sentence]) -> Announcement {
        let languages: Vec<_> = self.sounds.languages.iter().cloned().collect();
        let mut scripts = Vec::new();
        for language in &languages {
            let Some(words) = words::words(language) else {
                let message =
                    format!("there are no words for those who are called back in {}", quoted(language.code()));
                let known = fluent().collect::<Vec<_>>().join(", ");
                let remedy =
                    format!("there are in {known}; in any other language use `greeting`, `promised` and `refused`");
                self.faults.push(Fault::error(span, message).remedy(remedy));
                return Announcement::default();
            };
            let text = |sentence: &Sentence| match sentence {
                Sentence::Own => words.own,
                Sentence::Keep => words.keep,
                Sentence::Enter => words.enter,
                Sentence::Entered => words.entered,
                Sentence::Right => words.right,
                Sentence::Promised => words.promised,
                Sentence::Refused => words.refused,
                Sentence::Greeting => words.greeting,
                Sentence::Press => words.press,
            };
            let said = sentences.iter().map(text).collect::<Vec<_>>();
            let said = said.into_iter().filter_map(|text| self.sounds.text(text, language, span, self.faults));
            scripts.push(Script::new(said.map(Part::Media).collect()));
        }
        Announcement::new(scripts)
    }
}

/// Callbacks that come to nothing.
pub(super) fn doubts(raw: &RawPlan, plan: &Plan) -> Vec<Fault> {
    let promised: Vec<&Name> = plan
        .steps
        .iter()
        .filter_map(|step| if let Act::Callback(it) = &step.act { Some(&it.queue) } else { None })
        .collect();
    let mut doubts = Vec::new();
    for queue in &raw.queues {
        let (Some(typed), Some(meant)) = (&queue.callback, plan.queues.get(&queue.name.value)) else { continue };
        if !promised.contains(&&queue.name.value) {
            let message = format!("no step promises to call those back who wait in {}", quoted(&queue.name.value));
            let remedy = format!(
                "let a key lead to it: `exit: {{\"#\": {{callback: {}}}}}`, or take it out",
                &*queue.name.value
            );
            doubts.push(Fault::warning(&typed.span, message).remedy(remedy));
        }
        if let Some(hours) = &typed.hours
            && plan.hours.get(&hours.value).is_some_and(crate::dialplan::Hours::is_never_open)
        {
            let fault = Fault::warning(&hours.span, "these hours are never open: nobody is ever called back");
            doubts.push(fault.remedy("name other hours, or open them"));
        }
        if typed.first == First::Operator && !typed.greeting.is_empty() {
            let fault =
                Fault::warning(&typed.span, "nobody hears this `greeting`: an operator is there when he answers");
            doubts.push(fault.remedy("take it out, or write `first: caller`"));
        }
        if let Some(callback) = meant.callback.as_ref().filter(|it| it.retry >= it.expires && it.attempts > 1) {
            let message = "the promise expires before anybody is called for the second time";
            let remedy = format!("write `attempts: 1`, or a `retry` shorter than {} s", callback.expires.as_secs());
            doubts.push(Fault::warning(&typed.span, message).remedy(remedy));
        }
    }
    doubts
}
