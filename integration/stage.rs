//! The stage: one Asterisk, the callers' and the phones' SIPp, a cuttable wire, and Sentral, for one scenario after the other.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::ari::{Ari, PASSWORD};
use crate::docker::{Container, Network, docker};
use crate::people::{Caller, Conduct, Leg, People};
use crate::proxy::Proxy;
use crate::sentral::Sentral;
use crate::time::{ms, secs};
use crate::wire::Wire;

/// Operators of the plan `test`: `op1` to `op20`.
pub const OPERATORS: usize = 20;
/// Phones for the measurement: `op1` to `op150`.
pub const PHONES: usize = 150;

/// Everything a scenario plays on. Fields are dropped in this order: people before machines, machines before the network.
pub struct Stage {
    pub people: Arc<People>,
    pub proxy: Proxy,
    pub ari: Ari,
    pub asterisk: Container,
    /// 22 or 16.
    pub release: u8,
    sentral: Option<Sentral>,
    scenario: String,
    callers: u32,
    _sipp: [Container; 2],
    room: TempDir,
    _network: Network,
}

impl Stage {
    /// Builds the stage around an Asterisk of that release, with so many phones; everything docker makes carries `label`.
    pub async fn set_up(release: u8, phones: usize, label: &str) -> Result<Self> {
        let run = format!("sentral-it-{}-{release}", std::process::id());
        let room = tempfile::Builder::new().prefix("sentral-it-").tempdir()?;
        let network = Network::new(&run, label)?;
        let (asterisk_at, callers_at, phones_at) = (network.address(2), network.address(3), network.address(4));
        let media_at = network.address(1);
        configure(room.path(), phones, &phones_at)?;

        let asterisk =
            Container::run(&format!("{run}-asterisk"), label, &asterisk(&network, room.path(), release, &callers_at))?;
        let sipp = [
            Container::run(
                &format!("{run}-callers"),
                label,
                &sipp(&network, 3, room.path(), "caller", &["-rsa", &format!("{asterisk_at}:5060")]),
            )?,
            Container::run(&format!("{run}-phones"), label, &sipp(&network, 4, room.path(), "phone", &[]))?,
        ];
        let logs = ["caller", "phone"].map(|role| room.path().join("log").join(format!("{role}.log")));
        for log in &logs {
            until_exists(log, secs(10))
                .await
                .with_context(|| format!("SIPp: {} {}", sipp[0].logs(), sipp[1].logs()))?;
        }
        let callers = (Wire::follow(&logs[0])?, callers_at);
        let phones = (Wire::follow(&logs[1])?, phones_at);
        let ari = Ari::new(format!("{asterisk_at}:8088"))?;
        ari.until_booted(secs(20)).await.with_context(|| asterisk.logs())?;
        let people = People::new(callers, phones, media_at)?;
        let proxy = Proxy::start(ari.host.clone()).await?;
        let scenario = String::new();
        let (sentral, callers) = (None, 0);
        Ok(Self {
            people,
            proxy,
            ari,
            asterisk,
            release,
            sentral,
            scenario,
            callers,
            _sipp: sipp,
            room,
            _network: network,
        })
    }

    /// A scenario begins.
    pub fn begin(&mut self, scenario: &str) {
        self.scenario = scenario.replace("::", "-");
        self.callers = 0;
        self.people.begin();
    }

    /// Where this scenario keeps its files.
    fn corner(&self) -> Result<PathBuf> {
        let corner = self.room.path().join(&self.scenario);
        fs::create_dir_all(&corner)?;
        Ok(corner)
    }

    /// Starts Sentral with `plans/NAME.yaml`.
    pub async fn sentral(&mut self, plan: &str) -> Result<&mut Sentral> {
        let plan = Path::new(env!("CARGO_MANIFEST_DIR")).join("integration/plans").join(plan).with_extension("yaml");
        let text = fs::read_to_string(&plan).with_context(|| plan.display().to_string())?;
        let ari = format!("127.0.0.1:{}", self.proxy.port);
        self.sentral_with(&text, &ari).await
    }

    /// Starts Sentral with a plan, at the ARI at `host:port`.
    pub async fn sentral_with(&mut self, plan: &str, ari: &str) -> Result<&mut Sentral> {
        let file = self.corner()?.join("plan.yaml");
        fs::write(&file, plan)?;
        let sentral = Sentral::start(&self.corner()?, &file, ari).await?;
        Ok(self.sentral.insert(sentral))
    }

