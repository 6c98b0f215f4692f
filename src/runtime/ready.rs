//! Whether new calls can be served, and why not.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::{
    domain::{Name, NodeId},
    engine::{self, Fact, Notice},
};

/// How a node stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    /// Connected, and its calls are known.
    Up,
    /// Not, for this reason.
    Down(String),
}

/// A node as `GET /api/v1/state` shows it.
#[derive(Clone, Debug, Serialize)]
pub struct NodeView {
    /// Its name in the settings.
    pub node: Name,
    /// Whether it is connected and its calls are known.
    pub up: bool,
    /// Why it is not; `null` when it is.
    pub why: Option<String>,
    /// Calls it holds.
    pub calls: usize,
}

/// Known to the engine's task, the drivers' watch and `/readyz`.
#[derive(Debug)]
pub struct Readiness {
    names: Vec<Name>,
    /// So many of them, from the first, say whether new calls can be served.
    counts: usize,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    nodes: Vec<Node>,
    draining: bool,
}

impl Readiness {
    /// Not ready: no node has been heard of.
    pub fn new(names: Vec<Name>) -> Self {
        let nodes = names.iter().map(|_| Node::Down("not connected yet".into())).collect();
        Self { counts: names.len(), names, state: Mutex::new(State { nodes, draining: false }) }
    }

    /// The same with one more node, which is always there: that it is up says something where it is the only one. Beside others it
    /// does not count: it cannot do all that they can, and with all of them away not all is well.
    pub fn with_door(self, name: Name) -> Self {
        let counts = self.counts.max(1);
        Self { counts, ..Self::new(self.names.into_iter().chain([name]).collect()) }
    }

    /// A node's name in the settings.
    pub fn name(&self, node: NodeId) -> &str {
        self.names.get(usize::from(node.0)).map_or("unknown", |name| name)
    }

    /// The engine told something.
    pub fn see(&self, notice: &Notice) {
        if let Fact::NodeUp { node, .. } = notice.fact {
            self.put(node, Node::Up);
        } else if let Fact::NodeDown { node } = notice.fact {
            // The driver may have said why already.
            let mut state = self.state();
            if let Some(place @ Node::Up) = state.nodes.get_mut(usize::from(node.0)) {
                *place = Node::Down("connection lost".into());
            }
        }
    }

    /// A node cannot be used, for this reason.
    pub fn in_trouble(&self, node: NodeId, why: &str) {
        self.put(node, Node::Down(why.into()));
    }

    /// New calls are turned away from now on.
    pub fn drains(&self) {
        self.state().draining = true;
    }

    /// Whether new calls are turned away.
    pub fn is_draining(&self) -> bool {
        self.state().draining
    }

    /// Ready when there is nothing in the way; otherwise all that is. With several nodes one that is up is enough, since a
    /// plan is always loaded when this exists.
    ///
    /// # Errors
    /// The reasons.
    pub fn check(&self) -> Result<(), Vec<String>> {
        let state = self.state();
        let mut reasons = Vec::new();
        if state.draining {
            reasons.push("new calls are turned away: the engine is about to stop".into());
        }
        if !state.nodes.iter().take(self.counts).any(|node| *node == Node::Up) {
            let down = self.names.iter().zip(&state.nodes).take(self.counts).filter_map(|(name, node)| match node {
                Node::Up => None,
                Node::Down(why) => Some(format!("node {name}: {why}")),
            });
            reasons.extend(down);
        }
        if reasons.is_empty() { Ok(()) } else { Err(reasons) }
    }

    /// Nodes in the order of the settings, with the calls that the engine counts on each.
    pub fn view(&self, counted: &[engine::snapshot::NodeView]) -> Vec<NodeView> {
        let state = self.state();
        let calls = |id: usize| counted.iter().find(|node| usize::from(node.node) == id).map_or(0, |node| node.calls);
        let view = |(id, (name, node)): (usize, (&Name, &Node))| {
            let why = match node {
                Node::Up => None,
                Node::Down(why) => Some(why.clone()),
            };
            NodeView { node: name.clone(), up: why.is_none(), why, calls: calls(id) }
        };
        self.names.iter().zip(&state.nodes).enumerate().map(view).collect()
    }

    fn put(&self, node: NodeId, is: Node) {
        if let Some(place) = self.state().nodes.get_mut(usize::from(node.0)) {
            *place = is;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Time;

    fn told(readiness: &Readiness, fact: Fact) {
        readiness.see(&Notice { at: Time::ZERO, call: None, fact });
    }

    #[test]
    fn one_node_that_is_up_is_enough() {
        let readiness = Readiness::new(vec!["one".into(), "two".into()]);
        let reasons = readiness.check().expect_err("not ready");
        assert_eq!(reasons, ["node one: not connected yet", "node two: not connected yet"]);

        told(&readiness, Fact::NodeUp { node: NodeId(1), calls: 0 });
        assert_eq!(readiness.check(), Ok(()));

        told(&readiness, Fact::NodeDown { node: NodeId(1) });
        readiness.in_trouble(NodeId(0), "wrong user or password");
        let reasons = readiness.check().expect_err("not ready");
        assert_eq!(reasons, ["node one: wrong user or password", "node two: connection lost"]);
    }

    #[test]
    fn the_drivers_reason_is_not_lost_behind_the_engines() {
        let readiness = Readiness::new(vec!["one".into()]);
        told(&readiness, Fact::NodeUp { node: NodeId(0), calls: 0 });
        readiness.in_trouble(NodeId(0), "another engine took our application");
        told(&readiness, Fact::NodeDown { node: NodeId(0) });
        let reasons = readiness.check().expect_err("not ready");
        assert_eq!(reasons, ["node one: another engine took our application"]);
    }

    #[test]
    fn a_door_that_is_always_open_counts_where_it_is_the_only_one() {
        let alone = Readiness::new(Vec::new()).with_door("agi".into());
        assert!(alone.check().is_err());
        told(&alone, Fact::NodeUp { node: NodeId(0), calls: 0 });
        assert_eq!(alone.check(), Ok(()));

        let beside = Readiness::new(vec!["one".into()]).with_door("agi".into());
        told(&beside, Fact::NodeUp { node: NodeId(1), calls: 0 });
        assert_eq!(beside.check(), Err(vec!["node one: not connected yet".to_owned()]));
        told(&beside, Fact::NodeUp { node: NodeId(0), calls: 0 });
        assert_eq!(beside.check(), Ok(()));
        assert_eq!(beside.name(NodeId(1)), "agi");
    }

    #[test]
    fn a_draining_engine_is_not_ready() {
        let readiness = Readiness::new(vec!["one".into()]);
        told(&readiness, Fact::NodeUp { node: NodeId(0), calls: 0 });
        readiness.drains();
        let reasons = readiness.check().expect_err("not ready");
        assert_eq!(reasons, ["new calls are turned away: the engine is about to stop"]);
    }

    #[test]
    fn a_node_that_is_not_in_the_settings_changes_nothing() {
        let readiness = Readiness::new(vec!["one".into()]);
        told(&readiness, Fact::NodeUp { node: NodeId(9), calls: 0 });
        assert!(readiness.check().is_err());
        assert_eq!(readiness.name(NodeId(9)), "unknown");
    }
}
