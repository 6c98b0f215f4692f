//! Calls found on a node that this engine knows nothing of: an earlier one died, and they went on by themselves.
//!
//! What is found decides where a call goes on. Two who talk go on talking; one who waited is in the line again, at the
//! place that is written on his channel; one for whom a step of the plan rang is at that step again; anybody else begins at
//! his number's first step. Only he needs a number that the plan has: the others go on although a new plan lacks it. One on whom nothing of ours is written is a new call, and is let
//! in or turned away like any other: his arrival was lost, or what an engine asked for when it turned him away.

use std::{collections::HashMap, time::Duration};

use super::{
    Command, Engine, Enters, Fact, Held, HeldChannel, LegId, OperatorIx, QueueIx, Role, Wake,
    call::{Call, Doing, Hum, Stands, Switch, Talk},
    callback::{CalledBack, is_called_back},
    channels::Share,
    leg::{Leg, Phase, Tag, Way},
    mark::State,
    node::{OLDEST, is_talk_bridge},
    notice::{self, OfferOutcome, Refusal},
    operator::{self, Rest},
    transfer::Stranger,
};
use crate::{
    dialplan::{Act, Plan, PublicNumber, Step, StepId, WhenFull},
    domain::{BridgeId, CallId, ChannelId, Name, Number, Reason, RecordingId, Time, id::OURS},
};

/// Two who were found in one talk bridge.
struct Pair<'a> {
    caller: &'a HeldChannel,
    leg: &'a HeldChannel,
    bridge: &'a BridgeId,
}

impl Engine {
    /// Conversations go on; a leg that rings for a call of the engine before is hung up, and until it has ended its
    /// operator is not free, nor its channel of a trunk.
    pub(super) fn adopt_legs(&mut self, held: &Held) {
        let unknown: HashMap<&ChannelId, &HeldChannel> = held
            .channels
            .iter()
            .filter(|found| !self.channels.contains_key(&found.channel))
            .map(|found| (&found.channel, found))
            .collect();
        for bridge in held.bridges.iter().filter(|held| is_talk_bridge(&held.bridge)) {
            let inside: Vec<&HeldChannel> =
                bridge.channels.iter().filter_map(|channel| unknown.get(channel).copied()).collect();
            if let Some(pair) = pair(&inside, &bridge.bridge) {
                self.adopt_talk(&pair, held);
            }
        }
        for found in held.channels.iter().filter(|found| is_leg(found)) {
            if !self.channels.contains_key(&found.channel) {
                self.dismiss_found(found, held);
            }
        }
    }

    /// Everybody else who is found is a caller. Those in our care come first: new ones may have the room that they leave.
    pub(super) fn adopt_callers(&mut self, held: &Held) {
        let callers = held.channels.iter().filter(|found| !is_leg(found));
        let (ours, new): (Vec<_>, Vec<_>) = callers.partition(|found| found.state().is_some());
        for found in ours.into_iter().chain(new) {
            if self.channels.contains_key(&found.channel) {
                continue;
            }
            match &found.enters {
                Some(enters) if self.goes_on_as(enters, &found.channel, found.answered) => {}
                Some(enters) if found.state().is_none() => self.admit_found(found, enters, held),
                Some(_) | None => self.adopt_caller(found, held),
            }
        }
    }

    fn admit_found(&mut self, found: &HeldChannel, enters: &Enters, held: &Held) {
        let (channel, caller) = (found.channel.clone(), found.caller.clone());
        let Some((id, entry)) = self.admit(channel, enters, caller, found.answered) else { return };
        if let Some(bridge) = talk_bridge_of(found, held) {
            self.stand_in(id, bridge);
        }
        self.go(id, Some(entry));
    }

    fn dismiss_found(&mut self, found: &HeldChannel, held: &Held) {
        let tag = Tag::read(&found.channel.id);
        let (callee, call) = tag.map_or((None, None), |tag| (tag.callee, tag.call));
        // Should his caller be found, too, he is rung for anew when this one has ended.
        let call = call.unwrap_or_else(|| self.new_call());
        let operator = self.operator_of(found).filter(|ix| !self.operator(*ix).doing.is_of_a_call());
        let bridge = talk_bridge_of(found, held);
        self.dismiss_stranger(&found.channel, call, Stranger { bridge, callee, operator });
    }

