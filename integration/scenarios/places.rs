//! Nobody loses his place: many wait, talk, are rung for and are asked by menus while Asterisk cannot be asked, cannot be heard,
//! and Sentral is killed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::Value;
use tokio::time::sleep;

use super::{call, entry};
use crate::media::Mouth;
use crate::people::{Caller, Leg, answers_after, silent};
use crate::proxy::Line;
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{Moment, ms, secs};

scenarios! {
    everywhere: nobody_loses_his_place;
}

/// Straight to the queues; to the third as one who comes before the others; to one that leaves its operator alone for an hour.
const FIRST: &str = "+4780012401";
const SECOND: &str = "+4780012402";
const THIRD: &str = "+4780012403";
const THIRD_BEFORE_OTHERS: &str = "+4780012404";
const LONG_WRAP_UP: &str = "+4780012405";
/// A menu that asks for a minute.
const ASKS: &str = "+4780012406";
/// To the queue in which something is said.
const SAYS: &str = "+4780012407";

/// How many talk, ring, wait and are asked.
const TALK: usize = 20;
const RING: usize = 5;
const WAIT: usize = 100;
const ASKED: usize = 10;

/// One who waits in a queue of his own hears a sound so often, and nothing else.
const SAID_EVERY: Duration = secs(5);

/// Sentral is away for so long when it was killed.
const AWAY: Duration = secs(5);

/// `op1` to `op20` talk, seven in each queue and six in the third; `op21` to `op25` let it ring, three in the first queue and two
/// in the second; `op26` is paused, `op27` signed out, and `op28` wraps up.
fn plan() -> Setup {
    let operators: String = (1..=28).map(|n| format!("  op{n}: {{dial: PJSIP/op{n}}}\n")).collect();
    let among = |numbers: &[usize]| numbers.iter().map(|n| format!("op{n}")).collect::<Vec<_>>().join(", ");
    let queue = |name: &str, numbers: &[usize], more: &str| {
        let operators = among(numbers);
        format!("  {name}: {{operators: [{operators}], strategy: linear, ring: 10m, retry: 1s, {more}}}\n")
    };
    let queues = [
        queue("first", &[1, 2, 3, 4, 5, 6, 7, 21, 22, 23, 26, 27], "music: default"),
        queue("second", &[8, 9, 10, 11, 12, 13, 14, 24, 25], "music: none, exit: {\"0\": {hangup: normal}}"),
        queue("third", &[15, 16, 17, 18, 19, 20], "music: none"),
        queue(
            "says",
            &[1],
            &format!("music: none, announce: {{periodic: {{play: sound:beep, every: {}s}}}}", SAID_EVERY.as_secs()),
        ),
        queue("alone", &[28], "wrap_up: 1h"),
    ]
    .concat();
    let text = format!(
        "exchange: test\ntimezone: UTC\nnumbers:\n  \"{FIRST}\": {{flow: first}}\n  \"{SECOND}\": {{flow: second}}\n  \
         \"{THIRD}\": {{flow: third}}\n  \"{THIRD_BEFORE_OTHERS}\": {{flow: before_others}}\n  \"{LONG_WRAP_UP}\": {{flow: alone}}\n  \
         \"{ASKS}\": {{flow: asks}}\n  \"{SAYS}\": {{flow: says}}\noperators:\n{operators}queues:\n{queues}flows:\n  first: [{{queue: first}}]\n  \
         second: [{{queue: second}}]\n  third: [{{queue: third}}]\n  before_others: [{{set: {{priority: 10}}}}, {{queue: third}}]\n  \
         alone: [{{queue: alone}}]\n  says: [{{queue: says}}]\n  \
         asks:\n    - menu: {{play: sound:beep, options: {{1: {{hangup: normal}}}}, timeout: 60s, tries: 3, otherwise: {{hangup: busy}}}}\n"
    );
    // Whoever waits has a minute at least, however long the websocket was whole before it is cut.
    Setup::with_plan(&text).set("limits: {dead_man: 2m}")
}

/// Everybody who is there when something fails.
struct Everybody {
    talking: Vec<(Caller, Leg)>,
    rung_for: Vec<(Caller, Leg)>,
    /// Who waits, queue by queue.
    waiting: BTreeMap<&'static str, Vec<Caller>>,
    asked: Vec<Caller>,
    /// Who was rung for, and was given his operator.
    served: Vec<(Caller, Leg)>,
    /// One to whom something is said while he waits.
    listens: Caller,
    /// How many have left by the key.
    left: usize,
}

