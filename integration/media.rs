//! Real sound: each phone's RTP, sent and counted by the test itself, on the docker network's own address.
//!
//! A mouth says its own name in every packet. Two phones in u-law with Asterisk between them pass payloads on as they are,
//! so an ear knows *whom* it hears, and tells a colleague from music.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::ear::{Hearing, Voice};
use crate::time::{Moment, ms};

/// How a phone speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mouth {
    /// A packet every 20 ms, as phones do.
    #[default]
    Talks,
    /// A packet of silence every 20 ms.
    Silent,
    /// Nothing but keys, and deaf: sparing, where thousands of packets would only cost the machine that is measured.
    KeysOnly,
    /// A packet every 2 ms, so that it is known to 2 ms when it begins to be heard.
    Chatters,
}

/// One telephone's sound on the network.
pub struct Rtp {
    pub port: u16,
    remote: watch::Sender<Option<SocketAddr>>,
    keys: mpsc::UnboundedSender<(u8, Duration)>,
    tasks: [JoinHandle<()>; 2],
}

const FRAME: Duration = ms(20);
const SPEECH: u8 = 0;
const EVENT: u8 = 101;
const NAME: &[u8] = b"SNTRL";

impl Rtp {
    /// Listens on a port of `address`; silent until it knows where to speak to.
    pub async fn open(address: &str, voice: Voice, mouth: Mouth, hearing: Arc<Hearing>) -> Result<Self> {
        let socket = Arc::new(UdpSocket::bind((address, 0)).await.context("no port for RTP")?);
        let port = socket.local_addr()?.port();
        let (remote, speak_to) = watch::channel(None);
        let (keys, pressed) = mpsc::unbounded_channel();
        let deaf = mouth == Mouth::KeysOnly;
        let tasks = [
            tokio::spawn(listen(Arc::clone(&socket), Arc::clone(&hearing), deaf)),
            tokio::spawn(speak(Speaker { socket, voice, mouth, remote: speak_to, keys: pressed, hearing })),
        ];
        Ok(Self { port, remote, keys, tasks })
    }

    /// Speaks to that place from now on.
    pub fn speak_to(&self, address: &str, port: u16) {
        let to = address.parse().ok().map(|ip| SocketAddr::new(ip, port));
        self.remote.send_if_modified(|remote| std::mem::replace(remote, to) != to);
    }

    /// Presses a key the RFC 4733 way.
    pub fn press(&self, key: char, how_long: Duration) -> Result<()> {
        let event = match key {
            '0'..='9' => key as u8 - b'0',
            '*' => 10,
            '#' => 11,
            'A'..='D' => key as u8 - b'A' + 12,
            other => bail!("no such key: {other}"),
        };
        if self.remote.borrow().is_none() {
            bail!("the phone knows nobody to press keys for: it is not answered");
        }
        self.keys.send((event, how_long)).context("the mouth is gone")
    }
}

impl Drop for Rtp {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn listen(socket: Arc<UdpSocket>, hearing: Arc<Hearing>, deaf: bool) {
    if deaf {
        // What nobody reads, the kernel throws away.
        return;
    }
    let mut packet = [0; 2048];
    loop {
        let Ok((size, _from)) = socket.recv_from(&mut packet).await else { continue };
        let at = Moment::now();
        let (Some(head), Some(payload)) = (packet.get(..12), packet.get(12..size)) else { continue };
        // RTCP comes to the port above a neighbour's; digits echoed to us are not sound.
        let is_rtcp = (192..=223).contains(&head[1]);
        if head[0] >> 6 != 2 || is_rtcp || head[1] & 0x7f == EVENT {
            continue;
        }
        hearing.packet(voice_of(payload), at);
    }
}

fn voice_of(payload: &[u8]) -> Option<Voice> {
    let name = payload.strip_prefix(NAME)?.get(..4)?;
    Some(Voice(u32::from_be_bytes(name.try_into().ok()?)))
}

struct Stream {
    sequence: u16,
    clock: u32,
    source: u32,
}

impl Stream {
    fn packet(&mut self, kind: u8, marker: bool, clock: u32, payload: &[u8]) -> Vec<u8> {
        self.sequence = self.sequence.wrapping_add(1);
        let mut packet = vec![0x80, kind | if marker { 0x80 } else { 0 }];
        packet.extend_from_slice(&self.sequence.to_be_bytes());
        packet.extend_from_slice(&clock.to_be_bytes());
        packet.extend_from_slice(&self.source.to_be_bytes());
        packet.extend_from_slice(payload);
        packet
    }

