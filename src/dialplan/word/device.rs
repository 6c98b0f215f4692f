//! Devices: what Asterisk calls a telephone when it says how it is.

use super::asterisk::short;
use crate::{
    domain::Name,
    yaml::{Read, Wrong, quoted},
};

/// Technologies that tell a telephone's state by the name under which it is dialled.
const TELLING: [&str; 3] = ["PJSIP", "SIP", "IAX2"];

/// The device of a dial string, where Asterisk tells how that is: the telephone that is registered under this name. What is
/// dialled over a trunk (`PJSIP/+4790000000@trunk`), at an address of its own (`PJSIP/trunk/sip:..`), or through the dialplan
/// (`Local/..`) has none.
pub(in crate::dialplan) fn device_of(dial: &str) -> Option<Name> {
    let (technology, who) = dial.split_once('/')?;
    let tells = TELLING.contains(&technology) && !who.is_empty() && !who.contains(['@', ':', '/']);
    tells.then(|| Name::new(dial))
}

/// A device as typed, or none.
pub(super) fn device(text: &str) -> Read<Option<Name>> {
    const EXAMPLE: &str =
        "write it as Asterisk does in `core show hints` or `DEVICE_STATE()`: `PJSIP/anna`; or `false` for none";
    if text == "false" {
        return Ok(None);
    }
    let Some((kind, name)) = text.split_once(['/', ':']) else {
        return Err(Wrong::new(format!("{} is no device", quoted(text)), EXAMPLE));
    };
    let kind_fits = !kind.is_empty() && kind.chars().all(|c| c.is_ascii_alphanumeric());
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '.' | '/' | ':' | '*' | '#');
    if name.contains('@') {
        let remedy = "a number behind a trunk has no state; name the telephone itself, or write `false`";
        return Err(Wrong::new(format!("{} is no device", quoted(text)), remedy));
    }
    if !kind_fits || name.is_empty() || !name.chars().all(allowed) {
        return Err(Wrong::new(format!("{} is no device", quoted(text)), EXAMPLE));
    }
    short(text, "a device").map(|text| Some(Name::new(&text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_telephone_has_a_device_and_a_number_behind_a_trunk_has_none() {
        let of = |dial: &str| device_of(dial).map(|name| name.to_string());
        assert_eq!(of("PJSIP/anna").as_deref(), Some("PJSIP/anna"));
        assert_eq!(of("SIP/anna").as_deref(), Some("SIP/anna"));
        for dial in [
            "PJSIP/+4790000000@trunk",
            "PJSIP/trunk/sip:9@10.0.0.1",
            "Local/101@internal",
            "DAHDI/g1/90000000",
            "PJSIP/",
            "anna",
        ] {
            assert_eq!(of(dial), None, "{dial}");
        }
    }

    #[test]
    fn a_device_is_one_name() {
        assert_eq!(device("false"), Ok(None));
        for text in ["PJSIP/anna", "Custom:anna", "DAHDI/1"] {
            assert_eq!(device(text), Ok(Some(Name::new(text))));
        }
        let long = format!("PJSIP/{}", "a".repeat(80));
        for text in
            ["", "anna", "true", "PJSIP/", "/anna", "PJSIP/a,deviceState:PJSIP/b", "PJSIP/+47@trunk", "P S/a", &long]
        {
            assert!(device(text).is_err(), "{text:?}");
        }
    }
}
