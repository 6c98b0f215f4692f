//! Which command may go out now: order where it matters, and nowhere else.
//!
//! Asterisk serves different HTTP connections at the same time and in any order, so what must not overtake has to wait
//! here. Every command names what it touches: its channels, and its bridge. Two commands that touch the same thing go out
//! in the order given, the second when the first was answered; all others go out together, over as many connections as
//! there are. A bridge may be touched by many at once (callers who are parked in it do not wait for one another), except
//! by the command that makes or drops it.
//!
//! So a caller is parked, joined and hung up in the order given, and so is each leg. What has nothing in common goes
//! together: five phones that ring at once, or the join of one who answered and the hang-ups of those who were too late.
//!
//! What nobody waits for goes out behind what somebody waits for: see [`Haste::CanWait`].
//!
//! Fixed lanes (all of a call in the lane that a hash gives) would be simpler and worse: one request that hangs for its five
//! seconds would hold up every call of its lane, and the last of five phones would ring five requests late.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::Arc,
};

/// Something that commands touch, by its id in Asterisk. A channel and a bridge may have the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Thing {
    /// A channel.
    Channel(Arc<str>),
    /// A bridge.
    Bridge(Arc<str>),
}

/// How it is touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Touch {
    /// Nobody else meanwhile.
    Alone,
    /// Together with others who share.
    Shared,
}

/// How soon an item is to go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Haste {
    /// As soon as it may.
    Now,
    /// Not before it is told to ([`Order::hurry`]), or something stands behind it.
    CanWait,
}

/// One entry into the order; later ones are larger.
pub(crate) type Ticket = u64;

/// Items in the order in which they may go out.
#[derive(Debug)]
pub(crate) struct Order<T> {
    next: Ticket,
    /// All that have not gone out or not come back, with what they still wait for.
    entries: BTreeMap<Ticket, Entry<T>>,
    /// Who waits for a thing or has it, in the order given.
    lines: HashMap<Thing, VecDeque<Place>>,
    /// Those who wait for nothing any more. The oldest goes first, so that under load a call that is almost through its
    /// commands does not stand behind the first ones of others.
    ready: BTreeSet<Ticket>,
    /// Those who wait for nothing either, but can wait.
    patient: BTreeSet<Ticket>,
    /// How many have not gone out.
    queued: usize,
}

#[derive(Debug)]
struct Entry<T> {
    /// `None`: it has gone out.
    item: Option<T>,
    touches: Vec<(Thing, Touch)>,
    /// How many things it does not have yet.
    missing: usize,
    haste: Haste,
}

#[derive(Debug)]
struct Place {
    ticket: Ticket,
    touch: Touch,
    has_it: bool,
}

impl<T> Default for Order<T> {
    fn default() -> Self {
        let (ready, patient) = Default::default();
        Self { next: 0, entries: BTreeMap::new(), lines: HashMap::new(), ready, patient, queued: 0 }
    }
}

impl<T> Order<T> {
    /// Puts an item behind all that touch the same.
    pub(crate) fn push(&mut self, item: T, mut touches: Vec<(Thing, Touch)>, haste: Haste) -> Ticket {
        // What is named twice would wait for itself.
        for at in (1..touches.len()).rev() {
            if touches[..at].iter().any(|(thing, _)| *thing == touches[at].0) {
                touches.remove(at);
            }
        }
        let ticket = self.next;
        self.next += 1;
        let (mut missing, mut before) = (0, Vec::new());
        for (thing, touch) in &touches {
            let line = self.lines.entry(thing.clone()).or_default();
            line.push_back(Place { ticket, touch: *touch, has_it: false });
            if !grant(line).contains(&ticket) {
                missing += 1;
                before.extend(line.iter().map(|place| place.ticket));
            }
        }
        self.queued += 1;
        self.entries.insert(ticket, Entry { item: Some(item), touches, missing, haste });
        if missing == 0 {
            self.stand_ready(ticket, haste);
        }
        // What stands in somebody's way is waited for.
        before.into_iter().filter(|it| *it != ticket).for_each(|it| self.hurry(it));
        ticket
    }

    /// One that could wait is to go out as soon as it may; nothing where it has.
    pub(crate) fn hurry(&mut self, ticket: Ticket) {
        let Some(entry) = self.entries.get_mut(&ticket) else { return };
        entry.haste = Haste::Now;
        if self.patient.remove(&ticket) {
            self.ready.insert(ticket);
        }
    }

    /// None can wait any more of those there are.
    pub(crate) fn hurry_all(&mut self) {
        self.entries.values_mut().for_each(|entry| entry.haste = Haste::Now);
        self.ready.append(&mut self.patient);
    }

    fn stand_ready(&mut self, ticket: Ticket, haste: Haste) {
        match haste {
            Haste::Now => self.ready.insert(ticket),
            Haste::CanWait => self.patient.insert(ticket),
        };
    }

    /// The next item that may go out. What it touches is its own until [`Self::done`].
    pub(crate) fn take(&mut self) -> Option<(Ticket, T)> {
        let ticket = self.ready.pop_first()?;
        let item = self.entries.get_mut(&ticket)?.item.take()?;
        self.queued -= 1;
        Some((ticket, item))
    }

