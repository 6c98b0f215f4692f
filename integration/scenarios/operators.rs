//! Operators who answer, together or alone, and those who do not.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::time::sleep;

use super::{ALL, ONE, PAIR, ROW, SHAKY, TURNS, entry};
use crate::people::{Conduct, answers_after, busy, dead, declines_after, hangs_up_while_ringing_after, silent};
use crate::proxy::Line;
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: who_is_busy_is_passed_over, who_is_busy_over_a_slow_wire_is_passed_over, who_declines_is_passed_over, who_hangs_up_while_ringing_is_passed_over,
        who_lets_it_ring_is_passed_over, who_says_nothing_is_passed_over, who_cannot_be_reached_is_passed_over,
        when_everybody_refuses_the_caller_waits_on, ringing_all_connects_the_first,
        two_answer_in_the_same_millisecond, two_answer_over_a_slow_wire, who_declines_over_a_slow_wire_is_passed_over, turns_are_taken, the_least_recent_is_rung, wrap_up_is_respected,
        losers_hear_that_a_colleague_answered;
    asterisk ("a telephone of the stand-in's has one line"): who_may_talk_with_two_takes_a_second_call;
}

/// Another machine's Asterisk, far away: what Sentral asks comes late, and the world has gone on.
const SLOW: Line = Line::Slow(ms(40));

/// `op1` behaves so, and the caller talks with `op2`.
async fn op2_gets_the_call(stage: &mut Stage, op1: Conduct) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [op1]);
    stage.operator("op2", [answers_after(ms(200))]);
    let caller = stage.caller().dials(ROW).await?;
    let missed = stage.rings("op1", 1, secs(1)).await?;
    let leg = stage.rings("op2", 1, secs(4)).await?;
    caller.talks_with(&leg, secs(2)).await?;
    ensure!(!missed.was_answered(), "op1 answered");
    caller.hangs_up()?;
    leg.is_hung_up(secs(1)).await?;
    Ok(())
}

async fn who_is_busy_is_passed_over(stage: &mut Stage) -> Result<()> {
    op2_gets_the_call(stage, busy()).await
}

async fn who_is_busy_over_a_slow_wire_is_passed_over(stage: &mut Stage) -> Result<()> {
    stage.proxy.set(SLOW);
    op2_gets_the_call(stage, busy()).await
}

async fn who_declines_is_passed_over(stage: &mut Stage) -> Result<()> {
    op2_gets_the_call(stage, declines_after(ms(300))).await
}

async fn who_declines_over_a_slow_wire_is_passed_over(stage: &mut Stage) -> Result<()> {
    stage.proxy.set(SLOW);
    op2_gets_the_call(stage, declines_after(ms(300))).await
}

async fn who_hangs_up_while_ringing_is_passed_over(stage: &mut Stage) -> Result<()> {
    op2_gets_the_call(stage, hangs_up_while_ringing_after(ms(300))).await
}

async fn who_lets_it_ring_is_passed_over(stage: &mut Stage) -> Result<()> {
    op2_gets_the_call(stage, silent()).await?;
    let first = stage.rings("op1", 1, secs(1)).await?;
    let (when, _why) = first.cancelled(secs(1)).await?;
    let rang = when - first.invited;
    ensure!(rang > ms(1800) && rang < ms(2500), "with a ring time of 2 s it rang for {rang:?}");
    Ok(())
}

async fn who_says_nothing_is_passed_over(stage: &mut Stage) -> Result<()> {
    op2_gets_the_call(stage, dead()).await
}

async fn who_cannot_be_reached_is_passed_over(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(200))]);
    let caller = stage.caller().dials(SHAKY).await?;
    let leg = stage.rings("op1", 1, secs(6)).await?;
    caller.talks_with(&leg, secs(2)).await?;
    caller.hangs_up()
}

