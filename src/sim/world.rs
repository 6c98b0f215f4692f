//! The toy Asterisk: channels, bridges, playbacks and applications, with telephones at the far ends.
//!
//! The manner is the engine's: requests and time go in, replies and events are polled out. One thing happens at a time, so
//! what Asterisk's threads do at once happens here in an order; the order is drawn by lot where it is open (a short while
//! passes between a hang-up and the end of the channel, and requests may fall into it).
//!
//! What is not modelled says so: such a request is answered 501, which no Asterisk answers to a request it knows.

mod app;
mod bridge;
mod caller;
mod channel;
mod config;
mod device;
mod dialplan;
mod events;
mod hangup;
mod jobs;
mod phone;
mod playback;
mod recording;
mod reply;
mod rest;
mod rest_bridges;
mod rest_channels;
mod seen;
#[cfg(test)]
mod tests;
mod timers;
mod variables;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use self::{
    app::App,
    bridge::Bridge,
    caller::Visit,
    channel::Channel,
    phone::{Dialog, Phone},
    playback::Playback,
    recording::Recording,
    timers::{Due, Timers},
};
pub use self::{
    caller::{CallerId, Calling, Cue, Deed, Keys, Reaction},
    config::{Config, Span},
    phone::{Habit, Pickup},
    recording::Sound,
    reply::{Answer, Reply, Ticket},
    seen::{Seen, Sight, Who},
};
use crate::domain::Time;

/// One websocket of one client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(u64);

/// A toy Asterisk and the telephones around it.
#[derive(Debug)]
pub struct World {
    config: Config,
    rng: ChaCha8Rng,
    now: Time,
    /// When this Asterisk started; `None` while it is down.
    started: Option<Time>,
    timers: Timers,
    apps: BTreeMap<String, App>,
    /// The devices to which applications are subscribed, by their names; this outlives them.
    subscribed: BTreeMap<String, BTreeSet<String>>,
    channels: BTreeMap<String, Channel>,
    bridges: BTreeMap<String, Bridge>,
    playbacks: BTreeMap<String, Playback>,
    recordings: BTreeMap<String, Recording>,
    /// What is on its disk.
    stored: BTreeMap<String, Sound>,
    disk_full: bool,
    /// Callers who say nothing.
    silent: BTreeSet<CallerId>,
    phones: BTreeMap<String, Phone>,
    dialogs: BTreeMap<u64, Dialog>,
    callers: BTreeMap<CallerId, Visit>,
    /// Channels whose far end may hear something else than before.
    dirty: BTreeSet<String>,
    seen: VecDeque<Seen>,
    forgotten: usize,
    events: VecDeque<(SocketId, String)>,
    closed: VecDeque<SocketId>,
    replies: VecDeque<(Ticket, Reply)>,
    /// Counts channels, sockets, tickets, dialogs and callers: never the same number twice.
    count: u64,
    /// Counts channels since the start of this Asterisk, as `uniqueid` does.
    channel_count: u64,
}

impl World {
    /// An Asterisk that has just started, with no telephone.
    pub fn new(seed: u64, now: Time, config: Config) -> Self {
        Self {
            config,
            rng: ChaCha8Rng::seed_from_u64(seed),
            now,
            started: Some(now),
            timers: Timers::default(),
            apps: BTreeMap::new(),
            subscribed: BTreeMap::new(),
            channels: BTreeMap::new(),
            bridges: BTreeMap::new(),
            playbacks: BTreeMap::new(),
            recordings: BTreeMap::new(),
            stored: BTreeMap::new(),
            disk_full: false,
            silent: BTreeSet::new(),
            phones: BTreeMap::new(),
            dialogs: BTreeMap::new(),
            callers: BTreeMap::new(),
            dirty: BTreeSet::new(),
            seen: VecDeque::new(),
            forgotten: 0,
            events: VecDeque::new(),
            closed: VecDeque::new(),
            replies: VecDeque::new(),
            count: 0,
            channel_count: 0,
        }
    }

    /// A request to ARI: `path` with or without `/ari`, `query` decoded.
    ///
    /// Bring time up to date first ([`Self::handle_timeout`]). A reply may come later: what a channel does while it plays
    /// has to wait for the end of the playing.
    pub fn request(
        &mut self,
        now: Time,
        method: &str,
        path: &str,
        query: &[(String, String)],
        body: Option<&Value>,
    ) -> Answer {
        self.advance(now);
        let ticket = Ticket(self.next());
        let answer = self.route(ticket, method, path, query, body);
        self.settle();
        answer.unwrap_or_else(|| {
            let done = self.replies.iter().position(|(of, _)| *of == ticket);
            match done.and_then(|at| self.replies.remove(at)) {
                Some((_, reply)) => Answer::Now(reply),
                None => Answer::Later(ticket),
            }
        })
    }

