//! What outlives the process, at its start.

use std::{path::Path, sync::Arc};

use super::watch::Tally;
use crate::{
    clock::Clock,
    dialplan::Plan,
    metrics::Metrics,
    store::{ChangeFate, Database, OpenError},
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
