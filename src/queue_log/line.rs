//! One line, as those who read Asterisk's `queue_log` know it.

use std::{
    fmt::{self, Write},
    time::Duration,
};

use crate::domain::Time;

/// What stands in place of a name where there is none.
pub(super) const NONE: &str = "NONE";

/// What parts one field from the next.
const BETWEEN: char = '|';

/// One line: `epoch|callid|queue|agent|EVENT|data|data`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    text: String,
}

impl Line {
    /// A line of what came about then. Where `data` is empty a reader finds one field, and nothing in it.
    pub(super) fn new(at: Time, call: &str, queue: &str, agent: &str, event: &str, data: &[&dyn fmt::Display]) -> Self {
        let mut text = whole(at).to_string();
        for field in [call, queue, agent, event] {
            text.push(BETWEEN);
            text.extend(field.chars().map(clean));
        }
        if data.is_empty() {
            text.push(BETWEEN);
        }
        for field in data {
            text.push(BETWEEN);
            // Writing into a string cannot fail.
            let _written = write!(Cleaned(&mut text), "{field}");
        }
        Self { text }
    }

    /// What is written, without an end of line.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Takes text without what would part fields or lines.
struct Cleaned<'a>(&'a mut String);

impl Write for Cleaned<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend(text.chars().map(clean));
        Ok(())
    }
}

fn clean(c: char) -> char {
    if c == BETWEEN || c.is_control() { '_' } else { c }
}

/// The second in which a moment lies.
fn whole(at: Time) -> u64 {
    at.as_micros() / 1_000_000
}

/// How many seconds something lasted that ended then, as Asterisk counts: from the second in which it began to the one in which
/// it ended. So a reader who takes the times of two lines from one another comes to the same.
pub(super) fn seconds(end: Time, lasted: Duration) -> u64 {
    whole(end) - whole(end - lasted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_its_fields_in_asterisks_order_and_an_empty_one_behind_an_event_without_data() {
        let at = Time::from_micros(1_795_628_258_999_999);
        let line = Line::new(at, "1795.1", "sales", "anna", "CONNECT", &[&7, &"sentral-1", &3]);
        assert_eq!(line.text(), "1795628258|1795.1|sales|anna|CONNECT|7|sentral-1|3");
        assert_eq!(Line::new(at, NONE, NONE, NONE, "QUEUESTART", &[]).text(), "1795628258|NONE|NONE|NONE|QUEUESTART|");
    }

    #[test]
    fn nothing_in_a_field_ends_it() {
        let line = Line::new(Time::ZERO, "1|2", "sa\nles", "PJSIP/a|b", "X", &[&"a|b", &"c\r\nd\u{0}"]);
        assert_eq!(line.to_string(), "0|1_2|sa_les|PJSIP/a_b|X|a_b|c__d_");
    }

    #[test]
    fn seconds_are_counted_from_one_second_to_the_other_as_asterisk_does() {
        let millis = Duration::from_millis;
        let end = Time::from_micros(10_200_000);
        assert_eq!(seconds(end, millis(100)), 0);
        assert_eq!(seconds(end, millis(300)), 1, "from 9.9 to 10.2");
        assert_eq!(seconds(end, millis(1_100)), 1);
        assert_eq!(seconds(end, Duration::MAX), 10, "nothing began before the epoch");
    }
}
