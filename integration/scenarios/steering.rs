//! Callers who wait are moved, preferred, assigned and withdrawn over HTTP, keep their age from queue to queue, and are sent
//! away when their queue closes.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::Value;

use super::{ALL, ONE, call};
use crate::people::{Caller, answers_after, silent};
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: one_who_is_moved_is_served_in_the_other_queue, one_who_is_preferred_is_served_first_even_after_a_restart,
        one_who_is_assigned_to_a_free_operator_is_rung_for_at_once, one_who_is_withdrawn_goes_where_the_plan_says,
        one_who_overflows_keeps_his_age, those_who_wait_go_when_their_queue_closes;
}

/// [`ONE`] comes to the queue `one` of `op1`, [`ALL`] to the queue `two` of `op2`.
fn plan(one: &str) -> Setup {
    Setup::with_plan(&format!(
        "exchange: test\ntimezone: UTC\nnumbers: {{\"{ONE}\": {{flow: a}}, \"{ALL}\": {{flow: b}}}}\n\
         operators: {{op1: {{dial: PJSIP/op1}}, op2: {{dial: PJSIP/op2}}}}\n\
         hours: {{office: {{open: [Mo-Su 00:00-24:00]}}}}\n\
         queues:\n  one: {{operators: [op1], strategy: linear, hours: office, when_closed: {{flow: out}}, \
           when_withdrawn: {{flow: out}}{one}}}\n  two: {{operators: [op2], strategy: linear}}\n\
         flows:\n  a: [{{queue: one}}]\n  b: [{{queue: two}}]\n  out: [{{play: sound:beep}}, hangup]\n"
    ))
}

/// A caller who talks, so that his operator is not free.
async fn engages(stage: &mut Stage, number: &str, operator: &str) -> Result<Caller> {
    let caller = stage.caller().dials(number).await?;
    let leg = stage.rings(operator, 1, secs(2)).await?;
    caller.talks_with(&leg, secs(2)).await?;
    Ok(caller)
}

/// A caller who stands in line.
async fn waits(stage: &mut Stage, number: &str) -> Result<Caller> {
    let caller = stage.caller().dials(number).await?;
    let his = caller.number.clone();
    let waits = |state: &Value| Ok(call(state, &his)?["state"] == "waiting");
    stage.engine()?.comes_to("he waits", secs(3), waits).await?;
    Ok(caller)
}

/// `POST /api/v1/calls/ID/...` for that caller: the status.
async fn steered(stage: &mut Stage, caller: &Caller, how: &str) -> Result<u16> {
    let engine = stage.engine()?;
    let state = engine.state().await?;
    let id = call(&state, &caller.number)?["id"].as_str().context("an id")?.to_owned();
    let (status, _said) = engine.asks(Method::POST, &format!("/api/v1/calls/{id}/{how}")).await?;
    Ok(status)
}

async fn one_who_is_moved_is_served_in_the_other_queue(stage: &mut Stage) -> Result<()> {
    stage.sentral(plan("")).await?;
    stage.operator("op1", [answers_after(ms(100)).talks_for(secs(20))]);
    stage.operator("op2", [answers_after(ms(300))]);
    let first = engages(stage, ONE, "op1").await?;
    let second = waits(stage, ONE).await?;
    second.hears_asterisk(secs(2)).await?;
    ensure!(steered(stage, &second, "move?queue=two").await? == 200, "he is not moved");
    let leg = stage.rings("op2", 1, secs(1)).await?;
    second.talks_with(&leg, secs(2)).await?;
    ensure!(steered(stage, &second, "move?queue=one").await? == 409, "who talks is moved");
    second.hangs_up()?;
    first.hangs_up()
}

