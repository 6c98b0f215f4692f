//! Operators' telephones and the people at them.

use std::{sync::Arc, time::Duration};

use super::{
    Span, World,
    caller::{KEY, Keys},
    channel::{Far, Origin, State},
    hangup::{By, Ending, cause_of},
    seen::{Sight, Who},
    timers::Due,
};
use crate::domain::Time;

/// How long somebody listens into silence after picking up.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long somebody listens who is asked for a key, before he presses it.
const LISTENS: Span = Span { least: Duration::from_millis(500), most: Duration::from_secs(3) };

/// What the person at a phone does when it rings, and how long he talks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Habit {
    /// What he does, by weight; drawn anew for each call.
    pub pickup: Vec<(u32, Pickup)>,
    /// Hangs up after having talked this long; `None`: waits for the caller to hang up.
    pub talk: Option<Span>,
    /// The key that he presses when he has answered and something is played to him, by weight; a voicemail presses none.
    pub presses: Vec<(u32, Option<char>)>,
}

impl Habit {
    /// Always the same, and waits for the caller to hang up.
    pub fn always(pickup: Pickup) -> Self {
        Self { pickup: vec![(1, pickup)], talk: None, presses: vec![(1, Some('1'))] }
    }

    /// Picks up after a second and talks as long as the caller does.
    pub fn answers() -> Self {
        Self::always(Pickup::Answers(Span::secs(1, 1)))
    }
}

/// What one INVITE leads to at a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pickup {
    /// Rings, and is picked up.
    Answers(Span),
    /// 486 at once.
    Busy,
    /// Rings, and is refused with this SIP status (603: declined).
    Declines(Span, u16),
    /// Refuses at once with this SIP status (404, 480, 503), without having rung.
    Unreachable(u16),
    /// Rings until somebody gives up, or until the test says otherwise.
    RingsOut,
    /// Says nothing at all: its contact is out of reach.
    Silent,
}

/// A registered phone.
#[derive(Debug)]
pub(super) struct Phone {
    habit: Habit,
    /// What was said last of it.
    pub(super) device: &'static str,
    /// Calls that the person at it made by himself, past every application.
    pub(super) own: u32,
}

/// Asterisk's words to a phone.
#[derive(Debug)]
pub(super) enum ToPhone {
    Invite,
    Cancel { elsewhere: bool },
    Bye { elsewhere: bool },
}

/// A phone's words to Asterisk while a call lasts.
#[derive(Debug)]
pub(super) enum FromPhone {
    Rings,
    Answers,
    Key(char),
}

/// What the person at it does.
#[derive(Debug)]
pub(super) enum PhoneDeed {
    Rings,
    PicksUp,
    Declines(u16),
    Presses(char),
    HangsUp,
    /// Hangs up if nobody has been there.
    GivesUp,
}

/// One call at one phone, as the phone sees it.
#[derive(Debug)]
pub(super) struct Dialog {
    pub(super) phone: Arc<str>,
    leg: String,
    pub(super) picked_up: bool,
    told: bool,
    talked: bool,
}

impl World {
    /// Registers a phone under the dial string without its technology (`anna`, `+4790000000@trunk`), or changes the habit of
    /// the person at it.
    pub fn set_phone(&mut self, phone: &str, habit: Habit) {
        match self.phones.get_mut(phone) {
            Some(known) => known.habit = habit,
            None => {
                self.phones.insert(phone.to_owned(), Phone { habit, device: "UNAVAILABLE", own: 0 });
                self.tell_device(phone);
            }
        }
    }

    /// Takes a phone away: dialling it fails at once. Calls that it has go on.
    pub fn remove_phone(&mut self, phone: &str) {
        if self.phones.remove(phone).is_some() {
            self.tell_of_device(phone);
        }
    }

    /// Makes a phone that said nothing yet say that it rings; false when nobody calls it. For one that is
    /// [`Pickup::Silent`], and told by hand what to do with each call.
    pub fn phone_rings(&mut self, now: Time, phone: &str) -> bool {
        self.by_hand(now, phone, false, PhoneDeed::Rings)
    }

    /// Picks a ringing phone up by hand; false when it does not ring.
    pub fn phone_answers(&mut self, now: Time, phone: &str) -> bool {
        self.by_hand(now, phone, false, PhoneDeed::PicksUp)
    }

    /// Refuses the call at a ringing phone by hand; false when it does not ring.
    pub fn phone_declines(&mut self, now: Time, phone: &str, status: u16) -> bool {
        self.by_hand(now, phone, false, PhoneDeed::Declines(status))
    }

    /// Hangs a phone up by hand; false when nobody talks at it.
    pub fn phone_hangs_up(&mut self, now: Time, phone: &str) -> bool {
        self.by_hand(now, phone, true, PhoneDeed::HangsUp)
    }

