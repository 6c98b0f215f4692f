//! Standing in a queue: joining it, what is heard there, what is written of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{
    Command, Engine, Fact, Mark, QueueIx, Wake,
    call::{Call, Doing, Hum, Stage, Standing, Stands, Switch, Taking, Told, Wants},
    channels::Share,
    leg::Leg,
    mark::{CalledOut, Dialled, State},
    notice::LeftQueue,
    queue::Place,
};
use crate::{
    dialplan::{DEFAULT_MUSIC, Music, StepId},
    domain::{BridgeId, CallId, Name, NodeId, Time},
};

/// Prompts end a little after we count them as ended.
const SLACK: Duration = Duration::from_secs(5);

/// What comes of coming to a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joins {
    /// He stands in it; or he has left.
    Stays,
    /// He does not come into it, and goes there.
    Goes(StepId),
}

impl Engine {
    /// Puts a caller into a queue's line: behind all who have waited longer, or behind all who are in it, as the queue says.
    pub(super) fn join_line(&mut self, id: CallId, queue: &Name) -> Joins {
        if let Some(go) = self.closed(id, queue) {
            return self.turned_from(id, queue, LeftQueue::Closed, go);
        }
        // One who is called back has stood in it all the time.
        let called_back = self.calls.get(&id).is_some_and(|call| call.called_back.is_some());
        if let Some(full) = self.full(id, queue).filter(|_| !called_back) {
            return self.turned_from(id, queue, LeftQueue::Full, full.go);
        }
        let now = self.now;
        let hum = self.calls.get(&id).and_then(|call| call.hum.clone());
        self.is_to_hear(id);
        let came_back = self.give_place_back(id, queue);
        self.stand(id, queue, now, hum);
        if came_back {
            self.tell_place_at_once(id);
        }
        Joins::Stays
    }

    /// Gives a caller his place in a line, and an operator if one is free.
    pub(super) fn stand(&mut self, id: CallId, queue: &Name, joined: Time, hum: Option<Hum>) {
        let Some(position) = self.take_place(id, queue, joined, hum) else { return };
        self.tell(Some(id), Fact::Joined { queue: queue.clone(), position });
        self.meet_again(id);
        self.go_on_waiting(id);
        // Who was rung for at once, waits for somebody in particular, or was found after a restart tells nothing of how fast
        // the line moves.
        let came_to = (joined == self.now).then_some(position);
        let moves = |standing: &&mut Standing| standing.legs.is_empty() && standing.sticky.is_none();
        if let Some(standing) = self.standing_mut(id).filter(moves) {
            standing.came_to = came_to;
        }
    }

    /// Puts a caller where he stands from now on: how many are before him, himself included.
    pub(super) fn take_place(&mut self, id: CallId, queue: &Name, joined: Time, hum: Option<Hum>) -> Option<usize> {
        let Some(ix) = self.queues.get_index_of(&**queue).map(QueueIx) else {
            self.broken(id, "a plan's queue is not in the engine");
            return None;
        };
        let (ageing, keeps) = (self.queue(ix).plan.ageing, self.queue(ix).plan.keep_place);
        // What nobody knows cannot begin again.
        let hum = hum.filter(|hum| *hum != Hum::Unknown);
        let promised = self.keeps_promised_place(id, queue);
        let call = self.calls.get_mut(&id)?;
        // What he pressed before he waited was not meant for what comes after.
        call.ahead.forget();
        // What was promised to one who has talked since was kept.
        call.holds = call.holds.take().filter(|_| call.entered.is_some());
        if promised.is_some() {
            call.holds = Some(queue.clone());
        }
        let holds = call.holds.as_ref() == Some(queue);
        let first = call.entered.unwrap_or(joined).min(promised.unwrap_or(joined));
        call.entered = Some(first);
        let entered = if keeps || holds { first.min(joined) } else { joined };
        let place = Place::new(entered, joined, id, call.priority(), ageing);
        let announce = call.plan.queues.get(queue).and_then(|queue| queue.announce.as_deref());
        let told = Told::new(announce, self.now);
        let standing = Standing {
            queue: ix,
            place,
            also: Vec::new(),
            legs: Vec::new(),
            tried: BTreeMap::new(),
            assigned: None,
            last: None,
            sticky: None,
            hum,
            wants: Wants::Talk,
            came_to: None,
            key: None,
            told,
        };
        call.doing = Doing::Queued(Box::new(standing));
        if let Some(limit) = call.plan.queues.get(queue).and_then(|queue| queue.max_wait) {
            self.timers.set(Wake::MaxWait(id), joined + limit.after);
        }
        self.await_doors(id);
        self.await_terms(id);
        if self.queues[ix.0].members.is_empty() {
            self.staff(ix);
        }
        let nobody_looked = self.queue(ix).line.is_empty() && !self.may_have_guests(ix);
        let queue = &mut self.queues[ix.0];
        queue.line.insert(place);
        let position = queue.position(&place);
        if nobody_looked || !self.timers.is_set(Wake::Closing(ix)) {
            self.await_closing(ix);
        }
        self.await_look();
        Some(position)
    }

