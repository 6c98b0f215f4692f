//! Whether operators are there for their queues, as typed: what is said of each, of pauses, of queues, and the step `operator`.

use std::{collections::BTreeSet, time::Duration};

use super::{
    SECOND,
    desk::{AT, RawAtDesk},
    media::{PLAY, RawSound, SAY},
    menu::{
        self, INVALID, ON_INVALID, ON_SILENCE, OTHERWISE, RawAsking, SILENT, TIMEOUT, TRIES, TYPE_AHEAD, inter_digit,
    },
    step::{RawAct, StepWord},
};
use crate::{
    dialplan::{
        plan::{AutoPause, Away, DutyChange, Missed},
        word::{self, Count, Lasting, OneOf, Plain, Rule, YesNo},
    },
    domain::{Name, Pin, pin},
    yaml::{At, Either, Fault, Fields, Key, Many, Mapping, Node, Nothing, Or, Read, Reader, Wrong},
};

/// What is said of an operator's duty, as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawDuty {
    pub(in crate::dialplan) signed_in: bool,
    pub(in crate::dialplan) pin: Option<At<Pin>>,
}

/// A reason of pauses, as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawPause {
    pub(in crate::dialplan) name: At<Name>,
    pub(in crate::dialplan) lasts: Option<Duration>,
}

/// The step, as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawByPhone {
    pub(in crate::dialplan) change: DutyChange,
    /// The reason of a pause.
    pub(in crate::dialplan) reason: Option<At<Name>>,
    pub(in crate::dialplan) asking: RawAsking,
    pub(in crate::dialplan) extension: Option<Vec<At<RawSound>>>,
    /// Where he is who signs in.
    pub(in crate::dialplan) desk: Option<At<RawAtDesk>>,
}

pub(super) const SIGNED_IN: Key<Or<YesNo>> =
    Key::or("signed_in", YesNo, true, "Whether he is there for his queues until somebody says otherwise.");
pub(super) const PIN: Key<Plain<Pin>> = Key::optional(
    "pin",
    Plain::new("a PIN", read_pin, &DIGITS),
    "Secret digits by which he shows at a telephone who he is. Without them he does it at his own telephone only.",
);

const DIGITS: Rule = Rule {
    also: &["integer"],
    pattern: || format!("^[0-9]{{{},{}}}$", pin::SHORTEST, pin::LONGEST),
    examples: &[],
    docs: "4 to 8 digits, in quotes: a zero in front counts.",
};

/// What is wrong is not repeated: it may be somebody's secret.
fn read_pin(text: &str) -> Read<Pin> {
    Pin::new(text).ok_or_else(|| {
        let remedy = format!("write {} to {} digits, in quotes", pin::SHORTEST, pin::LONGEST);
        Wrong::new("this is not a PIN", remedy)
    })
}

/// What is said of an operator's duty.
pub(super) fn duty(fields: &Fields<'_>, reader: &mut Reader) -> RawDuty {
    RawDuty { signed_in: reader.or(fields, &SIGNED_IN), pin: reader.maybe(fields, &PIN) }
}

const LASTS: Lasting = Lasting::within(DutyChange::SHORTEST, DutyChange::LONGEST);

const FOR: Key<Lasting> = Key::optional("for", LASTS, "How long; until somebody says otherwise when it is missing.");

/// What a reason of pauses has: nothing, or how long it lasts.
pub(super) const PAUSE: Either = Either(&[&Nothing, &LIMIT]);

const LIMIT: Mapping = Mapping { what: "a pause", keys: &[&FOR] };

/// Reads a reason of pauses.
pub(super) fn pause(name: At<Name>, node: &Node, reader: &mut Reader) -> RawPause {
    if *name.value == *AutoPause::REASON {
        let fault = Fault::error(&name.span, "`auto_pause` is the reason of pauses that nobody asked for");
        reader.tell(fault.remedy("give this one another name"));
    }
    if node.is_empty() {
        return RawPause { name, lasts: None };
    }
    let fields = reader.fields_of(node, &LIMIT, &name.span);
    RawPause { lasts: reader.maybe(&fields, &FOR).map(|at| at.value), name }
}

