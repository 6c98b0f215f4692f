//! Whole plans: what they come to mean, and every way in which they can be wrong.

mod also;
pub(super) mod any;
mod by_extension;
mod callback;
mod circles;
mod duty;
mod faults;
mod lists;
mod meaning;
mod numbers;
mod remembered;
mod require;
mod schema;
mod shipped;
mod special_hours;
mod spoken;

use super::{Checked, parse};
use crate::yaml::Faults;

/// A plan that must be right.
pub(super) fn plan(text: &str) -> Checked {
    parse("plan.yaml", text.as_bytes()).unwrap_or_else(|faults| panic!("{}\n{text}", faults.render(false)))
}

/// What is wrong with a plan.
fn faults(text: &[u8]) -> Faults {
    match parse("plan.yaml", text) {
        Ok(_) => panic!("nothing is wrong with {}", String::from_utf8_lossy(text)),
        Err(faults) => faults,
    }
}
