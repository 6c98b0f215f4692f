//! What is said, as typed: a text, the same text in several languages, or a value and how it is said.

use std::sync::Arc;

use serde_json::Value;

use super::logic::Text;
use crate::{
    dialplan::{
        expr::{self, How},
        say::Currency,
        word::{self, OneOf, Plain},
    },
    domain::Language,
    yaml::{At, Either, Fault, Key, Kind, Mapping, Named, Node, Reader, Shape, Shared, Span},
};

/// What may stand behind `say`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Say;

impl Shape for Say {
    fn schema(&self, shared: &mut Shared) -> Value {
        shared.refer("say", |shared| Either(&[&word::TEXT, &BY_LANGUAGE, &VALUE]).schema(shared))
    }
}

const BY_LANGUAGE: Named<Plain<Language>, Plain<Arc<str>>> =
    Named { name: word::LANGUAGE, thing: word::TEXT, least: 1 };

/// A value, by the one key that says how.
const VALUE: Mapping = Mapping { what: "a value that is said", keys: &[&NUMBER, &DIGITS, &DATE, &TIME, &MONEY] };

const NUMBER: Key<Plain<Arc<str>>> =
    Key::optional("number", word::VALUE, "A whole number, said as one: \"twenty one\".");
const DIGITS: Key<Plain<Arc<str>>> = Key::optional("digits", word::VALUE, "Said digit by digit: `\"{{ account }}\"`.");
const DATE: Key<Plain<Arc<str>>> = Key::optional("date", word::VALUE, "A date that is written `2027-05-17`.");
const TIME: Key<Plain<Arc<str>>> = Key::optional("time", word::VALUE, "A time of day that is written `09:30`.");
const MONEY: Key<Mapping> = Key::optional("money", AMOUNT_OF, "An amount of money.");

const AMOUNT_OF: Mapping = Mapping { what: "`money`", keys: &[&AMOUNT, &CURRENCY] };

const AMOUNT: Key<Plain<Arc<str>>> = Key::required(
    "amount",
    "amount: \"{{ balance }}\"",
    word::VALUE,
    "How much: a whole number, or a text such as `12.50`.",
);
const CURRENCY: Key<OneOf<Currency>> = Key::required("currency", "currency: NOK", word::CURRENCY, "Of which currency.");

/// What is said, as typed.
#[derive(Debug)]
pub(in crate::dialplan) enum RawSay {
    /// A text, perhaps with values in it.
    Text(Text),
    /// The same in several languages.
    Languages(Vec<(At<Language>, Text)>),
    /// A value and how it is said.
    Value(How, Text),
}

const EXAMPLE: &str = "write a text, `{en: \"Welcome\", nb: \"Velkommen\"}` or a value as `{number: \"{{ n }}\"}`";

impl Reader {
    /// What stands behind `say`.
    pub(super) fn say(&mut self, node: &Node) -> Option<At<RawSay>> {
        if self.is_bare(node) {
            return None;
        }
        let say = match &node.kind {
            Kind::Word(_) => RawSay::Text(self.read(node, &word::TEXT, "say")?),
            Kind::Map(entries) => match entries.as_slice() {
                [(key, value)] if key.is_word(MONEY.name()) => self.money(value, &key.span)?,
                [(key, value)] if !is_language(key) => {
                    let how = self.value(key, "how something is said", |word| expr::how(word, &[MONEY.name()]))?;
                    RawSay::Value(how.value, self.read(value, &word::VALUE, "say")?)
                }
                _ => RawSay::Languages(self.languages_of(node)?),
            },
            Kind::Nothing | Kind::List(_) => {
                let message = format!("this should be a text, and it is {}", node.kind.name());
                self.tell(Fault::error(&node.span, message).remedy(EXAMPLE));
                return None;
            }
        };
        Some(At { value: say, span: node.span.clone() })
    }

    fn languages_of(&mut self, node: &Node) -> Option<Vec<(At<Language>, Text)>> {
        if self.is_empty(node, "there is nothing to say", "{en: \"Welcome\", nb: \"Velkommen\"}") {
            return None;
        }
        let unread = |_: &str| Language::english();
        let named = self.named(node, "a text for each language", word::language, Language::code, unread)?;
        let texts: Vec<_> =
            named.into_iter().map(|(language, node)| Some((language, self.read(node, &word::TEXT, "say")?))).collect();
        texts.into_iter().collect()
    }

    fn money(&mut self, node: &Node, owner: &Span) -> Option<RawSay> {
        let fields = self.fields(node, &AMOUNT_OF, owner)?;
        let (amount, currency) = (self.needed(&fields, &AMOUNT), self.needed(&fields, &CURRENCY));
        Some(RawSay::Value(How::Money(currency?.value), amount?))
    }
}

fn is_language(key: &Node) -> bool {
    matches!(&key.kind, Kind::Word(word) if word::language(word).is_ok())
}