const AWAY: OneOf<Away> = OneOf {
    what: "a way of not being there",
    words: &[("paused", Away::Paused, "he is paused"), ("signed_out", Away::SignedOut, "he is signed out")],
};

/// Who counts as nobody.
pub(super) const UNSTAFFED_IF: Key<Many<OneOf<Away>>> = Key::optional(
    "unstaffed_if",
    Many { one: AWAY, least: 0 },
    "Operators who are not there so count as nobody for `when_unstaffed`; `[paused, signed_out]` when this is missing.",
);

const AFTER: Key<Or<Count>> = Key::or(
    "after",
    Count { what: "a number of calls", from: 1, to: 100 },
    1,
    "So many calls that he did not take, with none between them that he took.",
);

const MISSED: OneOf<Missed> = OneOf {
    what: "a way of not taking a call",
    words: &[
        ("no_answer", Missed::NoAnswer, "he let it ring"),
        ("busy", Missed::Busy, "his telephone was busy"),
        ("declined", Missed::Declined, "he pressed \"reject\""),
        ("unreachable", Missed::Unreachable, "his telephone could not be reached"),
    ],
};

const OF: Key<Many<OneOf<Missed>>> = Key::optional(
    "of",
    Many { one: MISSED, least: 1 },
    "Which of them count, one or a list; `[no_answer, declined]` when this is missing.",
);

const DELAY: Key<Or<Lasting>> = Key::or(
    "delay",
    Lasting::within(Duration::ZERO, DutyChange::LONGEST),
    Duration::ZERO,
    "So long after a conversation of his, a call that he does not take does not count.",
);

const AUTO: Mapping = Mapping { what: "`auto_pause`", keys: &[&AFTER, &OF, &FOR, &DELAY] };

/// When operators are paused who do not take calls.
pub(super) const AUTO_PAUSE: Key<Mapping> =
    Key::optional("auto_pause", AUTO, "Pauses an operator who does not take calls of this queue, for all his queues.");

/// Reads when operators are paused who do not take calls.
pub(super) fn auto_pause(node: &Node, reader: &mut Reader) -> Option<AutoPause> {
    let fields = reader.fields(node, &AUTO, &node.span)?;
    let after = reader.or(&fields, &AFTER);
    let of =
        fields.get(&OF).filter(|node| !reader.is_empty(node, "no call counts, so nobody is paused", "[no_answer]"));
    let of = of.map(|node| reader.many(node, &OF).into_iter().map(|at| at.value).collect());
    let of = of.unwrap_or_else(|| BTreeSet::from([Missed::NoAnswer, Missed::Declined]));
    let lasts = reader.maybe(&fields, &FOR).map(|at| at.value);
    Some(AutoPause { after, of, lasts, delay: reader.or(&fields, &DELAY) })
}

/// What may be done by telephone.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Does {
    SignIn,
    SignOut,
    Pause,
    Resume,
    EndWrapUp,
    ExtendWrapUp,
    Toggle,
}

const DOES: OneOf<Does> = OneOf {
    what: "what an operator does",
    words: &[
        ("sign_in", Does::SignIn, "he is there for his queues; a pause is over with it"),
        ("sign_out", Does::SignOut, "he is not there"),
        ("pause", Does::Pause, "he takes no calls of queues for a while"),
        ("resume", Does::Resume, "his pause is over"),
        ("wrap_up_end", Does::EndWrapUp, "his wrap-up is over"),
        ("wrap_up_extend", Does::ExtendWrapUp, "his wrap-up lasts longer, by `for`"),
        ("toggle", Does::Toggle, "he signs out; signed out or paused, he signs in"),
    ],
};

const DOES_WHAT: Key<OneOf<Does>> = Key::required("does", "does: pause", DOES, "What he does.");
const REASON: Key<Plain<Name>> = Key::optional(
    "reason",
    word::REFERENCE.called("a reason of pauses"),
    "With `pause`: why, one of the plan's `pauses`.",
);
const HOW_LONG: Key<Lasting> = Key::optional(
    "for",
    LASTS,
    "With `pause`: how long, whatever `pauses` says. With `wrap_up_extend`: how much longer.",
);

