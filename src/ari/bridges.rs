//! What bridges are called: in the engine, and in Asterisk.
//!
//! All applications of one Asterisk see all its bridges. So the application's name is in the ids of ours, and a bridge of
//! another application, be it another Sentral's, is never taken for one: its idle bridge is not lent, and none of its own is
//! dropped. The engine knows of no application: it names its bridges `sentral-REST`, and Asterisk has them as
//! `sentral-APP.REST`. A dot is in no application's name, so no two applications can mean the same bridge.

use super::enc::Enc;
use crate::domain::{BridgeId, NodeId, id::OURS};

/// A bridge of the engine's, as it stands in a request for its application.
pub(super) fn in_asterisk(app: &str, bridge: &BridgeId) -> String {
    let rest = bridge.id.strip_prefix(OURS).unwrap_or(&bridge.id);
    format!("{OURS}{}.{}", Enc(app), Enc(rest))
}

/// A bridge of Asterisk's, if it is one of this application.
fn own(app: &str, id: &str) -> Option<String> {
    let rest = id.strip_prefix(OURS)?.strip_prefix(app)?.strip_prefix('.')?;
    Some(format!("{OURS}{rest}"))
}

/// Whether a bridge of Asterisk's is one of this application.
pub(super) fn is_own(app: &str, id: &str) -> bool {
    own(app, id).is_some()
}

/// What the engine is told of a bridge of Asterisk's. One that is not ours has a name that none of ours can have.
pub(super) fn told(node: NodeId, app: &str, id: &str) -> BridgeId {
    BridgeId::new(node, &own(app, id).unwrap_or_else(|| format!("not-ours:{id}")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_bridge_is_of_the_application_that_made_it_and_of_no_other(
            app in "[a-z0-9_-]{1,4}",
            other in "[a-z0-9_-]{1,4}",
            rest in "(w[0-9]{0,3}-[a-z0-9_]{1,4})|([0-9a-f]{8}-t[0-9]{1,4})",
        ) {
            let ours = BridgeId::new(NodeId(0), &format!("{OURS}{rest}"));
            let wire = in_asterisk(&app, &ours);
            prop_assert_eq!(told(NodeId(0), &app, &wire), ours);
            if app != other {
                prop_assert!(!is_own(&other, &wire));
                prop_assert!(!told(NodeId(0), &other, &wire).id.starts_with(OURS));
            }
        }
    }
}
