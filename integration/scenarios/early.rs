//! Callers who are not answered before an operator takes the call, and steps that let time pass.

use anyhow::{Context, Result, ensure};
use tokio::time::sleep;

use super::{
    CAUSES, EARLY, EARLY_DIAL_ALL, EARLY_DIAL_LIMIT, EARLY_DIAL_ONE, EARLY_IMPATIENT, EARLY_LIMIT, EARLY_ONE, HUMMING,
    PAUSES, QUIET, RINGING, call,
};
use crate::people::{Caller, answers_after, busy, declines_after, silent};
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{Moment, ms, secs};

scenarios! {
    everywhere: greeting_and_menu_are_heard_unanswered, music_is_heard_unanswered, the_limit_answers_who_waits,
        the_limit_answers_while_it_rings, a_key_is_heard_unanswered, an_operator_who_says_no_answers_nobody,
        nothing_is_left_of_who_hangs_up_unanswered, a_killed_sentral_finds_who_waits_unanswered,
        the_fallback_takes_who_waits_unanswered, a_plan_tells_why_it_ends, pauses_are_heard, it_rings_until_somebody_answers,
        who_says_no_leaves_the_music_that_was_there, who_says_no_leaves_the_silence_that_was_there,
        who_is_dialled_answers_him, the_limit_answers_while_who_is_dialled_rings, nobody_dialled_answers_nobody;
}

/// A switch that does not let one wait for long.
const SHORT: &str = "limits: {dead_man: 5s, longest_prompt: 8s}";

/// He has not been answered so far.
fn unanswered(caller: &Caller) -> Result<()> {
    let answered = caller.dialog().is_some_and(|dialog| dialog.response(200..=299).is_some());
    ensure!(!answered && caller.is_in_the_call(), "caller {} is answered, or gone", caller.number);
    Ok(())
}

/// He is answered, and not before that moment but for a few milliseconds.
async fn answered_at(caller: &Caller, moment: Moment) -> Result<()> {
    let answered = caller.answered(secs(1)).await?;
    ensure!(answered - moment < ms(500) && moment - answered < ms(50), "answered {:?} after", answered - moment);
    Ok(())
}

async fn is_answered_according_to_us(stage: &mut Stage, caller: &Caller) -> Result<bool> {
    let state = stage.engine()?.state().await?;
    call(&state, &caller.number)?["answered"].as_bool().context("no `answered`")
}

pub(super) async fn is_old(stage: &Stage) -> Result<bool> {
    let info = stage.ari.ask("GET", "asterisk/info", &[("only", "system")]).await?;
    Ok(info["system"]["version"].as_str().is_some_and(|version| version.starts_with("16.")))
}

/// Somebody talks to `op1`, so that who calls next must wait.
async fn engaged(stage: &mut Stage) -> Result<Caller> {
    let n = stage.times_rung("op1") + 1;
    let talking = stage.caller().dials(EARLY_ONE).await?;
    let leg = stage.rings("op1", n, secs(2)).await?;
    talking.talks_with(&leg, secs(2)).await?;
    Ok(talking)
}

async fn greeting_and_menu_are_heard_unanswered(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(800))]);
    let caller = stage.caller().dials(EARLY).await?;
    caller.hears_it_ring(secs(2)).await?;
    caller.hears_asterisk(secs(2)).await?;
    ensure!(caller.dialog().is_some_and(|d| d.response(183..=183).is_some()), "heard without 183");
    // The menu of two short tries leads to the queue.
    let leg = stage.rings("op1", 1, secs(6)).await?;
    unanswered(&caller)?;
    ensure!(!is_answered_according_to_us(stage, &caller).await?, "Sentral takes him for answered");
    let answered = leg.answered(secs(2)).await?;
    answered_at(&caller, answered).await?;
    caller.talks_with(&leg, secs(1)).await?;
    ensure!(is_answered_according_to_us(stage, &caller).await?, "Sentral does not know that he is answered");
    caller.hangs_up()
}

