//! `voicemail:` as meant.

use std::time::Duration;

use super::{check::Check, typed};
use crate::store::Options;

const HOUR: u64 = 3_600;
const MEGABYTE: u64 = 1_000_000;

impl Check<'_> {
    pub(super) fn voicemail(&mut self, typed: typed::Voicemail) -> Options {
        let keep = typed.keep.0.0;
        if !(Duration::from_secs(HOUR)..=Duration::from_secs(3_660 * 24 * HOUR)).contains(&keep) {
            self.fault("voicemail.keep", "is not between 1h and ten years", "say how long messages are kept, as `30d`");
        }
        let mut between = |key, count: usize, most| {
            if !(1..=most).contains(&count) {
                self.fault(
                    key,
                    format!("{count} is not between 1 and {most}"),
                    "see sentral.sample.yaml for what it does",
                );
            }
        };
        between("voicemail.messages", typed.messages.0, 100_000);
        between("voicemail.megabytes", typed.megabytes.0, 10_000_000);
        if typed.folder.as_os_str().is_empty() {
            self.fault("voicemail.folder", "is not set", "name a folder that is ours to write");
        }
        let bytes = u64::try_from(typed.megabytes.0).unwrap_or(u64::MAX).saturating_mul(MEGABYTE);
        Options { folder: self.folder.join(typed.folder), keep, messages: typed.messages.0, bytes }
    }
}
