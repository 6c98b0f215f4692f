//! Histories, and the lines that there are of them: field by field, and as those count who read them.

mod reader;

use std::time::Duration;

use self::reader::Reader;
use super::{
    bench::{Bench, DIRECT, MENU, NODE, held, holding, patience, plan, queue},
    choice,
};
use crate::{
    dialplan::{Capacity, DutyChange, Plan, Queue, StepId, Strategy},
    domain::{Caller, Cause, ChannelId, Digit},
    engine::{
        Ask, Command, DutyBy, Event, Held, HeldChannel, Limits, Notice,
        notice::{OfferOutcome, Transfer},
    },
    queue_log::{Agent, Events, Scribe, Style},
};

const SECOND: Duration = Duration::from_secs(1);

/// What the bench's engine has told, as lines; and one who reads them.
#[derive(Default)]
pub(super) struct Log {
    scribe: Scribe,
    pub(super) lines: Vec<String>,
    reader: Reader,
}

impl Log {
    pub(super) fn of(style: Style, plan: &Plan) -> Self {
        let mut log = Self { scribe: Scribe::new(style), ..Self::default() };
        log.scribe.know(plan);
        log
    }

    pub(super) fn see(&mut self, notice: &Notice) {
        for line in self.scribe.see(notice) {
            self.reader.read(line.text());
            self.lines.push(line.text().to_owned());
        }
    }

    /// Another engine goes on in the same file. What became of calls meanwhile is not in it.
    pub(super) fn next_life(&mut self, plan: &Plan) {
        self.scribe = Scribe::default();
        self.scribe.know(plan);
        self.reader.visits.clear();
    }

    /// What comes about cannot come about: a channel that is gone is there again, with a mark that nobody wrote.
    pub(super) fn expect_no_order(&mut self) {
        self.reader.in_any_order = true;
    }

    /// How many calls it knows that are not over.
    pub(super) fn open(&self) -> usize {
        self.scribe.open()
    }
}

impl Bench {
    /// All lines so far are these, but for their times, which count from the bench's beginning.
    #[track_caller]
    fn expect_lines(&self, expected: &[&str]) {
        let told: Vec<String> = self.log.lines.iter().map(|line| shown(line)).collect();
        assert_eq!(told, expected, "{told:#?}");
    }

    /// One line, of whatever call, says this.
    #[track_caller]
    pub(super) fn expect_line(&self, line: &str) {
        let lines = &self.log.lines;
        assert!(lines.iter().any(|told| told.ends_with(&format!("|{line}"))), "{line} is not in {lines:#?}");
    }
}

/// A line whose time counts from the beginning of the bench.
fn shown(line: &str) -> String {
    let (epoch, rest) = line.split_once('|').expect("fields");
    let epoch = epoch.parse::<u64>().expect("a time") - 1_000_000;
    format!("{epoch}|{rest}")
}

fn one(queue: Queue) -> Bench {
    Bench::new(plan(vec![queue]))
}

fn sales() -> Queue {
    queue("sales", &["anna"], Strategy::Linear)
}

#[test]
fn one_who_is_served_is_told_from_his_coming_to_who_hung_up() {
    let mut bench = Bench::with_queue("sales", ["anna", "boris"]);
    let caller = bench.caller_arrives(MENU);
    let greeting = bench.expect_play(&caller, "greeting");
    bench.passes(2 * SECOND);
    bench.hears_to_the_end(&caller, greeting);
    bench.presses(&caller, "1");
    let anna = bench.expect_offer("anna", &caller);
    bench.passes(Duration::from_millis(3_700));
    bench.declines(&anna);
    let boris = bench.expect_offer("boris", &caller);
    bench.passes(Duration::from_millis(2_500));
    bench.answers(&boris);
    bench.passes(60 * SECOND);
    bench.hangs_up(&boris.leg);
    bench.hangs_up(&caller);
    let leg = &boris.leg.id;
    bench.expect_lines(&[
        "2|171.1|sales|NONE|ENTERQUEUE||+4790000001|1",
        // A refusal is told in whole seconds.
        "5|171.1|sales|anna|RINGNOANSWER|3000",
        &format!("8|171.1|sales|boris|CONNECT|6|{leg}|2"),
        "68|171.1|sales|boris|COMPLETEAGENT|6|60|1",
    ]);
    let Reader { answered: 1, in_time: 1, completed: 1, held: 6, talked: 60, missed: 1, .. } = bench.log.reader else {
        panic!("{:?}", bench.log.reader)
    };
}

