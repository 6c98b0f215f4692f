use serde_json::json;

use super::*;

#[test]
fn of_one_who_is_in_a_bridge_nothing_is_recorded_and_that_is_told_behind_the_reply_that_it_was_made() {
    let mut bench = Bench::new();
    let (_, channel) = bench.answered();
    bench.rest("POST", "bridges?bridgeId=t&type=mixing");
    bench.rest("POST", &format!("bridges/t/addChannel?channel={channel}"));
    bench.events.clear();

    let reply = bench.reply("POST", &format!("channels/{channel}/record?name=m&format=wav"));

    assert_eq!(reply.status, 201);
    let body = reply.body.expect("a body");
    let why = json!("Cannot record channel while in bridge");
    assert_eq!((&body["state"], &body["cause"]), (&json!("failed"), &why));
    let told = bench.events.iter().find(|event| event["type"] == "RecordingFailed").expect("it is told");
    assert_eq!((&told["recording"]["name"], &told["recording"]["cause"]), (&json!("m"), &why));
    for kept in ["live", "stored"] {
        assert_eq!(bench.rest("GET", &format!("recordings/{kept}/m")), 404, "{kept}");
    }
}
