//! A made-up exchange at work: the whole engine and the real driver, against a stand-in for Asterisk inside the process.

use std::{
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use clap::Args;
use tokio::sync::{Notify, mpsc};

use super::{
    Stops,
    house::{House, Opening},
    logs, panics,
};
use crate::{
    dialplan::{self, Plan},
    domain::Time,
    engine::{Fact, Limits, Notice},
    hooks,
    prompts::Shelf,
    runtime::NARRATION,
    settings::{Log, LogFormat, Node},
    sim::{
        demo::{self, Demo},
        narrator::Narrator,
    },
    store,
};

/// Where people look first.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// How the demo is to be.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// End after this many calls, with a summary [default: until Ctrl-C]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    calls: Option<u64>,
    /// Where metrics and state are served, on loopback [default: 127.0.0.1:8080, or any free port]
    #[arg(long, value_name = "ADDRESS", value_parser = on_loopback)]
    listen: Option<SocketAddr>,
    /// Draws other people
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

fn on_loopback(text: &str) -> Result<SocketAddr, String> {
    let at: SocketAddr = text.parse().map_err(|_cause| "an address and a port are wanted, as 127.0.0.1:8080")?;
    if at.ip().is_loopback() { Ok(at) } else { Err("the demo is for this machine: use 127.0.0.1 or [::1]".into()) }
}

/// Shows it until Ctrl-C, or until the last of the calls asked for.
///
/// # Errors
/// What kept it from starting, or a bug.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let filter = std::env::var("SENTRAL_LOG__FILTER").unwrap_or_else(|_unset| "warn".into());
    let _logs = logs::start(&Log { filter, format: LogFormat::Text })?;
    panics::end_the_process();
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let mut stops = Stops::new()?;
        let stop = async {
            let _name = stops.next().await;
        };
        show(options, io::stdout(), stop).await
    })
}

/// Shows it until `stop` comes, or until the last of the calls asked for.
async fn show(options: &Options, mut out: impl Write, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
    let demo =
        Demo::start(demo::Options { seed: options.seed, calls: options.calls, ..demo::Options::default() }).await?;
    let (narrator, notices) = mpsc::channel(NARRATION);
    let mut house = open(&demo, options.listen, narrator)?;
    greet(&mut out, &house, options)?;
    let opened = Notify::new();
    let mut telling = Telling { notices, narrator: Narrator::new(Time::ZERO), opened: &opened };

    tokio::select! {
        told = telling.run(&demo, &mut out) => told?,
        () = last_call(&demo, &opened, options) => {
            // What is still on its way is told, too.
            house.desk.drain().await;
            telling.run(&demo, &mut out).await?;
        }
        () = stop => {}
        stopped = house.engine_ended() => drop(stopped?),
    }
    writeln!(out, "\n{}", telling.narrator.summary())?;
    house.close().await;
    Ok(())
}

/// Comes when everybody who was to call has called and left; never, when there is no end of them.
async fn last_call(demo: &Demo, opened: &Notify, options: &Options) {
    if options.calls.is_none() {
        return std::future::pending().await;
    }
    opened.notified().await;
    demo.closed().await;
}

/// A plan that ships with the program has no mistake, as a test says.
fn plan() -> anyhow::Result<Plan> {
    let checked = dialplan::parse("demo.yaml", demo::PLAN.as_bytes());
    Ok(checked.map_err(|faults| anyhow::anyhow!("{faults}"))?.plan)
}