async fn when_everybody_refuses_the_caller_waits_on(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [busy(), answers_after(ms(100))]);
    stage.operator("op2", [busy(), silent()]);
    let caller = stage.caller().dials(ROW).await?;
    stage.rings("op2", 1, secs(2)).await?;
    sleep(ms(300)).await;
    caller.hears_asterisk(secs(1)).await?;
    let leg = stage.rings("op1", 2, secs(6)).await?;
    caller.talks_with(&leg, secs(2)).await?;
    caller.hangs_up()
}

async fn ringing_all_connects_the_first(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [silent()]);
    stage.operator("op2", [answers_after(ms(500))]);
    stage.operator("op3", [silent()]);
    let caller = stage.caller().dials(ALL).await?;
    let winner = stage.rings("op2", 1, secs(1)).await?;
    let losers = [stage.rings("op1", 1, secs(1)).await?, stage.rings("op3", 1, secs(1)).await?];
    let answered = winner.answered(secs(2)).await?;
    caller.talks_with(&winner, secs(1)).await?;
    for loser in &losers {
        let (when, _why) = loser.cancelled(secs(1)).await?;
        ensure!(when - answered < ms(200), "{} rang on for {:?}", loser.operator, when - answered);
        ensure!(!loser.was_answered(), "{} answered too", loser.operator);
    }
    caller.hangs_up()
}

async fn losers_hear_that_a_colleague_answered(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(300))]);
    let caller = stage.caller().dials(ALL).await?;
    for name in ["op2", "op3"] {
        let (_when, why) = stage.rings(name, 1, secs(1)).await?.cancelled(secs(2)).await?;
        ensure!(why.contains("Call completed elsewhere"), "{name} is told {why:?}: his phone shows a missed call");
    }
    caller.hangs_up()
}

async fn two_answer_in_the_same_millisecond(stage: &mut Stage) -> Result<()> {
    two_answer_together(stage, 5).await
}

async fn two_answer_over_a_slow_wire(stage: &mut Stage) -> Result<()> {
    stage.proxy.set(SLOW);
    two_answer_together(stage, 2).await
}

async fn two_answer_together(stage: &mut Stage, rounds: usize) -> Result<()> {
    stage.sentral("test").await?;
    for round in 1..=rounds {
        let caller = stage.caller().dials(ALL).await?;
        let one = stage.rings("op1", round, secs(3)).await?;
        let other = stage.rings("op2", round, secs(1)).await?;
        let third = stage.rings("op3", round, secs(1)).await?;
        sleep(ms(200)).await;
        one.answers()?;
        other.answers()?;
        third.cancelled(secs(1)).await?;
        let (winner, loser) = tokio::select! {
            talks = caller.talks_with(&one, ms(1500)) => talks.map(|()| (&one, &other)),
            talks = caller.talks_with(&other, ms(1500)) => talks.map(|()| (&other, &one)),
        }
        .with_context(|| format!("round {round}: he talks with nobody"))?;
        loser.is_over_for_good(secs(1)).await?;
        caller.talks_with(winner, ms(500)).await?;
        ensure!(
            caller.ear.heard(loser.ear.voice).is_none() && loser.ear.heard(caller.ear.voice).is_none(),
            "round {round}: he talked with both"
        );
        caller.hangs_up()?;
        winner.is_hung_up(secs(1)).await?;
        // The winner wraps up for as long as the next round gives his phone to ring.
        all_are_ready(stage).await?;
    }
    Ok(())
}

async fn turns_are_taken(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    for name in ["op1", "op2", "op3"] {
        stage.operator(name, [answers_after(ms(50)).talks_for(ms(200))]);
    }
    for _ in 0..6 {
        let caller = stage.caller().dials(TURNS).await?;
        caller.is_served(secs(4)).await?;
        all_are_ready(stage).await?;
    }
    let rung = ["op1", "op2", "op3"].map(|name| stage.times_rung(name));
    ensure!(rung == [2, 2, 2], "six callers were distributed {rung:?}");
    Ok(())
}

