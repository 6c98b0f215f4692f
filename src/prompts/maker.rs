//! Sounds made: of files by sox, of texts by whatever the settings name.

use std::{path::Path, time::Duration};

use super::{
    cache::Cache,
    file,
    tool::{Job, Trouble},
    wav::{self, Wav},
};
use crate::{
    dialplan::ending,
    yaml::{Read, Wrong, quoted},
};

/// How long sox may take for one prompt, and what makes speech for one text.
const PATIENCE: Duration = Duration::from_secs(30);

/// The most that may be made of a text before sox makes it smaller.
const MOST_SPEECH: usize = 64 * 1024 * 1024;

/// What is made is named by what it was made of and how. Counted up when it is made in another way.
const EDITION: &[u8] = b"1";

/// What sox calls the kinds of files that it calls otherwise than people do.
const KINDS: [(&str, &str); 3] = [("ulaw", "ul"), ("alaw", "al"), ("aif", "aiff")];

/// What sox is asked for: the samples of a telephone, without a head.
const TELEPHONE: [&str; 12] = ["-t", "raw", "-r", "8000", "-c", "1", "-b", "16", "-e", "signed-integer", "-L", "-"];

/// Makes sounds, and keeps what it made.
#[derive(Debug)]
pub(super) struct Maker {
    say: Vec<String>,
    cache: Option<Cache>,
}

impl Maker {
    pub(super) fn new(say: Vec<String>, cache: Option<Cache>) -> Self {
        Self { say, cache }
    }

    /// Of a file of a plan, by its path from the plan's folder.
    pub(super) fn of_file(&mut self, folder: &Path, name: &str) -> Read<Wav> {
        let found = file::read(folder, name)?;
        let ending = ending(name).unwrap_or_default();
        // It needs no other program then.
        if let Some(wav) = Wav::read(&found.bytes) {
            return fitting(name, wav);
        }
        let made_of = wav::named([EDITION, b"file", ending.as_bytes(), &found.bytes]);
        self.made(&made_of, || {
            let kind = KINDS.iter().find(|(known, _)| *known == ending).map_or(ending.as_str(), |(_, kind)| kind);
            // The kind is said, so that nothing in a file can make sox take it for a list of other files. Its path begins
            // with a slash, so that it cannot be taken for an option.
            let input = ["-t".to_owned(), kind.to_owned(), found.path.display().to_string()];
            let samples = sox(input.into(), Vec::new()).map_err(|trouble| of_sox(name, trouble))?;
            fitting(name, Wav::of_samples(&samples))
        })
    }

    /// Of a text, said in a language.
    pub(super) fn of_text(&mut self, text: &str, language: &str) -> Read<Wav> {
        let made_of = self.name_of_text(text, language);
        let say = self.say.clone();
        self.made(&made_of, || {
            let speech = speak(&say, text, language)?;
            if let Some(wav) = Wav::read(&speech) {
                return fitting(text, wav);
            }
            // What is written to a pipe says nothing true of its length.
            let input = ["-t", "wav", "--ignore-length", "-"].map(str::to_owned);
            let samples = sox(input.into(), speech).map_err(|trouble| of_sox(text, trouble))?;
            fitting(text, Wav::of_samples(&samples))
        })
    }

    /// Whether that text has been said already, and is kept.
    pub(super) fn has_text(&self, text: &str, language: &str) -> bool {
        let made_of = self.name_of_text(text, language);
        self.cache.as_ref().is_some_and(|cache| cache.has(&made_of))
    }

    /// Why a language is not spoken; `None`: it is, or that cannot be asked here.
    pub(super) fn no_voice(&self, language: &str) -> Option<String> {
        match said(&self.say, "1", language) {
            Err(Trouble::Failed(why)) => Some(why),
            Ok(_) | Err(Trouble::Missing | Trouble::Io(_) | Trouble::TooSlow | Trouble::TooMuch) => None,
        }
    }

    fn name_of_text(&self, text: &str, language: &str) -> String {
        let command = self.say.join("\0");
        wav::named([EDITION, b"text", command.as_bytes(), language.as_bytes(), text.as_bytes()])
    }

    /// A plan was read: what is not used may go.
    pub(super) fn tidy(&mut self) {
        if let Some(cache) = &mut self.cache {
            cache.tidy();
        }
    }

    fn made(&mut self, made_of: &str, make: impl FnOnce() -> Read<Wav>) -> Read<Wav> {
        if let Some(kept) = self.cache.as_mut().and_then(|cache| cache.find(made_of)) {
            return Ok(kept);
        }
        let wav = make()?;
        if let Some(cache) = &mut self.cache {
            cache.keep(made_of, &wav);
        }
        Ok(wav)
    }
}

