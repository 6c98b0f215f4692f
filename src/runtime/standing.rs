//! Which plan is in force, and whether the file says something else by now.

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::watch;

use crate::{domain::Time, yaml::Faults};

/// Written by the one who reads the plan, read by the API.
#[derive(Debug)]
pub struct Standing {
    view: Mutex<View>,
    /// Changes when another plan comes into force.
    plans: watch::Sender<()>,
}

/// How the plan stands, as `GET /api/v1/state` shows it.
#[derive(Clone, Debug, Serialize)]
pub struct View {
    /// The plan's file; `null` when it is in none, as in the demo.
    pub file: Option<String>,
    /// Since when the plan is in force.
    pub since: Timestamp,
    /// What it changed when it was read anew, in words, a line for each thing; empty when it is the first one, or said the same
    /// as the one before.
    pub changed: Vec<String>,
    /// Why the plan that is in the file now is not; `null` when it is.
    pub refused: Option<Refused>,
}

/// A plan that was not taken.
#[derive(Clone, Debug, Serialize)]
pub struct Refused {
    /// When it was read.
    pub at: Timestamp,
    /// Every mistake in it: `file:line:column: what is wrong; what to write instead`.
    pub faults: Vec<String>,
}

impl Standing {
    /// For a plan that is in force since `now`.
    pub fn new(file: Option<&Path>, now: Time) -> Self {
        let file = file.map(|file| file.display().to_string());
        let view = Mutex::new(View { file, since: timestamp(now), changed: Vec::new(), refused: None });
        Self { view, plans: watch::Sender::new(()) }
    }

    /// How the plan stands.
    pub fn view(&self) -> View {
        self.lock().clone()
    }

    /// Changes when another plan comes into force.
    pub fn plans(&self) -> watch::Receiver<()> {
        self.plans.subscribe()
    }

    pub(super) fn in_force(&self, changed: Vec<String>, now: Time) {
        let mut view = self.lock();
        (view.since, view.changed, view.refused) = (timestamp(now), changed, None);
        drop(view);
        self.plans.send_replace(());
    }

    pub(super) fn refused(&self, faults: &Faults, now: Time) {
        let refused = Refused { at: timestamp(now), faults: faults.to_string().lines().map(Into::into).collect() };
        self.lock().refused = Some(refused);
    }

    fn lock(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// To the second: what is finer says nothing.
fn timestamp(at: Time) -> Timestamp {
    let seconds = i64::try_from(at.as_micros() / 1_000_000).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}
