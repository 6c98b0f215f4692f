//! Where everything stands in a drawing: in layers from above to below, so that arrows go down.
//!
//! The usual way in its simplest form. Arrows that close a circle are turned round while layers are found; arrows over several
//! layers are led through places of their own; within a layer things stand where their neighbours are, in the mean.

use super::Chart;

/// Between two in a layer.
const GAP: f64 = 28.0;
/// How often layers are put in order, and things moved to where their neighbours are.
const ROUNDS: usize = 12;

/// Something with a place in a layer: a node of the chart, or a point that an arrow goes through.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    /// Which layer, from above.
    pub(super) layer: usize,
    /// Its middle, from the left.
    pub(super) x: f64,
    width: f64,
    /// Its neighbours in the layer above and below.
    above: Vec<usize>,
    below: Vec<usize>,
}

/// A chart with places: the first spots are its nodes.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) spots: Vec<Spot>,
    /// For each arrow of the chart the spots that it goes through, its ends included, from its beginning on.
    pub(super) ways: Vec<Vec<usize>>,
    /// How many layers there are.
    pub(super) layers: usize,
}

/// Finds the places. `widths` are those of the chart's nodes.
pub(super) fn layout(chart: &Chart, widths: &[f64]) -> Layout {
    let arrows: Vec<(usize, usize)> = chart.arrows.iter().map(|arrow| (arrow.from, arrow.to)).collect();
    let turned = turned(widths.len(), &arrows);
    let down: Vec<(usize, usize)> = arrows
        .iter()
        .zip(&turned)
        .map(|((from, to), turned)| if *turned { (*to, *from) } else { (*from, *to) })
        .collect();
    let layers = layers(widths.len(), &down);
    let spot = |layer: usize, width: f64| Spot { layer, x: 0.0, width, above: Vec::new(), below: Vec::new() };
    let mut spots: Vec<Spot> = layers.iter().zip(widths).map(|(layer, width)| spot(*layer, *width)).collect();
    let mut ways = Vec::new();
    for ((from, to), turned) in down.into_iter().zip(turned) {
        let mut way = vec![from];
        for layer in spots[from].layer + 1..spots[to].layer {
            way.push(spots.len());
            spots.push(spot(layer, 8.0));
        }
        way.push(to);
        for pair in way.windows(2).filter(|_| from != to) {
            spots[pair[0]].below.push(pair[1]);
            spots[pair[1]].above.push(pair[0]);
        }
        if turned {
            way.reverse();
        }
        ways.push(way);
    }
    let count = layers.iter().max().map_or(0, |last| last + 1);
    let rows = ordered(&spots, count);
    place(&mut spots, &rows);
    Layout { spots, ways, layers: count }
}

/// Which arrows close a circle.
fn turned(nodes: usize, arrows: &[(usize, usize)]) -> Vec<bool> {
    let mut out = vec![Vec::new(); nodes];
    for (at, (from, to)) in arrows.iter().enumerate() {
        out[*from].push((at, *to));
    }
    let mut turned = vec![false; arrows.len()];
    // Not seen, on the way that is being walked, done.
    let mut seen = vec![0_u8; nodes];
    for start in 0..nodes {
        if seen[start] != 0 {
            continue;
        }
        seen[start] = 1;
        let mut way = vec![(start, 0)];
        while let Some((node, next)) = way.last_mut() {
            let Some((arrow, to)) = out[*node].get(*next).copied() else {
                seen[*node] = 2;
                way.pop();
                continue;
            };
            *next += 1;
            match seen[to] {
                0 => {
                    seen[to] = 1;
                    way.push((to, 0));
                }
                1 => turned[arrow] = true,
                _ => {}
            }
        }
    }
    turned
}

