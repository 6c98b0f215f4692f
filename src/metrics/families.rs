//! What is measured: names, units, labels, and help for the person who reads a graph at night.

use prometheus::{
    Counter, CounterVec, Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, core::Collector, process_collector::ProcessCollector,
};

/// All our names begin so.
const NAMESPACE: &str = "sentral";

/// How long callers wait and talk: from an instant to an hour.
const PATIENCE: &[f64] = &[0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0, 1800.0, 3600.0];

/// How long a phone rings.
const RINGING: &[f64] = &[0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 45.0, 60.0];

/// How long Asterisk takes for a request: 0.1 ms on a quiet machine, seconds behind a prompt.
const REQUEST: &[f64] = &[0.000_25, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];

/// How long an event waits for the engine: microseconds when all is well.
const LAG: &[f64] = &[0.000_05, 0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0];

/// How long another server takes for an answer that a caller waits for: ten seconds at most.
const LOOKUP: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0];

/// How long until a notification is taken: at once, or after some of its tries.
const NOTIFICATION: &[f64] = &[0.05, 0.1, 0.5, 1.0, 2.5, 10.0, 30.0, 150.0, 600.0];

/// Every family there is.
#[derive(Debug)]
pub(super) struct Families {
    pub(super) calls_total: IntCounterVec,
    pub(super) calls: IntGaugeVec,
    pub(super) adopted: IntCounterVec,
    pub(super) refused: IntCounterVec,
    pub(super) found_full: IntCounterVec,
    pub(super) number_costs: CounterVec,
    pub(super) waiting: IntGaugeVec,
    pub(super) longest_wait: GaugeVec,
    pub(super) waits: HistogramVec,
    pub(super) estimates: HistogramVec,
    pub(super) idle: Counter,
    pub(super) rings: HistogramVec,
    pub(super) talks: HistogramVec,
    pub(super) offers: IntCounterVec,
    pub(super) choices: IntCounterVec,
    pub(super) operators: IntGaugeVec,
    pub(super) duty_changes: IntCounterVec,
    pub(super) pins_refused: IntCounterVec,
    pub(super) dials: IntCounterVec,
    pub(super) missed: IntCounterVec,
    pub(super) no_number: IntCounter,
    pub(super) hand_overs: IntCounterVec,
    pub(super) callbacks: IntCounterVec,
    pub(super) callbacks_refused: IntCounterVec,
    pub(super) callback_attempts: IntCounterVec,
    pub(super) callbacks_waiting: IntGaugeVec,
    pub(super) trunks: IntGaugeVec,
    pub(super) trunk_costs: CounterVec,
    pub(super) requests: HistogramVec,
    pub(super) commands_failed: IntCounterVec,
    pub(super) messages: IntCounterVec,
    pub(super) recorded: Counter,
    pub(super) messages_not_fetched: IntCounterVec,
    pub(super) recordings_not_deleted: IntCounterVec,
    pub(super) messages_kept: IntGauge,
    pub(super) messages_bytes: IntGauge,
    pub(super) records: IntCounterVec,
    pub(super) queue_log: IntCounterVec,
    pub(super) changes: IntCounterVec,
    pub(super) prompts_failed: IntCounter,
    pub(super) circles: IntCounter,
    pub(super) events: IntCounterVec,
    pub(super) lag: Histogram,
    pub(super) reconnects: IntCounterVec,
    pub(super) losses: IntCounterVec,
    pub(super) discarded: IntCounterVec,
    pub(super) node_up: IntGaugeVec,
    pub(super) reloads: IntCounterVec,
    pub(super) fetches: IntCounterVec,
    pub(super) brought: IntCounterVec,
    pub(super) lookups: HistogramVec,
    pub(super) notifications: HistogramVec,
    pub(super) plan_since: Gauge,
    pub(super) broken: IntCounter,
    pub(super) draining: IntGauge,
    pub(super) build_info: IntGaugeVec,
    pub(super) agi: AgiFamilies,
    pub(super) api: ApiFamilies,
}

/// Of FastAGI.
#[derive(Debug)]
pub(super) struct AgiFamilies {
    pub(super) sessions: IntGauge,
    pub(super) over: IntCounterVec,
    pub(super) commands: HistogramVec,
}

