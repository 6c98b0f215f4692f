//! What is kept of calls that are over.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::ONE;
use crate::people::{answers_after, silent};
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: a_served_call_and_an_abandoned_one_are_told_when_they_are_over;
}

/// Records, when so many are written.
async fn records(stage: &mut Stage, count: u32) -> Result<Vec<Value>> {
    let engine = stage.engine()?;
    engine.counts("sentral_call_records_total", &["result=\"written\""], f64::from(count), secs(5)).await?;
    // The files are written by one, the database by another.
    let until = tokio::time::Instant::now() + secs(5);
    loop {
        let (status, text) = engine.get(&format!("/api/v1/calls?number={}", ONE.trim_start_matches('+')), None).await?;
        ensure!(status == 200, "the records: {status} {text}");
        let page: Value = serde_json::from_str(&text)?;
        let calls = page["calls"].as_array().cloned().unwrap_or_default();
        if calls.len() >= usize::try_from(count)? || tokio::time::Instant::now() > until {
            return Ok(calls);
        }
        tokio::time::sleep(ms(50)).await;
    }
}

fn says(record: &Value, pointer: &str, expected: Value) -> Result<()> {
    ensure!(record.pointer(pointer) == Some(&expected), "{pointer} is not {expected} in {record:#}");
    Ok(())
}

fn is_between(record: &Value, pointer: &str, least: f64, most: f64) -> Result<()> {
    let seconds = record.pointer(pointer).and_then(Value::as_f64);
    ensure!(seconds.is_some_and(|it| (least..=most).contains(&it)), "{pointer} is not {least} to {most} in {record:#}");
    Ok(())
}

async fn a_served_call_and_an_abandoned_one_are_told_when_they_are_over(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(300)), silent()]);
    let served = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    served.talks_with(&leg, secs(3)).await?;
    served.hangs_up()?;
    leg.is_hung_up(secs(1)).await?;
    let calls = records(stage, 1).await?;
    let [record] = calls.as_slice() else { anyhow::bail!("not one record: {calls:#?}") };
    for (pointer, expected) in [
        ("/number", json!(ONE.trim_start_matches('+'))),
        ("/caller/withheld", json!(false)),
        ("/queues/0/left", json!("connected")),
        ("/queues/0/position", json!(1)),
        ("/offers/0/to", json!("op1")),
        ("/offers/0/outcome", json!("answered")),
        ("/talks/0/to", json!("op1")),
        ("/talks/0/ended_by", json!("caller")),
        ("/operator", json!("op1")),
        ("/outcome", json!("served")),
        ("/ended_by", json!("caller")),
        ("/refused", Value::Null),
        ("/adopted", Value::Null),
    ] {
        says(record, pointer, expected)?;
    }
    ensure!(record["caller"]["number"].is_string() && record["channel"].is_string(), "{record:#}");
    is_between(record, "/waited", 0.2, 3.0)?;
    is_between(record, "/talked", 0.0, 10.0)?;

    let abandoned = stage.caller().dials(ONE).await?;
    stage.rings("op1", 2, secs(10)).await?;
    abandoned.hangs_up()?;
    let calls = records(stage, 2).await?;
    let [_, record] = calls.as_slice() else { anyhow::bail!("not two records: {calls:#?}") };
    for (pointer, expected) in [
        ("/queues/0/left", json!("abandoned")),
        ("/offers/0/outcome", json!("caller_left")),
        ("/talks", json!([])),
        ("/operator", Value::Null),
        ("/outcome", json!("abandoned")),
        ("/ended_by", json!("caller")),
    ] {
        says(record, pointer, expected)?;
    }
    Ok(())
}
