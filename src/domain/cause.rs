//! Why a leg ended, and why we end one.

use serde::Serialize;

/// Why Asterisk says a channel ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cause {
    /// Q.850 cause, as in `ChannelDestroyed.cause`; 0 when Asterisk knows none.
    pub q850: u16,
    /// The SIP status that brought it, where Asterisk tells (`tech_cause`, Asterisk 22.7 and later).
    pub sip: Option<u16>,
}

impl Cause {
    /// A Q.850 cause alone.
    pub const fn q850(q850: u16) -> Self {
        Self { q850, sip: None }
    }
}

/// Why we hang up a channel: what the far side is told.
///
/// Words of ARI's `DELETE /channels/{id}?reason=` where it has one; the SIP answer an unanswered caller gets is in brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The conversation is over (603 to a caller not yet answered).
    Normal,
    /// Everybody is busy, or the number is full (486).
    Busy,
    /// There is no room for the call in the exchange (503).
    Congestion,
    /// Nobody answered (480).
    NoAnswer,
    /// Nobody was there to answer in time (408).
    Timeout,
    /// The caller is not wanted (403).
    Rejected,
    /// There is no such number here (404).
    Unallocated,
    /// The number is no longer in use (410).
    Gone,
    /// The number is not complete (484).
    Incomplete,
    /// What the number leads to cannot be reached (502).
    OutOfOrder,
    /// Something of ours or of Asterisk's is broken (500).
    Failure,
    /// A colleague was quicker: the phone shows no missed call.
    AnsweredElsewhere,
}
