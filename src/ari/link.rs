//! The life of the connection to one node: connect, ask what it holds, listen, doubt, and begin again.

use std::{sync::Arc, time::Duration};

use futures_util::future::try_join_all;
use tokio::{
    select,
    time::{Instant, MissedTickBehavior, interval_at, sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

use super::{
    EVENT_QUEUE, NodeSettings,
    devices::Told,
    held::{Lists, Read},
    lanes::Lanes,
    outlet::Outlet,
    pause::Pauses,
    question,
    request::{Dialect, Repeat, Request},
    rest::{Answer, Client, Shared},
    socket::{Said, Socket},
    watch::{Connection, Lost},
    wire::{Info, Variable},
};
use crate::{
    domain::Time,
    engine::{Event, Failure, Held, Scope},
};

/// The same trouble is told no more often than this.
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// How long we wait, when we are told to stop, for what Asterisk was asked last.
const LAST_REQUESTS: Duration = Duration::from_secs(2);

/// Keeps one node connected.
pub(super) struct Link {
    settings: NodeSettings,
    app: Arc<str>,
    shared: Arc<Shared>,
    /// The connection for questions of our own.
    control: Client,
    /// The lanes' connections, lent to us while the lanes are closed.
    lent: Vec<Client>,
    lanes: Arc<Lanes>,
    outlet: Arc<Outlet>,
    /// Since when the engine believes that the node is up.
    up: Option<Time>,
    /// When Asterisk was started, as it says.
    started: Option<String>,
    told: Option<(Lost, Time)>,
    pauses: Pauses,
}

/// What is known before a node is up.
struct Prepared {
    held: Held,
    /// What it calls who is held.
    names: Vec<(Arc<str>, Arc<str>)>,
    /// How devices are.
    devices: Told,
    dialect: Dialect,
    info: Info,
}

impl Link {
    pub(super) fn new(
        settings: NodeSettings,
        shared: Arc<Shared>,
        control: Client,
        lent: Vec<Client>,
        lanes: Arc<Lanes>,
        outlet: Arc<Outlet>,
    ) -> Self {
        let app = settings.app.as_str().into();
        Self {
            settings,
            app,
            shared,
            control,
            lent,
            lanes,
            outlet,
            up: None,
            started: None,
            told: None,
            pauses: Pauses::default(),
        }
    }

    /// Runs until stopped; then the lanes end too.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        while let Some(why) = self.session(&stop).await {
            if stop.run_until_cancelled(self.recover(why)).await.is_none() {
                break;
            }
        }
        self.lanes.end();
    }

    /// After a connection was lost, or could not be made.
    async fn recover(&mut self, why: Lost) {
        self.shared.watched.lost();
        self.shared.devices.fall();
        self.shared.names.forget_all();
        let was_up = self.up.take().map(|since| self.shared.clock.now().since(since));
        self.shared.watch.connection(self.shared.node, Connection::Lost(why));
        self.tell(why);
        self.close(why, was_up.is_some()).await;
        if why == Lost::Replaced {
            self.stand_by().await;
        }
        let pause = self.pauses.after(why, was_up);
        sleep(pause).await;
    }

    /// Another engine has our application: two that take it from each other lose every call.
    async fn stand_by(&self) {
        let asks = question::application(&self.app);
        loop {
            sleep(self.settings.stand_by).await;
            let answer = self.control.send("stand_by", &asks, Repeat::Harmless, Answer::is_success).await;
            if question::is_free(&answer.map(|answer| answer.body)) {
                info!(node = self.shared.node.0, name = self.settings.name, "the application is free again");
                return;
            }
        }
    }

    /// The engine learns of it first, so that it expects nothing of the commands that come back.
    async fn close(&self, why: Lost, was_up: bool) {
        let node = self.shared.node;
        if why == Lost::Replaced {
            self.outlet.deliver(Event::NodeTaken { node }).await;
        } else if was_up {
            self.outlet.deliver(Event::NodeDown { node }).await;
        }
        for command in self.lanes.close() {
            self.outlet.deliver(Event::Failed { command, failure: Failure::NotSent }).await;
        }
    }

    /// One connection from its beginning to its end; `None` when we were told to stop.
    async fn session(&mut self, stop: &CancellationToken) -> Option<Lost> {
        let mut socket = match stop.run_until_cancelled(Socket::connect(&self.shared, &self.app)).await? {
            Ok(socket) => socket,
            Err(why) => return Some(why),
        };
        match stop.run_until_cancelled(self.attend(&mut socket)).await {
            // It works still, and Asterisk warns of one that ends without a word.
            Some(Err(Lost::Replaced)) => {
                socket.close().await;
                Some(Lost::Replaced)
            }
            Some(Err(why)) => Some(why),
            None => {
                // What we were given last is done first: with the socket our application goes, too.
                self.lanes.end();
                if timeout(LAST_REQUESTS, self.lanes.done_with_all()).await.is_err() {
                    debug!(node = self.shared.node.0, "not everything was done before the end");
                }
                self.let_go().await;
                socket.close().await;
                None
            }
        }
    }

    /// Whoever stands by for our application may have it. Calls and bridges may be left in it.
    async fn let_go(&self) {
        let request = question::no_event_filter(&self.app);
        let asked = async {
            let free = self.control.send("let_go", &request, Repeat::Harmless, Answer::is_success).await;
            self.shared.devices.let_go(&self.control, &self.app).await;
            free
        };
        if !matches!(timeout(LAST_REQUESTS, asked).await, Ok(Ok(_))) {
            debug!(node = self.shared.node.0, "who stands by for the application may wait for it");
        }
    }

    async fn attend(&mut self, socket: &mut Socket) -> Result<std::convert::Infallible, Lost> {
        let (prepared, early) = self.prepare_and_listen(socket).await?;
        self.rise(prepared, early)?;
        self.listen(socket).await
    }

    /// Asks what the node holds and keeps what it says meanwhile.
    async fn prepare_and_listen(&self, socket: &mut Socket) -> Result<(Prepared, Vec<(Event, Time)>), Lost> {
        let mut early = Vec::new();
        let prepare = self.prepare();
        tokio::pin!(prepare);
        loop {
            select! {
                prepared = &mut prepare => return Ok((prepared?, early)),
                said = socket.hear() => match said? {
                    Said::Event(event, received) => early.push((event, received)),
                    Said::Nothing => {}
                },
            }
            if early.len() > EVENT_QUEUE {
                self.shared.watch.discarded(self.shared.node, early.len());
                return Err(Lost::Overflow);
            }
        }
    }

    async fn prepare(&self) -> Result<Prepared, Lost> {
        let info = self.ask("prepare", &question::get("asterisk/info")).await?;
        self.ask("prepare", &question::event_filter(&self.app)).await?;
        let probe = self.control.send("prepare", &question::probe(), Repeat::Harmless, |_| true).await;
        let dialect = question::dialect(&probe.map_err(unprepared)?.body);
        // What is still under way from before might change what we are about to read.
        self.lanes.quiet().await;
        let devices = self.shared.devices.again(self.shared.node, &self.lent, &self.app).await;
        let Read { mut held, names } = self.list().await?;
        if dialect == Dialect::Old {
            self.add_states(&mut held).await?;
        }
        let info = serde_json::from_str(&info.body).unwrap_or_default();
        Ok(Prepared { held, names, devices, dialect, info })
    }

    async fn list(&self) -> Result<Read, Lost> {
        let application = self.ask("list", &question::application(&self.app)).await?;
        let channels = self.ask("list", &question::get("channels")).await?;
        let bridges = self.ask("list", &question::get("bridges")).await?;
        let now = channels.date();
        let lists = Lists { application: application.body, channels: channels.body, bridges: bridges.body, now };
        lists.read(self.shared.node, &self.app).map_err(|error| {
            debug!(node = self.shared.node.0, %error, "asterisk's lists are none");
            Lost::Unprepared
        })
    }

    /// Asks every caller's channel for its state, over all connections at once.
    async fn add_states(&self, held: &mut Held) -> Result<(), Lost> {
        let share = held.channels.len().div_ceil(self.lent.len()).max(1);
        let parts = held.channels.chunks_mut(share).zip(&self.lent).map(async |(part, client)| {
            for channel in part.iter_mut().filter(|channel| channel.is_caller()) {
                let request = question::state_of(&channel.channel.id);
                // 404: it has none, or is gone; then the body is no variable.
                let is_fine = |answer: &Answer| answer.is_success() || answer.status == 404;
                let answer = client.send("list", &request, Repeat::Harmless, is_fine).await.map_err(unprepared)?;
                channel.mark = serde_json::from_str::<Variable<'_>>(&answer.body).ok().map(|it| (*it.value).into());
            }
            Ok(())
        });
        try_join_all(parts).await.map(drop)
    }

    async fn ask(&self, operation: &'static str, request: &Request) -> Result<Answer, Lost> {
        match self.control.send(operation, request, Repeat::Harmless, Answer::is_success).await {
            Err(Failure::Refused(401 | 403)) => Err(Lost::Unauthorized),
            other => other.map_err(unprepared),
        }
    }

    /// Tells the engine what the node holds, and then what happened since we asked.
    fn rise(&mut self, prepared: Prepared, early: Vec<(Event, Time)>) -> Result<(), Lost> {
        let Prepared { mut held, names, devices, dialect, info } = prepared;
        names.iter().for_each(|(id, name)| self.shared.names.held(id, name));
        // A channel that came while we asked is told once: by its own event, in its place.
        held.channels.retain(|channel| !early.iter().any(|(event, _)| arrives(event) == Some(&channel.channel)));
        let (channels, bridges, node) = (held.channels.len(), held.bridges.len(), self.shared.node);
        self.outlet.forgive();
        self.lanes.open(dialect);
        // Nobody is rung before it is known whether he can be.
        let (devices, turn) = devices.split();
        for told in devices {
            self.hand_over(told, self.shared.clock.now())?;
        }
        self.hand_over(Event::NodeUp { node, scope: Scope::WholeCall, held }, self.shared.clock.now())?;
        self.up = Some(self.shared.clock.now());
        self.shared.devices.rise(turn);
        self.shared.watch.connection(node, Connection::Up);
        let restarted = self.started.as_ref().is_some_and(|before| *before != info.status.startup_time);
        info!(
            node = node.0,
            name = self.settings.name,
            version = info.system.version,
            ?dialect,
            channels,
            bridges,
            restarted,
            "connected to Asterisk"
        );
        self.started = Some(info.status.startup_time);
        self.told = None;
        for (event, received) in early {
            self.hand_over(event, received)?;
        }
        self.shared.watched.connected();
        Ok(())
    }

    fn hand_over(&self, event: Event, received: Time) -> Result<(), Lost> {
        let ends = matches!(event, Event::Left { .. }).then(|| event.clone());
        if !self.outlet.offer_heard(event, received) {
            return Err(Lost::Overflow);
        }
        if let Some(Event::Left { channel }) = &ends {
            self.shared.names.forget(channel);
        }
        ends.iter().for_each(|ends| self.shared.watched.told(ends));
        Ok(())
    }

    /// Hands events over until there is reason to doubt.
    async fn listen(&self, socket: &mut Socket) -> Result<std::convert::Infallible, Lost> {
        // The first one soon: when a frozen connection thaws, Asterisk may close the old websocket after it took the new one,
        // and take the application away with it.
        let first = Instant::now() + self.settings.first_test_after;
        let mut test = interval_at(first, self.settings.self_test_after);
        test.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            select! {
                said = socket.hear() => self.take_in(said?)?,
                _ = test.tick() => self.test_ourselves(socket).await?,
                () = self.outlet.overflowed() => return Err(Lost::Overflow),
            }
        }
    }

    /// Says something to ourselves and waits until it is heard: through HTTP, the application's event loop and the websocket.
    /// An Asterisk that is stuck anywhere on that way takes calls and does nothing for them. Any other message comes that way
    /// too, and any other answer shows that requests come through.
    async fn test_ourselves(&self, socket: &mut Socket) -> Result<(), Lost> {
        socket.ping().await?;
        let (request, before) = (question::self_test(&self.app), self.shared.answers());
        let asked = self.control.send("self_test", &request, Repeat::Harmless, Answer::is_success);
        let late = sleep(self.settings.echo_within);
        tokio::pin!(asked, late);
        let (mut heard, mut over) = (false, false);
        let is_answered = || self.shared.answers() > before;
        while !(heard && over && is_answered()) {
            select! {
                said = socket.hear() => {
                    self.take_in(said?)?;
                    heard = true;
                }
                _ = &mut asked, if !over => over = true,
                () = self.outlet.overflowed() => return Err(Lost::Overflow),
                () = &mut late => break,
            }
        }
        match (heard, is_answered()) {
            (true, true) => Ok(()),
            (true, false) => Err(Lost::Unanswered),
            (false, _) => Err(Lost::Silent),
        }
    }

    fn take_in(&self, said: Said) -> Result<(), Lost> {
        match said {
            Said::Event(event, received) => self.hand_over(event, received),
            Said::Nothing => Ok(()),
        }
    }

    /// Says what is wrong: to people, in words, and not every five seconds.
    fn tell(&mut self, why: Lost) {
        let now = self.shared.clock.now();
        if self.told.is_some_and(|(last, at)| last == why && now.since(at) < TOLD_EVERY) {
            return;
        }
        self.told = Some((why, now));
        let (node, name, address) = (self.shared.node.0, &self.settings.name, &self.settings.address);
        match why {
            Lost::Unauthorized => error!(
                node, name, %address, user = self.settings.user,
                "asterisk does not let us in: compare user and password with its ari.conf, and its ACL with our address"
            ),
            Lost::Replaced => error!(
                node, name, %address, app = &*self.app,
                "another engine took our application: only one may use it; this one stands by until it is free"
            ),
            Lost::Unreachable | Lost::Unprepared | Lost::Closed | Lost::Silent | Lost::Unanswered | Lost::Overflow => {
                warn!(node, name, %address, why = why.word(), "node lost; trying again")
            }
        }
    }
}

fn unprepared(failure: Failure) -> Lost {
    debug!(?failure, "asterisk could not be asked what it holds");
    Lost::Unprepared
}

/// Whose arrival an event tells.
fn arrives(event: &Event) -> Option<&crate::domain::ChannelId> {
    // A leg that is answered meanwhile is held all the same: the engine knows it, and must not miss it.
    if let Event::CallArrived { channel, .. } = event { Some(channel) } else { None }
}
