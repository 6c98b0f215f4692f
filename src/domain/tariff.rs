//! What a provider charges for a leg.

use std::{num::NonZeroU32, time::Duration};

use super::{Amount, Currency, Money};

/// What is charged for one leg that was answered, from its answer to its end.
///
/// Time is counted in increments: the first one, and then as many others as were begun. The first seconds may be free: they
/// are not counted. A leg that was not answered costs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tariff {
    /// Of which currency.
    pub currency: Currency,
    /// For a minute.
    pub per_minute: Amount,
    /// For the answer, however long the leg lasts then.
    pub setup: Amount,
    /// So long nothing is counted.
    pub free: Duration,
    /// The first increment, in milliseconds.
    pub first: NonZeroU32,
    /// Each one behind the first, in milliseconds.
    pub increment: NonZeroU32,
}

/// A minute in milliseconds.
const MINUTE: u128 = 60_000;

/// What a leg costs is rounded to a ten-thousandth, in millionths. The smallest coin would be too coarse: a second may cost
/// less than half of it, and a thousand such legs would be free.
const STEP: u128 = 100;

impl Tariff {
    /// What a leg costs that was answered and lasted so long from then on: rounded once, to four decimals, a half up. More
    /// than 18 million millions, which no leg comes to in thirty years, is told as so much.
    pub fn cost(&self, lasted: Duration) -> Money {
        let per_minute = u128::from(self.per_minute.millionths());
        // So many times as much that a millisecond has no fraction. A price has 40 bits, and a duration in milliseconds 74.
        let manifold = u128::from(self.setup.millionths()) * MINUTE + per_minute * self.counted(lasted);
        let step = STEP * MINUTE;
        let steps = (manifold + step / 2) / step;
        let amount = Amount::from_millionths(u64::try_from(steps * STEP).unwrap_or(u64::MAX));
        Money { amount, currency: self.currency }
    }

    /// Milliseconds that are charged: whole increments.
    fn counted(&self, lasted: Duration) -> u128 {
        let spent = lasted.saturating_sub(self.free);
        if spent.is_zero() {
            return 0;
        }
        let (first, increment) = (self.first.get(), u128::from(self.increment.get()));
        let behind = spent.saturating_sub(Duration::from_millis(first.into()));
        let begun = behind.as_nanos().div_ceil(increment * 1_000_000);
        u128::from(first) + begun * increment
    }
}

/// What a leg came to for which somebody has a tariff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// How long it lasted from its answer; nothing when it was not answered.
    pub lasted: Duration,
    /// What that costs.
    pub cost: Money,
}

