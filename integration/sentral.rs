//! Sentral as a process of this machine: started, asked, stopped, frozen, killed.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::process::Child;

use crate::ari::PASSWORD;
use crate::time::{ms, secs};

/// A running Sentral; killed when dropped.
pub struct Sentral {
    process: Child,
    port: u16,
    log: PathBuf,
    settings: PathBuf,
    http: reqwest::Client,
}

/// The binary under test: `SENTRAL_BIN`, or the newest that cargo has built.
pub fn binary() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("SENTRAL_BIN") {
        return Some(path.into());
    }
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    let built = ["release/sentral", "debug/sentral"].map(|p| target.join(p));
    built.into_iter().filter(|p| p.exists()).max_by_key(|p| p.metadata().and_then(|m| m.modified()).ok())
}

impl Sentral {
    /// Starts Sentral with that plan against the ARI at `host:port`, everything in `room`, and waits until it is ready.
    pub async fn start(room: &Path, plan: &Path, ari: &str) -> Result<Self> {
        let port = crate::proxy::free_port().await?.port();
        let settings = room.join("sentral.yaml");
        let text = format!(
            "dialplan: {plan}\nlisten: 127.0.0.1:{port}\n\
             nodes: {{pbx: {{url: \"http://{ari}/ari\", user: sentral, app: sentral}}}}\n\
             log: {{format: json}}\n",
            plan = plan.display()
        );
        std::fs::write(&settings, text)?;
        let http = reqwest::Client::builder().no_proxy().timeout(ms(3000)).build()?;
        let log = room.join("sentral.log");
        let process = Self::launch(&settings, &log)?;
        let mut sentral = Self { process, port, log, settings, http };
        sentral.until_ready(secs(10)).await?;
        Ok(sentral)
    }

