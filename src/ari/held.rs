//! What a node holds of ours, from its lists.

use std::{collections::HashSet, sync::Arc, time::Duration};

use jiff::Timestamp;

use super::{
    bridges::{is_own, told},
    translate::{Words, caller, enters, is_ours},
    wire::{Application, Bridge, Channel},
};
use crate::{
    domain::{ChannelId, NodeId},
    engine::{Held, HeldBridge, HeldChannel},
};

/// The lists as Asterisk sent them.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// `GET /applications/{app}`.
    pub application: String,
    /// `GET /channels`.
    pub channels: String,
    /// `GET /bridges`.
    pub bridges: String,
    /// Asterisk's own time when it made them: its clock need not agree with ours.
    pub now: Option<Timestamp>,
}

/// What the lists say.
#[derive(Debug)]
pub(super) struct Read {
    pub held: Held,
    /// Who is held and what Asterisk calls him, but for legs of ours: see [`Names`](super::names::Names).
    pub names: Vec<(Arc<str>, Arc<str>)>,
}

impl Lists {
    /// Reads them; an error when Asterisk sent something else.
    ///
    /// A channel is ours when it is inside our application, or when it is a leg of ours that rings and is not in it yet: that
    /// one our application only watches. It watches a caller for whom a leg was made as well, once more than Asterisk stops
    /// watching him when he leaves; so who is watched may long be in the dialplan's hands. The oldest comes first.
    pub(super) fn read(&self, node: NodeId, app: &str) -> Result<Read, serde_json::Error> {
        let application: Application<'_> = serde_json::from_str(&self.application)?;
        let mut listed: Vec<Channel<'_>> = serde_json::from_str(&self.channels)?;
        let bridges: Vec<Bridge<'_>> = serde_json::from_str(&self.bridges)?;
        let watched: HashSet<&str> = application.channel_ids.iter().map(|id| &**id).collect();
        let rings = |channel: &Channel<'_>| is_ours(&channel.id) && watched.contains(&*channel.id);
        listed.retain(|channel| is_in(app, channel) || rings(channel));
        let mut channels: Vec<HeldChannel> =
            listed.iter().map(|channel| held_channel(node, app, channel, self.now)).collect();
        channels.sort_by(|a, b| b.age.cmp(&a.age).then_with(|| a.channel.cmp(&b.channel)));
        let bridges = held_bridges(node, app, &bridges, &channels);
        let names = listed.iter().filter(|channel| !is_ours(&channel.id));
        let names =
            names.filter_map(|channel| Some(((&*channel.id).into(), (&**channel.name.as_ref()?).into()))).collect();
        Ok(Read { held: Held { channels, bridges }, names })
    }
}

/// Whether a channel is inside the application, and what else stands beside its name.
fn args<'a>(app: &str, channel: &'a Channel<'_>) -> Option<&'a str> {
    let (name, args) = channel.dialplan.app_data.as_deref().map(|data| data.split_once(',').unwrap_or((data, "")))?;
    (channel.is_in_stasis() && name == app).then_some(args)
}

fn is_in(app: &str, channel: &Channel<'_>) -> bool {
    args(app, channel).is_some()
}

fn held_channel(node: NodeId, app: &str, channel: &Channel<'_>, now: Option<Timestamp>) -> HeldChannel {
    let is_caller = !is_ours(&channel.id) && !channel.is_called_half();
    let words = Words::read(args(app, channel).unwrap_or_default().split(','));
    HeldChannel {
        channel: ChannelId::new(node, &channel.id),
        enters: is_caller.then(|| enters(&words, channel)),
        caller: caller(&words, channel),
        answered: channel.is_up(),
        age: age(channel.creationtime.as_deref(), now),
        mark: channel.channelvars.state.as_deref().map(Into::into),
    }
}

