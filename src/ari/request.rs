//! From what the engine asks for to what Asterisk is asked for: pure, and one command is one request.
//!
//! The exception is [`Command::Mark`] on an Asterisk before 22.10 (or 20.20), which can set only one variable at a time.
//!
//! Nothing can break out of its place: ids and names are percent-encoded, and what has a structure of its own (variables,
//! a list of sounds) goes in a JSON body. `POST /bridges` takes no body (its keys would become variables).

use std::{fmt::Write, sync::Arc, time::Duration};

use serde_json::json;

use super::{
    bridges::in_asterisk,
    enc::Enc,
    names::Names,
    order::{Thing, Touch},
    recordings, wire,
};
use crate::{
    domain::{BridgeId, ChannelId, Media, Name, Reason},
    engine::{BridgeKind, Command, Mark, Shown, Sound},
};

/// What this Asterisk understands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Before 22.10 and 20.20: one variable a request, and lists of channels do not show them.
    #[default]
    Old,
    /// `POST /channels/{id}/variables`, and variables with `report_events` that lists show.
    Current,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub method: Method,
    /// Path and query below `/ari`.
    pub target: String,
    /// A JSON document.
    pub body: Option<String>,
}

/// How it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Get,
    Post,
    Put,
    Delete,
}

/// What to do when the connection closed under a request, so that it may or may not have been carried out.
///
/// Asterisk closes a connection that was idle for 15 seconds, and may do so just as a request arrives. We drop ours
/// earlier, so this is rare; but a hang-up that is lost leaves a telephone ringing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Twice is worse than a doubt: a second `dial` hangs the leg up, a second `play` under the same name plays once more
    /// (Asterisk 22.10 takes it: 201), a second time in a waiting bridge is without music, a second `continue` finds the caller
    /// elsewhere.
    Never,
    /// Twice is as good as once.
    Harmless,
    /// Asterisk refuses the second with 409, since the id is ours and taken. So 409 to a repetition is success. To a first
    /// try it is a refusal like any other: after one 409, Asterisk answers other failures on the same connection so too.
    Recognised,
}

/// The requests that carry out a command; none when there is nothing to do.
pub(super) fn requests(command: &Command, app: &str, dialect: Dialect, names: &Names) -> Vec<Request> {
    match command {
        Command::Mark { channel, mark } => marks(channel, mark, dialect),
        Command::Answer { .. }
        | Command::Ring { .. }
        | Command::Music { .. }
        | Command::Hush { .. }
        | Command::Play { .. }
        | Command::Stop { .. }
        | Command::Record { .. }
        | Command::StopRecording { .. }
        | Command::SeekRecording { .. }
        | Command::MakeBridge { .. }
        | Command::DropBridge { .. }
        | Command::Park { .. }
        | Command::Unpark { .. }
        | Command::Create { .. }
        | Command::Dial { .. }
        | Command::Originate { .. }
        | Command::CallOut { .. }
        | Command::Join { .. }
        | Command::HangUp { .. }
        | Command::Continue { .. }
        | Command::HandOver { .. } => vec![request(command, app, dialect, names)],
        // Nobody asks over ARI.
        Command::Reply { .. } => Vec::new(),
    }
}

