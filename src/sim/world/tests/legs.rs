use super::*;

const ANNA: &str = "endpoint=PJSIP/anna&app=sentral&appArgs=leg,1&channelId=leg";
const LINES: &str = "endpoint=PJSIP/lines&app=sentral&channelId=leg";

#[test]
fn an_originated_leg_comes_into_stasis_when_it_is_answered() {
    let mut bench = Bench::new();
    assert_eq!(bench.rest("POST", &format!("channels?{ANNA}")), 200);
    bench.millis(500);
    assert_eq!(bench.told(), ["Dial", "ChannelStateChange", "Dial"]);
    assert_eq!(bench.rest("POST", "channels/leg/answer"), 409);
    bench.millis(510);
    assert_eq!(bench.events[2]["args"], serde_json::json!(["leg", "1"]));
    assert_eq!(bench.told(), ["ChannelStateChange", "Dial", "StasisStart"]);
}

#[test]
fn a_created_leg_comes_into_stasis_at_once_and_is_dialled_then() {
    let mut bench = Bench::new();
    let (_, channel) = bench.answered();
    bench.told();
    assert_eq!(bench.rest("POST", &format!("channels/create?{ANNA}&originator={channel}")), 200);
    assert_eq!(bench.rest("POST", "channels/leg/dial"), 409, "it is not in Stasis yet");
    bench.millis(1);
    assert_eq!(bench.events[0]["channel"]["state"], "Down");
    assert_eq!(bench.told(), ["StasisStart"]);
    assert_eq!(bench.rest("POST", "channels/leg/play?media=sound:x"), 412);
    assert_eq!(bench.rest("POST", &format!("channels/leg/dial?caller={channel}&timeout=15")), 204);
    bench.millis(3);
    assert_eq!(bench.rest("POST", "channels/leg/dial"), 409, "it rings");
    bench.millis(1_010);
    assert_eq!(bench.told(), ["Dial", "ChannelStateChange", "Dial", "ChannelStateChange", "Dial"], "no second start");
    assert_eq!(bench.anna()[0], Sight::Invited { leg: "leg".into(), from: "+4790011222".into() });
}

#[test]
fn a_leg_joined_before_its_answer_talks_from_the_answer_on() {
    let mut bench = Bench::new();
    let (caller, channel) = bench.answered();
    bench.rest("POST", "bridges?bridgeId=b&type=mixing");
    bench.rest("POST", &format!("channels/create?{ANNA}&originator={channel}"));
    bench.millis(1);
    bench.rest("POST", &format!("channels/leg/dial?caller={channel}"));
    assert_eq!(bench.rest("POST", &format!("bridges/b/addChannel?channel={channel},leg")), 204);
    bench.millis(5);
    assert_eq!(bench.saw(&Who::Caller(caller)).last(), Some(&Sight::HeardRinging));
    bench.millis(1_010);
    let with = vec![Who::Phone("anna".into())];
    assert_eq!(bench.saw(&Who::Caller(caller)).last(), Some(&Sight::Connected { with }));
    assert_eq!(bench.anna().last(), Some(&Sight::Connected { with: vec![Who::Caller(caller)] }));
}

/// Both are accepted, and the second one is the leg's end: which is why nobody may repeat a dial that he has no answer to.
#[test]
fn a_leg_that_is_dialled_twice_before_it_rings_is_hung_up() {
    let mut bench = Bench::new();
    bench.rest("POST", &format!("channels/create?{ANNA}"));
    bench.millis(1);
    assert_eq!(bench.rest("POST", "channels/leg/dial"), 204);
    assert_eq!(bench.rest("POST", "channels/leg/dial"), 204);
    bench.millis(20);
    assert_eq!(bench.rest("GET", "channels/leg"), 404);
    assert_eq!(bench.anna().last(), Some(&Sight::Cancelled { elsewhere: false }));
}

/// How a leg ends by itself: what its phone does, and cause and SIP status told.
#[test]
fn a_refusal_is_told_with_its_cause_and_its_sip_status() {
    for (pickup, cause, status) in [
        (Pickup::Busy, 17, 486),
        (Pickup::Declines(Span::millis(100, 100), 603), 21, 603),
        (Pickup::Unreachable(404), 1, 404),
        (Pickup::Unreachable(480), 19, 480),
        (Pickup::Unreachable(503), 34, 503),
        (Pickup::RingsOut, 19, 480),
        (Pickup::Silent, 19, 480),
    ] {
        let mut bench = Bench::new();
        bench.world.set_phone("lines", Habit::always(pickup));
        bench.rest("POST", &format!("channels?{LINES}&timeout=2"));
        bench.millis(2_010);
        let last = bench.events.last().expect("an event");
        assert_eq!(last["type"], "ChannelDestroyed", "{pickup:?}");
        assert_eq!((&last["cause"], &last["tech_cause"]), (&cause.into(), &status.into()), "{pickup:?}");
        assert_eq!(bench.rest("GET", "channels/leg"), 404);
    }
}

