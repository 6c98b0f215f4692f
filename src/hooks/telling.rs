//! Notifications: told until they are taken.

use std::{hash::BuildHasher, time::Duration};

use tokio::time::{sleep, timeout};
use tracing::{debug, warn};

use super::{Outcome, Shared, signature};
use crate::engine::{NoAnswer, Notification};

/// How often a notification is told, in vain, before it is given up.
pub const TRIES: usize = PAUSES.len() + 1;

/// How long to wait before it is told once more: about nine minutes together, each drawn between three quarters of it and all of it,
/// so that a server that comes back is not told everything at once.
const PAUSES: [Duration; 4] =
    [Duration::from_secs(2), Duration::from_secs(20), Duration::from_secs(120), Duration::from_secs(400)];

/// A server has so long to take it.
const PATIENCE: Duration = Duration::from_secs(10);

/// And so long when we are about to stop.
const LAST_PATIENCE: Duration = Duration::from_secs(3);

/// What one try came to.
enum Try {
    Taken,
    /// The same would come of it the next time.
    Hopeless(Outcome, String),
    Again(String),
}

pub(super) async fn tell(shared: &Shared, news: &Notification) {
    let begun = shared.clock.now();
    let (outcome, why) = outcome(shared, news).await;
    let took = shared.clock.now().since(begun);
    shared.watch.notified(outcome, took);
    let (host, id) = (&*news.request.host, &*news.id);
    match outcome {
        Outcome::Delivered => debug!(host, id, ?took, "a notification was taken"),
        Outcome::NotAllowed => {
            warn!(host, id, "a notification is not told: `hooks.allow` of the settings does not have its server");
        }
        Outcome::Refused => warn!(host, id, why, "a notification is refused"),
        Outcome::GaveUp | Outcome::Dropped | Outcome::Stopped => {
            warn!(host, id, why, ?took, "a notification was told in vain, and is given up");
        }
    }
}

async fn outcome(shared: &Shared, news: &Notification) -> (Outcome, String) {
    let mut pauses = PAUSES.iter().map(|pause| jittered(*pause));
    loop {
        let why = match once(shared, news).await {
            Try::Taken => return (Outcome::Delivered, String::new()),
            Try::Hopeless(outcome, why) => return (outcome, why),
            Try::Again(why) => why,
        };
        let Some(pause) = pauses.next() else { return (Outcome::GaveUp, why) };
        if shared.stop.is_cancelled() {
            return (Outcome::Stopped, why);
        }
        debug!(host = &*news.request.host, id = &*news.id, why, ?pause, "a notification is told again");
        tokio::select! {
            () = sleep(pause) => {}
            // Once more, and that is all.
            () = shared.stop.cancelled() => {}
        }
    }
}

async fn once(shared: &Shared, news: &Notification) -> Try {
    let told = async {
        // It is never closed.
        let _place = shared.telling.acquire().await;
        let body = news.request.body.as_deref().unwrap_or_default();
        let headers = signature::headers(shared.secret.as_ref(), &news.id, body, shared.clock.now());
        // What it has to say is not read.
        timeout(PATIENCE, shared.client.send(&news.request, headers)).await
    };
    let stopped = async {
        shared.stop.cancelled().await;
        sleep(LAST_PATIENCE).await;
    };
    let told = tokio::select! {
        told = told => told.unwrap_or(Err(NoAnswer::TimedOut)),
        () = stopped => Err(NoAnswer::TimedOut),
    };
    match told {
        Ok(reply) => judge(reply.status),
        Err(NoAnswer::NotAllowed) => Try::Hopeless(Outcome::NotAllowed, String::new()),
        Err(why @ NoAnswer::Unusable) => Try::Hopeless(Outcome::Refused, why.word().into()),
        Err(
            why @ (NoAnswer::Overload
            | NoAnswer::Unreachable
            | NoAnswer::TimedOut
            | NoAnswer::Status(_)
            | NoAnswer::Redirected
            | NoAnswer::TooLong
            | NoAnswer::NotJson),
        ) => Try::Again(why.word().into()),
    }
}

/// A server that is busy or broken may be well later; one that says no says so again.
fn judge(status: u16) -> Try {
    let told = format!("HTTP status {status}");
    match status {
        200..=299 => Try::Taken,
        408 | 425 | 429 | 500..=599 => Try::Again(told),
        _ => Try::Hopeless(Outcome::Refused, told),
    }
}

/// Between three quarters of it and all of it.
fn jittered(pause: Duration) -> Duration {
    let drawn = std::hash::RandomState::new().hash_one(0) % 1024;
    pause * 3 / 4 + (pause / 4).mul_f64(drawn as f64 / 1024.0)
}
