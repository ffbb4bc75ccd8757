//! Why a key cannot be used.

use std::path::PathBuf;

use super::KeyKind;

/// A key that cannot be used. Never carries a byte of it.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Nobody said where the key is.
    #[error(
        "no {kind} key: run `consentgate keys generate --out DIR` and set keys.{kind}_key_file",
        kind = .0.name()
    )]
    Missing(KeyKind),
    /// The file cannot be read.
    #[error("cannot read the {kind} key in {path}: {error}", kind = .kind.name(), path = .path.display())]
    Unreadable {
        /// Which key.
        kind: KeyKind,
        /// The file.
        path: PathBuf,
        /// The system's answer.
        error: std::io::Error,
    },
    /// The file holds another key.
    #[error("{path} does not begin with `{header}`: it is another key or no key", path = .path.display(), header = .kind.header())]
    WrongKind {
        /// Which key was wanted.
        kind: KeyKind,
        /// The file.
        path: PathBuf,
    },
    /// Not 64 hexadecimal digits.
    #[error("the {kind} key in {place} is not 64 hexadecimal digits", kind = .kind.name())]
    NotHex {
        /// Which key.
        kind: KeyKind,
        /// The file or the environment.
        place: String,
    },
    /// The same byte everywhere: a placeholder.
    #[error("the {kind} key in {place} is a placeholder, generate a real one", kind = .kind.name())]
    Placeholder {
        /// Which key.
        kind: KeyKind,
        /// The file or the environment.
        place: String,
    },
    /// The file is there already.
    #[error("{path} is there already, and a key is never overwritten", path = .0.display())]
    Exists(PathBuf),
    /// The file cannot be written.
    #[error("cannot write {path}: {error}", path = .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        error: std::io::Error,
    },
}