    fn launch(settings: &Path, log: &Path) -> Result<Child> {
        let binary = binary().context("no sentral: build it, or set SENTRAL_BIN")?;
        let log = File::options().create(true).append(true).open(log)?;
        let errors = log.try_clone()?;
        tokio::process::Command::new(&binary)
            .args(["run", "--settings"])
            .arg(settings)
            .env("SENTRAL_NODES__PBX__PASSWORD", PASSWORD)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} cannot be started", binary.display()))
    }

    /// Waits for `GET /readyz`.
    pub async fn until_ready(&mut self, limit: Duration) -> Result<()> {
        let process = &mut self.process;
        let (http, url) = (&self.http, format!("http://127.0.0.1:{}/readyz", self.port));
        let wait = async {
            loop {
                if let Some(status) = process.try_wait()? {
                    bail!("sentral ended: {status}");
                }
                if http.get(&url).send().await.is_ok_and(|reply| reply.status().is_success()) {
                    return Ok(());
                }
                tokio::time::sleep(ms(20)).await;
            }
        };
        let outcome =
            tokio::time::timeout(limit, wait).await.unwrap_or_else(|_| Err(anyhow::anyhow!("not ready in {limit:?}")));
        outcome.with_context(|| format!("sentral said: {}", self.last_words()))
    }

    /// Whether it says that it is ready, now.
    pub async fn is_ready(&self) -> bool {
        let url = format!("http://127.0.0.1:{}/readyz", self.port);
        self.http.get(url).send().await.is_ok_and(|reply| reply.status().is_success())
    }

    /// `GET /api/v1/state`.
    pub async fn state(&self) -> Result<Value> {
        let url = format!("http://127.0.0.1:{}/api/v1/state", self.port);
        Ok(self.http.get(url).send().await?.error_for_status()?.json().await?)
    }

    /// `GET /metrics`: the sum of all samples of that name whose labels hold all of `labels` (`outcome="served"`).
    pub async fn metric(&self, name: &str, labels: &[&str]) -> Result<f64> {
        let url = format!("http://127.0.0.1:{}/metrics", self.port);
        let text = self.http.get(url).send().await?.error_for_status()?.text().await?;
        let samples = text.lines().filter(|line| {
            let of_that_name = line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']));
            of_that_name && labels.iter().all(|label| line.contains(label))
        });
        Ok(samples.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
    }

    /// What the state says is left of calls: a line each.
    pub async fn what_is_left(&self) -> Result<Vec<String>> {
        let state = self.state().await?;
        let mut left: Vec<String> = entries(&state, "calls").iter().map(|call| format!("call {call}")).collect();
        for queue in entries(&state, "queues") {
            left.extend(
                entries(queue, "callers").iter().map(|caller| format!("in queue {}: {caller}", queue["queue"])),
            );
        }
        for number in entries(&state, "numbers") {
            if number["calls"] != 0 {
                left.push(format!("number {number}"));
            }
        }
        for operator in entries(&state, "operators") {
            let quiet = ["ready", "wrapping_up", "backing_off"];
            if !operator["state"].as_str().is_some_and(|state| quiet.contains(&state)) {
                left.push(format!("operator {operator}"));
            }
        }
        Ok(left)
    }

    /// The state of one operator.
    pub async fn operator(&self, name: &str) -> Result<String> {
        let state = self.state().await?;
        let found = entries(&state, "operators").iter().find(|o| o["operator"] == name);
        let operator = found.with_context(|| format!("no operator {name} in {state}"))?;
        Ok(operator["state"].as_str().unwrap_or_default().to_owned())
    }

    /// How many callers wait in a queue.
    pub async fn waiting(&self, queue: &str) -> Result<usize> {
        let state = self.state().await?;
        let found = entries(&state, "queues").iter().find(|q| q["queue"] == queue);
        Ok(entries(found.with_context(|| format!("no queue {queue} in {state}"))?, "callers").len())
    }

    /// The process, while it lives.
    pub fn pid(&self) -> Option<u32> {
        self.process.id()
    }

    fn signal(&self, name: &str) -> Result<()> {
        let pid = self.process.id().context("sentral has ended")?;
        let done = Command::new("kill").args([name, &pid.to_string()]).status()?;
        if done.success() { Ok(()) } else { bail!("kill {name} {pid}: {done}") }
    }

    /// `kill -9`, and waits for the end.
    pub async fn is_killed(&mut self) -> Result<()> {
        self.process.kill().await.context("kill -9")
    }

    /// `kill -STOP`: alive, and deaf.
    pub fn freezes(&self) -> Result<()> {
        self.signal("-STOP")
    }

    /// `kill -CONT`.
    pub fn thaws(&self) -> Result<()> {
        self.signal("-CONT")
    }

    /// Starts again with the same settings after its end, and waits until it is ready.
    pub async fn starts_again(&mut self) -> Result<()> {
        self.process = Self::launch(&self.settings, &self.log)?;
        self.until_ready(secs(10)).await
    }

    /// SIGTERM.
    pub fn is_told_to_end(&self) -> Result<()> {
        self.signal("-TERM")
    }

    /// Whether the process has been waited for.
    pub fn is_gone(&self) -> bool {
        self.process.id().is_none()
    }

    /// Waits for a clean end.
    pub async fn has_ended(&mut self, limit: Duration) -> Result<()> {
        let status =
            tokio::time::timeout(limit, self.process.wait()).await.context("sentral does not end on SIGTERM")??;
        if status.success() { Ok(()) } else { bail!("sentral ended with {status}: {}", self.last_words()) }
    }

    /// The log's lines as JSON, those that are.
    pub fn log(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// The raw log.
    pub fn words(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn last_words(&self) -> String {
        let text = self.words();
        let lines: Vec<&str> = text.lines().collect();
        lines.iter().skip(lines.len().saturating_sub(15)).copied().collect::<Vec<_>>().join("\n")
    }
}

fn entries<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map(Vec::as_slice).unwrap_or_default()
}
