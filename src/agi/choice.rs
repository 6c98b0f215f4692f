//! What a dialplan asks that keeps its calls: `/select`, `/answered`, `/release` and `/route`.

use std::time::Duration;

use super::{link::Over, session::Session, watch::Outcome, wire::Path};
use crate::{
    domain::{
        Caller, ChannelId, Name, ReservationId,
        span::{parse_duration, spoken},
    },
    engine::{Ask, Choice, Event, Reply, notice::OfferOutcome},
};

/// How long an operator is kept whom nobody says to talk, where the dialplan does not say.
const LIMIT: Duration = Duration::from_secs(30);

/// An operator is kept no shorter and no longer than this.
const LIMITS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(600)];

/// Nobody waits longer.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// A question of a dialplan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// An operator.
    Select(Ask),
    /// He was chosen, and talks.
    Answered(Option<ReservationId>),
    /// He was chosen, and is not needed any more.
    Release(Option<ReservationId>, Option<OfferOutcome>),
    /// Where a call would go; a number in place of the one that was dialled.
    Route(Option<String>),
}

/// The paths of this file.
pub(super) const PATHS: [&str; 4] = ["select", "answered", "release", "route"];

impl Question {
    /// What a path asks; `None`: it is none of [`PATHS`].
    ///
    /// # Errors
    /// What is wrong with its parameters, in words for who wrote the dialplan.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, String> {
        let [word] = path.segments.as_slice() else { return Ok(None) };
        let question = match word.as_str() {
            "select" => Self::select(&Given::read(path, word, &["queue", "wait", "limit", "dialstatus"])?)?,
            "answered" => Self::Answered(reservation(&Given::read(path, word, &["reservation"])?)?),
            "release" => {
                let given = Given::read(path, word, &["reservation", "dialstatus"])?;
                Self::Release(reservation(&given)?, outcome(&given)?)
            }
            "route" => Self::Route(Given::read(path, word, &["number"])?.of("number").map(str::to_owned)),
            _ => return Ok(None),
        };
        Ok(Some(question))
    }

    fn select(given: &Given<'_>) -> Result<Self, String> {
        let queue = given.of("queue").ok_or("of which queue? Write /select?queue=NAME")?;
        let limit = given.time("limit", "30s", LIMITS)?.unwrap_or(LIMIT);
        let wait = given.time("wait", "20s", [Duration::ZERO, LONGEST_WAIT])?.unwrap_or_default();
        let before = outcome(given)?.unwrap_or(OfferOutcome::NoAnswer);
        Ok(Self::Select(Ask { queue: Name::new(queue), wait, limit, before }))
    }

    /// As an event.
    pub(super) fn event(self, channel: ChannelId, dialled: std::sync::Arc<str>, caller: Caller) -> Event {
        match self {
            Self::Select(ask) => Event::ChoiceAsked { channel, dialled, caller, ask },
            Self::Answered(reservation) => Event::ChoiceAnswered { channel, reservation },
            Self::Release(reservation, outcome) => Event::ChoiceReleased { channel, reservation, outcome },
            Self::Route(number) => {
                let dialled = number.map_or(dialled, Into::into);
                Event::RouteAsked { channel, dialled, caller }
            }
        }
    }
}

/// Parameters of a path. One without a value is as good as none: a dialplan writes variables there that may be empty.
struct Given<'p> {
    path: &'p Path,
}

impl<'p> Given<'p> {
    fn read(path: &'p Path, word: &str, known: &[&str]) -> Result<Self, String> {
        let mut seen: Vec<&str> = Vec::new();
        for (key, _) in &path.parameters {
            if !known.contains(&key.as_str()) {
                return Err(format!("/{word} has no `{key}`: it has {}", known.join(", ")));
            }
            if seen.contains(&key.as_str()) {
                return Err(format!("`{key}` stands twice in /{word}"));
            }
            seen.push(key);
        }
        Ok(Self { path })
    }

