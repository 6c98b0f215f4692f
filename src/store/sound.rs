//! What Asterisk recorded: whether somebody says something in it, and how long it is.

use std::time::Duration;

/// What there is in a file that Asterisk wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sound {
    /// Not even the beginning of a WAV file: Asterisk could not write it.
    Empty,
    /// Nobody says anything, or less than a second of it.
    Nothing,
    /// Somebody says something.
    Said {
        /// The file, with sizes in its head that are right.
        wav: Vec<u8>,
        /// How long it is.
        lasts: Duration,
    },
}

/// Of 16 bits, mono, 8000 a second: what Asterisk writes as `wav`.
const FORM: &[u8] = b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data";
const HEAD: usize = 44;
const BYTES_A_SECOND: usize = 16_000;
/// What is shorter is a caller who hung up at the tone.
const SHORTEST: usize = BYTES_A_SECOND;

/// A look is taken at so many samples together: 20 ms.
const FRAME: usize = 160;
/// Asterisk's own measure of silence: what is louder on average is sound.
const LOUD: u32 = 256;
/// So many frames that are not silent are somebody speaking: a tenth of a second, however they lie.
const ENOUGH: usize = 5;

/// Looks into a file.
pub(super) fn judge(mut bytes: Vec<u8>) -> Sound {
    let is_wav = bytes.len() >= HEAD && bytes.starts_with(b"RIFF") && bytes[8..HEAD - 4] == *FORM;
    if !is_wav {
        return Sound::Empty;
    }
    // Half a sample at the end is of a write that was cut short.
    bytes.truncate(HEAD + (bytes.len() - HEAD) / 2 * 2);
    let said = &bytes[HEAD..];
    if said.len() < SHORTEST || said.chunks(FRAME * 2).filter(|frame| is_loud(frame)).take(ENOUGH).count() < ENOUGH {
        return Sound::Nothing;
    }
    let lasts = Duration::from_micros((said.len() as u64) * 1_000_000 / BYTES_A_SECOND as u64);
    // On a full disk, or when it dies, Asterisk leaves sizes behind that are not those of the file.
    let data = u32::try_from(said.len()).unwrap_or(u32::MAX);
    bytes[4..8].copy_from_slice(&data.saturating_add(36).to_le_bytes());
    bytes[HEAD - 4..HEAD].copy_from_slice(&data.to_le_bytes());
    Sound::Said { wav: bytes, lasts }
}

/// Whether Asterisk has closed a file: its head says how long it is.
pub(super) fn is_closed(bytes: &[u8]) -> bool {
    let Some((head, said)) = bytes.split_at_checked(HEAD) else { return false };
    let length = u32::try_from(said.len()).ok().map(u32::to_le_bytes);
    head.starts_with(b"RIFF") && head.last_chunk::<4>().copied() == length && !said.is_empty()
}

fn is_loud(frame: &[u8]) -> bool {
    let samples = frame.as_chunks::<2>().0;
    let sum: u32 = samples.iter().map(|sample| u32::from(i16::from_le_bytes(*sample).unsigned_abs())).sum();
    sum > LOUD * u32::try_from(samples.len()).unwrap_or(u32::MAX)
}

/// A file as Asterisk writes it, for tests.
#[cfg(test)]
pub(super) fn wav(samples: &[i16]) -> Vec<u8> {
    let data = u32::try_from(samples.len() * 2).expect("a short file");
    let head = [b"RIFF", &(data + 36).to_le_bytes()[..], FORM, &data.to_le_bytes()].concat();
    head.into_iter().chain(samples.iter().flat_map(|sample| sample.to_le_bytes())).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_message_of_two_seconds_is_one() {
        let file = wav(&[3_000; 16_000]);
        assert_eq!(judge(file.clone()), Sound::Said { wav: file, lasts: Duration::from_secs(2) });
    }

    #[test]
    fn silence_and_what_is_shorter_than_a_second_are_nothing() {
        for samples in [vec![0; 40_000], vec![200; 40_000], vec![3_000; 7_999], vec![]] {
            assert_eq!(judge(wav(&samples)), Sound::Nothing, "{} samples", samples.len());
        }
        let mut a_word = vec![0; 40_000];
        a_word[20_000..20_000 + 5 * FRAME].fill(3_000);
        assert!(matches!(judge(wav(&a_word)), Sound::Said { .. }), "one word is a message");
    }

    #[test]
    fn what_asterisk_could_not_write_is_empty() {
        for bytes in [Vec::new(), b"RIFF".to_vec(), vec![0; 100_000]] {
            assert_eq!(judge(bytes), Sound::Empty);
        }
    }

    #[test]
    fn sizes_that_are_wrong_are_put_right() {
        let right = wav(&[3_000; 16_000]);
        let mut wrong = right.clone();
        wrong[4..8].fill(0);
        wrong[40..44].fill(0);
        wrong.push(7);
        assert_eq!(judge(wrong), Sound::Said { wav: right, lasts: Duration::from_secs(2) });
    }

    #[test]
    fn a_file_is_closed_when_its_head_says_how_long_it_is() {
        let closed = wav(&[3_000; 100]);
        assert!(is_closed(&closed));
        let mut open = closed.clone();
        open[40..44].fill(0);
        for bytes in [&open[..], &closed[..closed.len() - 2], &closed[..HEAD], &closed[..HEAD - 1], &wav(&[]), &[]] {
            assert!(!is_closed(bytes), "{} bytes", bytes.len());
        }
    }

    proptest! {
        #[test]
        fn no_file_is_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            judge(bytes.clone());
            judge(wav(&[1]).into_iter().chain(bytes).collect());
        }
    }
}
