//! Steps that let time pass: ringing, music, silence.
//!
//! Ringing and music that a step begins go on until the caller hears something else. A prompt ends them by itself in
//! Asterisk; before anything else they are ended here, or both would be heard.

use std::time::Duration;

use super::{
    Command, Engine, Wake,
    call::{Doing, Hum, Switch},
    command::Sound,
};
use crate::{dialplan::Act, domain::CallId};

impl Engine {
    /// Does a step that begins to hum or lets time pass; whether the caller stays at it.
    pub(super) fn pauses(&mut self, id: CallId, act: &Act) -> bool {
        let (hum, lasts) = if let Act::Ring(lasts) = act {
            (Some(Hum::Ringing), *lasts)
        } else if let Act::Music { class, lasts } = act {
            (Some(Hum::Music(class.clone())), *lasts)
        } else if let Act::Wait(lasts) = act {
            (None, Some(*lasts))
        } else {
            return false;
        };
        let hums = hum.is_some();
        if let Some(hum) = hum {
            self.hum(id, hum);
        }
        if let Some(lasts) = lasts {
            self.rest(id, lasts, hums);
        }
        lasts.is_some()
    }

    /// Lets time pass. What a caller hears ends with it if it `hums`.
    fn rest(&mut self, id: CallId, lasts: Duration, hums: bool) {
        self.unpark(id);
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.doing = Doing::Resting { hums };
        let switch = call.switch;
        self.timers.set(Wake::Rest(id), self.now + lasts);
        match switch {
            // Nothing can be written now, perhaps.
            Switch::Found => {}
            Switch::Ours | Switch::FoundFor(_) => self.arm(id, Duration::ZERO),
        }
    }

    /// So much time has passed.
    pub(super) fn on_rest_over(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Doing::Resting { hums } = call.doing else { return };
        call.hurried = 0;
        if hums {
            self.hush(id);
        }
        self.go_on(id);
    }

    /// Lets a caller hear something until the next thing. Ringing answers nobody: it is what one hears who is not answered.
    pub(super) fn hum(&mut self, id: CallId, hum: Hum) {
        if hum != Hum::Ringing {
            self.is_to_hear(id);
        }
        self.unpark(id);
        self.hush(id);
        let Some(call) = self.calls.get_mut(&id) else { return };
        let channel = call.channel.clone();
        call.listens |= hum != Hum::Ringing;
        call.hum = Some(hum.clone());
        match hum {
            Hum::Ringing => self.command(Command::Ring { channel }),
            Hum::Music(class) => self.command(Command::Music { channel, class }),
            Hum::Unknown => {}
        }
    }

    /// Lets a caller hear what he heard before somebody rang for him in vain, or nothing.
    pub(super) fn hum_again(&mut self, id: CallId, before: Option<Hum>) {
        let hears = self.calls.get(&id).and_then(|call| call.hum.clone());
        match before {
            _ if before == hears => {}
            Some(hum) => self.hum(id, hum),
            None => self.hush(id),
        }
    }

    /// Ends what a caller hears until the next thing, where it is Asterisk that makes it: the ringing of one who was never told
    /// to listen is his own side's.
    pub(super) fn hush(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let sounds: &[Sound] = match call.hum.take() {
            None => &[],
            Some(Hum::Ringing) if !(call.answered.is_some() || call.listens) => &[],
            Some(Hum::Ringing) => &[Sound::Ringing],
            Some(Hum::Music(_)) => &[Sound::Music],
            Some(Hum::Unknown) => &[Sound::Ringing, Sound::Music],
        };
        let channel = call.channel.clone();
        for sound in sounds {
            self.command(Command::Hush { channel: channel.clone(), sound: *sound });
        }
    }
}
