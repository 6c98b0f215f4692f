//! Callers and operators: SIPp's dialogs, ears and mouths put together as people.

use std::collections::{BTreeMap, VecDeque};
use std::net::UdpSocket;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::time::sleep;

use crate::media::{Ear, Mouth, Voice};
use crate::time::{Moment, ms, secs};
use crate::wire::{Dialog, Message, Wire};

/// How an operator behaves at one ringing.
#[derive(Clone, Copy, Debug)]
pub struct Conduct {
    reaction: Reaction,
    /// Talks for at least and at most so long.
    talk: Option<(Duration, Duration)>,
}

#[derive(Clone, Copy, Debug)]
enum Reaction {
    /// Rings at once, answers after that.
    Answers(Duration),
    /// Rings at once, refuses after that.
    Refuses(Duration, Refusal),
    /// Rings and rings.
    Silent,
    /// Does not even say 100.
    Dead,
}

/// The ways to refuse, named as `sipp/phone.xml` knows them.
#[derive(Clone, Copy, Debug)]
enum Refusal {
    Busy,
    Decline,
    Away,
}

/// Answers after so long and talks until the other hangs up.
pub fn answers_after(delay: Duration) -> Conduct {
    Conduct { reaction: Reaction::Answers(delay), talk: None }
}

/// Is on another call: 486 at once.
pub fn busy() -> Conduct {
    Conduct { reaction: Reaction::Refuses(ms(0), Refusal::Busy), talk: None }
}

/// Presses the red button after so long: 603.
pub fn declines_after(delay: Duration) -> Conduct {
    Conduct { reaction: Reaction::Refuses(delay, Refusal::Decline), talk: None }
}

/// The phone gives up by itself while it rings: 480.
pub fn hangs_up_while_ringing_after(delay: Duration) -> Conduct {
    Conduct { reaction: Reaction::Refuses(delay, Refusal::Away), talk: None }
}

/// Lets it ring.
pub fn silent() -> Conduct {
    Conduct { reaction: Reaction::Silent, talk: None }
}

/// A phone that is off: no reply at all.
pub fn dead() -> Conduct {
    Conduct { reaction: Reaction::Dead, talk: None }
}

impl Conduct {
    /// Having answered, hangs up after so long.
    pub fn talks_for(self, how_long: Duration) -> Self {
        self.talks_between(how_long, how_long)
    }

    /// Having answered, hangs up after something between, spread evenly over the calls.
    pub fn talks_between(self, least: Duration, most: Duration) -> Self {
        Self { talk: Some((least, most)), ..self }
    }
}

/// Everybody on the stage.
pub struct People {
    callers: Wire,
    phones: Wire,
    control: UdpSocket,
    callers_at: String,
    phones_at: String,
    media_at: String,
    count: AtomicU32,
    cast: Mutex<Cast>,
}

#[derive(Default)]
struct Cast {
    /// Since when the scenario runs; what began earlier is not its business.
    since: Option<Moment>,
    conducts: BTreeMap<String, VecDeque<Conduct>>,
    /// When Asterisk was killed: it hung nobody up.
    asterisk_died: Option<Moment>,
    /// How everybody speaks.
    mouth: Mouth,
    /// The operators' ears, by Call-ID.
    ears: BTreeMap<String, Arc<Ear>>,
}

impl People {
    /// `callers` and `phones`: what the two SIPps log and where they are; `media_at`: our own address in their network.
    pub fn new(callers: (Wire, String), phones: (Wire, String), media_at: String) -> Result<Arc<Self>> {
        let people = Arc::new(Self {
            callers: callers.0,
            phones: phones.0,
            control: UdpSocket::bind((media_at.as_str(), 0))?,
            callers_at: callers.1,
            phones_at: phones.1,
            media_at,
            count: AtomicU32::new(1),
            cast: Mutex::default(),
        });
        tokio::spawn(mind_the_phones(Arc::downgrade(&people)));
        Ok(people)
    }

    fn cast(&self) -> MutexGuard<'_, Cast> {
        self.cast.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn mouth(&self) -> Mouth {
        self.cast().mouth
    }

