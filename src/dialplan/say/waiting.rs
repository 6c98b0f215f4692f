//! What is said to those who wait: their place in the line, and how long it will be. Whole sentences, made when the plan is
//! read: there are few of them, and none is put together of parts that a language would bend.

use crate::{dialplan::expr::Value, domain::Language};

use super::Manner;

/// Nobody is told a place behind this one.
pub(in crate::dialplan) const LAST_PLACE: usize = 20;

/// Waits that are told, in minutes: any other one is told as the next longer, and a longer one is not.
pub(in crate::dialplan) const WAITS: [u32; 12] = [1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 45, 60];

struct Sentences {
    code: &'static str,
    /// To the first in line.
    first: &'static str,
    /// To any other: before and behind his place.
    place: [&'static str; 2],
    /// Before and behind how long it will be.
    wait: [&'static str; 2],
    /// Each of [`WAITS`], as it stands between them.
    waits: [&'static str; 12],
}

const SENTENCES: [Sentences; 7] = [
    GERMAN,
    Sentences {
        code: "en",
        first: "You are next in line.",
        place: ["You are number", "in line."],
        wait: ["The wait is about", "."],
        waits: [
            "one minute",
            "two minutes",
            "three minutes",
            "four minutes",
            "five minutes",
            "seven minutes",
            "ten minutes",
            "fifteen minutes",
            "twenty minutes",
            "thirty minutes",
            "forty-five minutes",
            "one hour",
        ],
    },
    SPANISH,
    FRENCH,
    Sentences { code: "nb", ..NORWEGIAN },
    NORWEGIAN,
    RUSSIAN,
];

const GERMAN: Sentences = Sentences {
    code: "de",
    first: "Sie sind als Nächster an der Reihe.",
    place: ["Sie sind Nummer", "in der Warteschlange."],
    wait: ["Die Wartezeit beträgt etwa", "."],
    waits: [
        "eine Minute",
        "zwei Minuten",
        "drei Minuten",
        "vier Minuten",
        "fünf Minuten",
        "sieben Minuten",
        "zehn Minuten",
        "fünfzehn Minuten",
        "zwanzig Minuten",
        "dreißig Minuten",
        "fünfundvierzig Minuten",
        "eine Stunde",
    ],
};

const SPANISH: Sentences = Sentences {
    code: "es",
    first: "Usted es el siguiente.",
    place: ["Usted es el número", "de la cola."],
    wait: ["El tiempo de espera es de aproximadamente", "."],
    waits: [
        "un minuto",
        "dos minutos",
        "tres minutos",
        "cuatro minutos",
        "cinco minutos",
        "siete minutos",
        "diez minutos",
        "quince minutos",
        "veinte minutos",
        "treinta minutos",
        "cuarenta y cinco minutos",
        "una hora",
    ],
};

const FRENCH: Sentences = Sentences {
    code: "fr",
    first: "Vous êtes le prochain.",
    place: ["Vous êtes numéro", "dans la file d'attente."],
    wait: ["Le temps d'attente est d'environ", "."],
    waits: [
        "une minute",
        "deux minutes",
        "trois minutes",
        "quatre minutes",
        "cinq minutes",
        "sept minutes",
        "dix minutes",
        "quinze minutes",
        "vingt minutes",
        "trente minutes",
        "quarante-cinq minutes",
        "une heure",
    ],
};

const NORWEGIAN: Sentences = Sentences {
    code: "no",
    first: "Du er neste i køen.",
    place: ["Du er nummer", "i køen."],
    wait: ["Ventetiden er omtrent", "."],
    waits: [
        "ett minutt",
        "to minutter",
        "tre minutter",
        "fire minutter",
        "fem minutter",
        "sju minutter",
        "ti minutter",
        "femten minutter",
        "tjue minutter",
        "tretti minutter",
        "førtifem minutter",
        "en time",
    ],
};

const RUSSIAN: Sentences = Sentences {
    code: "ru",
    first: "Вы следующий в очереди.",
    place: ["Ваш номер в очереди:", "."],
    wait: ["Время ожидания: примерно", "."],
    waits: [
        "одна минута",
        "две минуты",
        "три минуты",
        "четыре минуты",
        "пять минут",
        "семь минут",
        "десять минут",
        "пятнадцать минут",
        "двадцать минут",
        "тридцать минут",
        "сорок пять минут",
        "один час",
    ],
};

fn sentences(language: &Language) -> Option<&'static Sentences> {
    SENTENCES.iter().find(|sentences| sentences.code == language.bare())
}

/// Each of [`WAITS`] in words, in the language of that code; none where there are no words for it.
pub(super) fn spans(code: &str) -> &'static [&'static str] {
    SENTENCES.iter().find(|sentences| sentences.code == code).map_or(&[], |sentences| &sentences.waits)
}

/// What stands between, with no blank before a full stop.
fn between([before, behind]: [&str; 2], what: &str) -> String {
    let gap = if behind == "." { "" } else { " " };
    format!("{before} {what}{gap}{behind}")
}

/// What those are told who stand in the first places; `None`: there are no words for it in that language.
pub(in crate::dialplan) fn places(language: &Language) -> Option<Vec<String>> {
    let sentences = sentences(language)?;
    let place = |place: usize| {
        let number = i64::try_from(place).unwrap_or(i64::MAX);
        between(sentences.place, &Manner::Number.phrases(&Value::Number(number), language).join(" "))
    };
    Some(std::iter::once(sentences.first.to_owned()).chain((2..=LAST_PLACE).map(place)).collect())
}

/// What those are told who wait for each of [`WAITS`]; `None`: there are no words for it in that language.
pub(in crate::dialplan) fn waits(language: &Language) -> Option<Vec<String>> {
    let sentences = sentences(language)?;
    Some(sentences.waits.iter().map(|wait| between(sentences.wait, wait)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialplan::say::fluent;

    #[test]
    fn every_language_with_a_grammar_has_words_for_those_who_wait() {
        for code in fluent() {
            let language = Language::new(code).expect("a language");
            let (places, waits) = (places(&language).expect("places"), waits(&language).expect("waits"));
            assert_eq!((places.len(), waits.len()), (LAST_PLACE, WAITS.len()));
            let texts = places.iter().chain(&waits);
            assert!(texts.clone().all(|text| text.ends_with('.') && !text.contains("  ")), "{places:?} {waits:?}");
            assert_eq!(texts.collect::<std::collections::BTreeSet<_>>().len(), LAST_PLACE + WAITS.len());
        }
        assert_eq!(places(&Language::new("pl").expect("a language")), None);
    }

    #[test]
    fn they_are_sentences() {
        let of = |code| Language::new(code).expect("a language");
        let told = |code, place: usize, wait: usize| {
            let (places, waits) = (places(&of(code)).expect("places"), waits(&of(code)).expect("waits"));
            (places[place - 1].clone(), waits[wait].clone())
        };
        assert_eq!(told("en", 1, 0), ("You are next in line.".into(), "The wait is about one minute.".into()));
        assert_eq!(told("nb", 7, 1), ("Du er nummer sju i køen.".into(), "Ventetiden er omtrent to minutter.".into()));
        assert_eq!(
            told("ru", 2, 1),
            ("Ваш номер в очереди: два.".into(), "Время ожидания: примерно две минуты.".into())
        );
    }
}
