//! Leaving a queue by a key, and what is said to those who wait.

use anyhow::{Result, ensure};

use super::ONE;
use crate::people::{answers_after, silent};
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: a_key_leads_out_while_a_telephone_rings, a_key_leads_out_while_something_is_said,
        what_is_said_is_heard_and_cut_by_the_operator, what_is_said_over_music_keeps_nobody_waiting;
}

/// Calls to [`ONE`] come to the queue `one` of `op1`, from which the key 0 leads to a beep and the end.
fn plan(queue: &str) -> Setup {
    Setup::with_plan(&format!(
        "exchange: test\nnumbers: {{\"{ONE}\": {{flow: a}}}}\noperators: {{op1: {{dial: PJSIP/op1}}}}\nqueues:\n  \
         one: {{operators: [op1], exit: {{\"0\": {{flow: out}}}}, {queue}}}\nflows:\n  a: [{{queue: one}}]\n  \
         out: [{{play: sound:beep}}, hangup]\n"
    ))
}

/// A sound of 5.7 s begins five seconds after the caller.
const SAID: &str = "announce: {periodic: {play: sound:vm-intro, every: 5s}}";

async fn a_key_leads_out_while_a_telephone_rings(stage: &mut Stage) -> Result<()> {
    stage.sentral(plan("ring: 15s")).await?;
    stage.operator("op1", [silent()]);
    let caller = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op1", 1, secs(2)).await?;
    caller.hears_asterisk(secs(2)).await?;
    let pressed = caller.presses('0', ms(700)).await?;
    let (when, _why) = leg.cancelled(secs(2)).await?;
    ensure!(when - pressed < ms(500), "the telephone rang on for {:?}", when - pressed);
    caller.is_hung_up(secs(3)).await?;
    ensure!(stage.times_rung("op1") == 1, "op1 was rung again");
    Ok(())
}

async fn a_key_leads_out_while_something_is_said(stage: &mut Stage) -> Result<()> {
    stage.sentral(plan(&format!("music: none, {SAID}"))).await?;
    stage.operator("op1", [answers_after(ms(100)).talks_for(secs(12))]);
    let first = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op1", 1, secs(2)).await?;
    first.talks_with(&leg, secs(2)).await?;
    let second = stage.caller().dials(ONE).await?;
    second.ear.hears_asterisk(secs(7)).await?;
    second.presses_now('0')?;
    // What is said would go on for five seconds.
    second.is_hung_up(secs(3)).await?;
    first.hangs_up()
}

async fn what_is_said_is_heard_and_cut_by_the_operator(stage: &mut Stage) -> Result<()> {
    is_cut(stage, "music: none").await
}

async fn what_is_said_over_music_keeps_nobody_waiting(stage: &mut Stage) -> Result<()> {
    is_cut(stage, "music: default").await
}

/// The operator is free again about seven seconds after the second caller came, who hears something from the fifth to the eleventh.
async fn is_cut(stage: &mut Stage, music: &str) -> Result<()> {
    stage.sentral(plan(&format!("{music}, {SAID}"))).await?;
    stage.operator("op1", [answers_after(ms(100)).talks_for(ms(7500))]);
    let first = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op1", 1, secs(2)).await?;
    first.talks_with(&leg, secs(2)).await?;
    let second = stage.caller().dials(ONE).await?;
    let answered = second.answered(secs(1)).await?;
    if music == "music: none" {
        let heard = second.ear.hears_asterisk(secs(7)).await?.first - answered;
        ensure!(heard > ms(4500) && heard < ms(6000), "something was said after {heard:?}");
    }
    let leg = stage.rings("op1", 2, secs(9)).await?;
    let rung = leg.invited - answered;
    ensure!(rung > ms(5000) && rung < ms(9500), "op1 was rung after {rung:?}, and nothing was said then");
    second.talks_with(&leg, ms(700)).await?;
    second.hangs_up()?;
    first.is_hung_up(secs(1)).await?;
    Ok(())
}
