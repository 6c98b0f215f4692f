//! What outlives the process, at its start.

use std::{path::Path, sync::Arc};

use super::watch::Tally;
use crate::{
    clock::Clock,
    dialplan::Plan,
    engine::Engine,
    metrics::Metrics,
    store::{self, ChangeFate, Database, OpenError, database::ReadError},
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

/// The engine, with what an earlier life of it kept of operators. It waits for the disk.
pub(super) fn with_duties(engine: Engine, database: Option<&Database>) -> Result<Engine, ReadError> {
    Ok(match database {
        Some(database) => engine.with_duties(store::read_duties(database)?),
        None => engine,
    })
}
