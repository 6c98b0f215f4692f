//! Operators' telephones that are in use by themselves, or not registered.

use anyhow::{Result, ensure};
use serde_json::Value;
use tokio::time::sleep;

use super::{ONE, entry};
use crate::people::{answers_after, silent};
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{Moment, ms, secs};

scenarios! {
    everywhere: who_calls_out_by_himself_is_rung_the_moment_he_hangs_up,
        who_is_not_registered_is_shown_so_and_rung_when_he_registers,
        an_engine_that_starts_knows_who_is_there, a_new_plan_has_other_telephones_watched;
}

/// Calls to [`ONE`] come to the queue of this operator, who has no wrap-up.
fn plan(operator: &str, more: &str) -> String {
    format!(
        "exchange: test\nnumbers: {{\"{ONE}\": {{flow: a}}}}\noperators: {{{operator}: {{dial: PJSIP/{operator}{more}}}}}\n\
         queues: {{one: {{operators: [{operator}], wrap_up: 0s, retry: 1s, ring: 15s}}}}\nflows:\n  a: [{{queue: one}}]\n"
    )
}

async fn is(stage: &mut Stage, operator: &str, state: &str) -> Result<()> {
    let look = |all: &Value| Ok(entry(all, "operators", "operator", operator)?["state"] == state);
    stage.engine()?.comes_to(&format!("{operator} is {state}"), secs(2), look).await
}

async fn who_calls_out_by_himself_is_rung_the_moment_he_hangs_up(stage: &mut Stage) -> Result<()> {
    stage.sentral(Setup::with_plan(&plan("op1", ""))).await?;
    stage.operator("op1", [answers_after(ms(200))]);
    let own = stage.calls_out("op1").await?;
    is(stage, "op1", "busy").await?;
    let caller = stage.caller().dials(ONE).await?;
    caller.hears_asterisk(secs(2)).await?;
    sleep(secs(2)).await;
    ensure!(stage.times_rung("op1") == 0, "he was rung beside his own call");
    let free = Moment::now();
    own.hangs_up().await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    ensure!(leg.invited - free < ms(500), "he was rung {:?} after he hung up", leg.invited - free);
    caller.talks_with(&leg, secs(2)).await?;
    // The end of a call of ours does not look like one of his own: the next caller is rung for at once.
    let next = stage.caller().dials(ONE).await?;
    next.hears_asterisk(secs(2)).await?;
    caller.hangs_up()?;
    let leg = stage.rings("op1", 2, ms(900)).await?;
    next.talks_with(&leg, secs(2)).await?;
    next.hangs_up()?;
    is(stage, "op1", "ready").await
}

async fn who_is_not_registered_is_shown_so_and_rung_when_he_registers(stage: &mut Stage) -> Result<()> {
    stage.sentral(Setup::with_plan(&plan("late", ""))).await?;
    stage.operator("late", [answers_after(ms(200))]);
    is(stage, "late", "unreachable").await?;
    let caller = stage.caller().dials(ONE).await?;
    caller.hears_asterisk(secs(2)).await?;
    sleep(secs(2)).await;
    stage.registers("late", true).await?;
    let leg = stage.rings("late", 1, secs(1)).await?;
    caller.talks_with(&leg, secs(2)).await?;
    caller.hangs_up()?;
    is(stage, "late", "ready").await?;
    stage.registers("late", false).await?;
    is(stage, "late", "unreachable").await
}

async fn an_engine_that_starts_knows_who_is_there(stage: &mut Stage) -> Result<()> {
    stage.sentral(Setup::with_plan(&plan("op1", ""))).await?;
    stage.operator("op1", [silent(), answers_after(ms(200))]);
    let own = stage.calls_out("op1").await?;
    is(stage, "op1", "busy").await?;
    let caller = stage.caller().dials(ONE).await?;
    caller.hears_asterisk(secs(2)).await?;
    stage.engine()?.is_killed().await?;
    stage.engine()?.starts_again().await?;
    is(stage, "op1", "busy").await?;
    sleep(secs(1)).await;
    ensure!(stage.times_rung("op1") == 0, "he was rung beside his own call");
    own.hangs_up().await?;
    stage.rings("op1", 1, secs(1)).await?;
    caller.hangs_up()
}

/// Its plan is another one from now on, for the so manieth time.
async fn takes(stage: &mut Stage, plan: &str, times: f64) -> Result<()> {
    stage.engine()?.plan_becomes(plan)?;
    stage.engine()?.is_told_to_reload()?;
    stage.engine()?.counts("sentral_plan_reloads_total", &[r#"result="loaded""#], times, secs(5)).await
}

async fn a_new_plan_has_other_telephones_watched(stage: &mut Stage) -> Result<()> {
    // Of a telephone that the plan does not want to know of nothing is known.
    stage.sentral(Setup::with_plan(&plan("op1", ", device: false"))).await?;
    let own = stage.calls_out("op1").await?;
    is(stage, "op1", "ready").await?;
    takes(stage, &plan("op1", ""), 1.0).await?;
    is(stage, "op1", "busy").await?;
    takes(stage, &plan("op1", ", device: PJSIP/late"), 2.0).await?;
    is(stage, "op1", "unreachable").await?;
    own.hangs_up().await
}
