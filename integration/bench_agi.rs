//! FastAGI measured: how long Asterisk takes for a command with many sessions at once, when Sentral asks for it and when the
//! simplest server there can be does.
//!
//! Both are measured in one place, on the wire between them and Asterisk, and with the same callers, who dial the same number
//! of the same dialplan and hear the same sounds. They take turns, so that what else the machine does falls on both.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use crate::bench::spread;
use crate::proxy::free_port;
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{Moment, ms, secs};

/// Sessions at once.
const SESSIONS: usize = 200;

/// Sounds of each.
const SOUNDS: usize = 10;

/// Whose turn it is. Who is first in one half is second in the other.
const TURNS: [Who; 4] = [Who::Simplest, Who::Sentral, Who::Sentral, Who::Simplest];

/// The command that is measured: both servers write that variable before each sound.
const COMMAND: &str = "SET VARIABLE \"CHANNEL(language)\"";

/// Every other sound is in another language, so that there is something to write before each.
const LANGUAGES: [&str; 2] = ["no", "en"];

fn languages() -> impl Iterator<Item = &'static str> {
    LANGUAGES.into_iter().cycle().take(SOUNDS)
}

/// What a caller meets: sounds, one after the other.
fn plan() -> String {
    let sounds: String =
        languages().map(|language| format!("{{language: {language}}}, {{play: sound:beep}}, ")).collect();
    format!(
        "exchange: bench\nlanguages: [en, \"no\"]\nnumbers: {{\"+4780012400\": {{channels: 5000, flow: beeps}}}}\n\
         flows:\n  beeps: [{sounds}{{hangup: normal}}]\n"
    )
}

/// Who is at the other end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Simplest,
    Sentral,
}

impl Who {
    fn name(self) -> &'static str {
        match self {
            Self::Simplest => "the simplest server",
            Self::Sentral => "Sentral",
        }
    }
}

/// What was seen on the wire.
#[derive(Default)]
struct Seen {
    /// From each of the measured commands to its reply: that is Asterisk.
    took: Vec<Duration>,
    /// From each reply to the command behind it: that is the server.
    thought: Vec<Duration>,
    /// Commands of any kind.
    commands: usize,
    sessions: usize,
    at_once: usize,
}

impl Seen {
    fn add(&mut self, more: Self) {
        self.took.extend(more.took);
        self.thought.extend(more.thought);
        self.commands += more.commands;
        self.sessions += more.sessions;
        self.at_once = self.at_once.max(more.at_once);
    }
}

/// Measures and prints.
pub async fn run(stage: &mut Stage) -> Result<()> {
    let door = format!("127.0.0.1:{}", free_port()?);
    let limits = "limits: {calls: 1000, new_calls_per_second: 1000}";
    let setup = Setup::with_plan(&plan()).set(limits).set(&format!("agi: {{listen: \"{door}\"}}"));
    stage.sentral(setup).await?;
    let simple = TcpListener::bind("127.0.0.1:0").await?;
    let simplest = simple.local_addr()?.to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = simple.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    println!("\nFastAGI, {SESSIONS} callers of {SOUNDS} sounds at once, by turns; milliseconds, p50 / p95\n");
    println!("| turn | server | `SET VARIABLE` | reply -> next command | samples | commands | sessions at once |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    let (mut simple, mut ours) = (Seen::default(), Seen::default());
    for (turn, who) in TURNS.into_iter().enumerate() {
        let (server, all) =
            if who == Who::Sentral { (door.as_str(), &mut ours) } else { (simplest.as_str(), &mut simple) };
        let seen = measure(stage, server).await.with_context(|| who.name())?;
        print(&(turn + 1).to_string(), who, &seen);
        ensure!(seen.sessions == SESSIONS, "{} sessions, and not {SESSIONS}", seen.sessions);
        ensure!(seen.took.len() >= SESSIONS * SOUNDS, "only {} commands of {SESSIONS} sessions", seen.took.len());
        all.add(seen);
    }
    print("all", Who::Simplest, &simple);
    print("all", Who::Sentral, &ours);
    Ok(())
}

fn print(turn: &str, who: Who, seen: &Seen) {
    println!(
        "| {turn} | {} | {} | {} | {} | {} | {} |",
        who.name(),
        spread(&seen.took),
        spread(&seen.thought),
        seen.took.len(),
        seen.commands,
        seen.at_once
    );
}

/// Everybody calls at once, and one server serves them.
async fn measure(stage: &mut Stage, server: &str) -> Result<Seen> {
    let wire = TcpListener::bind(format!("{}:0", stage.host())).await?;
    let at = wire.local_addr()?.to_string();
    stage.ari.ask("POST", "asterisk/variable", &[("variable", "SENTRAL_AGI"), ("value", &at)]).await?;
    let (seen, server) = (Arc::new(Mutex::new(Seen::default())), server.to_owned());
    let (now, measured) = (Arc::new(AtomicUsize::new(0)), Arc::clone(&seen));
    let wires = tokio::spawn(async move {
        while let Ok((stream, _)) = wire.accept().await {
            let (server, measured, now) = (server.clone(), Arc::clone(&measured), Arc::clone(&now));
            tokio::spawn(async move {
                let at_once = now.fetch_add(1, Ordering::Relaxed) + 1;
                let one = carry(stream, server).await;
                now.fetch_sub(1, Ordering::Relaxed);
                let one = Seen { sessions: 1, at_once, ..one? };
                measured.lock().unwrap_or_else(PoisonError::into_inner).add(one);
                anyhow::Ok(())
            });
        }
    });
    let mut callers = Vec::new();
    for _ in 0..SESSIONS {
        callers.push(stage.caller().dials("914780012400").await?);
        sleep(ms(10)).await;
    }
    for caller in &callers {
        caller.is_hung_up(secs(60)).await?;
    }
    // Until the last session has ended, and Asterisk is at rest for the next.
    sleep(secs(2)).await;
    wires.abort();
    Ok(std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner)))
}

