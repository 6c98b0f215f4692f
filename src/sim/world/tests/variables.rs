use serde_json::json;

use super::*;

#[test]
fn a_reported_variable_comes_back_in_every_picture_of_the_channel() {
    let mut bench = Bench::new();
    let (caller, channel) = bench.answered();
    let state = r#"{"queue":"sales","at":1}"#;
    let body = json!({ "variables": { "SENTRAL": { "value": state, "report_events": true }, "OTHER": "x" } });
    let answer = bench.with_body("POST", &format!("channels/{channel}/variables"), &body);
    assert_eq!(answer, Answer::Now(Reply::no_content()));
    let listed = bench.reply("GET", "channels").body.expect("a body");
    assert_eq!(listed[0]["channelvars"], json!({ "SENTRAL": state }));
    bench.world.caller_presses(bench.now, caller, '1');
    bench.millis(150);
    assert_eq!(bench.events.last().expect("the key")["channel"]["channelvars"]["SENTRAL"], state);
}

#[test]
fn one_missing_variable_fails_the_request_for_all() {
    let mut bench = Bench::new();
    let (_, channel) = bench.answered();
    bench.rest("POST", &format!("channels/{channel}/variable?variable=A&value=1"));
    assert_eq!(bench.rest("GET", &format!("channels/{channel}/variables?variables=A,CALLERID(num)")), 200);
    assert_eq!(bench.rest("GET", &format!("channels/{channel}/variables?variables=A,NOPE")), 404);
    assert_eq!(bench.rest("GET", &format!("channels/{channel}/variable?variable=NOPE(x)")), 500);
    assert_eq!(bench.rest("GET", "channels/nobody/variable?variable=A"), 404);
}

#[test]
fn a_body_that_is_not_of_variables_is_refused() {
    let mut bench = Bench::new();
    let (_, channel) = bench.answered();
    for body in [
        json!({ "x": 1 }),
        json!({ "variables": { "A": 1 } }),
        json!({ "variables": { "A": { "report_events": true } } }),
        json!({ "variables": { "A": { "value": "x", "report_events": "yes" } } }),
    ] {
        let answer = bench.with_body("POST", &format!("channels/{channel}/variables"), &body);
        assert!(matches!(answer, Answer::Now(Reply { status: 400, .. })), "{body} {answer:?}");
    }
}

#[test]
fn the_dead_mans_switch_takes_a_caller_to_the_native_queue() {
    let mut bench = Bench::new();
    let (caller, channel) = bench.answered();
    bench.rest("POST", "bridges?bridgeId=w&type=holding");
    bench.rest("POST", &format!("bridges/w/addChannel?channel={channel}&role=holding_participant"));
    bench.told();
    bench.millis(9_990);
    assert!(bench.told().is_empty());
    bench.millis(20);
    assert_eq!(bench.told(), ["ChannelLeftBridge", "StasisEnd"], "and no request to hang up");
    assert_eq!(bench.saw(&Who::Caller(caller)).last(), Some(&Sight::Fallback));
}

#[test]
fn the_dead_mans_switch_is_armed_again_and_cleared_by_a_variable() {
    let mut bench = Bench::new();
    let (_, channel) = bench.answered();
    let armed = |value: &str| format!("channels/{channel}/variable?variable=TIMEOUT(absolute)&value={value}");
    assert_eq!(bench.rest("POST", &armed("10")), 204);
    bench.millis(9_000);
    assert_eq!(bench.rest("POST", &armed("0")), 204);
    bench.millis(60_000);
    assert!(!bench.told().contains(&"StasisEnd".to_owned()));
}
