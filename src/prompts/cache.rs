//! What was made once, on disk, so that a restart makes nothing anew and a text is said once in its life.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use tracing::warn;

use super::{file, wav::Wav};

/// The most bytes that are kept.
const MOST_BYTES: u64 = 512 * 1024 * 1024;

/// A folder of sounds, each under the name of what it was made of.
#[derive(Debug)]
pub(super) struct Cache {
    folder: PathBuf,
    /// Names that were asked for since it was tidied.
    used: BTreeSet<String>,
    /// Whether it was told that nothing can be kept.
    told: bool,
}

impl Cache {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, used: BTreeSet::new(), told: false }
    }

    /// What was made of that, if it is kept.
    pub(super) fn find(&mut self, name: &str) -> Option<Wav> {
        self.used.insert(name.to_owned());
        Wav::read(&fs::read(self.path(name)).ok()?)
    }

    /// Whether something is kept that was made of that.
    pub(super) fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// Keeps what was made of that. A plan works without: this is told in the log, once.
    pub(super) fn keep(&mut self, name: &str, wav: &Wav) {
        let kept = fs::create_dir_all(&self.folder).and_then(|()| file::write(&self.path(name), wav.bytes()));
        if let Err(error) = kept
            && !std::mem::replace(&mut self.told, true)
        {
            let folder = self.folder.display();
            warn!(%error, %folder, "prompts cannot be kept and are made anew at every start; see `prompts.cache`");
        }
    }

    /// Lets go of the oldest of what was not asked for since the last time, when there is too much.
    pub(super) fn tidy(&mut self) {
        tidy(&self.folder, &std::mem::take(&mut self.used), MOST_BYTES);
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name).with_extension("wav")
    }
}

fn tidy(folder: &Path, used: &BTreeSet<String>, most: u64) {
    let mut kept: Vec<(SystemTime, PathBuf, u64)> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let about = entry.metadata().ok()?;
            let path = entry.path();
            let ours = path.extension().is_some_and(|ending| ending == "wav");
            ours.then(|| Some((about.modified().ok()?, path, about.len()))).flatten()
        })
        .collect();
    kept.sort();
    let mut bytes: u64 = kept.iter().map(|(_, _, length)| length).sum();
    for (_, path, length) in kept {
        if bytes <= most {
            return;
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if !used.contains(&*name) && fs::remove_file(&path).is_ok() {
            bytes -= length;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_kept_is_found_and_what_was_spoilt_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut cache = Cache::new(folder.path().join("deep/er"));
        let wav = Wav::of_samples(&[1; 100]);
        assert_eq!(cache.find("a"), None);
        cache.keep("a", &wav);
        assert_eq!(cache.find("a"), Some(wav));
        fs::write(folder.path().join("deep/er/a.wav"), "junk").expect("written");
        assert_eq!(cache.find("a"), None);
    }

    #[test]
    fn of_too_much_the_oldest_goes_that_nobody_asked_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut cache = Cache::new(folder.path().into());
        for (name, age) in [("first", 1), ("second", 2), ("third", 3)] {
            cache.keep(name, &Wav::of_samples(&[1; 1_000]));
            let file = fs::File::open(cache.path(name)).expect("a file");
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(age)).expect("its age");
        }
        tidy(folder.path(), &BTreeSet::from(["first".to_owned()]), 2_500);
        assert!(cache.find("first").is_some() && cache.find("third").is_some());
        assert_eq!(cache.find("second"), None);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_no_trouble() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("file"), "").expect("written");
        let mut cache = Cache::new(folder.path().join("file/inside"));
        cache.keep("a", &Wav::of_samples(&[1; 100]));
        cache.tidy();
        assert_eq!(cache.find("a"), None);
    }
}
