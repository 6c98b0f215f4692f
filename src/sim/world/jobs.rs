//! What a channel in Stasis has been told to do, one thing after the other.
//!
//! A channel has one thread, and a playback occupies it until it ends. So what is told to it meanwhile waits; of some
//! commands the reply waits too (set a variable, answer, in and out of a bridge), the others are accepted at once and done
//! when their turn comes.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use super::{
    World,
    bridge::Role,
    caller::ToCaller,
    channel::{Far, State},
    reply::{Outcome, Reply, Ticket},
    timers::Due,
};

/// One thing to do.
#[derive(Debug)]
pub(super) enum Job {
    /// Play; the reply was given.
    Play(String),
    /// Answer. Waits.
    Answer(Ticket),
    /// Set variables. Waits.
    Set { variables: Vec<Setting>, ticket: Ticket },
    /// Into a bridge, and then the rest of them too. Waits.
    Add { bridge: String, role: Role, rest: VecDeque<String>, ticket: Ticket },
    /// Out of a bridge, and then the rest of them too. Waits.
    Remove { bridge: String, rest: VecDeque<String>, ticket: Ticket },
    /// Music on hold.
    Music(Option<Arc<str>>),
    /// A ringing tone.
    Ring(bool),
    /// Dial a created leg.
    Dial { timeout: Option<Duration> },
    /// Back to the dialplan.
    Continue { context: Option<String>, exten: Option<String> },
    /// An unanswered caller is told to listen.
    Listen,
    /// Accepted, and without an effect that anybody here could see.
    Nothing,
}

/// A variable to set.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub(super) name: String,
    pub(super) value: String,
    /// Shown in every snapshot from now on.
    pub(super) report: bool,
}

impl Job {
    /// The reply that waits for it.
    pub(super) fn into_ticket(self) -> Option<Ticket> {
        match self {
            Self::Answer(ticket)
            | Self::Set { ticket, .. }
            | Self::Add { ticket, .. }
            | Self::Remove { ticket, .. } => Some(ticket),
            Self::Play(_)
            | Self::Music(_)
            | Self::Ring(_)
            | Self::Dial { .. }
            | Self::Continue { .. }
            | Self::Listen
            | Self::Nothing => None,
        }
    }
}

impl World {
    /// A command whose reply is given now.
    pub(super) fn accept(&mut self, id: &str, job: Job) -> Outcome {
        self.submit(id, job);
        Ok(Some(Reply::no_content()))
    }

    /// A command whose reply waits until it is done.
    pub(super) fn wait(&mut self, id: &str, job: Job) -> Outcome {
        self.submit(id, job);
        Ok(None)
    }

    pub(super) fn submit(&mut self, id: &str, job: Job) {
        if let Some(channel) = self.channels.get_mut(id) {
            channel.jobs.push_back(job);
        }
        self.run_jobs(id);
    }

    /// Does what is to be done until a playback occupies the channel. A channel that is on its way out does no more.
    pub(super) fn run_jobs(&mut self, id: &str) {
        while let Some(channel) = self.channels.get_mut(id) {
            if channel.playing.is_some() || channel.ending.is_some() || channel.stasis.is_none() {
                return;
            }
            let Some(job) = channel.jobs.pop_front() else { return };
            self.run(id, job);
        }
    }

    fn run(&mut self, id: &str, job: Job) {
        match job {
            Job::Play(playback) => self.start_playback(id, &playback),
            Job::Answer(ticket) => {
                self.answer(id);
                self.finish(ticket, Reply::no_content());
            }
            Job::Set { variables, ticket } => {
                for setting in variables {
                    self.set_variable(id, setting);
                }
                self.finish(ticket, Reply::no_content());
            }
            Job::Add { bridge, role, rest, ticket } => {
                self.move_to_bridge(id, &bridge, role);
                self.add_next(bridge, role, rest, ticket);
            }
            Job::Remove { bridge, rest, ticket } => {
                self.leave_bridge(id);
                self.remove_next(bridge, rest, ticket);
            }
            Job::Music(class) => self.on_music(id, class),
            Job::Ring(on) => self.on_ring(id, on),
            Job::Dial { timeout } => self.dial(id, timeout),
            Job::Continue { context, exten } => self.continue_in_dialplan(id, context, exten),
            Job::Listen => self.tell_to_listen(id),
            Job::Nothing => {}
        }
    }

