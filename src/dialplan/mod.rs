//! The plan: what the person who runs the office writes, and what it means.
//!
//! Three shapes, each made from the one before: as typed ([`raw`], with the place of every word), checked ([`check`], all
//! mistakes at once, each with its remedy) and as meant ([`plan`], which cannot be wrong).

pub mod hours;
pub mod plan;

pub use plan::{Act, Choice, MaxWait, Menu, Operator, Plan, PublicNumber, Queue, Step, StepId, Strategy};
