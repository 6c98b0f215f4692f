//! A Sentral without ARI: what a dialplan may ask of it over FastAGI, and what becomes of the rest.

use anyhow::{Context, Result, ensure};

use super::agi::by_agi;
use super::{HANDED, MENU, STRICT, asked, entry};
use crate::fastagi::Session;
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: without_ari_it_is_ready_and_runs_flows, without_ari_a_queue_leads_to_the_fallback_and_says_so,
        without_ari_an_operator_is_chosen_and_given_back;
    asterisk ("the stand-in has no AGI()"): without_ari_callers_are_served_and_go_on_in_their_dialplan,
        without_ari_a_menu_s_queue_is_the_fallback;
}

/// The plan of the tests, and no node.
fn alone() -> Setup {
    Setup::from("test").without_ari()
}

/// The one thing that says why a call went to the fallback.
async fn says_that_there_is_no_node(stage: &mut Stage) -> Result<()> {
    stage.engine()?.says("WARN", "needs an Asterisk that is connected by ARI, and none is", secs(2)).await?;
    let labels = &[r#"outcome="not_handed_over""#];
    stage.engine()?.counts("sentral_calls_total", labels, 1.0, secs(2)).await
}

async fn without_ari_it_is_ready_and_runs_flows(stage: &mut Stage) -> Result<()> {
    let at = stage.has_a_door(alone(), "").await?;
    let (status, text) = stage.engine()?.get("/readyz", None).await?;
    ensure!(status == 200, "/readyz: {status} {text}");
    let ended = Session::of(&at, "flow/handed", "1.1", secs(5)).await?;
    ended.results_in("continue")?;
    ensure!(ended.asked.iter().any(|line| line.starts_with("STREAM FILE \"beep\"")), "no beep: {ended:?}");
    let continued = &[r#"outcome="continued""#];
    stage.engine()?.counts("sentral_agi_sessions_total", continued, 1.0, secs(2)).await?;
    stage.engine()?.counts("sentral_agi_sessions", &[], 0.0, secs(2)).await?;
    for (command, how_often) in [("stream_file", 1.0), ("channel_status", 1.0)] {
        let labels = [format!("command=\"{command}\""), r#"result="done""#.to_owned()];
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        stage.engine()?.counts("sentral_agi_command_duration_seconds_count", &labels, how_often, secs(1)).await?;
    }
    let took = stage.engine()?.metric("sentral_agi_command_duration_seconds_sum", &["stream_file"]).await?;
    ensure!((0.1..2.0).contains(&took), "a sound of 0.1 s took {took}");
    Ok(())
}

async fn without_ari_a_queue_leads_to_the_fallback_and_says_so(stage: &mut Stage) -> Result<()> {
    let at = stage.has_a_door(alone(), "").await?;
    Session::of(&at, "flow/to_one", "1.1", secs(5)).await?.results_in("continue")?;
    says_that_there_is_no_node(stage).await?;
    ensure!(stage.engine()?.is_ready().await, "it can do all that it is there for");
    Ok(())
}

async fn without_ari_an_operator_is_chosen_and_given_back(stage: &mut Stage) -> Result<()> {
    let at = stage.has_a_door(alone(), "").await?;
    let told = Session::of(&at, "select?queue=one&limit=10m", "1.1", secs(5)).await?;
    told.results_in("chosen")?;
    let busy = Session::of(&at, "select?queue=one", "1.2", secs(5)).await?;
    busy.results_in("busy")?;
    let id = told.wrote("SENTRAL_RESERVATION");
    Session::of(&at, &format!("answered?reservation={id}"), "1.3", secs(5)).await?.results_in("answered")?;
    let talks = |state: &serde_json::Value| Ok(entry(state, "operators", "operator", "op1")?["state"] == "talking");
    stage.engine()?.comes_to("he talks", secs(2), talks).await?;
    Session::of(&at, &format!("release?reservation={id}&dialstatus=ANSWER"), "1.1", secs(5))
        .await?
        .results_in("released")?;
    Session::of(&at, "select?queue=one&wait=10s&limit=1s", "1.2", secs(5)).await?.results_in("chosen")?;
    // Nobody says what became of him, and there is no ARI to see it by: his limit passes.
    stage.engine()?.counts("sentral_offers_total", &[r#"outcome="lapsed""#], 1.0, secs(3)).await
}

async fn without_ari_callers_are_served_and_go_on_in_their_dialplan(stage: &mut Stage) -> Result<()> {
    stage.has_a_door(alone(), "").await?;
    let caller = stage.caller().dials(&format!("92{}", &HANDED[1..])).await?;
    caller.hears_asterisk(secs(2)).await?;
    stage.in_the_fallback(&caller, secs(5)).await?;
    ensure!(result_of(stage, &caller).await? == "continue");
    caller.hangs_up()?;
    // Two short tries of a menu, a farewell, and the end.
    let caller = stage.caller().dials(&by_agi(STRICT)).await?;
    caller.is_hung_up(secs(15)).await?;
    stage.engine()?.counts("sentral_calls_total", &[r#"outcome="ended_by_plan""#], 1.0, secs(2)).await
}

async fn without_ari_a_menu_s_queue_is_the_fallback(stage: &mut Stage) -> Result<()> {
    stage.has_a_door(alone(), "").await?;
    let caller = stage.caller().dials(&by_agi(MENU)).await?;
    caller.answered(secs(2)).await?;
    asked(stage, &caller).await?;
    caller.presses('1', ms(0)).await?;
    stage.in_the_fallback(&caller, secs(3)).await?;
    ensure!(result_of(stage, &caller).await? == "continue");
    says_that_there_is_no_node(stage).await?;
    caller.hangs_up()
}

/// What his dialplan finds.
async fn result_of(stage: &Stage, caller: &crate::people::Caller) -> Result<String> {
    let channel = stage.channel_of(caller).await?;
    let found =
        stage.ari.ask("GET", &format!("channels/{channel}/variable"), &[("variable", "SENTRAL_RESULT")]).await?;
    Ok(found["value"].as_str().context("no value")?.to_owned())
}
