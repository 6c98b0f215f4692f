//! What is told of one thing of a plan: short, whatever happened to it.

/// At most so many changes of one thing are told.
const MOST: usize = 12;

/// What changed in one thing, piece by piece.
#[derive(Debug, Default)]
pub(super) struct Tale {
    /// Where in it we are: `step 3 menu`, `option 4`.
    place: Vec<String>,
    told: Vec<(String, String)>,
    more: usize,
}

impl Tale {
    pub(super) fn tell(&mut self, what: impl Into<String>) {
        if self.told.len() < MOST {
            self.told.push((self.place.join(", "), what.into()));
        } else {
            self.more += 1;
        }
    }

    /// Tells of a part of it.
    pub(super) fn within(&mut self, part: String, tell: impl FnOnce(&mut Self)) {
        self.place.push(part);
        tell(self);
        self.place.pop();
    }

    /// All of it in one line; `None`: nothing changed.
    pub(super) fn line(self) -> Option<String> {
        let mut line = String::new();
        let mut before = "";
        for (place, what) in &self.told {
            if !line.is_empty() {
                line += "; ";
            }
            if place != before {
                line += place;
                line += if place.is_empty() { "" } else { ": " };
                before = place;
            }
            line += what;
        }
        if self.more > 0 {
            line += &format!("; and {} more", self.more);
        }
        (!line.is_empty()).then_some(line)
    }
}
