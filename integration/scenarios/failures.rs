//! The wire breaks, Sentral dies or freezes, Asterisk restarts: nobody is lost.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::time::sleep;

use super::{CROWD, MENU, ONE, asked};
use crate::people::{Caller, Leg, answers_after, silent};
use crate::proxy::Line;
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{Moment, ms, secs};

scenarios! {
    everywhere: a_cut_websocket_loses_nobody, twenty_calls_survive_a_cut_websocket, a_broken_wire_loses_nobody,
        a_frozen_wire_is_noticed, requests_that_come_to_nothing_are_noticed, a_killed_sentral_takes_its_calls_up_again, a_killed_sentral_leaves_callers_to_the_fallback,
        a_frozen_sentral_leaves_callers_to_the_fallback, who_is_in_the_fallback_is_left_alone, asterisk_restarts_and_sentral_comes_back,
        sentral_drains_on_sigterm;
}

/// One caller in each kind of moment.
struct Moments {
    talking: (Caller, Leg),
    waiting: Caller,
    ringing: (Caller, Leg),
    in_the_menu: Caller,
}

/// `op1` talks, another caller waits for him, `op2` lets it ring, and a fourth listens to the menu.
async fn one_in_each_moment(stage: &mut Stage) -> Result<Moments> {
    stage.operator("op1", [answers_after(ms(100)), answers_after(ms(200)).talks_for(ms(700))]);
    stage.operator("op2", [silent(), answers_after(ms(200)).talks_for(ms(700))]);
    let talking = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    talking.talks_with(&leg, secs(2)).await?;
    let waiting = stage.caller().dials(ONE).await?;
    waiting.hears_asterisk(secs(2)).await?;
    let ringing = stage.caller().dials(MENU).await?;
    ringing.presses('1', ms(2000)).await?;
    let rung = stage.rings("op2", 1, secs(1)).await?;
    let in_the_menu = stage.caller().dials(MENU).await?;
    in_the_menu.answered(secs(1)).await?;
    asked(stage, &in_the_menu).await?;
    Ok(Moments { talking: (talking, leg), waiting, ringing: (ringing, rung), in_the_menu })
}

impl Moments {
    fn all_but_who_talks(&self) -> [&Caller; 3] {
        [&self.waiting, &self.ringing.0, &self.in_the_menu]
    }

    /// Whoever has not yet.
    fn all_hang_up(&self) -> Result<()> {
        let mut there = self.all_but_who_talks().into_iter().chain([&self.talking.0]).filter(|it| it.is_in_the_call());
        there.try_for_each(Caller::hangs_up)
    }

    /// The talk goes on, and everybody is still there.
    async fn nobody_is_lost(&self) -> Result<()> {
        let (caller, leg) = &self.talking;
        caller.talks_with(leg, ms(500)).await.context("the talk was disturbed")?;
        for (caller, what) in
            [(&self.waiting, "who waited"), (&self.ringing.0, "for whom it rang"), (&self.in_the_menu, "in the menu")]
        {
            ensure!(caller.is_in_the_call(), "the caller {what} was lost");
        }
        Ok(())
    }

    /// The talk ends, and then all the others are served.
    async fn all_are_served(&self, limit: Duration) -> Result<()> {
        self.talking.0.hangs_up()?;
        self.talking.1.is_hung_up(secs(2)).await.context("the operator was not hung up")?;
        // A telephone that rang through the failure may be answered, or be cancelled and rung anew.
        if !self.ringing.1.dialog().is_some_and(|d| d.is_over()) {
            self.ringing.1.answers()?;
            self.ringing.1.hangs_up_after(ms(700));
        }
        self.in_the_menu.presses('1', ms(0)).await?;
        // One for whom it rang may have been sent back to the menu, too.
        self.ringing.0.presses('1', ms(0)).await?;
        let served = tokio::join!(
            self.waiting.is_served(limit),
            self.ringing.0.is_served(limit),
            self.in_the_menu.is_served(limit)
        );
        served.0.context("who waited")?;
        served.1.context("for whom it rang")?;
        served.2.context("in the menu")
    }
}

