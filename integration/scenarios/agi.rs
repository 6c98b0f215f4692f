//! The second door: calls whose dialplan asks by FastAGI, with the lines of `docs/agi.md`.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{HANDED, MENU, ONE, asked, call};
use crate::people::{Caller, answers_after};
use crate::proxy::free_port;
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    asterisk("the stand-in has no AGI()"): a_menu_by_agi_ends_in_a_queue_by_ari, who_hangs_up_in_a_prompt_is_gone_at_once,
        a_flow_by_agi_gives_the_caller_back, a_killed_sentral_leaves_its_sessions_to_the_fallback,
        a_frozen_sentral_leaves_its_sessions_to_the_fallback, an_address_that_is_not_allowed_leaves_callers_to_the_fallback,
        a_path_that_there_is_not_leaves_callers_to_the_fallback, one_session_too_many_is_told_so,
        a_message_by_agi_is_kept, a_message_by_agi_that_outlives_sentral_is_kept_to_its_end, who_is_refused_by_agi_is_told_why, prompts_of_the_plan_are_fetched_by_agi_too,
        a_tone_ends_by_agi_too;
}

/// The networks that the stage makes.
const STAGE: &str = "172.30.0.0/15";

/// How a number is dialled that Asterisk's dialplan asks for by FastAGI.
pub(super) fn by_agi(number: &str) -> String {
    format!("91{}", number.trim_start_matches('+'))
}

/// Starts Sentral with a door for FastAGI, and tells Asterisk's dialplan where it is. `more`: of its settings.
pub(super) async fn opens_the_door(stage: &mut Stage, setup: impl Into<Setup>, more: &str) -> Result<()> {
    let at = format!("{}:{}", stage.host(), free_port()?);
    let variable = [("variable", "SENTRAL_AGI"), ("value", at.as_str())];
    stage.ari.ask("POST", "asterisk/variable", &variable).await?;
    let more = if more.is_empty() { format!("allow: {STAGE}") } else { more.to_owned() };
    stage.sentral(setup.into().set(&format!("agi: {{listen: \"{at}\", {more}}}"))).await?;
    Ok(())
}

/// How many sessions ended so.
async fn sessions_end(stage: &mut Stage, outcome: &str, how_many: f64) -> Result<()> {
    let outcome = format!("outcome=\"{outcome}\"");
    stage.engine()?.counts("sentral_agi_sessions_total", &[&outcome], how_many, secs(5)).await
}

