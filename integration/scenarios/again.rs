//! Callers who call again: they have the operator who talked to them last, and the place that they left. And calls that ask
//! for skills.

use anyhow::{Result, ensure};
use serde_json::Value;
use tokio::time::sleep;

use super::{ALL, ONE, call, entry};
use crate::people::{Caller, answers_after};
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: who_calls_again_has_the_operator_who_talked_to_him_even_after_a_restart,
        whose_line_drops_has_his_place_again_even_after_a_restart,
        what_a_call_requires_is_its_own_and_survives_a_restart;
}

/// Calls to [`ONE`] come to the queue `one` of `op1` and `op2`, who are rung in this order.
fn plan(queue: &str) -> Setup {
    Setup::with_plan(&format!(
        "exchange: test\nnumbers: {{\"{ONE}\": {{flow: a}}}}\n\
         operators: {{op1: {{dial: PJSIP/op1}}, op2: {{dial: PJSIP/op2}}}}\n\
         queues:\n  one: {{operators: [op1, op2], strategy: top_down, {queue}}}\nflows:\n  a: [{{queue: one}}]\n"
    ))
}

/// How many stand in the queue.
async fn waiting(stage: &mut Stage, callers: usize) -> Result<()> {
    let are = |found: &Value| {
        Ok(entry(found, "queues", "queue", "one")?["callers"].as_array().is_some_and(|line| line.len() == callers))
    };
    stage.engine()?.comes_to("callers in the queue", secs(5), are).await
}

/// The engine is killed when all that it wants to be kept is on the disk.
async fn is_killed_and_starts_again(stage: &mut Stage) -> Result<()> {
    sleep(secs(1)).await;
    stage.engine()?.is_killed().await?;
    stage.engine()?.starts_again().await
}

/// A caller for whom the operator rings for the `n`th time, and they talk.
async fn talks(stage: &mut Stage, caller: &Caller, operator: &str, n: usize) -> Result<()> {
    let leg = stage.rings(operator, n, secs(3)).await?;
    caller.talks_with(&leg, secs(2)).await
}

async fn who_calls_again_has_the_operator_who_talked_to_him_even_after_a_restart(stage: &mut Stage) -> Result<()> {
    stage.sentral(plan("sticky: {days: 1, wait: 30s}")).await?;
    stage.operator("op1", [answers_after(ms(100))]);
    stage.operator("op2", [answers_after(ms(100))]);
    let (stranger, ivan) = (stage.caller(), stage.caller());
    let first = stranger.dials(ONE).await?;
    talks(stage, &first, "op1", 1).await?;
    let his = ivan.dials(ONE).await?;
    talks(stage, &his, "op2", 1).await?;
    his.hangs_up()?;
    first.hangs_up()?;
    is_killed_and_starts_again(stage).await?;

    let again = ivan.dials(ONE).await?;
    talks(stage, &again, "op2", 2).await?;
    // Somebody else at his number waits for the same operator, though the other one is free.
    let third = ivan.dials(ONE).await?;
    waiting(stage, 1).await?;
    third.hears_asterisk(secs(2)).await?;
    sleep(secs(2)).await;
    ensure!(stage.times_rung("op1") == 1, "op1 is rung for one who waits for op2");
    again.hangs_up()?;
    talks(stage, &third, "op2", 3).await?;
    third.hangs_up()
}

/// Until somebody stands in the queue for so long.
async fn has_waited(stage: &mut Stage, seconds: f64) -> Result<()> {
    let has = |found: &Value| {
        let callers = entry(found, "queues", "queue", "one")?["callers"].as_array().cloned().unwrap_or_default();
        Ok(callers.iter().any(|caller| caller["age_seconds"].as_f64().is_some_and(|age| age >= seconds)))
    };
    stage.engine()?.comes_to("somebody who has waited", secs(20), has).await
}

async fn whose_line_drops_has_his_place_again_even_after_a_restart(stage: &mut Stage) -> Result<()> {
    stage.sentral(plan("keep_place_for: 5m")).await?;
    stage.operator("op1", [answers_after(ms(100)), answers_after(ms(100))]);
    stage.operator("op2", [answers_after(ms(100))]);
    let first = stage.caller().dials(ONE).await?;
    talks(stage, &first, "op1", 1).await?;
    let second = stage.caller().dials(ONE).await?;
    talks(stage, &second, "op2", 1).await?;
    let ivan = stage.caller();
    let his = ivan.dials(ONE).await?;
    has_waited(stage, 12.0).await?;
    let late = stage.caller().dials(ONE).await?;
    waiting(stage, 2).await?;
    his.hangs_up()?;
    waiting(stage, 1).await?;
    is_killed_and_starts_again(stage).await?;

    let again = ivan.dials(ONE).await?;
    waiting(stage, 2).await?;
    has_waited(stage, 12.0).await?;
    first.hangs_up()?;
    talks(stage, &again, "op1", 2).await?;
    ensure!(late.is_in_the_call(), "who came later is gone");
    again.hangs_up()?;
    second.hangs_up()?;
    late.hangs_up()
}

async fn what_a_call_requires_is_its_own_and_survives_a_restart(stage: &mut Stage) -> Result<()> {
    let plan = format!(
        "exchange: test\nnumbers: {{\"{ONE}\": {{flow: a}}, \"{ALL}\": {{flow: b}}}}\n\
         operators: {{op1: {{dial: PJSIP/op1}}, op2: {{dial: PJSIP/op2, skills: {{english: 3}}}}}}\n\
         queues:\n  one: {{operators: [op1, op2], strategy: top_down}}\nflows:\n  a: [{{queue: one}}]\n  \
         b: [{{require: {{skills: {{english: 2}}}}}}, {{queue: one}}]\n"
    );
    stage.sentral(Setup::with_plan(&plan)).await?;
    stage.operator("op1", [answers_after(ms(100))]);
    stage.operator("op2", [answers_after(ms(100))]);
    let english = stage.caller().dials(ALL).await?;
    talks(stage, &english, "op2", 1).await?;
    let second = stage.caller().dials(ALL).await?;
    waiting(stage, 1).await?;
    // Who asks for nothing has the operator whom the one before him may not have.
    let third = stage.caller().dials(ONE).await?;
    talks(stage, &third, "op1", 1).await?;
    is_killed_and_starts_again(stage).await?;
    let state = stage.engine()?.state().await?;
    let asks = &call(&state, &second.number)?["requires"];
    ensure!(asks["english"] == 2, "he asks for {asks}");
    third.hangs_up()?;
    sleep(secs(2)).await;
    ensure!(stage.times_rung("op1") == 1, "op1 is rung for one who asks for English");
    english.hangs_up()?;
    talks(stage, &second, "op2", 2).await?;
    second.hangs_up()
}
