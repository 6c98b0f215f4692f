//! Circles that take time, and out of which no way leads.

use super::plan;

/// What is doubtful in flows that begin at `w`.
fn doubts(flows: &str) -> String {
    let text = format!(
        "exchange: test\ntimezone: UTC\nnumbers: {{101: {{flow: w}}, 102: {{flow: used}}}}\noperators: {{anna: {{dial: PJSIP/anna}}}}\n\
         queues: {{sales: {{operators: [anna]}}}}\nhours: {{office: {{open: 08:00-16:00}}}}\nflows:\n  \
         used: [{{if: {{when: caller.withheld, then: {{queue: sales}}}}}}, {{hours: {{of: office, closed: hangup}}}}]\n{flows}"
    );
    let warnings = plan(&text).warnings;
    if warnings.is_empty() { String::new() } else { warnings.render(false) }
}

#[test]
fn a_circle_out_of_which_no_way_leads_is_told_with_its_place_and_a_remedy() {
    let three = "  w: [answer, {flow: again}]\n  again: [{play: sound:a}, {flow: further}]\n  \
                 further:\n    - call: chime\n    - if: {when: caller.withheld, then: {wait: 1s}}\n    - flow: again\n  \
                 chime: [{play: sound:b}]\n";
    insta::assert_snapshot!("circle_that_takes_time", doubts(three));
}

#[test]
fn a_circle_of_one_flow_and_one_in_a_flow_that_is_called_are_told() {
    for flows in [
        "  w: [{wait: 100ms}, {flow: w}]\n",
        "  w: [{call: v}, hangup]\n  v: [{play: sound:a}, {flow: v}]\n",
        "  w: [{ask: {play: sound:a, into: code, max: 4}}, {flow: w}]\n",
        "  w: [{wait: 1s}, {hours: {of: office, closed: {flow: w}}}, {flow: w}]\n",
    ] {
        let told = doubts(flows);
        assert_eq!(told.matches("no way leads out of this circle").count(), 1, "{flows}{told}");
        assert!(told.contains("= help: let an `if`, a key of a `menu` or a `queue`"), "{told}");
    }
}

#[test]
fn a_circle_with_a_way_out_is_no_trouble() {
    for flows in [
        "  w: [{wait: 1s}, {if: {when: caller.withheld, then: hangup}}, {flow: w}]\n",
        "  w: [{wait: 1s}, {hours: {of: office, closed: hangup}}, {flow: w}]\n",
        "  w: [{dial: {to: anna}}, {flow: w}]\n",
        "  w: [{call: v}, {flow: w}]\n  v: [{wait: 1s}, {if: {when: caller.withheld, then: {queue: sales}}}]\n",
        "  w: [{call: v}, {wait: 1s}]\n  v: [{wait: 1s}, {if: {when: caller.withheld, then: {flow: v}}}]\n",
        "  w: [{menu: {play: sound:a, options: {1: {flow: w}, 2: hangup}}}, {flow: w}]\n",
    ] {
        assert_eq!(doubts(flows), "", "{flows}");
    }
}

#[test]
fn a_round_with_a_menu_is_told_once_as_that_of_its_menu() {
    let told = doubts(
        "  w: [{wait: 1s}, {flow: v}]\n  v: [{menu: {play: sound:a, options: {1: {flow: w}}, otherwise: {flow: w}}}]\n",
    );
    assert!(told.contains("no way leads out of this menu"), "{told}");
    assert!(!told.contains("circle"), "{told}");
}
