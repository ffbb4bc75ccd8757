//! The bearer token: read once from a file, kept as a hash.
//!
//! Compared by hash, so that neither memory nor the time of a comparison tells it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// The fewest characters of a token.
const LEAST: usize = 32;

/// The tokens that are let in: one, or two while it is changed.
#[derive(Clone, Debug)]
pub struct ApiToken(Vec<[u8; 32]>);

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The file cannot be read.
    #[error("the token file {path} cannot be read: {error}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// What stands in it is none.
    #[error(
        "{path} must hold one token a line, one or two of them, each of {LEAST} visible characters \
         or more; `openssl rand -hex 32` makes one", path = path.display()
    )]
    NoToken {
        /// The file.
        path: PathBuf,
    },
}

impl ApiToken {
    /// Reads the file; warns where others can read it too.
    ///
    /// # Errors
    /// Why there is no token.
    pub fn read(path: &Path) -> Result<Self, TokenError> {
        let unreadable = |error| TokenError::Unreadable { path: path.to_owned(), error };
        let mode = fs::metadata(path).map_err(unreadable)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            tracing::warn!(path = %path.display(), mode = format!("{mode:o}"), "api.token_readable_by_others");
        }
        let text: SecretString = fs::read_to_string(path).map_err(unreadable)?.into();
        Self::parse(&text).ok_or_else(|| TokenError::NoToken { path: path.to_owned() })
    }

    /// One or two tokens, one a line.
    pub(super) fn parse(text: &SecretString) -> Option<Self> {
        let is_token =
            |line: &str| line.len() >= LEAST && line.bytes().all(|byte| byte.is_ascii_graphic());
        let lines = text.expose_secret().lines().map(str::trim).filter(|line| !line.is_empty());
        let lines: Vec<&str> = lines.collect();
        let fits = matches!(lines.len(), 1 | 2) && lines.iter().all(|line| is_token(line));
        fits.then(|| Self(lines.iter().map(|line| hash(line)).collect()))
    }

    /// Whether the value of an `Authorization` header lets its bearer in.
    pub fn lets_in(&self, authorization: Option<&[u8]>) -> bool {
        let shown = authorization
            .and_then(|value| std::str::from_utf8(value).ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        shown.is_some_and(|(_, token)| {
            let shown = hash(token.trim());
            self.0.contains(&shown)
        })
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
