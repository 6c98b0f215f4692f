//! What the one who runs it meets: a wrong password, limits, a plan that changes.

use anyhow::{Context, Result, ensure};
use tokio::time::sleep;

use super::{MENU, ONE, PAIR};
use crate::people::{answers_after, silent};
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{Moment, ms, secs};

scenarios! {
    everywhere: a_wrong_password_is_said_and_callers_reach_the_fallback, past_the_calls_of_a_node_callers_reach_the_fallback,
        past_the_new_calls_of_a_second_callers_get_503, a_changed_plan_is_for_new_calls,
        a_broken_plan_is_refused_and_the_old_one_goes_on, sighup_reads_the_plan_again,
        one_who_is_replaced_stands_by_and_comes_back, one_who_is_replaced_after_a_talk_comes_back,
        one_who_is_replaced_goes_on_with_what_the_other_left;
}

async fn a_wrong_password_is_said_and_callers_reach_the_fallback(stage: &mut Stage) -> Result<()> {
    let wrong = "not-the-password";
    let begun = Moment::now();
    let sentral = stage.starting_sentral(Setup::from("test").with_password(wrong))?;
    let why = sentral.is_not_ready(secs(5), "ari.conf").await?;
    ensure!(why.contains("node pbx") && why.contains("password"), "/readyz says {why}");

    let caller = stage.caller().dials(MENU).await?;
    stage.in_the_fallback(&caller, secs(2)).await?;
    caller.hears_asterisk(secs(2)).await?;

    // Asterisk logs each try, and a wrong password gets no better by itself.
    sleep(secs(10).saturating_sub(Moment::now() - begun)).await;
    let sentral = stage.engine()?;
    let tries = sentral.metric("sentral_node_losses_total", &[r#"node="pbx""#]).await?;
    ensure!(tries < 1.5, "{tries} tries within ten seconds");
    let said = sentral.says("ERROR", "ari.conf", secs(2)).await?;
    ensure!(said["user"] == "sentral", "it does not name the user: {said}");
    ensure!(!sentral.words().contains(wrong), "the password is in the log");
    caller.hangs_up()
}

async fn past_the_calls_of_a_node_callers_reach_the_fallback(stage: &mut Stage) -> Result<()> {
    stage.sentral(Setup::from("test").set("limits: {calls: 2}")).await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let talking = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    talking.talks_with(&leg, secs(2)).await?;
    let waiting = stage.caller().dials(ONE).await?;
    waiting.hears_asterisk(secs(2)).await?;

    let over = [stage.caller().dials(ONE).await?, stage.caller().dials(MENU).await?];
    for caller in &over {
        stage.in_the_fallback(caller, secs(2)).await?;
    }
    ensure!(
        stage.engine()?.metric("sentral_refused_calls_total", &[r#"reason="overload""#]).await? == 2.0,
        "not counted"
    );
    talking.talks_with(&leg, ms(500)).await.context("the talk was disturbed")?;
    waiting.hears_asterisk(ms(500)).await.context("who waits was disturbed")?;

    waiting.hangs_up()?;
    stage
        .engine()?
        .comes_to("nobody waits", secs(2), |state| Ok(state["calls"].as_array().map(Vec::len) == Some(1)))
        .await?;
    let next = stage.caller().dials(ONE).await?;
    next.hears_asterisk(secs(2)).await?;
    ensure!(stage.engine()?.waiting("one").await? == 1, "there is room again, and he was sent away");
    for caller in over.iter().chain([&talking, &next]) {
        caller.hangs_up()?;
    }
    Ok(())
}

async fn past_the_new_calls_of_a_second_callers_get_503(stage: &mut Stage) -> Result<()> {
    let limits = "limits: {new_calls_per_second: 3, when_overloaded: congestion}";
    stage.sentral(Setup::from("test").set(limits)).await?;
    stage.operator("op1", [silent()]);
    let mut callers = Vec::new();
    for _ in 0..10 {
        callers.push(stage.caller().dials(ONE).await?);
    }
    let (mut taken, mut refused) = (Vec::new(), 0);
    for caller in callers {
        tokio::select! {
            answered = caller.answered(secs(3)) => answered.map(drop)?,
            status = caller.refused(secs(3)) => {
                let status = status?;
                ensure!(status == 503, "refused with {status}");
                refused += 1;
                continue;
            }
        }
        taken.push(caller);
    }
    // On a slow machine ten calls may take longer than a second, and then a few more are taken.
    ensure!(taken.len() >= 3 && refused >= 1, "of ten at once {} were taken and {refused} refused", taken.len());
    let counted = stage.engine()?.metric("sentral_refused_calls_total", &[r#"reason="overload""#]).await?;
    ensure!(counted == f64::from(refused), "{refused} were refused and {counted} counted");
    for caller in &taken {
        ensure!(caller.is_in_the_call(), "{} was lost", caller.number);
    }
    sleep(ms(1100)).await;
    let later = stage.caller().dials(ONE).await?;
    later.answered(secs(1)).await.context("a second later")?;
    for caller in taken.iter().chain([&later]) {
        caller.hangs_up()?;
    }
    Ok(())
}

/// The plan `test`, with what key 1 of the menu does changed.
fn key_one(does: &str) -> Result<String> {
    let text = Setup::from("test").plan()?;
    let changed = text.replace("options: {1: {queue: sales}, 9", &format!("options: {{1: {does}, 9"));
    ensure!(changed != text, "the plan's menu is not what it was");
    Ok(changed)
}

async fn a_changed_plan_is_for_new_calls(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let before = stage.caller().dials(MENU).await?;
    before.answered(secs(1)).await?;
    stage.engine()?.plan_becomes(&key_one("{flow: sorry}")?)?;
    stage.engine()?.counts("sentral_plan_reloads_total", &[r#"result="loaded""#], 1.0, secs(5)).await?;

    let said = stage.engine()?.says("INFO", "read anew", secs(2)).await?.to_string();
    ensure!(said.contains("step 2 menu, option 1: "), "the log does not say what changed: {said}");

    let after = stage.caller().dials(MENU).await?;
    before.presses('1', ms(2000)).await?;
    let leg = stage.rings("op1", 1, secs(2)).await.context("the call in hand lost its plan")?;
    before.talks_with(&leg, secs(2)).await?;
    after.presses('1', ms(2000)).await?;
    after.is_hung_up(secs(4)).await.context("the new call did not follow the new plan")?;
    ensure!(stage.times_rung("op2") == 0, "somebody was rung for the new call");
    before.talks_with(&leg, ms(500)).await?;
    before.hangs_up()
}

async fn a_broken_plan_is_refused_and_the_old_one_goes_on(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let broken = key_one("{queue: slaes}")?;
    let line = broken.lines().position(|line| line.contains("slaes")).context("no such line")? + 1;
    stage.engine()?.plan_becomes(&broken)?;
    stage.engine()?.counts("sentral_plan_reloads_total", &[r#"result="refused""#], 1.0, secs(5)).await?;
    let said = stage.engine()?.says("ERROR", "refused", secs(2)).await?.to_string();
    for word in [format!("plan.yaml:{line}:"), "slaes".to_owned(), "sales".to_owned()] {
        ensure!(said.contains(&word), "the log does not say `{word}`: {said}");
    }

    let caller = stage.caller().dials(MENU).await?;
    caller.presses('1', ms(2000)).await?;
    let leg = stage.rings("op1", 1, secs(2)).await.context("the old plan is not in force")?;
    caller.talks_with(&leg, secs(2)).await?;
    caller.hangs_up()?;
    stage.engine()?.plan_becomes(&key_one("{queue: one}")?)?;
    stage.engine()?.counts("sentral_plan_reloads_total", &[r#"result="loaded""#], 1.0, secs(5)).await
}

async fn sighup_reads_the_plan_again(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    for times in [1.0, 2.0] {
        stage.engine()?.is_told_to_reload()?;
        stage.engine()?.counts("sentral_plan_reloads_total", &[r#"result="loaded""#], times, secs(5)).await?;
    }
    stage.operator("op1", [answers_after(ms(50)).talks_for(ms(200))]);
    let caller = stage.caller().dials(ONE).await?;
    caller.is_served(secs(3)).await
}

async fn one_who_is_replaced_stands_by_and_comes_back(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(100))]);
    stage.operator("op2", [answers_after(ms(100))]);
    let talking = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    talking.talks_with(&leg, secs(2)).await?;

    let mut another = stage.another_sentral("test").await?;
    stage.engine()?.is_not_ready(secs(5), "another engine").await?;
    let left = stage.engine()?.what_is_left().await?;
    ensure!(left.is_empty(), "the first still believes in {left:?}");
    talking.talks_with(&leg, ms(500)).await.context("the talk was disturbed")?;
    let next = stage.caller().dials(PAIR).await?;
    let other = stage.rings("op2", 1, secs(2)).await.context("the new one does not know that op1 talks")?;
    next.talks_with(&other, secs(2)).await?;

    // Longer than the first takes to ask whether the application is free: it is not.
    sleep(secs(6)).await;
    ensure!(another.is_ready().await, "the first took the application back");
    for (caller, leg) in [(&talking, &leg), (&next, &other)] {
        caller.talks_with(leg, ms(500)).await?;
        caller.hangs_up()?;
        leg.is_hung_up(secs(2)).await?;
    }
    another.is_told_to_end()?;
    another.has_ended(secs(5)).await?;
    stage.engine()?.until_ready(secs(15)).await.context("the application is free")?;
    stage.operator("op1", [answers_after(ms(50)).talks_for(ms(200))]);
    let last = stage.caller().dials(ONE).await?;
    last.is_served(secs(5)).await
}

async fn one_who_is_replaced_after_a_talk_comes_back(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(50)).talks_for(ms(200))]);
    let caller = stage.caller().dials(ONE).await?;
    caller.is_served(secs(5)).await?;
    // The bridge they talked in is kept for the next two, and the application with it.
    let mut another = stage.another_sentral("test").await?;
    stage.engine()?.is_not_ready(secs(5), "another engine").await?;
    another.is_told_to_end()?;
    another.has_ended(secs(5)).await?;
    stage.engine()?.until_ready(secs(15)).await.context("the application is free")?;
    let last = stage.caller().dials(ONE).await?;
    last.is_served(secs(5)).await
}

async fn one_who_is_replaced_goes_on_with_what_the_other_left(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(50)), answers_after(ms(50)).talks_for(ms(200))]);
    let mut another = stage.another_sentral("test").await?;
    stage.engine()?.is_not_ready(secs(5), "another engine").await?;
    let talking = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op1", 1, secs(2)).await?;
    talking.talks_with(&leg, secs(2)).await?;
    let waiting = stage.caller().dials(ONE).await?;
    waiting.hears_asterisk(secs(2)).await?;
    // The second word: it does not wait for them.
    another.is_told_to_end()?;
    sleep(ms(200)).await;
    another.is_told_to_end()?;
    another.has_ended(secs(5)).await?;
    stage.engine()?.until_ready(secs(15)).await.context("nobody has the application")?;
    talking.talks_with(&leg, ms(500)).await.context("the talk was disturbed")?;
    talking.hangs_up()?;
    waiting.is_served(secs(5)).await
}
