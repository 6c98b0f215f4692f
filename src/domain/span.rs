//! Durations as people write them.

use std::time::Duration;

/// Reads `1h30m`: numbers with units, each unit once, the largest first.
pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
    const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];
    let mut rest = text;
    let mut total = Duration::ZERO;
    let mut units = UNITS.iter();
    while !rest.is_empty() {
        let unit_at = rest.find(|c: char| !c.is_ascii_digit())?;
        let (digits, behind) = rest.split_at(unit_at);
        let unit_end = behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len());
        let (unit, next) = behind.split_at(unit_end);
        let (_, millis) = units.find(|(name, _)| *name == unit)?;
        let amount: u64 = digits.parse().ok()?;
        total = total.checked_add(Duration::from_millis(amount.checked_mul(*millis)?))?;
        rest = next;
    }
    (!text.is_empty()).then_some(total)
}

/// A duration as a plan writes it.
pub(crate) fn spoken(duration: Duration) -> String {
    let (millis, seconds) = (duration.subsec_millis(), duration.as_secs());
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s"), (u64::from(millis), "ms")];
    let text: String = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}")).collect();
    if text.is_empty() { "0s".into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_a_unit() {
        for (text, millis) in
            [("15s", 15_000), ("10m", 600_000), ("1500ms", 1500), ("1m30s", 90_000), ("1h", 3_600_000), ("0s", 0)]
        {
            assert_eq!(parse_duration(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for text in [
            "",
            "15",
            "s",
            "1.5s",
            "-1s",
            "30s1m",
            "1s1s",
            "1 s",
            "99999999999999999999s",
            "18446744073709551615h",
            "1d",
            "١s",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn a_duration_is_told_as_it_is_written() {
        for text in ["15s", "10m", "1m30s", "1s500ms", "0s", "24h"] {
            assert_eq!(parse_duration(text).map(spoken).as_deref(), Some(text));
        }
    }
}
