//! The stand-in for Asterisk (`sentral::sim`) as a stage: its telephones are told what to do by hand, and what they saw is
//! written down in the words of SIP.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use anyhow::{Context, Result};
use sentral::domain::Time;
use sentral::sim::face::{Face, Login};
use sentral::sim::world::{CallerId, Calling, Habit, Keys, Pickup, Seen, Sight, Who};
use sentral::sim::{Config, World};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::ari::PASSWORD;
use crate::ear::{Ear, Hearing, Voice};
use crate::media::Mouth;
use crate::telephones::{Dialling, Order, Refusal, Side};
use crate::time::{Moment, ms};
use crate::wire::{Message, Pen, Wire};

/// How long the sounds of the plan `test` last, as Asterisk's own files do.
const SOUNDS: [(&str, Duration); 4] = [
    ("sound:hello-world", ms(1420)),
    ("sound:vm-intro", ms(5660)),
    ("sound:beep", ms(440)),
    ("sound:goodbye", ms(940)),
];

/// The number behind the trunk, as the stand-in is asked to dial it.
const OUTSIDE: &str = "4790000000@outside";

/// What was dialled to ring that user: of one behind the trunk more than his number.
fn dialled(user: &str) -> String {
    OUTSIDE.split_once('@').filter(|(number, _)| *number == user).map_or(user, |_| OUTSIDE).to_owned()
}

/// The stand-in's telephones.
pub struct Toy {
    pub callers: Wire,
    pub phones: Wire,
    face: Face,
    orders: mpsc::UnboundedSender<Deed>,
    ears: Arc<Mutex<Ears>>,
    scribe: JoinHandle<()>,
}

impl Drop for Toy {
    /// The world ends with the last who holds its face.
    fn drop(&mut self) {
        self.scribe.abort();
    }
}

/// Something done to the world; false when there was nothing to do it to.
type Deed = Box<dyn FnOnce(&mut World, Time) -> bool + Send>;

impl Toy {
    /// A world with the operators `op1` to `op{operators}`, and its ARI.
    pub async fn start(operators: usize) -> Result<Self> {
        let login = Login { user: "sentral".into(), password: PASSWORD.into() };
        let lengths = SOUNDS.map(|(media, length)| (media.into(), length)).into();
        // As `extensions.conf` of the stage has it.
        let others = [("+4780012399".into(), "second".into())].into();
        let config = Config { lengths, others, ..Config::default() };
        let face = Face::start(1, config, login, ([127, 0, 0, 1], 0).into()).await.context("the stand-in")?;
        face.act(move |world, _| {
            // Whatever a phone does, it is told. `nophone` is nowhere: it is not registered.
            let names = (1..=operators).map(|n| format!("op{n}")).chain(["deadphone".to_owned()]);
            let habit = Habit { presses: Vec::new(), ..Habit::always(Pickup::Silent) };
            names.chain([OUTSIDE.to_owned()]).for_each(|name| world.set_phone(&name, habit.clone()));
        })
        .await;
        let ((callers, of_callers), (phones, of_phones)) = (Wire::new(), Wire::new());
        let ears = Arc::new(Mutex::new(Ears::default()));
        let (orders, inbox) = mpsc::unbounded_channel();
        tokio::spawn(carry_out(face.clone(), inbox));
        let scribe = Scribe {
            callers: of_callers,
            phones: of_phones,
            ears: Arc::clone(&ears),
            answered: BTreeSet::new(),
            legs: 0,
        };
        let scribe = tokio::spawn(scribe.follow(face.clone()));
        Ok(Self { callers, phones, face, orders, ears, scribe })
    }

    /// The world behind ARI's wire.
    pub fn face(&self) -> &Face {
        &self.face
    }

    /// A caller dials; gives his Call-ID and his ear.
    pub async fn dials(&self, call: Dialling<'_>, mouth: Mouth) -> Result<(String, Arc<Ear>)> {
        let name = unquoted(call.name);
        let (phone, dialled) = match call.to.strip_prefix('8').filter(|rest| rest.len() == 3) {
            Some(rest) => (Some("trunk".into()), rest),
            None => (None, call.to),
        };
        let calling = Calling {
            number: call.from.into(),
            name: name.into(),
            withheld: call.withheld,
            phone,
            dialled: dialled.into(),
            ..Calling::default()
        };
        let dials = move |world: &mut World, now| {
            let caller = world.caller_calls(now, calling);
            if matches!(mouth, Mouth::Silent | Mouth::KeysOnly) {
                world.caller_is_silent(caller);
            }
            caller
        };
        let caller = self.face.act(dials).await;
        let call_id = id_of(caller.context("the stand-in is gone")?);
        let ear = self.ear(&call_id);
        Ok((call_id, ear))
    }

