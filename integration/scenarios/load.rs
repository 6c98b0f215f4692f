//! Many at once.

use anyhow::{Context, Result, ensure};

use super::CROWD;
use crate::people::answers_after;
use crate::stage::{OPERATORS, Stage};
use crate::time::{Moment, ms, secs};

scenarios! {
    everywhere: sixty_callers_at_once_are_all_served;
}

async fn sixty_callers_at_once_are_all_served(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    for n in 1..=OPERATORS {
        stage.operator(&format!("op{n}"), [answers_after(ms(200)).talks_for(secs(1))]);
    }
    let mut callers = Vec::new();
    for _ in 0..60 {
        callers.push(stage.caller().dials(CROWD).await?);
    }
    let begun = Moment::now();
    for caller in &callers {
        let left = secs(60).saturating_sub(Moment::now() - begun);
        caller.is_served(left).await.context("of sixty")?;
    }
    let rung: usize = (1..=OPERATORS).map(|n| stage.times_rung(&format!("op{n}"))).sum();
    ensure!(rung == 60, "sixty callers took {rung} ringings");
    Ok(())
}
