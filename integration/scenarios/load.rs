//! Many at once.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};

use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::CROWD;
use crate::people::answers_after;
use crate::stage::{OPERATORS, Stage};
use crate::time::{Moment, ms, secs};

scenarios! {
    everywhere: sixty_callers_at_once_are_all_served, a_long_line_waits_in_rooms_of_a_few_and_is_found_there;
}

async fn sixty_callers_at_once_are_all_served(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    for n in 1..=OPERATORS {
        stage.operator(&format!("op{n}"), [answers_after(ms(200)).talks_for(secs(1))]);
    }
    let mut callers = Vec::new();
    for _ in 0..60 {
        callers.push(stage.caller().dials(CROWD).await?);
    }
    let begun = Moment::now();
    for caller in &callers {
        let left = secs(60).saturating_sub(Moment::now() - begun);
        caller.is_served(left).await.context("of sixty")?;
    }
    let rung: usize = (1..=OPERATORS).map(|n| stage.times_rung(&format!("op{n}"))).sum();
    ensure!(rung == 60, "sixty callers took {rung} ringings");
    Ok(())
}

/// Who is in each bridge where callers wait.
async fn rooms(stage: &Stage) -> Result<BTreeMap<String, Vec<String>>> {
    let all = stage.ari.ask("GET", "bridges", &[]).await?;
    let waits = |bridge: &&Value| bridge["bridge_type"] == "holding";
    let channels = |bridge: &Value| {
        let mut all: Vec<_> = bridge["channels"].as_array().into_iter().flatten().map(ToString::to_string).collect();
        all.sort();
        all
    };
    let rooms = all.as_array().into_iter().flatten().filter(waits);
    Ok(rooms.map(|room| (room["id"].to_string(), channels(room))).filter(|(_, all)| !all.is_empty()).collect())
}

async fn a_long_line_waits_in_rooms_of_a_few_and_is_found_there(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    for n in 1..=OPERATORS {
        stage.operator(&format!("op{n}"), [answers_after(ms(100))]);
    }
    let mut callers = Vec::new();
    for _ in 0..OPERATORS + 40 {
        callers.push(stage.caller().dials(CROWD).await?);
    }
    stage.engine()?.comes_to("forty wait, the others talk", secs(20), forty_wait).await?;
    // Whoever was rung for may have waited before, and what he left is told a moment later.
    let wait = async {
        while rooms(stage).await?.values().map(Vec::len).sum::<usize>() != 40 {
            sleep(ms(50)).await;
        }
        rooms(stage).await
    };
    let before = timeout(secs(5), wait).await.context("forty are in rooms")??;
    let most = before.values().map(Vec::len).max().unwrap_or_default();
    ensure!(before.len() > 1 && most <= 32, "{most} wait in one room of {}", before.len());
    stage.engine()?.is_killed().await?;
    stage.engine()?.starts_again().await?;
    stage.engine()?.comes_to("forty wait, the others talk", secs(5), forty_wait).await?;
    let after = rooms(stage).await?;
    ensure!(before == after, "they wait elsewhere: {before:?}, then {after:?}");
    for caller in &callers {
        caller.hangs_up()?;
    }
    Ok(())
}

fn forty_wait(state: &Value) -> Result<bool> {
    let calls = |it: &str| state["calls"].as_array().into_iter().flatten().filter(|call| call["state"] == it).count();
    Ok(calls("waiting") == 40 && calls("talking") == OPERATORS)
}
