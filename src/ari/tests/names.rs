//! Callers are called by Asterisk's names where it looks for them.

use super::*;
use crate::engine::Mark;

const START: &str = r#"{"type":"StasisStart","args":["+4780012345"],"channel":{"id":"c","name":"PJSIP/trunk-00000001","state":"Ring"}}"#;
const END: &str = r#"{"type":"StasisEnd","channel":{"id":"c","name":"PJSIP/trunk-00000001"}}"#;

fn mark() -> Command {
    let mark = Mark { dead_man: Some(Duration::from_secs(30)), ..Mark::default() };
    Command::Mark { channel: channel("c"), mark }
}

fn create() -> Command {
    Command::Create { leg: channel("l"), endpoint: "PJSIP/anna".into(), caller: channel("c") }
}

fn created_for(whom: &str) -> String {
    format!("POST /ari/channels/create?endpoint=PJSIP%2Fanna&app=sentral&channelId=l&originator={whom}")
}

fn dialled_for(whom: &str) -> String {
    format!("POST /ari/channels/l/dial?caller={whom}&timeout=15")
}

async fn one_who_calls() -> (Bench, EventSocket) {
    let (mut bench, mut socket) = Bench::up(|_| {}).await;
    socket.say(START).await;
    assert!(matches!(bench.event().await, Event::CallArrived { .. }));
    (bench, socket)
}

#[tokio::test]
async fn a_caller_is_called_by_his_name_until_he_leaves() {
    let (mut bench, mut socket) = one_who_calls().await;
    bench.node.send(create());
    bench.stub.expect(&created_for("PJSIP%2Ftrunk-00000001")).await.answer(200, "{}");
    bench.node.send(Command::Dial { leg: channel("l"), caller: channel("c"), ring: Duration::from_secs(15) });
    bench.stub.expect(&dialled_for("PJSIP%2Ftrunk-00000001")).await.answer(204, "");
    bench.node.send(mark());
    bench.stub.expect("POST /ari/channels/c/variables").await.answer(204, "");
    socket.say(END).await;
    assert!(matches!(bench.event().await, Event::Left { .. }));
    bench.node.send(create());
    bench.stub.expect(&created_for("c")).await.answer(200, "{}");
}

#[tokio::test]
async fn names_of_those_who_are_held_are_known_and_those_of_a_lost_connection_are_not() {
    let (mut bench, socket) = one_who_calls().await;
    drop(socket);
    bench.expect_down().await;
    let _second = bench.stub.event_socket().await;
    bench
        .stub
        .answer_questions(
            r#"[{"id":"held","name":"PJSIP/trunk-00000009","state":"Up","dialplan":{"app_name":"Stasis","app_data":"sentral,+47"}}]"#,
        )
        .await;
    assert_eq!(bench.expect_up().await.channels.len(), 1);
    for (caller, called) in [("held", "PJSIP%2Ftrunk-00000009"), ("c", "c")] {
        bench.node.send(Command::Create { leg: channel("l"), endpoint: "PJSIP/anna".into(), caller: channel(caller) });
        bench.stub.expect(&created_for(called)).await.answer(200, "{}");
    }
}