    /// A caller for whom nobody rings waits with music, and Asterisk knows that we care.
    pub(super) fn settle(&mut self, id: CallId) {
        if self.taking_stock {
            return;
        }
        if self.wants_choice(id).is_some() {
            return self.settle_for_choice(id);
        }
        // Of one who hears something nothing is asked but its end, which comes to this.
        if self.standing(id).is_none_or(|standing| standing.told.playback.is_some()) {
            return;
        }
        // With a leg that is made first he is joined before it is answered, and hears it ring; with others he hears nothing.
        if !self.hears_it_ring(id) {
            self.park(id);
        }
        if self.is_place_told(id) {
            // Rung for at once, he may still hear nothing of us for as long as it rings.
            self.arm(id, Duration::ZERO);
        } else {
            self.write(id, self.setup.limits.dead_man, None);
        }
        self.await_announcement(id);
    }

    /// Whether one who finds him would know his place: it is written, or a leg that is as old as his place rings for him. A leg
    /// says nothing of a line before this one nor of what the call asks for, and would not be asked where another place is written.
    fn is_place_told(&self, id: CallId) -> bool {
        let (Some(call), Some(standing)) = (self.calls.get(&id), self.standing(id)) else { return true };
        if call.written_priority != call.priority() {
            return false;
        }
        let (joined, entered) = (standing.place.joined, call.entered.unwrap_or(standing.place.joined));
        let mut legs = standing.legs.iter().filter_map(|leg| self.legs.get(leg));
        let by_leg = call.written.is_none() && entered == joined && call.requires.steps.is_empty();
        // One of another queue says nothing of his own.
        let is_as_old = |leg: &Leg| leg.since == joined && leg.queue == Some(standing.queue);
        call.written == Some((standing.queue, joined)) || by_leg && legs.any(is_as_old)
    }

    pub(super) fn standing(&self, id: CallId) -> Option<&Standing> {
        match &self.calls.get(&id)?.doing {
            Doing::Queued(standing) => Some(standing),
            Doing::Playing { .. }
            | Doing::Asked(_)
            | Doing::Recording(_)
            | Doing::Resting { .. }
            | Doing::Dialling(_)
            | Doing::Chosen(_)
            | Doing::LookingUp(_)
            | Doing::Talking(_)
            | Doing::HandingOver { .. }
            | Doing::CallingBack
            | Doing::Leaving { .. } => None,
        }
    }

    pub(super) fn standing_mut(&mut self, id: CallId) -> Option<&mut Standing> {
        match &mut self.calls.get_mut(&id)?.doing {
            Doing::Queued(standing) => Some(standing),
            Doing::Playing { .. }
            | Doing::Asked(_)
            | Doing::Recording(_)
            | Doing::Resting { .. }
            | Doing::Dialling(_)
            | Doing::Chosen(_)
            | Doing::LookingUp(_)
            | Doing::Talking(_)
            | Doing::HandingOver { .. }
            | Doing::CallingBack
            | Doing::Leaving { .. } => None,
        }
    }

    pub(super) fn is_up_for(&self, id: CallId) -> bool {
        self.calls.get(&id).is_some_and(|call| self.is_up(call.channel.node))
    }

    pub(super) fn is_up(&self, node: NodeId) -> bool {
        self.nodes.get(&node).is_some_and(|node| node.up)
    }

    /// Everybody in a line hears what he should, whatever was put off while a node told what it holds.
    pub(super) fn settle_everybody(&mut self) {
        let lines: BTreeSet<Place> = self.queues.values().flat_map(|queue| &queue.line).copied().collect();
        for place in lines {
            if self.is_up_for(place.call) {
                self.settle(place.call);
            }
        }
    }

