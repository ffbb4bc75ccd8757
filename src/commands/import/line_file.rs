//! A file of lines and reasons, for who mends the import.
//!
//! Readable by its owner only, since it may hold the rows themselves.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::commands::exit::{Exit, Failure};

/// Only the owner reads and writes.
const OWNER_ONLY: u32 = 0o600;

/// Whether the rows themselves are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    /// Only their lines and reasons.
    LinesOnly,
    /// They too: personal data.
    Whole,
}

/// A file that is being written; nothing happens where none was asked for.
pub(super) struct LineFile {
    open: Option<(PathBuf, BufWriter<File>)>,
    rows: Rows,
}

impl LineFile {
    /// Begins a file, in place of one that is there.
    ///
    /// # Errors
    /// It cannot be written, or is the file that is imported.
    pub(super) fn create(path: Option<&Path>, input: &Path, rows: Rows) -> Result<Self, Failure> {
        let Some(path) = path else {
            return Ok(Self { open: None, rows });
        };
        let same = |path: &Path| path.canonicalize().ok();
        if same(path).is_some_and(|there| Some(there) == same(input)) {
            let message = format!("{} is the file to import, name another", path.display());
            return Err(Failure::new(Exit::Usage, message));
        }
        let begin = || {
            let mut options = OpenOptions::new();
            let file =
                options.write(true).create(true).truncate(true).mode(OWNER_ONLY).open(path)?;
            file.set_permissions(Permissions::from_mode(OWNER_ONLY))?;
            let mut file = BufWriter::new(file);
            let more = if rows == Rows::Whole { ",row" } else { "" };
            writeln!(file, "line,reason,against_line{more}")?;
            Ok(file)
        };
        let file = begin().map_err(|error| unwritable(path, &error))?;
        Ok(Self { open: Some((path.to_owned(), file)), rows })
    }

    /// Adds a line; `against` is the other row that it is about, 0 if none.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn add(
        &mut self,
        line: u64,
        reason: &str,
        against: u32,
        row: &[u8],
    ) -> Result<(), Failure> {
        let Some((path, file)) = &mut self.open else {
            return Ok(());
        };
        let against = if against == 0 { String::new() } else { against.to_string() };
        let written = write!(file, "{line},{reason},{against}").and_then(|()| match self.rows {
            Rows::LinesOnly => writeln!(file),
            Rows::Whole => write_quoted(file, row),
        });
        written.map_err(|error| unwritable(path, &error))
    }

    /// Writes what is still in memory.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn finish(self) -> Result<(), Failure> {
        match self.open {
            Some((path, mut file)) => file.flush().map_err(|error| unwritable(&path, &error)),
            None => Ok(()),
        }
    }
}

fn write_quoted(file: &mut impl Write, row: &[u8]) -> io::Result<()> {
    file.write_all(b",\"")?;
    for piece in row.split_inclusive(|byte| *byte == b'"') {
        file.write_all(piece)?;
        if piece.ends_with(b"\"") {
            file.write_all(b"\"")?;
        }
    }
    file.write_all(b"\"\n")
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Exit::Io, format!("{} cannot be written: {error}", path.display()))
}
