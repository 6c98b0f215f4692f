//! What a caller meets from the first ring to the end, and how he leaves.

use anyhow::{Context, Result, ensure};
use tokio::time::sleep;

use super::{IMPATIENT, MENU, NARROW, NIGHT, ONE, QUIET};
use crate::people::{answers_after, silent};
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: a_caller_goes_straight_through, an_operator_hangs_up_first, callers_are_served_in_their_order,
        who_waits_without_music_is_sent_nothing,
        a_caller_leaves_in_the_greeting, a_caller_leaves_in_the_menu, a_caller_leaves_in_the_queue,
        who_waited_hears_it_ring, a_caller_leaves_while_it_rings, an_answer_crosses_the_hang_up, a_full_number_is_busy, closed_is_told,
        who_waits_too_long_is_told, a_strange_name_harms_nobody;
}

async fn a_caller_goes_straight_through(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(300))]);
    let caller = stage.caller().dials(MENU).await?;
    let answered = caller.answered(secs(1)).await?;
    ensure!(answered - caller.dialed < ms(300), "answered only after {:?}", answered - caller.dialed);
    caller.hears_asterisk(secs(1)).await?;
    caller.presses('1', ms(2000)).await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    caller.talks_with(&leg, secs(2)).await?;
    ensure!(leg.shows()?.contains(&caller.number), "the operator sees {}", leg.shows()?);
    sleep(ms(500)).await;
    caller.talks_with(&leg, ms(200)).await?;
    ensure!(stage.times_rung("op2") == 0, "op2 was rung too");
    caller.hangs_up()?;
    leg.is_hung_up(secs(1)).await?;
    Ok(())
}

async fn an_operator_hangs_up_first(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(100)).talks_for(ms(800))]);
    let caller = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    caller.talks_with(&leg, secs(2)).await?;
    caller.is_hung_up(secs(3)).await?;
    Ok(())
}

async fn who_waited_hears_it_ring(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(100)).talks_for(ms(1500)), answers_after(ms(3000))]);
    let _first = stage.caller().dials(ONE).await?;
    stage.rings("op1", 1, secs(1)).await?;
    let second = stage.caller().dials(ONE).await?;
    second.hears_asterisk(secs(2)).await?;
    // This telephone rings in the millisecond in which it is asked to.
    let leg = stage.rings("op1", 2, secs(5)).await?;
    for _ in 0..4 {
        sleep(ms(500)).await;
        second.hears_asterisk(ms(200)).await.context("he hears neither music nor that it rings")?;
    }
    second.talks_with(&leg, secs(3)).await?;
    second.hangs_up()
}

async fn callers_are_served_in_their_order(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(200)).talks_for(ms(1000))]);
    let first = stage.caller().dials(ONE).await?;
    first.answered(secs(1)).await?;
    let second = stage.caller().dials(ONE).await?;
    second.answered(secs(1)).await?;
    let third = stage.caller().dials(ONE).await?;
    second.hears_asterisk(secs(2)).await?;
    let mut freed = None;
    for (n, caller) in [&first, &second, &third].into_iter().enumerate() {
        let leg = stage.rings("op1", n + 1, secs(5)).await?;
        ensure!(leg.shows()?.contains(&caller.number), "number {} was not served in his turn: {}", n + 1, leg.shows()?);
        if let Some(freed) = freed {
            let idle = leg.invited - freed;
            ensure!(idle > ms(900) && idle < ms(1500), "with a wrap-up of 1 s the next call came after {idle:?}");
        }
        caller.talks_with(&leg, secs(2)).await?;
        freed = Some(caller.is_hung_up(secs(3)).await?);
    }
    Ok(())
}

async fn who_waits_without_music_is_sent_nothing(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(200)).talks_for(ms(2000))]);
    let first = stage.caller().dials(QUIET).await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    first.talks_with(&leg, secs(2)).await?;
    let second = stage.caller().dials(QUIET).await?;
    second.answered(secs(1)).await?;
    let leg = stage.rings("op1", 2, secs(5)).await?;
    ensure!(second.ear.heard_asterisk().is_none(), "he was sent something while he waited");
    second.talks_with(&leg, secs(2)).await?;
    second.is_hung_up(secs(3)).await?;
    Ok(())
}

async fn a_caller_leaves_in_the_greeting(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    let caller = stage.caller().dials(MENU).await?;
    caller.answered(secs(1)).await?;
    sleep(ms(300)).await;
    caller.hangs_up()?;
    stage.nothing_is_left(secs(1)).await?;
    ensure!(stage.times_rung("op1") + stage.times_rung("op2") == 0, "somebody was rung");
    Ok(())
}

