//! One call's session: what the engine asks for becomes commands of FastAGI, one after the other.
//!
//! Asterisk carries out one command at a time and hears a key only while one of them waits for it. So a session is always in
//! one: what the engine asked for, or else a short wait for a key.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use tokio::sync::{mpsc, oneshot};
use tracing::{debug, warn};

use super::{
    Beside,
    link::{Link, Over},
    wanted::{Wanted, caller, dialled},
    watch::Outcome,
    wire::{Command, Environment, Reply},
};
use crate::{
    ari::{Heard, marked},
    clock::Clock,
    domain::{ChannelId, Digit, NodeId, Reason, RecordingId},
    engine::{self, Event, Failure, Mark, Sound, command::Record},
};

/// What the dialplan tests behind `AGI()`. It is the last that we write: whoever died before says nothing.
pub(super) const RESULT: &str = "SENTRAL_RESULT";

/// The call that was handed over.
const CALL: &str = "SENTRAL_CALL";

/// So long a wait for a key keeps a command waiting at most.
const LISTENS: Duration = Duration::from_millis(200);

/// As ARI says it of a channel, or a recording, that is not there.
const NOT_THERE: Failure = Failure::Refused(404);

/// As ARI says it of a channel that cannot do what is asked now.
const NOT_NOW: Failure = Failure::Refused(409);

/// What a session alone cannot do.
const NEVER: Failure = Failure::Refused(501);

/// What all sessions have in common.
pub(super) struct Shared {
    pub(super) node: NodeId,
    pub(super) clock: Arc<Clock>,
    pub(super) events: mpsc::Sender<Heard>,
    /// How long an Asterisk sound may last of which that is not known.
    pub(super) longest_prompt: Duration,
    /// The same Asterisk over ARI. Without it nothing is recorded, and of a caller's end only his dialplan tells.
    pub(super) beside: Option<Beside>,
}

impl Shared {
    /// Tells the engine, and waits until all that it asks for then is in our hands: otherwise it would have to wait for the end of
    /// a wait for a key.
    pub(super) async fn tell_and_wait(&self, event: Event) {
        let (handled, done) = oneshot::channel();
        let heard = Heard { handled: Some(handled), ..Heard::new(event, self.clock.now()) };
        if self.events.send(heard).await.is_ok() {
            let _gone = done.await;
        }
    }
}

/// One call.
pub(super) struct Session {
    pub(super) link: Link,
    pub(super) channel: ChannelId,
    pub(super) shared: Arc<Shared>,
    pub(super) inbox: mpsc::Receiver<engine::Command>,
    /// What came while something else was under way.
    pub(super) waiting: VecDeque<engine::Command>,
    is_answered: bool,
    /// Whether he hears what is played though he is not answered.
    has_early_media: bool,
    /// Whether he hears music, or it ring.
    hums: bool,
    /// As it was written on the channel last.
    language: Option<Arc<str>>,
    /// Asterisk's spool folder.
    spool: Option<String>,
}

impl Session {
    /// A session of that channel.
    pub(super) fn new(
        link: Link,
        channel: ChannelId,
        shared: Arc<Shared>,
        inbox: mpsc::Receiver<engine::Command>,
    ) -> Self {
        Self {
            link,
            channel,
            shared,
            inbox,
            waiting: VecDeque::new(),
            is_answered: false,
            has_early_media: false,
            hums: false,
            language: None,
            spool: None,
        }
    }

    /// From the caller's arrival to the end of the session.
    pub(super) async fn run(mut self, wanted: Wanted, environment: &Environment) -> Outcome {
        let outcome = match self.serve(wanted, environment).await {
            Ok(outcome) => outcome,
            Err(over) => over.into(),
        };
        self.link.close().await;
        outcome
    }

    async fn serve(&mut self, wanted: Wanted, environment: &Environment) -> Result<Outcome, Over> {
        let (channel, caller) = (self.channel.clone(), caller(environment));
        let event = match wanted {
            Wanted::Call(enters) => {
                // 6: it is up.
                self.is_answered = self.ask(&Command::ChannelStatus).await?.number() == Some(6);
                Event::CallArrived { channel, enters, caller, answered: self.is_answered }
            }
            Wanted::Answer(question) => question.event(channel, dialled(environment), caller),
        };
        self.shared.tell_and_wait(event).await;
        loop {
            let command = self.next().await?;
            if let Some(outcome) = self.carry_out(command).await? {
                return Ok(outcome);
            }
        }
    }

    /// The next thing to do. Until there is one, his keys are listened for.
    async fn next(&mut self) -> Result<engine::Command, Over> {
        loop {
            self.take_in();
            if let Some(command) = self.waiting.pop_front() {
                return Ok(command);
            }
            let reply = self.link.ask(&Command::WaitForDigit(LISTENS), LISTENS).await?;
            match (reply.number(), key(&reply)) {
                (_, Some(digit)) => self.press(digit).await,
                // Only one who is gone cannot be waited for.
                (Some(-1) | None, None) => return Err(self.gone().await),
                (Some(_), None) => {}
            }
        }
    }

