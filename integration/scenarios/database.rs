//! The database: what is wrong with it is told at the start, and it is not used then.

use std::fs;

use anyhow::{Context, Result, ensure};
use reqwest::Method;

use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::secs;

scenarios! {
    everywhere: a_database_that_is_damaged_is_told_and_left_as_it_is, two_sentrals_never_have_one_database;
}

const PLAN: &str = "exchange: test\ntimezone: UTC\nnumbers: {\"+4780012301\": {flow: office}}\n\
    hours: {office: {open: [Mo-Su 00:00-24:00]}}\nflows:\n  \
    office: [{hours: {of: office, closed: {hangup: busy}}}, {hangup: rejected}]\n";

/// Whoever calls now finds the office closed.
async fn the_office_is_closed(stage: &mut Stage) -> Result<()> {
    let status = stage.caller().dials("+4780012301").await?.refused(secs(5)).await?;
    ensure!(status == 486, "{status} where the office should be closed");
    Ok(())
}

async fn a_database_that_is_damaged_is_told_and_left_as_it_is(stage: &mut Stage) -> Result<()> {
    stage.sentral(Setup::with_plan(PLAN)).await?;
    let (status, _) = stage.engine()?.asks(Method::PUT, "/api/v1/hours/office?to=closed").await?;
    ensure!(status == 200, "overridden with {status}");
    the_office_is_closed(stage).await?;
    stage.engine()?.is_told_to_end()?;
    stage.engine()?.has_ended(secs(5)).await?;

    let file = stage.corner()?.join("state").join("sentral.db");
    let good = fs::read(&file)?;
    let mut bad = good.clone();
    bad.get_mut(4_096..4_296).context("the second page")?.fill(0x5a);
    fs::write(&file, &bad)?;
    ensure!(stage.engine()?.starts_again().await.is_err(), "it starts with a damaged database");
    let told = stage.engine()?.words();
    ensure!(told.contains("is damaged (") && told.contains("move all three away"), "{told}");
    ensure!(fs::read(&file)? == bad, "what is damaged is written to");

    fs::write(&file, good)?;
    stage.engine()?.starts_again().await?;
    the_office_is_closed(stage).await
}

async fn two_sentrals_never_have_one_database(stage: &mut Stage) -> Result<()> {
    stage.sentral(Setup::with_plan(PLAN)).await?;
    let mut setup = Setup::with_plan(PLAN).for_application("second");
    setup.settings = format!("database: {}", stage.corner()?.join("state").join("sentral.db").display());
    let refused = stage.another_sentral(setup).await.err().context("both start")?;
    ensure!(format!("{refused:#}").contains("is in use by another Sentral (process"), "{refused:#}");
    let (status, _) = stage.engine()?.asks(Method::PUT, "/api/v1/hours/office?to=closed").await?;
    ensure!(status == 200, "the first one goes on: {status}");
    the_office_is_closed(stage).await
}
