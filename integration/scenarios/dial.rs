//! Somebody in particular is rung: one, several, or a number behind a trunk.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::time::sleep;

use super::{DIAL_ALL, DIAL_AS_COMPANY, DIAL_IN_TURN, DIAL_ONE, DIAL_OUTSIDE, FAR, MENU, asked, call, entry};
use crate::people::{answers_after, busy, silent};
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: one_is_dialled_and_answers, who_is_busy_leads_to_his_branch, who_does_not_answer_leads_to_his_branch,
        of_three_at_once_the_first_has_him, in_turn_the_third_answers, a_number_behind_the_trunk_answers,
        a_call_and_its_leg_to_the_outside_cost_a_minute_each, a_full_trunk_leads_elsewhere, the_trunk_shows_a_number_of_ours,
        who_gives_up_leaves_nothing_ringing, a_killed_sentral_rings_again_and_disturbs_no_talk,
        an_internal_number_rings_an_operator, an_internal_number_leads_to_a_flow, there_is_no_such_internal_number;
    asterisk("the stand-in has no dialplan"): a_caller_from_outside_cannot_call_himself_internal;
}

async fn one_is_dialled_and_answers(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(800))]);
    let caller = stage.caller().dials(DIAL_ONE).await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    caller.hears_asterisk(ms(700)).await.context("he does not hear it ring")?;
    caller.talks_with(&leg, secs(2)).await?;
    leg.hangs_up()?;
    caller.is_hung_up(secs(1)).await?;
    // Nobody has to wrap up what no queue offered.
    let ready = |state: &Value| Ok(entry(state, "operators", "operator", "op1")?["state"] == "ready");
    stage.engine()?.comes_to("op1 is ready", ms(500), ready).await
}

async fn who_is_busy_leads_to_his_branch(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(100)), busy()]);
    let caller = stage.caller().dials(DIAL_ONE).await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    caller.talks_with(&leg, secs(2)).await?;
    // Sentral knows that he talks: his phone is left alone.
    let other = stage.caller().dials(DIAL_ONE).await?;
    other.is_hung_up(secs(1)).await?;
    ensure!(stage.times_rung("op1") == 1, "who talks was rung");
    caller.hangs_up()?;
    leg.is_over(secs(1)).await?;
    // And this time only his phone knows.
    let third = stage.caller().dials(DIAL_ONE).await?;
    stage.rings("op1", 2, secs(1)).await?;
    third.is_hung_up(secs(1)).await?;
    Ok(())
}

async fn who_does_not_answer_leads_to_his_branch(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [silent()]);
    let caller = stage.caller().dials(DIAL_ONE).await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    let (when, _why) = leg.cancelled(secs(4)).await?;
    let rang = when - leg.invited;
    ensure!(rang > ms(1800) && rang < ms(2700), "with a ring time of 2 s it rang for {rang:?}");
    // A word to say goodbye with, and not the door at once.
    sleep(ms(300)).await;
    ensure!(caller.is_in_the_call(), "he was hung up instead of led on");
    caller.is_hung_up(secs(3)).await?;
    Ok(())
}

async fn of_three_at_once_the_first_has_him(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [silent()]);
    stage.operator("op2", [answers_after(ms(900))]);
    stage.operator("op3", [silent()]);
    let caller = stage.caller().dials(DIAL_ALL).await?;
    let winner = stage.rings("op2", 1, secs(1)).await?;
    let losers = [stage.rings("op1", 1, secs(1)).await?, stage.rings("op3", 1, secs(1)).await?];
    caller.hears_asterisk(ms(800)).await.context("he does not hear it ring")?;
    caller.talks_with(&winner, secs(2)).await?;
    for loser in &losers {
        let (_when, why) = loser.cancelled(secs(1)).await?;
        ensure!(why.contains("Call completed elsewhere"), "{} is told {why:?}", loser.operator);
    }
    sleep(secs(1)).await;
    caller.talks_with(&winner, ms(500)).await.context("the talk was disturbed")?;
    caller.hangs_up()?;
    winner.is_hung_up(secs(1)).await?;
    Ok(())
}

