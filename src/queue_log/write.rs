//! Lines are put into their file, behind everybody's back.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{sync::mpsc, task::spawn_blocking, time::sleep};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};
use tracing::{error, warn};

use super::Line;

/// Lines that may wait for the disk.
const QUEUE: usize = 8_192;

/// So many are written in one go.
const BATCH: usize = 512;

/// When what could not be written is tried again: once more while we end, too.
const AGAIN: Duration = Duration::from_secs(5);

/// Between two goes: what comes meanwhile is written with the next, so that a busy second takes few.
const PACE: Duration = Duration::from_millis(200);

/// Who reads the log is in our group.
const MODE: u32 = 0o640;

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineFate {
    /// It is in the file.
    Written,
    /// It could not be written yet, and is tried again.
    Late,
    /// It is nowhere: too many waited, or we ended.
    Lost,
}

impl LineFate {
    /// All of them, for metrics.
    pub const ALL: [Self; 3] = [Self::Written, Self::Late, Self::Lost];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Late => "late",
            Self::Lost => "lost",
        }
    }
}

/// Sees what becomes of lines. It must return at once.
pub trait Watch: Send + Sync + 'static {
    /// This became of so many.
    fn lines(&self, what: LineFate, count: usize);
}

/// What the writer is told.
enum Told {
    Line(Line),
    /// The file may have been moved away.
    Reopen,
}

/// Where lines go. When it is dropped, those on their way are written and the writer ends.
pub struct Sink {
    told: mpsc::Sender<Told>,
    watch: Arc<dyn Watch>,
    /// Whether the last one was lost: that is told once, and not of each.
    losing: AtomicBool,
    /// Tells the writer that no more come.
    _last: DropGuard,
}

impl Sink {
    /// Takes a line. It does not wait: when too many do already, this one is lost.
    pub(super) fn keep(&self, line: Line) {
        let lost = self.told.try_send(Told::Line(line)).is_err();
        if lost {
            self.watch.lines(LineFate::Lost, 1);
        }
        if !self.losing.swap(lost, Ordering::Relaxed) && lost {
            warn!("lines of queue_log are lost from now on: too many wait to be written");
        }
    }
}

/// Writes lines until their sink is dropped.
#[derive(Debug)]
pub struct Writer {
    told: mpsc::WeakSender<Told>,
    tasks: TaskTracker,
}

impl Writer {
    /// Starts, within a tokio runtime.
    pub fn start(file: PathBuf, watch: Arc<dyn Watch>) -> (Sink, Self) {
        let (lines, told) = mpsc::channel(QUEUE);
        let tasks = TaskTracker::new();
        let last = CancellationToken::new();
        tasks.spawn(write_all(Log::new(file), told, Arc::clone(&watch), last.clone()));
        let writer = Self { told: lines.downgrade(), tasks };
        (Sink { told: lines, watch, losing: AtomicBool::new(false), _last: last.drop_guard() }, writer)
    }

    /// Opens the file anew: somebody may have moved it away. Where lines wait already, the file is looked at with the next of
    /// them anyway.
    pub fn reopen(&self) {
        if let Some(told) = self.told.upgrade() {
            let _full = told.try_send(Told::Reopen);
        }
    }

