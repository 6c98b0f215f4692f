//! Devices of which the engine is told how they are.

use super::*;
use crate::domain::{DeviceState, Name};

const SUBSCRIBE: &str = "POST /ari/applications/sentral/subscription";
const UNSUBSCRIBE: &str = "DELETE /ari/applications/sentral/subscription";

fn devices(names: &[&str]) -> BTreeSet<Name> {
    names.iter().map(|name| Name::new(name)).collect()
}

async fn expect_device(bench: &mut Bench, name: &str, state: DeviceState) {
    let event = bench.event().await;
    let Event::DeviceChanged { node: NodeId(0), device, state: is } = event else { panic!("no device: {event:?}") };
    assert_eq!((&*device, is), (name, state));
}

/// Subscriptions are asked for by names in the body.
async fn expect_asked(bench: &mut Bench, line: &str, sources: &str) {
    let seen = bench.stub.expect(line).await;
    assert_eq!(seen.body, format!(r#"{{"eventSource":[{sources}]}}"#));
    seen.answer(200, "{}");
}

async fn answer_state(bench: &mut Bench, device: &str, state: &str) {
    let asked = bench.stub.expect(&format!("GET /ari/deviceStates/{}", device.replace('/', "%2F"))).await;
    asked.answer(200, &format!(r#"{{"name":"{device}","state":"{state}"}}"#));
}

/// A node that is up, with the telephone of anna, who is not registered.
async fn with_anna() -> (Bench, stub::EventSocket) {
    let change = |settings: &mut NodeSettings| {
        settings.lanes = 1;
        settings.devices = devices(&["PJSIP/anna"]);
    };
    let mut bench = Bench::start(change, 1_000).await;
    let socket = bench.stub.event_socket().await;
    bench.stub.answer_until_lists("Channel not found").await;
    expect_asked(&mut bench, SUBSCRIBE, r#""deviceState:PJSIP/anna""#).await;
    answer_state(&mut bench, "PJSIP/anna", "UNAVAILABLE").await;
    bench.stub.answer_lists("[]").await;
    expect_device(&mut bench, "PJSIP/anna", DeviceState::Unavailable).await;
    bench.expect_up().await;
    (bench, socket)
}

#[tokio::test]
async fn how_devices_are_is_told_before_a_node_is_up_and_whenever_it_changes() {
    let (mut bench, mut socket) = with_anna().await;
    let registers = r#"{"type":"DeviceStateChanged","device_state":{"name":"PJSIP/anna","state":"NOT_INUSE"}}"#;
    socket.say(registers).await;
    expect_device(&mut bench, "PJSIP/anna", DeviceState::NotInUse).await;
    assert!(bench.stub.is_quiet());
}

#[tokio::test]
async fn a_new_plan_s_devices_are_subscribed_to_and_asked_for_and_the_others_given_up() {
    let (mut bench, socket) = with_anna().await;
    let node = bench.node.devices().clone();
    let follows = tokio::spawn(async move { node.follow(devices(&["PJSIP/boris", "PJSIP/carla"])).await });
    expect_asked(&mut bench, UNSUBSCRIBE, r#""deviceState:PJSIP/anna""#).await;
    expect_asked(&mut bench, SUBSCRIBE, r#""deviceState:PJSIP/boris","deviceState:PJSIP/carla""#).await;
    answer_state(&mut bench, "PJSIP/boris", "INUSE").await;
    // Of one that is not told nothing is known.
    bench.stub.expect("GET /ari/deviceStates/PJSIP%2Fcarla").await.answer(500, "{}");
    expect_device(&mut bench, "PJSIP/boris", DeviceState::InUse).await;
    expect_device(&mut bench, "PJSIP/carla", DeviceState::Unknown).await;
    soon("the end of it", follows).await.expect("it follows");
    // And they are those of the next connection.
    drop(socket);
    bench.expect_down().await;
    let _socket = bench.stub.event_socket().await;
    bench.stub.answer_until_lists("Channel not found").await;
    expect_asked(&mut bench, SUBSCRIBE, r#""deviceState:PJSIP/boris","deviceState:PJSIP/carla""#).await;
    answer_state(&mut bench, "PJSIP/boris", "NOT_INUSE").await;
    answer_state(&mut bench, "PJSIP/carla", "NOT_INUSE").await;
    bench.stub.answer_lists("[]").await;
    expect_device(&mut bench, "PJSIP/boris", DeviceState::NotInUse).await;
    expect_device(&mut bench, "PJSIP/carla", DeviceState::NotInUse).await;
    bench.expect_up().await;
}

#[tokio::test]
async fn an_asterisk_that_takes_no_subscription_is_used_without() {
    let change = |settings: &mut NodeSettings| {
        settings.lanes = 1;
        settings.devices = devices(&["PJSIP/anna"]);
    };
    let mut bench = Bench::start(change, 1_000).await;
    let _socket = bench.stub.event_socket().await;
    bench.stub.answer_until_lists("Channel not found").await;
    bench.stub.expect(SUBSCRIBE).await.answer(400, "{}");
    bench.stub.expect("GET /ari/deviceStates/PJSIP%2Fanna").await.answer(404, "{}");
    bench.stub.answer_lists("[]").await;
    expect_device(&mut bench, "PJSIP/anna", DeviceState::Unknown).await;
    bench.expect_up().await;
}

#[tokio::test]
async fn who_ends_takes_the_subscriptions_back() {
    let (mut bench, _socket) = with_anna().await;
    bench.stop.cancel();
    bench.stub.expect("PUT /ari/applications/sentral/eventFilter").await.answer(200, "{}");
    expect_asked(&mut bench, UNSUBSCRIBE, r#""deviceState:PJSIP/anna""#).await;
}
