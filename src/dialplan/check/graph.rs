//! Flows as one graph of steps.

use std::sync::Arc;

use indexmap::IndexMap;

use super::{Known, dial::Directory, say, sounds::Sounds, values};
use crate::{
    dialplan::{
        expr::{Comparison, Expr, Scope, Trouble, Type, Value},
        plan::{Act, Announcement, DEFAULT_MUSIC, Step, StepId, Switch},
        raw::{Body, RawAct, RawPlan, RawSet, RawStep, RawSwitch, Text},
    },
    domain::{Name, Reason},
    yaml::{At, Fault, Span, quoted},
};

/// The graph while it is made.
pub(super) struct Graph<'r> {
    pub(super) raw: &'r RawPlan,
    known_flows: Known<'r>,
    known_queues: Known<'r>,
    pub(super) known_hours: Known<'r>,
    /// What names in expressions mean.
    pub(super) scope: Scope,
    pub(super) directory: Directory<'r>,
    pub(super) faults: &'r mut Vec<Fault>,
    /// What is doubtful, and seen while the graph is made.
    pub(super) doubts: Vec<Fault>,
    pub(super) sounds: Sounds<'r>,
    /// The first step of each flow.
    pub(super) flows: IndexMap<Name, StepId>,
    pub(super) steps: Vec<Step>,
    /// Where each step is typed.
    pub(super) spans: Vec<Span>,
}

impl<'r> Graph<'r> {
    /// A graph that has room for each flow's own steps, so that flows can name one another in any order.
    pub(super) fn new(raw: &'r RawPlan, scope: Scope, sounds: Sounds<'r>, faults: &'r mut Vec<Fault>) -> Self {
        let flows = raw.flows.iter().map(|flow| &flow.name);
        let queues = raw.queues.iter().map(|queue| &queue.name);
        let hours = raw.hours.iter().map(|hours| &hours.name);
        let mut graph = Self {
            raw,
            known_flows: Known::new(flows, "there is no flow", "flows of this plan"),
            known_queues: Known::new(queues, "there is no queue", "queues of this plan"),
            known_hours: Known::new(hours, "there are no hours", "hours of this plan"),
            scope,
            directory: Directory::new(raw, faults),
            faults,
            doubts: Vec::new(),
            sounds,
            flows: IndexMap::new(),
            steps: Vec::new(),
            spans: Vec::new(),
        };
        for flow in &raw.flows {
            let first = graph.reserve(&flow.body);
            graph.flows.insert(flow.name.value.clone(), first);
        }
        graph
    }

    /// The first step of a flow that is named somewhere.
    pub(super) fn flow(&mut self, name: &At<Name>) -> Option<StepId> {
        self.known_flows.has(name, self.faults);
        self.flows.get(&name.value).copied()
    }

    /// Makes the steps of all flows.
    pub(super) fn fill_flows(&mut self) {
        let raw = self.raw;
        for flow in &raw.flows {
            if let Some(first) = self.flows.get(&flow.name.value).copied() {
                self.fill(first, &flow.body, None);
            }
        }
    }

    /// Room for steps in a row. There is always one, so that there is somewhere to go to.
    fn reserve(&mut self, body: &Body) -> StepId {
        // The number of values in a plan is limited far below this.
        let first = StepId(u32::try_from(self.steps.len()).unwrap_or(u32::MAX));
        for at in 0..body.steps.len().max(1) {
            self.steps.push(Step { act: Act::HangUp(Reason::Failure), next: None });
            self.spans.push(body.steps.get(at).map_or(body.span.clone(), |step| step.span.clone()));
        }
        first
    }

    /// A step that nobody typed, for what stands at `span`.
    pub(super) fn push(&mut self, act: Act, span: &Span) -> StepId {
        let id = StepId(u32::try_from(self.steps.len()).unwrap_or(u32::MAX));
        self.steps.push(Step { act, next: None });
        self.spans.push(span.clone());
        id
    }

    /// Makes the steps of a branch, which goes on at `after`.
    pub(super) fn body(&mut self, body: &'r Body, after: Option<StepId>) -> StepId {
        let first = self.reserve(body);
        self.fill(first, body, after);
        first
    }

    fn fill(&mut self, first: StepId, body: &'r Body, after: Option<StepId>) {
        let mut id = first;
        for (nth, step) in body.steps.iter().enumerate() {
            let behind = StepId(id.0 + 1);
            let next = if nth + 1 < body.steps.len() { Some(behind) } else { after };
            let act = self.act(step, id, next);
            // Nothing comes behind what never comes back.
            let next = next.filter(|_| act.shape().behind.is_some());
            self.steps[id.0 as usize] = Step { act, next };
            id = behind;
        }
        self.tell_unreachable(body);
    }

    fn tell_unreachable(&mut self, body: &Body) {
        let Some(last) = body.steps.iter().position(|step| !step.act.goes_on()) else { return };
        if let Some(lost) = body.steps.get(last + 1) {
            let fault = Fault::error(&lost.span, "this step can never be reached");
            let fault = fault.related(&body.steps[last].span, "no call comes back from here");
            self.faults.push(fault.remedy("take it out, or put it before the step that does not come back"));
        }
    }

