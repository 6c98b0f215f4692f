//! Notices in, records out.

use std::{collections::BTreeMap, time::Duration};

use super::{Connected, Cost, EndedBy, Found, Left, LeftLine, Passage, Passed, Record, Rung, Stood, Talked, Who, Whom};
use crate::{
    domain::{CallId, Caller, ChannelId, Charge, Name, Time},
    engine::{
        Callee, Fact, Notice,
        notice::{CallbackFact, Outcome, Party},
    },
};

/// So many entries each of its lists may have: one who waits for an hour is offered to many, and a record is one line.
const MOST: usize = 200;

/// Calls that are not over yet, as far as they have been told.
#[derive(Debug, Default)]
pub struct Book {
    open: BTreeMap<CallId, Record>,
    /// Calls that are over, and so many legs of each that have not told yet what they cost: a leg ends a moment after its call
    /// when its caller hangs up.
    owing: BTreeMap<CallId, (Record, u32)>,
}

impl Book {
    /// A fact; and the record of the call that is over with it.
    pub fn see(&mut self, notice: &Notice) -> Option<Record> {
        let at = notice.at;
        match (&notice.fact, notice.call) {
            (Fact::Refused { number, caller, why }, call) => {
                let mut record = Record::new(call, None, Some(number), caller, at);
                record.refused = Some(*why);
                Some(record.close(at, Some(why.outcome())))
            }
            (Fact::Arrived { number, caller, channel }, Some(call)) => {
                self.open.insert(call, Record::new(Some(call), Some(channel), Some(number), caller, at));
                None
            }
            (Fact::Callback(CallbackFact::Calls { id, number, caller, channel, .. }), Some(call)) => {
                let mut record = Record::new(Some(call), Some(channel), Some(number), caller, at);
                record.callback = Some(id.to_string());
                self.open.insert(call, record);
                None
            }
            (Fact::Adopted { number, caller, channel, arrived, place }, Some(call)) => {
                let mut record = Record::new(Some(call), Some(channel), number.as_deref(), caller, *arrived);
                record.adopted = Some(Found { at, place: *place });
                self.open.insert(call, record);
                None
            }
            (Fact::Ended { outcome, charge, uncharged, .. }, Some(call)) => {
                let mut record = self.open.remove(&call)?;
                record.cost = charge.as_ref().map(Cost::new);
                let record = record.close(at, Some(*outcome));
                if *uncharged == 0 {
                    return Some(record);
                }
                self.owing.insert(call, (record, *uncharged));
                None
            }
            (Fact::Charged { callee, charge, .. }, Some(call)) => self.charge(call, callee, charge.as_ref()),
            (fact, Some(call)) => {
                // A leg may outlive its call, and tells of itself; its call's record is closed.
                self.open.get_mut(&call)?.add(at, fact);
                None
            }
            (_, None) => None,
        }
    }

    fn charge(&mut self, call: CallId, callee: &Callee, charge: Option<&Charge>) -> Option<Record> {
        if let Some(record) = self.open.get_mut(&call) {
            record.charge(callee, charge);
            return None;
        }
        let (record, uncharged) = self.owing.get_mut(&call)?;
        record.charge(callee, charge);
        *uncharged = uncharged.saturating_sub(1);
        if *uncharged > 0 {
            return None;
        }
        self.owing.remove(&call).map(|(record, _)| record)
    }

    /// The engine ends, and these calls go on without it: their records, as far as they have been told.
    /// Of calls that are over the legs that have not ended have no cost.
    pub fn close(&mut self, now: Time) -> impl Iterator<Item = Record> + use<> {
        let over = std::mem::take(&mut self.owing).into_values().map(|(record, _)| record);
        let open = std::mem::take(&mut self.open).into_values().map(move |record| record.close(now, None));
        over.chain(open)
    }

    /// How many calls are over and have legs that have not told what they cost.
    pub fn owing(&self) -> usize {
        self.owing.len()
    }

    /// How many calls are not over.
    pub fn open(&self) -> usize {
        self.open.len()
    }
}

