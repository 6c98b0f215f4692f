//! Notices in, lines out.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use super::{
    Agent, Events, Line, Style,
    duty::Members,
    line::{NONE, seconds},
};
use crate::{
    dialplan::Plan,
    domain::{CallId, Caller, ChannelId, Digit, Name, Time},
    engine::{
        Callee, Fact, Notice,
        notice::{Adopted, CallbackFact, LeftQueue, OfferOutcome, Outcome, Party, Steered, Transfer},
    },
};

/// Writes lines of what comes about.
#[derive(Debug, Default)]
pub struct Scribe {
    style: Style,
    members: Members,
    /// How Asterisk dials the operators that any plan had.
    interfaces: BTreeMap<Name, Arc<str>>,
    /// Calls that are not over.
    visits: BTreeMap<CallId, Visit>,
    /// Channels of calls that were given up, and may be found again: their visits are over in the log.
    given_up: BTreeSet<Arc<str>>,
}

/// So many letters of what was said of a withdrawal a reader expects at most.
const LONGEST_INFO: usize = 40;

/// So many calls that were given up are remembered: more than Asterisks have.
const MOST_GIVEN_UP: usize = 20_000;

/// What lines say of a call beside what came about.
#[derive(Debug)]
struct Visit {
    /// Its channel at Asterisk: by this a reader finds its CDR.
    channel: Arc<str>,
    /// The number that was called.
    did: Option<Name>,
    /// Who called; empty when he withholds it.
    caller: Arc<str>,
    /// His place in line when he came; 0 where that is not known.
    came_to: usize,
    /// When he came into the line in which he stands.
    joined: Option<Time>,
    /// Whether he stands in a line, also in one in which he was found.
    stands: bool,
    /// What was said of it when he was taken out of the line by hand.
    info: Arc<str>,
    /// He was found in a line: that he came was written then.
    found: bool,
    /// He was found in a conversation whose end was written when he was given up.
    closed: bool,
    /// A dialplan of Asterisk's connected him: it tells nobody who hung up.
    by_dialplan: bool,
    /// Nobody knows who ended his last conversation, or whether it is over.
    unsure: bool,
    /// How long it rang for who answered him.
    rang: Duration,
}

/// What a line is about.
#[derive(Clone, Copy)]
struct About<'a> {
    at: Time,
    visit: &'a Visit,
    queue: &'a str,
}

impl Visit {
    /// How many seconds it rang for one who waited so long: who calls somebody back was rung before that one was there.
    fn rang_in(&self, waited: Duration) -> u64 {
        self.rang.min(waited).as_secs()
    }
}

impl About<'_> {
    fn line(self, agent: &str, event: &str, data: &[&dyn std::fmt::Display]) -> Line {
        Line::new(self.at, &self.visit.channel, self.queue, agent, event, data)
    }
}

impl Scribe {
    /// One who has seen nothing yet.
    pub fn new(style: Style) -> Self {
        Self { style, ..Self::default() }
    }

    /// The line with which a life of the engine begins.
    pub fn begins(now: Time) -> Line {
        Line::new(now, NONE, NONE, NONE, "QUEUESTART", &[])
    }

    /// Learns how operators are dialled. Those who are in the plan no more may be talking still.
    pub fn know(&mut self, plan: &Plan) {
        let dialled = plan.operators.iter().map(|(name, operator)| (name.clone(), operator.dial.clone()));
        self.interfaces.extend(dialled);
        self.members = Members::of(plan);
    }

