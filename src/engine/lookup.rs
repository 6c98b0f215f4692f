//! Steps that speak with other servers: a call waits for an answer, and goes on with it or without.
//!
//! Asterisk knows nothing of it: he hears what he heard before, ringing or silence, and the dead man's switch is armed again
//! as for anybody who waits. While his node is away nothing becomes of an answer, and the step is done again when it is back.

use std::sync::Arc;

use super::{
    Answer, Engine, Errand, Fact, NoAnswer, Notification, Wake,
    call::{Doing, LookingUp, Switch},
    errand::LookupId,
    facts::Seen,
};
use crate::{
    dialplan::{
        LookUp,
        request::{Request, Template},
    },
    domain::CallId,
};

impl Engine {
    /// Asks, and waits for the answer. Where nothing can be asked there is none.
    pub(super) fn look_up(&mut self, id: CallId, lookup: &Arc<LookUp>) {
        let request = self.filled(id, &lookup.request);
        let id_of = LookupId { call: id, number: self.count() };
        let now = self.now;
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.doing = Doing::LookingUp(LookingUp { lookup: lookup.clone(), id: id_of, since: now });
        match call.switch {
            // Nothing can be written now, perhaps.
            Switch::Found => {}
            Switch::Ours | Switch::FoundFor(_) => self.arm(id, std::time::Duration::ZERO),
        }
        let host = lookup.request.host.clone();
        let Some(request) = request else {
            return self.looked_up(id, Answer::Failed(NoAnswer::Unusable));
        };
        self.tell(Some(id), Fact::LooksUp { host, url: request.url.clone() });
        self.timers.set(Wake::Lookup(id), now + lookup.within);
        self.errands.push_back(Errand::LookUp { lookup: id_of, request, within: lookup.within });
    }

    /// An answer came. One that nobody waits for any more, or on whose call nothing can be done now, is dropped.
    pub(super) fn on_looked_up(&mut self, lookup: LookupId, answer: Answer) {
        let Some(call) = self.calls.get(&lookup.call) else { return };
        let Doing::LookingUp(asked) = &call.doing else { return };
        if asked.id == lookup && self.is_up(call.channel.node) {
            self.looked_up(lookup.call, answer);
        }
    }

    /// No answer came in time.
    pub(super) fn on_lookup_overdue(&mut self, id: CallId) {
        self.looked_up(id, Answer::Failed(NoAnswer::TimedOut));
    }

    fn looked_up(&mut self, id: CallId, answer: Answer) {
        let Some(call) = self.calls.get(&id) else { return };
        let Doing::LookingUp(LookingUp { lookup, since, .. }) = &call.doing else { return };
        let lookup = lookup.clone();
        let took = self.now.since(*since);
        self.timers.stop(Wake::Lookup(id));
        let found = match &answer {
            Answer::Json(json) => Some(json),
            Answer::Failed(_) => None,
        };
        let mut lacks = 0;
        for take in &lookup.takes {
            let taken = found.and_then(|json| take.out_of(json));
            lacks += u32::from(found.is_some() && taken.is_none());
            let value = taken.or_else(|| self.value(id, &take.otherwise));
            if let Some((call, value)) = self.calls.get_mut(&id).zip(value) {
                call.set(take.slot, value);
            }
        }
        let host = lookup.request.host.clone();
        match answer {
            Answer::Json(_) => {
                self.tell(Some(id), Fact::LookedUp { host, took, lacks });
                self.go_on(id);
            }
            Answer::Failed(why) => {
                self.tell(Some(id), Fact::LookupFailed { host, took, why });
                match lookup.failed {
                    Some(step) => self.go(id, Some(step)),
                    None => self.go_on(id),
                }
            }
        }
    }

    /// Tells a server something of a call, and waits for nothing.
    pub(super) fn notify(&mut self, id: CallId, template: &Template) {
        let host = template.host.clone();
        match self.filled(id, template) {
            Some(request) => {
                let news = Notification { id: format!("{id}-{}", self.count()).into(), request };
                let url = news.request.url.clone();
                self.tell(Some(id), Fact::Notifies { host, url, id: news.id.clone() });
                self.errands.push_back(Errand::Notify(news));
            }
            None => self.tell(Some(id), Fact::NotNotified { host }),
        }
    }

    pub(super) fn filled(&self, id: CallId, template: &Template) -> Option<Arc<Request>> {
        let call = self.calls.get(&id)?;
        template.filled(&Seen { engine: self, call }).map(Arc::new)
    }

    /// The next thing to ask of others than Asterisk, or to tell them. Ask until there is none, after every [`Self::handle`].
    pub fn poll_errand(&mut self) -> Option<Errand> {
        self.errands.pop_front()
    }
}