impl Record {
    fn new(
        call: Option<CallId>,
        channel: Option<&ChannelId>,
        number: Option<&str>,
        caller: &Caller,
        began: Time,
    ) -> Self {
        Self {
            call: call.map(|call| call.to_string()),
            channel: channel.map(|channel| channel.id.to_string()),
            number: number.map(Into::into),
            caller: Who::new(caller),
            began,
            ended: began,
            lasted: Duration::ZERO,
            callback: None,
            adopted: None,
            refused: None,
            found_full: false,
            path: Vec::new(),
            queues: Vec::new(),
            offers: Vec::new(),
            talks: Vec::new(),
            messages: Vec::new(),
            left_out: 0,
            operator: None,
            waited: Duration::ZERO,
            talked: Duration::ZERO,
            outcome: None,
            ended_by: None,
            cost: None,
        }
    }

    fn add(&mut self, at: Time, fact: &Fact) {
        match fact {
            Fact::FoundFull { .. } => self.found_full = true,
            Fact::Reached { flow: Some(flow), .. } => self.pass(at, Passage::Flow(flow.clone())),
            Fact::MenuAnswered { keys } => self.pass(at, Passage::Pressed(keys.to_string())),
            Fact::MenuMistaken { keys } => self.pass(at, Passage::Mistaken(keys.to_string())),
            Fact::MenuUnanswered => self.pass(at, Passage::Silent),
            Fact::Required { skills } => self.pass(at, Passage::Required(skills.clone())),
            Fact::Message { .. } => self.message(fact),
            Fact::Joined { queue, position } => {
                let (queue, position) = (queue.clone(), *position);
                let stood = Stood { queue, joined: at, position, waited: Duration::ZERO, left: None };
                put(&mut self.queues, stood, &mut self.left_out);
            }
            Fact::LeftQueue { queue, waited, why, .. } => {
                self.leave(at, queue, *waited, LeftLine::Unserved(*why));
            }
            Fact::Offered { queue, callee } => {
                put(&mut self.offers, Rung::new(queue.clone(), callee, at), &mut self.left_out);
            }
            Fact::OfferEnded { .. } => self.end_offer(at, fact),
            Fact::Connected { queue, callee, waited, .. } => {
                if let Some(queue) = queue {
                    self.leave(at, queue, *waited, LeftLine::Served(Connected::Connected));
                }
                self.talk(queue.clone(), callee, at);
            }
            Fact::TalkEnded { .. } => self.end_talk(at, fact),
            Fact::Arrived { .. }
            | Fact::Adopted { .. }
            | Fact::Refused { .. }
            | Fact::Reached { flow: None, .. }
            | Fact::MenuAsked { .. }
            | Fact::Records { .. }
            | Fact::Entering(_)
            | Fact::LooksUp { .. }
            | Fact::LookedUp { .. }
            | Fact::LookupFailed { .. }
            | Fact::Notifies { .. }
            | Fact::NotNotified { .. }
            | Fact::NoNumber
            | Fact::NoFlow { .. }
            | Fact::HandOver(_)
            | Fact::Callback(_)
            | Fact::ChoiceTold { .. }
            | Fact::NobodyAnswered { .. }
            | Fact::CameBack { .. }
            | Fact::Steered { .. }
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
            | Fact::Broken { .. } => {}
        }
    }

    fn charge(&mut self, callee: &Callee, charge: Option<&Charge>) {
        let who = Whom::new(callee);
        if let Some(leg) = self.offers.iter_mut().rev().find(|rung| rung.who == who && rung.cost.is_none()) {
            leg.cost = charge.map(Cost::new);
        }
    }

    fn pass(&mut self, at: Time, what: Passage) {
        put(&mut self.path, Passed { at, what }, &mut self.left_out);
    }

    fn message(&mut self, fact: &Fact) {
        let Fact::Message { mailbox, id, outcome, lasts } = fact else { return };
        let (mailbox, message) = (mailbox.clone(), id.to_string());
        put(&mut self.messages, Left { mailbox, message, outcome: *outcome, lasts: *lasts }, &mut self.left_out);
    }

