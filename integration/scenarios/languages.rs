//! Callers are spoken to in their language, and told what is known of their call.

use anyhow::{Context, Result, ensure};

use super::{ONE, prompts};
use crate::people::Caller;
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: a_caller_hears_the_prompts_of_his_language, a_number_is_said_in_its_words;
    asterisk("the stand-in has no sounds of its own by language"): asterisk_s_own_sounds_come_in_the_caller_s_language;
}

/// A plan in two languages in which a caller of [`ONE`] does these steps.
fn plan(steps: &str) -> String {
    format!(
        "exchange: test\nlanguages: [en, nb]\nnumbers: {{\"{ONE}\": {{flow: a}}}}\nflows:\n  a: [{steps}, {{flow: b}}]\n  \
         b: [{{hangup: normal}}]\n"
    )
}

/// What Asterisk believes the caller's language to be.
async fn language(stage: &Stage, caller: &Caller) -> Result<String> {
    let channels = stage.ari.ask("GET", "channels", &[]).await?;
    let his = |channel: &&serde_json::Value| channel["caller"]["number"] == caller.number.as_str();
    let channel = channels.as_array().into_iter().flatten().find(his).context("he has no channel")?;
    let path = format!("channels/{}/variable", channel["id"].as_str().unwrap_or_default());
    let variable = stage.ari.ask("GET", &path, &[("variable", "CHANNEL(language)")]).await?;
    Ok(variable["value"].as_str().unwrap_or_default().to_owned())
}

async fn a_caller_hears_the_prompts_of_his_language(stage: &mut Stage) -> Result<()> {
    let steps =
        "{play: hi.wav}, {menu: {play: jingle.wav, options: {2: {language: nb}}, otherwise: answer}}, {play: hi.wav}";
    let setup = Setup::with_plan(&plan(steps))
        .with_file("hi.en.wav", prompts::tone(ms(300)))
        .with_file("hi.nb.wav", prompts::tone(ms(2400)))
        .with_file("jingle.wav", prompts::tone(ms(5000)));
    stage.sentral(prompts::reachable(stage, setup)).await?;
    prompts::are_there(stage, 3.0).await?;
    let caller = stage.caller().dials(ONE).await?;
    caller.hears_asterisk(secs(2)).await?;
    ensure!(language(stage, &caller).await? == "en", "a call begins in the first language");
    super::asked(stage, &caller).await?;
    let pressed = caller.presses('2', ms(400)).await?;
    tokio::time::sleep(ms(1000)).await;
    let told = language(stage, &caller).await?;
    ensure!(told == "nb", "Asterisk takes his language for {told}");
    caller.is_hung_up(secs(10)).await?;
    let heard = crate::time::Moment::now() - pressed;
    ensure!(heard > ms(2300) && heard < ms(3200), "2.4 s of Norwegian took {heard:?}");
    let sent = stage.engine()?.metric("sentral_prompt_fetches_total", &["sent"]).await?;
    ensure!(sent == 3.0, "two languages and a jingle, and {sent} were sent");
    Ok(())
}

async fn a_number_is_said_in_its_words(stage: &mut Stage) -> Result<()> {
    // Every text takes as long, so that words can be counted: five of them here.
    let spoken = stage.corner()?.join("spoken.wav");
    std::fs::write(&spoken, prompts::tone(ms(500)))?;
    let steps = "{say: {en: \"You are number {{ number.calls + 122 }}\", nb: \"{{ call.seconds }}\"}}, {language: nb}, \
        {say: {time: \"14:30\"}}";
    let say = format!(", say: \"cat {}\"", spoken.display());
    let setup = prompts::reachable_with(stage, Setup::with_plan(&plan(steps)), &say);
    stage.sentral(setup).await?;
    let caller = stage.caller().dials(ONE).await?;
    caller.hears_asterisk(secs(2)).await?;
    let took = prompts::stayed(&caller).await?;
    ensure!(took > ms(2450) && took < ms(3200), "five words of 0.5 s took {took:?}");
    Ok(())
}

async fn asterisk_s_own_sounds_come_in_the_caller_s_language(stage: &mut Stage) -> Result<()> {
    let folder = stage.shared();
    std::fs::create_dir_all(folder.join("nb"))?;
    std::fs::write(folder.join("own.wav"), prompts::tone(ms(400)))?;
    std::fs::write(folder.join("nb/own.wav"), prompts::tone(ms(2000)))?;
    let own = format!("{{play: \"sound:{}/own\"}}", folder.display());
    stage.sentral(Setup::with_plan(&plan(&format!("{own}, {{language: nb}}, {own}")))).await?;
    let caller = stage.caller().dials(ONE).await?;
    let took = prompts::stayed(&caller).await?;
    ensure!(took > ms(2350) && took < ms(3000), "0.4 s of English and 2 s of Norwegian took {took:?}");
    Ok(())
}
