//! Operators who pause, sign in and out, by telephone and over HTTP, and what a restart leaves of that.

use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::Value;

use super::entry;
use crate::people::{answers_after, silent};
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: one_who_pauses_by_telephone_leaves_his_caller_to_the_next,
        one_who_signs_in_by_telephone_is_rung_at_once_for_who_waits, who_does_not_take_calls_is_paused_for_a_while,
        a_pause_and_wrap_up_are_there_when_sentral_is_killed, wrong_pins_are_refused_and_after_three_not_looked_at;
}

/// Straight to the queue of `op1`, then `op2`.
const ROW: &str = "+4780012303";
/// Straight to the queue of `op1` alone, who is signed out when Sentral begins.
const LATE: &str = "+4780012304";
/// Straight to the queue of `op3`, who is paused when he has not taken two calls.
const STRICT: &str = "+4780012305";
/// The codes, at a telephone of the house.
const PAUSE: &str = "8601";
const SIGN_IN: &str = "8602";

const PLAN: &str = "exchange: test\ntimezone: UTC\n\
    numbers: {\"+4780012303\": {flow: row}, \"+4780012304\": {flow: late}, \"+4780012305\": {flow: strict}}\n\
    operators:\n  \
    op1: {dial: PJSIP/op1, extension: 101, pin: \"90210471\"}\n  \
    op2: {dial: PJSIP/op2, extension: 102, pin: \"47119036\"}\n  \
    op3: {dial: PJSIP/op3, extension: 103}\n  \
    op4: {dial: PJSIP/op4, extension: 104, pin: \"31415\", signed_in: false}\n\
    pauses: {lunch: {for: 1h}}\n\
    queues:\n  \
    row: {operators: [op1, op2], strategy: linear, ring: 15s, wrap_up: 1m, retry: 1s}\n  \
    late: {operators: [op4], strategy: linear, ring: 15s, retry: 1s}\n  \
    strict: {operators: [op3], strategy: linear, ring: 2s, retry: 1s, auto_pause: {after: 2, of: [no_answer], for: 3s}}\n\
    extensions: {601: {flow: pause}, 602: {flow: sign_in}}\n\
    flows:\n  \
    row: [{queue: row}]\n  \
    late: [{queue: late}]\n  \
    strict: [{queue: strict}]\n  \
    pause: [{operator: {does: pause, reason: lunch, play: sound:beep, extension: {play: sound:beep}, otherwise: {hangup: rejected}}}, {play: sound:beep}, hangup]\n  \
    sign_in: [{operator: {does: sign_in, play: sound:beep, extension: {play: sound:beep}, otherwise: {hangup: rejected}}}, {play: sound:beep}, hangup]\n";

/// Somebody at the telephone in the lobby dials a code and enters this.
async fn enters(stage: &mut Stage, code: &str, keys: &str) -> Result<()> {
    let caller = stage.caller().dials(code).await?;
    caller.answered(secs(5)).await?;
    for key in keys.chars() {
        caller.presses(key, ms(150)).await?;
    }
    caller.is_hung_up(secs(10)).await.map(drop)
}

async fn is(stage: &mut Stage, operator: &str, state: &str) -> Result<()> {
    let what = format!("{operator} is {state}");
    let is = |all: &Value| Ok(entry(all, "operators", "operator", operator)?["state"] == state);
    stage.engine()?.comes_to(&what, secs(5), is).await
}

async fn asks(stage: &mut Stage, path: &str) -> Result<()> {
    let (status, told) = stage.engine()?.asks(Method::POST, &format!("/api/v1/operators/{path}")).await?;
    ensure!(status == 200, "{path}: {status}: {}", String::from_utf8_lossy(&told));
    Ok(())
}

async fn one_who_pauses_by_telephone_leaves_his_caller_to_the_next(stage: &mut Stage) -> Result<()> {
    stage.operator("op2", [answers_after(ms(200))]);
    stage.sentral(Setup::with_plan(PLAN)).await?;
    let caller = stage.caller().dials(ROW).await?;
    let first = stage.rings("op1", 1, secs(5)).await?;
    enters(stage, PAUSE, "101#90210471#").await?;
    first.cancelled(secs(5)).await?;
    let second = stage.rings("op2", 1, secs(5)).await?;
    caller.talks_with(&second, secs(5)).await?;
    is(stage, "op1", "paused").await?;
    ensure!(stage.times_rung("op1") == 1, "op1 was rung {} times", stage.times_rung("op1"));
    caller.hangs_up()?;
    second.is_over(secs(5)).await
}

