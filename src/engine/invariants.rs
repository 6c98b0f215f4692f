//! What must be true after every event, whatever it was. Checked in tests and in the simulator, where any event may come
//! at any moment.

mod lines;
mod operators;

use std::collections::BTreeMap;

use super::{
    Engine, LegId, Role, Wake,
    call::{Call, Chosen, Dialling, Doing, Standing, Stands, Talk, Wants},
    channels::InUse,
    leg::{Leg, Phase},
    operator::With,
};
use crate::domain::{BridgeId, CallId, Name, NodeId, Time};

impl Engine {
    /// Everything that is wrong, in words; nothing when all is well.
    pub fn broken_invariants(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for call in self.calls.values() {
            self.check_call(call, &mut wrong);
            self.check_message(call, &mut wrong);
            self.check_place(call, &mut wrong);
        }
        for (id, leg) in self.legs.iter() {
            self.check_leg(*id, leg, &mut wrong);
        }
        self.check_operators(&mut wrong);
        self.check_presence(&mut wrong);
        self.check_trunks(&mut wrong);
        self.check_lines(&mut wrong);
        self.check_channels(&mut wrong);
        self.check_bridges(&mut wrong);
        self.check_counts(&mut wrong);
        self.check_deadlines(&mut wrong);
        self.check_callbacks(&mut wrong);
        wrong
    }

    fn check_call(&self, call: &Call, wrong: &mut Vec<String>) {
        let id = call.id;
        let mut say = |what: &str| wrong.push(format!("{id:?}: {what}"));
        if self.role(&call.channel) != Some(Role::Caller(id)) {
            say("its channel is not known as its own");
        }
        match &call.doing {
            Doing::Queued(standing) => self.check_standing(call, standing, &mut say),
            Doing::Dialling(dialling) => self.check_dialling(call, dialling, &mut say),
            Doing::Talking(talk) => self.check_talk(call, talk, &mut say),
            Doing::Asked(asked) => {
                if asked.prompt.is_none() && !self.timers.is_set(Wake::Menu(id)) {
                    say("a menu waits for ever");
                }
                if asked.prompt.is_some() && self.timers.is_set(Wake::Menu(id)) {
                    say("its silence is measured while the prompt plays");
                }
            }
            Doing::Leaving { .. } => {
                if !self.timers.is_set(Wake::Leaving(id)) {
                    say("it leaves and nobody looks whether it has left");
                }
            }
            Doing::Resting { .. } => {
                if !self.timers.is_set(Wake::Rest(id)) {
                    say("it rests for ever");
                }
                if !self.timers.is_set(Wake::DeadMan(id)) {
                    say("nobody will tell Asterisk that it is cared for");
                }
            }
            Doing::LookingUp(_) => {
                if !self.timers.is_set(Wake::Lookup(id)) {
                    say("it waits for an answer for ever");
                }
                if !self.timers.is_set(Wake::DeadMan(id)) {
                    say("nobody will tell Asterisk that it is cared for");
                }
            }
            Doing::Chosen(chosen) => self.check_chosen(call, chosen, &mut say),
            Doing::HandingOver { .. } => {
                if !self.timers.is_set(Wake::HandOver(id)) {
                    say("it is handed over and nobody looks whether it comes");
                }
            }
            Doing::CallingBack => {
                if !self.is_tried(call) {
                    say("somebody is called back and nobody looks whether he answers");
                }
            }
            Doing::Playing { .. } | Doing::Recording(_) => {}
        }
        // When the limit passes in a prompt, or on the way to another node, the end of that asks for it.
        let told_nothing = call.hears().is_some() || matches!(call.doing, Doing::HandingOver { .. });
        let asks_later = |until: Time| until <= self.now && told_nothing;
        let waits = call.unanswered_until.filter(|until| call.is_here() && !asks_later(*until));
        if waits.is_some() && !self.timers.is_set(Wake::Answer(id)) {
            say("nobody will answer it");
        }
    }

