//! A plan and its prompts, read together.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tracing::info;

use super::{
    Options, PATH, SAY, Shelf, Way,
    cache::Cache,
    file,
    maker::Maker,
    tone,
    voices::{self, Voices},
    wav::Wav,
};
use crate::{
    dialplan::{self, Checked, Prompts, on_trust, toned},
    domain::{Language, Prompt, Tone},
    yaml::{Faults, Read, Wrong, quoted},
};

/// The most prompts of one plan.
const MOST: usize = 5_000;

/// The most bytes of them all: half an hour takes 30 MiB.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// Reads plans and makes their prompts.
#[derive(Debug)]
pub struct Library {
    way: Way,
    shelf: Shelf,
    inside: Mutex<Inside>,
}

#[derive(Debug)]
struct Inside {
    maker: Maker,
    /// Files beside the plan that was read last, whether they are there or not.
    files: BTreeSet<PathBuf>,
}

impl Library {
    /// One that makes prompts so.
    pub fn new(options: Options) -> Self {
        Self::on(Shelf::default(), options)
    }

    /// The same, with a shelf for what is served.
    pub(crate) fn on(shelf: Shelf, options: Options) -> Self {
        let Options { way, say, cache } = options;
        let maker = Maker::new(say, cache.map(Cache::new));
        Self { way, shelf, inside: Mutex::new(Inside { maker, files: BTreeSet::new() }) }
    }

    /// What Asterisk may fetch.
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// Reads a plan and makes its prompts, which takes its time: other programs are run.
    ///
    /// # Errors
    /// Every mistake in the plan; a prompt that cannot be made is one.
    pub fn load(&self, path: &Path) -> Result<Checked, Faults> {
        let mut inside = self.inside();
        let Inside { maker, files } = &mut *inside;
        self.shelf.tidy();
        let texts = voices::unsaid(path, maker);
        if texts > 0 {
            info!(texts, "texts of the plan are being said: that takes a while, and is done once");
        }
        let hand_over = |name: &str, wav: &Wav| hand_over(&self.way, &self.shelf, name, wav);
        let mut desk = Desk::new(path, maker, Some(&hand_over));
        if let Way::Unknown { why, remedy } = &self.way {
            desk.unsettled = Some(Wrong::new(why, remedy));
        }
        let checked = dialplan::load_with(path, &mut desk);
        *files = desk.files;
        maker.tidy();
        if texts > 0 && checked.is_ok() {
            info!(texts, "texts of the plan are said");
        }
        checked
    }

    /// The files beside the plan that was read last: when one of them changes, so does the plan.
    pub fn files(&self) -> Vec<PathBuf> {
        self.inside().files.iter().cloned().collect()
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        // A plan that was read badly leaves nothing behind that matters.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads a plan and looks at its prompts, without settings: files are there and can be played, texts can be said in
/// principle. Nothing is said and nothing is kept.
///
/// # Errors
/// Every mistake in the plan; a file that cannot be played is one.
pub fn check(path: &Path) -> Result<Checked, Faults> {
    looked_at(path).0
}

/// The files beside a plan that it is made of, whether they are there or not; of a plan with mistakes those that were seen.
pub fn files(path: &Path) -> BTreeSet<PathBuf> {
    looked_at(path).1
}

fn looked_at(path: &Path) -> (Result<Checked, Faults>, BTreeSet<PathBuf>) {
    let mut maker = Maker::new(default_say(), None);
    let mut desk = Desk::new(path, &mut maker, None);
    let checked = dialplan::load_with(path, &mut desk);
    (checked, desk.files)
}

/// As [`check`], and what is to say the texts is asked whether it speaks their languages, if it is what says them where settings
/// do not name another: any other program may take its time, or cost something. `say`: what says them, `None`: nobody knows.
///
/// # Errors
/// As [`check`]; a language that is not spoken is one.
pub fn check_with(path: &Path, say: Option<&[String]>) -> Result<Checked, Faults> {
    let say = say.map_or_else(default_say, <[String]>::to_vec);
    let voices = (say == default_say()).then(Voices::default);
    let mut maker = Maker::new(say, None);
    let mut desk = Desk::new(path, &mut maker, None);
    desk.voices = voices;
    dialplan::load_with(path, &mut desk)
}

fn default_say() -> Vec<String> {
    SAY.split(' ').map(str::to_owned).collect()
}

/// Hands a sound over to Asterisk: what it is asked to play then.
type HandOver<'a> = &'a dyn Fn(&str, &Wav) -> Read<Arc<Prompt>>;

fn hand_over(way: &Way, shelf: &Shelf, name: &str, wav: &Wav) -> Read<Arc<Prompt>> {
    let content = wav.name();
    let prompt = |uri: String| Arc::new(Prompt { name: name.into(), uri: uri.into(), length: Some(wav.length()) });
    match way {
        Way::Http(base) => {
            let prompt = prompt(format!("sound:{base}{PATH}{content}.wav"));
            shelf.put(&content, wav, &prompt);
            Ok(prompt)
        }
        Way::Folder(folder) => {
            let path = folder.join(&content);
            let file = path.with_extension("wav");
            let there = std::fs::metadata(&file).is_ok_and(|about| about.len() == wav.bytes().len() as u64);
            if !there {
                let written = std::fs::create_dir_all(folder).and_then(|()| file::write(&file, wav.bytes()));
                written.map_err(|error| {
                    let message = format!("{} cannot be given to Asterisk: {error}", quoted(name));
                    let remedy = format!("see that Sentral may write to `prompts.folder`, {}", folder.display());
                    Wrong::new(message, remedy)
                })?;
            }
            // Asterisk chooses the ending by itself.
            Ok(prompt(format!("sound:{}", path.display())))
        }
        // It has been told already.
        Way::Unknown { .. } => Ok(on_trust(name)),
    }
}

/// The prompts of one plan while it is read.
struct Desk<'a> {
    folder: PathBuf,
    maker: &'a mut Maker,
    /// `None`: nothing is said and nothing handed over.
    hand_over: Option<HandOver<'a>>,
    /// Each is made once, however often the plan names it. With its language it is a text.
    made: BTreeMap<(Option<String>, String), Read<Arc<Prompt>>>,
    bytes: usize,
    files: BTreeSet<PathBuf>,
    /// What tells the content of each file from another.
    contents: BTreeMap<String, String>,
    /// Which languages are spoken, where that is asked.
    voices: Option<Voices>,
    /// Why none of them can be played, until it has been told.
    unsettled: Option<Wrong>,
}

impl<'a> Desk<'a> {
    fn new(plan: &Path, maker: &'a mut Maker, hand_over: Option<HandOver<'a>>) -> Self {
        let folder = plan.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Self {
            folder: folder.into(),
            maker,
            hand_over,
            made: BTreeMap::new(),
            bytes: 0,
            files: BTreeSet::new(),
            contents: BTreeMap::new(),
            voices: None,
            unsettled: None,
        }
    }

