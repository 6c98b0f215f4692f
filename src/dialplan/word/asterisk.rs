//! Words that Asterisk is given: what it dials and what it plays. Nothing in them can be taken for something else there.

use std::sync::Arc;

use super::{prompt, spoken, tone};
use crate::{
    dialplan::{Music, plan::Pattern, prompt::Wanted},
    domain::{Media, Name, span::parse_duration},
    yaml::{Read, Wrong, quoted},
};

/// The longest dial string, sound or class of music: Asterisk cuts off channel names and dialplan values past 80.
const LONGEST_ASTERISK: usize = 79;

/// What Asterisk is asked to dial: `PJSIP/anna`, `PJSIP/+4790000000@trunk`. Nothing in it may be taken for a second
/// destination or an option.
pub(in crate::dialplan) fn dial(text: &str) -> Read<Arc<str>> {
    const EXAMPLE: &str = "write technology, slash, who: `PJSIP/anna` or `PJSIP/+4790000000@trunk`";
    if text.contains("{{") {
        let message = format!("{} has a value in it, and a telephone is the same for every call", quoted(text));
        return Err(Wrong::new(message, "write technology, slash, who; a step `dial` takes `{{ ... }}`"));
    }
    let Some((technology, resource)) = text.split_once('/') else {
        return Err(Wrong::new(format!("{} is nothing that Asterisk can dial", quoted(text)), EXAMPLE));
    };
    let technology_fits = !technology.is_empty() && technology.chars().all(|c| c.is_ascii_alphanumeric());
    if !technology_fits || resource.is_empty() {
        return Err(Wrong::new(format!("{} is nothing that Asterisk can dial", quoted(text)), EXAMPLE));
    }
    let allowed =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '.' | '@' | '/' | ':' | '*' | '#');
    if let Some(odd) = resource.chars().find(|c| !allowed(*c)) {
        let remedy = if odd == '&' {
            "one operator has one phone; give the second phone an operator of its own"
        } else {
            "behind the slash only letters a-z, digits and _ - + . @ / : * # may stand"
        };
        return Err(Wrong::new(format!("{} may not stand in a dial string", quoted(&odd.to_string())), remedy));
    }
    short(text, "a dial string")
}

/// What Asterisk is asked to dial for a number outside: `PJSIP/{number}@provider`. `{number}` is the number with its `+`,
/// `{digits}` without.
pub(in crate::dialplan) fn pattern(text: &str) -> Read<Pattern> {
    const EXAMPLE: &str = "write `{number}` once, where the number goes, or `{digits}` where it goes without its `+`: \
        \"PJSIP/{number}@provider\"";
    /// As long as a number can be.
    const LONGEST: &str = "+123456789012345";
    let rooms = [("{number}", true), ("{digits}", false)];
    let found = rooms.into_iter().find_map(|(room, plus)| Some((text.split_once(room)?, plus)));
    let Some(((before, after), plus)) = found else {
        return Err(Wrong::new(format!("{} has no room for a number", quoted(text)), EXAMPLE));
    };
    if after.contains("{number}") || after.contains("{digits}") {
        return Err(Wrong::new(format!("{} has room for two numbers", quoted(text)), EXAMPLE));
    }
    dial(&format!("{before}{LONGEST}{after}"))?;
    Ok(Pattern { before: before.into(), after: after.into(), plus })
}

/// Asterisk's class of music.
pub(crate) fn music(text: &str) -> Read<Name> {
    if text.is_empty() || !text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')) {
        let message = format!("{} is no class of music", quoted(text));
        return Err(Wrong::new(message, "the name of a section of Asterisk's musiconhold.conf: `default`"));
    }
    short(text, "a class of music").map(|text| Name::new(&text))
}

/// What a queue's callers hear: a class of music, or nothing.
pub(crate) fn music_while_waiting(text: &str) -> Read<Music> {
    match text {
        "none" => Ok(Music::Nothing),
        "no" | "off" | "false" | "silence" => {
            let message = format!("{} is no class of music", quoted(text));
            Err(Wrong::new(message, "`none` for no music"))
        }
        _ => music(text).map(Music::Class),
    }
}

/// What a step lets a caller hear. Somebody who writes `music: 30s` means how long, and `music: none` that there is silence.
pub(super) fn music_to_hear(text: &str) -> Read<Name> {
    let remedy = match (parse_duration(text), text) {
        (Some(lasts), _) => format!("write `music: {{for: {}}}`", spoken(lasts)),
        (None, "none") => "write `wait: 10s` for silence".into(),
        (None, _) => return music(text),
    };
    Err(Wrong::new(format!("{} is no class of music", quoted(text)), remedy))
}

pub(super) fn short(text: &str, what: &str) -> Read<Arc<str>> {
    if text.len() > LONGEST_ASTERISK {
        return Err(Wrong::new(
            format!("{} is too long for {what}", quoted(text)),
            format!("{LONGEST_ASTERISK} characters at most"),
        ));
    }
    Ok(text.into())
}