    /// Presses a key at a phone that was picked up; false when nobody is at it.
    pub fn phone_presses(&mut self, now: Time, phone: &str, key: char) -> bool {
        self.by_hand(now, phone, true, PhoneDeed::Presses(key))
    }

    fn by_hand(&mut self, now: Time, phone: &str, picked_up: bool, deed: PhoneDeed) -> bool {
        self.advance(now);
        let here = |dialog: &Dialog| &*dialog.phone == phone && dialog.picked_up == picked_up;
        let found = self.dialogs.iter().find(|(_, dialog)| here(dialog)).map(|(number, _)| *number);
        if let Some(number) = found {
            self.on_phone_deed(number, deed);
            self.settle();
        }
        found.is_some()
    }

    /// Phones that ring or are in a call.
    pub fn phones_in_use(&self) -> usize {
        self.dialogs.len()
    }

    pub(super) fn is_registered(&self, resource: &str) -> bool {
        self.phones.contains_key(resource)
    }

    /// Rings the phone of a leg. To be dialled a second time is the end of it.
    pub(super) fn dial(&mut self, id: &str, timeout: Option<Duration>) {
        if self.channels.get(id).is_some_and(|channel| channel.far != Far::Phone(None)) {
            return self.hang_up(id, Ending { cause: 16, tech: None }, By::Asterisk);
        }
        let number = self.next();
        let until = timeout.map(|timeout| self.now + timeout);
        let Some(channel) = self.channels.get_mut(id) else { return };
        channel.far = Far::Phone(Some(number));
        channel.dial_until = until;
        let phone = channel.resource.clone();
        self.dialogs.insert(
            number,
            Dialog { phone: phone.clone(), leg: id.to_owned(), picked_up: false, told: false, talked: false },
        );
        self.tell_dial(id, "", &phone);
        self.after(self.config.network, Due::ToPhone(number, ToPhone::Invite));
        if let Some(until) = until {
            self.timers.set(until, Due::DialGivesUp(id.to_owned()));
        }
    }

    pub(super) fn on_word_to_phone(&mut self, number: u64, word: ToPhone) {
        let Some(dialog) = self.dialogs.get(&number) else { return };
        let (phone, picked_up) = (dialog.phone.clone(), dialog.picked_up);
        let sight = match word {
            ToPhone::Invite => return self.on_phone_rings(number),
            ToPhone::Cancel { elsewhere } if !picked_up => Sight::Cancelled { elsewhere },
            // The answer crossed the cancelling: Asterisk ends what the phone believes has begun.
            ToPhone::Cancel { elsewhere } | ToPhone::Bye { elsewhere } => Sight::Bye { elsewhere },
        };
        self.see(Who::Phone(phone.clone()), sight);
        self.dialogs.remove(&number);
        self.tell_device(&phone);
    }

    fn on_phone_rings(&mut self, number: u64) {
        let Some(dialog) = self.dialogs.get(&number) else { return };
        let (phone, leg) = (dialog.phone.clone(), dialog.leg.clone());
        let from = self.channels.get(&leg).map(|leg| leg.connected.number.as_str()).unwrap_or_default().into();
        self.see(Who::Phone(phone.clone()), Sight::Invited { leg: leg.as_str().into(), from });
        let engaged = self.dialogs.iter().any(|(other, dialog)| *other != number && dialog.phone == phone);
        let habits = self.phones.get(&*phone).map(|phone| phone.habit.pickup.clone()).unwrap_or_default();
        let pickup = if engaged { Pickup::Busy } else { self.draw_one(&habits).unwrap_or(Pickup::RingsOut) };
        match pickup {
            Pickup::Silent => {}
            Pickup::Busy => self.phone_refuses(number, 486),
            Pickup::Unreachable(status) => self.phone_refuses(number, status),
            Pickup::RingsOut | Pickup::Answers(_) | Pickup::Declines(..) => {
                self.on_phone_deed(number, PhoneDeed::Rings);
            }
        }
        if let Pickup::Answers(span) = pickup {
            let after = self.draw(span);
            self.after(after, Due::PhoneDoes(number, PhoneDeed::PicksUp));
        }
        if let Pickup::Declines(span, status) = pickup {
            let after = self.draw(span);
            self.after(after, Due::PhoneDoes(number, PhoneDeed::Declines(status)));
        }
        self.tell_device(&phone);
    }

    fn phone_refuses(&mut self, number: u64, status: u16) {
        let Some(phone) = self.dialogs.get(&number).map(|dialog| dialog.phone.clone()) else { return };
        self.see(Who::Phone(phone), Sight::Refused { status });
        self.phone_says_last(number, Ending { cause: cause_of(status), tech: Some(status) });
    }

    /// The phone is done with this call; Asterisk hears of it a moment later.
    fn phone_says_last(&mut self, number: u64, ending: Ending) {
        let Some(dialog) = self.dialogs.remove(&number) else { return };
        self.after(self.config.network, Due::LegEnds(dialog.leg, number, ending));
        self.tell_device(&dialog.phone);
    }

