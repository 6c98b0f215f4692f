//! From what Asterisk says to what the engine is told: pure.

use std::sync::Arc;

use super::{
    recordings,
    wire::{Channel, Device, Kind, Message, Playback},
};
use crate::{
    domain::{CallId, Caller, Cause, ChannelId, DeviceState, Digit, Name, NodeId, PlaybackId, id::OURS},
    engine::{Enters, Event, notice::Transfer},
};

/// What a message means to the engine; `None` when it means nothing to it.
pub(super) fn event(node: NodeId, message: &Message<'_>) -> Option<Event> {
    match message.kind {
        Kind::StasisStart => entered(node, message),
        Kind::StasisEnd => Some(Event::Left { channel: id(node, message.channel.as_ref()?) }),
        Kind::ChannelDestroyed => ended(node, message),
        Kind::ChannelStateChange => state_changed(node, message.channel.as_ref()?),
        Kind::ChannelDtmfReceived => pressed(node, message),
        Kind::PlaybackFinished => playback_finished(node, message.playback.as_ref()?),
        Kind::RecordingFinished => recording_over(node, message, true),
        Kind::RecordingFailed => recording_over(node, message, false),
        Kind::DeviceStateChanged => device_changed(node, message.device_state.as_ref()?),
        // They are for the driver itself.
        Kind::ChannelUserevent | Kind::ApplicationReplaced | Kind::Other => None,
    }
}

/// Whether an id is of the engine's choosing: a leg that it dialled.
pub(super) fn is_ours(id: &str) -> bool {
    id.starts_with(OURS)
}

/// What the dialplan says of one who calls from a telephone of the house.
const INTERNAL: &str = "internal";

/// What the dialplan gave along with a caller: the words of `Stasis()` behind the application's name. Any may be missing, or
/// empty.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Words<'a> {
    /// The number that he dialled.
    number: &'a str,
    /// `CALLERID(num-pres)`.
    presentation: &'a str,
    /// [`INTERNAL`], or anything else.
    whence: &'a str,
    /// The call that we handed over, as which he comes.
    call: &'a str,
}

impl<'a> Words<'a> {
    /// Takes them one by one.
    pub(super) fn read(mut words: impl Iterator<Item = &'a str>) -> Self {
        let mut next = || words.next().unwrap_or_default();
        Self { number: next(), presentation: next(), whence: next(), call: next() }
    }
}

/// By what a caller comes. The number is what the dialplan gave along with him, or else the extension he stands at. It may
/// be in no plan (a transfer's `Local/` channel, a mistake in the dialplan): the engine refuses such calls, and says so.
pub(super) fn enters(words: &Words<'_>, channel: &Channel<'_>) -> Enters {
    let given = Some(words.number).filter(|number| !number.is_empty());
    let dialled: Arc<str> = given.or(channel.dialplan.exten.as_deref()).unwrap_or_default().into();
    match CallId::parse(words.call) {
        Some(call) => Enters::HandedOver { call, dialled },
        None => Enters::Number(dialled),
    }
}

/// Who calls.
pub(super) fn caller(words: &Words<'_>, channel: &Channel<'_>) -> Caller {
    let (number, name) = (&channel.caller.number, &channel.caller.name);
    let (number, name) = (number.as_deref().unwrap_or_default(), name.as_deref().unwrap_or_default());
    let caller = Caller::from_wire(number, name, words.presentation);
    if words.whence == INTERNAL { caller.at_phone(channel.name.as_deref().unwrap_or_default()) } else { caller }
}

fn id(node: NodeId, channel: &Channel<'_>) -> ChannelId {
    ChannelId::new(node, &channel.id)
}

/// What transfers two calls to one another dials: a place in no dialplan.
const ATTENDED: (&str, &str) = ("_attended", "transfer");

/// Whereto a transfer leads, by the name of the channel that it put into a telephone's place: `Local/200@internal-00000000;1`.
fn transfer(name: &str) -> Option<Transfer> {
    let (line, _) = name.strip_prefix("Local/")?.strip_suffix(";1")?.rsplit_once('-')?;
    let (extension, context) = line.split_once('@')?;
    if (extension, context) == ATTENDED {
        let other_end = format!("{};2", name.strip_suffix(";1")?);
        return Some(Transfer::Attended { link: [name.into(), other_end.into()] });
    }
    Some(Transfer::Blind { extension: extension.into(), context: context.into() })
}