/// A sound that a caller can be asked to listen to.
fn fitting(name: &str, wav: Wav) -> Read<Wav> {
    if wav.length().is_zero() {
        return Err(Wrong::new(format!("there is no sound in {}", quoted(name)), "put a sound there"));
    }
    if wav.length() > wav::LONGEST {
        return Err(too_long(name));
    }
    Ok(wav)
}

fn too_long(name: &str) -> Wrong {
    let message = format!("{} lasts longer than {} minutes", quoted(name), wav::LONGEST.as_secs() / 60);
    Wrong::new(message, "nobody listens for so long: make it shorter")
}

/// `-G`: what would be too loud is made quieter.
fn sox(input: Vec<String>, bytes: Vec<u8>) -> Result<Vec<u8>, Trouble> {
    let quiet = ["-V1", "-G"].map(str::to_owned);
    let arguments = quiet.into_iter().chain(input).chain(TELEPHONE.map(str::to_owned)).collect();
    Job { program: "sox", arguments, input: bytes, most: wav::MOST_BYTES + 2, patience: PATIENCE }.run()
}

fn of_sox(name: &str, trouble: Trouble) -> Wrong {
    const INSTALL: &str = "install sox and libsox-fmt-mp3, or give a WAV file of 8000 Hz, 16 bits, mono";
    let told = |what: &str, remedy: &str| Wrong::new(format!("{} {what}", quoted(name)), remedy);
    match trouble {
        Trouble::Missing => told("has to be converted by `sox`, which is not there", INSTALL),
        Trouble::Io(error) => told(&format!("could not be converted: {error}"), "see that `sox` can be run here"),
        Trouble::TooSlow => {
            told("takes too long to convert", "make it shorter, or try it again when there is less to do")
        }
        Trouble::TooMuch => too_long(name),
        Trouble::Failed(why) if why.contains("no handler") => {
            told("is of a kind that this `sox` does not know", INSTALL)
        }
        Trouble::Failed(why) => {
            let why = why.rsplit("':").next().unwrap_or_default().trim();
            let why = if why.is_empty() { String::new() } else { format!(" ({why})") };
            told(&format!("is no sound that can be played{why}"), "see that the file is what its ending says")
        }
    }
}

/// What the command writes when it is given a text.
fn said(say: &[String], text: &str, language: &str) -> Result<Vec<u8>, Trouble> {
    let [program, arguments @ ..] = say else { return Err(Trouble::Missing) };
    let by_argument = arguments.iter().any(|argument| argument.contains("{text}"));
    let arguments = arguments.iter().map(|argument| filled(argument, text, language)).collect();
    let input = if by_argument { Vec::new() } else { text.as_bytes().to_vec() };
    Job { program, arguments, input, most: MOST_SPEECH, patience: PATIENCE }.run()
}

/// What the command says of a text, as a WAV file.
fn speak(say: &[String], text: &str, language: &str) -> Read<Vec<u8>> {
    let [program, ..] = say else {
        return Err(Wrong::new(format!("nothing says {}", quoted(text)), "set `prompts.say`"));
    };
    said(say, text, language).map_err(|trouble| {
        let cannot = format!("{} cannot be said", quoted(text));
        let by = quoted(program);
        match trouble {
            Trouble::Missing => Wrong::new(
                format!("{cannot}: there is no program {by}"),
                format!("install {by} (and sox), or set `prompts.say` in the settings to what speaks"),
            ),
            Trouble::Io(error) => Wrong::new(format!("{cannot}: {error}"), format!("see that {by} can be run here")),
            Trouble::TooSlow => Wrong::new(
                format!("{cannot}: {by} takes longer than {} seconds", PATIENCE.as_secs()),
                "see that `prompts.say` writes to its standard output and ends, or make the text shorter",
            ),
            Trouble::TooMuch => Wrong::new(format!("{cannot}: {by} says too much"), "make the text shorter"),
            Trouble::Failed(why) => Wrong::new(
                format!("{cannot}: {by} failed ({why})"),
                format!("see that `language: {language}` is one that it speaks, and that `prompts.say` is right"),
            ),
        }
    })
}

/// An argument with what its marks stand for. A mark in what takes a mark's place stays what it is, and no text is taken for
/// an option.
fn filled(argument: &str, text: &str, language: &str) -> String {
    if argument == "{text}" && text.starts_with('-') {
        return format!(" {text}");
    }
    let parts = argument.split("{text}").map(|part| part.replace("{language}", language));
    parts.collect::<Vec<_>>().join(text)
}
