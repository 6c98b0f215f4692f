//! Questions that callers answer with keys.
//!
//! A key that is pressed while nobody asks is kept for the next question, which is then answered without being heard. So a
//! key counts the same whether it comes just before a question begins or just after.

use std::sync::Arc;

use super::{
    Command, Engine, Fact, Wake,
    call::{Asked, Doing},
    notice::Entering,
    question::{Question, Reply},
};
use crate::{
    dialplan::{Ask, Choice, Lack, expr::Value},
    domain::{CallId, ChannelId, Digit, Digits, Time},
};

impl Engine {
    /// Asks what the step that a call is at asks.
    pub(super) fn ask(&mut self, id: CallId, question: Question) {
        if let (Question::Menu(_), Some(call)) = (&question, self.calls.get_mut(&id)) {
            call.trail.reach(call.at, &call.back);
        }
        self.pose(id, question, 1, None);
    }

    /// Asks. `after`: why it is asked once more.
    fn pose(&mut self, id: CallId, question: Question, attempt: u32, after: Option<Lack>) {
        self.tell(Some(id), question.asked(attempt));
        let Some(call) = self.calls.get_mut(&id) else { return };
        if !question.takes_ahead() {
            call.ahead.forget();
        }
        let answered_ahead = !call.ahead.is_empty();
        let prompt = if answered_ahead {
            self.is_to_hear(id);
            None
        } else {
            let media = self.sounds_of_question(id, &question, after);
            if media.is_empty() { None } else { self.play(id, media) }
        };
        let prompt_is_missing = prompt.is_none();
        if let Some(call) = self.calls.get_mut(&id) {
            call.doing = Doing::Asked(Asked { question, attempt, prompt, keys: Digits::default() });
        }
        if answered_ahead {
            self.take_ahead(id);
        } else if prompt_is_missing {
            // Where nothing of it can be said, the caller is asked in silence.
            self.answer(id);
            self.heard(id);
        }
    }

    /// Keys that were kept answer one question after the other.
    fn take_ahead(&mut self, id: CallId) {
        while let Some(call) = self.calls.get_mut(&id)
            && let Doing::Asked(_) = call.doing
            && let Some(digit) = call.ahead.take()
        {
            self.take_key(id, digit);
        }
    }

    pub(super) fn on_pressed(&mut self, channel: &ChannelId, digit: Digit) {
        if let Some(leg) = self.leg_of(channel) {
            return self.on_pressed_on_leg(leg, digit);
        }
        let Some(id) = self.caller_of(channel) else { return };
        let Some(call) = self.calls.get_mut(&id) else { return };
        if call.ahead.was_spare(digit, self.now) {
            return;
        }
        match &mut call.doing {
            Doing::Asked(asked) => {
                if let Some(playback) = asked.prompt.take() {
                    let channel = channel.clone();
                    self.command(Command::Stop { channel, playback });
                    self.answer_if_due(id);
                }
                self.take_key(id, digit);
            }
            Doing::Playing { .. } | Doing::Resting { .. } | Doing::LookingUp(_) => call.ahead.keep(digit),
            Doing::Recording(_) => {
                call.hurried = 0;
                self.on_pressed_in_message(id, digit);
            }
            Doing::Queued(_) => self.on_pressed_in_line(id, digit),
            Doing::Dialling(_)
            | Doing::Chosen(_)
            | Doing::Talking(_)
            | Doing::HandingOver { .. }
            | Doing::CallingBack
            | Doing::Leaving { .. } => {}
        }
    }

