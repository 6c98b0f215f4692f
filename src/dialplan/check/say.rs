//! What is said: texts in the languages of the plan, and values with the words that they need.

use std::collections::BTreeMap;

use super::{
    sounds::{Scripts, Sounds},
    values,
};
use crate::{
    dialplan::{
        expr::{Expr, Fact, How, Scope, Spoken, Trouble, Type, Value, has_values, spoken, template},
        plan::{Act, Languages, Part, Plan, Saying},
        raw::{RawPlan, RawSay, Text},
        say::{Manner, fluent},
        word,
    },
    domain::Language,
    yaml::{At, Fault, Span, Wrong, quoted, suggest},
};

/// Adds what is said to the script of each language.
pub(super) fn add(
    sounds: &mut Sounds<'_>,
    say: &RawSay,
    span: &Span,
    scope: &Scope,
    scripts: &mut Scripts,
    faults: &mut Vec<Fault>,
) {
    let languages: Vec<Language> = sounds.languages.iter().cloned().collect();
    match say {
        RawSay::Text(text) => {
            let Some(parts) = parts(text, scope, faults) else { return };
            let words = parts.iter().any(|part| matches!(part, Piece::Words(_)));
            if words && languages.len() > 1 {
                let first = languages.first().map_or("", Language::code);
                let fault = Fault::warning(span, format!("this text is said in {} only", quoted(first)));
                let remedy =
                    format!("write it in each language, or say which one it is in: `say: {{{first}: \"...\"}}`");
                sounds.doubts.push(fault.remedy(remedy));
            }
            for (language, script) in languages.iter().zip(scripts) {
                let language = if words { languages.first().unwrap_or(language) } else { language };
                script.extend(made(sounds, &parts, language, &text.span, faults));
            }
        }
        RawSay::Languages(texts) => in_languages(sounds, texts, span, scope, scripts, faults),
        RawSay::Value(how, value) => {
            let (how, value) = (*how, value);
            each(sounds, value, &languages, scope, scripts, faults, |expr| manner(expr, Some(how)));
        }
    }
}

/// A part of a text that is said.
enum Piece {
    Words(String),
    Value(Expr, Manner),
}

/// The parts of a text, when nothing is wrong with it.
fn parts(text: &Text, scope: &Scope, faults: &mut Vec<Fault>) -> Option<Vec<Piece>> {
    let piece = |part| match part {
        // What stands between two values may be a comma alone.
        Spoken::Text(words) if !words.chars().any(char::is_alphanumeric) => None,
        Spoken::Text(words) => {
            let read = word::text(bare(&words)).map(|words| Piece::Words(words.to_string()));
            Some(read.map_err(|wrong| Trouble::Wrong(wrong, 0..text.value.len())))
        }
        Spoken::Value(expr, how, at) => {
            let manner = manner(&expr, how).map_err(|wrong| Trouble::Wrong(wrong, at));
            Some(manner.map(|manner| Piece::Value(expr, manner)))
        }
    };
    let read = spoken(&text.value, scope).and_then(|parts| parts.into_iter().filter_map(piece).collect());
    match read {
        Ok(parts) => Some(parts),
        Err(trouble) => {
            values::tell(text, trouble, faults);
            None
        }
    }
}

/// Without what closes the value before it, and opens the one behind it.
fn bare(words: &str) -> &str {
    let words = words.trim_start_matches(|c: char| c.is_whitespace() || ".,;:!?)]}\"'".contains(c));
    words.trim_end_matches(|c: char| c.is_whitespace() || "([{\"'".contains(c))
}

fn made(
    sounds: &mut Sounds<'_>,
    pieces: &[Piece],
    language: &Language,
    span: &Span,
    faults: &mut Vec<Fault>,
) -> Vec<Part> {
    let mut parts = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Words(words) => parts.extend(sounds.text(words, language, span, faults).map(Part::Media)),
            Piece::Value(value, manner) => {
                let words = sounds.words(*manner, language, span, faults);
                let saying =
                    |words| Saying { manner: *manner, value: value.clone(), language: language.clone(), words };
                parts.extend(words.map(saying).map(Part::Value));
            }
        }
    }
    for piece in pieces {
        match piece {
            Piece::Value(_, manner) if !manner.is_known_in(language) => {
                let known = fluent().collect::<Vec<_>>().join(", ");
                let fault =
                    Fault::error(span, format!("{} cannot be said in {}", manner.word(), quoted(language.code())));
                faults
                    .push(fault.remedy(format!("they can in {known}; numbers, digits and times can in any language")));
            }
            Piece::Words(_) | Piece::Value(_, _) => {}
        }
    }
    parts
}