fn open(demo: &Demo, listen: Option<SocketAddr>, narrator: mpsc::Sender<Notice>) -> anyhow::Result<House> {
    let plan = Arc::new(plan()?);
    let opening = |listen| Opening {
        plan: Arc::clone(&plan),
        limits: Limits::default(),
        listen,
        tokens: Vec::new(),
        public_url: None,
        prompts: Shelf::default(),
        prompts_ahead: false,
        hooks: hooks::Options::default(),
        nodes: vec![node(demo)],
        plan_file: None,
        state: None,
        database: None,
        records_keep: Duration::ZERO,
        queue_log: None,
        // Its plan takes no messages, so that nothing is written there.
        voicemail: store::Options {
            folder: std::env::temp_dir().join("sentral-demo"),
            keep: Duration::from_secs(3_600),
            messages: 1,
            bytes: 1,
        },
        agi: None,
        narrator: Some(narrator.clone()),
    };
    match (listen, House::open(opening(listen.unwrap_or(LISTEN)))) {
        // Something else is there, and nobody asked for this port.
        (None, Err(_taken)) => House::open(opening((Ipv4Addr::LOCALHOST, 0).into())),
        (_, house) => house,
    }
}

fn node(demo: &Demo) -> Node {
    let login = demo.login();
    Node {
        name: "demo".into(),
        url: format!("http://{}/ari", demo.address()),
        user: login.user.clone(),
        password: login.password.as_str().into(),
        app: demo::APPLICATION.into(),
        lanes: 8,
    }
}

fn greet(out: &mut impl Write, house: &House, options: &Options) -> io::Result<()> {
    let end = match options.calls {
        Some(calls) => format!("It ends after {calls} calls; Ctrl-C ends it before."),
        None => "Ctrl-C ends it.".into(),
    };
    let at = house.address;
    writeln!(
        out,
        "A made-up exchange: the engine is real; Asterisk, callers and operators are not.\n\
         Metrics: http://{at}/metrics\n\
         State:   http://{at}/api/v1/state\n\
         {end}\n"
    )
}

/// What is told of what happens.
struct Telling<'a> {
    notices: mpsc::Receiver<Notice>,
    narrator: Narrator,
    /// Rung when the doors open: the stand-in is connected, and people begin to call.
    opened: &'a Notify,
}

impl Telling<'_> {
    /// Tells until there is nothing more to tell: the engine's task has ended.
    async fn run(&mut self, demo: &Demo, out: &mut impl Write) -> anyhow::Result<()> {
        let mut is_open = false;
        while let Some(notice) = self.notices.recv().await {
            if !is_open && matches!(notice.fact, Fact::NodeUp { .. }) {
                is_open = true;
                self.narrator = Narrator::new(notice.at);
                demo.open().await;
                self.opened.notify_one();
            }
            if let Some(line) = self.narrator.tell(&notice) {
                writeln!(out, "{line}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demos_plan_has_no_mistake() {
        plan().expect("a good plan");
    }

    #[test]
    fn it_listens_on_this_machine_only() {
        assert!(on_loopback("127.0.0.1:0").is_ok());
        assert!(on_loopback("[::1]:8080").is_ok());
        assert!(on_loopback("0.0.0.0:8080").is_err());
        assert!(on_loopback("here").is_err());
    }

    /// Paper that rings when these words are written on it.
    struct Page<'a> {
        text: String,
        words: &'static str,
        written: &'a Notify,
    }

    impl Write for &mut Page<'_> {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.text += &String::from_utf8_lossy(text);
            if self.text.contains(self.words) {
                self.written.notify_one();
            }
            Ok(text.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_call_is_told_while_it_goes_on_and_the_end_is_a_summary() {
        let written = Notify::new();
        let mut page = Page { text: String::new(), words: "call 1: ", written: &written };
        let listen = on_loopback("127.0.0.1:0").ok();
        let options = Options { calls: None, listen, seed: 1 };
        let shown = show(&options, &mut page, written.notified());
        // The first caller comes after some seconds.
        tokio::time::timeout(Duration::from_secs(60), shown).await.expect("told in time").expect("it goes well");
        let told = page.text;
        for words in ["Metrics: http://127.0.0.1:", "Ctrl-C ends it.", "asterisk 0 is there", " calls +47 ", "1 calls"]
        {
            assert!(told.contains(words), "{words} in\n{told}");
        }
        assert!(!told.contains("a bug"), "{told}");
    }
}
