//! Numbers for Prometheus, made from notices and snapshots.
//!
//! Counters and histograms follow the engine's notices and what the drivers' watch tells; gauges of how things stand are
//! set from one snapshot, at most a second old at a scrape, so they cannot drift. Labels come from closed sets: numbers,
//! queues and operators of the plan, nodes of the settings, words of ours. What a caller sends never becomes a label.

mod api;
mod callback;
mod duty;
mod families;
mod hand_over;
mod kept;
mod measured;
mod met;
mod queue_log;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

pub use met::{Fetch, Reload};
use prometheus::{CounterVec, Encoder, Registry, TextEncoder};

use self::families::Families;
use crate::{
    dialplan::Plan,
    domain::{Charge, Money, Name, NodeId, Time},
    engine::{
        Callee, Choice, Fact, NoAnswer, Notice, Snapshot,
        notice::{HandOver, LeftQueue, MessageOutcome, Miss, OfferOutcome, OperatorState, Outcome, Party, Refusal},
    },
};

/// What stands for a number, queue or operator that is not of the plan.
const UNKNOWN: &str = "unknown";

/// What a question came to that has an answer.
const ANSWERED: &str = "answered";

/// What a notification came to whose values make no request.
const UNUSABLE: &str = "unusable";

/// The content type of [`Metrics::text`].
pub const CONTENT_TYPE: &str = prometheus::TEXT_FORMAT;

/// All our numbers.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    families: Families,
    /// Names of the nodes, by [`NodeId`].
    nodes: Vec<Name>,
    known: Mutex<Known>,
    /// Held by who writes them down.
    scrape: Mutex<()>,
}

/// Names that may become labels: those of every plan there was in this life of the process.
#[derive(Debug, Default)]
struct Known {
    /// Numbers as the plan writes them, by [`Called::bare`](crate::domain::Called::bare).
    numbers: BTreeMap<Name, Name>,
    /// Boxes of messages.
    mailboxes: BTreeSet<Name>,
    queues: BTreeSet<Name>,
}

