//! "Did you mean ...?"

use super::fault::quoted;

/// Of very many known words, so many are compared.
const MOST_KNOWN: usize = 1000;

/// Longer words than this are not compared: nobody mistyped them.
const LONGEST: usize = 64;

/// The word among `known` that somebody may have meant.
pub(crate) fn nearest<'a>(typed: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if typed.len() > LONGEST {
        return None;
    }
    let typed = plain(typed);
    // One letter in three may be wrong.
    let farthest = (typed.chars().count() / 3).max(1);
    known
        .take(MOST_KNOWN)
        .map(|word| (strsim::damerau_levenshtein(&typed, &plain(word)), word))
        .filter(|(distance, _)| *distance <= farthest)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// Letters alone, so that case, `-`, `_` and spaces make no difference.
fn plain(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).flat_map(char::to_lowercase).collect()
}

/// What to write instead of an unknown word: the nearest known one, or all of them when they are few.
pub(crate) fn instead<'a>(typed: &str, known: impl Iterator<Item = &'a str> + Clone, all: &str) -> String {
    const FEW: usize = 16;
    if let Some(word) = nearest(typed, known.clone()) {
        return format!("did you mean {}?", quoted(word));
    }
    let mut list: Vec<String> = known.take(FEW + 1).map(quoted).collect();
    match list.len() {
        0 => {
            let what = all.strip_suffix(" are").unwrap_or(all);
            match (what, what.strip_suffix(" of this plan")) {
                ("there", _) => "there are none yet".into(),
                (_, Some(things)) => format!("this plan has no {things} yet"),
                (_, None) => format!("there are no {what} yet"),
            }
        }
        n if n > FEW => {
            list.truncate(FEW);
            format!("{all}: {} and more", list.join(", "))
        }
        _ => format!("{all}: {}", list.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised_and_another_word_is_not() {
        let known = ["sales", "billing", "max_wait"];
        assert_eq!(nearest("sals", known.into_iter()), Some("sales"));
        assert_eq!(nearest("Max-Wait", known.into_iter()), Some("max_wait"));
        assert_eq!(nearest("support", known.into_iter()), None);
        assert_eq!(nearest(&"s".repeat(100_000), known.into_iter()), None);
    }
}
