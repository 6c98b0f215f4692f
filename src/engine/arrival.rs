//! A caller comes, is let in or turned away, and leaves.

use std::{sync::Arc, time::Duration};

use super::{
    Command, Engine, Enters, Fact, Role, Turned, Wake,
    ahead::{Ahead, Trail},
    call::{Call, Doing, Stands, Switch},
    channels::Share,
    notice::{LeftQueue, OfferOutcome, Outcome, Party, Refusal},
};
use crate::{
    dialplan::{Plan, StepId, WhenFull, numbers::Dialled},
    domain::{CallId, Caller, ChannelId, Charge, Name, NodeId, Reason, Time},
};

/// A channel that we hung up or gave back should be gone after this long; then we ask again.
pub(super) const OVERDUE: Duration = Duration::from_secs(10);

/// After asking this often in vain, a channel is taken for gone.
pub(super) const ASKED_ENOUGH: u32 = 3;

/// How an engine parts with a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parting {
    HangUp(Reason),
    Continue,
}

impl Parting {
    /// The same for one whom nobody else takes.
    fn hung_up(self) -> Self {
        match self {
            Self::HangUp(reason) => Self::HangUp(reason),
            Self::Continue => Self::HangUp(Reason::Normal),
        }
    }
}

impl Engine {
    pub(super) fn on_arrived(&mut self, channel: ChannelId, enters: &Enters, caller: Caller, answered: bool) {
        // Asterisk's dialplan needs no longer whom it was given for him.
        if let Some(id) = self.caller_of(&channel) {
            self.end_choice(id, None);
            self.end_hand_over(id);
        }
        // One that is away tells us of it when it is back.
        if !self.is_up(channel.node) {
            return;
        }
        if self.channels.contains_key(&channel) {
            // A node that came up has told us of this channel already. Where callers are alone nothing is told of before, and
            // this one would wait for us.
            if self.is_alone_at(&channel) {
                self.command(Command::Continue { channel });
            }
            return;
        }
        if self.goes_on_as(enters, &channel, answered) {
            return;
        }
        if let Some((id, entry)) = self.admit(channel, enters, caller, answered) {
            self.go(id, Some(entry));
        }
    }

    /// Takes a new call if there is room for it: the call, and the step that it begins at.
    pub(super) fn admit(
        &mut self,
        channel: ChannelId,
        enters: &Enters,
        caller: Caller,
        answered: bool,
    ) -> Option<(CallId, StepId)> {
        match enters {
            Enters::Flow { flow, dialled } => self.admit_to_flow(channel, flow, dialled, caller, answered),
            Enters::Number(dialled) | Enters::HandedOver { dialled, .. } => {
                self.admit_to_number(channel, dialled, caller, answered)
            }
        }
    }

    fn admit_to_number(
        &mut self,
        channel: ChannelId,
        dialled: &str,
        caller: Caller,
        answered: bool,
    ) -> Option<(CallId, StepId)> {
        let plan = self.plan.clone();
        if caller.is_internal()
            && let Some((name, extension)) = plan.extensions.get_key_value(dialled)
        {
            return self.admit_inside(channel, name, extension.entry, caller, answered);
        }
        let Some(Dialled { number, name, member }) = plan.numbers.dialled(dialled) else {
            // Asterisk's dialplan thinks that this number is ours: somebody made a mistake, and the caller pays nothing
            // for it, he goes to the fallback. Who dials within the house is told that there is no such number.
            let how = if caller.is_internal() { Turned::HungUp(Reason::Unallocated) } else { Turned::Fallback };
            self.turn_away(channel, dialled, caller, Refusal::UnknownNumber, how);
            return None;
        };
        let caller = plan.caller_of(Some(number), caller);
        let share = Share::of(&caller, number, &plan);
        let is_full = self.in_use.get(name).copied().unwrap_or_default().is_full(share, number);
        // Before the node's room is looked at: those who redial a full number take nothing from the callers of others.
        let (full, share, entry) = match number.when_full {
            WhenFull::HangUp(reason) => (is_full.then_some(reason), share, number.entry),
            WhenFull::Go(step) if is_full => (None, Share::Beyond, step),
            WhenFull::Go(_) => (None, share, number.entry),
        };
        if let Some((why, how)) = self.refuses(channel.node, full) {
            self.turn_away(channel, name, caller, why, how);
            return None;
        }
        let name = name.clone();
        let id = self.new_call();
        let now = self.now;
        self.tell(Some(id), Fact::Arrived { number: name.clone(), caller: caller.clone(), channel: channel.clone() });
        if share == Share::Beyond {
            self.tell(Some(id), Fact::FoundFull { number: name.clone() });
        }
        let unanswered_until = Call::unanswered_until(number, now, answered);
        let call = Call::new(id, channel, plan.clone(), name, caller, now, answered, entry);
        self.add_call(Call { dialled: member, share, unanswered_until, ..call });
        self.may_wait_unanswered(id);
        Some((id, entry))
    }

