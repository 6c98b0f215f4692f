//! What the people at the telephones saw and heard: the evidence for every scenario.

use std::{fmt, sync::Arc};

use super::{World, caller::CallerId, channel::Hears};
use crate::domain::Time;

/// Something that somebody saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When.
    pub at: Time,
    /// Who.
    pub who: Who,
    /// What.
    pub what: Sight,
}

/// Somebody at a telephone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// A caller.
    Caller(CallerId),
    /// A phone, by its dial string without the technology: `anna`.
    Phone(Arc<str>),
}

impl fmt::Debug for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Caller(caller) => write!(f, "caller {}", caller.0),
            Self::Phone(phone) => write!(f, "phone {phone}"),
        }
    }
}

/// What is to be seen or heard at a telephone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// A caller dialled.
    Dialled {
        /// The number.
        number: Arc<str>,
    },
    /// An INVITE came to a phone.
    Invited {
        /// The leg's channel.
        leg: Arc<str>,
        /// The number in `From`.
        from: Arc<str>,
    },
    /// A phone rings and says so, or a caller was told that it rings (180).
    Ringing,
    /// A caller was told to listen although he is not answered (183).
    Progress,
    /// A phone picked up, or a caller was answered (200).
    Answered,
    /// A phone, or Asterisk to a caller, said no with this SIP status.
    Refused {
        /// The SIP status.
        status: u16,
    },
    /// A phone no longer needs to ring (CANCEL).
    Cancelled {
        /// "Call completed elsewhere": shows no missed call.
        elsewhere: bool,
    },
    /// The far side ended an answered call (BYE).
    Bye {
        /// "Call completed elsewhere".
        elsewhere: bool,
    },
    /// This side hung up.
    HungUp,
    /// The line went dead without a word: Asterisk died.
    Dead,
    /// Somebody pressed a key.
    Pressed {
        /// The key.
        key: char,
    },
    /// Somebody hears something played.
    HeardPlayed {
        /// What, as in the request.
        media: Arc<str>,
    },
    /// A caller heard the tone, and what he says is recorded.
    Recorded,
    /// A caller hears music on hold.
    HeardMusic {
        /// Its class.
        class: Arc<str>,
    },
    /// A caller hears a ringing tone that Asterisk makes.
    HeardRinging,
    /// A caller who was answered hears nothing at all.
    HeardNothing,
    /// They hear each other.
    Connected {
        /// The others in the conversation.
        with: Vec<Who>,
    },
    /// They no longer hear each other.
    Parted,
    /// A caller is in Asterisk's own queue.
    Fallback,
}

impl World {
    /// What was seen and is remembered, oldest first.
    pub fn seen(&self) -> impl ExactSizeIterator<Item = &Seen> + DoubleEndedIterator {
        self.seen.iter()
    }

    /// What was seen from the `from`-th sight on, counted from the beginning of this world, and the number to ask for next.
    pub fn seen_from(&self, from: usize) -> (Vec<Seen>, usize) {
        let skip = from.saturating_sub(self.forgotten);
        (self.seen.iter().skip(skip).cloned().collect(), self.forgotten + self.seen.len())
    }

    pub(super) fn see(&mut self, who: Who, what: Sight) {
        if self.seen.len() >= self.config.remember && self.seen.pop_front().is_some() {
            self.forgotten += 1;
        }
        self.seen.push_back(Seen { at: self.now, who, what });
    }

    /// Tells those at the far ends of all channels that were touched what they hear now.
    pub(super) fn settle(&mut self) {
        while let Some(id) = self.dirty.pop_first() {
            let hears = self.hears(&id);
            let Some(channel) = self.channels.get_mut(&id) else { continue };
            if channel.heard == hears {
                continue;
            }
            let before = std::mem::replace(&mut channel.heard, hears.clone());
            if let Some(who) = self.far_end(&id) {
                self.on_hears(who, before, hears);
            }
        }
    }

    fn on_hears(&mut self, who: Who, before: Hears, hears: Hears) {
        if matches!(before, Hears::Talk(_)) && !matches!(hears, Hears::Talk(_)) {
            self.see(who.clone(), Sight::Parted);
        }
        let sight = match &hears {
            Hears::Talk(with) => Some(Sight::Connected { with: with.clone() }),
            Hears::Played(media) => Some(Sight::HeardPlayed { media: media.clone() }),
            // One who is rung before the customer who is called back hears how that one is rung.
            Hears::Ringing => Some(Sight::HeardRinging),
            // What else an operator hears before he is connected is nobody's concern.
            _ if matches!(who, Who::Phone(_)) => None,
            Hears::Nothing => Some(Sight::HeardNothing),
            Hears::Music(class) => Some(Sight::HeardMusic { class: class.clone() }),
            Hears::Fallback => Some(Sight::Fallback),
            Hears::Himself => Some(Sight::Recorded),
            Hears::Unanswered => None,
        };
        if let Some(sight) = sight {
            self.see(who.clone(), sight);
        }
        self.person_hears(&who, &hears);
    }
}
