//! Operators who transfer their callers by telephone: who talks with whom then, and that the queue's log tells it as Asterisk's does.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::time::sleep;

use super::entry;
use super::queue_log::{NATIVE_LOG, lines_of};
use crate::house_phone::OwnCall;
use crate::people::answers_after;
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    asterisk ("the stand-in's telephones do not transfer"): a_blind_transfer_is_told_as_asterisk_s_own_queue_tells_it,
        an_attended_transfer_is_told_as_asterisk_s_own_queue_tells_it;
}

/// The queue, here and in `queues.conf`; and what leads to it.
const QUEUE: &str = "moved";
const NUMBER: &str = "+4780012345";
const NATIVE: &str = "9007";

fn setup() -> Setup {
    let plan = "exchange: moved\nnumbers: {\"+47 800 12 345\": {flow: to_moved}}\noperators: {op1: {dial: PJSIP/op1}}\n\
        queues:\n  moved: {operators: [op1], strategy: linear, ring: 15s, wrap_up: 1s, retry: 1s, music: default}\n\
        flows: {to_moved: [{queue: moved}]}\n";
    Setup::with_plan(plan).set("queue_log: {file: queue_log}")
}

/// What `op2` is called by where calls are transferred to.
const TO_OP2: &str = "9102";

/// How an operator transfers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Blind,
    /// He has called whom he transfers to before.
    Attended,
}

/// A caller talks with `op1`, who transfers him to `op2`; they talk, and the caller hangs up. Gives the queue's last line of it.
async fn transferred(stage: &mut Stage, number: &str, how: How) -> Result<Vec<String>> {
    let (first, second) = (stage.times_rung("op1"), stage.times_rung("op2"));
    let before = lines(stage, number)?.len();
    stage.operator("op1", [answers_after(ms(300))]);
    stage.operator("op2", [answers_after(ms(300))]);
    let caller = stage.caller().dials(number).await?;
    let leg = stage.rings("op1", first + 1, secs(5)).await?;
    caller.talks_with(&leg, secs(5)).await?;
    sleep(ms(1_200)).await;
    let own = match how {
        How::Blind => {
            leg.transfers_to(&format!("<sip:{TO_OP2}@{}>", stage.machines()?.asterisk_at()))?;
            None
        }
        How::Attended => {
            let own = OwnCall::dialling(stage.machines()?, "op1", TO_OP2)?;
            leg.transfers_to(&own.refer_to()?)?;
            Some(own)
        }
    };
    let other = stage.rings("op2", second + 1, secs(5)).await?;
    caller.talks_with(&other, secs(5)).await.context("he is with nobody")?;
    // Asterisk leaves it to the telephone to hang up when it is told that it went well: its channel may be gone by then.
    leg.hangs_up()?;
    drop(own);
    if number == NUMBER {
        let done = |state: &Value| Ok(entry(state, "operators", "operator", "op1")?["state"] == "ready");
        stage.engine()?.comes_to("who transferred him wraps up, and is there for the next", secs(5), done).await?;
        caller.talks_with(&other, ms(500)).await?;
    }
    caller.hangs_up()?;
    other.is_over(secs(5)).await?;
    let mut told = Vec::new();
    for _ in 0..40 {
        told = lines(stage, number)?.split_off(before);
        if told.len() >= 3 {
            break;
        }
        sleep(ms(100)).await;
    }
    let events: Vec<&str> = told.iter().filter_map(|line| Some(line.get(4)?.as_str())).collect();
    let transfer = if how == How::Blind { "BLINDTRANSFER" } else { "ATTENDEDTRANSFER" };
    ensure!(events == ["ENTERQUEUE", "CONNECT", transfer], "{told:?}");
    told.pop().context("no lines")
}

/// What the log says of the queue so far.
fn lines(stage: &Stage, number: &str) -> Result<Vec<Vec<String>>> {
    let text = match number {
        NATIVE => stage.container()?.exec(&["sh", "-c", &format!("cat {NATIVE_LOG} || true")])?,
        _ => fs::read_to_string(stage.corner()?.join("queue_log")).unwrap_or_default(),
    };
    Ok(lines_of(&text, QUEUE))
}

/// The last three fields: how long he waited, and talked, and where he stood.
fn times(line: &[String]) -> Result<[u64; 3]> {
    let from = line.len().checked_sub(3).context("too short")?;
    let numbers: Vec<u64> = line[from..].iter().map(|field| field.parse()).collect::<Result<_, _>>()?;
    numbers.try_into().map_err(|had: Vec<u64>| anyhow::anyhow!("{had:?} of {line:?}"))
}

fn are_alike(native: &[String], ours: &[String]) -> Result<()> {
    ensure!(native[2..5] == ours[2..5] && native.len() == ours.len(), "{native:?} is {ours:?} here");
    let ([waited, talked, place], [our_wait, our_talk, our_place]) = (times(native)?, times(ours)?);
    ensure!(place == our_place, "the places: {native:?} and {ours:?}");
    let near = waited.abs_diff(our_wait) <= 2 && talked.abs_diff(our_talk) <= 3;
    ensure!(near, "the times: {native:?} and {ours:?}");
    Ok(())
}

async fn a_blind_transfer_is_told_as_asterisk_s_own_queue_tells_it(stage: &mut Stage) -> Result<()> {
    stage.sentral(setup()).await?;
    let native = transferred(stage, NATIVE, How::Blind).await.context("Asterisk's own")?;
    // Whoever wraps up is not rung.
    sleep(ms(1_500)).await;
    let ours = transferred(stage, NUMBER, How::Blind).await.context("ours")?;
    ensure!(ours[4..7] == ["BLINDTRANSFER", TO_OP2, "internal"], "{ours:?}");
    ensure!(native[4..7] == ours[4..7], "{native:?} is {ours:?} here");
    are_alike(&native, &ours)
}

async fn an_attended_transfer_is_told_as_asterisk_s_own_queue_tells_it(stage: &mut Stage) -> Result<()> {
    stage.sentral(setup()).await?;
    let native = transferred(stage, NATIVE, How::Attended).await.context("Asterisk's own")?;
    sleep(ms(1_500)).await;
    let ours = transferred(stage, NUMBER, How::Attended).await.context("ours")?;
    ensure!(ours[4..6] == ["ATTENDEDTRANSFER", "LINK"], "{ours:?}");
    ensure!(native[4] == ours[4], "{native:?} is {ours:?} here");
    // Asterisk puts its two bridges together, and names the one that is left; ours are of an application, and are linked.
    let ([waited, talked, place], [our_wait, our_talk, our_place]) = (times(&native)?, times(&ours)?);
    ensure!(place == our_place, "the places: {native:?} and {ours:?}");
    ensure!(waited.abs_diff(our_wait) <= 2 && talked.abs_diff(our_talk) <= 3, "the times: {native:?} and {ours:?}");
    Ok(())
}
