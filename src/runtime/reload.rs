//! A plan that is edited comes into force by itself; a broken one does not.
//!
//! The plan's folder is watched, not its file: editors and deployments put a new file in the place of the old one. What
//! counts is the content, that of prompts and lists beside it included: a file that was touched is no new plan. `SIGHUP` asks for
//! the same, whether it changed or not.

use std::{
    cell::Cell,
    collections::BTreeSet,
    fs::File,
    hash::{DefaultHasher, Hash, Hasher},
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
    dialplan::{Plan, changes},
    metrics::{Metrics, Reload},
    yaml::Faults,
};

/// Whoever saves a file writes it in several steps; it is read when nothing happened for this long.
const QUIET: Duration = Duration::from_millis(300);

/// What watches folders, as long as it lives.
type Watch = Debouncer<RecommendedWatcher, NoCache>;

/// A plan and what was remarked about it.
#[derive(Debug)]
pub struct Loaded {
    /// The plan.
    pub plan: Arc<Plan>,
    /// What is allowed and looks like a mistake; for people, empty when there is nothing.
    pub remarks: String,
}

/// Reads and checks plans.
pub trait Source: Send + Sync {
    /// Reads and checks a plan. Waits for the disk.
    ///
    /// # Errors
    /// Every mistake in it.
    fn load(&self, path: &Path) -> Result<Loaded, Faults>;

    /// The other files that the plan that was read last is made of, whether they are there or not.
    fn files(&self) -> Vec<PathBuf>;
}

/// Watches a plan's file.
pub struct Reloader {
    path: PathBuf,
    source: Arc<dyn Source>,
    desk: Desk,
    told: Told,
    /// The plan that is in force.
    plan: Arc<Plan>,
    /// Of the content last read, whether it was a good plan or not; `None` when it could not be read.
    seen: Option<u64>,
}

