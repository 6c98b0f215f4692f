//! One caller, and operators of several queues.

use anyhow::{Result, ensure};
use serde_json::Value;

use super::{ALL, ONE, call, entry};
use crate::people::{Caller, answers_after, declines_after, silent};
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: one_of_another_queue_takes_him_after_a_while, who_waited_longer_in_either_queue_is_served_first,
        nobody_is_rung_again_while_one_of_another_queue_was_not, whose_queue_it_is_is_known_after_a_kill;
}

/// [`ONE`] comes to the queue `one` of `op1`, with these keys, and [`ALL`] to the queue `two` of `op2`.
fn plan(one: &str) -> Setup {
    Setup::with_plan(&format!(
        "exchange: test\nnumbers: {{\"{ONE}\": {{flow: a}}, \"{ALL}\": {{flow: b}}}}\n\
         operators: {{op1: {{dial: PJSIP/op1}}, op2: {{dial: PJSIP/op2}}}}\n\
         queues:\n  one: {{operators: [op1], strategy: linear, {one}}}\n  two: {{operators: [op2], strategy: linear, retry: 1s}}\n\
         flows:\n  a: [{{queue: one}}]\n  b: [{{queue: two}}]\n"
    ))
}

/// A caller who talks, so that his operator is not free.
async fn engages(stage: &mut Stage, number: &str, operator: &str) -> Result<Caller> {
    let caller = stage.caller().dials(number).await?;
    let leg = stage.rings(operator, 1, secs(2)).await?;
    caller.talks_with(&leg, secs(2)).await?;
    Ok(caller)
}

/// A caller who stands in the line of his number's queue, and of no other.
async fn stands(stage: &mut Stage, caller: &Caller, queue: &str, state_is: &str) -> Result<()> {
    let stands = |state: &Value| {
        let his = call(state, &caller.number)?;
        let (id, does) = (&his["id"], his["state"] == state_is && his["queue"] == queue);
        let callers = |of: &str| Ok::<_, anyhow::Error>(entry(state, "queues", "queue", of)?["callers"].to_string());
        let other = if queue == "one" { "two" } else { "one" };
        Ok(does && callers(queue)?.contains(&id.to_string()) && !callers(other)?.contains(&id.to_string()))
    };
    stage.engine()?.comes_to(&format!("he is {state_is} in {queue}"), secs(4), stands).await
}

async fn one_of_another_queue_takes_him_after_a_while(stage: &mut Stage) -> Result<()> {
    stage.sentral(plan("also: {queue: two, after: 2s}")).await?;
    stage.operator("op1", [answers_after(ms(100)).talks_for(secs(20))]);
    stage.operator("op2", [answers_after(ms(300))]);
    let first = engages(stage, ONE, "op1").await?;
    let second = stage.caller().dials(ONE).await?;
    stands(stage, &second, "one", "waiting").await?;
    ensure!(stage.times_rung("op2") == 0, "op2 is rung before he has waited");
    let leg = stage.rings("op2", 1, secs(4)).await?;
    second.talks_with(&leg, secs(2)).await?;
    second.hangs_up()?;
    first.hangs_up()
}

async fn who_waited_longer_in_either_queue_is_served_first(stage: &mut Stage) -> Result<()> {
    stage.sentral(plan("also: two")).await?;
    stage.operator("op1", [answers_after(ms(100)).talks_for(secs(20))]);
    stage.operator("op2", [answers_after(ms(100)).talks_for(secs(6)), answers_after(ms(100))]);
    let first = engages(stage, ONE, "op1").await?;
    let second = engages(stage, ALL, "op2").await?;
    let early = stage.caller().dials(ONE).await?;
    stands(stage, &early, "one", "waiting").await?;
    let late = stage.caller().dials(ALL).await?;
    stands(stage, &late, "two", "waiting").await?;
    let leg = stage.rings("op2", 2, secs(9)).await?;
    early.talks_with(&leg, secs(2)).await?;
    ensure!(late.is_in_the_call(), "who came later is gone");
    late.hangs_up()?;
    early.hangs_up()?;
    second.is_hung_up(secs(2)).await?;
    first.hangs_up()
}

async fn nobody_is_rung_again_while_one_of_another_queue_was_not(stage: &mut Stage) -> Result<()> {
    stage.sentral(plan("also: two, retry: 1s")).await?;
    stage.operator("op1", [declines_after(ms(200)), answers_after(ms(100))]);
    stage.operator("op2", [declines_after(secs(2))]);
    let caller = stage.caller().dials(ONE).await?;
    stage.rings("op2", 1, secs(2)).await?;
    stands(stage, &caller, "one", "ringing").await?;
    // By then he would have been rung for the second time.
    tokio::time::sleep(ms(1_300)).await;
    ensure!(stage.times_rung("op1") == 1, "op1 is rung again while op2 is");
    let leg = stage.rings("op1", 2, secs(3)).await?;
    caller.talks_with(&leg, secs(2)).await?;
    caller.hangs_up()
}

async fn whose_queue_it_is_is_known_after_a_kill(stage: &mut Stage) -> Result<()> {
    stage.sentral(plan("also: two")).await?;
    stage.operator("op1", [answers_after(ms(100)).talks_for(secs(40))]);
    stage.operator("op2", [silent(), answers_after(secs(1))]);
    let first = engages(stage, ONE, "op1").await?;
    let second = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op2", 1, secs(2)).await?;
    stands(stage, &second, "one", "ringing").await?;
    // What is written on him is on its way.
    tokio::time::sleep(ms(500)).await;
    stage.engine()?.is_killed().await?;
    stage.engine()?.starts_again().await?;
    leg.cancelled(secs(9)).await?;
    let again = stage.rings("op2", 2, secs(9)).await?;
    stands(stage, &second, "one", "ringing").await?;
    second.talks_with(&again, secs(3)).await?;
    second.hangs_up()?;
    first.hangs_up()
}
