//! Tones as telephone networks make them: what is heard, for how long, and what comes after it.
//!
//! They are written as Asterisk's `indications.conf` writes them: parts with commas between, each of a frequency in hertz, or two that
//! sound together (`350+440`) or of which the second beats the first (`400*25`), and behind a slash how many milliseconds it
//! lasts. `0` is silence. When all have sounded it begins again, but for those with a `!` in front, which sound once.

use std::{fmt, sync::Arc, time::Duration};

/// The most parts of a tone: the longest of a country has a third of them.
const MOST: usize = 64;

/// The highest frequency, in hertz: a telephone carries no higher one.
const HIGHEST: u16 = 3_999;

/// The longest part, in milliseconds.
const LONGEST: u32 = 60_000;

/// A tone, and for how long it is heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tone {
    /// As a plan writes it: `{tone: busy, for: 3s}`.
    pub name: Arc<str>,
    /// What is heard.
    pub cadence: Cadence,
    /// For how long.
    pub lasts: Duration,
}

/// What is heard of a tone: its parts one after the other, again and again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cadence(Vec<Beat>);

/// A part of a tone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    /// Whether it is left out when the tone begins again.
    pub once: bool,
    /// Hertz; 0: silence.
    pub first: u16,
    /// A second frequency, and what it does to the first.
    pub second: Option<(Mix, u16)>,
    /// How long it sounds; `None`: to the end.
    pub lasts: Option<Duration>,
}

/// Two frequencies at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    /// Both are heard: `350+440`.
    Both,
    /// The second makes the first louder and quieter: `400*25`.
    Beating,
}

/// Why a text is no tone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoTone {
    /// This part is none.
    Part(String),
    /// This part sounds to the end, and others stand behind it.
    Endless(String),
    /// There are more parts than this.
    Many(usize),
}

impl Cadence {
    /// Reads a tone: `425/500,0/500`.
    ///
    /// # Errors
    /// Which part is wrong.
    pub fn read(text: &str) -> Result<Self, NoTone> {
        let parts: Vec<&str> = text.split(',').map(str::trim).collect();
        if parts.len() > MOST {
            return Err(NoTone::Many(MOST));
        }
        let beats = parts.iter().map(|part| Beat::read(part).ok_or_else(|| NoTone::Part((*part).to_owned())));
        let beats: Vec<Beat> = beats.collect::<Result<_, _>>()?;
        let before_last = beats.iter().zip(&parts).take(beats.len().saturating_sub(1));
        if let Some((_, part)) = before_last.into_iter().find(|(beat, _)| beat.lasts.is_none()) {
            return Err(NoTone::Endless((*part).to_owned()));
        }
        Ok(Self(beats))
    }

    /// Its parts in the order in which they are heard, and for how long each; silence when it is over. They never end.
    pub fn beats(&self) -> impl Iterator<Item = Beat> {
        let again = self.0.iter().filter(|beat| !beat.once);
        let first = self.0.iter().copied();
        let silence = Beat { once: true, first: 0, second: None, lasts: None };
        first.chain(again.copied().cycle()).chain(std::iter::repeat(silence))
    }
}

impl Beat {
    fn read(text: &str) -> Option<Self> {
        let (once, text) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest));
        let (pitch, lasts) = match text.split_once('/') {
            Some((pitch, lasts)) => (pitch, number(lasts).filter(|millis| *millis <= LONGEST)?),
            None => (text, 0),
        };
        let mixed = |sign: char, mix: Mix| pitch.split_once(sign).map(|(one, other)| (one, Some((mix, other))));
        let (first, second) = mixed('+', Mix::Both).or_else(|| mixed('*', Mix::Beating)).unwrap_or((pitch, None));
        let second = match second {
            Some((mix, text)) => Some((mix, hertz(text)?)),
            None => None,
        };
        let lasts = (lasts > 0).then(|| Duration::from_millis(lasts.into()));
        Some(Self { once, first: hertz(first)?, second, lasts })
    }
}

fn hertz(text: &str) -> Option<u16> {
    number(text).and_then(|hertz| u16::try_from(hertz).ok()).filter(|hertz| *hertz <= HIGHEST)
}

fn number(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

impl fmt::Display for NoTone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Part(part) => write!(f, "`{part}` is no part of a tone"),
            Self::Endless(part) => write!(f, "`{part}` sounds to the end, and what stands behind it is never heard"),
            Self::Many(most) => write!(f, "a tone has at most {most} parts"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(text: &str, beats: usize) -> Vec<(u16, Option<u64>)> {
        let cadence = Cadence::read(text).expect("a tone");
        let millis = |beat: Beat| beat.lasts.map(|lasts| u64::try_from(lasts.as_millis()).expect("short"));
        cadence.beats().take(beats).map(|beat| (beat.first, millis(beat))).collect()
    }

    #[test]
    fn a_tone_begins_again_without_what_sounds_once() {
        assert_eq!(heard("425/500,0/250", 3), [(425, Some(500)), (0, Some(250)), (425, Some(500))]);
        assert_eq!(heard("!950/330,!0/100,425", 4), [(950, Some(330)), (0, Some(100)), (425, None), (425, None)]);
        assert_eq!(heard("!950/330", 3), [(950, Some(330)), (0, None), (0, None)], "silence is behind it");
    }

    #[test]
    fn two_frequencies_sound_together_or_one_beats_the_other() {
        let first = |text: &str| Cadence::read(text).expect("a tone").beats().next().and_then(|beat| beat.second);
        assert_eq!(first("350+440"), Some((Mix::Both, 440)));
        assert_eq!(first("400*25/400, 0/200"), Some((Mix::Beating, 25)));
        assert_eq!(first("425/0"), None);
    }

    #[test]
    fn what_is_no_tone_is_told_by_its_part() {
        for part in
            ["", "x", "425/x", "425/-1", "4000", "425/60001", "425+", "1+2+3", "!!425", "4 25", "M60/200", "٤٢٥"]
        {
            assert_eq!(Cadence::read(part), Err(NoTone::Part(part.into())));
        }
        assert_eq!(Cadence::read("425/500,,0/500"), Err(NoTone::Part(String::new())));
        assert_eq!(Cadence::read("425,0/500"), Err(NoTone::Endless("425".into())));
        assert_eq!(Cadence::read(&vec!["425/1"; 65].join(",")), Err(NoTone::Many(MOST)));
    }
}