async fn one_who_signs_in_by_telephone_is_rung_at_once_for_who_waits(stage: &mut Stage) -> Result<()> {
    stage.operator("op4", [answers_after(ms(200))]);
    stage.sentral(Setup::with_plan(PLAN)).await?;
    is(stage, "op4", "signed_out").await?;
    let caller = stage.caller().dials(LATE).await?;
    stage
        .engine()?
        .comes_to("he waits", secs(5), |all| {
            Ok(entry(all, "queues", "queue", "late")?["callers"].as_array().is_some_and(|line| line.len() == 1))
        })
        .await?;
    enters(stage, SIGN_IN, "104#31415#").await?;
    let leg = stage.rings("op4", 1, secs(5)).await?;
    caller.talks_with(&leg, secs(5)).await?;
    caller.hangs_up()?;
    leg.is_over(secs(5)).await
}

async fn who_does_not_take_calls_is_paused_for_a_while(stage: &mut Stage) -> Result<()> {
    stage.operator("op3", [silent(), silent(), answers_after(ms(200))]);
    stage.sentral(Setup::with_plan(PLAN)).await?;
    let caller = stage.caller().dials(STRICT).await?;
    stage.rings("op3", 2, secs(10)).await?;
    is(stage, "op3", "paused").await?;
    let changes = "sentral_duty_changes_total";
    stage.engine()?.counts(changes, &["to=\"paused\"", "by=\"automatic\""], 1.0, secs(5)).await?;
    let third = stage.rings("op3", 3, secs(10)).await?;
    caller.talks_with(&third, secs(5)).await?;
    caller.hangs_up()?;
    third.is_over(secs(5)).await
}

async fn a_pause_and_wrap_up_are_there_when_sentral_is_killed(stage: &mut Stage) -> Result<()> {
    stage.operator("op1", [answers_after(ms(200))]);
    stage.sentral(Setup::with_plan(PLAN)).await?;
    let caller = stage.caller().dials(ROW).await?;
    let leg = stage.rings("op1", 1, secs(5)).await?;
    caller.talks_with(&leg, secs(5)).await?;
    caller.hangs_up()?;
    is(stage, "op1", "wrapping_up").await?;
    enters(stage, PAUSE, "102#47119036#").await?;
    is(stage, "op2", "paused").await?;
    asks(stage, "op3/sign_out").await?;
    asks(stage, "op4/sign_in").await?;
    // Written within moments; what is not written yet nobody can know.
    tokio::time::sleep(secs(1)).await;
    stage.engine()?.is_killed().await?;
    stage.engine()?.starts_again().await?;
    for (operator, state) in [("op1", "wrapping_up"), ("op2", "paused"), ("op3", "signed_out"), ("op4", "ready")] {
        is(stage, operator, state).await?;
    }
    let all = stage.engine()?.state().await?;
    let duty = &entry(&all, "operators", "operator", "op2")?["duty"];
    ensure!(duty["reason"] == "lunch" && duty["until"].is_string(), "{duty}");
    asks(stage, "op1/wrap_up?end").await?;
    is(stage, "op1", "ready").await
}

async fn wrong_pins_are_refused_and_after_three_not_looked_at(stage: &mut Stage) -> Result<()> {
    stage.sentral(Setup::with_plan(PLAN)).await?;
    let caller = stage.caller().dials(PAUSE).await?;
    caller.answered(secs(5)).await?;
    for _ in 0..3 {
        for key in "102#0000#".chars() {
            caller.presses(key, ms(200)).await?;
        }
        // Each wrong one slows down.
        tokio::time::sleep(ms(1_500)).await;
    }
    caller.is_hung_up(secs(10)).await?;
    let refused = "sentral_pins_refused_total";
    stage.engine()?.counts(refused, &["why=\"wrong\""], 3.0, secs(5)).await?;
    let caller = stage.caller().dials(PAUSE).await?;
    caller.answered(secs(5)).await?;
    for key in "102#47119036#".chars() {
        caller.presses(key, ms(150)).await?;
    }
    stage.engine()?.counts(refused, &["why=\"locked\""], 1.0, secs(5)).await?;
    caller.hangs_up()?;
    is(stage, "op2", "ready").await?;
    let words = stage.engine()?.words();
    ensure!(!words.contains("47119036") && !words.contains("90210471"), "a PIN is in the log");
    Ok(())
}
