//! `sentral explain`: why not yet, as the running Sentral says it.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use reqwest::Url;
use secrecy::ExposeSecret as _;
use serde::Deserialize;

use super::{PATIENCE, Source, counted, reachable, unheard, variables};
use crate::{
    domain::CallId,
    settings::{self, Visitor},
};

/// About whom, and how it is told.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// A call by its id, as the log and `/api/v1/state` have it (4ee36bb2-17), or an operator by his name in the plan
    #[arg(value_name = "CALL|OPERATOR")]
    who: String,
    #[command(flatten)]
    source: Source,
    /// How it is told
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// How it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people: a line for each operator, or each queue
    Text,
    /// For programs: the answer of the API (docs/api.md)
    Json,
}

/// Asks, and tells.
pub(super) fn run(options: &Options) -> anyhow::Result<()> {
    let visitor = settings::visitor(options.source.settings.as_deref(), variables())?;
    let is_call = CallId::parse(&options.who).is_some();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(ask(&visitor, address(&visitor, is_call, &options.who)?))?;
    let told = match options.format {
        Format::Json => answer + "\n",
        Format::Text if is_call => of_call(&serde_json::from_str(&answer).context(OTHER)?),
        Format::Text => of_operator(&serde_json::from_str(&answer).context(OTHER)?),
    };
    // Who closed the pipe has read enough.
    let _closed = io::stdout().write_all(told.as_bytes());
    Ok(())
}

/// Of a caller of whom nothing else is told.
const FIRST: &str = "he is the first here for whom this operator may be rung";

const OTHER: &str = "what answered is no Sentral of this version";

fn address(visitor: &Visitor, is_call: bool, who: &str) -> anyhow::Result<Url> {
    let of = if is_call { "calls" } else { "operators" };
    let mut url = Url::parse(&format!("http://{}", reachable(visitor.listen)))?;
    // Whatever was typed is one part of the path.
    let mut path = url.path_segments_mut().map_err(|()| anyhow::anyhow!("that is no address"))?;
    path.clear().extend(["api", "v1", "explain", of, who]);
    drop(path);
    Ok(url)
}

/// What the API says.
async fn ask(visitor: &Visitor, url: Url) -> anyhow::Result<String> {
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
    let mut request = client.get(url.clone());
    if let Some(token) = &visitor.token {
        request = request.bearer_auth(token.expose_secret());
    }
    let answer = request.send().await.map_err(|error| unheard(url.as_str(), &error))?;
    let status = answer.status();
    let body = answer.text().await.map_err(|error| unheard(url.as_str(), &error))?;
    if status.is_success() {
        return Ok(body);
    }
    // A proxy in between, or another server, says it otherwise.
    let refused: Refused =
        serde_json::from_str(&body).map_err(|_other| anyhow::anyhow!("{url} says {status}: {body}"))?;
    anyhow::bail!("{}", refused.error.message)
}

#[derive(Deserialize)]
struct Refused {
    error: Said,
}

#[derive(Deserialize)]
struct Said {
    message: String,
}

#[derive(Deserialize)]
struct Call {
    call: String,
    text: String,
    waits: Option<Waits>,
}

#[derive(Deserialize)]
struct Waits {
    assigned: Option<String>,
    reasons: Vec<Reason>,
    #[serde(default)]
    also: Vec<Reason>,
    operators: Vec<Operator>,
    operators_left_out: usize,
}

#[derive(Deserialize)]
struct Operator {
    operator: String,
    reasons: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    text: String,
}

#[derive(Deserialize)]
struct Person {
    operator: String,
    text: String,
    next: Option<Reason>,
    queues: Vec<Queue>,
    queues_left_out: usize,
}

#[derive(Deserialize)]
struct Queue {
    queue: String,
    waiting: usize,
    reasons: Vec<Reason>,
    callers: Vec<Caller>,
    callers_left_out: usize,
    #[serde(default)]
    guests: Vec<Guest>,
    #[serde(default)]
    guests_left_out: usize,
}

#[derive(Deserialize)]
struct Caller {
    call: String,
    position: usize,
    reasons: Vec<Reason>,
}

#[derive(Deserialize)]
struct Guest {
    call: String,
    queue: String,
    reasons: Vec<Reason>,
}

/// A line about him, and one about each operator.
fn of_call(call: &Call) -> String {
    let mut told = format!("call {}: {}\n", call.call, call.text);
    let Some(waits) = &call.waits else { return told };
    if let Some(assigned) = &waits.assigned {
        line(&mut told, 1, format_args!("{assigned} is assigned to him, and is rung for him next"));
    }
    for reason in waits.reasons.iter().chain(&waits.also) {
        line(&mut told, 1, format_args!("{}", reason.text));
    }
    for operator in &waits.operators {
        line(&mut told, 1, format_args!("{}: {}", operator.operator, all(&operator.reasons, "nothing is in the way")));
    }
    left_out(&mut told, waits.operators_left_out, "operator");
    told
}