const ASKED: Mapping = Mapping { what: "`extension`", keys: &[&PLAY, &SAY] };

const EXTENSION: Key<Mapping> = Key::optional(
    "extension",
    ASKED,
    "Asks for his internal number, ended with `#`, where the telephone is no operator's; without it such a caller is refused.",
);
const INTER_DIGIT: Key<Or<Lasting>> = inter_digit(SECOND.saturating_mul(3));

const STEP: Mapping = Mapping {
    what: "the step `operator`",
    keys: &[
        &PLAY,
        &SAY,
        &DOES_WHAT,
        &REASON,
        &HOW_LONG,
        &EXTENSION,
        &AT,
        &INVALID,
        &SILENT,
        &TIMEOUT,
        &INTER_DIGIT,
        &TRIES,
        &TYPE_AHEAD,
        &ON_SILENCE,
        &ON_INVALID,
        &OTHERWISE,
    ],
};

/// `operator: {say: "Your PIN.", does: pause, reason: lunch}`
pub(super) const OPERATOR: StepWord = StepWord {
    key: &Key::optional(
        "operator",
        STEP,
        "Asks an operator for his PIN, signs him in or out, pauses him or ends that, and goes on behind it.",
    ),
    alone: None,
    read: |key, value, reader| step(key, value, reader).map_or(RawAct::Unread, RawAct::Operator),
};

fn step(key: &Node, value: &Node, reader: &mut Reader) -> Option<RawByPhone> {
    let fields = reader.fields(value, &STEP, &key.span)?;
    let asking = menu::asking(&fields, &INTER_DIGIT, reader);
    let does = reader.needed(&fields, &DOES_WHAT);
    let reason = reader.maybe(&fields, &REASON);
    let lasts = reader.maybe(&fields, &HOW_LONG);
    let extension = fields.get(&EXTENSION).and_then(|node| {
        let fields = reader.fields(node, &ASKED, &node.span)?;
        Some(reader.question(&fields))
    });
    let desk = reader.maybe(&fields, &AT);
    let does = does?;
    if let Some(desk) = desk.as_ref().filter(|_| !matches!(does.value, Does::SignIn | Does::Toggle)) {
        let fault = Fault::error(&desk.span, "only who signs in comes to a desk");
        reader.tell(fault.remedy("take `desk` out, or write `does: sign_in`"));
    }
    let is_pause = does.value == Does::Pause;
    if let Some(reason) = reason.as_ref().filter(|_| !is_pause) {
        let fault = Fault::error(&reason.span, "only a pause has a reason");
        reader.tell(fault.remedy("take it out, or write `does: pause`"));
    }
    if let Some(lasts) = lasts.as_ref().filter(|_| !is_pause && does.value != Does::ExtendWrapUp) {
        let fault = Fault::error(&lasts.span, "this lasts until somebody says otherwise");
        reader.tell(fault.remedy("take `for` out: it is of use with `pause` and `wrap_up_extend`"));
    }
    let change = match does.value {
        Does::SignIn => DutyChange::SignIn,
        Does::SignOut => DutyChange::SignOut,
        Does::Pause => {
            let reason = reason.as_ref().map(|reason| reason.value.clone());
            DutyChange::Pause { reason, lasts: lasts.map(|at| at.value) }
        }
        Does::Resume => DutyChange::Resume,
        Does::EndWrapUp => DutyChange::EndWrapUp,
        Does::ExtendWrapUp => {
            if lasts.is_none() {
                let fault = Fault::error(&does.span, "it is not said by how much his wrap-up is longer");
                reader.tell(fault.remedy("add `for: 1m`"));
            }
            DutyChange::ExtendWrapUp(lasts?.value)
        }
        Does::Toggle => DutyChange::Toggle,
    };
    Some(RawByPhone { change, reason, asking, extension, desk })
}