#[expect(clippy::too_many_lines, reason = "one arm for each command, in one place")]
fn request(command: &Command, app: &str, dialect: Dialect, names: &Names) -> Request {
    match command {
        Command::Answer { channel } => post(format!("channels/{}/answer", Enc(&channel.id))),
        Command::Ring { channel } => post(format!("channels/{}/ring", Enc(&channel.id))),
        Command::Music { channel, class } => post(format!("channels/{}/moh?mohClass={}", Enc(&channel.id), Enc(class))),
        Command::Hush { channel, sound } => {
            let what = match sound {
                Sound::Ringing => "ring",
                Sound::Music => "moh",
            };
            delete(format!("channels/{}/{what}", Enc(&channel.id)))
        }
        Command::Play { channel, playback, media, language } => {
            let target = format!("channels/{}/play/{playback}", Enc(&channel.id));
            Request { body: Some(played(media, language.as_deref())), ..post(target) }
        }
        Command::Stop { playback, .. } => delete(format!("playbacks/{playback}")),
        Command::Record { channel, recording, record } => recordings::record(channel, *recording, record, app),
        Command::StopRecording { recording, .. } => recordings::stop(*recording, app),
        Command::SeekRecording { recording, .. } => recordings::seek(*recording, app),
        Command::MakeBridge { bridge, kind } => {
            post(format!("bridges?bridgeId={}&type={}", in_asterisk(app, bridge), bridge_type(*kind)))
        }
        Command::DropBridge { bridge } => delete(format!("bridges/{}", in_asterisk(app, bridge))),
        Command::Park { channel, bridge } => post(format!(
            "bridges/{}/addChannel?channel={}&role=holding_participant",
            in_asterisk(app, bridge),
            Enc(&channel.id)
        )),
        Command::Unpark { channel, bridge } => {
            post(format!("bridges/{}/removeChannel?channel={}", in_asterisk(app, bridge), Enc(&channel.id)))
        }
        // Without the last parameter Asterisk sends both phones another INVITE or UPDATE, to show each the other's number: the
        // operator has seen the caller's when it rang, and the operator's own is nobody's business. Asterisk 16 does not
        // know the parameter, and sends them.
        Command::Join { bridge, caller, leg, waiting } => {
            let mut channels = String::new();
            if !waiting {
                let _ = write!(channels, "{},", Enc(&caller.id));
            }
            post(format!(
                "bridges/{}/addChannel?channel={channels}{}&inhibitConnectedLineUpdates=true",
                in_asterisk(app, bridge),
                Enc(&leg.id)
            ))
        }
        Command::Create { leg, endpoint, caller } => post(format!(
            "channels/create?endpoint={}&app={}&channelId={}&originator={}",
            Enc(endpoint),
            Enc(app),
            Enc(&leg.id),
            Enc(&names.of(caller))
        )),
        // `caller` puts the caller's name and number on the operator's phone, as `originator` does below.
        Command::Dial { leg, caller, ring } => post(format!(
            "channels/{}/dial?caller={}&timeout={}",
            Enc(&leg.id),
            Enc(&names.of(caller)),
            whole_seconds(*ring).max(1)
        )),
        // By his id: here, one whose name is out of date would be refused.
        Command::Originate { leg, endpoint, caller, shows, ring } => Request {
            body: shows.as_ref().and_then(|shows| identity(shows)),
            ..post(format!(
                "channels?endpoint={}&app={}&channelId={}&originator={}&timeout={}{}",
                Enc(endpoint),
                Enc(app),
                Enc(&leg.id),
                Enc(&caller.id),
                whole_seconds(*ring).max(1),
                shows.as_ref().and_then(|shows| shows.caller_id.as_ref()).map(caller_id).unwrap_or_default()
            ))
        },
        Command::CallOut { channel, endpoint, shows, ring } => Request {
            body: shows.as_ref().and_then(|shows| identity(shows)),
            ..post(format!(
                "channels?endpoint={}&app={}&channelId={}&timeout={}{}",
                Enc(endpoint),
                Enc(app),
                Enc(&channel.id),
                whole_seconds(*ring).max(1),
                shows.as_ref().and_then(|shows| shows.caller_id.as_ref()).map(caller_id).unwrap_or_default()
            ))
        },
        Command::HangUp { channel, reason, .. } => {
            delete(format!("channels/{}?{}", Enc(&channel.id), why(*reason, dialect)))
        }
        // A node of ours can do all there is: nobody is handed over from it, and one who was would be in the fallback.
        Command::Continue { channel }
        | Command::HandOver { channel, .. }
        | Command::Reply { channel, .. }
        | Command::Mark { channel, .. } => post(format!("channels/{}/continue", Enc(&channel.id))),
    }
}

/// Who whoever is rung is shown: a number, with a name of the plan's where one is shown.
fn caller_id((number, name): &(Arc<str>, Option<Name>)) -> String {
    let shown = match name {
        Some(name) => format!("\"{name}\" <{number}>"),
        None => number.to_string(),
    };
    format!("&callerId={}", Enc(&shown))
}