impl std::fmt::Debug for Reloader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reloader").field("path", &self.path).field("seen", &self.seen).finish_non_exhaustive()
    }
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
    /// For the plan that is in force, which was read when its files had this content, as [`load`] told.
    pub fn new(
        path: PathBuf,
        (content, plan): (Option<u64>, Arc<Plan>),
        source: Arc<dyn Source>,
        desk: Desk,
        told: Told,
    ) -> Self {
        Self { path, source, desk, told, plan, seen: content }
    }

    /// Runs until it is told to stop. Everything in `asked` is a `SIGHUP`.
    pub async fn run(mut self, mut asked: mpsc::Receiver<()>, stop: CancellationToken) {
        let changed = Arc::new(Notify::new());
        let mut watch = watch(&self.path, &changed);
        if let Err(error) = &watch {
            warn!(%error, "the plan's folder cannot be watched; send SIGHUP when the plan has changed");
        }
        loop {
            watch_too(&mut watch, &self.source.files());
            let why = tokio::select! {
                () = stop.cancelled() => return,
                () = changed.notified() => Why::Changed,
                Some(()) = asked.recv() => Why::Asked,
            };
            // A folder that is new is watched before it is looked into, so that nothing comes between the two.
            watch_too(&mut watch, &self.source.files());
            self = self.look(why).await;
        }
    }

    /// Reads the file, away from the tasks that must not wait for a disk.
    async fn look(mut self, why: Why) -> Self {
        let (path, source, seen) = (self.path.clone(), Arc::clone(&self.source), self.seen);
        let before = Arc::clone(&self.plan);
        let compared = move |loaded: Loaded| (changes::between(&before, &loaded.plan), loaded);
        let read = move || read(&path, &*source, seen, why).map(|(seen, plan)| (seen, plan.map(compared)));
        match tokio::task::spawn_blocking(|| reading(read)).await {
            Ok(None) => {}
            Ok(Some((seen, plan))) => {
                self.seen = seen;
                self.meet(plan).await;
            }
            Err(error) => error!(%error, "a bug: reading the plan failed; the old plan goes on"),
        }
        self
    }

    /// Makes ready what is asked of a plan and what is counted of it, where no call waits for that.
    async fn expect(&self, plan: &Arc<Plan>) {
        let (metrics, plan) = (Arc::clone(&self.told.metrics), Arc::clone(plan));
        let ready = move || {
            plan.look_over();
            metrics.expect(&plan);
        };
        // Without it what is counted begins with its first change.
        let _panicked = tokio::task::spawn_blocking(ready).await;
    }

    /// Puts a plan in force, with what it changes, or tells why not.
    async fn meet(&mut self, read: Result<(Vec<String>, Loaded), Faults>) {
        let path = self.path.display();
        match read {
            Ok((changed, Loaded { plan, remarks })) => {
                if !remarks.is_empty() {
                    warn!(%path, "the plan is in force, with remarks\n{remarks}");
                }
                self.expect(&plan).await;
                if self.desk.put_in_force(Arc::clone(&plan)).await {
                    self.told.metrics.reloaded(Reload::Loaded);
                    info!(%path, "the plan was read anew{}", in_words(&changed));
                    self.told.standing.in_force(changed, self.told.clock.now());
                    self.plan = plan;
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

/// What changed, behind what is said of the plan.
fn in_words(changed: &[String]) -> String {
    if changed.is_empty() { ", and says the same".into() } else { format!("\n{}", changed.join("\n")) }
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
fn read(
    path: &Path,
    source: &dyn Source,
    seen: Option<u64>,
    why: Why,
) -> Option<(Option<u64>, Result<Loaded, Faults>)> {
    let now = fingerprint(path, &source.files());
    if why == Why::Changed && now == seen {
        return None;
    }
    Some(load(path, source))
}

/// Reads a plan: the fingerprint of its files, and what came of them. Waits for the disk.
pub fn load(path: &Path, source: &dyn Source) -> (Option<u64>, Result<Loaded, Faults>) {
    // Taken before it is read, so that no change between the two is missed. Which other files it is made of is known only
    // when it has been read for the first time.
    let plan = content(path);
    let known = source.files();
    let before = together(plan, &known);
    let loaded = source.load(path);
    let files = source.files();
    (if files == known { before } else { together(plan, &files) }, loaded)
}

/// What tells one content of a plan's files from another; `None` when the plan cannot be read. Waits for the disk.
fn fingerprint(path: &Path, others: &[PathBuf]) -> Option<u64> {
    together(content(path), others)
}

fn together(plan: Option<u64>, others: &[PathBuf]) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    hasher.write_u64(plan?);
    for other in others {
        // One that is not there is something, too.
        content(other).hash(&mut hasher);
    }
    Some(hasher.finish())
}

fn content(path: &Path) -> Option<u64> {
    // To open a pipe would be to wait for one who writes.
    let mut file = path.is_file().then(|| File::open(path).ok())??;
    let mut hasher = DefaultHasher::new();
    let mut piece = vec![0; 64 * 1024];
    loop {
        match file.read(&mut piece).ok()? {
            0 => return Some(hasher.finish()),
            length => hasher.write(piece.get(..length).unwrap_or_default()),
        }
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Watches the folders of these files too, as far as they are there. One that was there before may be another one now.
fn watch_too(watch: &mut notify::Result<Watch>, files: &[PathBuf]) {
    let Ok(watch) = watch else { return };
    let folders: BTreeSet<&Path> = files.iter().map(|file| folder_of(file)).collect();
    for folder in folders {
        // What is not there is told by the plan, which names a file in it.
        let _watched = watch.watch(folder, RecursiveMode::NonRecursive);
    }
}

/// Rings `changed` when something in the plan's folder did. It watches as long as what it returns lives.
fn watch(path: &Path, changed: &Arc<Notify>) -> notify::Result<Watch> {
    let changed = Arc::clone(changed);
    let rings = move |events: DebounceEventResult| {
        // Whoever reads the file is told of too, and we read it when we are rung.
        if events.is_err() || events.is_ok_and(|events| events.iter().any(|event| !event.kind.is_access())) {
            changed.notify_one();
        }
    };
    let config = notify::Config::default();
    // It looks whether it was quiet as often as it must, since each look wakes a thread while nobody edits anything.
    let tick = Some(QUIET);
    let mut debouncer =
        new_debouncer_opt::<_, RecommendedWatcher, NoCache>(QUIET, tick, rings, NoCache::new(), config)?;
    debouncer.watch(folder_of(path), RecursiveMode::NonRecursive)?;
    Ok(debouncer)
}

#[cfg(test)]
mod tests;
