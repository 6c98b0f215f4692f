//! The driver for servers that are no Asterisk: it asks what a plan looks up, and tells what a plan notifies of.
//!
//! Only servers that the settings name are ever contacted, whatever a plan, a caller or a redirection says; they may be
//! anywhere. A question ([`Errand::LookUp`]) is asked once, within its time. A notification is told until it is taken, at
//! most [`TRIES`] times within about ten minutes, signed each time anew (`signature`). Neither waits for the other.
//!
//! | what | limit | past it |
//! | --- | --- | --- |
//! | questions under way | 64 | the next ones wait, within their time |
//! | questions that wait | 1024 | [`NoAnswer::Overload`] at once |
//! | an answer | 64 KiB | [`NoAnswer::TooLong`] |
//! | notifications in hand | 1000 | the next one is dropped, told and counted |
//! | notifications that are told at the same time | 16 | the next ones wait |
//! | one try of a notification | 10 s | as if nobody were there |

mod allowed;
mod asking;
mod client;
mod signature;
mod telling;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

pub use allowed::{Allowed, NoHost};
use secrecy::SecretString;
use tokio::{runtime::Handle, sync::Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::client::Client;
pub use self::telling::TRIES;
use crate::{
    clock::Clock,
    engine::{Answer, Errand, Event, LookupId, NoAnswer, Notification, errand},
};

/// Questions that are under way at the same time.
const ASKED: usize = 64;
/// Questions that are under way or wait.
const MOST_QUESTIONS: usize = ASKED + 1024;
/// Notifications that are told at the same time.
const TOLD: usize = 16;
/// Notifications that were not taken yet.
const MOST_NOTIFICATIONS: usize = 1000;

/// Which servers may be spoken with, and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Those and no others.
    pub allowed: Allowed,
    /// What notifications are signed with; `None`: they are not.
    pub secret: Option<SecretString>,
}

/// What became of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server took it.
    Delivered,
    /// The server does not want it, and would not the next time either.
    Refused,
    /// It was told as often as it may be, in vain.
    GaveUp,
    /// The settings do not allow its server.
    NotAllowed,
    /// Too many were in hand.
    Dropped,
    /// We stopped before the server took it.
    Stopped,
}

impl Outcome {
    /// All of them, for metrics.
    pub const ALL: [Self; 6] =
        [Self::Delivered, Self::Refused, Self::GaveUp, Self::NotAllowed, Self::Dropped, Self::Stopped];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Refused => "refused",
            Self::GaveUp => "gave_up",
            Self::NotAllowed => "not_allowed",
            Self::Dropped => "dropped",
            Self::Stopped => "stopped",
        }
    }
}

/// Sees what becomes of notifications.
pub trait Watch: Send + Sync {
    /// This became of one, so long after it was given to us.
    fn notified(&self, outcome: Outcome, took: Duration);
}

/// Takes what comes of questions to whoever asked. It does not wait.
pub type Tell = Box<dyn Fn(Event) + Send + Sync>;

/// Runs errands until it is told to stop; then what was not taken is told once more, and that is all.
pub struct Hooks {
    shared: Arc<Shared>,
    tasks: TaskTracker,
    on: Handle,
}

/// What all errands have in common.
struct Shared {
    client: Client,
    secret: Option<SecretString>,
    clock: Arc<Clock>,
    watch: Arc<dyn Watch>,
    tell: Tell,
    stop: CancellationToken,
    questions: Arc<Semaphore>,
    asking: Semaphore,
    notifications: Arc<Semaphore>,
    telling: Semaphore,
}

impl std::fmt::Debug for Hooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hooks").field("tasks", &self.tasks.len()).finish_non_exhaustive()
    }
}

impl Hooks {
    /// Starts it. Everything is done `on` that runtime, which is not that of the calls: agreeing on keys with a server takes a
    /// processor for a millisecond or two.
    ///
    /// # Errors
    /// When TLS cannot be used on this machine.
    pub fn start(
        options: Options,
        clock: Arc<Clock>,
        watch: Arc<dyn Watch>,
        tell: Tell,
        stop: CancellationToken,
        on: Handle,
    ) -> Result<Self, reqwest::Error> {
        let shared = Shared {
            client: Client::new(options.allowed)?,
            secret: options.secret,
            clock,
            watch,
            tell,
            stop,
            questions: Arc::new(Semaphore::new(MOST_QUESTIONS)),
            asking: Semaphore::new(ASKED),
            notifications: Arc::new(Semaphore::new(MOST_NOTIFICATIONS)),
            telling: Semaphore::new(TOLD),
        };
        Ok(Self { shared: Arc::new(shared), tasks: TaskTracker::new(), on })
    }

    /// Runs an errand. It never waits.
    pub fn run(&self, errand: Errand) {
        match errand {
            // The store's.
            Errand::KeepDone(..) => {}
            Errand::LookUp { lookup, request, within } => self.look_up(lookup, request, within),
            Errand::Notify(news) => self.notify(news),
            // No server has to do with it.
            Errand::Message(_)
            | Errand::KeepHours(_)
            | Errand::KeepDuty { .. }
            | Errand::Remember(_)
            | Errand::WatchDevices(_) => {}
        }
    }

    fn look_up(&self, lookup: LookupId, request: Arc<errand::Request>, within: Duration) {
        let shared = Arc::clone(&self.shared);
        let Ok(room) = Arc::clone(&shared.questions).try_acquire_owned() else {
            return shared.answered(lookup, Answer::Failed(NoAnswer::Overload));
        };
        let asked = async move {
            tokio::select! {
                answer = asking::ask(&shared, &request, within) => shared.answered(lookup, answer),
                // Nobody listens any more.
                () = shared.stop.cancelled() => {}
            }
            drop(room);
        };
        self.tasks.spawn_on(asked, &self.on);
    }

    /// Tells somebody something, without a call if need be: it is told again until it is taken.
    pub fn notify(&self, news: Notification) {
        let shared = Arc::clone(&self.shared);
        let Ok(room) = Arc::clone(&shared.notifications).try_acquire_owned() else {
            tracing::warn!(
                host = &*news.request.host,
                id = &*news.id,
                "a notification is dropped: {MOST_NOTIFICATIONS} are in hand and are not taken"
            );
            return shared.watch.notified(Outcome::Dropped, Duration::ZERO);
        };
        let told = async move {
            telling::tell(&shared, &news).await;
            drop(room);
        };
        self.tasks.spawn_on(told, &self.on);
    }

    /// Waits until nothing is under way, after `stop` was cancelled: a few seconds at most.
    pub async fn ended(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Shared {
    fn answered(&self, lookup: LookupId, answer: Answer) {
        (self.tell)(Event::LookedUp { lookup, answer });
    }
}