    /// Takes a call from a telephone of the house to an internal number, if there is room for it.
    fn admit_inside(
        &mut self,
        channel: ChannelId,
        name: &Name,
        entry: StepId,
        caller: Caller,
        answered: bool,
    ) -> Option<(CallId, StepId)> {
        let plan = self.plan.clone();
        if let Some((why, how)) = self.refuses(channel.node, None) {
            self.turn_away(channel, name, caller, why, how);
            return None;
        }
        let caller = caller.within(plan.numbers.country());
        let id = self.new_call();
        let now = self.now;
        self.tell(Some(id), Fact::Arrived { number: name.clone(), caller: caller.clone(), channel: channel.clone() });
        let call = Call::new(id, channel, plan, name.clone(), caller, now, answered, entry);
        self.add_call(Call { share: Share::Inside, ..call });
        Some((id, entry))
    }

    /// Takes a call to a flow that Asterisk's dialplan asks for, if there is room for it. The dialplan has let the caller in, and
    /// knows of no number of the plan: what the plan says of the one that was dialled (its channels, who is kept some, when
    /// he is answered) is not asked, and the number is but a word to tell of the call by.
    fn admit_to_flow(
        &mut self,
        channel: ChannelId,
        flow: &Name,
        dialled: &str,
        caller: Caller,
        answered: bool,
    ) -> Option<(CallId, StepId)> {
        let plan = self.plan.clone();
        let found = plan.numbers.dialled(dialled);
        let (name, member) = found.map_or_else(|| (dialled.into(), None), |found| (found.name.clone(), found.member));
        let Some(entry) = plan.flows.get(flow).copied() else {
            self.tell(None, Fact::NoFlow { flow: flow.clone(), near: plan.flow_like(flow).cloned() });
            self.turn_away(channel, &name, caller, Refusal::UnknownFlow, Turned::Fallback);
            return None;
        };
        if let Some((why, how)) = self.refuses(channel.node, None) {
            self.turn_away(channel, &name, caller, why, how);
            return None;
        }
        let caller = plan.caller_of(plan.numbers.get(&name), caller);
        let id = self.new_call();
        let now = self.now;
        self.tell(Some(id), Fact::Arrived { number: name.clone(), caller: caller.clone(), channel: channel.clone() });
        let call = Call::new(id, channel, plan.clone(), name, caller, now, answered, entry);
        self.add_call(Call { dialled: member, flow: Some(flow.clone()), share: Share::Apart, ..call });
        Some((id, entry))
    }

    /// Why a caller is not let in now, and what he meets. `full`: what a caller of his number meets, which has no channel free.
    fn refuses(&mut self, node: NodeId, full: Option<Reason>) -> Option<(Refusal, Turned)> {
        if self.draining {
            Some((Refusal::Draining, Turned::Fallback))
        } else if let Some(reason) = full {
            Some((Refusal::Full, Turned::HungUp(reason)))
        } else if !self.has_room(node) {
            Some((Refusal::Overload, self.setup.limits.overload))
        } else {
            None
        }
    }

    fn turn_away(&mut self, channel: ChannelId, number: &str, caller: Caller, why: Refusal, how: Turned) {
        self.tell(None, Fact::Refused { number: number.into(), caller: caller.forgotten(), why });
        // We do not watch him go: should this command come to nothing, the dead man's switch that the dialplan armed takes
        // him to the fallback.
        self.command(match how {
            Turned::Fallback => Command::Continue { channel },
            Turned::HungUp(reason) => Command::HangUp { channel, reason, can_wait: false },
        });
    }

    /// Whether the node may have one more call, now.
    pub(super) fn has_room(&mut self, node: NodeId) -> bool {
        let now = self.now;
        let limits = &self.setup.limits;
        let node = self.nodes.entry(node).or_default();
        while node.recent.front().is_some_and(|then| now.since(*then) >= Duration::from_secs(1)) {
            node.recent.pop_front();
        }
        let room = node.calls < limits.calls && node.recent.len() < limits.new_calls_per_second;
        if room {
            node.recent.push_back(now);
        }
        room
    }

    pub(super) fn add_call(&mut self, mut call: Call) {
        self.channels.insert(call.channel.clone(), Role::Caller(call.id));
        self.nodes.entry(call.channel.node).or_default().calls += 1;
        if call.share.is_counted() {
            self.in_use.entry(call.number.clone()).or_default().add(call.share);
        }
        if let Some(called_back) = &call.called_back {
            self.called_out.insert(call.id, called_back.trunk.clone());
        }
        self.begin_to_call(&mut call);
        self.calls.insert(call.id, call);
    }