async fn a_key_is_heard_unanswered(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(300))]);
    let caller = stage.caller().dials(EARLY).await?;
    caller.hears_asterisk(secs(2)).await?;
    sleep(ms(200)).await;
    caller.presses_now('1')?;
    let leg = stage.rings("op1", 1, ms(800)).await?;
    unanswered(&caller)?;
    caller.talks_with(&leg, secs(2)).await?;
    caller.hangs_up()
}

async fn music_is_heard_unanswered(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let talking = engaged(stage).await?;
    let waiting = stage.caller().dials(EARLY_ONE).await?;
    waiting.hears_asterisk(secs(2)).await?;
    sleep(ms(500)).await;
    waiting.hears_asterisk(ms(300)).await?;
    unanswered(&waiting)?;
    talking.hangs_up()?;
    let leg = stage.rings("op1", 2, secs(3)).await?;
    let answered = leg.answered(secs(2)).await?;
    answered_at(&waiting, answered).await?;
    waiting.talks_with(&leg, secs(1)).await?;
    waiting.hangs_up()
}

async fn the_limit_answers_who_waits(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let talking = engaged(stage).await?;
    let waiting = stage.caller().dials(EARLY_LIMIT).await?;
    waiting.hears_asterisk(secs(2)).await?;
    unanswered(&waiting)?;
    let after = waiting.answered(secs(4)).await? - waiting.dialed;
    ensure!(after > ms(1_950) && after < ms(2_400), "the limit is two seconds, and he was answered after {after:?}");
    sleep(ms(300)).await;
    waiting.hears_asterisk(ms(300)).await.context("with the answer the music went")?;
    talking.hangs_up()?;
    let leg = stage.rings("op1", 2, secs(3)).await?;
    waiting.talks_with(&leg, secs(2)).await?;
    waiting.hangs_up()
}

async fn the_limit_answers_while_it_rings(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(3_000))]);
    let caller = stage.caller().dials(EARLY_LIMIT).await?;
    caller.hears_it_ring(secs(1)).await?;
    caller.answered(secs(3)).await?;
    sleep(ms(200)).await;
    caller.hears_asterisk(ms(400)).await.context("he does not hear it ring any more")?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    let answered = leg.answered(secs(3)).await?;
    caller.talks_with(&leg, secs(1)).await?;
    sleep(ms(500)).await;
    let last = caller.ear.heard_asterisk().context("he heard nothing of Asterisk")?.last;
    ensure!(last - answered < ms(300), "it rings on under the talk, {:?} after the answer", last - answered);
    caller.hangs_up()
}

async fn an_operator_who_says_no_answers_nobody(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [busy(), declines_after(ms(100)), answers_after(ms(100))]);
    let caller = stage.caller().dials(EARLY_ONE).await?;
    for n in [1, 2] {
        stage.rings("op1", n, secs(4)).await?.is_over(secs(2)).await?;
        sleep(ms(300)).await;
        caller.hears_asterisk(ms(500)).await?;
        unanswered(&caller)?;
    }
    let leg = stage.rings("op1", 3, secs(4)).await?;
    caller.talks_with(&leg, secs(2)).await?;
    caller.hangs_up()
}

async fn nothing_is_left_of_who_hangs_up_unanswered(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(100)), silent()]);
    let in_the_menu = stage.caller().dials(EARLY).await?;
    in_the_menu.hears_asterisk(secs(2)).await?;
    in_the_menu.hangs_up()?;
    ensure!(in_the_menu.refused(secs(1)).await? == 487, "not cancelled");
    stage.nothing_is_left(secs(1)).await?;

    let talking = engaged(stage).await?;
    let waiting = stage.caller().dials(EARLY_ONE).await?;
    waiting.hears_asterisk(secs(2)).await?;
    waiting.hangs_up()?;
    ensure!(waiting.refused(secs(1)).await? == 487, "not cancelled");
    talking.hangs_up()?;
    stage.nothing_is_left(secs(3)).await?;

    let rung_for = stage.caller().dials(EARLY_ONE).await?;
    let leg = stage.rings("op1", 2, secs(3)).await?;
    rung_for.hears_it_ring(secs(1)).await?;
    sleep(ms(200)).await;
    rung_for.hangs_up()?;
    leg.cancelled(secs(1)).await?;
    ensure!(rung_for.refused(secs(1)).await? == 487, "not cancelled");
    stage.nothing_is_left(secs(1)).await
}

