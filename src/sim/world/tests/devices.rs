//! What is said of phones, whoever's calls are at them.

use super::*;

const SUBSCRIPTION: &str = "applications/sentral/subscription?eventSource=deviceState:PJSIP/anna";

fn watching() -> Bench {
    let mut bench = Bench::new();
    assert_eq!(bench.rest("POST", SUBSCRIPTION), 200);
    bench
}

fn told(bench: &mut Bench) -> Vec<String> {
    bench.millis(2);
    let events = std::mem::take(&mut bench.events);
    events.iter().filter_map(|event| event["device_state"]["state"].as_str().map(str::to_owned)).collect()
}

fn asked(bench: &mut Bench, device: &str) -> String {
    let body = bench.reply("GET", &format!("deviceStates/PJSIP%2F{device}")).body.expect("a device");
    body["state"].as_str().expect("a state").to_owned()
}

#[test]
fn a_call_of_his_own_is_a_call() {
    let mut bench = watching();
    assert!(bench.world.phone_calls_out(bench.now, "anna"));
    assert_eq!((told(&mut bench), asked(&mut bench, "anna")), (vec!["INUSE".to_owned()], "INUSE".to_owned()));
    bench.rest("POST", "channels?endpoint=PJSIP/anna&app=sentral&channelId=leg");
    assert_eq!(told(&mut bench), ["RINGINUSE"]);
    assert!(bench.world.phone_ends_its_own_call(bench.now, "anna"));
    assert!(!bench.world.phone_ends_its_own_call(bench.now, "anna"), "there is none");
    assert_eq!(told(&mut bench), ["RINGING"]);
    assert!(!bench.world.phone_calls_out(bench.now, "nobody"));
}

#[test]
fn one_who_calls_from_a_phone_of_the_house_is_at_it() {
    let mut bench = watching();
    let calling = Calling { phone: Some("anna".into()), dialled: "101".into(), ..Calling::default() };
    let caller = bench.world.caller_calls(bench.now, calling);
    assert_eq!(told(&mut bench), ["INUSE"]);
    bench.world.caller_hangs_up(bench.now, caller);
    assert_eq!(told(&mut bench), ["NOT_INUSE"]);
}

#[test]
fn a_phone_that_goes_away_is_unavailable_until_it_is_back() {
    let mut bench = watching();
    bench.world.remove_phone("anna");
    bench.world.remove_phone("anna");
    bench.world.set_phone("anna", Habit::answers());
    assert_eq!(told(&mut bench), ["UNAVAILABLE", "NOT_INUSE"]);
    assert_eq!(asked(&mut bench, "nobody"), "UNAVAILABLE");
}

#[test]
fn a_subscription_outlives_the_application_and_does_not_keep_it() {
    let mut bench = watching();
    let socket = bench.socket.take().expect("a socket");
    bench.world.close_socket(bench.now, socket);
    assert_eq!(bench.rest("GET", "applications/sentral"), 404);
    bench.world.remove_phone("anna");
    bench.socket = bench.world.open_socket(bench.now, &["sentral"]);
    assert_eq!(told(&mut bench), [""; 0], "what changed meanwhile is told to nobody");
    bench.world.set_phone("anna", Habit::answers());
    assert_eq!(told(&mut bench), ["NOT_INUSE"]);
    assert_eq!(bench.rest("DELETE", SUBSCRIPTION), 200);
    assert_eq!(bench.rest("DELETE", SUBSCRIPTION), 422);
}
