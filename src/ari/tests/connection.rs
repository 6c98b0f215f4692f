//! The life of the event websocket.

use super::*;

/// A caller's channel in `GET /channels`, and its `StasisStart`.
const LISTED: &str = r#"[
    {"id":"1.0","state":"Up","caller":{"number":"+471","name":""},"dialplan":{"app_name":"Stasis","app_data":"sentral,+4780012345"},"channelvars":{"SENTRAL_STATE":"{}"}},
    {"id":"1.1","state":"Ring","dialplan":{"app_name":"Stasis","app_data":"sentral,+4780012345"}},
    {"id":"sentral-0-anna-1","state":"Up","dialplan":{"app_name":"Stasis","app_data":"sentral"}}]"#;
const ARRIVED: &str = r#"{"type":"StasisStart","args":["+4780012345"],"channel":{"id":"1.1","state":"Ring"}}"#;

async fn expect_key(bench: &mut Bench, id: &str) {
    let event = bench.event().await;
    assert!(matches!(&event, Event::Pressed { channel, .. } if *channel.id == *id), "{event:?}");
}

#[tokio::test]
async fn a_node_tells_first_what_it_holds_and_then_what_happened_meanwhile_and_nothing_twice() {
    let mut bench = Bench::start(|_| {}, 1_000).await;
    let mut socket = bench.stub.event_socket().await;
    socket.key("1.0", '1').await;
    bench.stub.answer_until_lists("Channel not found").await;
    socket.say(ARRIVED).await;
    socket.key("1.1", '2').await;
    // All of it is read before the last list is answered.
    while bench.notes.count("ChannelDtmfReceived") < 2 {
        tokio::task::yield_now().await;
    }
    bench.stub.answer_lists(LISTED).await;
    let held = bench.expect_up().await;
    let ids: Vec<&str> = held.channels.iter().map(|held| &*held.channel.id).collect();
    assert_eq!(ids, ["1.0", "sentral-0-anna-1"]);
    assert_eq!(held.channels[0].mark.as_deref(), Some("{}"));
    expect_key(&mut bench, "1.0").await;
    let event = bench.event().await;
    assert!(matches!(&event, Event::CallArrived { channel, .. } if &*channel.id == "1.1"), "{event:?}");
    expect_key(&mut bench, "1.1").await;
    socket.key("1.0", '3').await;
    expect_key(&mut bench, "1.0").await;
    bench.expect_change(Connection::Up).await;
}

