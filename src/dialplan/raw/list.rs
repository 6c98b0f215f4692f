//! Lists of numbers as typed.

use crate::{
    dialplan::word::{self, Plain},
    domain::Name,
    yaml::{At, Either, Key, Kind, Many, Mapping, Node, Reader},
};

/// A list of numbers as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawList {
    pub(in crate::dialplan) name: At<Name>,
    pub(in crate::dialplan) numbers: Vec<At<String>>,
    /// The file that has the numbers instead.
    pub(in crate::dialplan) file: Option<At<String>>,
}

const FILE: Key<Plain<String>> = Key::required(
    "file",
    "file: blocked.txt",
    word::FILE,
    "A text file beside the plan: one number or beginning on a line, and what stands behind `#` is a remark.",
);

const IN_FILE: Mapping = Mapping { what: "a list of numbers", keys: &[&FILE] };

const NUMBERS: Many<Plain<String>> = Many { one: word::LISTED, least: 0 };

/// A list: its numbers, or the file that has them.
pub(super) const LIST: Either = Either(&[&NUMBERS, &IN_FILE]);

/// Reads a list.
pub(super) fn list(name: At<Name>, node: &Node, reader: &mut Reader) -> RawList {
    match &node.kind {
        Kind::Map(_) => {
            let fields = reader.fields_of(node, &IN_FILE, &name.span);
            let file = reader.needed(&fields, &FILE);
            RawList { name, numbers: Vec::new(), file }
        }
        Kind::Nothing | Kind::Word(_) | Kind::List(_) => {
            RawList { name, numbers: reader.words(node, &NUMBERS, "a list"), file: None }
        }
    }
}
