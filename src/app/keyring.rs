//! The configured keys in the form in which each room wants its own.

use std::sync::Arc;

use secrecy::SecretSlice;
use sha2::{Digest, Sha256};

use super::AppError;
use crate::config::keys::{GateKeys, SecretKey};
use crate::index::IndexKeys;
use crate::wire::pseudonym::PseudonymKey;
use crate::wire::receipt::{SigningKey, VerifyingKeys};

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
        Ok(Self { signing: Arc::new(signing), trusted, pseudonym: Arc::new(pseudonym), index })
    }
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
