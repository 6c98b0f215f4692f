//! A chart as a picture that any browser shows, by day and by night.

use std::fmt::Write as _;

use super::{
    Arrow, Chart, Kind,
    layout::{Layout, layout},
};

/// How wide a letter is, in the mean and a bit more.
const LETTER: f64 = 8.2;
/// How high a line of text is.
const LINE: f64 = 17.0;
/// Between text and border.
const PADDING: f64 = 11.0;
/// Between two layers.
const BETWEEN: f64 = 52.0;
/// Around everything.
const MARGIN: f64 = 20.0;

const STYLE: &str = "\
    svg { background: #ffffff }\n\
    text { font: 13px system-ui, sans-serif; fill: #1f2328; text-anchor: middle }\n\
    .label { font-size: 12px; fill: #57606a; paint-order: stroke; stroke: #ffffff; stroke-width: 4px }\n\
    .title { font-weight: 600 }\n\
    .arrow { fill: none; stroke: #6e7781; stroke-width: 1.4 }\n\
    .head { fill: #6e7781 }\n\
    rect { stroke-width: 1.4; fill: #f6f8fa; stroke: #8c959f }\n\
    .number rect { fill: #ddf4ff; stroke: #0969da }\n\
    .flow rect { fill: #fbefff; stroke: #8250df }\n\
    .choice rect { fill: #fff8c5; stroke: #9a6700 }\n\
    .queue rect { fill: #dafbe1; stroke: #1a7f37 }\n\
    .end rect { fill: #ffebe9; stroke: #cf222e }\n\
    @media (prefers-color-scheme: dark) {\n\
      svg { background: #0d1117 }\n\
      text { fill: #e6edf3 }\n\
      .label { fill: #9198a1; stroke: #0d1117 }\n\
      .arrow { stroke: #8b949e }\n\
      .head { fill: #8b949e }\n\
      rect { fill: #161b22; stroke: #6e7681 }\n\
      .number rect { fill: #0c2d4d; stroke: #388bfd }\n\
      .flow rect { fill: #2b1c46; stroke: #a371f7 }\n\
      .choice rect { fill: #3b2e0a; stroke: #d29922 }\n\
      .queue rect { fill: #12331c; stroke: #3fb950 }\n\
      .end rect { fill: #3d1416; stroke: #f85149 }\n\
    }\n";

/// Draws a chart. `title` is what those hear who do not see it.
pub fn svg(chart: &Chart, title: &str) -> String {
    let widths: Vec<f64> = chart.nodes.iter().map(|node| width(&node.lines)).collect();
    let heights: Vec<f64> = chart.nodes.iter().map(|node| height(&node.lines)).collect();
    let layout = layout(chart, &widths);
    let tops = tops(&layout, &heights);
    let places: Vec<Place> = (0..chart.nodes.len())
        .map(|at| {
            let spot = &layout.spots[at];
            let top = tops[spot.layer].0 + (tops[spot.layer].1 - heights[at]) / 2.0;
            Place { x: MARGIN + spot.x, top, width: widths[at], height: heights[at] }
        })
        .collect();
    let right = places.iter().map(|place| place.x + place.width / 2.0).fold(0.0, f64::max);
    let right = layout.spots.iter().map(|spot| MARGIN + spot.x).fold(right, f64::max) + MARGIN;
    let bottom = tops.last().map_or(0.0, |(top, height)| top + height) + MARGIN;

    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {right:.0} {bottom:.0}\" width=\"{right:.0}\" \
         height=\"{bottom:.0}\" role=\"img\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n\
         <defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" \
         orient=\"auto-start-reverse\"><path class=\"head\" d=\"M0,0 L8,4 L0,8 z\"/></marker></defs>\n",
        escaped(title),
    );
    let mut labels = String::new();
    for (arrow, way) in chart.arrows.iter().zip(&layout.ways) {
        draw_arrow(&mut out, &mut labels, arrow, &points(&layout, &places, &tops, way));
    }
    for (node, place) in chart.nodes.iter().zip(&places) {
        draw_node(&mut out, node.kind, &node.lines, place);
    }
    out + &labels + "</svg>\n"
}

