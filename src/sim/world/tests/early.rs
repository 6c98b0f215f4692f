//! A caller who is not answered, as a real Asterisk 22.10.1 and a 16 were seen to treat him.

use super::*;

fn statuses(bench: &Bench, caller: CallerId) -> Vec<Sight> {
    let told = |sight: &Sight| {
        matches!(sight, Sight::Ringing | Sight::Progress | Sight::Answered | Sight::HeardRinging | Sight::HeardNothing)
            || matches!(sight, Sight::HeardMusic { .. } | Sight::HeardPlayed { .. } | Sight::Connected { .. })
    };
    bench.saw(&Who::Caller(caller)).into_iter().filter(told).collect()
}

fn music() -> Sight {
    Sight::HeardMusic { class: "default".into() }
}

#[test]
fn he_hears_the_music_of_a_waiting_bridge_only_when_he_was_told_to_listen() {
    for (first, hears) in [(None, vec![]), (Some("moh"), vec![music(), Sight::Progress])] {
        let mut bench = Bench::calm();
        let (caller, channel) = bench.caller();
        bench.rest("POST", "bridges?bridgeId=wait&type=holding");
        if let Some(first) = first {
            bench.rest("POST", &format!("channels/{channel}/{first}"));
        }
        bench.rest("POST", &format!("bridges/wait/addChannel?channel={channel}&role=holding_participant"));
        bench.millis(5);
        assert_eq!(statuses(&bench, caller), hears, "{first:?}");
    }
}

#[test]
fn the_answer_ends_the_music_of_a_waiting_bridge() {
    let mut bench = Bench::calm();
    let (caller, channel) = bench.caller();
    bench.rest("POST", "bridges?bridgeId=wait&type=holding");
    bench.rest("POST", &format!("channels/{channel}/moh"));
    bench.rest("POST", &format!("bridges/wait/addChannel?channel={channel}&role=holding_participant"));
    bench.rest("POST", &format!("channels/{channel}/answer"));
    bench.millis(5);
    let heard = statuses(&bench, caller);
    assert!(heard.contains(&Sight::HeardNothing) && heard.contains(&Sight::Answered), "{heard:?}");
}

#[test]
fn he_is_told_that_it_rings_and_once_he_listens_hears_it() {
    let mut bench = Bench::calm();
    let (caller, channel) = bench.caller();
    bench.rest("POST", &format!("channels/{channel}/ring"));
    bench.millis(5);
    assert_eq!(statuses(&bench, caller), [Sight::Ringing]);
    bench.rest("POST", &format!("channels/{channel}/play/p?media=sound:a"));
    bench.millis(3_000);
    bench.rest("POST", &format!("channels/{channel}/ring"));
    bench.millis(5);
    assert_eq!(statuses(&bench, caller).last(), Some(&Sight::HeardRinging));
    bench.rest("DELETE", &format!("channels/{channel}/ring"));
    assert_eq!(statuses(&bench, caller).last(), Some(&Sight::HeardNothing));
}

#[test]
fn a_leg_in_one_bridge_with_him_passes_on_that_it_rings_and_the_answer() {
    let mut bench = Bench::calm();
    let (caller, channel) = bench.caller();
    bench.rest("POST", "bridges?bridgeId=talk&type=mixing");
    let leg = format!("endpoint=PJSIP/anna&app=sentral&channelId=leg&originator={channel}");
    bench.rest("POST", &format!("channels/create?{leg}"));
    bench.millis(1);
    bench.rest("POST", &format!("channels/leg/dial?caller={channel}&timeout=15"));
    assert_eq!(bench.rest("POST", &format!("bridges/talk/addChannel?channel={channel},leg")), 204);
    bench.millis(1_020);
    let with = vec![Who::Phone("anna".into())];
    assert_eq!(statuses(&bench, caller), [Sight::Ringing, Sight::Connected { with }, Sight::Answered]);
}

#[test]
fn a_cause_without_a_word_has_its_own_status() {
    for (code, status) in [(22, 410), (27, 502)] {
        let mut bench = Bench::new();
        let (caller, channel) = bench.caller();
        assert_eq!(bench.rest("DELETE", &format!("channels/{channel}?reason_code={code}")), 204);
        bench.millis(5);
        assert_eq!(bench.saw(&Who::Caller(caller)).last(), Some(&Sight::Refused { status }), "{code}");
    }
}
