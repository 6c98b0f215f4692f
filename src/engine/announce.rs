//! What is said to those who wait, while nobody rings for them.
//!
//! A playback keeps a channel to itself: who is to be joined with somebody would be joined when it has ended. So it is stopped
//! behind the request that makes a telephone ring, long before anybody can answer, and nothing is said until nobody rings.

use std::{sync::Arc, time::Duration};

use super::{
    Command, Engine, Fact, Wake,
    call::{Standing, Told},
    mark::ToldSoFar,
    notice::Measured,
};
use crate::{
    dialplan::{Announce, Announcement},
    domain::{CallId, Media, Time},
};

impl Told {
    /// One who was told nothing, and stands there since `now`.
    pub(super) fn new(announce: Option<&Announce>, now: Time) -> Self {
        let place = announce.filter(|announce| announce.tells()).map(|announce| now + announce.first);
        let periodic = announce.and_then(|announce| announce.periodic.as_ref()).map(|periodic| now + periodic.every);
        Self { place_due: place, periodic_due: periodic, ..Self::default() }
    }

    /// For who finds him; `None`: nothing is said to him.
    pub(super) fn so_far(&self) -> Option<ToldSoFar> {
        self.due()?;
        Some(ToldSoFar {
            place: self.place,
            wait: self.wait.map(|wait| wait.as_secs()),
            place_due: self.place_due.map(Time::as_micros),
            periodic_due: self.periodic_due.map(Time::as_micros),
            turn: self.turn,
        })
    }

    /// Goes on where an engine before left it. What fell due since that was written was said, most likely: nobody hears anything
    /// twice, and what is said next comes at its time. A moment further ahead than anything is put off was written by nobody who
    /// knows this plan.
    fn goes_on(&mut self, before: &ToldSoFar, announce: &Announce, now: Time) {
        (self.place, self.wait) = (before.place, before.wait.map(Duration::from_secs));
        if self.place_due.is_some() {
            let due = before.place_due.map(Time::from_micros);
            let most = announce.every.max(announce.first);
            self.place_due = due.map(|due| behind(due.min(now + most), announce.every, now).0).or(self.place_due);
        }
        let periodic = announce.periodic.as_ref().zip(before.periodic_due);
        if let Some((periodic, due)) = periodic {
            let (due, passed) = behind(Time::from_micros(due).min(now + periodic.every), periodic.every, now);
            let turn = before.turn.saturating_add(passed) % periodic.play.len().max(1);
            (self.periodic_due, self.turn) = (Some(due), turn);
        }
    }

    /// When something is said next.
    pub(super) fn due(&self) -> Option<Time> {
        self.place_due.into_iter().chain(self.periodic_due).min()
    }
}

/// The first moment behind `now` of those that are so far apart, the first of which is `due`; and how many of them are past.
fn behind(due: Time, every: Duration, now: Time) -> (Time, usize) {
    if due > now {
        return (due, 0);
    }
    let every = every.max(Duration::from_secs(1));
    let passed = now.since(due).as_micros() / every.as_micros() + 1;
    let passed = u32::try_from(passed).unwrap_or(u32::MAX);
    (due + every.saturating_mul(passed), passed as usize)
}

impl Engine {
    /// One who was found waiting goes on hearing what is said to him, from where an engine before left it. Without its word he
    /// heard everything at its time since he joined.
    pub(super) fn goes_on_hearing(&mut self, id: CallId, before: Option<&ToldSoFar>) {
        let (now, announce) = (self.now, self.announced_to(id));
        let (Some(announce), Some(standing)) = (announce, self.standing_mut(id)) else { return };
        let since_joined = || Told::new(Some(&announce), standing.place.joined).so_far();
        if let Some(before) = before.cloned().or_else(since_joined) {
            standing.told.goes_on(&before, &announce, now);
        }
    }

    /// What is said in the queue in which a caller stands, by the plan that he came with.
    fn announced_to(&self, id: CallId) -> Option<Arc<Announce>> {
        self.of_his_queue(id, |queue| queue.announce.clone())
    }

