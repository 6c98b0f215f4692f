use super::*;
use crate::dialplan::parse;

const OFFICE: &str = include_str!("../../../dialplans/office.yaml");

fn drawn(text: &str) -> Chart {
    chart(&parse("plan.yaml", text.as_bytes()).unwrap_or_else(|faults| panic!("{}", faults.render(false))).plan)
}

/// Every step there is.
const ALL: &str = "exchange: x\ntimezone: UTC\nnumbers: {\"101\": {flow: welcome, answer: on_operator}}\noperators: {anna: {dial: PJSIP/anna}}\n\
    hours: {office: {open: 08:00-16:00}}\nqueues: {sales: {operators: [anna], max_wait: {after: 1m30s, go: {flow: bye}}}}\n\
    flows:\n  welcome:\n    - answer\n    - hours: {of: office, closed: {hangup: busy}}\n    - play: sound:hello\n    - menu:\n        \
    play: sound:ask\n        options: {1: {queue: sales}, 2: {queue: sales}, 3: {flow: bye}, 4: {flow: logic}, \"*\": {repeat: true}}\n  \
    logic:\n    - set: {visits: \"{{ visits + 1 }}\"}\n    - if: {when: visits > 3 and not caller.withheld, then: {flow: bye}}\n    \
    - switch: {on: time.weekday, cases: {Sa: {hangup: busy}, Su: continue}}\n    - call: bye\n    - ring\n    - music: {for: 30s}\n    \
    - wait: 2s\n    - queue: sales\n  \
    bye: [{play: sound:bye}]\n";