/// A line about him, one about who is next, and some about each queue.
fn of_operator(person: &Person) -> String {
    let mut told = format!("{}: {}\n", person.operator, person.text);
    let next = person.next.as_ref().map_or("nobody of those who wait", |next| next.text.as_str());
    line(&mut told, 1, format_args!("next for him: {next}"));
    for queue in &person.queues {
        let waiting = counted(queue.waiting, "caller");
        let reasons = all(&queue.reasons, "");
        let colon = if reasons.is_empty() { "" } else { ": " };
        line(&mut told, 1, format_args!("queue {} ({waiting}){colon}{reasons}", queue.queue));
        for caller in &queue.callers {
            line(
                &mut told,
                2,
                format_args!("{}. call {}: {}", caller.position, caller.call, all(&caller.reasons, FIRST)),
            );
        }
        left_out(&mut told, queue.callers_left_out, "caller");
        for guest in &queue.guests {
            let (call, home, why) = (&guest.call, &guest.queue, all(&guest.reasons, FIRST));
            line(&mut told, 2, format_args!("call {call}, who waits in {home}: {why}"));
        }
        left_out(&mut told, queue.guests_left_out, "caller");
    }
    left_out(&mut told, person.queues_left_out, "queue");
    told
}

fn all(reasons: &[Reason], none: &str) -> String {
    if reasons.is_empty() {
        return none.to_owned();
    }
    reasons.iter().map(|reason| reason.text.as_str()).collect::<Vec<_>>().join("; ")
}

fn left_out(told: &mut String, count: usize, what: &str) {
    if count > 0 {
        line(told, 1, format_args!("and {} more", counted(count, what)));
    }
}

fn line(told: &mut String, depth: usize, words: std::fmt::Arguments<'_>) {
    // A string takes whatever is written.
    let _written = writeln!(told, "{:indent$}{words}", "", indent = 2 * depth);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whatever_is_asked_for_is_one_part_of_the_address() {
        let visitor = Visitor { listen: "0.0.0.0:8080".parse().expect("an address"), token: None };
        let asked = |is_call, who| address(&visitor, is_call, who).expect("an address").to_string();
        assert_eq!(asked(true, "4ee36bb2-17"), "http://127.0.0.1:8080/api/v1/explain/calls/4ee36bb2-17");
        assert_eq!(asked(false, "../state?x"), "http://127.0.0.1:8080/api/v1/explain/operators/..%2Fstate%3Fx");
    }

    #[test]
    fn a_caller_is_told_of_with_a_line_for_each_operator() {
        let call = json!({
            "call": "00000007-1", "text": "he waits in `sales` at place 1 of 1 for 4 s", "more": "than is read",
            "waits": {
                "assigned": null, "reasons": [], "also": [{"text": "operators of `night` may take him, too"}], "operators_left_out": 2,
                "operators": [
                    {"operator": "anna", "reasons": [{"text": "he is paused"}, {"text": "his telephone is not registered"}]},
                    {"operator": "boris", "reasons": []}
                ]
            }
        });
        assert_eq!(
            of_call(&serde_json::from_value(call).expect("a call")),
            "call 00000007-1: he waits in `sales` at place 1 of 1 for 4 s\n  \
             operators of `night` may take him, too\n  anna: he is paused; his telephone is not registered\n  boris: nothing is in the way\n  \
             and 2 operators more\n"
        );
    }

    #[test]
    fn an_operator_is_told_of_with_his_next_caller_and_his_queues() {
        let person = json!({
            "operator": "anna", "text": "he wraps up until 14:02:33", "next": null, "queues_left_out": 0,
            "queues": [
                {"queue": "sales", "waiting": 1, "reasons": [{"text": "none may be given to him"}], "callers_left_out": 0,
                 "callers": [{"call": "00000007-1", "position": 1, "reasons": [{"text": "the queue asks for more"}]}],
                 "guests": [{"call": "00000007-2", "queue": "night", "reasons": []}], "guests_left_out": 0},
                {"queue": "billing", "waiting": 0, "reasons": [], "callers": [], "callers_left_out": 0}
            ]
        });
        assert_eq!(
            of_operator(&serde_json::from_value(person).expect("an operator")),
            "anna: he wraps up until 14:02:33\n  next for him: nobody of those who wait\n  \
             queue sales (1 caller): none may be given to him\n    1. call 00000007-1: the queue asks for more\n    \
             call 00000007-2, who waits in night: he is the first here for whom this operator may be rung\n  \
             queue billing (0 callers)\n"
        );
    }
}
