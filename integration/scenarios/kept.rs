//! Operators who are kept for callers in the hands of a dialplan, and what gives them back.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::{DIAL_CHOSEN, DIAL_ONLY, ELSEWHERE, entry};
use crate::fastagi::{Ended, Session};
use crate::people::{Caller, answers_after, silent};
use crate::proxy::Line;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: the_end_of_his_channel_gives_back_whom_a_caller_had, the_end_of_his_channel_counts_though_the_wire_was_cut_then,
        who_ask_at_once_get_one_operator_one_after_the_other, who_asks_without_patience_is_told_his_place;
    asterisk ("the stand-in has no dialplan that could dial"): who_hangs_up_while_his_dialplan_dials_needs_no_release,
        who_hangs_up_while_his_dialplan_dials_and_the_wire_is_cut_needs_no_release;
}

/// Longer than a scenario: nothing here is given back by a limit.
const LONG: &str = "select?queue=one&limit=10m";

/// The same for one who waits in line.
const WAITS: &str = "select?queue=one&limit=10m&wait=5m";

/// A caller whom Asterisk's dialplan has, and no Sentral; and his channel.
async fn in_the_dialplan(stage: &mut Stage) -> Result<(Caller, String)> {
    let caller = stage.caller().dials(ELSEWHERE).await?;
    stage.in_the_fallback(&caller, secs(3)).await?;
    let channel = stage.channel_of(&caller).await?;
    Ok((caller, channel))
}

/// One who is given `op1` for long.
async fn has_op1(stage: &mut Stage, at: &str) -> Result<(Caller, Ended)> {
    let (caller, channel) = in_the_dialplan(stage).await?;
    let told = Session::of(at, LONG, &channel, secs(2)).await?;
    told.results_in("chosen")?;
    ensure!(told.wrote("SENTRAL_OPERATOR") == "op1" && told.wrote("SENTRAL_DIAL") == "PJSIP/op1", "{told:?}");
    op1_is(stage, "reserved").await?;
    Ok((caller, told))
}

/// One who stands in line for `op1`, behind so many others.
async fn waits_for_op1(stage: &mut Stage, at: &str, behind: usize) -> Result<(Caller, JoinHandle<Result<Ended>>)> {
    let (caller, channel) = in_the_dialplan(stage).await?;
    let at = at.to_owned();
    let told = tokio::spawn(async move { Session::of(&at, WAITS, &channel, secs(60)).await });
    waiting(stage, behind + 1).await?;
    Ok((caller, told))
}

async fn op1_is(stage: &mut Stage, state: &'static str) -> Result<()> {
    let is = |found: &serde_json::Value| Ok(entry(found, "operators", "operator", "op1")?["state"] == state);
    stage.engine()?.comes_to(state, secs(5), is).await
}

async fn waiting(stage: &mut Stage, callers: usize) -> Result<()> {
    let are = |found: &serde_json::Value| {
        Ok(entry(found, "queues", "queue", "one")?["callers"].as_array().is_some_and(|line| line.len() == callers))
    };
    stage.engine()?.comes_to("callers in the queue `one`", secs(5), are).await
}

/// What one who waited is told, within that time.
async fn is_told(told: JoinHandle<Result<Ended>>, limit: Duration) -> Result<Ended> {
    let told = tokio::time::timeout(limit, told).await;
    told.with_context(|| format!("he waits still after {limit:?}"))??
}

async fn release(at: &str, told: &Ended) -> Result<()> {
    let script = format!("release?reservation={}", told.wrote("SENTRAL_RESERVATION"));
    Session::of(at, &script, "another.1", secs(2)).await?.results_in("released")
}