async fn asks(stage: &mut Stage, path: &str) -> Result<()> {
    let (status, told) = stage.engine()?.asks(Method::POST, &format!("/api/v1/operators/{path}")).await?;
    ensure!(status == 200, "{path}: {status}: {}", String::from_utf8_lossy(&told));
    Ok(())
}

/// Calls that an operator is rung for, and whether he answers.
async fn comes_to(stage: &mut Stage, number: &str, operator: usize) -> Result<(Caller, Leg)> {
    let caller = stage.caller().dials(number).await?;
    let leg = stage.rings(&format!("op{operator}"), 1, secs(5)).await?;
    Ok((caller, leg))
}

async fn everybody(stage: &mut Stage) -> Result<Everybody> {
    asks(stage, "op26/pause?reason=lunch").await?;
    asks(stage, "op27/sign_out").await?;
    for n in (1..=TALK).chain([28]) {
        stage.operator(&format!("op{n}"), [answers_after(ms(50))]);
    }
    // The first of those who let it ring answers when he is rung again.
    stage.operator("op21", [silent(), answers_after(ms(0))]);
    let (caller, leg) = comes_to(stage, LONG_WRAP_UP, 28).await?;
    caller.talks_with(&leg, secs(3)).await?;
    caller.hangs_up()?;
    let mut talking = Vec::new();
    for n in 1..=TALK {
        let number = [FIRST, SECOND, THIRD][(n - 1) / 7];
        talking.push(comes_to(stage, number, n).await?);
    }
    let mut rung_for = Vec::new();
    for n in 21..=25 {
        rung_for.push(comes_to(stage, if n < 24 { FIRST } else { SECOND }, n).await?);
    }
    for (caller, leg) in &talking {
        caller.talks_with(leg, secs(5)).await?;
    }
    let listens = stage.caller().dials(SAYS).await?;
    listens.answered(secs(3)).await?;
    // Thousands of packets a second that nobody needs would only cost time.
    stage.people.speak(Mouth::KeysOnly);
    let mut waiting: BTreeMap<&'static str, Vec<Caller>> = BTreeMap::new();
    for n in 1..WAIT {
        let number = match n % 3 {
            0 => FIRST,
            1 => SECOND,
            _ if n % 10 == 0 => THIRD_BEFORE_OTHERS,
            _ => THIRD,
        };
        waiting.entry(number).or_default().push(stage.caller().dials(number).await?);
        sleep(ms(20)).await;
    }
    let mut asked = Vec::new();
    for _ in 0..ASKED {
        asked.push(stage.caller().dials(ASKS).await?);
    }
    stage.people.speak(Mouth::Talks);
    // One of whom Asterisk has not heard yet goes to the fallback by himself: all are answered, and all is written of them.
    for caller in waiting.values().flatten().chain(&asked) {
        caller.answered(secs(10)).await?;
    }
    sleep(secs(2)).await;
    Ok(Everybody { talking, rung_for, waiting, asked, served: Vec::new(), listens, left: 0 })
}

/// What must be after a failure as it was before.
struct Before {
    at: Moment,
    state: Value,
    statistics: Value,
}

/// Those who wait, in the order of their queues: the call and its priority; and how long it waits there, and in all.
fn places(state: &Value) -> Result<Vec<(String, f64, f64)>> {
    let mut places = Vec::new();
    for queue in state["queues"].as_array().context("no queues")? {
        for waits in queue["callers"].as_array().context("no callers")? {
            let place = format!("{} {} of priority {}", queue["queue"], waits["call"], waits["priority"]);
            let seconds = |key: &str| waits[key].as_f64().with_context(|| format!("{key} in {waits}"));
            places.push((place, seconds("waited_seconds")?, seconds("age_seconds")?));
        }
    }
    Ok(places)
}

/// How many calls there are in each state.
fn doing(state: &Value) -> BTreeMap<&str, usize> {
    let mut doing = BTreeMap::new();
    for call in state["calls"].as_array().into_iter().flatten() {
        *doing.entry(call["state"].as_str().unwrap_or_default()).or_default() += 1;
    }
    doing
}

/// Who talks with whom.
fn talks(state: &Value) -> BTreeSet<String> {
    let calls = state["calls"].as_array().into_iter().flatten().filter(|call| call["state"] == "talking");
    calls.map(|call| format!("{} {} {}", call["id"], call["caller"], call["operator"])).collect()
}

