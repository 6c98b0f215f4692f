//! Lists of numbers as typed.

use crate::{
    domain::Name,
    yaml::{At, Kind, Node, Reader},
};

/// A list of numbers as typed.
#[derive(Debug)]
pub(in crate::dialplan) struct RawList {
    pub(in crate::dialplan) name: At<Name>,
    pub(in crate::dialplan) numbers: Vec<At<String>>,
    /// The file that has the numbers instead.
    pub(in crate::dialplan) file: Option<At<String>>,
}

/// Reads a list: its numbers, or the file that has them.
pub(super) fn list(name: At<Name>, node: &Node, reader: &mut Reader) -> RawList {
    let typed = |text: &str| Ok(text.to_owned());
    match &node.kind {
        Kind::Map(_) => {
            let fields = reader.fields_of(node, "a list of numbers", &name.span, &["file"]);
            let file = reader.required(&fields, "file", "file: blocked.txt");
            let file = file.and_then(|node| reader.value(node, "a file's name", typed));
            RawList { name, numbers: Vec::new(), file }
        }
        Kind::Nothing | Kind::Word(_) | Kind::List(_) => {
            RawList { name, numbers: reader.values(node, "a list of numbers", typed), file: None }
        }
    }
}
