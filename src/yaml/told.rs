//! Mistakes for programs: editors, continuous integration, whatever reads JSON.

use serde::Serialize;

use super::fault::{Fault, Faults, Place, Severity, Source};

/// A mistake as a program is told of it. Lines and columns are from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// How bad it is.
    pub severity: Severity,
    /// The file's name.
    pub file: String,
    /// Where in it; `None` when it is in no place of the text.
    #[serde(flatten)]
    pub stretch: Option<Stretch>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub remedy: Option<String>,
    /// Other places that have to do with it.
    pub related: Vec<Related>,
}

/// A part of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stretch {
    /// Its line.
    pub line: usize,
    /// Its first column.
    pub column: usize,
    /// The column behind its last one.
    pub end: usize,
}

/// Another place, and what is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Related {
    /// Where, in the same file.
    #[serde(flatten)]
    pub stretch: Stretch,
    /// What is there.
    pub message: String,
}

impl Faults {
    /// The mistakes for a program, in their order, as far as they were kept.
    pub fn told(&self) -> Vec<Told> {
        self.iter().map(|fault| told(&self.source, fault)).collect()
    }
}

fn told(source: &Source, fault: &Fault) -> Told {
    let stretch = |place: &Place| {
        let long = source.text.get(place.span.clone()).map_or(0, |text| text.chars().count());
        Stretch { line: place.line, column: place.column, end: place.column + long }
    };
    let related = fault.related.iter();
    Told {
        severity: fault.severity,
        file: source.name.clone(),
        stretch: fault.place.as_ref().map(stretch),
        message: fault.message.clone(),
        remedy: fault.remedy.clone(),
        related: related.map(|(at, label)| Related { stretch: stretch(at), message: label.clone() }).collect(),
    }
}
