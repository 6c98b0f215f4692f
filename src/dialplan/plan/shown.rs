//! What those who are rung are shown of a caller.

use crate::domain::E164;

/// The number that somebody who is rung sees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ShownNumber {
    /// The caller's, or that he withholds it.
    #[default]
    Caller,
    /// The number that the caller dialled.
    Called,
    /// One of the company's.
    Own(E164),
}

/// The name that somebody who is rung sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ShownName {
    /// The caller's, where his number is shown and he has one.
    #[default]
    Caller,
    /// That of the queue which rings him.
    Queue,
}

/// How a trunk is told for whom a call is made, besides whom it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identity {
    /// In `P-Asserted-Identity` (RFC 3325): a number of the company's.
    Asserted,
    /// In `Diversion` (RFC 5806): the number that the caller dialled, from which his call is passed on.
    Diversion,
}
