//! Messages: left, kept, listed, heard and deleted; and what becomes of them when something breaks.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::Value;
use tokio::time::sleep;

use super::{ONE, call};
use crate::http::{Says, Server};
use crate::media::Mouth;
use crate::people::{Caller, silent};
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: a_message_is_listed_heard_and_deleted, who_hangs_up_leaves_a_message_too,
        who_says_nothing_leaves_none, a_full_disk_is_told_and_counted, what_a_killed_sentral_heard_is_kept,
        who_speaks_while_sentral_is_killed_is_asked_again, a_server_is_told_of_a_message_with_its_address,
        a_cut_websocket_does_not_disturb_who_speaks, who_reaches_nobody_leaves_a_message,
        what_is_recorded_is_known_to_a_later_step;
}

/// Whoever calls [`ONE`] leaves a message.
const PLAN: &str = "exchange: test\nnumbers: {\"+4780012301\": {flow: leave}}\nflows:\n  leave:\n    \
    - voicemail: {box: sales, greeting: sound:beep, at_most: 20s, silence: 3s, done: sound:goodbye, \
    failed: [{play: sound:hello-world}, {hangup: normal}]}\n    - hangup: normal\n";

/// The same, for one who was rung for in vain: by name, and in a queue.
const IN_VAIN: &str = "exchange: test\nnumbers: {\"+4780012301\": {flow: ring}}\noperators: {op1: {dial: PJSIP/op1}}\nqueues:\n  \
    sales: {operators: [op1], ring: 15s, retry: 0s, max_wait: {after: 3s, go: {flow: leave}}}\nflows:\n  \
    ring:\n    - dial: {to: op1, ring: 2s, no_answer: {queue: sales}}\n    - hangup: busy\n  \
    leave:\n    - voicemail: {box: sales, at_most: 20s, failed: {hangup: failure}}\n    - hangup: normal\n";

fn setup() -> Setup {
    Setup::with_plan(PLAN).set("voicemail: {folder: messages}")
}

/// A caller who speaks.
async fn speaks(stage: &mut Stage) -> Result<Caller> {
    let caller = stage.caller().dials(ONE).await?;
    caller.answered(secs(1)).await?;
    stage.engine()?.says("INFO", "leaves a message", secs(5)).await?;
    Ok(caller)
}

async fn becomes(stage: &mut Stage, outcome: &str) -> Result<()> {
    let outcome = format!("outcome=\"{outcome}\"");
    let labels = ["box=\"sales\"", &outcome];
    stage.engine()?.counts("sentral_messages_total", &labels, 1.0, secs(15)).await
}

async fn listed(stage: &mut Stage) -> Result<Vec<Value>> {
    let (status, body) = stage.engine()?.asks(Method::GET, "/api/v1/voicemail?box=sales").await?;
    ensure!(status == 200, "the list: {status} {}", String::from_utf8_lossy(&body));
    let list: Value = serde_json::from_slice(&body)?;
    Ok(list["messages"].as_array().context("a list")?.clone())
}

/// The one message there is, from that caller.
async fn the_message(stage: &mut Stage, caller: &Caller) -> Result<Value> {
    let list = listed(stage).await?;
    let [message] = list.as_slice() else { anyhow::bail!("not one message: {list:?}") };
    ensure!(message["caller"] == caller.number.as_str() && message["box"] == "sales", "{message}");
    Ok(message.clone())
}

/// Asterisk has nothing left of it.
async fn nothing_is_recorded(stage: &Stage) -> Result<()> {
    let stored = stage.ari.ask("GET", "recordings/stored", &[]).await?;
    ensure!(stored.as_array().is_some_and(Vec::is_empty), "Asterisk keeps {stored}");
    Ok(())
}

