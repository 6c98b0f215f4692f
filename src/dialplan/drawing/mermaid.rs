//! A chart in the language of Mermaid, which GitHub, GitLab and many editors draw.

use std::fmt::Write as _;

use super::{Chart, Kind};

/// Writes a chart as a flowchart. Nothing that stands in a plan can break it.
pub fn mermaid(chart: &Chart) -> String {
    let mut text = String::from("flowchart TD\n");
    for (at, node) in chart.nodes.iter().enumerate() {
        let lines: Vec<String> = node.lines.iter().map(|line| escaped(line)).collect();
        let (open, close) = match node.kind {
            Kind::Number => ("([", "])"),
            Kind::Flow => ("[[", "]]"),
            Kind::Step => ("[", "]"),
            Kind::Choice => ("{{", "}}"),
            Kind::Queue => ("[(", ")]"),
            Kind::End => ("((", "))"),
        };
        // Writing into a text cannot fail.
        let _ = writeln!(text, "    n{at}{open}\"{}\"{close}", lines.join("<br/>"));
    }
    for arrow in &chart.arrows {
        let label = if arrow.label.is_empty() { String::new() } else { format!("|\"{}\"|", escaped(&arrow.label)) };
        let _ = writeln!(text, "    n{} -->{label} n{}", arrow.from, arrow.to);
    }
    text
}

/// Letters, digits and a few harmless signs as they are, everything else by its code.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() || matches!(c, ' ' | '.' | ',' | '_' | '-' | '+' | ':' | '/') {
            out.push(c);
        } else if c.is_control() {
            out.push('\u{fffd}');
        } else {
            // Writing into a text cannot fail.
            let _ = write!(out, "#{};", u32::from(c));
        }
    }
    out
}