    /// A key for the question that a caller is asked.
    fn take_key(&mut self, id: CallId, digit: Digit) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Doing::Asked(asked) = &mut call.doing else { return };
        call.hurried = 0;
        asked.keys.push(digit);
        let reply = asked.question.hears(&asked.keys);
        self.on_reply(id, reply);
    }

    /// No key came in time: none at all, or not the rest of an answer.
    pub(super) fn on_menu_silence(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Doing::Asked(asked) = &mut call.doing else { return };
        call.hurried = 0;
        if asked.keys.is_empty() {
            return self.lacks(id, Lack::Silence);
        }
        let reply = asked.question.falls_silent(&asked.keys);
        self.on_reply(id, reply);
    }

    fn on_reply(&mut self, id: CallId, reply: Reply) {
        let Some(Doing::Asked(asked)) = self.calls.get(&id).map(|call| &call.doing) else { return };
        let (question, keys, attempt) = (asked.question.clone(), asked.keys.clone(), asked.attempt);
        let (spare, until) = (question.spare(&keys), self.now + question.asking().inter_digit);
        self.timers.stop(Wake::Menu(id));
        match (reply, question) {
            (Reply::More, _) => self.timers.set(Wake::Menu(id), until),
            (Reply::Chosen(answer, choice), question) => {
                self.leave_spare(id, spare, until);
                self.tell(Some(id), Fact::MenuAnswered { keys: answer });
                self.choose(id, question, attempt, choice);
            }
            (Reply::Entered(entered), Question::Digits(ask)) => {
                self.leave_spare(id, spare, until);
                self.on_entered(id, ask, entered, attempt);
            }
            (Reply::Entered(entered), Question::Extension(step)) => {
                self.leave_spare(id, spare, until);
                let of = self.operator_of_extension(&entered);
                self.pose(id, Question::Pin { step, of, typed: true }, attempt, None);
            }
            (Reply::Entered(entered), Question::Pin { step, of, .. }) => {
                self.leave_spare(id, spare, until);
                self.on_pin(id, &step, of, &entered);
            }
            (Reply::Right, Question::Confirm { ask, entered, .. }) => self.accept(id, &ask, &entered),
            (Reply::Again, Question::Confirm { ask, attempt, .. }) => {
                self.pose(id, Question::Digits(ask), attempt, None);
            }
            (Reply::Wrong | Reply::Entered(_) | Reply::Right | Reply::Again, _) => self.lacks(id, Lack::Invalid),
        }
    }

    fn choose(&mut self, id: CallId, question: Question, attempt: u32, choice: Choice) {
        match choice {
            Choice::Go(step) => self.go(id, Some(step)),
            Choice::Repeat => self.pose(id, question, attempt, None),
            Choice::Back => {
                let Some(call) = self.calls.get_mut(&id) else { return };
                match call.trail.before() {
                    Some((menu, back)) => {
                        call.back = back;
                        self.go(id, Some(menu));
                    }
                    None => self.pose(id, question, attempt, None),
                }
            }
        }
    }

    /// An answer that was whole without the key that ends one.
    fn leave_spare(&mut self, id: CallId, end: Option<Digit>, until: Time) {
        if let Some((call, end)) = self.calls.get_mut(&id).zip(end) {
            call.ahead.spare(end, until);
        }
    }

    fn on_entered(&mut self, id: CallId, ask: Arc<Ask>, entered: Digits, attempt: u32) {
        if !self.is_right(id, &ask, &entered) {
            self.lacks(id, Lack::Invalid);
        } else if ask.confirm.is_some() && !entered.is_empty() {
            self.pose(id, Question::Confirm { ask, entered, attempt }, 1, None);
        } else {
            self.accept(id, &ask, &entered);
        }
    }

    /// Whether an answer is right. The variable has it only for as long as that is looked at.
    fn is_right(&mut self, id: CallId, ask: &Ask, entered: &Digits) -> bool {
        let Some(valid) = &ask.valid else { return true };
        let Some(call) = self.calls.get_mut(&id) else { return false };
        let before = call.variables.clone();
        call.set(ask.into, text(entered));
        let right = self.holds(id, valid);
        if let Some(call) = self.calls.get_mut(&id) {
            call.variables = before;
        }
        right
    }

    fn accept(&mut self, id: CallId, ask: &Ask, entered: &Digits) {
        self.tell(Some(id), Fact::Entering(Entering::Entered));
        if let Some(call) = self.calls.get_mut(&id) {
            call.set(ask.into, text(entered));
        }
        self.go_on(id);
    }

    /// A question was not answered. What was pressed behind a wrong answer was not meant for the question that comes.
    pub(super) fn lacks(&mut self, id: CallId, lack: Lack) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.ahead.forget();
        let Doing::Asked(asked) = &call.doing else { return };
        let (question, attempt, keys) = (asked.question.clone(), asked.attempt, asked.keys.clone());
        self.tell(Some(id), question.lacked(lack, keys));
        let asking = question.asking();
        if attempt < asking.tries {
            self.pose(id, question.anew(), attempt + 1, Some(lack));
        } else if let Some(step) = asking.otherwise.of(lack) {
            self.go(id, Some(step));
        } else {
            self.go_on(id);
        }
    }
}

fn text(entered: &Digits) -> Value {
    Value::Text(entered.to_string().into())
}