#[tokio::test]
async fn an_old_asterisk_is_asked_for_each_callers_state() {
    let mut bench = Bench::start(|settings| settings.lanes = 1, 1_000).await;
    let _socket = bench.stub.event_socket().await;
    bench.stub.answer_until_lists("Resource not found").await;
    bench.stub.answer_lists(&LISTED.replace("channelvars", "x")).await;
    let asked = bench.stub.expect("GET /ari/channels/1.0/variable?variable=SENTRAL_STATE").await;
    asked.answer(200, r#"{"value":"{\"q\":1}"}"#);
    bench.stub.expect("GET /ari/channels/1.1/variable?variable=SENTRAL_STATE").await.answer(404, "{}");
    let held = bench.expect_up().await;
    let marks: Vec<_> = held.channels.iter().map(|held| held.mark.as_deref()).collect();
    assert_eq!(marks, [Some(r#"{"q":1}"#), None, None]);
}

#[tokio::test]
async fn an_old_asterisk_is_asked_for_the_state_of_whom_we_called_back() {
    let mut bench = Bench::start(|settings| settings.lanes = 1, 1_000).await;
    let _socket = bench.stub.event_socket().await;
    bench.stub.answer_until_lists("Resource not found").await;
    let listed = r#"[{"id":"sentral-0000000a-callback.-8","state":"Up","dialplan":{"context":"c","exten":"s","priority":1,"app_name":"Stasis","app_data":"sentral"}}]"#;
    bench.stub.answer_lists(listed).await;
    let asked =
        bench.stub.expect("GET /ari/channels/sentral-0000000a-callback.-8/variable?variable=SENTRAL_STATE").await;
    asked.answer(200, r#"{"value":"{\"q\":1}"}"#);
    let held = bench.expect_up().await;
    assert_eq!(held.channels.iter().map(|held| held.mark.as_deref()).collect::<Vec<_>>(), [Some(r#"{"q":1}"#)]);
}

#[tokio::test]
async fn a_lost_connection_is_told_before_the_commands_that_come_back_and_made_again() {
    let (mut bench, socket) = Bench::up(|settings| settings.lanes = 1).await;
    bench.expect_change(Connection::Up).await;
    bench.node.send(answer("1"));
    bench.node.send(answer("2"));
    let under_way = bench.stub.expect("POST /ari/channels/1/answer").await;
    drop(socket);
    bench.expect_down().await;
    bench.expect_failed(&answer("2"), Failure::NotSent).await;
    bench.expect_change(Connection::Lost(Lost::Closed)).await;
    let _socket = bench.stub.event_socket().await;
    bench.stub.answer_until_lists("Channel not found").await;
    // What is still under way could change what we are about to read.
    tokio::task::yield_now().await;
    assert!(bench.stub.is_quiet());
    under_way.answer(404, "{}");
    bench.stub.answer_lists("[]").await;
    bench.expect_failed(&answer("1"), Failure::Refused(404)).await;
    bench.expect_up().await;
}

#[tokio::test]
async fn a_node_that_cannot_say_what_it_holds_is_not_up() {
    let mut bench = Bench::start(|_| {}, 1_000).await;
    let socket = bench.stub.event_socket().await;
    bench.stub.expect("GET /ari/asterisk/info").await.answer(503, r#"{"message":"Asterisk not booted"}"#);
    bench.expect_change(Connection::Lost(Lost::Unprepared)).await;
    socket.gone().await;
    let _socket = bench.rise().await;
    bench.expect_change(Connection::Up).await;
}

#[tokio::test]
async fn a_wrong_password_is_told_as_such() {
    let mut bench = Bench::start(|settings| settings.password = SecretString::from("wrong"), 1_000).await;
    bench.expect_change(Connection::Lost(Lost::Unauthorized)).await;
    assert!(bench.stub.is_quiet());
    bench.node.send(answer("1"));
    bench.expect_failed(&answer("1"), Failure::NotSent).await;
}

#[tokio::test]
async fn another_engine_that_takes_our_application_keeps_it_until_it_is_free() {
    let (mut bench, mut socket) = Bench::up(|_| {}).await;
    socket.say(r#"{"type":"ApplicationReplaced","application":"another"}"#).await;
    socket.key("1.0", '1').await;
    expect_key(&mut bench, "1.0").await;
    socket.say(r#"{"type":"ApplicationReplaced","application":"sentral"}"#).await;
    let event = bench.event().await;
    assert!(matches!(event, Event::NodeTaken { node: NodeId(0) }), "{event:?}");
    bench.expect_change(Connection::Up).await;
    bench.expect_change(Connection::Lost(Lost::Replaced)).await;
    socket.gone().await;
    let busy = r#"{"name":"sentral","events_allowed":[{"type":"StasisStart"}]}"#;
    for (status, body) in [(200, busy), (500, ""), (404, r#"{"message":"Application not found"}"#)] {
        bench.stub.expect("GET /ari/applications/sentral").await.answer(status, body);
    }
    bench.rise().await;
}

#[tokio::test]
async fn one_who_is_told_to_stop_lets_the_application_go_and_says_good_bye() {
    let (mut bench, socket) = Bench::up(|settings| settings.lanes = 1).await;
    bench.node.send(answer("1"));
    let last = bench.stub.expect("POST /ari/channels/1/answer").await;
    bench.stop.cancel();
    tokio::task::yield_now().await;
    assert!(bench.stub.is_quiet(), "what was asked last is done first");
    last.answer(204, "");
    let filter = bench.stub.expect("PUT /ari/applications/sentral/eventFilter").await;
    assert_eq!(filter.body, "{}");
    filter.answer(200, "{}");
    socket.says_good_bye().await;
    soon("the end", bench.node.ended()).await;
}

#[tokio::test]
async fn garbage_halves_and_novelties_are_counted_and_passed_over() {
    let (mut bench, mut socket) = Bench::up(|_| {}).await;
    for text in ["", "{", "null", "[]", r#"{"type":7}"#, &ARRIVED[..40], r#"{"type":"StasisStart","channel":"x"}"#] {
        socket.say(text).await;
    }
    socket.say(r#"{"type":"ChannelLevitated"}"#).await;
    socket.key("1.0", '1').await;
    expect_key(&mut bench, "1.0").await;
    assert_eq!((bench.notes.count("garbled"), bench.notes.count("other")), (7, 1));
}

#[tokio::test]
async fn an_asterisk_that_does_not_echo_is_given_up() {
    let (mut bench, mut socket) = Bench::up(|settings| {
        settings.self_test_after = Duration::from_millis(50);
        settings.first_test_after = Duration::from_millis(50);
        settings.echo_within = Duration::from_millis(500);
    })
    .await;
    let test = "POST /ari/events/user/sentral-selftest?application=sentral";
    for _ in 0..3 {
        bench.stub.expect(test).await.answer(204, "");
        socket.say(r#"{"type":"ChannelUserevent","eventname":"sentral-selftest"}"#).await;
    }
    bench.stub.expect(test).await.answer(204, "");
    bench.expect_down().await;
    bench.expect_change(Connection::Up).await;
    bench.expect_change(Connection::Lost(Lost::Silent)).await;
    socket.gone().await;
}

#[tokio::test]
async fn an_asterisk_that_tells_and_does_not_answer_is_given_up() {
    let (mut bench, mut socket) = Bench::up(|settings| {
        settings.lanes = 1;
        settings.self_test_after = Duration::from_millis(50);
        settings.first_test_after = Duration::from_millis(50);
        settings.echo_within = Duration::from_millis(500);
    })
    .await;
    let test = "POST /ari/events/user/sentral-selftest?application=sentral";
    let hangs = bench.stub.expect(test).await;
    socket.key("1.0", '1').await;
    expect_key(&mut bench, "1.0").await;
    bench.node.send(answer("1"));
    // One answer is enough: it is only slow.
    bench.stub.expect("POST /ari/channels/1/answer").await.answer(404, "{}");
    bench.expect_failed(&answer("1"), Failure::Refused(404)).await;
    let hangs = (hangs, bench.stub.expect(test).await);
    socket.key("1.0", '2').await;
    expect_key(&mut bench, "1.0").await;
    bench.expect_down().await;
    bench.expect_change(Connection::Up).await;
    bench.expect_change(Connection::Lost(Lost::Unanswered)).await;
    drop(hangs);
    socket.gone().await;
}

#[tokio::test]
async fn when_the_engine_does_not_keep_up_it_is_told_everything_anew() {
    let mut bench = Bench::start(|_| {}, 3).await;
    let mut socket = bench.stub.event_socket().await;
    bench.stub.answer_questions("[]").await;
    for _ in 0..3 {
        socket.key("1.0", '1').await;
    }
    bench.expect_change(Connection::Up).await;
    bench.expect_change(Connection::Lost(Lost::Overflow)).await;
    assert_eq!(bench.notes.count("discarded 1"), 1);
    bench.expect_up().await;
    expect_key(&mut bench, "1.0").await;
    expect_key(&mut bench, "1.0").await;
    bench.expect_down().await;
    let mut socket = bench.rise().await;
    socket.key("1.0", '2').await;
    expect_key(&mut bench, "1.0").await;
}

#[tokio::test]
async fn a_failure_that_the_engine_has_no_room_for_is_made_good_as_well() {
    let mut bench = Bench::start(|settings| settings.lanes = 1, 1).await;
    let _socket = bench.stub.event_socket().await;
    bench.stub.answer_questions("[]").await;
    bench.expect_change(Connection::Up).await;
    bench.node.send(answer("1"));
    bench.stub.expect("POST /ari/channels/1/answer").await.answer(404, "{}");
    bench.expect_change(Connection::Lost(Lost::Overflow)).await;
    bench.expect_up().await;
    bench.expect_down().await;
    bench.rise().await;
}

#[tokio::test]
async fn an_application_that_asterisk_would_not_take_is_refused() {
    for app in ["", "a,b", &"x".repeat(74)] {
        let address = Address::parse("http://127.0.0.1:1/ari").expect("an address");
        let mut settings = NodeSettings::new(NodeId(0), address, "sentral", SecretString::from("pw"));
        settings.app = app.to_owned();
        let notes = Notes { words: Mutex::default(), changes: mpsc::unbounded_channel().0 };
        let node = Node::start(
            settings,
            Arc::new(Clock::new()),
            mpsc::channel(1).0,
            Arc::new(notes),
            CancellationToken::new(),
        );
        assert!(matches!(node, Err(NodeFault::App(_))), "{app}");
    }
}