async fn in_turn_the_third_answers(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [busy()]);
    stage.operator("op2", [silent()]);
    stage.operator("op3", [answers_after(ms(300))]);
    let caller = stage.caller().dials(DIAL_IN_TURN).await?;
    stage.rings("op1", 1, secs(1)).await?;
    stage.rings("op2", 1, secs(1)).await?.cancelled(secs(4)).await?;
    let leg = stage.rings("op3", 1, secs(1)).await?;
    caller.talks_with(&leg, secs(2)).await?;
    caller.hangs_up()
}

async fn a_number_behind_the_trunk_answers(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator(FAR, [answers_after(ms(300))]);
    let caller = stage.caller().dials(DIAL_OUTSIDE).await?;
    let leg = stage.rings(FAR, 1, secs(1)).await?;
    ensure!(leg.shows()?.contains(caller.number.trim_start_matches('+')), "he is shown {}", leg.shows()?);
    caller.talks_with(&leg, secs(2)).await?;
    let state = stage.engine()?.state().await?;
    ensure!(entry(&state, "trunks", "trunk", "outside")?["in_use"] == 1, "{}", state["trunks"]);
    ensure!(call(&state, &caller.number)?["legs"][0] == "+4790000000", "{}", state["calls"]);
    caller.hangs_up()?;
    leg.is_hung_up(secs(1)).await?;
    Ok(())
}