    /// Waits until all is written, after the sink was dropped.
    pub async fn ended(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

async fn write_all(mut log: Log, mut told: mpsc::Receiver<Told>, watch: Arc<dyn Watch>, last: CancellationToken) {
    let mut batch = Vec::with_capacity(BATCH);
    while told.recv_many(&mut batch, BATCH).await > 0 {
        let mut lines = Vec::with_capacity(batch.len());
        for told in batch.drain(..) {
            match told {
                Told::Line(line) => lines.push(line),
                Told::Reopen => log.close(),
            }
        }
        let mut late = false;
        loop {
            let count = lines.len();
            let write = move || {
                let error = log.write(&mut lines).err();
                (log, lines, error)
            };
            let error;
            (log, lines, error) = match spawn_blocking(write).await {
                Ok(tried) => tried,
                Err(bug) => {
                    watch.lines(LineFate::Lost, count);
                    return error!(%bug, lost = count, "a bug: queue_log is written no more");
                }
            };
            watch.lines(LineFate::Written, count - lines.len());
            let Some(error) = error else { break };
            let file = log.path.display();
            if told.is_closed() {
                let lost = lines.len() + told.len();
                watch.lines(LineFate::Lost, lost);
                return error!(%file, %error, lost, "queue_log cannot be written, and we end");
            }
            if !std::mem::replace(&mut late, true) {
                watch.lines(LineFate::Late, lines.len());
                warn!(%file, %error, "queue_log cannot be written; its lines wait, and it is tried again");
            }
            // Who ends does not wait for better times: it is tried once more, and that is all.
            let _ends = last.run_until_cancelled(sleep(AGAIN)).await;
        }
        let _ends = last.run_until_cancelled(sleep(PACE)).await;
    }
}

/// The file. It may be Asterisk's own, which writes there, too: what is in it is left alone.
#[derive(Debug)]
pub(super) struct Log {
    path: PathBuf,
    file: Option<File>,
    /// Half a line is at its end.
    torn: bool,
}

impl Log {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, file: None, torn: false }
    }

    /// The next line opens it anew.
    fn close(&mut self) {
        self.file = None;
    }

    /// Writes lines; those that are in the file are taken out. Without any it is opened all the same, so that readers find it.
    pub(super) fn write(&mut self, lines: &mut Vec<Line>) -> io::Result<()> {
        if !self.is_in_its_place() {
            self.close();
        }
        let mut file = match self.file.take() {
            Some(file) => file,
            None => self.open()?,
        };
        let mut text = String::new();
        // What is in front of each line's end, the line included.
        let mut ends = Vec::with_capacity(lines.len());
        if self.torn && !lines.is_empty() {
            text.push('\n');
        }
        for line in lines.iter() {
            text += line.text();
            text.push('\n');
            ends.push(text.len());
        }
        let (written, outcome) = write(&mut file, text.as_bytes());
        let whole = ends.partition_point(|end| *end <= written);
        if written > 0 {
            self.torn = text.as_bytes().get(written - 1) != Some(&b'\n');
        }
        lines.drain(..whole);
        // One that cannot be written is opened anew.
        outcome.map(|()| self.file = Some(file))
    }

    /// Whether its path still leads to the file that is open.
    fn is_in_its_place(&self) -> bool {
        let open = self.file.as_ref().and_then(|file| file.metadata().ok());
        let there = fs::metadata(&self.path).ok();
        open.zip(there).is_some_and(|(open, there)| (open.dev(), open.ino()) == (there.dev(), there.ino()))
    }

    fn open(&mut self) -> io::Result<File> {
        if let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            DirBuilder::new().recursive(true).mode(0o750).create(folder)?;
        }
        let file = OpenOptions::new().read(true).append(true).create(true).mode(MODE).open(&self.path)?;
        // A machine that died while it wrote left half a line: the next begins on a line of its own.
        self.torn = is_torn(&file)?;
        Ok(file)
    }
}

/// Writes as much as can be written: how many bytes that were, and what came in the way.
fn write(file: &mut File, bytes: &[u8]) -> (usize, io::Result<()>) {
    let mut written = 0;
    while written < bytes.len() {
        match file.write(&bytes[written..]) {
            Ok(0) => return (written, Err(io::ErrorKind::WriteZero.into())),
            Ok(more) => written += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (written, Err(error)),
        }
    }
    (written, Ok(()))
}

fn is_torn(file: &File) -> io::Result<bool> {
    let length = file.metadata()?.len();
    let mut last = [0];
    Ok(length > 0 && {
        std::os::unix::fs::FileExt::read_exact_at(file, &mut last, length - 1)?;
        last != *b"\n"
    })
}
