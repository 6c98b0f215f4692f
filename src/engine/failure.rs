//! Commands that came to nothing, and what that means for the caller.
//!
//! | command | refused | not sent, or nobody knows |
//! | --- | --- | --- |
//! | answer | gone (404, 409): he left; otherwise the fallback takes him | the fallback takes him, unless he talks already and nobody knows; with the node away: again when it is back |
//! | mark | gone: nothing; otherwise once more in a second, and what he hears begins anew (once) | the same |
//! | play | gone: nothing; otherwise as if it had been played; an operator who is asked may press all the same | the same, or again when the node is back |
//! | record | gone: nothing; otherwise the caller is told as the plan says | it is looked for; or as it is found when the node is back |
//! | stop, seek a recording | 404: it is over | again, when it is overdue |
//! | ring, music, hush | nothing: what he hears is amiss, and the next thing that he hears is not | the same; with the node away the step begins again when it is back |
//! | park | gone: nothing; otherwise the bridge is made and he is parked a second later | the same, and taken out before if nobody knows |
//! | create, originate | the operator is unreachable, the next one | hung up, and the next one |
//! | call out | it was not answered, and is tried again as the plan says; an operator who is rung first: as create | not sent: the same; nobody knows: hung up, and the same |
//! | dial, join before the answer | hung up, and the next one; once the leg has ended by itself, the caller is joined with whoever is rung since | the same; a join, with the node away: as they are found when it is back |
//! | join after the answer | hung up, and the caller is in the line again, at his place | the same; with the node away: as they are found when it is back |
//! | reply | whom the dialplan was to be given with it is free again | not sent: the same; nobody knows: his limit frees him |
//! | hang up, continue | 404: gone | again, when it is overdue |
//! | hand over | gone: he is missed when he does not come; otherwise the fallback takes him | not sent: the fallback takes him; nobody knows: he is missed when he does not come |
//!
//! While a node is away nothing is asked of it and no deadline of its calls and legs comes: "later" and "overdue" are when
//! it is back, and then what it holds says who was answered, parked and joined. Only an offer that was not made or not
//! dialled is over at once: another node's callers may have its operator.

use super::{
    BridgeKind, Choice, Command, Engine, Fact, Failure, LegId, Reply, Wake,
    call::{Doing, Stands},
    leg::Phase,
    notice::{OfferOutcome, Outcome, Party},
    operator::Rest,
    talk::DISARM_AGAIN,
};
use crate::{
    dialplan::Act,
    domain::{BridgeId, CallId, Cause, ChannelId, Reason},
};

impl Engine {
    pub(super) fn on_failed(&mut self, command: Command, failure: Failure) {
        let gone = is_gone(failure);
        let call = command.channel().and_then(|channel| self.call_of(channel));
        // Of a node that is away it was told that it is: its calls' commands come back by hundreds. And that somebody who has
        // left could not be answered or played to is no news.
        let late = call.is_none() && matches!(failure, Failure::Refused(_)) && is_of_no_use_without_him(&command);
        if !late && (failure != Failure::NotSent || self.is_up(command.node())) {
            self.tell(call, Fact::CommandFailed { command: command.name(), failure });
        }
        match command {
            Command::Answer { channel } if !gone => self.on_not_answered(&channel, failure),
            Command::Mark { channel, .. } if !gone => self.on_not_marked(&channel),
            Command::Play { channel, playback, .. } if !gone => self.on_not_played(&channel, playback),
            Command::Record { channel, recording, .. } => self.on_not_recorded(&channel, recording, failure),
            Command::StopRecording { channel, recording } | Command::SeekRecording { channel, recording } if gone => {
                self.on_recording_over(&channel, recording, true);
            }
            Command::Park { channel, .. } => self.on_not_parked(&channel, failure),
            Command::Create { leg, .. } | Command::Originate { leg, .. } => self.on_not_made(&leg, failure),
            Command::CallOut { channel, .. } => self.on_not_called(&channel, failure),
            Command::Dial { leg, .. } => self.on_not_rung(&leg),
            Command::Join { bridge, caller, leg, .. } => self.on_not_joined(&caller, &leg, &bridge, failure),
            Command::HangUp { channel, .. } => self.on_not_hung_up(&channel, failure),
            // Of one whom nobody knows any more, or of whom nobody knows: if he does not come, he is missed.
            Command::HandOver { channel, .. } if !gone && failure != Failure::OutcomeUnknown => {
                self.on_not_handed_over(&channel);
            }
            Command::Continue { channel } if gone => self.on_not_hung_up(&channel, Failure::Refused(404)),
            // The caller is gone, and we shall hear of it; or it is a bridge, which is missed when it is needed; or it is
            // of no consequence.
            Command::Answer { .. }
            | Command::Mark { .. }
            | Command::Ring { .. }
            | Command::Music { .. }
            | Command::Hush { .. }
            | Command::Play { .. }
            | Command::Stop { .. }
            | Command::StopRecording { .. }
            | Command::SeekRecording { .. }
            | Command::MakeBridge { .. }
            | Command::DropBridge { .. }
            | Command::Unpark { .. }
            | Command::Continue { .. }
            | Command::HandOver { .. } => {}
            // Nobody knows whom he was given: he is not used.
            Command::Reply { channel, reply: Reply::Choice(Choice::Chosen { reservation, .. }) }
                if failure != Failure::OutcomeUnknown =>
            {
                self.on_unheard_choice(&channel, reservation);
            }
            Command::Reply { .. } => {}
        }
    }

