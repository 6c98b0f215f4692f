//! Messages as files: one with the sound, one with what is known of it, written so that there is never half of one.
//!
//! | file | what |
//! | --- | --- |
//! | `ID.wav` | what was said |
//! | `ID.json` | what is known of it; a message is there when this is |
//! | `ID.note` | of a message that is being recorded or fetched: whose it will be |
//! | `ID.part` | a file that is being written |

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tracing::warn;

use super::{
    Options, disk,
    sound::{Sound, judge},
};
use crate::{
    domain::{CallId, MessageId, Name, NodeId, RecordingId, Time},
    engine::message::{About, Address, Fate, Lost},
};

/// What is known of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// The box that it is in.
    #[serde(rename = "box")]
    pub mailbox: String,
    /// The number that was called, as the plan wrote it.
    pub number: String,
    /// The caller's number; none when he withheld it.
    pub caller: Option<Arc<str>>,
    /// The caller's name.
    pub caller_name: Option<Arc<str>>,
    /// His call.
    pub call: String,
    /// When it was begun: `2026-11-25T17:37:38Z`.
    pub begun: String,
    /// How long it is, in seconds.
    pub seconds: f64,
    /// How large its sound is.
    pub bytes: u64,
}

/// A note about a message that is not here yet: whose it is, and the name of the Asterisk that has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Note {
    pub(super) node: String,
    /// Who is to be told.
    pub(super) notify: Option<Address>,
    #[serde(flatten)]
    pub(super) message: Message,
}

/// The folder, and what is in it.
#[derive(Debug)]
pub struct Shelf {
    options: Options,
    messages: Mutex<BTreeMap<MessageId, Arc<Message>>>,
}

impl Shelf {
    /// Looks what is in the folder. One that is not there is made with the first message.
    pub fn open(options: Options) -> Self {
        let shelf = Self { options, messages: Mutex::default() };
        for path in shelf.files("json") {
            match read::<Message>(&path).filter(|message| path.file_stem() == Some(message.id.to_string().as_ref())) {
                Some(message) if shelf.path(message.id, "wav").is_file() => {
                    shelf.lock().insert(message.id, Arc::new(message));
                }
                Some(_) => warn!(file = %path.display(), "a message without its sound is left out"),
                None => warn!(file = %path.display(), "this is no message that can be read; it is left out"),
            }
        }
        for path in shelf.files("part") {
            drop(fs::remove_file(path));
        }
        shelf
    }

    /// The newest first, of one box or of all.
    pub fn list(&self, mailbox: Option<&str>, most: usize) -> Vec<Arc<Message>> {
        let messages = self.lock();
        let wanted = messages.values().rev().filter(|message| mailbox.is_none_or(|name| message.mailbox == name));
        wanted.take(most).cloned().collect()
    }

    /// One message.
    pub fn find(&self, id: MessageId) -> Option<Arc<Message>> {
        self.lock().get(&id).cloned()
    }

    /// Whether the message of a recording is here.
    pub(super) fn has(&self, recording: RecordingId) -> bool {
        self.lock().keys().any(|id| id.recording() == recording)
    }

    /// Where its sound is.
    pub fn sound(&self, id: MessageId) -> Option<PathBuf> {
        self.lock().contains_key(&id).then(|| self.path(id, "wav"))
    }

    /// Deletes a message; false when there is none. What cannot be deleted is left out all the same, and told.
    pub fn delete(&self, id: MessageId) -> bool {
        if self.lock().remove(&id).is_none() {
            return false;
        }
        // With the first it is none any more, whatever becomes of the second.
        for path in [self.path(id, "json"), self.path(id, "wav")] {
            if let Err(error) = fs::remove_file(&path) {
                warn!(file = %path.display(), %error, "a message's file cannot be deleted");
            }
        }
        true
    }

    /// How many there are, and the room that they take.
    pub(super) fn size(&self) -> (usize, u64) {
        let messages = self.lock();
        (messages.len(), messages.values().map(|message| message.bytes).sum())
    }

    /// Whether there is room for one more in a box.
    pub(super) fn has_room(&self, mailbox: &str) -> bool {
        let messages = self.lock();
        let in_box = messages.values().filter(|message| message.mailbox == mailbox).count();
        let bytes: u64 = messages.values().map(|message| message.bytes).sum();
        in_box < self.options.messages && bytes < self.options.bytes
    }

    /// Deletes what is older than messages are kept.
    pub(super) fn sweep(&self, now: Time) {
        let oldest = now - self.options.keep;
        let old: Vec<MessageId> = self.lock().keys().copied().take_while(|id| id.begun() < oldest).collect();
        for id in old {
            self.delete(id);
        }
    }

