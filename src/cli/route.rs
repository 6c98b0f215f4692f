//! `sentral route`: what a call would meet, in words.

use std::{
    io::{self, Write as _},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use clap::{Args, ValueEnum};

use super::{hours::moment, plan_of};
use crate::{
    clock::Clock,
    dialplan::{
        Plan,
        moment::{Moment, When},
        word,
    },
    domain::{Digits, Name, Number},
    prompts,
    scenario::{self, Behaviour, Deed, HousePhone, Part, Reply},
    yaml::{quoted, suggest},
};

/// Between a question and the key.
const LISTENS: Duration = Duration::from_secs(1);

/// Which call.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// The plan
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// The number that is called: a public one, or from a telephone of the house also an internal one or a code (102, *45)
    #[arg(value_name = "NUMBER", value_parser = number)]
    number: Number,
    /// Who calls: a number, or a telephone of the house by its internal number or its operator's name (101, anna)
    /// [default: a withheld number]
    #[arg(long, value_name = "CALLER")]
    from: Option<String>,
    /// When, by the plan's clock: 2027-05-17T09:00 [default: now]
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    at: Option<Moment>,
    /// How many of the number's channels are taken by other calls
    #[arg(long, value_name = "CALLS", default_value_t = 0)]
    other_calls: u32,
    /// What the caller presses at one question after the other: 1,2 or 1,4711#
    ///
    /// Between two commas nothing may stand: 1,,2 is 1 at the first question, silence at the second until it has waited long
    /// enough, and 2 at the third. When he has pressed everything he is silent.
    #[arg(long, value_name = "KEYS", value_delimiter = ',', value_parser = keys)]
    keys: Vec<Pressed>,
    /// How long he talks to who takes the call
    #[arg(long, value_name = "SPAN", default_value = "1m", value_parser = span)]
    talk: Duration,
    /// What another server answers to a lookup: the beginning of its address, and JSON [default: nobody answers]
    #[arg(long, num_args = 2, value_names = ["ADDRESS", "JSON"])]
    answer: Vec<String>,
    /// What the operators do
    #[arg(long, value_enum, default_value_t = Operators::Answer)]
    operators: Operators,
}

/// What the operators do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Operators {
    /// All of them answer
    Answer,
    /// All of them are busy
    Busy,
    /// No telephone is there
    None,
}

fn number(text: &str) -> Result<Number, String> {
    Number::parse(text).ok_or_else(|| "write its digits, with `+` and the country first: \"+47 800 12 345\"".into())
}

/// What is pressed at one question; `None`: nothing.
#[derive(Clone, Debug)]
struct Pressed(Option<Digits>);

fn keys(text: &str) -> Result<Pressed, String> {
    if text.is_empty() {
        return Ok(Pressed(None));
    }
    let keys = Digits::new(text);
    let wrong = "keys are 0-9, *, # and A-D; a comma goes between those for one question and the next, and nothing between \
                 two commas is silence";
    keys.map(|keys| Pressed(Some(keys))).ok_or_else(|| wrong.into())
}

fn span(text: &str) -> Result<Duration, String> {
    let longest = Duration::from_secs(24 * 3_600);
    word::duration("talk", Duration::from_secs(1)..=longest, false)(text)
        .map_err(|wrong| format!("{}; {}", wrong.message, wrong.remedy))
}

/// Tells it.
pub(super) fn run(options: &Options) -> anyhow::Result<()> {
    // A file lasts as long as it does, where it can be looked at; that it cannot is for `check` to tell.
    let looked_at = prompts::check(&options.plan).map(|checked| checked.plan);
    let plan = looked_at.or_else(|_faults| plan_of(&options.plan))?;
    let told = scenario::route(&plan, &part(options, &plan)?);
    // Who closed the pipe has read enough.
    let _closed = io::stdout().write_all(told.as_bytes());
    Ok(())
}

fn part(options: &Options, plan: &Plan) -> anyhow::Result<Part> {
    let at = options.at.unwrap_or_else(|| Moment::Everywhere(Clock::new().now())).at(&plan.timezone);
    if let When::Never { to, .. } = at {
        anyhow::bail!(
            "the clock of the plan is put forward then, and never shows this; the first time behind it is {to}"
        );
    }
    let (from, phone) = options.from.as_deref().map_or(Ok((None, None)), |from| caller(plan, from))?;
    let behaviour = match options.operators {
        Operators::Answer => Behaviour::default(),
        Operators::Busy => Behaviour::Busy,
        Operators::None => Behaviour::Unreachable,
    };
    let answers = options.answer.as_chunks::<2>().0.iter().map(|[address, json]| answer(address, json));
    let lookups = answers.collect::<anyhow::Result<_>>()?;
    let everybody = plan.operators.keys().chain(plan.phones());
    Ok(Part {
        from,
        phone,
        other_calls: options.other_calls,
        remembered: Default::default(),
        does: options.keys.iter().flat_map(press).collect(),
        talks: options.talk,
        operators: everybody.map(|name| (name.clone(), vec![behaviour])).collect(),
        lookups,
        ..Part::new(at.first(), options.number.as_str())
    })
}

/// What is done at one question.
fn press(Pressed(keys): &Pressed) -> Vec<Deed> {
    // Who is silent waits for the next question.
    let keys = keys.iter().flat_map(|keys| [Deed::Wait(LISTENS), Deed::Press(keys.clone())]);
    std::iter::once(Deed::WaitForQuestion).chain(keys).collect()
}

/// Who calls: the number that he presents, and his telephone where it is one of the house.
fn caller(plan: &Plan, typed: &str) -> anyhow::Result<(Option<String>, Option<Name>)> {
    if let Some(HousePhone { name, number }) = HousePhone::of(plan, typed) {
        return Ok((number, Some(name)));
    }
    if let Some(number) = Number::parse(typed) {
        return Ok((Some(number.as_str().to_owned()), None));
    }
    let names: Vec<&str> = plan.operators.keys().chain(plan.phones()).map(|name| &**name).collect();
    let remedy = suggest::instead(typed, names.into_iter(), "a number with `+` and the country first, or one of");
    anyhow::bail!("--from: {} is no telephone number, and no telephone of the plan; {remedy}", quoted(typed))
}

fn answer(address: &str, json: &str) -> anyhow::Result<(String, Reply)> {
    let wrong = || format!("what {address} answers is no JSON: {json}");
    let json = serde_json::from_str(json).with_context(wrong)?;
    Ok((address.to_owned(), Reply::Json(Arc::new(json))))
}