impl Families {
    #[expect(clippy::too_many_lines, reason = "a list of what is measured, in one place")]
    pub(super) fn new(registry: &Registry) -> Result<Self, prometheus::Error> {
        let house = House(registry);
        registry.register(Box::new(ProcessCollector::for_self()))?;
        Ok(Self {
            calls_total: house.counters(
                "calls_total",
                "Calls that ended, by the number called and how they ended. `lost` is our fault or Asterisk's: alert on it.",
                &["number", "outcome"],
            )?,
            calls: house.gauges("active_calls", "Calls in hand now, by the number called.", &["number"])?,
            adopted: house.counters(
                "adopted_calls_total",
                "Calls found on a node after a restart or a gap, by where they went on: talking, waiting, dialling, from the start, or over (the conversation had ended).",
                &["place"],
            )?,
            refused: house.counters(
                "refused_calls_total",
                "Calls that were not taken, by reason: full (the number's channels), overload (the node's limits), draining, \
                 unknown_number, unknown_flow.",
                &["reason"],
            )?,
            found_full: house.counters(
                "found_full_calls_total",
                "Calls that found all channels of their number in use, by the number called: refused, or led elsewhere by \
                 `when_full`.",
                &["number"],
            )?,
            number_costs: house.sums(
                "number_cost_total",
                "What calls that ended cost by the tariffs of their numbers, in the currency's own unit. An estimate: what is \
                 owed says the provider's bill.",
                &["number", "currency"],
            )?,
            waiting: house.gauges("queue_waiting_callers", "Callers who stand in line now, by queue.", &["queue"])?,
            longest_wait: house.keep(GaugeVec::new(
                opts("queue_longest_wait_seconds", "How long the caller who waits longest has waited; 0 with nobody in line."),
                &["queue"],
            )?)?,
            waits: house.histograms(
                "queue_wait_seconds",
                "Time in line until it ended, by how it ended: connected, abandoned, timed_out, unstaffed, continued (a dialplan was given an \
                 operator and went on without), taken_over (he waits on with another engine).",
                &["queue", "outcome"],
                PATIENCE,
            )?,
            estimates: house.histograms(
                "queue_estimate_error_seconds",
                "How far the wait that a caller was told last was from the truth, by whether he was answered sooner or later; of those \
                 who were told one and were answered.",
                &["queue", "direction"],
                PATIENCE,
            )?,
            idle: house.keep(Counter::with_opts(opts(
                "idle_while_eligible_seconds_total",
                "Seconds for which somebody waited though an operator who may take him was free, as a look every ten seconds finds \
                 them. Anything but 0 is a bug: alert on it.",
            ))?)?,
            rings: house.histograms(
                "offer_ring_seconds",
                "How long one operator's phone rang for one offer, however the offer ended.",
                &["queue"],
                RINGING,
            )?,
            talks: house.histograms("talk_seconds", "How long callers and operators talked.", &["queue"], PATIENCE)?,
            offers: house.counters(
                "offers_total",
                "Offers of a caller to an operator that ended, by how: answered, busy, declined, no_answer, unreachable, \
                 answered_elsewhere (a colleague was quicker), caller_left, lapsed (a dialplan that was given him did not use \
                 him), failed.",
                &["queue", "operator", "outcome"],
            )?,
            choices: house.counters(
                "choices_total",
                "Operators that dialplans asked for over AGI (`select`), by queue and result: chosen, busy, timed_out, unstaffed, \
                 no_such_queue, overload, draining.",
                &["queue", "result"],
            )?,
            operators: house.gauges("operators", "Operators by what they do now.", &["state"])?,
            duty_changes: house.counters(
                "duty_changes_total",
                "Operators who signed in or out, paused or came back, by who said so.",
                &["to", "by"],
            )?,
            pins_refused: house.counters(
                "pins_refused_total",
                "Callers of the step `operator` who did not show that they are operators, by why not.",
                &["why"],
            )?,
            dials: house.counters(
                "dials_total",
                "Those whom steps of the plan dialled, by what they are (operator, phone, outside) and what came of it: answered, \
                 busy, declined, no_answer, unreachable, trunk_full, answered_elsewhere, caller_left, failed.",
                &["callee", "outcome"],
            )?,
            missed: house.counters(
                "dials_unanswered_total",
                "Steps that dialled and nobody answered, by why: busy, no_answer, unreachable.",
                &["reason"],
            )?,
            no_number: house.counter(
                "dials_without_number_total",
                "Computed numbers that were not dialled, since they are no telephone numbers.",
            )?,
            hand_overs: house.counters(
                "hand_overs_total",
                "Calls that came to a step which cannot be done where their callers were, by what came of it: done (the call goes \
                 on where it can), no_node (none is connected that could), failed, overdue (the caller did not come).",
                &["result"],
            )?,
            callbacks: house.counters(
                "callbacks_total",
                "Callbacks by queue: promised, and what became of them: reached (he stands in the line), came_back (he called \
                 himself), gave_up (called as often as the plan says), expired, cancelled.",
                &["queue", "result"],
            )?,
            callbacks_refused: house.counters(
                "callbacks_refused_total",
                "Callbacks that were not promised, by why: no_number, own (a number of the plan), costly, not_allowed, full.",
                &["queue", "reason"],
            )?,
            callback_attempts: house.counters(
                "callback_attempts_failed_total",
                "Attempts to call somebody back that came to nothing, by what became of them; answered: nobody took the call.",
                &["queue", "outcome"],
            )?,
            callbacks_waiting: house.gauges("callbacks_waiting", "Callbacks that are promised now, by queue.", &["queue"])?,
            trunks: house.gauges("trunk_channels_in_use", "Channels of a trunk that calls to the outside take now.", &["trunk"])?,
            trunk_costs: house.sums(
                "trunk_cost_total",
                "What legs that ended cost by the tariffs of their trunks, in the currency's own unit. An estimate: what is \
                 owed says the provider's bill.",
                &["trunk", "currency"],
            )?,
            requests: house.histograms(
                "ari_request_duration_seconds",
                "How long Asterisk took for a request over ARI, by what was asked and the result.",
                &["node", "operation", "result"],
                REQUEST,
            )?,
            commands_failed: house.counters(
                "commands_failed_total",
                "Commands of the engine that came to nothing: not_sent, refused by Asterisk, or outcome_unknown.",
                &["command", "failure"],
            )?,
            messages: house.counters(
                "messages_total",
                "Messages of callers, by their box and what became of them: kept, cut_short (kept, until Asterisk's disk was \
                 full), nothing (was said), full (the box, or the room for all), not_recorded (Asterisk's disk or folder), \
                 not_written (our disk or folder), missing (at Asterisk).",
                &["box", "outcome"],
            )?,
            recorded: house.keep(Counter::with_opts(opts("recorded_seconds_total", "Seconds of messages that were kept."))?)?,
            messages_not_fetched: house.counters(
                "message_fetch_failures_total",
                "Failed tries to fetch a message from a node; each is tried again until it is here.",
                &["node"],
            )?,
            recordings_not_deleted: house.counters(
                "recording_deletion_failures_total",
                "Failed tries to delete a recording from a node whose message is here; after about six minutes it is left there until \
                 the node is connected again.",
                &["node"],
            )?,
            messages_kept: house.keep(IntGauge::with_opts(opts("messages_kept", "Messages of callers that are kept now."))?)?,
            messages_bytes: house.keep(IntGauge::with_opts(opts("messages_kept_bytes", "Room that the messages take that are kept now."))?)?,
            records: house.counters(
                "call_records_total",
                "Records of calls, by what became of them: written, late (they could not be written yet, and are tried again), or lost \
                 (too many waited, or we ended).",
                &["result"],
            )?,
            queue_log: house.counters(
                "queue_log_lines_total",
                "Lines of queue_log, by what became of them: written, late (they could not be written yet, and are tried again), or \
                 lost (too many waited, or we ended).",
                &["result"],
            )?,
            changes: house.counters(
                "database_changes_total",
                "Changes for the database, by what became of them: written, late (they could not be written yet, hold as long as we \
                 run, and are tried again), or lost (we ended, or a bug: the log says which).",
                &["result"],
            )?,
            prompts_failed: house.counter(
                "prompts_failed_total",
                "Prompts that could not be played: mostly a sound that Asterisk does not have.",
            )?,
            circles: house.counter(
                "plan_circles_total",
                "Calls that were ended since the plan led them in circles.",
            )?,
            events: house.counters("ari_events_total", "Events from Asterisk, by type.", &["node", "type"])?,
            lag: house.keep(Histogram::with_opts(
                histogram_opts("event_lag_seconds", "Time from an event's arrival on the socket to the engine.", LAG),
            )?)?,
            reconnects: house.counters(
                "node_reconnects_total",
                "How often a node was connected to again after it was lost.",
                &["node"],
            )?,
            losses: house.counters(
                "node_losses_total",
                "How often a node was lost or could not be connected to, by why: unreachable, unauthorized (name or password), \
                 unprepared, closed, silent, replaced (by another engine), overflow.",
                &["node", "reason"],
            )?,
            discarded: house.counters(
                "discarded_events_total",
                "Events lost since the engine did not take them as fast as they came; the node is read anew then.",
                &["node"],
            )?,
            node_up: house.gauges("node_up", "1 while a node is connected and its calls are known, otherwise 0.", &["node"])?,
            reloads: house.counters(
                "plan_reloads_total",
                "Plans read anew, by result: loaded, or refused for mistakes (then the old plan goes on).",
                &["result"],
            )?,
            fetches: house.counters(
                "prompt_fetches_total",
                "Requests for prompts, by result: sent, unchanged (whoever asked has it), or missing.",
                &["result"],
            )?,
            brought: house.counters(
                "prompts_ahead_total",
                "Prompts that a node was asked to fetch before anybody hears them, by result: asked, or failed (it fetches them with \
                 the first caller).",
                &["node", "result"],
            )?,
            lookups: house.histograms(
                "lookup_duration_seconds",
                "How long callers waited for what another server said, by result: answered, not_allowed (by the settings), \
                 unusable (values that make no request), overload, unreachable, timed_out, status (not 2xx), redirected, \
                 too_long, not_json.",
                &["result"],
                LOOKUP,
            )?,
            notifications: house.histograms(
                "notification_duration_seconds",
                "How long until a notification was taken or given up, by result: delivered, refused by the server, gave_up \
                 (told often enough), not_allowed (by the settings), dropped (too many in hand), stopped (we ended \
                 first), unusable (values that make no request).",
                &["result"],
                NOTIFICATION,
            )?,
            plan_since: house.keep(Gauge::with_opts(opts(
                "plan_loaded_timestamp_seconds",
                "When the plan in force was loaded, in seconds since the epoch.",
            ))?)?,
            broken: house.counter(
                "invariant_breaks_total",
                "Bugs of the engine that showed: something that cannot be was. The call it touched was ended.",
            )?,
            draining: house.keep(IntGauge::with_opts(opts(
                "draining",
                "1 while new calls are turned away because the engine is about to stop.",
            ))?)?,
            build_info: house.gauges("build_info", "The version that runs; always 1.", &["version"])?,
            agi: AgiFamilies::new(&house)?,
            api: ApiFamilies::new(&house)?,
        })
    }
}

