//! What the toy Asterisk does, one claim each, as a real 22.10.1 was seen to do it.

mod away;
mod bridges;
mod calls;
mod devices;
mod early;
mod legs;
mod playing;
mod recording;
mod variables;

use std::time::Duration;

use serde_json::Value;

use super::*;

/// A world in which time passes when told, and a client that keeps what it is told.
struct Bench {
    world: World,
    now: Time,
    socket: Option<SocketId>,
    events: Vec<Value>,
}

impl Bench {
    /// A client for `sentral` is connected; phones `anna`, `boris` answer after a second, `lines` rings out.
    fn new() -> Self {
        Self::with(Config::default())
    }

    /// Nobody is taken away by the dead man's switch.
    fn calm() -> Self {
        Self::with(Config { dead_man: Duration::from_secs(3_600), ..Config::default() })
    }

    fn with(config: Config) -> Self {
        let now = Time::from_secs(1_795_371_615);
        let mut world = World::new(7, now, config);
        world.set_phone("anna", Habit::answers());
        world.set_phone("boris", Habit::answers());
        world.set_phone("lines", Habit::always(Pickup::RingsOut));
        let socket = world.open_socket(now, &["sentral"]);
        Self { world, now, socket, events: Vec::new() }
    }

    fn ask(&mut self, method: &str, request: &str) -> Answer {
        let answer = self.world.ask(self.now, method, request, None);
        self.collect();
        answer
    }

    /// The status of a request that is answered at once.
    fn rest(&mut self, method: &str, request: &str) -> u16 {
        self.reply(method, request).status
    }

    fn reply(&mut self, method: &str, request: &str) -> Reply {
        match self.ask(method, request) {
            Answer::Now(reply) => reply,
            Answer::Later(_) => panic!("{method} {request} has to wait"),
        }
    }

    fn later(&mut self, method: &str, request: &str) -> Ticket {
        match self.ask(method, request) {
            Answer::Later(ticket) => ticket,
            Answer::Now(reply) => panic!("{method} {request} was answered {}", reply.status),
        }
    }

    fn with_body(&mut self, method: &str, path: &str, body: &Value) -> Answer {
        let answer = self.world.request(self.now, method, path, &[], Some(body));
        self.collect();
        answer
    }

    fn pass(&mut self, span: Duration) {
        self.now = self.now + span;
        self.world.handle_timeout(self.now);
        self.collect();
    }

    fn millis(&mut self, millis: u64) {
        self.pass(Duration::from_millis(millis));
    }

    fn collect(&mut self) {
        while let Some((to, text)) = self.world.poll_event() {
            assert_eq!(Some(to), self.socket, "an event for a socket that is not there: {text}");
            self.events.push(serde_json::from_str(&text).expect("events are JSON"));
        }
    }

    /// The types of what was told since this was last asked, without `ChannelVarset`.
    fn told(&mut self) -> Vec<String> {
        let kind = |event: Value| event["type"].as_str().unwrap_or_default().to_owned();
        std::mem::take(&mut self.events).into_iter().map(kind).filter(|kind| kind != "ChannelVarset").collect()
    }

    /// Somebody calls and is in Stasis.
    fn caller(&mut self) -> (CallerId, String) {
        self.caller_with(Keys::Media)
    }

    fn caller_with(&mut self, keys: Keys) -> (CallerId, String) {
        let calling = Calling {
            phone: None,
            number: "+4790011222".into(),
            name: "Ivan".into(),
            withheld: false,
            dialled: "+4780012345".into(),
            keys,
            reactions: Vec::new(),
        };
        let caller = self.world.caller_calls(self.now, calling);
        self.millis(1);
        let channel = self.world.channel_of(caller).expect("his call has arrived").to_owned();
        (caller, channel)
    }

    /// The same, answered.
    fn answered(&mut self) -> (CallerId, String) {
        let (caller, channel) = self.caller();
        assert_eq!(self.rest("POST", &format!("channels/{channel}/answer")), 204);
        self.millis(1);
        (caller, channel)
    }

    /// Anna's leg `leg` and the caller are in the bridge `talk` of this type and hear each other.
    fn talking(&mut self, types: &str, keys: Keys) -> (CallerId, String) {
        let (caller, channel) = self.caller_with(keys);
        self.rest("POST", &format!("channels/{channel}/answer"));
        self.rest("POST", &format!("bridges?bridgeId=talk&type={types}"));
        self.rest("POST", &format!("channels?endpoint=PJSIP/anna&app=sentral&channelId=leg&originator={channel}"));
        self.millis(1_010);
        assert_eq!(self.rest("POST", &format!("bridges/talk/addChannel?channel={channel},leg")), 204);
        self.told();
        (caller, channel)
    }

    fn saw(&self, who: &Who) -> Vec<Sight> {
        self.world.seen().filter(|seen| seen.who == *who).map(|seen| seen.what.clone()).collect()
    }

    fn anna(&self) -> Vec<Sight> {
        self.saw(&Who::Phone("anna".into()))
    }
}