    /// Everybody speaks so from now on.
    pub fn speak(&self, mouth: Mouth) {
        self.cast().mouth = mouth;
    }

    fn next(&self) -> u32 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }

    /// A new scenario begins: everybody forgets the last one.
    pub fn begin(&self) {
        let quiet = Cast { since: Some(Moment::now()), ..Cast::default() };
        // Ears are closed outside of the lock.
        let last = std::mem::replace(&mut *self.cast(), quiet);
        drop(last);
    }

    /// Hangs up every phone that is still in a call.
    pub fn everybody_goes_home(&self) {
        let since = self.cast().since.unwrap_or(Moment(0));
        for (wire, place) in [(&self.callers, &self.callers_at), (&self.phones, &self.phones_at)] {
            for dialog in wire.since(since).iter().filter(|d| !d.is_over()) {
                drop(self.steer(place, &dialog.call_id, "HANGUP", ""));
            }
        }
    }

    /// How an operator behaves from now on: ringing after ringing, the last for all that follow.
    pub fn operator(&self, name: &str, conducts: impl IntoIterator<Item = Conduct>) {
        self.cast().conducts.insert(name.to_owned(), conducts.into_iter().collect());
    }

    /// Somebody dials.
    pub async fn dials(self: &Arc<Self>, number: &str, from: &str, name: &str) -> Result<Caller> {
        let n = self.next();
        let ear = Arc::new(Ear::open(&self.media_at, Voice(n), self.mouth()).await?);
        let call_id = format!("caller-{n}-{}", std::process::id());
        let headers = format!("X-To: {number}\r\nX-From: {from}\r\nX-Name: {name}\r\nX-Port: {}\r\n", ear.port);
        let dialed = Moment::now();
        self.steer(&self.callers_at, &call_id, "DIAL", &headers)?;
        let caller = Caller { people: Arc::clone(self), number: from.to_owned(), call_id, ear, dialed };
        caller.speaks_when_answered();
        Ok(caller)
    }

    fn steer(&self, place: &str, call_id: &str, order: &str, headers: &str) -> Result<()> {
        let us = &self.media_at;
        let text = format!(
            "{order} sip:stage@{place} SIP/2.0\r\nVia: SIP/2.0/UDP {us}:9;branch=z9hG4bK-{n}\r\n\
             From: <sip:stage@{us}>;tag=s\r\nTo: <sip:stage@{place}>\r\nCall-ID: {call_id}\r\nCSeq: 1 {order}\r\n\
             User-Agent: stage\r\n{headers}Content-Length: 0\r\n\r\n",
            n = self.next()
        );
        self.control.send_to(text.as_bytes(), (place, 5060)).context("SIPp cannot be steered")?;
        Ok(())
    }

    /// Every ringing of anybody in this scenario, in order.
    pub fn all_ringings(self: &Arc<Self>) -> Vec<Leg> {
        let since = self.cast().since.unwrap_or(Moment(0));
        self.phones.since(since).iter().filter_map(|d| self.leg(d)).collect()
    }

    /// Every ringing of an operator in this scenario, in order.
    pub fn ringings(self: &Arc<Self>, operator: &str) -> Vec<Leg> {
        let since = self.cast().since.unwrap_or(Moment(0));
        let dialogs = self.phones.since(since).into_iter().filter(|d| d.user == operator);
        dialogs.filter_map(|d| self.leg(&d)).collect()
    }

    fn leg(self: &Arc<Self>, dialog: &Dialog) -> Option<Leg> {
        let ear = self.cast().ears.get(&dialog.call_id).map(Arc::clone)?;
        let (operator, call_id, invited) = (dialog.user.clone(), dialog.call_id.clone(), dialog.begun());
        Some(Leg { people: Arc::clone(self), operator, call_id, ear, invited })
    }

    /// Waits for an operator's ringing number `n` (from 1) in this scenario.
    pub async fn rings(self: &Arc<Self>, operator: &str, n: usize, limit: Duration) -> Result<Leg> {
        let what = format!("{operator} rings, time {n}");
        let wanted = |_: &Wire| self.ringings(operator).into_iter().nth(n.saturating_sub(1));
        self.phones.until(limit, &what, wanted).await
    }

    /// Asterisk is killed: the phones in its calls will never hear of it.
    pub fn asterisk_dies(&self) {
        self.cast().asterisk_died = Some(Moment::now());
    }

    /// Whoever was rung for two callers at once, or whose phone is off the hook still.
    pub fn disorder(&self) -> Vec<String> {
        let cast = self.cast();
        let since = cast.asterisk_died.or(cast.since).unwrap_or(Moment(0));
        drop(cast);
        let mut busy_until: BTreeMap<String, Option<Moment>> = BTreeMap::new();
        let mut found = Vec::new();
        // A phone that is off never said anything: nothing can be in disorder with it.
        let on = |d: &Arc<Dialog>| d.messages.iter().any(|m| m.sent);
        for dialog in self.phones.since(since).into_iter().filter(on) {
            let begun = dialog.begun();
            match busy_until.get(&dialog.user) {
                Some(Some(until)) if *until <= begun => {}
                Some(_) => found.push(format!("{} was rung for two callers at once", dialog.user)),
                None => {}
            }
            let over = dialog.over();
            if over.is_none() {
                found.push(format!("the phone of {} is still in a call", dialog.user));
            }
            busy_until.insert(dialog.user.clone(), over);
        }
        found
    }
}