#[test]
fn who_lets_it_ring_and_whose_phone_is_busy_have_missed_a_call_and_one_who_was_slower_has_not() {
    let mut bench = Bench::with_strategy(Strategy::RingAll, ["anna", "boris", "carla"]);
    let caller = bench.caller_arrives(DIRECT);
    let [anna, boris, carla] = ["anna", "boris", "carla"].map(|name| bench.expect_offer(name, &caller));
    bench.passes(Duration::from_millis(1_900));
    bench.ends(&carla.leg, Cause { q850: 17, sip: Some(486) });
    bench.passes(Duration::from_millis(11_350));
    bench.rings_out(&anna);
    bench.passes(SECOND);
    bench.answers(&boris);
    bench.hangs_up(&caller);
    let leg = &boris.leg.id;
    bench.expect_lines(&[
        "0|171.1|sales|NONE|ENTERQUEUE||+4790000001|1",
        "1|171.1|sales|carla|RINGNOANSWER|1000",
        "13|171.1|sales|anna|RINGNOANSWER|13250",
        &format!("14|171.1|sales|boris|CONNECT|14|{leg}|14"),
        "14|171.1|sales|boris|COMPLETECALLER|14|0|1",
    ]);
}

#[test]
fn one_who_gives_up_while_it_rings_ends_the_ringing_first() {
    let mut bench = Bench::with_strategy(Strategy::RingAll, ["anna", "boris"]);
    let caller = bench.caller_arrives(DIRECT);
    for name in ["anna", "boris"] {
        bench.expect_offer(name, &caller);
    }
    bench.passes(Duration::from_millis(7_250));
    bench.hangs_up(&caller);
    bench.expect_lines(&[
        "0|171.1|sales|NONE|ENTERQUEUE||+4790000001|1",
        "7|171.1|sales|anna|RINGCANCELED|7250",
        "7|171.1|sales|boris|RINGCANCELED|7250",
        "7|171.1|sales|NONE|ABANDON|1|1|7",
    ]);
    assert_eq!((bench.log.reader.abandoned, bench.log.reader.answered), (1, 0));
}

#[test]
fn who_leaves_a_line_is_told_with_his_place_and_that_to_which_he_came() {
    let mut impatient = patience(sales(), 30 * SECOND);
    impatient.exit.extend(Digit::new('#').map(|key| (key, StepId(4))));
    let mut bench = one(impatient);
    let (talking, anna) = bench.two_talk("anna");
    let leg = anna.leg.id.clone();
    let [first, second, third] = [(); 3].map(|()| {
        bench.passes(SECOND);
        bench.caller_arrives(DIRECT)
    });
    bench.passes(2 * SECOND);
    bench.hangs_up(&first);
    bench.passes(2 * SECOND);
    bench.presses(&third, "#");
    bench.passes(40 * SECOND);
    bench.hangs_up(&talking);
    bench.hangs_up(&second);
    bench.expect_lines(&[
        "0|171.1|sales|NONE|ENTERQUEUE||+4790000001|1",
        &format!("0|171.1|sales|anna|CONNECT|0|{leg}|0"),
        "1|171.2|sales|NONE|ENTERQUEUE||+4790000002|1",
        "2|171.3|sales|NONE|ENTERQUEUE||+4790000003|2",
        "3|171.4|sales|NONE|ENTERQUEUE||+4790000004|3",
        "5|171.2|sales|NONE|ABANDON|1|1|4",
        "7|171.4|sales|NONE|EXITWITHKEY|#|2|3|4",
        "32|171.3|sales|NONE|EXITWITHTIMEOUT|1|2|30",
        "47|171.1|sales|anna|COMPLETECALLER|0|47|1",
    ]);
    let Reader { answered: 1, abandoned: 1, left: 2, completed: 1, .. } = bench.log.reader else {
        panic!("{:?}", bench.log.reader)
    };
}

