//! The command line: what can be asked of the program, and how it answers.

mod check;
mod explain;
mod graph;
mod hours;
mod proof;
mod route;
mod schema;

use std::{
    io::{self, IsTerminal, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::{Args, Parser, Subcommand};

use crate::{
    app::{self, demo},
    dialplan::{self, Plan},
    settings::{self, Settings},
};

/// Routes the calls of Asterisk: numbers that answer many calls at once, voice menus, queues, operators.
///
/// Asterisk keeps SIP and media and hands calls over with Stasis(sentral); Sentral decides what happens to them, as a plan
/// in YAML says. When Sentral is away, Asterisk's own dialplan goes on.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  sentral demo                             watch a made-up exchange at work; needs nothing else
  sentral check dialplans/office.yaml      tell every mistake of a plan
  sentral check --against old.yaml new.yaml    tell in words what a plan changes
  sentral test dialplans                   run the tests beside the plans
  sentral route dialplans/office.yaml +4780012345 --at 2027-05-18T09:00 --keys 1
  sentral hours dialplans/office.yaml --at 2027-05-17T09:00
  sentral schema > sentral.schema.json     for editors, which complete and explain every key by it
  sentral graph dialplans/office.yaml --format svg --output office.svg
  sentral run --settings sentral.yaml      route the calls of your Asterisk
  sentral explain anna                     ask it why anna is not rung, or why a caller waits (by the id of his call)
  SENTRAL_NODES__PBX__PASSWORD=... sentral run

docs/settings.md has every setting, docs/dialplan.md everything a plan can say, docs/testing-plans.md how it is tested.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Route calls until told to stop
    ///
    /// Connects to the Asterisks of the settings and routes their calls by the plan. The plan is read again when it changes
    /// and on SIGHUP; one with a mistake is refused and the old one goes on. SIGTERM (and Ctrl-C) drains: new calls go to
    /// the fallback, and calls in hand have `limits.drain` to end. A second one stops at once; then Asterisk takes callers
    /// to the fallback, and those who talk go on talking.
    Run(Source),
    /// Read plans and tell every mistake at once
    ///
    /// Every mistake comes with its file, line and column, and with what to write instead. Prompts beside the plan are looked
    /// at, too; texts are not said, but `espeak-ng` is asked whether it speaks their languages, unless the settings name another
    /// program. The exit code is 1 when there is one; what only looks like a mistake is told and does not count. `--format json`
    /// tells programs.
    Check(check::Options),
    /// Say in words which opening hours apply at a moment
    ///
    /// Whether they are open, since when and until when, and which line of the plan says so. A moment is by the clock of the
    /// hours (2027-05-17T09:00), or the same everywhere (2027-05-17T09:00+02:00).
    Hours(hours::Options),
    /// Draw a plan: from its numbers over its flows and steps to its queues
    ///
    /// As a Mermaid flowchart, or as an SVG picture for light and dark screens.
    Graph(graph::Options),
    /// Say in words what a call would meet
    ///
    /// The real engine takes the call, in virtual time and with a stand-in for Asterisk: greeting, opening hours, menus and
    /// what is pressed, queues and who is rung.
    Route(route::Options),
    /// Run the tests beside a plan: who calls when, what he does, and what is to happen then
    ///
    /// The tests of `office.yaml` are in `office.test.yaml`; docs/testing-plans.md explains how they are written. They run on the
    /// real engine, in virtual time. The exit code is 1 when one fails, and it is told what happened instead.
    Test(proof::Options),
    /// Print the JSON Schema of plans, by which editors complete and explain every key
    ///
    /// It is in the repository too, as `dialplans/sentral.schema.json`. An editor that speaks with yaml-language-server (VS Code
    /// with the YAML extension, Neovim, Helix ...) takes it from a line at the top of a plan:
    /// `# yaml-language-server: $schema=sentral.schema.json`.
    Schema(schema::Options),
    /// Watch a made-up exchange at work; needs nothing but this program
    ///
    /// The whole engine routes calls of a stand-in for Asterisk inside this program, with callers and operators who behave
    /// like people, and tells what happens, call by call. Until Ctrl-C, or for a number of calls and then a summary.
    Demo(demo::Options),
    /// Ask a running Sentral why a caller is not connected yet, or why an operator is not rung
    ///
    /// Tells where a caller stands in his queue and, of each of its operators, what is in the way of a connection; or what an
    /// operator does, whom he would have next, and why nobody else. Asks the API where the settings say that it listens, with a
    /// token of theirs (or SENTRAL_API__TOKEN) that may view. The exit code is 1 when nobody is known by that id or name.
    Explain(explain::Options),
    /// Ask a running engine whether it is ready, for health checks
    ///
    /// Asks /readyz where the settings say that it listens. The exit code is 0 when it is ready; otherwise 1, and why is
    /// told.
    Health(Source),
}

/// Where the settings are.
#[derive(Args, Debug)]
struct Source {
    /// The file of settings [default: sentral.yaml, if it is there]
    #[arg(long, alias = "config", env = "SENTRAL_SETTINGS", value_name = "PATH")]
    settings: Option<PathBuf>,
}

impl Source {
    fn load(&self) -> anyhow::Result<Settings> {
        Ok(settings::load(self.settings.as_deref(), variables())?)
    }

    /// What says the texts of a plan; `None`: no settings that can be read say so.
    fn say(&self) -> Option<Vec<String>> {
        settings::say(self.settings.as_deref(), variables()).ok()
    }

    fn listen(&self) -> anyhow::Result<SocketAddr> {
        Ok(settings::listen(self.settings.as_deref(), variables())?)
    }
}

/// The environment; a variable that is not UTF-8 cannot be a setting of ours.
fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Does what the command line asks. The code is 0 when it went well, 1 when it did not, 2 when it was not understood.
pub fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Run(source) => source.load().and_then(app::run),
        Command::Check(options) => return check::run(&options),
        Command::Hours(options) => hours::run(&options),
        Command::Graph(options) => graph::run(&options),
        Command::Route(options) => route::run(&options),
        Command::Test(options) => match proof::run(&options) {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
        Command::Schema(options) => {
            schema::run(&options);
            Ok(())
        }
        Command::Demo(options) => demo::run(&options),
        Command::Explain(options) => explain::run(&options),
        Command::Health(source) => source.listen().and_then(health),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sentral: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// A plan to be asked about. What is doubtful in it is for `check` to tell.
fn plan_of(path: &Path) -> anyhow::Result<Plan> {
    match dialplan::load(path) {
        Ok(checked) => Ok(checked.plan),
        Err(faults) => {
            let _closed = write!(io::stderr(), "{}", faults.render(io::stderr().is_terminal()));
            anyhow::bail!("{} has mistakes: {} to mend", path.display(), faults.errors())
        }
    }
}

/// `1 queue`, `2 queues`.
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A health check may not take longer than this.
const PATIENCE: Duration = Duration::from_secs(3);

fn health(listen: SocketAddr) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let url = format!("http://{}/readyz", reachable(listen));
    let (status, body) = runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
        let answer = client.get(&url).send().await.map_err(|error| unheard(&url, &error))?;
        let status = answer.status();
        anyhow::Ok((status, answer.text().await?))
    })?;
    anyhow::ensure!(status.is_success(), "{url} says {status}: {body}");
    println!("{body}");
    Ok(())
}