async fn statistics(stage: &mut Stage) -> Result<Value> {
    let (status, text) = stage.engine()?.get("/api/v1/statistics", None).await?;
    ensure!(status == 200, "the statistics: {status} {text}");
    Ok(serde_json::from_str(&text)?)
}

impl Everybody {
    /// Waits until all are where they should be.
    async fn all_are_there(&self, stage: &mut Stage, limit: Duration) -> Result<()> {
        let served = self.served.len();
        let expected = BTreeMap::from([
            ("talking", TALK + served),
            ("ringing", RING - served),
            ("waiting", WAIT - self.left),
            ("menu", ASKED),
        ]);
        let there = |state: &Value| Ok(doing(state) == expected);
        stage.engine()?.comes_to("all are where they were", limit, there).await
    }

    async fn before(&self, stage: &mut Stage) -> Result<Before> {
        self.all_are_there(stage, secs(10)).await?;
        let statistics = statistics(stage).await?;
        Ok(Before { state: stage.engine()?.state().await?, at: Moment::now(), statistics })
    }

    /// Nobody has lost anything; whoever was in a menu may be asked anew.
    async fn nobody_has_lost_anything(&self, stage: &mut Stage, before: &Before) -> Result<()> {
        for (caller, leg) in &self.talking {
            caller.talks_with(leg, secs(3)).await.context("a talk was disturbed")?;
        }
        self.all_are_there(stage, secs(10)).await?;
        let after = self.before(stage).await?;
        let elapsed = (after.at - before.at).as_secs_f64();
        let (mut was, is) = (places(&before.state)?, places(&after.state)?);
        for (caller, _) in &self.served {
            let id = call(&before.state, &caller.number)?["id"].to_string();
            was.retain(|(place, ..)| !place.contains(&id));
        }
        ensure!(is.len() == RING + WAIT - self.left - self.served.len(), "{} wait", is.len());
        ensure!(is.len() == was.len(), "{} waited, and {} do", was.len(), is.len());
        for (was, is) in was.iter().zip(&is) {
            ensure!(was.0 == is.0, "where {} was, {} is", was.0, is.0);
            for (was, is) in [(was.1, is.1), (was.2, is.2)] {
                let gone = (is - was - elapsed).abs();
                ensure!(gone < 1.0, "after {elapsed} s one who had waited {was} s has waited {is} s");
            }
        }
        let (were, are) = (talks(&before.state), talks(&after.state));
        ensure!(were.is_subset(&are), "they talked: {were:?}; now: {are:?}");
        for operator in ["op26", "op27", "op28"] {
            let of = |state: &Value| {
                let found = entry(state, "operators", "operator", operator)?;
                anyhow::Ok((found["state"].clone(), found["duty"].clone()))
            };
            let (was, is) = (of(&before.state)?, of(&after.state)?);
            ensure!(was == is, "{operator} was {was:?} and is {is:?}");
        }
        for queue in ["second", "third", "alone"] {
            let of = |day: &Value| entry(day, "queues", "queue", queue).cloned();
            let (was, is) = (of(&before.statistics)?, of(&after.statistics)?);
            ensure!(was == is, "the day was {was:#}, and is {is:#}");
        }
        self.listens.ear.hears_asterisk(SAID_EVERY + secs(2)).await.context("who waits is told nothing any more")?;
        Ok(())
    }

