//! The voice menu: keys, wrong keys, silence.

use anyhow::{Result, ensure};

use super::{MENU, STRICT};
use crate::people::answers_after;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: a_key_cuts_the_prompt_off, keys_come_by_info_too, a_wrong_key_costs_a_try, silence_costs_tries,
        too_many_wrong_keys_end_the_call, the_menu_is_said_again_on_request;
}

async fn a_key_cuts_the_prompt_off(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let caller = stage.caller().dials(MENU).await?;
    // The greeting takes 1.4 s, the menu's prompt 5 s more.
    let pressed = caller.presses('1', ms(2200)).await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    // The press itself lasts 100 ms, and Asterisk tells a key when it is let go.
    let reaction = leg.invited - pressed;
    ensure!(reaction < ms(350), "from the press to the operator's ringing: {reaction:?}");
    caller.talks_with(&leg, secs(1)).await?;
    caller.hangs_up()
}

async fn keys_come_by_info_too(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let caller = stage.caller().dials(MENU).await?;
    caller.presses_by_info('1', ms(2200)).await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    caller.talks_with(&leg, secs(1)).await?;
    caller.hangs_up()
}

async fn a_wrong_key_costs_a_try(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let caller = stage.caller().dials(STRICT).await?;
    caller.presses('7', ms(500)).await?;
    caller.presses('1', ms(1200)).await?;
    let leg = stage.rings("op1", 1, secs(2)).await?;
    caller.talks_with(&leg, secs(1)).await?;
    caller.hangs_up()
}

async fn silence_costs_tries(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    let caller = stage.caller().dials(STRICT).await?;
    let answered = caller.answered(secs(1)).await?;
    let ended = caller.is_hung_up(secs(10)).await?;
    let took = ended - answered;
    ensure!(took > secs(2), "two tries of a second each and a farewell took {took:?}");
    ensure!(stage.times_rung("op1") == 0, "somebody was rung");
    Ok(())
}

async fn too_many_wrong_keys_end_the_call(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    let caller = stage.caller().dials(STRICT).await?;
    caller.presses('7', ms(400)).await?;
    caller.presses('8', ms(1000)).await?;
    caller.is_hung_up(secs(5)).await?;
    ensure!(stage.times_rung("op1") == 0, "somebody was rung");
    Ok(())
}

async fn the_menu_is_said_again_on_request(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let caller = stage.caller().dials(MENU).await?;
    caller.presses('9', ms(2000)).await?;
    caller.presses('9', ms(2600)).await?;
    caller.presses('1', ms(3200)).await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    caller.talks_with(&leg, secs(1)).await?;
    caller.hangs_up()
}
