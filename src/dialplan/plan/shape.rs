//! Steps as those see them who look at a plan and not at a call: the checks, the drawing, the walk through all that can be
//! reached. A new step says once what it is to all of them.

use std::{fmt, time::Duration};

use super::{Act, Announcement, Ask, Asking, ByPhone, Choice, Dial, Menu, Outside, StepId, Target};
use crate::{
    dialplan::{
        expr::{Expr, Value},
        request::Template,
    },
    domain::{Digits, Name},
};

/// What a step is, whatever it does.
#[derive(Debug)]
pub struct Shape<'p> {
    /// Ways out of the step, other than on behind it.
    pub ways: Vec<Way<'p>>,
    /// When a call goes on behind the step, in a word or none; `None`: it never does.
    pub behind: Option<&'static str>,
    /// How long a call stays.
    pub pace: Pace,
    /// The flow that it comes back from, on behind the step. It is one of the ways, too.
    pub called: Option<StepId>,
    /// The queue in which it waits. Where that leads is the queue's own.
    pub queue: Option<&'p Name>,
    /// The hours it asks for by their name.
    pub hours: Option<&'p Name>,
    /// Whom it rings.
    pub rings: &'p [Target],
    /// The server that it speaks with.
    pub server: Option<&'p str>,
    /// What it computes.
    pub expressions: Vec<&'p Expr>,
    /// What may be played one behind the other, with nothing else between.
    pub plays: Vec<&'p Announcement>,
    /// All that it may play.
    pub says: Vec<&'p Announcement>,
    /// How long the caller himself may speak at most.
    pub speaks: Duration,
    /// The box that his message is put into.
    pub mailbox: Option<&'p Name>,
}

/// A way out of a step.
#[derive(Clone, Copy, Debug)]
pub struct Way<'p> {
    /// When it is taken.
    pub when: When<'p>,
    /// Where it leads.
    pub to: StepId,
}

/// When a way is taken.
#[derive(Clone, Copy, Debug)]
pub enum When<'p> {
    /// What a word says; always, when it is empty.
    Word(&'static str),
    /// These keys were pressed.
    Keys(&'p Digits),
    /// This internal number was dialled.
    Extension(&'p Digits),
    /// It is this value.
    Is(&'p Value),
}

/// How long a call stays at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Not at all: it goes on in the same moment.
    AtOnce,
    /// The caller hears something, is asked or waits.
    TakesTime,
}

impl fmt::Display for When<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => f.write_str(word),
            Self::Keys(keys) | Self::Extension(keys) => keys.fmt(f),
            Self::Is(value) => value.fmt(f),
        }
    }
}

impl<'p> Shape<'p> {
    fn new(pace: Pace, behind: Option<&'static str>) -> Self {
        let (ways, expressions, plays, says) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (called, queue, hours, server, mailbox, speaks) = (None, None, None, None, None, Duration::ZERO);
        Self { ways, behind, pace, called, queue, hours, rings: &[], server, expressions, plays, says, speaks, mailbox }
    }

    /// It goes on behind the step in the same moment.
    fn passing() -> Self {
        Self::new(Pace::AtOnce, Some(""))
    }

    /// Nothing of the plan comes behind it.
    fn last() -> Self {
        Self::new(Pace::TakesTime, None)
    }

    fn way(mut self, word: &'static str, to: StepId) -> Self {
        self.ways.push(Way { when: When::Word(word), to });
        self
    }

    /// A way that the plan may leave out: then it goes on behind the step.
    fn way_or_behind(mut self, word: &'static str, to: Option<StepId>) -> Self {
        self.behind = if to.is_none() { Some(word) } else { None };
        match to {
            Some(to) => self.way(word, to),
            None => self,
        }
    }

    /// Ways out for want of an answer. `behind`: when it goes on behind the step, if it does.
    fn asks(mut self, asking: &'p Asking, behind: &'static str) -> Self {
        let otherwise = asking.otherwise;
        for (word, to) in [("silence", otherwise.silence), ("invalid", otherwise.invalid), ("otherwise", otherwise.any)]
        {
            self.ways.extend(to.map(|to| Way { when: When::Word(word), to }));
        }
        if otherwise.goes_on() {
            self.behind = Some(behind);
        }
        // After a wrong answer or silence both are played.
        let (silent, invalid) = (&asking.silent, &asking.invalid);
        let longer = if silent.longest() > invalid.longest() { silent } else { invalid };
        self.plays = vec![longer, &asking.prompt];
        self.says([silent, invalid, &asking.prompt])
    }

    /// What may be played; what is said in it is computed.
    fn playing(mut self, it: &'p Announcement) -> Self {
        self.plays.push(it);
        self.says([it])
    }

    fn says(mut self, it: impl IntoIterator<Item = &'p Announcement>) -> Self {
        for it in it {
            self.expressions.extend(it.expressions());
            self.says.push(it);
        }
        self
    }

    fn computes(mut self, expressions: impl IntoIterator<Item = &'p Expr>) -> Self {
        self.expressions.extend(expressions);
        self
    }
}

