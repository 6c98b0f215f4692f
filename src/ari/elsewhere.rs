//! Channels in the hands of Asterisk's dialplan, whose end somebody wants to know.
//!
//! Asterisk tells an application the end of any channel that it subscribes to, be it in Stasis or not, and forgets the
//! subscription with the channel (seen on 16.28 and 22.10). Of one that is not there it says 422; 404 is of an application that is not
//! there, since its websocket has just gone.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

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

/// Who is watched: as whom the engine knows each, by Asterisk's id.
#[derive(Debug, Default)]
pub(super) struct Watched(Mutex<BTreeMap<Arc<str>, ChannelId>>);

impl Watched {
    fn all(&self) -> MutexGuard<'_, BTreeMap<Arc<str>, ChannelId>> {
        // Nothing is half done in it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A channel has ended: as whom the engine knows it, if it is watched.
    pub(super) fn ended(&self, id: &str) -> Option<ChannelId> {
        self.all().remove(id)
    }

    /// Watches all of them again, on a new connection: whose subscription Asterisk does not take has ended meanwhile.
    pub(super) async fn again(&self, client: &Client, app: &str, outlet: &Outlet) {
        let ids: Vec<Arc<str>> = self.all().keys().cloned().collect();
        for id in ids {
            self.subscribe(client, app, &id, outlet).await;
        }
    }

    async fn subscribe(&self, client: &Client, app: &str, id: &str, outlet: &Outlet) {
        let asked = client.send("watch", &subscription(app, id), Repeat::Harmless, Answer::is_success).await;
        match asked {
            Ok(_) => {}
            Err(failure) if has_ended(failure) => {
                if let Some(channel) = self.ended(id) {
                    outlet.deliver(Event::Left { channel }).await;
                }
            }
            // With the next connection it is asked again.
            Err(failure) => debug!(?failure, "the end of a caller's channel may not be told"),
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

/// A hand to one node's channels that are not in our application, on a connection of its own.
#[derive(Clone)]
pub struct Elsewhere {
    client: Client,
    app: Arc<str>,
    watched: Arc<Watched>,
    outlet: Arc<Outlet>,
}

impl std::fmt::Debug for Elsewhere {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Elsewhere").field("watched", &self.watched).finish_non_exhaustive()
    }
}

impl Elsewhere {
    pub(super) fn new(client: Client, app: &str, watched: Arc<Watched>, outlet: Arc<Outlet>) -> Self {
        Self { client, app: app.into(), watched, outlet }
    }

    /// Tells the engine [`Event::Left`] of this channel when it has ended. It is known to the engine as one of another node, by
    /// the id that it has here.
    pub async fn watch(&self, channel: ChannelId) {
        let id = Arc::clone(&channel.id);
        {
            let mut watched = self.watched.all();
            if watched.len() >= MOST {
                return;
            }
            watched.insert(Arc::clone(&id), channel);
        }
        self.watched.subscribe(&self.client, &self.app, &id, &self.outlet).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::NodeId;

    #[test]
    fn a_channel_s_end_is_told_once_and_as_whom_the_engine_knows_it() {
        let (watched, channel) = (Watched::default(), ChannelId::new(NodeId(1), "1.1"));
        watched.all().insert("1.1".into(), channel.clone());
        assert_eq!(watched.ended("1.2"), None);
        assert_eq!(watched.ended("1.1"), Some(channel));
        assert_eq!(watched.ended("1.1"), None);
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
