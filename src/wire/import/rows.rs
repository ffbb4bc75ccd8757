//! Bytes to rows, in bounded memory.
//!
//! The parser prefers some reading over none, so a row is checked here before anybody believes it: one
//! whose quotes stand elsewhere than around a field may have swallowed its neighbours, and one that is
//! too long is passed over without being kept. Both are refused whole.

use std::io::{self, BufRead};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::refusal::Refusal;

/// The longest row, in bytes.
pub const ROW_BYTES_MAX: usize = 64 * 1024;
/// The most fields of a row.
const FIELDS_MAX: usize = 64;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The fields of one row.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'r> {
    written: &'r [u8],
    ends: &'r [usize],
}

impl<'r> Fields<'r> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// One field without the white space around it; `None` if the row has fewer.
    pub fn get(&self, place: usize) -> Option<&'r [u8]> {
        let end = *self.ends.get(place)?;
        let begin = match place.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.written.get(begin..end).map(<[u8]>::trim_ascii)
    }

    /// Whether nothing is written in any of them.
    pub fn are_blank(&self) -> bool {
        (0..self.len()).all(|place| self.get(place).is_none_or(<[u8]>::is_empty))
    }
}

/// One row of the file.
#[derive(Clone, Copy, Debug)]
pub struct Row<'r> {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// Its fields, or why they cannot be believed.
    pub fields: Result<Fields<'r>, Refusal>,
    /// The row as written, without its line's end; empty if it is too long.
    pub raw: &'r [u8],
}

/// Reads rows. Lines without anything in them are passed over.
pub struct RowReader<R> {
    input: R,
    parser: Reader,
    delimiter: u8,
    fields: Vec<u8>,
    ends: Vec<usize>,
    raw: Vec<u8>,
    line: LineCount,
}

/// The line that comes next. A line ends with LF, CR LF, or, as old Macs wrote it, CR.
#[derive(Clone, Copy)]
struct LineCount {
    line: u64,
    after_return: bool,
}

impl LineCount {
    fn pass(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let ends = *byte == b'\r' || *byte == b'\n' && !self.after_return;
            self.line += u64::from(ends);
            self.after_return = *byte == b'\r';
        }
    }
}

/// What was seen of one row.
#[derive(Default)]
struct Seen {
    fields: usize,
    ends: usize,
    too_long: bool,
}

impl<R: BufRead> RowReader<R> {
    /// A reader of fields that are separated by `delimiter`.
    pub fn new(input: R, delimiter: u8) -> Self {
        Self {
            input,
            parser: ReaderBuilder::new().delimiter(delimiter).build(),
            delimiter,
            fields: vec![0; ROW_BYTES_MAX],
            ends: vec![0; FIELDS_MAX],
            raw: Vec::new(),
            line: LineCount { line: 1, after_return: false },
        }
    }

    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// The input cannot be read.
    pub fn read_row(&mut self) -> io::Result<Option<Row<'_>>> {
        self.pass_line_ends()?;
        self.raw.clear();
        let line = self.line.line;
        let Some(seen) = self.parse()? else {
            return Ok(None);
        };
        let ends = self.ends.get(..seen.ends).unwrap_or_default();
        let written = self.fields.get(..seen.fields).unwrap_or_default();
        let fields = match seen {
            Seen { too_long: true, .. } => Err(Refusal::TooLong),
            _ if !is_well_quoted(&self.raw, self.delimiter) => Err(Refusal::QuoteAstray),
            _ => Ok(Fields { written, ends }),
        };
        Ok(Some(Row { line, fields, raw: self.raw.trim_ascii_end() }))
    }

    /// The reader that was given, for who wants to look at it.
    pub fn input(&self) -> &R {
        &self.input
    }

    /// Passes over the ends of lines, so that the next row's line is known.
    fn pass_line_ends(&mut self) -> io::Result<()> {
        loop {
            let input = self.input.fill_buf()?;
            let count = input.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
            if count == 0 {
                return Ok(());
            }
            self.line.pass(input.get(..count).unwrap_or_default());
            self.input.consume(count);
        }
    }

    /// Parses one row; `None` at the end.
    fn parse(&mut self) -> io::Result<Option<Seen>> {
        let mut seen = Seen::default();
        loop {
            let input = self.input.fill_buf()?;
            let fields = self.fields.get_mut(seen.fields..).unwrap_or_default();
            let ends = self.ends.get_mut(seen.ends..).unwrap_or_default();
            let (result, taken, written, ended) = self.parser.read_record(input, fields, ends);
            let taken_bytes = input.get(..taken).unwrap_or_default();
            self.line.pass(taken_bytes);
            if self.raw.len() + taken <= ROW_BYTES_MAX {
                self.raw.extend_from_slice(taken_bytes);
            } else {
                seen.too_long = true;
            }
            self.input.consume(taken);
            seen.fields += written;
            seen.ends += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    seen.too_long = true;
                }
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return Ok(None),
            }
            if seen.too_long {
                // The rest of the row is parsed to find its end, and kept nowhere.
                (seen.fields, seen.ends) = (0, 0);
            }
        }
        if seen.too_long {
            self.raw.clear();
        }
        Ok(Some(seen))
    }
}

/// Whether quotes stand only around whole fields, or twice within quotes (RFC 4180).
fn is_well_quoted(row: &[u8], delimiter: u8) -> bool {
    #[derive(Clone, Copy, PartialEq)]
    enum At {
        Begin,
        Plain,
        Quoted,
        Closed,
    }
    let row = row.strip_prefix(BYTE_ORDER_MARK).unwrap_or(row);
    let mut at = At::Begin;
    for &byte in row {
        at = match (at, byte) {
            (At::Begin | At::Closed, b'"') => At::Quoted,
            (At::Quoted, b'"') => At::Closed,
            (At::Quoted, _) => At::Quoted,
            (At::Plain, b'"') => return false,
            (_, b'\r' | b'\n') => At::Begin,
            (_, byte) if byte == delimiter => At::Begin,
            (At::Closed, _) => return false,
            (At::Begin | At::Plain, _) => At::Plain,
        };
    }
    at != At::Quoted
}
