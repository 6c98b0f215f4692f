//! Other servers: asked in time, told until they take it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::ONE;
use crate::http::{Asked, Says, Server};
use crate::people::answers_after;
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{Moment, ms, secs};

scenarios! {
    everywhere: what_a_server_says_chooses_the_queue, a_slow_server_keeps_nobody_longer_than_its_time,
        whatever_a_server_does_the_call_goes_on, a_notification_is_signed_and_told_again_and_delays_nobody;
}

const SECRET: &str = "integration-0123456789";

/// A plan in which a caller of [`ONE`] is looked up at `server`, and comes to `op1` when it says gold and to `op2` when it does not.
fn looks_up(server: &str) -> Setup {
    let plan = format!(
        "exchange: test
numbers: {{\"{ONE}\": {{flow: welcome}}}}
operators: {{op1: {{dial: PJSIP/op1}}, op2: {{dial: PJSIP/op2}}}}
queues: {{gold: {{operators: [op1]}}, others: {{operators: [op2]}}}}
flows:
  welcome:
    - lookup:
        url: \"http://{server}/callers/{{{{ caller.number }}}}?name={{{{ caller.name }}}}\"
        timeout: 1s
        set: {{level: {{at: tier.level, default: 0}}}}
        failed: {{queue: others}}
    - if: {{when: level >= 3, then: {{queue: gold}}, else: {{queue: others}}}}
"
    );
    Setup::with_plan(&plan).set(&format!("hooks: {{allow: [\"{server}\"]}}"))
}

/// A caller dials and is connected with that operator; how long it took until his telephone rang.
async fn reaches(stage: &mut Stage, operator: &str) -> Result<Duration> {
    for operator in ["op1", "op2"] {
        stage.operator(operator, [answers_after(ms(50))]);
    }
    let (rung, dials) = (stage.times_rung(operator), Moment::now());
    let caller = stage.caller().named("\"Kari & Ola\"").dials(ONE).await?;
    let leg = stage.rings(operator, rung + 1, secs(5)).await?;
    let took = leg.invited - dials;
    caller.talks_with(&leg, secs(2)).await?;
    caller.hangs_up()?;
    Ok(took)
}

/// How many questions had that result.
async fn came_to(stage: &mut Stage, result: &str, times: f64) -> Result<()> {
    let result = format!("result=\"{result}\"");
    stage.engine()?.counts("sentral_lookup_duration_seconds_count", &[&result], times, secs(2)).await
}

async fn what_a_server_says_chooses_the_queue(stage: &mut Stage) -> Result<()> {
    let server =
        Server::that([Says::json(r#"{"tier": {"level": 3}}"#), Says::json(r#"{"tier": {"level": 2}}"#)]).await?;
    stage.sentral(looks_up(&server.address)).await?;
    reaches(stage, "op1").await.context("the first is gold")?;
    reaches(stage, "op2").await.context("the second is not")?;
    let asked = server.is_asked(1, secs(1)).await?.line;
    let escaped = asked.starts_with("GET /callers/%2B479") && asked.ends_with("?name=Kari%20%26%20Ola HTTP/1.1");
    ensure!(escaped, "asked was {asked}");
    came_to(stage, "answered", 2.0).await?;
    let log = stage.engine()?.words();
    ensure!(log.contains("looked up") && !log.contains("%2B479"), "the log tells of a caller: {log}");
    Ok(())
}

async fn a_slow_server_keeps_nobody_longer_than_its_time(stage: &mut Stage) -> Result<()> {
    let server = Server::that([Says::Nothing]).await?;
    stage.sentral(looks_up(&server.address)).await?;
    let took = reaches(stage, "op2").await?;
    ensure!(took > ms(950) && took < ms(2500), "with a second for the server it took {took:?}");
    came_to(stage, "timed_out", 1.0).await?;

    // And who hangs up meanwhile is gone at once.
    let caller = stage.caller().dials(ONE).await?;
    server.is_asked(2, secs(2)).await?;
    caller.hangs_up()?;
    stage.nothing_is_left(ms(800)).await
}

async fn whatever_a_server_does_the_call_goes_on(stage: &mut Stage) -> Result<()> {
    let inner = Server::that([Says::json(r#"{"tier": {"level": 3}}"#)]).await?;
    let elsewhere = Says::Elsewhere(format!("http://{}/inner", inner.address));
    let says = [elsewhere, Says::json("<html>gold</html>"), Says::WithoutEnd, Says::This(500, "{}".to_owned())];
    let server = Server::that(says).await?;
    stage.sentral(looks_up(&server.address)).await?;
    for result in ["redirected", "not_json", "too_long", "status"] {
        reaches(stage, "op2").await.context(result)?;
        came_to(stage, result, 1.0).await?;
    }
    drop(server);
    reaches(stage, "op2").await.context("nobody is there")?;
    came_to(stage, "unreachable", 1.0).await?;

    // A plan may say what it will: the settings do not have this one.
    let text = looks_up(&inner.address).plan()?;
    stage.engine()?.plan_becomes(&text)?;
    stage.engine()?.counts("sentral_plan_reloads_total", &[r#"result="loaded""#], 1.0, secs(5)).await?;
    stage.engine()?.says("WARN", "`hooks.allow` of the settings does not have", secs(2)).await?;
    reaches(stage, "op2").await.context("nobody allows it")?;
    came_to(stage, "not_allowed", 1.0).await?;
    ensure!(inner.asked().is_empty(), "the inner server was asked {:?}", inner.asked());
    Ok(())
}

async fn a_notification_is_signed_and_told_again_and_delays_nobody(stage: &mut Stage) -> Result<()> {
    let server = Server::that([Says::This(500, String::new()), Says::This(204, String::new())]).await?;
    let plan = format!(
        "exchange: test
numbers: {{\"{ONE}\": {{flow: welcome}}}}
operators: {{op1: {{dial: PJSIP/op1}}}}
queues: {{one: {{operators: [op1]}}}}
flows:
  welcome:
    - notify: {{url: \"http://{}/calls\", body: {{caller: \"{{{{ caller.number }}}}\", calls: \"{{{{ number.calls }}}}\"}}}}
    - queue: one
",
        server.address
    );
    let settings = format!("hooks: {{allow: [\"{}\"], secret: {SECRET}}}", server.address);
    stage.sentral(Setup::with_plan(&plan).set(&settings)).await?;
    stage.operator("op1", [answers_after(ms(50))]);
    let caller = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op1", 1, secs(2)).await?;
    caller.talks_with(&leg, secs(2)).await?;
    let (first, second) = (server.is_asked(1, secs(2)).await?, server.is_asked(2, secs(5)).await?);
    for asked in [&first, &second] {
        ensure!(asked.line == "POST /calls HTTP/1.1", "{}", asked.line);
        ensure!(asked.body == format!(r#"{{"caller":"{}","calls":1}}"#, caller.number), "{}", asked.body);
        is_signed(asked)?;
    }
    ensure!(first.header("sentral-id") == second.header("sentral-id"), "one notification has two names");
    let delivered = &[r#"result="delivered""#];
    stage.engine()?.counts("sentral_notification_duration_seconds_count", delivered, 1.0, secs(2)).await?;
    ensure!(server.asked().len() == 2, "told {} times", server.asked().len());
    caller.hangs_up()
}

/// As the manual says that a receiver looks.
fn is_signed(asked: &Asked) -> Result<()> {
    let signature = asked.header("sentral-signature").context("it is not signed")?;
    let (time, mac) = signature.strip_prefix("t=").and_then(|rest| rest.split_once(",v1=")).context("no signature")?;
    let id = asked.header("sentral-id").context("it has no name")?;
    let mut expected = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes())?;
    expected.update(format!("{time}.{id}.{}", asked.body).as_bytes());
    let hex: String = expected.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    ensure!(hex == mac, "{signature} is not ours");
    Ok(())
}
