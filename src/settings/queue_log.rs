//! `queue_log:` as meant.

use super::{check::Check, typed};
use crate::queue_log::{Options, Style};

impl Check<'_> {
    /// Off where no file is named.
    pub(super) fn queue_log(&mut self, typed: typed::QueueLog) -> Option<Options> {
        let style = Style { agent: typed.agent.0, events: typed.events.0 };
        let named = typed.file.filter(|file| !file.as_os_str().is_empty());
        let Some(file) = named else {
            if style != Style::default() {
                let remedy = "name the file that readers look into, as /var/log/sentral/queue_log";
                self.fault("queue_log.file", "is not set, and the other keys of `queue_log` are", remedy);
            }
            return None;
        };
        let file = self.folder.join(file);
        if file.is_dir() || file.file_name().is_none() {
            let what = format!("{} is a folder", file.display());
            self.fault("queue_log.file", what, "name a file in it, as queue_log");
        }
        Some(Options { file, style })
    }
}
