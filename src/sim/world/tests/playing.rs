use serde_json::json;

use super::*;

fn playbacks(bench: &mut Bench) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let events = std::mem::take(&mut bench.events);
    let of_playback = events.iter().filter(|event| !event["playback"].is_null());
    let row = |event: &Value| {
        let playback = &event["playback"];
        (text(&event["type"]), text(&playback["id"]), text(&playback["state"]))
    };
    of_playback.map(row).collect()
}

fn row(kind: &str, id: &str, state: &str) -> (String, String, String) {
    (format!("Playback{kind}"), id.into(), state.into())
}

#[test]
fn a_playback_lasts_as_long_as_its_sounds() {
    let mut config = Config::default();
    config.lengths.insert("sound:short".into(), Duration::from_millis(300));
    let mut bench = Bench::with(config);
    let (_, channel) = bench.answered();
    let reply = bench.reply("POST", &format!("channels/{channel}/play/p?media=sound:short,sound:long"));
    assert_eq!(reply.status, 201);
    let body = reply.body.expect("a body");
    assert_eq!((&body["state"], &body["next_media_uri"]), (&json!("queued"), &json!("sound:long")));
    bench.millis(299);
    assert_eq!(playbacks(&mut bench), [row("Started", "p", "playing")]);
    bench.millis(2);
    assert_eq!(playbacks(&mut bench), [row("Continuing", "p", "continuing"), row("Started", "p", "playing")]);
    bench.millis(2_000);
    assert_eq!(playbacks(&mut bench), [row("Finished", "p", "done")]);
    assert_eq!(bench.rest("GET", "playbacks/p"), 404);
}

#[test]
fn a_playback_stops_at_once_when_it_is_deleted() {
    let mut bench = Bench::calm();
    let (_, channel) = bench.answered();
    bench.rest("POST", &format!("channels/{channel}/play/p?media=sound:a,sound:b"));
    bench.millis(100);
    assert_eq!(bench.rest("DELETE", "playbacks/p"), 204);
    assert_eq!(playbacks(&mut bench), [row("Started", "p", "playing"), row("Finished", "p", "done")]);
    assert_eq!(bench.rest("DELETE", "playbacks/p"), 404);
    bench.millis(5_000);
    assert!(bench.told().is_empty(), "a stopped playback does not end again");
}

#[test]
fn a_playback_that_waits_its_turn_is_over_when_its_turn_comes() {
    let mut bench = Bench::calm();
    let (_, channel) = bench.answered();
    bench.rest("POST", &format!("channels/{channel}/play/p?media=sound:a"));
    bench.rest("POST", &format!("channels/{channel}/play/q?media=sound:b"));
    assert_eq!(bench.rest("DELETE", "playbacks/q"), 204);
    assert_eq!(playbacks(&mut bench), [row("Started", "p", "playing")]);
    bench.millis(2_001);
    assert_eq!(playbacks(&mut bench), [row("Finished", "p", "done"), row("Finished", "q", "done")]);
}

#[test]
fn a_missing_sound_fails_at_once_and_the_next_is_played() {
    let mut config = Config::default();
    config.missing.insert("sound:nosuch".into());
    let mut bench = Bench::with(config);
    let (_, channel) = bench.answered();
    bench.rest("POST", &format!("channels/{channel}/play/p?media=sound:nosuch"));
    assert_eq!(playbacks(&mut bench), [row("Started", "p", "playing"), row("Finished", "p", "failed")]);
    bench.rest("POST", &format!("channels/{channel}/play/q?media=sound:nosuch,sound:a"));
    assert_eq!(playbacks(&mut bench).len(), 3);
    bench.millis(2_001);
    assert_eq!(playbacks(&mut bench), [row("Finished", "q", "done")]);
}

#[test]
fn a_tone_lasts_until_it_is_stopped() {
    let mut bench = Bench::calm();
    let (_, channel) = bench.answered();
    bench.rest("POST", &format!("channels/{channel}/play/p?media=tone:busy"));
    bench.millis(60_000);
    assert_eq!(bench.rest("GET", "playbacks/p"), 200);
    assert_eq!(bench.rest("DELETE", "playbacks/p"), 204);
}

