//! What those who are rung are shown of a caller.

use anyhow::{Context, Result, ensure};

use super::{FAR, ONE};
use crate::people::{Leg, silent};
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::secs;

scenarios! {
    everywhere: an_operator_is_shown_the_number_that_was_called;
    asterisk("the stand-in shows numbers alone, and those that are withheld, too"): an_operator_is_shown_the_queue_and_not_what_a_caller_calls_himself,
        who_withholds_his_number_is_nobody_to_an_operator, a_trunk_is_told_a_number_of_the_company;
}

/// The number that is dialled outside.
const OUT: &str = "+4780012302";

fn plan(operator: &str) -> Setup {
    Setup::with_plan(&format!(
        "exchange: test\ntimezone: UTC\nnumbers: {{\"{ONE}\": {{flow: a}}, \"{OUT}\": {{flow: b}}}}\n\
         operators: {{op1: {{dial: PJSIP/op1{operator}}}}}\n\
         trunks: {{out: {{dial: \"PJSIP/{{digits}}@outside\", identity: [pai, diversion]}}}}\n\
         queues: {{sales: {{operators: [op1], strategy: linear}}}}\n\
         flows: {{a: [{{queue: sales}}], b: [{{dial: \"+47 900 00 000\"}}]}}\n"
    ))
}

async fn rings(stage: &Stage, whom: &str) -> Result<Leg> {
    stage.rings(whom, 1, secs(2)).await
}

async fn an_operator_is_shown_the_number_that_was_called(stage: &mut Stage) -> Result<()> {
    stage.sentral(plan(", caller_id: called")).await?;
    stage.operator("op1", [silent()]);
    let caller = stage.caller().dials(ONE).await?;
    let shows = rings(stage, "op1").await?.shows()?;
    ensure!(shows.contains(ONE.trim_start_matches('+')), "op1 sees {shows}");
    ensure!(!shows.contains(caller.number.trim_start_matches('+')), "op1 sees {shows}");
    caller.hangs_up()
}

async fn an_operator_is_shown_the_queue_and_not_what_a_caller_calls_himself(stage: &mut Stage) -> Result<()> {
    stage.sentral(plan(", caller_name: queue")).await?;
    stage.operator("op1", [silent()]);
    let caller = stage.caller().named("\"Ivan\"").dials(ONE).await?;
    let shows = rings(stage, "op1").await?.shows()?;
    ensure!(shows.contains("sales") && shows.contains(caller.number.trim_start_matches('+')), "op1 sees {shows}");
    ensure!(!shows.contains("Ivan"), "op1 sees {shows}");
    caller.hangs_up()
}

async fn who_withholds_his_number_is_nobody_to_an_operator(stage: &mut Stage) -> Result<()> {
    stage.sentral(plan(", caller_name: queue")).await?;
    stage.operator("op1", [silent()]);
    let caller = stage.caller().withheld().dials(ONE).await?;
    let shows = rings(stage, "op1").await?.shows()?;
    ensure!(!shows.contains(caller.number.trim_start_matches('+')), "op1 sees {shows}");
    caller.hangs_up()
}

async fn a_trunk_is_told_a_number_of_the_company(stage: &mut Stage) -> Result<()> {
    stage.sentral(plan("")).await?;
    stage.operator(FAR, [silent()]);
    let caller = stage.caller().named("\"Ivan <sip:x@y>\"").dials(OUT).await?;
    let leg = rings(stage, FAR).await?;
    let dialog = leg.dialog().context("no dialog")?;
    let invite = dialog.messages.first().context("no INVITE")?;
    ensure!(leg.shows()?.contains(caller.number.trim_start_matches('+')), "he is shown {}", leg.shows()?);
    let told: Vec<Vec<&str>> =
        ["P-Asserted-Identity", "Diversion"].map(|name| invite.headers(name).map(str::trim).collect()).into();
    let number = format!("<tel:{OUT}>");
    ensure!(told == [vec![number.as_str()], vec![format!("{number};reason=unconditional").as_str()]], "{told:?}");
    caller.hangs_up()
}
