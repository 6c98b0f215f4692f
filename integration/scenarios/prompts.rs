//! Prompts of the plan's own: fetched from Sentral, or put where Asterisk sees them.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::time::sleep;

use super::{ONE, call};
use crate::people::{Caller, answers_after};
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{Moment, ms, secs};

scenarios! {
    everywhere: a_prompt_beside_the_plan_is_fetched_once_for_many_callers, a_menu_asks_with_prompts_and_texts,
        a_prompt_in_a_shared_folder_is_played, a_prompt_is_there_before_the_first_caller, a_changed_prompt_is_heard_by_the_next_caller,
        a_prompt_that_cannot_be_fetched_is_passed_over, a_tone_ends_by_itself_and_at_a_key;
}

const TOKEN: &str = "integration-0123456789";

/// A plan in which a caller of [`ONE`] hears this and is hung up.
fn plays(media: &str) -> String {
    format!(
        "exchange: test\nlanguage: en\nnumbers: {{\"{ONE}\": {{flow: a}}}}\noperators: {{op1: {{dial: PJSIP/op1}}}}\n\
         queues: {{one: {{operators: [op1]}}}}\nflows:\n  a: [{{play: {media}}}, {{flow: b}}]\n  b: [{{hangup: normal}}]\n"
    )
}

/// A tone that long, in the form in which it is served.
pub(super) fn tone(lasts: Duration) -> Vec<u8> {
    let samples = u32::try_from(lasts.as_millis() * 8).unwrap_or(0);
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + 2 * samples).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data");
    bytes.extend((2 * samples).to_le_bytes());
    bytes.extend((0..samples).flat_map(|n| if n / 10 % 2 == 0 { 6000_i16 } else { -6000 }.to_le_bytes()));
    bytes
}

/// A Sentral that Asterisk can fetch from.
pub(super) fn reachable(stage: &Stage, setup: Setup) -> Setup {
    reachable_with(stage, setup, "")
}

/// The same, with more settings of prompts.
pub(super) fn reachable_with(stage: &Stage, setup: Setup, more: &str) -> Setup {
    let cache = stage.shared().with_file_name("cache");
    let prompts = format!("prompts: {{url: \"http://{}:@PORT@\", cache: \"{}\"{more}}}", stage.host(), cache.display());
    setup.guarded_by(TOKEN).set(&prompts)
}

/// How long he was in the call, until he was hung up.
pub(super) async fn stayed(caller: &Caller) -> Result<Duration> {
    Ok(caller.is_hung_up(secs(10)).await? - caller.answered(secs(2)).await?)
}

async fn a_prompt_beside_the_plan_is_fetched_once_for_many_callers(stage: &mut Stage) -> Result<()> {
    let setup = Setup::with_plan(&plays("[welcome.wav, welcome.wav]")).with_file("welcome.wav", tone(ms(1200)));
    stage.sentral(reachable(stage, setup)).await?;
    are_there(stage, 1.0).await?;
    let first = stage.caller().dials(ONE).await?;
    first.hears_asterisk(secs(2)).await.context("the prompt is not heard")?;
    let mut others = Vec::new();
    let took = stayed(&first).await?;
    ensure!(took > ms(2350) && took < ms(3000), "a prompt of 1.2 s, twice, took {took:?}");
    for _ in 0..5 {
        others.push(stage.caller().dials(ONE).await?);
    }
    for caller in &others {
        let took = stayed(caller).await?;
        ensure!(took > ms(2350) && took < ms(3000), "twice 1.2 s took {took:?}");
    }
    let sentral = stage.engine()?;
    let sent = sentral.metric("sentral_prompt_fetches_total", &["sent"]).await?;
    let all = sentral.metric("sentral_prompt_fetches_total", &[]).await?;
    ensure!(sent == 1.0 && all == 1.0, "twelve times played, {sent} times sent and {all} times asked for");
    Ok(())
}

/// Waits until Asterisk has fetched so many prompts, before anybody calls.
pub(super) async fn are_there(stage: &mut Stage, count: f64) -> Result<()> {
    let sentral = stage.engine()?;
    sentral.counts("sentral_prompts_ahead_total", &["result=\"asked\""], count, secs(5)).await?;
    sentral.counts("sentral_prompt_fetches_total", &["sent"], count, secs(5)).await
}

async fn a_prompt_is_there_before_the_first_caller(stage: &mut Stage) -> Result<()> {
    let setup = Setup::with_plan(&plays("[welcome.wav, thanks.wav]"))
        .with_file("welcome.wav", tone(ms(300)))
        .with_file("thanks.wav", tone(ms(350)));
    stage.sentral(reachable(stage, setup)).await?;
    are_there(stage, 2.0).await?;
    // Only the one that is new is fetched when the plan has changed.
    stage.engine()?.beside_the_plan("thanks.wav", &tone(ms(400)))?;
    are_there(stage, 3.0).await?;
    let took = stayed(&stage.caller().dials(ONE).await?).await?;
    ensure!(took > ms(650) && took < ms(1200), "0.7 s of two prompts took {took:?}");
    let all = stage.engine()?.metric("sentral_prompt_fetches_total", &[]).await?;
    ensure!(all == 3.0, "asked for {all} times");
    Ok(())
}