    fn check_standing(&self, call: &Call, standing: &Standing, say: &mut impl FnMut(&str)) {
        let id = call.id;
        if !self.queue(standing.queue).line.contains(&standing.place) {
            say("it waits in a line in which it does not stand");
        }
        let ringing = |leg: &LegId| {
            let leg = self.legs.get(leg);
            leg.is_some_and(|leg| leg.call == id && leg.phase.is_offered())
        };
        if !standing.legs.iter().all(ringing) {
            say("a leg that should ring for it does not");
        }
        if !self.timers.is_set(Wake::DeadMan(id)) {
            say("nobody will tell Asterisk that it is cared for");
        }
        self.check_told(call, standing, say);
    }

    fn check_told(&self, call: &Call, standing: &Standing, say: &mut impl FnMut(&str)) {
        let (told, due) = (&standing.told, self.timers.is_set(Wake::Announce(call.id)));
        if told.playback.is_some() && !standing.legs.is_empty() {
            say("it is told something, and whoever answers would wait for the end of that");
        }
        let is_to_be_told = standing.legs.is_empty() && told.playback.is_none() && told.due().is_some();
        if self.is_up(call.channel.node) && due != is_to_be_told {
            say("nobody will tell it what is due, or somebody would in vain");
        }
    }

    fn check_talk(&self, call: &Call, talk: &Talk, say: &mut impl FnMut(&str)) {
        let leg = self.legs.get(&talk.leg);
        if !leg.is_some_and(|leg| leg.call == call.id && leg.phase == Phase::Talking) {
            say("it talks to nobody");
        }
        if call.stands != Stands::Joined {
            say("it talks and is not in its talk bridge");
        }
        if call.armed.is_some() {
            say("it talks and will be cut off");
        }
    }

    fn check_chosen(&self, call: &Call, chosen: &Chosen, say: &mut impl FnMut(&str)) {
        if !self.operator(chosen.operator).is_with(With::Choice(call.id)) {
            say("whom it was given knows nothing of it");
        }
        if self.queue(chosen.queue).line.contains(&chosen.place) {
            say("it was given somebody and still stands in line");
        }
        if !self.timers.is_set(Wake::Choice(call.id)) {
            say("somebody is kept for it for ever");
        }
        if call.armed.is_some() || self.timers.is_set(Wake::DeadMan(call.id)) {
            say("its channel is not ours and we write on it");
        }
    }

    /// At a node where callers are alone nobody is brought to them, and nowhere else are they handed over.
    fn check_place(&self, call: &Call, wrong: &mut Vec<String>) {
        let alone = self.is_alone_at(&call.channel);
        let with_others = match &call.doing {
            // Who wants only to know of an operator is brought to nobody.
            Doing::Queued(standing) if standing.wants == Wants::Talk => true,
            Doing::Dialling(_) | Doing::Talking(_) => true,
            Doing::Queued(_)
            | Doing::Chosen(_)
            | Doing::Playing { .. }
            | Doing::Resting { .. }
            | Doing::Asked(_)
            | Doing::Recording(_)
            | Doing::LookingUp(_)
            | Doing::HandingOver { .. }
            | Doing::CallingBack
            | Doing::Leaving { .. } => call.stands != Stands::Alone || call.bridge.is_some() || !call.past.is_empty(),
        };
        if alone && with_others {
            wrong.push(format!("{:?}: it is with others where its caller is alone", call.id));
        }
        let leaves = matches!(call.doing, Doing::HandingOver { .. });
        if leaves != self.timers.is_set(Wake::HandOver(call.id)) {
            wrong.push(format!("{:?}: nobody looks whether it comes over, or one does in vain", call.id));
        }
        if !alone && leaves {
            wrong.push(format!("{:?}: it is handed over from where all can be done", call.id));
        }
    }

    fn check_message(&self, call: &Call, wrong: &mut Vec<String>) {
        let Doing::Recording(taking) = &call.doing else { return };
        if taking.is_waited_for() != self.timers.is_set(Wake::Recording(call.id)) {
            wrong.push(format!("{:?}: nobody looks what becomes of its message, or one does in vain", call.id));
        }
    }