    /// The key that leads out of the second queue does, for the last who came to it.
    async fn one_leaves_by_the_key(&mut self, stage: &mut Stage, times: f64) -> Result<()> {
        let caller = self.waiting.get_mut(SECOND).and_then(Vec::pop).context("nobody waits there")?;
        caller.presses_now('0')?;
        caller.is_hung_up(secs(5)).await.context("the key leads nowhere")?;
        self.left += 1;
        stage.engine()?.counts("sentral_queue_wait_seconds_count", &[r#"outcome="by_key""#], times, secs(5)).await
    }
}

async fn nobody_loses_his_place(stage: &mut Stage) -> Result<()> {
    stage.sentral(plan()).await?;
    let mut all = everybody(stage).await?;

    let before = all.before(stage).await?;
    stage.proxy.set_for(Line::WithoutRequests, secs(10)).await;
    stage.engine()?.until_ready(secs(20)).await?;
    all.nobody_has_lost_anything(stage, &before).await.context("Asterisk could not be asked for ten seconds")?;
    all.one_leaves_by_the_key(stage, 1.0).await?;

    let before = all.before(stage).await?;
    stage.proxy.set_for(Line::WithoutEvents, secs(30)).await;
    stage.engine()?.until_ready(secs(20)).await?;
    all.nobody_has_lost_anything(stage, &before).await.context("Asterisk could not be heard for thirty seconds")?;
    ensure!(all.rung_for.iter().all(|(_, leg)| !leg.dialog().is_some_and(|it| it.is_over())), "a ring was given up");
    all.one_leaves_by_the_key(stage, 2.0).await?;
    killed(stage, &mut all).await
}

/// The engine is not there for a while, and everybody goes on. Tells how long its start takes those who are to be brought together.
async fn killed(stage: &mut Stage, all: &mut Everybody) -> Result<()> {
    let before = all.before(stage).await?;
    stage.engine()?.is_killed().await?;
    sleep(AWAY).await;
    for (caller, leg) in &all.talking {
        caller.talks_with(leg, secs(3)).await.context("a talk was disturbed while nobody was there")?;
    }
    let starts = Moment::now();
    stage.engine()?.starts_again().await?;
    let again = stage.rings("op21", 2, secs(10)).await?;
    let talks = again.answered(secs(5)).await?;
    println!(
        "      {} in the lines, {TALK} pairs, {ASKED} in menus: {} ms after the start of the process somebody is rung, after {} ms he talks",
        RING + WAIT - all.left,
        (again.invited - starts).as_millis(),
        (talks - starts).as_millis(),
    );
    // Whose telephone is silent first is rung for the first in line.
    let mut rung_for = std::mem::take(&mut all.rung_for);
    all.served.push(rung_for_by(&mut rung_for, again)?);
    for n in 22..=25 {
        let again = stage.rings(&format!("op{n}"), 2, secs(10)).await?;
        all.rung_for.push(rung_for_by(&mut rung_for, again)?);
    }
    for (caller, leg) in &all.served {
        caller.talks_with(leg, secs(5)).await?;
    }
    all.nobody_has_lost_anything(stage, &before).await.context("after a kill")?;
    all.one_leaves_by_the_key(stage, 1.0).await?;
    the_day_is_right(stage, all).await
}

/// Whom a telephone rings for: one of those for whom somebody was rung before.
fn rung_for_by(before: &mut Vec<(Caller, Leg)>, leg: Leg) -> Result<(Caller, Leg)> {
    let shows = leg.shows()?;
    let at = before.iter().position(|(caller, _)| shows.contains(&caller.number));
    let at = at.with_context(|| format!("{} is rung for {shows}, who was not the next in line", leg.operator))?;
    Ok((before.swap_remove(at).0, leg))
}

/// All hang up, and everybody was counted once.
async fn the_day_is_right(stage: &mut Stage, all: &Everybody) -> Result<()> {
    // From the end of the line to its head: nobody is to be rung for, or given an operator, in the moment in which he hangs up.
    let waiting = all.waiting.values().flatten();
    for caller in waiting.chain(&all.asked).chain([&all.listens]) {
        caller.hangs_up()?;
    }
    let rings = BTreeMap::from([("talking", TALK + all.served.len()), ("ringing", all.rung_for.len())]);
    stage.engine()?.comes_to("those who waited have gone", secs(10), |state| Ok(doing(state) == rings)).await?;
    for (caller, _) in &all.rung_for {
        caller.hangs_up()?;
    }
    let talk = BTreeMap::from([("talking", TALK + all.served.len())]);
    stage.engine()?.comes_to("those who were rung for have gone", secs(10), |state| Ok(doing(state) == talk)).await?;
    for (caller, _) in all.talking.iter().chain(&all.served) {
        caller.hangs_up()?;
    }
    stage.engine()?.comes_to("all have gone", secs(10), |state| Ok(doing(state).is_empty())).await?;
    let sum = |day: &Value, key: &str| -> u64 {
        day["queues"].as_array().into_iter().flatten().filter_map(|queue| queue[key].as_u64()).sum()
    };
    let answered = u64::try_from(1 + TALK + all.served.len())?;
    let left = u64::try_from(all.left)?;
    let abandoned = u64::try_from(RING - all.served.len() + WAIT)? - left;
    let expected = (answered, answered, left, abandoned);
    let mut counted = (0, 0, 0, 0);
    // Whoever counts hears of it after the calls have gone.
    for _ in 0..50 {
        let day = statistics(stage).await?;
        counted = (sum(&day, "answered"), sum(&day, "talks"), sum(&day, "left"), sum(&day, "abandoned"));
        if counted == expected {
            return Ok(());
        }
        sleep(ms(100)).await;
    }
    anyhow::bail!("answered, talks, left, abandoned: {expected:?} of the day, and not {counted:?}")
}
