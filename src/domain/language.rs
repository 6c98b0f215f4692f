//! Languages that callers are spoken to in.

use std::{fmt, sync::Arc};

/// A language by its code: `en`, `nb`, `pt-br`. Two or three small letters, then parts that dashes divide.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(Arc<str>);

impl Language {
    /// A language by its code; `None` when that is no code.
    pub fn new(code: &str) -> Option<Self> {
        let mut parts = code.split('-');
        let small = |part: &str| (2..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_lowercase());
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let fits = parts.next().is_some_and(small)
            && parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(plain))
            && code.len() <= 20;
        fits.then(|| Self(code.into()))
    }

    /// The language of a plan that names none.
    pub fn english() -> Self {
        Self("en".into())
    }

    /// Its code.
    pub fn code(&self) -> &str {
        &self.0
    }

    /// The code without its region: `pt` of `pt-br`.
    pub fn bare(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }

    /// As Asterisk names it, and the folder of its sounds: `nb`, `pt_BR`.
    pub fn in_asterisk(&self) -> String {
        let region = |part: &str| if part.len() == 2 { part.to_ascii_uppercase() } else { part.to_owned() };
        let mut parts = self.0.split('-');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |name, part| name + "_" + &region(part))
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_can_never_be_an_option_of_a_command_or_a_path() {
        for good in ["en", "nb", "yue", "pt-br", "en-gb-scotland"] {
            assert!(Language::new(good).is_some(), "{good}");
        }
        for bad in ["", "e", "-v", "EN", "en_US", "english", "en-", "en gb", "en/../x", "en;rm", "..", "en-éé"] {
            assert!(Language::new(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn asterisk_writes_regions_in_capitals() {
        for (code, bare, there) in
            [("nb", "nb", "nb"), ("pt-br", "pt", "pt_BR"), ("en-gb-scotland", "en", "en_GB_scotland")]
        {
            let language = Language::new(code).expect("a language");
            assert_eq!((language.bare(), &*language.in_asterisk()), (bare, there));
        }
    }
}
