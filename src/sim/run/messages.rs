//! Who runs errands in a run. For messages there is room for all of them, and nothing is written.

use std::{sync::Arc, time::Duration};

use super::{Callers, Due, Simulation};
use crate::{
    ari::bare,
    engine::{
        Errand, Event,
        message::{About, Chore, Fate, Lost},
    },
};

/// So long does it take to fetch a message.
const FETCHED: Duration = Duration::from_millis(50);
/// What is shorter is no message.
const SHORTEST: Duration = Duration::from_secs(1);

impl<C: Callers> Simulation<C> {
    pub(super) fn run_errand(&mut self, errand: Errand) {
        match errand {
            Errand::KeepDone(..) => {}
            Errand::Message(Chore::Keep(about) | Chore::KeepWhenOver(about)) => {
                self.set(self.now + FETCHED, Due::Message(about))
            }
            Errand::Message(Chore::Expect(_) | Chore::Release(_) | Chore::Drop(_)) => {}
            // Other servers are as whoever calls makes them up; that one is told something is a notice, too.
            Errand::LookUp { lookup, request, .. } => {
                if let Some((after, answer)) = self.people.look_up(&request.url) {
                    self.set(self.now + after, Due::LookedUp(lookup, answer));
                }
            }
            // The plan of a run is one and the same: its devices are asked for with each connection.
            Errand::Notify(_)
            | Errand::KeepHours(_)
            | Errand::KeepDuty { .. }
            | Errand::Remember(_)
            | Errand::WatchDevices(_) => {}
        }
    }

    pub(super) fn on_kept(&mut self, about: Arc<About>) {
        let name = bare::recording(&self.application, about.id.recording());
        let fate = match self.world.stored(&name) {
            None => Fate::Lost(Lost::Missing),
            Some(sound) if !sound.written => Fate::Lost(Lost::Empty),
            Some(sound) if !sound.said || sound.lasts < SHORTEST => Fate::Nothing,
            Some(sound) => Fate::Kept(sound.lasts),
        };
        self.tell(Event::Message { about, fate });
    }
}
