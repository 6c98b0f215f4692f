//! Places in their order, of which it is known at once how many stand before one.
//!
//! A line of thousands is looked at for that whenever somebody joins it or leaves it, and is told his place. So it is kept in
//! pieces: those before a place are counted piece by piece.

use std::{iter::Flatten, slice::Iter};

use super::queue::Place;

/// So many are in one piece at most.
const PIECE: usize = 256;

/// Places, the smallest first.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// None of them is empty, and all of one are before all of the next.
    pieces: Vec<Vec<Place>>,
    len: usize,
}

impl Places {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(crate) fn iter(&self) -> Flatten<Iter<'_, Vec<Place>>> {
        self.pieces.iter().flatten()
    }

    /// Puts one in, if it is not there.
    pub(crate) fn insert(&mut self, place: Place) {
        // Who comes last of all joins those before him.
        let at = self.piece_of(&place).min(self.pieces.len().saturating_sub(1));
        let Some(piece) = self.pieces.get_mut(at) else {
            self.pieces.push(vec![place]);
            self.len += 1;
            return;
        };
        let Err(within) = piece.binary_search(&place) else { return };
        piece.insert(within, place);
        self.len += 1;
        if piece.len() > PIECE {
            let behind = piece.split_off(PIECE / 2);
            self.pieces.insert(at + 1, behind);
        }
    }

    /// Takes one out, if it is there.
    pub(crate) fn remove(&mut self, place: &Place) {
        let at = self.piece_of(place);
        let Some(piece) = self.pieces.get_mut(at) else { return };
        let Ok(within) = piece.binary_search(place) else { return };
        piece.remove(within);
        self.len -= 1;
        let left = piece.len();
        // Small pieces would be many in the end.
        if at > 0 && self.pieces[at - 1].len() + left <= PIECE / 2 {
            let behind = self.pieces.remove(at);
            self.pieces[at - 1].extend(behind);
        } else if left == 0 {
            self.pieces.remove(at);
        }
    }

    pub(crate) fn contains(&self, place: &Place) -> bool {
        self.pieces.get(self.piece_of(place)).is_some_and(|piece| piece.binary_search(place).is_ok())
    }

    /// How many there are before one, whether it is there or not.
    pub(crate) fn before(&self, place: &Place) -> usize {
        let at = self.piece_of(place);
        let whole: usize = self.pieces[..at].iter().map(Vec::len).sum();
        let within = |piece: &Vec<Place>| piece.partition_point(|other| other < place);
        whole + self.pieces.get(at).map_or(0, within)
    }

    /// The piece in which a place is, if it is there.
    fn piece_of(&self, place: &Place) -> usize {
        self.pieces.partition_point(|piece| piece.last().is_some_and(|last| last < place))
    }
}

impl<'a> IntoIterator for &'a Places {
    type Item = &'a Place;
    type IntoIter = Flatten<Iter<'a, Vec<Place>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl FromIterator<Place> for Places {
    fn from_iter<T: IntoIterator<Item = Place>>(places: T) -> Self {
        let mut all = Self::default();
        places.into_iter().for_each(|place| all.insert(place));
        all
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::{CallId, Time};

    fn place(nth: u64) -> Place {
        let at = Time::from_micros(nth);
        Place::new(at, at, CallId { boot: 1, number: nth }, 0, None)
    }

    proptest! {
        #[test]
        fn as_many_stand_before_one_as_are_smaller(changes in prop::collection::vec((any::<bool>(), 0..2_000_u64), 0..3_000)) {
            let (mut places, mut plain) = (Places::default(), BTreeSet::new());
            for (comes, nth) in changes {
                let place = place(nth);
                if comes {
                    places.insert(place);
                    plain.insert(place);
                } else {
                    places.remove(&place);
                    plain.remove(&place);
                }
                prop_assert_eq!(places.contains(&place), plain.contains(&place));
                prop_assert_eq!(places.before(&place), plain.range(..place).count());
            }
            prop_assert_eq!(places.len(), plain.len());
            prop_assert!(places.iter().eq(plain.iter()));
            prop_assert!(places.pieces.iter().all(|piece| !piece.is_empty() && piece.len() <= PIECE));
        }
    }

    #[test]
    fn a_long_line_is_few_pieces_however_it_came_to_be() {
        let mut places: Places = (0..20_000).map(place).collect();
        assert!(places.pieces.len() <= 20_000 / (PIECE / 2) + 1);
        (0..20_000).filter(|nth| nth % 100 > 0).for_each(|nth| places.remove(&place(nth)));
        assert_eq!(places.len(), 200);
        assert!(places.pieces.len() <= 5, "{}", places.pieces.len());
    }
}
