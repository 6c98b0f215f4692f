//! Steps that compute, choose, come back, and give a call back.

use anyhow::{Result, ensure};

use super::{CHOICES, HANDED};
use crate::people::answers_after;
use crate::stage::Stage;
use crate::time::{ms, secs};

scenarios! {
    everywhere: the_plan_counts_and_chooses, a_call_given_back_goes_on_in_asterisk;
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

async fn a_call_given_back_goes_on_in_asterisk(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    let caller = stage.caller().dials(HANDED).await?;
    stage.in_the_fallback(&caller, secs(5)).await?;
    let handed = &[r#"outcome="continued""#, HANDED];
    stage.engine()?.counts("sentral_calls_total", handed, 1.0, secs(2)).await?;
    caller.hangs_up()
}
