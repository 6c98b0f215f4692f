//! Channels in the hands of Asterisk's dialplan, whose end somebody wants to know.
//!
//! Asterisk tells an application the end of any channel that it subscribes to, be it in Stasis or not, and forgets the
//! subscription with the channel (seen on 16.28 and 22.10). Of one that is not there it says 422; 404 is of an application that is not
//! there, since its websocket has just gone.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::timeout};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use super::{
    enc::Enc,
    outlet::Outlet,
    request::{Repeat, Request, post},
    rest::{Answer, Client},
};
use crate::{
    domain::ChannelId,
    engine::{Event, Failure},
};

/// More are not watched: their operators come back by the dialplan's word, or by a limit.
const MOST: usize = 10_000;

/// A subscription that came to nothing is asked for again after this.
const AGAIN: Duration = Duration::from_secs(1);

/// Who is watched, and what Asterisk is still to be asked.
///
/// A channel is in here until the engine has been told its end. So an end for which the engine has no room is not lost: the
/// connection is given up then, and on the next one Asterisk does not take the subscription any more.
#[derive(Debug, Default)]
pub(super) struct Watched {
    channels: Mutex<Channels>,
    wake: Notify,
}

#[derive(Debug, Default)]
struct Channels {
    /// As whom the engine knows each, by Asterisk's id.
    known: BTreeMap<Arc<str>, ChannelId>,
    /// Those whose ends Asterisk has not been asked for.
    open: VecDeque<Arc<str>>,
    /// Those for which it was asked in vain.
    failed: Vec<Arc<str>>,
    /// Whether there is a connection on which their ends would be told.
    connected: bool,
}

impl Watched {
    fn all(&self) -> MutexGuard<'_, Channels> {
        // Nothing is half done in it.
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, channel: ChannelId) {
        let mut all = self.all();
        if all.known.len() >= MOST || all.known.contains_key(&channel.id) {
            return;
        }
        all.open.push_back(Arc::clone(&channel.id));
        all.known.insert(Arc::clone(&channel.id), channel);
        drop(all);
        self.wake.notify_one();
    }

    /// As whom the engine knows a channel, if it is watched.
    pub(super) fn known_as(&self, id: &str) -> Option<ChannelId> {
        self.all().known.get(id).cloned()
    }

    /// The engine was told this: if it is the end of a channel, that need not be told again.
    pub(super) fn told(&self, event: &Event) {
        let Event::Left { channel } = event else { return };
        let mut all = self.all();
        if all.known.get(&channel.id) == Some(channel) {
            all.known.remove(&channel.id);
        }
    }

    /// A new connection: Asterisk may have forgotten what it was asked on the one before.
    pub(super) fn connected(&self) {
        let mut all = self.all();
        all.connected = true;
        all.open = all.known.keys().cloned().collect();
        all.failed.clear();
        drop(all);
        self.wake.notify_one();
    }

    /// There is no connection: nobody would be told anything.
    pub(super) fn lost(&self) {
        self.all().connected = false;
    }

    fn next(&self) -> Option<Arc<str>> {
        let mut all = self.all();
        if !all.connected {
            return None;
        }
        while let Some(id) = all.open.pop_front() {
            if all.known.contains_key(&id) {
                return Some(id);
            }
        }
        None
    }

    /// Those that failed are to be asked for again.
    fn reopen(&self) {
        let mut all = self.all();
        let failed = std::mem::take(&mut all.failed);
        all.open.extend(failed);
    }

    /// Asks Asterisk for the ends of all, one at a time, until stopped: nothing else waits for it.
    pub(super) async fn attend(
        self: Arc<Self>,
        client: Client,
        app: Arc<str>,
        outlet: Arc<Outlet>,
        stop: CancellationToken,
    ) {
        let asks = async {
            loop {
                while let Some(id) = self.next() {
                    self.subscribe(&client, &app, id, &outlet).await;
                }
                // Whoever is woken, or has waited, looks again.
                let _woken = timeout(AGAIN, self.wake.notified()).await;
                self.reopen();
            }
        };
        let _stopped: Option<()> = stop.run_until_cancelled(asks).await;
    }

    async fn subscribe(&self, client: &Client, app: &str, id: Arc<str>, outlet: &Outlet) {
        match client.send("watch", &subscription(app, &id), Repeat::Harmless, Answer::is_success).await {
            Ok(_) => {}
            Err(failure) if has_ended(failure) => {
                let Some(channel) = self.known_as(&id) else { return };
                let left = Event::Left { channel };
                outlet.deliver(left.clone()).await;
                self.told(&left);
            }
            Err(failure) => {
                debug!(?failure, "a channel's end cannot be asked for yet");
                self.all().failed.push(id);
            }
        }
    }
}

