//! Sessions with an Asterisk that is played by hand: the exchanges are those of a live one.

mod ends;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
};
use tokio_util::sync::CancellationToken;

use super::{CommandResult, Door, Options, Outcome, Watch};
use crate::{
    ari::Heard,
    clock::Clock,
    domain::{CallId, ChannelId, Digit, Media, NodeId, PlaybackId, Reason},
    engine::{Command, Enters, Event, Failure, Mark, Scope},
};

const NODE: NodeId = NodeId(3);

/// What is told of sessions.
struct Counted(mpsc::UnboundedSender<Outcome>);

impl Watch for Counted {
    fn began(&self) {}

    fn over(&self, outcome: Outcome) {
        let _gone = self.0.send(outcome);
    }

    fn turned_away(&self, outcome: Outcome) {
        self.over(outcome);
    }

    /// Music is where this house has its bug.
    fn command(&self, kind: &'static str, _result: CommandResult, _took: Duration) {
        assert_ne!(kind, "set_music", "a bug");
    }
}

/// A door, and whoever is behind it.
struct House {
    door: Door,
    events: mpsc::Receiver<Heard>,
    outcomes: mpsc::UnboundedReceiver<Outcome>,
    stop: CancellationToken,
}

impl House {
    async fn open(with: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            allow: vec!["127.0.0.1".parse().expect("an address")],
            sessions: 2,
            silence: Duration::from_secs(20),
            longest_prompt: Duration::from_secs(20),
        };
        with(&mut options);
        let (sender, events) = mpsc::channel(64);
        let (watch, outcomes) = mpsc::unbounded_channel();
        let stop = CancellationToken::new();
        let clock = Arc::new(Clock::new());
        let door = Door::open(options, NODE, None, clock, sender, Arc::new(Counted(watch)), stop.clone());
        let mut house = Self { door: door.expect("it opens"), events, outcomes, stop };
        let up = house.hears().await;
        assert!(matches!(up, Event::NodeUp { node: NODE, scope: Scope::CallerAlone, .. }), "{up:?}");
        house
    }

    async fn calls(&self) -> Asterisk {
        self.calls_for("").await
    }

    async fn calls_for(&self, script: &str) -> Asterisk {
        self.calls_as("1.1", script).await
    }

    async fn calls_as(&self, channel: &str, script: &str) -> Asterisk {
        let stream = TcpStream::connect(self.door.address()).await.expect("it is open");
        let mut asterisk = Asterisk { stream, heard: String::new() };
        asterisk
            .says(&format!(
                "agi_network: yes\nagi_network_script: {script}\nagi_channel: PJSIP/trunk-00000001\nagi_uniqueid: {channel}\n\
                 agi_callerid: +4790000000\nagi_extension: 100\n\n"
            ))
            .await;
        asterisk
    }

    /// A caller who is answered and in our hands.
    async fn caller(&mut self) -> Asterisk {
        let mut asterisk = self.calls().await;
        asterisk.is_asked("CHANNEL STATUS").await;
        asterisk.says("200 result=6\n").await;
        let arrived = self.hears().await;
        let Event::CallArrived { channel, enters, answered: true, .. } = arrived else { panic!("{arrived:?}") };
        assert_eq!((channel, enters), (channel_1(), Enters::from("100")));
        asterisk
    }

    /// The next event; what it leads to, is asked for by then.
    async fn hears(&mut self) -> Event {
        self.hears_and_asks([]).await
    }

    async fn hears_and_asks(&mut self, commands: impl IntoIterator<Item = Command>) -> Event {
        let heard = self.events.recv().await.expect("the door is open");
        commands.into_iter().for_each(|command| self.door.send(command));
        drop(heard.handled);
        heard.event
    }

    async fn is_over(&mut self, outcome: Outcome) {
        assert_eq!(self.outcomes.recv().await, Some(outcome));
    }

    async fn has_left(&mut self) {
        let left = self.hears().await;
        assert!(matches!(&left, Event::Left { channel } if *channel == channel_1()), "{left:?}");
    }
}

/// Asterisk's side of a session.
struct Asterisk {
    stream: TcpStream,
    heard: String,
}

impl Asterisk {
    async fn says(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.expect("somebody listens");
    }

