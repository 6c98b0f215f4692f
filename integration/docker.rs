//! The docker command, called plainly: what a person would type.

use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Runs `docker ARGS` and gives its output; a failure tells what docker said.
pub fn docker<S: AsRef<str>>(args: &[S]) -> Result<String> {
    let args: Vec<&str> = args.iter().map(AsRef::as_ref).collect();
    let out = Command::new("docker").args(&args).stdin(Stdio::null()).output().context("docker cannot be run")?;
    if !out.status.success() {
        bail!("docker {}: {}", args.join(" "), String::from_utf8_lossy(&out.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned())
}

/// Runs `docker ARGS` with `input` on its standard input and gives all that it says; a failure tells that, too.
pub fn docker_with<S: AsRef<str>>(args: &[S], input: &str) -> Result<String> {
    let args: Vec<&str> = args.iter().map(AsRef::as_ref).collect();
    let (read, mut write) = std::io::pipe()?;
    let mut command = Command::new("docker");
    command.args(&args).stdin(read).stdout(Stdio::piped()).stderr(Stdio::piped());
    let running = command.spawn().context("docker cannot be run")?;
    // Our copy of the end that docker reads.
    drop(command);
    write.write_all(input.as_bytes())?;
    drop(write);
    let out = running.wait_with_output()?;
    let said = String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).trim().to_owned();
    if out.status.success() { Ok(said) } else { bail!("docker {}: {said}", args.join(" ")) }
}

/// Runs `docker ARGS` for its effect where failing means that there was nothing to do.
pub fn docker_quietly<S: AsRef<str>>(args: &[S]) {
    let args: Vec<&str> = args.iter().map(AsRef::as_ref).collect();
    drop(Command::new("docker").args(&args).stdin(Stdio::null()).output());
}

/// A docker network of our own, removed when dropped.
pub struct Network {
    pub name: String,
    prefix: String,
}

impl Network {
    /// Takes the first free /24 of 172.30.0.0/15, beginning somewhere that depends on the run, so that runs do not collide.
    pub fn new(name: &str, label: &str) -> Result<Self> {
        let start = std::process::id() as usize;
        for step in 0..512 {
            let n = (start + step) % 512;
            let prefix = format!("172.{}.{}", 30 + n / 256, n % 256);
            let subnet = format!("{prefix}.0/24");
            let gateway = format!("{prefix}.1");
            let made =
                docker(&["network", "create", "--label", label, "--subnet", &subnet, "--gateway", &gateway, name]);
            match made {
                Ok(_) => return Ok(Self { name: name.to_owned(), prefix }),
                Err(error) if format!("{error}").contains("overlap") => {}
                Err(error) => return Err(error),
            }
        }
        bail!("no free network in 172.30.0.0/15")
    }

    /// The address ending in `.n`.
    pub fn address(&self, n: u8) -> String {
        format!("{}.{n}", self.prefix)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        docker_quietly(&["network", "rm", &self.name]);
    }
}

/// A container that is removed when dropped.
pub struct Container {
    pub name: String,
}

impl Container {
    /// `docker run -d` with a name, our label and `args` (options, image, command).
    pub fn run(name: &str, label: &str, args: &[String]) -> Result<Self> {
        let mut all: Vec<String> = ["run", "-d", "--name", name, "--label", label].map(str::to_owned).to_vec();
        all.extend_from_slice(args);
        docker(&all)?;
        Ok(Self { name: name.to_owned() })
    }

    /// `docker exec`.
    pub fn exec(&self, command: &[&str]) -> Result<String> {
        let mut all = vec!["exec", &self.name];
        all.extend_from_slice(command);
        docker(&all)
    }

    /// What the container has written.
    pub fn logs(&self) -> String {
        let out = Command::new("docker").args(["logs", &self.name]).output();
        out.map(|out| [out.stdout, out.stderr].concat())
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        docker_quietly(&["rm", "-f", "-v", &self.name]);
    }
}
