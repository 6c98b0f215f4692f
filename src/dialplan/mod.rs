//! The plan: what the person who runs the office writes, and what it means.
//!
//! Three shapes, each made from the one before: as typed (`raw`, with the place of every word), checked (`check`, all
//! mistakes at once, each with its remedy) and as meant ([`plan`], which cannot be wrong).
//!
//! ```text
//! bytes -> yaml (a tree with places, the floor below) -> raw (each value read) -> check (the whole looked at) -> plan
//! ```

pub mod changes;
pub mod drawing;
pub mod hours;
pub mod lists;
pub mod moment;
pub mod numbers;
pub mod plan;

mod check;
pub mod expr;
mod load;
mod national;
mod parse;
mod prompt;
mod raw;
pub mod request;
pub mod say;
mod schema;
mod section;
pub(crate) mod word;

pub(crate) use word::prompt::ending;

#[cfg(test)]
mod tests;

pub(crate) use check::as_json;
pub use hours::Hours;
pub use lists::List;
pub use load::load;
pub(crate) use load::load_with;
pub use numbers::Numbers;
pub use parse::{Checked, MAX_BYTES, parse};
pub use plan::{
    Accept, Act, Also, Announce, Announcement, Answering, Ask, Asking, Asks, AtDesk, AutoPause, Away, ByPhone,
    Callback, Capacity, Choice, Confirm, DEFAULT_MUSIC, Dial, DialMode, DutyChange, Extension, First, Identity, Lack,
    Languages, Leaves, LookUp, MaxWait, Member, Menu, Missed, Music, NotPromised, NumberType, Operator, Outside,
    PRIORITY, Pattern, Penalties, Periodic, Phone, Plan, Promise, PublicNumber, Queue, Reaches, Record, Required,
    Requires, Reserved, Retry, ShownName, ShownNumber, Step, StepId, Sticky, Strategy, Switch, Take, Target, Terms,
    Trunk, Unanswered, Unfit, WhenFull, skills_in_words,
};
pub(crate) use prompt::{Prompts, on_trust, toned};
pub(crate) use raw::{TONE, TONED, tone};
pub use schema::schema;