    /// The ear of that call.
    pub fn ear(&self, call_id: &str) -> Arc<Ear> {
        let (voice, hearing) = lock(&self.ears).of(call_id);
        Arc::new(Ear::told(voice, hearing))
    }

    /// Makes a telephone do something in that call.
    pub fn order(&self, side: Side, call_id: &str, order: Order<'_>) -> Result<()> {
        let deed: Option<Deed> = match side {
            Side::Callers => caller_of(call_id).map(|caller| by_caller(caller, order)),
            Side::Phones => self.phones.dialog(call_id).map(|rung| by_phone(dialled(&rung.user), order)),
        };
        self.orders.send(deed.context("nobody is in such a call")?).ok().context("the stand-in is gone")
    }
}

fn by_caller(caller: CallerId, order: Order<'_>) -> Deed {
    match order {
        Order::HangUp => Box::new(move |world, now| world.caller_hangs_up(now, caller)),
        Order::Press(key, _) => Box::new(move |world, now| world.caller_presses_as(now, caller, key, Keys::Media)),
        Order::PressByInfo(key) => Box::new(move |world, now| world.caller_presses_as(now, caller, key, Keys::Info)),
        Order::Ring | Order::Answer(_) | Order::Refuse(_) | Order::Transfer(_) => Box::new(|_, _| false),
    }
}

fn by_phone(phone: String, order: Order<'_>) -> Deed {
    match order {
        Order::Ring => Box::new(move |world, now| world.phone_rings(now, &phone)),
        Order::Answer(_) => Box::new(move |world, now| world.phone_answers(now, &phone)),
        Order::Refuse(how) => {
            let status = match how {
                Refusal::Busy => 486,
                Refusal::Decline => 603,
                Refusal::Away => 480,
            };
            Box::new(move |world, now| world.phone_declines(now, &phone, status))
        }
        Order::HangUp => Box::new(move |world, now| world.phone_hangs_up(now, &phone)),
        Order::Press(key, _) => Box::new(move |world, now| world.phone_presses(now, &phone, key)),
        Order::PressByInfo(_) | Order::Transfer(_) => Box::new(|_, _| false),
    }
}

/// Orders are carried out in the order in which they were given.
async fn carry_out(face: Face, mut inbox: mpsc::UnboundedReceiver<Deed>) {
    while let Some(deed) = inbox.recv().await {
        if face.act(deed).await.is_none() {
            return;
        }
    }
}

/// `"Caller 1"` as SIP quotes it, without the quotes.
fn unquoted(name: &str) -> String {
    name.trim_matches('"').replace("\\\"", "\"")
}

fn id_of(caller: CallerId) -> String {
    format!("caller-{}", caller.0)
}

fn caller_of(call_id: &str) -> Option<CallerId> {
    Some(CallerId(call_id.strip_prefix("caller-")?.parse().ok()?))
}

/// Who hears what, by Call-ID, and which calls each phone is in: one, unless somebody rings a phone that is engaged.
#[derive(Default)]
struct Ears {
    by_call: BTreeMap<String, (Voice, Arc<Hearing>)>,
    in_call: BTreeMap<Arc<str>, Vec<String>>,
}

fn lock(ears: &Mutex<Ears>) -> MutexGuard<'_, Ears> {
    // A panic elsewhere has already failed the run.
    ears.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Ears {
    fn of(&mut self, call_id: &str) -> (Voice, Arc<Hearing>) {
        let voice = Voice(u32::try_from(self.by_call.len()).unwrap_or(u32::MAX));
        self.by_call.entry(call_id.to_owned()).or_insert_with(|| (voice, Arc::default())).clone()
    }

    fn call_of(&self, who: &Who) -> Option<String> {
        match who {
            Who::Caller(caller) => Some(id_of(*caller)),
            // A phone that is engaged refuses another call at once: what it sees is of the newest.
            Who::Phone(phone) => self.in_call.get(phone)?.last().cloned(),
        }
    }

    fn voice_of(&mut self, who: &Who) -> Option<Voice> {
        let call_id = self.call_of(who)?;
        Some(self.of(&call_id).0)
    }
}

/// Writes down what people at the stand-in's telephones see and hear.
struct Scribe {
    callers: Pen,
    phones: Pen,
    ears: Arc<Mutex<Ears>>,
    answered: BTreeSet<String>,
    legs: u64,
}

impl Scribe {
    async fn follow(mut self, face: Face) {
        let mut next = 0;
        while face.until(next, |_| true).await.is_some() {
            let (news, seen) = face.seen_from(next).await;
            next = seen;
            news.into_iter().for_each(|seen| self.note(&seen));
        }
    }