/// One text in several languages.
fn in_languages(
    sounds: &mut Sounds<'_>,
    texts: &[(At<Language>, Text)],
    span: &Span,
    scope: &Scope,
    scripts: &mut Scripts,
    faults: &mut Vec<Fault>,
) {
    let languages = sounds.languages.clone();
    let mut read: BTreeMap<usize, (Language, Vec<Piece>, &Span)> = BTreeMap::new();
    for (language, text) in texts {
        match languages.find(language.value.code()) {
            None => faults.push(no_such(language.value.code(), &language.span, &languages)),
            Some(place) => {
                let parts = parts(text, scope, faults).unwrap_or_default();
                read.insert(place, (language.value.clone(), parts, &text.span));
            }
        }
    }
    // Who has no text of his own hears that of the first language that has one.
    let Some(instead) = read.values().next() else { return };
    let missing: Vec<_> =
        languages.iter().enumerate().filter(|(place, _)| !read.contains_key(place)).map(|(_, it)| it).collect();
    // One alone is meant to be in that language: "For norsk, tast to."
    if !missing.is_empty() && read.len() > 1 {
        let codes = missing.iter().map(|language| quoted(language.code())).collect::<Vec<_>>().join(", ");
        let message = format!("this text is missing in {codes}: callers hear it in {}", quoted(instead.0.code()));
        sounds.doubts.push(Fault::warning(span, message).remedy("write it in that language, too"));
    }
    for (place, script) in scripts.iter_mut().enumerate() {
        let (language, parts, span) = read.get(&place).unwrap_or(instead);
        script.extend(made(sounds, parts, language, span, faults));
    }
}

/// A value alone, in every language.
fn each(
    sounds: &mut Sounds<'_>,
    value: &Text,
    languages: &[Language],
    scope: &Scope,
    scripts: &mut Scripts,
    faults: &mut Vec<Fault>,
    manner: impl Fn(&Expr) -> Result<Manner, Wrong>,
) {
    let whole = 0..value.value.len();
    let read = values::assigned(value, scope).and_then(|expr| match manner(&expr) {
        Ok(manner) => Ok((expr, manner)),
        Err(wrong) => Err(Trouble::Wrong(wrong, whole)),
    });
    match read {
        Ok((expr, manner)) => {
            let pieces = [Piece::Value(expr, manner)];
            for (language, script) in languages.iter().zip(scripts) {
                script.extend(made(sounds, &pieces, language, &value.span, faults));
            }
        }
        Err(trouble) => values::tell(value, trouble, faults),
    }
}

/// How a value is said: as it is asked for, or as what it is.
fn manner(expr: &Expr, how: Option<How>) -> Result<Manner, Wrong> {
    let manner = match (how, expr.kind()) {
        (Some(How::Number) | None, Type::Number) => Manner::Number,
        (Some(How::Digits), Type::Number | Type::Text) => Manner::Digits,
        (Some(How::Date), Type::Text) => Manner::Date,
        (Some(How::Time), Type::Text) => Manner::Time,
        (Some(How::Money(currency)), Type::Number | Type::Text) => Manner::Money(currency),
        (None, Type::Text) => by_itself(expr)?,
        (Some(How::Number), Type::Text) => {
            let remedy = "a text of digits becomes a number with `|int`; `digits` says one digit after the other";
            return Err(Wrong::new("this is a text, and no number", remedy));
        }
        (Some(How::Date | How::Time), Type::Number) => {
            return Err(Wrong::new(
                "a number is no date and no time of day",
                "dates are written `2027-05-17`, times `09:30`",
            ));
        }
        (Some(How::Money(_)), Type::Truth) => {
            return Err(Wrong::new("a yes or no is no amount", "amounts are numbers, or texts such as `12.50`"));
        }
        (_, Type::Truth) => {
            let remedy = "choose what is said with `if: {when: ..., then: {say: ...}}`";
            return Err(Wrong::new("a yes or no cannot be said", remedy));
        }
    };
    makes_sense(expr, manner)
}