fn entered(node: NodeId, message: &Message<'_>) -> Option<Event> {
    let channel = message.channel.as_ref()?;
    let answered = channel.is_up();
    if let Some(old) = &message.replace_channel {
        let to = channel.name.as_deref().and_then(transfer);
        return Some(Event::LegReplaced { old: id(node, old), new: id(node, channel), to });
    }
    if is_ours(&channel.id) {
        return Some(Event::LegEntered { channel: id(node, channel), answered });
    }
    let words = Words::read(message.args.iter().map(|arg| &**arg));
    let (enters, caller) = (enters(&words, channel), caller(&words, channel));
    Some(Event::CallArrived { channel: id(node, channel), enters, caller, answered })
}

fn ended(node: NodeId, message: &Message<'_>) -> Option<Event> {
    let channel = message.channel.as_ref()?;
    // Of callers this comes only sometimes (after a bridge), and always behind `StasisEnd`.
    is_ours(&channel.id).then(|| Event::Ended {
        channel: id(node, channel),
        cause: Cause { q850: message.cause.unwrap_or(0), sip: message.tech_cause },
    })
}

fn state_changed(node: NodeId, channel: &Channel<'_>) -> Option<Event> {
    if !is_ours(&channel.id) {
        return None;
    }
    match channel.state.as_deref()? {
        "Ringing" => Some(Event::LegRinging { channel: id(node, channel) }),
        // An originated leg is not in our hands yet; its `StasisStart` follows at once and says that it is answered.
        "Up" => channel.is_in_stasis().then(|| Event::LegAnswered { channel: id(node, channel) }),
        _ => None,
    }
}

fn device_changed(node: NodeId, device: &Device<'_>) -> Option<Event> {
    let (name, state) = (Name::new(&device.name), DeviceState::read(&device.state));
    Some(Event::DeviceChanged { node, device: name, state })
}

fn pressed(node: NodeId, message: &Message<'_>) -> Option<Event> {
    let channel = id(node, message.channel.as_ref()?);
    let mut keys = message.digit.as_deref()?.chars();
    let digit = Digit::new(keys.next()?)?;
    keys.next().is_none().then_some(Event::Pressed { channel, digit })
}

fn playback_finished(node: NodeId, finished: &Playback<'_>) -> Option<Event> {
    let playback = PlaybackId::parse(&finished.id)?;
    let channel = ChannelId::new(node, finished.target_uri.as_deref()?.strip_prefix("channel:")?);
    Some(Event::PlaybackFinished { playback, channel, whole: finished.state.as_deref() == Some("done") })
}

