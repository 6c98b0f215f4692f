//! Currencies that can be said.

/// A currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Currency {
    /// Danish kroner.
    Dkk,
    /// Euros.
    Eur,
    /// Pounds sterling.
    Gbp,
    /// Norwegian kroner.
    Nok,
    /// Russian roubles.
    Rub,
    /// Swedish kronor.
    Sek,
    /// American dollars.
    Usd,
}

impl Currency {
    /// Each by its code (ISO 4217).
    pub(in crate::dialplan) const ALL: [(&'static str, Self); 7] = [
        ("DKK", Self::Dkk),
        ("EUR", Self::Eur),
        ("GBP", Self::Gbp),
        ("NOK", Self::Nok),
        ("RUB", Self::Rub),
        ("SEK", Self::Sek),
        ("USD", Self::Usd),
    ];

    /// Its code.
    pub fn code(self) -> &'static str {
        Self::ALL.iter().find(|(_, each)| *each == self).map_or("", |(code, _)| code)
    }
}
