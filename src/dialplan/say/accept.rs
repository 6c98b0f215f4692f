//! What an operator is told who accepts a call by a key. Whole sentences, made when the plan is read.

use super::waiting;
use crate::domain::Language;

/// The sentences of a language.
pub(in crate::dialplan) struct Words {
    code: &'static str,
    /// Before the name of a queue.
    from: &'static str,
    /// Where the call is of no queue.
    pub(in crate::dialplan) call: &'static str,
    /// That he calls somebody back.
    pub(in crate::dialplan) callback: &'static str,
    /// Before how long the caller has waited.
    waited: &'static str,
    /// Before the caller's number, digit by digit.
    pub(in crate::dialplan) number: &'static str,
    /// The last of all.
    pub(in crate::dialplan) press: &'static str,
}

const WORDS: [Words; 7] = [
    Words {
        code: "de",
        from: "Anruf aus der Warteschlange",
        call: "Ein Anruf für Sie.",
        callback: "Ein Rückruf: der Kunde wird angerufen, wenn Sie ihn annehmen.",
        waited: "Wartezeit:",
        number: "Die Nummer ist",
        press: "Drücken Sie die Eins, um ihn anzunehmen.",
    },
    Words {
        code: "en",
        from: "Call from",
        call: "A call for you.",
        callback: "A call back: the customer is called when you take it.",
        waited: "Waiting",
        number: "The number is",
        press: "Press one to take it.",
    },
    Words {
        code: "es",
        from: "Llamada de la cola",
        call: "Una llamada para usted.",
        callback: "Es una devolución de llamada: llamamos al cliente cuando usted la acepte.",
        waited: "Tiempo de espera:",
        number: "El número es",
        press: "Pulse uno para aceptarla.",
    },
    Words {
        code: "fr",
        from: "Appel de la file",
        call: "Un appel pour vous.",
        callback: "C'est un rappel : le client est appelé quand vous l'acceptez.",
        waited: "Temps d'attente :",
        number: "Le numéro est",
        press: "Tapez un pour l'accepter.",
    },
    Words { code: "nb", ..NORWEGIAN },
    NORWEGIAN,
    Words {
        code: "ru",
        from: "Звонок из очереди",
        call: "Звонок для вас.",
        callback: "Это обратный звонок: клиенту позвонят, когда вы его примете.",
        waited: "Время ожидания:",
        number: "Номер:",
        press: "Нажмите один, чтобы принять его.",
    },
];

const NORWEGIAN: Words = Words {
    code: "no",
    from: "Samtale fra køen",
    call: "En samtale til deg.",
    callback: "Dette er en tilbakeringing: kunden ringes opp når du tar den.",
    waited: "Ventetid:",
    number: "Nummeret er",
    press: "Trykk én for å ta den.",
};

/// The sentences of a language; `None`: there are none.
pub(in crate::dialplan) fn words(language: &Language) -> Option<&'static Words> {
    WORDS.iter().find(|words| words.code == language.bare())
}

impl Words {
    /// That a call comes from a queue, which is called as the plan calls it.
    pub(in crate::dialplan) fn from(&self, queue: &str) -> String {
        format!("{} {}.", self.from, queue.replace('_', " "))
    }

    /// That the caller has waited for each of [`waiting::WAITS`].
    pub(in crate::dialplan) fn waited(&self) -> Vec<String> {
        waiting::spans(self.code).iter().map(|span| format!("{} {span}.", self.waited)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialplan::say::fluent;

    fn of(code: &str) -> &'static Words {
        words(&Language::new(code).expect("a language")).expect("words")
    }

    #[test]
    fn every_language_with_a_grammar_has_words_for_who_accepts_a_call() {
        for code in fluent() {
            let words = of(code);
            assert_eq!(words.waited().len(), waiting::WAITS.len(), "{code}");
            let ends = [&words.from("sales"), words.call, words.callback, words.press];
            assert!(ends.iter().all(|text| text.ends_with('.') && !text.contains("  ")), "{ends:?}");
        }
        assert!(words(&Language::new("pl").expect("a language")).is_none());
    }

    #[test]
    fn they_are_sentences() {
        assert_eq!(of("en").from("night_sales"), "Call from night sales.");
        assert_eq!(of("en").waited()[0], "Waiting one minute.");
        assert_eq!(of("nb").waited()[1], "Ventetid: to minutter.");
        assert_eq!(of("ru").waited()[1], "Время ожидания: две минуты.");
    }
}