async fn a_cut_websocket_loses_nobody(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    let moments = one_in_each_moment(stage).await?;
    stage.proxy.set_for(Line::WithoutEvents, secs(10)).await;
    moments.nobody_is_lost().await?;
    stage.engine()?.until_ready(secs(15)).await?;
    moments.all_are_served(secs(40)).await
}

async fn a_broken_wire_loses_nobody(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    let moments = one_in_each_moment(stage).await?;
    stage.proxy.set_for(Line::Cut, secs(3)).await;
    moments.nobody_is_lost().await?;
    stage.engine()?.until_ready(secs(15)).await?;
    moments.all_are_served(secs(40)).await
}

async fn twenty_calls_survive_a_cut_websocket(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    for n in 1..=20 {
        let conduct = if n <= 8 { [answers_after(ms(200)).talks_for(secs(6))] } else { [silent()] };
        stage.operator(&format!("op{n}"), conduct);
    }
    let mut callers = Vec::new();
    for _ in 0..20 {
        callers.push(stage.caller().dials(CROWD).await?);
        sleep(ms(30)).await;
    }
    sleep(ms(1500)).await;
    stage.proxy.set_for(Line::WithoutEvents, secs(10)).await;
    for n in 1..=20 {
        stage.operator(&format!("op{n}"), [answers_after(ms(200)).talks_for(ms(700))]);
    }
    stage.engine()?.until_ready(secs(15)).await?;
    let late = Moment::now();
    for caller in &callers {
        let left = secs(60).saturating_sub(Moment::now() - late);
        caller.is_served(left).await.context("after the cut")?;
    }
    Ok(())
}

async fn a_frozen_wire_is_noticed(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(100)), answers_after(ms(200)).talks_for(ms(700))]);
    let talking = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    talking.talks_with(&leg, secs(2)).await?;
    stage.proxy.set(Line::Frozen);
    let noticed = async {
        while stage.engine()?.is_ready().await {
            sleep(ms(200)).await;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(secs(40), noticed).await.context("Sentral says it is ready while nothing passes")??;
    stage.proxy.set(Line::Whole);
    stage.engine()?.until_ready(secs(20)).await?;
    talking.talks_with(&leg, ms(500)).await?;
    talking.hangs_up()?;
    // When the wire thaws, Asterisk closes the old websocket, now and then after it took the new one; then it says nothing
    // more to the new one, until Sentral doubts it: a second, three for the echo, and the next connection.
    leg.is_hung_up(secs(8)).await?;
    let next = stage.caller().dials(ONE).await?;
    next.is_served(secs(10)).await
}

async fn requests_that_come_to_nothing_are_noticed(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(100)), answers_after(ms(200)).talks_for(ms(700))]);
    let talking = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    talking.talks_with(&leg, secs(2)).await?;
    let waiting = stage.caller().dials(ONE).await?;
    waiting.hears_asterisk(secs(2)).await?;
    stage.proxy.set(Line::WithoutRequests);
    // Asterisk tells each of his keys, so it is heard all the time.
    let presses = async {
        loop {
            waiting.presses('5', ms(0)).await?;
            sleep(ms(500)).await;
        }
    };
    tokio::select! {
        failed = presses => return failed,
        noticed = stage.engine()?.is_not_ready(secs(12), "node pbx") => noticed.map(drop)?,
    }
    stage.proxy.set(Line::Whole);
    stage.engine()?.until_ready(secs(20)).await?;
    talking.talks_with(&leg, ms(500)).await.context("the talk was disturbed")?;
    talking.hangs_up()?;
    waiting.is_served(secs(10)).await
}

async fn a_killed_sentral_takes_its_calls_up_again(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    let moments = one_in_each_moment(stage).await?;
    stage.engine()?.is_killed().await?;
    sleep(secs(1)).await;
    moments.nobody_is_lost().await?;
    stage.engine()?.starts_again().await?;
    // Whoever was in the menu is greeted and asked again.
    asked(stage, &moments.in_the_menu).await?;
    moments.all_are_served(secs(60)).await
}

/// A switch that does not let one wait for long: 5 s, and while a prompt plays 8 s more; the menu's takes 5.7 s.
const SHORT: &str = "limits: {dead_man: 5s, longest_prompt: 8s}";
/// Longer than that switch may take.
const DEAD_MAN: Duration = secs(18);

