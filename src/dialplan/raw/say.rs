//! What is said, as typed: a text, the same text in several languages, or a value and how it is said.

use super::logic::Text;
use crate::{
    dialplan::{
        expr::{self, How},
        say::Currency,
        word,
    },
    domain::Language,
    yaml::{At, Fault, Kind, Node, Read, Reader, Span, Wrong, quoted, suggest},
};

/// What is said, as typed.
#[derive(Debug)]
pub(in crate::dialplan) enum RawSay {
    /// A text, perhaps with values in it.
    Text(Text),
    /// The same in several languages.
    Languages(Vec<(At<Language>, Text)>),
    /// A value and how it is said.
    Value(How, Text),
    /// An amount of money.
    Money(Text, Currency),
}

const EXAMPLE: &str = "write a text, `{en: \"Welcome\", nb: \"Velkommen\"}` or a value as `{number: \"{{ n }}\"}`";

impl Reader {
    /// What stands behind `say`.
    pub(super) fn say(&mut self, node: &Node) -> Option<At<RawSay>> {
        let say = match &node.kind {
            Kind::Word(_) => RawSay::Text(self.value(node, "a text", text)?),
            Kind::Map(entries) => match entries.as_slice() {
                [(key, value)] if key.is_word("money") => self.money(value, &key.span)?,
                [(key, value)] if !is_language(key) => {
                    let how = self.value(key, "how something is said", |word| expr::how(word, &["money"]))?;
                    RawSay::Value(how.value, self.value(value, "a value", |word| Ok(word.into()))?)
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
            named.into_iter().map(|(language, node)| Some((language, self.value(node, "a text", text)?))).collect();
        texts.into_iter().collect()
    }

    fn money(&mut self, node: &Node, owner: &Span) -> Option<RawSay> {
        let fields = self.fields(node, "`money`", owner, &["amount", "currency"])?;
        let amount = self.required(&fields, "amount", "amount: \"{{ balance }}\"");
        let amount = amount.and_then(|node| self.value(node, "an amount", |word| Ok(word.into())));
        let currency = self.required(&fields, "currency", "currency: NOK");
        let currency = currency.and_then(|node| self.value(node, "a currency", currency_of));
        Some(RawSay::Money(amount?, currency?.value))
    }
}

/// A text with values in it is looked at when the whole plan is known.
fn text(text: &str) -> Read<std::sync::Arc<str>> {
    if expr::has_values(text) { Ok(text.into()) } else { word::text(text) }
}

fn is_language(key: &Node) -> bool {
    matches!(&key.kind, Kind::Word(word) if word::language(word).is_ok())
}

fn currency_of(text: &str) -> Read<Currency> {
    Currency::ALL.iter().find(|(code, _)| *code == text).map(|(_, currency)| *currency).ok_or_else(|| {
        let remedy = suggest::instead(text, Currency::ALL.iter().map(|(code, _)| *code), "currencies are");
        Wrong::new(format!("there are no words for money in {}", quoted(text)), remedy)
    })
}
