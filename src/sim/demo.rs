//! A lively little company to show: a plan, the Asterisk that serves it, and the people who call and answer.
//!
//! What `sentral demo` does with it:
//!
//! 1. `Demo::start(options)`: the stand-in listens on a port of its own.
//! 2. Load [`PLAN`] as any plan, make an engine of it, start a real ARI node for [`Demo::address`] with [`Demo::login`] and the
//!    application [`APPLICATION`], and run the runtime as for `sentral run`.
//! 3. When the node is up (the first `Fact::NodeUp`), `demo.open().await`: people begin to call.
//! 4. Give every notice to a [`Narrator`](super::narrator::Narrator) made with the time at which the doors opened, and print
//!    the lines that come back.
//! 5. With a number of calls asked for, `demo.closed().await` says when the last caller has left; without, wait for Ctrl-C. Then
//!    print [`Narrator::summary`](super::narrator::Narrator::summary).

use std::{collections::BTreeMap, io, net::SocketAddr, sync::Arc, time::Duration};

use super::{
    face::{Face, Login},
    people::{Crowd, Mood, People},
    world::{Config, Habit, Pickup, Span},
};

/// The company's plan.
pub const PLAN: &str = include_str!("demo.yaml");

/// The Stasis application that its Asterisk hands callers to.
pub const APPLICATION: &str = "sentral";

/// How lively it is.
#[derive(Clone, Debug)]
pub struct Options {
    /// The same seed brings the same people, though real time makes each run its own.
    pub seed: u64,
    /// Where the stand-in listens; port 0: any free one.
    pub listen: SocketAddr,
    /// How many call; `None`: there is no end of them.
    pub calls: Option<u64>,
    /// Between two calls, in the mean.
    pub every: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 1, listen: ([127, 0, 0, 1], 0).into(), calls: None, every: Duration::from_secs(2) }
    }
}

/// The company's telephones and callers, behind a stand-in for Asterisk.
#[derive(Debug)]
pub struct Demo {
    face: Face,
    login: Login,
    options: Options,
}

impl Demo {
    /// Starts the stand-in. Nobody calls before [`Self::open`].
    ///
    /// # Errors
    /// When the port cannot be opened.
    pub async fn start(options: Options) -> io::Result<Self> {
        // It listens on this machine alone, and for as long as the demo lasts; the password is only for form's sake.
        let login = Login { user: "sentral".into(), password: "demo".into() };
        let face = Face::start(options.seed, config(), login.clone(), options.listen).await?;
        face.act(|world, _| staff().into_iter().for_each(|(name, habit)| world.set_phone(name, habit))).await;
        Ok(Self { face, login, options })
    }

    /// Where its ARI is: `http://ADDRESS/ari`.
    pub fn address(&self) -> SocketAddr {
        self.face.address()
    }

    /// Who may use it.
    pub fn login(&self) -> &Login {
        &self.login
    }

    /// The stand-in itself, for those who want to pull its cable.
    pub fn face(&self) -> &Face {
        &self.face
    }

    /// From now on people call.
    pub async fn open(&self) {
        let Options { seed, calls, every, .. } = self.options;
        if let Some(people) = self.face.act(move |_, now| People::new(seed, now, crowd(calls, every))).await {
            self.face.let_call(people).await;
        }
    }

    /// Waits until everybody who was to call has called and left. With no end of callers it waits for ever.
    pub async fn closed(&self) {
        self.face.quiet().await;
    }
}

/// How its Asterisk is set up.
pub(super) fn config() -> Config {
    let lengths: [(Arc<str>, u64); 4] = [
        ("sound:demo/welcome".into(), 2_500),
        ("sound:demo/menu".into(), 6_000),
        ("sound:demo/invalid".into(), 1_500),
        ("sound:demo/sorry".into(), 4_000),
    ];
    let lengths: BTreeMap<_, _> = lengths.map(|(media, millis)| (media, Duration::from_millis(millis))).into();
    // Sights are for scenarios; a demo without an end keeps only the latest.
    Config { application: APPLICATION.into(), lengths, remember: 10_000, ..Config::default() }
}

