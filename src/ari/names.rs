//! What Asterisk calls the callers that it holds.
//!
//! Where a request says for whom a leg is made and dialled, Asterisk takes a channel's name (`PJSIP/trunk-0000002a`) or its id. By
//! its name it finds it at once; by its id only by going through all channels with the list of them locked, and each of them in
//! turn, be it that it has just a packet of music to send (22.10, `main/channelstorage_ao2_legacy.c`). With 500 who wait that is
//! felt. The channel in a request's path has to be an id, by which the application knows it: a name is refused there, with 409.
//!
//! Somebody else may give a channel another name: whoever takes its call over by `Replaces` gives it his own. What Asterisk said
//! last is kept; and a name is used only where one that is out of date refuses nothing. The leg is made without the caller
//! then: it shows nobody's number, and has his language and what he lets others inherit from nobody.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    translate::is_ours,
    wire::{Channel, Kind},
};
use crate::domain::ChannelId;

/// Names by id.
#[derive(Debug, Default)]
pub(super) struct Names(Mutex<HashMap<Arc<str>, Arc<str>>>);

impl Names {
    /// An event was read that is about this channel.
    pub(super) fn heard(&self, kind: Kind, channel: &Channel<'_>) {
        let Some(name) = channel.name.as_deref().filter(|_| !is_ours(&channel.id)) else { return };
        let mut all = self.all();
        match all.get_mut(&*channel.id) {
            Some(known) if **known == *name => {}
            Some(known) => *known = name.into(),
            // He is ours from here to the end that the engine is told.
            None if matches!(kind, Kind::StasisStart) => drop(all.insert((&*channel.id).into(), name.into())),
            None => {}
        }
    }

    /// One who was held before we connected. What has been heard of him since is newer.
    pub(super) fn held(&self, id: &str, name: &str) {
        self.all().entry(id.into()).or_insert_with(|| name.into());
    }

    /// He is ours no more.
    pub(super) fn forget(&self, channel: &ChannelId) {
        self.all().remove(&channel.id);
    }

    /// After a connection nothing is known: Asterisk may have begun anew, and its names with it.
    pub(super) fn forget_all(&self) {
        self.all().clear();
    }

    /// What to call somebody: by his name, or, of whom none is known, by his id.
    pub(super) fn of(&self, channel: &ChannelId) -> Arc<str> {
        self.all().get(&channel.id).unwrap_or(&channel.id).clone()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<str>>> {
        // Nothing is half done in it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::NodeId;

    fn hear(names: &Names, kind: Kind, id: &str, name: &str) {
        let json = format!(r#"{{"id":"{id}","name":"{name}"}}"#);
        names.heard(kind, &serde_json::from_str(&json).expect("a channel"));
    }

    fn of(names: &Names, id: &str) -> String {
        names.of(&ChannelId::new(NodeId(0), id)).to_string()
    }

    #[test]
    fn a_caller_is_called_by_his_name_from_when_he_comes_until_he_leaves() {
        let names = Names::default();
        assert_eq!(of(&names, "1.0"), "1.0");
        hear(&names, Kind::StasisStart, "1.0", "PJSIP/trunk-00000001");
        assert_eq!(of(&names, "1.0"), "PJSIP/trunk-00000001");
        names.forget(&ChannelId::new(NodeId(0), "1.0"));
        hear(&names, Kind::ChannelDestroyed, "1.0", "PJSIP/trunk-00000001");
        assert_eq!(of(&names, "1.0"), "1.0");
        assert!(names.all().is_empty());
    }

    #[test]
    fn the_name_that_he_was_given_last_is_his() {
        let names = Names::default();
        hear(&names, Kind::StasisStart, "1.0", "PJSIP/trunk-00000001");
        hear(&names, Kind::ChannelDtmfReceived, "1.0", "PJSIP/desk-00000007");
        names.held("1.0", "PJSIP/trunk-00000001");
        assert_eq!(of(&names, "1.0"), "PJSIP/desk-00000007");
        names.forget_all();
        names.held("1.0", "PJSIP/trunk-00000001");
        assert_eq!(of(&names, "1.0"), "PJSIP/trunk-00000001");
    }

    #[test]
    fn legs_are_called_by_the_ids_that_we_gave_them() {
        let names = Names::default();
        hear(&names, Kind::StasisStart, "sentral-0000beef-anna-1", "PJSIP/anna-00000002");
        assert!(names.all().is_empty());
    }
}
