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
    /// Each by its code (ISO 4217), and its name.
    pub(in crate::dialplan) const ALL: [(&'static str, Self, &'static str); 7] = [
        ("DKK", Self::Dkk, "Danish kroner"),
        ("EUR", Self::Eur, "euros"),
        ("GBP", Self::Gbp, "pounds sterling"),
        ("NOK", Self::Nok, "Norwegian kroner"),
        ("RUB", Self::Rub, "Russian roubles"),
        ("SEK", Self::Sek, "Swedish kronor"),
        ("USD", Self::Usd, "American dollars"),
    ];
}
