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
    },
    domain::{Digits, Number},
    prompts,
    scenario::{self, Behaviour, Deed, Part, Reply},
};

/// Between a question and the key.
const LISTENS: Duration = Duration::from_secs(1);

/// Which call.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// The plan
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// The number that is called
    #[arg(value_name = "NUMBER", value_parser = number)]
    number: Number,
    /// The number that calls [default: withheld]
    #[arg(long, value_name = "CALLER", value_parser = number)]
    from: Option<Number>,
    /// When, by the plan's clock: 2027-05-17T09:00 [default: now]
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    at: Option<Moment>,
    /// How many of the number's channels are taken by other calls
    #[arg(long, value_name = "CALLS", default_value_t = 0)]
    other_calls: u32,
    /// What the caller presses at one question after the other: 1,2 or 1,4711#
    #[arg(long, value_name = "KEYS", value_delimiter = ',', value_parser = keys)]
    keys: Vec<Digits>,
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

fn keys(text: &str) -> Result<Digits, String> {
    Digits::new(text)
        .ok_or_else(|| "keys are 0-9, *, # and A-D; a comma goes between those for one question and the next".into())
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
    let press = |keys: &Digits| [Deed::WaitForQuestion, Deed::Wait(LISTENS), Deed::Press(keys.clone())];
    let behaviour = match options.operators {
        Operators::Answer => Behaviour::default(),
        Operators::Busy => Behaviour::Busy,
        Operators::None => Behaviour::Unreachable,
    };
    let answers = options.answer.as_chunks::<2>().0.iter().map(|[address, json]| answer(address, json));
    let lookups = answers.collect::<anyhow::Result<_>>()?;
    Ok(Part {
        at: at.first(),
        from: options.from.as_ref().map(|number| number.as_str().to_owned()),
        phone: None,
        to: options.number.as_str().to_owned(),
        other_calls: options.other_calls,
        remembered: Default::default(),
        does: options.keys.iter().flat_map(press).collect(),
        operators: plan.operators.keys().map(|name| (name.clone(), vec![behaviour])).collect(),
        lookups,
    })
}

fn answer(address: &str, json: &str) -> anyhow::Result<(String, Reply)> {
    let wrong = || format!("what {address} answers is no JSON: {json}");
    let json = serde_json::from_str(json).with_context(wrong)?;
    Ok((address.to_owned(), Reply::Json(Arc::new(json))))
}
