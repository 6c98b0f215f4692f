//! The telephones of a real Asterisk: two SIPps, one that plays every caller and one every operator's phone, steered from
//! here, call by call; sound is our own.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::net::UdpSocket;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::sync::{Semaphore, mpsc};

use crate::ear::{Ear, Voice};
use crate::media::Mouth;
use crate::telephones::{Dialling, Order, Refusal, Side};
use crate::time::{Moment, ms, secs};
use crate::wire::{Message, Pen, Wire};

/// How many orders may be on their way to a SIPp: a socket's buffer holds some hundred datagrams, and what comes to a full one
/// is lost. Of whoever hangs up nothing would be heard.
const ON_THEIR_WAY: usize = 16;

/// What our own words to a SIPp are known by in its log.
const STEERED: &str = "stage";

/// How long SIPp may take to do what it was told.
const DOES_IT_WITHIN: Duration = secs(1);

/// Both SIPps.
pub struct Sipp {
    pub callers: Wire,
    pub phones: Wire,
    to_callers: Reins,
    to_phones: Reins,
    media_at: String,
    count: AtomicU32,
}

/// The orders to one SIPp.
struct Reins {
    at: String,
    orders: mpsc::UnboundedSender<String>,
    /// How many there were, call by call.
    given: Mutex<BTreeMap<String, usize>>,
}

impl Reins {
    /// Gives an order. One that comes before SIPp has said what the last one made it say would be lost, and waits.
    fn give(&self, wire: &Wire, call_id: &str, order: String) -> Result<()> {
        let before = {
            let mut given = self.given.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let count = given.entry(call_id.to_owned()).or_default();
            std::mem::replace(count, *count + 1)
        };
        if said(wire, call_id) >= before {
            return self.orders.send(order).context("SIPp cannot be steered");
        }
        let (wire, call_id, orders) = (wire.clone(), call_id.to_owned(), self.orders.clone());
        tokio::spawn(async move {
            // Not every order makes it say something: a call may be over.
            let done = |wire: &Wire| (said(wire, &call_id) >= before).then_some(());
            drop(wire.until(DOES_IT_WITHIN, "SIPp does what it was told", done).await);
            orders.send(order)
        });
        Ok(())
    }
}

/// Where Asterisk says that it listens in that call.
fn listens_at(wire: &Wire, call_id: &str) -> Option<(String, u16)> {
    wire.dialog(call_id)?.messages.iter().filter(|message| !message.sent).find_map(Message::ear)
}

/// How many messages SIPp has sent in that call.
fn said(wire: &Wire, call_id: &str) -> usize {
    wire.dialog(call_id).map_or(0, |dialog| dialog.messages.iter().filter(|message| message.sent).count())
}

impl Sipp {
    /// `callers` and `phones`: what the two SIPps log and where they are; `media_at`: our own address in their network.
    pub fn new(callers: (&Path, String), phones: (&Path, String), media_at: String) -> Result<Self> {
        let (callers, to_callers) = follow(callers.0, callers.1, &media_at)?;
        let (phones, to_phones) = follow(phones.0, phones.1, &media_at)?;
        Ok(Self { callers, phones, to_callers, to_phones, media_at, count: AtomicU32::new(1) })
    }