async fn a_killed_sentral_finds_who_waits_unanswered(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let talking = engaged(stage).await?;
    let waiting = stage.caller().dials(EARLY_ONE).await?;
    waiting.hears_asterisk(secs(2)).await?;
    stage.engine()?.is_killed().await?;
    sleep(secs(1)).await;
    stage.engine()?.starts_again().await?;
    sleep(ms(500)).await;
    unanswered(&waiting)?;
    waiting.hears_asterisk(ms(500)).await?;
    ensure!(!is_answered_according_to_us(stage, &waiting).await?, "Sentral takes him for answered");
    talking.hangs_up()?;
    let leg = stage.rings("op1", 2, secs(5)).await?;
    let answered = leg.answered(secs(2)).await?;
    answered_at(&waiting, answered).await?;
    waiting.talks_with(&leg, secs(2)).await?;
    waiting.hangs_up()
}

async fn the_fallback_takes_who_waits_unanswered(stage: &mut Stage) -> Result<()> {
    stage.sentral(Setup::from("test").set(SHORT)).await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let talking = engaged(stage).await?;
    let waiting = stage.caller().dials(EARLY_ONE).await?;
    waiting.hears_asterisk(secs(2)).await?;
    stage.engine()?.is_killed().await?;
    waiting.answered(secs(12)).await?;
    stage.in_the_fallback(&waiting, secs(2)).await?;
    waiting.hangs_up()?;
    stage.engine()?.starts_again().await?;
    talking.hangs_up()
}

async fn a_plan_tells_why_it_ends(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    // It has no words for two of them, and does not know their Q.850 causes yet.
    let is_old = is_old(stage).await?;
    for (number, status) in CAUSES {
        let caller = stage.caller().dials(number).await?;
        let told = caller.refused(secs(3)).await?;
        let expected = match *status {
            410 if is_old => 404,
            502 if is_old => 500,
            status => status,
        };
        ensure!(told == expected, "{number}: {told} instead of {expected}");
    }
    let timed_out = stage.caller().dials(EARLY_IMPATIENT).await?;
    ensure!(timed_out.refused(secs(6)).await? == 486, "who waited in vain is told that all are busy");
    Ok(())
}

async fn pauses_are_heard(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    // It rings for a second, then a second of music, one of silence, one of ringing made by Asterisk, and the end.
    let caller = stage.caller().dials(PAUSES).await?;
    caller.hears_it_ring(secs(1)).await?;
    ensure!(caller.ear.heard_asterisk().is_none(), "the ringing is his own side's");
    let answered = caller.answered(secs(2)).await?;
    ensure!(answered - caller.dialed > ms(900), "he was answered while it rang");
    caller.hears_asterisk(ms(500)).await.context("no music")?;
    sleep(ms(1_350).saturating_sub(Moment::now() - answered)).await;
    let before = caller.ear.heard_asterisk().context("no music")?.last;
    ensure!(before - answered < ms(1_250) || before == Moment(i64::MAX), "music in the silence");
    caller.hears_asterisk(secs(2)).await.context("he does not hear it ring")?;
    let took = caller.is_hung_up(secs(3)).await? - caller.dialed;
    ensure!(took > ms(3_900) && took < ms(4_800), "four seconds took {took:?}");
    Ok(())
}

async fn it_rings_until_somebody_answers(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [busy(), answers_after(ms(300))]);
    let caller = stage.caller().dials(RINGING).await?;
    caller.hears_it_ring(secs(1)).await?;
    let leg = stage.rings("op1", 2, secs(4)).await?;
    unanswered(&caller)?;
    ensure!(caller.ear.heard_asterisk().is_none(), "something else than his own ringing was heard");
    caller.talks_with(&leg, secs(2)).await?;
    caller.hangs_up()
}