/// What is measured of the API.
#[derive(Debug)]
pub(super) struct ApiFamilies {
    pub(super) changes: IntCounterVec,
    pub(super) refused: IntCounterVec,
    pub(super) steered: IntCounterVec,
}

impl ApiFamilies {
    fn new(house: &House<'_>) -> Result<Self, prometheus::Error> {
        Ok(Self {
            changes: house.counters(
                "api_changes_total",
                "Changes that were asked of the API, by the name of the token and what came of them: done, refused, failed.",
                &["token", "result"],
            )?,
            refused: house.counters(
                "api_refused_requests_total",
                "Requests that the API did not look at, by reason: unauthorized, forbidden, too_many_requests, too_large, \
                 strange_host, strange_page.",
                &["reason"],
            )?,
            steered: house.counters(
                "steered_callers_total",
                "What was done to waiting callers by hand, by queue: moved, prioritised, withdrawn, assigned.",
                &["queue", "how"],
            )?,
        })
    }
}

impl AgiFamilies {
    fn new(house: &House<'_>) -> Result<Self, prometheus::Error> {
        Ok(Self {
            sessions: house.keep(IntGauge::with_opts(opts("agi_sessions", "Sessions of FastAGI now."))?)?,
            over: house.counters(
                "agi_sessions_total",
                "Sessions of FastAGI that ended, by how: continued (in Asterisk's dialplan), handed_over (to Stasis), told (what it asked), ended (by us), \
                 hung_up, mistaken (a path that there is not), refused (`sessions` of the settings), not_allowed (the address), \
                 garbled (no FastAGI), silent, lost, stopped (we stopped), broken (a bug).",
                &["outcome"],
            )?,
            commands: house.histograms(
                "agi_command_duration_seconds",
                "How long a command of FastAGI took, with what it was to last (a sound, the wait for a key), by what was asked \
                 and the result.",
                &["command", "result"],
                REQUEST,
            )?,
        })
    }
}