    fn check_dialling(&self, call: &Call, dialling: &Dialling, say: &mut impl FnMut(&str)) {
        let is = |leg: &LegId, wanted: &dyn Fn(Phase) -> bool| {
            self.legs.get(leg).is_some_and(|leg| leg.call == call.id && wanted(leg.phase))
        };
        if !dialling.legs.iter().all(|leg| is(leg, &|phase| phase.is_offered())) {
            say("a leg that should ring for it does not");
        }
        let mut ending = dialling.ending.iter().chain(&dialling.before);
        if !ending.all(|leg| is(leg, &|phase| matches!(phase, Phase::Going { .. }))) {
            say("it waits for the end of a leg that is not ending");
        }
        if !dialling.awaits.iter().all(|operator| self.awaited.contains(&(*operator, call.id))) {
            say("it waits for an operator who does not know it");
        }
        if dialling.is_idle() && self.is_up(call.channel.node) {
            say("it waits for nobody");
        }
        if !self.timers.is_set(Wake::DeadMan(call.id)) {
            say("nobody will tell Asterisk that it is cared for");
        }
    }

    /// Nobody was rung over a trunk without a free line: what was found later, or an older plan let in, is not counted.
    fn check_trunks(&self, wrong: &mut Vec<String>) {
        for trunk in self.plan.trunks.values() {
            let Some(channels) = trunk.channels else { continue };
            let legs: Vec<(LegId, &Leg)> = self
                .legs
                .iter()
                .filter(|(_, leg)| leg.trunk.as_ref() == Some(&trunk.name))
                .map(|(id, leg)| (*id, leg))
                .collect();
            for (rung, _) in legs.iter().filter(|(_, leg)| leg.phase.is_offered()) {
                let before = legs.iter().filter(|(id, _)| id < rung).count();
                let is_before = |id: &CallId| id.boot == self.setup.boot && id.number < rung.0;
                let called = self.called_out.iter().filter(|(id, over)| **over == trunk.name && is_before(id)).count();
                if before + called >= channels as usize {
                    wrong.push(format!(
                        "trunk {} has {channels} channels, and was full when it was rung over it",
                        trunk.name
                    ));
                }
            }
        }
    }

    fn check_leg(&self, id: LegId, leg: &Leg, wrong: &mut Vec<String>) {
        let mut say = |what: &str| wrong.push(format!("leg {:?}: {what}", leg.channel));
        if self.is_alone_at(&leg.channel) {
            say("it is where callers are alone");
        }
        if self.role(&leg.channel) != Some(Role::Leg(id)) {
            say("its channel is not known as its own");
        }
        if let Some(operator) = leg.operator
            && !self.operator(operator).is_with(With::Leg(id))
            && !self.operator(operator).follow.as_ref().is_some_and(|follow| follow.legs.contains(&id))
        {
            say("its operator knows nothing of it");
        }
        let call = self.calls.get(&leg.call).map(|call| &call.doing);
        match leg.phase {
            Phase::Making | Phase::Ringing | Phase::Asked { .. } => {
                let wanted = match call {
                    Some(Doing::Queued(standing)) => standing.legs.contains(&id),
                    Some(Doing::Dialling(dialling)) => dialling.legs.contains(&id),
                    Some(Doing::CallingBack) => self.rings_for_callback(leg.call),
                    Some(
                        Doing::Playing { .. }
                        | Doing::Asked(_)
                        | Doing::Resting { .. }
                        | Doing::LookingUp(_)
                        | Doing::Recording(_)
                        | Doing::Chosen(_)
                        | Doing::Talking(_)
                        | Doing::HandingOver { .. }
                        | Doing::Leaving { .. },
                    )
                    | None => false,
                };
                if !wanted {
                    say("it rings for nobody");
                }
                if !self.timers.is_set(Wake::Ring(id)) {
                    say("it may ring for ever");
                }
            }
            Phase::Talking => {
                let holds = self.held_for_callback(leg.call) == Some(id);
                if !holds && !matches!(call, Some(Doing::Talking(talk)) if talk.leg == id) {
                    say("it talks to nobody");
                }
            }
            Phase::Going { .. } => {
                if !self.timers.is_set(Wake::Going(id)) {
                    say("it was hung up and nobody looks whether it has ended");
                }
            }
        }
    }

