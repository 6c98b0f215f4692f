//! The steps `voicemail` and `record`: what a caller hears before, what he says, and what became of it.
//!
//! While Asterisk records, it does nothing else for that channel. So the dead man's switch is armed for all of it before, and
//! with it is written which recording it is: an engine that finds the caller ends that one first. A message is fetched when
//! the recording is over, and only then is the caller told that it is kept, or that it is not.

use std::{sync::Arc, time::Duration};

use super::{
    Command, Engine, Errand, Fact, Failure, Wake,
    ahead::Ahead,
    call::{Doing, Stage, Taking},
    errand::{Method, Notification, Request},
    message::{About, Address, Chore, Fate, Lost},
    notice::{MessageOutcome, Outcome},
};
use crate::{
    dialplan::{Record, expr::Value},
    domain::{CallId, ChannelId, MessageId, PlaybackId, RecordingId},
};

/// Asterisk counts what it hears, and of a telephone that sends nothing it counts nothing: so long after its time a recording
/// is ended.
const SLACK: Duration = Duration::from_secs(3);

/// So long a caller waits to be told what became of his message. It is safe by then: Asterisk has it, and it is fetched until
/// it is here.
const KEPT_WITHIN: Duration = Duration::from_secs(5);

impl Engine {
    /// Begins the step: what the caller hears before he speaks.
    pub(super) fn take_message(&mut self, id: CallId, record: Arc<Record>) {
        self.drop_message(id);
        // Whoever is to speak is answered before he is greeted.
        self.answer(id);
        let (now, number) = (self.now, self.count());
        let recording = RecordingId { boot: self.setup.boot, number };
        let to = record.notify.as_ref().and_then(|template| self.filled(id, template));
        let notify = to.map(|to| Address { host: to.host.clone(), url: to.url.clone() });
        let Some(call) = self.calls.get(&id) else { return };
        let about = Arc::new(About {
            id: MessageId::new(now, recording),
            node: call.channel.node,
            mailbox: record.mailbox.clone(),
            number: call
                .plan
                .numbers
                .get(&call.number)
                .map_or_else(|| call.number.to_string(), |it| it.number.to_string()),
            caller: call.caller.number().map(Into::into),
            caller_name: call.caller.name.clone(),
            call: id,
            notify,
        });
        self.errand(Errand::Message(Chore::Expect(about.clone())));
        let greeting = self.sounds_of(id, &record.greeting);
        let heard = if greeting.is_empty() { None } else { self.play(id, greeting) };
        let Some(call) = self.calls.get_mut(&id) else { return };
        let stage = heard.map_or(Stage::Recording { since: now, ended: false }, Stage::Greeting);
        // What he pressed before is for no question behind his message.
        call.ahead = Ahead::default();
        call.doing = Doing::Recording(Taking { record, about, stage });
        if heard.is_none() {
            self.begin_recording(id);
        }
    }

    /// It is the caller's turn.
    fn begin_recording(&mut self, id: CallId) {
        self.answer(id);
        self.take_out(id);
        self.hush(id);
        let now = self.now;
        let Some(Taking { stage, record, about }) = self.taking_mut(id) else { return };
        *stage = Stage::Recording { since: now, ended: false };
        let (record, recording, mailbox) = (record.clone(), about.id.recording(), about.mailbox.clone());
        let lasts = record.at_most + SLACK;
        // Nothing can be written until it is over.
        self.write(id, self.setup.limits.dead_man + lasts, None);
        self.timers.set(Wake::Recording(id), now + lasts);
        let Some(call) = self.calls.get(&id) else { return };
        let channel = call.channel.clone();
        self.command(Command::Record { channel, recording, record });
        self.tell(Some(id), Fact::Records { mailbox });
    }

    /// What a caller was to hear before or behind his message is over.
    pub(super) fn heard_of_message(&mut self, id: CallId) {
        let Some(taking) = self.taking_mut(id) else { return };
        match taking.stage {
            Stage::Greeting(_) => self.begin_recording(id),
            Stage::Done(_) => self.go_on(id),
            Stage::Recording { .. } | Stage::Keeping { .. } => {}
        }
    }

