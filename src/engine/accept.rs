//! Operators who accept a call by a key.
//!
//! One who is reached at a mobile, or at home, may have a voicemail that answers for him. So his leg is rung by itself, and the
//! caller waits on with his music while whoever answered is told what it is about. He is given the caller when he presses the
//! key; any other key, and hanging up, declines the call, and no key in time is no answer. Until then it is an offer like any
//! other: colleagues go on ringing beside it, and the first to take the call has it.

use std::sync::Arc;

use super::{Command, Engine, Fact, LegId, Wake, facts::Seen, leg::Phase, notice::OfferOutcome};
use crate::{
    dialplan::Accept,
    domain::{Digit, Media, PlaybackId},
};

/// So often he hears it: who lifts the telephone to his ear has missed the beginning.
const TIMES: usize = 2;

impl Engine {
    /// Somebody answered an offer: he has the call, or is asked whether he takes it.
    pub(super) fn on_offer_answered(&mut self, id: LegId) {
        let Some(leg) = self.legs.get(&id) else { return };
        match leg.accept.clone() {
            Some(accept) => self.ask_whether(id, &accept),
            None => self.on_accepted(id),
        }
    }

    fn ask_whether(&mut self, id: LegId, accept: &Accept) {
        let media = self.question_for(id, accept);
        let Some(channel) = self.legs.get(&id).map(|leg| leg.channel.clone()) else { return };
        self.timers.set(Wake::Ring(id), self.now + accept.within);
        let playback = (!media.is_empty()).then(|| self.new_playback());
        if let Some(playback) = playback {
            self.command(Command::Play { channel, playback, media, language: None });
        }
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.phase = Phase::Asked { playback, failed: false };
        }
    }

    /// What he is told: never the caller's name, which anybody may choose.
    fn question_for(&self, id: LegId, accept: &Accept) -> Arc<[Media]> {
        let Some(leg) = self.legs.get(&id) else { return Arc::new([]) };
        let Some(call) = self.calls.get(&leg.call) else { return Arc::new([]) };
        let (asks, seen) = (&accept.asks, Seen { engine: self, call });
        let standing = self.standing(leg.call);
        // In whose line he stands, whoever's operators are rung.
        let queue = standing.map(|standing| standing.queue).or(leg.queue);
        let from = queue.and_then(|queue| asks.from.get(&self.queue(queue).plan.name));
        let waited = standing.and_then(|standing| asks.waited(self.now.since(standing.place.joined)));
        // One who withholds his number has none to be told.
        let number = Some(&asks.number).filter(|_| accept.number && call.caller.number().is_some());
        let callback = self.rings_for_callback(leg.call).then_some(&asks.callback);
        let said = [Some(from.unwrap_or(&asks.call)), callback, waited, number, Some(&asks.press)];
        let once: Vec<Media> = said.into_iter().flatten().flat_map(|it| it.heard(0, &seen).media.to_vec()).collect();
        std::iter::repeat_n(once, TIMES).flatten().collect()
    }

    /// A node was away while somebody was asked: what he heard and pressed meanwhile is lost, so he is asked anew.
    pub(super) fn ask_whether_again(&mut self, id: LegId) {
        self.stop_asking(id);
        self.on_offer_answered(id);
    }

    /// Somebody pressed a key on a leg of ours.
    pub(super) fn on_pressed_on_leg(&mut self, id: LegId, key: Digit) {
        let Some(Phase::Asked { .. }) = self.legs.get(&id).map(|leg| leg.phase) else { return };
        self.tell_unheard(id);
        if key.as_char() == Accept::KEY {
            // A playback keeps a channel to itself: he is joined when it has ended.
            self.stop_asking(id);
            self.on_accepted(id);
        } else {
            self.give_up_offer(id, OfferOutcome::Declined);
        }
    }

    fn stop_asking(&mut self, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let Phase::Asked { playback, .. } = &mut leg.phase else { return };
        let (stopped, channel) = (playback.take(), leg.channel.clone());
        if let Some(playback) = stopped {
            self.command(Command::Stop { channel, playback });
        }
    }

    /// What was played on a leg is over, or never began.
    pub(super) fn on_asked(&mut self, id: LegId, over: PlaybackId, whole: bool) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        if let Phase::Asked { playback, failed } = &mut leg.phase
            && *playback == Some(over)
        {
            // Most often he hung up, and that is told next. If not, the prompt is to blame: he may press all the same.
            (*playback, *failed) = (None, !whole);
        }
    }

    /// Whoever was asked and is still there has heard nothing: that is worth telling.
    pub(super) fn tell_unheard(&mut self, id: LegId) {
        let Some(leg) = self.legs.get(&id) else { return };
        if matches!(leg.phase, Phase::Asked { failed: true, .. }) {
            self.tell(Some(leg.call), Fact::PromptFailed);
        }
    }
}
