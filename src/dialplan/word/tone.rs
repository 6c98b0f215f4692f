//! Tones, as a plan names them.

use std::sync::Arc;

use crate::{
    domain::{Cadence, Indication},
    yaml::{Read, Wrong, quoted, suggest},
};

/// How parts of a tone are written.
pub(in crate::dialplan) const PARTS: &str = "a part is hertz, or two with `+` or `*` between, and behind `/` its milliseconds: \
    \"425/500,0/500\"; `0` is silence, and only the last one may be without a length";

/// A tone by its name, or parts of one: `busy`, `425/500`, `425/500,0/500`.
pub(super) fn tone(text: &str) -> Read<Arc<str>> {
    if names().any(|name| name == text) {
        return Ok(text.into());
    }
    // Of anything that is no word, the parts are looked at.
    if text.starts_with(|c: char| c.is_alphabetic()) && !text.contains(['/', '+']) {
        let remedy = suggest::instead(text, names(), "tones are");
        return Err(Wrong::new(format!("there is no tone {}", quoted(text)), remedy));
    }
    match Cadence::read(text) {
        Ok(_) => Ok(text.split_whitespace().collect::<String>().into()),
        Err(wrong) => Err(Wrong::new(wrong.to_string(), PARTS)),
    }
}

fn names() -> impl Iterator<Item = &'static str> + Clone {
    Indication::ALL.into_iter().map(Indication::word)
}

/// Asterisk plays `tone:busy` until it is told to stop: no step behind it would ever come, and no silence be measured. So
/// a tone is written with its length.
pub(super) fn endless(text: &str) -> Wrong {
    let asked = text.strip_prefix("tone:").unwrap_or(text);
    let (name, zone) = asked.split_once(";tonezone=").unwrap_or((asked, ""));
    let name = if tone(name).is_err() {
        "busy".to_owned()
    } else if name.contains(',') {
        format!("\"{name}\"")
    } else {
        name.to_owned()
    };
    let zone = if zone == "uk" { "GB".to_owned() } else { zone.to_uppercase() };
    let is_code = zone.len() == 2 && zone.bytes().all(|byte| byte.is_ascii_uppercase());
    let country = if is_code { format!(", country: {zone}") } else { String::new() };
    Wrong::new(
        format!("{} never ends", quoted(text)),
        format!(
            "say for how long: {}; `hangup: busy` gives the caller his own network's busy tone",
            quoted(&format!("{{tone: {name}, for: 3s{country}}}"))
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_is_named_or_written_part_by_part() {
        for text in ["busy", "ring", "info", "425", "425/500,0/500", "!950/330,1400/330", "350+440"] {
            assert_eq!(tone(text).as_deref(), Ok(text));
        }
        assert_eq!(tone("425/500, 0/500").as_deref(), Ok("425/500,0/500"));
        let wrong = |text: &str| tone(text).expect_err(text);
        assert_eq!(wrong("bussy").remedy, "did you mean `busy`?");
        assert!(wrong("engaged").remedy.starts_with("tones are: `dial`, `busy`"), "{:?}", wrong("engaged"));
        for text in ["", "9000/100", "M60/200", "425/1s", "425,0/500"] {
            assert_eq!(wrong(text).remedy, PARTS, "{text}");
        }
    }

    #[test]
    fn a_tone_without_a_length_is_told_with_one() {
        let remedy = |text: &str| endless(text).remedy;
        assert!(
            remedy("tone:ring").starts_with("say for how long: `{tone: ring, for: 3s}`"),
            "{}",
            remedy("tone:ring")
        );
        assert!(remedy("tone:busy;tonezone=no").contains("`{tone: busy, for: 3s, country: NO}`"));
        assert!(remedy("tone:425/500,0/500").contains("`{tone: \"425/500,0/500\", for: 3s}`"));
        assert!(remedy("tone:").contains("`{tone: busy, for: 3s}`"));
    }
}
