//! Call records: what there is to say of a call when it is over, for those who keep account of calls.
//!
//! A record is made from notices and nothing else ([`Book`]). A call has one record for each life of an engine that saw it:
//! nearly always one. One that went on when an engine ended has a record of what that engine saw, without an outcome, and
//! under the same id another of what the next one saw, which says where it was `adopted`. One that was not taken has a
//! record without an id.
//!
//! Moments are in UTC, as RFC 3339 writes them; durations are in seconds, to the millisecond. Digits that callers enter are in no
//! record, since they may be a secret.

mod book;

use std::{collections::BTreeMap, time::Duration};

pub use book::Book;
use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::{
    Callee,
    notice::{Adopted, LeftQueue, MessageOutcome, OfferOutcome, Outcome, Party, Refusal},
};
use crate::{
    dialplan::moment::timestamp,
    domain::{Caller, Cause, Charge, Money, Name, Time},
};

/// One call.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record {
    /// The call's id, as in the log; `None`: it was not taken.
    pub call: Option<String>,
    /// Its channel at Asterisk (`uniqueid`), where it was taken.
    pub channel: Option<String>,
    /// The number that was called, as the plan has it; as dialled, when the plan does not have it.
    pub number: Option<String>,
    /// Who called.
    pub caller: Who,
    /// When it arrived.
    #[serde(serialize_with = "moment")]
    pub began: Time,
    /// When it was over; or when the engine ended, and it went on.
    #[serde(serialize_with = "moment")]
    pub ended: Time,
    /// From its arrival on.
    #[serde(serialize_with = "seconds")]
    pub lasted: Duration,
    /// Where it was found, when it arrived in another life of the engine.
    pub adopted: Option<Found>,
    /// Why it was not taken.
    pub refused: Option<Refusal>,
    /// Whether it found all channels of its number in use, and went where the plan leads then.
    pub found_full: bool,
    /// Which way through the plan it went.
    pub path: Vec<Passed>,
    /// Lines that its caller stood in.
    pub queues: Vec<Stood>,
    /// Everybody who was rung for it: its legs.
    pub offers: Vec<Rung>,
    /// Conversations.
    pub talks: Vec<Talked>,
    /// Messages that its caller left, or tried to.
    pub messages: Vec<Left>,
    /// So much more came about than a record holds.
    pub left_out: u32,
    /// The operator whom its caller talked to last.
    pub operator: Option<Name>,
    /// How long its caller stood in lines, all together.
    #[serde(serialize_with = "seconds")]
    pub waited: Duration,
    /// How long its caller talked, all together.
    #[serde(serialize_with = "seconds")]
    pub talked: Duration,
    /// How it ended; `None`: it went on when the engine ended.
    pub outcome: Option<Outcome>,
    /// Who ended it; `None`: nobody whom we know.
    pub ended_by: Option<EndedBy>,
    /// What it cost; `None`: not known.
    pub cost: Option<Cost>,
}

/// Who called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Who {
    /// His number, where he presents one.
    pub number: Option<String>,
    /// His name, where he presents one.
    pub name: Option<String>,
    /// The telephone of the house that he called from.
    pub phone: Option<String>,
    /// Whether he withheld his number.
    pub withheld: bool,
}

impl Who {
    fn new(caller: &Caller) -> Self {
        let text = |text: &str| text.to_owned();
        Self {
            number: caller.number().map(text),
            name: caller.name.as_deref().map(text),
            phone: caller.phone.as_deref().map(text),
            withheld: caller.is_withheld(),
        }
    }
}

/// Where a call was found that arrived in another life of the engine.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Found {
    /// When.
    #[serde(serialize_with = "moment")]
    pub at: Time,
    /// Where it went on.
    pub place: Adopted,
}

/// What a call came by.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Passed {
    /// When.
    #[serde(serialize_with = "moment")]
    pub at: Time,
    /// What.
    #[serde(flatten)]
    pub what: Passage,
}

/// What a call may come by: `{"flow": "welcome"}`, `{"pressed": "1"}`, `{"mistaken": "7"}`, `{"silent": null}`,
/// `{"required": {"english": 3}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Passage {
    /// The first step of a flow.
    Flow(Name),
    /// A menu that its caller answered with these keys.
    Pressed(String),
    /// A menu that does not offer what its caller pressed.
    Mistaken(String),
    /// A menu that its caller did not answer.
    Silent,
    /// A step from which on it asks for these skills.
    Required(BTreeMap<Name, u32>),
}