/// Gives every phone that is rung its ear and its conduct.
async fn mind_the_phones(people: std::sync::Weak<People>) {
    let mut minded = 0;
    loop {
        let Some(people) = people.upgrade() else { return };
        for dialog in people.phones.after(minded) {
            minded += 1;
            let mouth = people.mouth();
            let Ok(ear) = Ear::open(&people.media_at, Voice(people.next()), mouth).await else { continue };
            let mut cast = people.cast();
            cast.ears.insert(dialog.call_id.clone(), Arc::new(ear));
            let conduct = cast
                .conducts
                .get_mut(&dialog.user)
                .and_then(|all| if all.len() > 1 { all.pop_front() } else { all.front().copied() });
            drop(cast);
            if let Some(leg) = people.leg(&dialog) {
                tokio::spawn(behave(leg, conduct.unwrap_or_else(silent)));
            }
        }
        let phones = people.phones.clone();
        drop(people);
        phones.more(ms(20)).await;
    }
}

async fn behave(leg: Leg, conduct: Conduct) -> Result<()> {
    if !matches!(conduct.reaction, Reaction::Dead | Reaction::Refuses(Duration::ZERO, _)) {
        leg.order("RING", "")?;
    }
    match conduct.reaction {
        Reaction::Silent | Reaction::Dead => return Ok(()),
        Reaction::Refuses(delay, how) => {
            sleep(delay).await;
            let order = match how {
                Refusal::Busy => "BUSY",
                Refusal::Decline => "DECLINE",
                Refusal::Away => "AWAY",
            };
            return leg.order(order, "");
        }
        Reaction::Answers(delay) => sleep(delay).await,
    }
    leg.answers()?;
    let answered = leg.answered(secs(5)).await?;
    if let Some((least, most)) = conduct.talk {
        // The golden ratio spreads consecutive numbers evenly, the same in every run.
        let part = (f64::from(leg.ear.voice.0) * 0.618_034).fract();
        let how_long = least + most.saturating_sub(least).mul_f64(part);
        let spent = Moment::now() - answered;
        sleep(how_long.saturating_sub(spent)).await;
        leg.hangs_up()?;
    }
    Ok(())
}

/// Somebody who called.
pub struct Caller {
    people: Arc<People>,
    pub number: String,
    call_id: String,
    pub ear: Arc<Ear>,
    pub dialed: Moment,
}