async fn the_least_recent_is_rung(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    for name in ["op1", "op2"] {
        stage.operator(name, [answers_after(ms(50)).talks_for(ms(300))]);
    }
    for expected in [[1, 0], [1, 1], [2, 1], [2, 2]] {
        let caller = stage.caller().dials(PAIR).await?;
        caller.is_served(secs(4)).await?;
        all_are_ready(stage).await?;
        let rung = ["op1", "op2"].map(|name| stage.times_rung(name));
        ensure!(rung == expected, "rung {rung:?}, should be {expected:?}");
    }
    Ok(())
}

/// All have wrapped up: whose turn it is, is the strategy's to say.
async fn all_are_ready(stage: &mut Stage) -> Result<()> {
    // One of them has no telephone.
    let is_there = |operator: &Value| operator["state"] == "ready" || operator["operator"] == "gone";
    let ready = |state: &Value| Ok(state["operators"].as_array().is_some_and(|all| all.iter().all(is_there)));
    stage.engine()?.comes_to("all operators are ready", secs(3), ready).await
}

async fn wrap_up_is_respected(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(50)).talks_for(ms(300))]);
    let first = stage.caller().dials(ONE).await?;
    let ended = first.is_hung_up(secs(3)).await?;
    let state = stage.engine()?.operator("op1").await?;
    ensure!(state == "wrapping_up", "after the talk op1 is {state}");
    let second = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op1", 2, secs(3)).await?;
    let rest = leg.invited - ended;
    ensure!(rest > ms(900) && rest < ms(1400), "with a wrap-up of 1 s he was rung after {rest:?}");
    second.is_hung_up(secs(3)).await?;
    Ok(())
}

/// The state of `op1` has so many calls.
async fn op1_has(stage: &mut Stage, calls: usize) -> Result<()> {
    let has = |state: &Value| {
        Ok(entry(state, "operators", "operator", "op1")?["calls"].as_array().is_some_and(|all| all.len() == calls))
    };
    stage.engine()?.comes_to(&format!("op1 has {calls} calls"), secs(5), has).await
}

async fn who_may_talk_with_two_takes_a_second_call(stage: &mut Stage) -> Result<()> {
    stage
        .sentral(Setup::with_plan(&format!(
            "exchange: test\nnumbers: {{\"{ONE}\": {{flow: a}}}}\noperators: {{op1: {{dial: PJSIP/op1, capacity: 2}}}}\n\
             queues: {{one: {{operators: [op1]}}}}\nflows: {{a: [{{queue: one}}]}}\n"
        )))
        .await?;
    stage.operator("op1", [answers_after(ms(200))]);
    stage.may_have("op1", 2);
    let first = stage.caller().dials(ONE).await?;
    let to_first = stage.rings("op1", 1, secs(2)).await?;
    first.talks_with(&to_first, secs(1)).await?;
    let second = stage.caller().dials(ONE).await?;
    let to_second = stage.rings("op1", 2, secs(2)).await?;
    second.talks_with(&to_second, secs(1)).await?;
    first.talks_with(&to_first, secs(1)).await?;
    op1_has(stage, 2).await?;
    let third = stage.caller().dials(ONE).await?;
    third.hears_asterisk(secs(2)).await?;
    // A restart changes nothing of it.
    stage.engine()?.is_killed().await?;
    stage.engine()?.starts_again().await?;
    op1_has(stage, 2).await?;
    ensure!(stage.times_rung("op1") == 2, "op1 was rung for a third");
    first.hangs_up()?;
    to_first.is_hung_up(secs(1)).await?;
    let to_third = stage.rings("op1", 3, secs(2)).await?;
    third.talks_with(&to_third, secs(1)).await?;
    second.talks_with(&to_second, secs(1)).await?;
    for caller in [second, third] {
        caller.hangs_up()?;
    }
    op1_has(stage, 0).await
}
