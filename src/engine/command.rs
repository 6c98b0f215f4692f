//! What a media layer must do: everything the engine can ask for.
//!
//! **One command is one request** to Asterisk (a driver may need two on an Asterisk too old for one), so what a call
//! costs can be counted here, in tests without a socket. Commands that touch the same channel or the same bridge are
//! carried out in the order given; all others in any order, and at the same time.

use std::{sync::Arc, time::Duration};

use super::{choice::Reply, shown::Shown};
pub use crate::dialplan::Record;
use crate::domain::{BridgeId, CallId, ChannelId, Media, Name, NodeId, PlaybackId, Reason, RecordingId};

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Answer a caller.
    Answer {
        /// The caller.
        channel: ChannelId,
    },
    /// Let a caller hear it ring until he hears something else: his own side makes it (180), or Asterisk when he is answered or
    /// has been played something.
    Ring {
        /// The caller.
        channel: ChannelId,
    },
    /// Let a caller hear music until he hears something else. One who is not answered hears it as early media (183).
    Music {
        /// The caller.
        channel: ChannelId,
        /// Asterisk's class of music.
        class: Name,
    },
    /// End [`Command::Ring`] or [`Command::Music`]. Asterisk ends them by itself when something is played, or with the answer.
    Hush {
        /// The caller.
        channel: ChannelId,
        /// Which of the two.
        sound: Sound,
    },
    /// Write on a caller's channel. Waits behind a playback, so none may be running.
    Mark {
        /// The caller.
        channel: ChannelId,
        /// What to write.
        mark: Mark,
    },
    /// Play to a caller. Ends with [`Event::PlaybackFinished`](super::Event::PlaybackFinished).
    Play {
        /// To whom.
        channel: ChannelId,
        /// The name of this playing.
        playback: PlaybackId,
        /// What; at least one.
        media: Arc<[Media]>,
        /// The language in which Asterisk's own sounds among them come, as Asterisk writes it; `None`: that of the channel.
        language: Option<Arc<str>>,
    },
    /// Cut a playing short. That it is over already is no failure.
    Stop {
        /// To whom it is played.
        channel: ChannelId,
        /// The playing.
        playback: PlaybackId,
    },
    /// Record what a caller says, until he ends it, is silent or has spoken long enough. Ends with
    /// [`Event::RecordingOver`](super::Event::RecordingOver). Nothing can be written on his channel meanwhile.
    Record {
        /// The caller.
        channel: ChannelId,
        /// The name of this recording.
        recording: RecordingId,
        /// What ends it, and whether a tone begins it.
        record: Arc<Record>,
    },
    /// End a recording; what was said is kept. One that is over already is refused with 404.
    StopRecording {
        /// The caller.
        channel: ChannelId,
        /// The recording.
        recording: RecordingId,
    },
    /// See whether a recording goes on. One that is over is refused with 404.
    SeekRecording {
        /// The caller.
        channel: ChannelId,
        /// The recording.
        recording: RecordingId,
    },
    /// Make a bridge. That it exists already is no failure.
    MakeBridge {
        /// Its id.
        bridge: BridgeId,
        /// What for.
        kind: BridgeKind,
    },
    /// Take a bridge away; whoever is in it stays in our hands, in silence.
    DropBridge {
        /// The bridge.
        bridge: BridgeId,
    },
    /// Let a caller wait with music, in a bridge made for it. Leaves any other bridge.
    Park {
        /// The caller.
        channel: ChannelId,
        /// A bridge of kind [`BridgeKind::Waiting`].
        bridge: BridgeId,
    },
    /// Take a caller out of the bridge where he waits; he stays in our hands, in silence.
    Unpark {
        /// The caller.
        channel: ChannelId,
        /// Where he waits.
        bridge: BridgeId,
    },
    /// Make a leg to an operator without dialling it. Followed by
    /// [`Event::LegEntered`](super::Event::LegEntered) or [`Event::Failed`](super::Event::Failed).
    Create {
        /// The leg's id.
        leg: ChannelId,
        /// Asterisk's dial string.
        endpoint: Arc<str>,
        /// The caller whom it is for: his codecs, language and number are copied.
        caller: ChannelId,
    },
    /// Ring a leg made by [`Command::Create`].
    Dial {
        /// The leg.
        leg: ChannelId,
        /// The caller whom it is for.
        caller: ChannelId,
        /// Asterisk gives up after this long, in whole seconds.
        ring: Duration,
    },
    /// Make a leg and ring it; it comes into our hands when it is answered.
    Originate {
        /// The leg's id.
        leg: ChannelId,
        /// Asterisk's dial string.
        endpoint: Arc<str>,
        /// The caller whom it is for.
        caller: ChannelId,
        /// What whoever is rung sees, and a trunk is told; `None`: the caller's number and name.
        shows: Option<Box<Shown>>,
        /// Asterisk gives up after this long, in whole seconds.
        ring: Duration,
    },
    /// Call somebody for whom nobody waits yet; he comes into our hands when he answers
    /// ([`Event::LegEntered`](super::Event::LegEntered)).
    CallOut {
        /// The id of his channel.
        channel: ChannelId,
        /// Asterisk's dial string.
        endpoint: Arc<str>,
        /// What he sees, and the trunk is told; `None`: what Asterisk shows by itself.
        shows: Option<Box<Shown>>,
        /// Asterisk gives up after this long, in whole seconds.
        ring: Duration,
    },
    /// Put a caller and an operator's leg into a bridge made for talk. Either leaves any other bridge, and stays in this
    /// one if it is there.
    Join {
        /// A bridge of kind [`BridgeKind::Talk`].
        bridge: BridgeId,
        /// The caller.
        caller: ChannelId,
        /// The operator's leg.
        leg: ChannelId,
        /// Whether the caller is in it already, and only the leg is to be added.
        waiting: bool,
    },
    /// Hang a channel up. That it is gone already is told, as `Refused(404)`.
    HangUp {
        /// The channel.
        channel: ChannelId,
        /// What its far side is told.
        reason: Reason,
        /// See [`Command::can_wait`].
        can_wait: bool,
    },
    /// Give a caller back to Asterisk's dialplan, behind the `Stasis()` that brought him: the native fallback.
    Continue {
        /// The caller.
        channel: ChannelId,
    },
    /// Let a caller of a node of scope [`Scope::CallerAlone`](super::Scope::CallerAlone) come in through a node that can do more,
    /// as [`Enters::HandedOver`](super::Enters::HandedOver). His channel is not in our hands until then, and
    /// [`Event::Left`](super::Event::Left) does not say so.
    HandOver {
        /// The caller.
        channel: ChannelId,
        /// The call that he is known by when he comes.
        call: CallId,
    },
    /// Tell a dialplan what it asked. Its channel is not in our hands any more then.
    Reply {
        /// For which it asked.
        channel: ChannelId,
        /// What it is told.
        reply: Reply,
    },
}

