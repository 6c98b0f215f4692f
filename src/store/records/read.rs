//! Records are read again, page by page.

use std::{
    borrow::Cow,
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    path::PathBuf,
    str::FromStr,
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{days, file};

/// So many bytes of files are looked through for one page.
const MOST: u64 = 16 << 20;

/// Which records are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of calls that ended then or later.
    pub since: Option<Timestamp>,
    /// Of calls that ended before then.
    pub until: Option<Timestamp>,
    /// Of calls to this number, compared by its digits.
    pub number: Option<String>,
    /// Behind this place.
    pub after: Option<Cursor>,
    /// So many at most.
    pub limit: usize,
}

/// A place between two records: the day of a file, and a byte of it. It stays what it is while records come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    day: Date,
    byte: u64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.day, self.byte)
    }
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (day, byte) = text.split_once('.').ok_or(())?;
        let cursor = Self { day: day.parse().map_err(drop)?, byte: byte.parse().map_err(drop)? };
        if cursor.to_string() == text { Ok(cursor) } else { Err(()) }
    }
}

/// Records in the order in which they were written, as they were.
#[derive(Debug, Default)]
pub struct Page {
    /// Lines of JSON.
    pub records: Vec<Box<RawValue>>,
    /// Where the next page begins; `None`: there is no file yet.
    pub next: Option<Cursor>,
    /// Whether there may be more behind it now.
    pub more: bool,
}

/// All records that are kept.
#[derive(Clone, Debug)]
pub struct Records {
    folder: PathBuf,
}

/// What is looked at in a record.
#[derive(Deserialize)]
struct Glance<'r> {
    ended: Timestamp,
    #[serde(borrow)]
    number: Option<Cow<'r, str>>,
}

impl Records {
    /// Those of a folder, which need not be there yet.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// A page of them. It waits for the disk.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn read(&self, wanted: &Wanted) -> io::Result<Page> {
        let date = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
        let first = wanted.since.map(date).max(wanted.after.map(|after| after.day));
        let last = wanted.until.map(date);
        let mut page = Page { next: wanted.after, ..Page::default() };
        let mut budget = MOST;
        for day in days(&self.folder)? {
            if first.is_some_and(|first| day < first) || last.is_some_and(|last| day > last) {
                continue;
            }
            let from = wanted.after.filter(|after| after.day == day).map_or(0, |after| after.byte);
            self.read_day(wanted, Cursor { day, byte: from }, &mut budget, &mut page)?;
            if page.more {
                break;
            }
        }
        Ok(page)
    }

    fn read_day(&self, wanted: &Wanted, from: Cursor, budget: &mut u64, page: &mut Page) -> io::Result<()> {
        let mut opened = File::open(file(&self.folder, from.day))?;
        opened.seek(SeekFrom::Start(from.byte))?;
        let mut lines = BufReader::new(opened.take(*budget));
        let (mut line, mut next) = (Vec::new(), from);
        loop {
            page.next = Some(next);
            page.more = page.records.len() >= wanted.limit || *budget == 0;
            line.clear();
            // The last line is perhaps being written: it is for another time.
            if page.more || lines.read_until(b'\n', &mut line)? == 0 || line.last() != Some(&b'\n') {
                return Ok(());
            }
            let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
            next.byte += length;
            *budget = budget.saturating_sub(length);
            if let Some(record) = wanted.take(&line) {
                page.records.push(record);
            }
        }
    }
}

impl Wanted {
    /// A line that is a record and is wanted. Half a line is none: whoever wrote it died.
    fn take(&self, line: &[u8]) -> Option<Box<RawValue>> {
        let glance: Glance<'_> = serde_json::from_slice(line).ok()?;
        let is_wanted = self.since.is_none_or(|since| glance.ended >= since)
            && self.until.is_none_or(|until| glance.ended < until)
            && self.number.as_deref().is_none_or(|wanted| glance.number.is_some_and(|number| same(&number, wanted)));
        if is_wanted { serde_json::from_slice(line).ok() } else { None }
    }
}

/// Whether two numbers have the same digits, however they are written.
fn same(one: &str, two: &str) -> bool {
    let keys = |text: &str| text.chars().filter(|c| c.is_ascii_alphanumeric() || "*#".contains(*c)).collect::<String>();
    keys(one) == keys(two)
}