#[test]
fn every_kind_of_step_is_drawn_with_all_its_ways() {
    let text = mermaid(&drawn(ALL));
    for line in [
        "n0([\"101<br/>unanswered for 50s\"])",
        "n1[[\"welcome\"]]",
        "n4[(\"queue sales<br/>ringall, 15s each<br/>anna\")]",
        "[\"answer\"]",
        "{{\"hours office\"}}",
        "[\"play<br/>sound:hello\"]",
        "{{\"menu<br/>sound:ask<br/>#42;: once more\"}}",
        "((\"hang up: busy\"))",
        "((\"the end\"))",
        "-->|\"open\"| ",
        "-->|\"closed\"| ",
        "-->|\"1, 2\"| n4",
        "-->|\"3\"| n3",
        "-->|\"otherwise\"| ",
        "[\"set<br/>visits #61; visits + 1\"]",
        "{{\"if<br/>visits #62; 3 and #40;not caller.withheld#41;\"}}",
        "-->|\"yes\"| n3",
        "-->|\"no\"| ",
        "{{\"switch<br/>time.weekday\"}}",
        "-->|\"Sa\"| ",
        "((\"continue in Asterisk\"))",
        "[\"call bye\"]",
        "[\"ring\"]",
        "[\"music default for 30s\"]",
        "[\"wait 2s\"]",
        "-->|\"and back\"| n3",
        "n4 -->|\"after 1m30s\"| n3",
        "n0 --> n1",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
}

#[test]
fn a_step_that_dials_is_drawn_with_whom_it_rings_and_its_branches() {
    let plan = "exchange: x\nnumbers: {\"101\": {flow: welcome}}\noperators: {anna: {dial: PJSIP/anna}}\n\
        extensions: {\"*60\": {flow: bye}, 205: {dial: PJSIP/kitchen}}\ntrunks: {out: {dial: \"PJSIP/{number}@out\"}}\nflows:\n  \
        welcome:\n    - dial: {to: [anna, 205, \"{{ caller.number }}\"], ring: 20s, busy: {flow: bye}}\n    \
        - dial: {to: \"+47 900 00 000\", otherwise: hangup}\n  bye: [{play: sound:bye}]\n";
    let text = mermaid(&drawn(plan));
    for line in [
        "{{\"dial<br/>anna<br/>205<br/>#123;#123; caller.number #125;#125;<br/>in turn, 20s each\"}}",
        "{{\"dial<br/>+4790000000<br/>rings 30s\"}}",
        "-->|\"busy\"| ",
        "-->|\"otherwise\"| ",
        "([\"#42;60\"])",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
    assert!(!text.contains("205\"])"), "a phone is no way into the plan: {text}");
}

#[test]
fn however_many_may_be_dialled_in_a_menu_they_are_one_box() {
    let operators: Vec<String> = (1..=9).map(|n| format!("op{n}: {{dial: PJSIP/op{n}, extension: 10{n}}}")).collect();
    let plan = format!(
        "exchange: x\nnumbers: {{\"+47 800 12 345\": {{flow: welcome}}}}\noperators: {{{}}}\n\
         extensions: {{600: {{flow: bye}}, 205: {{dial: PJSIP/kitchen}}}}\nflows:\n  welcome:\n    \
         - menu: {{play: sound:q, options: {{7: hangup}}, extensions: {{ring: 20s, busy: {{play: sound:engaged}}}}}}\n    \
         - menu: {{play: sound:q, options: {{7: hangup}}, extensions: [205, 600]}}\n  bye: [{{play: sound:bye}}]\n",
        operators.join(", ")
    );
    let text = mermaid(&drawn(&plan));
    for line in [
        "{{\"dial by extension<br/>101 op1<br/>102 op2<br/>103 op3<br/>104 op4<br/>105 op5<br/>106 op6<br/>and 4 more<br/>rings 20s\"}}",
        "{{\"dial by extension<br/>205<br/>rings 30s\"}}",
        "-->|\"an extension\"| ",
        "-->|\"600\"| ",
        "-->|\"busy\"| ",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
    assert_eq!(text.matches("an extension").count(), 2, "{text}");
}

#[test]
fn the_shipped_plan_as_mermaid() {
    insta::assert_snapshot!(mermaid(&drawn(OFFICE)));
}

#[test]
fn nothing_that_is_written_can_break_the_drawings() {
    let evil = "\"]; end <script>alert(1)</script> & `x` #quot; ]] %% \u{7}";
    let node = |kind| Node { kind, lines: vec![evil.into()] };
    let nodes = vec![node(Kind::Number), node(Kind::Queue)];
    let chart = Chart { nodes, arrows: vec![Arrow { from: 0, to: 1, label: evil.into() }] };
    let text = mermaid(&chart);
    assert_eq!(text.lines().count(), 4, "{text}");
    for line in text.lines().skip(1) {
        assert_eq!(line.matches('"').count(), 2, "{line}");
        assert!(!line.contains('<') && !line.contains('`') && !line.contains("%%"), "{line}");
    }
    let picture = svg(&chart, evil);
    let document = roxmltree::Document::parse(&picture).expect("XML");
    let texts = document.descendants().filter_map(|node| node.text()).filter(|text| text.contains("alert")).count();
    assert!(texts >= 4, "it is all text");
    assert!(!document.descendants().any(|node| node.has_tag_name("script")));
}

/// Left, top, right and bottom of everything in a picture.
fn boxes(picture: &str) -> Vec<[f64; 4]> {
    let document = roxmltree::Document::parse(picture).expect("XML");
    let number = |node: roxmltree::Node<'_, '_>, name| {
        node.attribute(name).and_then(|text| text.parse().ok()).expect("a number")
    };
    let rects = document.descendants().filter(|node| node.tag_name().name() == "rect");
    rects
        .map(|node| {
            let (x, y): (f64, f64) = (number(node, "x"), number(node, "y"));
            [x, y, x + number(node, "width"), y + number(node, "height")]
        })
        .collect()
}

#[test]
fn nothing_lies_on_anything_else_in_a_picture_and_all_is_inside() {
    for text in [OFFICE, ALL, include_str!("../../../dialplans/minimal.yaml"), include_str!("../../sim/demo.yaml")] {
        let chart = drawn(text);
        let picture = svg(&chart, "a plan");
        let boxes = boxes(&picture);
        assert_eq!(boxes.len(), chart.nodes.len());
        for (at, a) in boxes.iter().enumerate() {
            assert!(a[0] >= 0.0 && a[1] >= 0.0, "{a:?}");
            for b in &boxes[at + 1..] {
                assert!(a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1], "{a:?} {b:?}\n{picture}");
            }
        }
        assert_eq!(picture.matches("marker-end").count(), chart.arrows.len());
        assert!(picture.contains("prefers-color-scheme: dark"));
    }
}

#[test]
fn arrows_go_down_but_for_those_that_close_a_circle() {
    let chart = drawn(OFFICE);
    let layout = layout::layout(&chart, &vec![100.0; chart.nodes.len()]);
    for way in &layout.ways {
        assert!(way.windows(2).all(|pair| layout.spots[pair[0]].layer + 1 == layout.spots[pair[1]].layer), "{way:?}");
    }
    let round = "exchange: x\nnumbers: {\"101\": {flow: a}}\nflows: {a: [{play: sound:x}, {flow: a}]}\n";
    let picture = svg(&drawn(round), "round and round");
    assert_eq!(boxes(&picture).len(), 3);
}
