//! Two Sentrals on one Asterisk, each with an application, a plan and a number of its own.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::ONE;
use crate::people::{Caller, answers_after};
use crate::sentral::Sentral;
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: two_applications_leave_each_others_calls_alone;
}

/// What Asterisk hands to the application `second`.
const SECOND: &str = "+4780012399";

const PLAN: &str = "exchange: second\nnumbers: {\"+4780012399\": {flow: to_two}}\noperators: {op2: {dial: PJSIP/op2}}\n\
    queues:\n  two: {operators: [op2], strategy: linear, ring: 15s, wrap_up: 1s, retry: 1s, music: default, \
    max_wait: {after: 10m, go: {hangup: busy}}}\nflows: {to_two: [{queue: two}]}\n";

/// It has the calls of these callers and no others.
async fn has_only(sentral: &Sentral, callers: [&Caller; 2]) -> Result<()> {
    let state = sentral.state().await?;
    let calls = state["calls"].as_array().context("calls")?;
    let mut has: Vec<&str> = calls.iter().filter_map(|call| call["caller"].as_str()).collect();
    let mut should = callers.map(|caller| caller.number.as_str());
    has.sort_unstable();
    should.sort_unstable();
    ensure!(has == should, "it has the calls of {has:?}, and not of {should:?}");
    Ok(())
}

async fn waits(sentral: &Sentral, caller: &Caller) -> Result<()> {
    let is_waiting = |state: &Value| Ok(super::call(state, &caller.number)?["state"] == "waiting");
    sentral.comes_to("he waits", secs(5), is_waiting).await
}

async fn two_applications_leave_each_others_calls_alone(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    let mut second = stage.another_sentral(Setup::with_plan(PLAN).for_application("second")).await?;
    for operator in ["op1", "op2"] {
        stage.operator(operator, [answers_after(ms(50)), answers_after(ms(50)).talks_for(ms(300))]);
    }
    let (first_talks, second_talks) = (stage.caller().dials(ONE).await?, stage.caller().dials(SECOND).await?);
    let (first_leg, second_leg) = (stage.rings("op1", 1, secs(2)).await?, stage.rings("op2", 1, secs(2)).await?);
    first_talks.talks_with(&first_leg, secs(2)).await?;
    second_talks.talks_with(&second_leg, secs(2)).await?;
    let (first_waits, second_waits) = (stage.caller().dials(ONE).await?, stage.caller().dials(SECOND).await?);
    waits(stage.engine()?, &first_waits).await?;
    waits(&second, &second_waits).await?;
    has_only(stage.engine()?, [&first_talks, &first_waits]).await?;
    has_only(&second, [&second_talks, &second_waits]).await?;

    second.is_killed().await?;
    first_talks.talks_with(&first_leg, ms(500)).await.context("the other one's talk was disturbed")?;
    second_talks.talks_with(&second_leg, ms(500)).await.context("its talk was disturbed")?;
    second.starts_again().await?;
    has_only(stage.engine()?, [&first_talks, &first_waits]).await.context("after the restart of the other")?;
    has_only(&second, [&second_talks, &second_waits]).await.context("after its restart")?;

    for (talks, waits) in [(&first_talks, &first_waits), (&second_talks, &second_waits)] {
        talks.hangs_up()?;
        waits.is_served(secs(10)).await?;
    }
    ensure!((stage.times_rung("op1"), stage.times_rung("op2")) == (2, 2), "an operator was rung for another's caller");
    second.is_told_to_end()?;
    second.has_ended(secs(5)).await
}