    async fn line(&mut self) -> Option<String> {
        loop {
            if let Some((line, rest)) = self.heard.split_once('\n') {
                let line = line.to_owned();
                self.heard = rest.to_owned();
                return Some(line);
            }
            let mut bytes = [0; 1024];
            let count = self.stream.read(&mut bytes).await.ok().filter(|count| *count > 0)?;
            self.heard.push_str(std::str::from_utf8(&bytes[..count]).expect("text"));
        }
    }

    async fn is_asked(&mut self, line: &str) {
        assert_eq!(self.line().await.as_deref(), Some(line));
    }

    /// The same, when waits for a key may have been asked for before.
    async fn comes_to(&mut self, wanted: &str) {
        loop {
            let line = self.line().await;
            if line.as_deref() == Some(wanted) {
                return;
            }
            assert_eq!(line.as_deref(), Some("WAIT FOR DIGIT 200"), "before {wanted}");
            self.says("200 result=0\n").await;
        }
    }

    async fn does(&mut self, line: &str, reply: &str) {
        self.comes_to(line).await;
        self.says(reply).await;
    }

    /// Waits for something, and answers meanwhile that all is done.
    async fn meanwhile<T>(&mut self, what: impl Future<Output = T>) -> T {
        tokio::pin!(what);
        loop {
            tokio::select! {
                biased;
                happened = &mut what => return happened,
                line = self.line() => {
                    assert!(matches!(line.as_deref(), Some("NOOP" | "WAIT FOR DIGIT 200")), "{line:?}");
                    self.says("200 result=0\n").await;
                }
            }
        }
    }

    async fn is_closed(&mut self) {
        assert_eq!(self.line().await, None);
    }
}

fn channel_1() -> ChannelId {
    ChannelId::new(NODE, "1.1")
}

const PLAYBACK: PlaybackId = PlaybackId { boot: 1, number: 7 };

fn play(sounds: &[&str]) -> Command {
    let media = sounds.iter().map(|sound| Media::Sound((*sound).into())).collect();
    Command::Play { channel: channel_1(), playback: PLAYBACK, media, language: None }
}

fn stop() -> Command {
    Command::Stop { channel: channel_1(), playback: PLAYBACK }
}

fn streams(sound: &str, from: u64) -> String {
    format!("STREAM FILE \"{sound}\" \"0123456789*#ABCD\" {from}")
}

#[tokio::test]
async fn a_call_is_answered_played_to_and_given_back() {
    let mut house = House::open(|_| ()).await;
    let mut asterisk = house.calls().await;
    asterisk.does("CHANNEL STATUS", "200 result=4\n").await;
    let arrived = house.hears_and_asks([Command::Answer { channel: channel_1() }, play(&["a", "b"])]).await;
    assert!(matches!(arrived, Event::CallArrived { answered: false, .. }), "{arrived:?}");
    asterisk.does("EXEC Answer \",i\"", "200 result=0\n").await;
    asterisk.does(&streams("a", 0), "200 result=0 endpos=800\n").await;
    asterisk.does(&streams("b", 0), "200 result=0 endpos=800\n").await;
    let over = house.hears_and_asks([Command::Continue { channel: channel_1() }]).await;
    assert!(matches!(over, Event::PlaybackFinished { playback: PLAYBACK, whole: true, .. }), "{over:?}");
    asterisk.does("SET VARIABLE \"SENTRAL_RESULT\" \"continue\"", "200 result=1\n").await;
    asterisk.is_closed().await;
    house.has_left().await;
    house.is_over(Outcome::Continued).await;
}

#[tokio::test]
async fn a_key_ends_a_sound_only_when_the_engine_says_so() {
    let mut house = House::open(|_| ()).await;
    let mut asterisk = house.caller().await;
    house.door.send(play(&["a"]));
    asterisk.does(&streams("a", 0), "200 result=53 endpos=9600\n").await;
    let pressed = house.hears().await;
    assert!(matches!(pressed, Event::Pressed { digit, .. } if Some(digit) == Digit::new('5')), "{pressed:?}");
    asterisk.does(&streams("a", 9600), "200 result=54 endpos=19680\n").await;
    let pressed = house.hears_and_asks([stop(), play(&["b"])]).await;
    assert!(matches!(pressed, Event::Pressed { .. }), "{pressed:?}");
    let over = house.hears().await;
    assert!(matches!(over, Event::PlaybackFinished { whole: true, .. }), "{over:?}");
    asterisk.comes_to(&streams("b", 0)).await;
}