/// What a session waits for.
enum Awaited {
    /// Asterisk's reply, since then; whether it is measured.
    Reply(Moment, bool),
    /// The server's next command, since then.
    Command(Moment),
}

/// Asterisk said something.
fn replied((seen, awaited): &mut (Seen, Option<Awaited>)) {
    let now = Moment::now();
    if let Some(Awaited::Reply(begun, is_measured)) = *awaited {
        seen.took.extend(is_measured.then(|| now - begun));
        *awaited = Some(Awaited::Command(now));
    }
}

/// The server asked for something.
fn asked((seen, awaited): &mut (Seen, Option<Awaited>), line: &str) {
    let now = Moment::now();
    if let Some(Awaited::Command(begun)) = *awaited {
        seen.thought.push(now - begun);
    }
    seen.commands += 1;
    *awaited = Some(Awaited::Reply(now, line.starts_with(COMMAND)));
}

/// Carries one session, and looks at the clock.
async fn carry(asterisk: TcpStream, server: String) -> Result<Seen> {
    let server = TcpStream::connect(server).await?;
    for stream in [&asterisk, &server] {
        stream.set_nodelay(true)?;
    }
    let ((mut from_asterisk, mut to_asterisk), (from_server, mut to_server)) =
        (asterisk.into_split(), server.into_split());
    let state = Arc::new(Mutex::new((Seen::default(), None)));
    let own = Arc::clone(&state);
    tokio::spawn(async move {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = from_asterisk.read(&mut bytes).await {
            replied(&mut own.lock().unwrap_or_else(PoisonError::into_inner));
            if to_server.write_all(&bytes[..count]).await.is_err() {
                break;
            }
        }
    });
    let mut lines = BufReader::new(from_server).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        asked(&mut state.lock().unwrap_or_else(PoisonError::into_inner), &line);
        if to_asterisk.write_all(format!("{line}\n").as_bytes()).await.is_err() {
            break;
        }
    }
    let seen = std::mem::take(&mut state.lock().unwrap_or_else(PoisonError::into_inner).0);
    Ok(seen)
}

/// The simplest server: the same sounds with a variable before each, whatever Asterisk says.
async fn serve(stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    let (from, mut to) = stream.into_split();
    let mut lines = BufReader::new(from).lines();
    while lines.next_line().await?.is_some_and(|line| !line.is_empty()) {}
    let mut ask = async |command: &str| {
        to.write_all(format!("{command}\n").as_bytes()).await?;
        lines.next_line().await?.context("a reply")
    };
    ask("EXEC Answer \",i\"").await?;
    // As Sentral does: the dialplan's ten seconds would take the caller away.
    ask("SET VARIABLE \"TIMEOUT(absolute)\" \"90\"").await?;
    for language in languages() {
        ask(&format!("{COMMAND} \"{language}\"")).await?;
        ask("STREAM FILE \"beep\" \"0123456789*#ABCD\" 0").await?;
    }
    ask("EXEC Hangup \"16\"").await.map(drop)
}
