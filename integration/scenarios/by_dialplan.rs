//! Dialplans that dial by themselves, and ask only for the operator.

use anyhow::{Result, ensure};

use super::agi::opens_the_door;
use super::{DIAL_CHOSEN, KEEP_CHOSEN, ONE, ROUTE, entry};
use crate::people::{answers_after, busy, silent};
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    asterisk ("the stand-in has no dialplan that could ask"): one_operator_is_chosen_for_one_caller, one_operator_has_one_line_for_both_doors,
        who_hangs_up_while_he_is_dialled_for_gives_him_back, who_hangs_up_while_he_waits_leaves_the_line, whom_nobody_dials_is_free_after_the_limit,
        who_is_busy_is_chosen_again, what_a_route_says_is_where_the_dialplan_goes;
}

/// Starts Sentral with a door for dialplans.
async fn opens(stage: &mut Stage) -> Result<()> {
    opens_the_door(stage, "test", "").await
}

async fn op1_is(stage: &mut Stage, state: &'static str) -> Result<()> {
    let is = |found: &serde_json::Value| Ok(entry(found, "operators", "operator", "op1")?["state"] == state);
    stage.engine()?.comes_to(state, secs(5), is).await
}

async fn wait_in_one(stage: &mut Stage, callers: usize) -> Result<()> {
    let waiting = |found: &serde_json::Value| {
        Ok(entry(found, "queues", "queue", "one")?["callers"].as_array().is_some_and(|line| line.len() == callers))
    };
    stage.engine()?.comes_to("callers in the queue `one`", secs(5), waiting).await
}

async fn one_operator_is_chosen_for_one_caller(stage: &mut Stage) -> Result<()> {
    opens(stage).await?;
    stage.operator("op1", [answers_after(ms(500)), answers_after(ms(100))]);
    let first = stage.caller().dials(DIAL_CHOSEN).await?;
    let leg = stage.rings("op1", 1, secs(5)).await?;
    op1_is(stage, "reserved").await?;
    let second = stage.caller().dials(DIAL_CHOSEN).await?;
    wait_in_one(stage, 1).await?;
    first.talks_with(&leg, secs(3)).await?;
    op1_is(stage, "talking").await?;
    ensure!(stage.times_rung("op1") == 1, "who talks to one was dialled for another");

    first.hangs_up()?;
    let leg = stage.rings("op1", 2, secs(5)).await?;
    second.talks_with(&leg, secs(3)).await?;
    leg.hangs_up()?;
    second.is_hung_up(secs(2)).await?;
    let served = &[r#"outcome="served""#];
    stage.engine()?.counts("sentral_calls_total", served, 2.0, secs(2)).await?;
    stage.engine()?.counts("sentral_queue_wait_seconds_count", &[r#"outcome="connected""#], 2.0, secs(2)).await?;
    stage.engine()?.counts("sentral_talk_seconds_count", &[r#"queue="one""#], 2.0, secs(2)).await
}

async fn one_operator_has_one_line_for_both_doors(stage: &mut Stage) -> Result<()> {
    opens(stage).await?;
    stage.operator("op1", [answers_after(ms(300)), answers_after(ms(100)), answers_after(ms(100))]);
    let first = stage.caller().dials(DIAL_CHOSEN).await?;
    let leg = stage.rings("op1", 1, secs(5)).await?;
    let by_ari = stage.caller().dials(ONE).await?;
    wait_in_one(stage, 1).await?;
    let last = stage.caller().dials(DIAL_CHOSEN).await?;
    wait_in_one(stage, 2).await?;
    first.talks_with(&leg, secs(3)).await?;
    first.hangs_up()?;

    let leg = stage.rings("op1", 2, secs(5)).await?;
    by_ari.talks_with(&leg, secs(3)).await?;
    by_ari.hangs_up()?;
    let leg = stage.rings("op1", 3, secs(5)).await?;
    last.talks_with(&leg, secs(3)).await?;
    last.hangs_up()
}

async fn who_hangs_up_while_he_is_dialled_for_gives_him_back(stage: &mut Stage) -> Result<()> {
    opens(stage).await?;
    stage.operator("op1", [silent()]);
    let caller = stage.caller().dials(DIAL_CHOSEN).await?;
    stage.rings("op1", 1, secs(5)).await?;
    op1_is(stage, "reserved").await?;
    caller.hangs_up()?;
    op1_is(stage, "ready").await?;
    stage.engine()?.counts("sentral_calls_total", &[r#"outcome="abandoned""#], 1.0, secs(2)).await
}

async fn who_hangs_up_while_he_waits_leaves_the_line(stage: &mut Stage) -> Result<()> {
    opens(stage).await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let first = stage.caller().dials(DIAL_CHOSEN).await?;
    let leg = stage.rings("op1", 1, secs(5)).await?;
    let second = stage.caller().dials(DIAL_CHOSEN).await?;
    wait_in_one(stage, 1).await?;
    second.hangs_up()?;
    wait_in_one(stage, 0).await?;
    first.talks_with(&leg, secs(3)).await?;
    first.hangs_up()
}

async fn whom_nobody_dials_is_free_after_the_limit(stage: &mut Stage) -> Result<()> {
    opens(stage).await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let idle = stage.caller().dials(KEEP_CHOSEN).await?;
    op1_is(stage, "reserved").await?;
    let caller = stage.caller().dials(DIAL_CHOSEN).await?;
    let leg = stage.rings("op1", 1, secs(6)).await?;
    caller.talks_with(&leg, secs(3)).await?;
    stage.engine()?.counts("sentral_offers_total", &[r#"outcome="lapsed""#], 1.0, secs(1)).await?;
    caller.hangs_up()?;
    idle.hangs_up()
}

async fn who_is_busy_is_chosen_again(stage: &mut Stage) -> Result<()> {
    opens(stage).await?;
    stage.operator("op1", [busy(), answers_after(ms(100))]);
    let caller = stage.caller().dials(DIAL_CHOSEN).await?;
    stage.rings("op1", 1, secs(5)).await?;
    let leg = stage.rings("op1", 2, secs(5)).await?;
    caller.talks_with(&leg, secs(3)).await?;
    stage.engine()?.counts("sentral_offers_total", &[r#"outcome="busy""#], 1.0, secs(1)).await?;
    caller.hangs_up()
}

async fn what_a_route_says_is_where_the_dialplan_goes(stage: &mut Stage) -> Result<()> {
    opens(stage).await?;
    stage.operator("op1", [answers_after(ms(100))]);
    let caller = stage.caller().dials(ROUTE).await?;
    let leg = stage.rings("op1", 1, secs(5)).await?;
    caller.talks_with(&leg, secs(3)).await?;
    caller.hangs_up()
}
