//! Callers: who they are, and what they do when they hear something.

use std::{sync::Arc, time::Duration};

use serde_json::json;

use super::{
    World,
    app::About,
    channel::{Hears, State},
    hangup::{By, Ending},
    seen::{Sight, Who},
    timers::Due,
};
use crate::domain::Time;

/// How long a key is held down.
pub(super) const KEY: Duration = Duration::from_millis(120);

/// One call of one caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallerId(pub u64);

/// Somebody who calls, and what he will do.
#[derive(Clone, Debug, Default)]
pub struct Calling {
    /// His number, as the trunk presents it.
    pub number: Arc<str>,
    /// The name that comes with it.
    pub name: Arc<str>,
    /// The trunk says that his number is not to be shown.
    pub withheld: bool,
    /// The telephone of the house that he calls from, by its endpoint (`anna`); `None`: he calls from outside.
    pub phone: Option<Arc<str>>,
    /// The number that he dials.
    pub dialled: Arc<str>,
    /// How his telephone sends keys.
    pub keys: Keys,
    /// What he does by himself.
    pub reactions: Vec<Reaction>,
}

/// How a telephone sends keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keys {
    /// Between the voice packets (RFC 4733). Not told in a plain bridge of two.
    #[default]
    Media,
    /// By SIP INFO: always told.
    Info,
}

/// When this happens, then after a while he does that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaction {
    /// What happens.
    pub cue: Cue,
    /// The while.
    pub after: Duration,
    /// What he does.
    pub deed: Deed,
    /// How often at most.
    pub times: u32,
}

impl Reaction {
    /// Once.
    pub fn once(cue: Cue, after: Duration, deed: Deed) -> Self {
        Self { cue, after, deed, times: 1 }
    }
}

/// What a caller notices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cue {
    /// He has dialled.
    Dialled,
    /// He is answered.
    Answered,
    /// He hears this being played, by `media` as in the request.
    Played(Arc<str>),
    /// He hears music.
    Music,
    /// He hears somebody.
    Connected,
    /// He is in Asterisk's own queue.
    Fallback,
}

/// What a caller does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Presses a key.
    Press(char),
    /// Hangs up.
    HangUp,
    /// Hangs up, unless he talks to somebody by then.
    GiveUp,
}

/// A caller's words to Asterisk.
#[derive(Debug)]
pub(super) enum FromCaller {
    Key(char, Keys),
    HangsUp,
}

/// Asterisk's words to a caller.
#[derive(Debug)]
pub(super) enum ToCaller {
    Ringing,
    Progress,
    Answered,
    Refused(u16),
    Bye,
}

/// A call as the caller sees it.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) calling: Calling,
    pub(super) channel: Option<String>,
    /// How often each of his reactions came about.
    reacted: Vec<u32>,
    /// He has hung up, and Asterisk is about to hear of it.
    over: bool,
}

impl World {
    /// Somebody calls.
    pub fn caller_calls(&mut self, now: Time, calling: Calling) -> CallerId {
        self.advance(now);
        let caller = CallerId(self.next());
        self.see(Who::Caller(caller), Sight::Dialled { number: calling.dialled.clone() });
        let reacted = vec![0; calling.reactions.len()];
        self.callers.insert(caller, Visit { calling, channel: None, reacted, over: false });
        self.after(self.config.network, Due::Invite(caller));
        self.cue(caller, &Cue::Dialled);
        caller
    }

    /// Presses a key; false when he is not in a call.
    pub fn caller_presses(&mut self, now: Time, caller: CallerId, key: char) -> bool {
        let keys = self.callers.get(&caller).map(|visit| visit.calling.keys).unwrap_or_default();
        self.caller_presses_as(now, caller, key, keys)
    }

    /// Presses a key that his telephone sends in this way; false when he is not in a call.
    pub fn caller_presses_as(&mut self, now: Time, caller: CallerId, key: char, keys: Keys) -> bool {
        self.advance(now);
        let there = self.callers.get(&caller).is_some_and(|visit| !visit.over);
        if there {
            self.see(Who::Caller(caller), Sight::Pressed { key });
            // A key is told when it is let go.
            self.after(KEY + self.config.network, Due::FromCaller(caller, FromCaller::Key(key, keys)));
        }
        there
    }

    /// Hangs up; false when he is not in a call.
    pub fn caller_hangs_up(&mut self, now: Time, caller: CallerId) -> bool {
        self.advance(now);
        let Some(visit) = self.callers.get_mut(&caller).filter(|visit| !visit.over) else { return false };
        visit.over = true;
        self.see(Who::Caller(caller), Sight::HungUp);
        self.after(self.config.network, Due::FromCaller(caller, FromCaller::HangsUp));
        true
    }

    /// Callers who are in a call.
    pub fn callers_in_calls(&self) -> usize {
        self.callers.values().filter(|visit| !visit.over).count()
    }