    /// What a step does, whose id is `at`.
    fn act(&mut self, step: &'r RawStep, at: StepId, next: Option<StepId>) -> Act {
        match &step.act {
            RawAct::Answer => Act::Answer,
            RawAct::Ring(lasts) => Act::Ring(*lasts),
            RawAct::Music { class, lasts } => {
                let class = class.clone().unwrap_or_else(|| DEFAULT_MUSIC.into());
                Act::Music { class, lasts: *lasts }
            }
            RawAct::Wait(lasts) => Act::Wait(*lasts),
            RawAct::Play(media) => Act::Play(self.sounds.of(media, &self.scope, self.faults)),
            RawAct::Menu(menu) => Act::Menu(Arc::new(self.menu(menu, at, next))),
            RawAct::Ask(ask) => self.ask(ask, next).unwrap_or_else(unread),
            RawAct::Operator(step) => self.by_phone(step, next),
            RawAct::Hours { of, closed } => self.hours(of.as_ref(), closed.as_ref(), next),
            RawAct::Override { of, how } => {
                let of = of.as_ref().filter(|of| self.known_hours.has(of, self.faults));
                of.map_or_else(unread, |of| Act::Override { of: of.value.clone(), how: *how })
            }
            RawAct::Require(typed) => Act::Require(Arc::new(self.requires(typed))),
            RawAct::Queue(queue) => self.queue(queue.as_ref()),
            RawAct::Dial(dial) => self.dial(dial, next),
            RawAct::Set(sets) => self.set(sets),
            RawAct::If { when, then, otherwise } => self.choice(when.as_ref(), then.as_ref(), otherwise.as_ref(), next),
            RawAct::Switch(switch) => self.switch(switch, next),
            RawAct::Record(record) => self.record(record, next),
            RawAct::LookUp(lookup) => self.look_up(lookup, next),
            RawAct::Notify(request) => self.notify(request),
            RawAct::Flow(flow) => {
                let target = flow.as_ref().and_then(|flow| self.flow(flow));
                target.map_or(Act::HangUp(Reason::Failure), Act::Go)
            }
            RawAct::Call(flow) => flow.as_ref().and_then(|flow| self.flow(flow)).map_or_else(unread, Act::Call),
            RawAct::Language(text) => {
                let language = say::language(text, &self.sounds.languages, &self.scope, self.faults);
                language.map_or_else(unread, |language| Act::Language(Arc::new(language)))
            }
            RawAct::Continue => Act::Continue,
            RawAct::HangUp(reason) => Act::HangUp(*reason),
            RawAct::Unread => unread(),
        }
    }

    fn set(&mut self, sets: &'r [RawSet]) -> Act {
        let mut made = Vec::new();
        for set in sets {
            let (Some(text), Some((slot, _))) = (&set.value, self.scope.variables.get(&set.name.value)) else {
                continue;
            };
            match values::assigned(text, &self.scope) {
                Ok(expr) => made.push((*slot, expr)),
                Err(trouble) => values::tell(text, trouble, self.faults),
            }
        }
        Act::Set(made.into())
    }

    fn choice(
        &mut self,
        when: Option<&'r Text>,
        then: Option<&'r Body>,
        otherwise: Option<&'r Body>,
        next: Option<StepId>,
    ) -> Act {
        let when = when.and_then(|when| values::read(when, Some(Type::Truth), &self.scope, self.faults));
        let then = then.map(|body| self.body(body, next));
        let otherwise = otherwise.map(|body| self.body(body, next));
        match (when, then) {
            (Some(when), Some(then)) => Act::If { when: Arc::new(when), then, otherwise },
            (None, _) | (_, None) => unread(),
        }
    }

    fn switch(&mut self, switch: &'r RawSwitch, next: Option<StepId>) -> Act {
        let on = switch.on.as_ref().and_then(|on| values::read(on, None, &self.scope, self.faults));
        let kind = on.as_ref().map(Expr::kind);
        let mut cases: Vec<(Value, StepId)> = Vec::new();
        let mut seen: IndexMap<String, &Span> = IndexMap::new();
        for (text, body) in &switch.cases {
            let step = self.body(body, next);
            if let Some(first) = seen.insert(text.value.to_string(), &text.span) {
                let fault = Fault::error(&text.span, format!("{} is here twice", quoted(&text.value)));
                self.faults.push(fault.related(first, "first here").remedy("keep one of the two"));
            }
            match kind.map(|kind| values::case(&text.value, kind)) {
                Some(Ok(value)) => {
                    let case = Expr::Value(value.clone());
                    let never = on.as_ref().and_then(|on| self.scope.never(Comparison::Equal, on, &case));
                    if let Some(why) = never {
                        values::tell(text, Trouble::Wrong(why, 0..text.value.len()), self.faults);
                    }
                    cases.push((value, step));
                }
                Some(Err(why)) => values::tell(text, Trouble::Wrong(why, 0..text.value.len()), self.faults),
                None => {}
            }
        }
        let otherwise = switch.otherwise.as_ref().map(|body| self.body(body, next));
        on.map_or_else(unread, |on| Act::Switch(Arc::new(Switch { on, cases, otherwise })))
    }

    fn hours(&mut self, of: Option<&At<Name>>, closed: Option<&'r Body>, next: Option<StepId>) -> Act {
        if let Some(of) = of {
            self.known_hours.has(of, self.faults);
        }
        match (of, closed) {
            (Some(of), Some(closed)) => Act::Hours { of: of.value.clone(), closed: self.body(closed, next) },
            (Some(_) | None, None) => unread(),
            (None, Some(closed)) => {
                self.body(closed, next);
                unread()
            }
        }
    }

    fn queue(&mut self, queue: Option<&At<Name>>) -> Act {
        if let Some(queue) = queue {
            self.known_queues.has(queue, self.faults);
        }
        queue.map_or_else(unread, |queue| Act::Queue(queue.value.clone()))
    }
}

/// It may be anything: taken for something that leads to no further complaint.
pub(super) fn unread() -> Act {
    Act::Play(Announcement::default())
}