async fn a_killed_sentral_leaves_callers_to_the_fallback(stage: &mut Stage) -> Result<()> {
    stage.sentral(Setup::from("test").set(SHORT)).await?;
    let moments = one_in_each_moment(stage).await?;
    stage.engine()?.is_killed().await?;
    callers_reach_the_fallback(stage, &moments).await?;
    moments.all_hang_up()?;
    // A new call goes there at once.
    let late = stage.caller().dials(MENU).await?;
    stage.in_the_fallback(&late, secs(2)).await?;
    late.hangs_up()?;
    stage.engine()?.starts_again().await
}

async fn who_is_in_the_fallback_is_left_alone(stage: &mut Stage) -> Result<()> {
    stage.sentral(Setup::from("test").set(SHORT)).await?;
    let moments = one_in_each_moment(stage).await?;
    stage.engine()?.is_killed().await?;
    callers_reach_the_fallback(stage, &moments).await?;
    let rung = (stage.times_rung("op1"), stage.times_rung("op2"));
    stage.engine()?.starts_again().await?;
    // The operator is free, and everybody whom he might be rung for is in other hands. Asterisk watches them for us still.
    moments.talking.0.hangs_up()?;
    sleep(secs(4)).await;
    for caller in moments.all_but_who_talks() {
        stage.in_the_fallback(caller, secs(1)).await?;
    }
    ensure!(rung == (stage.times_rung("op1"), stage.times_rung("op2")), "an operator was rung for one in the fallback");
    let left = stage.engine()?.what_is_left().await?;
    ensure!(left.is_empty(), "Sentral believes in {left:?}");
    stage.operator("op1", [answers_after(ms(200)).talks_for(ms(300))]);
    let next = stage.caller().dials(ONE).await?;
    next.is_served(secs(10)).await?;
    moments.all_hang_up()
}

async fn a_frozen_sentral_leaves_callers_to_the_fallback(stage: &mut Stage) -> Result<()> {
    stage.sentral(Setup::from("test").set(SHORT)).await?;
    let moments = one_in_each_moment(stage).await?;
    stage.engine()?.freezes()?;
    callers_reach_the_fallback(stage, &moments).await?;
    moments.all_hang_up()?;
    stage.engine()?.thaws()?;
    stage.engine()?.until_ready(secs(30)).await
}

async fn callers_reach_the_fallback(stage: &Stage, moments: &Moments) -> Result<()> {
    let (talking, leg) = &moments.talking;
    // Asterisk itself stops ringing: nobody may be called to a telephone for ever.
    moments.ringing.1.cancelled(secs(30)).await.context("nobody is there to stop the ringing")?;
    for caller in moments.all_but_who_talks() {
        stage.in_the_fallback(caller, DEAD_MAN).await?;
    }
    talking.talks_with(leg, ms(500)).await.context("the talk was disturbed")
}

async fn asterisk_restarts_and_sentral_comes_back(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(100)), answers_after(ms(200)).talks_for(ms(700))]);
    let before = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    before.talks_with(&leg, secs(2)).await?;
    stage.asterisk_restarts().await?;
    stage.engine()?.until_ready(secs(30)).await?;
    let left = stage.engine()?.what_is_left().await?;
    ensure!(left.is_empty(), "Sentral still believes in {left:?}");
    let after = stage.caller().dials(ONE).await?;
    after.is_served(secs(10)).await
}

async fn sentral_drains_on_sigterm(stage: &mut Stage) -> Result<()> {
    stage.sentral("test").await?;
    stage.operator("op1", [answers_after(ms(100)).talks_for(secs(3)), answers_after(ms(200)).talks_for(ms(700))]);
    let talking = stage.caller().dials(ONE).await?;
    let leg = stage.rings("op1", 1, secs(1)).await?;
    talking.talks_with(&leg, secs(2)).await?;
    let waiting = stage.caller().dials(ONE).await?;
    waiting.hears_asterisk(secs(2)).await?;
    stage.engine()?.is_told_to_end()?;
    sleep(ms(500)).await;
    let new = stage.caller().dials(ONE).await?;
    stage.in_the_fallback(&new, secs(3)).await?;
    new.hangs_up()?;
    talking.is_hung_up(secs(5)).await?;
    waiting.is_served(secs(10)).await?;
    stage.engine()?.has_ended(secs(10)).await
}
