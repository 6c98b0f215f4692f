//! Lines out of bytes.

/// No line of Asterisk's is longer: its longest is the value of a variable.
const LONGEST: usize = 64 * 1024;

/// What came and is not read yet.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    bytes: Vec<u8>,
    /// Where the next line begins.
    begins: usize,
    /// Up to where there is no end of it.
    looked: usize,
}

/// A line has no end within 64 KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a line of more than {LONGEST} bytes")]
pub(crate) struct TooLong;

impl Lines {
    /// More bytes came.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.begins);
        self.looked -= self.begins;
        self.begins = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// The next line, without its end; `None` when it has not come yet.
    ///
    /// # Errors
    /// When it is too long to be one of Asterisk's.
    pub(crate) fn next(&mut self) -> Result<Option<String>, TooLong> {
        let end = self.bytes[self.looked..].iter().position(|byte| *byte == b'\n').map(|at| self.looked + at);
        let length = end.unwrap_or(self.bytes.len()) - self.begins;
        if length > LONGEST {
            return Err(TooLong);
        }
        let Some(end) = end else {
            self.looked = self.bytes.len();
            return Ok(None);
        };
        let line = text(&self.bytes[self.begins..end]);
        (self.begins, self.looked) = (end + 1, end + 1);
        Ok(Some(line))
    }
}

/// Asterisk hands on what telephones and trunks say, whatever that is: UTF-8 mostly. What is not is read as Latin-1, in which
/// every byte is a character.
pub(super) fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_whole_however_they_are_cut_on_the_way() {
        let said = b"200 result=1 (\xc3\xa5)\n\nHANGUP\n200 re";
        for size in 1..said.len() {
            let mut lines = Lines::default();
            let mut heard = Vec::new();
            for part in said.chunks(size) {
                lines.push(part);
                while let Ok(Some(line)) = lines.next() {
                    heard.push(line);
                }
            }
            assert_eq!(heard, ["200 result=1 (å)", "", "HANGUP"], "cut every {size}");
        }
    }

    #[test]
    fn what_is_no_utf_8_is_latin_1() {
        assert_eq!(text(b"agi_calleridname: K\xe5re"), "agi_calleridname: Kåre");
        assert_eq!(text(b"\xff\x00\x80"), "ÿ\u{0}\u{80}");
    }

    #[test]
    fn a_line_without_an_end_is_given_up() {
        let mut lines = Lines::default();
        lines.push(&vec![b'x'; LONGEST]);
        assert_eq!(lines.next(), Ok(None));
        lines.push(b"x");
        assert_eq!(lines.next(), Err(TooLong));
        let mut lines = Lines::default();
        lines.push(&[vec![b'x'; LONGEST], b"\ny\n".to_vec()].concat());
        assert_eq!(lines.next().map(|line| line.map(|line| line.len())), Ok(Some(LONGEST)));
        assert_eq!(lines.next(), Ok(Some("y".to_owned())));
    }
}
