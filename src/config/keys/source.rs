//! Where each key is, and those of the gate read.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

use super::file::{self, KeyWarning};
use super::{KeyError, KeyKind, SecretKey};
use crate::config::settings::KeysSettings;
use crate::config::value::SecretHex;

/// Where one key is.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// In a file.
    File(PathBuf),
    /// In the environment, as hexadecimal digits.
    Environment(SecretString),
}

/// Where the keys are; `None` where nobody said.
#[derive(Clone, Debug, Default)]
pub struct KeySources {
    /// The signing key.
    pub signing: Option<KeySource>,
    /// The pseudonym key.
    pub pseudonym: Option<KeySource>,
    /// The tombstone key.
    pub tombstone: Option<KeySource>,
    /// The key of opt-out links.
    pub optout: Option<KeySource>,
    /// Earlier keys of opt-out links: links under them are still honoured.
    pub older_optouts: Vec<PathBuf>,
    /// Earlier pseudonym keys, in the order in which they are written.
    pub older_pseudonyms: Vec<PathBuf>,
    /// Earlier tombstone keys, the newest of them first.
    pub older_tombstones: Vec<PathBuf>,
    /// Public keys beside the own one that a rolled log may be signed with, in hex.
    pub roll_public_keys: Vec<String>,
}

/// The three keys of the gate in use.
#[derive(Clone, Debug)]
pub struct GateKeys {
    /// Signs receipts: the seed of an Ed25519 key.
    pub signing: SecretKey,
    /// Makes pseudonyms of recipients.
    pub pseudonym: SecretKey,
    /// Remembers erased people.
    pub tombstone: SecretKey,
    /// Open what a roll encrypted before the last rotation.
    pub older_tombstones: Vec<SecretKey>,
    /// Public keys beside the own one that a rolled log may be signed with, in hex.
    pub roll_public_keys: Vec<String>,
}

impl KeySources {
    pub(in crate::config) fn check(
        settings: &KeysSettings,
        mut refuse: impl FnMut(&str, &str, &str),
    ) -> Self {
        let mut source = |kind: KeyKind, file: &Option<PathBuf>, hex: &Option<SecretHex>| {
            if file.is_some() && hex.is_some() {
                let key = format!("keys.{}_key_file", kind.name());
                refuse(&key, "the environment names this key too", "keep one of the two");
            }
            let hex = hex.as_ref().map(|hex| KeySource::Environment(hex.0.0.clone()));
            hex.or_else(|| file.clone().map(KeySource::File))
        };
        let s = settings;
        Self {
            signing: source(KeyKind::Signing, &s.signing_key_file, &s.signing_key),
            pseudonym: source(KeyKind::Pseudonym, &s.pseudonym_key_file, &s.pseudonym_key),
            tombstone: source(KeyKind::Tombstone, &s.tombstone_key_file, &s.tombstone_key),
            optout: source(KeyKind::Optout, &s.optout_key_file, &s.optout_key),
            older_optouts: s.older_optout_key_files.iter().map(PathBuf::from).collect(),
            older_pseudonyms: s.older_pseudonym_key_files.iter().map(PathBuf::from).collect(),
            older_tombstones: s.older_tombstone_key_files.iter().map(PathBuf::from).collect(),
            roll_public_keys: s.roll_public_keys.clone(),
        }
    }

    /// Reads the three keys of the gate.
    ///
    /// # Errors
    /// All that is wrong, one error a key.
    pub fn load(&self) -> Result<(GateKeys, Vec<KeyWarning>), Vec<KeyError>> {
        let mut warnings = Vec::new();
        let mut load = |kind| self.load_one(kind, &mut warnings);
        let signing = load(KeyKind::Signing);
        let pseudonym = load(KeyKind::Pseudonym);
        let tombstone = load(KeyKind::Tombstone);
        let older = load_older(KeyKind::Tombstone, &self.older_tombstones, &mut warnings);
        match (signing, pseudonym, tombstone, older) {
            (Ok(signing), Ok(pseudonym), Ok(tombstone), Ok(older_tombstones)) => {
                let roll_public_keys = self.roll_public_keys.clone();
                let keys =
                    GateKeys { signing, pseudonym, tombstone, older_tombstones, roll_public_keys };
                Ok((keys, warnings))
            }
            (signing, pseudonym, tombstone, older) => {
                let older = older.map(|_| ()).err();
                let three = [signing, pseudonym, tombstone].into_iter().filter_map(Result::err);
                Err(three.chain(older).collect())
            }
        }
    }