    /// Puts a caller where he waits with music; where his queue has none, by himself, with what he heard when he came.
    pub(super) fn park(&mut self, id: CallId) {
        let Some(standing) = self.standing(id) else { return };
        let (queue, before) = (standing.queue, standing.hum.clone());
        let class = match &self.queues[queue.0].plan.music {
            Music::Default => None,
            Music::Class(class) => Some(class.clone()),
            // Those in a waiting bridge are sent packets even when there is nothing to hear.
            Music::Nothing => {
                self.unpark(id);
                return self.hum_again(id, before);
            }
        };
        if self.calls.get(&id).is_some_and(|call| matches!(call.stands, Stands::Parked(room) if room.queue == queue)) {
            return;
        }
        let room = self.room_for(id, queue);
        let Some(call) = self.calls.get_mut(&id) else { return };
        (call.stands, call.room) = (Stands::Parked(room), Some(room));
        let channel = call.channel.clone();
        let had = std::mem::replace(&mut call.music, class.is_some());
        let heard = class.clone().unwrap_or_else(|| DEFAULT_MUSIC.into());
        // What a queue before wrote would go on otherwise.
        let music = class.or_else(|| had.then(|| DEFAULT_MUSIC.into()));
        self.write(id, self.setup.limits.dead_man, music);
        self.hush(id);
        self.open_for_music(id, heard);
        self.open_room(channel.node, room);
        let bridge = self.bridge_of(channel.node, room);
        self.command(Command::Park { channel, bridge });
    }

    /// Takes a caller out of any bridge that he may be in, also of the one in which somebody rang for him in vain: of one who is
    /// in a bridge Asterisk records nothing.
    pub(super) fn take_out(&mut self, id: CallId) {
        self.unpark(id);
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.stands = Stands::Alone;
        let channel = call.channel.clone();
        let bridges: Vec<BridgeId> = call.past.last().into_iter().chain(&call.bridge).cloned().collect();
        for bridge in bridges {
            self.command(Command::Unpark { channel: channel.clone(), bridge });
        }
    }

    /// Takes a caller out of the music before he hears something else.
    pub(super) fn unpark(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Stands::Parked(room) = call.stands else { return };
        call.stands = Stands::Alone;
        let channel = call.channel.clone();
        let bridge = self.bridge_of(channel.node, room);
        self.command(Command::Unpark { channel, bridge });
    }

    /// Sees to it that Asterisk waits long enough before it takes the caller to the fallback: `busy` is how long nothing
    /// can be written on his channel from now on.
    pub(super) fn arm(&mut self, id: CallId, busy: Duration) {
        let Some(call) = self.calls.get(&id) else { return };
        let half = self.setup.limits.dead_man / 2;
        let enough = self.now + busy + if busy.is_zero() { half } else { SLACK };
        if call.armed.is_none_or(|armed| armed < enough) || call.must_tell_language() {
            self.write(id, self.setup.limits.dead_man + busy, None);
        }
    }

    /// Writes on the caller's channel: the dead man's switch, and in the same request all that one must know who finds it.
    pub(super) fn write(&mut self, id: CallId, dead_man: Duration, music: Option<Name>) {
        let now = self.now;
        let Some(call) = self.calls.get_mut(&id) else { return };
        let after = whole_seconds(dead_man);
        let language = call.tell_language();
        call.switch = Switch::Ours;
        (call.written, call.written_priority) = (call.place(), call.priority());
        if after.is_zero() {
            call.armed = None;
            self.timers.stop(Wake::DeadMan(id));
        } else {
            call.armed = Some(now + after);
            // Halfway through what he has at least, so that one word of ours may get lost.
            let half = self.setup.limits.dead_man / 2;
            self.timers.set(Wake::DeadMan(id), now + after - half);
        }
        let queue = match &call.doing {
            Doing::Queued(standing) => Some(standing.queue),
            Doing::Talking(talk) => talk.queue,
            Doing::Playing { .. }
            | Doing::Asked(_)
            | Doing::Resting { .. }
            | Doing::LookingUp(_)
            | Doing::Recording(_)
            | Doing::Dialling(_)
            | Doing::Chosen(_)
            | Doing::HandingOver { .. }
            | Doing::CallingBack
            | Doing::Leaving { .. } => None,
        };
        let mut state = call.state(queue.map(|queue| self.queues[queue.0].plan.name.clone()));
        let assigned = if let Doing::Queued(standing) = &call.doing { standing.assigned } else { None };
        state.assigned = assigned.map(|operator| self.operators[operator.0].plan.name.to_string());
        let channel = call.channel.clone();
        if !self.is_up(channel.node) {
            self.is_not_marked(id);
        }
        // Who finds one for whom the dialplan asks has nothing to go on with.
        let state = self.wants_choice(id).is_none().then(|| state.write().into());
        let mark = Mark { dead_man: Some(after), state, music, language };
        self.command(Command::Mark { channel, mark });
    }

