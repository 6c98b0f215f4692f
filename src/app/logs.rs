//! The log, which nothing waits for.
//!
//! Lines go to standard error through a thread of their own, a handful at a time: to wake it for each line would cost more
//! than to write the line. When it does not keep up (a full pipe, a slow terminal), lines are left out and their number is
//! told, and calls go on.

use std::{
    fmt,
    io::{self, IsTerminal, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use tracing_subscriber::{
    EnvFilter,
    fmt::{MakeWriter, format::Writer, time::FormatTime},
};

use crate::{
    clock::wall,
    dialplan::moment::timestamp,
    runtime::milestones,
    settings::{Log, LogFormat},
};

/// Lines that may wait.
const LINES: usize = 8_192;

/// How long a line waits for company: half as long as a panic waits for the log. What the engine told last, and nobody was
/// told yet, a panic leaves out.
const COMPANY: Duration = Duration::from_millis(50);

/// How long the end waits for the last lines to be written.
const GRACE: Duration = Duration::from_secs(1);

/// Writes what is left when it is dropped: keep it to the end.
#[derive(Debug)]
pub(super) struct Logs {
    lines: SyncSender<Piece>,
    ended: Receiver<()>,
}

#[derive(Debug)]
enum Piece {
    Line(Vec<u8>),
    End,
}

/// Starts the log; what was logged before is lost.
///
/// # Errors
/// When it was started before, or the filter is none.
pub(super) fn start(log: &Log) -> anyhow::Result<Logs> {
    let filter = EnvFilter::try_new(&log.filter)?;
    let (pen, logs) = open(io::stderr());
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_timer(When).with_writer(pen);
    let started = match log.format {
        LogFormat::Text => builder.with_ansi(io::stderr().is_terminal()).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("the log cannot be started: {error}"))?;
    Ok(logs)
}

fn open(to: impl Write + Send + 'static) -> (Pen, Logs) {
    let (lines, waiting) = sync_channel(LINES);
    let (end, ended) = sync_channel(1);
    let lost = Arc::new(AtomicU64::new(0));
    let pen = Pen { lines: lines.clone(), lost: Arc::clone(&lost) };
    thread::spawn(move || {
        write(to, &waiting, &lost);
        // Nobody may be waiting.
        let _gone = end.send(());
    });
    (pen, Logs { lines, ended })
}

/// A line that cannot be written is lost: there is nobody left to tell.
fn write(mut to: impl Write, waiting: &Receiver<Piece>, lost: &AtomicU64) {
    let mut lines = Vec::new();
    let mut is_over = false;
    while !is_over {
        is_over = !collect(waiting, &mut lines);
        let _unwritten = to.write_all(&lines);
        lines.clear();
        let lost = lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let _unwritten = writeln!(to, "{lost} log lines are left out: standard error does not keep up");
        }
    }
    let _unwritten = to.flush();
}

/// Waits for a line, and a while for others; false when none will come any more.
fn collect(waiting: &Receiver<Piece>, lines: &mut Vec<u8>) -> bool {
    let Ok(Piece::Line(first)) = waiting.recv() else { return false };
    lines.extend_from_slice(&first);
    pause();
    // As many as fit into the queue, so that a flood is written too.
    for piece in waiting.try_iter().take(LINES) {
        let Piece::Line(line) = piece else { return false };
        lines.extend_from_slice(&line);
    }
    true
}

#[expect(clippy::disallowed_methods, reason = "this thread is nobody's but the log's")]
fn pause() {
    thread::sleep(COMPANY);
}

impl Drop for Logs {
    fn drop(&mut self) {
        if self.lines.try_send(Piece::End).is_ok() {
            // Whether it came to the end or not, so do we.
            let _late = self.ended.recv_timeout(GRACE);
        }
    }
}

/// When what a line tells came about, to the microsecond.
#[derive(Debug)]
struct When;

impl FormatTime for When {
    fn format_time(&self, line: &mut Writer<'_>) -> fmt::Result {
        write!(line, "{:.6}", timestamp(wall() - milestones::age()))
    }
}

/// What lines are written with.
#[derive(Clone, Debug)]
struct Pen {
    lines: SyncSender<Piece>,
    lost: Arc<AtomicU64>,
}

/// One line on its way.
#[derive(Debug)]
struct Line<'a> {
    pen: &'a Pen,
    text: Vec<u8>,
}

impl<'a> MakeWriter<'a> for Pen {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { pen: self, text: Vec::with_capacity(256) }
    }
}

impl Write for Line<'_> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        if self.pen.lines.try_send(Piece::Line(std::mem::take(&mut self.text))).is_err() {
            self.pen.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError, mpsc};

    use super::*;
    use crate::{
        domain::{NodeId, Time},
        engine::{Fact, Notice},
        runtime::{milestones::Milestones, ready::Readiness},
    };

    /// A place to write to that can be looked at.
    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Page {
        fn text(&self) -> String {
            String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
        }
    }

    impl Write for Page {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).write(text)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn log(pen: &Pen, line: &str) {
        pen.make_writer().write_all(line.as_bytes()).expect("never refused");
    }

    #[test]
    fn a_line_says_when_it_came_about_and_not_when_it_was_told() {
        let page = Page::default();
        let (pen, logs) = open(page.clone());
        let log = tracing_subscriber::fmt().with_timer(When).with_ansi(false).with_writer(pen).finish();
        let at = Time::from_secs(1_700_000_000);
        let notice = Notice { at, call: None, fact: Fact::NodeDown { node: NodeId(0) } };
        let hour = Duration::from_secs(3_600);
        tracing::subscriber::with_default(log, || {
            Milestones::default().tell(&notice, at + hour, &Readiness::new(vec!["pbx".into()]));
            tracing::info!("something else");
        });
        drop(logs);
        let text = page.text();
        let when = |line: &str| line.split(' ').next().and_then(|when| when.parse::<jiff::Timestamp>().ok());
        let times: Vec<jiff::Timestamp> = text.lines().filter_map(when).collect();
        let [told, now] = times[..] else { panic!("two lines: {text}") };
        let apart = now.duration_since(told).unsigned_abs();
        assert!(apart >= hour && apart < hour + Duration::from_secs(60), "{text}");
    }

    #[test]
    fn the_last_lines_are_written_at_the_end() {
        let page = Page::default();
        let (pen, logs) = open(page.clone());
        for line in 0..100 {
            log(&pen, &format!("{line}\n"));
        }
        drop(logs);
        let expected: String = (0..100).map(|line| format!("{line}\n")).collect();
        assert_eq!(page.text(), expected);
    }

    /// Somewhere that takes nothing until it is let go.
    struct Stuck {
        go: mpsc::Receiver<()>,
        page: Page,
    }

    impl Write for Stuck {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            // Let go at the latest when the other end is gone.
            let _gone = self.go.recv();
            self.page.write(text)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn nobody_waits_for_a_stuck_terminal_and_what_is_lost_is_told() {
        let page = Page::default();
        let (let_go, go) = mpsc::channel();
        let (pen, logs) = open(Stuck { go, page: page.clone() });
        // One is in the writer's hand or not yet; the rest fill the queue, and then some are too many.
        for _ in 0..LINES + 10 {
            log(&pen, "line\n");
        }
        drop(let_go);
        // The queue was full when the end was told before; now it empties.
        while logs.lines.try_send(Piece::End).is_err() {
            thread::yield_now();
        }
        logs.ended.recv().expect("the end");
        assert!(page.text().contains(" log lines are left out"), "{}", page.text().lines().count());
    }
}
