//! Why a caller is not connected yet.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::{MOST, Reason, Why, words::lasting};
use crate::{
    dialplan::moment::timestamp,
    domain::{CallId, Name, Time},
    engine::{
        Engine, NotSteered, OperatorIx, QueueIx, Wake,
        also::Claim,
        call::{Call, Standing, Wants},
        notice::OperatorState,
        queue::{Candidate, Member},
        snapshot::{CallState, CallView},
    },
};

/// How a call stands, and why its caller is not connected yet. Durations in seconds.
#[derive(Clone, Debug, Serialize)]
pub struct CallWhy {
    /// The call.
    pub call: CallId,
    /// The caller's number; `null` when it is withheld, or is none.
    pub caller: Option<String>,
    /// What it is doing.
    pub state: CallState,
    /// How it stands, in words.
    pub text: String,
    /// Of one who waits in a queue: why he does.
    pub waits: Option<Waits>,
}

/// Why somebody waits.
#[derive(Clone, Debug, Serialize)]
pub struct Waits {
    /// Where.
    pub queue: Name,
    /// Its strategy, as in the plan.
    pub strategy: &'static str,
    /// Its weight: of two queues of one operator the greater one comes first.
    pub weight: u32,
    /// His place; 1 is the next to be served.
    pub position: usize,
    /// How many stand in the line.
    pub line: usize,
    /// His priority: the greater one is served first.
    pub priority: i64,
    /// His priority with what waiting has added to it: the same where waiting makes up for nothing.
    pub effective_priority: f64,
    /// The waiting that one point of priority is worth; `null`: no waiting makes up for priority.
    pub ageing_seconds: Option<f64>,
    /// How long in this line.
    pub waited_seconds: f64,
    /// How long in all that counts for his place: in the lines before, too.
    pub age_seconds: f64,
    /// Until when he waits at most.
    pub until: Option<Timestamp>,
    /// The operator who is rung for him next.
    pub assigned: Option<Name>,
    /// Whose telephones ring for him.
    pub ringing: Vec<Name>,
    /// Why nobody more is rung for him, whoever is free; nothing: somebody is, as soon as he may.
    pub reasons: Vec<Reason>,
    /// Other queues whose operators may take him, too, now or later.
    pub also: Vec<OtherQueue>,
    /// Those who may be rung for him, in the order in which they would be if all were free; where lots are drawn, in the
    /// plan's. Behind those of his own queue come those of others.
    pub operators: Vec<OperatorForCall>,
    /// How many more there are.
    pub operators_left_out: usize,
}

/// Another queue whose operators may take a caller.
#[derive(Clone, Debug, Serialize)]
pub struct OtherQueue {
    /// Which.
    pub queue: Name,
    /// From when on; `null`: since he has waited long enough.
    pub from: Option<Timestamp>,
    /// Whether it is closed now: then they do not.
    pub closed: bool,
    /// The same, in words.
    pub text: String,
}

/// Why an operator is not connected with this caller.
#[derive(Clone, Debug, Serialize)]
pub struct OperatorForCall {
    /// The operator.
    pub operator: Name,
    /// What he does.
    pub state: OperatorState,
    /// For how long.
    pub for_seconds: f64,
    /// His penalty in this queue, as in the plan; `null`: he is assigned to the caller and does not serve it.
    pub penalty: Option<u32>,
    /// The other queue through which he would be rung; `null`: the caller's own.
    pub through: Option<Name>,
    /// How often he was rung for this caller.
    pub tried: u32,
    /// Why he is not; never nothing, unless the caller's own `reasons` say it.
    pub reasons: Vec<Reason>,
}

impl Engine {
    /// Why a call's caller is not connected yet.
    ///
    /// # Errors
    /// When there is no such call, or it is over.
    pub fn explain_call(&self, id: CallId, now: Time) -> Result<CallWhy, NotSteered> {
        let view = self.call_view(id, now).ok_or_else(|| self.unknown(id))?;
        let call = self.calls.get(&id).ok_or_else(|| self.unknown(id))?;
        let waits = self.standing(id).map(|standing| self.why_waits(call, standing, now));
        let text = match &waits {
            Some(waits) => waiting_words(waits),
            None => state_words(&view),
        };
        Ok(CallWhy { call: id, caller: view.caller, state: view.state, text, waits })
    }