    fn check_channels(&self, wrong: &mut Vec<String>) {
        if self.channels.len() != self.calls.len() + self.legs.len() {
            wrong.push(format!(
                "{} channels for {} calls and {} legs",
                self.channels.len(),
                self.calls.len(),
                self.legs.len()
            ));
        }
    }

    /// A talk bridge is of one call.
    fn check_bridges(&self, wrong: &mut Vec<String>) {
        for node in self.nodes.values() {
            for bridge in &node.pool {
                let used = self.calls.values().any(|call| call.past.iter().chain(&call.bridge).any(|of| of == bridge))
                    || self.legs.values().any(|leg| leg.bridge.as_ref() == Some(bridge));
                if used || node.pool.iter().filter(|other| *other == bridge).count() > 1 {
                    wrong.push(format!("{bridge:?} is free and in use"));
                }
            }
        }
        let mut owners = BTreeMap::new();
        for call in self.calls.values() {
            if let Some(bridge) = &call.bridge
                && let Some(other) = owners.insert(bridge, call.id)
            {
                wrong.push(format!("{bridge:?} is of {:?} and of {other:?}", call.id));
            }
        }
    }

    /// What is counted is what there is.
    fn check_counts(&self, wrong: &mut Vec<String>) {
        let mut numbers: BTreeMap<&Name, InUse> = self.in_use.keys().map(|number| (number, InUse::default())).collect();
        let mut nodes: BTreeMap<NodeId, usize> = self.nodes.keys().map(|node| (*node, 0)).collect();
        let mut users: BTreeMap<&BridgeId, u32> = BTreeMap::new();
        for call in self.calls.values() {
            numbers.entry(&call.number).or_default().add(call.share);
            *nodes.entry(call.channel.node).or_default() += 1;
            for bridge in call.past.iter().chain(&call.bridge) {
                *users.entry(bridge).or_default() += 1;
            }
        }
        for bridge in self.legs.values().filter_map(|leg| leg.bridge.as_ref()) {
            *users.entry(bridge).or_default() += 1;
        }
        for (number, calls) in numbers {
            let counted = self.in_use.get(number).copied().unwrap_or_default();
            if counted != calls {
                wrong.push(format!("{number} has {calls:?} and counts {counted:?}"));
            }
        }
        for (node, calls) in nodes {
            let counted = self.nodes.get(&node).map_or(0, |node| node.calls);
            if counted != calls {
                wrong.push(format!("{node:?} has {calls} calls and counts {counted}"));
            }
        }
        let lent: BTreeMap<&BridgeId, u32> =
            self.nodes.values().flat_map(|node| &node.lent).map(|(bridge, users)| (bridge, *users)).collect();
        if lent != users {
            wrong.push(format!("lent are {lent:?}, and in use {users:?}"));
        }
    }

    /// Every deadline is somebody's.
    fn check_deadlines(&self, wrong: &mut Vec<String>) {
        for wake in self.timers.all() {
            let belongs = match wake {
                Wake::Menu(call)
                | Wake::Answer(call)
                | Wake::Rest(call)
                | Wake::Unheard(call)
                | Wake::Recording(call)
                | Wake::Lookup(call)
                | Wake::MaxWait(call)
                | Wake::OneMore(call)
                | Wake::Terms(call)
                | Wake::Sticky(call)
                | Wake::Announce(call)
                | Wake::Choice(call)
                | Wake::DeadMan(call)
                | Wake::Leaving(call)
                | Wake::CallingBack(call)
                | Wake::HandOver(call) => self.calls.contains_key(&call),
                Wake::Callback(id) => self.callbacks.get(&id).is_some_and(|promised| promised.call.is_none()),
                Wake::Ring(leg) | Wake::Going(leg) => self.legs.contains_key(&leg),
                Wake::Phone(operator) => self.operator(operator).follow.as_ref().is_some_and(|it| !it.ahead.is_empty()),
                Wake::Operator(operator) | Wake::Duty(operator) | Wake::Settled(operator) => {
                    operator.0 < self.operators.len()
                }
                Wake::Closing(queue) => queue.0 < self.queues.len(),
                Wake::Forget(node) => !self.is_up(node),
                Wake::Look => true,
            };
            if !belongs {
                wrong.push(format!("{wake:?} is of nobody"));
            }
        }
    }
}
