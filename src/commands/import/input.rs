//! The file: opened for each pass, watched while it is read.
//!
//! It is read more than once, so it must be a file and stay the same: a row that was not there when
//! the suppressions were counted would be judged without them.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use sha2::{Digest, Sha256};

use crate::commands::exit::{Exit, Failure};
use crate::config::did_you_mean;
use crate::wire::import::{Column, Columns, HeaderError, Row, RowReader};

/// Progress is shown once in so many rows.
const SHOW_EVERY: u64 = 4_096;
const BUFFER_BYTES: usize = 256 * 1024;

/// The file to import.
pub(super) struct Input {
    path: PathBuf,
    delimiter: u8,
    bytes: u64,
}

/// What the file's bytes come to.
pub(super) type FileDigest = [u8; 32];

impl Input {
    /// Looks at the file.
    ///
    /// # Errors
    /// It cannot be opened, or is no file.
    pub(super) fn open(path: &Path, delimiter: u8) -> Result<Self, Failure> {
        let meta = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?;
        if !meta.is_file() {
            let message = format!(
                "{} is no file; an import is read more than once, so a pipe does not do",
                path.display()
            );
            return Err(Failure::new(Exit::Usage, message));
        }
        Ok(Self { path: path.to_owned(), delimiter, bytes: meta.len() })
    }

    /// The file's path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Shows every row but the first, which names the columns.
    ///
    /// # Errors
    /// A file that cannot be read, a first row that is no header, or what `each` says.
    pub(super) fn each_row(
        &self,
        what: &'static str,
        mut each: impl FnMut(&Columns, &Row<'_>) -> Result<(), Failure>,
    ) -> Result<FileDigest, Failure> {
        let file = File::open(&self.path).map_err(|error| unreadable(&self.path, &error))?;
        let watched = Watched { file, digest: Sha256::new(), bytes: 0 };
        let buffered = BufReader::with_capacity(BUFFER_BYTES, watched);
        let mut rows = RowReader::new(buffered, self.delimiter);
        let unread = |error: io::Error| unreadable(&self.path, &error);
        let columns = match rows.read_row().map_err(unread)? {
            Some(row) => self.columns(&row)?,
            None => return Err(self.no_header(&HeaderError::Empty)),
        };
        let bar = bar(what, self.bytes);
        let mut count: u64 = 0;
        while let Some(row) = rows.read_row().map_err(unread)? {
            if row.fields.is_ok_and(|fields| fields.are_blank()) {
                continue;
            }
            each(&columns, &row)?;
            count += 1;
            if count.is_multiple_of(SHOW_EVERY) {
                bar.set_position(rows.input().get_ref().bytes);
            }
        }
        bar.finish_and_clear();
        Ok(rows.input().get_ref().digest.clone().finalize().into())
    }

    fn columns(&self, row: &Row<'_>) -> Result<Columns, Failure> {
        let fields = row.fields.map_err(HeaderError::Unreadable);
        fields.and_then(|fields| Columns::read(&fields)).map_err(|error| self.no_header(&error))
    }

    fn no_header(&self, error: &HeaderError) -> Failure {
        let mut message = format!("{}: {error}", self.path.display());
        match error {
            HeaderError::Unknown { number: 1, name: None } => message.push_str(
                "; the first row must name the columns. Is the delimiter another? Say --delimiter ';'",
            ),
            HeaderError::Unknown { name: Some(name), .. } => {
                let near = did_you_mean(&name.to_ascii_lowercase(), Column::ALL.map(Column::name));
                let hint = near.map_or_else(known_columns, |near| format!("did you mean {near}?"));
                message.push_str(&format!("; {hint}"));
            }
            HeaderError::Unknown { name: None, .. } | HeaderError::Missing(_) => {
                message.push_str(&format!("; {}", known_columns()));
            }
            _ => {}
        }
        Failure::new(Exit::Data, message)
    }
}

fn known_columns() -> String {
    format!("the columns are {}", Column::ALL.map(Column::name).join(", "))
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Exit::Io, format!("{} cannot be read: {error}", path.display()))
}

/// A bar that shows itself on a terminal.
fn bar(what: &'static str, bytes: u64) -> ProgressBar {
    let bar = ProgressBar::new(bytes).with_message(what);
    let template = "{msg:<24} {bar:30} {percent:>3} %  {bytes_per_sec}  {eta}";
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Digests and counts what is read.
struct Watched {
    file: File,
    digest: Sha256,
    bytes: u64,
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.digest.update(buffer.get(..count).unwrap_or_default());
        self.bytes += count as u64;
        Ok(count)
    }
}
