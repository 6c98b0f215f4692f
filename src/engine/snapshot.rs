//! How things stand: what `GET /api/v1/state` shows.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::notice::OperatorState;
use crate::{
    dialplan::NumberType,
    domain::{CallId, CallbackId, Name},
};

/// All that the engine knows, as values. Durations in seconds.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The exchange.
    pub exchange: String,
    /// Whether new calls are turned away because the engine is about to stop.
    pub draining: bool,
    /// Asterisk nodes.
    pub nodes: Vec<NodeView>,
    /// Public numbers.
    pub numbers: Vec<NumberView>,
    /// Calls in the order of their arrival.
    pub calls: Vec<CallView>,
    /// Queues in the order of the first plan; those of later plans behind them.
    pub queues: Vec<QueueView>,
    /// Opening hours of the plan.
    pub hours: Vec<HoursView>,
    /// Operators in the order of the first plan; those of later plans behind them.
    pub operators: Vec<OperatorView>,
    /// Trunks of the plan, in its order.
    pub trunks: Vec<TrunkView>,
    /// Callbacks that are promised, queue by queue, the next in its line first.
    pub callbacks: Vec<CallbackView>,
}

/// An Asterisk.
#[derive(Clone, Debug)]
pub struct NodeView {
    /// Its number in the settings.
    pub node: u8,
    /// Whether it is heard from.
    pub up: bool,
    /// Calls it holds.
    pub calls: usize,
}

/// A public number.
#[derive(Clone, Debug, Serialize)]
pub struct NumberView {
    /// The number.
    pub number: String,
    /// Who pays, and whether a caller may withhold his number.
    #[serde(rename = "type")]
    pub kind: NumberType,
    /// Simultaneous calls it takes; `null`: no limit of its own.
    pub channels: Option<u32>,
    /// Calls it has on them.
    pub calls: usize,
}

/// A call.
#[derive(Clone, Debug, Serialize)]
pub struct CallView {
    /// Its id.
    pub id: CallId,
    /// Asterisk's id of the caller's channel.
    pub channel: String,
    /// The number called, as the plan has it.
    pub number: Option<String>,
    /// The number dialled, where the plan has it as one of several.
    pub dialled: Option<String>,
    /// Whether it found its number full, and went where the plan leads then: it takes none of the number's channels.
    pub beyond_channels: bool,
    /// The caller's number; `null` when it is withheld, or is none.
    pub caller: Option<String>,
    /// Whether the caller withholds his number.
    pub withheld: bool,
    /// Whether he calls from a telephone of the house.
    pub internal: bool,
    /// Whether the caller is answered.
    pub answered: bool,
    /// The language that the caller is spoken to in.
    pub language: String,
    /// Skills that it asks of those who are rung for it in a queue now, with the least level of each.
    pub requires: BTreeMap<Name, u32>,
    /// What it is doing.
    pub state: CallState,
    /// The queue it waits in or was served from.
    pub queue: Option<Name>,
    /// The operator it is connected to, or who is kept for it.
    pub operator: Option<Name>,
    /// Those whose phones ring for it, or to whom it talks: an operator's name, an internal number, a number outside.
    pub legs: Vec<String>,
    /// How long ago it arrived, in seconds.
    pub age_seconds: f64,
}

/// What a call is doing, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// Hears something, or lets time pass.
    Playing,
    /// Is asked for keys.
    Menu,
    /// Leaves a message.
    Message,
    /// Waits for what another server says.
    LookingUp,
    /// Stands in line; nobody rings for it.
    Waiting,
    /// Somebody rings for it.
    Ringing,
    /// An operator is kept for it, whom Asterisk's dialplan dials.
    Reserved,
    /// Talks.
    Talking,
    /// Rings somebody who is called back.
    CallingBack,
    /// Is on its way from a node to another that can do more.
    HandingOver,
    /// Is being ended.
    Leaving,
}

/// A queue.
#[derive(Clone, Debug, Serialize)]
pub struct QueueView {
    /// Its name.
    pub queue: Name,
    /// Its strategy, as in the plan.
    pub strategy: &'static str,
    /// Those who stand in line, the next one first.
    pub callers: Vec<WaitingView>,
    /// Its operators.
    pub operators: Vec<Name>,
}

/// One who stands in line.
#[derive(Clone, Debug, Serialize)]
pub struct WaitingView {
    /// The call.
    pub call: CallId,
    /// His place; 1 is the next to be served.
    pub position: usize,
    /// His priority: the greater one is served first.
    pub priority: i64,
    /// How long in this line, in seconds.
    pub waited_seconds: f64,
    /// How long in all that counts for his place: in the lines before, too.
    pub age_seconds: f64,
    /// The operator who is rung for him next.
    pub assigned: Option<Name>,
    /// The operator who talked to him last and for whom alone he waits now.
    pub waits_for: Option<Name>,
    /// For whom somebody rings.
    pub ringing: Vec<Name>,
}

/// Lines to the world.
#[derive(Clone, Debug, Serialize)]
pub struct TrunkView {
    /// Its name.
    pub trunk: Name,
    /// Simultaneous calls to the outside that it takes; `null`: no limit of ours.
    pub channels: Option<u32>,
    /// Those it has.
    pub in_use: usize,
}

/// A callback that is promised.
#[derive(Clone, Debug, Serialize)]
pub struct CallbackView {
    /// Its id.
    pub id: CallbackId,
    /// The queue in which he keeps his place.
    pub queue: Name,
    /// The number that is called.
    pub number: String,
    /// The number that he had called.
    pub called: String,
    /// Since when he stands in the line.
    pub entered: Timestamp,
    /// When it was promised.
    pub promised: Timestamp,
    /// Until when the promise holds.
    pub expires: Timestamp,
    /// How often he was called.
    pub attempts: u32,
    /// He is not called before.
    pub not_before: Timestamp,
    /// The call in which he is called now.
    pub call: Option<CallId>,
}

/// Opening hours.
#[derive(Clone, Debug, Serialize)]
pub struct HoursView {
    /// Their name.
    pub hours: Name,
    /// Whether they are open.
    pub open: bool,
    /// Whether somebody said so, whatever the plan says.
    pub by_hand: bool,
    /// Until when he said so; `null`: until he says otherwise.
    pub until: Option<Timestamp>,
}

/// An operator.
#[derive(Clone, Debug, Serialize)]
pub struct OperatorView {
    /// The operator.
    pub operator: Name,
    /// His internal number.
    pub extension: Option<Name>,
    /// The desk at which he is, by its internal number; `null`: he is at his own telephone.
    pub desk: Option<Name>,
    /// What he does.
    pub state: OperatorState,
    /// For how long, in seconds.
    pub for_seconds: f64,
    /// Whether he is there for his queues; it counts when he would be free.
    pub duty: DutyView,
    /// The calls that he rings for or talks in: several where he may have several.
    pub calls: Vec<CallId>,
    /// With how many callers he may talk at once.
    pub capacity: u32,
}

/// Whether an operator is there for his queues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DutyView {
    /// In a word: `on`, `paused`, `signed_out`.
    pub duty: &'static str,
    /// Why he is paused, in a word.
    pub reason: Option<Name>,
    /// Until when he is paused; `null`: until somebody says otherwise.
    pub until: Option<Timestamp>,
    /// Until when he wraps up.
    pub wrap_up_until: Option<Timestamp>,
}
