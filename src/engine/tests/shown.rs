//! What those who are rung are shown of a caller.

use super::bench::{Bench, NODE};
use crate::{
    dialplan::parse,
    domain::{Caller, ChannelId},
    engine::{Command, Event, Shown},
};

const CALLED: &str = "+47 800 12 345";

/// Calls to [`CALLED`] come to `sales`, those to 101 to a step that dials outside.
fn bench(operator: &str, trunk: &str) -> Bench {
    let text = format!(
        "exchange: bench\ntimezone: UTC\ncountry: NO\nnumbers: {{\"{CALLED}\": {{flow: a}}, 101: {{flow: b}}}}\n\
         operators: {{anna: {{dial: \"PJSIP/+4790000001@out\"{operator}}}}}\n\
         trunks: {{out: {{dial: \"PJSIP/{{number}}@out\"{trunk}}}}}\n\
         queues: {{sales: {{operators: [anna], strategy: linear}}}}\n\
         flows: {{a: {{queue: sales}}, b: {{dial: 900 00 002}}}}\n"
    );
    match parse("plan.yaml", text.as_bytes()) {
        Ok(checked) => Bench::new(checked.plan),
        Err(faults) => panic!("{}", faults.render(false)),
    }
}

/// What is shown to whoever is rung for one who calls so.
fn shown(bench: &mut Bench, number: &str, from: &str, name: &str) -> Option<Shown> {
    let channel = ChannelId::new(NODE, "1.1");
    let (enters, caller) = (number.into(), Caller::from_wire(from, name, ""));
    bench.tell(Event::CallArrived { channel, enters, caller, answered: false });
    let rings = |command: &Command| matches!(command, Command::Create { .. } | Command::Originate { .. });
    match bench.take("to ring", rings) {
        Command::Originate { shows, .. } => shows.map(|shows| *shows),
        _ => None,
    }
}

fn number(number: &str, name: Option<&str>) -> Shown {
    Shown { caller_id: Some((number.into(), name.map(Into::into))), ..Shown::default() }
}

const FROM: &str = "+4790000009";

#[test]
fn without_a_word_the_caller_is_shown() {
    assert_eq!(shown(&mut bench("", ""), CALLED, FROM, "Ivan"), None);
}

#[test]
fn the_number_that_was_called_is_shown_or_one_of_the_company() {
    assert_eq!(
        shown(&mut bench(", caller_id: called", ""), CALLED, FROM, "Ivan"),
        Some(number("+4780012345", None)),
        "and not what he calls himself"
    );
    let own = shown(&mut bench(", caller_id: 22 33 44 55", ""), CALLED, FROM, "Ivan");
    assert_eq!(own, Some(number("+4722334455", None)));
    let of_trunk = shown(&mut bench("", ", caller_id: called"), CALLED, FROM, "");
    assert_eq!(of_trunk, Some(number("+4780012345", None)), "as the trunk says over which she is reached");
    let hers = shown(&mut bench(", caller_id: caller", ", caller_id: called"), CALLED, FROM, "");
    assert_eq!(hers, None, "what is said of her counts more");
    assert_eq!(shown(&mut bench("", ", caller_id: called"), "101", FROM, ""), None, "that is no number of the world");
}

#[test]
fn the_name_of_the_queue_is_shown_and_who_is_withheld_stays_so() {
    let mut named = bench(", caller_name: queue", "");
    assert_eq!(shown(&mut named, CALLED, FROM, "Ivan\"<sip:x>"), Some(number(FROM, Some("sales"))));
    assert_eq!(shown(&mut bench(", caller_name: queue", ""), CALLED, "anonymous", "Ivan"), None);
    let company = shown(&mut bench(", caller_name: queue, caller_id: called", ""), CALLED, "anonymous", "Ivan");
    assert_eq!(company, Some(number("+4780012345", Some("sales"))), "that is not his");
}

#[test]
fn a_trunk_is_told_a_number_of_the_company_and_never_the_callers() {
    let told = |trunk, number, from| shown(&mut bench("", trunk), number, from, "Ivan").unwrap_or_default();
    let both = told(", identity: [pai, diversion]", CALLED, "anonymous");
    let is = |number: &Option<crate::domain::E164>| number.as_ref().map(|number| number.as_str().to_owned());
    assert_eq!((is(&both.asserted), is(&both.diverted)), (Some("+4780012345".into()), Some("+4780012345".into())));
    assert_eq!(both.caller_id, None, "who is withheld stays so");
    let own = told(", identity: pai, caller_id: 22 33 44 55", CALLED, FROM);
    assert_eq!((is(&own.asserted), is(&own.diverted)), (Some("+4722334455".into()), None));
    assert_eq!(told(", identity: diversion", "101", FROM), Shown::default(), "101 is a number of the house");
}
