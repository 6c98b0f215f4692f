//! Steps that stand inside a step, and whether a call comes out behind it.

use super::{
    menu::RawChoice,
    step::{Body, RawAct},
};

/// What stands inside a step.
pub(in crate::dialplan) struct Branches<'r> {
    /// Behind these a call goes on behind the step.
    pub(in crate::dialplan) bodies: Vec<&'r Body>,
    /// Behind these the step is done once more.
    pub(in crate::dialplan) again: Vec<&'r Body>,
    /// Whether a call may go on behind the step without having been in one of the bodies. Where something could not be read,
    /// it may.
    pub(in crate::dialplan) past: bool,
}

impl RawAct {
    /// The steps that stand inside this one.
    pub(in crate::dialplan) fn branches(&self) -> Branches<'_> {
        let mut again = Vec::new();
        let (bodies, past) = match self {
            Self::Menu(menu) => {
                again.extend(menu.by_extension.iter().flat_map(|typed| typed.ringing.bodies()));
                let chosen = menu.options.iter().filter_map(|(_, choice)| match choice {
                    RawChoice::Repeat | RawChoice::Back => None,
                    RawChoice::Go(body) => Some(body),
                });
                let past = menu.options.is_empty() || menu.asking.goes_on();
                (chosen.chain(menu.asking.bodies()).collect(), past)
            }
            // Who answers goes on behind it.
            Self::Ask(ask) => (ask.asking.bodies().collect(), true),
            Self::Operator(step) => (step.asking.bodies().collect(), true),
            Self::Hours { closed, .. } => (closed.iter().collect(), true),
            Self::If { then, otherwise, .. } => {
                (then.iter().chain(otherwise).collect(), then.is_none() || otherwise.is_none())
            }
            Self::Switch(switch) => {
                let bodies = switch.cases.iter().map(|(_, body)| body).chain(&switch.otherwise).collect();
                (bodies, switch.cases.is_empty() || switch.otherwise.is_none())
            }
            Self::Record(record) => (record.failed.iter().collect(), true),
            Self::Dial(dial) => (dial.ringing.bodies().collect(), dial.ringing.may_pass()),
            Self::LookUp(lookup) => (lookup.failed.iter().collect(), true),
            // Nobody leaves a queue but for a conversation, by a way of the queue's own or because he hung up.
            Self::Queue(queue) => (Vec::new(), queue.is_none()),
            Self::Flow(_) | Self::Continue | Self::HangUp(_) => (Vec::new(), false),
            Self::Answer
            | Self::Override { .. }
            | Self::Require(_)
            | Self::Ring(_)
            | Self::Music { .. }
            | Self::Wait(_)
            | Self::Play(_)
            | Self::Set(_)
            | Self::Notify(_)
            | Self::Call(_)
            | Self::Language(_)
            | Self::Unread => (Vec::new(), true),
        };
        Branches { bodies, again, past }
    }

    /// Whether a call may go on behind this step.
    pub(in crate::dialplan) fn goes_on(&self) -> bool {
        let branches = self.branches();
        branches.past || branches.bodies.into_iter().any(Body::goes_on)
    }
}

impl Body {
    fn goes_on(&self) -> bool {
        self.steps.iter().all(|step| step.act.goes_on())
    }
}