    fn on_not_answered(&mut self, channel: &ChannelId, failure: Failure) {
        // With the node away he is asked for again when it is back, if he is not answered by then.
        let Some(id) = self.caller_of(channel).filter(|_| self.is_up(channel.node)) else { return };
        let Some(call) = self.calls.get_mut(&id).filter(|call| call.is_here()) else { return };
        // What he is on his way to says whether he is answered.
        if matches!(call.doing, Doing::HandingOver { .. }) {
            return;
        }
        // Nobody is torn out of a conversation on a doubt.
        let talks = matches!(call.doing, Doing::Talking(_));
        if !talks && failure != Failure::OutcomeUnknown {
            call.answered = None;
        }
        if !(talks && failure == Failure::OutcomeUnknown) {
            self.give_up(id, Outcome::Fallback);
        }
    }

    fn on_not_marked(&mut self, channel: &ChannelId) {
        if let Some(id) = self.caller_of(channel) {
            self.is_not_marked(id);
        }
    }

    /// What was to be written on a caller's channel is not there, and is written a little later.
    pub(super) fn is_not_marked(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.written = None;
        call.told_language = false;
        match &mut call.doing {
            Doing::Talking(talk) => talk.disarm_again = true,
            // There is nothing of ours on the channel of one who is in the dialplan's hands.
            Doing::Chosen(_) | Doing::CallingBack | Doing::Leaving { .. } => return,
            Doing::HandingOver { .. }
            | Doing::Playing { .. }
            | Doing::Asked(_)
            | Doing::Resting { .. }
            | Doing::LookingUp(_)
            | Doing::Recording(_)
            | Doing::Queued(_)
            | Doing::Dialling(_) => call.armed = None,
        }
        self.timers.set(Wake::DeadMan(id), self.now + DISARM_AGAIN);
    }

    fn on_not_played(&mut self, channel: &ChannelId, playback: crate::domain::PlaybackId) {
        if let Some(leg) = self.leg_of(channel) {
            return self.on_asked(leg, playback, false);
        }
        let Some(id) = self.caller_of(channel) else { return };
        let hears = self.calls.get(&id).and_then(super::call::Call::hears);
        // With the node away he hears it again when it is back.
        if hears == Some(playback) && self.is_up(channel.node) {
            self.tell(Some(id), Fact::PromptFailed);
            self.heard(id);
        }
    }

    fn on_not_parked(&mut self, channel: &ChannelId, failure: Failure) {
        // 400: the channel is not there. 422: it is not in our hands any more.
        if matches!(failure, Failure::Refused(400 | 409 | 422)) {
            return;
        }
        let Some(id) = self.caller_of(channel) else { return };
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Stands::Parked(room) = call.stands else { return };
        if failure == Failure::OutcomeUnknown {
            // He may be there, and the music of one who is put there twice ends.
            self.unpark(id);
        } else {
            call.stands = Stands::Alone;
        }
        let bridge = self.bridge_of(channel.node, room);
        self.command(Command::MakeBridge { bridge, kind: BridgeKind::Waiting });
        self.timers.set(Wake::DeadMan(id), self.now + DISARM_AGAIN);
    }