    /// The Sentral of this scenario.
    pub fn engine(&mut self) -> Result<&mut Sentral> {
        self.sentral.as_mut().context("no sentral was started")
    }

    /// Another caller.
    pub fn caller(&mut self) -> WhoCalls {
        self.callers += 1;
        let number = format!("+479{:07}", self.callers);
        WhoCalls { people: Arc::clone(&self.people), name: format!("\"Caller {}\"", self.callers), number }
    }

    /// How an operator behaves, ringing after ringing, the last for all that follow. Without a word he lets it ring.
    pub fn operator(&self, name: &str, conducts: impl IntoIterator<Item = Conduct>) {
        self.people.operator(name, conducts);
    }

    /// Waits until an operator rings for the `n`th time (from 1).
    pub async fn rings(&self, operator: &str, n: usize, limit: Duration) -> Result<Leg> {
        self.people.rings(operator, n, limit).await
    }

    /// How often an operator was rung.
    pub fn times_rung(&self, operator: &str) -> usize {
        self.people.ringings(operator).len()
    }

    /// Asterisk is killed and starts again, at the same address.
    pub async fn asterisk_restarts(&self) -> Result<()> {
        docker(&["kill", &self.asterisk.name])?;
        self.people.asterisk_dies();
        docker(&["start", &self.asterisk.name])?;
        self.ari.until_booted(secs(20)).await
    }

    /// Asserts that nothing is left of any call, in Asterisk or in Sentral.
    pub async fn nothing_is_left(&self, limit: Duration) -> Result<()> {
        let mut left = Vec::new();
        let wait = async {
            loop {
                left.clear();
                left.extend(self.ari.channels().await?.into_iter().map(|c| format!("channel {c}")));
                left.extend(self.ari.bridges_in_use().await?.into_iter().map(|b| format!("bridge {b}")));
                left.extend(self.people.disorder());
                if let Some(sentral) = self.sentral.as_ref().filter(|s| !s.is_gone()) {
                    left.extend(sentral.what_is_left().await.context("what Sentral says is left")?);
                }
                if left.is_empty() {
                    return anyhow::Ok(());
                }
                tokio::time::sleep(ms(50)).await;
            }
        };
        match tokio::time::timeout(limit, wait).await {
            Ok(done) => done,
            Err(_elapsed) => bail!("left over after {limit:?}:\n  {}", left.join("\n  ")),
        }
    }

    /// The scenario is over: Sentral ends, and whatever is left is swept away, so that the next one begins clean.
    pub async fn end(&mut self) -> Result<()> {
        let mut outcome = Ok(());
        if let Some(mut sentral) = self.sentral.take() {
            if sentral.words().contains("panicked at") {
                outcome = Err(anyhow::anyhow!("sentral panicked"));
            }
            if !sentral.is_gone() {
                drop(sentral.thaws());
                let ended = sentral.is_told_to_end().and(sentral.has_ended(secs(3)).await);
                outcome = outcome.and(ended);
            }
        }
        self.proxy.set(crate::proxy::Line::Whole);
        self.people.everybody_goes_home();
        self.ari.sweep().await?;
        outcome
    }

    /// Sentral's log of this scenario, and the last of Asterisk's.
    pub fn evidence(&self) -> String {
        let words = self.corner().ok().and_then(|c| fs::read_to_string(c.join("sentral.log")).ok()).unwrap_or_default();
        let last = |text: &str, n: usize| {
            let lines: Vec<&str> = text.lines().collect();
            lines.iter().skip(lines.len().saturating_sub(n)).map(|l| format!("    {l}\n")).collect::<String>()
        };
        let log = self.asterisk.logs();
        let complaints: Vec<&str> = log.lines().filter(|l| l.contains("WARNING[") || l.contains("ERROR[")).collect();
        let complaints = complaints.join("\n");
        format!("  sentral:\n{}  asterisk:\n{}", last(&words, 40), last(&complaints, 8))
    }

    /// Keeps SIPp's and Sentral's logs for a look afterwards.
    pub fn keep(&self, to: &Path) -> Result<()> {
        fs::create_dir_all(to)?;
        let from = self.room.path();
        let done = std::process::Command::new("cp").arg("-r").arg(from).arg(to).status()?;
        if done.success() { Ok(()) } else { bail!("cp: {done}") }
    }
}

/// A caller who has not dialled yet.
pub struct WhoCalls {
    people: Arc<People>,
    number: String,
    name: String,
}