fn held_bridges(node: NodeId, app: &str, bridges: &[Bridge<'_>], channels: &[HeldChannel]) -> Vec<HeldBridge> {
    let held: HashSet<&str> = channels.iter().map(|held| &*held.channel.id).collect();
    bridges
        .iter()
        .filter(|bridge| is_own(app, &bridge.id) || bridge.channels.iter().any(|id| held.contains(&**id)))
        .map(|bridge| HeldBridge {
            bridge: told(node, app, &bridge.id),
            channels: bridge.channels.iter().map(|id| ChannelId::new(node, id)).collect(),
        })
        .collect()
}

/// How long ago; nothing when either time is missing or makes no sense.
fn age(created: Option<&str>, now: Option<Timestamp>) -> Duration {
    let created = created.and_then(|text| Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text).ok());
    let (Some(created), Some(now)) = (created, now) else { return Duration::ZERO };
    Duration::try_from(now.duration_since(created)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a live Asterisk 22.10.1: a pair that talks, a leg that rings, what a transfer put in a leg's place, two callers in the
    /// fallback (for one of them a leg rang before), one of another application.
    fn lists() -> Lists {
        Lists {
            application: r#"{"name":"sentral","channel_ids":["1795381135.0","1795381135.6","sentral-0000beef-anna-1","sentral-0000beef-boris-2"],"bridge_ids":["sentral-sentral.0000beef-t1"],"endpoint_ids":[],"device_names":[]}"#.into(),
            channels: r#"[
                {"id":"sentral-0000beef-boris-2","state":"Ringing","caller":{"name":"","number":""},"dialplan":{"context":"internal","exten":"s","priority":1,"app_name":"AppDial2","app_data":"(Outgoing Line)"},"creationtime":"2026-11-22T20:59:25.005+0000"},
                {"id":"sentral-0000beef-anna-1","state":"Up","caller":{"name":"Operator One","number":"201"},"dialplan":{"context":"internal","exten":"s","priority":1,"app_name":"Stasis","app_data":"sentral"},"creationtime":"2026-11-22T20:59:00.005+0000"},
                {"id":"1795381135.0","state":"Up","caller":{"name":"Ivan","number":"+74951234567"},"dialplan":{"context":"from-trunk","exten":"+4780012345","priority":3,"app_name":"Stasis","app_data":"sentral,+4780012345,x"},"creationtime":"2026-11-22T20:58:55.998+0000","channelvars":{"SENTRAL_STATE":"{\"q\":\"sales\",\"x\":\"é\"}"}},
                {"id":"1795381135.2","name":"Local/*43@internal-00000000;1","state":"Up","caller":{"name":"","number":""},"dialplan":{"context":"internal","exten":"*43","priority":1,"app_name":"Stasis","app_data":"sentral"},"creationtime":"2026-11-22T20:59:20.005+0000"},
                {"id":"1795381135.4","state":"Ring","caller":{"name":"","number":"+31"},"dialplan":{"exten":"100","app_name":"Stasis","app_data":"sentral"},"creationtime":"yesterday"},
                {"id":"1795381135.6","state":"Up","dialplan":{"context":"fallback","exten":"+47","priority":3,"app_name":"Queue","app_data":"fallback,,,,300"},"creationtime":"2026-11-22T20:58:40.005+0000","channelvars":{"SENTRAL_STATE":"{\"q\":\"sales\"}"}},
                {"id":"1795381135.7","state":"Up","dialplan":{"context":"fallback","exten":"+47","priority":3,"app_name":"Queue","app_data":"fallback,,,,300"}},
                {"id":"1795381135.8","state":"Up","dialplan":{"app_name":"Stasis","app_data":"sentral2,+47"}},
                {"id":"1795381135.9","state":"Up","dialplan":{"app_name":"Playback","app_data":"sentral"}}]"#.into(),
            bridges: r#"[{"id":"sentral-sentral.0000beef-t1","channels":["1795381135.0","sentral-0000beef-anna-1"]},{"id":"sentral-sentral.0000beef-q","channels":[]},{"id":"elsewhere","channels":["1795381135.4"]},{"id":"not-ours","channels":["1795381135.7"]}]"#.into(),
            now: "2026-11-22T20:59:26Z".parse().ok(),
        }
    }

    #[test]
    fn what_is_held_is_what_is_ours_and_the_oldest_comes_first() {
        let read = lists().read(NodeId(3), "sentral").expect("lists");
        insta::assert_debug_snapshot!(read.held);
        assert_eq!(read.names, [("1795381135.2".into(), "Local/*43@internal-00000000;1".into())]);
    }

    #[test]
    fn an_idle_bridge_of_another_application_is_none_of_ours() {
        let bridges = r#"[{"id":"sentral-test.0000beef-t4","channels":[]},{"id":"sentral-test.w-sales","channels":[]},
            {"id":"sentral-sentral.0000beef-t9","channels":[]},{"id":"sentral-0000beef-t1","channels":[]}]"#;
        let held = Lists { bridges: bridges.into(), ..lists() }.read(NodeId(0), "sentral").expect("lists").held;
        let ids: Vec<&str> = held.bridges.iter().map(|held| &*held.bridge.id).collect();
        assert_eq!(ids, ["sentral-0000beef-t9"]);
    }

    #[test]
    fn a_list_that_is_none_is_an_error() {
        let broken = Lists { channels: r#"{"message":"x"}"#.into(), ..lists() };
        assert!(broken.read(NodeId(0), "sentral").is_err());
        assert!(Lists::default().read(NodeId(0), "sentral").is_err());
    }
}
