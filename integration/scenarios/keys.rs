//! Keys that come before the question, digits that are entered, silence and wrong answers.

use anyhow::{Result, ensure};

use super::ONE;
use crate::people::{Caller, answers_after};
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: keys_in_the_greeting_answer_two_menus, a_key_with_the_answer_counts,
        digits_end_with_a_key_or_with_the_last, what_was_entered_is_confirmed, silence_and_wrong_keys_go_their_own_ways,
        a_menu_leads_back, an_extension_dialled_in_the_prompt_rings_him, an_option_with_which_it_begins_waits_for_more;
}

/// A plan whose calls to [`ONE`] begin at the flow `a`; the queue `one` rings `op1`, whose internal number is 101. A greeting takes 1.4 s, `sound:vm-intro`
/// 5.7 s and a beep 0.4 s.
fn plan(flows: &str) -> Setup {
    Setup::with_plan(&format!(
        "exchange: test\nnumbers: {{\"{ONE}\": {{flow: a}}}}\noperators: {{op1: {{dial: PJSIP/op1, extension: 101}}}}\n\
         queues: {{one: {{operators: [op1]}}}}\nflows:\n{flows}"
    ))
}

/// Presses one key after the other, the first so long after the answer.
async fn presses(caller: &Caller, keys: &str, after: u64) -> Result<()> {
    for (nth, key) in (0..).zip(keys.chars()) {
        caller.presses(key, ms(after + nth * 300)).await?;
    }
    Ok(())
}

async fn keys_in_the_greeting_answer_two_menus(stage: &mut Stage) -> Result<()> {
    stage
        .sentral(plan(
            "  a:\n    - play: sound:hello-world\n    - menu: {play: sound:vm-intro, options: {2: {flow: b}}}\n  \
             b:\n    - play: sound:beep\n    - menu: {play: sound:vm-intro, options: {31: {queue: one}}}\n",
        ))
        .await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let caller = stage.caller().dials(ONE).await?;
    presses(&caller, "231", 200).await?;
    let leg = stage.rings("op1", 1, secs(3)).await?;
    // Both sounds are heard to their ends, and no question at all.
    let heard = leg.invited - caller.answered(secs(1)).await?;
    ensure!(heard > ms(1700) && heard < ms(2400), "from the answer to the operator's ringing: {heard:?}");
    caller.talks_with(&leg, secs(1)).await?;
    caller.hangs_up()
}

async fn a_key_with_the_answer_counts(stage: &mut Stage) -> Result<()> {
    stage
        .sentral(plan(
            "  a:\n    - answer\n    - play: sound:beep\n    - menu: {play: sound:vm-intro, options: {1: {queue: one}}}\n",
        ))
        .await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let caller = stage.caller().dials(ONE).await?;
    caller.presses('1', ms(0)).await?;
    let leg = stage.rings("op1", 1, secs(2)).await?;
    caller.talks_with(&leg, secs(1)).await?;
    caller.hangs_up()
}

async fn digits_end_with_a_key_or_with_the_last(stage: &mut Stage) -> Result<()> {
    stage
        .sentral(plan(
            "  a:\n    - ask: {play: sound:vm-intro, into: code, min: 2, max: 8, valid: code != \"99\", \
             otherwise: {hangup: normal}}\n    - ask: {play: sound:vm-intro, into: pin, min: 2, max: 2, otherwise: {hangup: normal}}\n    \
             - if: {when: code == \"08154711\" and pin == \"07\" or code == \"12\", then: {queue: one}}\n",
        ))
        .await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let caller = stage.caller().dials(ONE).await?;
    // Eight digits are all that there may be, and the end key behind them does no harm. A time stamp's fraction has six, so none of them is the code.
    presses(&caller, "08154711#07", 700).await?;
    let leg = stage.rings("op1", 1, secs(2)).await?;
    caller.talks_with(&leg, secs(1)).await?;
    caller.hangs_up()?;

    let other = stage.caller().dials(ONE).await?;
    presses(&other, "99#12#07", 700).await?;
    let leg = stage.rings("op1", 2, secs(2)).await?;
    other.talks_with(&leg, secs(1)).await?;
    other.hangs_up()?;
    let told = stage.engine()?.log().iter().map(ToString::to_string).collect::<String>();
    ensure!(told.contains("digits entered wrongly"), "a wrong code was not told");
    ensure!(!told.contains("08154711"), "the code is in the log");
    Ok(())
}