    /// An item that went out has come back.
    pub(crate) fn done(&mut self, ticket: Ticket) {
        self.leave(ticket);
    }

    /// Takes all that have not gone out, in the order given.
    pub(crate) fn drain(&mut self) -> Vec<T> {
        self.ready.clear();
        self.patient.clear();
        let waiting: Vec<Ticket> =
            self.entries.iter().filter(|(_, entry)| entry.item.is_some()).map(|(ticket, _)| *ticket).collect();
        self.queued = 0;
        // From the last, so that nobody is handed what somebody before him leaves.
        let mut items: Vec<T> = waiting.iter().rev().filter_map(|ticket| self.leave(*ticket)).collect();
        self.ready.clear();
        self.patient.clear();
        items.reverse();
        items
    }

    /// How many have not gone out.
    pub(crate) fn queued(&self) -> usize {
        self.queued
    }

    /// How many are out.
    pub(crate) fn out(&self) -> usize {
        self.entries.len() - self.queued
    }

    /// Whether one may go out.
    pub(crate) fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    fn leave(&mut self, ticket: Ticket) -> Option<T> {
        let entry = self.entries.remove(&ticket)?;
        for (thing, _) in &entry.touches {
            let Some(line) = self.lines.get_mut(thing) else { continue };
            line.retain(|place| place.ticket != ticket);
            let granted = grant(line);
            if line.is_empty() {
                self.lines.remove(thing);
            }
            for ticket in granted {
                self.grant_one(ticket);
            }
        }
        entry.item
    }

    fn grant_one(&mut self, ticket: Ticket) {
        let Some(entry) = self.entries.get_mut(&ticket) else { return };
        entry.missing -= 1;
        if entry.missing == 0 {
            let haste = entry.haste;
            self.stand_ready(ticket, haste);
        }
    }
}

