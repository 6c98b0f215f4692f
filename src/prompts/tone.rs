//! Tones made: what Asterisk would play until it is told to stop, as a sound that ends.
//!
//! Asterisk plays `tone:busy` for ever, one who has hung up excepted, and by FastAGI not at all in its turn. A tone that is a sound
//! like any other ends by itself, is cut short by a key, stands among other sounds, and is the same on every Asterisk and by
//! both doors, whatever its `indications.conf` says.

use std::{f64::consts::TAU, time::Duration};

use super::wav::Wav;
use crate::domain::{Beat, Mix, Tone};

/// Samples in a second.
const RATE: f64 = 8_000.0;

/// How loud each frequency is: 8 dB below the loudest, as Asterisk has it.
const LOUD: f64 = 7_219.0;

/// The loudest.
const MOST: f64 = 32_768.0;

/// Samples in a millisecond.
const PER_MILLI: u128 = 8;

/// A tone as a sound.
pub(super) fn made(tone: &Tone) -> Wav {
    let mut left = samples(tone.lasts);
    let mut bytes = Vec::with_capacity(left * 2);
    for beat in tone.cadence.beats() {
        let count = beat.lasts.map_or(left, samples).min(left);
        (0..count).for_each(|at| bytes.extend_from_slice(&sample(&beat, at).to_le_bytes()));
        left -= count;
        if left == 0 {
            break;
        }
    }
    Wav::of_samples(&bytes)
}

fn samples(lasts: Duration) -> usize {
    usize::try_from(lasts.as_millis() * PER_MILLI).unwrap_or(usize::MAX)
}

/// A moment of a part, which begins with the part.
fn sample(beat: &Beat, at: usize) -> i16 {
    let wave = |hertz: u16| LOUD * (TAU * f64::from(hertz) * at as f64 / RATE).sin();
    let first = wave(beat.first);
    let heard = match beat.second {
        None => first,
        Some((Mix::Both, second)) => first + wave(second),
        // Nine tenths of it, so that it is never quite silent.
        Some((Mix::Beating, second)) => first * 0.9 * (1.0 - wave(second) / MOST),
    };
    // Two of them are far below the loudest.
    heard.round() as i16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Cadence;

    fn heard(cadence: &str, millis: u64) -> Vec<i16> {
        let cadence = Cadence::read(cadence).expect("a tone");
        let lasts = Duration::from_millis(millis);
        let wav = made(&Tone { name: "a tone".into(), cadence, lasts });
        assert_eq!(wav.length(), lasts);
        wav.bytes()[44..].as_chunks::<2>().0.iter().map(|sample| i16::from_le_bytes(*sample)).collect()
    }

    /// How often it goes from below to above nothing.
    fn rises(samples: &[i16]) -> usize {
        samples.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count()
    }

    #[test]
    fn a_tone_sounds_is_silent_and_sounds_again() {
        let samples = heard("400/500,0/250", 2_000);
        assert!((199..=200).contains(&rises(&samples[..4_000])), "{}", rises(&samples[..4_000]));
        assert!(samples[4_000..6_000].iter().all(|sample| *sample == 0));
        assert_eq!(samples[6_000..10_000], samples[..4_000], "it begins again");
        let loudest = samples.iter().max().copied();
        assert!(loudest.is_some_and(|loudest| (7_000..=7_219).contains(&loudest)), "{loudest:?}");
    }

    #[test]
    fn two_frequencies_are_heard_together_and_nothing_is_cut_off() {
        for cadence in ["350+440", "400*25", "3999+3999"] {
            let samples = heard(cadence, 1_000);
            assert!(samples.iter().any(|sample| sample.abs() > 6_000), "{cadence}");
            assert!(samples.iter().all(|sample| sample.abs() < 15_000), "{cadence}");
        }
    }

    #[test]
    fn what_sounds_once_is_followed_by_silence() {
        let samples = heard("!400/100", 300);
        assert!(rises(&samples[..800]) > 30 && samples[800..].iter().all(|sample| *sample == 0));
    }
}
