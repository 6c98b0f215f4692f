use super::*;

impl Bench {
    fn cut(&mut self) {
        let socket = self.socket.take().expect("a socket");
        self.world.close_socket(self.now, socket);
    }

    fn connect(&mut self) {
        self.socket = self.world.open_socket(self.now, &["sentral"]);
    }
}

#[test]
fn with_nobody_connected_a_caller_is_in_the_native_queue_at_once() {
    let mut bench = Bench::new();
    bench.cut();
    let (caller, _) = bench.caller();
    assert_eq!(bench.saw(&Who::Caller(caller)).last(), Some(&Sight::Fallback));
}

#[test]
fn a_call_goes_on_while_nobody_is_connected_and_its_events_are_lost() {
    let mut bench = Bench::new();
    let (caller, channel) = bench.answered();
    bench.rest("POST", &format!("channels/{channel}/variable?variable=TIMEOUT(absolute)&value=0"));
    bench.told();
    bench.cut();
    bench.world.caller_presses(bench.now, caller, '1');
    bench.millis(5_000);
    bench.connect();
    bench.world.caller_presses(bench.now, caller, '2');
    bench.millis(200);
    assert_eq!(bench.told(), ["ChannelDtmfReceived"], "no start again, and only the second key");
}

#[test]
fn an_operator_who_answers_while_nobody_is_connected_is_hung_up() {
    let mut bench = Bench::new();
    bench.rest("POST", "channels?endpoint=PJSIP/anna&app=sentral&channelId=leg");
    bench.millis(100);
    bench.cut();
    bench.millis(1_000);
    let seen = bench.anna();
    assert_eq!(seen[seen.len() - 2..], [Sight::Answered, Sight::Bye { elsewhere: false }]);
    assert_eq!(bench.rest("GET", "channels/leg"), 404);
}

#[test]
fn the_filter_lives_as_long_as_the_application_has_anything_to_follow() {
    let mut bench = Bench::new();
    let filter = serde_json::json!({ "allowed": [{ "type": "StasisStart" }, { "type": "StasisEnd" }] });
    bench.with_body("PUT", "applications/sentral/eventFilter", &filter);
    let (_, channel) = bench.answered();
    assert_eq!(bench.told(), ["StasisStart"], "the change of state is filtered");
    bench.cut();
    bench.connect();
    bench.rest("DELETE", &format!("channels/{channel}"));
    bench.millis(5);
    assert_eq!(bench.told(), ["StasisEnd"], "and still is");
    bench.cut();
    assert_eq!(bench.rest("GET", "applications/sentral"), 404, "nothing to follow and nobody there");
    bench.connect();
    bench.answered();
    assert_eq!(bench.told(), ["StasisStart", "ChannelStateChange"]);
}

#[test]
fn a_filter_that_is_none_is_refused() {
    let mut bench = Bench::new();
    let filter = serde_json::json!({ "allowed": "x" });
    let answer = bench.with_body("PUT", "applications/sentral/eventFilter", &filter);
    assert_eq!(answer, Answer::Now(Reply::error(400, "Invalid format definition")));
}

#[test]
fn a_second_client_takes_the_application_over() {
    let mut bench = Bench::new();
    let first = bench.socket;
    bench.socket = bench.world.open_socket(bench.now, &["sentral"]);
    let (to, text) = bench.world.poll_event().expect("the first is told");
    assert_eq!(Some(to), first);
    assert!(text.contains("ApplicationReplaced"), "{text}");
    bench.answered();
    assert_eq!(bench.told(), ["StasisStart", "ChannelStateChange"]);
    bench.world.close_socket(bench.now, first.expect("a socket"));
    bench.answered();
    assert_eq!(bench.told(), ["StasisStart", "ChannelStateChange"], "the old one's end does no harm");
}

#[test]
fn a_client_hears_itself_until_its_application_is_deaf() {
    let mut bench = Bench::new();
    assert_eq!(bench.rest("POST", "events/user/hb?application=sentral"), 204);
    assert_eq!(bench.events[0]["eventname"], "hb");
    assert_eq!(bench.told(), ["ChannelUserevent"]);
    bench.world.deafen("sentral");
    assert_eq!(bench.rest("POST", "events/user/hb?application=sentral"), 204);
    assert!(bench.told().is_empty());
    let (_, _) = bench.caller();
    assert!(bench.told().is_empty(), "a new call hangs in silence");
    assert_eq!(bench.rest("POST", "events/user/hb?application=nobody"), 404);
}

#[test]
fn a_restart_ends_every_call_without_a_word() {
    let mut bench = Bench::new();
    let (caller, channel) = bench.talking("mixing", Keys::Media);
    bench.world.restart(bench.now, Duration::from_secs(2));
    assert_eq!(bench.world.poll_closed(), bench.socket);
    assert_eq!(bench.saw(&Who::Caller(caller)).last(), Some(&Sight::Dead));
    assert_eq!(bench.anna().last(), Some(&Sight::Dead));
    assert_eq!(bench.rest("GET", "channels"), 503);
    assert_eq!(bench.world.open_socket(bench.now, &["sentral"]), None);
    bench.millis(2_001);
    bench.connect();
    assert_eq!(bench.rest("GET", &format!("channels/{channel}")), 404);
    assert_eq!(bench.rest("GET", "bridges/talk"), 404);
    bench.answered();
    assert_eq!(bench.told(), ["StasisStart", "ChannelStateChange"]);
}

#[test]
fn what_people_saw_is_forgotten_from_its_beginning_when_it_is_too_much() {
    let mut bench = Bench::with(Config { remember: 2, ..Config::default() });
    let (caller, _) = bench.answered();
    bench.world.caller_presses(bench.now, caller, '1');
    assert_eq!(bench.world.seen().len(), 2);
    let (seen, next) = bench.world.seen_from(0);
    assert_eq!(seen.last().map(|seen| &seen.what), Some(&Sight::Pressed { key: '1' }));
    assert_eq!(bench.world.seen_from(next).0, []);
}
