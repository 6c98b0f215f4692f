//! Hours that somebody overrode, in one small file: they are so in the next life of the engine, too.
//!
//! ```json
//! {"hours": {"office": {"open": false, "until": "2026-11-25T17:00:00Z"}}}
//! ```
//!
//! The engine tells all of them whenever one changes, and the last of it is written. What cannot be written holds all the
//! same, as long as the process lives, and is tried again.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::{sync::watch, task::spawn_blocking, time::sleep};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{info, warn};

use super::{Watch, disk};
use crate::{
    dialplan::moment::{time, timestamp},
    domain::Name,
    engine::ByHand,
};

/// When what could not be written is tried again.
const AGAIN: Duration = Duration::from_secs(60);

/// Hours that stand by hand.
type Hours = BTreeMap<Name, ByHand>;

/// The file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    hours: BTreeMap<String, WrittenHours>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenHours {
    open: bool,
    /// `None`: until somebody says otherwise.
    until: Option<Timestamp>,
}

/// Reads what an earlier life wrote. A file that cannot be read is told, and nothing of it counts. It waits for the disk.
pub fn read_hours(path: &Path) -> BTreeMap<Name, ByHand> {
    let read = fs::read(path).and_then(|bytes| parse(&bytes));
    match read {
        Ok(hours) => {
            if !hours.is_empty() {
                let names: Vec<&str> = hours.keys().map(|name| &**name).collect();
                info!(file = %path.display(), hours = names.join(" "), "hours are overridden from an earlier life");
            }
            hours
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Hours::new(),
        Err(error) => {
            warn!(
                file = %path.display(), %error,
                "overridden hours cannot be read: all are as the plan says; override them anew, which writes the file anew"
            );
            Hours::new()
        }
    }
}

fn parse(bytes: &[u8]) -> io::Result<Hours> {
    let written: Written = serde_json::from_slice(bytes)?;
    let read = |(name, hours): (String, WrittenHours)| {
        let until = hours.until.map(|until| time(until).ok_or_else(|| io::Error::other("a time before 1970")));
        Ok((Name::new(&name), ByHand { open: hours.open, until: until.transpose()? }))
    };
    written.hours.into_iter().map(read).collect()
}

fn write(path: &Path, hours: &Hours) -> io::Result<()> {
    let written = |(name, by_hand): (&Name, &ByHand)| {
        (name.to_string(), WrittenHours { open: by_hand.open, until: by_hand.until.map(timestamp) })
    };
    disk::put(path, &serde_json::to_vec(&Written { hours: hours.iter().map(written).collect() })?)
}

/// Writes them down until it is told to stop.
#[derive(Debug)]
pub struct HoursKeeper {
    latest: watch::Sender<Hours>,
    tasks: TaskTracker,
}

impl HoursKeeper {
    /// Starts, within a tokio runtime.
    pub fn start(path: PathBuf, watch: Arc<dyn Watch>, stop: CancellationToken) -> Self {
        let (latest, told) = watch::channel(Hours::new());
        let tasks = TaskTracker::new();
        tasks.spawn(keep(path, told, watch, stop));
        Self { latest, tasks }
    }

    /// These stand by hand now, and no others. It does not wait.
    pub fn keep(&self, hours: BTreeMap<Name, ByHand>) {
        self.latest.send_replace(hours);
    }

    /// Waits until all has ended, after `stop` was cancelled, and the last is written.
    pub async fn ended(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

async fn keep(path: PathBuf, mut told: watch::Receiver<Hours>, watch: Arc<dyn Watch>, stop: CancellationToken) {
    let (mut owed, mut last) = (false, false);
    while !last {
        tokio::select! {
            biased;
            changed = told.changed() => if changed.is_err() { return },
            () = sleep(AGAIN), if owed => {}
            // Once more, and then no more.
            () = stop.cancelled() => if owed { last = true } else { return },
        }
        let hours = told.borrow_and_update().clone();
        let at = path.clone();
        let written =
            spawn_blocking(move || write(&at, &hours)).await.unwrap_or_else(|panic| Err(io::Error::other(panic)));
        watch.hours_written(written.is_ok());
        if let Err(error) = &written {
            warn!(file = %path.display(), %error, "overridden hours cannot be written: they hold until we are started again");
        }
        owed = written.is_err();
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;
    use crate::domain::{NodeId, Time};

    /// Tells whether it was written well, each time.
    struct Ear(mpsc::UnboundedSender<bool>);

    impl Watch for Ear {
        fn not_fetched(&self, _node: NodeId) {}

        fn not_deleted(&self, _node: NodeId) {}

        fn kept(&self, _messages: usize, _bytes: u64) {}

        fn hours_written(&self, well: bool) {
            self.0.send(well).expect("the test listens");
        }

        fn records(&self, _what: crate::store::RecordFate, _count: usize) {}

        fn changes(&self, _what: crate::store::ChangeFate, _count: usize) {}
    }

    fn keeper(path: &Path) -> (HoursKeeper, mpsc::UnboundedReceiver<bool>, CancellationToken) {
        let (ear, heard) = mpsc::unbounded_channel();
        let stop = CancellationToken::new();
        (HoursKeeper::start(path.to_owned(), Arc::new(Ear(ear)), stop.clone()), heard, stop)
    }

    fn hours() -> Hours {
        let until = Some(Time::from_micros(1_795_628_258_000_001));
        [("office", ByHand { open: false, until }), ("shop", ByHand { open: true, until: None })]
            .map(|(name, by_hand)| (Name::new(name), by_hand))
            .into()
    }

    #[tokio::test]
    async fn what_stands_by_hand_is_read_by_the_next_life() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state").join("hours-nordlys.json");
        assert_eq!(read_hours(&path), Hours::new(), "nothing was written yet");
        let (keeper, mut heard, stop) = keeper(&path);
        keeper.keep(hours());
        assert_eq!(heard.recv().await, Some(true));
        assert_eq!(read_hours(&path), hours());

        keeper.keep(Hours::new());
        assert_eq!(heard.recv().await, Some(true));
        assert_eq!(read_hours(&path), Hours::new());
        let left = fs::read_dir(folder.path().join("state")).expect("a folder").count();
        assert_eq!(left, 1, "nothing is left beside it");
        stop.cancel();
        keeper.ended().await;
    }

    #[tokio::test]
    async fn what_was_told_last_is_written_before_the_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("hours.json");
        let (keeper, _heard, stop) = keeper(&path);
        stop.cancel();
        keeper.keep(hours());
        keeper.ended().await;
        assert_eq!(read_hours(&path), hours());
    }

    #[tokio::test(start_paused = true)]
    async fn what_could_not_be_written_is_told_and_tried_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = folder.path().join("state");
        // A file stands where the folder should be.
        fs::write(&state, "").expect("written");
        let path = state.join("hours.json");
        let (keeper, mut heard, _stop) = keeper(&path);
        keeper.keep(hours());
        assert_eq!(heard.recv().await, Some(false));
        fs::remove_file(&state).expect("deleted");
        assert_eq!(heard.recv().await, Some(true), "a minute later");
        assert_eq!(read_hours(&path), hours());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_owed_at_the_end_is_tried_once_more() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = folder.path().join("state");
        fs::write(&state, "").expect("written");
        let path = state.join("hours.json");
        let (keeper, mut heard, stop) = keeper(&path);
        keeper.keep(hours());
        assert_eq!(heard.recv().await, Some(false));
        fs::remove_file(&state).expect("deleted");
        stop.cancel();
        keeper.ended().await;
        assert_eq!(read_hours(&path), hours());
    }

    #[test]
    fn of_a_damaged_file_nothing_counts() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("hours.json");
        let good =
            r#"{"hours":{"office":{"open":false,"until":null},"shop":{"open":true,"until":"2026-11-25T17:00:00Z"}}}"#;
        fs::write(&path, good).expect("written");
        assert_eq!(read_hours(&path).len(), 2);
        let damages = [
            good[..good.len() - 1].to_owned(),
            good.replace("2026", "1926"),
            good.replace("true", "1"),
            good.replace("shop\":{", "shop\":{\"flow\":1,"),
            String::new(),
            "\0\0\0".into(),
        ];
        for damaged in damages {
            fs::write(&path, &damaged).expect("written");
            assert_eq!(read_hours(&path), Hours::new(), "{damaged}");
        }
        fs::remove_file(&path).expect("deleted");
        fs::create_dir(&path).expect("a folder in its place");
        assert_eq!(read_hours(&path), Hours::new());
    }
}