    /// Asterisk says that he is gone.
    async fn gone(&mut self) -> Over {
        match tokio::time::timeout(LISTENS, self.link.hear()).await {
            Ok(Err(over)) => over,
            Ok(Ok(_)) | Err(_) => Over::HungUp,
        }
    }

    /// Takes what came.
    fn take_in(&mut self) {
        while let Ok(command) = self.inbox.try_recv() {
            self.waiting.push_back(command);
        }
    }

    /// He pressed a key. What the engine asks for then is in our hands behind this.
    pub(super) async fn press(&mut self, digit: Digit) {
        let channel = self.channel.clone();
        self.shared.tell_and_wait(Event::Pressed { channel, digit }).await;
        self.take_in();
    }

    /// Does one thing; how the session ends, when that was the last.
    async fn carry_out(&mut self, command: engine::Command) -> Result<Option<Outcome>, Over> {
        use engine::Command as Asked;
        let failed = match &command {
            // Without `i` Asterisk waits half a second for the caller's first sound.
            Asked::Answer { .. } => {
                self.is_answered = self.execute("Answer", ",i").await?;
                (!self.is_answered).then_some(NOT_NOW)
            }
            Asked::Ring { .. } => {
                self.hums = true;
                (!self.execute("Ringing", "").await?).then_some(NOT_NOW)
            }
            Asked::Music { class, .. } => {
                self.be_heard().await?;
                self.hums = true;
                self.ask(&Command::SetMusic(Some(class.to_string()))).await?;
                None
            }
            // It ends whatever Asterisk makes by itself, and so both.
            Asked::Hush { sound: Sound::Ringing | Sound::Music, .. } => {
                self.hush().await?;
                None
            }
            Asked::Mark { mark, .. } => (!self.mark(mark).await?).then_some(NOT_NOW),
            Asked::Play { playback, media, language, .. } => {
                self.speak(language.as_ref()).await?;
                self.play(*playback, media).await?;
                None
            }
            // It is over.
            Asked::Stop { .. } => None,
            Asked::Record { recording, record, .. } => self.record(*recording, record).await?,
            Asked::StopRecording { .. } | Asked::SeekRecording { .. } => Some(NOT_THERE),
            Asked::HangUp { reason, .. } => return self.hang_up(*reason).await.map(Some),
            Asked::Continue { .. } => return self.part("continue", Outcome::Continued).await.map(Some),
            Asked::Reply { reply, .. } => return self.reply(reply).await.map(Some),
            Asked::HandOver { call, .. } => {
                self.set(CALL, &call.to_string()).await?;
                return self.part("stasis", Outcome::HandedOver).await.map(Some);
            }
            Asked::MakeBridge { .. }
            | Asked::DropBridge { .. }
            | Asked::Park { .. }
            | Asked::Unpark { .. }
            | Asked::Create { .. }
            | Asked::Dial { .. }
            | Asked::Originate { .. }
            | Asked::CallOut { .. }
            | Asked::Join { .. } => Some(NEVER),
        };
        if let Some(failure) = failed {
            self.shared.tell_and_wait(Event::Failed { command, failure }).await;
        }
        Ok(None)
    }

    pub(super) async fn ask(&mut self, command: &Command) -> Result<Reply, Over> {
        self.link.ask(command, Duration::ZERO).await
    }

    /// Executes an application of the dialplan; whether it went well.
    async fn execute(&mut self, application: &'static str, options: &str) -> Result<bool, Over> {
        let reply = self.ask(&Command::Exec { application, options: options.into() }).await?;
        Ok(reply.number() == Some(0))
    }

    pub(super) async fn set(&mut self, name: &str, value: &str) -> Result<bool, Over> {
        let reply = self.ask(&Command::SetVariable { name: name.into(), value: value.into() }).await?;
        Ok(reply.number() == Some(1))
    }

    async fn mark(&mut self, mark: &Mark) -> Result<bool, Over> {
        let mut well = true;
        for (name, value) in marked(mark) {
            let mut line = Command::SetVariable { name: name.into(), value };
            if line.line().is_err() {
                // Of a state that is too long: whoever finds the call begins it anew, and not where an older one says.
                warn!(name, "is too long for FastAGI and is written empty");
                line = Command::SetVariable { name: name.into(), value: String::new() };
            }
            well &= self.ask(&line).await?.number() == Some(1);
        }
        if let Some(language) = &mark.language {
            self.language = Some(Arc::clone(language));
        }
        Ok(well)
    }

    /// Asterisk's own sounds come in this language from now on.
    async fn speak(&mut self, language: Option<&Arc<str>>) -> Result<(), Over> {
        let Some(language) = language.filter(|language| self.language.as_ref() != Some(language)) else {
            return Ok(());
        };
        if self.set("CHANNEL(language)", language).await? {
            self.language = Some(Arc::clone(language));
        }
        Ok(())
    }

    /// One who is not answered hears what is played to him as early media.
    pub(super) async fn be_heard(&mut self) -> Result<(), Over> {
        if !self.is_answered && !self.has_early_media {
            self.has_early_media = self.execute("Progress", "").await?;
        }
        Ok(())
    }