/// A text that stands there can be looked at now.
fn makes_sense(expr: &Expr, manner: Manner) -> Result<Manner, Wrong> {
    if let Expr::Value(value) = expr
        && manner.phrases(value, &Language::english()).is_empty()
    {
        let message = format!("{} cannot be said as {}", quoted(&value.to_string()), manner.one());
        let remedy = "dates are written `2027-05-17`, times of day `09:30`, amounts `12` or `12.50`";
        return Err(Wrong::new(message, remedy));
    }
    Ok(manner)
}

/// How a text is said of which it is known what it is. Nobody knows beforehand the words of any other.
fn by_itself(expr: &Expr) -> Result<Manner, Wrong> {
    const KNOWN: [(Fact, Manner); 5] = [
        (Fact::TimeDate, Manner::Date),
        (Fact::TimeClock, Manner::Time),
        (Fact::TimeWeekday, Manner::Weekday),
        (Fact::CallerNumber, Manner::Digits),
        (Fact::NumberCalled, Manner::Digits),
    ];
    let known = KNOWN.iter().find(|(fact, _)| matches!(expr, Expr::Fact(of) if of == fact));
    known.map(|(_, manner)| *manner).ok_or_else(|| {
        Wrong::new(
            "this is a text that only a call knows, and prompts are made before",
            "say what is in it: `{{ ...|digits }}`, `{{ ...|date }}`, `{{ ...|time }}` or `{{ ...|money(\"NOK\") }}`; or choose among texts with `switch`",
        )
    })
}

/// The step `language`: one of the plan's, or what names one of them.
pub(super) fn language(text: &Text, languages: &Languages, scope: &Scope, faults: &mut Vec<Fault>) -> Option<Expr> {
    if !has_values(&text.value) {
        if languages.find(&text.value).is_none() {
            faults.push(no_such(&text.value, &text.span, languages));
        }
        return Some(Expr::Value(Value::Text(text.value.clone())));
    }
    let whole = 0..text.value.len();
    match template(&text.value, scope) {
        Ok(expr) if expr.kind() == Type::Text => Some(expr),
        Ok(expr) => {
            let wrong = Wrong::new(
                format!("a language is a text, and this is {}", expr.kind().word()),
                "write its code, or a variable that is one",
            );
            values::tell(text, Trouble::Wrong(wrong, whole), faults);
            None
        }
        Err(trouble) => {
            values::tell(text, trouble, faults);
            None
        }
    }
}

fn no_such(code: &str, span: &Span, languages: &Languages) -> Fault {
    let known: Vec<&str> = languages.iter().map(Language::code).collect();
    let near = suggest::instead(code, known.iter().copied(), "it speaks");
    let fault = Fault::error(span, format!("the plan does not speak {}", quoted(code)));
    let all = known.join(", ");
    fault.remedy(format!("{near}; others stand at the top of the plan: `languages: [{all}, {code}]`"))
}

/// Languages in which nobody is ever spoken to.
pub(super) fn doubts(raw: &RawPlan, plan: &Plan) -> Vec<Fault> {
    let mut spoken = Vec::new();
    for step in &plan.steps {
        let Act::Language(language) = &step.act else { continue };
        // One that is computed may be any of them.
        let Expr::Value(code) = &**language else { return Vec::new() };
        spoken.push(code.to_string());
    }
    let lost = raw.languages.iter().skip(1).filter(|it| !spoken.iter().any(|code| code == it.value.code()));
    let doubt = |it: &At<Language>| {
        let code = it.value.code();
        let fault = Fault::warning(&it.span, format!("no caller is ever spoken to in {}", quoted(code)));
        fault.remedy(format!("add `- language: {code}` to a flow, or take it out"))
    };
    lost.map(doubt).collect()
}
