//! Menus with a way back, before which there is no menu.

use crate::{
    dialplan::plan::{Act, Choice, Plan, Step},
    yaml::{Fault, Span},
};

/// Up to two different menus: where there are two, one of them is another than the menu that is looked at.
type Two = [Option<usize>; 2];

/// Tells every menu whose `back` could never lead to another one.
pub(super) fn tell(plan: &Plan, spans: &[Span]) -> Vec<Fault> {
    let with_back = plan.steps.iter().enumerate().filter(|(_, step)| leads_back(step)).map(|(at, _)| at);
    let with_back: Vec<usize> = with_back.collect();
    if with_back.is_empty() {
        return Vec::new();
    }
    let before = before(plan);
    let first = with_back.into_iter().filter(|menu| before[*menu].iter().flatten().all(|other| other == menu));
    first.map(|menu| fault(&spans[menu])).collect()
}

fn leads_back(step: &Step) -> bool {
    matches!(&step.act, Act::Menu(menu) if menu.options.iter().any(|(_, choice)| *choice == Choice::Back))
}

fn fault(span: &Span) -> Fault {
    let fault = Fault::error(span, "no menu comes before this one, so its `back` leads nowhere");
    fault.remedy("write `{repeat: true}` to ask once more, or take the option out")
}

/// The menus from which a call may come to each step. Behind the last one, as if it were a step, is the end of the plan:
/// from there a call comes back behind any step `call`.
fn before(plan: &Plan) -> Vec<Two> {
    let end = plan.steps.len();
    let behind_calls: Vec<usize> = plan
        .steps
        .iter()
        .filter(|step| step.act.shape().called.is_some())
        .filter_map(|step| step.next)
        .map(|next| next.0 as usize)
        .collect();
    let mut before: Vec<Two> = vec![[None; 2]; end + 1];
    let is_menu = |at: usize| plan.steps.get(at).is_some_and(|step| matches!(step.act, Act::Menu(_)));
    let mut open: Vec<usize> = (0..end).filter(|at| is_menu(*at)).collect();
    while let Some(at) = open.pop() {
        let told = if is_menu(at) { [Some(at), None] } else { before[at] };
        let mut ahead = match plan.steps.get(at) {
            Some(step) => plan.ahead(step).into_iter().map(|id| id.0 as usize).collect(),
            None => behind_calls.clone(),
        };
        if plan.steps.get(at).is_some_and(|step| step.next.is_none() && step.act.shape().behind.is_some()) {
            ahead.push(end);
        }
        for to in ahead {
            // Each step learns of two at most, so this ends.
            if learns(&mut before[to], told) && !is_menu(to) {
                open.push(to);
            }
        }
    }
    before
}

/// Whether something is new.
fn learns(known: &mut Two, told: Two) -> bool {
    let mut news = false;
    for menu in told.into_iter().flatten() {
        if known.contains(&Some(menu)) {
            continue;
        }
        if let Some(room) = known.iter_mut().find(|known| known.is_none()) {
            *room = Some(menu);
            news = true;
        }
    }
    news
}