async fn one_who_is_preferred_is_served_first_even_after_a_restart(stage: &mut Stage) -> Result<()> {
    stage.sentral(plan("")).await?;
    stage.operator("op1", [answers_after(ms(100)).talks_for(secs(7)), silent()]);
    let first = engages(stage, ONE, "op1").await?;
    let (early, late) = (waits(stage, ONE).await?, waits(stage, ONE).await?);
    ensure!(steered(stage, &late, "priority?to=5").await? == 200, "he is not preferred");
    // What is written on him is on its way.
    tokio::time::sleep(ms(500)).await;
    stage.engine()?.is_killed().await?;
    stage.engine()?.starts_again().await?;
    let leg = stage.rings("op1", 2, secs(12)).await?;
    ensure!(leg.shows()?.contains(&late.number), "op1 is rung for {}", leg.shows()?);
    first.is_hung_up(secs(2)).await?;
    early.hangs_up()?;
    late.hangs_up()
}

async fn one_who_is_assigned_to_a_free_operator_is_rung_for_at_once(stage: &mut Stage) -> Result<()> {
    stage.sentral(plan("")).await?;
    stage.operator("op1", [answers_after(ms(100)).talks_for(secs(20))]);
    stage.operator("op2", [answers_after(ms(300))]);
    let first = engages(stage, ONE, "op1").await?;
    let (early, late) = (waits(stage, ONE).await?, waits(stage, ONE).await?);
    ensure!(steered(stage, &late, "assign?operator=op2").await? == 200, "he is not assigned");
    let leg = stage.rings("op2", 1, secs(1)).await?;
    late.talks_with(&leg, secs(2)).await?;
    early.hangs_up()?;
    late.hangs_up()?;
    first.hangs_up()
}

async fn one_who_is_withdrawn_goes_where_the_plan_says(stage: &mut Stage) -> Result<()> {
    stage.sentral(plan("")).await?;
    stage.operator("op1", [silent()]);
    let caller = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op1", 1, secs(2)).await?;
    ensure!(steered(stage, &caller, "withdraw?info=test").await? == 200, "he is not withdrawn");
    leg.cancelled(secs(2)).await?;
    caller.is_hung_up(secs(3)).await?;
    let labels = ["how=\"withdrawn\"", "queue=\"one\""];
    stage.engine()?.counts("sentral_steered_callers_total", &labels, 1.0, secs(2)).await
}

async fn one_who_overflows_keeps_his_age(stage: &mut Stage) -> Result<()> {
    stage.sentral(plan(", max_wait: {after: 3s, go: {queue: two}}")).await?;
    stage.operator("op1", [answers_after(ms(100)).talks_for(secs(20))]);
    stage.operator("op2", [answers_after(ms(100)).talks_for(secs(7)), answers_after(ms(100))]);
    let first = engages(stage, ONE, "op1").await?;
    let second = engages(stage, ALL, "op2").await?;
    let early = waits(stage, ONE).await?;
    tokio::time::sleep(secs(1)).await;
    let late = waits(stage, ALL).await?;
    // He comes to `two` behind the other one, and is served before him.
    let leg = stage.rings("op2", 2, secs(12)).await?;
    early.talks_with(&leg, secs(2)).await?;
    ensure!(late.is_in_the_call(), "who came later is gone");
    late.hangs_up()?;
    early.hangs_up()?;
    second.is_hung_up(secs(2)).await?;
    first.hangs_up()
}

async fn those_who_wait_go_when_their_queue_closes(stage: &mut Stage) -> Result<()> {
    stage.sentral(plan("")).await?;
    stage.operator("op1", [answers_after(ms(100)).talks_for(secs(20))]);
    let first = engages(stage, ONE, "op1").await?;
    let second = waits(stage, ONE).await?;
    let (status, _view) = stage.engine()?.asks(Method::PUT, "/api/v1/hours/office?to=closed").await?;
    ensure!(status == 200, "the office is not closed: {status}");
    second.is_hung_up(secs(3)).await?;
    ensure!(first.is_in_the_call(), "who talks was sent away");
    stage.caller().dials(ONE).await?.is_hung_up(secs(3)).await?;
    ensure!(stage.times_rung("op1") == 1, "op1 was rung for a closed queue");
    first.hangs_up()
}
