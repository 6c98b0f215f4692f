//! An operator's telephones, as typed.

use std::{sync::Arc, time::Duration};

use super::{
    MINUTE,
    accept::{self, RawAccept},
};
use crate::{
    dialplan::word::{self, Lasting, Plain},
    domain::Name,
    yaml::{At, Either, Key, Kind, Many, Mapping, Node, Or, Reader, Span},
};

/// A telephone as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawPhone {
    pub(in crate::dialplan) after: Duration,
    pub(in crate::dialplan) dial: At<Arc<str>>,
    pub(in crate::dialplan) accept: Option<RawAccept>,
    /// Whether it says how a call is accepted there: the operator does where it does not.
    pub(in crate::dialplan) says_accept: bool,
    pub(in crate::dialplan) hours: Option<At<Name>>,
}

const AFTER: Key<Or<Lasting>> = Key::or(
    "after",
    Lasting::within(Duration::ZERO, MINUTE.saturating_mul(5)),
    Duration::ZERO,
    "How long it is until this telephone rings. Those that rang before stop then; those of the same time ring together.",
);

const ONE: Key<Plain<Arc<str>>> =
    Key::required("dial", "dial: PJSIP/anna", word::DIAL, "This telephone, as Asterisk dials it.");

const HOURS: Key<Plain<Name>> = Key::optional(
    "hours",
    word::REFERENCE.called("the name of opening hours"),
    "It rings only while these hours are open.",
);

const PHONE: Mapping = Mapping { what: "a telephone of an operator", keys: &[&ONE, &AFTER, &accept::ACCEPT, &HOURS] };

/// `dial` of an operator.
pub(super) const DIAL: Key<Many<Either>> = Key::required(
    "dial",
    "dial: PJSIP/anna",
    Many { one: Either(&[&word::DIAL, &PHONE]), least: 1 },
    "The operator's telephone, as Asterisk dials it; or several: the first on which he takes the call has it.",
);

/// Reads an operator's telephones.
pub(super) fn phones(node: &Node, reader: &mut Reader) -> Vec<RawPhone> {
    let items = match &node.kind {
        Kind::List(items) => items.as_slice(),
        Kind::Nothing | Kind::Word(_) | Kind::Map(_) => std::slice::from_ref(node),
    };
    let mut phones = Vec::new();
    for (at, item) in items.iter().enumerate() {
        // Where enough is wrong, the first is read all the same, as an operator with one telephone is.
        if at == 0 || reader.goes_on() {
            phones.extend(phone(item, &node.span, reader));
        }
    }
    phones
}

fn phone(node: &Node, owner: &Span, reader: &mut Reader) -> Option<RawPhone> {
    if !matches!(node.kind, Kind::Map(_)) {
        let dial = reader.read(node, &word::DIAL, DIAL.name())?;
        return Some(RawPhone { after: Duration::ZERO, dial, accept: None, says_accept: false, hours: None });
    }
    let fields = reader.fields_of(node, &PHONE, owner);
    let (after, dial, hours) =
        (reader.or(&fields, &AFTER), reader.needed(&fields, &ONE), reader.maybe(&fields, &HOURS));
    let typed = fields.get(&accept::ACCEPT);
    let accept = typed.and_then(|node| accept::accept(node, reader));
    Some(RawPhone { after, dial: dial?, accept, says_accept: typed.is_some(), hours })
}
