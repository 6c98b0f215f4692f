//! What went over the wire, read from SIPp's message log while it grows.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::sync::watch;

use crate::time::{Moment, ms};

/// One SIP message at one of SIPp's sockets.
#[derive(Clone, Debug)]
pub struct Message {
    pub at: Moment,
    pub sent: bool,
    text: String,
}

impl Message {
    /// `INVITE sip:op1@... SIP/2.0` or `SIP/2.0 200 OK`.
    pub fn start(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }

    /// The method of a request.
    pub fn method(&self) -> Option<&str> {
        let word = self.start().split(' ').next()?;
        (!word.starts_with("SIP/")).then_some(word)
    }

    /// The status of a response and the method it answers.
    pub fn status(&self) -> Option<(u16, &str)> {
        let code = self.start().strip_prefix("SIP/2.0 ")?.split(' ').next()?.parse().ok()?;
        let method = self.header("CSeq")?.split(' ').nth(1)?;
        Some((code, method))
    }

    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.text.lines().skip(1).take_while(|line| !line.trim().is_empty()).find_map(|line| value_of(line, name))
    }

    /// All headers of that name.
    pub fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let head = self.text.lines().skip(1).take_while(|line| !line.trim().is_empty());
        head.filter_map(move |line| value_of(line, name))
    }

    /// Where the sender of this message wants to hear: address and port of the SDP.
    pub fn ear(&self) -> Option<(String, u16)> {
        let address = self.text.lines().find_map(|line| line.strip_prefix("c=IN IP4 "))?.trim().to_owned();
        let audio = self.text.lines().find_map(|line| line.strip_prefix("m=audio "))?;
        Some((address, audio.split(' ').next()?.parse().ok()?))
    }

    fn user(&self) -> Option<&str> {
        self.start().split(' ').nth(1)?.strip_prefix("sip:")?.split('@').next()
    }
}

fn value_of<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (key, value) = line.split_once(':')?;
    key.eq_ignore_ascii_case(name).then(|| value.trim())
}

/// All messages with one Call-ID, in order.
#[derive(Clone, Debug)]
pub struct Dialog {
    pub call_id: String,
    /// Who was called: the user of the INVITE's request URI.
    pub user: String,
    pub messages: Vec<Message>,
}

impl Dialog {
    /// When its INVITE was seen.
    pub fn begun(&self) -> Moment {
        self.messages.first().map_or(Moment(0), |m| m.at)
    }

    /// The first message that is so.
    pub fn first(&self, is: impl Fn(&Message) -> bool) -> Option<&Message> {
        self.messages.iter().find(|m| is(m))
    }

    /// When a request was first received.
    pub fn received(&self, method: &str) -> Option<&Message> {
        self.first(|m| !m.sent && m.method() == Some(method))
    }

    /// When a request was first sent.
    pub fn sent(&self, method: &str) -> Option<&Message> {
        self.first(|m| m.sent && m.method() == Some(method))
    }

    /// The first response to the INVITE with a status in that range.
    pub fn response(&self, range: std::ops::RangeInclusive<u16>) -> Option<&Message> {
        self.first(|m| m.status().is_some_and(|(code, method)| method == "INVITE" && range.contains(&code)))
    }

    /// When the dialog ended on the wire: a refusal, a CANCEL that was not too late, a BYE.
    pub fn over(&self) -> Option<Moment> {
        let answered = self.response(200..=299).is_some();
        let cancel = self.received("CANCEL").filter(|_| !answered);
        let ends = [cancel, self.response(300..=699), self.received("BYE"), self.sent("BYE")];
        ends.into_iter().flatten().map(|m| m.at).min()
    }

    /// The dialog is over on the wire.
    pub fn is_over(&self) -> bool {
        self.over().is_some()
    }
}

/// All dialogs in the order of their beginning, and where each is.
#[derive(Default)]
struct Dialogs {
    all: Vec<Arc<Dialog>>,
    place: BTreeMap<String, usize>,
}

/// Everything one SIPp has seen, growing.
#[derive(Clone)]
pub struct Wire {
    dialogs: Arc<Mutex<Dialogs>>,
    changed: watch::Receiver<u64>,
}

impl Wire {
    /// Follows SIPp's message log until the process ends.
    pub fn follow(log: &Path) -> Result<Self> {
        let file = File::open(log)?;
        let (tell, changed) = watch::channel(0);
        let dialogs = Arc::new(Mutex::new(Dialogs::default()));
        tokio::spawn(follow(file, Arc::clone(&dialogs), tell));
        Ok(Self { dialogs, changed })
    }

