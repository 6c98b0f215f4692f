//! Hours that somebody overrides, by telephone and over HTTP, and what a restart leaves of that.

use anyhow::{Result, ensure};
use reqwest::Method;
use rusqlite::Connection;

use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: what_a_telephone_closed_stays_closed_when_sentral_is_killed,
        what_was_said_over_http_stays_when_sentral_is_killed, what_cannot_be_written_holds_and_is_written_later;
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

/// That many hours stand by hand in the file, soon: what is there is read by the next life.
async fn the_file_has(stage: &mut Stage, by_hand: u32) -> Result<()> {
    let file = stage.corner()?.join("state").join("sentral.db");
    let until = tokio::time::Instant::now() + secs(8);
    loop {
        let found: u32 = Connection::open(&file)?.query_row("SELECT count(*) FROM hours", [], |row| row.get(0))?;
        if found == by_hand {
            return Ok(());
        }
        ensure!(tokio::time::Instant::now() < until, "{found} hours stand by hand in the file, and not {by_hand}");
        tokio::time::sleep(ms(20)).await;
    }
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
    the_file_has(stage, 1).await?;
    is_killed_and_starts_again(stage).await?;
    the_office_is(stage, false).await?;

    dials_a_code(stage, UNLOCK).await?;
    the_file_has(stage, 0).await?;
    is_killed_and_starts_again(stage).await?;
    the_office_is(stage, true).await
}

async fn what_was_said_over_http_stays_when_sentral_is_killed(stage: &mut Stage) -> Result<()> {
    stage.sentral(Setup::with_plan(PLAN)).await?;
    let (status, told) = stage.engine()?.asks(Method::PUT, "/api/v1/hours/office?to=closed&for=24h").await?;
    ensure!(status == 200, "overridden with {status}: {}", String::from_utf8_lossy(&told));
    the_file_has(stage, 1).await?;
    is_killed_and_starts_again(stage).await?;
    the_office_is(stage, false).await?;
    let (status, again) = stage.engine()?.asks(Method::DELETE, "/api/v1/hours/office").await?;
    ensure!(status == 200, "given back with {status}: {}", String::from_utf8_lossy(&again));
    the_office_is(stage, true).await
}

async fn what_cannot_be_written_holds_and_is_written_later(stage: &mut Stage) -> Result<()> {
    stage.sentral(Setup::with_plan(PLAN)).await?;
    // Another program is in the middle of writing.
    let other = Connection::open(stage.corner()?.join("state").join("sentral.db"))?;
    other.execute_batch("BEGIN IMMEDIATE")?;
    dials_a_code(stage, LOCK).await?;
    the_office_is(stage, false).await?;
    stage.engine()?.says("WARN", "cannot be written", secs(8)).await?;
    let late = stage.engine()?.metric("sentral_database_changes_total", &["result=\"late\""]).await?;
    ensure!(late >= 1.0, "{late} are late");
    the_office_is(stage, false).await?;
    other.execute_batch("COMMIT")?;
    the_file_has(stage, 1).await?;
    is_killed_and_starts_again(stage).await?;
    the_office_is(stage, false).await
}
