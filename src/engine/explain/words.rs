//! Times, waits and misses, in words.

use std::time::Duration;

use crate::{
    dialplan::moment::timestamp,
    domain::Time,
    engine::{Engine, notice::OfferOutcome},
};

/// A minute, in seconds.
const MINUTE: u64 = 60;

impl Engine {
    /// A time by the clock of the exchange: of another day than today with its date.
    pub(super) fn clock(&self, at: Time) -> String {
        let wall = |at| timestamp(at).to_zoned(self.plan.timezone.clone());
        let (then, now) = (wall(at), wall(self.now));
        let form = if then.date() == now.date() { "%H:%M:%S" } else { "%a %Y-%m-%d %H:%M" };
        then.strftime(form).to_string()
    }
}

/// `7 s`, `2 min 5 s`, `1 h 4 min`.
pub(super) fn lasting(time: Duration) -> String {
    let secs = time.as_secs();
    match (secs / MINUTE, secs % MINUTE) {
        (0, secs) => format!("{secs} s"),
        (mins, 0) if mins < MINUTE => format!("{mins} min"),
        (mins, secs) if mins < MINUTE => format!("{mins} min {secs} s"),
        (mins, _) => format!("{} h {} min", mins / MINUTE, mins % MINUTE),
    }
}

/// How he did not take an offer.
pub(super) fn missed(outcome: OfferOutcome) -> &'static str {
    match outcome {
        OfferOutcome::Busy => "his telephone was busy",
        OfferOutcome::Declined => "he declined a call",
        OfferOutcome::NoAnswer => "he did not answer",
        OfferOutcome::Unreachable => "his telephone could not be reached",
        OfferOutcome::TrunkFull => "no line to him was free",
        OfferOutcome::Lapsed => "he was kept for a caller and not used",
        OfferOutcome::Answered
        | OfferOutcome::AnsweredElsewhere
        | OfferOutcome::CallerLeft
        | OfferOutcome::OffDuty
        | OfferOutcome::Failed => "a call to him went wrong",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_as_people_tell_it() {
        let told = |secs| lasting(Duration::from_secs(secs));
        assert_eq!([told(0), told(59), told(60), told(125)], ["0 s", "59 s", "1 min", "2 min 5 s"]);
        assert_eq!([told(3_600), told(7_499)], ["1 h 0 min", "2 h 4 min"]);
    }
}
