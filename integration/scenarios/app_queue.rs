//! Cases of the Asterisk test suite's own tests of `app_queue` that no other file has: `docs/queues.md` names all of them.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::Value;
use tokio::time::sleep;

use super::{ONE, entry};
use crate::people::{Caller, Leg, answers_after, silent};
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: a_queue_holds_so_many_and_who_matters_more_stands_before_them, a_penalty_beyond_the_limit_is_not_rung,
        a_penalty_that_a_new_plan_gives_counts_for_those_who_wait, whom_a_new_plan_adds_is_rung_and_whom_it_takes_away_is_not,
        who_is_alone_in_his_pause_is_not_rung_until_it_is_over, the_wrap_up_of_the_queue_that_brought_the_call_counts;
}

/// As [`ONE`], and before the others.
const FIRST: &str = "+4780012302";

/// Calls to [`ONE`] come to this queue, and those of [`FIRST`] as of more importance.
fn plan(queue: &str) -> String {
    format!(
        "exchange: test\nnumbers: {{\"{ONE}\": {{flow: a}}, \"{FIRST}\": {{flow: b}}}}\n\
         operators: {{op1: {{dial: PJSIP/op1}}, op2: {{dial: PJSIP/op2}}, op3: {{dial: PJSIP/op3}}}}\n\
         queues:\n  sales: {{retry: 1s, {queue}}}\n\
         flows:\n  a: [{{queue: sales}}]\n  b: [{{set: {{priority: 10}}}}, {{queue: sales}}]\n"
    )
}

/// Somebody talks to `op1`.
async fn op1_talks(stage: &mut Stage) -> Result<(Caller, Leg)> {
    let caller = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op1", 1, secs(5)).await?;
    caller.talks_with(&leg, secs(3)).await?;
    Ok((caller, leg))
}

async fn so_many_wait(stage: &mut Stage, callers: usize) -> Result<()> {
    let wait = |state: &Value| {
        Ok(entry(state, "queues", "queue", "sales")?["callers"].as_array().map(Vec::len) == Some(callers))
    };
    stage.engine()?.comes_to(&format!("{callers} wait"), secs(5), wait).await
}

async fn asks(stage: &mut Stage, path: &str) -> Result<()> {
    let (status, told) = stage.engine()?.asks(Method::POST, &format!("/api/v1/operators/{path}")).await?;
    ensure!(status == 200, "{path}: {status}: {}", String::from_utf8_lossy(&told));
    Ok(())
}

