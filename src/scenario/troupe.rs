//! Those who play: the caller with his part, and the operators who change what they do from one ringing to the next.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use super::{
    happening::{Happening, Scribe, is_callers},
    lookups,
    stage::{Behaviour, Deed, Part},
};
use crate::{
    dialplan::Plan,
    domain::{Digit, Name, Time},
    engine::{Answer, Event, Fact, Notice, notice::OperatorState},
    sim::{
        run::Callers,
        world::{CallerId, Calling, Keys, Seen, Sight, Who, World},
    },
};

/// Between two keys.
const BETWEEN_KEYS: Duration = Duration::from_millis(300);
/// When there is no more for him to do and nobody speaks to him, he hangs up after so long.
pub(super) const PATIENCE: Duration = Duration::from_secs(3_600);

/// What the caller does now.
#[derive(Debug)]
enum Doing {
    /// He does what is next at this time.
    Next(Time),
    /// He waits for something; he would hang up at this time.
    Waits(Time),
    /// He has done everything, and hangs up at this time.
    Stays(Time),
    /// He is no longer in a call.
    Gone,
}

/// The troupe.
#[derive(Debug)]
pub(super) struct Troupe {
    part: Part,
    scribe: Scribe,
    doing: Doing,
    does: VecDeque<Deed>,
    /// Keys of a deed that are still to be pressed.
    keys: VecDeque<char>,
    caller: Option<CallerId>,
    connected: bool,
    /// What happened before this was waited for already.
    waited: usize,
    /// How often each operator's telephone has rung to the end.
    rung: BTreeMap<Name, usize>,
    /// What is to become of the operators' duty, and when.
    duty: VecDeque<(Time, Event)>,
    /// Those who wrap up.
    wraps_up: BTreeSet<Name>,
}

impl Troupe {
    pub(super) fn new(plan: Arc<Plan>, part: Part) -> Self {
        let mut duty: Vec<(Time, Event)> = part.duty.iter().map(|deed| (deed.at(part.at), deed.event())).collect();
        duty.sort_by_key(|(at, _)| *at);
        Self {
            doing: Doing::Next(part.at),
            does: part.does.iter().cloned().collect(),
            part,
            scribe: Scribe::new(plan),
            keys: VecDeque::new(),
            caller: None,
            connected: false,
            waited: 0,
            rung: BTreeMap::new(),
            duty: duty.into(),
            wraps_up: BTreeSet::new(),
        }
    }

    /// What happened, and what the caller still had to do.
    pub(super) fn into_happenings(self) -> (Vec<Happening>, Vec<Deed>) {
        (self.scribe.into_happenings(), self.does.into())
    }

    /// When the caller does something, or loses patience.
    fn next_deed(&self) -> Option<Time> {
        match self.doing {
            Doing::Next(at) | Doing::Waits(at) | Doing::Stays(at) => Some(at),
            Doing::Gone => None,
        }
    }

    /// How long he stays who waits for something, or has nothing more to do.
    fn patience(&self) -> Duration {
        let for_a_talk = matches!(self.does.front(), Some(Deed::WaitForQuestion) | None);
        if self.connected && for_a_talk { self.part.talks } else { PATIENCE }
    }

    fn call(&mut self, now: Time, world: &mut World) {
        let calling = Calling {
            number: self.part.from.as_deref().unwrap_or("anonymous").into(),
            name: "".into(),
            withheld: false,
            phone: self.part.phone.as_deref().map(Into::into),
            dialled: self.part.to.as_str().into(),
            keys: Keys::Media,
            reactions: Vec::new(),
        };
        self.caller = Some(world.caller_calls(now, calling));
    }

    /// Does whatever is next.
    fn go_on(&mut self, now: Time, caller: CallerId, world: &mut World) {
        if let Some(key) = self.keys.pop_front() {
            world.caller_presses(now, caller, key);
            self.doing = Doing::Next(if self.keys.is_empty() { now } else { now + BETWEEN_KEYS });
            return;
        }
        self.doing = match self.does.pop_front() {
            Some(Deed::Wait(span)) => Doing::Next(now + span),
            Some(deed @ (Deed::WaitFor(_) | Deed::WaitForQuestion)) => {
                self.does.push_front(deed);
                Doing::Waits(now + self.patience())
            }
            Some(Deed::Press(keys)) => {
                self.keys = keys.to_string().chars().filter(|key| Digit::new(*key).is_some()).collect();
                Doing::Next(now)
            }
            Some(Deed::HangUp) => {
                world.caller_hangs_up(now, caller);
                Doing::Gone
            }
            None => Doing::Stays(now + self.patience()),
        };
        self.look(now);
    }