    /// A call from what is written on its channel, or from how it came to us.
    fn found_call(&mut self, found: &HeldChannel, held: &Held, talks: bool) -> Option<(CallId, State)> {
        let plan = self.plan.clone();
        let state = found.state().unwrap_or_default();
        let waits = state.queue.as_deref().is_some_and(|queue| self.queues.contains_key(queue));
        let goes_on = talks || waits || state.talking.is_some() || self.dialled_at(&state).is_some();
        let called_back = state.called_back.as_ref().and_then(CalledBack::found);
        if called_back.is_some() && state.called_back.as_ref().is_some_and(|it| it.open) && !goes_on {
            // He had not taken the call: he is called once more.
            self.turn_away_found(found, held);
            return None;
        }
        let caller = called_back.as_ref().map_or_else(|| found.caller.clone(), CalledBack::caller);
        let dialled = found.enters.as_ref().map(|enters| &**enters.dialled());
        let inside =
            dialled.filter(|_| caller.is_internal()).and_then(|dialled| plan.extensions.get_key_value(dialled));
        let flow = state.flow.as_deref().and_then(|flow| plan.flows.get_key_value(flow));
        let elsewhere = inside.is_some() || flow.is_some();
        let number = plan.numbers.get(&state.number).or_else(|| plan.number(dialled?)).filter(|_| !elsewhere);
        let caller = plan.caller_of(number.or_else(|| plan.numbers.get(&state.number)), caller);
        let (name, first) = match (inside, number) {
            _ if let Some((_, entry)) = flow => (Name::new(&state.number), *entry),
            (Some((name, extension)), _) => (name.clone(), extension.entry),
            (None, Some(number)) => (Name::new(number.number.bare()), entry(number, state.beyond)),
            // He needs no step to begin at, whatever became of the number that he called.
            (None, None) if goes_on => (Name::new(&state.number), StepId(0)),
            (None, None) => {
                self.turn_away_found(found, held);
                return None;
            }
        };
        let id = CallId::parse(&state.call).filter(|id| id.boot != self.setup.boot && !self.calls.contains_key(id));
        let id = id.unwrap_or_else(|| self.new_call());
        let arrived = match state.arrived {
            0 => self.now - found.age.min(OLDEST),
            micros => Time::from_micros(micros).min(self.now),
        };
        let channel = found.channel.clone();
        // What one who was called back had dialled is on no channel of his own.
        let member = member_of(&plan, dialled.or_else(|| state.dialled()), &name);
        let share = match number {
            _ if called_back.is_some() => Share::CalledBack,
            _ if flow.is_some() => Share::Apart,
            _ if state.beyond => Share::Beyond,
            Some(number) => Share::of(&caller, number, &plan),
            None if caller.is_internal() => Share::Inside,
            None => Share::Open,
        };
        let unanswered_until = number.and_then(|number| Call::unanswered_until(number, arrived, found.answered));
        let call = Call::new(id, channel, plan.clone(), name, caller, arrived, found.answered, first);
        self.add_call(Call {
            dialled: member,
            flow: flow.map(|(flow, _)| flow.clone()),
            share,
            unanswered_until,
            called_back: called_back.map(Box::new),
            ..call
        });
        self.may_wait_unanswered(id);
        self.believe_switch(id, &state);
        let now = self.now;
        if let Some(call) = self.calls.get_mut(&id) {
            // Nobody knows what an engine before wrote.
            call.music = true;
            // Nothing says when an engine before answered one who began to hear something at once: not long after he came.
            call.answered = call.answered.map(|arrived| state.answered.map_or(arrived, Time::from_micros).min(now));
            let language = state.language.as_deref();
            call.language = language.and_then(|code| plan.languages.find(code)).unwrap_or_default();
            call.preferred = state.preferred;
            call.entered = state.entered.map(|entered| Time::from_micros(entered).min(now));
            call.holds = state.holds.as_deref().map(Name::new);
            if goes_on {
                call.take_variables(&state.variables);
                call.requires = state.required().into();
            }
        }
        Some((id, state))
    }

