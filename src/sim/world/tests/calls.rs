use super::*;

#[test]
fn a_caller_comes_into_stasis_with_the_number_that_he_dialled() {
    let mut bench = Bench::new();
    let (_, channel) = bench.caller();
    let start = &bench.events[0];
    assert_eq!(start["type"], "StasisStart");
    assert_eq!(start["args"], serde_json::json!(["+4780012345", "allowed_not_screened"]));
    assert_eq!(start["application"], "sentral");
    assert_eq!(start["channel"]["id"], channel);
    assert_eq!(start["channel"]["state"], "Ring");
    assert_eq!(start["channel"]["caller"]["number"], "+4790011222");
    assert_eq!(start["channel"]["dialplan"]["app_data"], "sentral,+4780012345,allowed_not_screened");
    assert_eq!(start["timestamp"], "2026-11-22T18:20:15.001+0000");
}

#[test]
fn a_caller_who_hangs_up_ends_in_stasis_without_a_destruction_told() {
    let mut bench = Bench::new();
    let (caller, channel) = bench.answered();
    assert_eq!(bench.told(), ["StasisStart", "ChannelStateChange"]);
    bench.world.caller_hangs_up(bench.now, caller);
    bench.millis(10);
    assert_eq!(bench.told(), ["ChannelHangupRequest", "StasisEnd"]);
    assert_eq!(bench.rest("GET", &format!("channels/{channel}")), 404);
}

#[test]
fn a_leg_made_for_a_caller_makes_his_destruction_told_too() {
    let mut bench = Bench::new();
    let (caller, channel) = bench.answered();
    bench.rest("POST", &format!("channels/create?endpoint=PJSIP/anna&app=sentral&channelId=l&originator={channel}"));
    bench.millis(1);
    bench.told();
    bench.world.caller_hangs_up(bench.now, caller);
    bench.millis(10);
    assert_eq!(bench.told(), ["ChannelHangupRequest", "StasisEnd", "ChannelDestroyed"]);
}

#[test]
fn a_caller_who_cancels_is_told_with_the_cause_of_a_cancel() {
    let mut bench = Bench::new();
    let (caller, _) = bench.caller();
    bench.world.caller_hangs_up(bench.now, caller);
    bench.millis(10);
    assert_eq!(bench.events[1]["type"], "ChannelHangupRequest");
    assert_eq!(bench.events[1]["cause"], 127);
    assert_eq!(bench.events[1]["tech_cause"], 487);
}

#[test]
fn a_caller_refused_unanswered_gets_the_sip_status_of_the_reason() {
    for (reason, status) in [("", 603), ("busy", 486), ("congestion", 503), ("no_answer", 480), ("unallocated", 404)] {
        let mut bench = Bench::new();
        let (caller, channel) = bench.caller();
        assert_eq!(bench.rest("DELETE", &format!("channels/{channel}?reason={reason}")), 204);
        bench.millis(5);
        assert_eq!(bench.saw(&Who::Caller(caller)).last(), Some(&Sight::Refused { status }), "{reason}");
    }
}

#[test]
fn an_unknown_reason_or_two_of_them_are_refused_and_nobody_is_hung_up() {
    let mut bench = Bench::new();
    let (_, channel) = bench.caller();
    assert_eq!(bench.rest("DELETE", &format!("channels/{channel}?reason=because")), 400);
    assert_eq!(bench.rest("DELETE", &format!("channels/{channel}?reason=busy&reason_code=17")), 400);
    assert_eq!(bench.rest("GET", &format!("channels/{channel}")), 200);
    assert_eq!(bench.rest("DELETE", "channels/nobody"), 404);
}

#[test]
fn our_hang_up_is_told_with_a_flag_that_is_no_cause() {
    let mut bench = Bench::new();
    let (caller, channel) = bench.answered();
    bench.told();
    bench.rest("DELETE", &format!("channels/{channel}"));
    assert_eq!(bench.events[0]["cause"], 32);
    assert_eq!(bench.events[0]["soft"], true);
    bench.millis(5);
    assert_eq!(bench.saw(&Who::Caller(caller)).last(), Some(&Sight::Bye { elsewhere: false }));
}

