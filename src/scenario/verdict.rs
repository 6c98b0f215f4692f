//! What was expected against what happened.

use std::{fmt::Write as _, ops::Range, time::Duration};

use super::{
    happening::{Happening, What},
    read::{Expectation, Test},
    sounds::Sounds,
    stage::Performance,
};
use crate::domain::Time;

/// What lies less than this apart happens at once: which of the two is told first means nothing.
const AT_ONCE: Duration = Duration::from_millis(100);

/// What a test came to.
#[derive(Debug)]
pub struct Verdict {
    began: Time,
    /// Everything that happened, and everything that did not, in the order in which it is told.
    lines: Vec<Line>,
    bugs: Vec<String>,
    sounds: Sounds,
}

#[derive(Debug)]
enum Line {
    /// It happened, and nobody asked.
    Happened(Time, What),
    /// It happened as it was expected to.
    Expected(Time, What),
    /// It was expected, and did not happen then.
    Missing { written: String, line: usize, hint: String },
    /// It happened, and was not to.
    Forbidden { at: Time, what: What, line: usize },
}

/// Judges a performance.
pub fn judge(test: &Test, performance: Performance) -> Verdict {
    let Performance { began, happenings, bugs, sounds, .. } = performance;
    let mut used: Vec<Option<()>> = vec![None; happenings.len()];
    let mut missing: Vec<(usize, Line)> = Vec::new();
    let mut since = began;
    // Behind this happening a missing one is told.
    let mut last = 0;
    for expected in &test.expect {
        let in_order = |at: Time| at + AT_ONCE >= since;
        let in_time = |at: Time| expected.within.is_none_or(|within| at <= began + within);
        let fits = |nth: &usize, it: &Happening| used[*nth].is_none() && it.what.is(&expected.what);
        let all = || happenings.iter().enumerate().filter(|(nth, it)| fits(nth, it));
        if let Some((nth, it)) = all().find(|(_, it)| in_order(it.at) && in_time(it.at)) {
            since = since.max(it.at);
            last = last.max(nth + 1);
            used[nth] = Some(());
            continue;
        }
        let hint = match (all().find(|(_, it)| in_order(it.at)), all().next_back(), expected.within) {
            (Some((_, late)), _, Some(within)) => {
                format!("it does at {}, later than within {}", clock(began, late.at), seconds(within))
            }
            (_, Some((_, early)), _) => format!("it did at {}, before what stands above", clock(began, early.at)),
            (_, None, _) => {
                let is_like = |it: &&Happening| it.what.word == expected.what.word && in_order(it.at);
                let instead = happenings.iter().filter(is_like).find(|it| !expects(test, &it.what));
                let instead =
                    instead.map(|it| format!("; at {} `{}` does", clock(began, it.at), told(&sounds, &it.what)));
                format!("it does not{}", instead.unwrap_or_default())
            }
        };
        let (written, line) = (expected.written.clone(), expected.line);
        missing.push((last, Line::Missing { written, line, hint }));
    }
    let mut lines = Vec::new();
    let mut missing = missing.into_iter().peekable();
    for (nth, it) in happenings.into_iter().enumerate() {
        while let Some((_, line)) = missing.next_if(|(behind, _)| *behind <= nth) {
            lines.push(line);
        }
        lines.push(line(it, used[nth].is_some(), &test.never, began));
    }
    lines.extend(missing.map(|(_, line)| line));
    Verdict { began, lines, bugs, sounds }
}

/// Whether a test expects this somewhere.
fn expects(test: &Test, what: &What) -> bool {
    test.expect.iter().any(|expected| what.is(&expected.what))
}

/// What happened, as a test writes it.
fn told(sounds: &Sounds, what: &What) -> String {
    if what.word == "plays" { format!("plays: {}", sounds.written(&what.of)) } else { what.to_string() }
}

fn line(happening: Happening, expected: bool, never: &[Expectation], began: Time) -> Line {
    let Happening { at, what, .. } = happening;
    let in_time = |rule: &Expectation| rule.within.is_none_or(|within| at <= began + within);
    match never.iter().find(|rule| what.is(&rule.what) && in_time(rule)) {
        Some(rule) => Line::Forbidden { at, what, line: rule.line },
        None if expected => Line::Expected(at, what),
        None => Line::Happened(at, what),
    }
}

impl Line {
    fn is_wrong(&self) -> bool {
        match self {
            Self::Missing { .. } | Self::Forbidden { .. } => true,
            Self::Happened(..) | Self::Expected(..) => false,
        }
    }
}

