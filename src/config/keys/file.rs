//! Key files: one line that says which key it is, one line of hexadecimal digits.
//!
//! Written readable by the owner only, and never over another file. Read in any mode, with a warning
//! where others can read it too: refusing would stop a gate whose secrets are mounted by its platform.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use secrecy::zeroize::Zeroizing;

use super::{KeyError, KeyKind, SecretKey};

/// A key file that others can read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyWarning {
    /// The file.
    pub path: PathBuf,
    /// Its permission bits.
    pub mode: u32,
}

impl fmt::Display for KeyWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        write!(f, "others can read {path} (mode {:03o}), run chmod 600 {path}", self.mode)
    }
}

/// Reads a key file. A bare line of digits, as other tools write it, is taken for the kind wanted.
///
/// # Errors
/// A file that cannot be read, holds another kind of key, or no key.
pub(super) fn read(
    kind: KeyKind,
    path: &Path,
) -> Result<(SecretKey, Option<KeyWarning>), KeyError> {
    let unreadable = |error| KeyError::Unreadable { kind, path: path.to_owned(), error };
    let mode = fs::metadata(path).map_err(unreadable)?.permissions().mode() & 0o777;
    let text = Zeroizing::new(fs::read_to_string(path).map_err(unreadable)?);
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let digits = match (first == kind.header(), first.starts_with("consentgate")) {
        (true, _) => lines.next().unwrap_or_default(),
        (false, false) => first,
        (false, true) => {
            return Err(KeyError::WrongKind { kind, path: path.to_owned() });
        }
    };
    let key = SecretKey::from_hex(digits).filter(|_| lines.next().is_none());
    let key = key.ok_or_else(|| KeyError::NotHex { kind, place: path.display().to_string() })?;
    let warning = (mode & 0o077 != 0).then(|| KeyWarning { path: path.to_owned(), mode });
    Ok((key, warning))
}

/// Writes a new key file with mode 0600.
///
/// # Errors
/// A file of that name, or one that cannot be written.
pub fn write_new(kind: KeyKind, path: &Path, key: &SecretKey) -> Result<(), KeyError> {
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => KeyError::Exists(path.to_owned()),
        _ => KeyError::Unwritable { path: path.to_owned(), error },
    };
    let text = Zeroizing::new(format!("{}\n{}\n", kind.header(), *key.to_hex()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)
}

/// Puts a new key in the place of one that is there, whole or not at all, with mode 0600.
///
/// Whoever calls has kept the old key under another name.
///
/// # Errors
/// A file that cannot be written.
pub fn replace(kind: KeyKind, path: &Path, key: &SecretKey) -> Result<(), KeyError> {
    let failed = |error| KeyError::Unwritable { path: path.to_owned(), error };
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let new = PathBuf::from(new);
    // What a stopped rotation left was never in use.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
        _ => write_new(kind, &new, key)?,
    }
    fs::rename(&new, path).map_err(failed)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = fs::File::open(folder.unwrap_or(Path::new("."))).map_err(failed)?;
    folder.sync_all().map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SecretKey {
        SecretKey::new(std::array::from_fn(|i| i as u8))
    }

    #[test]
    fn a_written_key_reads_back_without_warning() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("signing.key");
        write_new(KeyKind::Signing, &path, &key()).expect("written");
        let (read, warning) = read(KeyKind::Signing, &path).expect("read");
        assert_eq!((read.expose(), warning), (key().expose(), None));
    }

    #[test]
    fn a_key_is_never_overwritten() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("signing.key");
        fs::write(&path, "something").expect("written");
        let refused = write_new(KeyKind::Signing, &path, &key());
        assert!(matches!(refused, Err(KeyError::Exists(_))));
        assert_eq!(fs::read_to_string(&path).expect("read"), "something");
    }

    #[test]
    fn a_key_of_another_kind_is_refused() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("mixed-up.key");
        write_new(KeyKind::Pseudonym, &path, &key()).expect("written");
        let refused = read(KeyKind::Tombstone, &path);
        assert!(matches!(refused, Err(KeyError::WrongKind { .. })));
    }

    #[test]
    fn a_key_that_others_can_read_gives_a_warning() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("signing.key");
        write_new(KeyKind::Signing, &path, &key()).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("changed");
        let (_, warning) = read(KeyKind::Signing, &path).expect("read");
        assert_eq!(warning.map(|warning| warning.mode), Some(0o644));
    }

    #[test]
    fn bare_digits_are_a_key_and_anything_more_is_not() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("bare.key");
        fs::write(&path, format!("{}\n", *key().to_hex())).expect("written");
        assert!(read(KeyKind::Tombstone, &path).is_ok());
        fs::write(&path, format!("{}\nmore\n", *key().to_hex())).expect("written");
        assert!(matches!(read(KeyKind::Tombstone, &path), Err(KeyError::NotHex { .. })));
    }
}