/// The headers by which a trunk is told for whom a call is made. A number of the world needs no host in its URI (RFC 3966).
fn identity(shown: &Shown) -> Option<String> {
    let asserted = shown.asserted.as_ref().map(|number| ("P-Asserted-Identity", format!("<tel:{}>", number.as_str())));
    let diverted = shown.diverted.as_ref();
    let diverted = diverted.map(|number| ("Diversion", format!("<tel:{}>;reason=unconditional", number.as_str())));
    let header = |(name, value): (&str, String)| (format!("PJSIP_HEADER(add,{name})"), json!(value));
    let all: serde_json::Map<_, _> = asserted.into_iter().chain(diverted).map(header).collect();
    (!all.is_empty()).then(|| json!({ "variables": all }).to_string())
}

/// What is played, and in which language Asterisk's own sounds are.
fn played(media: &[Media], language: Option<&str>) -> String {
    let media: Vec<String> = media.iter().map(ToString::to_string).collect();
    let body = match language {
        Some(language) => json!({ "media": media, "lang": language }),
        None => json!({ "media": media }),
    };
    body.to_string()
}

/// The variables of a mark: what they are called in Asterisk's dialplan, and their values.
pub(crate) fn marked(mark: &Mark) -> impl Iterator<Item = (&'static str, String)> {
    variables(mark).into_iter().map(|(name, value, _)| (name, value))
}

/// The variables of a mark, with whether lists and events show them.
fn variables(mark: &Mark) -> Vec<(&'static str, String, bool)> {
    let mut variables = Vec::with_capacity(4);
    if let Some(after) = mark.dead_man {
        variables.push(("TIMEOUT(absolute)", whole_seconds(after).to_string(), false));
    }
    if let Some(state) = &mark.state {
        variables.push((wire::STATE, state.to_string(), true));
    }
    if let Some(music) = &mark.music {
        variables.push(("CHANNEL(musicclass)", music.to_string(), false));
    }
    if let Some(language) = &mark.language {
        variables.push(("CHANNEL(language)", language.to_string(), false));
    }
    variables
}

fn marks(channel: &ChannelId, mark: &Mark, dialect: Dialect) -> Vec<Request> {
    let variables = variables(mark);
    if variables.is_empty() {
        return Vec::new();
    }
    let channel = Enc(&channel.id);
    match dialect {
        Dialect::Current => {
            let all: serde_json::Map<String, serde_json::Value> = variables
                .into_iter()
                .map(|(name, value, shown)| {
                    let value = if shown { json!({ "value": value, "report_events": true }) } else { json!(value) };
                    (name.to_owned(), value)
                })
                .collect();
            let body = json!({ "variables": all }).to_string();
            vec![Request { body: Some(body), ..post(format!("channels/{channel}/variables")) }]
        }
        Dialect::Old => variables
            .into_iter()
            .map(|(name, value, _)| {
                let body = json!({ "variable": name, "value": value }).to_string();
                Request { body: Some(body), ..post(format!("channels/{channel}/variable")) }
            })
            .collect(),
    }
}

/// What of Asterisk a command touches, for its place in the [order](super::order).
pub(super) fn touches(command: &Command) -> Vec<(Thing, Touch)> {
    let channel = |channel: &ChannelId| (Thing::Channel(channel.id.clone()), Touch::Alone);
    let bridge = |bridge: &BridgeId, touch| (Thing::Bridge(bridge.id.clone()), touch);
    match command {
        Command::Answer { channel: it }
        | Command::Mark { channel: it, .. }
        | Command::Ring { channel: it }
        | Command::Music { channel: it, .. }
        | Command::Hush { channel: it, .. }
        | Command::Play { channel: it, .. }
        | Command::Stop { channel: it, .. }
        | Command::Record { channel: it, .. }
        | Command::StopRecording { channel: it, .. }
        | Command::SeekRecording { channel: it, .. }
        | Command::HangUp { channel: it, .. }
        | Command::Continue { channel: it }
        | Command::HandOver { channel: it, .. }
        | Command::CallOut { channel: it, .. }
        | Command::Reply { channel: it, .. } => vec![channel(it)],
        // A leg is made for a caller without touching him.
        Command::Create { leg, .. } | Command::Dial { leg, .. } | Command::Originate { leg, .. } => vec![channel(leg)],
        Command::Park { channel: it, bridge: place } | Command::Unpark { channel: it, bridge: place } => {
            vec![channel(it), bridge(place, Touch::Shared)]
        }
        Command::Join { bridge: place, caller, leg, .. } => {
            vec![channel(caller), channel(leg), bridge(place, Touch::Shared)]
        }
        Command::MakeBridge { bridge: place, .. } | Command::DropBridge { bridge: place } => {
            vec![bridge(place, Touch::Alone)]
        }
    }
}

