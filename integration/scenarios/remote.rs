//! Operators at a mobile or at home, where a voicemail may answer: they accept a call by a key.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::time::sleep;

use super::{ONE, entry, prompts::reachable};
use crate::people::{Leg, answers_after, silent};
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: a_voicemail_answers_and_the_next_operator_gets_the_caller, who_presses_one_gets_the_caller, any_other_key_declines,
        a_colleague_is_quicker_than_who_listens, a_caller_who_leaves_hangs_up_who_listens,
        a_killed_sentral_hangs_up_who_listens_and_rings_him_again, telephones_ring_in_turn_until_he_takes_the_call,
        of_two_telephones_together_the_first_has_it, a_call_is_announced_to_whoever_answers_first;
}

/// How long somebody has to press the key.
const WITHIN: Duration = secs(5);

/// A plan in which `op1` accepts by a key, and `op2` stands beside him or behind him.
fn plan(strategy: &str) -> String {
    format!(
        "exchange: test\nlanguage: en\nnumbers: {{\"{ONE}\": {{flow: a}}}}\n\
         operators:\n  op1: {{dial: PJSIP/op1, accept: {{confirm: {{within: 5s}}}}}}\n  op2: {{dial: PJSIP/op2}}\n\
         queues: {{one: {{operators: [op1, op2], strategy: {strategy}, ring: 15s, retry: 1s}}}}\n\
         flows:\n  a: [{{queue: one}}]\n"
    )
}

async fn with(stage: &mut Stage, strategy: &str) -> Result<()> {
    let setup = reachable(stage, Setup::with_plan(&plan(strategy)));
    stage.sentral(setup).await?;
    Ok(())
}

/// `op1` answers and is told what it is about.
async fn op1_listens(stage: &Stage) -> Result<Leg> {
    let leg = stage.rings("op1", 1, secs(2)).await?;
    leg.answered(secs(3)).await?;
    leg.hears_asterisk(secs(3)).await?;
    Ok(leg)
}

async fn a_voicemail_answers_and_the_next_operator_gets_the_caller(stage: &mut Stage) -> Result<()> {
    with(stage, "linear").await?;
    stage.operator("op1", [answers_after(ms(300))]);
    stage.operator("op2", [answers_after(ms(300))]);
    let caller = stage.caller().dials(ONE).await?;
    let voicemail = op1_listens(stage).await?;
    caller.hears_asterisk(secs(1)).await.context("he hears no music")?;
    let ringing = |state: &Value| Ok(entry(state, "operators", "operator", "op1")?["state"] == "ringing");
    stage.engine()?.comes_to("who is asked has taken nothing", secs(1), ringing).await?;
    let answered = voicemail.answered(secs(1)).await?;
    let (hung_up, _why) = voicemail.is_hung_up(WITHIN + secs(2)).await?;
    let had = hung_up - answered;
    ensure!(had > WITHIN - ms(300) && had < WITHIN + secs(1), "he had {had:?} for the key");
    let leg = stage.rings("op2", 1, secs(1)).await?;
    caller.talks_with(&leg, secs(3)).await?;
    ensure!(caller.ear.heard(voicemail.ear.voice).is_none(), "the caller heard the voicemail");
    ensure!(voicemail.ear.heard(caller.ear.voice).is_none(), "the voicemail heard the caller");
    caller.hangs_up()?;
    leg.is_hung_up(secs(1)).await?;
    Ok(())
}

async fn who_presses_one_gets_the_caller(stage: &mut Stage) -> Result<()> {
    with(stage, "linear").await?;
    stage.operator("op1", [answers_after(ms(300))]);
    let caller = stage.caller().dials(ONE).await?;
    let leg = op1_listens(stage).await?;
    sleep(ms(700)).await;
    ensure!(caller.ear.heard(leg.ear.voice).is_none(), "the caller heard him before he had taken the call");
    leg.presses('1')?;
    caller.talks_with(&leg, secs(1)).await?;
    // Keys in the talk do nothing.
    leg.presses('2')?;
    sleep(ms(500)).await;
    caller.talks_with(&leg, ms(500)).await.context("a key disturbed the talk")?;
    ensure!(stage.times_rung("op2") == 0, "op2 was rung");
    leg.hangs_up()?;
    caller.is_hung_up(secs(1)).await?;
    Ok(())
}

async fn any_other_key_declines(stage: &mut Stage) -> Result<()> {
    with(stage, "linear").await?;
    stage.operator("op1", [answers_after(ms(300))]);
    stage.operator("op2", [answers_after(ms(100))]);
    let caller = stage.caller().dials(ONE).await?;
    let first = op1_listens(stage).await?;
    first.presses('5')?;
    first.is_hung_up(secs(1)).await?;
    let leg = stage.rings("op2", 1, ms(500)).await?;
    caller.talks_with(&leg, secs(2)).await?;
    caller.hangs_up()
}

async fn a_colleague_is_quicker_than_who_listens(stage: &mut Stage) -> Result<()> {
    with(stage, "ringall").await?;
    stage.operator("op1", [answers_after(ms(100))]);
    stage.operator("op2", [silent()]);
    let caller = stage.caller().dials(ONE).await?;
    let listens = op1_listens(stage).await?;
    let winner = stage.rings("op2", 1, secs(1)).await?;
    sleep(ms(500)).await;
    winner.answers()?;
    caller.talks_with(&winner, secs(2)).await?;
    let (_when, why) = listens.is_hung_up(secs(1)).await?;
    ensure!(why.contains("Call completed elsewhere"), "who listened is told {why:?}");
    ensure!(caller.ear.heard(listens.ear.voice).is_none(), "he talked with both");
    caller.hangs_up()?;
    winner.is_hung_up(secs(1)).await?;
    Ok(())
}

