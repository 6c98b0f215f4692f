//! What came of it all.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    time::Duration,
};

use super::{outcome_words, span};
use crate::{
    domain::Name,
    engine::{
        Callee, Fact,
        notice::{OfferOutcome, Outcome},
    },
};

/// Of so many waits the figures are made; of more, of the latest.
const WAITS: usize = 100_000;

/// Calls by how they ended, waits, and what each operator did.
#[derive(Debug, Default)]
pub(super) struct Summary {
    arrived: u64,
    outcomes: BTreeMap<Outcome, u64>,
    waits: VecDeque<Duration>,
    operators: BTreeMap<Name, Work>,
}

/// What one operator did.
#[derive(Debug, Default)]
struct Work {
    offered: u64,
    answered: u64,
    missed: u64,
    talked: Duration,
}

impl Summary {
    pub(super) fn see(&mut self, fact: &Fact) {
        match fact {
            Fact::Arrived { .. } => self.arrived += 1,
            // Turned away before it was a call of the engine; to who dialled it was one.
            Fact::Refused { why, .. } => {
                self.arrived += 1;
                *self.outcomes.entry(why.outcome()).or_default() += 1;
            }
            Fact::Ended { outcome, .. } => *self.outcomes.entry(*outcome).or_default() += 1,
            Fact::Offered { callee, .. } => self.work(callee).offered += 1,
            Fact::OfferEnded { callee, outcome, .. } => self.see_offer(callee, *outcome),
            Fact::Connected { callee, waited, .. } => {
                self.work(callee).answered += 1;
                if self.waits.len() >= WAITS {
                    self.waits.pop_front();
                }
                self.waits.push_back(*waited);
            }
            Fact::TalkEnded { callee, talked, .. } => self.work(callee).talked += *talked,
            Fact::FoundFull { .. }
            | Fact::Adopted { .. }
            | Fact::MenuAsked { .. }
            | Fact::Reached { .. }
            | Fact::MenuAnswered { .. }
            | Fact::MenuMistaken { .. }
            | Fact::MenuUnanswered
            | Fact::Records { .. }
            | Fact::Message { .. }
            | Fact::Entering(_)
            | Fact::LooksUp { .. }
            | Fact::LookedUp { .. }
            | Fact::LookupFailed { .. }
            | Fact::Notifies { .. }
            | Fact::NotNotified { .. }
            | Fact::Joined { .. }
            | Fact::LeftQueue { .. }
            | Fact::NoFlow { .. }
            | Fact::HandOver(_)
            | Fact::Callback(_)
            | Fact::Charged { .. }
            | Fact::NobodyAnswered { .. }
            | Fact::CameBack { .. }
            | Fact::Required { .. }
            | Fact::Steered { .. }
            | Fact::NoNumber
            | Fact::OperatorChanged { .. }
            | Fact::Duty(_)
            | Fact::HoursOverridden { .. }
            | Fact::OverrideIdle { .. }
            | Fact::Measured(_)
            | Fact::ChoiceTold { .. }
            | Fact::CommandFailed { .. }
            | Fact::PromptFailed
            | Fact::RanInCircles
            | Fact::NodeUp { .. }
            | Fact::NodeDown { .. }
            | Fact::PlanLoaded { .. }
            | Fact::Broken { .. } => {}
        }
    }

    fn see_offer(&mut self, callee: &Callee, outcome: OfferOutcome) {
        match outcome {
            OfferOutcome::Busy | OfferOutcome::Declined | OfferOutcome::NoAnswer | OfferOutcome::Unreachable => {
                self.work(callee).missed += 1;
            }
            OfferOutcome::Answered
            | OfferOutcome::AnsweredElsewhere
            | OfferOutcome::CallerLeft
            | OfferOutcome::Lapsed
            | OfferOutcome::OffDuty
            | OfferOutcome::TrunkFull
            | OfferOutcome::Failed => {}
        }
    }

    fn work(&mut self, callee: &Callee) -> &mut Work {
        self.operators.entry(Name::new(&callee.to_string())).or_default()
    }

    fn write_waits(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut waits: Vec<_> = self.waits.iter().copied().collect();
        waits.sort_unstable();
        let Some(most) = waits.last() else { return writeln!(f, "nobody was connected") };
        // The wait that so many of a hundred did not exceed.
        let of_hundred = |share: usize| waits[(waits.len() * share).div_ceil(100).saturating_sub(1)];
        let (half, most_of_them) = (span(of_hundred(50)), span(of_hundred(95)));
        writeln!(f, "waited: half at most {half}, 95 of 100 at most {most_of_them}, the longest {}", span(*most))
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ended: u64 = self.outcomes.values().sum();
        writeln!(f, "{} calls, {ended} of them over", self.arrived.max(ended))?;
        for (outcome, count) in &self.outcomes {
            writeln!(f, "{count:8}  {}", outcome_words(*outcome))?;
        }
        self.write_waits(f)?;
        for (operator, work) in &self.operators {
            let Work { offered, answered, missed, talked } = work;
            let talked = span(*talked);
            let operator: &str = operator;
            writeln!(f, "{operator:>10}: rung {offered}, answered {answered}, missed {missed}, talked {talked}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_ranked_and_calls_are_counted() {
        let mut summary = Summary::default();
        for seconds in 1..=100 {
            summary.see(&Fact::Connected {
                queue: Some("sales".into()),
                callee: Callee::Operator("anna".into()),
                leg: None,
                waited: Duration::from_secs(seconds),
            });
        }
        let (number, lasted) = (None, Duration::from_secs(9));
        summary.see(&Fact::Ended {
            number: number.clone(),
            outcome: Outcome::Served,
            lasted,
            charge: None,
            uncharged: 0,
        });
        summary.see(&Fact::Ended { number, outcome: Outcome::Abandoned, lasted, charge: None, uncharged: 0 });
        let text = summary.to_string();
        assert!(text.contains("half at most 50 s, 95 of 100 at most 1 min 35 s, the longest 1 min 40 s"), "{text}");
        assert!(text.contains("2 calls, 2 of them over"), "{text}");
        assert!(text.contains("1  gave up waiting"), "{text}");
        assert!(text.contains("      anna: rung 0, answered 100"), "{text}");
    }

    #[test]
    fn with_nobody_connected_there_is_nothing_to_rank() {
        assert!(Summary::default().to_string().contains("nobody was connected"));
    }
}
