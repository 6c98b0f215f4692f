//! What is wrong with a text that is no YAML, in our words where we know better ones than its reader.

use serde_saphyr::{Error, UserMessageFormatter};

use super::{
    fault::Fault,
    odd,
    tree::{DEEPEST, MOST_NODES},
};

/// What is wrong with the text.
pub(super) fn fault(text: &str, error: &Error) -> Fault {
    let error = error.without_snippet();
    let span = error.location().map_or(0..0, |location| {
        let skip = usize::try_from(location.span().offset()).unwrap_or(usize::MAX);
        let start = text.char_indices().nth(skip).map_or(text.len(), |(at, _)| at);
        start..start + 1
    });
    let told = error.render_with_formatter(&UserMessageFormatter);
    let told = told.split(" at line ").next().unwrap_or(&told);
    if let Some(fault) = odd::in_text(text, span.start, told) {
        return fault;
    }
    let (mut message, mut remedy) = explain(error, told);
    let of_alias = text.get(span.start..).is_some_and(|here| here.starts_with('*'));
    let too_large = matches!(without_alias(error), Error::Budget { .. }) && !told.contains("Depth");
    if of_alias && too_large {
        message = format!("this is too large: more than {MOST_NODES} values when its aliases are written out");
        remedy = "use fewer aliases, or split it into several files";
    }
    let explained = told.contains(RECURSION) || too_large;
    if !explained && text.get(span.start..).is_some_and(|here| here.starts_with(['*', '&', '@', '`', '%'])) {
        remedy = BEGINS;
    }
    if let Some(quotes) = unquoted(text, span.start, told) {
        remedy = quotes;
    }
    if told.contains("flow") && text.get(span.start..).is_some_and(|here| here.starts_with("{{")) {
        remedy = "in braces and brackets a text with `{{ ... }}` in it goes into quotes: {url: \"http://crm.example.com/{{ x }}\"}";
    }
    Fault::error(&span, message).remedy(remedy)
}

const BEGINS: &str = "a key or text that begins with `*`, `&` or the like goes into quotes: \"*\"";

/// As the reader tells of an alias in what it stands for.
const RECURSION: &str = "Recursive reference";

/// What went wrong where an alias was read, or anywhere else.
fn without_alias(error: &Error) -> &Error {
    if let Error::AliasError { error, .. } = error { without_alias(error) } else { error }
}

fn explain(error: &Error, told: &str) -> (String, &'static str) {
    let error = without_alias(error);
    if told.contains(RECURSION) {
        return ("an alias may not stand in itself".into(), "write out what the alias stands for");
    }
    if let Error::Budget { .. } = error {
        if told.contains("Depth") {
            let message = format!("lists and mappings stand in one another more than {DEEPEST} deep");
            return (message, "put the inner steps into a flow of their own");
        }
        let message = format!("this is more than {MOST_NODES} values, aliases counted as what they stand for");
        return (message, "split it into several files");
    }
    if let Error::MultipleDocuments { .. } = error {
        return ("a second document begins here".into(), "such a file holds one document: take the `---` out");
    }
    let remedy = if told.contains("mapping values are not allowed") {
        "mind the indentation of this line and the one above; a text with `: ` in it goes into quotes"
    } else if told.contains("unknown value") || told.contains("anchor") {
        BEGINS
    } else if told.contains("comments must be separated") {
        "`#` begins a comment: a key or text that begins with it goes into quotes: \"#\""
    } else if told.contains("recursion limit") {
        "close the brackets that are open"
    } else {
        "see that brackets and quotes are closed, and that this line stands as far in as those it belongs to"
    };
    (format!("this is not YAML: {told}"), remedy)
}

/// How to write an expression whose quotes or brackets YAML takes for its own.
fn unquoted(text: &str, at: usize, told: &str) -> Option<&'static str> {
    let trailing = told.contains("invalid trailing content after");
    if !trailing && !told.contains("did not find expected ',' or") {
        return None;
    }
    let (before, behind) = text.split_at_checked(at)?;
    let line = before.rsplit('\n').next().unwrap_or(before);
    let typed = line.rsplit(": ").next().unwrap_or(line);
    let operators = ["in", "and", "or", "not", "==", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/"];
    let bare: String = typed.split('"').step_by(2).collect();
    let computes = bare.contains('(')
        || bare.split_whitespace().chain(behind.split_whitespace().take(1)).any(|word| operators.contains(&word));
    let in_braces = line.matches('{').count() > line.matches('}').count();
    match (computes, in_braces, typed.contains('\'')) {
        (true, true, false) => Some("in braces, put the expression into '...', or on a line of its own"),
        (true, true, true) => Some("in braces, put the expression into \"...\", or on a line of its own"),
        (true, false, false) => Some("put the whole expression into '...'"),
        (true, false, true) => Some("put the whole expression into \"...\""),
        (false, ..) => None,
    }
}