    fn why_waits(&self, call: &Call, standing: &Standing, now: Time) -> Waits {
        let queue = self.queue(standing.queue);
        let (place, priority) = (standing.place, call.priority());
        let age = now.since(place.entered);
        let ageing = queue.plan.ageing.filter(|ageing| !ageing.is_zero());
        // Near enough for people where it is greater than what a float holds exactly.
        let points = priority as f64;
        let earned = ageing.map_or(0.0, |ageing| age.as_secs_f64() / ageing.as_secs_f64());
        let (operators, operators_left_out) = self.why_not_they(standing, now);
        let is_alone = queue.members.is_empty() && standing.also.is_empty();
        let nobody = is_alone.then(|| Reason::new(Why::NoOperators, "nobody serves this queue now"));
        Waits {
            queue: queue.plan.name.clone(),
            strategy: queue.plan.strategy.word(),
            weight: queue.plan.weight,
            position: queue.position(&place),
            line: queue.line.len(),
            priority,
            effective_priority: points + earned,
            ageing_seconds: ageing.map(|ageing| ageing.as_secs_f64()),
            waited_seconds: now.since(place.joined).as_secs_f64(),
            age_seconds: age.as_secs_f64(),
            until: self.timers.due(Wake::MaxWait(call.id)).map(timestamp),
            assigned: self.assigned_to(call.id),
            ringing: self.ringing_for(call.id),
            reasons: self.enough_of(&standing.own()).into_iter().chain(nobody).collect(),
            also: self.other_queues(standing, now),
            operators,
            operators_left_out,
        }
    }

