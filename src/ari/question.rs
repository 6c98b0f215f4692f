//! What the driver asks on its own account, before a node is up and to find out whether it still is.

use serde_json::{Value, json};

use super::{
    enc::Enc,
    request::{Dialect, Method, Request, post},
    wire,
};
use crate::engine::Failure;

/// Lets only the events through that we use. It saves Asterisk a tenth of its work for each call, and us half of ours. And it
/// tells others that the application is in use: see [`is_free`].
pub(super) fn event_filter(app: &str) -> Request {
    let allowed: Vec<_> = wire::Kind::USED.iter().map(|kind| json!({ "type": kind.word() })).collect();
    filter(app, &json!({ "allowed": allowed }))
}

/// Takes the filter off, and with it our hand from the application.
pub(super) fn no_event_filter(app: &str) -> Request {
    filter(app, &json!({}))
}

fn filter(app: &str, filter: &Value) -> Request {
    let target = format!("applications/{}/eventFilter", Enc(app));
    Request { method: Method::Put, target, body: Some(filter.to_string()) }
}

/// Says something to ourselves through the application's own event loop.
pub(super) fn self_test(app: &str) -> Request {
    post(format!("events/user/{}?application={}", wire::SELF_TEST, Enc(app)))
}

/// Asks for something whose path is fixed.
pub(super) fn get(path: &str) -> Request {
    Request { method: Method::Get, target: path.to_owned(), body: None }
}

/// Asks what the application holds.
pub(super) fn application(app: &str) -> Request {
    get(&format!("applications/{}", Enc(app)))
}

/// What the answer to [`application`] says: whether another engine may take it.
///
/// Asterisk does not tell whether anybody listens, and it knows an application as long as a call or a bridge is in its books,
/// which may be hours after the last engine ended. But it keeps the filter that whoever had it last put on, so an engine
/// takes that off when it ends. One that died has left it on: whoever starts it again goes on with its calls.
pub(super) fn is_free(answer: &Result<String, Failure>) -> bool {
    match answer {
        Ok(body) => {
            let application: Option<wire::Application<'_>> = serde_json::from_str(body).ok();
            application.and_then(|it| it.events_allowed).is_some_and(|allowed| allowed.is_empty())
        }
        Err(failure) => *failure == Failure::Refused(404),
    }
}

/// Asks for the state that a call carries, of an Asterisk whose lists do not show it.
pub(super) fn state_of(channel: &str) -> Request {
    get(&format!("channels/{}/variable?variable={}", Enc(channel), wire::STATE))
}

/// Asks whether there is something that only an Asterisk of the current dialect has. The answer is 404 either way; see
/// [`dialect`].
pub(super) fn probe() -> Request {
    get("channels/sentral-probe/variables?variables=x")
}

/// What the answer to [`probe`] says. An old Asterisk has no such resource, a current one no such channel; asking is better
/// than a table of versions, since features are given to older branches too.
pub(super) fn dialect(answer: &str) -> Dialect {
    if answer.contains("channel was not found") || answer.contains("Channel not found") {
        Dialect::Current
    } else {
        Dialect::Old
    }
}

/// The path of the event websocket.
pub(super) fn events(app: &str) -> String {
    format!("events?app={}", Enc(app))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_lets_through_what_we_use() {
        insta::assert_debug_snapshot!(event_filter("sentral"));
    }

    #[test]
    fn an_application_is_free_when_it_is_unknown_or_has_no_filter() {
        let known = |body: &str| Ok(body.to_owned());
        let busy =
            r#"{"name":"sentral","channel_ids":[],"events_allowed":[{"type":"StasisStart"}],"events_disallowed":[]}"#;
        let left =
            r#"{"name":"sentral","channel_ids":["1.0"],"bridge_ids":["b"],"events_allowed":[],"events_disallowed":[]}"#;
        assert!(!is_free(&known(busy)));
        assert!(is_free(&known(left)), "who left it left a call behind");
        assert!(is_free(&Err(Failure::Refused(404))));
        for doubt in
            [known(r#"{"name":"sentral"}"#), known("<html>"), Err(Failure::Refused(500)), Err(Failure::NotSent)]
        {
            assert!(!is_free(&doubt), "{doubt:?}");
        }
    }

    #[test]
    fn asterisk_tells_its_dialect_by_what_it_does_not_find() {
        assert_eq!(dialect(r#"{"message":"Provided channel was not found"}"#), Dialect::Current);
        assert_eq!(dialect(r#"{"message":"Resource not found"}"#), Dialect::Old);
        assert_eq!(dialect(""), Dialect::Old);
    }
}
