//! Every key there is, as the structures themselves tell it, so that no list has to be kept beside them.

use serde::{Deserialize, Deserializer, de::Visitor};

use super::{tokens, typed};

/// What stands under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Under {
    /// A value.
    Value,
    /// A value, or a list of words that are one with commas between.
    Words,
    /// Keys of its own, these.
    Keys(&'static [&'static str]),
    /// Names that somebody chose, and these keys under each.
    Names(&'static [&'static str]),
}

/// What stands under a key, or the part of it that is unknown and the keys that are known in its place.
pub(super) fn under<S: AsRef<str>>(key: &[S]) -> Result<Under, (usize, &'static [&'static str])> {
    let mut here = Under::Keys(of::<typed::Typed>());
    for (depth, part) in key.iter().map(AsRef::as_ref).enumerate() {
        here = match here {
            Under::Keys(known) if known.contains(&part) => match part {
                "api" => Under::Keys(of::<typed::Api>()),
                "limits" => Under::Keys(of::<typed::Limits>()),
                "prompts" => Under::Keys(of::<typed::Prompts>()),
                "records" => Under::Keys(of::<typed::Records>()),
                "queue_log" => Under::Keys(of::<typed::QueueLog>()),
                "voicemail" => Under::Keys(of::<typed::Voicemail>()),
                "hooks" => Under::Keys(of::<typed::Hooks>()),
                "agi" => Under::Keys(of::<typed::Agi>()),
                "allow" | "roles" => Under::Words,
                "log" => Under::Keys(of::<typed::Log>()),
                "nodes" => Under::Names(of::<typed::Node>()),
                "tokens" => Under::Names(of::<tokens::Typed>()),
                _ => Under::Value,
            },
            Under::Keys(known) => return Err((depth, known)),
            Under::Names(keys) => Under::Keys(keys),
            Under::Value | Under::Words => return Err((depth, &[])),
        };
    }
    Ok(here)
}

/// The names of a structure's fields, as serde knows them.
pub(super) fn of<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    let mut names: &'static [&'static str] = &[];
    // Nothing is read, only asked: the answer is always "no".
    let _asked = T::deserialize(Names(&mut names));
    names
}

struct Names<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Names<'_> {
    type Error = serde::de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Self::Error> {
        Err(serde::de::Error::custom("only asked"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        *self.0 = fields;
        self.deserialize_any(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