    /// A fact, and the lines that there are of it.
    pub fn see(&mut self, notice: &Notice) -> Vec<Line> {
        let at = notice.at;
        match (&notice.fact, notice.call) {
            (Fact::PlanLoaded { .. }, _) => vec![Line::new(at, NONE, NONE, NONE, "CONFIGRELOAD", &[])],
            (Fact::Arrived { number, caller, channel }, Some(call)) => {
                self.visits.insert(call, Visit::new(channel, Some(number), caller));
                Vec::new()
            }
            (Fact::Callback(CallbackFact::Calls { number, caller, channel, .. }), Some(call)) => {
                self.visits.insert(call, Visit::new(channel, Some(number), caller));
                Vec::new()
            }
            (Fact::Adopted { number, caller, channel, place, .. }, Some(call)) => {
                let over = self.given_up.remove(&channel.id);
                let (found, closed) = (*place == Adopted::Waiting && !over, *place == Adopted::Talking && over);
                self.visits.insert(call, Visit { found, closed, ..Visit::new(channel, number.as_ref(), caller) });
                Vec::new()
            }
            (Fact::Ended { outcome, .. }, Some(call)) => {
                self.forget(call, *outcome);
                Vec::new()
            }
            (Fact::Duty(fact), _) => {
                let agents = Agents { style: self.style, interfaces: &self.interfaces };
                self.members.lines(at, fact, |operator| agents.of(&Callee::Operator(operator.clone())))
            }
            (fact, Some(call)) => self.see_visit(at, call, fact),
            (_, None) => Vec::new(),
        }
    }

    /// How many calls are not over.
    #[cfg(test)]
    pub(crate) fn open(&self) -> usize {
        self.visits.len()
    }

    /// A call is over for us. In Asterisk it may go on, and be found there.
    fn forget(&mut self, call: CallId, outcome: Outcome) {
        let Some(visit) = self.visits.remove(&call) else { return };
        let given_up = match outcome {
            Outcome::Lost | Outcome::TakenOver => true,
            Outcome::Served => visit.unsure,
            Outcome::LeftInMenu
            | Outcome::LeftMessage
            | Outcome::Abandoned
            | Outcome::EndedByPlan
            | Outcome::Continued
            | Outcome::Full
            | Outcome::Fallback
            | Outcome::Refused
            | Outcome::NotReached
            | Outcome::NotHandedOver => false,
        };
        if given_up {
            self.given_up.insert(visit.channel);
        }
        if self.given_up.len() > MOST_GIVEN_UP {
            // By their ids, those that came first.
            self.given_up.pop_first();
        }
    }

    fn see_visit(&mut self, at: Time, call: CallId, fact: &Fact) -> Vec<Line> {
        let (style, agents) = (self.style, Agents { style: self.style, interfaces: &self.interfaces });
        // A leg may outlive its call, and whoever it rang for is out of the line.
        let Some(visit) = self.visits.get_mut(&call) else { return Vec::new() };
        match fact {
            Fact::Joined { queue, position } => visit.enter(at, queue, *position, style.events),
            Fact::LeftQueue { queue, position, waited, why, key } => {
                let left = About { at, visit, queue }.left(*position, *waited, *why, *key, style.events);
                (visit.joined, visit.stands) = (None, false);
                left.into_iter().collect()
            }
            Fact::OfferEnded { queue: Some(queue), callee, outcome, rang, .. } => {
                if *outcome == OfferOutcome::Answered {
                    visit.rang = *rang;
                }
                About { at, visit, queue }.missed(&agents.of(callee), *outcome, *rang).into_iter().collect()
            }
            Fact::Connected { queue: Some(queue), callee, leg, waited } => {
                (visit.joined, visit.stands, visit.by_dialplan) = (None, false, leg.is_none());
                let leg = leg.as_ref().map_or("", |leg| &leg.id);
                let data: [&dyn std::fmt::Display; 3] = [&seconds(at, *waited), &leg, &visit.rang_in(*waited)];
                vec![About { at, visit, queue }.line(&agents.of(callee), "CONNECT", &data)]
            }
            Fact::TalkEnded { queue: Some(queue), .. } => visit.end_talk(at, queue, agents, fact).into_iter().collect(),
            Fact::Steered { how, .. } => {
                visit.steered(how);
                Vec::new()
            }
            Fact::OfferEnded { queue: None, .. }
            | Fact::Connected { queue: None, .. }
            | Fact::TalkEnded { queue: None, .. }
            | Fact::Arrived { .. }
            | Fact::FoundFull { .. }
            | Fact::Adopted { .. }
            | Fact::Refused { .. }
            | Fact::NoFlow { .. }
            | Fact::HandOver(_)
            | Fact::Callback(_)
            | Fact::Reached { .. }
            | Fact::MenuAsked { .. }
            | Fact::MenuAnswered { .. }
            | Fact::MenuMistaken { .. }
            | Fact::MenuUnanswered
            | Fact::Records { .. }
            | Fact::Message { .. }
            | Fact::Entering(_)
            | Fact::LooksUp { .. }
            | Fact::LookedUp { .. }
            | Fact::LookupFailed { .. }
            | Fact::Notifies { .. }
            | Fact::NotNotified { .. }
            | Fact::ChoiceTold { .. }
            | Fact::Offered { .. }
            | Fact::NoNumber
            | Fact::NobodyAnswered { .. }
            | Fact::CameBack { .. }
            | Fact::Required { .. }
            | Fact::Ended { .. }
            | Fact::Charged { .. }
            | Fact::OperatorChanged { .. }
            | Fact::Duty(_)
            | Fact::HoursOverridden { .. }
            | Fact::OverrideIdle { .. }
            | Fact::Measured(_)
            | Fact::CommandFailed { .. }
            | Fact::PromptFailed
            | Fact::RanInCircles
            | Fact::NodeUp { .. }
            | Fact::NodeDown { .. }
            | Fact::PlanLoaded { .. }
            | Fact::Broken { .. } => Vec::new(),
        }
    }
}