#[test]
fn whom_nobody_may_serve_leaves_an_empty_queue() {
    let lines = |events| {
        let plan = plan(vec![queue("sales", &[], Strategy::Linear)]);
        let log = Log::of(Style { events, ..Style::default() }, &plan);
        let mut bench = Bench::new(plan);
        bench.log = log;
        bench.caller_arrives(DIRECT);
        bench.log.lines.iter().map(|line| shown(line)).collect::<Vec<_>>()
    };
    let entered = "0|171.1|sales|NONE|ENTERQUEUE||+4790000001|1";
    assert_eq!(lines(Events::Stock), [entered, "0|171.1|sales|NONE|EXITEMPTY|1|1|0"]);
    let did = "0|171.1|sales|NONE|DID|4722334455";
    assert_eq!(lines(Events::Extended), [did, entered, "0|171.1|sales|NONE|JOINEMPTY|1|1|0"]);
}

#[test]
fn a_full_queue_is_told_to_those_alone_who_know_the_word() {
    let lines = |events| {
        let plan = plan(vec![Queue { capacity: Some(Capacity { most: 1, go: StepId(4) }), ..sales() }]);
        let log = Log::of(Style { events, ..Style::default() }, &plan);
        let mut bench = Bench::new(plan);
        bench.log = log;
        bench.two_talk("anna");
        bench.caller_arrives(DIRECT);
        bench.caller_arrives(DIRECT);
        let third = bench.log.lines.iter().map(|line| shown(line)).filter(|line| line.contains("|171.3|"));
        third.collect::<Vec<_>>()
    };
    assert!(lines(Events::Stock).is_empty());
    assert_eq!(lines(Events::Extended), ["0|171.3|sales|NONE|FULL||+4790000003|2"]);
}

#[test]
fn a_transfer_is_told_with_whereto_as_far_as_asterisk_says() {
    let blind = Transfer::Blind { extension: "200".into(), context: "internal".into() };
    let names = ["Local/_attended@transfer-00000003;1", "Local/_attended@transfer-00000003;2"];
    let attended = Transfer::Attended { link: names.map(Into::into) };
    let table = [
        (Some(blind), "BLINDTRANSFER|200|internal|3|9|1"),
        (
            Some(attended),
            "ATTENDEDTRANSFER|LINK|Local/_attended@transfer-00000003;1|Local/_attended@transfer-00000003;2|3|9|1",
        ),
        (None, "BLINDTRANSFER|||3|9|1"),
    ];
    for (to, expected) in table {
        let mut bench = Bench::with_queue("sales", ["anna"]);
        let caller = bench.caller_arrives(DIRECT);
        let anna = bench.expect_offer("anna", &caller);
        bench.passes(3 * SECOND);
        bench.answers(&anna);
        bench.passes(9 * SECOND);
        bench.tell(Event::LegReplaced { old: anna.leg.clone(), new: ChannelId::new(NODE, "1.9"), to });
        bench.passes(60 * SECOND);
        bench.hangs_up(&caller);
        let leg = &anna.leg.id;
        bench.expect_lines(&[
            "0|171.1|sales|NONE|ENTERQUEUE||+4790000001|1",
            &format!("3|171.1|sales|anna|CONNECT|3|{leg}|3"),
            &format!("12|171.1|sales|anna|{expected}"),
        ]);
    }
}

