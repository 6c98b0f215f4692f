//! Sentral's second door, and sessions of FastAGI that are held by hand: as Asterisk holds them, or as none would.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::{sleep, timeout};

use crate::people::Caller;
use crate::proxy::free_port;
use crate::setup::Setup;
use crate::stage::Stage;
use crate::time::{ms, secs};

/// Whoever is on the stage: this machine, and the networks that it makes.
const STAGE: &str = "allow: [127.0.0.0/8, 172.30.0.0/15]";

/// How long a sound lasts where no Asterisk plays it.
const SOUND: Duration = ms(100);

impl Stage {
    /// Starts Sentral with its second door open, and tells Asterisk's dialplan where that is; gives where it is on this machine.
    /// `more`: of its settings.
    pub async fn has_a_door(&mut self, setup: impl Into<Setup>, more: &str) -> Result<String> {
        let port = free_port()?;
        if self.machines().is_ok() {
            let at = format!("{}:{port}", self.host());
            self.ari.ask("POST", "asterisk/variable", &[("variable", "SENTRAL_AGI"), ("value", at.as_str())]).await?;
        }
        // To the network of the stage this machine may seem to be another, so it comes by loopback.
        self.sentral(setup.into().set(&format!("agi: {{listen: \"0.0.0.0:{port}\", {STAGE}, {more}}}"))).await?;
        Ok(format!("127.0.0.1:{port}"))
    }

    /// Asterisk's id of a caller's channel.
    pub async fn channel_of(&self, caller: &Caller) -> Result<String> {
        let all = self.ari.ask("GET", "channels", &[]).await?;
        let his = |channel: &&Value| channel["caller"]["number"] == caller.number.as_str();
        let his = all.as_array().and_then(|all| all.iter().find(his)).context("he has no channel")?;
        Ok(his["id"].as_str().context("a channel without an id")?.to_owned())
    }
}

/// What Asterisk says first.
pub fn environment(script: &str, channel: &str, name: &str) -> String {
    format!(
        "agi_network: yes\nagi_network_script: {script}\nagi_channel: PJSIP/trunk-00000001\nagi_uniqueid: {channel}\n\
         agi_callerid: +4790000099\nagi_calleridname: {name}\nagi_callingpres: 0\nagi_extension: +4780012399\n\n"
    )
}

/// A session that Sentral ended.
#[derive(Debug)]
pub struct Ended {
    /// Its commands, in order.
    pub asked: Vec<String>,
    /// The variables that it wrote.
    variables: BTreeMap<String, String>,
}

impl Ended {
    /// A variable that it wrote; empty when it did not.
    pub fn wrote(&self, name: &str) -> &str {
        self.variables.get(name).map_or("", String::as_str)
    }

    /// Asserts what the dialplan finds in `SENTRAL_RESULT`, and that it was the last that was written.
    pub fn results_in(&self, result: &str) -> Result<()> {
        ensure!(self.wrote("SENTRAL_RESULT") == result, "not {result}: {self:?}");
        let last = self.asked.iter().rfind(|line| line.starts_with("SET VARIABLE"));
        ensure!(last.is_some_and(|line| line.contains("SENTRAL_RESULT")), "it is not the last: {self:?}");
        Ok(())
    }
}

/// A session, from Asterisk's side.
pub struct Session {
    from: BufReader<OwnedReadHalf>,
    to: OwnedWriteHalf,
}

impl Session {
    /// Connects, and says nothing.
    pub async fn connects(at: &str) -> Result<Self> {
        let (from, to) = TcpStream::connect(at).await.with_context(|| at.to_owned())?.into_split();
        Ok(Self { from: BufReader::new(from), to })
    }

    /// As `AGI(agi://HOST/SCRIPT)` for that channel.
    pub async fn begins(at: &str, script: &str, channel: &str) -> Result<Self> {
        let mut session = Self::connects(at).await?;
        session.says(environment(script, channel, "Caller").as_bytes()).await?;
        Ok(session)
    }

    /// The same to its end: whatever Sentral asks is done.
    pub async fn of(at: &str, script: &str, channel: &str, limit: Duration) -> Result<Ended> {
        let session = Self::begins(at, script, channel).await?;
        session.ends_within(limit).await.with_context(|| format!("/{script}"))
    }

    /// Says that, whatever it is.
    pub async fn says(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.to.write_all(bytes).await?)
    }

    /// Says no more, and goes on to listen.
    pub async fn falls_silent(&mut self) -> Result<()> {
        Ok(self.to.shutdown().await?)
    }

    /// The next command; none when Sentral has ended the session.
    pub async fn is_asked(&mut self, limit: Duration) -> Result<Option<String>> {
        let mut line = String::new();
        let read = timeout(limit, self.from.read_line(&mut line)).await.with_context(|| format!("not in {limit:?}"))?;
        // One that is broken off is over, too.
        Ok((read.unwrap_or(0) > 0).then(|| line.trim_end().to_owned()))
    }

    /// Does whatever is asked up to the first command that begins so, and gives that undone.
    pub async fn comes_to(&mut self, beginning: &str) -> Result<String> {
        loop {
            let line = self.is_asked(secs(10)).await?.with_context(|| format!("it ended before {beginning}"))?;
            if line.starts_with(beginning) {
                return Ok(line);
            }
            self.does(&line).await?;
        }
    }

    /// Does what Sentral asks, until it ends the session.
    pub async fn ends_within(mut self, limit: Duration) -> Result<Ended> {
        let mut ended = Ended { asked: Vec::new(), variables: BTreeMap::new() };
        let to_the_end = async {
            while let Some(line) = self.is_asked(limit).await? {
                if let Some((name, value)) = variable(&line) {
                    ended.variables.insert(name, value);
                }
                self.does(&line).await?;
                ended.asked.push(line);
            }
            anyhow::Ok(())
        };
        let done = timeout(limit, to_the_end).await;
        done.with_context(|| format!("the session goes on after {limit:?}: {ended:?}"))??;
        Ok(ended)
    }

    /// As Asterisk does it to a caller who is answered and presses no key.
    async fn does(&mut self, line: &str) -> Result<()> {
        let reply = match line.split(' ').next().unwrap_or_default() {
            "SET" if line.starts_with("SET VARIABLE") => "200 result=1",
            "CHANNEL" => "200 result=6",
            "STREAM" => {
                sleep(SOUND).await;
                "200 result=0 endpos=800"
            }
            "WAIT" => {
                let how_long = line.rsplit(' ').next().and_then(|text| text.parse().ok());
                sleep(ms(how_long.context("how long is waited?")?)).await;
                "200 result=0"
            }
            _ => "200 result=0",
        };
        self.says(format!("{reply}\n").as_bytes()).await
    }
}

/// Of `SET VARIABLE "NAME" "VALUE"`.
fn variable(line: &str) -> Option<(String, String)> {
    let (name, value) = line.strip_prefix("SET VARIABLE \"")?.split_once("\" \"")?;
    let value = value.strip_suffix('"')?.replace("\\\"", "\"").replace("\\\\", "\\");
    Some((name.to_owned(), value))
}
