//! How Asterisk itself reads a command, for those who try what we write: `parse_args()` and `run_agi()` of `res/res_agi.c`,
//! told again.

/// The words of the first command in these bytes, and what is left behind it; `None` when there is no whole one.
pub(crate) fn read(bytes: &[u8], buffer: usize) -> Option<(Vec<Vec<u8>>, &[u8])> {
    let longest = bytes.len().min(buffer - 1);
    let end = bytes[..longest].iter().position(|byte| *byte == b'\n');
    let (line, rest) = match end {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        // The buffer is full: what is behind is another command.
        None if longest < bytes.len() => bytes.split_at(longest),
        None => return None,
    };
    // A C string ends at a NUL.
    let line = line.split(|byte| *byte == 0).next().unwrap_or_default();
    Some((words(line), rest))
}

fn words(line: &[u8]) -> Vec<Vec<u8>> {
    let mut words: Vec<Vec<u8>> = Vec::new();
    let (mut quoted, mut escaped, mut between) = (false, false, true);
    for byte in line {
        match byte {
            b'"' if !escaped => {
                quoted = !quoted;
                if quoted && between {
                    words.push(Vec::new());
                    between = false;
                }
            }
            b' ' | b'\t' if !quoted && !escaped => between = true,
            b'\\' if !escaped => escaped = true,
            other => {
                if between {
                    words.push(Vec::new());
                    between = false;
                }
                if let Some(word) = words.last_mut() {
                    word.push(*other);
                }
                escaped = false;
            }
        }
    }
    words
}
