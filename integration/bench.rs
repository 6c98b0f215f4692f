//! The job measured on real Asterisk: by Sentral and by Asterisk's own `Queue()`, side by side in the same run.
//!
//! One job: INVITE, answer, a prompt of 0.36 s, key 1 0.6 s after the answer, queue, an operator is offered, answers after 0.1 s,
//! the two talk, the operator hangs up after 0.5 to 1.5 s. Moments are those of SIPp's messages and of packets at the ears.

use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::time::sleep;

use crate::bench_agi;
use crate::docker::docker;
use crate::media::Mouth;
use crate::people::{Caller, Leg, answers_after};
use crate::stage::{PHONES, Stage};
use crate::time::{Moment, ms, secs};

/// Who does the job.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Queue,
    Sentral,
}

impl Side {
    fn name(self) -> &'static str {
        match self {
            Self::Queue => "Queue()",
            Self::Sentral => "Sentral",
        }
    }

    /// Prompt, key, queue of all.
    fn menu(self) -> &'static str {
        match self {
            Self::Queue => "9000",
            Self::Sentral => "+4780012490",
        }
    }

    /// Straight to the queue of ten operators.
    fn few(self) -> &'static str {
        match self {
            Self::Queue => "9004",
            Self::Sentral => "+4780012491",
        }
    }

    /// The same, where who waits hears nothing.
    fn silent(self) -> &'static str {
        match self {
            Self::Queue => "9004",
            Self::Sentral => "+4780012493",
        }
    }

    /// Prompt, key, three operators ringing at once.
    fn together(self) -> &'static str {
        match self {
            Self::Queue => "9005",
            Self::Sentral => "+4780012492",
        }
    }
}

fn plan() -> Result<String> {
    let mut plan = String::from("exchange: bench\ntimezone: Europe/Oslo\nnumbers:\n");
    for (n, flow) in [(490, "menu_all"), (491, "to_few"), (492, "menu_together"), (493, "to_silent")] {
        writeln!(plan, "  \"+47 800 12 {n}\": {{channels: 5000, when_full: busy, flow: {flow}}}")?;
    }
    plan.push_str("operators:\n");
    for n in 1..=PHONES {
        writeln!(plan, "  op{n}: {{dial: PJSIP/op{n}}}")?;
    }
    let names = |count: usize| (1..=count).map(|n| format!("op{n}")).collect::<Vec<_>>().join(", ");
    plan.push_str("queues:\n");
    for (queue, count, strategy, music) in [
        ("everybody", PHONES, "leastrecent", "default"),
        ("few", 10, "leastrecent", "default"),
        ("silent", 10, "leastrecent", "none"),
        ("together", 3, "ringall", "default"),
    ] {
        writeln!(
            plan,
            "  {queue}: {{operators: [{}], strategy: {strategy}, ring: 15s, wrap_up: 0s, retry: 1s, music: {music}, \
             max_wait: {{after: 60m, go: {{flow: sorry}}}}}}",
            names(count)
        )?;
    }
    plan.push_str("flows:\n");
    for (flow, queue) in [("menu_all", "everybody"), ("menu_together", "together")] {
        writeln!(
            plan,
            "  {flow}:\n    - menu: {{play: sound:beeperr, options: {{1: {{queue: {queue}}}}}, timeout: 5s, tries: 3, \
             otherwise: {{queue: {queue}}}}}"
        )?;
    }
    plan.push_str("  to_few: [{queue: few}]\n  to_silent: [{queue: silent}]\n  sorry: [{play: sound:goodbye}, {hangup: normal}]\n");
    Ok(plan)
}

/// What one run of calls gave.
#[derive(Default)]
struct Figures {
    setup: Vec<Duration>,
    key_to_ring: Vec<Duration>,
    caller_hears: Vec<Duration>,
    operator_hears: Vec<Duration>,
    lost: usize,
    calls: usize,
    /// Seconds of CPU of Asterisk and of Sentral.
    cpu: (f64, f64),
}

