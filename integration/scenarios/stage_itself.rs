//! The stage tells the truth: Asterisk alone, driven by hand.

use std::fs;

use anyhow::{Result, ensure};
use tokio::time::sleep;

use super::MENU;
use crate::ari::Ari;
use crate::people::{answers_after, busy, dead, declines_after, hangs_up_while_ringing_after, silent};
use crate::proxy::Line;
use crate::stage::Stage;
use crate::time::{Moment, ms, secs};

scenarios! {
    stage("it tries SIPp, our ears and Asterisk's own dialplan"): asterisk_starts_without_complaint, sound_goes_both_ways,
        keys_arrive_both_ways, phones_refuse_as_told, a_silent_phone_is_cancelled, a_dead_phone_says_nothing,
        who_hangs_up_is_seen, answered_elsewhere_is_told, asterisk_restarts_at_its_address;
    alone: without_sentral_the_fallback_answers, the_dead_mans_switch_frees_a_caller, the_wire_can_be_cut,
        a_bug_that_any_sentral_tells_of_is_seen;
}

async fn asterisk_starts_without_complaint(stage: &mut Stage) -> Result<()> {
    let complaints = stage.machines()?.complaints();
    ensure!(complaints.is_empty(), "{complaints:?}");
    Ok(())
}

async fn without_sentral_the_fallback_answers(stage: &mut Stage) -> Result<()> {
    let caller = stage.caller().dials(MENU).await?;
    let answered = caller.answered(secs(2)).await?;
    ensure!(answered - caller.dialed < secs(1), "only after {:?}", answered - caller.dialed);
    caller.hears_asterisk(secs(2)).await?;
    caller.hangs_up()
}

async fn sound_goes_both_ways(stage: &mut Stage) -> Result<()> {
    stage.operator("op1", [answers_after(ms(300))]);
    let caller = stage.caller().dials("9002").await?;
    let leg = stage.rings("op1", 1, secs(2)).await?;
    ensure!(leg.shows()?.contains(&caller.number), "{}", leg.shows()?);
    caller.hears_it_ring(secs(1)).await?;
    caller.answered(secs(2)).await?;
    caller.talks_with(&leg, secs(2)).await?;
    caller.hangs_up()?;
    leg.is_hung_up(secs(1)).await?;
    Ok(())
}

async fn keys_arrive_both_ways(stage: &mut Stage) -> Result<()> {
    let mut events = stage.ari.events("stage").await?;
    let caller = stage.caller().dials("9001").await?;
    let start = events.next("StasisStart", secs(2)).await?;
    let id = start["channel"]["id"].as_str().unwrap_or_default().to_owned();
    stage.ari.ask("POST", &format!("channels/{id}/answer"), &[]).await?;
    for key in ['1', '#', '*', '0'] {
        let pressed = caller.presses(key, ms(100)).await?;
        let heard = events.next("ChannelDtmfReceived", secs(1)).await?;
        ensure!(heard["digit"] == key.to_string(), "{key} by RFC 4733 came as {heard}");
        ensure!(Moment::now() - pressed < ms(400), "{key} came only after {:?}", Moment::now() - pressed);
    }
    for key in ['5', '*'] {
        caller.presses_by_info(key, ms(100)).await?;
        let heard = events.next("ChannelDtmfReceived", secs(1)).await?;
        ensure!(heard["digit"] == key.to_string(), "{key} by INFO came as {heard}");
    }
    caller.hangs_up()?;
    events.next("StasisEnd", secs(2)).await?;
    Ok(())
}

async fn phones_refuse_as_told(stage: &mut Stage) -> Result<()> {
    for (conduct, status) in
        [(busy(), 486), (declines_after(ms(100)), 603), (hangs_up_while_ringing_after(ms(100)), 480)]
    {
        stage.operator("op1", [conduct]);
        let n = stage.times_rung("op1");
        let caller = stage.caller().dials("9002").await?;
        let leg = stage.rings("op1", n + 1, secs(2)).await?;
        leg.is_over(secs(2)).await?;
        let refused = leg.dialog().is_some_and(|d| d.response(status..=status).is_some());
        ensure!(refused, "no {status} from the phone");
        caller.refused(secs(3)).await?;
    }
    Ok(())
}

async fn a_silent_phone_is_cancelled(stage: &mut Stage) -> Result<()> {
    stage.operator("op1", [silent()]);
    let caller = stage.caller().dials("9002").await?;
    let leg = stage.rings("op1", 1, secs(2)).await?;
    caller.hears_it_ring(secs(1)).await?;
    sleep(ms(300)).await;
    caller.hangs_up()?;
    ensure!(caller.refused(secs(2)).await? == 487, "a cancelled call ends with 487");
    leg.cancelled(secs(1)).await?;
    ensure!(!leg.was_answered(), "answered");
    Ok(())
}