/// The layer of each node: one below the lowest of those from which arrows come.
fn layers(nodes: usize, down: &[(usize, usize)]) -> Vec<usize> {
    let mut waits = vec![0_usize; nodes];
    let mut out = vec![Vec::new(); nodes];
    for (from, to) in down.iter().filter(|(from, to)| from != to) {
        waits[*to] += 1;
        out[*from].push(*to);
    }
    let mut layers = vec![0; nodes];
    let mut free: Vec<usize> = (0..nodes).filter(|node| waits[*node] == 0).collect();
    while let Some(node) = free.pop() {
        for to in &out[node] {
            layers[*to] = layers[*to].max(layers[node] + 1);
            waits[*to] -= 1;
            if waits[*to] == 0 {
                free.push(*to);
            }
        }
    }
    layers
}

/// The spots of each layer from the left: each where its neighbours in the layer before are, in the mean.
fn ordered(spots: &[Spot], count: usize) -> Vec<Vec<usize>> {
    let mut rows = vec![Vec::new(); count];
    for (at, spot) in spots.iter().enumerate() {
        rows[spot.layer].push(at);
    }
    let mut rank = vec![0.0; spots.len()];
    for round in 0..ROUNDS {
        let down = round % 2 == 0;
        for row in &rows {
            (0_u32..).zip(row).for_each(|(nth, at)| rank[*at] = f64::from(nth));
        }
        let layers: Vec<usize> = if down { (0..count).collect() } else { (0..count).rev().collect() };
        for layer in layers {
            let mean = |at: &usize| {
                let neighbours = if down { &spots[*at].above } else { &spots[*at].below };
                mean(neighbours.iter().map(|at| rank[*at])).unwrap_or(rank[*at])
            };
            let mut keyed: Vec<(f64, usize)> = rows[layer].iter().map(|at| (mean(at), *at)).collect();
            // Of two with the same neighbours the one that was left stays left.
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            rows[layer] = keyed.into_iter().map(|(_, at)| at).collect();
            (0_u32..).zip(&rows[layer]).for_each(|(nth, at)| rank[*at] = f64::from(nth));
        }
    }
    rows
}

/// Gives each its place: as near to its neighbours as those beside it let it be.
fn place(spots: &mut [Spot], rows: &[Vec<usize>]) {
    for row in rows {
        spread(spots, row, &vec![0.0; row.len()]);
    }
    for round in 0..ROUNDS {
        let down = round % 2 == 0;
        for nth in 0..rows.len() {
            let row = &rows[if down { nth } else { rows.len() - 1 - nth }];
            let wish = |at: &usize| {
                let neighbours = if down { &spots[*at].above } else { &spots[*at].below };
                mean(neighbours.iter().map(|at| spots[*at].x)).unwrap_or(spots[*at].x)
            };
            let wishes: Vec<f64> = row.iter().map(wish).collect();
            spread(spots, row, &wishes);
        }
    }
    let left = spots.iter().map(|spot| spot.x - spot.width / 2.0).fold(f64::INFINITY, f64::min);
    spots.iter_mut().for_each(|spot| spot.x -= left);
}

/// Puts a row where it wishes to be, in its order and with gaps: half way between what comes of pushing those that are too
/// near to the right, and of pushing them to the left.
fn spread(spots: &mut [Spot], row: &[usize], wishes: &[f64]) {
    let apart = |a: usize, b: usize| (spots[a].width + spots[b].width) / 2.0 + GAP;
    let (mut right, mut left) = (wishes.to_vec(), wishes.to_vec());
    for nth in 1..row.len() {
        right[nth] = right[nth].max(right[nth - 1] + apart(row[nth - 1], row[nth]));
    }
    for nth in (1..row.len()).rev() {
        left[nth - 1] = left[nth - 1].min(left[nth] - apart(row[nth - 1], row[nth]));
    }
    for (nth, at) in row.iter().enumerate() {
        spots[*at].x = f64::midpoint(right[nth], left[nth]);
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (count, sum) = values.fold((0_u32, 0.0), |(count, sum), value| (count + 1, sum + value));
    (count > 0).then(|| sum / f64::from(count))
}
