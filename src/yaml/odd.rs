//! Characters that look like others, or like nothing: tabs, invisible ones, the quotes of a word processor.

use super::fault::{Fault, Span, floor};

const INVISIBLE: &str = "an invisible character";

/// Whether somebody sees nothing, or only a blank, where it stands.
fn is_invisible(c: char) -> bool {
    let drawn = c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    drawn
        || matches!(c, '\u{a0}' | '\u{ad}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{feff}')
        || ('\u{2000}'..='\u{200f}').contains(&c)
        || ('\u{2060}'..='\u{2064}').contains(&c)
}

/// What a word processor makes of a quote, and what was typed.
fn straight(c: char) -> Option<char> {
    match c {
        '“' | '”' | '„' | '‟' | '«' | '»' => Some('"'),
        '‘' | '’' | '‚' | '‛' => Some('\''),
        _ => None,
    }
}

/// What to write instead of such a character.
fn remedy(c: char) -> Option<String> {
    if let Some(quote) = straight(c) {
        return Some(format!("write `{quote}` instead of `{c}`"));
    }
    is_invisible(c).then(|| {
        let code = u32::from(c);
        format!("{INVISIBLE} U+{code:04X} stands here: delete it, or type a blank instead")
    })
}

/// The fault of a text that is no YAML because of such a character. `at`: where its reader stopped; `told`: what it says.
pub(super) fn in_text(text: &str, at: usize, told: &str) -> Option<Fault> {
    let at = floor(text, at);
    let start = text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
    let line = text.get(start..)?.lines().next()?;
    if told.contains("tabs disallowed") || told.contains("tab") && told.contains("indentation") {
        let tab = start + line.find('\t')?;
        let fault = Fault::error(&(tab..tab + 1), "a tab stands where YAML takes blanks alone");
        return Some(fault.remedy("write spaces instead of the tab"));
    }
    if told.contains("unexpected character") {
        let here = text.get(at..).and_then(|rest| rest.find(is_invisible).map(|found| at + found));
        let found = here.or_else(|| text.find(is_invisible))?;
        let c = text.get(found..)?.chars().next()?;
        let message = format!("{INVISIBLE} U+{:04X} stands here", u32::from(c));
        return Some(Fault::error(&(found..found + c.len_utf8()), message).remedy("delete it"));
    }
    // A blank that is none before the first word of the line, or quotes that are none, change what the line is.
    let first = line.trim_start_matches(' ').chars().next()?;
    let begins = |(at, c): &(usize, char)| {
        // Not an apostrophe within a word.
        let before = line.get(..*at).and_then(|before| before.chars().next_back());
        straight(*c).is_some() && before.is_none_or(|before| before.is_whitespace() || "[{(,:".contains(before))
    };
    let (at, c) = if is_invisible(first) { (line.find(first)?, first) } else { line.char_indices().find(begins)? };
    let found = start + at;
    Some(Fault::error(&(found..found + c.len_utf8()), format!("this is not YAML: {told}")).remedy(remedy(c)?))
}

/// What to write instead of a word that begins or ends with such a character, or in which a fault names one.
pub(super) fn in_word(text: &str, span: &Span, message: &str) -> Option<String> {
    if message.starts_with(INVISIBLE) {
        return None;
    }
    let (start, end) = (floor(text, span.start), floor(text, span.end));
    let word = text.get(start..end.max(start))?.trim_matches([' ', '\n', '\r', '\t']);
    let ends = [word.chars().next(), word.chars().next_back()];
    let named = word.chars().filter(|c| straight(*c) == Some('"') && message.contains(*c));
    ends.into_iter().flatten().chain(named).find_map(remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_in_quotes_of_a_word_processor_is_told_of_its_quotes() {
        let told = |word: &str, message: &str| in_word(word, &(0..word.len()), message);
        assert_eq!(told("“101”", "no number").as_deref(), Some("write `\"` instead of `“`"));
        assert_eq!(told("’101’", "no number").as_deref(), Some("write `'` instead of `’`"));
        assert_eq!(told("a(“b”)", "`“` is no sign").as_deref(), Some("write `\"` instead of `“`"));
        let invisible = told("\u{a0}101", "no number").expect("a remedy");
        assert!(invisible.contains("U+00A0"), "{invisible}");
        assert_eq!(told("wir sagen “hallo” dazu", "too long"), None);
        assert_eq!(told("101", "no number"), None);
        assert_eq!(told("", ""), None);
    }
}