/// Where families live.
struct House<'a>(&'a Registry);

impl House<'_> {
    fn keep<C: Collector + Clone + 'static>(&self, family: C) -> Result<C, prometheus::Error> {
        self.0.register(Box::new(family.clone()))?;
        Ok(family)
    }

    fn counter(&self, name: &str, help: &str) -> Result<IntCounter, prometheus::Error> {
        self.keep(IntCounter::with_opts(opts(name, help))?)
    }

    fn counters(&self, name: &str, help: &str, labels: &[&str]) -> Result<IntCounterVec, prometheus::Error> {
        self.keep(IntCounterVec::new(opts(name, help), labels)?)
    }

    /// Counters of what is not whole.
    fn sums(&self, name: &str, help: &str, labels: &[&str]) -> Result<CounterVec, prometheus::Error> {
        self.keep(CounterVec::new(opts(name, help), labels)?)
    }

    fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> Result<IntGaugeVec, prometheus::Error> {
        self.keep(IntGaugeVec::new(opts(name, help), labels)?)
    }

    fn histograms(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
        buckets: &[f64],
    ) -> Result<HistogramVec, prometheus::Error> {
        self.keep(HistogramVec::new(histogram_opts(name, help, buckets), labels)?)
    }
}

fn opts(name: &str, help: &str) -> Opts {
    Opts::new(name, help).namespace(NAMESPACE)
}

fn histogram_opts(name: &str, help: &str, buckets: &[f64]) -> HistogramOpts {
    HistogramOpts::new(name, help).namespace(NAMESPACE).buckets(buckets.to_vec())
}