    /// The channel of a caller, once his call has reached Asterisk and while he is in it.
    pub fn channel_of(&self, caller: CallerId) -> Option<&str> {
        self.callers.get(&caller)?.channel.as_deref()
    }

    pub(super) fn on_word_of_caller(&mut self, caller: CallerId, word: FromCaller) {
        let Some(visit) = self.callers.get(&caller) else { return };
        let channel = visit.channel.clone();
        if matches!(word, FromCaller::HangsUp) {
            self.caller_is_gone(caller);
        }
        let Some(id) = channel.filter(|id| self.channels.contains_key(id)) else { return };
        match word {
            FromCaller::Key(key, keys) => self.on_key(&id, key, keys),
            FromCaller::HangsUp => {
                let answered = self.channels.get(&id).is_some_and(|channel| channel.state == State::Up);
                let ending = match answered {
                    true => Ending { cause: 16, tech: None },
                    false => Ending { cause: 127, tech: Some(487) },
                };
                self.hang_up(&id, ending, By::FarSide);
            }
        }
    }

    pub(super) fn on_key(&mut self, id: &str, key: char, keys: Keys) {
        let ending = self.channels.get(id).is_none_or(|channel| channel.ending.is_some());
        if ending || (keys == Keys::Media && self.is_joined_natively(id)) {
            return;
        }
        let millis = KEY.as_millis();
        let fields = json!({ "digit": key.to_string(), "duration_ms": millis, "channel": self.channel_json(id) });
        self.tell(&[About::Channel(id)], "ChannelDtmfReceived", fields);
        self.key_ends_recording(id, key);
    }

    pub(super) fn on_word_to_caller(&mut self, caller: CallerId, word: ToCaller) {
        if self.callers.get(&caller).is_none_or(|visit| visit.over) {
            return;
        }
        let who = Who::Caller(caller);
        match word {
            ToCaller::Ringing => self.see(who, Sight::Ringing),
            ToCaller::Progress => self.see(who, Sight::Progress),
            ToCaller::Answered => {
                self.see(who, Sight::Answered);
                self.cue(caller, &Cue::Answered);
            }
            ToCaller::Refused(status) => {
                self.see(who, Sight::Refused { status });
                self.caller_is_gone(caller);
            }
            ToCaller::Bye => {
                self.see(who, Sight::Bye { elsewhere: false });
                self.caller_is_gone(caller);
            }
        }
    }

    pub(super) fn on_deed(&mut self, caller: CallerId, deed: Deed) {
        let channel = self.callers.get(&caller).and_then(|visit| visit.channel.as_ref());
        let heard = channel.and_then(|id| self.channels.get(id)).map(|channel| &channel.heard);
        let talks = matches!(heard, Some(Hears::Talk(_)));
        match deed {
            Deed::Press(key) => drop(self.caller_presses(self.now, caller, key)),
            Deed::GiveUp if talks => {}
            Deed::HangUp | Deed::GiveUp => drop(self.caller_hangs_up(self.now, caller)),
        }
    }

    /// Somebody at a telephone hears something new.
    pub(super) fn person_hears(&mut self, who: &Who, hears: &Hears) {
        let cue = match hears {
            Hears::Played(media) => Cue::Played(media.clone()),
            Hears::Music(_) => Cue::Music,
            Hears::Talk(_) => Cue::Connected,
            Hears::Fallback => Cue::Fallback,
            Hears::Unanswered | Hears::Nothing | Hears::Himself | Hears::Ringing => return,
        };
        match who {
            Who::Caller(caller) => self.cue(*caller, &cue),
            Who::Phone(phone) if cue == Cue::Connected => self.phone_is_connected(phone),
            Who::Phone(phone) if matches!(cue, Cue::Played(_)) => self.phone_is_told(phone),
            Who::Phone(_) => {}
        }
    }

    fn cue(&mut self, caller: CallerId, cue: &Cue) {
        let Some(visit) = self.callers.get_mut(&caller) else { return };
        let mut plans = Vec::new();
        for (reaction, reacted) in visit.calling.reactions.iter().zip(&mut visit.reacted) {
            if reaction.cue == *cue && *reacted < reaction.times {
                *reacted += 1;
                plans.push((reaction.after, reaction.deed));
            }
        }
        for (after, deed) in plans {
            self.after(after, Due::CallerDoes(caller, deed));
        }
    }

    /// Asterisk died: nobody hears anything any more, and nobody is told why.
    pub(super) fn line_goes_dead(&mut self) {
        for dialog in std::mem::take(&mut self.dialogs).into_values() {
            self.see(Who::Phone(dialog.phone), Sight::Dead);
        }
        for (caller, visit) in std::mem::take(&mut self.callers) {
            if !visit.over {
                self.see(Who::Caller(caller), Sight::Dead);
            }
        }
    }
}