    fn note(&mut self, seen: &Seen) {
        let at = Moment(i64::try_from(seen.at.as_micros()).unwrap_or(i64::MAX));
        if let (Who::Phone(phone), Sight::Invited { .. }) = (&seen.who, &seen.what) {
            self.legs += 1;
            lock(&self.ears).in_call.entry(Arc::clone(phone)).or_default().push(format!("leg-{}", self.legs));
        }
        let Some(call_id) = lock(&self.ears).call_of(&seen.who) else { return };
        self.hears(&call_id, &seen.what, at);
        let (pen, phone) = match &seen.who {
            Who::Caller(_) => (&self.callers, None),
            Who::Phone(phone) => (&self.phones, Some(&**phone)),
        };
        let said = said(&call_id, phone, &seen.what, self.answered.contains(&call_id));
        pen.write(said.into_iter().map(|(sent, text)| Message::new(at, sent, text)));
        if seen.what == Sight::Answered {
            self.answered.insert(call_id);
        } else if let (Who::Phone(phone), true) = (&seen.who, ends_a_call(&seen.what)) {
            lock(&self.ears).in_call.entry(Arc::clone(phone)).or_default().pop();
        }
    }

    fn hears(&self, call_id: &str, what: &Sight, at: Moment) {
        let mut ears = lock(&self.ears);
        let (voices, asterisk): (Vec<Voice>, bool) = match what {
            Sight::Connected { with } => (with.iter().filter_map(|who| ears.voice_of(who)).collect(), false),
            Sight::Recorded
            | Sight::HeardPlayed { .. }
            | Sight::HeardMusic { .. }
            | Sight::HeardRinging
            | Sight::Fallback => (Vec::new(), true),
            Sight::Parted | Sight::HeardNothing => (Vec::new(), false),
            Sight::Refused { .. } | Sight::Cancelled { .. } | Sight::Bye { .. } | Sight::HungUp | Sight::Dead => {
                (Vec::new(), false)
            }
            Sight::Dialled { .. }
            | Sight::Invited { .. }
            | Sight::Ringing
            | Sight::Progress
            | Sight::Answered
            | Sight::Pressed { .. } => return,
        };
        let (_, hearing) = ears.of(call_id);
        drop(ears);
        hearing.now(&voices, asterisk, at);
    }
}

fn ends_a_call(what: &Sight) -> bool {
    matches!(what, Sight::Refused { .. } | Sight::Cancelled { .. } | Sight::Bye { .. } | Sight::HungUp | Sight::Dead)
}

/// What went over the wire when somebody saw that: whether he sent it, and the message. `phone`: whose telephone it is, where it
/// is none of a caller's.
fn said(call_id: &str, phone: Option<&str>, what: &Sight, answered: bool) -> Vec<(bool, String)> {
    let (is_phone, name) = (phone.is_some(), phone.unwrap_or("stage"));
    // Who is called says how it stands with his telephone; a caller is told.
    let status = |status: u16| (is_phone, response(status, call_id));
    let request = |method: &str, user: &str, more: &str| request(method, user, call_id, more);
    match what {
        Sight::Dialled { number } => vec![(true, request("INVITE", number, ""))],
        Sight::Invited { from, .. } => vec![(false, request("INVITE", name, &format!("From: <sip:{from}@toy>\r\n")))],
        Sight::Ringing => vec![status(180)],
        Sight::Progress => vec![status(183)],
        Sight::Answered => vec![status(200)],
        Sight::Refused { status: code } => vec![status(*code)],
        Sight::Cancelled { elsewhere } => vec![(false, request("CANCEL", name, reason(*elsewhere))), status(487)],
        Sight::Bye { elsewhere } => vec![(false, request("BYE", name, reason(*elsewhere)))],
        Sight::HungUp if is_phone || answered => vec![(true, request("BYE", name, ""))],
        Sight::HungUp => vec![(true, request("CANCEL", name, "")), status(487)],
        Sight::Dead
        | Sight::Pressed { .. }
        | Sight::HeardPlayed { .. }
        | Sight::Recorded
        | Sight::HeardMusic { .. }
        | Sight::HeardRinging
        | Sight::HeardNothing
        | Sight::Connected { .. }
        | Sight::Parted
        | Sight::Fallback => Vec::new(),
    }
}

fn request(method: &str, user: &str, call_id: &str, more: &str) -> String {
    format!("{method} sip:{user}@toy SIP/2.0\r\nCall-ID: {call_id}\r\nCSeq: 1 {method}\r\n{more}\r\n")
}

fn response(status: u16, call_id: &str) -> String {
    format!("SIP/2.0 {status} Toy\r\nCall-ID: {call_id}\r\nCSeq: 1 INVITE\r\n\r\n")
}

/// As Asterisk says it to a phone that need not show a missed call.
fn reason(elsewhere: bool) -> &'static str {
    if elsewhere { "Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n" } else { "" }
}
