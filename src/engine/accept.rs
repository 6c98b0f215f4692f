//! Operators who accept a call by a key, or are told what it is about before they have it.
//!
//! One who is reached at a mobile, or at home, may have a voicemail that answers for him. So his leg is rung by itself, and the
//! caller waits on with his music while whoever answered is told what it is about. He is given the caller when he presses the
//! key; any other key, and hanging up, declines the call, and no key in time is no answer. Until then it is an offer like any
//! other: colleagues go on ringing beside it, and the first to take the call has it.
//!
//! A queue may have its calls announced to whoever answers them. He is told and has the caller then, with no key or with any:
//! so nobody else is rung from his answer on. Until he has heard it he has not taken the call: who hangs up declines it.

use std::sync::Arc;

use super::{
    Command, Engine, Fact, LegId, Wake, call::Standing, facts::Seen, leg::Phase, notice::OfferOutcome, offer::SOON,
    operator::Rest,
};
use crate::{
    dialplan::Accept,
    domain::{Digit, Media, PlaybackId, Reason},
};

/// So often he hears it: who lifts the telephone to his ear has missed the beginning.
const TIMES: usize = 2;

impl Engine {
    /// Somebody answered an offer: he has the call, or is asked whether he takes it.
    pub(super) fn on_offer_answered(&mut self, id: LegId) {
        let Some(leg) = self.legs.get(&id) else { return };
        match leg.accept.clone() {
            Some(accept) => {
                if !accept.by_key {
                    self.keeps_for_himself(id);
                }
                self.ask_whether(id, &accept);
            }
            None => self.on_accepted(id),
        }
    }

    /// He will have the call: nobody else is rung for it, at whichever telephone.
    fn keeps_for_himself(&mut self, id: LegId) {
        let Some(leg) = self.legs.get(&id) else { return };
        let (call, his) = (leg.call, leg.operator);
        let rings = self.legs.of(call).filter(|(other, leg)| *other != id && leg.phase.is_offered());
        let others: Vec<_> = rings.map(|(other, leg)| (other, leg.operator == his)).collect();
        for (other, is_his) in others {
            self.drop_offer(call, other);
            if is_his {
                // His offer goes on.
                self.dismiss_with(other, Reason::AnsweredElsewhere, Rest::None);
            } else {
                self.withdraw(other, OfferOutcome::AnsweredElsewhere, Reason::AnsweredElsewhere);
            }
        }
        self.wants_nobody(call);
        self.timers.stop(Wake::OneMore(call));
        self.settle(call);
    }

    /// Whether somebody has answered who will have this caller, and is told so.
    pub(super) fn is_taken(&self, standing: &Standing) -> bool {
        standing.legs.iter().any(|leg| self.is_told_only(*leg))
    }

    /// Whether somebody hears what a call is about, and has it then.
    pub(super) fn is_told_only(&self, id: LegId) -> bool {
        let leg = self.legs.get(&id).filter(|leg| matches!(leg.phase, Phase::Asked { .. }));
        leg.and_then(|leg| leg.accept.as_ref()).is_some_and(|accept| !accept.by_key)
    }

    /// He has heard it, or enough of it.
    pub(super) fn has_heard(&mut self, id: LegId) {
        // A playback keeps a channel to itself: he is joined when it has ended.
        self.stop_asking(id);
        self.on_accepted(id);
    }

    fn ask_whether(&mut self, id: LegId, accept: &Accept) {
        let media = self.question_for(id, accept);
        if media.is_empty() && !accept.by_key {
            return self.on_accepted(id);
        }
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
        let press = accept.by_key.then_some(&asks.press);
        let said = [Some(from.unwrap_or(&asks.call)), callback, waited, number, press];
        let once: Vec<Media> = said.into_iter().flatten().flat_map(|it| it.heard(0, &seen).media.to_vec()).collect();
        let times = if accept.by_key { TIMES } else { 1 };
        std::iter::repeat_n(once, times).flatten().collect()
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
        if key.as_char() == Accept::KEY || self.is_told_only(id) {
            self.has_heard(id);
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
        } else {
            return;
        }
        match self.is_told_only(id) {
            true if whole => self.on_accepted(id),
            true => self.timers.set(Wake::Ring(id), self.now + SOON),
            false => {}
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
