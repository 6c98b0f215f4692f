//! Callers who are called back, also by the next life of Sentral.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::Value;
use tokio::time::sleep;

use super::{FAR, ONE};
use crate::people::{Caller, answers_after, busy, silent};
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: who_was_promised_it_is_called_though_the_engine_was_killed,
        an_attempt_in_which_the_engine_dies_counts_and_rings_nobody_twice, one_that_is_cancelled_rings_no_longer,
        an_operator_who_is_rung_first_hears_the_customer_ring_and_talks_to_him,
        an_operator_who_is_rung_first_is_free_when_the_customer_does_not_answer;
}

/// [`ONE`] leads to the queue of `op1`, whose callers have [`FAR`] called with the key `#`.
const PLAN: &str = "exchange: test\ntimezone: UTC\ncountry: \"NO\"\nnumbers: {\"+4780012301\": {flow: a}}\n\
    operators: {op1: {dial: PJSIP/op1}}\ntrunks: {outside: {dial: \"PJSIP/{digits}@outside\", channels: 1}}\n\
    queues:\n  one:\n    operators: [op1]\n    wrap_up: 1s\n    retry: 1s\n    exit:\n      \"#\":\n        \
    callback: {queue: one, number: \"+47 900 00 000\", promised: [{play: sound:beep}, hangup], refused: hangup}\n    \
    callback: {retry: 1m, greeting: sound:beep}\nflows:\n  a: [{queue: one}]\n";

/// He is not called before he who was promised it has hung up.
const BY_THEN: std::time::Duration = secs(25);

/// `op1` talks to somebody, and one more was promised to be called: who talks.
async fn promised(stage: &mut Stage) -> Result<Caller> {
    promised_by(stage, PLAN).await
}

async fn promised_by(stage: &mut Stage, plan: &str) -> Result<Caller> {
    stage.sentral(Setup::with_plan(plan)).await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let talks = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op1", 1, secs(2)).await?;
    talks.talks_with(&leg, secs(2)).await?;
    let waits = stage.caller().dials(ONE).await?;
    waits.answered(secs(2)).await?;
    waits.presses('#', ms(1_000)).await?;
    waits.is_hung_up(secs(4)).await.context("he is told, and hung up")?;
    let kept = callbacks(stage).await?;
    ensure!(kept.len() == 1 && kept[0]["number"] == "+4790000000" && kept[0]["attempts"] == 0, "{kept:?}");
    Ok(talks)
}

async fn callbacks(stage: &mut Stage) -> Result<Vec<Value>> {
    let (status, body) = stage.engine()?.asks(Method::GET, "/api/v1/callbacks").await?;
    ensure!(status == 200, "{status}");
    let told: Value = serde_json::from_slice(&body)?;
    Ok(told["callbacks"].as_array().cloned().unwrap_or_default())
}