    fn next(&self) -> u32 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }

    /// A caller dials; gives his Call-ID and his ear.
    pub async fn dials(&self, call: Dialling<'_>, mouth: Mouth) -> Result<(String, Arc<Ear>)> {
        let ear = self.ear(mouth).await?;
        let call_id = format!("caller-{}-{}", ear.voice.0, std::process::id());
        let Dialling { to, from, name, withheld } = call;
        // As a trunk that is trusted tells it (RFC 3325): who it is, and that nobody else is to know.
        let (from, name, identity, privacy) = if withheld {
            ("anonymous", "\"Anonymous\"", format!("P-Asserted-Identity: {name} <sip:{from}@stage>"), "Privacy: id")
        } else {
            (from, name, "X-Identity: as above".to_owned(), "X-Privacy: none")
        };
        let headers = format!(
            "X-To: {to}\r\nX-From: {from}\r\nX-Name: {name}\r\nX-Port: {}\r\nX-Identity: {identity}\r\nX-Privacy: {privacy}\r\n",
            ear.port()
        );
        self.steer(Side::Callers, &call_id, "DIAL", &headers)?;
        self.speaks_when_told_where(&call_id, &ear);
        Ok((call_id, ear))
    }

    /// Asterisk says where it listens when it answers, or before that with the first that it plays (183).
    fn speaks_when_told_where(&self, call_id: &str, ear: &Arc<Ear>) {
        let (wire, call_id, ear) = (self.callers.clone(), call_id.to_owned(), Arc::downgrade(ear));
        tokio::spawn(async move {
            let place = |wire: &Wire| listens_at(wire, &call_id);
            let (address, port) = wire.until(secs(600), "a place to speak to", place).await?;
            if let Some(ear) = ear.upgrade() {
                ear.speak_to(&address, port);
            }
            anyhow::Ok(())
        });
    }

    /// An ear, and a mouth that speaks so, for one telephone.
    pub async fn ear(&self, mouth: Mouth) -> Result<Arc<Ear>> {
        Ok(Arc::new(Ear::open(&self.media_at, Voice(self.next()), mouth).await?))
    }

    /// Makes a telephone do something in that call.
    pub fn order(&self, side: Side, call_id: &str, order: Order<'_>) -> Result<()> {
        match order {
            Order::Ring => self.steer(side, call_id, "RING", ""),
            Order::Answer(ear) => {
                self.speaks_to(side, call_id, ear);
                self.steer(side, call_id, "ANSWER", &format!("X-Port: {}\r\n", ear.port()))
            }
            Order::Refuse(Refusal::Busy) => self.steer(side, call_id, "BUSY", ""),
            Order::Refuse(Refusal::Decline) => self.steer(side, call_id, "DECLINE", ""),
            Order::Refuse(Refusal::Away) => self.steer(side, call_id, "AWAY", ""),
            Order::HangUp => self.steer(side, call_id, "HANGUP", ""),
            Order::Press(key, ear) => {
                // He may have been answered this moment.
                self.speaks_to(side, call_id, ear);
                ear.press(key, ms(100))
            }
            Order::Transfer(to) => self.steer(side, call_id, "TRANSFER", &format!("X-Refer-To: {to}\r\n")),
            Order::PressByInfo(key) => self.steer(side, call_id, "KEY", &format!("X-Digit: {key}\r\n")),
        }
    }

    fn speaks_to(&self, side: Side, call_id: &str, ear: &Ear) {
        let wire = match side {
            Side::Callers => &self.callers,
            Side::Phones => &self.phones,
        };
        if let Some((address, port)) = listens_at(wire, call_id) {
            ear.speak_to(&address, port);
        }
    }

    fn steer(&self, side: Side, call_id: &str, order: &str, headers: &str) -> Result<()> {
        let (wire, reins) = match side {
            Side::Callers => (&self.callers, &self.to_callers),
            Side::Phones => (&self.phones, &self.to_phones),
        };
        let (us, place) = (&self.media_at, &reins.at);
        let text = format!(
            "{order} sip:stage@{place} SIP/2.0\r\nVia: SIP/2.0/UDP {us}:9;branch=z9hG4bK-{n}\r\n\
             From: <sip:stage@{us}>;tag=s\r\nTo: <sip:stage@{place}>\r\nCall-ID: {call_id}\r\nCSeq: 1 {order}\r\n\
             User-Agent: {STEERED}\r\n{headers}Content-Length: 0\r\n\r\n",
            n = self.next()
        );
        reins.give(wire, call_id, text)
    }
}

/// Follows a SIPp's message log until nobody reads it any more, and holds its reins.
fn follow(log: &Path, at: String, media_at: &str) -> Result<(Wire, Reins)> {
    let file = File::open(log)?;
    let control = UdpSocket::bind((media_at, 0))?;
    control.connect((at.as_str(), 5060))?;
    let (wire, pen) = Wire::new();
    let (orders, to_send) = mpsc::unbounded_channel();
    let room = Arc::new(Semaphore::new(ON_THEIR_WAY));
    tokio::spawn(read_on(file, pen, Arc::clone(&room)));
    tokio::spawn(steer_on(control, to_send, room));
    Ok((wire, Reins { at, orders, given: Mutex::default() }))
}

/// Sends orders on, no more at once than SIPp has room for.
async fn steer_on(control: UdpSocket, mut orders: mpsc::UnboundedReceiver<String>, room: Arc<Semaphore>) {
    while let Some(order) = orders.recv().await {
        let Ok(permit) = room.acquire().await else { return };
        // It is had back when SIPp has read the order.
        permit.forget();
        if let Err(error) = control.send(order.as_bytes()) {
            eprintln!("      SIPp cannot be steered: {error}");
        }
    }
}

async fn read_on(mut file: File, pen: Pen, room: Arc<Semaphore>) {
    let mut text = Vec::new();
    while !pen.is_idle() {
        if file.read_to_end(&mut text).unwrap_or(0) > 0 {
            let mut messages = Vec::new();
            while let Some((message, end)) = next_message(&text) {
                text.drain(..end);
                // How the test steers SIPp is no part of what happened.
                if message.header("User-Agent") == Some(STEERED) {
                    room.add_permits(1);
                } else {
                    messages.push(message);
                }
            }
            pen.write(messages);
        }
        tokio::time::sleep(ms(2)).await;
    }
}

/// The first whole record of the log and where it ends:
///
/// ```text
/// ----------------------------------------------- 2026-11-22T21:04:59.583268Z
/// UDP message received [283] bytes:
///
/// INVITE ...
/// ```
fn next_message(log: &[u8]) -> Option<(Message, usize)> {
    const RULE: &[u8] = b"----------------------------------------------- ";
    let mut from = 0;
    loop {
        let rule = from + log.get(from..)?.windows(RULE.len()).position(|w| w == RULE)?;
        let body = rule + log.get(rule..)?.windows(2).position(|w| w == b"\n\n")? + 2;
        let head = String::from_utf8_lossy(log.get(rule + RULE.len()..body)?).into_owned();
        let mut lines = head.lines();
        let at = lines.next().and_then(|stamp| Moment::parse(stamp.trim()));
        let what = lines.next().unwrap_or_default();
        let size = what.split(['[', ']']).nth(1).and_then(|n| n.parse::<usize>().ok());
        if let (Some(at), Some(size)) = (at, size) {
            let text = String::from_utf8_lossy(log.get(body..body + size)?).into_owned();
            return Some((Message::new(at, what.contains("sent"), text), body + size));
        }
        from = body;
    }
}