/// Measures and prints: everything, or what `filters` name: `agi`, calls a second, `hears`, `waiting`, or
/// `silence` (waiting without music).
pub async fn run(stage: &mut Stage, filters: &[String]) -> Result<()> {
    let rates: Vec<f64> = filters.iter().filter_map(|f| f.parse().ok()).collect();
    let everything = filters.is_empty();
    let named = |name: &str| everything || filters.iter().any(|f| f == name);
    let (waiting, silence) = (named("waiting"), named("silence"));
    stage.begin("bench");
    if named("agi") {
        bench_agi::run(stage).await?;
    }
    if filters.len() == 1 && named("agi") {
        return Ok(());
    }
    let mut sides = vec![Side::Queue];
    let ari = stage.ari.host.clone();
    match stage.sentral_with(&plan()?, &ari).await {
        Ok(_) => sides.push(Side::Sentral),
        Err(error) => println!("without Sentral: {error:#}"),
    }
    println!("milliseconds, p50 / p95; CPU in ms of one core per call\n");
    let hears = named("hears");
    let rates = if everything { vec![1.0, 10.0, 25.0, 50.0, 75.0] } else { rates };
    jobs(stage, &sides, hears, &rates).await?;
    if !waiting && !silence {
        return Ok(());
    }
    if waiting {
        println!("\n| waiting | side | operator free -> next INVITE | Sentral, KiB per waiting call | samples |");
        println!("| --- | --- | --- | --- | --- |");
        for callers in [50, 200, 500] {
            for side in &sides {
                hand_over(stage, *side, side.few(), callers).await?;
            }
        }
    }
    if !silence {
        return Ok(());
    }
    // Music takes the cores that the measurement needs, too: without it is seen what grows with the line. Queue() knows no
    // waiting without music, so the module is taken away.
    let name = stage.container()?.name.clone();
    docker(&["exec", &name, "asterisk", "-rx", "module unload res_musiconhold.so"])?;
    println!(
        "\n| waiting in silence | side | operator free -> next INVITE | Sentral, KiB per waiting call | samples |"
    );
    println!("| --- | --- | --- | --- | --- |");
    for callers in [50, 500] {
        for side in &sides {
            hand_over(stage, *side, side.silent(), callers).await?;
        }
    }
    Ok(())
}

async fn jobs(stage: &mut Stage, sides: &[Side], hears: bool, rates: &[f64]) -> Result<()> {
    println!(
        "| job | side | calls | lost | INVITE -> 200 | key -> INVITE | 200 -> caller hears | 200 -> operator hears | Asterisk | Sentral |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for side in sides.iter().filter(|_| hears) {
        for (what, number) in [("one rings", side.menu()), ("three ring", side.together())] {
            let figures = job(stage, number, 1.0, 15, Mouth::Chatters).await?;
            print_job(what, *side, &figures);
        }
    }
    for &rate in rates {
        for side in sides {
            let calls = if rate < 5.0 { 12 } else { (rate * 10.0) as usize };
            let figures = job(stage, side.menu(), rate, calls, Mouth::KeysOnly).await?;
            print_job(&format!("{rate} calls/s"), *side, &figures);
        }
    }
    Ok(())
}

fn print_job(what: &str, side: Side, f: &Figures) {
    let per_call = |seconds: f64| seconds * 1000.0 / f.calls.max(1) as f64;
    println!(
        "| {what} | {} | {} | {} | {} | {} | {} | {} | {:.1} | {:.2} |",
        side.name(),
        f.calls,
        f.lost,
        spread(&f.setup),
        spread(&f.key_to_ring),
        spread(&f.caller_hears),
        spread(&f.operator_hears),
        per_call(f.cpu.0),
        per_call(f.cpu.1)
    );
}