    /// A key: the one that ends a message ends the greeting, too.
    pub(super) fn on_pressed_in_message(&mut self, id: CallId, key: crate::domain::Digit) {
        let Some(taking) = self.taking_mut(id).filter(|taking| taking.record.end == Some(key)) else { return };
        match &mut taking.stage {
            Stage::Greeting(playback) => {
                let playback = *playback;
                self.stop(id, playback);
                self.begin_recording(id);
            }
            Stage::Recording { ended, .. } | Stage::Keeping { ended, .. } => *ended = true,
            Stage::Done(_) => {}
        }
    }

    /// Asterisk says that a recording is over, or could not be made.
    pub(super) fn on_recording_over(&mut self, channel: &ChannelId, recording: RecordingId, well: bool) {
        let Some(id) = self.caller_of(channel) else { return };
        let now = self.now;
        let Some(taking) = self.taking_mut(id).filter(|taking| taking.about.id.recording() == recording) else {
            return;
        };
        let Stage::Recording { since, ended } = taking.stage else { return };
        let about = taking.about.clone();
        if !well {
            taking.stage = Stage::Keeping { took: Duration::ZERO, ended };
            self.write(id, self.setup.limits.dead_man, None);
            self.errand(Errand::Message(Chore::Drop(about.clone())));
            self.tell_message(&about, MessageOutcome::NotRecorded, Duration::ZERO);
            return self.no_message(id);
        }
        taking.stage = Stage::Keeping { took: now.since(since), ended };
        self.errand(Errand::Message(Chore::Keep(about)));
        self.timers.set(Wake::Recording(id), now + KEPT_WITHIN);
        // The switch was armed for as long as he might have spoken.
        self.write(id, self.setup.limits.dead_man, None);
    }

    /// It is known what became of a message: of a caller who waits for it, of one who has left, or of an earlier life's.
    pub(super) fn on_message(&mut self, about: &About, fate: Fate) {
        let taking = self.taking_mut(about.call).filter(|taking| taking.about.id == about.id);
        let cut_short = match (&taking, fate) {
            (Some(taking), Fate::Kept(lasts)) => taking.is_cut_short(lasts),
            (Some(_) | None, _) => false,
        };
        let (outcome, lasts) = match fate {
            Fate::Kept(lasts) if cut_short => (MessageOutcome::CutShort, lasts),
            Fate::Kept(lasts) => (MessageOutcome::Kept, lasts),
            Fate::Nothing => (MessageOutcome::Nothing, Duration::ZERO),
            Fate::Lost(why) => (outcome(why), Duration::ZERO),
        };
        let stage = taking.map(|taking| taking.stage);
        self.tell_message(about, outcome, lasts);
        if matches!(fate, Fate::Kept(_)) {
            self.notify_of(about, lasts);
        }
        match stage {
            Some(Stage::Keeping { .. }) => self.settle_message(about.call, outcome),
            // It is known before he speaks that there is no room for it.
            Some(Stage::Greeting(playback)) if outcome != MessageOutcome::Kept => {
                self.stop(about.call, playback);
                self.no_message(about.call);
            }
            Some(Stage::Greeting(_) | Stage::Recording { .. } | Stage::Done(_)) | None => {}
        }
    }

    /// Tells the server that the plan names, which may be told of one message twice: the id says so.
    fn notify_of(&mut self, about: &About, lasts: Duration) {
        let Some(Address { host, url }) = about.notify.clone() else { return };
        let id: Arc<str> = format!("message-{}", about.id).into();
        let call = self.calls.contains_key(&about.call).then_some(about.call);
        self.tell(call, Fact::Notifies { host: host.clone(), url: url.clone(), id: id.clone() });
        let body = Some(about.news(lasts, self.setup.public_url.as_deref()));
        let request = Arc::new(Request { method: Method::Post, host, url, headers: [].into(), body });
        self.errand(Errand::Notify(Notification { id, request }));
    }