/// Gives a thing to the one in front of its line, or to all in front who share; names those to whom it is new.
fn grant(line: &mut VecDeque<Place>) -> Vec<Ticket> {
    let mut granted = Vec::new();
    for (at, place) in line.iter_mut().enumerate() {
        if place.touch == Touch::Alone && at > 0 {
            break;
        }
        if !place.has_it {
            place.has_it = true;
            granted.push(place.ticket);
        }
        if place.touch == Touch::Alone {
            break;
        }
    }
    granted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn channel(id: &str) -> (Thing, Touch) {
        (Thing::Channel(id.into()), Touch::Alone)
    }

    fn bridge(id: &str, touch: Touch) -> (Thing, Touch) {
        (Thing::Bridge(id.into()), touch)
    }

    fn take_all(order: &mut Order<&'static str>) -> Vec<(Ticket, &'static str)> {
        std::iter::from_fn(|| order.take()).collect()
    }

    fn names(taken: &[(Ticket, &'static str)]) -> Vec<&'static str> {
        taken.iter().map(|(_, name)| *name).collect()
    }

    #[test]
    fn commands_of_one_channel_go_one_after_the_other_and_others_together() {
        let mut order = Order::default();
        order.push("answer 1", vec![channel("1")], Haste::Now);
        order.push("play 1", vec![channel("1")], Haste::Now);
        order.push("answer 2", vec![channel("2")], Haste::Now);
        let first = take_all(&mut order);
        assert_eq!(names(&first), ["answer 1", "answer 2"]);
        order.done(first[0].0);
        assert_eq!(names(&take_all(&mut order)), ["play 1"]);
    }

    #[test]
    fn a_join_waits_for_its_bridge_to_be_made_and_a_drop_for_all_joins() {
        let mut order = Order::default();
        order.push("make", vec![bridge("b", Touch::Alone)], Haste::Now);
        order.push("park 1", vec![channel("1"), bridge("b", Touch::Shared)], Haste::Now);
        order.push("park 2", vec![channel("2"), bridge("b", Touch::Shared)], Haste::Now);
        order.push("drop", vec![bridge("b", Touch::Alone)], Haste::Now);
        let make = take_all(&mut order);
        assert_eq!(names(&make), ["make"]);
        order.done(make[0].0);
        let parked = take_all(&mut order);
        assert_eq!(names(&parked), ["park 1", "park 2"]);
        order.done(parked[1].0);
        assert_eq!(order.take(), None);
        order.done(parked[0].0);
        assert_eq!(names(&take_all(&mut order)), ["drop"]);
    }

    #[test]
    fn what_has_not_gone_out_comes_back_in_order_and_what_is_out_keeps_its_things() {
        let mut order = Order::default();
        order.push("out", vec![channel("1")], Haste::Now);
        let out = order.take().expect("one is ready");
        order.push("second", vec![channel("1")], Haste::Now);
        order.push("third", vec![channel("2")], Haste::Now);
        assert_eq!(order.drain(), ["second", "third"]);
        assert_eq!((order.queued(), order.out()), (0, 1));
        order.push("fourth", vec![channel("1")], Haste::Now);
        assert_eq!(order.take(), None);
        order.done(out.0);
        assert_eq!(order.take().map(|(_, name)| name), Some("fourth"));
    }

    #[test]
    fn what_can_wait_goes_out_when_it_is_told_to_or_something_stands_behind_it() {
        let mut order = Order::default();
        let told = order.push("told", vec![channel("1")], Haste::CanWait);
        order.push("in the way", vec![channel("2"), bridge("b", Touch::Shared)], Haste::CanWait);
        order.push("beside it", vec![channel("3"), bridge("b", Touch::Shared)], Haste::Now);
        assert_eq!(names(&take_all(&mut order)), ["beside it"]);
        order.push("behind", vec![channel("2")], Haste::Now);
        let in_the_way = take_all(&mut order);
        assert_eq!(names(&in_the_way), ["in the way"]);
        order.done(in_the_way[0].0);
        assert_eq!(names(&take_all(&mut order)), ["behind"]);
        order.hurry(told);
        assert_eq!(names(&take_all(&mut order)), ["told"]);
    }

    #[test]
    fn what_can_wait_and_has_to_wait_its_turn_waits_for_both() {
        let mut order = Order::default();
        order.push("first", vec![channel("1")], Haste::Now);
        let second = order.push("second", vec![channel("1")], Haste::CanWait);
        let first = take_all(&mut order);
        order.hurry(second);
        assert_eq!(names(&take_all(&mut order)), [""; 0]);
        order.done(first[0].0);
        assert_eq!(names(&take_all(&mut order)), ["second"]);
    }

    #[test]
    fn what_can_wait_is_taken_back_like_all_others_and_waits_no_longer_at_the_end() {
        let mut order = Order::default();
        order.push("patient", vec![channel("1")], Haste::CanWait);
        order.push("other", vec![channel("2")], Haste::Now);
        assert_eq!(order.drain(), ["patient", "other"]);
        assert!(order.lines.is_empty() && order.take().is_none());
        order.push("patient", vec![channel("1")], Haste::CanWait);
        order.hurry_all();
        assert_eq!(names(&take_all(&mut order)), ["patient"]);
    }

    #[test]
    fn what_is_named_twice_does_not_wait_for_itself() {
        let mut order = Order::default();
        order.push("join", vec![channel("1"), channel("1"), bridge("b", Touch::Shared)], Haste::Now);
        let taken = take_all(&mut order);
        assert_eq!(names(&taken), ["join"]);
        order.done(taken[0].0);
        assert!(order.lines.is_empty());
    }

    proptest! {
        #[test]
        fn whatever_is_pushed_goes_out_once_in_order_and_nothing_is_left(
            pushes in prop::collection::vec((0..4_u8, 0..3_u8, any::<bool>()), 1..60),
            picks in prop::collection::vec(any::<prop::sample::Index>(), 240),
        ) {
            let (mut order, mut tickets) = (Order::default(), Vec::new());
            for (number, (chan, bri, alone)) in pushes.iter().enumerate() {
                let touch = if *alone { Touch::Alone } else { Touch::Shared };
                let haste = if number % 3 == 0 { Haste::CanWait } else { Haste::Now };
                tickets.push(order.push(number, vec![channel(&chan.to_string()), bridge(&bri.to_string(), touch)], haste));
            }
            let (mut out, mut went, mut picks) = (Vec::new(), Vec::new(), picks.into_iter());
            while order.queued() + order.out() > 0 {
                while let Some((ticket, number)) = order.take() {
                    // Nobody is out who has what this one has alone.
                    for (_, other) in &out {
                        let (mine, theirs): (&(u8, u8, bool), &(u8, u8, bool)) = (&pushes[number], &pushes[*other]);
                        prop_assert_ne!(mine.0, theirs.0);
                        prop_assert!(mine.1 != theirs.1 || !(mine.2 || theirs.2));
                    }
                    out.push((ticket, number));
                    went.push(number);
                }
                // Nobody stands behind one that can wait.
                for patient in &order.patient {
                    for (thing, _) in &order.entries[patient].touches {
                        let behind = order.lines[thing].iter().skip_while(|place| place.ticket != *patient);
                        prop_assert!(behind.into_iter().all(|place| place.has_it));
                    }
                }
                if out.is_empty() {
                    // Whoever is left can wait; one is told not to.
                    let waits = tickets.iter().copied().find(|ticket| order.patient.contains(ticket));
                    prop_assert!(waits.is_some(), "stuck");
                    waits.into_iter().for_each(|ticket| order.hurry(ticket));
                    continue;
                }
                let at = picks.next().map_or(0, |pick| pick.index(out.len()));
                order.done(out.swap_remove(at).0);
            }
            prop_assert!(order.patient.is_empty() && order.ready.is_empty());
            for chan in 0..4 {
                let of: Vec<usize> = went.iter().copied().filter(|number| pushes[*number].0 == chan).collect();
                prop_assert!(of.is_sorted());
            }
            prop_assert_eq!(went.len(), pushes.len());
            prop_assert!(order.lines.is_empty());
        }
    }
}