    /// The dead man's switch is as it was left, unless it is nearly over, or nobody can have armed it so.
    fn believe_switch(&mut self, id: CallId, state: &State) {
        let (now, limits) = (self.now, &self.setup.limits);
        let half = limits.dead_man / 2;
        let most = now + limits.dead_man + self.longest_prompt;
        let armed = state.armed.map(Time::from_micros).filter(|armed| *armed > now + half && *armed <= most);
        if let (Some(armed), Some(call)) = (armed, self.calls.get_mut(&id)) {
            call.armed = Some(armed);
            call.switch = Switch::Found;
            self.timers.set(Wake::DeadMan(id), armed - half);
        }
    }

    /// A channel that leads to no number. One that dialled is a caller, and Asterisk's own dialplan takes him; one that did
    /// not is what a transfer left behind.
    fn turn_away_found(&mut self, found: &HeldChannel, held: &Held) {
        let channel = found.channel.clone();
        match &found.enters {
            Some(enters) => {
                let (number, caller) = (enters.dialled().clone(), found.caller.clone().forgotten());
                self.tell(None, Fact::Refused { number, caller, why: Refusal::UnknownNumber });
                self.command(Command::Continue { channel });
            }
            None => {
                let nobodys = self.new_call();
                let bridge = talk_bridge_of(found, held);
                self.dismiss_stranger(&channel, nobodys, Stranger { bridge, ..Stranger::default() });
            }
        }
    }

    fn adopt_talk(&mut self, pair: &Pair<'_>, held: &Held) {
        let Some((id, state)) = self.found_call(pair.caller, held, true) else { return };
        let leg = LegId(self.count());
        let operator = self.found_talking(pair.leg);
        let queue = state.queue.as_deref().and_then(|queue| self.queues.get_index_of(queue)).map(QueueIx);
        let since = state.talking.map_or(self.now, Time::from_micros).min(self.now);
        let joined = state.joined.map(Time::from_micros);
        self.channels.insert(pair.leg.channel.clone(), Role::Leg(leg));
        let tag = Tag::read(&pair.leg.channel.id);
        // Where he waited is written on him; whose operator it was that took him, on the leg.
        let through = tag.as_ref().and_then(|tag| self.queues.get_index_of(tag.queue?)).map(QueueIx);
        let through = queue.map(|queue| through.unwrap_or(queue));
        let callee = tag.and_then(|tag| tag.callee);
        let trunk = self.trunk_of(callee.as_ref());
        let meter = trunk.as_ref().and_then(|trunk| self.meter_found(id, trunk, since));
        let record = Leg {
            channel: pair.leg.channel.clone(),
            call: id,
            caller: pair.caller.channel.clone(),
            callee,
            operator,
            queue: through,
            ring: Duration::ZERO,
            way: Way::Originated,
            since,
            bridge: Some(pair.bridge.clone()),
            phase: Phase::Talking,
            meter,
            trunk,
            accept: None,
        };
        self.legs.insert(leg, record);
        self.take_from_others(pair.bridge);
        // One for the call, one for the leg.
        self.lent(pair.bridge);
        self.lent(pair.bridge);
        if let Some(operator) = operator {
            self.begins_talk(operator, operator::Doing::Talking { leg, since });
        }
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.served = true;
        call.stands = Stands::Joined;
        call.bridge = Some(pair.bridge.clone());
        call.doing = Doing::Talking(Talk { leg, queue, since, joined, entered: None, disarm_again: false });
        if let Some(queue) = &state.queue {
            self.was_reached(id, queue, since);
        }
        self.tell_adopted(id, notice::Adopted::Talking);
        self.disarm(id);
    }

    fn tell_adopted(&mut self, id: CallId, place: notice::Adopted) {
        let Some(call) = self.calls.get(&id) else { return };
        let (number, caller, channel) = (Some(call.number.clone()), call.caller.clone(), call.channel.clone());
        let arrived = call.arrived;
        self.tell(Some(id), Fact::Adopted { number, caller, channel, arrived, place });
    }

    /// Two who were found talking keep their bridge. Should a call of ours have it in its books, it needs another one.
    fn take_from_others(&mut self, bridge: &BridgeId) {
        for call in self.calls.values_mut().filter(|call| call.bridge.as_ref() == Some(bridge)) {
            call.past.extend(call.bridge.take());
            if call.stands == Stands::Joined {
                call.stands = Stands::Alone;
            }
        }
    }

