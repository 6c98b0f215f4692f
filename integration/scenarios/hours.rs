//! Hours that somebody overrides, by telephone and over HTTP, and what a restart leaves of that.

use std::fs;

use anyhow::{Result, ensure};
use reqwest::Method;

use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::secs;

scenarios! {
    everywhere: what_a_telephone_closed_stays_closed_when_sentral_is_killed,
        what_was_said_over_http_stays_when_sentral_is_killed, what_cannot_be_written_holds_as_long_as_sentral_lives;
}

/// Busy while the office is closed, rejected while it is open.
const OFFICE: &str = "+4780012301";

/// The code that closes the office, dialled at a telephone of the house.
const LOCK: &str = "8601";

/// The code that takes that back.
const UNLOCK: &str = "8602";

const PLAN: &str = "exchange: test\ntimezone: UTC\nnumbers: {\"+4780012301\": {flow: office}}\n\
    extensions: {601: {flow: lock}, 602: {flow: unlock}}\nhours: {office: {open: [Mo-Su 00:00-24:00]}}\nflows:\n  \
    office: [{hours: {of: office, closed: {hangup: busy}}}, {hangup: rejected}]\n  \
    lock: [{override: {hours: office, to: closed}}, {play: sound:beep}, hangup]\n  \
    unlock: [{override: {hours: office, to: plan}}, {play: sound:beep}, hangup]\n";

/// Whoever calls now meets that.
async fn the_office_is(stage: &mut Stage, open: bool) -> Result<()> {
    let status = stage.caller().dials(OFFICE).await?.refused(secs(5)).await?;
    ensure!(status == if open { 403 } else { 486 }, "{status} where the office should be open: {open}");
    Ok(())
}

async fn dials_a_code(stage: &mut Stage, code: &str) -> Result<()> {
    stage.caller().dials(code).await?.is_hung_up(secs(5)).await.map(drop)
}

async fn is_written(stage: &mut Stage, result: &str) -> Result<()> {
    let result = format!("result=\"{result}\"");
    stage.engine()?.counts("sentral_override_writes_total", &[&result], 1.0, secs(5)).await
}

async fn is_killed_and_starts_again(stage: &mut Stage) -> Result<()> {
    stage.engine()?.is_killed().await?;
    stage.engine()?.starts_again().await
}

async fn what_a_telephone_closed_stays_closed_when_sentral_is_killed(stage: &mut Stage) -> Result<()> {
    stage.sentral(Setup::with_plan(PLAN)).await?;
    the_office_is(stage, true).await?;
    dials_a_code(stage, LOCK).await?;
    the_office_is(stage, false).await?;
    is_written(stage, "written").await?;
    is_killed_and_starts_again(stage).await?;
    the_office_is(stage, false).await?;

    dials_a_code(stage, UNLOCK).await?;
    is_written(stage, "written").await?;
    is_killed_and_starts_again(stage).await?;
    the_office_is(stage, true).await
}

async fn what_was_said_over_http_stays_when_sentral_is_killed(stage: &mut Stage) -> Result<()> {
    stage.sentral(Setup::with_plan(PLAN)).await?;
    let (status, told) = stage.engine()?.asks(Method::PUT, "/api/v1/hours/office?to=closed&for=24h").await?;
    ensure!(status == 200, "overridden with {status}: {}", String::from_utf8_lossy(&told));
    is_written(stage, "written").await?;
    is_killed_and_starts_again(stage).await?;
    the_office_is(stage, false).await?;
    let (status, again) = stage.engine()?.asks(Method::DELETE, "/api/v1/hours/office").await?;
    ensure!(status == 200, "given back with {status}: {}", String::from_utf8_lossy(&again));
    the_office_is(stage, true).await
}

async fn what_cannot_be_written_holds_as_long_as_sentral_lives(stage: &mut Stage) -> Result<()> {
    // A file stands where its folder should be.
    fs::write(stage.corner()?.join("state"), "")?;
    stage.sentral(Setup::with_plan(PLAN)).await?;
    dials_a_code(stage, LOCK).await?;
    is_written(stage, "failed").await?;
    stage.engine()?.says("WARN", "cannot be written", secs(2)).await?;
    the_office_is(stage, false).await?;
    is_killed_and_starts_again(stage).await?;
    the_office_is(stage, true).await
}
