//! The channels of a number: how many calls it has, and whether one more is let in.

use crate::{
    dialplan::{Plan, PublicNumber},
    domain::Caller,
};

/// As what a call counts towards its number's channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Share {
    /// As one of anybody.
    #[default]
    Open,
    /// As one of those for whom some channels are kept.
    Kept,
    /// As none: the number was full, and he went where the plan leads then.
    Beyond,
    /// As none: he calls from a telephone of the house.
    Inside,
    /// As none: Asterisk's dialplan let him in for a flow, whatever number he called.
    Apart,
    /// As none: we called him.
    CalledBack,
    /// As none: Asterisk's dialplan keeps him, and only asks for an operator.
    Choosing,
}

/// Calls that a number has on its channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct InUse {
    open: u32,
    kept: u32,
}

impl Share {
    /// Whether it counts at all.
    pub(crate) fn is_counted(self) -> bool {
        match self {
            Self::Open | Self::Kept => true,
            Self::Beyond | Self::Inside | Self::Apart | Self::CalledBack | Self::Choosing => false,
        }
    }

    /// What a caller is to a number, if there is room for him.
    pub(crate) fn of(caller: &Caller, number: &PublicNumber, plan: &Plan) -> Self {
        if caller.is_internal() {
            return Self::Inside;
        }
        let list = number.reserved.as_ref().and_then(|reserved| plan.lists.get(&reserved.list));
        if list.is_some_and(|list| list.contains(caller)) { Self::Kept } else { Self::Open }
    }
}

impl InUse {
    /// All of them.
    pub(crate) fn calls(self) -> u32 {
        self.open + self.kept
    }

    /// Whether one more finds no channel. Those for whom some are kept take these first, and any other that is free.
    pub(crate) fn is_full(self, share: Share, number: &PublicNumber) -> bool {
        let Some(channels) = number.channels else { return false };
        let reserved = number.reserved.as_ref().map_or(0, |reserved| reserved.channels);
        match share {
            Share::Open => self.calls() >= channels || self.open >= channels.saturating_sub(reserved),
            Share::Kept => self.calls() >= channels,
            Share::Beyond | Share::Inside | Share::Apart | Share::CalledBack | Share::Choosing => false,
        }
    }

    /// One more.
    pub(crate) fn add(&mut self, share: Share) {
        match share {
            Share::Open => self.open += 1,
            Share::Kept => self.kept += 1,
            Share::Beyond | Share::Inside | Share::Apart | Share::CalledBack | Share::Choosing => {}
        }
    }

    /// One less.
    pub(crate) fn take(&mut self, share: Share) {
        match share {
            Share::Open => self.open = self.open.saturating_sub(1),
            Share::Kept => self.kept = self.kept.saturating_sub(1),
            Share::Beyond | Share::Inside | Share::Apart | Share::CalledBack | Share::Choosing => {}
        }
    }
}