/// Whether a subscription failed since there is no such channel.
fn has_ended(failure: Failure) -> bool {
    failure == Failure::Refused(422)
}

fn subscription(app: &str, channel: &str) -> Request {
    post(format!("applications/{}/subscription?eventSource=channel:{}", Enc(app), Enc(channel)))
}

/// A hand to one node's channels that are not in our application.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    watched: Arc<Watched>,
}

impl Elsewhere {
    pub(super) fn new(watched: Arc<Watched>) -> Self {
        Self { watched }
    }

    /// Tells the engine [`Event::Left`] of this channel when it has ended, without waiting. It is known to the engine as one of
    /// another node, by the id that it has here.
    pub fn watch(&self, channel: ChannelId) {
        self.watched.add(channel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::NodeId;

    fn left(channel: &ChannelId) -> Event {
        Event::Left { channel: channel.clone() }
    }

    #[test]
    fn a_channel_is_watched_until_the_engine_was_told_its_end() {
        let (watched, channel) = (Watched::default(), ChannelId::new(NodeId(1), "1.1"));
        watched.add(channel.clone());
        assert_eq!(watched.known_as("1.2"), None);
        assert_eq!(watched.known_as("1.1"), Some(channel.clone()));
        // Of the same id, but in our hands.
        watched.told(&left(&ChannelId::new(NodeId(0), "1.1")));
        assert_eq!(watched.known_as("1.1"), Some(channel.clone()), "its end was told to nobody");
        watched.told(&left(&channel));
        assert_eq!(watched.known_as("1.1"), None);
    }

    #[test]
    fn asterisk_is_asked_once_on_each_connection_and_again_for_what_failed() {
        let watched = Watched::default();
        for id in ["1.1", "1.2"] {
            watched.add(ChannelId::new(NodeId(1), id));
            watched.add(ChannelId::new(NodeId(1), id));
        }
        assert_eq!(watched.next(), None, "nobody is connected");
        watched.connected();
        assert_eq!([watched.next(), watched.next(), watched.next()], [Some("1.1".into()), Some("1.2".into()), None]);
        watched.all().failed.push("1.1".into());
        watched.reopen();
        assert_eq!([watched.next(), watched.next()], [Some("1.1".into()), None]);
        watched.told(&left(&ChannelId::new(NodeId(1), "1.1")));
        watched.lost();
        assert_eq!(watched.next(), None, "nobody is connected any more");
        watched.connected();
        assert_eq!([watched.next(), watched.next()], [Some("1.2".into()), None]);
    }

    #[test]
    fn a_channel_has_not_ended_because_our_application_is_away() {
        assert!(has_ended(Failure::Refused(422)));
        for failure in [Failure::Refused(404), Failure::Refused(500), Failure::NotSent] {
            assert!(!has_ended(failure), "{failure:?}");
        }
    }

    #[test]
    fn a_subscription_is_to_one_channel() {
        assert_eq!(
            subscription("sentral", "pbx-1.1").target,
            "applications/sentral/subscription?eventSource=channel:pbx-1.1"
        );
    }
}