    /// Ends music and ringing.
    pub(super) async fn hush(&mut self) -> Result<(), Over> {
        if std::mem::take(&mut self.hums) {
            self.ask(&Command::SetMusic(None)).await?;
        }
        Ok(())
    }

    /// Records; how that came to nothing.
    async fn record(&mut self, recording: RecordingId, record: &Record) -> Result<Option<Failure>, Over> {
        let Some(name) = self.shared.beside.as_ref().map(|beside| beside.recordings.name(recording)) else {
            debug!("nothing is recorded over FastAGI: no node of ARI fetches it (`agi.node` of the settings)");
            return Ok(Some(NEVER));
        };
        if self.spool.is_none() {
            let spool = self.ask(&Command::GetVariable("ASTSPOOLDIR".into())).await?;
            self.spool = spool.value().map(str::to_owned);
        }
        let Some(file) = recorded(self.spool.as_deref(), &name) else {
            debug!("nothing is recorded over FastAGI: Asterisk does not say where (`ASTSPOOLDIR`)");
            return Ok(Some(NEVER));
        };
        self.hush().await?;
        let command = Command::RecordFile {
            file,
            keys: record.end.map(|key| key.to_string()).unwrap_or_default(),
            at_most: record.at_most,
            beep: record.beep,
            silence: record.silence.as_secs(),
        };
        let reply = self.link.ask(&command, record.at_most + self.shared.longest_prompt).await?;
        // `dtmf`, `timeout` (silence is one, too) and `hangup`; all else is that it could not.
        let well = matches!(reply.value(), Some("dtmf" | "timeout" | "hangup"));
        let channel = self.channel.clone();
        self.shared.tell_and_wait(Event::RecordingOver { recording, channel, well }).await;
        Ok(None)
    }

    /// The dialplan goes on, and this is what it finds.
    pub(super) async fn part(&mut self, result: &str, outcome: Outcome) -> Result<Outcome, Over> {
        say_result(&mut self.link, result).await?;
        Ok(outcome)
    }

    /// Asterisk ends the session then.
    async fn hang_up(&mut self, reason: Reason) -> Result<Outcome, Over> {
        say_result(&mut self.link, "hangup").await?;
        self.ask(&Command::HangUp(cause(reason))).await?;
        match self.gone().await {
            Over::HungUp | Over::Lost => Ok(Outcome::Ended),
            over @ (Over::Silent | Over::Garbled) => Err(over),
        }
    }
}

/// The file of a recording, without its ending, where ARI has its own: in Asterisk's spool folder, if that is known.
fn recorded(spool: Option<&str>, name: &str) -> Option<String> {
    spool.filter(|spool| !spool.is_empty()).map(|spool| format!("{spool}/recording/{name}"))
}

/// Whatever the dialplan wants, it cannot have: it is told in its own words, and to who reads the console. Callers' values may be
/// in it.
pub(super) async fn mistaken(mut link: Link, why: &str) -> Outcome {
    debug!(why, "a dialplan asks for what there is not");
    let told = Command::Verbose { message: format!("Sentral: {why}"), level: 1 };
    let said = match link.ask(&told, Duration::ZERO).await {
        Ok(_) => say_result(&mut link, "error").await,
        Err(over) => Err(over),
    };
    link.close().await;
    said.map_or_else(Into::into, |()| Outcome::Mistaken)
}

/// Whether a session ends with this command.
pub(super) fn is_last(command: &engine::Command) -> bool {
    use engine::Command as Asked;
    matches!(command, Asked::HangUp { .. } | Asked::Continue { .. } | Asked::HandOver { .. } | Asked::Reply { .. })
}

/// Writes what the dialplan tests.
pub(super) async fn say_result(link: &mut Link, result: &str) -> Result<(), Over> {
    let command = Command::SetVariable { name: RESULT.into(), value: result.into() };
    link.ask(&command, Duration::ZERO).await.map(drop)
}

/// The key that ended a command: Asterisk tells its ASCII code.
pub(super) fn key(reply: &Reply) -> Option<Digit> {
    let code = reply.number().and_then(|code| u8::try_from(code).ok())?;
    Digit::new(char::from(code))
}

/// As a Q.850 cause, which Asterisk makes a SIP status of (`hangup_cause2sip()` of `chan_pjsip.c`).
fn cause(reason: Reason) -> u8 {
    match reason {
        Reason::Normal => 16,
        Reason::Busy => 17,
        Reason::Congestion => 34,
        Reason::NoAnswer => 19,
        Reason::Timeout => 18,
        Reason::Rejected => 21,
        Reason::Unallocated => 1,
        Reason::Gone => 22,
        Reason::Incomplete => 28,
        Reason::OutOfOrder => 27,
        Reason::Failure => 38,
        Reason::AnsweredElsewhere => 26,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_recorded_in_a_folder_that_is_not_known() {
        assert_eq!(recorded(Some("/var/spool/asterisk"), "a").as_deref(), Some("/var/spool/asterisk/recording/a"));
        assert_eq!(recorded(Some(""), "a"), None);
        assert_eq!(recorded(None, "a"), None);
    }
}
