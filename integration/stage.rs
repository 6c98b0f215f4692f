//! The stage: an Asterisk or its stand-in, telephones, a cuttable wire, and Sentral, for one scenario after the other.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tempfile::TempDir;
use tokio::time::sleep;

use crate::ari::Ari;
use crate::docker::Container;
use crate::house_phone::{self, OwnCall};
use crate::machines::{Machines, SHARED};
use crate::people::{Caller, Conduct, Leg, People};
use crate::proxy::Proxy;
use crate::sentral::{LOG, Sentral, bugs};
use crate::setup::Setup;
use crate::telephones::{Dialling, Telephones};
use crate::time::{ms, secs};
use crate::toy::Toy;

/// Operators of the plan `test`: `op1` to `op20`.
pub const OPERATORS: usize = 20;
/// Phones for scenarios: `op1` to `op28`.
pub const TELEPHONES: usize = 28;
/// Phones for the measurement: `op1` to `op150`.
pub const PHONES: usize = 150;

/// Where the second Sentral of a scenario has its files.
const ANOTHER: &str = "another";

/// What stands behind ARI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// The stand-in, in this process.
    Toy,
    /// A real Asterisk of that release, in docker.
    Asterisk(u8),
}

impl On {
    /// `toy`, `22` or `16`.
    pub fn named(name: &str) -> Option<Self> {
        if name == "toy" { Some(Self::Toy) } else { name.parse().ok().map(Self::Asterisk) }
    }
}

impl std::fmt::Display for On {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Toy => f.write_str("the stand-in"),
            Self::Asterisk(release) => write!(f, "Asterisk {release}"),
        }
    }
}

/// The same, running.
enum Asterisk {
    Toy(sentral::sim::face::Face),
    Real(Box<Machines>),
}

/// Everything a scenario plays on. Fields are dropped in this order: people before machines.
pub struct Stage {
    pub people: Arc<People>,
    pub proxy: Proxy,
    pub ari: Ari,
    asterisk: Asterisk,
    sentral: Option<Sentral>,
    scenario: String,
    callers: u32,
    room: TempDir,
}

impl Stage {
    /// Builds the stage on that, with so many phones; everything docker makes carries `label`.
    pub async fn set_up(on: On, phones: usize, label: &str) -> Result<Self> {
        let room = tempfile::Builder::new().prefix("sentral-it-").tempdir()?;
        let (asterisk, ari, telephones) = match on {
            On::Toy => {
                let toy = Toy::start(phones).await?;
                let ari = Ari::new(toy.face().address().to_string())?;
                (Asterisk::Toy(toy.face().clone()), ari, Telephones::Toy(toy))
            }
            On::Asterisk(release) => {
                let (machines, ari, sipp) = Machines::start(room.path(), release, phones, label).await?;
                (Asterisk::Real(Box::new(machines)), ari, Telephones::Sipp(sipp))
            }
        };
        let people = People::new(telephones);
        let proxy = Proxy::start(ari.host.clone()).await?;
        Ok(Self { people, proxy, ari, asterisk, sentral: None, scenario: String::new(), callers: 0, room })
    }

    /// The container of a real Asterisk.
    pub fn container(&self) -> Result<&Container> {
        Ok(&self.machines()?.asterisk)
    }

    /// A real Asterisk and what belongs to it.
    pub fn machines(&self) -> Result<&Machines> {
        match &self.asterisk {
            Asterisk::Toy(_) => bail!("the stand-in is no container"),
            Asterisk::Real(machines) => Ok(machines),
        }
    }

    /// The address by which Asterisk reaches this machine.
    pub fn host(&self) -> String {
        self.machines().map_or_else(|_toy| "127.0.0.1".to_owned(), Machines::host)
    }

    /// An operator calls somebody past Sentral.
    pub async fn calls_out(&self, operator: &str) -> Result<OwnCall> {
        match &self.asterisk {
            Asterisk::Toy(face) => OwnCall::at_toy(face, operator).await,
            Asterisk::Real(machines) => OwnCall::at(machines, operator),
        }
    }

    /// A telephone registers, or is no longer there.
    pub async fn registers(&self, phone: &str, there: bool) -> Result<()> {
        match &self.asterisk {
            Asterisk::Toy(face) => house_phone::registers_at_toy(face, phone, there).await,
            Asterisk::Real(machines) => house_phone::registers_at(machines, phone, there),
        }
    }

    /// A folder that Asterisk sees by the same path.
    pub fn shared(&self) -> PathBuf {
        self.room.path().join(SHARED)
    }

    /// A scenario begins.
    pub fn begin(&mut self, scenario: &str) {
        self.scenario = scenario.replace("::", "-");
        self.callers = 0;
        self.people.begin();
    }

    /// Where this scenario keeps its files.
    pub fn corner(&self) -> Result<PathBuf> {
        let corner = self.room.path().join(&self.scenario);
        fs::create_dir_all(&corner)?;
        Ok(corner)
    }

    /// Starts Sentral set up so, and waits until it is ready. A name alone is that of a plan in `plans/`.
    pub async fn sentral(&mut self, setup: impl Into<Setup>) -> Result<&mut Sentral> {
        self.starting_sentral(setup)?.until_ready(secs(10)).await?;
        self.engine()
    }

    /// The same without the waiting.
    pub fn starting_sentral(&mut self, setup: impl Into<Setup>) -> Result<&mut Sentral> {
        let ari = format!("127.0.0.1:{}", self.proxy.port);
        let sentral = Sentral::start(&self.corner()?, &setup.into(), &ari)?;
        Ok(self.sentral.insert(sentral))
    }