/// The median and what five in a hundred are above, in milliseconds.
pub fn spread(samples: &[Duration]) -> String {
    let mut sorted = samples.to_vec();
    sorted.sort();
    let at = |part: f64| {
        let place = ((sorted.len() as f64 - 1.0) * part).round().max(0.0) as usize;
        sorted.get(place).map_or(f64::NAN, |d| d.as_secs_f64() * 1000.0)
    };
    if sorted.is_empty() { "-".to_owned() } else { format!("{:.1} / {:.1}", at(0.5), at(0.95)) }
}

/// Plays the job `calls` times at that rate.
async fn job(stage: &mut Stage, number: &str, rate: f64, calls: usize, mouth: Mouth) -> Result<Figures> {
    stage.people.begin();
    stage.people.speak(mouth);
    for n in 1..=PHONES {
        stage.operator(&format!("op{n}"), [answers_after(ms(100)).talks_between(ms(500), ms(1500))]);
    }
    let before = cpu(stage)?;
    let begun = Moment::now();
    let mut callers = Vec::new();
    for n in 0..calls {
        let due = Duration::from_secs_f64(n as f64 / rate);
        sleep(due.saturating_sub(Moment::now() - begun)).await;
        let caller = Arc::new(stage.caller().dials(number).await?);
        callers.push(Arc::clone(&caller));
        tokio::spawn(async move { caller.presses('1', ms(600)).await });
    }
    let mut figures = Figures { calls, ..Figures::default() };
    let deadline = Moment::now();
    for caller in &callers {
        let left = secs(20).saturating_sub(Moment::now() - deadline).max(ms(10));
        if caller.is_hung_up(left).await.is_err() {
            figures.lost += 1;
            let last = caller.dialog().and_then(|d| d.messages.last().map(|m| m.start().to_owned()));
            println!("  lost: {} dialled at {:?}, last message {last:?}", caller.number, caller.dialed);
            let pressed = caller.ear.let_go().is_some();
            println!("  a key was pressed: {pressed}; Sentral says {}", said_of(stage, &caller.number).await);
            drop(caller.hangs_up());
        }
    }
    let after = cpu(stage)?;
    figures.cpu = (after.0 - before.0, after.1 - before.1);
    let legs = stage.people.all_ringings();
    for caller in &callers {
        measure(&mut figures, caller, &legs);
    }
    quiet(stage).await?;
    Ok(figures)
}

/// What Sentral knows of a caller who seems lost.
async fn said_of(stage: &mut Stage, number: &str) -> String {
    let Ok(sentral) = stage.engine() else { return "nothing".to_owned() };
    let Ok(state) = sentral.state().await else { return "nothing".to_owned() };
    let calls = state["calls"].as_array().into_iter().flatten();
    calls.filter(|call| call["caller"] == number).map(ToString::to_string).collect()
}

fn measure(figures: &mut Figures, caller: &Caller, legs: &[Leg]) {
    let Some(dialog) = caller.dialog() else { return };
    if let (Some(invite), Some(answer)) = (dialog.sent("INVITE"), dialog.response(200..=299)) {
        figures.setup.push(answer.at - invite.at);
    }
    let mine: Vec<&Leg> =
        legs.iter().filter(|leg| leg.shows().is_ok_and(|from| from.contains(&caller.number))).collect();
    if let (Some(first), Some(let_go)) = (mine.iter().map(|leg| leg.invited).min(), caller.ear.let_go()) {
        figures.key_to_ring.push(first - let_go);
    }
    for leg in mine {
        let answered = leg.dialog().and_then(|d| d.response(200..=299).map(|m| m.at));
        let heard = (caller.ear.heard(leg.ear.voice), leg.ear.heard(caller.ear.voice));
        if let (Some(answered), (Some(by_caller), Some(by_operator))) = (answered, heard) {
            figures.caller_hears.push(by_caller.first - answered);
            figures.operator_hears.push(by_operator.first - answered);
        }
    }
}

