//! How an operator behaves when his phone rings.

use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use super::Leg;
use crate::telephones::{Order, Refusal};
use crate::time::{Moment, ms, secs};

/// How an operator behaves at one ringing.
#[derive(Clone, Copy, Debug)]
pub struct Conduct {
    reaction: Reaction,
    /// Talks for at least and at most so long.
    talk: Option<(Duration, Duration)>,
}

#[derive(Clone, Copy, Debug)]
enum Reaction {
    /// Rings at once, answers after that.
    Answers(Duration),
    /// Rings at once, refuses after that.
    Refuses(Duration, Refusal),
    /// Rings and rings.
    Silent,
    /// Does not even say 100.
    Dead,
}

/// Answers after so long and talks until the other hangs up.
pub fn answers_after(delay: Duration) -> Conduct {
    Conduct { reaction: Reaction::Answers(delay), talk: None }
}

/// Is on another call: 486 at once.
pub fn busy() -> Conduct {
    Conduct { reaction: Reaction::Refuses(ms(0), Refusal::Busy), talk: None }
}

/// Presses the red button after so long: 603.
pub fn declines_after(delay: Duration) -> Conduct {
    Conduct { reaction: Reaction::Refuses(delay, Refusal::Decline), talk: None }
}

/// The phone gives up by itself while it rings: 480.
pub fn hangs_up_while_ringing_after(delay: Duration) -> Conduct {
    Conduct { reaction: Reaction::Refuses(delay, Refusal::Away), talk: None }
}

/// Lets it ring.
pub fn silent() -> Conduct {
    Conduct { reaction: Reaction::Silent, talk: None }
}

/// A phone that is off: no reply at all.
pub fn dead() -> Conduct {
    Conduct { reaction: Reaction::Dead, talk: None }
}

impl Conduct {
    /// Having answered, hangs up after so long.
    pub fn talks_for(self, how_long: Duration) -> Self {
        self.talks_between(how_long, how_long)
    }

    /// Having answered, hangs up after something between, spread evenly over the calls.
    pub fn talks_between(self, least: Duration, most: Duration) -> Self {
        Self { talk: Some((least, most)), ..self }
    }
}

/// Behaves so at this ringing, and says it when he cannot: a call may have ended meanwhile, or a phone hangs.
pub(super) async fn behaves(leg: Leg, conduct: Conduct) {
    let operator = leg.operator.clone();
    if let Err(why) = behave(leg, conduct).await {
        eprintln!("      {operator} could not do as he was told: {why:#}");
    }
}

async fn behave(leg: Leg, conduct: Conduct) -> Result<()> {
    if !matches!(conduct.reaction, Reaction::Dead | Reaction::Refuses(Duration::ZERO, _)) {
        leg.order(Order::Ring)?;
    }
    match conduct.reaction {
        Reaction::Silent | Reaction::Dead => return Ok(()),
        Reaction::Refuses(delay, how) => {
            sleep(delay).await;
            return leg.order(Order::Refuse(how));
        }
        Reaction::Answers(delay) => sleep(delay).await,
    }
    leg.answers()?;
    let Some((least, most)) = conduct.talk else { return Ok(()) };
    let answered = leg.answered(secs(20)).await?;
    // The golden ratio spreads consecutive numbers evenly, the same in every run.
    let part = (f64::from(leg.ear.voice.0) * 0.618_034).fract();
    let how_long = least + most.saturating_sub(least).mul_f64(part);
    let spent = Moment::now() - answered;
    sleep(how_long.saturating_sub(spent)).await;
    leg.hangs_up()
}