/// The plan becomes this one, for the first time.
async fn takes(stage: &mut Stage, plan: &str) -> Result<()> {
    stage.engine()?.plan_becomes(plan)?;
    stage.engine()?.is_told_to_reload()?;
    let loaded = &[r#"result="loaded""#];
    let read = async |stage: &mut Stage| stage.engine()?.metric("sentral_plan_reloads_total", loaded).await;
    // Who watches the file may have been quicker than the signal.
    for _ in 0..100 {
        if read(stage).await? >= 1.0 {
            return Ok(());
        }
        sleep(ms(50)).await;
    }
    anyhow::bail!("the plan is not taken")
}

async fn a_queue_holds_so_many_and_who_matters_more_stands_before_them(stage: &mut Stage) -> Result<()> {
    let queue = "operators: [op1], capacity: 3, when_full: {hangup: busy}";
    stage.sentral(Setup::with_plan(&plan(queue))).await?;
    stage.operator("op1", [answers_after(ms(50)), answers_after(ms(50)).talks_for(ms(300))]);
    let (talks, leg) = op1_talks(stage).await?;
    let mut waiting = Vec::new();
    for (at, number) in [ONE, ONE, FIRST].into_iter().enumerate() {
        waiting.push(stage.caller().dials(number).await?);
        so_many_wait(stage, at + 1).await?;
    }
    let late = stage.caller().dials(ONE).await?;
    let status = late.refused(secs(3)).await.context("there is room for one more than there should be")?;
    ensure!(status == 486, "one more than it holds is refused with {status}");

    talks.hangs_up()?;
    leg.is_hung_up(secs(2)).await?;
    for (at, caller) in [&waiting[2], &waiting[0], &waiting[1]].into_iter().enumerate() {
        let leg = stage.rings("op1", at + 2, secs(5)).await?;
        caller.talks_with(&leg, secs(2)).await.with_context(|| format!("number {at} is another one"))?;
        caller.is_hung_up(secs(3)).await?;
    }
    Ok(())
}

async fn a_penalty_beyond_the_limit_is_not_rung(stage: &mut Stage) -> Result<()> {
    let queue = "operators: [{op1: {penalty: 1}}, {op2: {penalty: 5}}, {op3: {penalty: 9}}], strategy: linear, ring: 1s, \
        penalties: [{min: 2, max: 6}, {after: 4s, max: 9}]";
    stage.sentral(Setup::with_plan(&plan(queue))).await?;
    stage.operator("op3", [answers_after(ms(50))]);
    let caller = stage.caller().dials(ONE).await?;
    stage.rings("op2", 1, secs(2)).await?;
    // He is rung again and again, and nobody else is.
    let leg = stage.rings("op3", 1, secs(6)).await?;
    caller.talks_with(&leg, secs(2)).await?;
    let waited = leg.invited - caller.dialed;
    ensure!(waited > ms(3_800) && waited < ms(6_500), "op3 was rung after {waited:?}");
    ensure!(stage.times_rung("op1") == 0, "a penalty below the limit was rung");
    ensure!(stage.times_rung("op2") >= 2, "op2 was rung {} times", stage.times_rung("op2"));
    caller.hangs_up()
}

async fn a_penalty_that_a_new_plan_gives_counts_for_those_who_wait(stage: &mut Stage) -> Result<()> {
    let with = |penalty: u32| {
        plan(&format!(
            "operators: [op1, {{op2: {{penalty: {penalty}}}}}], strategy: linear, ring: 1m, penalties: [{{max: 4}}]"
        ))
    };
    stage.sentral(Setup::with_plan(&with(9))).await?;
    stage.operator("op1", [answers_after(ms(50))]);
    stage.operator("op2", [answers_after(ms(50))]);
    let (talks, _leg) = op1_talks(stage).await?;
    let waits = stage.caller().dials(ONE).await?;
    so_many_wait(stage, 1).await?;
    sleep(ms(500)).await;
    ensure!(stage.times_rung("op2") == 0, "his penalty is too great");
    takes(stage, &with(2)).await?;
    let leg = stage.rings("op2", 1, secs(1)).await?;
    waits.talks_with(&leg, secs(2)).await?;
    waits.hangs_up()?;
    talks.hangs_up()
}

async fn whom_a_new_plan_adds_is_rung_and_whom_it_takes_away_is_not(stage: &mut Stage) -> Result<()> {
    let with = |operators: &str| plan(&format!("operators: [{operators}], strategy: linear, ring: 1m"));
    stage.sentral(Setup::with_plan(&with("op1"))).await?;
    stage.operator("op1", [answers_after(ms(50))]);
    stage.operator("op2", [answers_after(ms(50)), silent()]);
    let (talks, leg) = op1_talks(stage).await?;
    let waits = stage.caller().dials(ONE).await?;
    so_many_wait(stage, 1).await?;
    takes(stage, &with("op2")).await?;
    let other = stage.rings("op2", 1, secs(1)).await?;
    waits.talks_with(&other, secs(2)).await?;
    // Who is no longer of the queue talks on, and is rung no more.
    talks.talks_with(&leg, ms(500)).await.context("the talk was disturbed")?;
    talks.hangs_up()?;
    leg.is_hung_up(secs(2)).await?;
    let next = stage.caller().dials(ONE).await?;
    so_many_wait(stage, 1).await?;
    sleep(ms(700)).await;
    ensure!(stage.times_rung("op1") == 1, "who was taken away is rung");
    next.hangs_up()?;
    waits.hangs_up()
}

async fn who_is_alone_in_his_pause_is_not_rung_until_it_is_over(stage: &mut Stage) -> Result<()> {
    stage.sentral(Setup::with_plan(&plan("operators: [op1, op2], strategy: ringall, ring: 1s"))).await?;
    stage.operator("op1", [answers_after(ms(50))]);
    asks(stage, "op1/pause?reason=away").await?;
    let caller = stage.caller().dials(ONE).await?;
    // He who is not paused lets it ring, and is rung again.
    stage.rings("op2", 2, secs(5)).await?;
    ensure!(stage.times_rung("op1") == 0, "who pauses was rung");
    asks(stage, "op2/pause?reason=away").await?;
    sleep(ms(1_200)).await;
    let rung = stage.times_rung("op2");
    ensure!(stage.times_rung("op1") == 0 && caller.is_in_the_call(), "nobody is there, and he waits");
    asks(stage, "op1/resume").await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    caller.talks_with(&leg, secs(2)).await?;
    ensure!(stage.times_rung("op2") == rung, "who pauses was rung");
    caller.hangs_up()
}

async fn the_wrap_up_of_the_queue_that_brought_the_call_counts(stage: &mut Stage) -> Result<()> {
    let text = format!(
        "exchange: test\nnumbers: {{\"{ONE}\": {{flow: a}}, \"{FIRST}\": {{flow: b}}}}\noperators: {{op1: {{dial: PJSIP/op1}}}}\n\
         queues:\n  short: {{operators: [op1], wrap_up: 0s}}\n  long: {{operators: [op1], wrap_up: 3s}}\n\
         flows:\n  a: [{{queue: short}}]\n  b: [{{queue: long}}]\n"
    );
    stage.sentral(Setup::with_plan(&text)).await?;
    stage.operator("op1", [answers_after(ms(20)).talks_for(ms(300))]);
    // He is left alone in all of his queues, for as long as the one says that brought the last call.
    let rings = [(ONE, ms(0), ms(1_000)), (FIRST, ms(0), ms(1_000)), (ONE, ms(2_700), ms(4_000))];
    let mut ended = None;
    for (at, (number, least, most)) in rings.into_iter().enumerate() {
        let caller = stage.caller().dials(number).await?;
        let leg = stage.rings("op1", at + 1, secs(6)).await?;
        if let Some(ended) = ended {
            let rest = leg.invited - ended;
            ensure!(rest >= least && rest < most, "call {} came after {rest:?}", at + 1);
        }
        ended = Some(caller.is_hung_up(secs(5)).await?);
    }
    Ok(())
}