impl Visit {
    fn new(channel: &ChannelId, did: Option<&Name>, caller: &Caller) -> Self {
        Self {
            channel: channel.id.clone(),
            did: did.cloned(),
            caller: caller.number().unwrap_or_default().into(),
            came_to: 0,
            joined: None,
            stands: false,
            info: "".into(),
            found: false,
            closed: false,
            by_dialplan: false,
            unsure: false,
            rang: Duration::ZERO,
        }
    }

    /// He comes into a line, or is found in it.
    fn enter(&mut self, at: Time, queue: &Name, position: usize, events: Events) -> Vec<Line> {
        (self.came_to, self.stands) = (position, true);
        if std::mem::take(&mut self.found) {
            return Vec::new();
        }
        self.joined = Some(at);
        let about = About { at, visit: self, queue };
        let did = self.did.as_ref().filter(|_| events == Events::Extended);
        let did = did.map(|did| about.line(NONE, "DID", &[did]));
        let entered = about.line(NONE, "ENTERQUEUE", &[&"", &self.caller, &position]);
        did.into_iter().chain([entered]).collect()
    }

    /// Somebody is about to do this to him.
    fn steered(&mut self, how: &Steered) {
        match how {
            Steered::Withdrawn { info } => self.info = info.chars().take(LONGEST_INFO).collect::<String>().into(),
            Steered::Moved { .. } => self.info = how.word().into(),
            Steered::Prioritised { .. } | Steered::Assigned { .. } => {}
        }
    }

    /// They no longer talk.
    fn end_talk(&mut self, at: Time, queue: &Name, agents: Agents<'_>, fact: &Fact) -> Option<Line> {
        let Fact::TalkEnded { callee, talked, by, waited, to, .. } = fact else { return None };
        self.unsure = matches!(by, Party::Unknown | Party::TakenOver) && !self.by_dialplan;
        if std::mem::take(&mut self.closed) {
            return None;
        }
        let (held, talked) = (seconds(at - *talked, waited.unwrap_or_default()), seconds(at, *talked));
        let about = About { at, visit: self, queue };
        Some(about.over(&agents.of(callee), Times { held, talked }, *by, to.as_ref()))
    }
}

/// How long a conversation lasted, and the wait before it, in seconds.
#[derive(Clone, Copy)]
struct Times {
    held: u64,
    talked: u64,
}

