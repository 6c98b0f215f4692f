//! What Asterisk says of a call before it takes the first command.

use std::collections::BTreeMap;

/// Asterisk sends 24 lines and one for each argument of `AGI()`.
const MOST_LINES: usize = 256;

/// All of them together.
const MOST_BYTES: usize = 64 * 1024;

/// What stands for a value that is not known.
const UNKNOWN: &str = "unknown";

/// A call as its environment tells it. A field that we do not know is passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Environment {
    /// `agi_network_script`: what stands behind the host in `AGI(agi://host/...)`, as it was written.
    pub(crate) script: String,
    /// `agi_channel`: the channel's name, `PJSIP/anna-0000002a`.
    pub(crate) channel: String,
    /// `agi_uniqueid`: the channel's id, the same as over ARI.
    pub(crate) unique_id: String,
    /// `agi_callerid`: the caller's number.
    pub(crate) caller: Option<String>,
    /// `agi_calleridname`.
    pub(crate) caller_name: Option<String>,
    /// `agi_callingpres`: of Q.931, both octets as `ast_party_id_presentation()` gives them.
    pub(crate) presentation: Option<u16>,
    /// `agi_extension`: where the caller stands in the dialplan.
    pub(crate) extension: Option<String>,
    /// `agi_dnid`: what he dialled, where the channel knows it.
    pub(crate) dnid: Option<String>,
    /// `agi_arg_N`: what `AGI()` was given behind the address.
    pub(crate) arguments: Vec<String>,
}

/// What is wrong with an environment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    /// A line that is no field.
    #[error("a line of the environment is no field")]
    NoField,
    /// Of two values nobody knows which is true: one may have come in with a caller's name.
    #[error("`{0}` is there twice")]
    Twice(&'static str),
    /// Without it there is no call.
    #[error("there is no `{0}`")]
    Missing(&'static str),
    /// More lines or bytes than Asterisk sends.
    #[error("the environment has no end within {MOST_LINES} lines and {MOST_BYTES} bytes")]
    Endless,
}

/// An environment on its way.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    fields: BTreeMap<&'static str, String>,
    arguments: BTreeMap<usize, String>,
    lines: usize,
    bytes: usize,
}

/// Those that we use.
const FIELDS: [&str; 8] = [
    "agi_network_script",
    "agi_channel",
    "agi_uniqueid",
    "agi_callerid",
    "agi_calleridname",
    "agi_callingpres",
    "agi_extension",
    "agi_dnid",
];

impl Reading {
    /// Takes the next line; the environment, when this was its last.
    ///
    /// # Errors
    /// When it cannot be one of Asterisk's.
    pub(crate) fn take(&mut self, line: &str) -> Result<Option<Environment>, Fault> {
        if line.is_empty() {
            return std::mem::take(self).end().map(Some);
        }
        self.lines += 1;
        self.bytes += line.len();
        if self.lines > MOST_LINES || self.bytes > MOST_BYTES {
            return Err(Fault::Endless);
        }
        let (name, value) = line.split_once(':').ok_or(Fault::NoField)?;
        let value = value.strip_prefix(' ').unwrap_or(value).to_owned();
        if let Some(number) = name.strip_prefix("agi_arg_") {
            let number = number.parse().map_err(|_no_number| Fault::NoField)?;
            return if self.arguments.insert(number, value).is_some() {
                Err(Fault::Twice("agi_arg_N"))
            } else {
                Ok(None)
            };
        }
        let Some(known) = FIELDS.into_iter().find(|known| *known == name) else { return Ok(None) };
        if self.fields.insert(known, value).is_some() { Err(Fault::Twice(known)) } else { Ok(None) }
    }

    fn end(mut self) -> Result<Environment, Fault> {
        let mut known = |name| self.fields.remove(name).filter(|value| !value.is_empty() && value != UNKNOWN);
        Ok(Environment {
            // `agi://host` and `agi://host/` have none.
            script: known("agi_network_script").unwrap_or_default(),
            channel: known("agi_channel").ok_or(Fault::Missing("agi_channel"))?,
            unique_id: known("agi_uniqueid").ok_or(Fault::Missing("agi_uniqueid"))?,
            caller: known("agi_callerid"),
            caller_name: known("agi_calleridname"),
            presentation: known("agi_callingpres").and_then(|octets| octets.parse().ok()),
            extension: known("agi_extension"),
            dnid: known("agi_dnid"),
            arguments: self.arguments.into_values().collect(),
        })
    }
}

impl Environment {
    /// The presentation of the caller's number in the words of `CALLERID(num-pres)`, as far as they matter: bits 6 and 7 of
    /// octet 3a of Q.931's calling party number.
    pub(crate) fn presentation(&self) -> &'static str {
        match self.presentation.map(|octets| octets & 0x60) {
            Some(0x20) => "prohib",
            Some(0x40) => "unavailable",
            Some(_) => "allowed",
            None => "",
        }
    }
}