/// Whether a command may be repeated when its connection closed under it.
pub(super) fn repeat(command: &Command) -> Repeat {
    match command {
        Command::Create { .. }
        | Command::Originate { .. }
        | Command::CallOut { .. }
        | Command::MakeBridge { .. }
        | Command::Record { .. } => Repeat::Recognised,
        Command::Play { .. }
        | Command::Park { .. }
        | Command::Dial { .. }
        | Command::Continue { .. }
        | Command::HandOver { .. }
        | Command::Reply { .. } => Repeat::Never,
        Command::Answer { .. }
        | Command::Mark { .. }
        | Command::Ring { .. }
        | Command::Music { .. }
        | Command::Hush { .. }
        | Command::Stop { .. }
        | Command::StopRecording { .. }
        | Command::SeekRecording { .. }
        | Command::DropBridge { .. }
        | Command::Unpark { .. }
        | Command::Join { .. }
        | Command::HangUp { .. } => Repeat::Harmless,
    }
}

/// Whether a refusal says that things are already as the command wants them.
pub(super) fn is_already_so(command: &Command, status: u16, repeated: bool) -> bool {
    match command {
        // Over, or gone, before we could end it.
        Command::Stop { .. } | Command::DropBridge { .. } => status == 404,
        // He is not in it.
        Command::Unpark { .. } => status == 422,
        Command::MakeBridge { .. } => status == 409,
        Command::Create { .. } | Command::Originate { .. } | Command::CallOut { .. } | Command::Record { .. } => {
            status == 409 && repeated
        }
        Command::StopRecording { .. } | Command::SeekRecording { .. } => false,
        Command::Answer { .. }
        | Command::Mark { .. }
        | Command::Ring { .. }
        | Command::Music { .. }
        | Command::Hush { .. }
        | Command::Play { .. }
        | Command::Park { .. }
        | Command::Dial { .. }
        | Command::Join { .. }
        | Command::HangUp { .. }
        | Command::Continue { .. }
        | Command::HandOver { .. }
        | Command::Reply { .. } => false,
    }
}

pub(super) fn post(target: String) -> Request {
    Request { method: Method::Post, target, body: None }
}

fn delete(target: String) -> Request {
    Request { method: Method::Delete, target, body: None }
}

fn bridge_type(kind: BridgeKind) -> &'static str {
    match kind {
        BridgeKind::Talk => "mixing",
        BridgeKind::Waiting => "holding",
    }
}

/// Asterisk has no word for two of them. It knows them by their Q.850 cause, unless it is so old that it passes that over and
/// says 603 to the caller: such a one is given the word that comes nearest.
fn why(reason: Reason, dialect: Dialect) -> &'static str {
    match (reason, dialect) {
        (Reason::Normal, _) => "reason=normal",
        (Reason::Busy, _) => "reason=busy",
        (Reason::Congestion, _) => "reason=congestion",
        (Reason::NoAnswer, _) => "reason=no_answer",
        (Reason::Timeout, _) => "reason=timeout",
        (Reason::Rejected, _) => "reason=rejected",
        (Reason::Unallocated, _) | (Reason::Gone, Dialect::Old) => "reason=unallocated",
        (Reason::Gone, Dialect::Current) => "reason_code=22",
        (Reason::Incomplete, _) => "reason=number_incomplete",
        (Reason::OutOfOrder, Dialect::Current) => "reason_code=27",
        (Reason::Failure, _) | (Reason::OutOfOrder, Dialect::Old) => "reason=failure",
        (Reason::AnsweredElsewhere, _) => "reason=answered_elsewhere",
    }
}

/// Asterisk counts whole seconds; a part of one counts as one, since none at all would mean "never".
pub(super) fn whole_seconds(span: Duration) -> u64 {
    // Asterisk reads 32 bits.
    span.as_secs().saturating_add(u64::from(span.subsec_nanos() > 0)).min(i32::MAX as u64)
}

#[cfg(test)]
mod tests;
