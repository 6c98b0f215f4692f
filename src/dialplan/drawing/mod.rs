//! A plan as a drawing: from its numbers over its flows and steps to its queues.
//!
//! The [`Chart`] is what is drawn, in an order that only the plan decides; [`mermaid()`] and [`svg()`] are the ways to draw it. A
//! step that only leads on (`flow`, `queue`) is an arrow to where it leads.

mod by_extension;
mod layout;
mod mermaid;
mod svg;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, time::Duration};

use indexmap::IndexMap;
pub use mermaid::mermaid;
pub use svg::svg;

use super::{
    expr::{Expr, Slot},
    plan::{
        Act, Announcement, Answering, Ask, AtDesk, ByPhone, Choice, Dial, DialMode, Leaves, Menu, Part, Plan,
        PublicNumber, Queue, Reaches, Required, Requires, Script, StepId, Unanswered, Way, WhenFull, skills_in_words,
    },
    word::spoken as span,
};
use crate::domain::{Media, Name, Reason};

/// Longer lines are cut.
const LONGEST: usize = 40;

/// What is drawn.
#[derive(Debug, Default)]
pub struct Chart {
    /// Numbers, flows, steps and queues.
    pub nodes: Vec<Node>,
    /// Where a call goes from one to another; at most one arrow between two.
    pub arrows: Vec<Arrow>,
}

/// Something that is drawn.
#[derive(Debug)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// What is written in it: a line or a few.
    pub lines: Vec<String>,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A public number, or an internal one that leads to a flow.
    Number,
    /// The beginning of a flow.
    Flow,
    /// A step that goes on in one way.
    Step,
    /// A step after which there is more than one way.
    Choice,
    /// A queue.
    Queue,
    /// The end of a call.
    End,
}

/// Where a call goes.
#[derive(Debug)]
pub struct Arrow {
    /// From which node.
    pub from: usize,
    /// To which node.
    pub to: usize,
    /// When; empty: always.
    pub label: String,
}

/// Draws a plan.
pub fn chart(plan: &Plan) -> Chart {
    let mut pen = Pen::new(plan);
    pen.draw();
    pen.chart
}

/// The chart while it is drawn.
struct Pen<'p> {
    plan: &'p Plan,
    chart: Chart,
    /// The node of each flow, by its first step.
    flows: BTreeMap<StepId, usize>,
    queues: BTreeMap<&'p Name, usize>,
    steps: BTreeMap<StepId, usize>,
    /// What is written in the boxes of those whom a menu's callers may dial.
    by_extension: BTreeMap<StepId, Vec<String>>,
    /// Labels of arrows, by their ends.
    arrows: IndexMap<(usize, usize), Vec<String>>,
    end: Option<usize>,
    /// Steps whose arrows are still to be drawn, the next one last.
    ahead: Vec<StepId>,
}

impl<'p> Pen<'p> {
    fn new(plan: &'p Plan) -> Self {
        Self {
            plan,
            chart: Chart::default(),
            flows: BTreeMap::new(),
            queues: BTreeMap::new(),
            steps: BTreeMap::new(),
            by_extension: by_extension::boxes(plan),
            arrows: IndexMap::new(),
            end: None,
            ahead: Vec::new(),
        }
    }

    fn draw(&mut self) {
        let plan = self.plan;
        let numbers: Vec<usize> =
            plan.numbers.values().map(|number| self.node(Kind::Number, number_lines(number))).collect();
        let codes = plan.extensions.iter().filter(|(_, it)| it.reaches == Reaches::Flow);
        let codes: Vec<(usize, StepId)> =
            codes.map(|(keys, it)| (self.node(Kind::Number, vec![keys.to_string()]), it.entry)).collect();
        for (name, first) in &plan.flows {
            let node = self.node(Kind::Flow, vec![name.to_string()]);
            self.flows.insert(*first, node);
        }
        for (name, queue) in &plan.queues {
            let node = self.node(Kind::Queue, queue_lines(queue));
            self.queues.insert(name, node);
        }
        for (number, from) in plan.numbers.values().zip(numbers) {
            let to = self.place(number.entry);
            self.arrow(from, to, "");
            if let WhenFull::Go(step) = number.when_full {
                let full = self.place(step);
                self.arrow(from, full, "full");
            }
        }
        for (from, entry) in codes {
            let to = self.place(entry);
            self.arrow(from, to, "");
        }
        for first in plan.flows.values() {
            let from = self.flows.get(first).copied();
            let to = self.behind_flow(*first);
            from.into_iter().for_each(|from| self.arrow(from, to, ""));
            self.walk();
        }
        for (name, queue) in &plan.queues {
            let Some(from) = self.queues.get(name).copied() else { continue };
            for (when, to) in queue.ways() {
                let to = self.place(to);
                self.arrow(from, to, &left(when));
                self.walk();
            }
        }
        let arrows = std::mem::take(&mut self.arrows).into_iter();
        self.chart.arrows = arrows.map(|((from, to), labels)| Arrow { from, to, label: labels.join(", ") }).collect();
    }