/// Eight people, each in his own way.
pub(super) fn staff() -> Vec<(&'static str, Habit)> {
    let picks_up = |least, most| Pickup::Answers(Span::secs(least, most));
    let talks = |least, most| Some(Span::secs(least, most));
    let declines = Pickup::Declines(Span::secs(2, 4), 603);
    vec![
        ("anna", Habit { pickup: vec![(9, picks_up(1, 3)), (1, declines)], talk: talks(10, 40), ..Habit::answers() }),
        (
            "boris",
            Habit {
                pickup: vec![(6, picks_up(2, 6)), (2, Pickup::RingsOut), (1, Pickup::Busy)],
                talk: talks(8, 25),
                ..Habit::answers()
            },
        ),
        ("carla", Habit { pickup: vec![(1, picks_up(2, 4))], talk: talks(15, 60), ..Habit::answers() }),
        ("david", Habit { pickup: vec![(8, picks_up(3, 8)), (2, declines)], talk: talks(10, 45), ..Habit::answers() }),
        (
            "erik",
            Habit { pickup: vec![(5, picks_up(3, 10)), (2, Pickup::Busy)], talk: talks(10, 30), ..Habit::answers() },
        ),
        (
            "frida",
            Habit {
                pickup: vec![(4, picks_up(4, 12)), (1, Pickup::RingsOut)],
                talk: talks(20, 50),
                ..Habit::answers()
            },
        ),
        ("greta", Habit { pickup: vec![(9, picks_up(1, 2))], talk: talks(5, 20), ..Habit::answers() }),
        (
            "henrik",
            Habit {
                pickup: vec![(3, picks_up(2, 5)), (1, Pickup::Unreachable(480))],
                talk: talks(10, 30),
                ..Habit::answers()
            },
        ),
    ]
}

/// Those who call.
pub(super) fn crowd(calls: Option<u64>, every: Duration) -> Crowd {
    Crowd {
        numbers: vec![(7, "+4780012345".into()), (3, "+4722334455".into())],
        every,
        calls,
        question: "sound:demo/menu".into(),
        moods: vec![
            (6, Mood::Presses('1')),
            (6, Mood::Presses('2')),
            (3, Mood::Presses('3')),
            (2, Mood::Mistakes('7', '1')),
            (1, Mood::Silent),
            (1, Mood::Leaves),
        ],
        listens: Span::millis(800, 5_000),
        patience: Span::secs(20, 120),
        talks: Span::secs(10, 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_plan_has_no_mistake_and_no_doubt() {
        let checked = crate::dialplan::parse("demo.yaml", PLAN.as_bytes());
        let checked = checked.unwrap_or_else(|faults| panic!("{}", faults.render(false)));
        assert!(checked.warnings.is_empty(), "{}", checked.warnings.render(false));
    }

    #[test]
    fn everybody_in_the_plan_has_a_telephone_and_a_habit() {
        for (name, habit) in staff() {
            assert!(PLAN.contains(&format!("{name}: {{dial: PJSIP/{name}}}")), "{name}");
            assert!(habit.pickup.iter().map(|(weight, _)| weight).sum::<u32>() > 0, "{name}");
        }
        assert_eq!(PLAN.matches("dial: PJSIP/").count(), staff().len());
    }

    #[test]
    fn every_sound_of_the_plan_has_a_length_and_every_number_is_called() {
        for (media, _) in config().lengths {
            assert!(PLAN.contains(&*media), "{media}");
        }
        assert_eq!(PLAN.matches("sound:").count(), 5, "one is played in two flows");
        let bare: String = PLAN.chars().filter(|c| *c != ' ').collect();
        for (_, number) in crowd(None, Duration::from_secs(1)).numbers {
            assert!(bare.contains(&format!("\"{number}\"")), "{number}");
        }
    }

    #[tokio::test]
    async fn its_callers_come_and_go_though_no_engine_is_there() {
        let options = Options { calls: Some(3), every: Duration::from_millis(1), ..Options::default() };
        let demo = Demo::start(options).await.expect("a free port");
        demo.open().await;
        let seen = demo.face().until(0, |seen| seen.what == super::super::world::Sight::Fallback).await;
        assert!(seen.is_some(), "they are in the native queue");
    }
}