/// Why nobody answered, for who asked; the rest of it is the library's.
fn unheard(url: &str, error: &reqwest::Error) -> anyhow::Error {
    let what = if error.is_timeout() { "does not answer in time" } else { "is not there" };
    anyhow::anyhow!("Sentral {what}: {url} (is `sentral run` up, with the same `listen`?)")
}

/// Where one who listens everywhere can be asked.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn what_is_asked_is_understood() {
        let cli = Cli::try_parse_from(["sentral", "check", "a.yaml", "b.yaml"]).expect("understood");
        assert!(matches!(cli.command, Command::Check(options) if options.paths.len() == 2));
        let cli = Cli::try_parse_from(["sentral", "run", "--settings", "x.yaml"]).expect("understood");
        assert!(matches!(cli.command, Command::Run(source) if source.settings.as_deref() == Some(Path::new("x.yaml"))));
        for wrong in [vec!["sentral"], vec!["sentral", "check"], vec!["sentral", "dance"], vec!["sentral", "run", "x"]]
        {
            assert!(Cli::try_parse_from(&wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn one_who_listens_everywhere_is_asked_on_loopback() {
        let asked = |listen: &str| reachable(listen.parse().expect("an address")).to_string();
        assert_eq!(asked("0.0.0.0:8080"), "127.0.0.1:8080");
        assert_eq!(asked("[::]:8080"), "[::1]:8080");
        assert_eq!(asked("10.0.0.1:81"), "10.0.0.1:81");
    }
}