#[tokio::test]
async fn a_sound_is_ended_at_once_however_late_asterisk_takes_notice() {
    let mut house = House::open(|_| ()).await;
    let mut asterisk = house.caller().await;
    house.door.send(play(&["a"]));
    asterisk.comes_to(&streams("a", 0)).await;
    house.door.send(stop());
    // The first came together with the sound, and is seen with the second.
    asterisk.is_asked("NOOP").await;
    asterisk.is_asked("NOOP").await;
    asterisk.says("200 result=0\n200 result=0\n").await;
    let over = asterisk.meanwhile(house.hears()).await;
    assert!(matches!(over, Event::PlaybackFinished { whole: true, .. }), "{over:?}");

    house.door.send(play(&["b"]));
    asterisk.comes_to(&streams("b", 0)).await;
    house.door.send(stop());
    // It had ended by a key.
    asterisk.is_asked("NOOP").await;
    asterisk.says("200 result=49 endpos=80\n200 result=0\n").await;
    let pressed = asterisk.meanwhile(house.hears()).await;
    assert!(matches!(pressed, Event::Pressed { .. }), "{pressed:?}");
    let over = asterisk.meanwhile(house.hears()).await;
    assert!(matches!(over, Event::PlaybackFinished { whole: true, .. }), "{over:?}");
}

#[tokio::test]
async fn a_sound_that_there_is_not_is_told() {
    let mut house = House::open(|_| ()).await;
    let mut asterisk = house.caller().await;
    house.door.send(play(&["nothing", "a"]));
    asterisk.does(&streams("nothing", 0), "200 result=-1 endpos=0\n").await;
    asterisk.does(&streams("a", 0), "200 result=0 endpos=800\n").await;
    assert!(matches!(house.hears().await, Event::PlaybackFinished { whole: false, .. }));
}

#[tokio::test]
async fn a_hang_up_ends_a_session_wherever_it_comes() {
    for said in ["HANGUP\n", "200 result=-1 endpos=8000\nHANGUP\nHANGUP\n", "511 Command Not Permitted\n"] {
        let mut house = House::open(|_| ()).await;
        let mut asterisk = house.caller().await;
        house.door.send(play(&["a"]));
        asterisk.comes_to(&streams("a", 0)).await;
        asterisk.says(said).await;
        let mut event = house.hears().await;
        if let Event::PlaybackFinished { whole: false, .. } = event {
            event = house.hears().await;
        }
        assert!(matches!(event, Event::Left { .. }), "{said:?} {event:?}");
        house.is_over(Outcome::HungUp).await;
        house.door.send(stop());
        let failed = house.hears().await;
        assert!(matches!(failed, Event::Failed { failure: Failure::Refused(404), .. }), "{failed:?}");
    }
}

#[tokio::test]
async fn a_call_is_handed_over_without_having_left() {
    let mut house = House::open(|_| ()).await;
    let mut asterisk = house.caller().await;
    house.door.send(Command::HandOver { channel: channel_1(), call: CallId { boot: 0xbeef, number: 7 } });
    asterisk.does("SET VARIABLE \"SENTRAL_CALL\" \"0000beef-7\"", "200 result=1\n").await;
    asterisk.does("SET VARIABLE \"SENTRAL_RESULT\" \"stasis\"", "200 result=1\n").await;
    asterisk.is_closed().await;
    house.is_over(Outcome::HandedOver).await;
    assert!(house.events.try_recv().is_err(), "nobody has left");
}

#[tokio::test]
async fn who_is_hung_up_is_told_why() {
    let mut house = House::open(|_| ()).await;
    let mut asterisk = house.caller().await;
    house.door.send(Command::HangUp { channel: channel_1(), reason: Reason::Busy, can_wait: false });
    asterisk.does("SET VARIABLE \"SENTRAL_RESULT\" \"hangup\"", "200 result=1\n").await;
    asterisk.does("EXEC Hangup \"17\"", "200 result=-1\nHANGUP\nHANGUP\n").await;
    house.has_left().await;
    house.is_over(Outcome::Ended).await;
}

