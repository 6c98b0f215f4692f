//! YAML as people write it: a tree in which every word knows its place, and mistakes told with place and remedy.
//!
//! What is written for Sentral by hand (plans, settings) is read through here, so that every mistake is told in the same
//! way: all of them at once, each with its line, what is wrong and what to write instead.

mod braces;
mod fault;
#[cfg(test)]
mod fits;
mod key;
mod no_yaml;
mod odd;
mod read;
mod render;
mod secret;
mod shape;
pub(crate) mod suggest;
mod told;
mod tree;

pub use fault::{Fault, Faults, Place, Severity};
pub(crate) use fault::{Source, Span, quoted};
#[cfg(test)]
pub(crate) use fits::fits;
pub(crate) use key::{Described, Key, Mapping, Or};
pub(crate) use read::{At, ENOUGH, Fields, Read, Reader, Wrong};
pub(crate) use shape::{Either, Many, Named, Nothing, Shape, Shared, True, Word, document, explained};
pub use told::{Related, Stretch, Told};
pub(crate) use tree::{Kind, Node, read};
