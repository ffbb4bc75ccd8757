//! How far a trial has come, written down so that it can go on after it was stopped.
//!
//! Consent is folded again from its beginning; what is kept is where the messages stand and what was
//! counted. Renamed into place whole. On any doubt it is thrown away: another version, cluster, topic,
//! range, policy or format, a file that is not what was written, slips that are not those counted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::counts::Counts;
use crate::consent::{Offset, Partition};
use crate::kafka::Span;

/// The file's name in the output folder.
pub(super) const FILE: &str = "trial.checkpoint";
/// The name under which it is written first.
const FRESH: &str = "trial.checkpoint.new";

/// What a checkpoint holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    /// What the trial is about: a digest of all that must be the same for it to go on.
    pub(super) about: String,
    /// Partition, up to where it was read, where the range ends.
    pub(super) outbound: Vec<(i32, i64, i64)>,
    /// Partition and offset of what was read and waits to be decided.
    pub(super) waiting: Vec<(i32, i64)>,
    /// All that is earlier than this has been decided.
    pub(super) horizon_ms: i64,
    /// How long `slips.csv` was.
    pub(super) slips_bytes: u64,
    /// The SHA-256 of that much of it.
    pub(super) slips_sha256: String,
    /// What was counted.
    pub(super) counts: Counts,
}

impl Checkpoint {
    /// Up to where each partition was read, and where its range ends.
    pub(super) fn spans(&self) -> BTreeMap<Partition, Span> {
        let span = |&(partition, first, next): &(i32, i64, i64)| {
            (Partition(partition), Span { first: Offset(first), next: Offset(next) })
        };
        self.outbound.iter().map(span).collect()
    }

    /// What was read and not decided.
    pub(super) fn left(&self) -> BTreeMap<Partition, BTreeSet<Offset>> {
        let mut left: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for &(partition, offset) in &self.waiting {
            left.entry(Partition(partition)).or_default().insert(Offset(offset));
        }
        left
    }

    /// The parts to read: from the first record that was not decided.
    pub(super) fn unread(&self) -> BTreeMap<Partition, Span> {
        let (mut spans, left) = (self.spans(), self.left());
        for (partition, span) in &mut spans {
            let first = left.get(partition).and_then(BTreeSet::first);
            span.first = first.map_or(span.first, |first| span.first.min(*first));
        }
        spans
    }

    /// Writes it into the folder, whole or not at all.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let body = serde_json::to_string(self)?;
        let fresh = folder.join(FRESH);
        let mut file = File::create(&fresh)?;
        writeln!(file, "{}", sha256(body.as_bytes()))?;
        file.write_all(body.as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, folder.join(FILE))?;
        File::open(folder)?.sync_all()
    }

    /// Reads the one in the folder, if it is whole, about this, and the slips are those it counted.
    pub(super) fn read(folder: &Path, about: &str, slips: &Path) -> Option<Self> {
        let text = fs::read_to_string(folder.join(FILE)).ok()?;
        let (digest, body) = text.split_once('\n')?;
        if sha256(body.as_bytes()) != digest {
            return None;
        }
        let found: Self = serde_json::from_str(body).ok()?;
        let is_sound = found.about == about
            && prefix_sha256(slips, found.slips_bytes).ok()? == found.slips_sha256;
        is_sound.then_some(found)
    }
}

/// Takes the checkpoint away, if there is one.
///
/// # Errors
/// It cannot be taken away.
pub(super) fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_file(folder.join(FILE)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn prefix_sha256(path: &Path, bytes: u64) -> io::Result<String> {
    let mut file = File::open(path)?;
    if file.seek(SeekFrom::End(0))? < bytes {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    file.rewind()?;
    let mut digest = Sha256::new();
    io::copy(&mut file.take(bytes), &mut digest)?;
    Ok(hex::encode(digest.finalize()))
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(folder: &Path) -> (Checkpoint, std::path::PathBuf) {
        let slips = folder.join("slips.csv");
        fs::write(&slips, "topic,partition\nt,0\nmore").unwrap();
        let checkpoint = Checkpoint {
            about: "this".to_owned(),
            outbound: vec![(0, 3, 9)],
            waiting: vec![(0, 1)],
            horizon_ms: 5,
            slips_bytes: 20,
            slips_sha256: sha256(b"topic,partition\nt,0\n"),
            counts: Counts::default(),
        };
        checkpoint.write(folder).unwrap();
        (checkpoint, slips)
    }

    #[test]
    fn what_was_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let (checkpoint, slips) = written(folder.path());
        assert_eq!(Checkpoint::read(folder.path(), "this", &slips), Some(checkpoint));
    }

    #[test]
    fn any_doubt_throws_it_away() {
        let folder = tempfile::tempdir().unwrap();
        let (_, slips) = written(folder.path());
        let read = |about| Checkpoint::read(folder.path(), about, &slips);
        assert!(read("another cluster").is_none());
        fs::write(&slips, "topic,partition\nt,1\n").unwrap();
        assert!(read("this").is_none(), "other slips");
        fs::write(&slips, "topic").unwrap();
        assert!(read("this").is_none(), "fewer slips");
        let (_, slips) = written(folder.path());
        let path = folder.path().join(FILE);
        let text = fs::read_to_string(&path).unwrap().replace("[0,3,9]", "[0,4,9]");
        fs::write(&path, text).unwrap();
        assert!(Checkpoint::read(folder.path(), "this", &slips).is_none(), "a changed file");
        remove(folder.path()).unwrap();
        remove(folder.path()).unwrap();
        assert!(Checkpoint::read(folder.path(), "this", &slips).is_none(), "none");
    }
}