impl Charge {
    /// What is charged for a leg. `lasted`: from its answer to its end; `None`: it was not answered.
    pub fn of(tariff: &Tariff, lasted: Option<Duration>) -> Self {
        let nothing = Money { amount: Amount::ZERO, currency: tariff.currency };
        Self { lasted: lasted.unwrap_or_default(), cost: lasted.map_or(nothing, |lasted| tariff.cost(lasted)) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::money;

    fn tariff(per_minute: &str, setup: &str, free: u64, first: u32, increment: u32) -> Tariff {
        let amount = |text| Amount::read(text).expect("an amount");
        Tariff {
            currency: Currency::new("NOK").expect("a currency"),
            per_minute: amount(per_minute),
            setup: amount(setup),
            free: Duration::from_secs(free),
            first: NonZeroU32::new(first * 1000).expect("a second or more"),
            increment: NonZeroU32::new(increment * 1000).expect("a second or more"),
        }
    }

    fn cost(tariff: Tariff, millis: u64) -> String {
        tariff.cost(Duration::from_millis(millis)).to_string()
    }

    #[test]
    fn increments_count_whole_once_they_are_begun() {
        let by_minute = tariff("0.89", "0", 0, 60, 60);
        for (millis, costs) in
            [(0, "0.00 NOK"), (1, "0.89 NOK"), (60_000, "0.89 NOK"), (60_001, "1.78 NOK"), (61_000, "1.78 NOK")]
        {
            assert_eq!(cost(by_minute, millis), costs, "{millis} ms");
        }
        let minute_then_seconds = tariff("0.60", "0", 0, 60, 1);
        assert_eq!(cost(minute_then_seconds, 1_000), "0.60 NOK");
        assert_eq!(cost(minute_then_seconds, 61_000), "0.61 NOK");
        assert_eq!(cost(tariff("0.60", "0", 0, 30, 6), 31_000), "0.36 NOK");
    }

    #[test]
    fn free_seconds_are_not_counted_and_the_answer_costs_all_the_same() {
        let tariff = tariff("0.60", "1.50", 10, 1, 1);
        assert_eq!(cost(tariff, 0), "1.50 NOK");
        assert_eq!(cost(tariff, 10_000), "1.50 NOK");
        assert_eq!(cost(tariff, 10_001), "1.51 NOK");
        assert_eq!(cost(tariff, 70_000), "2.10 NOK");
    }

    #[test]
    fn a_leg_is_rounded_once_a_half_up_to_four_decimals() {
        // A second costs 0.00005: half of a step.
        assert_eq!(cost(tariff("0.003", "0", 0, 1, 1), 1_000), "0.0001 NOK");
        assert_eq!(cost(tariff("0.002999", "0", 0, 1, 1), 1_000), "0.00 NOK");
        // 0.89 / 60 is 0.014833...; and not twice 0.0148 for two seconds.
        assert_eq!(cost(tariff("0.89", "0", 0, 1, 1), 1_000), "0.0148 NOK");
        assert_eq!(cost(tariff("0.89", "0", 0, 1, 1), 2_000), "0.0297 NOK");
    }

    #[test]
    fn what_nobody_can_owe_is_told_as_the_most() {
        let dear = tariff("1000000", "1000000", 0, 1, 1);
        assert_eq!(dear.cost(Duration::MAX).amount, Amount::from_millionths(u64::MAX));
    }

    #[test]
    fn a_leg_that_was_not_answered_costs_nothing() {
        let tariff = tariff("0.89", "1.50", 0, 60, 60);
        assert_eq!(Charge::of(&tariff, None).cost.to_string(), "0.00 NOK");
        assert_eq!(Charge::of(&tariff, Some(Duration::ZERO)).cost.to_string(), "1.50 NOK");
    }

    prop_compose! {
        fn tariffs()(
            per_minute in 0..=money::LARGEST * money::ONE,
            setup in 0..=money::LARGEST * money::ONE,
            free in 0..100_u64,
            first in 1..200_u32,
            increment in 1..200_u32,
        ) -> Tariff {
            let amount = Amount::from_millionths;
            let tariff = tariff("0", "0", free, first, increment);
            Tariff { per_minute: amount(per_minute), setup: amount(setup), ..tariff }
        }
    }

    /// As one counts on paper: an increment at a time, and the rest of a division looked at.
    fn on_paper(tariff: &Tariff, lasted: Duration) -> u64 {
        let mut left = lasted.as_nanos().saturating_sub(tariff.free.as_nanos());
        let (mut parts, mut size) = (u128::from(tariff.setup.millionths()) * 60_000, tariff.first.get());
        while left > 0 {
            left = left.saturating_sub(u128::from(size) * 1_000_000);
            parts += u128::from(tariff.per_minute.millionths()) * u128::from(size);
            size = tariff.increment.get();
        }
        let (steps, rest) = (parts / 6_000_000, parts % 6_000_000);
        u64::try_from((steps + u128::from(rest >= 3_000_000)) * 100).expect("not so much")
    }

    proptest! {
        #[test]
        fn a_cost_is_what_it_is_on_paper(tariff in tariffs(), millis in 0..7_200_000_u64) {
            let lasted = Duration::from_millis(millis);
            prop_assert_eq!(tariff.cost(lasted).amount.millionths(), on_paper(&tariff, lasted));
        }

        #[test]
        fn longer_is_never_cheaper(tariff in tariffs(), millis in 0..u64::MAX / 2, more in 0..u64::MAX / 2) {
            let cost = |millis| tariff.cost(Duration::from_millis(millis)).amount;
            prop_assert!(cost(millis) <= cost(millis + more));
        }
    }
}
