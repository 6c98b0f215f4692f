//! Who calls, as far as the network says.

use std::{fmt, sync::Arc};

use super::{
    country::Country,
    number::{Number, user_part},
};

/// At most this many characters of a caller's name are kept: no telephone network carries more.
const LONGEST_NAME: usize = 80;

/// What a network says instead of a number that is withheld, or that it does not know.
const WITHHELD: &[&str] = &["", "anonymous", "restricted", "unavailable", "unknown", "private", "withheld", "blocked"];

/// The caller as the trunk presents him. What comes from outside is cleaned here, once, so that it can go into a
/// variable, a header or a log line without breaking out of it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// What he presents as his number.
    pub presented: Presented,
    /// The name that came with it; none when the number is withheld.
    pub name: Option<Arc<str>>,
    /// The telephone of the house that he calls from, as Asterisk dials it (`PJSIP/anna`); `None`: he calls from outside.
    pub phone: Option<Arc<str>>,
    /// What came though he withholds it, until it is known whether he can: nobody but [`Caller::shown`] looks at it.
    held_back: Option<Box<HeldBack>>,
}

/// A number that came with the word that it is not to be shown, and the name beside it.
#[derive(Clone, PartialEq, Eq)]
struct HeldBack {
    presented: Presented,
    name: Option<Arc<str>>,
}

impl fmt::Debug for Caller {
    /// Without what he withholds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { presented, name, phone, held_back: _ } = self;
        f.debug_struct("Caller").field("presented", presented).field("name", name).field("phone", phone).finish()
    }
}

/// What a caller presents as his number. Anything is a value that a plan can ask for, and nothing an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Presented {
    /// A number: in E.164 when it can be read, the digits that came when not.
    Number(Number),
    /// None, by his will or because the network knows none. Should one have come all the same, it is forgotten as soon as it is
    /// known that he called a number to which he may withhold it.
    #[default]
    Withheld,
    /// Something that is no number; or nothing, where nobody can withhold his.
    Malformed,
}

impl Caller {
    /// A caller from what came with his call: of a number its digits and leading `+` are kept, of a name its printable
    /// characters without quotes, brackets, commas and the like. `presentation`: Asterisk's `CALLERID(num-pres)`, or
    /// nothing when it is not known.
    pub fn from_wire(number: &str, name: &str, presentation: &str) -> Self {
        let presented = presented(number);
        let name: String = name.chars().filter(|c| !breaks_out(*c)).take(LONGEST_NAME).collect();
        let name =
            Some(name.trim()).filter(|name| !name.is_empty() && presented != Presented::Withheld).map(Into::into);
        if is_prohibited(presentation) {
            let sent = (presented != Presented::Withheld).then(|| Box::new(HeldBack { presented, name }));
            return Self { held_back: sent, ..Self::default() };
        }
        Self { name, presented, phone: None, held_back: None }
    }

    /// The same caller, of a number to which nobody can withhold his: what came with the call is his number.
    pub fn shown(self) -> Self {
        match (self.presented, self.held_back) {
            (Presented::Withheld, Some(sent)) => {
                Self { presented: sent.presented, name: sent.name, phone: self.phone, held_back: None }
            }
            (Presented::Withheld, None) => Self { presented: Presented::Malformed, held_back: None, ..self },
            (presented @ (Presented::Number(_) | Presented::Malformed), _) => {
                Self { presented, held_back: None, ..self }
            }
        }
    }

    /// The same caller, without what he withholds.
    pub fn forgotten(self) -> Self {
        Self { held_back: None, ..self }
    }

    /// The same caller, at a telephone of the house. `channel`: the name of his channel, `PJSIP/anna-0000002a`.
    pub fn at_phone(self, channel: &str) -> Self {
        let phone = channel.rsplit_once('-').map_or(channel, |(phone, _)| phone);
        Self { phone: Some(phone.into()), ..self }
    }

    /// Whether he calls from a telephone of the house.
    pub fn is_internal(&self) -> bool {
        self.phone.is_some()
    }

    /// The same caller, a number of his being read as one that was dialled in that country. What he withholds is gone.
    pub fn within(self, country: Option<Country>) -> Self {
        let presented = match self.presented {
            Presented::Number(number) => Presented::Number(number.canonical(country)),
            other @ (Presented::Withheld | Presented::Malformed) => other,
        };
        Self { presented, held_back: None, ..self }
    }

    /// His number, where he presents one.
    pub fn number(&self) -> Option<&str> {
        match &self.presented {
            Presented::Number(number) => Some(number.as_str()),
            Presented::Withheld | Presented::Malformed => None,
        }
    }

    /// Whether his number is withheld.
    pub fn is_withheld(&self) -> bool {
        self.presented == Presented::Withheld
    }
}

