//! Steps that speak with other servers.

use std::sync::Arc;

use super::{
    graph::{Graph, unread},
    values,
};
use crate::{
    dialplan::{
        expr::{Expr, Trouble, Value, template},
        plan::{Act, LookUp, StepId, Take},
        raw::{RawJson, RawLookUp, RawRequest, Text},
        request::{Json, Method, Piece, Template, climbs},
        word,
    },
    yaml::{Read, Wrong},
};

impl<'r> Graph<'r> {
    pub(super) fn look_up(&mut self, lookup: &'r RawLookUp, next: Option<StepId>) -> Act {
        let request = self.request(&lookup.request);
        let mut takes = Vec::new();
        for take in &lookup.takes {
            // Of one kind with the variable, or that is told with the other places that set it.
            let Some(value) = &take.set.value else { continue };
            let slot = self.scope.variables.get(&take.set.name.value).map(|(slot, _)| *slot);
            let otherwise = self.assigned(value);
            takes.extend(slot.zip(otherwise).map(|(slot, otherwise)| Take { slot, at: take.at.clone(), otherwise }));
        }
        let failed = lookup.failed.as_ref().map(|body| self.body(body, next));
        let within = lookup.within;
        request.map_or_else(unread, |request| Act::LookUp(Arc::new(LookUp { request, within, takes, failed })))
    }

    pub(super) fn notify(&mut self, request: &RawRequest) -> Act {
        self.request(request).map_or_else(unread, |request| Act::Notify(Arc::new(request)))
    }

    fn request(&mut self, request: &RawRequest) -> Option<Template> {
        let url = request.url.as_ref().and_then(|text| self.url(text));
        let body = request.body.as_ref().map(|body| self.json(body));
        let (host, url) = url?;
        Some(Template { method: request.method, host, url, headers: request.headers.clone().into(), body })
    }

    /// What is sent to this address, without a body yet.
    pub(super) fn post(&mut self, url: &Text) -> Option<Template> {
        let (host, url) = self.url(url)?;
        Some(Template { method: Method::Post, host, url, headers: [].into(), body: None })
    }

    /// The server of an address, and the address in pieces.
    fn url(&mut self, text: &Text) -> Option<(Arc<str>, Vec<Piece>)> {
        let whole = |why| Trouble::Wrong(why, 0..text.value.len());
        let made = template(&text.value, &self.scope).and_then(|expr| pieces(expr).map_err(whole));
        made.map_err(|trouble| values::tell(text, trouble, self.faults)).ok()
    }

    fn json(&mut self, json: &RawJson) -> Json {
        match json {
            RawJson::Nothing => Json::Nothing,
            RawJson::Value(text) => self.assigned(text).map_or(Json::Nothing, Json::Value),
            RawJson::List(items) => Json::List(items.iter().map(|item| self.json(item)).collect()),
            RawJson::Map(entries) => {
                Json::Map(entries.iter().map(|(name, value)| (name.clone(), self.json(value))).collect())
            }
        }
    }

    /// A value as `set` takes it; what is wrong with it is told.
    fn assigned(&mut self, text: &Text) -> Option<Expr> {
        values::assigned(text, &self.scope).map_err(|trouble| values::tell(text, trouble, self.faults)).ok()
    }
}

/// An address in pieces. Its first piece has the server in it, so that no value can be one.
fn pieces(address: Expr) -> Read<(Arc<str>, Vec<Piece>)> {
    let parts = if let Expr::Join(parts) = address { parts } else { vec![address] };
    let piece =
        |part: Expr| if let Expr::Value(Value::Text(text)) = part { Piece::Plain(text) } else { Piece::Value(part) };
    let pieces: Vec<Piece> = parts.into_iter().map(piece).collect();
    let plain = |piece: &Piece| match piece {
        Piece::Plain(text) => text.clone(),
        Piece::Value(_) => Arc::from(""),
    };
    let server = word::server(&pieces.first().map(plain).unwrap_or_default())?;
    pieces.iter().try_for_each(|piece| word::plain_in_address(&plain(piece)))?;
    if climbs(
        &pieces.iter().map(|piece| if let Piece::Plain(text) = piece { &**text } else { "x" }).collect::<String>(),
    ) {
        return Err(Wrong::new("a part of the path is `.` or `..`", "write the path as the server knows it"));
    }
    Ok((server, pieces))
}