    fn tell_message(&mut self, about: &About, outcome: MessageOutcome, lasts: Duration) {
        let call = self.calls.contains_key(&about.call).then_some(about.call);
        let (mailbox, id) = (about.mailbox.clone(), about.id);
        self.tell(call, Fact::Message { mailbox, id, outcome, lasts });
    }

    /// He is told, as the plan says.
    fn settle_message(&mut self, id: CallId, outcome: MessageOutcome) {
        self.timers.stop(Wake::Recording(id));
        let Some(taking) = self.taking_mut(id) else { return };
        let (record, message) = (taking.record.clone(), taking.about.id);
        if let (MessageOutcome::Kept | MessageOutcome::CutShort, Some(slot)) = (outcome, record.into)
            && let Some(call) = self.calls.get_mut(&id)
        {
            call.set(slot, Value::Text(message.to_string().into()));
        }
        match outcome {
            MessageOutcome::Kept => {
                let done = self.sounds_of(id, &record.done);
                if done.is_empty() {
                    return self.go_on_from_message(id);
                }
                let heard = self.play(id, done);
                if let Some((taking, playback)) = self.taking_mut(id).zip(heard) {
                    taking.stage = Stage::Done(playback);
                }
            }
            // There is nothing to thank for.
            MessageOutcome::Nothing => self.go_on_from_message(id),
            MessageOutcome::CutShort
            | MessageOutcome::Full
            | MessageOutcome::NotWritten
            | MessageOutcome::NotRecorded
            | MessageOutcome::Missing => self.no_message(id),
        }
    }

    fn go_on_from_message(&mut self, id: CallId) {
        if let Some(call) = self.calls.get_mut(&id) {
            call.hurried = 0;
        }
        self.go_on(id);
    }

    /// His message is not kept, or not all of it.
    fn no_message(&mut self, id: CallId) {
        self.timers.stop(Wake::Recording(id));
        match self.taking_mut(id).and_then(|taking| taking.record.failed) {
            Some(failed) => self.go(id, Some(failed)),
            None => self.go_on(id),
        }
    }

    /// A recording did not end in its time, or nobody says what became of it.
    pub(super) fn on_recording_overdue(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else { return };
        let channel = call.channel.clone();
        let Doing::Recording(taking) = &call.doing else { return };
        let recording = taking.about.id.recording();
        match taking.stage {
            Stage::Recording { .. } => {
                self.timers.set(Wake::Recording(id), self.now + SLACK);
                self.command(Command::StopRecording { channel, recording });
            }
            Stage::Keeping { .. } => self.settle_message(id, MessageOutcome::Kept),
            Stage::Greeting(_) | Stage::Done(_) => {}
        }
    }

    pub(super) fn on_not_recorded(&mut self, channel: &ChannelId, recording: RecordingId, failure: Failure) {
        match failure {
            // He is gone and we shall hear of it, or something is there already: the rest will tell.
            Failure::Refused(404) => {}
            Failure::Refused(409) | Failure::OutcomeUnknown => {
                self.command(Command::SeekRecording { channel: channel.clone(), recording });
            }
            // With the node away he is asked for when it is back.
            Failure::NotSent if !self.is_up(channel.node) => {}
            Failure::NotSent | Failure::Refused(_) => self.on_recording_over(channel, recording, false),
        }
    }

    /// A call whose node was away while he left a message.
    pub(super) fn resume_message(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else { return };
        let channel = call.channel.clone();
        let Doing::Recording(taking) = &call.doing else { return };
        let recording = taking.about.id.recording();
        match taking.stage {
            // Whether it is over was told to nobody. Until it is, he is not disturbed.
            Stage::Recording { .. } => self.command(Command::SeekRecording { channel, recording }),
            Stage::Greeting(_) | Stage::Done(_) => self.hear_again(id),
            Stage::Keeping { .. } => {}
        }
    }

