//! Callers and operators: telephones, ears and mouths put together as people.

mod caller;
mod conduct;
mod leg;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::sync::watch;

pub use self::caller::Caller;
pub use self::conduct::{Conduct, answers_after, busy, dead, declines_after, hangs_up_while_ringing_after, silent};
pub use self::leg::Leg;
use crate::ear::Ear;
use crate::media::Mouth;
use crate::telephones::{Dialling, Order, Side, Telephones};
use crate::time::{Moment, ms};
use crate::wire::{Dialog, Wire};

/// An answer that Asterisk gives as soon as it can: a CANCEL after a phone's first word.
const AT_ONCE: Duration = ms(100);

/// Everybody on the stage.
pub struct People {
    telephones: Telephones,
    cast: Mutex<Cast>,
    /// How many ringing phones somebody has noticed.
    minded: watch::Sender<usize>,
}

#[derive(Default)]
struct Cast {
    /// Since when the scenario runs; what began earlier is not its business.
    since: Option<Moment>,
    conducts: BTreeMap<String, VecDeque<Conduct>>,
    /// With how many callers an operator may have to do at once, of whom it is more than one.
    capacities: BTreeMap<String, usize>,
    /// When Asterisk was killed: it hung nobody up.
    asterisk_died: Option<Moment>,
    /// How everybody speaks.
    mouth: Mouth,
    /// The operators' ears, by Call-ID.
    ears: BTreeMap<String, Arc<Ear>>,
}

impl People {
    /// At these telephones.
    pub fn new(telephones: Telephones) -> Arc<Self> {
        let people = Arc::new(Self { telephones, cast: Mutex::default(), minded: watch::channel(0).0 });
        tokio::spawn(mind_the_phones(Arc::downgrade(&people)));
        people
    }

    fn phones(&self) -> &Wire {
        self.telephones.wire(Side::Phones)
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
        for side in [Side::Callers, Side::Phones] {
            for dialog in self.telephones.wire(side).since(since).iter().filter(|d| !d.is_over()) {
                drop(self.telephones.order(side, &dialog.call_id, Order::HangUp));
            }
        }
    }

    /// How an operator behaves from now on: ringing after ringing, the last for all that follow.
    pub fn operator(&self, name: &str, conducts: impl IntoIterator<Item = Conduct>) {
        self.cast().conducts.insert(name.to_owned(), conducts.into_iter().collect());
    }

    /// An operator may have to do with so many callers at once.
    pub fn may_have(&self, operator: &str, callers: usize) {
        self.cast().capacities.insert(operator.to_owned(), callers);
    }

    /// Somebody dials.
    pub async fn dials(self: &Arc<Self>, call: Dialling<'_>) -> Result<Caller> {
        let dialed = Moment::now();
        let (call_id, ear) = self.telephones.dials(call, self.mouth()).await?;
        Ok(Caller { people: Arc::clone(self), number: call.from.to_owned(), call_id, ear, dialed })
    }

    /// Every ringing of anybody in this scenario, in order.
    pub fn all_ringings(self: &Arc<Self>) -> Vec<Leg> {
        let since = self.cast().since.unwrap_or(Moment(0));
        self.phones().since(since).iter().filter_map(|d| self.leg(d)).collect()
    }

    /// Every ringing of an operator in this scenario, in order.
    pub fn ringings(self: &Arc<Self>, operator: &str) -> Vec<Leg> {
        let since = self.cast().since.unwrap_or(Moment(0));
        let dialogs = self.phones().since(since).into_iter().filter(|d| d.user == operator);
        dialogs.filter_map(|d| self.leg(&d)).collect()
    }

    fn leg(self: &Arc<Self>, dialog: &Dialog) -> Option<Leg> {
        let ear = self.cast().ears.get(&dialog.call_id).map(Arc::clone)?;
        let (operator, call_id, invited) = (dialog.user.clone(), dialog.call_id.clone(), dialog.begun());
        Some(Leg { people: Arc::clone(self), operator, call_id, ear, invited })
    }

    /// Waits for an operator's ringing number `n` (from 1) in this scenario.
    pub async fn rings(self: &Arc<Self>, operator: &str, n: usize, limit: Duration) -> Result<Leg> {
        let mut minded = self.minded.subscribe();
        let search = async {
            loop {
                if let Some(leg) = self.ringings(operator).into_iter().nth(n.saturating_sub(1)) {
                    return anyhow::Ok(leg);
                }
                minded.changed().await?;
            }
        };
        let rung = tokio::time::timeout(limit, search).await;
        rung.with_context(|| format!("not within {limit:?}: {operator} rings, time {n}"))?
    }

    /// Asterisk is killed: the phones in its calls will never hear of it.
    pub fn asterisk_dies(&self) {
        self.cast().asterisk_died = Some(Moment::now());
    }

    /// Whoever was rung for more callers at once than he may have, or whose phone is off the hook still.
    pub fn disorder(&self) -> Vec<String> {
        let cast = self.cast();
        let since = cast.asterisk_died.or(cast.since).unwrap_or(Moment(0));
        let capacities = cast.capacities.clone();
        drop(cast);
        // From when until when each is with each caller of his; `None`: still.
        let mut busy: BTreeMap<String, Vec<(Moment, Option<Moment>)>> = BTreeMap::new();
        let mut found = Vec::new();
        for dialog in self.phones().since(since) {
            // A phone that is off never said anything: nothing can be in disorder with it.
            let Some(first_word) = dialog.messages.iter().find(|m| m.sent).map(|m| m.at) else { continue };
            let begun = dialog.begun();
            let calls = busy.entry(dialog.user.clone()).or_default();
            calls.retain(|(_, until)| until.is_none_or(|until| until > begun));
            let others = calls.iter().filter(|(from, _)| *from <= begun).count();
            if others >= capacities.get(&dialog.user).copied().unwrap_or(1) {
                found.push(format!("{} was rung for {} callers at once", dialog.user, others + 1));
            }
            let over = dialog.over();
            if over.is_none() {
                found.push(format!("the phone of {} is still in a call", dialog.user));
            }
            // What is given up before its first word is at its end for Asterisk, and is cancelled at that word (RFC 3261, 9.1).
            let cancelled = dialog.received("CANCEL").map(|cancel| cancel.at).filter(|at| over == Some(*at));
            let at_first_word = cancelled.is_some_and(|at| at >= first_word && at - first_word < AT_ONCE);
            calls.push((if at_first_word { first_word } else { begun }, over));
        }
        found
    }
}

/// Gives every phone that is rung its ear and its conduct.
async fn mind_the_phones(people: std::sync::Weak<People>) {
    let mut minded = 0;
    loop {
        let Some(people) = people.upgrade() else { return };
        for dialog in people.phones().after(minded) {
            minded += 1;
            let Ok(ear) = people.telephones.ear(&dialog, people.mouth()).await else { continue };
            let mut cast = people.cast();
            cast.ears.insert(dialog.call_id.clone(), ear);
            let conduct = cast
                .conducts
                .get_mut(&dialog.user)
                .and_then(|all| if all.len() > 1 { all.pop_front() } else { all.front().copied() });
            drop(cast);
            if let Some(leg) = people.leg(&dialog) {
                tokio::spawn(conduct::behaves(leg, conduct.unwrap_or_else(silent)));
            }
            people.minded.send_replace(minded);
        }
        let phones = people.phones().clone();
        drop(people);
        phones.more(ms(20)).await;
    }
}