    fn of(&self, key: &str) -> Option<&'p str> {
        let given = self.path.parameters.iter().find(|(name, _)| name == key);
        given.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    fn time(&self, key: &str, example: &str, [least, most]: [Duration; 2]) -> Result<Option<Duration>, String> {
        let Some(text) = self.of(key) else { return Ok(None) };
        let time = parse_duration(text).filter(|time| (least..=most).contains(time));
        let (least, most) = (spoken(least), spoken(most));
        time.map(Some)
            .ok_or_else(|| format!("`{key}={text}` is no time from {least} to {most}: write `{key}={example}`"))
    }
}

fn reservation(given: &Given<'_>) -> Result<Option<ReservationId>, String> {
    let Some(text) = given.of("reservation") else { return Ok(None) };
    let read = ReservationId::parse(text);
    read.map(Some).ok_or_else(|| format!("`reservation={text}` is none: write reservation=${{SENTRAL_RESERVATION}}"))
}

/// What `Dial()` says became of the operator, in the words of its variable `DIALSTATUS`.
fn outcome(given: &Given<'_>) -> Result<Option<OfferOutcome>, String> {
    let Some(text) = given.of("dialstatus") else { return Ok(None) };
    Ok(Some(match text {
        "ANSWER" => OfferOutcome::Answered,
        "BUSY" => OfferOutcome::Busy,
        "NOANSWER" => OfferOutcome::NoAnswer,
        "CANCEL" => OfferOutcome::CallerLeft,
        "CHANUNAVAIL" | "CONGESTION" | "INVALIDARGS" => OfferOutcome::Unreachable,
        "DONTCALL" | "TORTURE" => OfferOutcome::Declined,
        _ => return Err(format!("`dialstatus={text}` is no word of Dial(): write dialstatus=${{DIALSTATUS}}")),
    }))
}