    fn lock(&self) -> MutexGuard<'_, Dialogs> {
        // A panic elsewhere has already failed the run.
        self.dialogs.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The dialog with that Call-ID.
    pub fn dialog(&self, call_id: &str) -> Option<Arc<Dialog>> {
        let dialogs = self.lock();
        dialogs.place.get(call_id).and_then(|place| dialogs.all.get(*place)).cloned()
    }

    /// All dialogs that began since then, in order of their beginning.
    pub fn since(&self, moment: Moment) -> Vec<Arc<Dialog>> {
        let dialogs = self.lock();
        let from = dialogs.all.partition_point(|d| d.begun() < moment);
        dialogs.all.get(from..).unwrap_or_default().to_vec()
    }

    /// The dialogs after the first `seen`.
    pub fn after(&self, seen: usize) -> Vec<Arc<Dialog>> {
        self.lock().all.get(seen..).unwrap_or_default().to_vec()
    }

    /// How many dialogs there were.
    pub fn count(&self) -> usize {
        self.lock().all.len()
    }

    /// Waits until something more was seen, or so long.
    pub async fn more(&self, limit: Duration) {
        let mut changed = self.changed.clone();
        changed.mark_unchanged();
        drop(tokio::time::timeout(limit, changed.changed()).await);
    }

    /// Waits until `look` finds something; `what` is told when it does not.
    pub async fn until<T>(&self, limit: Duration, what: &str, mut look: impl FnMut(&Self) -> Option<T>) -> Result<T> {
        let mut changed = self.changed.clone();
        let search = async {
            loop {
                if let Some(found) = look(self) {
                    return Some(found);
                }
                changed.changed().await.ok()?;
            }
        };
        match tokio::time::timeout(limit, search).await {
            Ok(Some(found)) => Ok(found),
            Ok(None) => bail!("SIPp's log is no longer read"),
            Err(_elapsed) => bail!("not within {limit:?}: {what}"),
        }
    }
}

async fn follow(mut file: File, dialogs: Arc<Mutex<Dialogs>>, tell: watch::Sender<u64>) {
    let mut text = Vec::new();
    loop {
        if file.read_to_end(&mut text).unwrap_or(0) > 0 {
            let mut dialogs = dialogs.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            while let Some((message, end)) = next_message(&text) {
                text.drain(..end);
                file_message(&mut dialogs, message);
            }
            drop(dialogs);
            tell.send_modify(|n| *n += 1);
        }
        if tell.is_closed() {
            return;
        }
        tokio::time::sleep(ms(2)).await;
    }
}

fn file_message(dialogs: &mut Dialogs, message: Message) {
    let Some(call_id) = message.header("Call-ID").map(str::to_owned) else { return };
    if message.header("User-Agent") == Some("stage") {
        // How the test steers SIPp is no part of what happened.
        return;
    }
    let known = dialogs.place.get(&call_id).copied().and_then(|place| dialogs.all.get_mut(place));
    if let Some(dialog) = known {
        Arc::make_mut(dialog).messages.push(message);
    } else if message.method() == Some("INVITE") {
        // OPTIONS and the like are not calls.
        let user = message.user().unwrap_or_default().to_owned();
        dialogs.place.insert(call_id.clone(), dialogs.all.len());
        dialogs.all.push(Arc::new(Dialog { call_id, user, messages: vec![message] }));
    }
}

/// The first whole record of the log and where it ends:
///
/// ```text
/// ----------------------------------------------- 2026-11-22T21:04:59.583268Z
/// UDP message received [283] bytes:
///
/// INVITE ...
/// ```
fn next_message(log: &[u8]) -> Option<(Message, usize)> {
    const RULE: &[u8] = b"----------------------------------------------- ";
    let mut from = 0;
    loop {
        let rule = from + log.get(from..)?.windows(RULE.len()).position(|w| w == RULE)?;
        let body = rule + log.get(rule..)?.windows(2).position(|w| w == b"\n\n")? + 2;
        let head = String::from_utf8_lossy(log.get(rule + RULE.len()..body)?).into_owned();
        let mut lines = head.lines();
        let at = lines.next().and_then(|stamp| Moment::parse(stamp.trim()));
        let what = lines.next().unwrap_or_default();
        let size = what.split(['[', ']']).nth(1).and_then(|n| n.parse::<usize>().ok());
        if let (Some(at), Some(size)) = (at, size) {
            let text = String::from_utf8_lossy(log.get(body..body + size)?).into_owned();
            return Some((Message { at, sent: what.contains("sent"), text }, body + size));
        }
        from = body;
    }
}
