//! One session's connection: a command goes out, its reply comes in.

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tracing::debug;

use super::{
    watch::{CommandResult, Outcome, Watch},
    wire::{Command, Environment, Lines, Replies, Reply, Said, environment},
};
use crate::{clock::Clock, domain::Time};

/// How soon Asterisk should take notice of a command that ends a sound.
const NOTICED: Duration = Duration::from_millis(50);

/// Why a session is over that we did not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// The caller is gone, or Asterisk took him away.
    HungUp,
    /// The connection ended.
    Lost,
    /// Nothing came in time.
    Silent,
    /// It is not Asterisk's FastAGI that is there.
    Garbled,
}

impl From<Over> for Outcome {
    fn from(over: Over) -> Self {
        match over {
            Over::HungUp => Self::HungUp,
            Over::Lost => Self::Lost,
            Over::Silent => Self::Silent,
            Over::Garbled => Self::Garbled,
        }
    }
}

/// The connection.
pub(super) struct Link {
    stream: TcpStream,
    lines: Lines,
    replies: Replies,
    /// So long a reply may take that takes no time.
    pub(super) silence: Duration,
    clock: Arc<Clock>,
    watch: Arc<dyn Watch>,
}

impl Link {
    pub(super) fn new(stream: TcpStream, silence: Duration, clock: Arc<Clock>, watch: Arc<dyn Watch>) -> Self {
        // A command is a few bytes, and Asterisk waits for it.
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%error, "commands may be late");
        }
        Self { stream, lines: Lines::default(), replies: Replies::default(), silence, clock, watch }
    }

    /// What Asterisk says of the call. All of it within the limit of silence, however slowly it comes.
    pub(super) async fn environment(&mut self) -> Result<Environment, Over> {
        let silence = self.silence;
        let read = async {
            let mut reading = environment::Reading::default();
            loop {
                let line = self.line().await?;
                match reading.take(&line) {
                    Ok(Some(environment)) => return Ok(environment),
                    Ok(None) => {}
                    Err(fault) => {
                        debug!(%fault, "what came is no call of Asterisk's");
                        return Err(Over::Garbled);
                    }
                }
            }
        };
        timeout(silence, read).await.unwrap_or(Err(Over::Silent))
    }

    /// Sends a command and waits for its reply, for so long beyond the limit of silence.
    pub(super) async fn ask(&mut self, command: &Command, lasts: Duration) -> Result<Reply, Over> {
        let begun = self.clock.now();
        let heard = match self.say(command).await {
            Ok(true) => timeout(self.silence + lasts, self.hear()).await.unwrap_or(Err(Over::Silent)),
            Ok(false) => Ok(Reply::Misused),
            Err(over) => Err(over),
        };
        self.tell(command, begun, &heard.clone().map(Some));
        // He is gone, and the word for it comes behind; nothing can be done for him before it.
        if heard == Ok(Reply::Dead) { Err(Over::HungUp) } else { heard }
    }

    /// Tells those who count what came of a command.
    pub(super) fn tell(&self, command: &Command, begun: Time, heard: &Result<Option<Reply>, Over>) {
        self.watch.command(command.kind(), result(command, heard), self.clock.now().since(begun));
    }

    /// Sends a command; false when it cannot be written.
    pub(super) async fn say(&mut self, command: &Command) -> Result<bool, Over> {
        let line = match command.line() {
            Ok(line) => line,
            Err(why) => {
                debug!(command = command.kind(), %why, "a command is not sent");
                return Ok(false);
            }
        };
        match timeout(self.silence, self.stream.write_all(line.as_bytes())).await {
            Ok(Ok(())) => Ok(true),
            Ok(Err(_gone)) => Err(Over::Lost),
            Err(_elapsed) => Err(Over::Silent),
        }
    }

    /// The next reply. Nothing is lost when it is not waited for to its end.
    pub(super) async fn hear(&mut self) -> Result<Reply, Over> {
        loop {
            let line = self.line().await?;
            match self.replies.take(&line) {
                Ok(Some(Said::Reply(reply))) => return Ok(reply),
                Ok(Some(Said::HungUp)) => return Err(Over::HungUp),
                Ok(None) => {}
                Err(why) => {
                    debug!(%why, "not understood");
                    return Err(Over::Garbled);
                }
            }
        }
    }

    /// Ends what [`Command::StreamFile`] plays: any command does, and then that one has no reply; unless its reply was on its way,
    /// which is given back. Of two commands that reach Asterisk together it sees the first alone until a third comes, so one
    /// that is not noticed is followed by another.
    pub(super) async fn end_stream(&mut self) -> Result<Option<Reply>, Over> {
        let silence = self.silence;
        timeout(silence, self.interrupt()).await.unwrap_or(Err(Over::Silent))
    }

    async fn interrupt(&mut self) -> Result<Option<Reply>, Over> {
        let (mut asked, mut streamed) = (0_u32, None);
        loop {
            self.say(&Command::Noop).await?;
            asked += 1;
            while let Ok(heard) = timeout(NOTICED, self.hear()).await {
                match heard? {
                    Reply::Dead => return Err(Over::HungUp),
                    reply @ Reply::Done(_) if reply.ended_at().is_some() => streamed = Some(reply),
                    Reply::Done(_) | Reply::Unknown | Reply::Misused => asked -= 1,
                }
                if asked == 0 {
                    return Ok(streamed);
                }
            }
        }
    }

    /// We are done: Asterisk goes on in its dialplan.
    pub(super) async fn close(mut self) {
        // It has all that we said, and closes its end, too.
        let _closed = timeout(self.silence, self.stream.shutdown()).await;
    }

    async fn line(&mut self) -> Result<String, Over> {
        loop {
            match self.lines.next() {
                Ok(Some(line)) => return Ok(line),
                Ok(None) => {}
                Err(why) => {
                    debug!(%why, "not understood");
                    return Err(Over::Garbled);
                }
            }
            let mut bytes = [0; 4096];
            match self.stream.read(&mut bytes).await {
                Ok(0) | Err(_) => return Err(Over::Lost),
                Ok(count) => self.lines.push(&bytes[..count]),
            }
        }
    }
}

/// A sound that we ended has no reply.
fn result(command: &Command, heard: &Result<Option<Reply>, Over>) -> CommandResult {
    match heard {
        Ok(Some(Reply::Unknown | Reply::Misused)) => CommandResult::Misused,
        Ok(Some(Reply::Dead)) | Err(Over::HungUp) => CommandResult::Gone,
        Ok(Some(reply)) if reply.number().is_some_and(|number| command.is_failed_by(number)) => CommandResult::Failed,
        Ok(Some(Reply::Done(_)) | None) => CommandResult::Done,
        Err(Over::Lost | Over::Silent | Over::Garbled) => CommandResult::Unanswered,
    }
}