    pub(super) fn on_not_made(&mut self, channel: &ChannelId, failure: Failure) {
        let Some(id) = self.leg_of(channel) else { return };
        let Some(leg) = self.legs.get(&id) else { return };
        match (leg.phase, failure) {
            (Phase::Making | Phase::Ringing, Failure::Refused(_)) => {
                self.on_refused(id, OfferOutcome::Unreachable, Cause::default());
            }
            (Phase::Making | Phase::Ringing, Failure::NotSent) => {
                self.on_refused(id, OfferOutcome::Failed, Cause::default());
            }
            (Phase::Making | Phase::Ringing, Failure::OutcomeUnknown) => self.give_up_offer(id, OfferOutcome::Failed),
            (Phase::Going { rest, .. }, Failure::Refused(_) | Failure::NotSent) => self.end_leg(id, rest),
            (Phase::Going { .. }, Failure::OutcomeUnknown) | (Phase::Asked { .. } | Phase::Talking, _) => {}
        }
    }

    fn on_not_rung(&mut self, channel: &ChannelId) {
        if let Some(id) = self.ringing(channel) {
            self.give_up_offer(id, OfferOutcome::Unreachable);
        }
    }

    fn ringing(&self, channel: &ChannelId) -> Option<LegId> {
        let id = self.leg_of(channel)?;
        matches!(self.legs.get(&id)?.phase, Phase::Making | Phase::Ringing).then_some(id)
    }

    fn on_not_joined(&mut self, caller: &ChannelId, leg: &ChannelId, bridge: &BridgeId, failure: Failure) {
        // They may have been joined, or are when it is back: nobody is hung up on a doubt.
        if !self.is_up(caller.node) {
            return;
        }
        if failure == Failure::Refused(404) {
            self.lose_bridge(bridge);
        }
        let leg = self.leg_of(leg).and_then(|id| self.legs.get(&id).map(|leg| (id, leg.call, leg.phase)));
        match leg {
            Some((id, call, Phase::Making | Phase::Ringing | Phase::Asked { .. })) => {
                if let Some(call) = self.calls.get_mut(&call) {
                    call.stands = Stands::Alone;
                }
                self.give_up_offer(id, OfferOutcome::Failed);
            }
            Some((id, _, Phase::Talking)) => self.stand_again(id),
            Some((_, _, Phase::Going { .. })) | None => {
                if let Some(call) = self.caller_of(caller) {
                    self.join_again(call);
                }
            }
        }
    }

    /// A caller and an operator who answered could not be brought together: the caller has his old place again.
    fn stand_again(&mut self, id: LegId) {
        let Some(leg) = self.legs.get(&id) else { return };
        let (call_id, through) = (leg.call, leg.queue);
        let Some(Doing::Talking(talk)) = self.calls.get(&call_id).map(|call| &call.doing) else { return };
        // Whoever's operator that was, he waited in his own.
        let queue = talk.queue;
        if queue.is_none() && talk.joined.is_some() && self.is_at_dial(call_id) {
            return self.dial_again(call_id, id);
        }
        let Some(call) = self.calls.get_mut(&call_id) else { return };
        let Doing::Talking(talk) = &call.doing else { return };
        let (Some(queue), Some(joined)) = (queue, talk.joined) else {
            // He was transferred, or found after a restart: nobody knows a place that he could have again.
            return self.give_up(call_id, Outcome::Lost);
        };
        call.served = false;
        call.stands = Stands::Alone;
        call.entered = talk.entered;
        let was = std::mem::replace(&mut call.doing, Doing::Leaving { outcome: Outcome::Lost, asked: 0 });
        if let Doing::Talking(talk) = was {
            self.talk_over(call_id, &talk, Party::Unknown);
        }
        let name = self.queue(queue).plan.name.clone();
        let retry = self.queue(through.unwrap_or(queue)).plan.retry.after(None);
        // Left alone for a moment: what went wrong with his leg may go wrong again.
        self.dismiss_with(id, Reason::Normal, Rest::BackOff { rest: retry, after: OfferOutcome::Failed });
        // He joined this line long ago.
        if self.take_place(call_id, &name, joined, None).is_some() {
            self.go_on_waiting(call_id);
        }
    }

