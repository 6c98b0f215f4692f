//! The wire between engine and Asterisk: requests in their order, deadlines, events in their order, connecting again.

use std::time::Duration;

use super::{Callers, Due, NODE, Sent, Simulation};
use crate::{
    ari::bare::{self, Asked, PATIENCE, Ticket},
    domain::Name,
    engine::{Command, Event, Failure, Scope},
    sim::{
        faults::Fate,
        world::{Answer, Reply, SocketId},
    },
};

/// A request has no outcome after this long.
const DEADLINE: Duration = Duration::from_secs(5);
/// The driver tries to connect again after this long.
const AGAIN: Duration = Duration::from_millis(500);

impl<C: Callers> Simulation<C> {
    pub(super) fn send(&mut self, command: Command) {
        if self.socket.is_none() {
            return self.tell(Event::Failed { command, failure: Failure::NotSent });
        }
        if let Some(ticket) = bare::push(&mut self.order, command) {
            self.set(self.now + PATIENCE, Due::Hurry(ticket));
        }
        self.pump();
    }

    /// A command that could wait has waited long enough.
    pub(super) fn on_hurry(&mut self, ticket: Ticket) {
        self.order.hurry(ticket);
        self.pump();
    }

    /// Sends whatever waits for nothing that is under way.
    fn pump(&mut self) {
        while let Some((turn, command)) = self.order.take() {
            let Some(request) = bare::request(&command, &self.application) else {
                self.order.done(turn);
                continue;
            };
            self.learn_lengths(&command);
            self.count += 1;
            let number = self.count;
            self.sent.insert(number, Sent { turn, command });
            self.set(self.now + DEADLINE, Due::Deadline(number));
            self.carry(number, &request);
        }
    }

    /// In this world prompts last as long as the plan says that they do.
    fn learn_lengths(&mut self, command: &Command) {
        if let Command::Play { media, .. } = command {
            for media in media.iter() {
                if let Some(length) = media.length() {
                    self.world.set_length(&media.to_string(), length);
                }
            }
        }
    }

    fn carry(&mut self, number: u64, request: &Asked) {
        self.report.requests += 1;
        let fate = self.faults.request();
        if fate == Fate::Lost {
            return;
        }
        let answer = self.ask(request);
        match (fate, answer) {
            (Fate::Answered(late), Answer::Now(reply)) => self.set(self.now + late, Due::Reply(number, reply)),
            (Fate::Answered(_), Answer::Later(ticket)) => drop(self.tickets.insert(ticket, number)),
            (Fate::ReplyLost | Fate::Lost, _) => {}
        }
        self.collect();
    }

    fn ask(&mut self, request: &Asked) -> Answer {
        self.world.ask(self.now, request.method, &request.target, request.body.as_deref())
    }

    /// Takes what the world has for us, and shows the check what people saw.
    pub(super) fn collect(&mut self) {
        while let Some((ticket, reply)) = self.world.poll_reply() {
            if let Some(number) = self.tickets.remove(&ticket) {
                self.set(self.now, Due::Reply(number, reply));
            }
        }
        while let Some((socket, text)) = self.world.poll_event() {
            let at = self.faults.event(self.now);
            self.set(at, Due::Event(socket, text));
        }
        while self.world.poll_closed().is_some() {}
        let (seen, next) = self.world.seen_from(self.unseen);
        self.unseen = next;
        for seen in seen {
            self.people.see(&seen, &mut self.world);
            self.check.see(&seen);
            self.report.saw(&seen);
            while let Some(complaint) = self.check.poll_complaint() {
                self.report.complain(&complaint);
            }
        }
    }

    pub(super) fn on_event(&mut self, socket: SocketId, text: &str) {
        if self.socket != Some(socket) {
            return;
        }
        self.report.events += 1;
        self.report.tell(self.now, text);
        if let Some(event) = bare::event(NODE, text) {
            self.tell(event);
        }
    }

    pub(super) fn on_reply(&mut self, number: u64, reply: &Reply) {
        let Some(Sent { turn, command }) = self.sent.remove(&number) else { return };
        self.report.tell(self.now, &format!("{} {command:?}", reply.status));
        let refused = reply.status >= 400 && !bare::is_already_so(&command, reply.status);
        self.order.done(turn);
        self.pump();
        if refused {
            self.tell(Event::Failed { command, failure: Failure::Refused(reply.status) });
        }
    }

    pub(super) fn on_deadline(&mut self, number: u64) {
        let Some(Sent { turn, command }) = self.sent.remove(&number) else { return };
        self.report.unknown += 1;
        self.order.done(turn);
        self.pump();
        self.tell(Event::Failed { command, failure: Failure::OutcomeUnknown });
    }

    /// The websocket is cut, and cannot be opened for a while.
    pub(super) fn on_cut(&mut self, span: Duration) {
        self.disconnect();
        self.timers.retain(|_, due| !matches!(due, Due::Connect));
        if self.engine.is_some() {
            self.set(self.now + span, Due::Connect);
        }
    }

    pub(super) fn disconnect(&mut self) {
        let Some(socket) = self.socket.take() else { return };
        self.world.close_socket(self.now, socket);
        self.tell(Event::NodeDown { node: NODE });
        // What has not left us stays here; what has left us comes back some time.
        for command in self.order.drain() {
            self.tell(Event::Failed { command, failure: Failure::NotSent });
        }
    }

    /// Asterisk died under the requests: nobody knows what became of them.
    pub(super) fn lose_replies(&mut self) {
        self.tickets.clear();
        let sent: Vec<u64> = self.sent.keys().copied().collect();
        for number in sent {
            self.on_deadline(number);
        }
    }

    /// Opens a websocket, says what is wanted, and asks for all that there is.
    pub(super) fn connect(&mut self) {
        if self.engine.is_none() || self.socket.is_some() {
            return;
        }
        let Some(socket) = self.world.open_socket(self.now, &[&self.application]) else {
            return self.set(self.now + AGAIN, Due::Connect);
        };
        self.socket = Some(socket);
        self.fetch(&bare::event_filter(&self.application));
        let devices: Vec<Name> = self.plan.devices().iter().cloned().collect();
        self.fetch(&bare::watch_devices(&self.application, &devices));
        for device in devices {
            let state = bare::device_state(&self.fetch(&bare::device(&device)));
            self.tell(Event::DeviceChanged { node: NODE, device, state });
        }
        let list = |target: String| Asked { method: "GET", target, body: None };
        let application = self.fetch(&list(format!("applications/{}", self.application)));
        let lists = [application, self.fetch(&list("channels".into())), self.fetch(&list("bridges".into()))];
        match bare::held(NODE, &self.application, lists, self.now) {
            Some(held) => self.tell(Event::NodeUp { node: NODE, scope: Scope::WholeCall, held }),
            None => self.report.wrong(self.now, "the lists make no sense to the driver".into()),
        }
    }

    fn fetch(&mut self, request: &Asked) -> String {
        match self.ask(request) {
            Answer::Now(Reply { body: Some(body), .. }) => body.to_string(),
            Answer::Now(Reply { body: None, .. }) | Answer::Later(_) => String::new(),
        }
    }
}
