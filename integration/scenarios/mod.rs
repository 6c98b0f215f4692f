//! What people do, and what they meet.

/// Names the scenarios of a file by where they make sense: `everywhere` is the stand-in, Asterisk 22 and 16, and `asterisk` is not
/// the stand-in; without Sentral these are `alone` and `stage`. Who is not everywhere says why.
macro_rules! scenarios {
    ($($group:ident $(($why:literal))?: $($name:ident),+;)+) => {
        /// The scenarios of this file.
        pub(super) fn scenarios() -> Vec<$crate::Scenario> {
            [$(super::group(
                stringify!($group),
                concat!($($why)?),
                &[$((concat!(module_path!(), "::", stringify!($name)), |stage| Box::pin($name(stage)))),+],
            )),+].concat()
        }
    };
}

mod again;
mod agi;
mod agi_alone;
mod agi_away;
mod agi_peers;
mod also;
mod app_queue;
mod by_dialplan;
mod callback;
mod callers;
mod choices;
mod database;
mod desk;
mod devices;
mod dial;
mod doors;
mod duty;
mod early;
mod explain;
mod failures;
mod hours;
mod kept;
mod keys;
mod languages;
mod load;
mod menu;
mod operators;
mod places;
mod prompts;
mod queue_log;
mod records;
mod remote;
mod servers;
mod shown;
mod side_by_side;
mod stage_itself;
mod statistics;
mod steering;
mod strategies;
mod transfers;
mod upkeep;
mod voicemail;
mod waiting;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::people::Caller;
use crate::stage::Stage;
use crate::time::secs;
use crate::{Play, Scenario};

/// The number with greeting and menu.
const MENU: &str = "+4780012345";
/// Straight to the queue of `op1` alone.
const ONE: &str = "+4780012301";
/// Straight to the queue that rings `op1`, `op2` and `op3` at once.
const ALL: &str = "+4780012302";
/// Straight to the queue that rings `op1`, then `op2`, two seconds each.
const ROW: &str = "+4780012303";
/// Straight to the queue of a dead phone, no phone, and `op1`.
const SHAKY: &str = "+4780012304";
/// Closed, always.
const NIGHT: &str = "+4780012305";
/// Two lines, `op1`.
const NARROW: &str = "+4780012306";
/// Straight to the queue of twenty operators.
const CROWD: &str = "+4780012307";
/// A menu of two short tries, and the door.
const STRICT: &str = "+4780012308";
/// A queue of `op1` that lets nobody wait longer than two seconds.
const IMPATIENT: &str = "+4780012309";
/// Straight to the queue that rings whoever of `op1` and `op2` talked least recently.
const PAIR: &str = "+4780012311";
/// Round and round `op1`, `op2`, `op3`.
const TURNS: &str = "+4780012310";

/// A plan that counts to two and then rings `op1`.
const CHOICES: &str = "+4780012312";
/// A beep, and back to Asterisk's dialplan.
const HANDED: &str = "+4780012313";

/// Rings `op1`, two seconds; who is busy is told so.
const DIAL_ONE: &str = "+4780012361";
/// Rings `op1`, `op2` and `op3` at once.
const DIAL_ALL: &str = "+4780012362";
/// Rings `op1`, `op2` and `op3`, two seconds each.
const DIAL_IN_TURN: &str = "+4780012363";
/// Rings [`FAR`] over a trunk with one channel; the second caller comes to the queue of `op1`.
const DIAL_OUTSIDE: &str = "+4780012364";
/// Rings [`FAR`] over a trunk that shows the number with the menu.
const DIAL_AS_COMPANY: &str = "+4780012365";
/// As [`DIAL_ONE`], and the caller is answered with him.
const EARLY_DIAL_ONE: &str = "+4780012366";
/// As [`DIAL_ALL`], and the caller is answered with the first of them.
const EARLY_DIAL_ALL: &str = "+4780012367";
/// Rings `op1` for ten seconds, of which the caller is unanswered for two.
const EARLY_DIAL_LIMIT: &str = "+4780012368";
/// Who is behind the trunk, as his telephone has it.
const FAR: &str = "4790000000";
/// Straight to the queue of `op1` alone, without music.
const QUIET: &str = "+4780012314";

