//! Dial by extension as it is drawn: however many internal numbers a menu takes, those who are rung are one box.

use std::collections::BTreeMap;

use super::{dial_lines, titled};
use crate::{
    dialplan::plan::{Act, Dial, Menu, Plan, StepId, Target, Way, When},
    domain::Digits,
};

/// So many internal numbers are drawn.
const MOST_NUMBERS: usize = 6;

/// The arrow to those who are rung.
pub(super) const LABEL: &str = "an extension";

/// What is written in the box of each menu, by the step that stands for all of them.
pub(super) fn boxes(plan: &Plan) -> BTreeMap<StepId, Vec<String>> {
    let menus = plan.steps.iter().filter_map(|step| if let Act::Menu(menu) = &step.act { Some(menu) } else { None });
    menus.filter_map(|menu| lines(plan, menu)).collect()
}

/// Whether a way leads to somebody who is rung since his internal number was dialled.
pub(super) fn rings(plan: &Plan, way: &Way<'_>) -> bool {
    matches!(way.when, When::Extension(_)) && dial(plan, way.to).is_some()
}

fn dial(plan: &Plan, step: StepId) -> Option<&Dial> {
    if let Act::Dial(dial) = &plan.step(step).act { Some(dial) } else { None }
}

fn lines(plan: &Plan, menu: &Menu) -> Option<(StepId, Vec<String>)> {
    let rung: Vec<_> =
        menu.extensions.iter().filter_map(|(number, to)| Some((number, *to, dial(plan, *to)?))).collect();
    let (_, first, how) = rung.first()?;
    let mut lines: Vec<String> = rung.iter().take(MOST_NUMBERS).map(|(number, _, dial)| line(number, dial)).collect();
    if rung.len() > MOST_NUMBERS {
        lines.push(format!("and {} more", rung.len() - MOST_NUMBERS));
    }
    // How long they are rung is the same for all.
    lines.extend(dial_lines(plan, how).pop());
    Some((*first, titled("dial by extension", lines)))
}

fn line(number: &Digits, dial: &Dial) -> String {
    match dial.to.as_slice() {
        [Target::Operator(name)] => format!("{number} {name}"),
        _ => number.to_string(),
    }
}