async fn who_says_no_leaves_the_music_that_was_there(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [declines_after(ms(500)), answers_after(ms(800))]);
    let caller = stage.caller().dials(HUMMING).await?;
    stage.rings("op1", 1, secs(2)).await?;
    sleep(ms(900)).await;
    caller.hears_asterisk(ms(300)).await.context("the music does not begin again")?;
    let leg = stage.rings("op1", 2, secs(3)).await?;
    let answered = leg.answered(secs(2)).await?;
    caller.talks_with(&leg, secs(1)).await?;
    sleep(ms(500)).await;
    let last = caller.ear.heard_asterisk().context("he heard nothing of Asterisk")?.last;
    ensure!(last - answered < ms(300), "the music goes on under the talk, {:?} after the answer", last - answered);
    caller.hangs_up()
}

async fn who_says_no_leaves_the_silence_that_was_there(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [declines_after(ms(500)), answers_after(ms(300))]);
    let caller = stage.caller().dials(QUIET).await?;
    stage.rings("op1", 1, secs(2)).await?;
    sleep(ms(1_000)).await;
    if let Some(heard) = caller.ear.heard_asterisk() {
        let ago = Moment::now() - heard.last;
        ensure!(ago > ms(200), "he hears something of Asterisk, {ago:?} ago");
    }
    let leg = stage.rings("op1", 2, secs(3)).await?;
    caller.talks_with(&leg, secs(2)).await?;
    caller.hangs_up()
}

async fn who_is_dialled_answers_him(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    for (n, number) in [(1, EARLY_DIAL_ONE), (2, EARLY_DIAL_ALL)] {
        stage.operator("op1", [answers_after(ms(800))]);
        stage.operator("op2", [silent()]);
        stage.operator("op3", [silent()]);
        let caller = stage.caller().dials(number).await?;
        caller.hears_it_ring(secs(1)).await?;
        let leg = stage.rings("op1", n, secs(1)).await?;
        unanswered(&caller)?;
        let answered = leg.answered(secs(2)).await?;
        answered_at(&caller, answered).await?;
        caller.talks_with(&leg, secs(1)).await?;
        ensure!(caller.ear.heard_asterisk().is_none(), "{number}: the ringing is his own side's");
        ensure!(is_answered_according_to_us(stage, &caller).await?, "Sentral does not know that he is answered");
        caller.hangs_up()?;
        leg.is_hung_up(secs(1)).await?;
    }
    Ok(())
}

async fn the_limit_answers_while_who_is_dialled_rings(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(3_000))]);
    let caller = stage.caller().dials(EARLY_DIAL_LIMIT).await?;
    caller.hears_it_ring(secs(1)).await?;
    let after = caller.answered(secs(3)).await? - caller.dialed;
    ensure!(after > ms(1_950) && after < ms(2_400), "the limit is two seconds, and he was answered after {after:?}");
    sleep(ms(200)).await;
    caller.hears_asterisk(ms(400)).await.context("he does not hear it ring any more")?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    let answered = leg.answered(secs(3)).await?;
    caller.talks_with(&leg, secs(1)).await?;
    sleep(ms(500)).await;
    let last = caller.ear.heard_asterisk().context("he heard nothing of Asterisk")?.last;
    ensure!(last - answered < ms(300), "it rings on under the talk, {:?} after the answer", last - answered);
    caller.hangs_up()
}

async fn nobody_dialled_answers_nobody(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [busy()]);
    let caller = stage.caller().dials(EARLY_DIAL_ONE).await?;
    let status = caller.refused(secs(3)).await?;
    // It does not tell why a leg ended, so a busy telephone counts as one that cannot be rung.
    let expected = if is_old(stage).await? { 500 } else { 486 };
    ensure!(status == expected, "he is told {status} instead of {expected}");
    stage.nothing_is_left(secs(1)).await
}