    pub(super) fn on_left(&mut self, channel: &ChannelId) {
        match self.role(channel) {
            Some(Role::Caller(call)) => self.on_caller_left(call, Party::Caller),
            Some(Role::Leg(leg)) => self.on_leg_left(leg),
            None => {}
        }
    }

    /// The caller's channel is gone: he hung up, we did, or Asterisk took him away.
    pub(super) fn on_caller_left(&mut self, id: CallId, by: Party) {
        if let Some(outcome) = self.leave_off(id, by) {
            self.end_call(id, outcome);
        }
    }

    /// Ends what a caller is doing, who has gone by himself: how his call ended.
    pub(super) fn leave_off(&mut self, id: CallId, by: Party) -> Option<Outcome> {
        let call = self.calls.get_mut(&id)?;
        let was = std::mem::replace(&mut call.doing, Doing::Leaving { outcome: Outcome::Served, asked: 0 });
        Some(match was {
            Doing::Playing { .. }
            | Doing::Asked(_)
            | Doing::Resting { .. }
            | Doing::LookingUp(_)
            | Doing::HandingOver { .. } => Outcome::LeftInMenu,
            Doing::CallingBack => Outcome::NotReached,
            Doing::Recording(taking) => self.leave_message(&taking),
            Doing::Queued(standing) => {
                self.keep_place_of(id, &standing);
                self.leave_line(id, *standing, LeftQueue::Abandoned, OfferOutcome::CallerLeft);
                Outcome::Abandoned
            }
            Doing::Dialling(dialling) => {
                self.stop_dialling(dialling, OfferOutcome::CallerLeft);
                Outcome::Abandoned
            }
            Doing::Chosen(chosen) => self.drop_choice(id, &chosen, Some(OfferOutcome::CallerLeft)),
            Doing::Talking(talk) => {
                self.talk_over(id, &talk, by);
                self.dismiss(talk.leg, Reason::Normal);
                Outcome::Served
            }
            Doing::Leaving { outcome, .. } => outcome,
        })
    }

    /// Parts with a caller. What he was doing must be over: no line, no conversation.
    pub(super) fn part(&mut self, id: CallId, how: Parting, outcome: Outcome) {
        self.free_first(id);
        let Some(call) = self.calls.get_mut(&id) else { return };
        let channel = call.channel.clone();
        let hears = call.hears();
        // Behind one whom we called there is no dialplan.
        let how = if call.called_back.is_some() { how.hung_up() } else { how };
        call.doing = Doing::Leaving { outcome, asked: 1 };
        self.timers.stop_all_of(id);
        self.timers.set(Wake::Leaving(id), self.now + OVERDUE);
        match how {
            Parting::HangUp(reason) => {
                // His operator, if he spoke with one, is free, and whoever is next waits for him; for this nobody waits. One
                // who is told why waits for that.
                let can_wait = reason == Reason::Normal;
                self.command(Command::HangUp { channel, reason, can_wait });
            }
            Parting::Continue => {
                if let Some(playback) = hears {
                    self.command(Command::Stop { channel: channel.clone(), playback });
                }
                self.hush(id);
                self.command(Command::Continue { channel });
            }
        }
    }

    /// A channel that we parted with is still there, or its end was not told.
    pub(super) fn on_leaving_overdue(&mut self, id: CallId) {
        let now = self.now;
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Doing::Leaving { outcome, asked } = &mut call.doing else { return };
        if *asked >= ASKED_ENOUGH {
            let outcome = *outcome;
            self.tell(Some(id), Fact::Broken { what: "a caller's channel did not end though it was hung up" });
            return self.end_call(id, outcome);
        }
        *asked += 1;
        let channel = call.channel.clone();
        let outcome = *outcome;
        self.timers.set(Wake::Leaving(id), now + OVERDUE);
        self.part_again(channel, outcome);
    }

    /// That we parted with a caller may have been lost. One whom Asterisk's own dialplan was to take is never hung up instead.
    pub(super) fn part_again(&mut self, channel: ChannelId, outcome: Outcome) {
        let called = self.caller_of(&channel).and_then(|id| self.calls.get(&id)?.called_back.as_ref()).is_some();
        self.command(match outcome {
            _ if called => Command::HangUp { channel, reason: Reason::Normal, can_wait: false },
            Outcome::Fallback | Outcome::Lost | Outcome::Continued | Outcome::NotHandedOver => {
                Command::Continue { channel }
            }
            Outcome::Served
            | Outcome::LeftInMenu
            | Outcome::LeftMessage
            | Outcome::Abandoned
            | Outcome::EndedByPlan
            | Outcome::Full
            | Outcome::Refused
            | Outcome::NotReached
            | Outcome::TakenOver => Command::HangUp { channel, reason: Reason::Normal, can_wait: false },
        });
    }

