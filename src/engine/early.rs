//! When a caller is answered.
//!
//! Whoever is about to hear something is answered first, unless his number lets him wait for an operator: then he hears it as
//! early media, unanswered, and is answered with the operator or when the number's limit has passed. Asterisk tells a
//! caller's side to listen (183) when something is played or music begins on his own channel, and not when he comes into a
//! waiting bridge. Of a leg that is in one bridge with him it passes on that it rings, and the answer.
//!
//! An answer waits behind a playback, and ends whatever else is heard: ringing, music, that of a waiting bridge too.

use std::time::Duration;

use super::{
    Command, Engine, Wake,
    call::{Call, Doing, Hum, Stands},
    leg::Way,
};
use crate::{
    dialplan::{Answering, PublicNumber},
    domain::{CallId, Media, Name, Time},
};

impl Engine {
    /// From now on a caller may wait unanswered, if his number says so and there is time left.
    pub(super) fn may_wait_unanswered(&mut self, id: CallId) {
        if let Some(until) = self.calls.get(&id).and_then(|call| call.unanswered_until) {
            self.timers.set(Wake::Answer(id), until);
        }
    }

    /// A caller is about to hear something, or to wait for somebody.
    pub(super) fn is_to_hear(&mut self, id: CallId) {
        self.is_to_hear_for(id, Duration::ZERO);
    }

    /// A caller is about to hear something that lasts so long. He cannot be answered in the middle of it.
    pub(super) fn is_to_hear_all(&mut self, id: CallId, media: &[Media]) {
        self.is_to_hear_for(id, Media::length_of(media).unwrap_or_default());
    }

    fn is_to_hear_for(&mut self, id: CallId, lasts: Duration) {
        let Some(call) = self.calls.get(&id) else { return };
        if call.unanswered_until.is_none_or(|until| until <= self.now + lasts) {
            self.answer(id);
        }
    }

    /// Answers a caller who is not answered. One who waits with music is by himself then.
    pub(super) fn answer(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else { return };
        if call.answered.is_none() {
            self.unpark(id);
            self.answer_where_he_is(id);
        }
    }

    /// An operator has taken the call of a caller. If they were in one bridge already, Asterisk has answered him with the leg:
    /// but whether they were, only Asterisk knows, and nobody talks unanswered.
    pub(super) fn answer_where_he_is(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id).filter(|call| call.answered.is_none()) else { return };
        let channel = call.channel.clone();
        self.command(Command::Answer { channel });
        self.is_answered(id);
    }

    /// A caller is answered, whoever did it.
    pub(super) fn is_answered(&mut self, id: CallId) {
        let now = self.now;
        let Some(call) = self.calls.get_mut(&id).filter(|call| call.answered.is_none()) else { return };
        call.answered = Some(now);
        call.unanswered_until = None;
        call.hum = None;
        self.timers.stop(Wake::Answer(id));
    }

    /// A caller has been unanswered for as long as his number lets him. In a prompt he cannot be answered: he is when it ends.
    pub(super) fn on_answer_due(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else { return };
        // On his way to another node he can be told nothing: he is answered when he is there.
        if call.hears().is_some() || matches!(call.doing, Doing::HandingOver { .. }) {
            return;
        }
        let hears_it_ring = call.stands == Stands::Joined && self.hears_it_ring(id);
        if let Some(call) = self.calls.get_mut(&id).filter(|_| hears_it_ring) {
            // Whether it was we who let him hear it or Asterisk, the answer ends it.
            call.hum = Some(Hum::Ringing);
        }
        self.answer_meanwhile(id);
        self.settle(id);
    }

    /// Answers a caller who goes on to hear what he hears.
    pub(super) fn answer_meanwhile(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id).filter(|call| call.answered.is_none()) else { return };
        let hum = call.hum.clone();
        self.answer(id);
        if let Some(hum) = hum {
            self.hum(id, hum);
        }
    }

    /// A prompt has ended in which a caller could not be answered.
    pub(super) fn answer_if_due(&mut self, id: CallId) {
        if self.calls.get(&id).and_then(|call| call.unanswered_until).is_some_and(|until| until <= self.now) {
            self.answer(id);
        }
    }

    /// Whether a leg rings for a caller in one bridge with him.
    pub(super) fn hears_it_ring(&self, id: CallId) -> bool {
        let legs = self.standing(id).map(|standing| standing.legs.as_slice()).unwrap_or_default();
        legs.iter().filter_map(|leg| self.legs.get(leg)).any(|leg| leg.way == Way::Created)
    }

    /// Lets an unanswered caller hear the music of the bridge that he is about to come into.
    pub(super) fn open_for_music(&mut self, id: CallId, class: Name) {
        let Some(call) = self.calls.get_mut(&id).filter(|call| call.answered.is_none() && !call.listens) else {
            return;
        };
        call.listens = true;
        let channel = call.channel.clone();
        self.command(Command::Music { channel, class });
    }
}

impl Call {
    /// Until when a caller of this number may stay unanswered, who came then and is `answered` or not.
    pub(super) fn unanswered_until(number: &PublicNumber, arrived: Time, answered: bool) -> Option<Time> {
        match number.answer {
            Answering::OnOperator { at_latest } if !answered => Some(arrived + at_latest),
            Answering::OnOperator { .. } | Answering::AtOnce => None,
        }
    }
}