/// Whether Asterisk's word for a presentation says that the number may not be shown, or that there is none.
fn is_prohibited(presentation: &str) -> bool {
    presentation.starts_with("prohib") || presentation == "unavailable"
}

fn presented(text: &str) -> Presented {
    let user = user_part(text).trim();
    if WITHHELD.iter().any(|word| user.eq_ignore_ascii_case(word)) {
        return Presented::Withheld;
    }
    let mut digits = String::new();
    for c in user.chars().take(Number::MAX_DIGITS * 4) {
        match c {
            '0'..='9' | '*' | '#' => digits.push(c),
            '+' if digits.is_empty() => digits.push(c),
            c if c.is_alphabetic() => return Presented::Malformed,
            _ => {}
        }
    }
    let number = Number::parse(&digits).filter(|number| number.as_str().contains(|c: char| c.is_ascii_digit()));
    number.map_or(Presented::Malformed, Presented::Number)
}

/// Whether a character has a meaning where a name may be put.
fn breaks_out(c: char) -> bool {
    c.is_control() || matches!(c, '"' | '\'' | '\\' | '<' | '>' | ',' | ';' | '|' | '$' | '{' | '}' | '`')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_caller_sends_can_break_out_of_where_it_is_put() {
        let hostile = format!("Ivan\"<sip:x>,\r\nInjected: 1;${{EVAL}}{}", "x".repeat(10_240));
        let caller = Caller::from_wire("+4790\"0,0\r\n0000<>", &hostile, "");
        assert_eq!(caller.number(), Some("+4790000000"));
        let name = caller.name.expect("a name is left");
        assert!(name.starts_with("Ivansip:xInjected: 1EVALxxx"), "{name}");
        assert!(name.chars().count() <= 80);
    }

    #[test]
    fn a_withheld_number_is_a_value_of_its_own_and_nothing_is_kept_of_it() {
        for number in [
            "",
            " ",
            "anonymous",
            "Anonymous",
            "Restricted",
            "unavailable",
            "unknown",
            "sip:anonymous@anonymous.invalid",
        ] {
            let caller = Caller::from_wire(number, "Ivan", "");
            assert!(caller.is_withheld() && caller.number().is_none() && caller.name.is_none(), "{number}");
        }
        for presentation in
            ["prohib", "prohib_passed_screen", "prohib_not_screened", "prohib_failed_screen", "unavailable"]
        {
            let caller = Caller::from_wire("+4790000000", "Ivan", presentation);
            assert!(caller.is_withheld() && caller.number().is_none() && caller.name.is_none(), "{presentation}");
            assert!(!format!("{caller:?}").contains("9000"), "{caller:?}");
            assert_eq!(caller.clone().forgotten(), Caller::default(), "{presentation}");
            assert_eq!(caller.within(Country::new("NO")), Caller::default(), "nothing is left of it: {presentation}");
        }
        for presentation in ["", "allowed", "allowed_not_screened", "allowed_passed_screen", "x"] {
            assert_eq!(
                Caller::from_wire("+4790000000", "", presentation).number(),
                Some("+4790000000"),
                "{presentation}"
            );
        }
    }

    #[test]
    fn to_a_number_that_always_shows_them_nobody_withholds_his() {
        let shown = |number: &str, presentation: &str| Caller::from_wire(number, "Ivan", presentation).shown();
        let caller = shown("90000000", "prohib_passed_screen").within(Country::new("NO"));
        assert_eq!((caller.number(), caller.name.as_deref()), (Some("+4790000000"), Some("Ivan")));
        assert_eq!(shown("90000000", "allowed"), Caller::from_wire("90000000", "Ivan", ""));
        for (number, presentation) in [("anonymous", ""), ("", "prohib"), ("anonymous", "unavailable")] {
            let caller = shown(number, presentation);
            assert!(!caller.is_withheld() && caller.number().is_none() && caller.name.is_none(), "{number}");
        }
    }

    #[test]
    fn what_is_no_number_is_malformed_and_no_error() {
        for number in ["anna", "12a3", "+", "--", "#", "٣٣", &"1".repeat(33), &"1".repeat(10_240), "22334455 ext 5"] {
            let caller = Caller::from_wire(number, "Ivan", "");
            assert_eq!((caller.presented, caller.name.as_deref()), (Presented::Malformed, Some("Ivan")), "{number}");
        }
    }

    #[test]
    fn a_number_is_read_as_one_of_the_country_and_is_raw_when_it_cannot_be() {
        let number =
            |text: &str| Caller::from_wire(text, "", "").within(Country::new("NO")).number().map(str::to_owned);
        for text in ["+4790000000", "004790000000", "4790000000", "90000000", "sip:+4790000000;user=phone@host"] {
            assert_eq!(number(text).as_deref(), Some("+4790000000"), "{text}");
        }
        for text in ["101", "02097", "2233445566", "+47223344"] {
            assert_eq!(number(text).as_deref(), Some(text));
        }
    }
}
