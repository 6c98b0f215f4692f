//! What telephones said and were told, in the words of SIP, while it grows. SIPp's log is read by `sipp.rs`; of the
//! stand-in's telephones `toy.rs` writes down what they would have.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::sync::watch;

use crate::time::Moment;

/// One SIP message at a telephone.
#[derive(Clone, Debug)]
pub struct Message {
    pub at: Moment,
    pub sent: bool,
    text: String,
}

impl Message {
    /// A message as it stands on the wire.
    pub fn new(at: Moment, sent: bool, text: String) -> Self {
        Self { at, sent, text }
    }

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

/// Everything that the telephones of one side saw, growing.
#[derive(Clone)]
pub struct Wire {
    dialogs: Arc<Mutex<Dialogs>>,
    changed: watch::Receiver<u64>,
}

/// Writes down what goes over a wire.
pub struct Pen {
    dialogs: Arc<Mutex<Dialogs>>,
    tell: watch::Sender<u64>,
}

impl Wire {
    /// A wire over which nothing went yet.
    pub fn new() -> (Self, Pen) {
        let (tell, changed) = watch::channel(0);
        let dialogs = Arc::new(Mutex::new(Dialogs::default()));
        (Self { dialogs: Arc::clone(&dialogs), changed }, Pen { dialogs, tell })
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
            Ok(None) => bail!("nobody tells any more what the telephones see"),
            Err(_elapsed) => bail!("not within {limit:?}: {what}"),
        }
    }
}

impl Pen {
    /// Writes these down, in their order.
    pub fn write(&self, messages: impl IntoIterator<Item = Message>) {
        let mut dialogs = self.dialogs.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        messages.into_iter().for_each(|message| file(&mut dialogs, message));
        drop(dialogs);
        self.tell.send_modify(|n| *n += 1);
    }

    /// Whether nobody reads any more.
    pub fn is_idle(&self) -> bool {
        self.tell.is_closed()
    }
}

fn file(dialogs: &mut Dialogs, message: Message) {
    let Some(call_id) = message.header("Call-ID").map(str::to_owned) else { return };
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
