//! Sentral as a process of this machine: started, asked, stopped, frozen, killed.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tokio::process::Child;

use crate::setup::Setup;
use crate::time::{ms, secs};

/// Its log, in its room.
pub const LOG: &str = "sentral.log";

/// A running Sentral; killed when dropped.
pub struct Sentral {
    process: Child,
    port: u16,
    log: PathBuf,
    settings: PathBuf,
    plan: PathBuf,
    password: Option<&'static str>,
    token: Option<&'static str>,
    http: reqwest::Client,
}

/// The binary under test: `SENTRAL_BIN`, or the newest that cargo has built.
pub fn binary() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("SENTRAL_BIN") {
        return Some(path.into());
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join(target);
    let built = ["release/sentral", "debug/sentral"].map(|p| target.join(p));
    built.into_iter().filter(|p| p.exists()).max_by_key(|p| p.metadata().and_then(|m| m.modified()).ok())
}

/// The program, with these settings and none of the environment's: they would win over the file, and a developer's own are none
/// of the scenario's.
fn program(arguments: &[&str], settings: &Path) -> Result<tokio::process::Command> {
    let binary = binary().context("no sentral: build it, or set SENTRAL_BIN")?;
    let mut command = tokio::process::Command::new(&binary);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SENTRAL_")) {
        command.env_remove(name);
    }
    command.args(arguments).arg("--settings").arg(settings).stdin(Stdio::null()).kill_on_drop(true);
    Ok(command)
}

impl Sentral {
    /// Starts Sentral set up so, against the ARI at `host:port`, everything in `room`.
    pub fn start(room: &Path, setup: &Setup, ari: &str) -> Result<Self> {
        let port = crate::proxy::free_port()?;
        // A folder of its own: what is written beside the plan wakes those who watch it.
        let own = room.join("plan");
        std::fs::create_dir_all(&own)?;
        let (settings, plan) = (room.join("sentral.yaml"), own.join("plan.yaml"));
        std::fs::write(&plan, setup.plan()?)?;
        for (name, bytes) in &setup.files {
            std::fs::write(own.join(name), bytes)?;
        }
        let node = format!("pbx: {{url: \"http://{ari}/ari\", user: sentral, app: {}}}", setup.app);
        let text = format!(
            "dialplan: {plan}\nlisten: {ip}:{port}\nnodes: {{{nodes}}}\nlog: {{format: json}}\nstate: state\n{more}\n",
            plan = plan.display(),
            ip = setup.listen,
            nodes = setup.password.map_or("", |_| &node),
            more = setup.settings.replace("@PORT@", &port.to_string()),
        );
        std::fs::write(&settings, text)?;
        let http = reqwest::Client::builder().no_proxy().timeout(ms(3000)).build()?;
        let log = room.join(LOG);
        let process = Self::launch(&settings, &log, setup.password)?;
        let (password, token) = (setup.password, setup.token);
        Ok(Self { process, port, log, settings, plan, password, token, http })
    }

    fn launch(settings: &Path, log: &Path, password: Option<&str>) -> Result<Child> {
        let log = File::options().create(true).append(true).open(log)?;
        let errors = log.try_clone()?;
        program(&["run"], settings)?
            .envs(password.map(|password| ("SENTRAL_NODES__PBX__PASSWORD", password)))
            .stdout(log)
            .stderr(errors)
            .spawn()
            .context("sentral cannot be started")
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
        self.get("/readyz", None).await.is_ok_and(|(status, _)| status == 200)
    }

    /// `GET PATH` with this token: status and body.
    pub async fn get(&self, path: &str, token: Option<&str>) -> Result<(u16, String)> {
        let mut request = self.http.get(format!("http://127.0.0.1:{}{path}", self.port));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let reply = request.send().await?;
        Ok((reply.status().as_u16(), reply.text().await?))
    }

    /// `METHOD PATH`: status and bytes.
    pub async fn asks(&self, method: reqwest::Method, path: &str) -> Result<(u16, Vec<u8>)> {
        let mut request = self.http.request(method, format!("http://127.0.0.1:{}{path}", self.port));
        if let Some(token) = self.token {
            request = request.bearer_auth(token);
        }
        let reply = request.send().await?;
        Ok((reply.status().as_u16(), reply.bytes().await?.to_vec()))
    }