async fn a_menu_by_agi_ends_in_a_queue_by_ari(stage: &mut Stage) -> Result<()> {
    opens_the_door(stage, "test", "").await?;
    stage.operator("op1", [answers_after(ms(200))]);
    let caller = stage.caller().dials(&by_agi(MENU)).await?;
    caller.answered(secs(1)).await?;
    asked(stage, &caller).await?;
    let before = call(&stage.engine()?.state().await?, &caller.number)?["id"].clone();
    caller.presses('1', ms(0)).await?;
    let leg = stage.rings("op1", 1, secs(2)).await?;
    caller.talks_with(&leg, secs(3)).await?;
    let now = call(&stage.engine()?.state().await?, &caller.number)?.clone();
    ensure!(now["id"] == before && now["state"] == "talking", "another call than {before}: {now}");
    sessions_end(stage, "handed_over", 1.0).await?;
    caller.hangs_up()?;
    let labels = [r#"outcome="served""#, MENU];
    stage.engine()?.counts("sentral_calls_total", &labels, 1.0, secs(2)).await
}

async fn who_hangs_up_in_a_prompt_is_gone_at_once(stage: &mut Stage) -> Result<()> {
    opens_the_door(stage, "test", "").await?;
    let caller = stage.caller().dials(&by_agi(MENU)).await?;
    caller.hears_asterisk(secs(2)).await?;
    caller.hangs_up()?;
    let labels = [r#"outcome="left_in_menu""#, MENU];
    stage.engine()?.counts("sentral_calls_total", &labels, 1.0, ms(1000)).await?;
    sessions_end(stage, "hung_up", 1.0).await
}

async fn a_flow_by_agi_gives_the_caller_back(stage: &mut Stage) -> Result<()> {
    opens_the_door(stage, "test", "").await?;
    let caller = stage.caller().dials(&format!("92{}", &HANDED[1..])).await?;
    caller.hears_asterisk(secs(2)).await?;
    stage.in_the_fallback(&caller, secs(5)).await?;
    sessions_end(stage, "continued", 1.0).await?;
    caller.hangs_up()
}

async fn a_killed_sentral_leaves_its_sessions_to_the_fallback(stage: &mut Stage) -> Result<()> {
    opens_the_door(stage, "test", "").await?;
    let caller = stage.caller().dials(&by_agi(MENU)).await?;
    caller.hears_asterisk(secs(2)).await?;
    stage.engine()?.is_killed().await?;
    stage.in_the_fallback(&caller, secs(2)).await?;
    caller.hangs_up()
}

async fn a_frozen_sentral_leaves_its_sessions_to_the_fallback(stage: &mut Stage) -> Result<()> {
    let plan = format!(
        "exchange: test\nnumbers: {{\"{ONE}\": {{flow: waits}}}}\nflows:\n  waits: [answer, {{wait: 60s}}, {{hangup: normal}}]\n"
    );
    opens_the_door(stage, Setup::with_plan(&plan).set("limits: {dead_man: 5s}"), "").await?;
    let caller = stage.caller().dials(&by_agi(ONE)).await?;
    caller.answered(secs(1)).await?;
    stage.engine()?.freezes()?;
    stage.in_the_fallback(&caller, secs(15)).await?;
    stage.engine()?.thaws()?;
    caller.hangs_up()
}

async fn an_address_that_is_not_allowed_leaves_callers_to_the_fallback(stage: &mut Stage) -> Result<()> {
    opens_the_door(stage, "test", "allow: [127.0.0.1, 10.0.0.0/8]").await?;
    let caller = stage.caller().dials(&by_agi(MENU)).await?;
    stage.in_the_fallback(&caller, secs(2)).await?;
    sessions_end(stage, "not_allowed", 1.0).await?;
    stage.engine()?.says("WARN", "turned away", secs(2)).await?;
    caller.hangs_up()
}

async fn a_path_that_there_is_not_leaves_callers_to_the_fallback(stage: &mut Stage) -> Result<()> {
    opens_the_door(stage, "test", "").await?;
    let caller = stage.caller().dials(&format!("93{}", &MENU[1..])).await?;
    stage.in_the_fallback(&caller, secs(2)).await?;
    sessions_end(stage, "mistaken", 1.0).await?;
    // What it is, Asterisk's console says; a path may have callers' values in it.
    let told = stage.engine()?.says("WARN", "a dialplan asks", secs(2)).await?;
    ensure!(!told.to_string().contains("nonsense"), "{told}");
    caller.hangs_up()
}

async fn one_session_too_many_is_told_so(stage: &mut Stage) -> Result<()> {
    opens_the_door(stage, "test", &format!("sessions: 1, allow: {STAGE}")).await?;
    let first = stage.caller().dials(&by_agi(MENU)).await?;
    first.hears_asterisk(secs(2)).await?;
    let second = stage.caller().dials(&by_agi(MENU)).await?;
    stage.in_the_fallback(&second, secs(2)).await?;
    sessions_end(stage, "refused", 1.0).await?;
    second.hangs_up()?;
    first.hangs_up()
}

/// Somebody who is asked by FastAGI to leave a message, and speaks.
async fn leaves_a_message(stage: &mut Stage, silence: &str) -> Result<Caller> {
    let plan = format!(
        "exchange: test\nnumbers: {{\"{ONE}\": {{flow: leave}}}}\nflows:\n  leave:\n    \
         - voicemail: {{box: sales, greeting: sound:beep, at_most: 20s, silence: {silence}, done: sound:goodbye}}\n    \
         - hangup: normal\n"
    );
    opens_the_door(stage, Setup::with_plan(&plan).set("voicemail: {folder: messages}"), "").await?;
    let caller = stage.caller().dials(&by_agi(ONE)).await?;
    caller.answered(secs(1)).await?;
    stage.engine()?.says("INFO", "leaves a message", secs(5)).await?;
    Ok(caller)
}

/// How many seconds the one message lasts that is kept.
async fn one_is_kept(stage: &mut Stage, limit: Duration) -> Result<f64> {
    let labels = [r#"box="sales""#, r#"outcome="kept""#];
    stage.engine()?.counts("sentral_messages_total", &labels, 1.0, limit).await?;
    let (status, list) = stage.engine()?.get("/api/v1/voicemail?box=sales", None).await?;
    let list: Value = serde_json::from_str(&list)?;
    ensure!(status == 200 && list["messages"].as_array().is_some_and(|all| all.len() == 1), "{list}");
    list["messages"][0]["seconds"].as_f64().with_context(|| list.to_string())
}

async fn a_message_by_agi_is_kept(stage: &mut Stage) -> Result<()> {
    let caller = leaves_a_message(stage, "2s").await?;
    tokio::time::sleep(ms(2500)).await;
    caller.hangs_up()?;
    let lasts = one_is_kept(stage, secs(10)).await?;
    ensure!(lasts > 0.5, "{lasts} s");
    Ok(())
}

async fn a_message_by_agi_that_outlives_sentral_is_kept_to_its_end(stage: &mut Stage) -> Result<()> {
    let caller = leaves_a_message(stage, "10s").await?;
    // More than a second, so that what there is by then would be kept.
    tokio::time::sleep(ms(3000)).await;
    stage.engine()?.is_killed().await?;
    stage.engine()?.starts_again().await?;
    stage.engine()?.says("INFO", "of an earlier life", secs(5)).await?;
    tokio::time::sleep(ms(4000)).await;
    caller.hangs_up()?;
    let lasts = one_is_kept(stage, secs(30)).await?;
    ensure!(lasts > 6.0, "only {lasts} s of it");
    Ok(())
}

async fn who_is_refused_by_agi_is_told_why(stage: &mut Stage) -> Result<()> {
    opens_the_door(stage, "test", "").await?;
    for (number, status) in super::CAUSES {
        let caller = stage.caller().dials(&by_agi(number)).await?;
        let refused = caller.refused(secs(3)).await?;
        ensure!(refused == *status, "{number}: {refused} and not {status}");
    }
    Ok(())
}

async fn prompts_of_the_plan_are_fetched_by_agi_too(stage: &mut Stage) -> Result<()> {
    let plan = format!(
        "exchange: test\nnumbers: {{\"{ONE}\": {{flow: a}}}}\noperators: {{op1: {{dial: PJSIP/op1}}}}\n\
         queues: {{one: {{operators: [op1]}}}}\nflows:\n  a: [{{menu: {{play: long.wav, options: {{1: {{queue: one}}}}, \
         timeout: 2s, otherwise: {{hangup: busy}}}}}}]\n"
    );
    let setup = Setup::with_plan(&plan).with_file("long.wav", super::prompts::tone(secs(8)));
    let setup = super::prompts::reachable(stage, setup);
    opens_the_door(stage, setup, "").await?;
    stage.operator("op1", [answers_after(ms(100)).talks_for(ms(300))]);
    let caller = stage.caller().dials(&by_agi(ONE)).await?;
    caller.hears_asterisk(secs(2)).await?;
    // One that means nothing, and one that does.
    caller.presses('*', ms(500)).await?;
    caller.presses('1', ms(1500)).await?;
    caller.is_served(secs(5)).await
}

async fn a_tone_ends_by_agi_too(stage: &mut Stage) -> Result<()> {
    let plan = format!(
        "exchange: test\nnumbers: {{\"{ONE}\": {{flow: a}}}}\nflows:\n  a:\n    \
         - play: [{{tone: busy, for: 1s}}, {{tone: \"400/100,0/100\", for: 500ms}}]\n    \
         - menu: {{play: {{tone: ring, for: 8s}}, options: {{1: {{hangup: normal}}}}, timeout: 2s, otherwise: {{hangup: busy}}}}\n"
    );
    let setup = super::prompts::reachable(stage, Setup::with_plan(&plan));
    opens_the_door(stage, setup, "").await?;
    let caller = stage.caller().dials(&by_agi(ONE)).await?;
    caller.hears_asterisk(secs(2)).await.context("no tone is heard")?;
    caller.presses('1', ms(2500)).await?;
    let took = super::prompts::stayed(&caller).await?;
    ensure!(took > ms(2400) && took < ms(3600), "who pressed a key after 2.5 s stayed for {took:?}");
    Ok(())
}
