//! What can be seen from outside: the state of every call, health, metrics.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{MENU, ONE, call, entry};
use crate::docker::docker_with;
use crate::people::{answers_after, silent};
use crate::proxy::Line;
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: the_state_shows_a_call_at_every_stage, the_state_is_for_those_who_have_the_token,
        health_is_told_and_why_not, a_call_is_counted;
    asterisk("promtool is in a container"): promtool_finds_nothing_wrong_with_the_metrics;
}

async fn the_state_shows_a_call_at_every_stage(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [silent()]);
    stage.operator("op2", [silent()]);
    let first = stage.caller().dials(MENU).await?;
    first.answered(secs(1)).await?;
    let number = first.number.clone();
    let in_the_menu = |state: &Value| {
        let in_use = &entry(state, "numbers", "number", MENU)?["calls"];
        ensure!(*in_use == 1, "the number has {in_use} calls");
        Ok(call(state, &number)?["state"] == "menu")
    };
    stage.engine()?.comes_to("he is in the menu", secs(3), in_the_menu).await?;

    first.presses('1', ms(2000)).await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    let rings = |state: &Value| {
        let (call, op1) = (call(state, &number)?, entry(state, "operators", "operator", "op1")?);
        Ok(call["state"] == "ringing"
            && call["queue"] == "sales"
            && op1["state"] == "ringing"
            && op1["calls"] == serde_json::json!([call["id"]]))
    };
    stage.engine()?.comes_to("op1 rings for him", secs(2), rings).await?;

    let second = stage.caller().dials(ONE).await?;
    second.hears_asterisk(secs(2)).await?;
    let waiting = |state: &Value, at_least: f64| {
        let (call, queue) = (call(state, &second.number)?, entry(state, "queues", "queue", "one")?);
        let place = &queue["callers"][0];
        let waited = place["waited_seconds"].as_f64().unwrap_or(-1.0);
        ensure!(waited < 10.0, "he has waited {waited} s");
        Ok(call["state"] == "waiting" && place["call"] == call["id"] && waited >= at_least)
    };
    stage.engine()?.comes_to("the second waits", secs(2), |state| waiting(state, 0.0)).await?;
    stage.engine()?.comes_to("his wait grows", secs(3), |state| waiting(state, 1.0)).await?;

    leg.answers()?;
    first.talks_with(&leg, secs(2)).await?;
    let talks = |state: &Value| {
        let (call, op1) = (call(state, &number)?, entry(state, "operators", "operator", "op1")?);
        Ok(call["state"] == "talking"
            && call["operator"] == "op1"
            && op1["state"] == "talking"
            && op1["calls"] == serde_json::json!([call["id"]]))
    };
    stage.engine()?.comes_to("the two talk", secs(2), talks).await?;

    second.hangs_up()?;
    first.hangs_up()?;
    let wraps_up = |state: &Value| {
        let free = entry(state, "numbers", "number", MENU)?["calls"] == 0;
        Ok(free && entry(state, "operators", "operator", "op1")?["state"] == "wrapping_up")
    };
    stage.engine()?.comes_to("op1 wraps up", secs(2), wraps_up).await
}

async fn the_state_is_for_those_who_have_the_token(stage: &mut Stage) -> Result<()> {
    let token = "a-token-for-the-tests-only";
    stage.sentral(Setup::from("test").guarded_by(token)).await?;
    let sentral = stage.engine()?;
    for wrong in [None, Some("a-token-for-the-tests-onlx"), Some("")] {
        let (status, text) = sentral.get("/api/v1/state", wrong).await?;
        ensure!(status == 401, "with {wrong:?}: {status}");
        ensure!(!text.contains("op1") && !text.contains(token), "with {wrong:?}: {text}");
    }
    let (status, text) = sentral.get("/api/v1/state", Some(token)).await?;
    ensure!(status == 200 && text.contains("op1"), "with the token: {status} {text}");
    for open in ["/livez", "/readyz", "/metrics"] {
        let (status, _) = sentral.get(open, None).await?;
        ensure!(status == 200, "{open}: {status}");
    }
    ensure!(!sentral.words().contains(token), "the token is in the log");
    Ok(())
}

async fn health_is_told_and_why_not(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    for healthy in ["/livez", "/readyz"] {
        let (status, text) = stage.engine()?.get(healthy, None).await?;
        ensure!(status == 200, "{healthy}: {status} {text}");
    }
    stage.proxy.set(Line::Cut);
    stage.engine()?.is_not_ready(secs(5), "node pbx: ").await?;
    let (status, text) = stage.engine()?.get("/livez", None).await?;
    ensure!(status == 200, "it lives without Asterisk, too: {status} {text}");
    stage.proxy.set(Line::Whole);
    stage.engine()?.until_ready(secs(15)).await
}

async fn a_call_is_counted(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(100)).talks_for(ms(500))]);
    let caller = stage.caller().dials(ONE).await?;
    caller.is_served(secs(5)).await?;
    let leaver = stage.caller().dials(MENU).await?;
    leaver.answered(secs(1)).await?;
    leaver.hangs_up()?;
    let sentral = stage.engine()?;
    for (name, labels) in [
        ("sentral_calls_total", [r#"outcome="served""#, ONE]),
        ("sentral_calls_total", [r#"outcome="left_in_menu""#, MENU]),
        ("sentral_offers_total", [r#"outcome="answered""#, r#"operator="op1""#]),
        ("sentral_queue_wait_seconds_count", [r#"outcome="connected""#, r#"queue="one""#]),
        ("sentral_talk_seconds_count", [r#"queue="one""#, ""]),
        ("sentral_node_up", [r#"node="pbx""#, ""]),
    ] {
        sentral.counts(name, &labels, 1.0, secs(2)).await?;
    }
    ensure!(sentral.metric("sentral_active_calls", &[]).await? == 0.0, "a call is counted as in hand still");
    Ok(())
}

async fn promtool_finds_nothing_wrong_with_the_metrics(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(50)).talks_for(ms(200))]);
    let caller = stage.caller().dials(ONE).await?;
    caller.is_served(secs(5)).await?;
    let metrics = stage.engine()?.metrics().await?;
    ensure!(metrics.contains("\nsentral_calls_total{"), "there is nothing to look at: {metrics}");
    let check = [
        "run",
        "--rm",
        "-i",
        "--network",
        "none",
        "--entrypoint",
        "promtool",
        "sentral-prometheus",
        "check",
        "metrics",
    ];
    let said = docker_with(&check, &metrics).context("promtool finds fault with the metrics")?;
    ensure!(said.is_empty(), "promtool remarks: {said}");
    // It does find what is wrong.
    ensure!(docker_with(&check, "sentral_a_total 1\nsentral_a_total 2\n").is_err(), "promtool lets everything pass");
    Ok(())
}