    /// What the program says, started beside this one with its settings: whether it ended well, and all that it said.
    pub async fn told(&self, arguments: &[&str]) -> Result<(bool, String)> {
        let mut command = program(arguments, &self.settings)?;
        let output = tokio::time::timeout(secs(10), command.output()).await.context("it does not end")??;
        let said = [output.stdout, output.stderr].concat();
        Ok((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
    }

    /// `GET /api/v1/state`.
    pub async fn state(&self) -> Result<Value> {
        let (status, text) = self.get("/api/v1/state", self.token).await?;
        ensure!(status == 200, "the state: {status} {text}");
        Ok(serde_json::from_str(&text)?)
    }

    /// `GET /metrics`.
    pub async fn metrics(&self) -> Result<String> {
        let (status, text) = self.get("/metrics", None).await?;
        ensure!(status == 200, "the metrics: {status} {text}");
        Ok(text)
    }

    /// Of the metrics the sum of all samples of that name whose labels hold all of `labels` (`outcome="served"`).
    pub async fn metric(&self, name: &str, labels: &[&str]) -> Result<f64> {
        let text = self.metrics().await?;
        let samples = text.lines().filter(|line| {
            let of_that_name = line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']));
            of_that_name && labels.iter().all(|label| line.contains(label))
        });
        Ok(samples.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
    }

    /// Writes the plan anew, in the place of the old one, as an editor does.
    pub fn plan_becomes(&self, text: &str) -> Result<()> {
        let new = self.plan.with_extension("new");
        std::fs::write(&new, text)?;
        Ok(std::fs::rename(&new, &self.plan)?)
    }

    /// Puts a file beside the plan, in the place of one that may be there.
    pub fn beside_the_plan(&self, name: &str, bytes: &[u8]) -> Result<()> {
        Ok(std::fs::write(self.plan.with_file_name(name), bytes)?)
    }

    /// SIGHUP.
    pub fn is_told_to_reload(&self) -> Result<()> {
        self.signal("-HUP")
    }

    /// Waits until a metric has come to that.
    pub async fn counts(&self, name: &str, labels: &[&str], to: f64, limit: Duration) -> Result<()> {
        let mut last = f64::NAN;
        let wait = async {
            while last != to {
                tokio::time::sleep(ms(20)).await;
                last = self.metric(name, labels).await?;
            }
            anyhow::Ok(())
        };
        let done = tokio::time::timeout(limit, wait).await;
        done.with_context(|| format!("{name} {labels:?} is {last} and not {to} after {limit:?}"))?
    }

    /// Waits until the state is so. `look` may also say that it is wrong, or that something is not there yet.
    pub async fn comes_to(&self, what: &str, limit: Duration, look: impl Fn(&Value) -> Result<bool>) -> Result<()> {
        let mut last = (Value::Null, Ok(false));
        let wait = async {
            while !matches!(last.1, Ok(true)) {
                tokio::time::sleep(ms(20)).await;
                let state = self.state().await?;
                last.1 = look(&state);
                last.0 = state;
            }
            anyhow::Ok(())
        };
        match tokio::time::timeout(limit, wait).await {
            Ok(done) => done,
            Err(_elapsed) => bail!("not after {limit:?}: {what} ({:?}) in {}", last.1, last.0),
        }
    }

    /// Waits until `/readyz` says that it is not ready, and why.
    pub async fn is_not_ready(&self, limit: Duration, why: &str) -> Result<String> {
        let wait = async {
            loop {
                if let Ok((503, text)) = self.get("/readyz", None).await
                    && text.contains(why)
                {
                    return text;
                }
                tokio::time::sleep(ms(20)).await;
            }
        };
        let told = tokio::time::timeout(limit, wait).await;
        told.with_context(|| format!("/readyz does not say `{why}`; the log: {}", self.last_words()))
    }

    /// Waits for a line of the log at that level whose message has this word: lines are written a handful at a time.
    pub async fn says(&self, level: &str, word: &str, limit: Duration) -> Result<Value> {
        let is =
            |line: &Value| line["level"] == level && line["message"].as_str().is_some_and(|text| text.contains(word));
        let wait = async {
            loop {
                if let Some(line) = self.log().into_iter().find(is) {
                    return line;
                }
                tokio::time::sleep(ms(20)).await;
            }
        };
        tokio::time::timeout(limit, wait).await.with_context(|| format!("the log does not say `{word}` as {level}"))
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
            let quiet = ["ready", "wrapping_up", "backing_off", "unreachable", "paused", "signed_out"];
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
        self.process = Self::launch(&self.settings, &self.log, self.password)?;
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

/// What in a log is a bug of ours, whatever the scenario looks for: a panic, or something that cannot be.
pub fn bugs(log: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let is_bug = |line: &&str| {
        let told = serde_json::from_str::<Value>(line).ok();
        let told = told.filter(|told| told["level"] == "ERROR");
        let told = told.and_then(|told| Some(told["message"].as_str()?.starts_with("a bug")));
        told.unwrap_or_else(|| line.contains("panicked at"))
    };
    text.lines().filter(is_bug).map(str::to_owned).collect()
}

fn entries<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map(Vec::as_slice).unwrap_or_default()
}