impl Metrics {
    /// All at nothing, for the nodes of the settings.
    ///
    /// # Errors
    /// When two families have one name: a bug.
    pub fn new(nodes: Vec<Name>) -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let families = Families::new(&registry)?;
        families.build_info.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        for outcome in OfferOutcome::ALL {
            for kind in Callee::KINDS {
                families.dials.with_label_values(&[kind, outcome.word()]);
            }
        }
        for missed in Miss::ALL {
            families.missed.with_label_values(&[missed.word()]);
        }
        for reason in Refusal::ALL {
            families.refused.with_label_values(&[reason.word()]);
        }
        for result in HandOver::RESULTS {
            families.hand_overs.with_label_values(&[result]);
        }
        for result in [Reload::Loaded, Reload::Refused] {
            families.reloads.with_label_values(&[result.word()]);
        }
        for result in [Fetch::Sent, Fetch::Unchanged, Fetch::Missing] {
            families.fetches.with_label_values(&[result.word()]);
        }
        for result in [ANSWERED].into_iter().chain(NoAnswer::ALL.map(NoAnswer::word)) {
            families.lookups.with_label_values(&[result]);
        }
        families.expect_duty();
        families.notifications.with_label_values(&[UNUSABLE]);
        for node in &nodes {
            families.node_up.with_label_values(&[&**node]).set(0);
            families.reconnects.with_label_values(&[&**node]);
            families.discarded.with_label_values(&[&**node]);
            families.messages_not_fetched.with_label_values(&[&**node]);
            for well in [true, false] {
                families.brought.with_label_values(&[&**node, asked(well)]);
            }
            families.recordings_not_deleted.with_label_values(&[&**node]);
        }
        Ok(Self { registry, families, nodes, known: Mutex::default(), scrape: Mutex::default() })
    }

    /// A plan is about to come into force: its series begin at zero, so that their first change is seen. For a large plan that
    /// takes milliseconds, which no call is to wait for.
    pub fn expect(&self, plan: &Plan) {
        let families = &self.families;
        let mut numbers = BTreeMap::new();
        for (bare, number) in plan.numbers.iter() {
            let name = Name::new(number.number.as_str());
            for outcome in Outcome::ALL {
                families.calls_total.with_label_values(&[&*name, outcome.word()]);
            }
            families.found_full.with_label_values(&[&*name]);
            if let Some(tariff) = number.tariff {
                families.number_costs.with_label_values(&[&*name, tariff.currency.code()]);
            }
            numbers.insert(bare.clone(), name);
        }
        for (queue, _) in plan.queues.iter().filter(|(_, queue)| queue.callback.is_some()) {
            families.expect_callbacks(queue);
        }
        for queue in plan.queues.keys() {
            let left = LeftQueue::ALL.map(LeftQueue::word);
            for why in ["connected"].into_iter().chain(left) {
                families.waits.with_label_values(&[&**queue, why]);
            }
            families.rings.with_label_values(&[&**queue]);
            families.expect_estimates(queue);
            self.expect_steering(queue);
            for choice in Choice::WORDS {
                families.choices.with_label_values(&[&**queue, choice]);
            }
            families.talks.with_label_values(&[&**queue]);
        }
        for trunk in plan.trunks.values() {
            if let Some(tariff) = trunk.tariff {
                families.trunk_costs.with_label_values(&[&*trunk.name, tariff.currency.code()]);
            }
        }
        for mailbox in plan.mailboxes() {
            for outcome in MessageOutcome::ALL {
                families.messages.with_label_values(&[&**mailbox, outcome.word()]);
            }
        }
        let mailboxes: Vec<Name> = plan.mailboxes().into_iter().cloned().collect();
        let mut known = self.known();
        known.numbers.append(&mut numbers);
        known.mailboxes.extend(mailboxes);
        known.queues.extend(plan.queues.keys().cloned());
    }

    /// A plan is in force since `now`.
    pub fn plan_in_force(&self, now: Time) {
        self.families.plan_since.set(seconds(now.since(Time::ZERO)));
    }

    /// A fact for those who watch.
    pub fn see(&self, notice: &Notice) {
        let families = &self.families;
        match &notice.fact {
            Fact::Adopted { place, .. } => families.adopted.with_label_values(&[place.word()]).inc(),
            Fact::Refused { number, why, .. } => {
                families.refused.with_label_values(&[why.word()]).inc();
                if *why == Refusal::Full {
                    self.found_full(number);
                }
                // Nothing more is told of such a call.
                self.call_ended(Some(number), why.outcome(), None);
            }
            Fact::FoundFull { number } => self.found_full(number),
            Fact::ChoiceTold { queue, choice } => self.choice_told(queue, choice),
            Fact::LeftQueue { queue, waited, why, .. } => self.waited(queue, why.word(), *waited),
            Fact::OfferEnded { queue, callee, outcome, rang, .. } => {
                self.offer_ended(queue.as_deref(), callee, outcome.word(), *rang);
            }
            Fact::Connected { queue: Some(queue), waited, .. } => self.waited(queue, "connected", *waited),
            // It goes on with another engine.
            Fact::TalkEnded { by: Party::TakenOver, .. } => {}
            Fact::TalkEnded { queue, talked, .. } => {
                let queue = queue.as_deref().unwrap_or(UNKNOWN);
                families.talks.with_label_values(&[queue]).observe(seconds(*talked));
            }
            Fact::Steered { queue, how } => self.steered(queue, how.word()),
            Fact::NobodyAnswered { missed } => families.missed.with_label_values(&[missed.word()]).inc(),
            Fact::NoNumber => families.no_number.inc(),
            Fact::Ended { number, outcome, charge, .. } => self.call_ended(number.as_deref(), *outcome, *charge),
            // None but a trunk of a plan has a tariff.
            Fact::Charged { trunk, charge, .. } => {
                charge.iter().for_each(|it| add_cost(&families.trunk_costs, trunk, *it))
            }
            Fact::CommandFailed { command, failure } => {
                families.commands_failed.with_label_values(&[command, failure.word()]).inc();
            }
            Fact::PromptFailed => families.prompts_failed.inc(),
            Fact::RanInCircles => families.circles.inc(),
            Fact::Duty(fact) => self.duty(fact),
            Fact::Callback(fact) => self.callback(fact),
            Fact::Measured(fact) => self.measured(fact),
            Fact::HandOver(how) => self.handed_over(how.result()),
            Fact::LookedUp { took, .. } => self.looked_up(ANSWERED, *took),
            Fact::LookupFailed { took, why, .. } => self.looked_up(why.word(), *took),
            Fact::NotNotified { .. } => self.notified(UNUSABLE, Duration::ZERO),
            Fact::NodeUp { node, .. } => self.node_is(*node, true),
            Fact::NodeDown { node } => self.node_is(*node, false),
            Fact::Message { mailbox, outcome, lasts, .. } => {
                families.messages.with_label_values(&[self.mailbox(mailbox), outcome.word()]).inc();
                families.recorded.inc_by(seconds(*lasts));
            }
            Fact::Broken { .. } => families.broken.inc(),
            Fact::Arrived { .. }
            | Fact::NoFlow { .. }
            | Fact::Reached { .. }
            | Fact::MenuAsked { .. }
            | Fact::MenuAnswered { .. }
            | Fact::MenuMistaken { .. }
            | Fact::MenuUnanswered
            | Fact::Records { .. }
            | Fact::Entering(_)
            | Fact::LooksUp { .. }
            | Fact::Notifies { .. }
            | Fact::Joined { .. }
            | Fact::CameBack { .. }
            | Fact::Required { .. }
            | Fact::Offered { .. }
            | Fact::Connected { queue: None, .. }
            | Fact::OperatorChanged { .. }
            | Fact::HoursOverridden { .. }
            | Fact::OverrideIdle { .. }
            | Fact::PlanLoaded { .. } => {}
        }
    }

    fn looked_up(&self, result: &str, took: Duration) {
        self.families.lookups.with_label_values(&[result]).observe(seconds(took));
    }

    fn offer_ended(&self, queue: Option<&str>, callee: &Callee, outcome: &str, rang: Duration) {
        let families = &self.families;
        let Some(queue) = queue else {
            return families.dials.with_label_values(&[callee.kind(), outcome]).inc();
        };
        let operator = callee.operator().map_or(UNKNOWN, |name| name);
        families.offers.with_label_values(&[queue, operator, outcome]).inc();
        families.rings.with_label_values(&[queue]).observe(seconds(rang));
    }

    /// A request to a node had this result after `took`. Both words come from closed sets of the driver's.
    pub fn requested(&self, node: NodeId, operation: &'static str, result: &'static str, took: Duration) {
        let labels = [self.node(node), operation, result];
        self.families.requests.with_label_values(&labels).observe(seconds(took));
    }

    /// An event of this kind came from a node; the word comes from a closed set of the driver's.
    pub fn heard(&self, node: NodeId, kind: &'static str) {
        self.families.events.with_label_values(&[self.node(node), kind]).inc();
    }

    /// A node could not be connected to, or was lost; the word comes from a closed set of the driver's.
    pub fn lost(&self, node: NodeId, reason: &'static str) {
        self.families.losses.with_label_values(&[self.node(node), reason]).inc();
    }

    /// This many events were lost, since the queue before the engine was full.
    pub fn discarded(&self, node: NodeId, events: usize) {
        let events = u64::try_from(events).unwrap_or(u64::MAX);
        self.families.discarded.with_label_values(&[self.node(node)]).inc_by(events);
    }

    /// A node was connected to again after it was lost.
    pub fn reconnected(&self, node: NodeId) {
        self.families.reconnects.with_label_values(&[self.node(node)]).inc();
    }

    /// An event waited this long between its arrival and the engine.
    pub fn lagged(&self, lag: Duration) {
        self.families.lag.observe(seconds(lag));
    }

    /// Notifications may come to these: their series begin at zero.
    pub fn notifications_come_to(&self, results: impl IntoIterator<Item = &'static str>) {
        results.into_iter().for_each(|result| drop(self.families.notifications.with_label_values(&[result])));
    }

    /// A notification came to this, so long after it was to be told. The word comes from a closed set of the driver's.
    pub fn notified(&self, result: &'static str, took: Duration) {
        self.families.notifications.with_label_values(&[result]).observe(seconds(took));
    }

    /// There is a door for FastAGI: its series begin at zero. All words come from closed sets of the driver's.
    pub fn agi_opens(&self, outcomes: impl IntoIterator<Item = &'static str>) {
        outcomes.into_iter().for_each(|outcome| drop(self.families.agi.over.with_label_values(&[outcome])));
    }

    /// A session of FastAGI begins.
    pub fn agi_began(&self) {
        self.families.agi.sessions.inc();
    }

    /// A session of FastAGI is over; `began`: whether it was one at all.
    pub fn agi_over(&self, outcome: &'static str, began: bool) {
        if began {
            self.families.agi.sessions.dec();
        }
        self.families.agi.over.with_label_values(&[outcome]).inc();
    }

    /// A command of FastAGI had this result after `took`.
    pub fn agi_command(&self, command: &'static str, result: &'static str, took: Duration) {
        self.families.agi.commands.with_label_values(&[command, result]).observe(seconds(took));
    }

    /// A prompt was asked for.
    pub fn prompt_fetched(&self, result: Fetch) {
        self.families.fetches.with_label_values(&[result.word()]).inc();
    }

    /// A message could not be fetched from its node yet.
    pub fn message_not_fetched(&self, node: NodeId) {
        self.families.messages_not_fetched.with_label_values(&[self.node(node)]).inc();
    }

    /// A recording that nobody needs any more could not be deleted from its node yet.
    pub fn recording_not_deleted(&self, node: NodeId) {
        self.families.recordings_not_deleted.with_label_values(&[self.node(node)]).inc();
    }

    /// So many messages are kept, in so many bytes.
    pub fn messages_kept(&self, messages: usize, bytes: u64) {
        self.families.messages_kept.set(whole(messages));
        self.families.messages_bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// So many records of calls came to this. The word comes from a closed set of the store's.
    pub fn records(&self, result: &'static str, count: usize) {
        self.families.records.with_label_values(&[result]).inc_by(u64::try_from(count).unwrap_or(u64::MAX));
    }

    /// A node was asked to fetch a prompt before anybody hears it, or could not be asked.
    pub fn brought(&self, node: NodeId, well: bool) {
        self.families.brought.with_label_values(&[self.node(node), asked(well)]).inc();
    }

    /// A plan was read anew.
    pub fn reloaded(&self, result: Reload) {
        self.families.reloads.with_label_values(&[result.word()]).inc();
    }

    /// Everything in Prometheus' text format. Without a snapshot there is nothing to say of how things stand, and those
    /// series are left out rather than old.
    ///
    /// # Errors
    /// When the encoder refuses: a bug.
    pub fn text(&self, snapshot: Option<&Snapshot>) -> Result<String, prometheus::Error> {
        // Held to the end, so that no other scrape sees the gauges half set. Nobody else takes it: a call does not wait.
        let _alone = self.scrape.lock().unwrap_or_else(PoisonError::into_inner);
        self.stand(snapshot);
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    fn stand(&self, snapshot: Option<&Snapshot>) {
        let families = &self.families;
        for gauge in
            [&families.calls, &families.waiting, &families.operators, &families.trunks, &families.callbacks_waiting]
        {
            gauge.reset();
        }
        families.longest_wait.reset();
        let Some(snapshot) = snapshot else { return };
        for number in &snapshot.numbers {
            families.calls.with_label_values(&[number.number.as_str()]).set(whole(number.calls));
        }
        for queue in &snapshot.queues {
            let labels = [&*queue.queue];
            families.waiting.with_label_values(&labels).set(whole(queue.callers.len()));
            let longest = queue.callers.iter().map(|caller| caller.waited_seconds).fold(0.0, f64::max);
            families.longest_wait.with_label_values(&labels).set(longest);
        }
        for callback in &snapshot.callbacks {
            families.callbacks_waiting.with_label_values(&[&*callback.queue]).inc();
        }
        for trunk in &snapshot.trunks {
            families.trunks.with_label_values(&[&*trunk.trunk]).set(whole(trunk.in_use));
        }
        for state in OperatorState::ALL {
            let count = snapshot.operators.iter().filter(|operator| operator.state == state).count();
            families.operators.with_label_values(&[state.word()]).set(whole(count));
        }
        families.draining.set(i64::from(snapshot.draining));
    }

    fn found_full(&self, number: &str) {
        let number = self.number(Some(number));
        self.families.found_full.with_label_values(&[&*number]).inc();
    }

    fn call_ended(&self, number: Option<&str>, outcome: Outcome, charge: Option<Charge>) {
        let number = self.number(number);
        self.families.calls_total.with_label_values(&[&*number, outcome.word()]).inc();
        if let Some(charge) = charge {
            add_cost(&self.families.number_costs, &number, charge);
        }
    }

    /// The number as the plan writes it, if it is the plan's.
    fn number(&self, number: Option<&str>) -> Name {
        let bare = number.map(|number| number.trim_start_matches('+'));
        let known = self.known();
        bare.and_then(|bare| known.numbers.get(bare).cloned()).unwrap_or_else(|| Name::new(UNKNOWN))
    }

    fn waited(&self, queue: &str, outcome: &str, waited: Duration) {
        self.families.waits.with_label_values(&[queue, outcome]).observe(seconds(waited));
    }

    /// What a dialplan asks for may be no queue.
    fn choice_told(&self, queue: &Name, choice: &str) {
        let queue: &str = if self.known().queues.contains(queue) { queue } else { UNKNOWN };
        self.families.choices.with_label_values(&[queue, choice]).inc();
    }

    /// A message that an earlier life left may be for a box that no plan has any more.
    fn mailbox<'n>(&self, name: &'n Name) -> &'n str {
        if self.known().mailboxes.contains(name) { name } else { UNKNOWN }
    }

    fn node_is(&self, node: NodeId, up: bool) {
        self.families.node_up.with_label_values(&[self.node(node)]).set(i64::from(up));
    }

    fn node(&self, node: NodeId) -> &str {
        self.nodes.get(usize::from(node.0)).map_or(UNKNOWN, |name| name)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn asked(well: bool) -> &'static str {
    if well { "asked" } else { "failed" }
}

fn seconds(span: Duration) -> f64 {
    span.as_secs_f64()
}

/// Prometheus adds floating-point numbers up: this is where a cost stops being exact.
fn add_cost(costs: &CounterVec, of: &str, charge: Charge) {
    let Money { amount, currency } = charge.cost;
    costs.with_label_values(&[of, currency.code()]).inc_by(amount.millionths() as f64 / 1_000_000.0);
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
