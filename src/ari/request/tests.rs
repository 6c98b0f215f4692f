use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::domain::{E164, Media, Name, NodeId, PlaybackId};
use crate::{domain::RecordingId, engine::command::Record};

fn channel(id: &str) -> ChannelId {
    ChannelId::new(NodeId(0), id)
}

fn bridge() -> BridgeId {
    BridgeId::new(NodeId(0), "sentral-0000beef-t1")
}

fn media(sounds: &[&str]) -> Arc<[Media]> {
    sounds.iter().map(|sound| Media::Sound((*sound).into())).collect()
}

fn record() -> Arc<Record> {
    let end = crate::domain::Digit::new('#');
    let (at_most, silence) = (Duration::from_secs(120), Duration::from_secs(5));
    let (greeting, done, mailbox) = (Default::default(), Default::default(), Name::new("sales"));
    Arc::new(Record {
        mailbox,
        greeting,
        at_most,
        silence,
        end,
        beep: true,
        done,
        failed: None,
        into: None,
        notify: None,
    })
}

fn every_command() -> Vec<Command> {
    let (caller, leg) = (channel("1795371615.0"), channel("sentral-0000beef-anna-1"));
    let playback = PlaybackId { boot: 0xbeef, number: 7 };
    let recording = RecordingId { boot: 0xbeef, number: 8 };
    let (ring, endpoint) = (Duration::from_millis(14_500), Arc::from("PJSIP/+4790000000@trunk"));
    vec![
        Command::Answer { channel: caller.clone() },
        Command::Mark {
            channel: caller.clone(),
            mark: Mark {
                dead_man: Some(Duration::from_secs(30)),
                state: Some(r#"{"q":"sales, night","n":"Ærlig \"x\""}"#.into()),
                music: Some(Name::new("default")),
                language: Some("pt_BR".into()),
            },
        },
        Command::Mark { channel: caller.clone(), mark: Mark { dead_man: Some(Duration::ZERO), ..Mark::default() } },
        Command::Mark { channel: caller.clone(), mark: Mark::default() },
        Command::Ring { channel: caller.clone() },
        Command::Music { channel: caller.clone(), class: Name::new("a.b") },
        Command::Hush { channel: caller.clone(), sound: Sound::Ringing },
        Command::Hush { channel: caller.clone(), sound: Sound::Music },
        Command::Play {
            channel: caller.clone(),
            playback,
            media: media(&["hello-world", "a,b&c=d", "æ"]),
            language: None,
        },
        Command::Play {
            channel: caller.clone(),
            playback,
            media: media(&["hello-world"]),
            language: Some("pt_BR".into()),
        },
        Command::Stop { channel: caller.clone(), playback },
        Command::Record { channel: caller.clone(), recording, record: record() },
        Command::StopRecording { channel: caller.clone(), recording },
        Command::SeekRecording { channel: caller.clone(), recording },
        Command::MakeBridge { bridge: bridge(), kind: BridgeKind::Talk },
        Command::MakeBridge { bridge: bridge(), kind: BridgeKind::Waiting },
        Command::DropBridge { bridge: bridge() },
        Command::Park { channel: caller.clone(), bridge: bridge() },
        Command::Unpark { channel: caller.clone(), bridge: bridge() },
        Command::Create { leg: leg.clone(), endpoint: Arc::clone(&endpoint), caller: caller.clone() },
        Command::Dial { leg: leg.clone(), caller: caller.clone(), ring },
        Command::Originate { leg: leg.clone(), endpoint: endpoint.clone(), caller: caller.clone(), shows: None, ring },
        Command::Originate {
            leg: leg.clone(),
            endpoint,
            caller: caller.clone(),
            shows: Some(Box::new(Shown { caller_id: Some(("+4722334455".into(), None)), ..Shown::default() })),
            ring,
        },
        Command::Join { bridge: bridge(), caller: caller.clone(), leg: leg.clone(), waiting: false },
        Command::Join { bridge: bridge(), caller: caller.clone(), leg: leg.clone(), waiting: true },
        Command::HangUp { channel: leg, reason: Reason::AnsweredElsewhere, can_wait: false },
        Command::HangUp { channel: caller.clone(), reason: Reason::Gone, can_wait: false },
        Command::HangUp { channel: caller.clone(), reason: Reason::OutOfOrder, can_wait: false },
        Command::Continue { channel: caller },
    ]
}

fn shown(command: &Command, dialect: Dialect) -> String {
    let mut text = format!("{}:\n", command.name());
    for request in requests(command, "sentral", dialect, &Names::default()) {
        let method = format!("{:?}", request.method).to_uppercase();
        let _ = writeln!(text, "    {method} {}", request.target);
        if let Some(body) = request.body {
            let _ = writeln!(text, "        {body}");
        }
    }
    text
}

#[test]
fn every_command_has_its_request() {
    let text: String = every_command().iter().map(|command| shown(command, Dialect::Current)).collect();
    insta::assert_snapshot!(text);
}

#[test]
fn an_old_asterisk_is_told_one_variable_at_a_time_and_reasons_that_it_knows() {
    let text: String = every_command()
        .iter()
        .filter(|command| {
            requests(command, "x", Dialect::Old, &Names::default())
                != requests(command, "x", Dialect::Current, &Names::default())
        })
        .map(|command| shown(command, Dialect::Old))
        .collect();
    insta::assert_snapshot!(text);
}

#[test]
fn every_command_is_one_request_and_an_empty_mark_is_none() {
    for command in every_command() {
        let empty = matches!(&command, Command::Mark { mark, .. } if *mark == Mark::default());
        assert_eq!(
            requests(&command, "sentral", Dialect::Current, &Names::default()).len(),
            usize::from(!empty),
            "{command:?}"
        );
    }
}

#[test]
fn every_command_has_its_place_in_the_order_and_its_rule_of_repetition() {
    let text: String = every_command()
        .iter()
        .map(|command| format!("{}: {:?} {:?}\n", command.name(), repeat(command), touches(command)))
        .collect();
    insta::assert_snapshot!(text);
}

#[test]
fn a_ring_time_is_never_nothing_and_never_more_than_asterisk_can_count() {
    for (span, seconds) in [(0, 0), (1, 1), (1_000, 1), (1_001, 2)] {
        assert_eq!(whole_seconds(Duration::from_millis(span)), seconds);
    }
    assert_eq!(whole_seconds(Duration::MAX), 2_147_483_647);
    let dial = Command::Dial { leg: channel("l"), caller: channel("c"), ring: Duration::ZERO };
    assert_eq!(request(&dial, "x", Dialect::Current, &Names::default()).target, "channels/l/dial?caller=c&timeout=1");
}

proptest! {
    #[test]
    fn nothing_in_an_id_or_a_dial_string_breaks_out_of_its_place(id in ".*", endpoint in ".*") {
        let leg = channel(&id);
        let command =
            Command::Originate { leg, endpoint: endpoint.as_str().into(), caller: channel(&id), shows: None, ring: Duration::ZERO };
        let target = request(&command, "sentral", Dialect::Current, &Names::default()).target;
        let url = reqwest::Url::parse(&format!("http://asterisk/ari/{target}")).expect("a URL");
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let expected = [("endpoint", &*endpoint), ("app", "sentral"), ("channelId", &id), ("originator", &id), ("timeout", "1")];
        prop_assert_eq!(pairs, expected.map(|(k, v)| (k.to_owned(), v.to_owned())));
        prop_assert_eq!(url.path(), "/ari/channels");

        let hang_up = Command::HangUp { channel: channel(&id), reason: Reason::Busy, can_wait: false };
        let hang_up = request(&hang_up, "sentral", Dialect::Current, &Names::default()).target;
        let url = reqwest::Url::parse(&format!("http://asterisk/ari/{hang_up}")).expect("a URL");
        prop_assert_eq!(url.query(), Some("reason=busy"));
    }

    #[test]
    fn a_mark_reads_back_as_it_was_written(state in ".*") {
        let mark = Mark { state: Some(state.as_str().into()), ..Mark::default() };
        let request = marks(&channel("1"), &mark, Dialect::Current).remove(0);
        let body: serde_json::Value = serde_json::from_str(&request.body.expect("a body")).expect("JSON");
        prop_assert_eq!(body["variables"]["SENTRAL_STATE"]["value"].as_str(), Some(&*state));
    }
}

#[test]
fn whom_a_leg_shows_is_in_its_caller_id_and_its_headers_and_breaks_out_of_neither() {
    let shown = Shown {
        caller_id: Some(("+4780012345".into(), Some("sales".into()))),
        asserted: E164::read("+47 800 12 345", None),
        diverted: E164::read("+47 22 33 44 55", None),
    };
    let command = Command::Originate {
        leg: channel("sentral-1"),
        endpoint: "PJSIP/+4790000001@out".into(),
        caller: channel("1.1"),
        shows: Some(Box::new(shown)),
        ring: Duration::from_secs(15),
    };
    let request = requests(&command, "sentral", Dialect::Current, &Names::default()).pop().expect("a request");
    assert!(request.target.ends_with("&timeout=15&callerId=%22sales%22%20%3C%2B4780012345%3E"), "{}", request.target);
    let body: serde_json::Value = serde_json::from_str(&request.body.expect("a body")).expect("JSON");
    assert_eq!(
        body,
        json!({"variables": {
            "PJSIP_HEADER(add,P-Asserted-Identity)": "<tel:+4780012345>",
            "PJSIP_HEADER(add,Diversion)": "<tel:+4722334455>;reason=unconditional"
        }})
    );
}
