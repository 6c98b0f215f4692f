//! The voice menu: keys, wrong keys, silence.

use anyhow::{Result, ensure};
use serde_json::Value;
use tokio::time::sleep;

use super::{MENU, STRICT, asked};
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
    caller.hangs_up()?;

    // Who says nothing more has one try left: 0.6 s until the key, 1.4 s for that try, 0.9 s for the farewell. Were the key
    // passed over, both tries would take their time: 3.8 s.
    let silent = stage.caller().dials(STRICT).await?;
    silent.presses('7', ms(500)).await?;
    let took = silent.is_hung_up(secs(10)).await? - silent.answered(secs(1)).await?;
    ensure!(took > ms(2500) && took < ms(3400), "a wrong key, one more try and a farewell took {took:?}");
    Ok(())
}

async fn silence_costs_tries(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    let caller = stage.caller().dials(STRICT).await?;
    let answered = caller.answered(secs(1)).await?;
    let ended = caller.is_hung_up(secs(10)).await?;
    let took = ended - answered;
    // Each try is a prompt of 0.4 s and a second; one alone and the farewell of 0.9 s would take 2.4 s.
    ensure!(took > secs(3), "two tries of a second each and a farewell took {took:?}");
    ensure!(stage.times_rung("op1") == 0, "somebody was rung");
    Ok(())
}

async fn too_many_wrong_keys_end_the_call(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    let caller = stage.caller().dials(STRICT).await?;
    caller.presses('7', ms(400)).await?;
    caller.presses('8', ms(1000)).await?;
    let took = caller.is_hung_up(secs(5)).await? - caller.answered(secs(1)).await?;
    // 1.1 s until the second key, 0.9 s for the farewell. Were it passed over, his second try would end at 2.0 s.
    ensure!(took < ms(2600), "two wrong keys and a farewell took {took:?}");
    ensure!(stage.times_rung("op1") == 0, "somebody was rung");
    Ok(())
}

async fn the_menu_is_said_again_on_request(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let caller = stage.caller().dials(MENU).await?;
    // Once more than there are tries: to ask again costs none.
    for after in [2000, 2600, 3200, 3800] {
        caller.presses('9', ms(after)).await?;
    }
    sleep(ms(600)).await;
    ensure!(stage.times_rung("op1") == 0, "he was sent on");
    asked(stage, &caller).await?;
    let asked_again = |line: &&Value| line["message"] == "menu answered" && line["keys"] == "9";
    let times = stage.engine()?.log().iter().filter(asked_again).count();
    ensure!(times == 4, "he asked four times, and was heard {times} times");
    caller.presses('1', ms(0)).await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    caller.talks_with(&leg, secs(1)).await?;
    caller.hangs_up()
}
