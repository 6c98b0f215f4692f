use serde_json::json;

use super::*;

#[test]
fn a_caller_who_waits_in_a_holding_bridge_has_music_and_has_it_again_after_an_announcement() {
    let mut bench = Bench::new();
    let (caller, channel) = bench.answered();
    bench.rest("POST", "bridges?bridgeId=w&type=holding");
    bench.rest("POST", &format!("channels/{channel}/variable?variable=CHANNEL(musicclass)&value=jazz"));
    bench.rest("POST", &format!("bridges/w/addChannel?channel={channel}&role=holding_participant"));
    bench.rest("POST", &format!("channels/{channel}/play/p?media=sound:a"));
    bench.millis(2_001);
    let heard = bench.saw(&Who::Caller(caller));
    let jazz = Sight::HeardMusic { class: "jazz".into() };
    let tail = &heard[heard.len() - 3..];
    assert_eq!(tail, [jazz.clone(), Sight::HeardPlayed { media: "sound:a".into() }, jazz]);
}

#[test]
fn one_who_is_put_into_a_holding_bridge_twice_has_no_music_any_more() {
    let mut bench = Bench::new();
    let (caller, channel) = bench.answered();
    bench.rest("POST", "bridges?bridgeId=w&type=holding");
    for _ in 0..2 {
        bench.rest("POST", &format!("bridges/w/addChannel?channel={channel}&role=holding_participant"));
    }
    assert_eq!(bench.saw(&Who::Caller(caller)).last(), Some(&Sight::HeardNothing));
}

#[test]
fn a_holding_bridge_without_the_role_is_silent() {
    let mut bench = Bench::new();
    let (caller, channel) = bench.answered();
    bench.rest("POST", "bridges?bridgeId=w&type=holding");
    bench.rest("POST", &format!("bridges/w/addChannel?channel={channel}"));
    assert_eq!(bench.saw(&Who::Caller(caller))[1..], [Sight::HeardNothing, Sight::Answered]);
}

#[test]
fn adding_to_a_bridge_leaves_the_one_before() {
    let mut bench = Bench::new();
    let (_, channel) = bench.answered();
    bench.rest("POST", "bridges?bridgeId=w&type=holding");
    bench.rest("POST", "bridges?bridgeId=t&type=mixing");
    bench.told();
    bench.rest("POST", &format!("bridges/w/addChannel?channel={channel}"));
    bench.rest("POST", &format!("bridges/t/addChannel?channel={channel}"));
    bench.rest("POST", &format!("bridges/t/addChannel?channel={channel}"));
    let entered = "ChannelEnteredBridge";
    let left = "ChannelLeftBridge";
    assert_eq!(bench.told(), [entered, left, entered, left, entered]);
}

#[test]
fn a_digit_in_a_two_party_mixing_bridge_is_not_told() {
    for (types, keys, told) in [
        ("mixing", Keys::Media, false),
        ("mixing", Keys::Info, true),
        ("mixing,dtmf_events", Keys::Media, true),
        ("mixing,proxy_media", Keys::Media, true),
    ] {
        let mut bench = Bench::new();
        let (caller, _) = bench.talking(types, keys);
        bench.world.caller_presses(bench.now, caller, '7');
        bench.millis(150);
        assert_eq!(!bench.told().is_empty(), told, "{types} {keys:?}");
    }
}

#[test]
fn a_telephone_may_send_each_key_in_its_own_way() {
    let mut bench = Bench::new();
    let (caller, _) = bench.talking("mixing", Keys::Media);
    for (keys, told) in [(Keys::Info, true), (Keys::Media, false)] {
        assert!(bench.world.caller_presses_as(bench.now, caller, '7', keys));
        bench.millis(150);
        assert_eq!(!bench.told().is_empty(), told, "{keys:?}");
    }
}

