//! Who is rung, as the telephones see it: the strategies that other scenarios do not come by. (`operators.rs` has `ringall`,
//! `linear`, `rrmemory` and `leastrecent`.)

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{ONE, early::is_old};
use crate::people::{Conduct, answers_after, declines_after, silent};
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: who_had_the_fewest_calls_is_rung, who_talked_least_is_rung, from_the_top_the_first_who_is_free_is_rung,
        for_one_caller_those_in_a_line_are_rung_one_after_the_other, a_lot_falls_on_each, a_penalty_makes_a_lot_unlikely,
        one_after_the_other_rings_beside_the_first;
}

/// Calls to [`ONE`] come to a queue with these keys; nobody wraps up.
pub(super) fn queue(keys: &str) -> Setup {
    Setup::with_plan(&format!(
        "exchange: test\nnumbers: {{\"{ONE}\": {{flow: a}}}}\n\
         operators: {{op1: {{dial: PJSIP/op1}}, op2: {{dial: PJSIP/op2}}, op3: {{dial: PJSIP/op3}}}}\n\
         queues:\n  sales: {{retry: 1s, {keys}}}\nflows:\n  a: [{{queue: sales}}]\n"
    ))
}

/// All of them answer at once and hang up soon.
fn all_are_quick(stage: &Stage) {
    for name in ["op1", "op2", "op3"] {
        stage.operator(name, [quick()]);
    }
}

fn quick() -> Conduct {
    answers_after(ms(20)).talks_for(ms(150))
}

/// A caller is served, and then all operators are there for the next one.
async fn one_is_served(stage: &mut Stage) -> Result<()> {
    let caller = stage.caller().dials(ONE).await?;
    caller.is_served(secs(6)).await?;
    let ready = |state: &Value| {
        Ok(state["operators"].as_array().is_some_and(|all| all.iter().all(|operator| operator["state"] == "ready")))
    };
    stage.engine()?.comes_to("all operators are ready", secs(3), ready).await
}

fn were_rung(stage: &Stage, expected: [usize; 3]) -> Result<()> {
    let rung = ["op1", "op2", "op3"].map(|name| stage.times_rung(name));
    ensure!(rung == expected, "rung were {rung:?}, and not {expected:?}");
    Ok(())
}

async fn who_had_the_fewest_calls_is_rung(stage: &mut Stage) -> Result<()> {
    stage.sentral(queue("operators: [op1, op2], strategy: fewestcalls")).await?;
    stage.operator("op1", [quick()]);
    stage.operator("op2", [declines_after(ms(50)), quick()]);
    // op1 has the first, and the second, whom op2 does not take; then op2 has two, and is as far as he.
    for (at, expected) in [[1, 0, 0], [2, 1, 0], [2, 2, 0], [2, 3, 0], [3, 3, 0]].into_iter().enumerate() {
        one_is_served(stage).await?;
        were_rung(stage, expected).with_context(|| format!("caller {}", at + 1))?;
    }
    Ok(())
}

async fn who_talked_least_is_rung(stage: &mut Stage) -> Result<()> {
    stage.sentral(queue("operators: [op1, op2], strategy: least_talk")).await?;
    stage.operator("op1", [answers_after(ms(20)).talks_for(secs(3))]);
    stage.operator("op2", [quick()]);
    for expected in [[1, 0, 0], [1, 1, 0], [1, 2, 0], [1, 3, 0]] {
        one_is_served(stage).await?;
        were_rung(stage, expected)?;
    }
    Ok(())
}

async fn from_the_top_the_first_who_is_free_is_rung(stage: &mut Stage) -> Result<()> {
    stage.sentral(queue("operators: [op1, op2], strategy: top_down")).await?;
    stage.operator("op1", [quick(), quick(), answers_after(ms(20))]);
    stage.operator("op2", [quick()]);
    for expected in [[1, 0, 0], [2, 0, 0]] {
        one_is_served(stage).await?;
        were_rung(stage, expected)?;
    }
    let long = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op1", 3, secs(2)).await?;
    long.talks_with(&leg, secs(2)).await?;
    let other = stage.caller().dials(ONE).await?;
    other.is_served(secs(4)).await?;
    were_rung(stage, [3, 1, 0])?;
    long.hangs_up()
}

async fn for_one_caller_those_in_a_line_are_rung_one_after_the_other(stage: &mut Stage) -> Result<()> {
    stage.sentral(queue("operators: [op1, op2, op3], strategy: linear, ring: 1s")).await?;
    stage.operator("op3", [answers_after(ms(100))]);
    let caller = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op3", 1, secs(6)).await?;
    caller.talks_with(&leg, secs(2)).await?;
    were_rung(stage, [1, 1, 1])?;
    // The next caller begins at the top.
    let next = stage.caller().dials(ONE).await?;
    stage.rings("op1", 2, secs(3)).await?;
    next.hangs_up()?;
    caller.hangs_up()
}

/// So many that, drawn by lot, one of two is left out once in two thousand times.
const MANY: usize = 12;

async fn a_lot_falls_on_each(stage: &mut Stage) -> Result<()> {
    stage.sentral(queue("operators: [op1, op2], strategy: random")).await?;
    all_are_quick(stage);
    for _ in 0..MANY {
        one_is_served(stage).await?;
    }
    let rung = ["op1", "op2"].map(|name| stage.times_rung(name));
    ensure!(rung.iter().sum::<usize>() == MANY && !rung.contains(&0), "of {MANY} callers {rung:?}");
    Ok(())
}

async fn a_penalty_makes_a_lot_unlikely(stage: &mut Stage) -> Result<()> {
    // Once in forty draws it falls on op2.
    stage.sentral(queue("operators: [op1, {op2: {penalty: 19}}], strategy: wrandom")).await?;
    all_are_quick(stage);
    for _ in 0..MANY {
        one_is_served(stage).await?;
    }
    let rung = ["op1", "op2"].map(|name| stage.times_rung(name));
    ensure!(rung.iter().sum::<usize>() == MANY && rung[0] > rung[1], "of {MANY} callers {rung:?}");
    Ok(())
}

async fn one_after_the_other_rings_beside_the_first(stage: &mut Stage) -> Result<()> {
    stage.sentral(queue("operators: [op1, op2, op3], strategy: ring_progressively, add_every: 1s")).await?;
    stage.operator("op1", [silent()]);
    stage.operator("op2", [silent()]);
    stage.operator("op3", [answers_after(ms(300))]);
    let caller = stage.caller().dials(ONE).await?;
    let first = stage.rings("op1", 1, secs(2)).await?;
    let second = stage.rings("op2", 1, secs(3)).await?;
    let third = stage.rings("op3", 1, secs(3)).await?;
    // An old Asterisk takes 200 ms to take a caller into the bridge of the first telephone (its issue 801), whose INVITE stands
    // behind that.
    let held = if is_old(stage).await? { ms(200) } else { ms(0) };
    for (before, after, held) in [(&first, &second, held), (&second, &third, ms(0))] {
        let later = after.invited - before.invited + held;
        ensure!(later > ms(800) && later < ms(1500), "{} rang {later:?} after {}", after.operator, before.operator);
    }
    for beside in [&first, &second] {
        let (when, why) = beside.cancelled(secs(2)).await?;
        ensure!(when > third.invited, "{} rang no longer when the next one did", beside.operator);
        ensure!(why.contains("Call completed elsewhere"), "{} is told {why:?}", beside.operator);
    }
    caller.talks_with(&third, secs(2)).await?;
    caller.hangs_up()
}
