//! What people do, and what they meet.

/// Names the scenarios of a file by where they make sense: `stage` needs no Sentral, `new` needs Asterisk 22 and Sentral,
/// `everywhere` needs Sentral on any Asterisk, `stage_new` only Asterisk 22.
macro_rules! scenarios {
    ($($group:ident: $($name:ident),+;)+) => {
        /// The scenarios of this file.
        pub(super) fn scenarios() -> Vec<$crate::Scenario> {
            vec![$($(super::scenario(
                concat!(module_path!(), "::", stringify!($name)),
                stringify!($group),
                |stage| Box::pin($name(stage)),
            )),+),+]
        }
    };
}

mod callers;
mod failures;
mod load;
mod menu;
mod operators;
mod stage_itself;

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
/// Round and round `op1`, `op2`, `op3`.
const TURNS: &str = "+4780012310";

/// Every scenario, in the order in which they are played: the stage itself first, so that one knows whom to blame.
pub fn all() -> Vec<Scenario> {
    [
        stage_itself::scenarios(),
        callers::scenarios(),
        menu::scenarios(),
        operators::scenarios(),
        failures::scenarios(),
        load::scenarios(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn scenario(path: &'static str, group: &str, play: Play) -> Scenario {
    let name = path.split_once("scenarios::").map_or(path, |(_, name)| name);
    Scenario { name, on_16: !group.ends_with("new"), with_sentral: !group.starts_with("stage"), play }
}