    /// Reads every pseudonym key: the one in use first, then the earlier ones.
    ///
    /// # Errors
    /// The first that is wrong.
    pub fn load_pseudonyms(
        &self,
        warnings: &mut Vec<KeyWarning>,
    ) -> Result<Vec<SecretKey>, KeyError> {
        let mut keys = vec![self.load_one(KeyKind::Pseudonym, warnings)?];
        keys.extend(load_older(KeyKind::Pseudonym, &self.older_pseudonyms, warnings)?);
        Ok(keys)
    }

    /// Reads every tombstone key: the one in use first, then the earlier ones.
    ///
    /// # Errors
    /// The first that is wrong.
    pub fn load_tombstones(
        &self,
        warnings: &mut Vec<KeyWarning>,
    ) -> Result<Vec<SecretKey>, KeyError> {
        let mut keys = vec![self.load_one(KeyKind::Tombstone, warnings)?];
        keys.extend(load_older(KeyKind::Tombstone, &self.older_tombstones, warnings)?);
        Ok(keys)
    }

    /// Reads every key of opt-out links: the one in use first, then the earlier ones.
    ///
    /// # Errors
    /// The first that is wrong.
    pub fn load_optouts(&self, warnings: &mut Vec<KeyWarning>) -> Result<Vec<SecretKey>, KeyError> {
        let mut keys = vec![self.load_one(KeyKind::Optout, warnings)?];
        keys.extend(load_older(KeyKind::Optout, &self.older_optouts, warnings)?);
        Ok(keys)
    }

    /// Reads one key, for commands that need no other.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn load_one(
        &self,
        kind: KeyKind,
        warnings: &mut Vec<KeyWarning>,
    ) -> Result<SecretKey, KeyError> {
        let source = match kind {
            KeyKind::Signing => &self.signing,
            KeyKind::Pseudonym => &self.pseudonym,
            KeyKind::Tombstone => &self.tombstone,
            KeyKind::Optout => &self.optout,
        };
        let (key, place) = match source {
            None => return Err(KeyError::Missing(kind)),
            Some(KeySource::File(path)) => {
                let (key, warning) = file::read(kind, path)?;
                warnings.extend(warning);
                (Some(key), path.display().to_string())
            }
            Some(KeySource::Environment(hex)) => {
                let key = SecretKey::from_hex(hex.expose_secret().trim());
                (key, "the environment".to_owned())
            }
        };
        match key {
            None => Err(KeyError::NotHex { kind, place }),
            Some(key) if key.is_placeholder() => Err(KeyError::Placeholder { kind, place }),
            Some(key) => Ok(key),
        }
    }
}

fn load_older(
    kind: KeyKind,
    paths: &[PathBuf],
    warnings: &mut Vec<KeyWarning>,
) -> Result<Vec<SecretKey>, KeyError> {
    let read = paths.iter().map(|path| {
        let (key, warning) = file::read(kind, path)?;
        warnings.extend(warning);
        Ok(key)
    });
    read.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_environment(hex: &str) -> KeySources {
        let source = KeySource::Environment(hex.to_owned().into());
        KeySources { signing: Some(source), ..KeySources::default() }
    }

    #[test]
    fn every_missing_key_is_named() {
        let errors = KeySources::default().load().expect_err("no keys");
        let missing = errors.iter().map(|error| match error {
            KeyError::Missing(kind) => *kind,
            other => panic!("{other}"),
        });
        assert_eq!(missing.collect::<Vec<_>>(), KeyKind::OF_THE_GATE);
    }

    #[test]
    fn a_key_from_the_environment_is_read() {
        let hex = "0123456789abcdef".repeat(4);
        let key = from_environment(&hex).load_one(KeyKind::Signing, &mut Vec::new());
        assert_eq!(key.expect("a key").to_hex().as_str(), hex);
    }

    #[test]
    fn a_placeholder_is_no_key() {
        let refused =
            from_environment(&"00".repeat(32)).load_one(KeyKind::Signing, &mut Vec::new());
        assert!(matches!(refused, Err(KeyError::Placeholder { .. })));
    }
}
