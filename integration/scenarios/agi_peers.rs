//! Who may be at the other end of a session of FastAGI: slow, half gone, silent, or no Asterisk. None holds up another.

use anyhow::{Context, Result, ensure};
use tokio::time::sleep;

use crate::fastagi::{Session, environment};
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{Moment, ms, secs};

scenarios! {
    everywhere: who_says_his_bytes_one_by_one_is_understood, who_says_no_more_has_left, who_does_not_listen_holds_up_nobody,
        who_says_nothing_is_given_up, who_is_no_asterisk_ends_himself_alone, what_asterisk_refuses_is_counted_and_the_call_goes_on,
        a_name_of_any_bytes_is_a_name;
}

/// Nobody calls over ARI here.
fn alone() -> Setup {
    Setup::from("test").without_ari()
}

async fn sessions_end(stage: &mut Stage, outcome: &str, how_many: f64) -> Result<()> {
    let outcome = format!("outcome=\"{outcome}\"");
    stage.engine()?.counts("sentral_agi_sessions_total", &[&outcome], how_many, secs(5)).await
}

async fn commands(stage: &mut Stage, command: &str, result: &str, how_many: f64) -> Result<()> {
    let labels = [format!("command=\"{command}\""), format!("result=\"{result}\"")];
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    stage.engine()?.counts("sentral_agi_command_duration_seconds_count", &labels, how_many, secs(5)).await
}

/// A session of somebody else goes as fast as ever.
async fn another_is_served(at: &str) -> Result<()> {
    let begun = Moment::now();
    Session::of(at, "flow/handed", "9.9", secs(5)).await?.results_in("continue")?;
    let took = Moment::now() - begun;
    ensure!(took < secs(2), "another was held up for {took:?}");
    Ok(())
}

async fn who_says_his_bytes_one_by_one_is_understood(stage: &mut Stage) -> Result<()> {
    let at = stage.has_a_door(alone(), "").await?;
    let mut session = Session::connects(&at).await?;
    for byte in environment("flow/handed", "1.1", "Caller").bytes() {
        session.says(&[byte]).await?;
        sleep(ms(2)).await;
    }
    session.comes_to("STREAM FILE").await?;
    for byte in b"200 result=0 endpos=800\n" {
        session.says(&[*byte]).await?;
        sleep(ms(5)).await;
    }
    session.ends_within(secs(5)).await?.results_in("continue")
}

async fn who_says_no_more_has_left(stage: &mut Stage) -> Result<()> {
    let at = stage.has_a_door(alone(), "").await?;
    let mut session = Session::begins(&at, "flow/pauses", "1.1").await?;
    session.comes_to("WAIT").await?;
    session.falls_silent().await?;
    sessions_end(stage, "lost", 1.0).await?;
    another_is_served(&at).await
}

async fn who_does_not_listen_holds_up_nobody(stage: &mut Stage) -> Result<()> {
    let at = stage.has_a_door(alone(), "silence: 2s").await?;
    let mut deaf = Vec::new();
    for n in 0..50 {
        deaf.push(Session::begins(&at, "flow/pauses", &format!("1.{n}")).await?);
    }
    stage.engine()?.counts("sentral_agi_sessions", &[], 50.0, secs(1)).await?;
    another_is_served(&at).await?;
    sessions_end(stage, "silent", 50.0).await
}

async fn who_says_nothing_is_given_up(stage: &mut Stage) -> Result<()> {
    let at = stage.has_a_door(alone(), "silence: 1s").await?;
    let mut mute = Session::connects(&at).await?;
    let mut half = Session::connects(&at).await?;
    half.says(b"agi_network: yes\nagi_uniq").await?;
    let mut stops = Session::begins(&at, "flow/pauses", "1.1").await?;
    stops.comes_to("WAIT").await?;
    another_is_served(&at).await?;
    sessions_end(stage, "silent", 3.0).await?;
    for session in [&mut mute, &mut half, &mut stops] {
        ensure!(session.is_asked(secs(1)).await?.is_none(), "it is not closed");
    }
    commands(stage, "wait_for_digit", "unanswered", 1.0).await
}