    fn speech(&mut self, voice: Voice) -> Vec<u8> {
        let mut payload = [0xff_u8; 160];
        payload[..NAME.len()].copy_from_slice(NAME);
        payload[NAME.len()..NAME.len() + 4].copy_from_slice(&voice.0.to_be_bytes());
        self.packet(SPEECH, false, self.clock, &payload)
    }

    /// RFC 4733: the event with its growing duration every 20 ms, all under the time of its beginning; the end thrice.
    fn key(&mut self, event: u8, how_long: Duration) -> Vec<Vec<u8>> {
        let steps = u16::try_from(how_long.as_millis() / FRAME.as_millis()).unwrap_or(5).max(2);
        let begun = self.clock;
        let packets = (1..=steps + 2).map(|step| {
            let ended = step >= steps;
            let [high, low] = (step.min(steps) * 160).to_be_bytes();
            let flags = 10 | if ended { 0x80 } else { 0 };
            self.packet(EVENT, step == 1, begun, &[event, flags, high, low])
        });
        packets.collect()
    }
}

struct Speaker {
    socket: Arc<UdpSocket>,
    voice: Voice,
    mouth: Mouth,
    remote: watch::Receiver<Option<SocketAddr>>,
    keys: mpsc::UnboundedReceiver<(u8, Duration)>,
    hearing: Arc<Hearing>,
}

/// Between two keys Asterisk wants 45 ms, and takes them for one with less.
const BETWEEN_KEYS: Duration = ms(80);

async fn speak(mut speaker: Speaker) {
    let mut stream = Stream { sequence: 0, clock: 160, source: speaker.voice.0 | 0x5000_0000 };
    let frame = if speaker.mouth == Mouth::Chatters { ms(2) } else { FRAME };
    let mut tick = tokio::time::interval(frame);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut let_go = None;
    loop {
        if speaker.remote.borrow().is_none() && speaker.remote.changed().await.is_err() {
            return;
        }
        let key = if speaker.mouth == Mouth::KeysOnly {
            let Some(key) = speaker.keys.recv().await else { return };
            if let Some(let_go) = let_go {
                sleep(BETWEEN_KEYS.saturating_sub(Moment::now() - let_go)).await;
            }
            Some(key)
        } else {
            tick.tick().await;
            // He speaks on at once.
            let may_press = let_go.is_none_or(|let_go| Moment::now() - let_go >= BETWEEN_KEYS);
            may_press.then(|| speaker.keys.try_recv().ok()).flatten()
        };
        stream.clock = stream.clock.wrapping_add(160);
        match key {
            Some((event, how_long)) => {
                speaker.press(&mut stream, event, how_long).await;
                let_go = Some(Moment::now());
            }
            None if speaker.mouth == Mouth::Silent => {
                let silence = stream.packet(SPEECH, false, stream.clock, &[0xff; 160]);
                speaker.say(&silence).await;
            }
            None => speaker.say(&stream.speech(speaker.voice)).await,
        }
    }
}

impl Speaker {
    async fn say(&self, packet: &[u8]) {
        let to = *self.remote.borrow();
        if let Some(to) = to {
            // A packet that cannot be sent is a packet lost: that is what UDP is.
            drop(self.socket.send_to(packet, to).await);
        }
    }

    async fn press(&self, stream: &mut Stream, event: u8, how_long: Duration) {
        let packets = stream.key(event, how_long);
        let ends_at = packets.len() - 3;
        let mut tick = tokio::time::interval(FRAME);
        for (n, packet) in packets.iter().enumerate() {
            tick.tick().await;
            stream.clock = stream.clock.wrapping_add(160);
            if n == ends_at {
                self.hearing.let_go(Moment::now());
            }
            self.say(packet).await;
        }
    }
}