/// Where a node stands.
struct Place {
    /// Its middle.
    x: f64,
    top: f64,
    width: f64,
    height: f64,
}

fn width(lines: &[String]) -> f64 {
    let letters = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let letters = u32::try_from(letters).unwrap_or(u32::MAX);
    (f64::from(letters) * LETTER + 2.0 * PADDING).max(64.0)
}

fn height(lines: &[String]) -> f64 {
    f64::from(u32::try_from(lines.len()).unwrap_or(u32::MAX)) * LINE + 2.0 * PADDING - 4.0
}

/// Where each layer begins, and how high it is.
fn tops(layout: &Layout, heights: &[f64]) -> Vec<(f64, f64)> {
    let mut rows = vec![0.0_f64; layout.layers];
    for (spot, height) in layout.spots.iter().zip(heights) {
        rows[spot.layer] = rows[spot.layer].max(*height);
    }
    let mut top = MARGIN;
    rows.into_iter()
        .map(|height| {
            let row = (top, height);
            top += height + BETWEEN;
            row
        })
        .collect()
}

/// The points that an arrow goes through: out of one border, into the other.
fn points(layout: &Layout, places: &[Place], tops: &[(f64, f64)], way: &[usize]) -> Vec<(f64, f64)> {
    let up =
        way.first().zip(way.last()).is_some_and(|(first, last)| layout.spots[*first].layer > layout.spots[*last].layer);
    let mut points = Vec::new();
    for (nth, at) in way.iter().enumerate() {
        let x = MARGIN + layout.spots[*at].x;
        let (top, height) = tops[layout.spots[*at].layer];
        match places.get(*at) {
            // Out of the lower border, or out of the upper one when it goes up; into the other.
            Some(place) if (nth == 0) != up => points.push((place.x, place.top + place.height)),
            Some(place) => points.push((place.x, place.top)),
            None if up => points.extend([(x, top + height), (x, top)]),
            None => points.extend([(x, top), (x, top + height)]),
        }
    }
    points
}

fn draw_arrow(out: &mut String, labels: &mut String, arrow: &Arrow, points: &[(f64, f64)]) {
    let Some((first, rest)) = points.split_first() else { return };
    let mut path = format!("M{:.1},{:.1}", first.0, first.1);
    let mut from = *first;
    for to in rest {
        let middle = f64::midpoint(from.1, to.1);
        // Writing into a text cannot fail.
        let _ = write!(path, " C{:.1},{middle:.1} {:.1},{middle:.1} {:.1},{:.1}", from.0, to.0, to.0, to.1);
        from = *to;
    }
    let _ = writeln!(out, "<path class=\"arrow\" d=\"{path}\" marker-end=\"url(#head)\"/>");
    if let (false, Some(next)) = (arrow.label.is_empty(), rest.first()) {
        // Past the first bend, where arrows of one node are apart.
        let (x, y) = (first.0 + (next.0 - first.0) * 0.72, first.1 + (next.1 - first.1) * 0.62);
        let _ = writeln!(
            labels,
            "<text class=\"label\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>",
            y + 4.0,
            escaped(&arrow.label)
        );
    }
}

fn draw_node(out: &mut String, kind: Kind, lines: &[String], place: &Place) {
    let (class, round) = match kind {
        Kind::Number => ("number", place.height / 2.0),
        Kind::Flow => ("flow", 2.0),
        Kind::Step => ("step", 6.0),
        Kind::Choice => ("choice", 14.0),
        Kind::Queue => ("queue", 6.0),
        Kind::End => ("end", place.height / 2.0),
    };
    let Place { x, top, width, height } = place;
    let left = x - width / 2.0;
    // Writing into a text cannot fail.
    let _ = writeln!(
        out,
        "<g class=\"{class}\"><rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{round:.1}\"/>"
    );
    let mut y = top + PADDING + 11.0;
    for (nth, line) in lines.iter().enumerate() {
        let title = if nth == 0 { " class=\"title\"" } else { "" };
        let _ = writeln!(out, "<text{title} x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escaped(line));
        y += LINE;
    }
    out.push_str("</g>\n");
}

/// Text that can stand in XML.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML has no word for them.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
