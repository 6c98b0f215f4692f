//! A call told in words, step by step.

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use super::{
    happening::{DECIDES, Happening},
    stage::{Part, Performance, perform},
    verdict::{Piece, abridged, clock},
};
use crate::{
    dialplan::{
        Act, Ask, Choice, Menu, Plan, StepId, Unanswered,
        drawing::step_words,
        hours::Rule,
        moment::{self, told},
        word::{is_file, spoken},
    },
    domain::{Amount, Money, Tariff, Time},
};

/// So many internal numbers of a menu are told.
const MOST_NUMBERS: usize = 8;

/// Calls, and tells what the call meets.
pub fn route(plan: &Plan, part: &Part) -> String {
    let Performance { began, happenings, bugs } = perform(plan, part);
    let from = part.from.as_deref().unwrap_or("a withheld number");
    let zone = &plan.timezone;
    let names: Names<'_> = plan.prompts().map(|prompt| (&*prompt.uri, &*prompt.name)).collect();
    let mut out = format!("{from} calls {} on {} ({}):\n\n", part.to, told(part.at, zone), moment::place(zone));
    for piece in abridged(&happenings, is_of_an_offer) {
        let happening = match piece {
            Piece::One(happening) => happening,
            Piece::LeftOut(count) => {
                let _ = writeln!(out, "{:>9}  and so on: {count} lines more", "...");
                continue;
            }
        };
        if let Some(mut words) = words(plan, &names, happening) {
            if happening.what.word == "answered" {
                words += &plan.number(&part.to).and_then(|number| number.tariff).map(tariff_words).unwrap_or_default();
            }
            let mut lines = words.lines();
            // Writing into a text cannot fail.
            let _ = writeln!(out, "{:>9}  {}", clock(began, happening.at), lines.next().unwrap_or_default());
            lines.for_each(|line| out += &format!("{:>9}  {line}\n", ""));
        }
    }
    for bug in bugs {
        let _ = writeln!(out, "a bug of Sentral: {bug}");
    }
    out
}

/// Operators who are rung in vain again and again, with music in between.
fn is_of_an_offer(happening: &Happening) -> bool {
    matches!(happening.what.word, "rings" | "busy" | "declines" | "no_answer" | "unreachable" | "music")
}

/// What a happening is in words; `None` where the next one says it better.
fn words(plan: &Plan, names: &Names<'_>, happening: &Happening) -> Option<String> {
    let of = happening.what.of.as_str();
    Some(match happening.what.word {
        "refused" => refused(of).into(),
        "answered" => "the call is answered".into(),
        "enters" => format!("flow {of}"),
        word @ ("open" | "closed") => hours(plan, of, happening.at, word == "open"),
        "overrides" => format!("hours {of} are overridden from now on, for every call"),
        DECIDES => of.into(),
        "ringing" => "the caller hears it ring".into(),
        "plays" => format!("the caller hears {}", sound(names, of)),
        "prompt_failed" => "the sound cannot be played, and is left out".into(),
        "menu" => menu_of(plan, happening).map_or_else(|| "a menu".into(), |menu| menu_words(plan, &menu, of)),
        "asks" => ask_of(plan, happening).map_or_else(|| "a question".into(), |ask| ask_words(plan, &ask, of)),
        "reads_back" => "the digits are read back, and the caller is asked whether they are right".into(),
        "answers" => "the caller has entered them".into(),
        "chooses" => format!("the caller presses {of}"),
        "mistakes" if of.is_empty() => "what the caller entered is no answer".into(),
        "mistakes" => format!("the caller presses {of}, which is no answer"),
        "presses_nothing" => "the caller presses nothing".into(),
        "records" => format!("the caller speaks, for box {of}"),
        "message" => format!("his message is kept in box {of}"),
        "no_message" => format!("no message is kept in box {of}"),
        "looks_up" => format!("{of} is asked"),
        "looked_up" => "it answers".into(),
        "lookup_failed" => format!("there is no answer: {}", of.replace('_', " ")),
        "notifies" => format!("{of} is told"),
        "requires" if of.is_empty() => "the call asks for no skills any more".into(),
        "requires" => format!("the call asks for operators with {of}"),
        "comes_back" => format!("the caller has the place in queue {of} again that he left"),
        "joins" => queue(plan, of),
        "music" => format!("the caller hears music ({of})"),
        "rings" => format!("{of}'s telephone is rung"),
        "busy" => format!("{of} is busy"),
        "declines" => format!("{of} declines"),
        "no_answer" => format!("{of} does not answer"),
        "unreachable" => format!("{of} cannot be reached"),
        "trunk_full" => format!("the trunk to {of} has no free channel"),
        "no_number" => "what is to be dialled is no telephone number".into(),
        "nobody_answers" => format!("nobody answers: {}", of.replace('_', " ")),
        "connected" => format!("the caller talks to {of}"),
        "gives_up" => format!("the caller leaves queue {of}"),
        "timed_out" => format!("the caller has waited in queue {of} as long as one may"),
        "leaves" => format!("the caller leaves queue {of} by a key"),
        "finds_full" => format!("queue {of} is full"),
        "finds_closed" => format!("queue {of} is closed"),
        "unstaffed" => format!("nobody may take the call in queue {of}"),
        "hangs_up" => format!("the {of} hangs up"),
        "told" => format!("the caller is told SIP status {of}"),
        "fallback" => "the call goes to Asterisk's own fallback".into(),
        "ended" => format!("over: {}", of.replace('_', " ")),
        "costs" => format!("the call costs {of}"),
        "leg_costs" => format!("the line to the outside costs {of}"),
        // Told by the first line, and by what comes of the key.
        _ => return None,
    })
}