async fn a_menu_asks_with_prompts_and_texts(stage: &mut Stage) -> Result<()> {
    let menu = "{play: jingle.wav, say: \"For sales, press one.\", invalid: {say: \"That means nothing.\"}, \
        options: {1: {queue: one}}, timeout: 1s, tries: 2, otherwise: {flow: b}}";
    let plan = plays("jingle.wav").replace("{play: jingle.wav}, {flow: b}", &format!("{{menu: {menu}}}"));
    stage.operator("op1", [answers_after(ms(100))]);
    let setup = Setup::with_plan(&plan).with_file("jingle.wav", tone(ms(600)));
    stage.sentral(reachable(stage, setup)).await?;
    are_there(stage, 3.0).await?;
    let caller = stage.caller().dials(ONE).await?;
    caller.hears_asterisk(secs(2)).await?;
    let silent = stage.caller().dials(ONE).await?;
    caller.presses('7', ms(900)).await?;
    caller.presses('1', ms(1600)).await?;
    let leg = stage.rings("op1", 1, secs(2)).await?;
    caller.talks_with(&leg, secs(1)).await?;
    caller.hangs_up()?;
    // Twice a jingle of 0.6 s, a text of a second or two, and a second of silence: were a text not said, it would take 3.2 s.
    let took = stayed(&silent).await?;
    ensure!(took > ms(4800) && took < secs(9), "two questions took {took:?}");
    let sent = stage.engine()?.metric("sentral_prompt_fetches_total", &["sent"]).await?;
    ensure!(sent == 3.0, "a jingle and two texts, and {sent} were sent");
    Ok(())
}

async fn a_prompt_in_a_shared_folder_is_played(stage: &mut Stage) -> Result<()> {
    let setup = Setup::with_plan(&plays("welcome.wav")).with_file("welcome.wav", tone(ms(1200)));
    let folder = stage.shared();
    stage.sentral(setup.set(&format!("prompts: {{mode: folder, folder: \"{}\"}}", folder.display()))).await?;
    let caller = stage.caller().dials(ONE).await?;
    caller.hears_asterisk(secs(2)).await.context("the prompt is not heard")?;
    let took = stayed(&caller).await?;
    ensure!(took > ms(1150) && took < ms(1800), "a prompt of 1.2 s took {took:?}");
    let asked = stage.engine()?.metric("sentral_prompt_fetches_total", &[]).await?;
    ensure!(asked == 0.0, "asked for {asked} times");
    Ok(())
}

async fn a_changed_prompt_is_heard_by_the_next_caller(stage: &mut Stage) -> Result<()> {
    let setup = Setup::with_plan(&plays("news.wav")).with_file("news.wav", tone(ms(800)));
    stage.sentral(reachable(stage, setup)).await?;
    let before = stage.caller().dials(ONE).await?;
    let took = stayed(&before).await?;
    ensure!(took < ms(1400), "0.8 s took {took:?}");
    let begun = Moment::now();
    stage.engine()?.beside_the_plan("news.wav", &tone(ms(2000)))?;
    stage.engine()?.counts("sentral_plan_reloads_total", &[r#"result="loaded""#], 1.0, secs(5)).await?;
    ensure!(Moment::now() - begun < secs(3), "it took long to be seen");
    let after = stage.caller().dials(ONE).await?;
    let took = stayed(&after).await?;
    ensure!(took > ms(1950) && took < ms(2600), "2 s took {took:?}");
    Ok(())
}

async fn a_prompt_that_cannot_be_fetched_is_passed_over(stage: &mut Stage) -> Result<()> {
    let plan = plays("welcome.wav").replace("b: [{hangup: normal}]", "b: [{queue: one}]");
    let setup = Setup::with_plan(&plan).with_file("welcome.wav", tone(ms(1200)));
    // Nobody listens there.
    stage.sentral(setup.set("prompts: {url: \"http://127.0.0.1:1/a-path-that-is-long-enough\"}")).await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let caller = stage.caller().dials(ONE).await?;
    let number = caller.number.clone();
    stage.engine()?.comes_to("he is on", secs(2), |state| Ok(call(state, &number)?["state"] != "playing")).await?;
    let leg = stage.rings("op1", 1, secs(2)).await?;
    caller.talks_with(&leg, secs(2)).await?;
    sleep(ms(100)).await;
    caller.hangs_up()
}

async fn a_tone_ends_by_itself_and_at_a_key(stage: &mut Stage) -> Result<()> {
    let tones = "[{tone: busy, for: 1s}, {tone: \"400/100,0/100\", for: 500ms}]";
    let menu =
        "{menu: {play: {tone: ring, for: 4s, country: GB}, options: {1: {hangup: normal}}, timeout: 1s, tries: 1}}";
    let plan = plays(tones).replace("{flow: b}", &format!("{menu}, {{flow: b}}"));
    stage.sentral(reachable(stage, Setup::with_plan(&plan))).await?;
    are_there(stage, 3.0).await?;
    let silent = stage.caller().dials(ONE).await?;
    let caller = stage.caller().dials(ONE).await?;
    caller.hears_asterisk(secs(2)).await.context("no tone is heard")?;
    caller.presses('1', ms(2500)).await?;
    let took = stayed(&caller).await?;
    ensure!(took > ms(2400) && took < ms(3400), "who pressed a key after 2.5 s stayed for {took:?}");
    let took = stayed(&silent).await?;
    ensure!(took > ms(6400) && took < ms(7400), "tones of 5.5 s and a second of silence took {took:?}");
    Ok(())
}