#[test]
fn the_one_left_behind_is_told_nothing_and_hears_nothing() {
    let mut bench = Bench::new();
    let (caller, channel) = bench.talking("mixing", Keys::Media);
    assert!(bench.world.phone_hangs_up(bench.now, "anna"));
    bench.millis(10);
    assert_eq!(bench.told(), ["ChannelHangupRequest", "ChannelLeftBridge", "StasisEnd", "ChannelDestroyed"]);
    let heard = bench.saw(&Who::Caller(caller));
    assert_eq!(heard[heard.len() - 2..], [Sight::Parted, Sight::HeardNothing]);
    assert_eq!(bench.rest("GET", &format!("channels/{channel}")), 200);
}

#[test]
fn a_bridge_taken_away_leaves_its_people_in_stasis() {
    let mut bench = Bench::new();
    let (_, channel) = bench.talking("mixing", Keys::Media);
    assert_eq!(bench.rest("DELETE", "bridges/talk"), 204);
    assert_eq!(bench.told(), ["ChannelLeftBridge", "ChannelLeftBridge", "BridgeDestroyed"]);
    assert_eq!(bench.rest("GET", &format!("channels/{channel}")), 200);
    assert_eq!(bench.rest("DELETE", "bridges/talk"), 404);
}

#[test]
fn one_dead_channel_in_a_list_keeps_them_all_out() {
    let mut bench = Bench::new();
    let (_, channel) = bench.answered();
    bench.rest("POST", "bridges?bridgeId=b");
    assert_eq!(bench.rest("POST", &format!("bridges/b/addChannel?channel={channel},dead")), 400);
    assert_eq!(bench.reply("GET", "bridges/b").body.expect("a body")["channels"], json!([]));
    assert_eq!(bench.rest("POST", &format!("bridges/none/addChannel?channel={channel}")), 404);
    assert_eq!(bench.rest("POST", "bridges/b/addChannel"), 400);
    assert_eq!(bench.rest("POST", &format!("bridges/b/removeChannel?channel={channel}")), 422);
}

#[test]
fn a_bridge_has_one_id_and_a_type_that_asterisk_knows() {
    let mut bench = Bench::new();
    assert_eq!(bench.rest("POST", "bridges?bridgeId=b&type=mixing"), 200);
    let again = bench.reply("POST", "bridges/b?type=mixing");
    assert_eq!(again, Reply::error(409, "Bridge with id 'b' already exists"));
    assert_eq!(bench.rest("POST", "bridges?bridgeId=c&type=mixing,holding"), 500);
}

#[test]
fn a_body_to_post_bridges_becomes_variables() {
    let mut bench = Bench::new();
    let answer = bench.with_body("POST", "bridges", &json!({ "variables": { "A": "x" } }));
    assert!(matches!(answer, Answer::Now(Reply { status: 400, .. })), "{answer:?}");
}

#[test]
fn a_variable_of_a_bridge_shows_in_it_and_never_waits() {
    let mut bench = Bench::new();
    bench.rest("POST", "bridges?bridgeId=b");
    assert_eq!(bench.rest("POST", "bridges/b/variable?variable=S&value=1&report_events=true"), 204);
    assert_eq!(bench.reply("GET", "bridges/b").body.expect("a body")["bridgevars"], json!({ "S": "1" }));
}

#[test]
fn a_second_in_the_bridge_whose_channel_is_blocked_comes_in_after_the_first() {
    let mut bench = Bench::new();
    let (_, first) = bench.answered();
    let (_, second) = bench.answered();
    bench.rest("POST", "bridges?bridgeId=b");
    bench.rest("POST", &format!("channels/{first}/play/p?media=sound:a"));
    bench.later("POST", &format!("bridges/b/addChannel?channel={first},{second}"));
    assert_eq!(bench.reply("GET", "bridges/b").body.expect("a body")["channels"], json!([]));
    bench.rest("DELETE", "playbacks/p");
    assert_eq!(bench.reply("GET", "bridges/b").body.expect("a body")["channels"], json!([first, second]));
}