/// A line that a caller stood in.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stood {
    /// The queue.
    pub queue: Name,
    /// When he came; in another life of the engine, perhaps.
    #[serde(serialize_with = "moment")]
    pub joined: Time,
    /// His place then; 1 is the next to be served. Of one who was found in the line, where he was found.
    pub position: usize,
    /// How long he stood.
    #[serde(serialize_with = "seconds")]
    pub waited: Duration,
    /// How he left; `None`: he stood there still.
    pub left: Option<LeftLine>,
}

/// How a caller left a line: an operator answered, or why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum LeftLine {
    /// `connected`.
    Served(Connected),
    /// In the words of [`LeftQueue`].
    Unserved(LeftQueue),
}

/// The word for having been connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Connected {
    /// It.
    Connected,
}

/// Somebody who was rung, or should have been.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rung {
    /// The queue for which he was; `None`: a step of the plan dialled.
    pub queue: Option<Name>,
    /// Whom.
    #[serde(flatten)]
    pub who: Whom,
    /// Since when.
    #[serde(serialize_with = "moment")]
    pub at: Time,
    /// How long.
    #[serde(serialize_with = "seconds")]
    pub rang: Duration,
    /// What came of it; `None`: it rang still.
    pub outcome: Option<OfferOutcome>,
    /// Q.850 cause of its end; 0 where Asterisk told none.
    pub cause: u16,
    /// The SIP status of its end, where Asterisk told one.
    pub sip: Option<u16>,
    /// What the leg cost; `None`: nothing, or whoever found it after the engine told it.
    pub cost: Option<Cost>,
}

impl Rung {
    fn new(queue: Option<Name>, callee: &Callee, at: Time) -> Self {
        let who = Whom::new(callee);
        Self { queue, who, at, rang: Duration::ZERO, outcome: None, cause: 0, sip: None, cost: None }
    }

    fn end(&mut self, outcome: OfferOutcome, rang: Duration, cause: Cause) {
        (self.outcome, self.rang) = (Some(outcome), rang);
        (self.cause, self.sip) = (cause.q850, cause.sip);
    }
}

/// Who was rung, or talked to: `{"kind": "outside", "to": "+4790000000", "trunk": "provider"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Whom {
    /// What he is: `operator`, `phone` or `outside`.
    pub kind: &'static str,
    /// An operator's name, a phone's internal number, or a number outside.
    pub to: String,
    /// The trunk that leads to a number outside.
    pub trunk: Option<Name>,
}

impl Whom {
    fn new(callee: &Callee) -> Self {
        Self { kind: callee.kind(), to: callee.to_string(), trunk: callee.trunk().cloned() }
    }
}

/// A conversation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Talked {
    /// The queue that brought them together; `None`: a step of the plan did, or it is not known.
    pub queue: Option<Name>,
    /// Whom the caller talked to.
    #[serde(flatten)]
    pub who: Whom,
    /// Since when; in another life of the engine, perhaps.
    #[serde(serialize_with = "moment")]
    pub at: Time,
    /// How long.
    #[serde(serialize_with = "seconds")]
    pub talked: Duration,
    /// Who ended it; `None`: they talked still.
    pub ended_by: Option<Party>,
}

/// A message that a caller left, or tried to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Left {
    /// The box that it is for.
    pub mailbox: Name,
    /// The message's id.
    pub message: String,
    /// What became of it.
    pub outcome: MessageOutcome,
    /// How long it is.
    #[serde(serialize_with = "seconds")]
    pub lasts: Duration,
}

/// Who ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// The caller hung up, or Asterisk lost him: it tells both alike.
    Caller,
    /// Whoever answered him hung up.
    Operator,
    /// A step of the plan, the end of a flow, or what it says of a full number.
    Plan,
    /// We did: there was no room, or something failed.
    Engine,
}

/// What a call or leg cost, as its tariff says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// How much, as a decimal number.
    pub amount: String,
    /// Of what: `NOK`.
    pub currency: String,
}

impl Cost {
    fn new(charge: &Charge) -> Self {
        let Money { amount, currency } = charge.cost;
        Self { amount: amount.to_string(), currency: currency.to_string() }
    }
}

fn moment<S: Serializer>(time: &Time, to: S) -> Result<S::Ok, S::Error> {
    let moment: Timestamp = timestamp(*time);
    moment.serialize(to)
}

/// To the millisecond: what is finer says nothing.
fn seconds<S: Serializer>(span: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64((span.as_secs_f64() * 1000.0).round() / 1000.0)
}
