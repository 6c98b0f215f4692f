//! Everything put together: what is started, in which order, and how it ends.
//!
//! Start: log, plan, listening socket (so that a taken port is told before a call is touched), nodes, engine, reload. The API
//! answers from then on; it says "not ready" until a node is connected and its calls are known.
//!
//! End: the first SIGTERM or Ctrl-C drains, the second stops. Whoever still waits then is taken to the fallback by the dead
//! man's switch, and whoever talks goes on talking; the next life of the engine finds them.

mod ahead;
pub mod demo;
mod house;
mod kept;
mod logs;
mod panics;
mod watch;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc,
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use self::house::{House, Opening};
use crate::{
    dialplan::Plan,
    hooks::Allowed,
    prompts::{Library, Options},
    queue_log,
    runtime::{
        Stopped,
        reload::{self, Loaded, Reloader, Source},
    },
    settings::Settings,
    yaml::Faults,
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
    let library = Library::new(with_cache(settings.prompts));
    let plans = Arc::new(Plans { library, allowed: settings.hooks.allowed.clone() });
    let (path, source) = (settings.dialplan.clone(), Arc::clone(&plans));
    let (content, loaded) = tokio::task::spawn_blocking(move || reload::load(&path, &*source)).await?;
    let loaded = loaded.map_err(|faults| anyhow::anyhow!("the plan cannot be used\n{}", faults.render(false)))?;
    if !loaded.remarks.is_empty() {
        warn!("remarks on the plan\n{}", loaded.remarks);
    }
    let plan = loaded.plan;
    let opening = Opening {
        plan: Arc::clone(&plan),
        plan_file: Some(settings.dialplan.clone()),
        limits: settings.limits,
        listen: settings.listen,
        tokens: settings.tokens,
        public_url: settings.public_url,
        prompts: plans.library.shelf().clone(),
        prompts_ahead: settings.prompts_ahead,
        hooks: settings.hooks,
        nodes: settings.nodes,
        state: Some(settings.state),
        database: Some(settings.database),
        records_keep: settings.records_keep,
        queue_log: settings.queue_log,
        voicemail: settings.voicemail,
        agi: settings.agi,
        narrator: None,
    };
    let mut house = House::open(opening)?;
    info!(version = env!("CARGO_PKG_VERSION"), listen = %house.address, dialplan = %settings.dialplan.display(), "started");
    let reloader = Reloader::new(settings.dialplan, (content, plan), plans, house.desk.clone(), house.told.clone());
    house.keep(reloader.run(asked(hang_ups), house.stop.clone()));
    if let Some(log) = house.queue_log.clone() {
        house.keep(open_anew(signal(SignalKind::hangup())?, log, house.stop.clone()));
    }
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

/// Plans with their prompts. Remarks are for the log, without colours.
struct Plans {
    library: Library,
    /// Servers that the settings allow.
    allowed: Allowed,
}

impl Source for Plans {
    fn load(&self, path: &Path) -> Result<Loaded, Faults> {
        let checked = self.library.load(path)?;
        let remarks = checked.warnings.render(false) + &strangers(&checked.plan, &self.allowed);
        Ok(Loaded { plan: Arc::new(checked.plan), remarks })
    }

    fn files(&self) -> Vec<PathBuf> {
        self.library.files()
    }
}

/// Servers that a plan speaks with and the settings do not allow, a line each.
fn strangers(plan: &Plan, allowed: &Allowed) -> String {
    let strangers = plan.servers().into_iter().filter(|server| !allowed.knows(server));
    let told = strangers.map(|server| {
        format!("`hooks.allow` of the settings does not have {server}: each lookup there fails, and no notification goes there\n")
    });
    told.collect()
}

/// Where nobody says, what was made once is kept in the user's cache folder, if he has one.
fn with_cache(options: Options) -> Options {
    let named = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let of_user = || named("XDG_CACHE_HOME").or_else(|| named("HOME").map(|home| home.join(".cache")));
    Options { cache: options.cache.or_else(|| of_user().map(|folder| folder.join("sentral"))), ..options }
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

/// With every `SIGHUP` the log of queues is opened anew: who turns logs over has moved it away.
async fn open_anew(mut hang_ups: Signal, log: Arc<queue_log::Writer>, stop: CancellationToken) {
    while let Some(Some(())) = stop.run_until_cancelled(hang_ups.recv()).await {
        log.reopen();
    }
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