/// What a reply writes, and the word that is written last.
fn written(reply: &Reply) -> (Vec<(&'static str, String)>, &'static str) {
    match reply {
        Reply::Choice(choice) => {
            let (position, chosen) = match choice {
                Choice::Chosen { reservation, operator, dial, ring } => {
                    let ring = ring.as_secs().to_string();
                    let chosen = [
                        ("SENTRAL_OPERATOR", operator.to_string()),
                        ("SENTRAL_DIAL", dial.to_string()),
                        ("SENTRAL_RING", ring),
                        ("SENTRAL_RESERVATION", reservation.to_string()),
                    ];
                    ("0".to_owned(), chosen)
                }
                Choice::Busy { position } | Choice::TimedOut { position } => (position.to_string(), nothing()),
                Choice::Unstaffed | Choice::NoSuchQueue | Choice::Overload | Choice::Draining => {
                    (String::new(), nothing())
                }
            };
            (chosen.into_iter().chain([("SENTRAL_POSITION", position)]).collect(), choice.word())
        }
        Reply::Reservation(noted) => (Vec::new(), noted.word()),
        Reply::Route(route) => {
            let flow = route.flow.as_deref().unwrap_or_default().to_owned();
            let of = route.goes.of().to_owned();
            let word = route.goes.word();
            let route = [("SENTRAL_ROUTE", word.to_owned()), ("SENTRAL_ROUTE_TO", of), ("SENTRAL_ROUTE_FLOW", flow)];
            (route.into(), "route")
        }
    }
}

/// What an earlier choice wrote is not to be dialled.
fn nothing() -> [(&'static str, String); 4] {
    ["SENTRAL_OPERATOR", "SENTRAL_DIAL", "SENTRAL_RING", "SENTRAL_RESERVATION"].map(|name| (name, String::new()))
}

impl Session {
    /// Tells the dialplan what it asked, and that the session ends well.
    pub(super) async fn reply(&mut self, reply: &Reply) -> Result<Outcome, Over> {
        if let (Reply::Choice(Choice::Chosen { .. }), Some(beside)) = (reply, &self.shared.beside) {
            beside.elsewhere.watch(self.channel.clone());
        }
        let (variables, word) = written(reply);
        for (name, value) in variables {
            self.set(name, &value).await?;
        }
        self.part(word, Outcome::Told).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Goes, Noted, Route};

    fn read(script: &str) -> Result<Option<Question>, String> {
        Question::read(&Path::read(script).expect("a path"))
    }

    fn asked(queue: &str, wait: u64, limit: u64, before: OfferOutcome) -> Result<Option<Question>, String> {
        let [wait, limit] = [wait, limit].map(Duration::from_secs);
        Ok(Some(Question::Select(Ask { queue: queue.into(), wait, limit, before })))
    }

    #[test]
    fn a_path_says_what_is_asked() {
        assert_eq!(read("select?queue=sales"), asked("sales", 0, 30, OfferOutcome::NoAnswer));
        assert_eq!(read("select?queue=sales&wait=1m&limit=45s"), asked("sales", 60, 45, OfferOutcome::NoAnswer));
        assert_eq!(read("select?queue=sales&dialstatus=BUSY"), asked("sales", 0, 30, OfferOutcome::Busy));
        assert_eq!(read("select?queue=sales&wait=&dialstatus="), asked("sales", 0, 30, OfferOutcome::NoAnswer));
        let id = ReservationId { boot: 7, number: 12 };
        assert_eq!(read("answered?reservation=00000007-o12"), Ok(Some(Question::Answered(Some(id)))));
        assert_eq!(read("release"), Ok(Some(Question::Release(None, None))));
        let answered = Question::Release(Some(id), Some(OfferOutcome::Answered));
        assert_eq!(read("release?reservation=00000007-o12&dialstatus=ANSWER"), Ok(Some(answered)));
        assert_eq!(read("route"), Ok(Some(Question::Route(None))));
        assert_eq!(read("route?number=+47100"), Ok(Some(Question::Route(Some("+47100".into())))));
        assert_eq!(read("flow/x"), Ok(None));
        assert_eq!(read("selects"), Ok(None));
    }

    #[test]
    fn what_cannot_be_asked_is_told_with_what_to_write() {
        for (script, says) in [
            ("select", "/select?queue=NAME"),
            ("select?queue=", "/select?queue=NAME"),
            ("select?queue=sales&wait=20", "wait=20s"),
            ("select?queue=sales&limit=1h", "limit=30s"),
            ("select?queue=sales&limit=0s", "from 1s to 10m"),
            ("select?queu=sales", "it has queue, wait, limit, dialstatus"),
            ("select?queue=sales&queue=billing", "twice"),
            ("release?dialstatus=GONE", "${DIALSTATUS}"),
            ("answered?reservation=12", "${SENTRAL_RESERVATION}"),
            ("route?to=100", "it has number"),
        ] {
            let told = read(script).expect_err(script);
            assert!(told.contains(says), "{script}: {told}");
        }
    }

    #[test]
    fn a_reply_writes_all_its_variables_and_the_word_last() {
        let chosen = Choice::Chosen {
            reservation: ReservationId { boot: 7, number: 12 },
            operator: "anna".into(),
            dial: "PJSIP/anna".into(),
            ring: Duration::from_secs(15),
        };
        let text = |reply: Reply| {
            let (variables, word) = written(&reply);
            let variables = variables.iter().map(|(name, value)| format!("{name}={value}"));
            variables.chain([word.to_owned()]).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            text(Reply::Choice(chosen)),
            "SENTRAL_OPERATOR=anna SENTRAL_DIAL=PJSIP/anna SENTRAL_RING=15 SENTRAL_RESERVATION=00000007-o12 \
             SENTRAL_POSITION=0 chosen"
        );
        assert_eq!(
            text(Reply::Choice(Choice::Busy { position: 3 })),
            "SENTRAL_OPERATOR= SENTRAL_DIAL= SENTRAL_RING= SENTRAL_RESERVATION= SENTRAL_POSITION=3 busy"
        );
        assert_eq!(text(Reply::Reservation(Noted::Over)), "over");
        let route = Route { goes: Goes::Queue("sales".into()), flow: Some("welcome".into()) };
        assert_eq!(
            text(Reply::Route(route)),
            "SENTRAL_ROUTE=queue SENTRAL_ROUTE_TO=sales SENTRAL_ROUTE_FLOW=welcome route"
        );
    }
}
