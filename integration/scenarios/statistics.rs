//! What is added up of a day, and who talked last, when Sentral is killed.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::ONE;
use crate::people::{answers_after, silent};
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: the_day_and_who_talked_last_are_known_after_a_kill, who_waited_over_a_kill_counts_once;
}

/// Calls to [`ONE`] come to a queue whose operators are rung in the order of their last conversations.
fn plan(operators: &str) -> Setup {
    Setup::with_plan(&format!(
        "exchange: test\ntimezone: UTC\nnumbers: {{\"{ONE}\": {{flow: a}}}}\n\
         operators: {{op1: {{dial: PJSIP/op1}}, op2: {{dial: PJSIP/op2}}}}\nqueues:\n  \
         sales: {{operators: {operators}, strategy: leastrecent}}\nflows:\n  a: [{{queue: sales}}]\n"
    ))
}

async fn statistics(stage: &mut Stage) -> Result<Value> {
    let (status, text) = stage.engine()?.get("/api/v1/statistics", None).await?;
    ensure!(status == 200, "the statistics: {status} {text}");
    Ok(serde_json::from_str(&text)?)
}

/// Waits until the queue's day says that. Gives the whole.
async fn the_queue_has(stage: &mut Stage, expected: &[(&str, u64)]) -> Result<Value> {
    let mut last = Value::Null;
    let look = async {
        loop {
            last = statistics(stage).await?;
            let says = |(key, number): &(&str, u64)| last["queues"][0][*key] == json!(number);
            if expected.iter().all(says) {
                return Ok(());
            }
            sleep(ms(50)).await;
        }
    };
    let found = timeout(secs(5), look).await.unwrap_or_else(|_| Err(anyhow::anyhow!("not within five seconds")));
    found.with_context(|| format!("{expected:?} in {last:#}"))?;
    Ok(last)
}

async fn is_killed_and_starts_again(stage: &mut Stage) -> Result<()> {
    stage.engine()?.is_killed().await?;
    stage.engine()?.starts_again().await
}

async fn the_day_and_who_talked_last_are_known_after_a_kill(stage: &mut Stage) -> Result<()> {
    stage.sentral(plan("[op1, op2]")).await?;
    stage.operator("op1", [answers_after(ms(200))]);
    stage.operator("op2", [silent(), answers_after(ms(200))]);
    let first = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op1", 1, secs(2)).await?;
    first.talks_with(&leg, secs(2)).await?;
    first.hangs_up()?;
    leg.is_hung_up(secs(1)).await?;

    let second = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op2", 1, secs(2)).await?;
    sleep(ms(500)).await;
    second.hangs_up()?;
    leg.cancelled(secs(2)).await?;
    let counts = [("offered", 2), ("answered", 1), ("in_service_level", 1), ("abandoned", 1), ("talks", 1)];
    let before = the_queue_has(stage, &counts).await?;
    ensure!(before["operators"][0]["operator"] == "op1" && before["operators"][0]["talks"] == 1, "{before:#}");

    is_killed_and_starts_again(stage).await?;
    let after = statistics(stage).await?;
    ensure!(before == after, "it was {before:#}\nand is {after:#}");
    // The plan has op1 before op2, and nobody else tells that he talked.
    let third = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op2", 2, secs(2)).await?;
    third.talks_with(&leg, secs(2)).await?;
    ensure!(stage.times_rung("op1") == 1, "op1 was rung again, who talked last");
    third.hangs_up()?;
    leg.is_hung_up(secs(1)).await?;
    let end = the_queue_has(stage, &[("offered", 3), ("answered", 2), ("abandoned", 1), ("talks", 2)]).await?;
    let talks = |at: usize| end["operators"][at]["talks"].clone();
    ensure!((talks(0), talks(1)) == (json!(1), json!(1)), "{end:#}");
    Ok(())
}

async fn who_waited_over_a_kill_counts_once(stage: &mut Stage) -> Result<()> {
    stage.sentral(plan("[op1]")).await?;
    stage.operator("op1", [answers_after(ms(200)), answers_after(ms(200))]);
    let talks = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op1", 1, secs(2)).await?;
    talks.talks_with(&leg, secs(2)).await?;
    let waits = stage.caller().dials(ONE).await?;
    waits.hears_asterisk(secs(3)).await?;
    the_queue_has(stage, &[("offered", 1), ("answered", 1)]).await?;

    is_killed_and_starts_again(stage).await?;
    talks.hangs_up()?;
    leg.is_hung_up(secs(2)).await?;
    let leg = stage.rings("op1", 2, secs(3)).await?;
    waits.talks_with(&leg, secs(2)).await?;
    waits.hangs_up()?;
    leg.is_hung_up(secs(1)).await?;
    let end = the_queue_has(stage, &[("offered", 2), ("answered", 2), ("abandoned", 0), ("talks", 2)]).await?;
    ensure!(end["operators"][0]["talks"] == 2, "{end:#}");
    Ok(())
}