    /// The caller has gone, or goes elsewhere: what was said is kept, but not half of it.
    pub(super) fn leave_message(&mut self, taking: &Taking) -> Outcome {
        let about = taking.about.clone();
        match taking.stage {
            Stage::Greeting(_) => {
                self.errand(Errand::Message(Chore::Drop(about)));
                Outcome::LeftInMenu
            }
            // Nobody has heard that the recording is over.
            Stage::Recording { .. } => {
                self.errand(Errand::Message(Chore::KeepWhenOver(about)));
                Outcome::LeftMessage
            }
            Stage::Keeping { .. } | Stage::Done(_) => Outcome::LeftMessage,
        }
    }

    /// Another engine has the caller, and greets him anew; what he has said it finds in Asterisk.
    pub(super) fn leave_message_to_next(&mut self, taking: &Taking) {
        let about = taking.about.clone();
        match taking.stage {
            Stage::Greeting(_) => self.errand(Errand::Message(Chore::Drop(about))),
            Stage::Recording { .. } => self.errand(Errand::Message(Chore::Release(about))),
            // It is being fetched, or is here.
            Stage::Keeping { .. } | Stage::Done(_) => {}
        }
    }

    /// Ends a recording, or what is said before or behind it.
    pub(super) fn interrupt_message(&mut self, id: CallId, taking: &Taking) {
        match taking.stage {
            Stage::Greeting(playback) | Stage::Done(playback) => self.stop(id, playback),
            Stage::Recording { .. } => {
                let Some(call) = self.calls.get(&id) else { return };
                let (channel, recording) = (call.channel.clone(), taking.about.id.recording());
                self.command(Command::StopRecording { channel, recording });
            }
            Stage::Keeping { .. } => {}
        }
    }

    /// A greeting that begins anew belongs to another message.
    fn drop_message(&mut self, id: CallId) {
        let Some(Taking { about, stage: Stage::Greeting(_), .. }) = self.taking_mut(id) else { return };
        let about = about.clone();
        self.errand(Errand::Message(Chore::Drop(about)));
    }

    fn taking_mut(&mut self, id: CallId) -> Option<&mut Taking> {
        match &mut self.calls.get_mut(&id)?.doing {
            Doing::Recording(taking) => Some(taking),
            Doing::Playing { .. }
            | Doing::Asked(_)
            | Doing::Resting { .. }
            | Doing::LookingUp(_)
            | Doing::Queued(_)
            | Doing::Chosen(_)
            | Doing::Dialling(_)
            | Doing::Talking(_)
            | Doing::HandingOver { .. }
            | Doing::CallingBack
            | Doing::Leaving { .. } => None,
        }
    }

    fn stop(&mut self, id: CallId, playback: PlaybackId) {
        let Some(call) = self.calls.get(&id) else { return };
        let channel = call.channel.clone();
        self.command(Command::Stop { channel, playback });
    }
}

impl Taking {
    /// Whether something of it must come in a time: the end of a recording, or what became of it.
    pub(super) fn is_waited_for(&self) -> bool {
        matches!(self.stage, Stage::Recording { .. } | Stage::Keeping { .. })
    }

    /// Whether a recording ended that nobody and nothing ended: neither the key, nor a silence (which Asterisk cuts off), nor
    /// its length. Then its disk is full.
    fn is_cut_short(&self, lasts: Duration) -> bool {
        match self.stage {
            Stage::Keeping { took, ended } => {
                !ended && took < self.record.at_most && took.saturating_sub(lasts) < self.record.silence
            }
            Stage::Greeting(_) | Stage::Recording { .. } | Stage::Done(_) => false,
        }
    }
}

fn outcome(why: Lost) -> MessageOutcome {
    match why {
        Lost::Full => MessageOutcome::Full,
        Lost::NotWritten => MessageOutcome::NotWritten,
        Lost::Empty => MessageOutcome::NotRecorded,
        Lost::Missing => MessageOutcome::Missing,
    }
}
