//! Integration tests: Sentral beside a real Asterisk, with SIPp as callers and operators. Started by `integration/run`.
//!
//! Asterisk and two SIPps (one plays every caller, one every operator's phone) run in docker on a network of their own;
//! Sentral runs as a process of this machine, behind a wire that a scenario may cut. SIPp does the signalling and is
//! steered from here, call by call; sound is sent and counted here. Scenarios read as what people do and what they meet.

#![expect(unreachable_pub, reason = "one binary: what is public is so to the rest of it")]

mod ari;
mod bench;
mod docker;
mod media;
mod people;
mod proxy;
mod scenarios;
mod sentral;
mod stage;
mod time;
mod wire;

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::stage::Stage;
use crate::time::{Moment, secs};

/// A scenario: its claim, where it makes sense, and how it goes.
pub struct Scenario {
    /// `file::claim`.
    pub name: &'static str,
    /// Makes sense on Asterisk 16 too.
    pub on_16: bool,
    /// Needs Sentral; else it tries the stage itself.
    pub with_sentral: bool,
    /// How it goes.
    pub play: Play,
}

/// How a scenario goes.
pub type Play = for<'a> fn(&'a mut Stage) -> Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

/// What the command line asked for.
struct Wish {
    release: u8,
    list: bool,
    bench: bool,
    keep: Option<String>,
    filters: Vec<String>,
}

const USAGE: &str = "usage: integration [--on 22|16] [--list] [--keep DIR] [FILTER...]
       integration bench [waiting] [CALLS_PER_SECOND...]

Plays the scenarios whose name holds one of the filters (all without one) on that Asterisk.
  SENTRAL_BIN      the sentral to test (target/release/sentral or target/debug/sentral, the newer)
  ASTERISK_IMAGE   the Asterisk to test with (sentral-asterisk:22 or :16)";

fn wish() -> Result<Wish> {
    let mut wish = Wish { release: 22, list: false, bench: false, keep: None, filters: Vec::new() };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--on" => wish.release = args.next().context(USAGE)?.parse().context(USAGE)?,
            "--list" => wish.list = true,
            "--keep" => wish.keep = Some(args.next().context(USAGE)?),
            "bench" => wish.bench = true,
            other if other.starts_with('-') => anyhow::bail!(USAGE),
            filter => wish.filters.push(filter.to_owned()),
        }
    }
    Ok(wish)
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let outcome = runtime.context("no runtime").and_then(|runtime| runtime.block_on(run(&wish()?)));
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(wish: &Wish) -> Result<bool> {
    let all = scenarios::all();
    let named = |s: &Scenario| wish.filters.is_empty() || wish.filters.iter().any(|f| s.name.contains(f.as_str()));
    anyhow::ensure!(wish.bench || all.iter().any(named), "no scenario is called so: try --list");
    let scenarios: Vec<&Scenario> = all.iter().filter(|s| named(s) && (wish.release > 18 || s.on_16)).collect();
    if wish.list {
        for scenario in &scenarios {
            println!("{}{}", scenario.name, if scenario.on_16 { "" } else { "  (not on 16)" });
        }
        return Ok(true);
    }
    if scenarios.is_empty() && !wish.bench {
        println!("nothing to play on Asterisk {}", wish.release);
        return Ok(true);
    }

    let label = format!("sentral.integration={}", std::env::var("INTEGRATION_RUN").unwrap_or_default());
    // The future is dropped when a signal comes, and the stage with it: containers, network, processes.
    tokio::select! {
        done = perform(wish, &scenarios, &label) => done,
        signal = stopped() => {
            signal?;
            eprintln!("stopped: tidying up");
            Ok(false)
        }
    }
}

async fn stopped() -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

async fn perform(wish: &Wish, scenarios: &[&Scenario], label: &str) -> Result<bool> {
    // No more phones than are wanted: with many, Asterisk's queue of device states overflows as it starts, and it says so.
    let phones = if wish.bench { stage::PHONES } else { stage::OPERATORS };
    let mut stage = Stage::set_up(wish.release, phones, label).await.context("the stage cannot be set up")?;
    let passed = if wish.bench {
        bench::run(&mut stage, &wish.filters).await.map(|()| true)
    } else {
        Ok(play_all(&mut stage, wish.release, scenarios).await)
    };
    if let Some(to) = &wish.keep {
        stage.keep(Path::new(to))?;
    }
    passed
}

async fn play_all(stage: &mut Stage, release: u8, scenarios: &[&Scenario]) -> bool {
    println!("{} scenarios on Asterisk {release}", scenarios.len());
    let (mut failed, mut skipped) = (Vec::new(), 0);
    for scenario in scenarios {
        if scenario.with_sentral && sentral::binary().is_none() {
            skipped += 1;
            println!("skip  {}: no sentral is built", scenario.name);
            continue;
        }
        let begun = Moment::now();
        let outcome = play(stage, scenario).await;
        let took = (Moment::now() - begun).as_secs_f64();
        match outcome {
            Ok(()) => println!("ok    {} ({took:.1} s)", scenario.name),
            Err(error) => {
                println!("FAIL  {} ({took:.1} s)\n  {error:#}\n{}", scenario.name, stage.evidence());
                failed.push(scenario.name);
            }
        }
    }
    println!("{} passed, {} failed, {skipped} skipped", scenarios.len() - failed.len() - skipped, failed.len());
    for name in &failed {
        println!("  failed: {name}");
    }
    failed.is_empty()
}

async fn play(stage: &mut Stage, scenario: &Scenario) -> Result<()> {
    stage.begin(scenario.name);
    let played = tokio::time::timeout(secs(120), (scenario.play)(stage)).await;
    let played = played.unwrap_or_else(|_elapsed| Err(anyhow::anyhow!("the scenario takes longer than two minutes")));
    // Looked at also after a failure: what is left over often tells why.
    let left = match &played {
        Ok(()) => stage.nothing_is_left(secs(8)).await,
        Err(_) => Ok(()),
    };
    let ended = stage.end().await;
    played.and(left).and(ended)
}
