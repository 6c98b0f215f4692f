//! Keys that YAML takes for comments.

use crate::yaml::{Fault, Kind, Node};

/// A line `#: {hangup: normal}` among a menu's options is a comment, and whoever presses the key is told that he is wrong.
pub(in crate::dialplan) fn doubts(text: &str, plan: &Node) -> Vec<Fault> {
    let mut doubts = Vec::new();
    look(text, plan, &mut doubts);
    doubts
}

fn look(text: &str, node: &Node, doubts: &mut Vec<Fault>) {
    match &node.kind {
        Kind::Nothing | Kind::Word(_) => {}
        Kind::List(items) => items.iter().for_each(|item| look(text, item, doubts)),
        Kind::Map(entries) => {
            for (key, value) in entries {
                if key.is_word("options") {
                    doubts.extend(among(text, key.span.start));
                }
                look(text, value, doubts);
            }
        }
    }
}

/// The comments of this kind below the key that stands at `key`: up to the next line that stands no further in than it.
fn among(text: &str, key: usize) -> Vec<Fault> {
    let Some((before, below)) = text.split_at_checked(key) else { return Vec::new() };
    let indent = before.rsplit('\n').next().unwrap_or(before).chars().count();
    let mut start = key;
    let mut doubts = Vec::new();
    for (nth, line) in below.split_inclusive('\n').enumerate() {
        let typed = line.trim_start_matches(' ');
        let at = line.len() - typed.len();
        let typed = typed.trim_end();
        if nth > 0 && !typed.is_empty() && !typed.starts_with('#') && at <= indent {
            break;
        }
        if nth > 0 && typed.starts_with("#:") && at > indent {
            let span = start + at..start + at + typed.len();
            let message = "this is a comment, and no option of the menu: `#` begins one";
            doubts.push(Fault::warning(&span, message).remedy("put the key in quotes: `\"#\": ...`"));
        }
        start += line.len();
    }
    doubts
}