async fn a_dead_phone_says_nothing(stage: &mut Stage) -> Result<()> {
    stage.operator("op1", [dead()]);
    let caller = stage.caller().dials("9002").await?;
    let leg = stage.rings("op1", 1, secs(2)).await?;
    sleep(ms(700)).await;
    let said = leg.dialog().is_some_and(|d| d.messages.iter().any(|m| m.sent));
    ensure!(!said, "a dead phone said something");
    caller.hangs_up()?;
    caller.refused(secs(2)).await?;
    Ok(())
}

async fn answered_elsewhere_is_told(stage: &mut Stage) -> Result<()> {
    stage.operator("op2", [silent()]);
    let originate =
        [("endpoint", "PJSIP/op2"), ("context", "from-trunk"), ("extension", "9003"), ("channelId", "elsewhere")];
    stage.ari.ask("POST", "channels", &originate).await?;
    let leg = stage.rings("op2", 1, secs(2)).await?;
    // Before Asterisk has heard that it rings, the reason goes lost.
    let rings = async {
        while stage.ari.ask("GET", "channels/elsewhere", &[]).await?["state"] != "Ringing" {
            sleep(ms(5)).await;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(secs(2), rings).await??;
    stage.ari.ask("DELETE", "channels/elsewhere", &[("reason", "answered_elsewhere")]).await?;
    let (_when, why) = leg.cancelled(secs(1)).await?;
    ensure!(why.contains("Call completed elsewhere"), "the reason is {why:?}");
    Ok(())
}

async fn who_hangs_up_is_seen(stage: &mut Stage) -> Result<()> {
    stage.operator("op1", [answers_after(ms(50)).talks_for(ms(500))]);
    let caller = stage.caller().dials("9002").await?;
    let answered = caller.answered(secs(2)).await?;
    let ended = caller.is_hung_up(secs(3)).await?;
    let talked = ended - answered;
    ensure!(talked > ms(400) && talked < ms(800), "talked for {talked:?}");
    Ok(())
}

async fn the_dead_mans_switch_frees_a_caller(stage: &mut Stage) -> Result<()> {
    // An engine that says nothing: connected, and that is all.
    let mut events = stage.ari.events("sentral").await?;
    let caller = stage.caller().dials(MENU).await?;
    events.next("StasisStart", secs(2)).await?;
    let answered = caller.answered(secs(14)).await?;
    let after = answered - caller.dialed;
    ensure!(after > ms(9_800) && after < ms(11_500), "answered by the fallback after {after:?}");
    caller.hears_asterisk(secs(2)).await?;
    caller.hangs_up()
}

async fn the_wire_can_be_cut(stage: &mut Stage) -> Result<()> {
    let far = Ari::new(format!("127.0.0.1:{}", stage.proxy.port))?;
    let mut events = far.events("stage").await?;
    stage.ari.ask("POST", "events/user/hello", &[("application", "stage")]).await?;
    events.next("ChannelUserevent", secs(1)).await?;
    stage.proxy.set(Line::WithoutEvents);
    ensure!(
        events.next("nothing", secs(1)).await.is_err_and(|e| e.to_string().contains("closed")),
        "the websocket lives"
    );
    ensure!(far.events("stage").await.is_err(), "the websocket opens again");
    far.channels().await?;
    stage.proxy.set(Line::Cut);
    ensure!(far.channels().await.is_err(), "a request passed");
    stage.proxy.set(Line::Frozen);
    let asked = tokio::time::timeout(ms(300), far.channels()).await;
    ensure!(asked.is_err(), "on a frozen wire a request ended: {asked:?}");
    stage.proxy.set(Line::Whole);
    far.channels().await?;
    far.events("stage").await?;
    Ok(())
}

async fn asterisk_restarts_at_its_address(stage: &mut Stage) -> Result<()> {
    stage.asterisk_restarts().await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let caller = stage.caller().dials("9002").await?;
    let leg = stage.rings("op1", 1, secs(2)).await?;
    caller.talks_with(&leg, secs(2)).await?;
    caller.hangs_up()
}

async fn a_bug_that_any_sentral_tells_of_is_seen(stage: &mut Stage) -> Result<()> {
    stage.nobody_tells_of_a_bug()?;
    for folder in [stage.corner()?, stage.corner()?.join("another")] {
        fs::create_dir_all(&folder)?;
        let log = folder.join("sentral.log");
        for (line, is_seen) in [
            (
                r#"{"level":"ERROR","message":"a bug: something that cannot be was; this call is ended","call":"1-1"}"#,
                true,
            ),
            ("thread 'main' panicked at src/engine/mod.rs:1:1:", true),
            (r#"{"level":"ERROR","message":"the plan is refused","faults":"what a bug"}"#, false),
            (r#"{"level":"INFO","message":"started"}"#, false),
        ] {
            fs::write(&log, format!("not JSON\n{line}\n"))?;
            ensure!(stage.nobody_tells_of_a_bug().is_err() == is_seen, "{line}");
        }
        fs::remove_file(log)?;
    }
    Ok(())
}
