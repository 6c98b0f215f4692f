//! The steps of a plan.

use std::{sync::Arc, time::Duration};

use super::{
    Command, Engine, Fact, Wake,
    arrival::Parting,
    call::{self, Doing, Stage, Taking},
    facts::Seen,
    line::Joins,
    notice::Outcome,
    question::Question,
};
use crate::{
    dialplan::{
        Act, Announcement, Plan, Requires, Step, StepId, Switch,
        expr::{Expr, Slot, Value},
    },
    domain::{CallId, ChannelId, Media, PlaybackId, Reason},
};

/// When a caller hangs up in a prompt, Asterisk first says that it failed and then that he left: within 2 ms.
const HUNG_UP_BY_THEN: Duration = Duration::from_millis(100);

/// A plan may take this many steps in a row in which the caller neither hears anything to its end nor presses a key.
pub(super) const MOST_HURRIED: u32 = 100;

/// A call may take this many steps in all: a plan whose circles take time is right to all who look at it in a hurry, and would
/// keep a call for ever. At three steps in each turn of half a minute in a queue that is more than a day. It is counted anew by
/// an engine that finds the call: what is on its way out can wait so long once more, and no mark has to carry it.
pub(super) const MOST_STEPS: u32 = 10_000;

impl Engine {
    /// Goes on at a step; at the plan's end when there is none.
    pub(super) fn go(&mut self, id: CallId, step: Option<StepId>) {
        // A prompt in which he could not be answered is over, whatever ended it.
        self.answer_if_due(id);
        let mut next = step;
        loop {
            let Some(call) = self.calls.get_mut(&id) else { return };
            let Some(at) = next.or_else(|| call.back.pop()) else {
                return self.part(id, Parting::HangUp(Reason::Normal), Outcome::EndedByPlan);
            };
            call.hurried += 1;
            call.steps += 1;
            if call.hurried > MOST_HURRIED || call.steps > MOST_STEPS {
                self.tell(Some(id), Fact::RanInCircles);
                return self.part(id, Parting::HangUp(Reason::Failure), Outcome::EndedByPlan);
            }
            call.at = at;
            let plan = call.plan.clone();
            if self.is_out_of_reach(id, &plan.step(at).act) {
                return self.hand_over(id);
            }
            self.tell(Some(id), Fact::Reached { step: at, flow: plan.flow_at(at).cloned() });
            match self.act(id, &plan, plan.step(at)) {
                Some(goes) => next = goes,
                None => return,
            }
        }
    }

    /// Does what a step does. Where the call goes on in the same moment; `None`: it stays, or has left.
    fn act(&mut self, id: CallId, plan: &Plan, step: &Step) -> Option<Option<StepId>> {
        match &step.act {
            Act::Answer => self.answer_meanwhile(id),
            Act::Override { of, how } => self.override_hours(of, *how),
            Act::Set(sets) => self.set(id, sets),
            Act::Require(requires) => self.require(id, requires),
            Act::Notify(request) => self.notify(id, request),
            Act::Language(language) => self.speak(id, language),
            Act::Hours { of, closed } if !self.are_open(plan, of) => return Some(Some(*closed)),
            Act::Hours { .. } => {}
            Act::If { when, then, .. } if self.holds(id, when) => return Some(Some(*then)),
            Act::If { otherwise, .. } => return Some(otherwise.or(step.next)),
            Act::Switch(switch) => return Some(self.switch(id, switch).or(step.next)),
            Act::Go(target) => return Some(Some(*target)),
            Act::Call(target) => {
                self.comes_back_to(id, step.next);
                return Some(Some(*target));
            }
            Act::Ring(_) | Act::Music { .. } | Act::Wait(_) if self.pauses(id, &step.act) => return None,
            Act::Ring(_) | Act::Music { .. } | Act::Wait(_) => {}
            Act::Play(announcement) if self.play_step(id, announcement) => return None,
            Act::Play(_) => {}
            Act::LookUp(lookup) => {
                self.look_up(id, lookup);
                return None;
            }
            Act::Menu(menu) => {
                self.ask(id, Question::Menu(menu.clone()));
                return None;
            }
            Act::Ask(ask) => {
                self.ask(id, Question::Digits(ask.clone()));
                return None;
            }
            Act::Operator(step) => {
                self.identify(id, step);
                return None;
            }
            Act::Dial(dial) => {
                self.dial(id, dial);
                return None;
            }
            Act::Record(record) => {
                self.take_message(id, record.clone());
                return None;
            }
            Act::Queue(queue) => {
                return match self.join_line(id, queue) {
                    Joins::Stays => None,
                    Joins::Goes(step) => Some(Some(step)),
                };
            }
            Act::Continue => {
                self.give_back_to_dialplan(id);
                return None;
            }
            Act::HangUp(reason) => {
                self.part(id, Parting::HangUp(*reason), Outcome::EndedByPlan);
                return None;
            }
        }
        Some(step.next)
    }

    pub(super) fn value(&self, id: CallId, expr: &Expr) -> Option<Value> {
        self.calls.get(&id).map(|call| expr.value(&Seen { engine: self, call }))
    }

    pub(super) fn holds(&self, id: CallId, when: &Expr) -> bool {
        self.value(id, when) == Some(Value::Truth(true))
    }

    fn set(&mut self, id: CallId, sets: &[(Slot, Expr)]) {
        for (slot, expr) in sets {
            let value = self.value(id, expr);
            if let Some((call, value)) = self.calls.get_mut(&id).zip(value) {
                call.set(*slot, value);
            }
        }
    }

