//! Integration tests: Sentral beside an Asterisk, with callers and operators. Started by `integration/run`.
//!
//! One suite, two kinds of stage. Beside a real Asterisk two SIPps (one plays every caller, one every operator's phone) do
//! the signalling, in docker on a network of their own, and sound is sent and counted here. The other is the stand-in of
//! `sentral::sim`, in this process. Sentral runs as a process of this machine, behind a wire that a scenario may cut, and
//! scenarios read as what people do and what they meet: they are written once. Where the two differ, the stand-in is wrong.

#![expect(unreachable_pub, reason = "one binary: what is public is so to the rest of it")]

mod ari;
mod bench;
mod bench_agi;
mod docker;
mod ear;
mod fastagi;
mod house_phone;
mod http;
mod machines;
mod media;
mod people;
mod proxy;
mod scenarios;
mod sentral;
mod setup;
mod sipp;
mod stage;
mod telephones;
mod time;
mod toy;
mod wire;

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::process::ExitCode;

use anyhow::{Context, Result};

use futures_util::StreamExt;

use crate::stage::{On, Stage};
use crate::time::{Moment, secs};

/// A scenario: its claim, where it makes sense, and how it goes.
#[derive(Clone)]
pub struct Scenario {
    /// `file::claim`.
    pub name: &'static str,
    /// Makes sense on the stand-in too.
    pub on_toy: bool,
    /// Needs Sentral; else it tries the stage itself.
    pub with_sentral: bool,
    /// Why not everywhere; empty when it is.
    pub why: &'static str,
    /// How it goes.
    pub play: Play,
}

/// How a scenario goes.
pub type Play = for<'a> fn(&'a mut Stage) -> Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

/// What the command line asked for.
struct Wish {
    on: On,
    list: bool,
    bench: bool,
    keep: Option<String>,
    filters: Vec<String>,
}

const USAGE: &str = "usage: integration [--on toy|22|16] [--list] [--keep DIR] [FILTER...]
       integration bench [agi] [hears] [waiting] [CALLS_PER_SECOND...]

Plays the scenarios whose name holds one of the filters (all without one) on that Asterisk; `toy` is the stand-in,
which needs no docker.
  SENTRAL_BIN      the sentral to test (target/release/sentral or target/debug/sentral, the newer)
  ASTERISK_IMAGE   the Asterisk to test with (sentral-asterisk:22 or :16)";

fn wish() -> Result<Wish> {
    let mut wish = Wish { on: On::Asterisk(22), list: false, bench: false, keep: None, filters: Vec::new() };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--on" => wish.on = args.next().as_deref().and_then(On::named).context(USAGE)?,
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
    let there = |s: &Scenario| s.on_toy || wish.on != On::Toy;
    let scenarios: Vec<&Scenario> = all.iter().filter(|s| named(s) && (wish.list || there(s))).collect();
    if wish.list {
        for scenario in &scenarios {
            let why =
                if scenario.on_toy { String::new() } else { format!("  (not on the stand-in: {})", scenario.why) };
            println!("{}{why}", scenario.name);
        }
        return Ok(true);
    }
    if scenarios.is_empty() && !wish.bench {
        println!("nothing to play on {}", wish.on);
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
    let keep = wish.keep.as_deref().map(Path::new);
    if wish.bench {
        let mut stage = Stage::set_up(wish.on, stage::PHONES, label).await.context("the stage cannot be set up")?;
        let measured = bench::run(&mut stage, &wish.filters).await;
        return keep.map_or(Ok(()), |to| stage.keep(to)).and(measured).map(|()| true);
    }
    println!("{} scenarios on {}", scenarios.len(), wish.on);
    let told = match wish.on {
        // Every scenario has a stand-in of its own, so a few are played at a time.
        On::Toy => {
            let plays = scenarios.iter().map(|scenario| async move {
                let mut stage = set_up(On::Toy, label).await?;
                let told = tell(&mut stage, scenario).await;
                keep.map_or(Ok(()), |to| stage.keep(to)).map(|()| told)
            });
            futures_util::stream::iter(plays).buffer_unordered(AT_A_TIME).collect::<Vec<_>>().await
        }
        On::Asterisk(_) => {
            let mut stage = set_up(wish.on, label).await?;
            let mut told = Vec::new();
            for scenario in scenarios {
                told.push(Ok(tell(&mut stage, scenario).await));
            }
            keep.map_or(Ok(()), |to| stage.keep(to))?;
            told
        }
    };
    sum_up(told.into_iter().collect::<Result<_>>()?)
}

/// How many scenarios are played at the same time, each on a stand-in of its own.
const AT_A_TIME: usize = 4;

async fn set_up(on: On, label: &str) -> Result<Stage> {
    // No more phones than are wanted: with many, Asterisk's queue of device states overflows as it starts, and it says so.
    Stage::set_up(on, stage::TELEPHONES, label).await.context("the stage cannot be set up")
}

/// How a scenario went.
enum Told {
    Passed,
    Failed(&'static str),
    Skipped,
}

/// Plays a scenario and says how it went.
async fn tell(stage: &mut Stage, scenario: &Scenario) -> Told {
    if scenario.with_sentral && sentral::binary().is_none() {
        println!("skip  {}: no sentral is built", scenario.name);
        return Told::Skipped;
    }
    let begun = Moment::now();
    let outcome = play(stage, scenario).await;
    let took = (Moment::now() - begun).as_secs_f64();
    match outcome {
        Ok(()) => {
            println!("ok    {} ({took:.1} s)", scenario.name);
            Told::Passed
        }
        Err(error) => {
            println!("FAIL  {} ({took:.1} s)\n  {error:#}\n{}", scenario.name, stage.evidence());
            Told::Failed(scenario.name)
        }
    }
}

/// Whether all is well. What could not be played is not well.
fn sum_up(told: Vec<Told>) -> Result<bool> {
    let (mut passed, mut skipped, mut failed) = (0, 0, Vec::new());
    for told in told {
        match told {
            Told::Passed => passed += 1,
            Told::Skipped => skipped += 1,
            Told::Failed(name) => failed.push(name),
        }
    }
    println!("{passed} passed, {} failed, {skipped} skipped", failed.len());
    for name in &failed {
        println!("  failed: {name}");
    }
    anyhow::ensure!(skipped == 0, "build sentral, or set SENTRAL_BIN");
    Ok(failed.is_empty())
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
