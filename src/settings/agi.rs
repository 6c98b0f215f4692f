//! `agi:` as meant.

use super::{Agi, Node, check::Check, typed};
use crate::{
    agi::{Network, NoNetwork, Options},
    engine::Limits,
    yaml::{quoted, suggest},
};

/// What the door is called beside the names of nodes.
pub const NAME: &str = "agi";

impl Check<'_> {
    /// Off where nothing is said of where it is.
    pub(super) fn agi(&mut self, typed: typed::Agi, nodes: &[Node], limits: &Limits) -> Option<Agi> {
        if !(1..=10_000).contains(&typed.sessions.0) {
            let what = format!("{} is not between 1 and 10000", typed.sessions.0);
            self.fault("agi.sessions", what, "say how many calls may be in hand over FastAGI");
        }
        self.between("agi.silence", typed.silence.0, 1, 600);
        let allow = self.networks(&typed.allow);
        let node = self.node_of(typed.node.as_deref(), nodes);
        if nodes.iter().any(|node| &*node.name == NAME) {
            self.fault(format!("nodes.{NAME}"), "is what metrics call FastAGI", "name the node otherwise");
        }
        let (listen, sessions, silence) = (typed.listen?.0, typed.sessions.0, typed.silence.0);
        let options = Options { listen, allow, sessions, silence, longest_prompt: limits.longest_prompt };
        Some(Agi { options, node })
    }

    fn networks(&mut self, typed: &str) -> Vec<Network> {
        let words = typed.split([',', ' ']).filter(|word| !word.is_empty());
        let read = words.filter_map(|word| {
            let read = word.parse();
            let told = |why: &NoNetwork| {
                let what = format!("{} is {why}", quoted(word));
                self.fault(
                    "agi.allow",
                    what,
                    "write the addresses of Asterisks: `10.0.0.5`, `10.0.0.0/24`, `fd00::/8`",
                );
            };
            read.inspect_err(told).ok()
        });
        read.collect()
    }

    /// Where there is one Asterisk, it is that.
    fn node_of(&mut self, typed: Option<&str>, nodes: &[Node]) -> Option<usize> {
        let Some(name) = typed else { return (nodes.len() == 1).then_some(0) };
        let found = nodes.iter().position(|node| &*node.name == name);
        if found.is_none() {
            let near = suggest::instead(name, nodes.iter().map(|node| &*node.name), "nodes");
            self.fault("agi.node", format!("there is no node {}", quoted(name)), &near);
        }
        found
    }
}
