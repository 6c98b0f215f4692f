//! Those of a line for whom one more operator may be rung, by what is asked of those who are rung.
//!
//! Somebody who becomes free is rung for the first of those for whom he may be. In a long line that could be the last, where
//! the queue asks for more than he can of all before. So those of whom the same is asked stand together, and whom he may not be
//! rung for are not gone through.

use std::collections::BTreeSet;

use super::queue::Place;

/// Places, by which of the queue's terms apply to each.
#[derive(Debug, Default)]
pub(crate) struct Wanting(Vec<BTreeSet<Place>>);

impl Wanting {
    /// Puts one in, to whom these terms apply from now on.
    pub(crate) fn insert(&mut self, place: Place, terms: usize) {
        self.remove(&place);
        if self.0.len() <= terms {
            self.0.resize_with(terms + 1, BTreeSet::new);
        }
        self.0[terms].insert(place);
    }

    /// Takes one out; whether he was in it.
    pub(crate) fn remove(&mut self, place: &Place) -> bool {
        self.0.iter_mut().any(|those| those.remove(place))
    }

    pub(crate) fn contains(&self, place: &Place) -> bool {
        self.0.iter().any(|those| those.contains(place))
    }

    /// All of them; in their order only as far as the same terms apply to them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Place> {
        self.0.iter().flatten()
    }

    /// Those to whom the same terms apply, in their order, and which these are.
    pub(crate) fn by_terms(&self) -> impl Iterator<Item = (usize, &BTreeSet<Place>)> {
        self.0.iter().enumerate().filter(|(_, those)| !those.is_empty())
    }

    #[cfg(test)]
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