    /// Draws the arrows of all steps that were come to.
    fn walk(&mut self) {
        while let Some(id) = self.ahead.pop() {
            let Some(from) = self.steps.get(&id).copied() else { continue };
            let first = self.ahead.len();
            for (label, to) in self.ways(id) {
                let to = match to {
                    Some(to) => self.place(to),
                    None => self.end(),
                };
                self.arrow(from, to, &label);
            }
            // The first way is walked first.
            self.ahead[first..].reverse();
        }
    }

    /// The ways out of a step that has a node of its own: when, and where to. `None`: the call ends there.
    fn ways(&self, id: StepId) -> Vec<(String, Option<StepId>)> {
        let step = self.plan.step(id);
        let shape = step.act.shape();
        let (dialled, others): (Vec<&Way<'_>>, Vec<_>) =
            shape.ways.iter().partition(|way| by_extension::rings(self.plan, way));
        let mut ways: Vec<_> = others.iter().map(|way| (way.when.to_string(), Some(way.to))).collect();
        ways.extend(dialled.first().map(|way| (by_extension::LABEL.to_owned(), Some(way.to))));
        if let Some(label) = shape.behind {
            // Where it is open is the way that is meant.
            let at = if shape.hours.is_some() { 0 } else { ways.len() };
            ways.insert(at, (label.to_owned(), step.next));
        }
        ways
    }

    /// The node where a call is that comes to a step.
    fn place(&mut self, id: StepId) -> usize {
        self.flows.get(&id).copied().unwrap_or_else(|| self.behind_flow(id))
    }

    /// The node of a step, though it may be a flow's first.
    fn behind_flow(&mut self, id: StepId) -> usize {
        let plan = self.plan;
        let act = &plan.step(id).act;
        let elsewhere = if let Act::Go(to) = act {
            // A flow is what it leads to; flows that lead to one another for ever are a mistake of the plan.
            self.flows.get(to)
        } else {
            act.shape().queue.and_then(|queue| self.queues.get(queue))
        };
        if let Some(node) = elsewhere {
            return *node;
        }
        if let Some(node) = self.steps.get(&id) {
            return *node;
        }
        let (kind, lines) = step_lines(plan, &plan.step(id).act);
        let lines = self.by_extension.remove(&id).unwrap_or(lines);
        let node = self.node(kind, lines);
        self.steps.insert(id, node);
        self.ahead.push(id);
        node
    }

    /// Where a call ends when there is no step any more.
    fn end(&mut self) -> usize {
        if let Some(end) = self.end {
            return end;
        }
        let end = self.node(Kind::End, vec!["the end".into()]);
        self.end = Some(end);
        end
    }

    fn node(&mut self, kind: Kind, mut lines: Vec<String>) -> usize {
        for line in &mut lines {
            if line.chars().nth(LONGEST).is_some() {
                *line = line.chars().take(LONGEST - 1).chain(['…']).collect();
            }
        }
        self.chart.nodes.push(Node { kind, lines });
        self.chart.nodes.len() - 1
    }

    fn arrow(&mut self, from: usize, to: usize, label: &str) {
        let labels = self.arrows.entry((from, to)).or_default();
        if !label.is_empty() {
            labels.push(label.to_owned());
        }
    }
}

/// What a step does, in a line: `queue sales`, `play sound:hello-world`.
pub fn step_words(plan: &Plan, id: StepId) -> String {
    step_lines(plan, &plan.step(id).act).1.join(" ")
}

/// What a step is, in a few words.
fn step_lines(plan: &Plan, act: &Act) -> (Kind, Vec<String>) {
    let flow = |first: &StepId| {
        let flow = plan.flows.iter().find(|(_, begins)| *begins == first);
        flow.map(|(name, _)| name.to_string()).unwrap_or_default()
    };
    let written = |expr: &Expr| expr.written(&plan.variables);
    match act {
        Act::Answer => (Kind::Step, vec!["answer".into()]),
        Act::Ring(lasts) => (Kind::Step, vec![format!("ring{}", for_so_long(*lasts))]),
        Act::Music { class, lasts } => (Kind::Step, vec![format!("music {class}{}", for_so_long(*lasts))]),
        Act::Wait(lasts) => (Kind::Step, vec![format!("wait {}", span(*lasts))]),
        Act::Play(it) => (Kind::Step, titled("play", sounds(plan, it))),
        Act::Menu(menu) => (Kind::Choice, menu_lines(plan, menu)),
        Act::Ask(ask) => {
            let kind = if ask.asking.otherwise == Unanswered::default() { Kind::Step } else { Kind::Choice };
            (kind, ask_lines(plan, ask))
        }
        Act::Hours { of, .. } => (Kind::Choice, vec![format!("hours {of}")]),
        Act::Require(requires) => (Kind::Step, vec![format!("require {}", required(requires))]),
        Act::Override { of, how } => (Kind::Step, vec![format!("hours {of}: {}", how.word())]),
        Act::Operator(step) => {
            let kind = if step.asking.otherwise == Unanswered::default() { Kind::Step } else { Kind::Choice };
            (kind, vec![format!("operator: {}{}", step.change.word(), desk_words(plan, step))])
        }
        Act::Queue(queue) => (Kind::Step, vec![format!("queue {queue}")]),
        Act::Dial(dial) => (Kind::Choice, dial_lines(plan, dial)),
        Act::Go(first) => (Kind::Step, vec![format!("flow {}", flow(first))]),
        Act::Record(record) => {
            let kind = if record.failed.is_some() { Kind::Choice } else { Kind::Step };
            let greeting = sounds(plan, &record.greeting).join(", ");
            (
                kind,
                vec![format!("message for {}", record.mailbox), greeting, format!("{} at most", span(record.at_most))],
            )
        }
        Act::Callback(it) => {
            let lines = vec![format!("in queue {}", it.queue), written(&it.number)];
            (Kind::Choice, titled("call back", lines))
        }
        Act::Set(sets) => {
            let line = |(slot, expr): &(Slot, Expr)| format!("{} = {}", slot.written(&plan.variables), written(expr));
            (Kind::Step, titled("set", sets.iter().map(line).collect()))
        }
        Act::If { when, .. } => (Kind::Choice, titled("if", vec![written(when)])),
        Act::Switch(switch) => (Kind::Choice, titled("switch", vec![written(&switch.on)])),
        Act::LookUp(lookup) => {
            let kind = if lookup.failed.is_some() { Kind::Choice } else { Kind::Step };
            let taken = lookup.takes.iter().map(|take| take.slot.written(&plan.variables));
            let taken = taken.collect::<Vec<_>>().join(", ");
            (kind, titled("look up", vec![lookup.request.host.to_string(), taken]))
        }
        Act::Notify(request) => (Kind::Step, titled("notify", vec![request.host.to_string()])),
        Act::Call(first) => (Kind::Step, vec![format!("call {}", flow(first))]),
        Act::Language(language) => (Kind::Step, vec![format!("language {}", written(language).trim_matches('"'))]),
        Act::Continue => (Kind::End, vec!["continue in Asterisk".into()]),
        Act::HangUp(reason) => (Kind::End, vec![format!("hang up: {}", reason_word(*reason))]),
    }
}

fn for_so_long(lasts: Option<Duration>) -> String {
    lasts.map(|lasts| format!(" for {}", span(lasts))).unwrap_or_default()
}

/// At which desk the step signs somebody in.
fn desk_words(plan: &Plan, step: &ByPhone) -> String {
    match &step.desk {
        None => String::new(),
        Some(AtDesk::Here) => " at this desk".into(),
        Some(AtDesk::Number(number)) => format!(" at desk {number}"),
        Some(AtDesk::Computed(expr)) => format!(" at desk {}", expr.written(&plan.variables)),
    }
}

fn menu_lines(plan: &Plan, menu: &Menu) -> Vec<String> {
    let own = menu.options.iter().filter_map(|(keys, choice)| match choice {
        Choice::Go(_) => None,
        Choice::Repeat => Some(format!("{keys}: once more")),
        Choice::Back => Some(format!("{keys}: back")),
    });
    titled("menu", sounds(plan, &menu.asking.prompt).into_iter().chain(own).collect())
}

fn ask_lines(plan: &Plan, ask: &Ask) -> Vec<String> {
    let valid = ask.valid.iter().map(|valid| format!("valid: {}", valid.written(&plan.variables)));
    let title = format!("ask {}", ask.into.written(&plan.variables));
    titled(&title, sounds(plan, &ask.asking.prompt).into_iter().chain(valid).collect())
}

fn dial_lines(plan: &Plan, dial: &Dial) -> Vec<String> {
    let mut lines: Vec<String> = dial.to.iter().map(|target| target.written(&plan.variables)).collect();
    let ring = span(dial.ring);
    lines.push(match dial.mode {
        _ if dial.to.len() == 1 => format!("rings {ring}"),
        DialMode::InTurn => format!("in turn, {ring} each"),
        DialMode::AtOnce => format!("at once, {ring}"),
    });
    titled("dial", lines)
}

fn number_lines(number: &PublicNumber) -> Vec<String> {
    let unanswered = match number.answer {
        Answering::AtOnce => None,
        Answering::OnOperator { at_latest } => Some(format!("unanswered for {}", span(at_latest))),
    };
    std::iter::once(number.number.to_string()).chain(unanswered).collect()
}

fn queue_lines(queue: &Queue) -> Vec<String> {
    let operators: Vec<&str> = queue.operators().map(|name| &**name).collect();
    let others: Vec<&str> = queue.also.iter().map(|other| &*other.queue).collect();
    let also = (!others.is_empty()).then(|| format!("also those of {}", others.join(", ")));
    let lines = [
        format!("queue {}", queue.name),
        format!("{}, {} each", queue.strategy.word(), span(queue.ring)),
        operators.join(", "),
    ];
    lines.into_iter().chain(also).collect()
}

fn left(when: Leaves) -> String {
    match when {
        Leaves::After(wait) => format!("after {}", span(wait)),
        Leaves::Full => "full".into(),
        Leaves::Unstaffed => "unstaffed".into(),
        Leaves::Closed => "closed".into(),
        Leaves::Withdrawn => "withdrawn".into(),
        Leaves::Key(key) => key.to_string(),
    }
}

fn titled(title: &str, mut lines: Vec<String>) -> Vec<String> {
    lines.insert(0, title.into());
    lines
}

/// What is played, in the plan's first language.
fn sounds(plan: &Plan, announcement: &Announcement) -> Vec<String> {
    let name = |media: &Media| match media {
        Media::Sound(_) => media.to_string(),
        Media::Prompt(prompt) => prompt.name.to_string(),
    };
    match announcement.script(0) {
        Some(Script::Fixed(media)) => media.iter().map(name).collect(),
        Some(Script::Filled(parts)) => {
            let part = |part: &Part| match part {
                Part::Media(media) => name(media),
                Part::Value(saying) => format!("{{{{ {} }}}}", saying.value.written(&plan.variables)),
            };
            parts.iter().map(part).collect()
        }
        None => Vec::new(),
    }
}

/// The word of a plan for it.
fn reason_word(reason: Reason) -> &'static str {
    match reason {
        Reason::Normal => "normal",
        Reason::Busy => "busy",
        Reason::Congestion => "congestion",
        Reason::NoAnswer => "no_answer",
        Reason::Timeout => "timeout",
        Reason::Rejected => "rejected",
        Reason::Unallocated => "unallocated",
        Reason::Gone => "gone",
        Reason::Incomplete => "incomplete",
        Reason::OutOfOrder => "out_of_order",
        Reason::Failure => "failure",
        Reason::AnsweredElsewhere => "answered elsewhere",
    }
}

/// `english 3, then english 1 after 45s`
fn required(requires: &Requires) -> String {
    let skills = |required: &Required| {
        if required.skills.is_empty() { "nothing".into() } else { skills_in_words(&required.skills) }
    };
    let (first, later) =
        requires.steps.split_first().map_or(("nothing".into(), &[][..]), |(first, later)| (skills(first), later));
    let later = later.iter().map(|it| format!(", {} after {}", skills(it), span(it.after)));
    std::iter::once(first).chain(later).collect()
}
