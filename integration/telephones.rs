//! Who plays the telephones: SIPp beside a real Asterisk, or the stand-in's own.
//!
//! Both do nothing by themselves but what they are told, and both tell what was said to them in the words of SIP. So what
//! people do is written once.

use std::sync::Arc;

use anyhow::Result;

use crate::ear::Ear;
use crate::media::Mouth;
use crate::sipp::Sipp;
use crate::toy::Toy;
use crate::wire::{Dialog, Wire};

/// The telephones around an Asterisk.
pub enum Telephones {
    Sipp(Sipp),
    Toy(Toy),
}

/// Whose telephone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Callers,
    Phones,
}

/// A call as its caller begins it.
#[derive(Clone, Copy, Debug)]
pub struct Dialling<'a> {
    /// What he dials.
    pub to: &'a str,
    /// His number.
    pub from: &'a str,
    /// What he calls himself, as SIP quotes it.
    pub name: &'a str,
    /// His number is for the provider alone.
    pub withheld: bool,
}

/// What a telephone is told to do in a call.
#[derive(Clone, Copy)]
pub enum Order<'a> {
    /// Says that it rings: 180.
    Ring,
    /// Is picked up: 200.
    Answer(&'a Ear),
    Refuse(Refusal),
    /// Hangs up: CANCEL before the answer, BYE after it.
    HangUp,
    /// Presses a key, told between the voice packets (RFC 4733).
    Press(char, &'a Ear),
    /// Presses a key, told by INFO.
    PressByInfo(char),
    /// Transfers whom it talks with, to this (REFER).
    Transfer(&'a str),
}

/// The ways to refuse.
#[derive(Clone, Copy, Debug)]
pub enum Refusal {
    Busy,
    Decline,
    Away,
}

impl Telephones {
    /// What went over the wire of one side.
    pub fn wire(&self, side: Side) -> &Wire {
        match (self, side) {
            (Self::Sipp(sipp), Side::Callers) => &sipp.callers,
            (Self::Sipp(sipp), Side::Phones) => &sipp.phones,
            (Self::Toy(toy), Side::Callers) => &toy.callers,
            (Self::Toy(toy), Side::Phones) => &toy.phones,
        }
    }

    /// A caller dials; gives his Call-ID and his ear.
    pub async fn dials(&self, call: Dialling<'_>, mouth: Mouth) -> Result<(String, Arc<Ear>)> {
        match self {
            Self::Sipp(sipp) => sipp.dials(call, mouth).await,
            Self::Toy(toy) => toy.dials(call, mouth).await,
        }
    }

    /// The ear at a phone that is rung.
    pub async fn ear(&self, rung: &Dialog, mouth: Mouth) -> Result<Arc<Ear>> {
        match self {
            Self::Sipp(sipp) => sipp.ear(mouth).await,
            Self::Toy(toy) => Ok(toy.ear(&rung.call_id)),
        }
    }

    /// Makes a telephone do something in that call. In a call that is over it does nothing.
    pub fn order(&self, side: Side, call_id: &str, order: Order<'_>) -> Result<()> {
        match self {
            Self::Sipp(sipp) => sipp.order(side, call_id, order),
            Self::Toy(toy) => toy.order(side, call_id, order),
        }
    }
}