/// How much of a difference is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// What is around the first line that is not as it should be; long runs of other things are left out.
    First,
    /// All of it.
    Whole,
}

/// So many lines before the first that is not as it should be are told whatever they are, and so many behind it.
const BEFORE: usize = 8;
const BEHIND: usize = 16;

impl Verdict {
    /// Whether everything happened that was to, in order and in time, and nothing that was not to.
    pub fn passed(&self) -> bool {
        self.bugs.is_empty() && !self.lines.iter().any(Line::is_wrong)
    }

    /// The first thing that is not as it should be, in one line.
    pub fn first(&self) -> Option<String> {
        let wrong = self.lines.iter().find_map(|line| match line {
            Line::Missing { written, line, hint } => Some(format!("`{written}` of line {line} should happen; {hint}")),
            Line::Forbidden { at, what, line } => {
                let (what, at) = (told(&self.sounds, what), clock(self.began, *at));
                Some(format!("`{what}` happens at {at}, and by line {line} it never should"))
            }
            Line::Happened(..) | Line::Expected(..) => None,
        });
        wrong.or_else(|| Some(format!("a bug of Sentral: {}", self.bugs.first()?)))
    }

    /// What happened against what was expected, line by line: `=` as expected, `-` expected and missing, `!` not to happen.
    pub fn diff(&self, extent: Extent) -> String {
        let mut out = String::new();
        let around = self.around(extent);
        let lines: Vec<(usize, &Line)> = self.lines.iter().enumerate().collect();
        let is_dull = |(nth, line): &(usize, &Line)| matches!(line, Line::Happened(..)) && !around.contains(nth);
        for piece in abridged(&lines, is_dull) {
            // Writing into a text cannot fail.
            let _ = match piece {
                Piece::One((_, line)) => writeln!(out, "{}", self.line(line)),
                Piece::LeftOut(count) => writeln!(out, "      {:>9}  and {count} more (--full shows them)", "..."),
            };
        }
        for bug in &self.bugs {
            let _ = writeln!(out, "    ! a bug of Sentral: {bug}");
        }
        out
    }

    /// The lines that are told whatever they are.
    fn around(&self, extent: Extent) -> Range<usize> {
        match (extent, self.lines.iter().position(Line::is_wrong)) {
            (Extent::Whole, _) => 0..self.lines.len(),
            (Extent::First, Some(wrong)) => wrong.saturating_sub(BEFORE)..wrong + BEHIND + 1,
            (Extent::First, None) => 0..0,
        }
    }

    fn line(&self, line: &Line) -> String {
        let clock = |at: &Time| clock(self.began, *at);
        let told = |what: &What| told(&self.sounds, what);
        match line {
            Line::Happened(at, what) => format!("      {:>9}  {}", clock(at), told(what)),
            Line::Expected(at, what) => format!("    = {:>9}  {}", clock(at), told(what)),
            Line::Missing { written, line, hint } => {
                format!("    - {:>9}  {written}    <- line {line}: this should happen here; {hint}", "")
            }
            Line::Forbidden { at, what, line } => {
                format!("    ! {:>9}  {}    <- line {line}: this should never happen", clock(at), told(what))
            }
        }
    }
}

/// How long after the call began: `12.3s`.
pub(super) fn clock(began: Time, at: Time) -> String {
    seconds(at.since(began))
}

fn seconds(span: Duration) -> String {
    format!("{:.1}s", span.as_secs_f64())
}

/// Of a long run of things that nobody asked for, so many are told, most of them of its beginning.
const LONGEST_RUN: usize = 16;
const END_OF_RUN: usize = 4;

/// One of many, or how many are left out.
pub(super) enum Piece<'a, T> {
    One(&'a T),
    LeftOut(usize),
}

/// All of them, but of a long run of those that are `dull` only the beginning and the end.
pub(super) fn abridged<T>(all: &[T], dull: impl Fn(&T) -> bool) -> Vec<Piece<'_, T>> {
    let mut pieces = Vec::new();
    for run in all.chunk_by(|a, b| dull(a) && dull(b)) {
        if run.len() <= LONGEST_RUN + 1 {
            pieces.extend(run.iter().map(Piece::One));
            continue;
        }
        let (first, last) = (&run[..LONGEST_RUN - END_OF_RUN], &run[run.len() - END_OF_RUN..]);
        pieces.extend(first.iter().map(Piece::One));
        pieces.push(Piece::LeftOut(run.len() - LONGEST_RUN));
        pieces.extend(last.iter().map(Piece::One));
    }
    pieces
}
