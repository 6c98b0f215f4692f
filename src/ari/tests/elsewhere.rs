//! The ends of channels that are not in our hands.

use super::*;

const SUBSCRIBES: &str = "POST /ari/applications/sentral/subscription?eventSource=channel:1.1";
const ENDED: &str = r#"{"type":"ChannelDestroyed","cause":16,"channel":{"id":"1.1","state":"Up"}}"#;

/// As the engine knows it: at another node.
fn guest(id: &str) -> ChannelId {
    ChannelId::new(NodeId(1), id)
}

impl Bench {
    /// A node that is up, and watches a channel.
    async fn watching(room: usize) -> (Self, EventSocket) {
        let mut bench = Self::start(|_| {}, room).await;
        bench.node.elsewhere().watch(guest("1.1"));
        let socket = bench.stub.event_socket().await;
        bench.stub.answer_questions("[]").await;
        bench.stub.expect(SUBSCRIBES).await.answer(200, "{}");
        bench.expect_change(Connection::Up).await;
        (bench, socket)
    }

    async fn expect_end(&mut self) {
        let event = self.event().await;
        assert!(matches!(&event, Event::Left { channel } if *channel == guest("1.1")), "{event:?}");
    }
}

#[tokio::test]
async fn the_end_of_a_watched_channel_is_told_once() {
    let (mut bench, mut socket) = Bench::watching(1_000).await;
    bench.expect_up().await;
    socket.say(ENDED).await;
    bench.expect_end().await;
    drop(socket);
    bench.expect_down().await;
    let mut socket = bench.rise().await;
    socket.key("1.0", '1').await;
    assert!(matches!(bench.event().await, Event::Pressed { .. }));
    assert!(bench.stub.is_quiet(), "it is watched no more");
}

#[tokio::test]
async fn an_end_for_which_the_engine_had_no_room_is_told_in_the_end() {
    let (mut bench, mut socket) = Bench::watching(2).await;
    socket.key("1.0", '1').await;
    socket.say(ENDED).await;
    bench.expect_change(Connection::Lost(Lost::Overflow)).await;
    bench.expect_up().await;
    assert!(matches!(bench.event().await, Event::Pressed { .. }));
    bench.expect_down().await;
    let _socket = bench.rise().await;
    bench.stub.expect(SUBSCRIBES).await.answer(422, "{}");
    bench.expect_end().await;
}

#[tokio::test]
async fn an_end_that_came_before_a_connection_was_of_use_is_told_on_the_next_one() {
    let (mut bench, socket) = Bench::watching(1_000).await;
    bench.expect_up().await;
    drop(socket);
    bench.expect_down().await;
    let mut socket = bench.stub.event_socket().await;
    let asks = bench.stub.request().await;
    socket.say(ENDED).await;
    while bench.notes.count("ChannelDestroyed") == 0 {
        tokio::task::yield_now().await;
    }
    drop((socket, asks));
    let socket = bench.stub.event_socket().await;
    bench.stub.answer_questions("[]").await;
    bench.expect_up().await;
    bench.stub.expect(SUBSCRIBES).await.answer(422, "{}");
    bench.expect_end().await;
    drop(socket);
}

#[tokio::test]
async fn nothing_waits_for_those_who_are_watched() {
    let (mut bench, socket) = Bench::watching(1_000).await;
    bench.expect_up().await;
    bench.node.elsewhere().watch(guest("1.2"));
    bench.stub.expect(&SUBSCRIBES.replace("1.1", "1.2")).await.answer(200, "{}");
    drop(socket);
    bench.expect_down().await;
    // It is up before Asterisk is asked for the first, and hears what happens while that is not answered.
    let mut socket = bench.rise().await;
    let first = bench.stub.expect(SUBSCRIBES).await;
    socket.key("1.0", '1').await;
    assert!(matches!(bench.event().await, Event::Pressed { .. }));
    assert!(bench.stub.is_quiet(), "one is asked for at a time");
    first.answer(200, "{}");
    bench.stub.expect(&SUBSCRIBES.replace("1.1", "1.2")).await.answer(200, "{}");
}

#[tokio::test]
async fn one_who_cannot_be_watched_yet_is_asked_for_again() {
    let (mut bench, _socket) = Bench::watching(1_000).await;
    bench.expect_up().await;
    bench.node.elsewhere().watch(guest("1.2"));
    let second = SUBSCRIBES.replace("1.1", "1.2");
    bench.stub.expect(&second).await.answer(500, "{}");
    bench.stub.expect(&second).await.answer(200, "{}");
}