async fn what_was_entered_is_confirmed(stage: &mut Stage) -> Result<()> {
    stage
        .sentral(plan(
            "  a:\n    - ask: {play: sound:vm-intro, into: code, max: 8, confirm: {before: sound:beep, play: sound:hello-world}, \
             otherwise: {hangup: normal}}\n    - if: {when: code == \"43\", then: {queue: one}}\n",
        ))
        .await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let caller = stage.caller().dials(ONE).await?;
    presses(&caller, "42#", 500).await?;
    caller.hears_asterisk(secs(1)).await?;
    // In the middle of what is read back: no, and then yes.
    presses(&caller, "243#", 2000).await?;
    presses(&caller, "1", 4000).await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    caller.talks_with(&leg, secs(1)).await?;
    caller.hangs_up()
}

async fn silence_and_wrong_keys_go_their_own_ways(stage: &mut Stage) -> Result<()> {
    stage
        .sentral(plan(
            "  a:\n    - menu: {play: sound:beep, silent: sound:beep, timeout: 1s, tries: 2, options: {1: {hangup: normal}}, \
             on_silence: {queue: one}, on_invalid: {hangup: normal}}\n",
        ))
        .await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let silent = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op1", 1, secs(6)).await?;
    // Three beeps of 0.4 s and twice a second of silence.
    let asked = leg.invited - silent.answered(secs(1)).await?;
    ensure!(asked > ms(3000) && asked < ms(3900), "two tries took {asked:?}");
    silent.talks_with(&leg, secs(1)).await?;
    silent.hangs_up()?;

    let wrong = stage.caller().dials(ONE).await?;
    presses(&wrong, "78", 500).await?;
    let took = wrong.is_hung_up(secs(3)).await? - wrong.answered(secs(1)).await?;
    ensure!(took < ms(1800), "two wrong keys took {took:?}");
    ensure!(stage.times_rung("op1") == 1, "a wrong key was taken for silence");
    Ok(())
}

async fn a_menu_leads_back(stage: &mut Stage) -> Result<()> {
    stage
        .sentral(plan(
            "  a:\n    - menu: {play: sound:vm-intro, options: {1: {flow: b}, 2: {queue: one}}}\n  \
             b:\n    - menu: {play: sound:vm-intro, options: {2: {hangup: normal}, 9: {back: true}}}\n",
        ))
        .await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let caller = stage.caller().dials(ONE).await?;
    presses(&caller, "192", 600).await?;
    let leg = stage.rings("op1", 1, secs(2)).await?;
    caller.talks_with(&leg, secs(1)).await?;
    caller.hangs_up()
}

async fn an_extension_dialled_in_the_prompt_rings_him(stage: &mut Stage) -> Result<()> {
    stage
        .sentral(plan(
            "  a:\n    - menu: {play: sound:vm-intro, options: {7: {queue: one}}, extensions: true, tries: 2, otherwise: hangup}\n",
        ))
        .await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let caller = stage.caller().dials(ONE).await?;
    // Nobody has the first number, and he is asked once more: with the second one the tries are not used up.
    presses(&caller, "109", 700).await?;
    presses(&caller, "10", 1900).await?;
    let last = caller.presses('1', ms(2500)).await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    let reaction = leg.invited - last;
    ensure!(reaction < ms(450), "from the last key to the operator's ringing: {reaction:?}");
    caller.talks_with(&leg, secs(1)).await?;
    caller.hangs_up()?;
    leg.is_hung_up(secs(1)).await?;

    let lost = stage.caller().dials(ONE).await?;
    presses(&lost, "109", 700).await?;
    presses(&lost, "108", 1900).await?;
    lost.is_hung_up(secs(1)).await?;
    ensure!(stage.times_rung("op1") == 1, "nobody's number rang him");
    Ok(())
}

async fn an_option_with_which_it_begins_waits_for_more(stage: &mut Stage) -> Result<()> {
    stage
        .sentral(plan(
            "  a:\n    - menu: {play: sound:vm-intro, options: {1: {flow: b}}, extensions: true, inter_digit: 1s}\n  \
             b:\n    - queue: one\n",
        ))
        .await?;
    stage.operator("op1", [answers_after(ms(100)), answers_after(ms(100))]);
    let caller = stage.caller().dials(ONE).await?;
    let pressed = caller.presses('1', ms(700)).await?;
    let leg = stage.rings("op1", 1, secs(3)).await?;
    let waited = leg.invited - pressed;
    ensure!(waited > ms(1000) && waited < ms(1600), "with an inter-digit time of 1 s it took {waited:?}");
    caller.talks_with(&leg, secs(1)).await?;
    caller.hangs_up()?;
    leg.is_hung_up(secs(1)).await?;

    let knowing = stage.caller().dials(ONE).await?;
    knowing.presses('1', ms(700)).await?;
    let ended = knowing.presses('#', ms(1000)).await?;
    let leg = stage.rings("op1", 2, secs(1)).await?;
    ensure!(leg.invited - ended < ms(450), "the key that ends it is waited behind");
    knowing.talks_with(&leg, secs(1)).await?;
    knowing.hangs_up()
}
