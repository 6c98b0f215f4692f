//! Texts that are said, with values in them: `You are number {{ n }} in line`.

use std::ops::Range;

use minijinja::machinery::{
    self,
    ast::{self, CallArg},
};

use super::{
    Expr, Scope, Value,
    read::{Made, Reader, at, not_read, only_values, short, wrong},
};
use crate::{
    dialplan::say::Currency,
    yaml::{Wrong, quoted, suggest},
};

/// A part of a text that is said.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::dialplan) enum Spoken {
    /// It stands there.
    Text(String),
    /// A value, the word that says how it is to be said, and where it stands in the text.
    Value(Expr, Option<How>, Range<usize>),
}

/// How a value is to be said, as it is written behind it: `{{ account|digits }}`, `{{ balance|money("NOK") }}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::dialplan) enum How {
    Number,
    Digits,
    Date,
    Time,
    Money(Currency),
}

/// The word behind an amount, with its currency.
const MONEY: &str = "money";

/// The other words.
const HOW: [(&str, How); 4] =
    [("number", How::Number), ("digits", How::Digits), ("date", How::Date), ("time", How::Time)];

/// Whether a text has values in it.
pub(in crate::dialplan) fn has_values(text: &str) -> bool {
    ["{{", "{%", "{#"].iter().any(|sign| text.contains(sign))
}

/// Reads a text that is said.
///
/// # Errors
/// What is wrong with it, or that it cannot be told yet.
pub(in crate::dialplan) fn spoken(text: &str, scope: &Scope) -> Made<Vec<Spoken>> {
    if !has_values(text) {
        return Ok(vec![Spoken::Text(text.into())]);
    }
    short(text)?;
    let parsed = machinery::parse(text, "", Default::default()).map_err(|error| not_read(text, &error))?;
    let ast::Stmt::Template(template) = &parsed else { return Err(only_values(text)) };
    let reader = Reader { scope };
    let mut parts = Vec::new();
    for part in &template.children {
        match part {
            ast::Stmt::EmitRaw(raw) => parts.push(Spoken::Text(raw.raw.into())),
            ast::Stmt::EmitExpr(emit) => parts.push(value(&emit.expr, &reader)?),
            ast::Stmt::Template(_)
            | ast::Stmt::ForLoop(_)
            | ast::Stmt::IfCond(_)
            | ast::Stmt::WithBlock(_)
            | ast::Stmt::Set(_)
            | ast::Stmt::SetBlock(_)
            | ast::Stmt::AutoEscape(_)
            | ast::Stmt::FilterBlock(_)
            | ast::Stmt::Do(_) => return Err(only_values(text)),
        }
    }
    Ok(parts)
}

fn value(expr: &ast::Expr<'_>, reader: &Reader<'_>) -> Made<Spoken> {
    let place = at(expr);
    if let ast::Expr::Filter(filter) = expr
        && let Some(of) = &filter.expr
        && let Some(how) = asked(filter, &place)?
    {
        return Ok(Spoken::Value(reader.expr(of)?, Some(how), place));
    }
    let made = reader.expr(expr)?;
    if let Expr::Value(Value::Text(text)) = &made {
        return Ok(Spoken::Text(text.to_string()));
    }
    Ok(Spoken::Value(made, None, place))
}

/// How a value is to be said, where that is written behind it.
fn asked(filter: &ast::Filter<'_>, place: &Range<usize>) -> Made<Option<How>> {
    if filter.name == MONEY {
        return currency(&filter.args, place).map(|currency| Some(How::Money(currency)));
    }
    let Some((_, how)) = HOW.iter().find(|(name, _)| *name == filter.name) else { return Ok(None) };
    if filter.args.is_empty() {
        return Ok(Some(*how));
    }
    let message = format!("{} takes nothing behind it", quoted(filter.name));
    Err(wrong(message, format!("write `{{{{ ...|{} }}}}`", filter.name), place.clone()))
}

/// The currency behind [`MONEY`]: its words are made when the plan is read, so it stands there.
fn currency(args: &[CallArg<'_>], place: &Range<usize>) -> Made<Currency> {
    let codes = || Currency::ALL.iter().map(|(code, _, _)| *code);
    let [CallArg::Pos(ast::Expr::Const(constant))] = args else {
        let known = codes().collect::<Vec<_>>().join(", ");
        let remedy = format!("write `{{{{ ...|money(\"NOK\") }}}}` with one of {known}");
        return Err(wrong("the currency of this amount is not written there", remedy, place.clone()));
    };
    let code = constant.value.as_str().unwrap_or_default();
    let known = Currency::ALL.iter().find(|(known, _, _)| *known == code);
    known.map(|(_, currency, _)| *currency).ok_or_else(|| {
        let message = format!("{} is no currency that can be said", quoted(&constant.value.to_string()));
        wrong(message, suggest::instead(code, codes(), "there are"), place.clone())
    })
}

/// How a value of that word is said: of the keys of `say`.
///
/// # Errors
/// That nothing is said so. `others`: what else may stand there.
pub(in crate::dialplan) fn how(word: &str, others: &[&'static str]) -> Result<How, Wrong> {
    HOW.iter().find(|(name, _)| *name == word).map(|(_, how)| *how).ok_or_else(|| {
        let known = HOW.iter().map(|(name, _)| *name).chain(others.iter().copied());
        let remedy = match suggest::nearest(word, known.clone()) {
            Some(near) => format!("did you mean {}?", quoted(near)),
            None => {
                let known = known.map(quoted).collect::<Vec<_>>().join(", ");
                format!("values are said as {known}; a text stands behind the code of its language, as `en`")
            }
        };
        Wrong::new(format!("nothing is said as {}", quoted(word)), remedy)
    })
}