impl Caller {
    fn speaks_when_answered(&self) {
        let (wire, call_id, ear) = (self.people.callers.clone(), self.call_id.clone(), Arc::downgrade(&self.ear));
        tokio::spawn(async move {
            let answer = |w: &Wire| w.dialog(&call_id)?.response(200..=299)?.ear();
            let (address, port) = wire.until(secs(600), "an answer", answer).await?;
            if let Some(ear) = ear.upgrade() {
                ear.speak_to(&address, port);
            }
            anyhow::Ok(())
        });
    }

    /// Everything that was sent and received.
    pub fn dialog(&self) -> Option<Arc<Dialog>> {
        self.people.callers.dialog(&self.call_id)
    }

    async fn until<T>(&self, limit: Duration, what: &str, look: impl Fn(&Dialog) -> Option<T>) -> Result<T> {
        let what = format!("caller {} {what}", self.number);
        self.people.callers.until(limit, &what, |wire| wire.dialog(&self.call_id).as_deref().and_then(&look)).await
    }

    /// Waits for 200.
    pub async fn answered(&self, limit: Duration) -> Result<Moment> {
        self.until(limit, "is answered", |d| d.response(200..=299).map(|m| m.at)).await
    }

    /// Waits for 180 or 183.
    pub async fn hears_it_ring(&self, limit: Duration) -> Result<Moment> {
        self.until(limit, "hears it ring", |d| d.response(180..=183).map(|m| m.at)).await
    }

    /// Waits for a refusal and gives its status.
    pub async fn refused(&self, limit: Duration) -> Result<u16> {
        let status = |d: &Dialog| d.response(300..=699).and_then(Message::status).map(|(code, _)| code);
        self.until(limit, "is refused", status).await
    }

    /// Waits until the other side hangs up.
    pub async fn is_hung_up(&self, limit: Duration) -> Result<Moment> {
        self.until(limit, "is hung up", |d| d.received("BYE").map(|m| m.at)).await
    }

    /// The call is still on, answered or not.
    pub fn is_in_the_call(&self) -> bool {
        self.dialog().is_none_or(|d| !d.is_over())
    }

    /// Presses a key (RFC 4733) so long after the answer.
    pub async fn presses(&self, key: char, after: Duration) -> Result<Moment> {
        self.wait_after_answer(after).await?;
        let pressed = Moment::now();
        self.ear.press(key, ms(100))?;
        Ok(pressed)
    }

    /// Sends a key by SIP INFO so long after the answer.
    pub async fn presses_by_info(&self, key: char, after: Duration) -> Result<Moment> {
        self.wait_after_answer(after).await?;
        let pressed = Moment::now();
        self.people.steer(&self.people.callers_at, &self.call_id, "KEY", &format!("X-Digit: {key}\r\n"))?;
        Ok(pressed)
    }

    async fn wait_after_answer(&self, after: Duration) -> Result<()> {
        let answered = self.answered(secs(10)).await?;
        sleep(after.saturating_sub(Moment::now() - answered)).await;
        Ok(())
    }

    /// Hangs up: CANCEL before the answer, BYE after it.
    pub fn hangs_up(&self) -> Result<()> {
        self.people.steer(&self.people.callers_at, &self.call_id, "HANGUP", "")
    }

    /// Waits until the two hear each other's voice.
    pub async fn talks_with(&self, leg: &Leg, limit: Duration) -> Result<()> {
        let both = tokio::join!(self.ear.hears(leg.ear.voice, limit), leg.ear.hears(self.ear.voice, limit));
        both.0.with_context(|| format!("caller {} does not hear {}", self.number, leg.operator))?;
        both.1.with_context(|| format!("{} does not hear caller {}", leg.operator, self.number))?;
        Ok(())
    }

    /// Waits until an operator has been heard and has hung up.
    pub async fn is_served(&self, limit: Duration) -> Result<()> {
        let own = self.ear.voice;
        self.ear
            .until(limit, "hears an operator", |ear| ear.heard_anybody_but(own).then_some(()))
            .await
            .with_context(|| format!("caller {}", self.number))?;
        self.is_hung_up(limit).await.map(drop)
    }