    fn leave(&mut self, at: Time, queue: &Name, waited: Duration, how: LeftLine) {
        self.waited += waited;
        let stands = |stood: &&mut Stood| stood.left.is_none() && stood.queue == *queue;
        let Some(stood) = self.queues.iter_mut().rev().find(stands) else { return };
        // One who was found in the line had come before he was found.
        stood.joined = at - waited;
        (stood.waited, stood.left) = (waited, Some(how));
    }

    /// An offer that was not told before is one of somebody who was not rung, since he was engaged.
    fn end_offer(&mut self, at: Time, fact: &Fact) {
        let Fact::OfferEnded { queue, callee, outcome, rang, cause } = fact else { return };
        let who = Whom::new(callee);
        let rings = |rung: &&mut Rung| rung.outcome.is_none() && rung.who == who;
        if let Some(rung) = self.offers.iter_mut().rev().find(rings) {
            return rung.end(*outcome, *rang, *cause);
        }
        let mut rung = Rung::new(queue.clone(), callee, at - *rang);
        rung.end(*outcome, *rang, *cause);
        put(&mut self.offers, rung, &mut self.left_out);
    }

    fn talk(&mut self, queue: Option<Name>, callee: &Callee, at: Time) {
        if let Some(operator) = callee.operator() {
            self.operator = Some(operator.clone());
        }
        let talk = Talked { queue, who: Whom::new(callee), at, talked: Duration::ZERO, ended_by: None };
        put(&mut self.talks, talk, &mut self.left_out);
    }

    fn end_talk(&mut self, at: Time, fact: &Fact) {
        let Fact::TalkEnded { queue, callee, talked, by, .. } = fact else { return };
        if self.talking().is_none() {
            // It began in another life of the engine.
            self.talk(queue.clone(), callee, at - *talked);
        }
        if let Some(talk) = self.talking() {
            (talk.talked, talk.ended_by) = (*talked, Some(*by));
        }
        self.talked += *talked;
    }

    fn talking(&mut self) -> Option<&mut Talked> {
        self.talks.last_mut().filter(|talk| talk.ended_by.is_none())
    }

    /// What is not over by now is so far as it is.
    fn close(mut self, now: Time, outcome: Option<Outcome>) -> Self {
        for stood in self.queues.iter_mut().filter(|stood| stood.left.is_none()) {
            stood.waited = now.since(stood.joined);
            self.waited += stood.waited;
        }
        for rung in self.offers.iter_mut().filter(|rung| rung.outcome.is_none()) {
            rung.rang = now.since(rung.at);
        }
        for talk in self.talks.iter_mut().filter(|talk| talk.ended_by.is_none()) {
            talk.talked = now.since(talk.at);
            self.talked += talk.talked;
        }
        self.ended = now;
        self.lasted = now.since(self.began);
        self.outcome = outcome;
        self.ended_by = outcome.and_then(|outcome| self.ended_by(outcome));
        self
    }

    fn ended_by(&self, outcome: Outcome) -> Option<EndedBy> {
        match outcome {
            Outcome::Served => match self.talks.last()?.ended_by? {
                Party::Caller => Some(EndedBy::Caller),
                Party::Operator => Some(EndedBy::Operator),
                // Of whom he talked to then nobody tells.
                Party::Transferred | Party::Unknown | Party::TakenOver => None,
            },
            Outcome::LeftInMenu | Outcome::LeftMessage | Outcome::Abandoned => Some(EndedBy::Caller),
            Outcome::EndedByPlan | Outcome::Continued | Outcome::Full => Some(EndedBy::Plan),
            Outcome::Fallback | Outcome::Refused | Outcome::Lost | Outcome::NotHandedOver => Some(EndedBy::Engine),
            Outcome::TakenOver | Outcome::NotReached => None,
        }
    }
}

fn put<T>(list: &mut Vec<T>, entry: T, left_out: &mut u32) {
    if list.len() < MOST {
        list.push(entry);
    } else {
        *left_out += 1;
    }
}