#[tokio::test]
async fn what_is_written_on_a_channel_is_what_ari_writes() {
    let mut house = House::open(|_| ()).await;
    let mut asterisk = house.caller().await;
    let mark = Mark {
        dead_man: Some(Duration::from_millis(29_500)),
        state: Some(r#"{"call":"1-2"}"#.into()),
        music: Some("jazz".into()),
        language: Some("nb".into()),
    };
    house.door.send(Command::Mark { channel: channel_1(), mark });
    asterisk.does("SET VARIABLE \"TIMEOUT(absolute)\" \"30\"", "200 result=1\n").await;
    asterisk.does(r#"SET VARIABLE "SENTRAL_STATE" "{\"call\":\"1-2\"}""#, "200 result=1\n").await;
    asterisk.does("SET VARIABLE \"CHANNEL(musicclass)\" \"jazz\"", "200 result=1\n").await;
    asterisk.does("SET VARIABLE \"CHANNEL(language)\" \"nb\"", "200 result=1\n").await;
    asterisk.comes_to("WAIT FOR DIGIT 200").await;
}

#[tokio::test]
async fn a_state_that_is_too_long_leaves_no_older_one_behind() {
    let mut house = House::open(|_| ()).await;
    let mut asterisk = house.caller().await;
    let mark = Mark { state: Some("x".repeat(10_000).into()), ..Mark::default() };
    house.door.send(Command::Mark { channel: channel_1(), mark });
    asterisk.does("SET VARIABLE \"SENTRAL_STATE\" \"\"", "200 result=1\n").await;
}

#[tokio::test]
async fn what_a_session_cannot_do_is_told() {
    let mut house = House::open(|_| ()).await;
    let mut asterisk = house.caller().await;
    let bridge = crate::domain::BridgeId::new(NODE, "b");
    house.door.send(Command::Park { channel: channel_1(), bridge });
    let failed = asterisk.meanwhile(house.hears()).await;
    assert!(matches!(failed, Event::Failed { failure: Failure::Refused(501), .. }), "{failed:?}");
}

#[tokio::test]
async fn a_path_that_there_is_not_is_told_in_the_dialplan_and_on_the_console() {
    let mut house = House::open(|_| ()).await;
    let mut asterisk = house.calls_for("menu/1?x=1").await;
    let told = asterisk.line().await.unwrap_or_default();
    assert!(told.starts_with("VERBOSE \"Sentral: there is no /menu/1: ") && told.contains("/flow/NAME"), "{told}");
    asterisk.says("200 result=1\n").await;
    asterisk.does("SET VARIABLE \"SENTRAL_RESULT\" \"error\"", "200 result=1\n").await;
    asterisk.is_closed().await;
    house.is_over(Outcome::Mistaken).await;
    assert!(house.events.try_recv().is_err(), "nobody has left");
}

#[tokio::test]
async fn a_question_that_comes_to_nothing_says_nothing_of_the_caller() {
    for (script, said, leaves, outcome) in [
        ("answered", "nonsense\n", false, Outcome::Garbled),
        ("release", "nonsense\n", false, Outcome::Garbled),
        ("route", "nonsense\n", false, Outcome::Garbled),
        ("answered", "HANGUP\n", true, Outcome::HungUp),
        ("select?queue=sales&wait=1m", "nonsense\n", true, Outcome::Garbled),
    ] {
        let mut house = House::open(|_| ()).await;
        let mut asterisk = house.calls_for(script).await;
        let _asked = house.hears().await;
        asterisk.is_asked("WAIT FOR DIGIT 200").await;
        asterisk.says(said).await;
        if leaves {
            house.has_left().await;
        }
        house.is_over(outcome).await;
        assert!(house.events.try_recv().is_err(), "{script}: more is told");
    }
}

#[tokio::test]
async fn those_who_wait_take_no_place_of_those_who_are_answered_at_once() {
    let mut house = House::open(|options| options.sessions = 1).await;
    let _waits = house.calls_as("2.2", "select?queue=sales&wait=1m").await;
    let asked = house.hears().await;
    assert!(matches!(asked, Event::ChoiceAsked { .. }), "{asked:?}");
    let mut second = house.calls_for("select?queue=sales").await;
    second.does("SET VARIABLE \"SENTRAL_RESULT\" \"refused\"", "200 result=1\n").await;
    house.is_over(Outcome::Refused).await;
    let _answered = house.calls_for("answered").await;
    let answered = house.hears().await;
    assert!(matches!(answered, Event::ChoiceAnswered { .. }), "{answered:?}");
}

#[tokio::test]
async fn one_too_many_is_told_so_and_the_next_has_a_place_again() {
    let mut house = House::open(|options| options.sessions = 1).await;
    let first = house.caller().await;
    let mut second = house.calls().await;
    second.does("SET VARIABLE \"SENTRAL_RESULT\" \"refused\"", "200 result=1\n").await;
    second.is_closed().await;
    house.is_over(Outcome::Refused).await;
    drop(first);
    house.has_left().await;
    house.is_over(Outcome::Lost).await;
    house.caller().await;
}

#[tokio::test]
async fn an_address_that_is_not_on_the_list_is_closed_without_a_word() {
    let mut house = House::open(|options| options.allow = vec!["10.0.0.0/8".parse().expect("a network")]).await;
    let mut stream = TcpStream::connect(house.door.address()).await.expect("it is open");
    let mut bytes = Vec::new();
    assert!(matches!(stream.read_to_end(&mut bytes).await, Ok(0) | Err(_)));
    house.is_over(Outcome::NotAllowed).await;
}

#[tokio::test]
async fn who_is_no_asterisk_is_closed() {
    let mut house = House::open(|_| ()).await;
    let mut stream = TcpStream::connect(house.door.address()).await.expect("it is open");
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.expect("it is open");
    house.is_over(Outcome::Garbled).await;
}

#[tokio::test]
async fn a_session_is_given_up_when_nothing_is_heard() {
    let mut house = House::open(|options| options.silence = Duration::from_secs(1)).await;
    // It says nothing, and then no end of it.
    let mut mute = TcpStream::connect(house.door.address()).await.expect("it is open");
    mute.write_all(b"agi_network: yes\n").await.expect("it is open");
    house.is_over(Outcome::Silent).await;
    let _asterisk = house.caller().await;
    house.has_left().await;
    house.is_over(Outcome::Silent).await;
}

#[tokio::test]
async fn sessions_end_when_we_stop_and_their_callers_have_left() {
    let mut house = House::open(|_| ()).await;
    let mut asterisk = house.caller().await;
    house.stop.cancel();
    house.has_left().await;
    house.is_over(Outcome::Stopped).await;
    house.door.ended().await;
    // It was listened to him.
    while let Some(line) = asterisk.line().await {
        assert_eq!(line, "WAIT FOR DIGIT 200");
    }
}

#[tokio::test]
async fn a_bug_ends_one_session_and_no_other() {
    let mut house = House::open(|_| ()).await;
    let mut other = house.calls_as("2.2", "").await;
    other.does("CHANNEL STATUS", "200 result=6\n").await;
    assert!(matches!(house.hears().await, Event::CallArrived { .. }));
    let mut asterisk = house.caller().await;
    house.door.send(Command::Music { channel: channel_1(), class: "jazz".into() });
    asterisk.does("SET MUSIC ON \"jazz\"", "200 result=0\n").await;
    asterisk.is_closed().await;
    house.has_left().await;
    house.is_over(Outcome::Broken).await;
    house.door.send(Command::Ring { channel: ChannelId::new(NODE, "2.2") });
    other.comes_to("EXEC Ringing \"\"").await;
}

#[tokio::test]
async fn a_sound_that_is_stopped_before_it_began_is_not_heard() {
    let mut house = House::open(|_| ()).await;
    let mut asterisk = house.caller().await;
    asterisk.comes_to("WAIT FOR DIGIT 200").await;
    for command in [play(&["a", "b"]), stop(), Command::Ring { channel: channel_1() }] {
        house.door.send(command);
    }
    asterisk.says("200 result=0\n").await;
    assert!(matches!(house.hears().await, Event::PlaybackFinished { whole: true, .. }));
    asterisk.comes_to("EXEC Ringing \"\"").await;
}
