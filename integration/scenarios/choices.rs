//! Steps that compute, choose, come back, and give a call back.

use anyhow::{Context, Result, ensure};

use super::{CHOICES, HANDED, ONE};
use crate::people::answers_after;
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: the_plan_counts_and_chooses, who_withholds_his_number_is_known_for_that,
        nobody_withholds_his_number_from_one_that_always_shows_it, a_call_given_back_goes_on_in_asterisk;
}

async fn the_plan_counts_and_chooses(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let played = async |stage: &mut Stage| {
        stage.engine()?.metric("sentral_ari_request_duration_seconds_count", &[r#"operation="play""#]).await
    };
    let before = played(stage).await.unwrap_or(0.0);
    let caller = stage.caller().dials(CHOICES).await?;
    let leg = stage.rings("op1", 1, secs(5)).await?;
    caller.talks_with(&leg, secs(1)).await?;
    let plays = played(stage).await? - before;
    ensure!(plays == 2.0, "the flow that is called was played {plays} times, and the plan counts to two");
    caller.hangs_up()
}

/// Ringing for who withholds his number, busy for who shows it.
const TESTS_IT: &str = "exchange: test\nnumbers: {\"+4780012301\": {flow: a}}\n\
    flows: {a: [{if: {when: caller.withheld, then: [{ring: 20s}, hangup]}}, {hangup: busy}]}\n";

async fn who_withholds_his_number_is_known_for_that(stage: &mut Stage) -> Result<()> {
    stage.sentral(Setup::with_plan(TESTS_IT)).await?;
    let shown = stage.caller().dials(ONE).await?;
    ensure!(shown.refused(secs(2)).await? == 486, "who shows his number is not known for that");
    let withheld = stage.caller().withheld().dials(ONE).await?;
    withheld.hears_it_ring(secs(2)).await.context("who withholds his number is not known for that")?;
    // The trunk told it, for us alone.
    let state = stage.engine()?.state().await?;
    ensure!(state["calls"][0]["caller"].is_null(), "the state has a caller: {state}");
    ensure!(!state.to_string().contains(&withheld.number), "his number is in the state: {state}");
    withheld.hangs_up()
}

async fn nobody_withholds_his_number_from_one_that_always_shows_it(stage: &mut Stage) -> Result<()> {
    // Ringing for who is not known, too.
    let plan = TESTS_IT.replace("{flow: a}", "{type: always_shown, flow: a}");
    let plan = plan.replace("caller.withheld", "caller.withheld or caller.number == \"\"");
    stage.sentral(Setup::with_plan(&plan)).await?;
    let withheld = stage.caller().withheld().dials(ONE).await?;
    let status = withheld.refused(secs(2)).await.context("the number of who withholds it is not known")?;
    ensure!(status == 486, "{status}");
    Ok(())
}

async fn a_call_given_back_goes_on_in_asterisk(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    let caller = stage.caller().dials(HANDED).await?;
    stage.in_the_fallback(&caller, secs(5)).await?;
    let handed = &[r#"outcome="continued""#, HANDED];
    stage.engine()?.counts("sentral_calls_total", handed, 1.0, secs(2)).await?;
    caller.hangs_up()
}
