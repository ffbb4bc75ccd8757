//! `keys rotate`: a new key in the place of the old one, which is kept under its id.
//!
//! The old key is safe under its new name before the new one takes its place, so a rotation that is
//! stopped half-way is simply run again. The signing key is not rotated here: it is made anew with
//! `keys generate`, and verifiers pin both public keys.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::random_key;
use crate::app::key_id;
use crate::commands::exit::Failure;
use crate::commands::output::{note, print};
use crate::config::keys::{
    KeyError, KeyKind, KeySource, KeySources, SecretKey, replace, write_new,
};

/// Arguments of `keys rotate`.
#[derive(Clone, Debug, Args)]
pub struct RotateArgs {
    /// The folder that holds the key, as `keys generate` wrote it.
    #[arg(long = "in", value_name = "DIR")]
    pub folder: PathBuf,
    /// Which key.
    #[arg(long, value_name = "KEY")]
    pub key: Rotated,
}

/// A key that can be rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Rotated {
    /// Behind the pseudonyms of the audit topic. Entries from before name the old key's id.
    Pseudonym,
    /// Under which erased people are remembered: by a gate while it runs, and by a rolled log.
    Tombstone,
    /// Seals opt-out links. Links from before are honoured with the old one.
    Optout,
}

impl RotateArgs {
    /// Rotates, and says what to do next.
    ///
    /// # Errors
    /// A key that cannot be read (78), a folder that cannot be written (74).
    pub(super) fn run(self) -> Result<(), Failure> {
        let kind = self.key.kind();
        let (old, kept) = rotate(kind, &self.folder)?;
        note(&self.key.advice(&kept));
        print(&format!("{old}\n"))
    }
}

impl Rotated {
    fn kind(self) -> KeyKind {
        match self {
            Self::Pseudonym => KeyKind::Pseudonym,
            Self::Tombstone => KeyKind::Tombstone,
            Self::Optout => KeyKind::Optout,
        }
    }

    fn advice(self, kept: &Path) -> String {
        let kept = kept.display();
        let next = match self {
            Self::Pseudonym => format!(
                "In the configuration of whoever runs `subject report`, under [keys], add it to the \
                 list:\n  older_pseudonym_key_files = [\"{kept}\"]\nKeep it for as long as the audit \
                 topic keeps entries that were made with it."
            ),
            Self::Tombstone => format!(
                "In the configuration of all gates, and of whoever reads the consent log, under [keys], \
                 add it to the list:\n  older_tombstone_key_files = [\"{kept}\"]\nIt opens what a roll \
                 encrypted before; the next `consentgate roll` encrypts all under the new one."
            ),
            Self::Optout => {
                return format!(
                    "the old key is kept as {kept}. Give the new one to whoever runs `optout mint` \
                     and `optout serve`. Under [keys], add the old one to the list, for as long as \
                     links may be followed that were made with it:\n  \
                     older_optout_key_files = [\"{kept}\"]\nThe id of the old key:"
                );
            }
        };
        format!(
            "the old key is kept as {kept}. Give the new one to all gates and restart them.\n{next}\n\
             The id of the old key:"
        )
    }
}

/// Makes a new key; returns the id of the old one and where it is kept.
fn rotate(kind: KeyKind, folder: &Path) -> Result<(String, PathBuf), Failure> {
    let path = folder.join(kind.file_name());
    let old = read(kind, &path)?;
    let id = key_id(&old);
    let kept = folder.join(format!("{}-{id}.key", kind.name()));
    match write_new(kind, &kept, &old) {
        // A rotation that was stopped has kept it already.
        Err(KeyError::Exists(_)) if read(kind, &kept)?.expose() == old.expose() => {}
        written => written?,
    }
    replace(kind, &path, &random_key()?)?;
    Ok((id, kept))
}

fn read(kind: KeyKind, path: &Path) -> Result<SecretKey, KeyError> {
    let source = Some(KeySource::File(path.to_owned()));
    let sources = match kind {
        KeyKind::Signing => KeySources { signing: source, ..KeySources::default() },
        KeyKind::Pseudonym => KeySources { pseudonym: source, ..KeySources::default() },
        KeyKind::Tombstone => KeySources { tombstone: source, ..KeySources::default() },
        KeyKind::Optout => KeySources { optout: source, ..KeySources::default() },
    };
    sources.load_one(kind, &mut Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(kind: KeyKind) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let key = random_key().expect("a key");
        write_new(kind, &folder.path().join(kind.file_name()), &key).expect("written");
        folder
    }

    #[test]
    fn the_old_key_is_kept_under_its_id_and_the_new_one_takes_its_place() {
        for kind in [KeyKind::Pseudonym, KeyKind::Tombstone, KeyKind::Optout] {
            let folder = folder_with(kind);
            let path = folder.path().join(kind.file_name());
            let old = read(kind, &path).expect("the old key");
            let (id, kept) = rotate(kind, folder.path()).expect("rotated");
            assert_eq!(id, key_id(&old));
            assert!(kept.display().to_string().contains(&id));
            assert_eq!(read(kind, &kept).expect("kept").expose(), old.expose());
            assert_ne!(read(kind, &path).expect("the new key").expose(), old.expose());
        }
    }

    #[test]
    fn a_rotation_that_was_stopped_half_way_is_run_again() {
        let kind = KeyKind::Pseudonym;
        let folder = folder_with(kind);
        let old = read(kind, &folder.path().join(kind.file_name())).expect("the old key");
        let kept = folder.path().join(format!("pseudonym-{}.key", key_id(&old)));
        write_new(kind, &kept, &old).expect("kept before it was stopped");
        let leftover = folder.path().join("pseudonym.key.new");
        std::fs::write(&leftover, "half a key").expect("written");
        assert_eq!(rotate(kind, folder.path()).expect("rotated").1, kept);
        assert!(!leftover.exists());
        assert_eq!(read(kind, &kept).expect("kept").expose(), old.expose());
    }

    #[test]
    fn another_key_under_the_old_ones_id_is_never_overwritten() {
        let kind = KeyKind::Pseudonym;
        let folder = folder_with(kind);
        let path = folder.path().join(kind.file_name());
        let old = read(kind, &path).expect("the old key");
        let kept = folder.path().join(format!("pseudonym-{}.key", key_id(&old)));
        write_new(kind, &kept, &random_key().expect("a key")).expect("somebody's key");
        assert!(rotate(kind, folder.path()).is_err());
        assert_eq!(read(kind, &path).expect("still there").expose(), old.expose());
    }
}