impl WhoCalls {
    /// Calls himself something else.
    pub fn named(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    /// Dials.
    pub async fn dials(&self, number: &str) -> Result<Caller> {
        self.people.dials(number, &self.number, &self.name).await
    }
}

/// Writes what Asterisk is given: the operators' phones, and a dialplan to try the stage itself with.
fn configure(room: &Path, count: usize, phones_at: &str) -> Result<()> {
    use std::fmt::Write as _;
    let mut phones = include_str!("asterisk/phones.conf").replace("@PHONES@", phones_at);
    for n in 1..=count {
        write!(phones, "\n[op{n}](operator)\naors = op{n}\n[op{n}](place)\ncontact = sip:op{n}@{phones_at}:5060\n")?;
    }
    let mut queues = include_str!("asterisk/queues.conf").to_owned();
    for (queue, members) in [("bench", count), ("few", 10)] {
        write!(queues, "\n[{queue}](plain)\n")?;
        for n in 1..=members {
            writeln!(queues, "member => PJSIP/op{n}")?;
        }
    }
    for (dir, file, text) in [
        ("pjsip.d", "phones.conf", phones.as_str()),
        ("extensions.d", "stage.conf", include_str!("asterisk/extensions.conf")),
        ("queues.d", "stage.conf", queues.as_str()),
    ] {
        fs::create_dir_all(room.join(dir))?;
        fs::write(room.join(dir).join(file), text)?;
    }
    fs::create_dir_all(room.join("log"))?;
    let sipp = room.join("sipp");
    fs::create_dir_all(&sipp)?;
    fs::write(sipp.join("caller.xml"), include_str!("sipp/caller.xml"))?;
    fs::write(sipp.join("phone.xml"), include_str!("sipp/phone.xml"))?;
    // The containers read these as other users.
    let open = std::process::Command::new("chmod").args(["-R", "a+rX"]).arg(room).status()?;
    if open.success() { Ok(()) } else { bail!("chmod: {open}") }
}

fn asterisk(network: &Network, room: &Path, release: u8, callers_at: &str) -> Vec<String> {
    let image = std::env::var("ASTERISK_IMAGE").unwrap_or_else(|_| format!("sentral-asterisk:{release}"));
    let mut args = placed(network, 2);
    for setting in [
        format!("ASTERISK_ARI_PASSWORD={PASSWORD}"),
        format!("TRUNK_ADDRESS={callers_at}"),
        "RTP_PORTS=10000-14999".to_owned(),
    ] {
        args.extend(["-e".to_owned(), setting]);
    }
    for dir in ["pjsip.d", "extensions.d", "queues.d"] {
        args.extend(["-v".to_owned(), format!("{}:/etc/asterisk/{dir}:ro", room.join(dir).display())]);
    }
    args.push(image);
    args
}

fn sipp(network: &Network, host: u8, room: &Path, role: &str, more: &[&str]) -> Vec<String> {
    let mut args = placed(network, host);
    let mount = |dir: &str, to: &str| ["-v".to_owned(), format!("{}:{to}", room.join(dir).display())];
    args.extend(mount("log", "/stage"));
    args.extend(mount("sipp", "/scenarios:ro"));
    args.push("sentral-sipp".to_owned());
    let (asterisk_at, here, media_at) = (network.address(2), network.address(host), network.address(1));
    let scenario = format!("/scenarios/{role}.xml");
    let (messages, errors) = (format!("/stage/{role}.log"), format!("/stage/{role}.err"));
    // Late orders to ended calls must not begin new ones: -deadcall_wait. Strange messages must not end calls: -abortunexp.
    let command = [
        &format!("{asterisk_at}:5060"),
        "-sf",
        &scenario,
        "-i",
        &here,
        "-p",
        "5060",
        "-nostdin",
        "-aa",
        "-key",
        "asterisk",
        &asterisk_at,
        "-key",
        "media",
        &media_at,
        "-default_behaviors",
        "all,-bye,-abortunexp",
        "-deadcall_wait",
        "600000",
        "-trace_msg",
        "-message_file",
        &messages,
        "-trace_err",
        "-error_file",
        &errors,
    ];
    args.extend(command.iter().copied().chain(more.iter().copied()).map(str::to_owned));
    args
}

fn placed(network: &Network, host: u8) -> Vec<String> {
    ["--network".to_owned(), network.name.clone(), "--ip".to_owned(), network.address(host)].to_vec()
}

async fn until_exists(path: &Path, limit: Duration) -> Result<()> {
    let wait = async {
        while !path.exists() {
            tokio::time::sleep(ms(20)).await;
        }
    };
    tokio::time::timeout(limit, wait).await.with_context(|| format!("no {}", path.display()))
}