/// Something to play: `sound:hello-world`, `welcome.wav`.
pub(crate) fn media(text: &str) -> Read<Wanted> {
    if text.contains("{{") {
        return prompt::file(text);
    }
    match text.split_once(':') {
        Some(("sound", name)) => sound(name).map(Wanted::Asterisk),
        Some(("tone", _)) => Err(tone::endless(text)),
        Some(_) => Err(Wrong::new(
            format!("{} cannot be played", quoted(text)),
            "`sound:NAME` is a sound that Asterisk has, `welcome.wav` a file beside the plan",
        )),
        None => prompt::file(text),
    }
}

/// Endings of files that Asterisk plays. It chooses among them by itself, so a name is written without.
const ENDINGS: [&str; 12] =
    [".wav", ".wav49", ".gsm", ".ulaw", ".alaw", ".ul", ".al", ".sln", ".sln16", ".g722", ".mp3", ".ogg"];

fn without_ending(name: &str) -> &str {
    ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name)
}

fn sound_fits(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
        && !name.split('/').any(|part| part == "..")
}

fn sound(name: &str) -> Read<Media> {
    if !sound_fits(name) {
        return Err(Wrong::new(
            format!("{} is no name of a sound", quoted(name)),
            "letters a-z, digits and _ - . / may stand in it, as in `sound:custom/welcome`",
        ));
    }
    let plain = without_ending(name);
    if plain != name {
        return Err(Wrong::new(
            format!("{} has the ending of a file", quoted(name)),
            format!("Asterisk chooses the ending by itself: write `sound:{plain}`; a file beside the plan is `{name}`"),
        ));
    }
    short(name, "a sound").map(Media::Sound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::E164;

    #[test]
    fn nothing_can_be_put_into_a_dial_string() {
        for text in [
            "PJSIP/anna",
            "PJSIP/+4790000000@trunk",
            "Local/101@internal/n",
            "DAHDI/g1/90000000",
            "PJSIP/trunk/sip:9@10.0.0.1:5060",
        ] {
            assert_eq!(dial(text).as_deref(), Ok(text));
        }
        let long = format!("PJSIP/{}", "a".repeat(80));
        for text in [
            "",
            "anna",
            "/",
            "PJSIP/",
            "/anna",
            "PJSIP/a&PJSIP/b",
            "PJSIP/a,30",
            "PJSIP/a b",
            "PJ SIP/a",
            "PJSIP/a\n",
            "PJSIP/${X}",
            "PJSIP/a;b",
            "PJSIP/å",
            &long,
        ] {
            assert!(dial(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_trunk_has_room_for_one_number() {
        let number = E164::read("+47 900 00 000", None).expect("a number");
        let dials = |text: &str| pattern(text).map(|pattern| pattern.dial(&number).to_string());
        assert_eq!(dials("PJSIP/{number}@provider").as_deref(), Ok("PJSIP/+4790000000@provider"));
        assert_eq!(dials("DAHDI/g1/{digits}").as_deref(), Ok("DAHDI/g1/4790000000"));
        let fits = |text: &str, dial: &str| pattern(text).is_ok_and(|pattern| pattern.fits(dial));
        assert!(fits("PJSIP/{number}@provider", "PJSIP/+4790000000@provider"));
        assert!(fits("DAHDI/g1/{digits}", "DAHDI/g1/4790000000"));
        for other in
            ["PJSIP/4790000000@provider", "PJSIP/+4790000000@other", "PJSIP/anna@provider", "PJSIP/anna", "PJSIP/"]
        {
            assert!(!fits("PJSIP/{number}@provider", other), "{other}");
        }
        assert!(!fits("PJSIP/{digits}", "PJSIP/101"), "no number outside");
        for text in [
            "",
            "PJSIP/provider",
            "PJSIP/{number}&{number}@x",
            "PJSIP/{number}@a&PJSIP/b",
            "{number}",
            "PJSIP/{number},30",
            "PJSIP/{ number }@x",
            "PJSIP/${EXTEN}@{number}",
        ] {
            assert!(pattern(text).is_err(), "{text:?}");
        }
        let long = format!("PJSIP/{{number}}@{}", "a".repeat(57));
        assert!(pattern(&long).is_err(), "with the longest number it does not fit");
    }

    #[test]
    fn a_sound_is_a_name_and_not_a_path_out_of_the_sounds() {
        assert_eq!(media("sound:digits/1"), Ok(Wanted::Asterisk(Media::Sound("digits/1".into()))));
        assert_eq!(media("welcome.wav"), Ok(Wanted::File("welcome.wav".into())));
        for text in [
            "",
            "hello-world",
            "sound:",
            "sound:../x",
            "sound:a b",
            "sound:a,b",
            "sound:x.wav",
            "http://x/y",
            "recording:x",
        ] {
            assert!(media(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_tone_without_a_length_is_refused_for_it_never_ends() {
        for text in ["tone:ring", "tone:busy", "tone:", "tone:a;b"] {
            let wrong = media(text).expect_err(text);
            assert!(wrong.message.contains("never ends"), "{wrong:?}");
            assert!(wrong.remedy.contains("for: 3s}`") && wrong.remedy.contains("`hangup: busy`"), "{wrong:?}");
        }
    }
}