impl Dial {
    fn shape(&self) -> Shape<'_> {
        let computed = self.to.iter().filter_map(|target| match target {
            Target::Outside { number: Outside::Computed(expr), .. } => Some(expr),
            Target::Outside { number: Outside::Number(_), .. } | Target::Operator(_) | Target::Phone(_) => None,
        });
        let ways = [("busy", self.busy), ("no answer", self.no_answer), ("unreachable", self.unreachable)];
        let shape = Shape::new(Pace::TakesTime, None).computes(computed);
        let mut shape = Shape { rings: &self.to, ..shape };
        for (word, to) in ways {
            shape.ways.extend(to.map(|to| Way { when: When::Word(word), to }));
        }
        let every = ways.iter().all(|(_, to)| to.is_some());
        if every { shape } else { shape.way_or_behind("otherwise", self.otherwise) }
    }
}

impl Menu {
    fn shape(&self) -> Shape<'_> {
        let chosen = self.options.iter().filter_map(|(keys, choice)| match choice {
            Choice::Go(to) => Some(Way { when: When::Keys(keys), to: *to }),
            // Where it leads back to, a call came from.
            Choice::Repeat | Choice::Back => None,
        });
        let dialled = self.extensions.iter().map(|(number, to)| Way { when: When::Extension(number), to: *to });
        let shape = Shape { ways: chosen.chain(dialled).collect(), ..Shape::new(Pace::TakesTime, None) };
        shape.asks(&self.asking, "otherwise")
    }
}

impl Ask {
    fn shape(&self) -> Shape<'_> {
        let shape = Shape::new(Pace::TakesTime, Some("answered")).computes(&self.valid);
        let confirm = self.confirm.iter().flat_map(|confirm| [&confirm.before, &confirm.question]);
        shape.asks(&self.asking, "answered or not").says(confirm)
    }
}

impl ByPhone {
    fn shape(&self) -> Shape<'_> {
        Shape::new(Pace::TakesTime, Some("done")).asks(&self.asking, "done or not").says(&self.extension)
    }
}

impl Act {
    /// What this step is, whatever it does.
    pub fn shape(&self) -> Shape<'_> {
        match self {
            // Hours that nobody asks for are of no use, though somebody overrides them.
            Self::Answer
            | Self::Override { .. }
            | Self::Require(_)
            | Self::Ring(None)
            | Self::Music { lasts: None, .. } => Shape::passing(),
            Self::Ring(Some(_)) | Self::Music { lasts: Some(_), .. } | Self::Wait(_) => {
                Shape::new(Pace::TakesTime, Some(""))
            }
            Self::Play(it) => Shape::new(Pace::TakesTime, Some("")).playing(it),
            Self::Menu(menu) => menu.shape(),
            Self::Ask(ask) => ask.shape(),
            Self::Operator(step) => step.shape(),
            Self::Hours { of, closed } => {
                Shape { behind: Some("open"), hours: Some(of), ..Shape::passing().way("closed", *closed) }
            }
            Self::Queue(queue) => Shape { queue: Some(queue), ..Shape::last() },
            Self::Record(record) => {
                let shape = Shape::new(Pace::TakesTime, Some("")).playing(&record.greeting).playing(&record.done);
                let shape = Shape { speaks: record.at_most, mailbox: Some(&record.mailbox), ..shape };
                let shape = Shape { server: record.notify.as_ref().map(|to| &*to.host), ..shape };
                let shape = shape.computes(record.notify.iter().flat_map(Template::expressions));
                match record.failed {
                    Some(failed) => shape.way("failed", failed),
                    None => shape,
                }
            }
            Self::Dial(dial) => dial.shape(),
            Self::Set(sets) => Shape::passing().computes(sets.iter().map(|(_, expr)| expr)),
            Self::If { when, then, otherwise } => {
                Shape::passing().way("yes", *then).way_or_behind("no", *otherwise).computes([&**when])
            }
            Self::Switch(switch) => {
                let cases = switch.cases.iter().map(|(value, to)| Way { when: When::Is(value), to: *to });
                Shape { ways: cases.collect(), ..Shape::passing() }
                    .way_or_behind("otherwise", switch.otherwise)
                    .computes([&switch.on])
            }
            // An answer may come within a moment: a plan that only asks again and again takes no time.
            Self::LookUp(lookup) => {
                let otherwise = lookup.takes.iter().map(|take| &take.otherwise);
                let shape = Shape { server: Some(&lookup.request.host), ..Shape::passing() };
                let shape = shape.computes(lookup.request.expressions()).computes(otherwise);
                match lookup.failed {
                    Some(failed) => Shape { behind: Some("answered"), ..shape.way("failed", failed) },
                    None => shape,
                }
            }
            Self::Notify(request) => {
                Shape { server: Some(&request.host), ..Shape::passing() }.computes(request.expressions())
            }
            Self::Go(target) => Shape { behind: None, ..Shape::passing().way("", *target) },
            Self::Call(target) => {
                let shape = Shape::passing().way("and back", *target);
                Shape { behind: Some("then"), called: Some(*target), ..shape }
            }
            Self::Language(language) => Shape::passing().computes([&**language]),
            Self::Continue | Self::HangUp(_) => Shape::last(),
        }
    }
}