/// What is charged from an answer on.
fn tariff_words(tariff: Tariff) -> String {
    let Tariff { currency, per_minute, setup, .. } = tariff;
    let money = |amount| Money { amount, currency };
    match (setup, per_minute) {
        (Amount::ZERO, minute) => format!(", and costs {} a minute from now on", money(minute)),
        (setup, Amount::ZERO) => format!(", and costs {}", money(setup)),
        (setup, minute) => format!(", and costs {}, and {} a minute from now on", money(setup), money(minute)),
    }
}

/// Prompts as the plan names them, by what Asterisk is asked to play.
type Names<'p> = BTreeMap<&'p str, &'p str>;

/// What is heard, as the plan names it.
fn sound(names: &Names<'_>, media: &str) -> String {
    match names.get(media) {
        Some(name) if is_file(name) => (*name).to_owned(),
        Some(text) => format!("\"{text}\""),
        None => media.to_owned(),
    }
}

fn refused(why: &str) -> &'static str {
    match why {
        "full" => "the call is turned away: all lines of the number are in use",
        "unknown_number" => "the call is turned away: the plan has no such number",
        _ => "the call is turned away: too many calls",
    }
}

fn hours(plan: &Plan, name: &str, at: Time, open: bool) -> String {
    let Some(hours) = plan.hours.get(name) else { return format!("hours {name}") };
    let standing = hours.explain(at);
    if standing.open != open {
        return format!("hours {name}: {} by hand", if open { "open" } else { "closed" });
    }
    let state = if standing.open { "open" } else { "closed" };
    let until = standing.until.map(|until| format!(" until {}", told(until, hours.zone()))).unwrap_or_default();
    let why = match standing.rule {
        Rule::Week(line) => format!("by {line}"),
        Rule::Closed(day) => format!("all day by {day}"),
        Rule::Special { line, .. } => format!("by the special day {line}"),
        Rule::NoTime(_) => "no weekly line has this time".into(),
    };
    format!("hours {name}: {state}{until} ({why})")
}

fn menu_of(plan: &Plan, happening: &Happening) -> Option<std::sync::Arc<Menu>> {
    let Act::Menu(menu) = &plan.step(happening.step?).act else { return None };
    Some(menu.clone())
}

fn menu_words(plan: &Plan, menu: &Menu, attempt: &str) -> String {
    if attempt != "1" {
        return format!("the menu asks again: try {attempt} of {}", menu.asking.tries);
    }
    let option = |(keys, choice): &(crate::domain::Digits, Choice)| match choice {
        Choice::Go(step) => format!("\n  {keys}: {}", step_words(plan, *step)),
        Choice::Repeat => format!("\n  {keys}: the question once more"),
        Choice::Back => format!("\n  {keys}: back to the menu before"),
    };
    let options: String = menu.options.iter().map(option).collect();
    let numbers: Vec<String> = menu.extensions.keys().take(MOST_NUMBERS).map(ToString::to_string).collect();
    let more = if menu.extensions.len() > MOST_NUMBERS { " and more" } else { "" };
    let numbers =
        if numbers.is_empty() { String::new() } else { format!("\n  internal numbers: {}{more}", numbers.join(", ")) };
    format!("a menu asks for a key{options}{numbers}{}", unanswered_words(plan, menu.asking.otherwise))
}

fn unanswered_words(plan: &Plan, unanswered: Unanswered) -> String {
    let Unanswered { silence, invalid, any } = unanswered;
    let ways = [("after silence", silence), ("after a wrong answer", invalid), ("otherwise", any)];
    let told = |(when, to): (&str, Option<StepId>)| to.map(|to| format!("\n  {when}: {}", step_words(plan, to)));
    ways.into_iter().filter_map(told).collect()
}

fn ask_of(plan: &Plan, happening: &Happening) -> Option<std::sync::Arc<Ask>> {
    let Act::Ask(ask) = &plan.step(happening.step?).act else { return None };
    Some(ask.clone())
}

fn ask_words(plan: &Plan, ask: &Ask, attempt: &str) -> String {
    if attempt != "1" {
        return format!("the caller is asked for digits again: try {attempt} of {}", ask.asking.tries);
    }
    let how_many = if ask.min == ask.max { ask.max.to_string() } else { format!("{} to {}", ask.min, ask.max) };
    let valid = ask.valid.iter().map(|valid| format!("\n  valid: {}", valid.written(&plan.variables)));
    let valid: String = valid.collect();
    let into = ask.into.written(&plan.variables);
    format!("the caller is asked for {how_many} digits: {into}{valid}{}", unanswered_words(plan, ask.asking.otherwise))
}

fn queue(plan: &Plan, name: &str) -> String {
    let Some(queue) = plan.queues.get(name) else { return format!("queue {name}") };
    let operators: Vec<&str> = queue.operators().map(|name| &**name).collect();
    let wait = queue.max_wait.map_or(Duration::ZERO, |wait| wait.after);
    let wait = if wait.is_zero() { String::new() } else { format!(", {} at most", spoken(wait)) };
    format!(
        "the caller waits in queue {name}{wait}: {} ({}, each rings {})",
        operators.join(", "),
        queue.strategy.word(),
        spoken(queue.ring),
    )
}
