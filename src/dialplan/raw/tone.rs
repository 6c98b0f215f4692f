//! Tones among what is played, as typed: `{tone: busy, for: 3s}`.

use std::{sync::Arc, time::Duration};

use super::MINUTE;
use crate::{
    dialplan::word::{self, Lasting, Plain, spoken},
    domain::{Cadence, Country, Indication, Tone},
    yaml::{At, Fault, Key, Many, Mapping, Node, Reader, quoted},
};

/// A tone as typed.
#[derive(Debug)]
pub(crate) struct RawTone {
    heard: Heard,
    lasts: Duration,
    country: Option<Country>,
}

/// What is heard.
#[derive(Debug)]
enum Heard {
    /// What the network of a country tells so.
    Known(Indication),
    /// Its parts, as typed.
    Parts(Arc<str>, Cadence),
}

impl RawTone {
    /// What is heard where the plan is of that country.
    pub(crate) fn meant(&self, country: Option<Country>) -> Tone {
        let cadence = match &self.heard {
            Heard::Known(indication) => indication.tone(self.country.or(country)),
            Heard::Parts(_, cadence) => cadence.clone(),
        };
        Tone { name: self.name(), cadence, lasts: self.lasts }
    }

    /// As a plan writes it.
    fn name(&self) -> Arc<str> {
        let heard = match &self.heard {
            Heard::Known(indication) => indication.word().to_owned(),
            Heard::Parts(typed, _) => format!("\"{typed}\""),
        };
        let country = self.country.map(|country| format!(", country: {country}")).unwrap_or_default();
        format!("{{tone: {heard}, for: {}{country}}}", spoken(self.lasts)).into()
    }
}

/// The key by which a tone is known among sounds.
pub(crate) const TONE: Key<Many<Plain<Arc<str>>>> = Key::required(
    "tone",
    "tone: busy",
    Many { one: word::TONE, least: 1 },
    "What is heard: what a network tells by a tone, as that of a country does; or the tone's parts.",
);

const FOR: Key<Lasting> = Key::required(
    "for",
    "for: 3s",
    Lasting::within(Duration::from_millis(100), MINUTE),
    "For how long. What stands behind it is heard then.",
);

const COUNTRY: Key<Plain<Country>> =
    Key::optional("country", word::COUNTRY, "Whose tone it is; that of the plan's `country` when this is missing.");

/// `{tone: busy, for: 3s}`
pub(crate) const TONED: Mapping = Mapping { what: "a tone", keys: &[&TONE, &FOR, &COUNTRY] };

/// Reads a tone.
pub(crate) fn tone(node: &Node, reader: &mut Reader) -> Option<At<RawTone>> {
    let fields = reader.fields_or(node, &TONED, &node.span, torn)?;
    let heard = reader.required(&fields, &TONE).and_then(|node| heard(node, reader));
    let lasts = reader.needed(&fields, &FOR);
    let country = reader.maybe(&fields, &COUNTRY);
    let value = RawTone { heard: heard?, lasts: lasts?.value, country: country.map(|at| at.value) };
    Some(At { value, span: node.span.clone() })
}

fn heard(node: &Node, reader: &mut Reader) -> Option<Heard> {
    if reader.is_empty(node, "there is no tone here", "tone: busy") {
        return None;
    }
    let before = reader.faults.len();
    let parts = reader.many(node, &TONE);
    if reader.faults.len() > before {
        return None;
    }
    let known = |part: &At<Arc<str>>| Indication::ALL.into_iter().find(|known| known.word() == &*part.value);
    if let Some((part, indication)) = parts.iter().find_map(|part| Some((part, known(part)?))) {
        if parts.len() == 1 {
            return Some(Heard::Known(indication));
        }
        let fault = Fault::error(&part.span, format!("{} stands among parts of a tone", quoted(&part.value)));
        reader.tell(fault.remedy("let it stand alone, and write two tones to hear one after the other"));
        return None;
    }
    let typed: Vec<&str> = parts.iter().map(|part| &*part.value).collect();
    let typed = typed.join(",");
    match Cadence::read(&typed) {
        Ok(cadence) => Some(Heard::Parts(typed.into(), cadence)),
        Err(wrong) => {
            reader.tell(Fault::error(&node.span, wrong.to_string()).remedy(word::TONE_PARTS));
            None
        }
    }
}

/// A comma between the parts of a tone that stands in braces ends its first part.
fn torn(key: &str) -> Option<String> {
    let is_part = key.starts_with(|c: char| c.is_ascii_digit() || c == '!');
    is_part.then(|| "in braces a comma ends a value: write the tone's parts in quotes, as \"425/500,0/500\"".into())
}