async fn who_is_no_asterisk_ends_himself_alone(stage: &mut Stage) -> Result<()> {
    let at = stage.has_a_door(alone(), "").await?;
    let endless = vec![b'x'; 200_000];
    let noise: [&[u8]; 5] = [
        b"GET / HTTP/1.1\r\nHost: sentral\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n",
        b"\0\0\0\0\n",
        b"agi_channel: a\nagi_channel: b\n\n",
        &endless,
    ];
    for bytes in noise {
        let mut session = Session::connects(&at).await?;
        // It may be closed before it has heard all.
        drop(session.says(bytes).await);
        ensure!(session.is_asked(secs(2)).await?.is_none(), "it is served");
    }
    sessions_end(stage, "garbled", 5.0).await?;
    // One who goes mad in the middle has been a caller until then.
    let mut session = Session::begins(&at, "flow/pauses", "1.1").await?;
    session.comes_to("WAIT").await?;
    session.says(b"\xff\xfe\xfd\n").await?;
    ensure!(session.is_asked(secs(2)).await?.is_none(), "it is served");
    sessions_end(stage, "garbled", 6.0).await?;
    another_is_served(&at).await
}

async fn what_asterisk_refuses_is_counted_and_the_call_goes_on(stage: &mut Stage) -> Result<()> {
    let at = stage.has_a_door(alone(), "").await?;
    let usage = "520-Invalid command syntax.  Proper usage follows:\nUsage: STREAM FILE <filename> <escape digits>\n\n\
                 520 End of proper usage.\n";
    for (n, refusal) in ["510 Invalid or unknown command\n", usage].into_iter().enumerate() {
        let mut session = Session::begins(&at, "flow/handed", &format!("1.{n}")).await?;
        session.comes_to("STREAM FILE").await?;
        session.says(refusal.as_bytes()).await?;
        session.ends_within(secs(5)).await?.results_in("continue")?;
    }
    commands(stage, "stream_file", "misused", 2.0).await?;
    // 511 is of one who has gone.
    let mut session = Session::begins(&at, "flow/handed", "1.8").await?;
    session.comes_to("STREAM FILE").await?;
    session.says(b"511 Command Not Permitted on a dead channel or intercept routine\n").await?;
    sessions_end(stage, "hung_up", 1.0).await?;
    commands(stage, "stream_file", "gone", 1.0).await?;
    // So is the word for it, wherever it comes.
    let mut session = Session::begins(&at, "flow/handed", "1.9").await?;
    session.comes_to("STREAM FILE").await?;
    session.says(b"200 result=-1 endpos=80\nHANGUP\nHANGUP\n").await?;
    sessions_end(stage, "hung_up", 2.0).await
}

async fn a_name_of_any_bytes_is_a_name(stage: &mut Stage) -> Result<()> {
    let plan = "exchange: test
numbers: {\"+4780012301\": {flow: named}}
flows:
  named:
    - set: {whose: \"{{ caller.name }}\"}
    - if: {when: 'whose == \"K\u{e5}re\"', then: [{play: sound:beep}], else: [{play: sound:goodbye}]}
    - continue
";
    let at = stage.has_a_door(Setup::with_plan(plan).without_ari(), "").await?;
    // UTF-8, Latin-1, what is neither, and what breaks out where values are pasted.
    let names: [(&[u8], &str); 4] = [
        (b"K\xc3\xa5re", "beep"),
        (b"K\xe5re", "beep"),
        (b"K\xe5re \xff\xc3", "goodbye"),
        (b"\" \\\" 0 \\nEXEC Hangup \"17\" $(x) ${y};", "goodbye"),
    ];
    for (n, (name, sound)) in names.into_iter().enumerate() {
        let mut session = Session::connects(&at).await?;
        let text = environment("flow/named", &format!("1.{n}"), "@");
        let (before, behind) = text.split_once('@').context("a place for the name")?;
        session.says(&[before.as_bytes(), name, behind.as_bytes()].concat()).await?;
        let ended = session.ends_within(secs(5)).await?;
        ended.results_in("continue")?;
        ensure!(ended.asked.iter().any(|line| line.starts_with(&format!("STREAM FILE \"{sound}\""))), "{ended:?}");
        ensure!(!ended.asked.iter().any(|line| line.starts_with("EXEC Hangup")), "{ended:?}");
    }
    Ok(())
}