    /// Sees to it that a caller for whom nobody rings is told what is due.
    pub(super) fn await_announcement(&mut self, id: CallId) {
        let silent = self.standing(id).filter(|standing| standing.legs.is_empty() && standing.told.playback.is_none());
        match silent.and_then(|standing| standing.told.due()) {
            Some(due) => self.timers.set(Wake::Announce(id), due.max(self.now)),
            None => self.timers.stop(Wake::Announce(id)),
        }
    }

    /// Something is due to be said to a caller.
    pub(super) fn on_announce(&mut self, id: CallId) {
        let media: Vec<Media> = match self.due_for(id) {
            Some(due) => due.iter().flat_map(|it| self.sounds_of(id, it).to_vec()).collect(),
            None => return,
        };
        if media.is_empty() {
            return self.await_announcement(id);
        }
        self.is_to_hear_all(id, &media);
        let playback = self.play_where_he_is(id, media.into());
        if let Some(standing) = self.standing_mut(id) {
            standing.told.playback = playback;
        }
    }

    /// What a caller is told now; nothing, when nothing has become better.
    fn due_for(&mut self, id: CallId) -> Option<Vec<Announcement>> {
        let announce = self.announced_to(id)?;
        let now = self.now;
        let (place, wait) = self.standing(id).map(|standing| (self.place(standing), self.estimate(standing)))?;
        let told = &mut self.standing_mut(id)?.told;
        if told.place_due.is_some_and(|due| due <= now) {
            told.place_due = Some(now + announce.every);
            let mut due = Vec::new();
            if told.place.is_none_or(|before| place < before)
                && let Some(text) = announce.places.get(place.saturating_sub(1))
            {
                told.place = Some(place);
                due.push(text.clone());
            }
            let text = |wait| announce.waits.iter().find(|(up_to, _)| wait <= *up_to);
            if let Some((wait, (up_to, text))) = wait.and_then(|wait| Some((wait, text(wait)?)))
                && told.wait.is_none_or(|before| *up_to < before)
            {
                (told.wait, told.promised) = (Some(*up_to), Some((now, wait)));
                due.push(text.clone());
            }
            return Some(due);
        }
        let periodic = announce.periodic.as_ref()?;
        told.periodic_due = Some(now + periodic.every);
        let text = periodic.play.get(told.turn % periodic.play.len().max(1)).cloned();
        told.turn += 1;
        Some(text.into_iter().collect())
    }

    /// How many stand before a caller, himself included.
    fn place(&self, standing: &Standing) -> usize {
        self.queue(standing.queue).position(&standing.place)
    }

    /// How long a caller will wait; `None`: nobody knows.
    fn estimate(&self, standing: &Standing) -> Option<std::time::Duration> {
        let queue = self.queue(standing.queue);
        queue.pace.estimate(self.place(standing), self.at_work_in(standing.queue))
    }

    /// One who was told how long he would wait is answered: how right that was.
    pub(super) fn tell_estimate(&mut self, id: CallId, standing: &Standing) {
        let Some((at, told)) = standing.told.promised else { return };
        let (queue, took) = (self.queue(standing.queue).plan.name.clone(), self.now.since(at));
        self.tell(Some(id), Fact::Measured(Measured::Estimate { queue, told, took }));
    }

    /// What a caller was told is over.
    pub(super) fn was_told(&mut self, id: CallId) {
        if let Some(standing) = self.standing_mut(id) {
            standing.told.playback = None;
        }
        self.answer_if_due(id);
        self.settle(id);
    }

    /// Ends at once what a caller is being told; whether that was anything.
    pub(super) fn cut_announcement(&mut self, id: CallId) -> bool {
        self.timers.stop(Wake::Announce(id));
        let playback = self.standing_mut(id).and_then(|standing| standing.told.playback.take());
        let Some((playback, call)) = playback.zip(self.calls.get(&id)) else { return false };
        let channel = call.channel.clone();
        self.command(Command::Stop { channel, playback });
        true
    }
}