/// Ten operators talk, so many wait; then the operators hang up one after the other, and again.
async fn hand_over(stage: &mut Stage, side: Side, number: &str, waiting: usize) -> Result<()> {
    let samples = 60.min(waiting * 4 / 5);
    stage.people.begin();
    stage.people.speak(Mouth::KeysOnly);
    for n in 1..=10 {
        stage.operator(&format!("op{n}"), [answers_after(ms(100))]);
    }
    let mut callers = Vec::new();
    for _ in 0..10 {
        callers.push(stage.caller().dials(number).await?);
        sleep(ms(150)).await;
    }
    sleep(secs(2)).await;
    let empty = memory(stage);
    for n in 0..waiting {
        callers.push(stage.caller().dials(number).await?);
        // Each is sent music every 20 ms from when he came: 25 ms apart, as many would come together.
        sleep(ms(15) + ms(20).mul_f64((n as f64 * 0.618_034).fract())).await;
    }
    sleep(secs(3)).await;
    let full = memory(stage);

    let mut gaps = Vec::new();
    for n in 0..samples {
        // Spread over a second, against the beat of anything that polls once a second.
        sleep(ms(150) + secs(1).mul_f64((n as f64 * 0.618_034).fract())).await;
        let name = format!("op{}", n % 10 + 1);
        let rung = stage.times_rung(&name);
        let leg = stage.rings(&name, rung, secs(2)).await?;
        leg.answered(secs(3)).await?;
        leg.hangs_up()?;
        let next = stage
            .rings(&name, rung + 1, secs(10))
            .await
            .with_context(|| format!("{} with {waiting} waiting", side.name()))?;
        let free = leg.dialog().and_then(|d| d.sent("BYE").map(|m| m.at));
        gaps.extend(free.map(|free| next.invited - free));
    }
    for caller in &callers {
        caller.hangs_up()?;
    }
    quiet(stage).await?;
    let memory = match (side, full, empty) {
        (Side::Sentral, Some(full), Some(empty)) => format!("{:.1}", (full - empty) / waiting as f64),
        _ => "-".to_owned(),
    };
    println!("| {waiting} | {} | {} | {memory} | {} |", side.name(), spread(&gaps), gaps.len());
    Ok(())
}

/// Waits until Asterisk has no call any more.
async fn quiet(stage: &Stage) -> Result<()> {
    let wait = async {
        while !stage.ari.channels().await.is_ok_and(|all| all.is_empty()) {
            sleep(ms(200)).await;
        }
    };
    if tokio::time::timeout(secs(20), wait).await.is_err() {
        stage.ari.sweep().await?;
    }
    sleep(ms(1500)).await;
    Ok(())
}

/// Seconds of CPU used so far by Asterisk and by Sentral.
fn cpu(stage: &mut Stage) -> Result<(f64, f64)> {
    let asterisk = docker(&["inspect", "-f", "{{.State.Pid}}", &stage.container()?.name])?.parse()?;
    let sentral = stage.engine().ok().and_then(|s| s.pid());
    Ok((cpu_of(asterisk).context("Asterisk's CPU")?, sentral.and_then(run_time_of).unwrap_or(0.0)))
}

/// Of a process whose threads live as long as it does, the time that they ran, to the nanosecond: what [`cpu_of`] counts in
/// ticks says little of a process that runs for microseconds at a time.
fn run_time_of(pid: u32) -> Option<f64> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let ran = |thread: std::io::Result<fs::DirEntry>| {
        let text = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<f64>().ok()
    };
    Some(threads.filter_map(ran).sum::<f64>() / 1e9)
}

fn cpu_of(pid: u32) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    // The kernel counts in hundredths of a second on every machine that matters here.
    Some(ticks / 100.0)
}

/// KiB that Sentral holds.
fn memory(stage: &mut Stage) -> Option<f64> {
    let pid = stage.engine().ok()?.pid()?;
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.trim().split(' ').next()?.parse().ok()
}