#[test]
fn a_request_between_the_hang_up_and_its_notice_is_answered_as_the_race_answers_it() {
    let mut bench = Bench::new();
    let (caller, channel) = bench.answered();
    bench.rest("POST", "bridges?bridgeId=b&type=mixing");
    bench.world.caller_hangs_up(bench.now, caller);
    bench.millis(1); // Asterisk has heard of it, the channel's thread has not
    let add = bench.later("POST", &format!("bridges/b/addChannel?channel={channel}"));
    let answer = bench.later("POST", &format!("channels/{channel}/answer"));
    bench.millis(5);
    assert_eq!(bench.world.poll_reply(), Some((add, Reply::no_content())));
    let (ticket, reply) = bench.world.poll_reply().expect("the other reply");
    assert_eq!((ticket, reply.status), (answer, 500));
    assert_eq!(bench.rest("GET", "bridges/b"), 200);
    assert_eq!(bench.reply("GET", "bridges/b").body.expect("a body")["channels"], serde_json::json!([]));
}

#[test]
fn a_key_is_told_when_it_is_let_go() {
    let mut bench = Bench::new();
    let (caller, _) = bench.answered();
    bench.told();
    bench.world.caller_presses(bench.now, caller, '5');
    bench.millis(119);
    assert!(bench.told().is_empty());
    bench.millis(2);
    assert_eq!(bench.events[0]["type"], "ChannelDtmfReceived");
    assert_eq!(bench.events[0]["digit"], "5");
}

#[test]
fn ringing_is_told_to_a_caller_who_is_not_answered() {
    let mut bench = Bench::new();
    let (caller, channel) = bench.caller();
    assert_eq!(bench.rest("POST", &format!("channels/{channel}/ring")), 204);
    bench.millis(2);
    assert_eq!(bench.saw(&Who::Caller(caller)).last(), Some(&Sight::Ringing));
}

#[test]
fn a_caller_given_back_is_answered_by_the_native_queue() {
    let mut bench = Bench::new();
    let (caller, channel) = bench.caller();
    assert_eq!(bench.rest("POST", &format!("channels/{channel}/continue")), 204);
    bench.millis(2);
    assert_eq!(bench.told(), ["StasisStart", "StasisEnd"]);
    assert!(bench.saw(&Who::Caller(caller)).contains(&Sight::Fallback));
    assert_eq!(bench.rest("POST", &format!("channels/{channel}/answer")), 409);
    bench.rest("POST", "bridges?bridgeId=b");
    assert_eq!(bench.rest("POST", &format!("bridges/b/addChannel?channel={channel}")), 422);
}

#[test]
fn a_caller_sent_where_nothing_is_is_dropped_with_a_success() {
    let mut bench = Bench::new();
    let (caller, channel) = bench.answered();
    assert_eq!(bench.rest("POST", &format!("channels/{channel}/continue?context=nowhere")), 204);
    bench.millis(5);
    assert_eq!(bench.saw(&Who::Caller(caller)).last(), Some(&Sight::Bye { elsewhere: false }));
}

#[test]
fn what_asterisk_does_not_know_is_refused_as_it_refuses_it() {
    let mut bench = Bench::new();
    for (method, path, status) in [
        ("GET", "nosuch", 404),
        ("GET", "channels/", 404),
        ("PUT", "channels", 405),
        ("GET", "channels/x", 404),
        ("POST", "channels/x/answer", 404),
        ("GET", "bridges/x", 404),
        ("GET", "playbacks/x", 404),
        ("GET", "applications/x", 404),
        ("GET", "asterisk/ping", 200),
        ("GET", "asterisk/info", 200),
        ("GET", "endpoints/PJSIP/anna", 200),
        ("GET", "endpoints/PJSIP/nobody", 404),
        ("POST", "channels/x/snoop", 501),
    ] {
        assert_eq!(bench.rest(method, path), status, "{method} {path}");
    }
}
