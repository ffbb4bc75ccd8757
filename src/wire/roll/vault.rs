//! Records of erased people that still count: encrypted whole, each bound to its place.
//!
//! A phone number has so few digits that a keyed hash of it hides no more than a cipher does; the key
//! is what hides. A cipher keeps the record exact, whatever a later version reads in it. The newest
//! key seals, all open.

use std::collections::BTreeMap;
use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use prost::Message as _;
use secrecy::{ExposeSecret, SecretSlice};
use sha2::{Digest, Sha256};

use super::place_bytes;
use crate::consent::{Offset, Partition};
use crate::wire::WireError;
use crate::wire::proto::consent::{ConsentEvent, SealedContent, SealedRecord};

const DOMAIN: &[u8] = b"consentgate/rolled/v1\0";
const NONCE_LEN: usize = 24;

/// The keys under which records of erased people are kept.
#[derive(Clone, Default)]
pub struct Vault {
    newest: Option<String>,
    keys: BTreeMap<String, XChaCha20Poly1305>,
}

/// A record as it was before it was encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedRecord {
    /// Its key.
    pub key: Option<Vec<u8>>,
    /// Its value.
    pub value: Option<Vec<u8>>,
}

/// Why a record cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Locked {
    /// The key of this id is not held.
    KeyMissing(String),
    /// The bytes are not what was encrypted, or not in their place.
    Broken,
}

impl Vault {
    /// Keys by id, the newest first.
    pub fn new(keys: impl IntoIterator<Item = (String, SecretSlice<u8>)>) -> Self {
        let mut vault = Self::default();
        for (id, secret) in keys {
            let derived = Sha256::new().chain_update(DOMAIN).chain_update(secret.expose_secret());
            vault.newest.get_or_insert_with(|| id.clone());
            vault.keys.insert(id, XChaCha20Poly1305::new(&derived.finalize()));
        }
        vault
    }

    /// The value of a record that holds another one, encrypted under the newest key. A nonce must never
    /// be used twice.
    ///
    /// # Errors
    /// No key is held.
    pub fn seal(
        &self,
        place: (Partition, Offset),
        record: &OpenedRecord,
        nonce: [u8; NONCE_LEN],
    ) -> Result<Vec<u8>, WireError> {
        let missing = || WireError::BadKey { what: "the tombstone key", expected: "given" };
        let id = self.newest.as_ref().ok_or_else(missing)?;
        let cipher = self.keys.get(id).ok_or_else(missing)?;
        let content = SealedContent { key: record.key.clone(), value: record.value.clone() };
        let content = content.encode_to_vec();
        let aad = aad(place);
        let payload = Payload { msg: &content, aad: &aad };
        let ciphertext = cipher.encrypt(XNonce::from_slice(&nonce), payload).map_err(|_| {
            WireError::BadKey { what: "the record", expected: "short enough to be encrypted" }
        })?;
        let sealed = SealedRecord { key_id: id.clone(), nonce: nonce.to_vec(), ciphertext };
        let event = ConsentEvent { sealed: Some(sealed), ..ConsentEvent::default() };
        Ok(event.encode_to_vec())
    }

    /// The record within; `None` if the value holds none.
    pub fn open(
        &self,
        (partition, offset): (Partition, Offset),
        value: &[u8],
    ) -> Option<Result<OpenedRecord, Locked>> {
        let sealed = ConsentEvent::decode(value).ok()?.sealed?;
        let Some(cipher) = self.keys.get(&sealed.key_id) else {
            return Some(Err(Locked::KeyMissing(sealed.key_id)));
        };
        if sealed.nonce.len() != NONCE_LEN {
            return Some(Err(Locked::Broken));
        }
        let aad = aad((partition, offset));
        let payload = Payload { msg: &sealed.ciphertext, aad: &aad };
        let content = cipher.decrypt(XNonce::from_slice(&sealed.nonce), payload).ok();
        let content = content.and_then(|content| SealedContent::decode(content.as_slice()).ok());
        let opened = content.map(|content| OpenedRecord { key: content.key, value: content.value });
        Some(opened.ok_or(Locked::Broken))
    }

    /// Whether no key is held.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("keys", &self.keys.keys()).finish()
    }
}

fn aad((partition, offset): (Partition, Offset)) -> Vec<u8> {
    [DOMAIN, &place_bytes(partition, offset)].concat()
}
