//! Prompts in a plan: files beside it, and texts.

use std::sync::Arc;

use crate::{
    dialplan::prompt::Wanted,
    domain::Language,
    yaml::{Read, Wrong, quoted},
};

/// The longest path of a prompt, in bytes.
const LONGEST_PATH: usize = 200;

/// The longest text, in characters: some three minutes of speech.
const LONGEST_TEXT: usize = 2_000;

/// Endings of files that can be made into what a telephone carries.
pub(crate) const ENDINGS: [&str; 16] =
    ["wav", "mp3", "ogg", "opus", "flac", "gsm", "ulaw", "alaw", "ul", "al", "aiff", "aif", "au", "snd", "mp2", "wv"];

const EXAMPLES: &str = "`sound:NAME` is a sound that Asterisk has, `welcome.wav` a file beside the plan";

/// A file beside the plan: `welcome.wav`, `prompts/thanks.mp3`.
pub(super) fn file(text: &str) -> Read<Wanted> {
    let told = |what: &str, remedy: String| Err(Wrong::new(format!("{} {what}", quoted(text)), remedy));
    if text.is_empty() {
        return told("is no sound", EXAMPLES.into());
    }
    if text.contains("{{") {
        let remedy = "name each file, and choose among them with `switch`, or `say` the text";
        return told("has a value in it, and a value cannot be part of a file's name", remedy.into());
    }
    if text.contains('\\') || text.chars().any(char::is_control) {
        return told("is no path of a file", "folders are parted by `/`, as in `prompts/welcome.wav`".into());
    }
    if text.starts_with(['/', '~']) {
        let remedy = "name it by its path from the plan's folder, as `prompts/welcome.wav`";
        return told("is not beside the plan", remedy.into());
    }
    if text.split('/').any(|part| matches!(part, "" | "." | "..")) {
        let remedy = "put it into the plan's folder, or a folder in it, and write `prompts/welcome.wav`";
        return told("leads out of the plan's folder, or nowhere", remedy.into());
    }
    if text.len() > LONGEST_PATH {
        return told("is too long for the path of a prompt", format!("{LONGEST_PATH} bytes at most"));
    }
    match ending(text) {
        Some(known) if ENDINGS.contains(&known.as_str()) => Ok(Wanted::File(text.into())),
        Some(_) => told("has not the ending of a sound", format!("sounds are: {}", ENDINGS.join(", "))),
        None => told(
            "has no ending, as files have",
            format!("write `{text}.wav` for a file beside the plan, or `sound:{text}` for a sound that Asterisk has"),
        ),
    }
}

/// Whether a prompt is named as a file is, and not a text.
pub(crate) fn is_file(name: &str) -> bool {
    file(name).is_ok()
}

/// The ending of a file's name, in small letters.
pub(crate) fn ending(path: &str) -> Option<String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let (stem, ending) = name.rsplit_once('.')?;
    (!stem.is_empty() && !ending.is_empty()).then(|| ending.to_ascii_lowercase())
}

/// A text to be said.
pub(crate) fn text(text: &str) -> Read<Arc<str>> {
    let text = text.trim();
    if !text.chars().any(char::is_alphanumeric) {
        let message = format!("{} has no word that could be said", quoted(text));
        return Err(Wrong::new(message, "write a text, as `say: \"Welcome to Nordlys.\"`"));
    }
    if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return Err(Wrong::new(format!("{} has signs in it that nobody can say", quoted(text)), "take them out"));
    }
    let length = text.chars().count();
    if length > LONGEST_TEXT {
        let message = format!("this text has {length} characters, more than {LONGEST_TEXT}");
        return Err(Wrong::new(message, "nobody listens for so long: make several of it, or a shorter one"));
    }
    Ok(text.into())
}

/// The language of texts: `en`, `nb`, `pt-br`.
pub(in crate::dialplan) fn language(text: &str) -> Read<Language> {
    if let Some(language) = Language::new(text) {
        return Ok(language);
    }
    let plain = text.to_lowercase().replace('_', "-");
    let remedy = if Language::new(&plain).is_some() {
        format!("write {}", quoted(&plain))
    } else {
        "write its code, as `en`, `nb`, `de` or `pt-br`".into()
    };
    Err(Wrong::new(format!("{} is no language", quoted(text)), remedy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_beside_the_plan_and_sounds() {
        for good in ["welcome.wav", "prompts/thanks.mp3", "Grüße von uns.OGG", "a..b.wav", ".hidden/x.wav"] {
            assert_eq!(file(good), Ok(Wanted::File(good.into())));
        }
        let long = format!("{}.wav", "a".repeat(200));
        for (bad, why) in [
            ("", "is no sound"),
            ("/etc/passwd.wav", "is not beside the plan"),
            ("~/x.wav", "is not beside the plan"),
            ("../x.wav", "leads out of"),
            ("a/../../x.wav", "leads out of"),
            ("a//x.wav", "leads out of"),
            ("./x.wav", "leads out of"),
            ("a\\x.wav", "is no path"),
            ("a\nx.wav", "is no path"),
            ("hello-world", "has no ending"),
            (".wav", "has no ending"),
            ("list.m3u", "has not the ending of a sound"),
            ("wav.txt", "has not the ending of a sound"),
            (long.as_str(), "is too long"),
        ] {
            let wrong = file(bad).expect_err(bad);
            assert!(wrong.message.contains(why), "{bad}: {wrong:?}");
        }
    }

    #[test]
    fn a_text_can_be_said() {
        assert_eq!(text(" Hello. "), Ok("Hello.".into()));
        for bad in ["", "  ", "...", "a\u{7}b", &"word ".repeat(401)] {
            assert!(text(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_language_is_told_as_its_code() {
        assert_eq!(language("pt-br").map(|language| language.to_string()), Ok("pt-br".into()));
        assert_eq!(language("en_US").expect_err("no language").remedy, "write `en-us`");
        assert!(language("english").expect_err("no language").remedy.contains("`nb`"));
    }
}