    pub(super) fn on_dead_man(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else { return };
        match &call.doing {
            Doing::Talking(talk) if talk.disarm_again => self.disarm(id),
            Doing::Talking(_)
            | Doing::Chosen(_)
            | Doing::HandingOver { .. }
            | Doing::CallingBack
            | Doing::Leaving { .. } => {}
            // The switch was not armed for what he hears: he hears it once more, with time enough.
            Doing::Playing { .. } | Doing::Asked(_) | Doing::Recording(_) if call.plays_unarmed() => {
                self.hear_again(id);
                if let Some(call) = self.calls.get_mut(&id) {
                    call.anew = call.hears();
                }
            }
            // A prompt longer than the longest we were told of: look again when it may be over.
            Doing::Playing { .. } | Doing::Asked(_) | Doing::Recording(_) if call.is_busy() => {
                self.timers.set(Wake::DeadMan(id), self.now + Duration::from_secs(1));
            }
            Doing::Playing { .. }
            | Doing::Asked(_)
            | Doing::Resting { .. }
            | Doing::LookingUp(_)
            | Doing::Recording(_)
            | Doing::Dialling(_) => {
                self.write(id, self.setup.limits.dead_man, None);
            }
            // What is said to one who waits is heard to its end, if that comes in time.
            Doing::Queued(_) if call.is_busy() && call.armed.is_some_and(|armed| armed > self.now + SLACK) => {
                self.timers.set(Wake::DeadMan(id), self.now + Duration::from_secs(1));
            }
            Doing::Queued(_) => {
                self.cut_announcement(id);
                self.answer_if_due(id);
                self.write(id, self.setup.limits.dead_man, None);
                self.settle(id);
            }
        }
    }
}

impl Call {
    /// Where he stands, and since when.
    fn place(&self) -> Option<(QueueIx, Time)> {
        match &self.doing {
            Doing::Queued(standing) => Some((standing.queue, standing.place.joined)),
            Doing::Playing { .. }
            | Doing::Asked(_)
            | Doing::Recording(_)
            | Doing::Resting { .. }
            | Doing::Dialling(_)
            | Doing::Chosen(_)
            | Doing::LookingUp(_)
            | Doing::Talking(_)
            | Doing::HandingOver { .. }
            | Doing::CallingBack
            | Doing::Leaving { .. } => None,
        }
    }

    fn state(&self, queue: Option<Name>) -> State {
        let mut state = State::of(self.id, &self.number, self.arrived);
        state.queue = queue.map(|queue| queue.to_string());
        state.called_back = self.called_back.as_ref().map(|it| CalledOut {
            number: it.number.to_string(),
            trunk: it.trunk.to_string(),
            dialled: self.dialled.as_ref().map(ToString::to_string),
            open: it.promise.is_some(),
        });
        state.beyond = self.share == Share::Beyond;
        state.flow = self.flow.as_deref().map(str::to_owned);
        state.answered = self.answered.map(Time::as_micros);
        state.armed = self.armed.map(Time::as_micros);
        state.variables = self.variables_by_name();
        state.preferred = self.preferred;
        state.require(&self.requires);
        state.language = (self.language > 0).then(|| self.language().to_string());
        match &self.doing {
            Doing::Queued(standing) => {
                let joined = standing.place.joined;
                state.joined = Some(joined.as_micros());
                state.entered = self.entered.filter(|entered| *entered != joined).map(Time::as_micros);
                state.holds = self.holds.as_deref().map(str::to_owned);
                state.told = standing.told.so_far();
            }
            Doing::Talking(talk) => {
                state.joined = talk.joined.map(Time::as_micros);
                state.talking = Some(talk.since.as_micros());
            }
            Doing::Recording(Taking { stage: Stage::Recording { .. }, about, .. }) => {
                state.recording = Some(about.id.recording().to_string());
            }
            Doing::Dialling(dialling) => {
                let print = dialling.dial.print(&self.plan.variables);
                state.dialling = Some(Dialled { step: self.at.0, print });
            }
            Doing::Playing { .. }
            | Doing::Asked(_)
            | Doing::Resting { .. }
            | Doing::LookingUp(_)
            | Doing::Recording(_)
            | Doing::Chosen(_)
            | Doing::HandingOver { .. }
            | Doing::CallingBack
            | Doing::Leaving { .. } => {}
        }
        state
    }
}

/// Asterisk counts the dead man's switch in whole seconds.
fn whole_seconds(time: Duration) -> Duration {
    let secs = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    Duration::from_secs(secs)
}