    /// A caller was found in a talk bridge: it is his, or he is only to leave it if another call has it.
    fn stand_in(&mut self, id: CallId, bridge: BridgeId) {
        let taken = self.calls.values().any(|call| call.bridge.as_ref() == Some(&bridge));
        self.lent(&bridge);
        let Some(call) = self.calls.get_mut(&id) else { return };
        if taken {
            call.past.push(bridge);
        } else {
            call.bridge = Some(bridge);
            call.stands = Stands::Joined;
        }
    }

    /// The queue in which a caller stood, and since when. On the channel of one who was offered to an operator at once
    /// nothing says so before a second one is rung: the leg that rings for him does, and it is as old as his place.
    fn place_of(&self, state: &State, held: &Held) -> Option<(QueueIx, Time)> {
        let ix = |queue: &str| self.queues.get_index_of(queue).map(QueueIx);
        if let Some(queue) = &state.queue {
            return Some((ix(queue)?, state.joined.map_or(self.now, Time::from_micros).min(self.now)));
        }
        let call = CallId::parse(&state.call)?;
        let rings = held.channels.iter().filter_map(|leg| {
            let tag = Tag::read(&leg.channel.id).filter(|tag| tag.call == Some(call))?;
            Some((ix(tag.queue?)?, self.now - leg.age.min(OLDEST)))
        });
        rings.min_by_key(|(_, since)| *since)
    }

    /// The step that rang for a caller: in the plan of now, if it still has one like it.
    fn dialled_at(&self, state: &State) -> Option<StepId> {
        let dialled = state.dialling.as_ref()?;
        let is_it = |step: &Step| {
            let Act::Dial(dial) = &step.act else { return false };
            dial.print(&self.plan.variables) == dialled.print
        };
        let steps = &self.plan.steps;
        let there = Some(StepId(dialled.step)).filter(|step| steps.get(step.0 as usize).is_some_and(is_it));
        there.or_else(|| steps.iter().position(is_it).and_then(|at| u32::try_from(at).ok()).map(StepId))
    }

    /// The operator whose name is in a leg's id.
    fn operator_of(&self, leg: &HeldChannel) -> Option<OperatorIx> {
        self.operators.get_index_of(Tag::read(&leg.channel.id)?.callee?.operator()?).map(OperatorIx)
    }

    /// The operator of a leg that was found talking. On a node that came up before, he may have been taken for free: where he
    /// may not have one call more, what rings at his phone is given up and is his no more, or it would be refused as busy and
    /// rung again for as long as he talks.
    fn found_talking(&mut self, leg: &HeldChannel) -> Option<OperatorIx> {
        let ix = self.operator_of(leg)?;
        let operator = self.operator(ix);
        if operator.may_have_several() && operator.besides.len() + 1 < operator.plan.capacity as usize {
            return Some(ix);
        }
        if let Some(call) = self.operator(ix).doing.chosen_for() {
            self.end_choice(call, Some(OfferOutcome::Busy));
        }
        self.forsake_others(ix);
        let doing = self.operator(ix).doing;
        // Two conversations are two, whatever was planned.
        let Some(other) = doing.leg().filter(|_| !doing.is_talk()) else { return Some(ix) };
        match self.legs.get(&other)?.phase {
            Phase::Making | Phase::Ringing | Phase::Asked { .. } => self.give_up_offer(other, OfferOutcome::Busy),
            Phase::Going { .. } | Phase::Talking => {}
        }
        let several = self.operator(ix).may_have_several();
        let leg = self.legs.get_mut(&other)?;
        match &mut leg.phase {
            // Until it has ended he is rung for no other. That it was given up is no doing of his.
            Phase::Going { rest, .. } if several => *rest = Rest::None,
            // He does nothing but talk from now on.
            Phase::Going { .. } | Phase::Making | Phase::Ringing | Phase::Asked { .. } | Phase::Talking => {
                leg.operator = None;
            }
        }
        Some(ix)
    }

