//! What outlives the process, at its start.

use std::{path::Path, sync::Arc};

use tracing::info;

use super::watch::Tally;
use crate::{
    clock::Clock,
    dialplan::Plan,
    engine::Engine,
    metrics::Metrics,
    store::{ChangeFate, Database, OpenError, Store, database::ReadError},
};

/// Opens the database, where there is to be one.
pub(super) fn open(
    file: Option<&Path>,
    plan: &Plan,
    clock: &Arc<Clock>,
    metrics: &Arc<Metrics>,
) -> Result<Option<Arc<Database>>, OpenError> {
    let Some(file) = file else { return Ok(None) };
    // Their series begin at zero.
    ChangeFate::ALL.iter().for_each(|fate| metrics.changes(fate.word(), 0));
    let seen = Arc::new(Tally(Arc::clone(metrics)));
    let database = Database::open(file, plan.exchange.clone(), Arc::clone(clock), seen)?;
    Ok(Some(Arc::new(database)))
}

/// The engine, with what an earlier life of it kept. It waits for the disk.
///
/// What cannot be read keeps us from starting: without it the engine would go on as if nothing had been promised.
pub(super) fn remember(engine: Engine, store: Option<&dyn Store>) -> Result<Engine, ReadError> {
    let Some(store) = store else { return Ok(engine) };
    let by_hand = store.read_hours()?;
    if !by_hand.is_empty() {
        let names: Vec<&str> = by_hand.keys().map(|name| &**name).collect();
        info!(hours = names.join(" "), "hours are overridden from an earlier life");
    }
    Ok(engine.with_hours(by_hand))
}