#[test]
fn operators_are_called_as_asterisk_dials_them_where_that_is_asked_for() {
    let plan = plan(vec![sales()]);
    let log = Log::of(Style { agent: Agent::Interface, ..Style::default() }, &plan);
    let mut bench = Bench::new(plan);
    bench.log = log;
    let (caller, _) = bench.two_talk("anna");
    bench.hangs_up(&caller);
    let agents: Vec<&str> = bench.log.lines.iter().filter_map(|line| line.split('|').nth(3)).collect();
    assert_eq!(agents, ["NONE", "PJSIP/anna", "PJSIP/anna"]);
}

#[test]
fn a_caller_who_withholds_his_number_has_none_in_the_log() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let (channel, caller) = (ChannelId::new(NODE, "1.1"), Caller::from_wire("+4790000001", "Ivan", "prohib"));
    bench.tell(Event::CallArrived { channel, enters: DIRECT.into(), caller, answered: false });
    bench.expect_lines(&["0|1.1|sales|NONE|ENTERQUEUE|||1"]);
}

fn asks(bench: &mut Bench, change: DutyChange) {
    bench.tell(Event::DutyAsked { operator: "anna".into(), change, by: DutyBy::Api });
}

#[test]
fn one_who_pauses_and_signs_out_is_told_for_all_of_his_queues() {
    let plan = plan(vec![sales(), queue("billing", &["boris", "anna"], Strategy::Linear)]);
    let mut bench = Bench::new(plan);
    asks(&mut bench, DutyChange::Pause { reason: Some("lunch".into()), lasts: Some(60 * SECOND) });
    bench.passes(60 * SECOND);
    asks(&mut bench, DutyChange::SignOut);
    asks(&mut bench, DutyChange::SignIn);
    bench.expect_lines(&[
        "0|NONE|NONE|anna|PAUSEALL|lunch",
        "0|NONE|sales|anna|PAUSE|lunch",
        "0|NONE|billing|anna|PAUSE|lunch",
        "60|NONE|NONE|anna|UNPAUSEALL|",
        "60|NONE|sales|anna|UNPAUSE|",
        "60|NONE|billing|anna|UNPAUSE|",
        "60|MANAGER|sales|anna|REMOVEMEMBER|",
        "60|MANAGER|billing|anna|REMOVEMEMBER|",
        "60|MANAGER|sales|anna|ADDMEMBER|",
        "60|MANAGER|billing|anna|ADDMEMBER|",
    ]);
}

#[test]
fn a_new_plan_is_a_reload() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    bench.tell(Event::PlanLoaded(std::sync::Arc::new(plan(vec![sales()]))));
    bench.expect_lines(&["0|NONE|NONE|NONE|CONFIGRELOAD|"]);
}

/// What is written on a caller's channel.
fn found(bench: &Bench, caller: &ChannelId) -> HeldChannel {
    let mark = bench.asked.iter().rev().find_map(|command| match command {
        Command::Mark { channel, mark } if channel == caller => mark.state.clone(),
        _ => None,
    });
    HeldChannel { mark, ..held(caller, true) }
}

#[test]
fn after_a_restart_a_visit_goes_on_where_the_log_has_it() {
    let mut before = Bench::with_queue("sales", ["anna"]);
    let talking = before.caller_arrives(DIRECT);
    let anna = before.expect_offer("anna", &talking);
    before.passes(4 * SECOND);
    before.answers(&anna);
    let waiting = before.caller_arrives(DIRECT);
    before.passes(20 * SECOND);
    let channels = vec![found(&before, &talking), held(&anna.leg, true), found(&before, &waiting)];
    let line = holding("sentral-w-sales", &[&waiting]);
    let bridges = vec![before.talk(&anna.leg, &[&talking, &anna.leg]), line];

    let mut bench = Bench::born(8, plan(vec![sales()]), Limits::default());
    bench.now = before.now + 5 * SECOND;
    bench.node_up(Held { channels, bridges });
    bench.passes(SECOND);
    bench.hangs_up(&talking);
    bench.ends(&anna.leg, Cause::q850(16));
    bench.passes(20 * SECOND);
    let next = bench.expect_offer("anna", &waiting);
    bench.passes(2 * SECOND);
    bench.answers(&next);
    let leg = &next.leg.id;
    bench.expect_lines(&[
        // He had come to a place that is written nowhere.
        "30|171.1|sales|anna|COMPLETECALLER|4|26|0",
        // Not entered again, and the wait is all of it.
        &format!("52|171.2|sales|anna|CONNECT|48|{leg}|2"),
    ]);
}

