//! Operators who sign in at a telephone that is not their own, by telephone and over HTTP.

use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::Value;

use super::entry;
use crate::people::answers_after;
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: one_who_enters_his_desk_is_rung_there_also_after_a_restart_and_until_he_signs_out,
        the_second_at_a_desk_signs_the_first_out_and_nobody_is_disturbed_in_a_call,
        the_telephone_that_is_called_from_is_a_desk_or_is_refused;
}

/// Straight to the queue of `op1`, who is signed out when Sentral begins, and `op2`.
const ROW: &str = "+4780012303";
/// The codes, at a telephone of the house: sign in at a desk that is entered, and at the one that is called from.
const THERE: &str = "8601";
const HERE: &str = "8602";

/// The telephone of `op5` is the desk 205; the one that is called from is that of the trunk.
const PLAN: &str = "exchange: test\ntimezone: UTC\n\
    numbers: {\"+4780012303\": {flow: row}}\n\
    operators:\n  \
    op1: {dial: PJSIP/op1, extension: 101, pin: \"90210\", signed_in: false}\n  \
    op2: {dial: PJSIP/op2, extension: 102, pin: \"4711\", signed_in: false}\n\
    queues:\n  row: {operators: [op1, op2], strategy: linear, ring: 15s, retry: 1s}\n\
    extensions: {205: {dial: PJSIP/op5, desk: true}, 206: {dial: PJSIP/trunk, desk: DESK}, 601: {flow: there}, 602: {flow: here}}\n\
    flows:\n  \
    row: [{queue: row}]\n  \
    there: [{ask: {play: sound:beep, into: desk, max: 3}}, {operator: {does: sign_in, desk: \"{{ desk }}\", play: sound:beep, extension: {play: sound:beep}, tries: 1, otherwise: {hangup: rejected}}}, {play: sound:beep}, hangup]\n  \
    here: [{operator: {does: sign_in, desk: here, play: sound:beep, extension: {play: sound:beep}, tries: 1, otherwise: {hangup: rejected}}}, {play: sound:beep}, hangup]\n";

fn plan(desk: bool) -> Setup {
    Setup::with_plan(&PLAN.replace("DESK", if desk { "true" } else { "false" }))
}

/// Somebody at a telephone of the house dials a code and enters this.
async fn enters(stage: &mut Stage, code: &str, keys: &str) -> Result<()> {
    let caller = stage.caller().dials(code).await?;
    caller.answered(secs(5)).await?;
    for key in keys.chars() {
        caller.presses(key, ms(150)).await?;
    }
    caller.is_hung_up(secs(10)).await.map(drop)
}

/// Waits until an operator is there, or not, at that desk; none is `null`.
async fn is(stage: &mut Stage, operator: &str, duty: &str, desk: Value) -> Result<()> {
    let what = format!("{operator} is {duty} at {desk}");
    let is = |all: &Value| {
        let entry = entry(all, "operators", "operator", operator)?;
        Ok(entry["duty"]["duty"] == duty && entry["desk"] == desk)
    };
    stage.engine()?.comes_to(&what, secs(5), is).await
}

async fn asks(stage: &mut Stage, path: &str, expected: u16) -> Result<String> {
    let (status, told) = stage.engine()?.asks(Method::POST, &format!("/api/v1/operators/{path}")).await?;
    let told = String::from_utf8_lossy(&told).into_owned();
    ensure!(status == expected, "{path}: {status}: {told}");
    Ok(told)
}

async fn one_who_enters_his_desk_is_rung_there_also_after_a_restart_and_until_he_signs_out(
    stage: &mut Stage,
) -> Result<()> {
    stage.operator("op5", [answers_after(ms(200))]);
    stage.operator("op1", [answers_after(ms(200))]);
    stage.sentral(plan(false)).await?;
    enters(stage, THERE, "205101#90210#").await?;
    is(stage, "op1", "on", "205".into()).await?;
    let caller = stage.caller().dials(ROW).await?;
    let leg = stage.rings("op5", 1, secs(5)).await?;
    caller.talks_with(&leg, secs(5)).await?;
    caller.hangs_up()?;
    leg.is_over(secs(5)).await?;
    // Written within moments; what is not written yet nobody can know.
    tokio::time::sleep(secs(1)).await;
    stage.engine()?.is_killed().await?;
    stage.engine()?.starts_again().await?;
    is(stage, "op1", "on", "205".into()).await?;
    let caller = stage.caller().dials(ROW).await?;
    let leg = stage.rings("op5", 2, secs(5)).await?;
    caller.talks_with(&leg, secs(5)).await?;
    caller.hangs_up()?;
    leg.is_over(secs(5)).await?;

    asks(stage, "op1/sign_out", 200).await?;
    is(stage, "op1", "signed_out", Value::Null).await?;
    asks(stage, "op1/sign_in", 200).await?;
    let caller = stage.caller().dials(ROW).await?;
    let leg = stage.rings("op1", 1, secs(5)).await?;
    caller.talks_with(&leg, secs(5)).await?;
    caller.hangs_up()?;
    leg.is_over(secs(5)).await?;
    ensure!(stage.times_rung("op5") == 2, "op5 was rung {} times", stage.times_rung("op5"));
    Ok(())
}

async fn the_second_at_a_desk_signs_the_first_out_and_nobody_is_disturbed_in_a_call(stage: &mut Stage) -> Result<()> {
    stage.operator("op5", [answers_after(ms(200))]);
    stage.sentral(plan(false)).await?;
    asks(stage, "op1/sign_in?desk=205", 200).await?;
    let caller = stage.caller().dials(ROW).await?;
    let leg = stage.rings("op5", 1, secs(5)).await?;
    caller.talks_with(&leg, secs(5)).await?;
    let told = asks(stage, "op2/sign_in?desk=205", 409).await?;
    ensure!(told.contains("desk_in_use"), "{told}");
    caller.hangs_up()?;
    leg.is_over(secs(5)).await?;
    is(stage, "op1", "on", "205".into()).await?;
    asks(stage, "op2/sign_in?desk=205", 200).await?;
    is(stage, "op1", "signed_out", Value::Null).await?;
    is(stage, "op2", "on", "205".into()).await?;
    let told = asks(stage, "op1/sign_in?desk=206", 400).await?;
    ensure!(told.contains("no_such_desk"), "{told}");
    let caller = stage.caller().dials(ROW).await?;
    let leg = stage.rings("op5", 2, secs(5)).await?;
    caller.talks_with(&leg, secs(5)).await?;
    caller.hangs_up()?;
    leg.is_over(secs(5)).await
}

async fn the_telephone_that_is_called_from_is_a_desk_or_is_refused(stage: &mut Stage) -> Result<()> {
    stage.sentral(plan(true)).await?;
    enters(stage, HERE, "101#90210#").await?;
    is(stage, "op1", "on", "206".into()).await?;
    // Another one at the same telephone is asked who he is.
    enters(stage, HERE, "102#4711#").await?;
    is(stage, "op2", "on", "206".into()).await?;
    is(stage, "op1", "signed_out", Value::Null).await?;
    enters(stage, THERE, "601101#90210#").await?;
    is(stage, "op1", "signed_out", Value::Null).await?;
    let told = stage.engine()?.says("INFO", "duty not changed", secs(5)).await?;
    ensure!(told["why"] == "no_such_desk", "{told}");
    Ok(())
}