    pub(super) fn on_leg_ends(&mut self, leg: &str, number: u64, ending: Ending) {
        if self.channels.get(leg).is_some_and(|channel| channel.far == Far::Phone(Some(number))) {
            self.hang_up(leg, ending, By::FarSide);
        }
    }

    pub(super) fn on_phone_deed(&mut self, number: u64, deed: PhoneDeed) {
        let network = self.config.network;
        let Some(dialog) = self.dialogs.get_mut(&number) else { return };
        let who = Who::Phone(dialog.phone.clone());
        match deed {
            PhoneDeed::Rings if !dialog.picked_up => {
                self.see(who, Sight::Ringing);
                self.after(network, Due::FromPhone(number, FromPhone::Rings));
            }
            PhoneDeed::PicksUp if !dialog.picked_up => {
                dialog.picked_up = true;
                let phone = dialog.phone.clone();
                self.see(who, Sight::Answered);
                self.after(network, Due::FromPhone(number, FromPhone::Answers));
                self.after(PATIENCE, Due::PhoneDoes(number, PhoneDeed::GivesUp));
                self.tell_device(&phone);
            }
            PhoneDeed::Declines(status) if !dialog.picked_up => self.phone_refuses(number, status),
            PhoneDeed::Presses(key) if dialog.picked_up => {
                self.see(who, Sight::Pressed { key });
                self.after(KEY + network, Due::FromPhone(number, FromPhone::Key(key)));
            }
            PhoneDeed::GivesUp if dialog.talked => {}
            PhoneDeed::HangsUp | PhoneDeed::GivesUp if dialog.picked_up => {
                self.see(who, Sight::HungUp);
                self.phone_says_last(number, Ending { cause: 16, tech: None });
            }
            PhoneDeed::Rings
            | PhoneDeed::PicksUp
            | PhoneDeed::Declines(_)
            | PhoneDeed::Presses(_)
            | PhoneDeed::HangsUp
            | PhoneDeed::GivesUp => {}
        }
    }

    /// Ringing and answering, as Asterisk hears of it. A leg that is on its way out is past all that: what ended it has
    /// been told to the phone.
    pub(super) fn on_word_of_phone(&mut self, number: u64, word: FromPhone) {
        let Some(leg) = self.dialogs.get(&number).map(|dialog| dialog.leg.clone()) else { return };
        let Some(channel) = self.channels.get(&leg).filter(|channel| channel.ending.is_none()) else { return };
        let (origin, resource) = (channel.origin.clone(), channel.resource.clone());
        let dialstring = if matches!(origin, Origin::Created { .. }) { "" } else { &*resource };
        match word {
            FromPhone::Rings => {
                self.set_state(&leg, State::Ringing);
                self.tell_dial(&leg, "RINGING", dialstring);
                self.pass_on(&leg, false);
            }
            FromPhone::Key(key) => self.on_key(&leg, key, Keys::Media),
            FromPhone::Answers => {
                self.set_state(&leg, State::Up);
                self.tell_dial(&leg, "ANSWER", dialstring);
                self.pass_on(&leg, true);
                if let Origin::Originated { app, args } = origin
                    && !self.enter_stasis(&leg, &app, &args)
                {
                    // Nobody is there to take him: answered, and hung up at once.
                    self.hang_up(&leg, Ending { cause: 0, tech: None }, By::Asterisk);
                }
            }
        }
    }

    /// The person at a phone is told something: he presses what he presses when he has heard some of it.
    pub(super) fn phone_is_told(&mut self, phone: &str) {
        let new =
            self.dialogs.iter_mut().find(|(_, dialog)| &*dialog.phone == phone && dialog.picked_up && !dialog.told);
        let Some((number, dialog)) = new else { return };
        dialog.told = true;
        let number = *number;
        let presses = self.phones.get(phone).map(|phone| phone.habit.presses.clone()).unwrap_or_default();
        if let Some(key) = self.draw_one(&presses).flatten() {
            let after = self.draw(LISTENS);
            self.after(after, Due::PhoneDoes(number, PhoneDeed::Presses(key)));
        }
    }

    /// The person at a phone hears somebody, and will have said what there is to say after a while.
    pub(super) fn phone_is_connected(&mut self, phone: &str) {
        let talk = self.phones.get(phone).and_then(|phone| phone.habit.talk);
        let new =
            self.dialogs.iter_mut().find(|(_, dialog)| &*dialog.phone == phone && dialog.picked_up && !dialog.talked);
        let Some((number, dialog)) = new else { return };
        dialog.talked = true;
        let number = *number;
        if let Some(talk) = talk {
            let after = self.draw(talk);
            self.after(after, Due::PhoneDoes(number, PhoneDeed::HangsUp));
        }
    }
}