async fn who_was_promised_it_is_called_though_the_engine_was_killed(stage: &mut Stage) -> Result<()> {
    let talks = promised(stage).await?;
    // What is promised is on the disk a moment later.
    sleep(secs(1)).await;
    stage.engine()?.is_killed().await?;
    stage.engine()?.starts_again().await?;
    ensure!(callbacks(stage).await?.len() == 1, "the promise is lost");
    stage.operator(FAR, [answers_after(ms(300))]);
    talks.hangs_up()?;
    let customer = stage.rings(FAR, 1, BY_THEN).await.context("he is not called")?;
    ensure!(customer.shows()?.contains("4780012301"), "he is shown {}", customer.shows()?);
    customer.answered(secs(2)).await?;
    sleep(ms(500)).await;
    customer.presses('1')?;
    let leg = stage.rings("op1", 2, secs(5)).await.context("no operator is rung for him")?;
    ensure!(leg.shows()?.contains("4790000000"), "the operator is shown {}", leg.shows()?);
    let talk = |state: &Value| {
        let calls = state["calls"].as_array().cloned().unwrap_or_default();
        Ok(calls.iter().any(|call| call["state"] == "talking" && call["caller"] == "+4790000000"))
    };
    stage.engine()?.comes_to("they talk", secs(3), talk).await?;
    ensure!(callbacks(stage).await?.is_empty(), "it is promised still");
    leg.hangs_up()?;
    customer.is_hung_up(secs(2)).await?;
    let reached = &[r#"queue="one""#, r#"result="reached""#];
    stage.engine()?.counts("sentral_callbacks_total", reached, 1.0, secs(2)).await
}

async fn an_attempt_in_which_the_engine_dies_counts_and_rings_nobody_twice(stage: &mut Stage) -> Result<()> {
    let talks = promised(stage).await?;
    stage.operator(FAR, [silent()]);
    talks.hangs_up()?;
    let customer = stage.rings(FAR, 1, BY_THEN).await.context("he is not called")?;
    sleep(secs(1)).await;
    stage.engine()?.is_killed().await?;
    stage.engine()?.starts_again().await?;
    customer.cancelled(secs(5)).await.context("a telephone rings for nobody")?;
    let kept = callbacks(stage).await?;
    ensure!(kept.len() == 1 && kept[0]["attempts"] == 1, "{kept:?}");
    sleep(secs(3)).await;
    ensure!(stage.times_rung(FAR) == 1, "he is called again at once");
    Ok(())
}

async fn one_that_is_cancelled_rings_no_longer(stage: &mut Stage) -> Result<()> {
    let talks = promised(stage).await?;
    stage.operator(FAR, [silent()]);
    talks.hangs_up()?;
    let customer = stage.rings(FAR, 1, BY_THEN).await.context("he is not called")?;
    let kept = callbacks(stage).await?;
    let path = format!("/api/v1/callbacks/{}", kept.first().and_then(|it| it["id"].as_str()).context("an id")?);
    let (status, _) = stage.engine()?.asks(Method::DELETE, &path).await?;
    ensure!(status == 200, "{status}");
    customer.cancelled(secs(2)).await?;
    let (status, _) = stage.engine()?.asks(Method::DELETE, &path).await?;
    ensure!(status == 404, "a second time: {status}");
    ensure!(callbacks(stage).await?.is_empty(), "it is promised still");
    Ok(())
}

/// The same, and `op1` is rung before the customer.
fn operator_first() -> String {
    PLAN.replace("retry: 1m, greeting: sound:beep", "retry: 1m, first: operator")
}

async fn an_operator_who_is_rung_first_hears_the_customer_ring_and_talks_to_him(stage: &mut Stage) -> Result<()> {
    let talks = promised_by(stage, &operator_first()).await?;
    stage.operator(FAR, [answers_after(secs(2))]);
    talks.hangs_up()?;
    let leg = stage.rings("op1", 2, BY_THEN).await.context("no operator is rung")?;
    ensure!(leg.shows()?.contains("4790000000"), "the operator is shown {}", leg.shows()?);
    leg.answered(secs(2)).await?;
    let customer = stage.rings(FAR, 1, secs(2)).await.context("he is not called")?;
    ensure!(customer.shows()?.contains("4780012301"), "he is shown {}", customer.shows()?);
    leg.hears_asterisk(secs(2)).await.context("the operator hears nothing")?;
    customer.answered(secs(4)).await?;
    let talk = |state: &Value| {
        let calls = state["calls"].as_array().cloned().unwrap_or_default();
        Ok(calls.iter().any(|call| call["state"] == "talking" && call["caller"] == "+4790000000"))
    };
    stage.engine()?.comes_to("they talk", secs(3), talk).await?;
    ensure!(callbacks(stage).await?.is_empty(), "it is promised still");
    let both = tokio::join!(leg.ear.hears(customer.ear.voice, secs(2)), customer.ear.hears(leg.ear.voice, secs(2)));
    both.0.context("the operator does not hear the customer")?;
    both.1.context("the customer does not hear the operator")?;
    // The pair goes on, and is no promise any more, when Sentral is killed.
    stage.engine()?.is_killed().await?;
    stage.engine()?.starts_again().await?;
    stage.engine()?.comes_to("they talk on", secs(5), talk).await?;
    ensure!(callbacks(stage).await?.is_empty(), "it is promised again");
    leg.hangs_up()?;
    customer.is_hung_up(secs(2)).await?;
    Ok(())
}

async fn an_operator_who_is_rung_first_is_free_when_the_customer_does_not_answer(stage: &mut Stage) -> Result<()> {
    let talks = promised_by(stage, &operator_first()).await?;
    stage.operator(FAR, [busy()]);
    talks.hangs_up()?;
    let leg = stage.rings("op1", 2, BY_THEN).await.context("no operator is rung")?;
    leg.answered(secs(2)).await?;
    leg.is_hung_up(secs(4)).await.context("the operator waits on")?;
    let kept = callbacks(stage).await?;
    ensure!(kept.len() == 1 && kept[0]["attempts"] == 1, "{kept:?}");
    let missed = &[r#"queue="one""#, r#"outcome="busy""#];
    stage.engine()?.counts("sentral_callback_attempts_failed_total", missed, 1.0, secs(2)).await?;
    let free = |state: &Value| {
        let operators = state["operators"].as_array().cloned().unwrap_or_default();
        Ok(operators.iter().any(|it| it["operator"] == "op1" && it["state"] == "ready"))
    };
    stage.engine()?.comes_to("op1 is free", secs(2), free).await
}
