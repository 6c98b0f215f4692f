//! `{{ ... }}` without quotes, which YAML takes for a mapping in a mapping.

use super::{
    fault::{Fault, quoted},
    tree::{Kind, Node},
};

/// The fault of a value that was typed as `{{ ... }}`; `None`: it is something else.
pub(super) fn bare(node: &Node) -> Option<Fault> {
    let Kind::Map(entries) = &node.kind else { return None };
    match entries.as_slice() {
        [(key, value)] if matches!(value.kind, Kind::Nothing) => inner(key, node),
        _ => None,
    }
}

/// The same, of what stands where a key should: the inner braces.
pub(super) fn bare_key(key: &Node) -> Option<Fault> {
    inner(key, key)
}

fn inner(key: &Node, whole: &Node) -> Option<Fault> {
    let Kind::Map(parts) = &key.kind else { return None };
    let word = |(part, value): &(Node, Node)| {
        part.as_word().filter(|_| matches!(value.kind, Kind::Nothing)).map(str::to_owned)
    };
    let parts: Option<Vec<String>> = parts.iter().map(word).collect();
    let typed = parts.filter(|parts| !parts.is_empty())?.join(", ");
    let message = format!("{} stands here without quotes, and YAML takes it for a mapping", shown(&typed));
    let sign = if typed.contains('"') { '\'' } else { '"' };
    let remedy = format!("put it into quotes: {}", quoted(&format!("{sign}{{{{ {typed} }}}}{sign}")));
    Some(Fault::error(&whole.span, message).remedy(remedy))
}

fn shown(typed: &str) -> String {
    quoted(&format!("{{{{ {typed} }}}}"))
}

#[cfg(test)]
mod tests {
    use super::{super::tree::read, *};

    #[test]
    fn an_expression_without_quotes_is_told_as_one() {
        let told = |text: &str| {
            let node = read(&format!("a: {text}")).expect("YAML");
            let Kind::Map(entries) = &node.kind else { panic!("{node:?}") };
            entries.first().and_then(|(_, value)| bare(value)).and_then(|fault| fault.remedy)
        };
        assert_eq!(told("{{ x }}").as_deref(), Some("put it into quotes: `\"{{ x }}\"`"));
        assert_eq!(told("{{ x + 1 }}").as_deref(), Some("put it into quotes: `\"{{ x + 1 }}\"`"));
        for other in ["x", "{x}", "{x: 1}", "{{x: 1}: 2}", "{{x}: 2}", "[x]", "{{}}"] {
            assert_eq!(told(other), None, "{other}");
        }
    }
}