    /// The last of a call.
    pub(super) fn end_call(&mut self, id: CallId, outcome: Outcome) {
        let charge = self.calls.get(&id).and_then(|call| self.charge_of(call));
        self.remove_call(id, outcome, charge);
    }

    /// Nothing of a call is left here.
    pub(super) fn remove_call(&mut self, id: CallId, outcome: Outcome, charge: Option<Charge>) {
        let Some(call) = self.calls.remove(&id) else { return };
        self.timers.stop_all_of(id);
        self.called_out.remove(&id);
        self.channels.remove(&call.channel);
        if let Some(node) = self.nodes.get_mut(&call.channel.node) {
            node.calls = node.calls.saturating_sub(1);
        }
        if let Some(in_use) = self.in_use.get_mut(&call.number) {
            in_use.take(call.share);
        }
        for bridge in call.past.iter().chain(&call.bridge) {
            self.give_back(bridge);
        }
        self.end_of_calling(&call);
        self.tell_ended(&call, outcome, charge);
        self.attempt_over(&call);
    }

    fn tell_ended(&mut self, call: &Call, outcome: Outcome, charge: Option<Charge>) {
        let lasted = self.now.since(call.arrived);
        let (number, uncharged) = (Some(call.number.clone()), call.uncharged);
        self.tell(Some(call.id), Fact::Ended { number, outcome, lasted, charge, uncharged });
    }

    /// A bug touched this call: it is ended, the others go on.
    pub(super) fn broken(&mut self, id: CallId, what: &'static str) {
        self.tell(Some(id), Fact::Broken { what });
        self.give_up(id, Outcome::Lost);
    }

    /// Nothing more can be done for a caller: Asterisk's own dialplan takes him.
    pub(super) fn give_up(&mut self, id: CallId, outcome: Outcome) {
        self.cut_announcement(id);
        let Some(call) = self.calls.get_mut(&id) else { return };
        if matches!(
            call.doing,
            Doing::Playing { .. }
                | Doing::Asked(_)
                | Doing::Resting { .. }
                | Doing::LookingUp(_)
                | Doing::HandingOver { .. }
                | Doing::CallingBack
        ) {
            return self.part(id, Parting::Continue, outcome);
        }
        match std::mem::replace(&mut call.doing, Doing::Leaving { outcome, asked: 0 }) {
            Doing::Queued(standing) => {
                self.leave_line(id, *standing, LeftQueue::Abandoned, OfferOutcome::CallerLeft);
            }
            Doing::Dialling(dialling) => self.stop_dialling(dialling, OfferOutcome::CallerLeft),
            Doing::Chosen(chosen) => {
                // He is in Asterisk's dialplan already.
                self.drop_choice(id, &chosen, Some(OfferOutcome::Failed));
                return self.end_call(id, outcome);
            }
            Doing::Talking(talk) => {
                self.talk_over(id, &talk, Party::Unknown);
                self.dismiss(talk.leg, Reason::Normal);
            }
            Doing::Recording(taking) => {
                self.interrupt_message(id, &taking);
                self.leave_message(&taking);
            }
            Doing::Playing { .. }
            | Doing::Asked(_)
            | Doing::Resting { .. }
            | Doing::LookingUp(_)
            | Doing::HandingOver { .. }
            | Doing::CallingBack
            | Doing::Leaving { .. } => {}
        }
        self.part(id, Parting::Continue, outcome);
    }
}

impl Call {
    #[expect(
        clippy::too_many_arguments,
        reason = "these are what a call is born with; all are needed, none has a default"
    )]
    pub(super) fn new(
        id: CallId,
        channel: ChannelId,
        plan: Arc<Plan>,
        number: Name,
        caller: Caller,
        arrived: Time,
        answered: bool,
        at: StepId,
    ) -> Self {
        Self {
            id,
            channel,
            plan,
            number,
            dialled: None,
            flow: None,
            share: Share::Open,
            uncharged: 0,
            caller,
            operator: None,
            arrived,
            answered: answered.then_some(arrived),
            at,
            unanswered_until: None,
            listens: false,
            hum: None,
            unheard: None,
            anew: None,
            requires: Arc::default(),
            entered: None,
            holds: None,
            preferred: None,
            hurried: 0,
            steps: 0,
            back: Vec::new(),
            ahead: Ahead::default(),
            trail: Trail::default(),
            variables: Vec::new(),
            doing: Doing::Leaving { outcome: Outcome::Lost, asked: 0 },
            armed: None,
            switch: Switch::Ours,
            language: 0,
            told_language: false,
            written: None,
            written_priority: 0,
            music: false,
            bridge: None,
            past: Vec::new(),
            stands: Stands::Alone,
            room: None,
            called_back: None,
            served: false,
        }
    }
}