/// A dialplan that asks for an operator of the queue `one` and dials him.
const DIAL_CHOSEN: &str = "9010";
/// One that asks for him, and does nothing for longer than he is kept.
const KEEP_CHOSEN: &str = "9011";
/// One that asks where [`ONE`] leads, and goes there.
const ROUTE: &str = "9012";
/// One that asks for him and dials him, for long, and says nothing more to Sentral.
const DIAL_ONLY: &str = "9013";
/// A number of an application that nobody has: in the fallback at once, and nothing of Sentral's.
const ELSEWHERE: &str = "+4780012399";

/// A menu of one short try, then `op1`; nobody is answered before him.
const EARLY: &str = "+4780012320";
/// Straight to the queue of `op1`; nobody is answered before him.
const EARLY_ONE: &str = "+4780012321";
/// The same, and whoever is not answered within two seconds is answered then.
const EARLY_LIMIT: &str = "+4780012322";
/// The same as the first, for two seconds; then all are busy.
const EARLY_IMPATIENT: &str = "+4780012323";
/// Ringing, music, silence and ringing, a second each.
const PAUSES: &str = "+4780012324";
/// It rings until `op1` answers.
const RINGING: &str = "+4780012325";
/// Music, and the queue of `op1` alone, without any of its own.
const HUMMING: &str = "+4780012326";
/// Numbers that end unanswered, and what their callers are told.
const CAUSES: &[(&str, u16)] = &[
    ("+4780012330", 603),
    ("+4780012331", 486),
    ("+4780012332", 503),
    ("+4780012333", 480),
    ("+4780012334", 408),
    ("+4780012335", 403),
    ("+4780012336", 404),
    ("+4780012337", 410),
    ("+4780012338", 484),
    ("+4780012339", 502),
    ("+4780012340", 500),
];

/// Every scenario, in the order in which they are played: the stage itself first, so that one knows whom to blame.
pub fn all() -> Vec<Scenario> {
    [
        stage_itself::scenarios(),
        // The longest, so that others are played beside it where that can be.
        places::scenarios(),
        callers::scenarios(),
        menu::scenarios(),
        keys::scenarios(),
        choices::scenarios(),
        early::scenarios(),
        operators::scenarios(),
        strategies::scenarios(),
        app_queue::scenarios(),
        devices::scenarios(),
        dial::scenarios(),
        callback::scenarios(),
        remote::scenarios(),
        shown::scenarios(),
        prompts::scenarios(),
        records::scenarios(),
        statistics::scenarios(),
        queue_log::scenarios(),
        transfers::scenarios(),
        languages::scenarios(),
        voicemail::scenarios(),
        waiting::scenarios(),
        steering::scenarios(),
        also::scenarios(),
        explain::scenarios(),
        database::scenarios(),
        hours::scenarios(),
        desk::scenarios(),
        duty::scenarios(),
        servers::scenarios(),
        again::scenarios(),
        agi::scenarios(),
        upkeep::scenarios(),
        side_by_side::scenarios(),
        doors::scenarios(),
        by_dialplan::scenarios(),
        kept::scenarios(),
        agi_alone::scenarios(),
        agi_away::scenarios(),
        agi_peers::scenarios(),
        failures::scenarios(),
        load::scenarios(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The one entry of `list` whose `key` is that.
fn entry<'a>(state: &'a Value, list: &str, key: &str, is: &str) -> Result<&'a Value> {
    let found = state[list].as_array().into_iter().flatten().find(|entry| entry[key] == is);
    found.with_context(|| format!("no {key} {is} in {}", state[list]))
}

/// The call of a caller.
fn call<'a>(state: &'a Value, number: &str) -> Result<&'a Value> {
    entry(state, "calls", "caller", number)
}

/// Waits until a caller is in the menu, where his keys count.
async fn asked(stage: &mut Stage, caller: &Caller) -> Result<()> {
    let in_the_menu = |state: &Value| Ok(call(state, &caller.number)?["state"] == "menu");
    stage.engine()?.comes_to("he is asked for a key", secs(10), in_the_menu).await
}

fn group(group: &str, why: &'static str, scenarios: &[(&'static str, Play)]) -> Vec<Scenario> {
    let one = |&(path, play): &(&'static str, Play)| {
        let name = path.split_once("scenarios::").map_or(path, |(_, name)| name);
        let (on_toy, with_sentral) = match group {
            "everywhere" => (true, true),
            "asterisk" => (false, true),
            "alone" => (true, false),
            "stage" => (false, false),
            other => panic!("`{other}` is no group of scenarios"),
        };
        Scenario { name, on_toy, with_sentral, why, play }
    };
    scenarios.iter().map(one).collect()
}