/// What is written on a caller's channel; what is `None` stays as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// The dead man's switch: Asterisk takes the caller to the native fallback after this long (whole seconds), or never
    /// when it is [`Duration::ZERO`].
    pub dead_man: Option<Duration>,
    /// What an engine that finds this call must know to go on with it.
    pub state: Option<Arc<str>>,
    /// The class of music he hears.
    pub music: Option<Name>,
    /// The caller's language, as Asterisk writes it: `nb`, `pt_BR`.
    pub language: Option<Arc<str>>,
}

/// What goes on until it is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sound {
    /// [`Command::Ring`].
    Ringing,
    /// [`Command::Music`].
    Music,
}

/// What a bridge is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BridgeKind {
    /// Two people talk.
    Talk,
    /// Callers wait, each with his own music, none hearing another.
    Waiting,
}

impl Command {
    /// The channel that it is about: a leg of ours rather than its caller; `None`: only a bridge.
    pub fn channel(&self) -> Option<&ChannelId> {
        match self {
            Self::Answer { channel }
            | Self::Ring { channel }
            | Self::Music { channel, .. }
            | Self::Hush { channel, .. }
            | Self::Mark { channel, .. }
            | Self::Play { channel, .. }
            | Self::Stop { channel, .. }
            | Self::Record { channel, .. }
            | Self::StopRecording { channel, .. }
            | Self::SeekRecording { channel, .. }
            | Self::Park { channel, .. }
            | Self::Unpark { channel, .. }
            | Self::HangUp { channel, .. }
            | Self::Continue { channel }
            | Self::HandOver { channel, .. }
            | Self::CallOut { channel, .. }
            | Self::Reply { channel, .. } => Some(channel),
            Self::Create { leg, .. }
            | Self::Dial { leg, .. }
            | Self::Originate { leg, .. }
            | Self::Join { leg, .. } => Some(leg),
            Self::MakeBridge { .. } | Self::DropBridge { .. } => None,
        }
    }

    /// Whether nobody waits for it, so that it may go out a moment later, behind what somebody waits for.
    pub fn can_wait(&self) -> bool {
        matches!(self, Self::HangUp { can_wait: true, .. })
    }

    /// The node that is to carry it out.
    pub fn node(&self) -> NodeId {
        match self {
            Self::MakeBridge { bridge, .. } | Self::DropBridge { bridge } => bridge.node,
            Self::Answer { channel }
            | Self::Ring { channel }
            | Self::Music { channel, .. }
            | Self::Hush { channel, .. }
            | Self::Mark { channel, .. }
            | Self::Play { channel, .. }
            | Self::Stop { channel, .. }
            | Self::Record { channel, .. }
            | Self::StopRecording { channel, .. }
            | Self::SeekRecording { channel, .. }
            | Self::Park { channel, .. }
            | Self::Unpark { channel, .. }
            | Self::HangUp { channel, .. }
            | Self::Continue { channel }
            | Self::HandOver { channel, .. }
            | Self::CallOut { channel, .. }
            | Self::Reply { channel, .. } => channel.node,
            Self::Create { leg, .. }
            | Self::Dial { leg, .. }
            | Self::Originate { leg, .. }
            | Self::Join { leg, .. } => leg.node,
        }
    }

    /// A short word for it, for logs and metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Answer { .. } => "answer",
            Self::Ring { .. } => "ring",
            Self::Music { .. } => "music",
            Self::Hush { .. } => "hush",
            Self::Mark { .. } => "mark",
            Self::Play { .. } => "play",
            Self::Stop { .. } => "stop",
            Self::Record { .. } => "record",
            Self::StopRecording { .. } => "stop_recording",
            Self::SeekRecording { .. } => "seek_recording",
            Self::MakeBridge { .. } => "make_bridge",
            Self::DropBridge { .. } => "drop_bridge",
            Self::Park { .. } => "park",
            Self::Unpark { .. } => "unpark",
            Self::Create { .. } => "create",
            Self::Dial { .. } => "dial",
            Self::Originate { .. } => "originate",
            Self::CallOut { .. } => "call_out",
            Self::Join { .. } => "join",
            Self::HangUp { .. } => "hang_up",
            Self::Continue { .. } => "continue",
            Self::HandOver { .. } => "hand_over",
            Self::Reply { .. } => "reply",
        }
    }
}
