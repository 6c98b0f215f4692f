//! Commands on their way: order, limits, and every way to fail.

use super::*;
use crate::{
    domain::{Media, PlaybackId, Reason},
    engine::{BridgeKind, Mark},
};

fn one_lane(settings: &mut NodeSettings) {
    settings.lanes = 1;
}

fn dial(leg: &str) -> Command {
    Command::Dial { leg: channel(leg), caller: channel("c"), ring: Duration::from_secs(15) }
}

fn originate(leg: &str) -> Command {
    let (endpoint, caller) = ("PJSIP/anna".into(), channel("c"));
    Command::Originate { leg: channel(leg), endpoint, caller, shows: None, ring: Duration::from_secs(15) }
}

fn hang_up(id: &str) -> Command {
    Command::HangUp { channel: channel(id), reason: Reason::Normal, can_wait: false }
}

fn play(id: &str) -> Command {
    let playback = PlaybackId { boot: 1, number: 2 };
    Command::Play { channel: channel(id), playback, media: [Media::Sound("hello-world".into())].into(), language: None }
}

const ORIGINATE: &str = "POST /ari/channels?endpoint=PJSIP%2Fanna&app=sentral&channelId=l&originator=c&timeout=15";

#[tokio::test]
async fn commands_for_one_channel_wait_for_one_another_and_for_others_not() {
    let (mut bench, _socket) = Bench::up(|_| {}).await;
    bench.node.send(answer("1"));
    bench.node.send(play("1"));
    bench.node.send(answer("2"));
    let mut both = [bench.stub.request().await, bench.stub.request().await];
    both.sort_by(|a, b| a.line.cmp(&b.line));
    let [first, second] = both;
    assert_eq!((&*first.line, &*second.line), ("POST /ari/channels/1/answer", "POST /ari/channels/2/answer"));
    second.answer(204, "");
    bench.node.send(answer("3"));
    // The answered lane takes what came after, not what waits for the first.
    bench.stub.expect("POST /ari/channels/3/answer").await.answer(204, "");
    first.answer(204, "");
    let played = bench.stub.expect("POST /ari/channels/1/play/sentral-00000001-p2").await;
    assert_eq!(played.body, r#"{"media":["sound:hello-world"]}"#);
}

#[tokio::test]
async fn two_are_joined_when_their_bridge_is_made_and_the_caller_is_not_parked_before() {
    let (mut bench, _socket) = Bench::up(|_| {}).await;
    bench.node.send(Command::MakeBridge { bridge: bridge("b"), kind: BridgeKind::Talk });
    bench.node.send(Command::Join { bridge: bridge("b"), caller: channel("c"), leg: channel("l"), waiting: false });
    bench.node.send(Command::Park { channel: channel("c"), bridge: bridge("q") });
    let made = bench.stub.expect("POST /ari/bridges?bridgeId=sentral-sentral.b&type=mixing").await;
    assert!(bench.stub.is_quiet());
    made.answer(200, "{}");
    let joined = bench
        .stub
        .expect("POST /ari/bridges/sentral-sentral.b/addChannel?channel=c,l&inhibitConnectedLineUpdates=true")
        .await;
    assert!(bench.stub.is_quiet());
    joined.answer(204, "");
    bench
        .stub
        .expect("POST /ari/bridges/sentral-sentral.q/addChannel?channel=c&role=holding_participant")
        .await
        .answer(204, "");
}

#[tokio::test]
async fn there_are_never_more_requests_under_way_than_lanes_nor_sockets_than_one_more() {
    let (mut bench, _socket) = Bench::up(|settings| settings.lanes = 3).await;
    for id in 0..20 {
        bench.node.send(answer(&id.to_string()));
    }
    let mut waiting = Vec::new();
    for _ in 0..3 {
        waiting.push(bench.stub.request().await);
    }
    for _ in 3..20 {
        assert!(bench.stub.is_quiet());
        waiting.remove(0).answer(204, "");
        waiting.push(bench.stub.request().await);
    }
    // One more: the connection for our own questions. The websocket is not counted here.
    assert_eq!(bench.stub.most_connections(), 4);
}

#[tokio::test]
async fn every_refusal_is_told_with_its_status() {
    let (mut bench, _socket) = Bench::up(one_lane).await;
    for status in [400, 401, 404, 409, 412, 422, 500, 503] {
        bench.node.send(answer("1"));
        bench.stub.request().await.answer(status, "{\"error\":\"Allocation failed\u{1}\r\n\"}");
        bench.expect_failed(&answer("1"), Failure::Refused(status)).await;
    }
    assert_eq!(bench.notes.count("answer refused"), 8);
}

#[tokio::test]
async fn what_is_already_as_it_should_be_is_no_failure() {
    let (mut bench, _socket) = Bench::up(one_lane).await;
    let playback = PlaybackId { boot: 1, number: 2 };
    for (command, status) in [
        (Command::Stop { channel: channel("1"), playback }, 404),
        (Command::DropBridge { bridge: bridge("b") }, 404),
        (Command::MakeBridge { bridge: bridge("b"), kind: BridgeKind::Waiting }, 409),
    ] {
        bench.node.send(command);
        bench.stub.request().await.answer(status, "{}");
    }
    bench.node.send(hang_up("1"));
    bench.stub.request().await.answer(404, "{}");
    bench.expect_failed(&hang_up("1"), Failure::Refused(404)).await;
    let refused =
        ["stop", "drop_bridge", "make_bridge", "hang_up"].map(|it| bench.notes.count(&format!("{it} refused")));
    assert_eq!(refused, [0, 0, 0, 1]);
}

#[tokio::test]
async fn an_answer_that_never_comes_is_an_unknown_outcome_and_holds_nobody_up() {
    let (mut bench, _socket) = Bench::up(|settings| {
        settings.lanes = 1;
        settings.request_deadline = Duration::from_millis(300);
    })
    .await;
    bench.node.send(originate("l"));
    bench.node.send(answer("1"));
    let silent = bench.stub.expect(ORIGINATE).await;
    bench.expect_failed(&originate("l"), Failure::OutcomeUnknown).await;
    bench.stub.expect("POST /ari/channels/1/answer").await.answer(204, "");
    drop(silent);
    assert_eq!(bench.notes.count("originate outcome_unknown"), 1);
}

#[tokio::test]
async fn a_hang_up_whose_connection_closes_is_repeated_on_another() {
    let (mut bench, _socket) = Bench::up(one_lane).await;
    bench.node.send(hang_up("1"));
    let first = bench.stub.expect("DELETE /ari/channels/1?reason=normal").await;
    let connection = first.connection;
    first.close();
    let second = bench.stub.expect("DELETE /ari/channels/1?reason=normal").await;
    assert_ne!(second.connection, connection);
    second.close();
    bench.expect_failed(&hang_up("1"), Failure::OutcomeUnknown).await;
    assert!(bench.stub.is_quiet());
}

#[tokio::test]
async fn what_would_do_harm_twice_is_not_repeated() {
    let (mut bench, _socket) = Bench::up(one_lane).await;
    for command in [dial("l"), play("1"), Command::Continue { channel: channel("1") }] {
        bench.node.send(command.clone());
        bench.stub.request().await.close();
        bench.expect_failed(&command, Failure::OutcomeUnknown).await;
        assert!(bench.stub.is_quiet());
    }
}

#[tokio::test]
async fn a_leg_that_asterisk_knows_already_is_recognised_when_it_is_asked_for_again() {
    let (mut bench, _socket) = Bench::up(one_lane).await;
    bench.node.send(originate("l"));
    bench.stub.expect(ORIGINATE).await.close();
    bench.stub.expect(ORIGINATE).await.answer(409, "{}");
    // But not the first time: then it is somebody else's, or another failure in disguise.
    bench.node.send(originate("l"));
    bench.stub.expect(ORIGINATE).await.answer(409, "{}");
    bench.expect_failed(&originate("l"), Failure::Refused(409)).await;
    assert!(bench.events.try_recv().is_err());
}

#[tokio::test]
async fn what_cannot_be_sent_was_not_sent() {
    let (mut bench, _socket) = Bench::up(|settings| settings.lanes = 2).await;
    bench.stub.stop_listening().await;
    bench.node.send(answer("1"));
    bench.expect_failed(&answer("1"), Failure::NotSent).await;
}

#[tokio::test]
async fn a_node_that_is_not_up_takes_no_commands() {
    let mut bench = Bench::start(|_| {}, 1_000).await;
    bench.node.send(answer("1"));
    bench.expect_failed(&answer("1"), Failure::NotSent).await;
    let _socket = bench.rise().await;
    bench.node.send(answer("2"));
    bench.stub.expect("POST /ari/channels/2/answer").await.answer(204, "");
}

#[tokio::test]
async fn a_full_queue_says_so() {
    let (mut bench, _socket) = Bench::up(one_lane).await;
    bench.node.send(answer("0"));
    let _first = bench.stub.request().await;
    for _ in 0..lanes::QUEUE {
        bench.node.send(answer("1"));
    }
    assert!(bench.events.try_recv().is_err());
    bench.node.send(answer("2"));
    bench.expect_failed(&answer("2"), Failure::NotSent).await;
}

#[tokio::test]
async fn an_old_asterisk_gets_one_request_for_each_variable_until_one_is_refused() {
    let mut bench = Bench::start(one_lane, 1_000).await;
    let _socket = bench.stub.event_socket().await;
    bench.stub.answer_until_lists("Resource not found").await;
    bench.stub.answer_lists("[]").await;
    bench.expect_up().await;
    let mark = Mark {
        dead_man: Some(Duration::from_secs(30)),
        state: Some("{}".into()),
        music: Some("default".into()),
        ..Mark::default()
    };
    let command = Command::Mark { channel: channel("1"), mark };
    bench.node.send(command.clone());
    let first = bench.stub.expect("POST /ari/channels/1/variable").await;
    assert_eq!(first.body, r#"{"value":"30","variable":"TIMEOUT(absolute)"}"#);
    first.answer(204, "");
    bench.stub.expect("POST /ari/channels/1/variable").await.answer(404, "{}");
    bench.expect_failed(&command, Failure::Refused(404)).await;
    assert!(bench.stub.is_quiet());
}

#[tokio::test]
async fn a_node_that_is_stopped_carries_out_what_it_was_asked_for() {
    let (mut bench, _socket) = Bench::up(one_lane).await;
    for id in ["1", "1", "2"] {
        bench.node.send(hang_up(id));
    }
    let first = bench.stub.request().await;
    bench.stop.cancel();
    first.answer(204, "");
    for id in ["1", "2"] {
        bench.stub.expect(&format!("DELETE /ari/channels/{id}?reason=normal")).await.answer(204, "");
    }
    soon("the end", bench.node.ended()).await;
    bench.node.send(answer("3"));
    bench.expect_failed(&answer("3"), Failure::NotSent).await;
}
