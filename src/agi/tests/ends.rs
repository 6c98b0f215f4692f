//! What is under way when a session ends, or we stop.

use super::*;
use crate::engine::{Choice, Noted, Reply};

fn reply(reply: Reply) -> Command {
    Command::Reply { channel: channel_1(), reply }
}

#[tokio::test]
async fn who_was_told_how_it_ends_is_not_cut_off_when_we_stop() {
    for (script, said, word) in [
        ("select?queue=sales&wait=1m", Reply::Choice(Choice::TimedOut { position: 1 }), "timed_out"),
        ("release", Reply::Reservation(Noted::Released), "released"),
    ] {
        let mut house = House::open(|_| ()).await;
        let mut asterisk = house.calls_for(script).await;
        let _asked = house.hears_and_asks([reply(said)]).await;
        house.stop.cancel();
        loop {
            let line = asterisk.line().await.expect("the answer is written");
            asterisk.says("200 result=1\n").await;
            if line.starts_with("SET VARIABLE \"SENTRAL_RESULT\"") {
                assert_eq!(line, format!("SET VARIABLE \"SENTRAL_RESULT\" \"{word}\""));
                break;
            }
        }
        asterisk.is_closed().await;
        house.is_over(Outcome::Told).await;
        house.door.ended().await;
    }
}

#[tokio::test]
async fn who_is_given_back_is_so_when_we_stop_and_one_who_does_not_answer_keeps_nobody() {
    let mut house = House::open(|_| ()).await;
    let mut asterisk = house.caller().await;
    house.door.send(Command::Continue { channel: channel_1() });
    house.stop.cancel();
    asterisk.does("SET VARIABLE \"SENTRAL_RESULT\" \"continue\"", "200 result=1\n").await;
    asterisk.is_closed().await;
    house.has_left().await;
    house.is_over(Outcome::Continued).await;

    let mut house = House::open(|_| ()).await;
    let _mute = house.caller().await;
    house.door.send(Command::Continue { channel: channel_1() });
    house.stop.cancel();
    house.has_left().await;
    house.is_over(Outcome::Stopped).await;
    house.door.ended().await;
}

#[tokio::test]
async fn what_was_meant_for_a_session_does_not_reach_the_next_one_of_its_channel() {
    let mut house = House::open(|_| ()).await;
    let mut first = house.calls_for("select?queue=sales&wait=1m").await;
    let asked = house.hears().await;
    assert!(matches!(asked, Event::ChoiceAsked { .. }), "{asked:?}");
    first.is_asked("WAIT FOR DIGIT 200").await;
    drop(first);
    // The engine has not dealt with his end yet, and has something for him.
    let left = house.events.recv().await.expect("the door is open");
    assert!(matches!(left.event, Event::Left { .. }), "{left:?}");
    let mut second = house.calls_for("select?queue=sales&wait=1m").await;
    // Long enough that it would have asked.
    let asked = tokio::time::timeout(Duration::from_millis(200), house.events.recv()).await;
    assert!(asked.is_err(), "the next one begins behind the end of the first: {asked:?}");
    house.door.send(reply(Reply::Choice(Choice::TimedOut { position: 1 })));
    let failed = house.hears().await;
    assert!(matches!(failed, Event::Failed { failure: Failure::Refused(404), .. }), "{failed:?}");

    drop(left.handled);
    let asked = house.hears_and_asks([reply(Reply::Choice(Choice::Unstaffed))]).await;
    assert!(matches!(asked, Event::ChoiceAsked { .. }), "{asked:?}");
    loop {
        let line = second.line().await.expect("its own answer");
        second.says("200 result=1\n").await;
        if line == "SET VARIABLE \"SENTRAL_RESULT\" \"unstaffed\"" {
            break;
        }
        assert!(!line.contains("SENTRAL_RESULT"), "{line}");
    }
}

#[tokio::test]
async fn a_channel_has_one_session_at_a_time() {
    let mut house = House::open(|_| ()).await;
    let mut first = house.caller().await;
    let mut second = house.calls().await;
    let told = second.line().await.unwrap_or_default();
    assert!(told.contains("this channel has a session already"), "{told}");
    second.says("200 result=1\n").await;
    second.does("SET VARIABLE \"SENTRAL_RESULT\" \"error\"", "200 result=1\n").await;
    second.is_closed().await;
    house.is_over(Outcome::Mistaken).await;
    house.door.send(Command::Ring { channel: channel_1() });
    first.comes_to("EXEC Ringing \"\"").await;
}
