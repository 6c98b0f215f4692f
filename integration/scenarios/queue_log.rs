//! What is told of queues to those who read Asterisk's log of them, and that Asterisk tells the same.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::time::sleep;

use crate::people::{answers_after, declines_after, silent};
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: an_hour_in_a_queue_is_told_line_by_line;
    asterisk ("the stand-in has no queues of its own"): asterisk_s_own_queue_tells_the_same_hour_in_the_same_lines;
}

/// The queue, here and in `queues.conf`.
const QUEUE: &str = "logged";

/// The number that leads to it; and what is dialled for Asterisk's own.
const NUMBER: &str = "+4780012345";
const NATIVE: &str = "9006";

/// Where Asterisk writes.
pub(super) const NATIVE_LOG: &str = "/var/log/asterisk/queue_log";

const PLAN: &str = "exchange: logged\nnumbers: {\"+47 800 12 345\": {flow: to_logged}}\noperators: {op1: {dial: PJSIP/op1}}\n\
    queues:\n  logged: {operators: [op1], strategy: linear, ring: 15s, wrap_up: 1s, retry: 1s, music: default, \
    max_wait: {after: 6s, go: {hangup: normal}}, exit: {\"5\": {hangup: normal}}}\n\
    flows: {to_logged: [{queue: logged}]}\n";

/// What is to be in a field.
#[derive(Clone, Copy)]
enum Field<'a> {
    /// This.
    Is(&'a str),
    /// A whole number, so many at least and at most.
    Between(u64, u64),
    /// The number of the caller with this place among those who called.
    Caller(usize),
    /// A channel's id.
    Channel,
}

use Field::{Between, Caller, Channel, Is};

