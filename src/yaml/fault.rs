//! Mistakes in a plan: where, what is wrong, and what to write instead.

use std::{fmt, ops::Range, sync::Arc};

use serde::Serialize;

use super::{odd, render, secret};

/// At most this many faults of one plan are kept; of the rest only their number is.
const MOST: usize = 100;

/// Of what somebody typed, at most this many characters are repeated to him.
const LONGEST_QUOTE: usize = 60;

/// Bytes of a plan's text.
pub(crate) type Span = Range<usize>;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The plan cannot be used.
    Error,
    /// The plan can be used; somebody may have meant something else.
    Warning,
}

/// Where in a plan's text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Bytes of the text.
    pub span: Range<usize>,
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// How bad it is.
    pub severity: Severity,
    /// Where; `None` when it is in no place of the text (the file is missing or too large).
    pub place: Option<Place>,
    /// What is wrong, in a clause without a full stop.
    pub message: String,
    /// What to write instead, in a clause without a full stop.
    pub remedy: Option<String>,
    /// Other places that have to do with it, and what is there.
    pub related: Vec<(Place, String)>,
}

impl Fault {
    /// An error at a place.
    pub(crate) fn error(span: &Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, Some(span.clone()), message.into())
    }

    /// A warning at a place.
    pub(crate) fn warning(span: &Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, Some(span.clone()), message.into())
    }

    /// An error in no place of the text.
    pub(crate) fn whole(message: impl Into<String>) -> Self {
        Self::new(Severity::Error, None, message.into())
    }

    fn new(severity: Severity, span: Option<Span>, message: String) -> Self {
        Self { severity, place: span.map(unsettled), message, remedy: None, related: Vec::new() }
    }

    /// What to write instead.
    pub(crate) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// Another place that has to do with it.
    pub(crate) fn related(mut self, span: &Span, label: impl Into<String>) -> Self {
        self.related.push((unsettled(span.clone()), label.into()));
        self
    }

    /// What looks right and is not (a quote of a word processor, a blank that is none) is what to mend first.
    fn see(&mut self, text: &str) {
        let place = self.place.as_ref().filter(|_| self.severity == Severity::Error);
        if let Some(remedy) = place.and_then(|place| odd::in_word(text, &place.span, &self.message)) {
            self.remedy = Some(remedy);
        }
    }

    fn start(&self) -> usize {
        self.place.as_ref().map_or(0, |place| place.span.start)
    }
}

/// A place whose line and column are not known yet: [`Faults::new`] finds them.
fn unsettled(span: Span) -> Place {
    Place { line: 0, column: 0, span }
}

/// A plan's text and its name.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) text: String,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl Source {
    pub(crate) fn new(name: &str, text: impl Into<String>) -> Self {
        let text = text.into();
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { name: name.into(), text, lines }
    }

    /// The line that holds a byte, from 0.
    fn line_of(&self, at: usize) -> usize {
        self.lines.partition_point(|start| *start <= at).saturating_sub(1)
    }

    /// Where a line begins; the text's end when there is no such line.
    pub(crate) fn start_of(&self, line: usize) -> usize {
        self.lines.get(line).copied().unwrap_or(self.text.len())
    }

    /// Where a line ends, without what ends it.
    fn end_of(&self, line: usize) -> usize {
        self.text[..self.start_of(line + 1)].trim_end_matches(['\n', '\r']).len()
    }

    /// Makes a place one of this text: inside it, on one line, with line and column.
    fn settle(&self, place: &mut Place) {
        let start = floor(&self.text, place.span.start);
        let line_end = self.end_of(self.line_of(start)).max(start);
        let end = floor(&self.text, place.span.end).clamp(start, line_end);
        let (line, column) = self.line_and_column(start);
        *place = Place { line, column, span: start..end };
    }

    /// The line of a byte and its column in characters, both from 1.
    pub(crate) fn line_and_column(&self, at: usize) -> (usize, usize) {
        let at = floor(&self.text, at);
        let line = self.line_of(at);
        (line + 1, self.text[self.start_of(line)..at].chars().count() + 1)
    }
}

/// The nearest beginning of a character at or before `at`.
pub(crate) fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// All mistakes of a plan: errors first, and each kind in the order of its places.
///
/// Displayed, each is one line: `file:line:column: message; remedy`.
#[derive(Clone)]
pub struct Faults {
    pub(super) source: Arc<Source>,
    list: Vec<Fault>,
    /// How many of them, and of those that were not kept, are errors.
    errors: usize,
    /// Faults that were not kept.
    more: usize,
}

impl Faults {
    /// Puts mistakes in order and finds their lines and columns.
    pub(crate) fn new(source: Source, mut list: Vec<Fault>) -> Self {
        list.sort_by(|a, b| (a.severity, a.start(), &a.message).cmp(&(b.severity, b.start(), &b.message)));
        // What an alias stands for is read once for each place it stands in.
        list.dedup();
        let errors = list.partition_point(|fault| fault.severity == Severity::Error);
        let more = list.len().saturating_sub(MOST);
        list.truncate(MOST);
        for fault in &mut list {
            fault.see(&source.text);
            let related = fault.related.iter_mut().map(|(place, _)| place);
            fault.place.iter_mut().chain(related).for_each(|place| source.settle(place));
        }
        let source = Source { text: secret::hidden(source.text), ..source };
        Self { source: Arc::new(source), list, errors, more }
    }

    /// One mistake that is in no place of the text.
    pub(crate) fn one(file: &str, fault: Fault) -> Self {
        Self::new(Source::new(file, ""), vec![fault])
    }

    /// The file's name.
    pub fn file(&self) -> &str {
        &self.source.name
    }

    /// The mistakes, errors first, and of each kind the first one in the file first.
    pub fn iter(&self) -> std::slice::Iter<'_, Fault> {
        self.list.iter()
    }

    /// How many were found. Looking stops at about a thousand.
    pub fn len(&self) -> usize {
        self.list.len() + self.more
    }

    /// How many of them are errors.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Everything for a person at a terminal: each mistake with the line it is in. `color`: with ANSI colours.
    pub fn render(&self, color: bool) -> String {
        let mut out = String::new();
        for fault in &self.list {
            out += &render::fault(&self.source, fault, color);
            out += "\n\n";
        }
        if self.more > 0 {
            out += &format!("and {} more in {}\n\n", self.more, self.source.name);
        }
        out
    }
}

impl<'a> IntoIterator for &'a Faults {
    type Item = &'a Fault;
    type IntoIter = std::slice::Iter<'a, Fault>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, fault) in self.list.iter().enumerate() {
            if nth > 0 {
                writeln!(f)?;
            }
            write!(f, "{}:", self.source.name)?;
            if let Some(place) = &fault.place {
                write!(f, "{}:{}:", place.line, place.column)?;
            }
            let warning = if fault.severity == Severity::Warning { " warning:" } else { "" };
            write!(f, "{warning} {}", fault.message)?;
            if let Some(remedy) = &fault.remedy {
                write!(f, "; {remedy}")?;
            }
        }
        if self.more > 0 {
            write!(f, "\n{}: and {} more", self.source.name, self.more)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Faults {}

/// Whether a character is none to look at, but says how others are shown.
fn moves(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
}

/// What somebody typed, so that it can stand in a message: short, and nothing in it can move a terminal's cursor.
pub(crate) fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().take(LONGEST_QUOTE).map(|c| if moves(c) { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(LONGEST_QUOTE).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}