#[test]
fn an_originate_that_rings_out_says_nothing_before_its_end() {
    let mut bench = Bench::new();
    bench.rest("POST", &format!("channels?{LINES}&timeout=1"));
    bench.millis(1_010);
    assert_eq!(bench.told(), ["Dial", "ChannelStateChange", "Dial", "ChannelDestroyed"]);
    assert_eq!(bench.saw(&Who::Phone("lines".into())).last(), Some(&Sight::Cancelled { elsewhere: false }));
}

#[test]
fn a_created_leg_that_rings_out_leaves_stasis_first() {
    let mut bench = Bench::new();
    bench.rest("POST", &format!("channels/create?{LINES}"));
    bench.millis(1);
    bench.rest("POST", "channels/leg/dial?timeout=1");
    bench.millis(10);
    bench.told();
    bench.millis(1_000);
    assert_eq!(bench.told(), ["ChannelHangupRequest", "StasisEnd", "ChannelDestroyed"]);
}

#[test]
fn a_colleague_who_was_slower_sees_no_missed_call() {
    let mut bench = Bench::new();
    bench.rest("POST", &format!("channels?{ANNA}"));
    bench.millis(100);
    bench.told();
    assert_eq!(bench.rest("DELETE", "channels/leg?reason=answered_elsewhere"), 204);
    bench.millis(5);
    assert_eq!(bench.anna().last(), Some(&Sight::Cancelled { elsewhere: true }));
    assert_eq!(bench.events.last().expect("an event")["cause"], 26);
    assert_eq!(bench.told(), ["ChannelHangupRequest", "Dial", "ChannelDestroyed"]);
}

#[test]
fn an_answer_that_crosses_the_cancelling_is_hung_up() {
    let mut bench = Bench::new();
    bench.rest("POST", &format!("channels?{ANNA}"));
    // She picks up a second after the INVITE came; her 200 is on its way when the leg is given up.
    bench.pass(Duration::from_micros(1_001_500));
    assert_eq!(bench.anna().last(), Some(&Sight::Answered));
    assert_eq!(bench.rest("DELETE", "channels/leg?reason=answered_elsewhere"), 204);
    bench.millis(10);
    assert_eq!(bench.anna().last(), Some(&Sight::Bye { elsewhere: true }));
    assert!(!bench.told().contains(&"StasisStart".to_owned()));
}

#[test]
fn two_who_answer_in_the_same_moment_are_both_told() {
    let mut bench = Bench::new();
    bench.rest("POST", "channels?endpoint=PJSIP/anna&app=sentral&channelId=a");
    bench.rest("POST", "channels?endpoint=PJSIP/boris&app=sentral&channelId=b");
    bench.millis(1_010);
    let starts = bench.told().iter().filter(|kind| *kind == "StasisStart").count();
    assert_eq!(starts, 2);
}

#[test]
fn a_phone_in_a_call_is_busy_for_another() {
    let mut bench = Bench::new();
    bench.rest("POST", "channels?endpoint=PJSIP/anna&app=sentral&channelId=a");
    bench.millis(100);
    bench.rest("POST", "channels?endpoint=PJSIP/anna&app=sentral&channelId=b");
    bench.millis(10);
    assert!(bench.anna().contains(&Sight::Refused { status: 486 }));
}

#[test]
fn what_cannot_be_dialled_is_refused() {
    let mut bench = Bench::new();
    let failed = Reply::allocation_failed();
    assert_eq!(bench.reply("POST", "channels?endpoint=PJSIP/nobody&app=sentral"), failed);
    assert_eq!(bench.reply("POST", "channels/create?endpoint=Zap/1&app=sentral"), failed);
    assert_eq!(bench.rest("POST", "channels?endpoint=PJSIP&app=sentral"), 400);
    assert_eq!(bench.rest("POST", "channels?app=sentral"), 400);
    assert_eq!(bench.rest("POST", "channels?endpoint=PJSIP/anna"), 400);
    assert_eq!(bench.rest("POST", "channels?endpoint=PJSIP/anna&app=sentral&originator=x"), 400);
    bench.rest("POST", &format!("channels?{ANNA}"));
    assert_eq!(bench.rest("POST", &format!("channels?{ANNA}")), 409);
}