async fn a_caller_who_leaves_hangs_up_who_listens(stage: &mut Stage) -> Result<()> {
    with(stage, "linear").await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let caller = stage.caller().dials(ONE).await?;
    let listens = op1_listens(stage).await?;
    caller.hangs_up()?;
    listens.is_hung_up(secs(1)).await?;
    let ready = |state: &Value| Ok(entry(state, "operators", "operator", "op1")?["state"] == "ready");
    stage.engine()?.comes_to("op1 is ready at once", secs(1), ready).await
}

async fn a_killed_sentral_hangs_up_who_listens_and_rings_him_again(stage: &mut Stage) -> Result<()> {
    // Nobody else is rung while he is hung up.
    let setup = reachable(stage, Setup::with_plan(&plan("linear").replace("[op1, op2]", "[op1]")));
    stage.sentral(setup).await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let caller = stage.caller().dials(ONE).await?;
    let listens = op1_listens(stage).await?;
    stage.engine()?.is_killed().await?;
    stage.engine()?.starts_again().await?;
    listens.is_hung_up(secs(5)).await.context("who listened holds on for nobody")?;
    let again = stage.rings("op1", 2, secs(5)).await?;
    again.answered(secs(3)).await?;
    again.hears_asterisk(secs(3)).await?;
    again.presses('1')?;
    caller.talks_with(&again, secs(2)).await?;
    caller.hangs_up()
}

/// A plan in which one operator has these telephones.
fn with_phones(phones: &str) -> String {
    format!(
        "exchange: test\nlanguage: en\nnumbers: {{\"{ONE}\": {{flow: a}}}}\noperators:\n  op1: {{dial: [{phones}]}}\n\
         queues: {{one: {{operators: [op1], ring: 15s, retry: 1s}}}}\nflows:\n  a: [{{queue: one}}]\n"
    )
}

async fn telephones_ring_in_turn_until_he_takes_the_call(stage: &mut Stage) -> Result<()> {
    let phones = "PJSIP/op1, {after: 2s, dial: PJSIP/op2, accept: confirm}";
    let setup = reachable(stage, Setup::with_plan(&with_phones(phones)));
    stage.sentral(setup).await?;
    stage.operator("op1", [silent()]);
    stage.operator("op2", [answers_after(ms(200))]);
    let caller = stage.caller().dials(ONE).await?;
    let desk = stage.rings("op1", 1, secs(1)).await?;
    let mobile = stage.rings("op2", 1, secs(4)).await?;
    let waited = mobile.invited - desk.invited;
    ensure!(waited > ms(1700) && waited < ms(3000), "the mobile rang after {waited:?}");
    desk.cancelled(secs(1)).await?;
    mobile.answered(secs(2)).await?;
    mobile.hears_asterisk(secs(3)).await?;
    mobile.presses('1')?;
    caller.talks_with(&mobile, secs(2)).await?;
    caller.hangs_up()?;
    mobile.is_hung_up(secs(1)).await?;
    Ok(())
}

async fn of_two_telephones_together_the_first_has_it(stage: &mut Stage) -> Result<()> {
    stage.sentral(Setup::with_plan(&with_phones("PJSIP/op1, PJSIP/op2"))).await?;
    stage.operator("op1", [silent()]);
    stage.operator("op2", [answers_after(ms(500))]);
    let caller = stage.caller().dials(ONE).await?;
    let desk = stage.rings("op1", 1, secs(1)).await?;
    let other = stage.rings("op2", 1, secs(1)).await?;
    caller.talks_with(&other, secs(2)).await?;
    let (_when, why) = desk.cancelled(secs(1)).await?;
    ensure!(why.contains("Call completed elsewhere"), "his desk is told {why:?}");
    caller.hangs_up()
}

async fn a_call_is_announced_to_whoever_answers_first(stage: &mut Stage) -> Result<()> {
    let plan = format!(
        "exchange: test\nlanguage: en\nnumbers: {{\"{ONE}\": {{flow: a}}}}\n\
         operators: {{op1: {{dial: PJSIP/op1}}, op2: {{dial: PJSIP/op2}}}}\n\
         queues: {{one: {{operators: [op1, op2], ring: 15s, announce_to_operator: true}}}}\nflows: {{a: [{{queue: one}}]}}\n"
    );
    let setup = reachable(stage, Setup::with_plan(&plan));
    stage.sentral(setup).await?;
    stage.operator("op1", [answers_after(ms(300))]);
    stage.operator("op2", [silent()]);
    let caller = stage.caller().dials(ONE).await?;
    let leg = op1_listens(stage).await?;
    // The colleague stops at the answer, and not when the caller is there.
    stage.rings("op2", 1, secs(1)).await?.cancelled(secs(1)).await?;
    caller.hears_asterisk(secs(1)).await.context("he hears no music")?;
    ensure!(caller.ear.heard(leg.ear.voice).is_none(), "the caller heard him before he had been told");
    caller.talks_with(&leg, secs(5)).await?;
    caller.hangs_up()?;
    leg.is_hung_up(secs(1)).await?;
    // Any key is enough of it.
    let caller = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op1", 2, secs(2)).await?;
    leg.answered(secs(3)).await?;
    leg.hears_asterisk(secs(3)).await?;
    leg.presses('7')?;
    caller.talks_with(&leg, secs(1)).await?;
    caller.hangs_up()
}
