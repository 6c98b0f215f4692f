//! A real Asterisk and the two SIPps around it, in docker on a network of their own.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::ari::{Ari, PASSWORD};
use crate::docker::{Container, Network, docker};
use crate::sipp::Sipp;
use crate::time::{ms, secs};

/// A folder of the room that Asterisk sees too.
pub const SHARED: &str = "shared";

/// Where Asterisk records.
const RECORDINGS: &str = "/var/spool/asterisk/recording";

/// The containers and their network. Fields are dropped in this order: machines before the network.
pub struct Machines {
    pub asterisk: Container,
    _sipp: [Container; 2],
    network: Network,
}

impl Machines {
    /// Starts an Asterisk of that release with so many phones; everything docker makes carries `label`.
    pub async fn start(room: &Path, release: u8, phones: usize, label: &str) -> Result<(Self, Ari, Sipp)> {
        let run = format!("sentral-it-{}-{release}", std::process::id());
        let network = Network::new(&run, label)?;
        let (asterisk_at, callers_at, phones_at) = (network.address(2), network.address(3), network.address(4));
        let media_at = network.address(1);
        configure(room, phones, &phones_at)?;

        let asterisk =
            Container::run(&format!("{run}-asterisk"), label, &asterisk(&network, room, release, &callers_at)?)?;
        let route = ["-rsa", &format!("{asterisk_at}:5060")];
        let sipp = [
            Container::run(&format!("{run}-callers"), label, &sipp(&network, 3, room, "caller", &route))?,
            Container::run(&format!("{run}-phones"), label, &sipp(&network, 4, room, "phone", &[]))?,
        ];
        let logs = ["caller", "phone"].map(|role| room.join("log").join(format!("{role}.log")));
        for log in &logs {
            until_exists(log, secs(10))
                .await
                .with_context(|| format!("SIPp: {} {}", sipp[0].logs(), sipp[1].logs()))?;
        }
        let ari = Ari::new(format!("{asterisk_at}:8088"))?;
        ari.until_booted(secs(20)).await.with_context(|| asterisk.logs())?;
        let telephones = Sipp::new((&logs[0], callers_at), (&logs[1], phones_at), media_at)?;
        Ok((Self { asterisk, _sipp: sipp, network }, ari, telephones))
    }

    /// This machine's address in their network.
    pub fn host(&self) -> String {
        self.network.address(1)
    }

    /// Asterisk's address there.
    pub fn asterisk_at(&self) -> String {
        self.network.address(2)
    }

    /// And that of all phones.
    pub fn phones_at(&self) -> String {
        self.network.address(4)
    }

    /// Asterisk is killed and starts again, at the same address.
    pub fn asterisk_restarts(&self) -> Result<()> {
        docker(&["kill", &self.asterisk.name])?;
        docker(&["start", &self.asterisk.name])?;
        Ok(())
    }

    /// There is no room for recordings, or there is again.
    pub fn disk_is_full(&self, full: bool) -> Result<()> {
        let command = if full {
            format!("dd if=/dev/zero of={RECORDINGS}/filler bs=4k; true")
        } else {
            format!("rm -f {RECORDINGS}/filler")
        };
        self.asterisk.exec(&["sh", "-c", &command]).map(drop)
    }

    /// What Asterisk warned of and complained about.
    pub fn complaints(&self) -> Vec<String> {
        let log = self.asterisk.logs();
        log.lines().filter(|l| l.contains("WARNING[") || l.contains("ERROR[")).map(str::to_owned).collect()
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
    fs::create_dir_all(room.join(SHARED))?;
    fs::create_dir_all(room.join("log"))?;
    let sipp = room.join("sipp");
    fs::create_dir_all(&sipp)?;
    fs::write(sipp.join("caller.xml"), include_str!("sipp/caller.xml"))?;
    fs::write(sipp.join("phone.xml"), include_str!("sipp/phone.xml"))?;
    // The containers read these as other users.
    let open = std::process::Command::new("chmod").args(["-R", "a+rX"]).arg(room).status()?;
    if open.success() { Ok(()) } else { bail!("chmod: {open}") }
}

fn asterisk(network: &Network, room: &Path, release: u8, callers_at: &str) -> Result<Vec<String>> {
    let image = std::env::var("ASTERISK_IMAGE").unwrap_or_else(|_| format!("sentral-asterisk:{release}"));
    let mut args = placed(network, 2);
    for setting in [
        format!("ASTERISK_ARI_PASSWORD={PASSWORD}"),
        format!("TRUNK_ADDRESS={callers_at}"),
        "RTP_PORTS=10000-14999".to_owned(),
    ] {
        args.extend(["-e".to_owned(), setting]);
    }
    // By the same path as here: what Sentral writes there is to be played.
    let shared = room.join(SHARED).display().to_string();
    args.extend(["-v".to_owned(), format!("{shared}:{shared}:ro")]);
    // Music is read fifty times a second for each who waits, and a container's own files may be slow to read: some drivers of
    // docker ask a process for each piece.
    let (music, notes) = ("/usr/share/asterisk/moh-sentral", room.join("music"));
    let image_alone = docker(&["create", &image])?;
    let copied = docker(&["cp", &format!("{image_alone}:{music}"), &notes.display().to_string()]);
    docker(&["rm", &image_alone])?;
    copied?;
    args.extend(["-v".to_owned(), format!("{}:{music}:ro", notes.display())]);
    for dir in ["pjsip.d", "extensions.d", "queues.d"] {
        args.extend(["-v".to_owned(), format!("{}:/etc/asterisk/{dir}:ro", room.join(dir).display())]);
    }
    // Small, so that it can be filled. Docker gives it the mode of the image's own folder, and not its owner.
    let owner = |what| docker(&["run", "--rm", "--entrypoint", "id", &image, what]);
    let (user, group) = (owner("-u")?, owner("-g")?);
    args.extend(["--tmpfs".to_owned(), format!("{RECORDINGS}:size=4m,uid={user},gid={group}")]);
    args.push(image);
    Ok(args)
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
