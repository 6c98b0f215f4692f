//! What stands behind the host in `AGI(agi://host:4573/flow/NAME?key=value)`.

use super::lines;

/// A path and its parameters, with `%41` read as `A`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Path {
    /// What stands between its slashes; none for `/`.
    pub(crate) segments: Vec<String>,
    /// In their order. A key without `=` has the value nothing.
    pub(crate) parameters: Vec<(String, String)>,
}

/// A `%` has two hexadecimal digits behind it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` has a `%` without two hexadecimal digits behind it")]
pub(crate) struct BadEscape(String);

impl Path {
    /// Reads `agi_network_script`.
    ///
    /// # Errors
    /// When an escape in it is none.
    pub(crate) fn read(script: &str) -> Result<Self, BadEscape> {
        let (path, query) = script.split_once('?').unwrap_or((script, ""));
        let segments = path.split('/').filter(|segment| !segment.is_empty()).map(decoded).collect::<Result<_, _>>()?;
        let parameter = |pair: &str| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decoded(key)?, decoded(value)?))
        };
        let parameters = query.split('&').filter(|pair| !pair.is_empty()).map(parameter).collect::<Result<_, _>>()?;
        Ok(Self { segments, parameters })
    }
}

/// A `+` stays one: numbers begin so, and nobody encodes what a dialplan puts there.
fn decoded(text: &str) -> Result<String, BadEscape> {
    let bad = || BadEscape(text.to_owned());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let nibble = |digit: Option<u8>| digit.and_then(|digit| char::from(digit).to_digit(16));
        bytes.push(match byte {
            b'%' => {
                let (high, low) = (nibble(rest.next()).ok_or_else(bad)?, nibble(rest.next()).ok_or_else(bad)?);
                u8::try_from(high * 16 + low).map_err(|_two_digits| bad())?
            }
            other => other,
        });
    }
    Ok(lines::text(&bytes))
}
