//! Everything put together: what is started, in which order, and how it ends.
//!
//! Start: log, plan, listening socket (so that a taken port is told before a call is touched), nodes, engine, reload. The API
//! answers from then on; it says "not ready" until a node is connected and its calls are known.
//!
//! End: the first SIGTERM or Ctrl-C drains, the second stops. Whoever still waits then is taken to the fallback by the dead
//! man's switch, and whoever talks goes on talking; the next life of the engine finds them.

pub mod demo;
mod house;
mod logs;
mod panics;
mod watch;

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Context;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc,
};
use tracing::{info, warn};

use self::house::{House, Opening};
use crate::{
    dialplan,
    runtime::{
        Stopped,
        reload::{Loaded, Reloader, fingerprint},
    },
    settings::Settings,
};

/// Routes calls until told to stop.
///
/// # Errors
/// What kept it from starting, or a bug that ended it.
pub fn run(settings: Settings) -> anyhow::Result<()> {
    let _logs = logs::start(&settings.log)?;
    panics::end_the_process();
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve(settings))
}

async fn serve(settings: Settings) -> anyhow::Result<()> {
    let mut stops = Stops::new()?;
    let hang_ups = signal(SignalKind::hangup())?;
    let path = settings.dialplan.clone();
    let (content, loaded) = tokio::task::spawn_blocking(move || (fingerprint(&path), load(&path))).await?;
    let loaded = loaded.map_err(|faults| anyhow::anyhow!("the plan cannot be used\n{faults}"))?;
    if !loaded.remarks.is_empty() {
        warn!("remarks on the plan\n{}", loaded.remarks);
    }
    let opening = Opening {
        plan: loaded.plan,
        limits: settings.limits,
        listen: settings.listen,
        tokens: settings.tokens,
        nodes: settings.nodes,
        narrator: None,
    };
    let mut house = House::open(opening)?;
    info!(version = env!("CARGO_PKG_VERSION"), listen = %house.address, dialplan = %settings.dialplan.display(), "started");
    let reloader = Reloader::new(settings.dialplan, content, load, house.desk.clone(), house.metrics.clone());
    house.keep(reloader.run(asked(hang_ups), house.stop.clone()));
    let ended = wind_down(&mut house, &mut stops, settings.drain).await;
    house.close().await;
    ended
}

/// Waits for the first word to stop, and then for the last call, the second word, or the end of patience.
async fn wind_down(house: &mut House, stops: &mut Stops, drain: Duration) -> anyhow::Result<()> {
    tokio::select! {
        stopped = house.engine_ended() => return stopped.map(|_| ()),
        name = stops.next() => info!(signal = name, limit = ?drain, "no new calls from now on; calls in hand may end"),
    }
    house.desk.drain().await;
    tokio::select! {
        stopped = house.engine_ended() => match stopped? {
            Stopped::Drained => info!("no call is left"),
            Stopped::Told => {}
        },
        name = stops.next() => warn!(signal = name, "stopping with calls in hand: Asterisk takes those who wait to the fallback"),
        () = tokio::time::sleep(drain) => warn!("calls are left; Asterisk takes those who wait to the fallback"),
    }
    Ok(())
}

/// Reads and checks a plan, for the log: without colours.
fn load(path: &Path) -> Result<Loaded, String> {
    match dialplan::load(path) {
        Ok(checked) => Ok(Loaded { plan: Arc::new(checked.plan), remarks: checked.warnings.render(false) }),
        Err(faults) => Err(faults.render(false)),
    }
}

/// One question for every `SIGHUP`; several that come while one is answered are one.
fn asked(mut hang_ups: Signal) -> mpsc::Receiver<()> {
    let (ask, asked) = mpsc::channel(1);
    tokio::spawn(async move {
        while hang_ups.recv().await.is_some() {
            if let Err(mpsc::error::TrySendError::Closed(())) = ask.try_send(()) {
                return;
            }
        }
    });
    asked
}

/// Words to stop.
struct Stops {
    terminate: Signal,
    interrupt: Signal,
}

impl Stops {
    fn new() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).context("signals cannot be listened to");
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    /// The next one, by name.
    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}
