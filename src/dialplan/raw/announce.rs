//! What is said to those who wait in a queue, as typed.

use std::time::Duration;

use super::{
    HOUR, SECOND,
    media::{RawSound, Sounds},
};
use crate::{
    dialplan::{
        plan::Announce,
        word::{Lasting, YesNo},
    },
    yaml::{At, Key, Mapping, Node, Or, Reader, Span},
};

/// What is said, as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawAnnounce {
    pub(in crate::dialplan) position: bool,
    pub(in crate::dialplan) wait: bool,
    pub(in crate::dialplan) first: Duration,
    pub(in crate::dialplan) every: Duration,
    pub(in crate::dialplan) periodic: Option<RawPeriodic>,
    pub(in crate::dialplan) span: Span,
}

/// What everybody hears again and again, as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawPeriodic {
    pub(in crate::dialplan) play: Vec<At<RawSound>>,
    pub(in crate::dialplan) every: Duration,
}

/// Closer to one another nobody hears anything else.
const APART: Lasting = Lasting::within(SECOND.saturating_mul(5), HOUR);

const POSITION: Key<Or<YesNo>> = Key::or(
    "position",
    YesNo,
    false,
    "Whether callers are told their place, whenever it is better than the last time.",
);
const WAIT: Key<Or<YesNo>> = Key::or(
    "wait",
    YesNo,
    false,
    "Whether callers are told how long it will be, whenever that is known and shorter than the last time.",
);
const FIRST: Key<Or<Lasting>> = Key::or(
    "first",
    Lasting::within(Duration::ZERO, HOUR),
    Announce::FIRST,
    "How long a caller waits before he is told for the first time.",
);
const EVERY: Key<Or<Lasting>> =
    Key::or("every", APART, Announce::EVERY, "How long it is from one such telling to the next.");
const PERIODIC: Key<Mapping> =
    Key::optional("periodic", AGAIN, "What everybody who waits hears again and again: one of it after the other.");

const PLAY: Key<Sounds> = Key::required(
    "play",
    "play: [sound:queue-thankyou]",
    Sounds,
    "A sound, or a list of sounds of which one is heard each time, in turn.",
);
const AGAIN_EVERY: Key<Or<Lasting>> =
    Key::or("every", APART, Announce::PERIODIC, "How long it is from one of them to the next, and to the first.");

const AGAIN: Mapping = Mapping { what: "`periodic`", keys: &[&PLAY, &AGAIN_EVERY] };

const SAID: Mapping = Mapping { what: "`announce`", keys: &[&POSITION, &WAIT, &FIRST, &EVERY, &PERIODIC] };

pub(super) const ANNOUNCE: Key<Mapping> = Key::optional(
    "announce",
    SAID,
    "What is said to those who wait. An operator who is rung for a caller ends it at once.",
);

/// Reads what is said.
pub(super) fn announce(node: &Node, owner: &Span, reader: &mut Reader) -> Option<RawAnnounce> {
    let fields = reader.fields(node, &SAID, owner)?;
    let (position, wait) = (reader.or(&fields, &POSITION), reader.or(&fields, &WAIT));
    let (first, every) = (reader.or(&fields, &FIRST), reader.or(&fields, &EVERY));
    let periodic = fields.get(&PERIODIC).and_then(|node| periodic(node, reader));
    Some(RawAnnounce { position, wait, first, every, periodic, span: node.span.clone() })
}

fn periodic(node: &Node, reader: &mut Reader) -> Option<RawPeriodic> {
    let fields = reader.fields(node, &AGAIN, &node.span)?;
    let play = reader.required(&fields, &PLAY).map(|node| reader.media(node)).unwrap_or_default();
    Some(RawPeriodic { play, every: reader.or(&fields, &AGAIN_EVERY) })
}