impl About<'_> {
    /// He left the line unserved.
    fn left(
        self,
        position: usize,
        waited: Duration,
        why: LeftQueue,
        key: Option<Digit>,
        events: Events,
    ) -> Option<Line> {
        let extended = events == Events::Extended;
        let at_once = self.visit.joined == Some(self.at);
        let event = match why {
            LeftQueue::Abandoned | LeftQueue::TakenOver => "ABANDON",
            // He goes on in the dialplan, as one does whose time is over.
            LeftQueue::TimedOut | LeftQueue::Continued => "EXITWITHTIMEOUT",
            // He came when it was closed, and was not let in.
            LeftQueue::Closed if !self.visit.stands => return None,
            LeftQueue::Closed => "EXITWITHTIMEOUT",
            LeftQueue::Withdrawn | LeftQueue::Moved => {
                let data: [&dyn std::fmt::Display; 4] =
                    [&position, &self.visit.came_to, &seconds(self.at, waited), &self.visit.info];
                return Some(self.line(NONE, "WITHDRAW", &data));
            }
            LeftQueue::Unstaffed if extended && at_once => "JOINEMPTY",
            LeftQueue::Unstaffed => "EXITEMPTY",
            LeftQueue::ByKey => "EXITWITHKEY",
            LeftQueue::Full if extended => return Some(self.line(NONE, "FULL", &[&"", &self.visit.caller, &position])),
            LeftQueue::Full => return None,
        };
        let waited = seconds(self.at, waited);
        Some(match key {
            Some(key) => self.line(NONE, event, &[&key, &position, &self.visit.came_to, &waited]),
            None => self.line(NONE, event, &[&position, &self.visit.came_to, &waited]),
        })
    }

    /// A telephone rang in vain.
    fn missed(self, agent: &str, outcome: OfferOutcome, rang: Duration) -> Option<Line> {
        let (event, millis) = match outcome {
            OfferOutcome::NoAnswer => ("RINGNOANSWER", rang.as_millis()),
            OfferOutcome::Busy | OfferOutcome::Declined | OfferOutcome::Unreachable => {
                ("RINGNOANSWER", u128::from(seconds(self.at, rang)) * 1_000)
            }
            OfferOutcome::CallerLeft => ("RINGCANCELED", rang.as_millis()),
            // A colleague was quicker, it did not ring, or he went: none of these is a call that he missed.
            OfferOutcome::Answered
            | OfferOutcome::OffDuty
            | OfferOutcome::AnsweredElsewhere
            | OfferOutcome::TrunkFull
            | OfferOutcome::Lapsed
            | OfferOutcome::Failed => return None,
        };
        Some(self.line(agent, event, &[&millis]))
    }

    /// A conversation is over.
    fn over(self, agent: &str, times: Times, by: Party, to: Option<&Transfer>) -> Line {
        let Times { held, talked } = times;
        let came_to = self.visit.came_to;
        match (by, to) {
            (Party::Operator, _) => self.line(agent, "COMPLETEAGENT", &[&held, &talked, &came_to]),
            // Each CONNECT has its end: where nobody knows whose it was, it is the one that says nothing of an operator.
            (Party::Caller | Party::Unknown | Party::TakenOver, _) => {
                self.line(agent, "COMPLETECALLER", &[&held, &talked, &came_to])
            }
            (Party::Transferred, Some(Transfer::Attended { link: [one, two] })) => {
                self.line(agent, "ATTENDEDTRANSFER", &[&"LINK", one, two, &held, &talked, &came_to])
            }
            (Party::Transferred, Some(Transfer::Blind { extension, context })) => {
                self.line(agent, "BLINDTRANSFER", &[extension, context, &held, &talked, &came_to])
            }
            (Party::Transferred, None) => self.line(agent, "BLINDTRANSFER", &[&"", &"", &held, &talked, &came_to]),
        }
    }
}

/// What operators are called.
#[derive(Clone, Copy)]
struct Agents<'a> {
    style: Style,
    interfaces: &'a BTreeMap<Name, Arc<str>>,
}

impl Agents<'_> {
    fn of(self, callee: &Callee) -> String {
        let interface = match self.style.agent {
            Agent::Name => None,
            Agent::Interface => callee.operator().and_then(|name| self.interfaces.get(name)),
        };
        interface.map_or_else(|| callee.to_string(), |interface| interface.to_string())
    }
}
