//! What a call meets: a caller with a part to play, operators with theirs, and the real engine on the toy Asterisk in virtual
//! time.
//!
//! ```text
//! NAME.test.yaml -> read -> Test ─┐
//! route's options ────────────────┴─> Part -> stage::perform -> Happenings ─┬─> verdict: expected, happened
//!                                                                           └─> route: in words
//! ```
//!
//! Nothing here knows what a plan means: what happens is what the engine told and what people at the telephones saw.

mod duty;
mod happening;
mod house;
pub mod load;
mod lookups;
mod read;
mod route;
mod sounds;
mod stage;
#[cfg(test)]
mod tests;
mod troupe;
mod verdict;

pub use duty::DutyDeed;
pub use happening::{Happening, What};
pub use house::HousePhone;
pub use lookups::{Lookups, Reply};
pub use read::{Suite, Test, schema};
pub use route::route;
pub use stage::{Behaviour, Deed, Part, Performance, perform};
pub use verdict::{Extent, Verdict, judge};