    /// Waits for a prompt or music in the caller's ear.
    pub async fn hears_asterisk(&self, limit: Duration) -> Result<()> {
        self.ear.hears_asterisk(limit).await.map(drop).with_context(|| format!("caller {}", self.number))
    }
}

/// One ringing of one operator's phone.
pub struct Leg {
    people: Arc<People>,
    pub operator: String,
    call_id: String,
    pub ear: Arc<Ear>,
    pub invited: Moment,
}

impl Leg {
    fn order(&self, order: &str, headers: &str) -> Result<()> {
        self.people.steer(&self.people.phones_at, &self.call_id, order, headers)
    }

    /// Everything that was sent and received.
    pub fn dialog(&self) -> Option<Arc<Dialog>> {
        self.people.phones.dialog(&self.call_id)
    }

    async fn until<T>(&self, limit: Duration, what: &str, look: impl Fn(&Dialog) -> Option<T>) -> Result<T> {
        let what = format!("{} {what}", self.operator);
        self.people.phones.until(limit, &what, |wire| wire.dialog(&self.call_id).as_deref().and_then(&look)).await
    }

    /// Picks up now.
    pub fn answers(&self) -> Result<()> {
        if let Some((address, port)) = self.dialog().and_then(|d| d.messages.first()?.ear()) {
            self.ear.speak_to(&address, port);
        }
        self.order("ANSWER", &format!("X-Port: {}\r\n", self.ear.port))
    }

    /// Hangs up.
    pub fn hangs_up(&self) -> Result<()> {
        self.order("HANGUP", "")
    }

    /// Waits for the 200 of the phone.
    pub async fn answered(&self, limit: Duration) -> Result<Moment> {
        self.until(limit, "answers", |d| d.response(200..=299).map(|m| m.at)).await
    }

    /// Waits for the CANCEL and gives when it came and why.
    pub async fn cancelled(&self, limit: Duration) -> Result<(Moment, String)> {
        let cancel = |d: &Dialog| {
            let m = d.received("CANCEL")?;
            Some((m.at, m.headers("Reason").collect::<Vec<_>>().join(", ")))
        };
        self.until(limit, "is cancelled", cancel).await
    }

    /// Waits for the BYE and gives when it came and why.
    pub async fn is_hung_up(&self, limit: Duration) -> Result<(Moment, String)> {
        let bye = |d: &Dialog| {
            let m = d.received("BYE")?;
            Some((m.at, m.headers("Reason").collect::<Vec<_>>().join(", ")))
        };
        self.until(limit, "is hung up", bye).await
    }

    /// Waits until the phone's own refusal or hang-up or the other side's has ended this.
    pub async fn is_over(&self, limit: Duration) -> Result<()> {
        self.until(limit, "is done", |d| d.is_over().then_some(())).await
    }

    /// Hangs up after a while, in the background.
    pub fn hangs_up_after(&self, delay: Duration) {
        let (people, call_id) = (Arc::clone(&self.people), self.call_id.clone());
        tokio::spawn(async move {
            sleep(delay).await;
            people.steer(&people.phones_at, &call_id, "HANGUP", "")
        });
    }

    /// Waits until the phone is on the hook: refused, cancelled, or a BYE after the answer.
    pub async fn is_over_for_good(&self, limit: Duration) -> Result<()> {
        let over = |d: &Dialog| {
            let answered = d.response(200..=299).is_some();
            let bye = d.received("BYE").is_some() || d.sent("BYE").is_some();
            let refused = d.response(300..=699).is_some();
            (refused || answered && bye).then_some(())
        };
        self.until(limit, "is over for good", over).await
    }

    /// Whether the phone was picked up.
    pub fn was_answered(&self) -> bool {
        self.dialog().is_some_and(|d| d.response(200..=299).is_some())
    }

    /// From whom: the number in the From header.
    pub fn shows(&self) -> Result<String> {
        let dialog = self.dialog().context("no dialog")?;
        let Some(from) = dialog.messages.first().and_then(|m| m.header("From")) else { bail!("no From") };
        Ok(from.to_owned())
    }
}