async fn a_message_is_listed_heard_and_deleted(stage: &mut Stage) -> Result<()> {
    stage.sentral(setup()).await?;
    let caller = speaks(stage).await?;
    sleep(ms(2500)).await;
    caller.presses('#', ms(0)).await?;
    becomes(stage, "kept").await?;
    let message = the_message(stage, &caller).await?;
    let seconds = message["seconds"].as_f64().context("its length")?;
    ensure!((1.5..3.2).contains(&seconds), "he spoke for two seconds: {message}");
    let path = message["audio"].as_str().context("where its sound is")?.to_owned();
    let (status, wav) = stage.engine()?.asks(Method::GET, &path).await?;
    ensure!(status == 200 && wav.starts_with(b"RIFF"), "its sound: {status}");
    let told = 44.0 + seconds * 16_000.0;
    ensure!((wav.len() as f64 - told).abs() < 2.0, "{} bytes are not {seconds} s", wav.len());
    caller.is_hung_up(secs(4)).await.context("behind the thanks")?;
    nothing_is_recorded(stage).await?;
    let one = path.trim_end_matches("/audio").to_owned();
    let (status, _) = stage.engine()?.asks(Method::DELETE, &one).await?;
    ensure!(status == 204, "deleted with {status}");
    ensure!(listed(stage).await?.is_empty(), "it is there still");
    let (status, _) = stage.engine()?.asks(Method::GET, &path).await?;
    ensure!(status == 404, "its sound is there still: {status}");
    Ok(())
}

async fn who_hangs_up_leaves_a_message_too(stage: &mut Stage) -> Result<()> {
    stage.sentral(setup()).await?;
    let caller = speaks(stage).await?;
    sleep(ms(2500)).await;
    caller.hangs_up()?;
    becomes(stage, "kept").await?;
    the_message(stage, &caller).await?;
    stage.engine()?.counts("sentral_calls_total", &["outcome=\"left_message\""], 1.0, secs(2)).await?;
    nothing_is_recorded(stage).await
}

async fn who_reaches_nobody_leaves_a_message(stage: &mut Stage) -> Result<()> {
    stage.sentral(Setup::with_plan(IN_VAIN).set("voicemail: {folder: messages}")).await?;
    stage.operator("op1", [silent()]);
    let caller = stage.caller().dials(ONE).await?;
    stage.rings("op1", 2, secs(6)).await?;
    stage.engine()?.says("INFO", "leaves a message", secs(8)).await?;
    sleep(ms(2500)).await;
    caller.presses('#', ms(0)).await?;
    becomes(stage, "kept").await?;
    the_message(stage, &caller).await?;
    caller.is_hung_up(secs(4)).await?;
    nothing_is_recorded(stage).await
}

async fn what_is_recorded_is_known_to_a_later_step(stage: &mut Stage) -> Result<()> {
    let server = Server::that([Says::This(204, String::new())]).await?;
    let plan = format!(
        "exchange: test\nnumbers: {{\"+4780012301\": {{flow: note}}}}\nflows:\n  note:\n    \
         - record: {{into: note, box: sales, at_most: 20s, silence: 3s}}\n    \
         - notify: {{url: \"http://{}/notes\", body: {{note: \"{{{{ note }}}}\"}}}}\n    - hangup: normal\n",
        server.address
    );
    let settings = format!("hooks: {{allow: [\"{}\"]}}\nvoicemail: {{folder: messages}}", server.address);
    stage.sentral(Setup::with_plan(&plan).set(&settings)).await?;
    let caller = speaks(stage).await?;
    sleep(ms(2500)).await;
    caller.presses('#', ms(0)).await?;
    becomes(stage, "kept").await?;
    let told: Value = serde_json::from_str(&server.is_asked(1, secs(5)).await?.body)?;
    let message = the_message(stage, &caller).await?;
    ensure!(told["note"].is_string() && told["note"] == message["id"], "told of {told}, and there is {message}");
    caller.is_hung_up(secs(4)).await?;
    nothing_is_recorded(stage).await
}

async fn who_says_nothing_leaves_none(stage: &mut Stage) -> Result<()> {
    stage.people.speak(Mouth::Silent);
    stage.sentral(setup()).await?;
    let caller = speaks(stage).await?;
    becomes(stage, "nothing").await?;
    caller.is_hung_up(secs(4)).await?;
    ensure!(listed(stage).await?.is_empty(), "silence was kept");
    nothing_is_recorded(stage).await
}

