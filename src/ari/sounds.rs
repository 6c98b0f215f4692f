//! Sounds that Asterisk fetches before anybody hears them.
//!
//! ARI has no word for that, and Asterisk fetches what a channel plays. A bridge plays, too, by a channel of its own that is
//! made for it (`Announcer/`): in a bridge with nobody in it nobody is disturbed. It is told to begin behind the sound's end,
//! so that it is over as soon as the sound is there. Asterisk 22 takes 4 ms of CPU for each, and 2.6 ms where it has the
//! sound already; meanwhile it plays to others what it has. A sound that is asked for while it is fetched is fetched twice.

use super::{
    enc::Enc,
    request::{Repeat, Request, post},
    rest::{Answer, Client},
};
use crate::{domain::NodeId, engine::Failure};

/// Behind the end of every sound, in milliseconds.
const BEHIND: u32 = 24 * 60 * 60 * 1_000;

/// A hand to what one node plays to nobody, on a connection of its own. One thing is asked at a time.
#[derive(Clone)]
pub struct Sounds {
    node: NodeId,
    client: Client,
    /// The bridge. It is no name of the engine's: see [bridges](super::bridges).
    bridge: String,
}

impl std::fmt::Debug for Sounds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sounds").field("bridge", &self.bridge).finish_non_exhaustive()
    }
}

impl Sounds {
    pub(super) fn new(node: NodeId, client: Client, app: &str) -> Self {
        Self { node, client, bridge: format!("sentral.{app}.sounds") }
    }

    /// Which node's.
    pub fn node(&self) -> NodeId {
        self.node
    }

    /// Makes ready; that it was before is no failure.
    ///
    /// # Errors
    /// When Asterisk does not make the bridge.
    pub async fn make_ready(&self) -> Result<(), Failure> {
        let request = post(format!("bridges?bridgeId={}&type=mixing", Enc(&self.bridge)));
        let is_fine = |answer: &Answer| answer.is_success() || answer.status == 409;
        self.client.send("make_bridge", &request, Repeat::Harmless, is_fine).await.map(drop)
    }

    /// Has Asterisk fetch a sound, `sound:http://...`, if it does not have it. What comes of that it does not tell.
    ///
    /// # Errors
    /// When Asterisk does not take it.
    pub async fn fetch(&self, media: &str) -> Result<(), Failure> {
        self.client
            .send("fetch_sound", &fetch(&self.bridge, media), Repeat::Harmless, Answer::is_success)
            .await
            .map(drop)
    }
}

fn fetch(bridge: &str, media: &str) -> Request {
    post(format!("bridges/{}/play?media={}&offsetms={BEHIND}", Enc(bridge), Enc(media)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_is_played_to_nobody_from_behind_its_end() {
        let target = fetch("sentral.app.sounds", "sound:http://10.0.0.1:8080/prompts/abc.wav").target;
        let expected = "bridges/sentral.app.sounds/play?media=sound%3Ahttp%3A%2F%2F10.0.0.1%3A8080%2Fprompts%2Fabc.wav&offsetms=86400000";
        assert_eq!(target, expected);
    }
}