async fn a_caller_leaves_in_the_menu(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    let caller = stage.caller().dials(MENU).await?;
    caller.answered(secs(1)).await?;
    sleep(ms(2500)).await;
    caller.hangs_up()?;
    stage.nothing_is_left(secs(1)).await?;
    ensure!(stage.times_rung("op1") + stage.times_rung("op2") == 0, "somebody was rung");
    Ok(())
}

async fn a_caller_leaves_in_the_queue(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let talking = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    talking.talks_with(&leg, secs(2)).await?;
    let leaving = stage.caller().dials(ONE).await?;
    leaving.hears_asterisk(secs(2)).await?;
    let staying = stage.caller().dials(ONE).await?;
    staying.hears_asterisk(secs(2)).await?;
    leaving.hangs_up()?;
    sleep(ms(300)).await;
    ensure!(stage.engine()?.waiting("one").await? == 1, "one should wait still");
    talking.hangs_up()?;
    let next = stage.rings("op1", 2, secs(3)).await?;
    ensure!(next.shows()?.contains(&staying.number), "a ghost was offered: {}", next.shows()?);
    staying.talks_with(&next, secs(2)).await?;
    staying.hangs_up()
}

async fn a_caller_leaves_while_it_rings(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [silent()]);
    let caller = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    sleep(ms(500)).await;
    caller.hangs_up()?;
    leg.cancelled(ms(500)).await?;
    ensure!(!leg.was_answered(), "answered");
    Ok(())
}

async fn an_answer_crosses_the_hang_up(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [silent()]);
    for (n, lead) in [0_i32, 1, 2, 3, 5, -1, -2, -4].into_iter().enumerate() {
        let caller = stage.caller().dials(ONE).await?;
        let leg = stage.rings("op1", n + 1, secs(5)).await?;
        sleep(ms(100)).await;
        // Positive: the caller hangs up so many milliseconds before the operator answers.
        if lead >= 0 {
            caller.hangs_up()?;
            sleep(ms(u64::from(lead.unsigned_abs()))).await;
            leg.answers()?;
        } else {
            leg.answers()?;
            sleep(ms(u64::from(lead.unsigned_abs()))).await;
            caller.hangs_up()?;
        }
        leg.is_over_for_good(secs(2)).await?;
    }
    Ok(())
}

async fn a_full_number_is_busy(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [silent()]);
    let first = stage.caller().dials(NARROW).await?;
    first.answered(secs(1)).await?;
    let second = stage.caller().dials(NARROW).await?;
    second.answered(secs(1)).await?;
    let third = stage.caller().dials(NARROW).await?;
    let status = third.refused(secs(1)).await?;
    ensure!(status == 486, "refused with {status}");
    second.hangs_up()?;
    sleep(ms(300)).await;
    let fourth = stage.caller().dials(NARROW).await?;
    fourth.answered(secs(1)).await?;
    first.hangs_up()?;
    fourth.hangs_up()
}

async fn closed_is_told(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    let caller = stage.caller().dials(NIGHT).await?;
    caller.answered(secs(1)).await?;
    caller.hears_asterisk(secs(1)).await?;
    caller.is_hung_up(secs(5)).await?;
    ensure!(stage.times_rung("op1") == 0, "somebody was rung at night");
    Ok(())
}

async fn who_waits_too_long_is_told(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [silent()]);
    let caller = stage.caller().dials(IMPATIENT).await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    let (when, _why) = leg.cancelled(secs(4)).await?;
    let waited = when - caller.dialed;
    ensure!(waited > ms(1800) && waited < ms(2600), "with max_wait 2 s he waited {waited:?}");
    caller.is_hung_up(secs(5)).await?;
    Ok(())
}

async fn a_strange_name_harms_nobody(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(50))]);
    for (n, name) in [r#""O'Neil, \"Bob\" ${EXTEN} <x>""#, r#""a&b|c;d=e,f""#, "\"\u{7}bell\u{1b}[31mred\"", "\"Пётр\""]
        .iter()
        .enumerate()
    {
        let caller = stage.caller().named(name).dials(ONE).await?;
        let leg = stage.rings("op1", n + 1, secs(3)).await?;
        ensure!(leg.shows()?.contains(&caller.number), "{name}: {}", leg.shows()?);
        caller.talks_with(&leg, secs(2)).await?;
        caller.hangs_up()?;
        leg.is_hung_up(secs(1)).await?;
    }
    Ok(())
}
