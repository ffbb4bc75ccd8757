//! `slips.csv`: one line a message that left after the person had opted out.
//!
//! Pseudonyms and places, never a number. Its length and digest are known at any time, so that a
//! stopped trial cuts off what it wrote after its last checkpoint.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use sha2::{Digest, Sha256};

/// The file's name in the output folder.
pub(super) const FILE: &str = "slips.csv";

/// Only the owner reads and writes: pseudonyms are personal data too.
pub(super) const OWNER_ONLY: u32 = 0o600;

const COLUMNS: [&str; 12] = [
    "topic",
    "partition",
    "offset",
    "time",
    "business",
    "pseudonym",
    "pseudonym_key",
    "scope",
    "category",
    "template",
    "objection",
    "gate_reason",
];

/// The file, open at its end.
pub(super) struct SlipFile {
    writer: csv::Writer<Digesting>,
}

/// A file whose length and digest are known.
struct Digesting {
    file: File,
    bytes: u64,
    digest: Sha256,
}

impl Write for Digesting {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.file.write(buffer)?;
        self.digest.update(buffer.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl SlipFile {
    /// Begins a new file, with the names of the columns.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(true).mode(OWNER_ONLY).open(path)?;
        let mut slips = Self::on(file, 0, Sha256::new());
        slips.writer.write_record(COLUMNS)?;
        Ok(slips)
    }

    /// Goes on behind the first bytes of a file and cuts off the rest.
    ///
    /// # Errors
    /// It cannot be read or written.
    pub(super) fn resume(path: &Path, bytes: u64) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).write(true).open(path)?;
        let mut digest = Sha256::new();
        io::copy(&mut (&mut file).take(bytes), &mut digest)?;
        file.set_len(bytes)?;
        file.seek(SeekFrom::Start(bytes))?;
        Ok(Self::on(file, bytes, digest))
    }

    fn on(file: File, bytes: u64, digest: Sha256) -> Self {
        Self { writer: csv::Writer::from_writer(Digesting { file, bytes, digest }) }
    }

    /// Adds a line: one field a column.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn add(&mut self, fields: [&str; COLUMNS.len()]) -> io::Result<()> {
        Ok(self.writer.write_record(fields)?)
    }

    /// Writes all to disk; the length and the SHA-256 so far.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn settle(&mut self) -> io::Result<(u64, String)> {
        self.writer.flush()?;
        let under = self.writer.get_ref();
        under.file.sync_data()?;
        Ok((under.bytes, hex::encode(under.digest.clone().finalize())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_after_a_checkpoint_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let line = |word| [word; COLUMNS.len()];
        let mut slips = SlipFile::create(&path).unwrap();
        slips.add(line("a")).unwrap();
        let (bytes, digest) = slips.settle().unwrap();
        slips.add(line("b, \"lost\"")).unwrap();
        slips.settle().unwrap();
        drop(slips);
        let mut slips = SlipFile::resume(&path, bytes).unwrap();
        assert_eq!(slips.settle().unwrap(), (bytes, digest));
        slips.add(line("c")).unwrap();
        slips.settle().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let firsts: Vec<_> = text.lines().map(|line| &line[..line.find(',').unwrap()]).collect();
        assert_eq!(firsts, ["topic", "a", "c"]);
    }
}
