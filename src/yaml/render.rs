//! Faults as a person reads them at a terminal.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Level, Origin, Renderer, Snippet};

use super::fault::{Fault, Place, Severity, Source, floor};

/// Places further apart than this are not shown in one piece of the text.
const FARTHEST: usize = 8 * 1024;

/// Of a longer piece of the text, only what is this near to the place is looked at: cutting a line to the terminal's width
/// takes a time that grows with the line.
const NEAREST: usize = 400;

/// How wide a terminal is taken to be; longer lines are cut around the place.
const WIDTH: usize = 140;

/// One fault with the lines it is about.
pub(crate) fn fault(source: &Source, fault: &Fault, color: bool) -> String {
    let level = match fault.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = level.primary_title(fault.message.as_str()).elements(pieces(source, fault));
    if let Some(remedy) = &fault.remedy {
        group = group.element(Level::HELP.message(remedy.as_str()));
    }
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(WIDTH).render(&[group]).clone()
}

/// The piece of text around a fault, and a note for each related place that is too far away to be in it.
fn pieces<'a>(source: &'a Source, fault: &'a Fault) -> Vec<Element<'a>> {
    let Some(place) = &fault.place else {
        return vec![Origin::path(source.name.as_str()).into()];
    };
    let near = |other: &Place| other.span.start.abs_diff(place.span.start) <= FARTHEST;
    let shown: Vec<&(Place, String)> = fault.related.iter().filter(|(other, _)| near(other)).collect();
    let places = || shown.iter().map(|(other, _)| other).chain([place]);
    let first = places().map(|place| place.line - 1).min().unwrap_or(0);
    let last = places().map(|place| place.line).max().unwrap_or(1);
    let whole = source.start_of(first)..source.start_of(last);
    let cut = whole.len() > 2 * FARTHEST;
    let window = if cut { around(source, place) } else { whole };

    let inside = |place: &Place| window.start <= place.span.start && place.span.end <= window.end;
    let span = |place: &Place| place.span.start - window.start..place.span.end - window.start;
    let others = shown.iter().filter(|(other, _)| inside(other));
    let snippet = Snippet::source(&source.text[window.clone()])
        .line_start(if cut { place.line } else { first + 1 })
        .annotation(AnnotationKind::Primary.span(span(place)))
        .annotations(others.map(|(other, label)| AnnotationKind::Context.span(span(other)).label(label.as_str())));
    let far = fault.related.iter().filter(|(other, _)| !near(other) || !inside(other));
    let notes = far.map(|(other, label)| Level::NOTE.message(format!("line {}: {label}", other.line)).into());

    let name = source.name.as_str();
    let head: Vec<Element<'a>> = if cut {
        // The column of a piece of a line is not its column in the file.
        vec![Origin::path(name).line(place.line).char_column(place.column).into(), snippet.into()]
    } else {
        vec![snippet.path(name).into()]
    };
    head.into_iter().chain(notes).collect()
}

/// A piece of the line that a place is in.
fn around(source: &Source, place: &Place) -> Range<usize> {
    let line = source.start_of(place.line - 1)..source.start_of(place.line);
    let start = floor(&source.text, place.span.start.saturating_sub(NEAREST)).max(line.start);
    let end = floor(&source.text, place.span.end.saturating_add(NEAREST)).min(line.end);
    start..end.max(place.span.end)
}