/// The lines of [`hour`]: of which caller, the agent, the event, and the data. Times are of a machine that may be busy.
const HOUR: &[(usize, &str, &str, &[Field<'static>])] = &[
    (0, "NONE", "ENTERQUEUE", &[Is(""), Caller(0), Is("1")]),
    (0, "op1", "CONNECT", &[Between(1, 4), Channel, Between(1, 4)]),
    (1, "NONE", "ENTERQUEUE", &[Is(""), Caller(1), Is("1")]),
    (2, "NONE", "ENTERQUEUE", &[Is(""), Caller(2), Is("2")]),
    (2, "NONE", "EXITWITHKEY", &[Is("5"), Is("2"), Is("2"), Between(1, 4)]),
    (1, "NONE", "EXITWITHTIMEOUT", &[Is("1"), Is("1"), Between(6, 8)]),
    (0, "op1", "COMPLETECALLER", &[Between(1, 4), Between(6, 30), Is("1")]),
    (3, "NONE", "ENTERQUEUE", &[Is(""), Caller(3), Is("1")]),
    (3, "op1", "RINGNOANSWER", &[Between(1_000, 3_000)]),
    (3, "op1", "CONNECT", &[Between(2, 6), Channel, Between(0, 2)]),
    (3, "op1", "COMPLETEAGENT", &[Between(2, 6), Between(1, 4), Is("1")]),
    (4, "NONE", "ENTERQUEUE", &[Is(""), Caller(4), Is("1")]),
    (4, "op1", "RINGCANCELED", &[Between(1_200, 4_000)]),
    (4, "NONE", "ABANDON", &[Is("1"), Is("1"), Between(1, 4)]),
];

/// Five callers of `op1`: he talks to the first until the second has waited for too long and the third has left by a key; declines the
/// fourth, whom he talks to then, and lets it ring for the fifth, who gives up. Tells their numbers.
async fn hour(stage: &mut Stage, number: &str) -> Result<Vec<String>> {
    let rung = stage.times_rung("op1");
    stage.operator("op1", [answers_after(ms(1_300)), declines_after(ms(1_300)), answers_after(ms(300)), silent()]);
    let first = stage.caller().dials(number).await?;
    let leg = stage.rings("op1", rung + 1, secs(5)).await?;
    first.talks_with(&leg, secs(5)).await?;
    let second = stage.caller().dials(number).await?;
    second.answered(secs(5)).await?;
    sleep(secs(1)).await;
    let third = stage.caller().dials(number).await?;
    third.presses('5', ms(1_600)).await?;
    third.is_hung_up(secs(5)).await.context("the third leaves by a key")?;
    second.is_hung_up(secs(10)).await.context("the second has waited for too long")?;
    first.hangs_up()?;
    leg.is_hung_up(secs(2)).await?;
    // Whoever wraps up is not rung.
    sleep(ms(2_100)).await;

    let fourth = stage.caller().dials(number).await?;
    stage.rings("op1", rung + 2, secs(5)).await?;
    let leg = stage.rings("op1", rung + 3, secs(8)).await?;
    fourth.talks_with(&leg, secs(5)).await?;
    sleep(ms(1_300)).await;
    leg.hangs_up()?;
    fourth.is_hung_up(secs(3)).await?;
    sleep(ms(2_100)).await;

    let fifth = stage.caller().dials(number).await?;
    let leg = stage.rings("op1", rung + 4, secs(5)).await?;
    sleep(ms(1_500)).await;
    fifth.hangs_up()?;
    leg.is_over(secs(3)).await?;
    Ok([&first, &second, &third, &fourth, &fifth].map(|caller| caller.number.clone()).to_vec())
}

/// The lines of a log that are of that queue, in fields.
pub(super) fn lines_of(text: &str, queue: &str) -> Vec<Vec<String>> {
    let fields = |line: &str| line.split('|').map(str::to_owned).collect::<Vec<_>>();
    text.lines().map(fields).filter(|fields| fields.get(2).is_some_and(|of| of == queue)).collect()
}

/// Waits until there is the last line of that hour.
async fn until_whole(read: impl Fn() -> Result<String>) -> Result<Vec<Vec<String>>> {
    let mut lines = Vec::new();
    for _ in 0..100 {
        lines = lines_of(&read()?, QUEUE);
        if lines.len() >= HOUR.len() {
            break;
        }
        sleep(ms(50)).await;
    }
    Ok(lines)
}

/// Looks at every field of every line.
fn is_that_hour(lines: &[Vec<String>], callers: &[String]) -> Result<()> {
    let shown = lines.iter().map(|line| line.join("|")).collect::<Vec<_>>().join("\n  ");
    ensure!(lines.len() == HOUR.len(), "{} lines, and not {}:\n  {shown}", lines.len(), HOUR.len());
    let mut calls: BTreeMap<usize, &str> = BTreeMap::new();
    let mut before = 0;
    for (line, (caller, agent, event, data)) in lines.iter().zip(HOUR) {
        let told = line.join("|");
        let wrong = |what: &str| format!("{what} of {told}, in\n  {shown}");
        let epoch: u64 = line[0].parse().with_context(|| wrong("the time"))?;
        ensure!(before <= epoch, "{}", wrong("the time"));
        before = epoch;
        let call = line.get(1).with_context(|| wrong("the call"))?;
        ensure!(*calls.entry(*caller).or_insert(call) == call, "{}", wrong("the call"));
        ensure!(line.get(3).is_some_and(|is| is == agent), "{}", wrong("the agent"));
        ensure!(line.get(4).is_some_and(|is| is == event), "{}", wrong("the event"));
        ensure!(line.len() == 5 + data.len(), "{}", wrong("the number of fields"));
        for (at, (is, expected)) in line[5..].iter().zip(*data).enumerate() {
            let is_it = match expected {
                Is(text) => is == text,
                Between(least, most) => is.parse().is_ok_and(|is| (*least..=*most).contains(&is)),
                Caller(which) => callers.get(*which).is_some_and(|number| number == is),
                Channel => !is.is_empty() && !is.contains(' ') && is != call,
            };
            ensure!(is_it, "{}", wrong(&format!("field {} of the data", at + 1)));
        }
    }
    let mut different: Vec<&str> = calls.values().copied().collect();
    different.sort_unstable();
    different.dedup();
    ensure!(different.len() == callers.len(), "callers of one id:\n  {shown}");
    Ok(())
}

fn setup() -> Setup {
    Setup::with_plan(PLAN).set("queue_log: {file: queue_log}")
}

async fn our_lines(stage: &Stage) -> Result<Vec<Vec<String>>> {
    let file = stage.corner()?.join("queue_log");
    until_whole(|| Ok(fs::read_to_string(&file)?)).await
}

async fn an_hour_in_a_queue_is_told_line_by_line(stage: &mut Stage) -> Result<()> {
    stage.sentral(setup()).await?;
    let callers = hour(stage, NUMBER).await?;
    is_that_hour(&our_lines(stage).await?, &callers)?;
    let written = f64::from(u32::try_from(HOUR.len() + 1)?);
    stage.engine()?.counts("sentral_queue_log_lines_total", &[r#"result="written""#], written, secs(5)).await?;
    let file = stage.corner()?.join("queue_log");
    is_turned_over(stage, &file).await
}

/// Who turns logs over moves the file away, and says so.
async fn is_turned_over(stage: &mut Stage, file: &Path) -> Result<()> {
    let first = fs::read_to_string(file)?.lines().next().unwrap_or_default().to_owned();
    ensure!(first.ends_with("|NONE|NONE|NONE|QUEUESTART|"), "it begins with {first}");
    let old = file.with_extension("1");
    fs::rename(file, &old)?;
    stage.engine()?.is_told_to_reload()?;
    let limit = Duration::from_secs(5);
    let anew = async {
        while !file.exists() {
            sleep(ms(20)).await;
        }
    };
    tokio::time::timeout(limit, anew).await.context("the file is not opened anew on SIGHUP")?;
    ensure!(
        fs::read_to_string(&old)?.lines().count() == HOUR.len() + 1,
        "lines came into the file that was moved away"
    );
    Ok(())
}

async fn asterisk_s_own_queue_tells_the_same_hour_in_the_same_lines(stage: &mut Stage) -> Result<()> {
    stage.sentral(setup()).await?;
    let native_callers = hour(stage, NATIVE).await?;
    let read = || stage.container()?.exec(&["cat", NATIVE_LOG]);
    let native = until_whole(read).await?;
    is_that_hour(&native, &native_callers).context("Asterisk's own")?;
    ensure!(our_lines_now(stage)?.is_empty(), "of Asterisk's own queue we tell nothing");

    let callers = hour(stage, NUMBER).await?;
    let ours = our_lines(stage).await?;
    is_that_hour(&ours, &callers).context("ours")?;
    // Both are that hour: then the words, the order and the number of fields are the same, and the times nearly.
    let began = |lines: &[Vec<String>]| lines[0][0].parse::<i64>().map_err(anyhow::Error::from);
    let (native_began, our_began) = (began(&native)?, began(&ours)?);
    for (native, ours) in native.iter().zip(&ours) {
        ensure!(native[2..5] == ours[2..5], "{native:?} is {ours:?} here");
        let apart = (native[0].parse::<i64>()? - native_began) - (ours[0].parse::<i64>()? - our_began);
        ensure!(apart.abs() <= 10, "{apart} s apart: {native:?} and {ours:?}");
    }
    Ok(())
}

fn our_lines_now(stage: &Stage) -> Result<Vec<Vec<String>>> {
    Ok(lines_of(&fs::read_to_string(stage.corner()?.join("queue_log")).unwrap_or_default(), QUEUE))
}
