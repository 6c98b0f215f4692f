//! A plan that is edited comes into force by itself; a broken one does not.
//!
//! The plan's folder is watched, not its file: editors and deployments put a new file in the place of the old one. What
//! counts is the content: a file that was touched is no new plan. `SIGHUP` asks for the same, whether it changed or not.

use std::{
    cell::Cell,
    fs::File,
    hash::{DefaultHasher, Hasher},
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use notify_debouncer_full::{
    DebounceEventResult, Debouncer, NoCache, new_debouncer_opt,
    notify::{self, RecommendedWatcher, RecursiveMode},
};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::{Desk, standing::Standing};
use crate::{
    clock::Clock,
    dialplan::Plan,
    metrics::{Metrics, Reload},
    yaml::Faults,
};

/// Whoever saves a file writes it in several steps; it is read when nothing happened for this long.
const QUIET: Duration = Duration::from_millis(300);

/// A plan and what was remarked about it.
#[derive(Debug)]
pub struct Loaded {
    /// The plan.
    pub plan: Arc<Plan>,
    /// What is allowed and looks like a mistake; for people, empty when there is nothing.
    pub remarks: String,
}

/// Reads and checks a plan; an error holds every mistake.
pub type Load = fn(&Path) -> Result<Loaded, Faults>;

/// Watches a plan's file.
#[derive(Debug)]
pub struct Reloader {
    path: PathBuf,
    load: Load,
    desk: Desk,
    told: Told,
    /// Of the content last read, whether it was a good plan or not; `None` when it could not be read.
    seen: Option<u64>,
}

/// Those who are told how a plan was met.
#[derive(Clone, Debug)]
pub struct Told {
    /// Numbers.
    pub metrics: Arc<Metrics>,
    /// How the plan stands.
    pub standing: Arc<Standing>,
    /// When.
    pub clock: Arc<Clock>,
}

/// Why a plan is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Changed,
    Asked,
}

impl Reloader {
    /// For the plan that is in force, which was read when the file had this content: [`fingerprint`] is taken before the plan
    /// is read, so that no change between the two is missed.
    pub fn new(path: PathBuf, content: Option<u64>, load: Load, desk: Desk, told: Told) -> Self {
        Self { path, load, desk, told, seen: content }
    }

    /// Runs until it is told to stop. Everything in `asked` is a `SIGHUP`.
    pub async fn run(mut self, mut asked: mpsc::Receiver<()>, stop: CancellationToken) {
        let changed = Arc::new(Notify::new());
        let watch = watch(&self.path, &changed);
        if let Err(error) = &watch {
            warn!(%error, "the plan's folder cannot be watched; send SIGHUP when the plan has changed");
        }
        loop {
            let why = tokio::select! {
                () = stop.cancelled() => return,
                () = changed.notified() => Why::Changed,
                Some(()) = asked.recv() => Why::Asked,
            };
            self = self.look(why).await;
        }
    }

    /// Reads the file, away from the tasks that must not wait for a disk.
    async fn look(mut self, why: Why) -> Self {
        let (path, load, seen) = (self.path.clone(), self.load, self.seen);
        let read = tokio::task::spawn_blocking(move || reading(|| read(&path, load, seen, why))).await;
        match read {
            Ok(None) => {}
            Ok(Some((seen, plan))) => {
                self.seen = seen;
                self.meet(plan).await;
            }
            Err(error) => error!(%error, "a bug: reading the plan failed; the old plan goes on"),
        }
        self
    }

    async fn meet(&self, read: Result<Loaded, Faults>) {
        let path = self.path.display();
        match read {
            Ok(Loaded { plan, remarks }) => {
                if !remarks.is_empty() {
                    warn!(%path, "the plan is in force, with remarks\n{remarks}");
                }
                if self.desk.put_in_force(plan).await {
                    self.told.metrics.reloaded(Reload::Loaded);
                    self.told.standing.in_force(self.told.clock.now());
                    info!(%path, "the plan was read anew");
                }
            }
            Err(faults) => {
                self.told.metrics.reloaded(Reload::Refused);
                self.told.standing.refused(&faults, self.told.clock.now());
                error!(%path, "the plan is refused and the old one goes on\n{}", faults.render(false));
            }
        }
    }
}

thread_local! {
    static READING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread reads a plan. A panic in it is a bug of the reading alone: the old plan goes on.
pub(crate) fn is_reading() -> bool {
    READING.get()
}

/// Reads something of a plan.
pub(crate) fn reading<T>(read: impl FnOnce() -> T) -> T {
    /// Over when it is dropped, by a panic too.
    struct Over;
    impl Drop for Over {
        fn drop(&mut self) {
            READING.set(false);
        }
    }
    READING.set(true);
    let _over = Over;
    read()
}

/// The plan in the file and its fingerprint; `None` when there is nothing new.
fn read(path: &Path, load: Load, seen: Option<u64>, why: Why) -> Option<(Option<u64>, Result<Loaded, Faults>)> {
    let now = fingerprint(path);
    if why == Why::Changed && now == seen {
        return None;
    }
    Some((now, load(path)))
}

/// What tells one content of a file from another; `None` when it cannot be read. Waits for the disk.
pub fn fingerprint(path: &Path) -> Option<u64> {
    let mut file = File::open(path).ok()?;
    let mut hasher = DefaultHasher::new();
    let mut piece = vec![0; 64 * 1024];
    loop {
        match file.read(&mut piece).ok()? {
            0 => return Some(hasher.finish()),
            length => hasher.write(piece.get(..length).unwrap_or_default()),
        }
    }
}

/// Rings `changed` when something in the plan's folder did. It watches as long as what it returns lives.
fn watch(path: &Path, changed: &Arc<Notify>) -> notify::Result<Debouncer<RecommendedWatcher, NoCache>> {
    let changed = Arc::clone(changed);
    let rings = move |events: DebounceEventResult| {
        // Whoever reads the file is told of too, and we read it when we are rung.
        if events.is_err() || events.is_ok_and(|events| events.iter().any(|event| !event.kind.is_access())) {
            changed.notify_one();
        }
    };
    let config = notify::Config::default();
    let mut debouncer =
        new_debouncer_opt::<_, RecommendedWatcher, NoCache>(QUIET, None, rings, NoCache::new(), config)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    debouncer.watch(folder, RecursiveMode::NonRecursive)?;
    Ok(debouncer)
}

#[cfg(test)]
mod tests;