#[test]
fn an_unsupported_scheme_starts_and_never_ends() {
    let mut bench = Bench::calm();
    let (_, channel) = bench.answered();
    assert_eq!(bench.rest("POST", &format!("channels/{channel}/play/p?media=video:x")), 201);
    bench.millis(60_000);
    assert_eq!(playbacks(&mut bench), [row("Started", "p", "playing")]);
    assert_eq!(bench.rest("POST", &format!("channels/{channel}/play/q")), 500, "no media at all");
}

#[test]
fn a_hang_up_fails_what_plays_and_what_waits() {
    let mut bench = Bench::calm();
    let (caller, channel) = bench.answered();
    bench.rest("POST", &format!("channels/{channel}/play/p?media=sound:a"));
    bench.rest("POST", &format!("channels/{channel}/play/q?media=sound:b"));
    bench.told();
    bench.world.caller_hangs_up(bench.now, caller);
    bench.millis(10);
    assert_eq!(
        bench.told(),
        ["ChannelHangupRequest", "PlaybackFinished", "PlaybackStarted", "PlaybackFinished", "StasisEnd"]
    );
}

#[test]
fn set_variable_behind_a_playback_waits_for_its_end() {
    let mut bench = Bench::calm();
    let (_, channel) = bench.answered();
    bench.rest("POST", &format!("channels/{channel}/play/p?media=sound:a"));
    let ticket = bench.later("POST", &format!("channels/{channel}/variable?variable=A&value=b"));
    bench.millis(1_990);
    assert_eq!(bench.world.poll_reply(), None);
    assert_eq!(bench.rest("GET", &format!("channels/{channel}/variable?variable=A")), 404);
    bench.millis(20);
    assert_eq!(bench.world.poll_reply(), Some((ticket, Reply::no_content())));
    assert_eq!(bench.rest("GET", &format!("channels/{channel}/variable?variable=A")), 200);
}

#[test]
fn deleting_the_playback_lets_what_waits_behind_it_go_on() {
    let mut bench = Bench::calm();
    let (_, channel) = bench.answered();
    bench.rest("POST", "bridges?bridgeId=b&type=holding");
    bench.rest("POST", &format!("channels/{channel}/play/p?media=sound:a"));
    let add = bench.later("POST", &format!("bridges/b/addChannel?channel={channel}&role=holding_participant"));
    let answer = bench.later("POST", &format!("channels/{channel}/answer"));
    assert_eq!(bench.rest("POST", &format!("channels/{channel}/moh")), 204, "accepted, and done in its turn");
    assert_eq!(bench.rest("DELETE", "playbacks/p"), 204);
    assert_eq!(bench.world.poll_reply(), Some((add, Reply::no_content())));
    assert_eq!(bench.world.poll_reply(), Some((answer, Reply::no_content())));
}

#[test]
fn an_unanswered_caller_hears_early_media() {
    let mut bench = Bench::calm();
    let (caller, channel) = bench.caller();
    bench.rest("POST", &format!("channels/{channel}/play/p?media=sound:a"));
    assert_eq!(bench.saw(&Who::Caller(caller)).last(), Some(&Sight::HeardPlayed { media: "sound:a".into() }));
    let state = bench.reply("GET", &format!("channels/{channel}")).body.expect("a body");
    assert_eq!(state["state"], "Ring");
}

#[test]
fn a_sound_lasts_as_long_as_was_learned_of_it() {
    let mut bench = Bench::calm();
    let (_, channel) = bench.answered();
    bench.world.set_missing("sound:http://x/a.wav");
    bench.rest("POST", &format!("channels/{channel}/play/p?media=sound:http://x/a.wav"));
    assert_eq!(playbacks(&mut bench), [row("Started", "p", "playing"), row("Finished", "p", "failed")]);
    bench.world.set_length("sound:http://x/a.wav", Duration::from_secs(7));
    bench.rest("POST", &format!("channels/{channel}/play/q?media=sound:http://x/a.wav"));
    bench.millis(6_999);
    assert_eq!(playbacks(&mut bench), [row("Started", "q", "playing")]);
    bench.millis(2);
    assert_eq!(playbacks(&mut bench), [row("Finished", "q", "done")]);
}
