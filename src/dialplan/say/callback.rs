//! What callers are told of being called back. Whole sentences, made when the plan is read.

use crate::domain::Language;

/// The sentences of a language.
pub(in crate::dialplan) struct Words {
    code: &'static str,
    /// That he will be called.
    pub(in crate::dialplan) promised: &'static str,
    /// That his number cannot be called.
    pub(in crate::dialplan) refused: &'static str,
    /// Before the number that he calls from, digit by digit.
    pub(in crate::dialplan) own: &'static str,
    /// Behind it: that it is called, or another one.
    pub(in crate::dialplan) keep: &'static str,
    /// That he enters a number.
    pub(in crate::dialplan) enter: &'static str,
    /// Before the number that he entered.
    pub(in crate::dialplan) entered: &'static str,
    /// Behind it: that it is right, or is entered again.
    pub(in crate::dialplan) right: &'static str,
    /// When he answers.
    pub(in crate::dialplan) greeting: &'static str,
    /// With which key he takes the call.
    pub(in crate::dialplan) press: &'static str,
}

const WORDS: [Words; 7] = [
    Words {
        code: "de",
        promised: "Sie behalten Ihren Platz, und wir rufen Sie zurück. Auf Wiederhören.",
        refused: "Diese Nummer können wir leider nicht zurückrufen.",
        own: "Wir können Sie unter dieser Nummer zurückrufen:",
        keep: "Drücken Sie die Eins, wenn das richtig ist, oder die Zwei für eine andere Nummer.",
        enter: "Bitte geben Sie die Nummer ein, und danach die Raute.",
        entered: "Sie haben eingegeben:",
        right: "Drücken Sie die Eins, wenn das richtig ist, oder die Zwei, um sie noch einmal einzugeben.",
        greeting: "Dies ist der Rückruf, um den Sie gebeten haben.",
        press: "Drücken Sie die Eins, um verbunden zu werden.",
    },
    Words {
        code: "en",
        promised: "You keep your place, and we will call you back. Goodbye.",
        refused: "We are sorry, this number cannot be called back.",
        own: "We can call you back at this number:",
        keep: "Press one if that is right, or two for another number.",
        enter: "Please enter the number, and then press hash.",
        entered: "You entered:",
        right: "Press one if that is right, or two to enter it again.",
        greeting: "This is the call back that you asked for.",
        press: "Press one to be connected.",
    },
    Words {
        code: "es",
        promised: "Usted conserva su turno y le devolveremos la llamada. Adiós.",
        refused: "Lo sentimos, no podemos devolver la llamada a este número.",
        own: "Podemos llamarle a este número:",
        keep: "Pulse uno si es correcto, o dos para otro número.",
        enter: "Introduzca el número y pulse almohadilla.",
        entered: "Ha introducido:",
        right: "Pulse uno si es correcto, o dos para introducirlo de nuevo.",
        greeting: "Esta es la llamada que usted ha solicitado.",
        press: "Pulse uno para ser atendido.",
    },
    Words {
        code: "fr",
        promised: "Vous gardez votre place, et nous vous rappellerons. Au revoir.",
        refused: "Désolé, nous ne pouvons pas rappeler ce numéro.",
        own: "Nous pouvons vous rappeler à ce numéro :",
        keep: "Tapez un si c'est exact, ou deux pour un autre numéro.",
        enter: "Composez le numéro, puis tapez dièse.",
        entered: "Vous avez composé :",
        right: "Tapez un si c'est exact, ou deux pour le composer à nouveau.",
        greeting: "Voici l'appel que vous avez demandé.",
        press: "Tapez un pour être mis en relation.",
    },
    Words { code: "nb", ..NORWEGIAN },
    NORWEGIAN,
    Words {
        code: "ru",
        promised: "Ваше место в очереди сохранено, мы вам перезвоним. До свидания.",
        refused: "К сожалению, на этот номер мы перезвонить не можем.",
        own: "Мы можем перезвонить вам на этот номер:",
        keep: "Нажмите один, если это верно, или два, чтобы ввести другой номер.",
        enter: "Введите номер и нажмите решётку.",
        entered: "Вы ввели:",
        right: "Нажмите один, если это верно, или два, чтобы ввести его снова.",
        greeting: "Это обратный звонок, о котором вы просили.",
        press: "Нажмите один, чтобы вас соединили.",
    },
];

const NORWEGIAN: Words = Words {
    code: "no",
    promised: "Du beholder plassen din, og vi ringer deg tilbake. Ha det.",
    refused: "Vi kan dessverre ikke ringe tilbake til dette nummeret.",
    own: "Vi kan ringe deg tilbake på dette nummeret:",
    keep: "Trykk én hvis det er riktig, eller to for et annet nummer.",
    enter: "Tast nummeret, og trykk deretter firkant.",
    entered: "Du tastet:",
    right: "Trykk én hvis det er riktig, eller to for å taste det på nytt.",
    greeting: "Dette er samtalen du ba om å få.",
    press: "Trykk én for å bli satt over.",
};

/// The sentences of a language; `None`: there are none.
pub(in crate::dialplan) fn words(language: &Language) -> Option<&'static Words> {
    WORDS.iter().find(|words| words.code == language.bare())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialplan::say::fluent;

    #[test]
    fn every_language_with_a_grammar_has_words_for_who_is_called_back() {
        for code in fluent() {
            let words = words(&Language::new(code).expect("a language")).expect("words");
            let said =
                [words.promised, words.refused, words.keep, words.enter, words.right, words.greeting, words.press];
            assert!(said.iter().all(|text| text.ends_with('.')), "{code}: {said:?}");
            assert!([words.own, words.entered].iter().all(|text| text.ends_with(':')), "{code}");
        }
        assert!(words(&Language::new("pl").expect("a language")).is_none());
    }
}