fn recording_over(node: NodeId, message: &Message<'_>, well: bool) -> Option<Event> {
    let over = message.recording.as_ref()?;
    let recording = recordings::told(message.application.as_deref()?, &over.name)?;
    let channel = ChannelId::new(node, over.target_uri.as_deref()?.strip_prefix("channel:")?);
    Some(Event::RecordingOver { recording, channel, well })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Messages of a live Asterisk 22.10.1, shortened by fields that we do not read.
    const SPOKEN: &[&str] = &[
        r#"{"type":"StasisStart","timestamp":"2026-11-22T20:58:55.998+0000","args":["+4780012345"],"channel":{"id":"1795381135.0","name":"PJSIP/trunk-00000000","state":"Ring","protocol_id":"c727612728956@lab","caller":{"name":"Ivan \\\"P\\\" Petrov, <x>;\u0001","number":"+74951234567"},"connected":{"name":"","number":""},"accountcode":"","dialplan":{"context":"from-trunk","exten":"+4780012345","priority":3,"app_name":"Stasis","app_data":"sentral,+4780012345"},"creationtime":"2026-11-22T20:58:55.998+0000","language":"en"},"asterisk_id":"02:42:ac:1d:00:16","application":"sentral"}"#,
        r#"{"type":"StasisStart","args":["+4780012345","prohib_passed_screen"],"channel":{"id":"1795381135.8","state":"Ring","caller":{"name":"Ivan","number":"+74951234567"},"dialplan":{"exten":"s","app_name":"Stasis","app_data":"sentral,+4780012345,prohib_passed_screen"}},"application":"sentral"}"#,
        r#"{"type":"StasisStart","args":["102","","internal"],"channel":{"id":"1795381135.10","name":"PJSIP/anna-0000002a","state":"Ring","caller":{"name":"Anna","number":"101"},"dialplan":{"exten":"102","app_name":"Stasis","app_data":"sentral,102,,internal"}},"application":"sentral"}"#,
        r#"{"type":"StasisStart","args":["+4780012345","allowed_not_screened","external","0000beef-12"],"channel":{"id":"1795381135.12","state":"Up","caller":{"name":"Ivan","number":"+74951234567"},"dialplan":{"exten":"s","app_name":"Stasis","app_data":"sentral,+4780012345,allowed_not_screened,external,0000beef-12"}},"application":"sentral"}"#,
        r#"{"type":"StasisStart","args":["102","","internal",""],"channel":{"id":"1795381135.13","name":"PJSIP/anna-0000002a","state":"Ring","caller":{"name":"Anna","number":"101"},"dialplan":{"exten":"102","app_name":"Stasis","app_data":"sentral,102,,internal,"}},"application":"sentral"}"#,
        r#"{"type":"StasisStart","args":[],"channel":{"id":"1795381135.9","state":"Up","caller":{"name":"","number":"anonymous"},"dialplan":{"exten":"s","app_name":"Stasis","app_data":"sentral"}},"application":"sentral"}"#,
        r#"{"type":"StasisStart","args":[],"channel":{"id":"sentral-0000beef-anna-1","name":"PJSIP/op1-00000001","state":"Down","caller":{"name":"Operator One","number":"201"},"dialplan":{"context":"internal","exten":"s","priority":1,"app_name":"Stasis","app_data":"sentral"}},"application":"sentral"}"#,
        r#"{"type":"StasisStart","args":[],"channel":{"id":"sentral-0000beef-anna-2","state":"Up","dialplan":{"app_name":"Stasis","app_data":"sentral"}},"application":"sentral"}"#,
        r#"{"type":"StasisStart","args":[],"channel":{"id":"1795381135.11","name":"Local/200@internal-00000000;1","state":"Up"},"replace_channel":{"id":"sentral-0000beef-anna-2","state":"Up"},"application":"sentral"}"#,
        r#"{"type":"ChannelStateChange","channel":{"id":"sentral-0000beef-anna-1","state":"Ringing","dialplan":{"app_name":"Stasis"}},"application":"sentral"}"#,
        r#"{"type":"ChannelStateChange","channel":{"id":"sentral-0000beef-anna-1","state":"Up","dialplan":{"app_name":"Stasis","app_data":"sentral"}},"application":"sentral"}"#,
        r#"{"type":"ChannelStateChange","channel":{"id":"sentral-0000beef-anna-2","state":"Up","dialplan":{"app_name":"AppDial2","app_data":"(Outgoing Line)"}},"application":"sentral"}"#,
        r#"{"type":"ChannelStateChange","channel":{"id":"1795381135.0","state":"Up","dialplan":{"app_name":"Stasis"}},"application":"sentral"}"#,
        r#"{"type":"ChannelDtmfReceived","digit":"5","duration_ms":120,"channel":{"id":"1795381135.0"},"application":"sentral"}"#,
        r##"{"type":"ChannelDtmfReceived","digit":"#","duration_ms":120,"channel":{"id":"1795381135.0"},"application":"sentral"}"##,
        r#"{"type":"ChannelDtmfReceived","digit":"55","channel":{"id":"1795381135.0"},"application":"sentral"}"#,
        r#"{"type":"PlaybackFinished","playback":{"id":"sentral-0000beef-p7","media_uri":"sound:x","target_uri":"channel:1795381135.0","language":"en","state":"done"},"application":"sentral"}"#,
        r#"{"type":"PlaybackFinished","playback":{"id":"sentral-0000beef-p8","target_uri":"channel:1795381135.0","state":"failed"},"application":"sentral"}"#,
        r#"{"type":"PlaybackFinished","playback":{"id":"sentral-0000beef-p9","target_uri":"bridge:b","state":"done"},"application":"sentral"}"#,
        r#"{"type":"PlaybackFinished","playback":{"id":"somebody-elses","target_uri":"channel:1795381135.0","state":"done"},"application":"sentral"}"#,
        r#"{"type":"RecordingFinished","recording":{"name":"sentral-sentral.0000beef-r7","format":"wav","state":"done","target_uri":"channel:1795381135.0","duration":5,"talking_duration":5,"silence_duration":0},"application":"sentral"}"#,
        r#"{"type":"RecordingFailed","recording":{"name":"sentral-sentral.0000beef-r8","format":"wav","state":"failed","target_uri":"channel:1795381135.0","cause":"Cannot record channel while in bridge"},"application":"sentral"}"#,
        r#"{"type":"RecordingFinished","recording":{"name":"sentral-other.0000beef-r7","format":"wav","state":"done","target_uri":"channel:1795381135.0"},"application":"sentral"}"#,
        r#"{"type":"StasisEnd","channel":{"id":"1795381135.0","state":"Up","channelvars":{"SENTRAL_STATE":"{}"}},"application":"sentral"}"#,
        r#"{"cause":17,"cause_txt":"User busy","tech_cause":486,"type":"ChannelDestroyed","channel":{"id":"sentral-0000beef-anna-1","state":"Down"},"application":"sentral"}"#,
        r#"{"cause":26,"cause_txt":"Answered elsewhere","type":"ChannelDestroyed","channel":{"id":"sentral-0000beef-anna-2","state":"Ringing"},"application":"sentral"}"#,
        r#"{"cause":16,"type":"ChannelDestroyed","channel":{"id":"1795381135.0","state":"Up"},"application":"sentral"}"#,
        r#"{"type":"DeviceStateChanged","device_state":{"name":"PJSIP/anna","state":"RINGINUSE"},"application":"sentral"}"#,
        r#"{"type":"ChannelUserevent","eventname":"sentral-selftest","userevent":{"eventname":"sentral-selftest"},"application":"sentral"}"#,
        r#"{"type":"ApplicationReplaced","application":"sentral"}"#,
        r#"{"type":"ChannelVarset","variable":"X","value":"y","application":"sentral"}"#,
        r#"{"type":"StasisStart","application":"sentral"}"#,
    ];

    fn translated(text: &str) -> Option<Event> {
        event(NodeId(0), &serde_json::from_str(text).ok()?)
    }

    #[test]
    fn what_asterisk_says_means_this() {
        let table: String = SPOKEN
            .iter()
            .map(|text| {
                let message: Message<'_> = serde_json::from_str(text).expect("a message");
                let channel = message.channel.as_ref().map_or("-", |channel| &channel.id);
                format!("{} {channel}\n    {:?}\n", message.kind.word(), event(NodeId(0), &message))
            })
            .collect();
        insta::assert_snapshot!(table);
    }

    #[test]
    fn the_name_of_who_takes_a_telephones_place_says_whereto_a_transfer_leads() {
        let blind = |extension: &str, context: &str| {
            Some(Transfer::Blind { extension: extension.into(), context: context.into() })
        };
        assert_eq!(transfer("Local/200@internal-00000000;1"), blind("200", "internal"));
        assert_eq!(transfer("Local/+4780012345@from-trunk-0000002a;1"), blind("+4780012345", "from-trunk"));
        let link = ["Local/_attended@transfer-00000003;1".into(), "Local/_attended@transfer-00000003;2".into()];
        assert_eq!(transfer("Local/_attended@transfer-00000003;1"), Some(Transfer::Attended { link }));
        for other in ["", "PJSIP/anna-0000002a", "Local/", "Local/;1", "Local/200@internal-00000000;2", "Local/200-1;1"]
        {
            assert_eq!(transfer(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn garbage_is_no_event_and_no_panic(text in ".*") {
            prop_assert!(translated(&text).is_none());
        }

        #[test]
        fn half_a_message_is_no_event_and_no_panic(which in 0..SPOKEN.len(), cut in any::<prop::sample::Index>()) {
            let text = SPOKEN[which];
            let at = (0..=cut.index(text.len() - 1)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            prop_assert!(translated(&text[..at]).is_none());
        }

        #[test]
        fn a_byte_that_changed_on_the_way_never_panics(
            which in 0..SPOKEN.len(), at in any::<prop::sample::Index>(), byte in 0x20..0x7f_u8,
        ) {
            let mut text = SPOKEN[which].as_bytes().to_vec();
            let at = at.index(text.len());
            text[at] = byte;
            let _ = std::str::from_utf8(&text).map(translated);
        }

        #[test]
        fn a_caller_is_clean_whatever_he_calls_himself(name in ".{0,200}", number in ".{0,60}") {
            let text = serde_json::json!({
                "type": "StasisStart", "args": ["100"],
                "channel": {"id": "1.0", "state": "Ring", "caller": {"name": name, "number": number}},
            }).to_string();
            let Some(Event::CallArrived { caller, enters, .. }) = translated(&text) else { panic!("a caller") };
            prop_assert_eq!(enters, Enters::from("100"));
            let number = caller.number().unwrap_or_default().to_owned();
            let text = format!("{}{}", caller.name.unwrap_or_default(), number);
            prop_assert!(!text.contains(|c: char| c.is_control() || matches!(c, '"' | '<' | '>' | ',' | ';')));
        }
    }
}