    /// Writes down whose a message will be.
    pub(super) fn note(&self, about: &About, node: &str) -> Result<(), Lost> {
        if !self.has_room(&about.mailbox) {
            return Err(Lost::Full);
        }
        let note =
            Note { node: node.to_owned(), notify: about.notify.clone(), message: message(about, Duration::ZERO, 0) };
        self.write(about.id, "note", &json(&note)).map_err(|error| self.not_written(&error))
    }

    /// The message came to nothing, or is here.
    pub(super) fn forget(&self, id: MessageId) {
        // Most often there is one; when there is none, all is well, too.
        drop(fs::remove_file(self.path(id, "note")));
    }

    /// What is to be fetched from this node.
    pub(super) fn notes(&self, node: &str) -> Vec<Note> {
        let notes = self.files("note").into_iter().filter_map(|path| read::<Note>(&path));
        notes.filter(|note| note.node == node).collect()
    }

    /// Keeps what Asterisk recorded, if something is said in it. It waits for the disk.
    pub fn keep(&self, about: &About, recorded: Vec<u8>) -> Fate {
        let (wav, lasts) = match judge(recorded) {
            Sound::Empty => return Fate::Lost(Lost::Empty),
            Sound::Nothing => return Fate::Nothing,
            Sound::Said { wav, lasts } => (wav, lasts),
        };
        if !self.has_room(&about.mailbox) {
            return Fate::Lost(Lost::Full);
        }
        let message = message(about, lasts, wav.len() as u64);
        let written = self.write(about.id, "wav", &wav).and_then(|()| self.write(about.id, "json", &json(&message)));
        if let Err(error) = written {
            // With the first it is none any more. Either may be in its place though its folder could not be told so.
            for ending in ["json", "wav"] {
                drop(fs::remove_file(self.path(about.id, ending)));
            }
            return Fate::Lost(self.not_written(&error));
        }
        self.lock().insert(about.id, Arc::new(message));
        Fate::Kept(lasts)
    }

    fn write(&self, id: MessageId, ending: &str, bytes: &[u8]) -> io::Result<()> {
        disk::put(&self.path(id, ending), bytes)
    }

    fn not_written(&self, error: &io::Error) -> Lost {
        warn!(folder = %self.options.folder.display(), %error, "a message cannot be written");
        Lost::NotWritten
    }

    fn path(&self, id: MessageId, ending: &str) -> PathBuf {
        self.options.folder.join(format!("{id}.{ending}"))
    }

    fn files(&self, ending: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.options.folder).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        files.retain(|path| path.extension().is_some_and(|is| is == ending));
        files.sort();
        files
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<MessageId, Arc<Message>>> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Note {
    /// What an engine would say of it that records it at this node.
    pub(super) fn about(&self, node: NodeId) -> About {
        let message = &self.message;
        let nobodys = CallId { boot: message.id.recording().boot, number: 0 };
        About {
            id: message.id,
            node,
            mailbox: Name::new(&message.mailbox),
            number: message.number.clone(),
            caller: message.caller.clone(),
            caller_name: message.caller_name.clone(),
            call: CallId::parse(&message.call).unwrap_or(nobodys),
            notify: self.notify.clone(),
        }
    }
}

fn message(about: &About, lasts: Duration, bytes: u64) -> Message {
    Message {
        id: about.id,
        mailbox: about.mailbox.to_string(),
        number: about.number.clone(),
        caller: about.caller.clone(),
        caller_name: about.caller_name.clone(),
        call: about.call.to_string(),
        begun: about.id.begun_written(),
        seconds: lasts.as_secs_f64(),
        bytes,
    }
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::{super::sound::wav, *};

    const NOW: Time = Time::from_secs(1_795_628_258);

    fn about(number: u64, mailbox: &str) -> About {
        let recording = RecordingId { boot: 0xbeef, number };
        About {
            id: MessageId::new(NOW + Duration::from_secs(number), recording),
            node: NodeId(0),
            mailbox: Name::new(mailbox),
            number: "+47 800 12 345".into(),
            caller: Some("+4790000001".into()),
            caller_name: None,
            call: CallId { boot: 0xbeef, number: 1 },
            notify: Some(Address { host: "desk".into(), url: "https://desk/".into() }),
        }
    }

    fn options(folder: &Path) -> Options {
        let keep = Duration::from_secs(30 * 24 * 3_600);
        Options { folder: folder.join("voicemail"), keep, messages: 2, bytes: 100_000 }
    }

    fn said() -> Vec<u8> {
        wav(&[3_000; 16_000])
    }

    #[test]
    fn what_is_kept_is_found_again_by_the_next_life() {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = Shelf::open(options(folder.path()));
        assert!(!folder.path().join("voicemail").exists(), "no folder is made before there is a message");
        let about = about(1, "sales");
        assert_eq!(shelf.note(&about, "pbx"), Ok(()));
        let notes: Vec<About> = shelf.notes("pbx").iter().map(|note| note.about(NodeId(0))).collect();
        assert_eq!(notes, std::slice::from_ref(&about));
        assert!(shelf.notes("other").is_empty());
        assert_eq!(shelf.keep(&about, said()), Fate::Kept(Duration::from_secs(2)));
        shelf.forget(about.id);
        assert!(shelf.notes("pbx").is_empty());

        let next = Shelf::open(options(folder.path()));
        let listed = next.list(Some("sales"), 10);
        assert_eq!(listed, shelf.list(None, 10));
        assert_eq!((listed[0].seconds, listed[0].bytes, &*listed[0].begun), (2.0, 32_044, "2026-11-25T17:37:39Z"));
        assert_eq!(fs::read(next.sound(about.id).expect("a sound")).ok(), Some(said()));
        assert!(next.list(Some("other"), 10).is_empty());
    }

    #[test]
    fn what_is_deleted_is_gone_and_the_newest_comes_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = Shelf::open(options(folder.path()));
        let (one, two) = (about(1, "sales"), about(2, "sales"));
        shelf.keep(&one, said());
        shelf.keep(&two, said());
        assert_eq!(shelf.list(None, 10).iter().map(|message| message.id).collect::<Vec<_>>(), [two.id, one.id]);
        assert_eq!(shelf.list(None, 1).len(), 1);
        assert!(shelf.delete(two.id) && !shelf.delete(two.id));
        assert_eq!(shelf.list(None, 10).len(), 1);
        assert_eq!(fs::read_dir(folder.path().join("voicemail")).expect("a folder").count(), 2);
    }