    fn adopt_caller(&mut self, found: &HeldChannel, held: &Held) {
        let Some((id, state)) = self.found_call(found, held, false) else { return };
        let place = self.place_of(&state, held);
        let stands_in = held.bridges.iter().find(|bridge| bridge.channels.contains(&found.channel));
        let room = stands_in.and_then(|held| self.room_of(&held.bridge));
        let room = room.filter(|room| place.is_some_and(|(queue, _)| queue == room.queue));
        if let Some(bridge) = talk_bridge_of(found, held) {
            self.stand_in(id, bridge);
        }
        if let Some(talking) = state.talking {
            if let Some(queue) = &state.queue {
                self.was_reached(id, queue, Time::from_micros(talking));
            }
            // The operator left while nobody looked: the conversation is over.
            self.tell_adopted(id, notice::Adopted::Over);
            return self.part(id, super::arrival::Parting::HangUp(Reason::Normal), notice::Outcome::Served);
        }
        let dialled = self.dialled_at(&state);
        let Some(call) = self.calls.get_mut(&id) else { return };
        if let Some((ix, joined)) = place {
            let name = self.queues[ix.0].plan.name.clone();
            if let Some(room) = room {
                (call.stands, call.room) = (Stands::Parked(room), Some(room));
            } else {
                call.hum = Some(Hum::Unknown);
            }
            let hum = call.hum.clone();
            call.written = state.queue.is_some().then_some((ix, joined));
            self.tell_adopted(id, notice::Adopted::Waiting);
            self.is_to_hear(id);
            self.stand(id, &name, joined, hum);
            self.goes_on_hearing(id, state.told.as_ref());
            let assigned = state.assigned.as_deref().and_then(|operator| self.operators.get_index_of(operator));
            if let Some(operator) = assigned.map(OperatorIx) {
                self.assign(id, operator);
            }
        } else if let Some(step) = dialled {
            call.hum = Some(Hum::Unknown);
            self.tell_adopted(id, notice::Adopted::Dialling);
            self.go(id, Some(step));
        } else {
            call.hum = Some(Hum::Unknown);
            let entry = call.at;
            if let Some(recording) = state.recording.as_deref().and_then(RecordingId::parse) {
                // What he has said is found in Asterisk; until it is over he hears nothing.
                self.command(Command::StopRecording { channel: found.channel.clone(), recording });
            }
            self.tell_adopted(id, notice::Adopted::Start);
            self.go(id, Some(entry));
        }
    }
}

impl HeldChannel {
    /// Whether it is a caller's: of one who dialled in, or was called back. An engine writes on no other.
    pub(crate) fn is_caller(&self) -> bool {
        self.enters.is_some() || is_called_back(&self.channel.id)
    }

    /// What an engine wrote on it; `None` also when it makes no sense.
    fn state(&self) -> Option<State> {
        self.mark.as_deref().and_then(State::read)
    }
}

/// What was dialled, where the plan has it as one of several numbers, and as that one.
fn member_of(plan: &Plan, dialled: Option<&str>, name: &Name) -> Option<Number> {
    plan.numbers.dialled(dialled?).filter(|it| it.name == name)?.member
}

/// The talk bridge in which somebody was found.
fn talk_bridge_of(found: &HeldChannel, held: &Held) -> Option<BridgeId> {
    let inside = held.bridges.iter().find(|bridge| bridge.channels.contains(&found.channel))?;
    is_talk_bridge(&inside.bridge).then(|| inside.bridge.clone())
}

/// Whether an engine dialled it for a caller.
fn is_leg(found: &HeldChannel) -> bool {
    found.channel.id.starts_with(OURS) && !is_called_back(&found.channel.id)
}

/// Who of two in a bridge is the caller: the other is a leg of ours, or somebody whom an operator transferred him to, on
/// whom nothing is written.
fn pair<'a>(inside: &[&'a HeldChannel], bridge: &'a BridgeId) -> Option<Pair<'a>> {
    let [one, two] = *inside else { return None };
    let (caller, leg) = match (is_leg(one), is_leg(two)) {
        (true, true) => return None,
        (true, false) => (two, one),
        (false, true) => (one, two),
        (false, false) if two.mark.is_some() => (two, one),
        (false, false) => (one, two),
    };
    (caller.answered && leg.answered).then_some(Pair { caller, leg, bridge })
}

/// Where a call of a number begins anew, or one that found it full.
fn entry(number: &PublicNumber, beyond: bool) -> StepId {
    match number.when_full {
        WhenFull::Go(step) if beyond => step,
        WhenFull::Go(_) | WhenFull::HangUp(_) => number.entry,
    }
}