async fn the_end_of_his_channel_gives_back_whom_a_caller_had(stage: &mut Stage) -> Result<()> {
    let at = stage.has_a_door("test", "").await?;
    let (first, _) = has_op1(stage, &at).await?;
    let (second, told) = waits_for_op1(stage, &at, 0).await?;
    sleep(secs(1)).await;
    ensure!(!told.is_finished(), "two were given one operator");
    first.hangs_up()?;
    // A wait for a key lasts for 0.2 s.
    is_told(told, secs(1)).await?.results_in("chosen")?;
    stage.engine()?.counts("sentral_calls_total", &[r#"outcome="abandoned""#], 1.0, secs(2)).await?;
    second.hangs_up()?;
    op1_is(stage, "ready").await
}

async fn the_end_of_his_channel_counts_though_the_wire_was_cut_then(stage: &mut Stage) -> Result<()> {
    let at = stage.has_a_door("test", "").await?;
    let (first, _) = has_op1(stage, &at).await?;
    let (second, told) = waits_for_op1(stage, &at, 0).await?;
    stage.proxy.set(Line::WithoutEvents);
    stage.engine()?.is_not_ready(secs(10), "pbx").await?;
    first.hangs_up()?;
    sleep(secs(1)).await;
    ensure!(!told.is_finished(), "nobody can have said that he is gone");
    stage.proxy.set(Line::Whole);
    stage.engine()?.until_ready(secs(15)).await?;
    is_told(told, secs(2)).await?.results_in("chosen")?;
    // And the end of one who came while all was cut off is told, too.
    second.hangs_up()?;
    op1_is(stage, "ready").await
}

async fn who_ask_at_once_get_one_operator_one_after_the_other(stage: &mut Stage) -> Result<()> {
    const CALLERS: usize = 4;
    let at = stage.has_a_door("test", "").await?;
    let mut callers = Vec::new();
    for _ in 0..CALLERS {
        callers.push(in_the_dialplan(stage).await?);
    }
    let ask = |(_, channel): &(Caller, String)| {
        let (at, channel) = (at.clone(), channel.clone());
        tokio::spawn(async move { Session::of(&at, WAITS, &channel, secs(60)).await })
    };
    let mut asked: Vec<_> = callers.iter().map(ask).collect();
    for waiters in (0..CALLERS).rev() {
        waiting(stage, waiters).await?;
        let first = futures_util::future::select_all(&mut asked);
        let (told, at_place, _) = tokio::time::timeout(secs(2), first).await.context("nobody is given him")?;
        let told = told??;
        told.results_in("chosen")?;
        drop(asked.swap_remove(at_place));
        sleep(ms(500)).await;
        ensure!(!asked.iter().any(JoinHandle::is_finished), "two have one operator");
        release(&at, &told).await?;
    }
    callers.iter().try_for_each(|(caller, _)| caller.hangs_up())?;
    let lapsed = &[r#"outcome="lapsed""#];
    stage.engine()?.counts("sentral_offers_total", lapsed, CALLERS as f64, secs(2)).await
}

async fn who_asks_without_patience_is_told_his_place(stage: &mut Stage) -> Result<()> {
    let at = stage.has_a_door("test", "").await?;
    let (first, told) = has_op1(stage, &at).await?;
    let (second, second_told) = waits_for_op1(stage, &at, 0).await?;
    let (third, channel) = in_the_dialplan(stage).await?;
    let busy = Session::of(&at, LONG, &channel, secs(2)).await?;
    busy.results_in("busy")?;
    ensure!(busy.wrote("SENTRAL_POSITION") == "2" && busy.wrote("SENTRAL_OPERATOR").is_empty(), "{busy:?}");
    release(&at, &told).await?;
    is_told(second_told, secs(1)).await?.results_in("chosen")?;
    // Whoever was given back is not given back once more.
    let script = format!("release?reservation={}", told.wrote("SENTRAL_RESERVATION"));
    Session::of(&at, &script, "another.1", secs(2)).await?.results_in("over")?;
    op1_is(stage, "reserved").await?;
    [first, second, third].iter().try_for_each(Caller::hangs_up)
}

async fn who_hangs_up_while_his_dialplan_dials_needs_no_release(stage: &mut Stage) -> Result<()> {
    stage.has_a_door("test", "").await?;
    stage.operator("op1", [silent(), answers_after(ms(100))]);
    let first = stage.caller().dials(DIAL_ONLY).await?;
    stage.rings("op1", 1, secs(5)).await?;
    op1_is(stage, "reserved").await?;
    let second = stage.caller().dials(DIAL_CHOSEN).await?;
    waiting(stage, 1).await?;
    first.hangs_up()?;
    let leg = stage.rings("op1", 2, secs(1)).await?;
    second.talks_with(&leg, secs(3)).await?;
    stage.engine()?.counts("sentral_offers_total", &[r#"outcome="caller_left""#], 1.0, secs(1)).await?;
    second.hangs_up()
}

async fn who_hangs_up_while_his_dialplan_dials_and_the_wire_is_cut_needs_no_release(stage: &mut Stage) -> Result<()> {
    stage.has_a_door("test", "").await?;
    stage.operator("op1", [silent(), answers_after(ms(100))]);
    let first = stage.caller().dials(DIAL_ONLY).await?;
    stage.rings("op1", 1, secs(5)).await?;
    let second = stage.caller().dials(DIAL_CHOSEN).await?;
    waiting(stage, 1).await?;
    stage.proxy.set(Line::WithoutEvents);
    stage.engine()?.is_not_ready(secs(10), "pbx").await?;
    first.hangs_up()?;
    sleep(secs(1)).await;
    op1_is(stage, "reserved").await?;
    stage.proxy.set(Line::Whole);
    stage.engine()?.until_ready(secs(15)).await?;
    let leg = stage.rings("op1", 2, secs(1)).await?;
    second.talks_with(&leg, secs(3)).await?;
    second.hangs_up()
}