async fn a_full_disk_is_told_and_counted(stage: &mut Stage) -> Result<()> {
    stage.sentral(setup()).await?;
    stage.asterisks_disk_is_full(true).await?;
    let met = meets_a_full_disk(stage).await;
    stage.asterisks_disk_is_full(false).await?;
    met
}

async fn meets_a_full_disk(stage: &mut Stage) -> Result<()> {
    let caller = speaks(stage).await?;
    becomes(stage, "not_recorded").await?;
    caller.is_hung_up(secs(4)).await.context("behind what he is told")?;
    ensure!(listed(stage).await?.is_empty(), "something was kept");
    stage.engine()?.says("WARN", "not kept whole", secs(2)).await.map(drop)
}

async fn what_a_killed_sentral_heard_is_kept(stage: &mut Stage) -> Result<()> {
    stage.sentral(setup()).await?;
    let caller = speaks(stage).await?;
    sleep(ms(2000)).await;
    stage.engine()?.is_killed().await?;
    sleep(ms(500)).await;
    caller.hangs_up()?;
    sleep(ms(500)).await;
    stage.engine()?.starts_again().await?;
    becomes(stage, "kept").await?;
    the_message(stage, &caller).await?;
    nothing_is_recorded(stage).await
}

async fn who_speaks_while_sentral_is_killed_is_asked_again(stage: &mut Stage) -> Result<()> {
    stage.sentral(setup()).await?;
    let caller = speaks(stage).await?;
    sleep(ms(2000)).await;
    stage.engine()?.is_killed().await?;
    stage.engine()?.starts_again().await?;
    let number = caller.number.clone();
    let again = move |state: &Value| Ok(call(state, &number)?["state"] == "message");
    stage.engine()?.comes_to("he may speak once more", secs(5), again).await?;
    becomes(stage, "kept").await?;
    let first = the_message(stage, &caller).await?;
    ensure!(first["seconds"].as_f64().is_some_and(|seconds| seconds > 1.2), "what he said at first: {first}");
    ensure!(caller.is_in_the_call(), "he was hung up");
    caller.hangs_up()
}

async fn a_cut_websocket_does_not_disturb_who_speaks(stage: &mut Stage) -> Result<()> {
    stage.sentral(setup()).await?;
    let caller = speaks(stage).await?;
    sleep(ms(1000)).await;
    stage.proxy.set_for(crate::proxy::Line::WithoutEvents, secs(2)).await;
    stage.engine()?.until_ready(secs(15)).await?;
    sleep(ms(500)).await;
    caller.presses('#', ms(0)).await?;
    becomes(stage, "kept").await?;
    let message = the_message(stage, &caller).await?;
    ensure!(message["seconds"].as_f64().is_some_and(|seconds| seconds > 2.5), "he was cut off: {message}");
    caller.is_hung_up(secs(4)).await.map(drop)
}

async fn a_server_is_told_of_a_message_with_its_address(stage: &mut Stage) -> Result<()> {
    let server = Server::that([Says::This(204, String::new())]).await?;
    let plan = PLAN.replace("at_most", &format!("notify: \"http://{}/messages\", at_most", server.address));
    let allow = format!("hooks: {{allow: [\"{}\"]}}\nvoicemail: {{folder: messages}}", server.address);
    stage.sentral(Setup::with_plan(&plan).set(&allow)).await?;
    let caller = speaks(stage).await?;
    sleep(ms(2000)).await;
    caller.hangs_up()?;
    let told = server.is_asked(1, secs(5)).await?;
    ensure!(told.line == "POST /messages HTTP/1.1", "{}", told.line);
    let news: Value = serde_json::from_str(&told.body)?;
    let message = the_message(stage, &caller).await?;
    for key in ["id", "box", "caller", "begun", "seconds", "audio"] {
        ensure!(news[key] == message[key], "{key}: told of {news}, and there is {message}");
    }
    Ok(())
}
