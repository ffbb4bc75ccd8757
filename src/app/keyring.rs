//! The configured keys in the form in which each room wants its own.

use std::sync::Arc;

use secrecy::SecretSlice;
use sha2::{Digest, Sha256};

use super::AppError;
use crate::config::keys::{GateKeys, KeyKind, KeySources, KeyWarning, SecretKey};
use crate::index::IndexKeys;
use crate::stream::RolledLog;
use crate::wire::optout::LinkKeys;
use crate::wire::pseudonym::PseudonymKey;
use crate::wire::receipt::{SigningKey, VerifyingKeys};
use crate::wire::roll::Vault;

/// All keys of a gate.
#[derive(Clone, Debug)]
pub struct Keyring {
    /// Signs receipts.
    pub signing: Arc<SigningKey>,
    /// Trusts this gate's own receipts.
    pub trusted: VerifyingKeys,
    /// Makes pseudonyms.
    pub pseudonym: Arc<PseudonymKey>,
    /// Keys of the index.
    pub index: IndexKeys,
    /// Reads a consent log that was rolled.
    pub rolled: RolledLog,
}

impl Keyring {
    /// Derives each room's keys.
    ///
    /// # Errors
    /// A key of the wrong form.
    pub fn new(keys: &GateKeys) -> Result<Self, AppError> {
        let signing = SigningKey::from_seed(&secret(&keys.signing))?;
        let mut trusted = VerifyingKeys::default();
        trusted.pin(&signing);
        let pseudonym = PseudonymKey::new(&key_id(&keys.pseudonym), secret(&keys.pseudonym))?;
        let index = IndexKeys {
            // Where people lie in memory must not be foreseen, and need not be the same tomorrow.
            mixing: rand::random(),
            user_ids: rand::random(),
            tombstones: derived(&keys.tombstone, "consentgate/tombstones"),
        };
        let tombstones = std::iter::once(&keys.tombstone).chain(&keys.older_tombstones);
        let roll_trusted = with_public(trusted.clone(), &keys.roll_public_keys)?;
        let rolled = RolledLog::new(vault(tombstones), roll_trusted);
        let (signing, pseudonym) = (Arc::new(signing), Arc::new(pseudonym));
        Ok(Self { signing, trusted, pseudonym, index, rolled })
    }
}

/// Reads a consent log that may have been rolled, for commands: with the tombstone keys that are
/// configured, believing what the own signing key, `keys.roll_public_keys` or one of `pinned` signed.
///
/// # Errors
/// A key that cannot be used. One that nobody named is none: a log that needs it is then refused.
pub fn rolled_log(
    sources: &KeySources,
    pinned: VerifyingKeys,
    warnings: &mut Vec<KeyWarning>,
) -> Result<RolledLog, AppError> {
    let bad = |error| AppError::Keys(vec![error]);
    let tombstones = match sources.tombstone {
        Some(_) => sources.load_tombstones(warnings).map_err(bad)?,
        None => Vec::new(),
    };
    let mut trusted = with_public(pinned, &sources.roll_public_keys)?;
    if sources.signing.is_some() {
        let seed = sources.load_one(KeyKind::Signing, warnings).map_err(bad)?;
        trusted.pin(&SigningKey::from_seed(&secret(&seed))?);
    }
    Ok(RolledLog::new(vault(&tombstones), trusted))
}

fn with_public(mut keys: VerifyingKeys, hex: &[String]) -> Result<VerifyingKeys, AppError> {
    for public in hex {
        keys.pin_hex(public)?;
    }
    Ok(keys)
}

/// What a roll encrypts with and opens: the newest tombstone key first.
pub fn vault<'k>(tombstones: impl IntoIterator<Item = &'k SecretKey>) -> Vault {
    Vault::new(tombstones.into_iter().map(|key| (key_id(key), secret(key))))
}

/// Every pseudonym key: the one in use first, then the earlier ones. An audit entry names the id of
/// its own.
///
/// # Errors
/// A key of the wrong form.
pub fn pseudonym_keys(keys: &[SecretKey]) -> Result<Vec<Arc<PseudonymKey>>, AppError> {
    let made = keys.iter().map(|key| PseudonymKey::new(&key_id(key), secret(key)));
    Ok(made.map(|key| key.map(Arc::new)).collect::<Result<_, _>>()?)
}

/// Every key of opt-out links, the one in use first.
///
/// # Errors
/// A key of the wrong form.
pub fn link_keys(keys: &[SecretKey]) -> Result<LinkKeys, AppError> {
    Ok(LinkKeys::new(keys.iter().map(|key| (key_id(key), secret(key))))?)
}

fn secret(key: &SecretKey) -> SecretSlice<u8> {
    SecretSlice::from(key.expose().to_vec())
}

/// A key's id shows which one was used, not what it is.
pub fn key_id(key: &SecretKey) -> String {
    hex::encode(&derived(key, "consentgate/key id")[..8])
}

fn derived(key: &SecretKey, purpose: &str) -> [u8; 16] {
    let digest = Sha256::new().chain_update(purpose).chain_update(key.expose()).finalize();
    let mut first = [0; 16];
    first.copy_from_slice(&digest[..16]);
    first
}