async fn a_call_and_its_leg_to_the_outside_cost_a_minute_each(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator(FAR, [busy(), answers_after(ms(300))]);
    let engaged = stage.caller().dials(DIAL_OUTSIDE).await?;
    stage.rings(FAR, 1, secs(1)).await?;
    engaged.hangs_up()?;
    let engine = stage.engine()?;
    engine.counts("sentral_number_cost_total", &[r#"currency="NOK""#], 0.89, secs(2)).await?;
    engine.counts("sentral_trunk_cost_total", &[r#"currency="EUR""#], 0.0, secs(2)).await?;
    let caller = stage.caller().dials(DIAL_OUTSIDE).await?;
    let leg = stage.rings(FAR, 2, secs(1)).await?;
    caller.talks_with(&leg, secs(2)).await?;
    caller.hangs_up()?;
    let engine = stage.engine()?;
    engine.counts("sentral_number_cost_total", &[r#"currency="NOK""#], 1.78, secs(2)).await?;
    engine.counts("sentral_trunk_cost_total", &[r#"currency="EUR""#], 0.65, secs(2)).await
}

async fn a_full_trunk_leads_elsewhere(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator(FAR, [answers_after(ms(100)), answers_after(ms(100))]);
    stage.operator("op1", [answers_after(ms(100))]);
    let first = stage.caller().dials(DIAL_OUTSIDE).await?;
    let far = stage.rings(FAR, 1, secs(1)).await?;
    first.talks_with(&far, secs(2)).await?;
    let second = stage.caller().dials(DIAL_OUTSIDE).await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    second.talks_with(&leg, secs(2)).await?;
    ensure!(stage.times_rung(FAR) == 1, "the trunk has one channel");
    first.hangs_up()?;
    far.is_over(secs(1)).await?;
    let third = stage.caller().dials(DIAL_OUTSIDE).await?;
    let far = stage.rings(FAR, 2, secs(1)).await?;
    third.talks_with(&far, secs(2)).await?;
    second.hangs_up()?;
    third.hangs_up()
}

async fn the_trunk_shows_a_number_of_ours(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator(FAR, [answers_after(ms(900))]);
    let caller = stage.caller().dials(DIAL_AS_COMPANY).await?;
    let leg = stage.rings(FAR, 1, secs(1)).await?;
    ensure!(leg.shows()?.contains("4780012345"), "he is shown {}", leg.shows()?);
    caller.hears_asterisk(ms(800)).await.context("he does not hear it ring")?;
    caller.talks_with(&leg, secs(2)).await?;
    caller.hangs_up()
}

async fn who_gives_up_leaves_nothing_ringing(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    for number in [DIAL_ONE, DIAL_ALL, DIAL_OUTSIDE] {
        let before = stage.times_rung("op1");
        let caller = stage.caller().dials(number).await?;
        let rung = if number == DIAL_OUTSIDE {
            stage.operator(FAR, [silent()]);
            stage.rings(FAR, 1, secs(2)).await?
        } else {
            stage.operator("op1", [silent(), silent()]);
            stage.rings("op1", before + 1, secs(2)).await?
        };
        caller.answered(secs(1)).await?;
        caller.hangs_up()?;
        rung.cancelled(secs(1)).await.with_context(|| format!("{number}: it rings on"))?;
    }
    Ok(())
}

async fn a_killed_sentral_rings_again_and_disturbs_no_talk(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator(FAR, [answers_after(ms(100))]);
    stage.operator("op1", [silent(), answers_after(ms(300))]);
    let talking = stage.caller().dials(DIAL_OUTSIDE).await?;
    let far = stage.rings(FAR, 1, secs(1)).await?;
    talking.talks_with(&far, secs(2)).await?;
    let ringing = stage.caller().dials(DIAL_ONE).await?;
    let rung = stage.rings("op1", 1, secs(1)).await?;
    stage.engine()?.is_killed().await?;
    stage.engine()?.starts_again().await?;
    rung.cancelled(secs(5)).await.context("a telephone rings for nobody")?;
    let again = stage.rings("op1", 2, secs(5)).await?;
    ringing.talks_with(&again, secs(3)).await?;
    talking.talks_with(&far, ms(500)).await.context("the talk was disturbed")?;
    let state = stage.engine()?.state().await?;
    ensure!(entry(&state, "trunks", "trunk", "outside")?["in_use"] == 1, "{}", state["trunks"]);
    talking.hangs_up()?;
    far.is_hung_up(secs(2)).await?;
    ringing.hangs_up()
}

/// What the desk does.
async fn desk_is(stage: &mut Stage, state: &str) -> Result<()> {
    let is = |all: &Value| Ok(entry(all, "operators", "operator", "desk")?["state"] == state);
    stage.engine()?.comes_to(&format!("the desk is {state}"), secs(1), is).await
}

async fn an_internal_number_rings_an_operator(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op2", [answers_after(ms(300))]);
    let desk = stage.caller().dials("8102").await?;
    let leg = stage.rings("op2", 1, secs(1)).await?;
    desk_is(stage, "talking").await?;
    desk.talks_with(&leg, secs(2)).await?;
    let state = stage.engine()?.state().await?;
    ensure!(call(&state, &desk.number)?["internal"] == true, "{}", state["calls"]);
    desk.hangs_up()?;
    leg.is_hung_up(secs(1)).await?;
    desk_is(stage, "ready").await
}

async fn an_internal_number_leads_to_a_flow(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    let desk = stage.caller().dials("8600").await?;
    desk.hears_asterisk(secs(1)).await?;
    desk.is_hung_up(secs(3)).await?;
    desk_is(stage, "ready").await
}

async fn there_is_no_such_internal_number(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    let desk = stage.caller().dials("8999").await?;
    let status = desk.refused(secs(1)).await?;
    ensure!(status == 404, "he is told {status}");
    Ok(())
}

async fn a_caller_from_outside_cannot_call_himself_internal(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    let caller = stage.caller().dials(&format!("{MENU},allowed,internal")).await?;
    asked(stage, &caller).await?;
    let state = stage.engine()?.state().await?;
    ensure!(call(&state, &caller.number)?["internal"] != true, "{}", state["calls"]);
    caller.hangs_up()
}