    fn once(
        &mut self,
        language: Option<&str>,
        name: &str,
        make: impl FnOnce(&mut Self) -> Read<Arc<Prompt>>,
    ) -> Read<Arc<Prompt>> {
        let key = (language.map(str::to_owned), name.to_owned());
        if let Some(made) = self.made.get(&key) {
            return made.clone();
        }
        if let Some(wrong) = self.unsettled.take() {
            return Err(wrong);
        }
        let made = if self.made.len() < MOST { make(self) } else { Err(too_many()) };
        self.made.insert(key, made.clone());
        made
    }

    fn handed_over(&mut self, name: &str, wav: &Wav) -> Read<Arc<Prompt>> {
        self.bytes += wav.bytes().len();
        if self.bytes > MOST_BYTES {
            return Err(too_many());
        }
        let Some(hand_over) = self.hand_over else {
            // Nobody plays it but a test of the plan, which calls it by its name.
            return Ok(Arc::new(Prompt { length: Some(wav.length()), ..Prompt::clone(&on_trust(name)) }));
        };
        hand_over(name, wav)
    }
}

fn too_many() -> Wrong {
    let message = format!("with this the plan has more than {MOST} prompts, or more than {} MiB", MOST_BYTES >> 20);
    Wrong::new(message, "take out what nobody listens to")
}

impl Prompts for Desk<'_> {
    fn file(&mut self, name: &str) -> Read<Arc<Prompt>> {
        self.files.insert(self.folder.join(name));
        self.once(None, name, |desk| {
            let wav = desk.maker.of_file(&desk.folder, name)?;
            desk.contents.insert(name.to_owned(), wav.name());
            desk.handed_over(name, &wav)
        })
    }

    fn has(&mut self, name: &str) -> bool {
        let path = self.folder.join(name);
        let there = path.exists();
        // When it comes, the plan is another one.
        self.files.insert(path);
        there
    }

    fn read_too(&mut self, name: &str) {
        self.files.insert(self.folder.join(name));
    }

    fn text(&mut self, text: &str, language: &Language) -> Read<Arc<Prompt>> {
        if self.hand_over.is_none() {
            let unspoken = self.voices.as_mut().and_then(|voices| voices.lacks(self.maker, language));
            return unspoken.map_or_else(|| Ok(on_trust(text)), Err);
        }
        self.once(Some(language.code()), text, |desk| {
            let wav = desk.maker.of_text(text, language.code())?;
            desk.handed_over(text, &wav)
        })
    }

    fn tone(&mut self, tone: &Tone) -> Read<Arc<Prompt>> {
        if self.hand_over.is_none() {
            return Ok(toned(tone));
        }
        self.once(None, &tone.name, |desk| desk.handed_over(&tone.name, &tone::made(tone)))
    }

    fn contents(&self) -> BTreeMap<String, String> {
        self.contents.clone()
    }
}