    /// Why each operator is not connected with him, and how many are left out.
    fn why_not_they(&self, standing: &Standing, now: Time) -> (Vec<OperatorForCall>, usize) {
        let own = standing.own();
        let stranger = standing.assigned.filter(|assigned| self.queue(own.queue).member(*assigned).is_none());
        let all: Vec<(Claim<'_>, OperatorIx)> =
            standing.claims().flat_map(|claim| self.of_claim(claim).into_iter().map(move |ix| (claim, ix))).collect();
        let known = all.iter().take(MOST).filter_map(|(claim, operator)| {
            let penalty = self.queue(claim.queue).member(*operator)?.penalty;
            Some(self.why_not_he(*operator, Some(penalty), claim, now))
        });
        let told = stranger.map(|ix| self.why_not_he(ix, None, &own, now)).into_iter().chain(known).collect();
        (told, all.len().saturating_sub(MOST))
    }

    /// The operators of a queue who may be rung for a caller, in their order. Who is assigned to him is rung through his own.
    fn of_claim(&self, claim: Claim<'_>) -> Vec<OperatorIx> {
        let queue = self.queue(claim.queue);
        let is_meant = |operator: OperatorIx| {
            self.is_looked_at(&claim, operator) && !(claim.is_guest() && claim.standing.assigned == Some(operator))
        };
        let asked = self.asked(&claim);
        let candidate = |(rank, member): (usize, &Member)| {
            let penalty = self.penalty(&asked, *member).unwrap_or(member.penalty);
            self.candidate(claim.standing, rank, Member { penalty, ..*member })
        };
        let members = queue.members.iter().enumerate().filter(|(_, member)| is_meant(member.operator));
        let mut all: Vec<Candidate> = members.map(candidate).collect();
        queue.put_in_order(&mut all, claim.last());
        all.into_iter().map(|one| one.member.operator).collect()
    }

    /// Other queues of a caller, now and later.
    fn other_queues(&self, standing: &Standing, now: Time) -> Vec<OtherQueue> {
        let also = self.queue(standing.queue).also.iter().filter(|_| standing.wants == Wants::Talk);
        let other = |(other, after): &(QueueIx, Duration)| {
            let (queue, from) = (self.queue(*other), standing.place.joined + *after);
            let (name, later) = (&queue.plan.name, Some(from).filter(|from| *from > now));
            let text = match later {
                _ if queue.is_closed => format!("operators of `{name}` do not take him, too: it is closed"),
                Some(from) => format!("operators of `{name}` may take him, too, from {} on", self.clock(from)),
                None => format!("operators of `{name}` may take him, too"),
            };
            OtherQueue { queue: name.clone(), from: later.map(timestamp), closed: queue.is_closed, text }
        };
        also.map(other).collect()
    }

    fn why_not_he(&self, ix: OperatorIx, penalty: Option<u32>, claim: &Claim<'_>, now: Time) -> OperatorForCall {
        let (operator, standing) = (self.operator(ix), claim.standing);
        let mut reasons = self.own_reasons(ix, Some(claim.place.call));
        let between = penalty.map(|penalty| self.reasons_between(ix, penalty, claim)).unwrap_or_default();
        // Who is free and may be rung, is: nobody can be before this caller then.
        if !reasons.is_empty() && between.is_empty() && self.enough(claim).is_none() {
            reasons.extend(self.before(ix, claim));
        }
        reasons.extend(between);
        // Of his own queue several may ring together, and of others nobody beside them.
        if claim.is_guest() && self.enough(&standing.own()).is_none() {
            reasons.extend(self.enough_of(claim));
        }
        OperatorForCall {
            operator: operator.plan.name.clone(),
            state: operator.state(),
            for_seconds: now.since(operator.since()).as_secs_f64(),
            penalty,
            through: claim.is_guest().then(|| self.queue(claim.queue).plan.name.clone()),
            tried: standing.tried.get(&ix).copied().unwrap_or(0),
            reasons,
        }
    }
}

fn waiting_words(waits: &Waits) -> String {
    let Waits { queue, position, line, .. } = waits;
    let seconds = |seconds: f64| lasting(Duration::from_secs_f64(seconds.max(0.0)));
    let waited = seconds(waits.waited_seconds);
    // What he waited elsewhere before is worth telling.
    let in_all = if waits.age_seconds - waits.waited_seconds >= 1.0 {
        format!(" ({} in all)", seconds(waits.age_seconds))
    } else {
        String::new()
    };
    let priority = match (waits.priority, waits.ageing_seconds) {
        (0, None) => String::new(),
        (priority, None) => format!(", with priority {priority}"),
        (priority, Some(_)) => {
            format!(", with priority {priority}, which waiting has made {:.1}", waits.effective_priority)
        }
    };
    format!("he waits in `{queue}` at place {position} of {line} for {waited}{in_all}{priority}")
}

fn state_words(view: &CallView) -> String {
    let with = view.operator.as_ref().map(|operator| format!(" with {operator}"));
    let who = with.or_else(|| (!view.legs.is_empty()).then(|| format!(" with {}", view.legs.join(", "))));
    match view.state {
        CallState::Playing => "he does not wait in a queue: he hears something".into(),
        CallState::Menu => "he does not wait in a queue: he is asked for keys".into(),
        CallState::Message => "he does not wait in a queue: he leaves a message".into(),
        CallState::LookingUp => "he does not wait in a queue: another server is asked about him".into(),
        CallState::Waiting => "he waits".into(),
        CallState::Ringing => format!("he does not wait in a queue: {} for him", ringing(&view.legs)),
        CallState::Reserved => {
            format!("he does not wait: Asterisk's dialplan connects him{}", who.unwrap_or_default())
        }
        CallState::Talking => format!("he does not wait: he talks{}", who.unwrap_or_default()),
        CallState::HandingOver => "he does not wait in a queue: he is on his way to another Asterisk".into(),
        CallState::CallingBack => "he does not wait: he is called back, and has not taken the call yet".into(),
        CallState::Leaving => "he does not wait: his call is ending".into(),
    }
}

fn ringing(legs: &[String]) -> String {
    if legs.is_empty() { "somebody is rung".into() } else { format!("the telephone rings at {}", legs.join(", ")) }
}
