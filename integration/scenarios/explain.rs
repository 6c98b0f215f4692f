//! Why a caller is not connected yet, as the API and the command line say it.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::Value;

use super::{ONE, call};
use crate::people::answers_after;
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: why_a_caller_waits_is_told_of_each_operator;
}

/// [`ONE`] comes to the queue of `op1` and `op2`.
const PLAN: &str = "exchange: test\ntimezone: UTC\nnumbers: {\"+4780012301\": {flow: a}}\n\
    operators: {op1: {dial: PJSIP/op1}, op2: {dial: PJSIP/op2}}\n\
    pauses: {lunch: {for: 1h}}\n\
    queues: {sales: {operators: [op1, op2], strategy: linear}}\n\
    flows: {a: [{queue: sales}]}\n";

const TOKEN: &str = "a-token-of-the-test-0123";

async fn why_a_caller_waits_is_told_of_each_operator(stage: &mut Stage) -> Result<()> {
    stage.operator("op1", [answers_after(ms(100)).talks_for(secs(20))]);
    stage.sentral(Setup::with_plan(PLAN).guarded_by(TOKEN)).await?;
    let (status, said) = stage.engine()?.asks(Method::POST, "/api/v1/operators/op2/pause?reason=lunch").await?;
    ensure!(status == 200, "op2 is not paused: {status} {}", String::from_utf8_lossy(&said));
    let first = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op1", 1, secs(2)).await?;
    first.talks_with(&leg, secs(2)).await?;
    let second = stage.caller().dials(ONE).await?;
    let his = second.number.clone();
    let waits = |state: &Value| Ok(call(state, &his)?["state"] == "waiting");
    stage.engine()?.comes_to("he waits", secs(3), waits).await?;

    let sentral = stage.engine()?;
    let state = sentral.state().await?;
    let id = |number: &str| Ok::<_, anyhow::Error>(call(&state, number)?["id"].as_str().context("an id")?.to_owned());
    let (talks, waits) = (id(&first.number)?, id(&second.number)?);
    let (status, said) = sentral.asks(Method::GET, &format!("/api/v1/explain/calls/{waits}")).await?;
    let why: Value = serde_json::from_slice(&said)?;
    ensure!(status == 200 && why["waits"]["position"] == 1, "{status} {why}");
    let reason = |at: usize| &why["waits"]["operators"][at]["reasons"][0];
    ensure!(reason(0)["why"] == "talking" && reason(0)["call"] == *talks, "op1 talks: {why}");
    ensure!(reason(1)["why"] == "paused" && reason(1)["because"] == "lunch", "op2 is paused: {why}");

    let (well, told) = sentral.told(&["explain", &waits]).await?;
    ensure!(well && told.contains(&format!("call {waits}: he waits in `sales` at place 1 of 1 for ")), "{told}");
    ensure!(told.contains(&format!("\n  op1: he talks with another caller ({talks}) since ")), "{told}");
    ensure!(told.contains("\n  op2: he is paused (lunch) since "), "{told}");
    let (well, told) = sentral.told(&["explain", "op2", "--format", "json"]).await?;
    let why: Value = serde_json::from_str(&told).with_context(|| told.clone())?;
    ensure!(well && why["reasons"][0]["why"] == "paused" && why["next"]["call"] == *waits, "{told}");

    for (who, says) in
        [("nobody", "the plan in force has no operator of this name"), ("00000001-9", "no call with this id")]
    {
        let (well, told) = sentral.told(&["explain", who]).await?;
        ensure!(!well && told.contains(says), "{who}: {told}");
    }
    first.hangs_up()?;
    second.hangs_up()?;
    leg.is_over(secs(5)).await
}
