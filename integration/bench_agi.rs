//! FastAGI measured: how long Asterisk takes for a command with many sessions at once, when Sentral asks for it and when the
//! simplest server there can be does. Both are measured in one place, on the wire between them and Asterisk.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
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

/// The command that is measured: both servers write a variable before each sound.
const COMMAND: &str = "SET VARIABLE";

/// What a caller meets: sounds, one after the other.
fn plan() -> String {
    let sounds = "{play: sound:beep}, ".repeat(SOUNDS);
    format!(
        "exchange: bench\nnumbers: {{\"+4780012400\": {{channels: 5000, flow: beeps}}}}\nflows:\n  beeps: [{sounds}{{hangup: normal}}]\n"
    )
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
    println!("\n| {SESSIONS} sessions at once, by | `{COMMAND}` p50 / p95, ms | samples |\n| --- | --- | --- |");
    for (who, server) in [("the simplest server", simplest.as_str()), ("Sentral", &door)] {
        let took = measure(stage, server).await.with_context(|| who.to_owned())?;
        println!("| {who} | {} | {} |", spread(&took), took.len());
    }
    Ok(())
}

/// Everybody calls at once; how long each command took.
async fn measure(stage: &mut Stage, server: &str) -> Result<Vec<Duration>> {
    let wire = TcpListener::bind(format!("{}:0", stage.host())).await?;
    let at = wire.local_addr()?.to_string();
    stage.ari.ask("POST", "asterisk/variable", &[("variable", "SENTRAL_AGI"), ("value", &at)]).await?;
    let (took, server) = (Arc::new(Mutex::new(Vec::new())), server.to_owned());
    let measured = Arc::clone(&took);
    let wires = tokio::spawn(async move {
        while let Ok((stream, _)) = wire.accept().await {
            tokio::spawn(carry(stream, server.clone(), Arc::clone(&measured)));
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
    wires.abort();
    let took = std::mem::take(&mut *took.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(took)
}

/// Carries one session, and looks at the clock.
async fn carry(asterisk: TcpStream, server: String, took: Arc<Mutex<Vec<Duration>>>) -> Result<()> {
    let server = TcpStream::connect(server).await?;
    for stream in [&asterisk, &server] {
        stream.set_nodelay(true)?;
    }
    let ((mut from_asterisk, mut to_asterisk), (from_server, mut to_server)) =
        (asterisk.into_split(), server.into_split());
    let asked: Arc<Mutex<Option<Moment>>> = Arc::default();
    let since = Arc::clone(&asked);
    tokio::spawn(async move {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = from_asterisk.read(&mut bytes).await {
            if let Some(begun) = since.lock().unwrap_or_else(PoisonError::into_inner).take() {
                took.lock().unwrap_or_else(PoisonError::into_inner).push(Moment::now() - begun);
            }
            if to_server.write_all(&bytes[..count]).await.is_err() {
                break;
            }
        }
    });
    let mut lines = BufReader::new(from_server).lines();
    while let Some(line) = lines.next_line().await? {
        let is_measured = line.starts_with(COMMAND);
        *asked.lock().unwrap_or_else(PoisonError::into_inner) = is_measured.then(Moment::now);
        to_asterisk.write_all(format!("{line}\n").as_bytes()).await?;
    }
    Ok(())
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
    for _ in 0..SOUNDS {
        ask("SET VARIABLE \"TIMEOUT(absolute)\" \"90\"").await?;
        ask("STREAM FILE \"beep\" \"0123456789*#ABCD\" 0").await?;
    }
    ask("EXEC Hangup \"16\"").await.map(drop)
}