    /// Looks whether what he waits for has happened.
    fn look(&mut self, now: Time) {
        let Doing::Waits(_) = &self.doing else { return };
        let is_waited_for = |it: &Happening| match self.does.front() {
            Some(Deed::WaitFor(what)) => it.what.is(what),
            Some(Deed::WaitForQuestion) => it.what.is_question(),
            Some(Deed::Wait(_) | Deed::Press(_) | Deed::HangUp) | None => false,
        };
        let happened = self.scribe.happenings().iter().skip(self.waited).position(is_waited_for);
        if let Some(at) = happened {
            self.waited += at + 1;
            self.does.pop_front();
            self.doing = Doing::Next(now);
        }
    }

    /// The caller sees or hears something.
    fn on_sight(&mut self, seen: &Seen) {
        match seen.what {
            Sight::Connected { .. } => {
                self.connected = true;
                self.stay(seen.at);
            }
            Sight::Parted => {
                self.connected = false;
                self.stay(seen.at);
            }
            Sight::Refused { .. } | Sight::Bye { .. } | Sight::HungUp | Sight::Dead => self.doing = Doing::Gone,
            Sight::Dialled { .. }
            | Sight::Invited { .. }
            | Sight::Ringing
            | Sight::Progress
            | Sight::Answered
            | Sight::Cancelled { .. }
            | Sight::Pressed { .. }
            | Sight::HeardPlayed { .. }
            | Sight::HeardMusic { .. }
            | Sight::HeardRinging
            | Sight::HeardNothing
            | Sight::Recorded
            | Sight::Fallback => {}
        }
    }

    /// Somebody began to talk to him, or no longer does: that changes how long he stays.
    fn stay(&mut self, now: Time) {
        if matches!(self.does.front(), Some(Deed::WaitFor(_))) {
            return;
        }
        let until = now + self.patience();
        match &mut self.doing {
            Doing::Waits(at) | Doing::Stays(at) => *at = until,
            Doing::Next(_) | Doing::Gone => {}
        }
    }

    /// A telephone has rung to the end: the next time its operator may do something else.
    fn on_rung(&mut self, phone: &str, world: &mut World) {
        let Some(behaviours) = self.part.operators.get(phone) else { return };
        let rung = self.rung.entry(Name::new(phone)).or_default();
        *rung += 1;
        let next: Option<&Behaviour> = behaviours.get(*rung).or(behaviours.last());
        if let Some(next) = next {
            world.set_phone(phone, next.habit());
        }
    }
}

impl Callers for Troupe {
    fn poll_timeout(&self) -> Option<Time> {
        let duty = self.duty.front().map(|(at, _)| *at);
        self.next_deed().into_iter().chain(duty).min()
    }

    fn poll_event(&mut self, now: Time) -> Option<Event> {
        self.duty.pop_front_if(|(at, _)| *at <= now).map(|(_, event)| event)
    }

    fn is_done(&self) -> bool {
        self.wraps_up.is_empty()
    }

    fn handle_timeout(&mut self, now: Time, world: &mut World) {
        while self.next_deed().is_some_and(|at| at <= now) {
            match (self.caller, &self.doing) {
                (None, _) => self.call(now, world),
                (Some(caller), Doing::Next(_)) => self.go_on(now, caller, world),
                (Some(caller), Doing::Waits(_) | Doing::Stays(_)) => {
                    world.caller_hangs_up(now, caller);
                    self.doing = Doing::Gone;
                }
                (Some(_), Doing::Gone) => return,
            }
        }
    }

    fn called(&self) -> u64 {
        u64::from(self.caller.is_some())
    }

    fn see(&mut self, seen: &Seen, world: &mut World) {
        if is_callers(seen) {
            self.scribe.see(seen);
            self.on_sight(seen);
            self.look(seen.at);
        }
        let over = matches!(
            seen.what,
            Sight::Refused { .. } | Sight::Cancelled { .. } | Sight::Bye { .. } | Sight::HungUp | Sight::Dead
        );
        if let (Who::Phone(phone), true) = (&seen.who, over) {
            self.on_rung(phone, world);
        }
    }

    fn look_up(&mut self, url: &str) -> Option<(Duration, Answer)> {
        lookups::reply(&self.part.lookups, url)
    }

    fn hear(&mut self, notice: &Notice) {
        if let Fact::OperatorChanged { operator, to, .. } = &notice.fact {
            if *to == OperatorState::WrappingUp {
                self.wraps_up.insert(operator.clone());
            } else {
                self.wraps_up.remove(operator);
            }
        }
        // How everybody is to be found is nothing that happens in the call.
        if notice.at < self.part.at {
            return;
        }
        self.scribe.hear(notice.at, &notice.fact);
        self.look(notice.at);
    }
}