    /// What a call asks of those who are rung for it is this from now on.
    fn require(&mut self, id: CallId, requires: &Arc<Requires>) {
        if let Some(call) = self.calls.get_mut(&id) {
            call.requires = requires.clone();
            self.tell(Some(id), Fact::Required { skills: requires.at(Duration::ZERO).cloned().unwrap_or_default() });
        }
    }

    /// The case that it is, or where all others go.
    fn switch(&self, id: CallId, switch: &Switch) -> Option<StepId> {
        let value = self.value(id, &switch.on)?;
        let case = switch.cases.iter().find(|(case, _)| *case == value);
        case.map(|(_, step)| *step).or(switch.otherwise)
    }

    /// Behind a step at the end of its flow there is nothing to come back to.
    fn comes_back_to(&mut self, id: CallId, next: Option<StepId>) {
        if let Some(call) = self.calls.get_mut(&id) {
            call.back.extend(next);
        }
    }

    /// Goes on behind the step that a call is at.
    pub(super) fn go_on(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else { return };
        let next = call.plan.step(call.at).next;
        self.go(id, next);
    }

    /// Does the step that a call is at once more.
    pub(super) fn go_again(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else { return };
        let at = call.at;
        self.go(id, Some(at));
    }

    /// What a caller hears is cut off, and begins anew.
    pub(super) fn hear_again(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else { return };
        let channel = call.channel.clone();
        let is_kept = matches!(&call.doing, Doing::Recording(Taking { stage: Stage::Done(_), .. }));
        if let Some(playback) = call.hears() {
            self.command(Command::Stop { channel, playback });
        }
        // Whose message is kept does not leave it once more.
        if is_kept {
            return self.go_on(id);
        }
        self.go_again(id);
    }

    pub(super) fn play(&mut self, id: CallId, media: Arc<[Media]>) -> Option<PlaybackId> {
        self.is_to_hear_all(id, &media);
        self.unpark(id);
        // The silence is measured when it has ended.
        self.timers.stop(Wake::Menu(id));
        self.play_where_he_is(id, media)
    }

    /// Plays to a caller, also in the bridge where he waits: its music goes on by itself when it has ended.
    pub(super) fn play_where_he_is(&mut self, id: CallId, media: Arc<[Media]>) -> Option<PlaybackId> {
        let playback = self.new_playback();
        let lasts = Media::length_of(&media).unwrap_or(self.setup.limits.longest_prompt);
        let call = self.calls.get_mut(&id)?;
        call.listens = true;
        // What is played ends it.
        call.hum = None;
        let channel = call.channel.clone();
        match call.switch {
            // Nothing can be written now either, perhaps; and what is played waits for its turn without holding up anybody.
            call::Switch::Found => call.switch = call::Switch::FoundFor(playback),
            // While it plays, nothing can be written on the channel.
            call::Switch::Ours | call::Switch::FoundFor(_) => self.arm(id, lasts),
        }
        let language = self.calls.get(&id).and_then(|call| call.language_of(&media));
        self.command(Command::Play { channel, playback, media, language });
        Some(playback)
    }

    /// Whether there is something to play.
    fn play_step(&mut self, id: CallId, announcement: &Announcement) -> bool {
        let media = self.sounds_of(id, announcement);
        if media.is_empty() {
            return false;
        }
        let Some(playback) = self.play(id, media) else { return true };
        if let Some(call) = self.calls.get_mut(&id) {
            call.doing = Doing::Playing { playback };
        }
        true
    }

    pub(super) fn on_playback_finished(&mut self, channel: &ChannelId, playback: PlaybackId, whole: bool) {
        if let Some(leg) = self.leg_of(channel) {
            return self.on_asked(leg, playback, whole);
        }
        let Some(id) = self.caller_of(channel) else { return };
        let Some(call) = self.calls.get_mut(&id) else { return };
        // One that was cut short, or of a step long past.
        if call.hears() != Some(playback) {
            return;
        }
        if whole {
            call.hurried = 0;
            self.heard(id);
        } else {
            // Most often he hung up, and that is told next: nothing is to be done for him.
            call.unheard = Some(playback);
            self.timers.set(Wake::Unheard(id), self.now + HUNG_UP_BY_THEN);
        }
    }

    /// It could not be played, and he did not hang up: the prompt is to blame.
    pub(super) fn on_unheard(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let unheard = call.unheard.take();
        if unheard.is_some() && call.hears() == unheard {
            self.tell(Some(id), Fact::PromptFailed);
            self.heard(id);
        }
    }

    /// What a caller was to hear is over.
    pub(super) fn heard(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        match &mut call.doing {
            Doing::Playing { .. } => self.go_on(id),
            Doing::Asked(asked) => {
                asked.prompt = None;
                let timeout = asked.question.asking().timeout;
                self.timers.set(Wake::Menu(id), self.now + timeout);
                self.answer_if_due(id);
            }
            Doing::Recording(_) => self.heard_of_message(id),
            Doing::Queued(_) => self.was_told(id),
            Doing::Resting { .. }
            | Doing::LookingUp(_)
            | Doing::Chosen(_)
            | Doing::Dialling(_)
            | Doing::Talking(_)
            | Doing::HandingOver { .. }
            | Doing::Leaving { .. } => {}
        }
    }
}