    #[test]
    fn a_full_box_takes_no_more_and_another_one_does() {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = Shelf::open(options(folder.path()));
        for number in 1..=2 {
            assert_eq!(shelf.keep(&about(number, "sales"), said()), Fate::Kept(Duration::from_secs(2)));
        }
        assert_eq!(shelf.keep(&about(3, "sales"), said()), Fate::Lost(Lost::Full));
        assert_eq!(shelf.note(&about(3, "sales"), "pbx"), Err(Lost::Full));
        assert_eq!(shelf.note(&about(3, "support"), "pbx"), Ok(()));
        let all = Options { bytes: 64_088, ..options(folder.path()) };
        assert_eq!(Shelf::open(all).keep(&about(3, "support"), said()), Fate::Lost(Lost::Full), "no room for any");
    }

    #[test]
    fn silence_is_not_kept_and_an_empty_file_is_asterisks_full_disk() {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = Shelf::open(options(folder.path()));
        assert_eq!(shelf.keep(&about(1, "sales"), wav(&[0; 16_000])), Fate::Nothing);
        assert_eq!(shelf.keep(&about(1, "sales"), Vec::new()), Fate::Lost(Lost::Empty));
        assert_eq!(shelf.size(), (0, 0));
    }

    #[test]
    fn old_messages_are_swept_away() {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = Shelf::open(options(folder.path()));
        shelf.keep(&about(1, "sales"), said());
        shelf.keep(&about(3_600, "sales"), said());
        shelf.sweep(NOW + Duration::from_secs(30 * 24 * 3_600 + 60));
        assert_eq!(
            shelf.list(None, 10).iter().map(|message| message.id).collect::<Vec<_>>(),
            [about(3_600, "sales").id]
        );
    }

    #[test]
    fn what_cannot_be_read_is_left_out_and_what_was_half_written_is_cleared_away() {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = Shelf::open(options(folder.path()));
        let (good, silent) = (about(1, "sales"), about(2, "sales"));
        shelf.keep(&good, said());
        shelf.keep(&silent, said());
        let inside = folder.path().join("voicemail");
        fs::remove_file(inside.join(format!("{}.wav", silent.id))).expect("deleted");
        fs::write(inside.join("20261125T173738Z-0000beef-9.json"), "{").expect("written");
        fs::write(inside.join("20261125T173738Z-0000beef-9.part"), "RIFF").expect("written");
        let next = Shelf::open(options(folder.path()));
        assert_eq!(next.list(None, 10).iter().map(|message| message.id).collect::<Vec<_>>(), [good.id]);
        assert!(!inside.join("20261125T173738Z-0000beef-9.part").exists());
    }

    #[test]
    fn where_nothing_can_be_written_nothing_is_left() {
        let folder = tempfile::tempdir().expect("a folder");
        // A file stands where the folder should be.
        fs::write(folder.path().join("voicemail"), "").expect("written");
        let shelf = Shelf::open(options(folder.path()));
        assert_eq!(shelf.note(&about(1, "sales"), "pbx"), Err(Lost::NotWritten));
        assert_eq!(shelf.keep(&about(1, "sales"), said()), Fate::Lost(Lost::NotWritten));
        assert_eq!(shelf.size(), (0, 0));
    }
}