    /// Starts one more Sentral beside that of the scenario, and waits until it is ready.
    pub async fn another_sentral(&self, setup: impl Into<Setup>) -> Result<Sentral> {
        let room = self.corner()?.join(ANOTHER);
        fs::create_dir_all(&room)?;
        let mut another = Sentral::start(&room, &setup.into(), &format!("127.0.0.1:{}", self.proxy.port))?;
        another.until_ready(secs(10)).await?;
        Ok(another)
    }

    /// Starts Sentral with the text of a plan, at the ARI at `host:port`, and waits until it is ready.
    pub async fn sentral_with(&mut self, plan: &str, ari: &str) -> Result<&mut Sentral> {
        let sentral = Sentral::start(&self.corner()?, &Setup::with_plan(plan), ari)?;
        self.sentral.insert(sentral).until_ready(secs(10)).await?;
        self.engine()
    }

    /// The Sentral of this scenario.
    pub fn engine(&mut self) -> Result<&mut Sentral> {
        self.sentral.as_mut().context("no sentral was started")
    }

    /// Another caller.
    pub fn caller(&mut self) -> WhoCalls {
        self.callers += 1;
        let number = format!("+479{:07}", self.callers);
        WhoCalls {
            people: Arc::clone(&self.people),
            name: format!("\"Caller {}\"", self.callers),
            number,
            withheld: false,
        }
    }

    /// How an operator behaves, ringing after ringing, the last for all that follow. Without a word he lets it ring.
    pub fn operator(&self, name: &str, conducts: impl IntoIterator<Item = Conduct>) {
        self.people.operator(name, conducts);
    }

    /// An operator may have to do with so many callers at once.
    pub fn may_have(&self, operator: &str, callers: usize) {
        self.people.may_have(operator, callers);
    }

    /// Waits until an operator rings for the `n`th time (from 1).
    pub async fn rings(&self, operator: &str, n: usize, limit: Duration) -> Result<Leg> {
        self.people.rings(operator, n, limit).await
    }

    /// How often an operator was rung.
    pub fn times_rung(&self, operator: &str) -> usize {
        self.people.ringings(operator).len()
    }

    /// Waits until Asterisk's own queue has that caller.
    pub async fn in_the_fallback(&self, caller: &Caller, limit: Duration) -> Result<()> {
        let in_queue =
            |c: &Value| c["caller"]["number"] == caller.number.as_str() && c["dialplan"]["app_name"] == "Queue";
        let wait = async {
            while !self.ari.ask("GET", "channels", &[]).await?.as_array().into_iter().flatten().any(in_queue) {
                ensure!(caller.is_in_the_call(), "caller {} was hung up", caller.number);
                sleep(ms(50)).await;
            }
            anyhow::Ok(())
        };
        let reached = tokio::time::timeout(limit, wait).await;
        reached.with_context(|| format!("caller {} did not reach the fallback within {limit:?}", caller.number))?
    }

    /// Asterisk is killed and starts again, at the same address.
    pub async fn asterisk_restarts(&self) -> Result<()> {
        self.people.asterisk_dies();
        match &self.asterisk {
            Asterisk::Toy(face) => face.restart(secs(1)).await,
            Asterisk::Real(machines) => machines.asterisk_restarts()?,
        }
        self.ari.until_booted(secs(20)).await
    }

    /// There is no room on Asterisk's disk for recordings, or there is again.
    pub async fn asterisks_disk_is_full(&self, full: bool) -> Result<()> {
        match &self.asterisk {
            Asterisk::Toy(face) => {
                face.act(move |world, _| world.set_disk_full(full)).await.context("the stand-in is gone")
            }
            Asterisk::Real(machines) => machines.disk_is_full(full),
        }
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
                sleep(ms(50)).await;
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
        if let Some(mut sentral) = self.sentral.take()
            && !sentral.is_gone()
        {
            drop(sentral.thaws());
            let ended = sentral.is_told_to_end().and(sentral.has_ended(secs(3)).await);
            outcome = outcome.and(ended);
        }
        self.proxy.set(crate::proxy::Line::Whole);
        self.people.everybody_goes_home();
        self.ari.sweep().await?;
        outcome.and(self.nobody_tells_of_a_bug())
    }

    /// Asserts that no Sentral of this scenario met a bug: it ends that call alone, which a scenario may take for something
    /// else.
    pub fn nobody_tells_of_a_bug(&self) -> Result<()> {
        let corner = self.corner()?;
        let told: Vec<String> =
            [corner.join(LOG), corner.join(ANOTHER).join(LOG)].iter().flat_map(|log| bugs(log)).collect();
        ensure!(told.is_empty(), "sentral tells of a bug:\n  {}", told.join("\n  "));
        Ok(())
    }

    /// Sentral's log of this scenario, and the last of Asterisk's.
    pub fn evidence(&self) -> String {
        let words = self.corner().ok().and_then(|c| fs::read_to_string(c.join(LOG)).ok()).unwrap_or_default();
        let last = |text: &str, n: usize| {
            let lines: Vec<&str> = text.lines().collect();
            lines.iter().skip(lines.len().saturating_sub(n)).map(|l| format!("    {l}\n")).collect::<String>()
        };
        let complaints = self.machines().map(|machines| machines.complaints().join("\n")).unwrap_or_default();
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
    withheld: bool,
}

impl WhoCalls {
    /// Calls himself something else.
    pub fn named(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    /// Withholds his number.
    pub fn withheld(self) -> Self {
        Self { withheld: true, ..self }
    }

    /// Dials.
    pub async fn dials(&self, number: &str) -> Result<Caller> {
        let call = Dialling { to: number, from: &self.number, name: &self.name, withheld: self.withheld };
        self.people.dials(call).await
    }
}
