//! What outlives the process, at its start.

use std::{path::Path, sync::Arc};

use tracing::info;

use super::watch::Tally;
use crate::{
    clock::Clock,
    dialplan::Plan,
    domain::Time,
    engine::{Engine, statistics::Statistics},
    metrics::Metrics,
    runtime::Watchers,
    store::{
        self, ChangeFate, Database, OpenError, Store,
        database::{KeptDay, ReadError},
    },
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
    let engine = engine.with_hours(by_hand).with_done(store.read_done()?).with_callers(store.read_callers()?);
    Ok(engine.with_duties(store::read_duties(store)?))
}

/// Those who watch, and who goes on to count the day. It waits for the disk.
pub(super) fn count_days(
    watchers: Watchers,
    store: Option<&Arc<dyn Store>>,
    plan: &Plan,
    now: Time,
) -> Result<Watchers, ReadError> {
    let Some(store) = store else { return Ok(watchers) };
    let statistics = Statistics::new(plan, now);
    let statistics = match store.read_day(Some(statistics.day()))? {
        Some(KeptDay { queues, operators, .. }) => statistics.going_on(queues, operators),
        None => statistics,
    };
    let store = Arc::clone(store);
    Ok(watchers.with_day(statistics, Box::new(move |counted| store.keep_day(counted))))
}
