//! Keys that sign and verify, each for its own kind of record.
//!
//! A signature covers the kind as well as the bytes, so a policy never passes for a receipt. Public
//! keys are pinned by who verifies; none is ever taken from a topic.

use std::collections::BTreeMap;
use std::fmt;

use ed25519_dalek::{Signature, Signer as _, VerifyingKey};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::{Digest, Sha256};

use crate::wire::WireError;

const KEY_ID_SHOWN_MAX: usize = 64;

/// What is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::wire) enum Domain {
    Receipt,
    Policy,
    Roll,
    Allowed,
}

impl Domain {
    fn prefix(self) -> &'static [u8] {
        match self {
            Self::Receipt => b"consentgate/receipt/v1\0",
            Self::Policy => b"consentgate/policy/v1\0",
            Self::Roll => b"consentgate/roll/v1\0",
            Self::Allowed => b"consentgate/allowed/v1\0",
        }
    }

    fn cover(self, body: &[u8]) -> Vec<u8> {
        [self.prefix(), body].concat()
    }
}

/// A public key's id: the first 8 bytes of its SHA-256, in hex.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(String);

impl KeyId {
    fn of(public: &VerifyingKey) -> Self {
        let mut digits = hex::encode(Sha256::digest(public.as_bytes()));
        digits.truncate(16);
        Self(digits)
    }

    /// The id's 16 hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The key that signs this gate's receipts.
pub struct SigningKey {
    key: ed25519_dalek::SigningKey,
    id: KeyId,
}

impl SigningKey {
    /// The key of a seed of 32 random bytes.
    ///
    /// # Errors
    /// A seed of another length.
    pub fn from_seed(seed: &SecretSlice<u8>) -> Result<Self, WireError> {
        let (what, expected) = ("the seed of the signing key", "32 bytes");
        let seed: &[u8; 32] =
            seed.expose_secret().try_into().map_err(|_| WireError::BadKey { what, expected })?;
        let key = ed25519_dalek::SigningKey::from_bytes(seed);
        let id = KeyId::of(&key.verifying_key());
        Ok(Self { key, id })
    }

    /// The key's id.
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// The public key in hex, for who verifies.
    pub fn public_hex(&self) -> String {
        hex::encode(self.key.verifying_key().as_bytes())
    }

    pub(in crate::wire) fn sign(&self, domain: Domain, body: &[u8]) -> Vec<u8> {
        self.key.sign(&domain.cover(body)).to_bytes().to_vec()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The public keys that a verifier trusts.
#[derive(Clone, Debug, Default)]
pub struct VerifyingKeys(BTreeMap<KeyId, VerifyingKey>);

impl VerifyingKeys {
    /// Pins a public key given in hex.
    ///
    /// # Errors
    /// A text that is no Ed25519 public key, or a key that anybody could sign for.
    pub fn pin_hex(&mut self, public_hex: &str) -> Result<KeyId, WireError> {
        let bad = || {
            let (what, expected) = ("a public key", "an Ed25519 key in 64 hex digits");
            WireError::BadKey { what, expected }
        };
        let mut public = [0u8; 32];
        hex::decode_to_slice(public_hex.trim(), &mut public).map_err(|_| bad())?;
        let key = VerifyingKey::from_bytes(&public).map_err(|_| bad())?;
        if key.is_weak() {
            return Err(bad());
        }
        let id = KeyId::of(&key);
        self.0.insert(id.clone(), key);
        Ok(id)
    }

    /// Pins a gate's own key.
    pub fn pin(&mut self, signer: &SigningKey) {
        self.0.insert(signer.id.clone(), signer.key.verifying_key());
    }

    /// Whether no key is pinned.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(in crate::wire) fn verify(
        &self,
        domain: Domain,
        key_id: &str,
        body: &[u8],
        signature: &[u8],
    ) -> Result<(), WireError> {
        let unknown = || WireError::UnknownKey { key_id: shown_key_id(key_id) };
        let key = self.0.get(&KeyId(key_id.to_string())).ok_or_else(unknown)?;
        let signature = Signature::from_slice(signature).map_err(|_| WireError::BadSignature)?;
        key.verify_strict(&domain.cover(body), &signature).map_err(|_| WireError::BadSignature)
    }
}

/// A key id as a record names it; who wrote the record chose its length.
pub(super) fn shown_key_id(key_id: &str) -> String {
    key_id.chars().take(KEY_ID_SHOWN_MAX).collect()
}