#[test]
fn a_leg_takes_on_what_its_caller_lets_others_inherit() {
    let mut bench = Bench::new();
    let (_, channel) = bench.answered();
    for name in ["plain", "_once", "__ever"] {
        bench.rest("POST", &format!("channels/{channel}/variable?variable={name}&value=x"));
    }
    bench.rest("POST", &format!("channels?{ANNA}&originator={channel}"));
    assert_eq!(bench.rest("GET", "channels/leg/variable?variable=plain"), 404);
    assert_eq!(bench.rest("GET", "channels/leg/variable?variable=once"), 200);
    assert_eq!(bench.rest("GET", "channels/leg/variable?variable=__ever"), 200);
}

#[test]
fn whom_a_leg_is_for_is_told_by_his_name_or_his_id_and_whose_leg_it_is_by_its_id_alone() {
    let mut bench = Bench::new();
    let (_, channel) = bench.answered();
    let told = bench.reply("GET", &format!("channels/{channel}")).body.expect("a channel");
    let name = told["name"].as_str().expect("a name").replace('/', "%2F");
    for (leg, caller) in [("one", &name.to_lowercase()), ("two", &channel)] {
        let asks = format!("endpoint=PJSIP/anna&app=sentral&channelId={leg}");
        assert_eq!(bench.rest("POST", &format!("channels/create?{asks}&originator={caller}")), 200);
        bench.millis(1);
        assert_eq!(bench.rest("POST", &format!("channels/{leg}/dial?caller={caller}")), 204);
        bench.millis(3);
        assert!(bench.anna().contains(&Sight::Invited { leg: leg.into(), from: "+4790011222".into() }));
        bench.rest("DELETE", &format!("channels/{leg}"));
        bench.millis(10);
    }
    assert_eq!(bench.rest("POST", &format!("channels?{ANNA}&originator={name}")), 200);
    for asks in ["answer", "variable?variable=x&value=y"] {
        assert_eq!(bench.rest("POST", &format!("channels/{name}/{asks}")), 409, "seen on 22.10");
    }
}

#[test]
fn a_phone_says_by_its_device_state_what_it_does() {
    let mut bench = Bench::new();
    assert_eq!(bench.rest("POST", "applications/sentral/subscription?eventSource=deviceState:PJSIP/anna"), 200);
    bench.rest("POST", &format!("channels?{ANNA}"));
    bench.millis(1_010);
    bench.rest("DELETE", "channels/leg");
    bench.millis(5);
    let device = |event: &Value| event["device_state"]["state"].as_str().map(str::to_owned);
    let states: Vec<_> = bench.events.iter().filter_map(device).collect();
    assert_eq!(states, ["RINGING", "INUSE", "NOT_INUSE"]);
}

#[test]
fn a_phone_in_somebodys_hand_says_only_what_it_is_told() {
    let mut bench = Bench::new();
    bench.world.set_phone("lines", Habit::always(Pickup::Silent));
    assert!(!bench.world.phone_rings(bench.now, "lines"), "nobody calls it");
    bench.rest("POST", &format!("channels?{LINES}"));
    bench.millis(500);
    assert_eq!(bench.told(), ["Dial"], "not even that it rings");
    assert!(bench.world.phone_rings(bench.now, "lines"));
    bench.millis(5);
    assert_eq!(bench.told(), ["ChannelStateChange", "Dial"]);
    assert!(bench.world.phone_answers(bench.now, "lines"));
    bench.millis(5);
    assert_eq!(bench.told(), ["ChannelStateChange", "Dial", "StasisStart"]);
    let lines = bench.saw(&Who::Phone("lines".into()));
    assert_eq!(lines[1..], [Sight::Ringing, Sight::Answered]);
}

#[test]
fn a_phone_that_has_not_said_a_word_is_not_told_that_a_colleague_answered() {
    for (rings_for, elsewhere) in [(1, false), (50, true)] {
        let mut bench = Bench::new();
        bench.rest("POST", &format!("channels?{LINES}"));
        bench.millis(rings_for);
        assert_eq!(bench.rest("DELETE", "channels/leg?reason=answered_elsewhere"), 204);
        bench.millis(5);
        let lines = bench.saw(&Who::Phone("lines".into()));
        assert_eq!(lines.last(), Some(&Sight::Cancelled { elsewhere }), "{rings_for} ms");
    }
}