    fn is_at_dial(&self, id: CallId) -> bool {
        self.calls.get(&id).is_some_and(|call| matches!(call.plan.step(call.at).act, Act::Dial(_)))
    }

    /// A caller and whom he dialled could not be brought together: whom the step names is rung once more.
    fn dial_again(&mut self, id: CallId, leg: LegId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.served = false;
        call.stands = Stands::Alone;
        let was = std::mem::replace(&mut call.doing, Doing::Leaving { outcome: Outcome::Lost, asked: 0 });
        if let Doing::Talking(talk) = was {
            self.talk_over(id, &talk, Party::Unknown);
        }
        self.dismiss_with(leg, Reason::Normal, Rest::None);
        self.go_again(id);
    }

    /// The join that failed was for a leg of no more consequence: it was refused since the phone had said no by then. But the
    /// caller was to come along, and whoever is rung for him since is in the bridge without him.
    fn join_again(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        if call.stands == Stands::Joined {
            call.stands = Stands::Alone;
        }
        match &call.doing {
            Doing::Talking(talk) if call.stands == Stands::Alone => {
                let leg = talk.leg;
                self.join(leg);
            }
            Doing::Queued(standing) if call.stands == Stands::Alone => {
                let rung = |leg: &&LegId| self.legs.get(leg).is_some_and(|leg| leg.bridge.is_some());
                match standing.legs.iter().find(rung).copied() {
                    Some(leg) => self.join(leg),
                    None => self.settle(id),
                }
            }
            Doing::Dialling(dialling) if call.stands == Stands::Alone => {
                let rung = |leg: &&LegId| self.legs.get(leg).is_some_and(|leg| leg.bridge.is_some());
                if let Some(leg) = dialling.legs.iter().find(rung).copied() {
                    self.join(leg);
                }
            }
            Doing::Queued(_)
            | Doing::Dialling(_)
            | Doing::Talking(_)
            | Doing::Playing { .. }
            | Doing::Asked(_)
            | Doing::Recording(_)
            | Doing::Resting { .. }
            | Doing::LookingUp(_)
            | Doing::Chosen(_)
            | Doing::HandingOver { .. }
            | Doing::CallingBack
            | Doing::Leaving { .. } => {}
        }
    }

    fn on_not_hung_up(&mut self, channel: &ChannelId, failure: Failure) {
        if failure != Failure::Refused(404) {
            return;
        }
        if let Some(id) = self.leg_of(channel) {
            return self.on_leg_gone(id, Cause::default());
        }
        let Some(id) = self.caller_of(channel) else { return };
        if let Some(Doing::Leaving { outcome, .. }) = self.calls.get(&id).map(|call| &call.doing) {
            let outcome = *outcome;
            self.end_call(id, outcome);
        }
    }
}

/// Whether a command is for somebody who is there, and wants nothing when he is not.
fn is_of_no_use_without_him(command: &Command) -> bool {
    match command {
        Command::Answer { .. }
        | Command::Mark { .. }
        | Command::Ring { .. }
        | Command::Music { .. }
        | Command::Hush { .. }
        | Command::Play { .. }
        | Command::Stop { .. }
        | Command::Record { .. }
        | Command::StopRecording { .. }
        | Command::SeekRecording { .. }
        | Command::Park { .. }
        | Command::Unpark { .. }
        | Command::Dial { .. }
        | Command::Join { .. }
        | Command::HandOver { .. } => true,
        Command::MakeBridge { .. }
        | Command::DropBridge { .. }
        | Command::Create { .. }
        | Command::Originate { .. }
        | Command::CallOut { .. }
        | Command::HangUp { .. }
        | Command::Continue { .. }
        | Command::Reply { .. } => false,
    }
}

/// Asterisk does not know the channel any more, or it is not in our hands: its end is on its way to us.
fn is_gone(failure: Failure) -> bool {
    matches!(failure, Failure::Refused(404 | 409))
}
