//! A Sentral that hangs or dies while a dialplan that dials by itself waits for its answer: nobody is in silence for longer than
//! the dialplan says.

use anyhow::{Result, ensure};

use super::{DIAL_CHOSEN, entry};
use crate::people::{Caller, Leg, answers_after};
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{Moment, ms, secs};

scenarios! {
    asterisk ("the stand-in has no dialplan that could wait"): who_asks_a_frozen_sentral_for_an_operator_is_in_the_fallback_soon,
        who_waits_in_the_line_of_a_frozen_sentral_is_in_the_fallback_soon, whom_an_operator_answered_is_not_kept_in_silence_by_a_frozen_sentral,
        who_talked_is_not_kept_by_a_frozen_sentral_when_the_operator_hangs_up,
        who_waits_in_the_line_of_a_killed_sentral_is_in_the_fallback_at_once, who_was_given_an_operator_talks_though_sentral_is_killed;
}

/// `TIMEOUT(absolute)` of the dialplan, and what a machine at work takes beside it.
const AT_LEAST: u64 = 9;
const AT_MOST: u64 = 13;

fn in_ten_seconds(since: Moment, until: Moment) -> Result<()> {
    let took = until - since;
    ensure!((secs(AT_LEAST)..=secs(AT_MOST)).contains(&took), "after {took:?}");
    Ok(())
}

/// One whose dialplan has brought him to `op1`.
async fn talks_with_op1(stage: &mut Stage) -> Result<(Caller, Leg)> {
    let caller = stage.caller().dials(DIAL_CHOSEN).await?;
    let leg = stage.rings("op1", 1, secs(5)).await?;
    caller.talks_with(&leg, secs(3)).await?;
    Ok((caller, leg))
}

/// One whose dialplan waits for `op1`.
async fn waits(stage: &mut Stage) -> Result<Caller> {
    let caller = stage.caller().dials(DIAL_CHOSEN).await?;
    let waits = |found: &serde_json::Value| {
        Ok(entry(found, "queues", "queue", "one")?["callers"].as_array().is_some_and(|line| line.len() == 1))
    };
    stage.engine()?.comes_to("he waits", secs(5), waits).await?;
    Ok(caller)
}

async fn who_asks_a_frozen_sentral_for_an_operator_is_in_the_fallback_soon(stage: &mut Stage) -> Result<()> {
    stage.has_a_door("test", "").await?;
    stage.engine()?.freezes()?;
    let caller = stage.caller().dials(DIAL_CHOSEN).await?;
    stage.in_the_fallback(&caller, secs(AT_MOST)).await?;
    in_ten_seconds(caller.dialed, Moment::now())?;
    stage.engine()?.thaws()?;
    // His session has ended without it: nobody was kept for him.
    stage.engine()?.until_ready(secs(10)).await?;
    caller.hangs_up()
}

async fn who_waits_in_the_line_of_a_frozen_sentral_is_in_the_fallback_soon(stage: &mut Stage) -> Result<()> {
    stage.has_a_door(Setup::from("test").set("limits: {dead_man: 5s}"), "").await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let (first, leg) = talks_with_op1(stage).await?;
    let second = waits(stage).await?;
    stage.engine()?.freezes()?;
    stage.in_the_fallback(&second, secs(10)).await?;
    // The two who talk need no Sentral.
    first.talks_with(&leg, secs(1)).await?;
    stage.engine()?.thaws()?;
    second.hangs_up()?;
    first.hangs_up()
}

async fn whom_an_operator_answered_is_not_kept_in_silence_by_a_frozen_sentral(stage: &mut Stage) -> Result<()> {
    stage.has_a_door("test", "").await?;
    stage.operator("op1", [answers_after(ms(1500))]);
    let caller = stage.caller().dials(DIAL_CHOSEN).await?;
    let leg = stage.rings("op1", 1, secs(5)).await?;
    stage.engine()?.freezes()?;
    let answered = leg.answered(secs(3)).await?;
    let (ended, _) = leg.is_hung_up(secs(AT_MOST)).await?;
    in_ten_seconds(answered, ended)?;
    let gone = caller.is_hung_up(secs(AT_MOST)).await?;
    in_ten_seconds(ended, gone)?;
    stage.engine()?.thaws()?;
    Ok(())
}

async fn who_talked_is_not_kept_by_a_frozen_sentral_when_the_operator_hangs_up(stage: &mut Stage) -> Result<()> {
    stage.has_a_door("test", "").await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let (caller, leg) = talks_with_op1(stage).await?;
    stage.engine()?.freezes()?;
    let hangs_up = Moment::now();
    leg.hangs_up()?;
    in_ten_seconds(hangs_up, caller.is_hung_up(secs(AT_MOST)).await?)?;
    stage.engine()?.thaws()?;
    // The end of his channel gave the operator back.
    stage.engine()?.counts("sentral_talk_seconds_count", &[r#"queue="one""#], 1.0, secs(5)).await
}

async fn who_waits_in_the_line_of_a_killed_sentral_is_in_the_fallback_at_once(stage: &mut Stage) -> Result<()> {
    stage.has_a_door("test", "").await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let (first, leg) = talks_with_op1(stage).await?;
    let second = waits(stage).await?;
    stage.engine()?.is_killed().await?;
    stage.in_the_fallback(&second, secs(2)).await?;
    first.talks_with(&leg, secs(1)).await?;
    second.hangs_up()?;
    first.hangs_up()
}

async fn who_was_given_an_operator_talks_though_sentral_is_killed(stage: &mut Stage) -> Result<()> {
    stage.has_a_door("test", "").await?;
    stage.operator("op1", [answers_after(ms(1000))]);
    let caller = stage.caller().dials(DIAL_CHOSEN).await?;
    let leg = stage.rings("op1", 1, secs(5)).await?;
    stage.engine()?.is_killed().await?;
    caller.talks_with(&leg, secs(3)).await?;
    // The next life knows nothing of him, and is told of his end all the same.
    stage.engine()?.starts_again().await?;
    caller.hangs_up()?;
    leg.is_hung_up(secs(2)).await?;
    stage.engine()?.counts("sentral_agi_sessions_total", &[r#"outcome="told""#], 1.0, secs(2)).await?;
    ensure!(stage.engine()?.operator("op1").await? == "ready");
    Ok(())
}