    /// What was still to do when the channel ended or left: none of it has an effect, and each has its own reply.
    pub(super) fn drain_jobs(&mut self, id: &str) {
        while let Some(job) = self.channels.get_mut(id).and_then(|channel| channel.jobs.pop_front()) {
            match job {
                Job::Play(playback) => {
                    self.tell_playback(&playback, "playing");
                    self.end_playback(&playback, "failed");
                }
                Job::Answer(ticket) => self.finish(ticket, Reply::error(500, "Failed to answer channel")),
                Job::Set { ticket, .. } => self.finish(ticket, Reply::no_content()),
                Job::Add { bridge, role, rest, ticket } => {
                    // It comes into the bridge and is out of it again, and the request was a success.
                    self.move_to_bridge(id, &bridge, role);
                    self.leave_bridge_for_good(id);
                    self.add_next(bridge, role, rest, ticket);
                }
                Job::Remove { bridge, rest, ticket } => self.remove_next(bridge, rest, ticket),
                Job::Music(_) | Job::Ring(_) | Job::Dial { .. } | Job::Continue { .. } | Job::Listen | Job::Nothing => {
                }
            }
        }
    }

    pub(super) fn add_next(&mut self, bridge: String, role: Role, mut rest: VecDeque<String>, ticket: Ticket) {
        while let Some(next) = rest.pop_front() {
            // One that ended meanwhile is no failure, for nobody looks again.
            if self.channels.get(&next).is_some_and(|channel| channel.stasis.is_some()) {
                return self.submit(&next, Job::Add { bridge, role, rest, ticket });
            }
        }
        self.finish(ticket, Reply::no_content());
    }

    pub(super) fn remove_next(&mut self, bridge: String, mut rest: VecDeque<String>, ticket: Ticket) {
        match rest.pop_front() {
            Some(next) if self.channels.contains_key(&next) => {
                self.submit(&next, Job::Remove { bridge, rest, ticket });
            }
            Some(_) => self.remove_next(bridge, rest, ticket),
            None => self.finish(ticket, Reply::no_content()),
        }
    }

    pub(super) fn finish(&mut self, ticket: Ticket, reply: Reply) {
        self.replies.push_back((ticket, reply));
    }

    pub(super) fn answer(&mut self, id: &str) {
        let Some(channel) = self.channels.get_mut(id).filter(|channel| channel.state != State::Up) else { return };
        let far = channel.far;
        // Whatever goes on ends with the answer: the music of a waiting bridge, too.
        channel.rings = false;
        channel.music = None;
        if channel.role == Role::Waiting {
            channel.role = Role::Other;
        }
        if let Far::Caller(caller) = far {
            self.after(self.config.network, Due::ToCaller(caller, ToCaller::Answered));
        }
        self.set_state(id, State::Up);
    }

    /// A caller who is not answered hears what there is to hear from now on: 183.
    pub(super) fn tell_to_listen(&mut self, id: &str) {
        let Some(channel) = self.channels.get_mut(id).filter(|channel| channel.state == State::Ring) else { return };
        channel.listens = true;
        if let Far::Caller(caller) = channel.far {
            self.after(self.config.network, Due::ToCaller(caller, ToCaller::Progress));
        }
        self.touch(id);
    }

    /// A caller who is not answered is told that it rings: 180.
    pub(super) fn tell_that_it_rings(&mut self, id: &str) {
        let Some(channel) = self.channels.get(id) else { return };
        if let (Far::Caller(caller), State::Ring, false) = (channel.far, channel.state, channel.listens) {
            self.after(self.config.network, Due::ToCaller(caller, ToCaller::Ringing));
        }
    }

    fn on_music(&mut self, id: &str, class: Option<Arc<str>>) {
        if class.is_some() {
            self.tell_to_listen(id);
        }
        if let Some(channel) = self.channels.get_mut(id) {
            channel.music = class;
        }
        self.touch(id);
    }

    fn on_ring(&mut self, id: &str, on: bool) {
        let Some(channel) = self.channels.get_mut(id) else { return };
        // The caller's own phone makes the tone, unless he listens already: then Asterisk does.
        channel.rings = on && (channel.state == State::Up || channel.listens);
        if on {
            self.tell_that_it_rings(id);
        }
        self.touch(id);
    }
}
