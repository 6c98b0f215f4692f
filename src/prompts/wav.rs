//! WAV as a telephone line carries it: 8,000 samples a second of 16 bits, one channel, nothing compressed. Asterisk plays
//! this without converting anything but to the call's own codec.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use sha2::{Digest, Sha256};

/// Samples in a second.
const RATE: u32 = 8_000;

/// Bytes of a sample.
const WIDTH: u32 = 2;

/// Bytes in front of the samples.
const HEAD: usize = 44;

/// The longest prompt: ten minutes.
pub(super) const LONGEST: Duration = Duration::from_secs(600);

/// Bytes of the samples of the longest prompt.
pub(super) const MOST_BYTES: usize = 600 * (RATE * WIDTH) as usize;

/// A sound in that form.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Wav(Arc<[u8]>);

impl Wav {
    /// Of bare samples, the lower byte first. Half a sample at the end is left out.
    pub(crate) fn of_samples(samples: &[u8]) -> Self {
        let samples = samples.get(..samples.len() / 2 * 2).unwrap_or_default();
        let size = u32::try_from(samples.len()).unwrap_or(u32::MAX);
        let mut bytes = Vec::with_capacity(HEAD + samples.len());
        bytes.extend_from_slice(b"RIFF");
        bytes.extend_from_slice(&size.saturating_add(36).to_le_bytes());
        bytes.extend_from_slice(b"WAVEfmt ");
        bytes.extend_from_slice(&16_u32.to_le_bytes());
        // PCM, one channel.
        bytes.extend_from_slice(&[1, 0, 1, 0]);
        bytes.extend_from_slice(&RATE.to_le_bytes());
        bytes.extend_from_slice(&(RATE * WIDTH).to_le_bytes());
        bytes.extend_from_slice(&[2, 0, 16, 0]);
        bytes.extend_from_slice(b"data");
        bytes.extend_from_slice(&size.to_le_bytes());
        bytes.extend_from_slice(samples);
        Self(bytes.into())
    }

    /// What is in a file, if it is in that form already. Whatever else is in the file (a title, say) is left out. One that
    /// says that it holds more than it does is cut off, and is not in that form.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(b"RIFF")?.get(4..)?.strip_prefix(b"WAVE")?;
        let mut fits = false;
        loop {
            let (name, after) = rest.split_at_checked(4)?;
            let (size, after) = after.split_first_chunk::<4>()?;
            let size = usize::try_from(u32::from_le_bytes(*size)).ok()?;
            let chunk = after.get(..size)?;
            match name {
                b"fmt " => fits = is_telephone(chunk),
                b"data" => return fits.then(|| Self::of_samples(chunk)),
                _ => {}
            }
            // Chunks begin at even places.
            rest = after.get(size + size % 2..)?;
        }
    }

    /// The whole file.
    pub(crate) fn bytes(&self) -> &Arc<[u8]> {
        &self.0
    }

    /// How long it lasts.
    pub(crate) fn length(&self) -> Duration {
        let samples = (self.0.len() - HEAD) as u64 / u64::from(WIDTH);
        Duration::from_micros(samples * 1_000_000 / u64::from(RATE))
    }

    /// What its content is called.
    pub(crate) fn name(&self) -> String {
        named([&*self.0])
    }
}

impl std::fmt::Debug for Wav {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Wav").field(&self.length()).finish()
    }
}

fn is_telephone(format: &[u8]) -> bool {
    let [1, 0, 1, 0, rest @ ..] = format else { return false };
    let Some((rate, rest)) = rest.split_first_chunk::<4>() else { return false };
    u32::from_le_bytes(*rate) == RATE && matches!(rest.get(6..8), Some([16, 0]))
}

/// A name for these parts together: another one when any of them differs, or when they are parted otherwise.
pub(super) fn named<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().fold(String::with_capacity(64), |mut name, byte| {
        // Writing to a text cannot fail.
        let _written = write!(name, "{byte:02x}");
        name
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_its_length_is_known() {
        let wav = Wav::of_samples(&[7; 16_001]);
        assert_eq!(wav.length(), Duration::from_secs(1));
        assert_eq!(Wav::read(wav.bytes()), Some(wav.clone()));
        assert_eq!((wav.bytes().len(), wav.name().len()), (16_044, 64));
        assert_ne!(wav.name(), Wav::of_samples(&[8; 16_000]).name());
    }

    #[test]
    fn a_title_beside_the_sound_is_passed_over() {
        let wav = Wav::of_samples(&[1, 2, 3, 4]);
        let mut titled = wav.bytes()[..36].to_vec();
        titled.extend_from_slice(b"LIST\x03\0\0\0abc\0");
        titled.extend_from_slice(&wav.bytes()[36..]);
        titled.extend_from_slice(b"id3 \x02\0\0\0xx");
        assert_eq!(Wav::read(&titled), Some(wav));
    }

    #[test]
    fn another_form_or_half_a_file_is_not_that_form() {
        let whole = Wav::of_samples(&[0; 100]).bytes().to_vec();
        for end in 0..whole.len() {
            assert_eq!(Wav::read(&whole[..end]), None, "{end}");
        }
        for (at, byte) in [(20, 6), (22, 2), (24, 0x44), (34, 8)] {
            let mut other = whole.clone();
            other[at] = byte;
            assert_eq!(Wav::read(&other), None, "{at}");
        }
    }
}