#[test]
fn calls_that_were_given_up_and_are_found_again_have_one_end_for_each_beginning() {
    let mut bench = Bench::with_queue("sales", ["anna"]);
    let talking = bench.caller_arrives(DIRECT);
    let anna = bench.expect_offer("anna", &talking);
    bench.answers(&anna);
    let waiting = bench.caller_arrives(DIRECT);
    bench.passes(10 * SECOND);
    let channels = vec![found(&bench, &talking), held(&anna.leg, true), found(&bench, &waiting)];
    let line = holding("sentral-w-sales", &[&waiting]);
    let bridges = vec![bench.talk(&anna.leg, &[&talking, &anna.leg]), line];
    bench.tell(Event::NodeTaken { node: NODE });
    bench.passes(5 * SECOND);
    bench.node_up(Held { channels, bridges });
    bench.passes(5 * SECOND);
    bench.hangs_up(&talking);
    bench.hangs_up(&waiting);
    let leg = &anna.leg.id;
    bench.expect_lines(&[
        "0|171.1|sales|NONE|ENTERQUEUE||+4790000001|1",
        &format!("0|171.1|sales|anna|CONNECT|0|{leg}|0"),
        "0|171.2|sales|NONE|ENTERQUEUE||+4790000002|1",
        "10|171.1|sales|anna|COMPLETECALLER|0|10|1",
        "10|171.2|sales|NONE|ABANDON|1|1|10",
        // The first of them talked on, and has his end; the second is in the line anew.
        "15|171.2|sales|NONE|ENTERQUEUE|||1",
        "20|171.2|sales|NONE|ABANDON|1|1|20",
    ]);
}

#[test]
fn one_for_whom_a_dialplan_asks_is_in_the_log_as_others_are() {
    let mut bench = choice::bench(["anna"]);
    let caller = choice::caller("1.7");
    choice::asks(&mut bench, &caller, choice::ask(60));
    let first = choice::given(&mut bench, &caller, "anna");
    bench.passes(3 * SECOND);
    let again = Ask { before: OfferOutcome::Busy, ..choice::ask(60) };
    choice::asks(&mut bench, &caller, again);
    bench.passes(5 * SECOND);
    let kept = choice::given(&mut bench, &caller, "anna");
    assert_ne!(first, kept);
    bench.passes(2 * SECOND);
    choice::answered(&mut bench, &caller, Some(kept));
    bench.passes(9 * SECOND);
    choice::releases(&mut bench, &caller, Some(kept), OfferOutcome::Answered);
    bench.expect_lines(&[
        "0|1.7|sales|NONE|ENTERQUEUE||+47900000001|1",
        "3|1.7|sales|anna|RINGNOANSWER|3000",
        // Whom the dialplan dialled has a channel that nobody tells us.
        "10|1.7|sales|anna|CONNECT|10||2",
        "19|1.7|sales|anna|COMPLETECALLER|10|9|1",
    ]);
}

#[test]
fn one_whose_dialplan_goes_on_without_an_operator_has_left_as_one_whose_time_is_over() {
    let mut bench = choice::bench(["anna"]);
    let caller = choice::caller("1.7");
    choice::asks(&mut bench, &caller, choice::ask(60));
    choice::given(&mut bench, &caller, "anna");
    bench.passes(30 * SECOND);
    bench.expect_lines(&["0|1.7|sales|NONE|ENTERQUEUE||+47900000001|1", "30|1.7|sales|NONE|EXITWITHTIMEOUT|1|1|30"]);
}