    /// The same for a request as it stands on the wire: `target` is path and query, percent-encoded, `body` a JSON document.
    pub fn ask(&mut self, now: Time, method: &str, target: &str, body: Option<&str>) -> Answer {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let pair = |pair: &str| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (rest::decoded(key), rest::decoded(value))
        };
        let query: Vec<_> = query.split('&').filter(|part| !part.is_empty()).map(pair).collect();
        match body.map(serde_json::from_str).transpose() {
            Ok(body) => self.request(now, method, path, &query, body.as_ref()),
            Err(_broken) => Answer::Now(Reply::error(400, "Error parsing request body")),
        }
    }

    /// The next reply that had to wait.
    pub fn poll_reply(&mut self) -> Option<(Ticket, Reply)> {
        self.replies.pop_front()
    }

    /// The next event: the JSON text of one websocket message, and the socket it goes to. One order, as published.
    pub fn poll_event(&mut self) -> Option<(SocketId, String)> {
        self.events.pop_front()
    }

    /// The next websocket that Asterisk closed.
    pub fn poll_closed(&mut self) -> Option<SocketId> {
        self.closed.pop_front()
    }

    /// When [`Self::handle_timeout`] is wanted next.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.timers.next()
    }

    /// Lets happen what is due by `now`, each at its time.
    pub fn handle_timeout(&mut self, now: Time) {
        while let Some((at, due)) = self.timers.pop(now) {
            self.advance(at);
            self.on_due(due);
            self.settle();
        }
        self.advance(now);
    }

    /// Asterisk dies this moment, with all its calls, and is back after `down`.
    pub fn restart(&mut self, now: Time, down: std::time::Duration) {
        self.advance(now);
        self.started = None;
        for app in std::mem::take(&mut self.apps).into_values() {
            self.closed.extend(app.socket);
        }
        // Whoever waited for a reply gets none that means anything.
        for (_, channel) in std::mem::take(&mut self.channels) {
            for ticket in channel.jobs.into_iter().filter_map(jobs::Job::into_ticket) {
                self.replies.push_back((ticket, Reply::booting()));
            }
        }
        self.subscribed.clear();
        self.bridges.clear();
        self.playbacks.clear();
        self.recordings.clear();
        self.events.clear();
        self.dirty.clear();
        self.line_goes_dead();
        self.channel_count = 0;
        self.timers.set(now + down, Due::Started);
    }

    /// Channels that live, for those who look for left-overs.
    pub fn channels(&self) -> impl Iterator<Item = &str> {
        self.channels.keys().map(String::as_str)
    }

    /// Bridges with somebody in them.
    pub fn occupied_bridges(&self) -> impl Iterator<Item = &str> {
        self.bridges.iter().filter(|(_, bridge)| !bridge.members.is_empty()).map(|(id, _)| id.as_str())
    }

    fn on_due(&mut self, due: Due) {
        match due {
            Due::Started => self.started = Some(self.now),
            Due::Invite(caller) => self.on_invite(caller),
            Due::FromCaller(caller, word) => self.on_word_of_caller(caller, word),
            Due::ToCaller(caller, word) => self.on_word_to_caller(caller, word),
            Due::CallerDoes(caller, deed) => self.on_deed(caller, deed),
            Due::ToPhone(dialog, word) => self.on_word_to_phone(dialog, word),
            Due::FromPhone(dialog, word) => self.on_word_of_phone(dialog, word),
            Due::LegEnds(leg, dialog, ending) => self.on_leg_ends(&leg, dialog, ending),
            Due::PhoneDoes(dialog, deed) => self.on_phone_deed(dialog, deed),
            Due::Enters(channel) => self.on_created_enters(&channel),
            Due::Recorded(recording) => self.on_recorded(&recording),
            Due::PlayedOut(playback, item) => self.on_played_out(&playback, item),
            Due::Absolute(channel) => self.on_absolute(&channel),
            Due::DialGivesUp(channel) => self.on_dial_gives_up(&channel),
            Due::LeavesStasis(channel) => self.on_leaves(&channel),
            Due::Destroyed(channel) => self.on_destroyed(&channel),
            Due::FallbackEnds(channel) => self.on_fallback_ends(&channel),
        }
    }

    /// Time never runs backwards, whatever a caller of ours says.
    fn advance(&mut self, now: Time) {
        self.now = self.now.max(now);
    }

    fn next(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    fn draw(&mut self, span: Span) -> std::time::Duration {
        span.draw(&mut self.rng)
    }

    fn after(&mut self, span: std::time::Duration, due: Due) {
        self.timers.set(self.now + span, due);
    }

    /// One of these, by its weight.
    fn draw_one<T: Clone>(&mut self, choices: &[(u32, T)]) -> Option<T> {
        draw_one(&mut self.rng, choices)
    }
}

/// One of these, by its weight; `None` when there is none of any weight.
pub(super) fn draw_one<T: Clone>(rng: &mut impl Rng, choices: &[(u32, T)]) -> Option<T> {
    let total: u32 = choices.iter().map(|(weight, _)| weight).sum();
    if total == 0 {
        return None;
    }
    let mut lot = rng.random_range(0..total);
    for (weight, choice) in choices {
        if lot < *weight {
            return Some(choice.clone());
        }
        lot -= weight;
    }
    None
}
