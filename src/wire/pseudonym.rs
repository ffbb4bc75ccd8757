//! Keyed pseudonyms: the same person of the same business always gets the same one.
//!
//! HMAC-SHA256 under a key derived per business, so that nobody can compare the people of two
//! businesses. Without the master key a pseudonym says nothing; the key never leaves this file.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretBox, SecretSlice};
use sha2::Sha256;

use super::WireError;
use crate::consent::IdentityRef;

const DOMAIN: &[u8] = b"consentgate/pseudonym/v1\0";
const SECRET_LEN_MIN: usize = 32;
/// A block of SHA-256: a longer key would only be hashed.
const SECRET_LEN_MAX: usize = 64;
const KEY_ID_LEN_MAX: usize = 64;
/// About 4 MB of derived keys; past it the cache starts anew.
const CACHED_MAX: usize = 16_384;

/// A person's pseudonym: the first 16 bytes of the HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym(pub [u8; 16]);

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The master key of pseudonyms, and the id under which the audit names it.
#[derive(Debug)]
pub struct PseudonymKey {
    id: String,
    secret: SecretSlice<u8>,
}

impl PseudonymKey {
    /// A key of 32 to 64 bytes with an id of 1 to 64 printable ASCII characters.
    ///
    /// # Errors
    /// A secret or an id of another form.
    pub fn new(id: &str, secret: SecretSlice<u8>) -> Result<Self, WireError> {
        let len = secret.expose_secret().len();
        if !(SECRET_LEN_MIN..=SECRET_LEN_MAX).contains(&len) {
            let (what, expected) = ("the pseudonym key", "32 to 64 bytes");
            return Err(WireError::BadKey { what, expected });
        }
        let printable = id.bytes().all(|byte| byte.is_ascii_graphic());
        if id.is_empty() || id.len() > KEY_ID_LEN_MAX || !printable {
            let (what, expected) = ("the pseudonym key's id", "1 to 64 printable ASCII characters");
            return Err(WireError::BadKey { what, expected });
        }
        let id = id.to_string();
        Ok(Self { id, secret })
    }

    /// The key's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key of one business, ready to be used.
    fn derive(&self, business: &str) -> Hmac<Sha256> {
        let mut mac = keyed(self.secret.expose_secret());
        mac.update(DOMAIN);
        mac.update(business.as_bytes());
        let derived = SecretBox::new(Box::new(<[u8; 32]>::from(mac.finalize().into_bytes())));
        keyed(derived.expose_secret())
    }
}

/// Pseudonyms with a cache of the businesses' keys. One a lane; nothing is shared but the key.
pub struct Pseudonyms {
    key: Arc<PseudonymKey>,
    derived: HashMap<Box<str>, Hmac<Sha256>>,
}

impl Pseudonyms {
    /// With an empty cache.
    pub fn new(key: Arc<PseudonymKey>) -> Self {
        let derived = HashMap::new();
        Self { key, derived }
    }

    /// The key's id.
    pub fn key_id(&self) -> &str {
        self.key.id()
    }

    /// The pseudonym of a person as this business knows them.
    pub fn of(&mut self, business: &str, identity: IdentityRef<'_>) -> Pseudonym {
        if let Some(mac) = self.derived.get(business) {
            return finish(mac.clone(), identity);
        }
        // Anybody can name a business that does not exist, so the cache must not grow with them.
        if self.derived.len() >= CACHED_MAX {
            self.derived.clear();
        }
        let mac = self.key.derive(business);
        self.derived.insert(business.into(), mac.clone());
        finish(mac, identity)
    }
}

impl fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pseudonyms")
            .field("key_id", &self.key.id())
            .field("cached", &self.derived.len())
            .finish()
    }
}

/// HMAC pads a key of at most a block with zeros; doing so here leaves no error to handle.
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    let mut block = [0u8; SECRET_LEN_MAX];
    for (slot, byte) in block.iter_mut().zip(key) {
        *slot = *byte;
    }
    <Hmac<Sha256> as Mac>::new(&block.into())
}

/// Over the identity's canonical text, so that others can compute it without this code.
fn finish(mut mac: Hmac<Sha256>, identity: IdentityRef<'_>) -> Pseudonym {
    match identity {
        IdentityRef::UserId(id) => mac.update(id.as_bytes()),
        IdentityRef::Phone(_) => mac.update(identity.canonical().as_bytes()),
    }
    let full = <[u8; 32]>::from(mac.finalize().into_bytes());
    let mut short = [0u8; 16];
    for (slot, byte) in short.iter_mut().zip(full) {
        *slot = byte;
    }
    Pseudonym(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Arc<PseudonymKey> {
        let secret = SecretSlice::from(vec![byte; SECRET_LEN_MIN]);
        Arc::new(PseudonymKey::new("k1", secret).unwrap())
    }

    fn person() -> IdentityRef<'static> {
        IdentityRef::parse("+12025550101").unwrap()
    }

    #[test]
    fn a_person_has_one_pseudonym_with_a_business_whether_cached_or_not() {
        let mut pseudonyms = Pseudonyms::new(key(1));
        let first = pseudonyms.of("acme", person());
        assert_eq!(first, pseudonyms.of("acme", person()));
        assert_eq!(first, Pseudonyms::new(key(1)).of("acme", person()));
    }

    #[test]
    fn another_business_another_person_or_another_key_gives_another_pseudonym() {
        let mut pseudonyms = Pseudonyms::new(key(1));
        let other = IdentityRef::parse("+12025550102").unwrap();
        let all = [
            pseudonyms.of("acme", person()),
            pseudonyms.of("globex", person()),
            pseudonyms.of("acme", other),
            Pseudonyms::new(key(2)).of("acme", person()),
        ];
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }

    /// Computed independently with Python's `hmac`.
    #[test]
    fn the_pseudonym_is_what_its_description_says() {
        let pseudonym = Pseudonyms::new(key(1)).of("acme", person());
        assert_eq!(pseudonym.to_string(), "3c8269f4b01012276f5e472c081dbc7e");
    }

    #[test]
    fn the_cache_does_not_grow_without_end() {
        let mut pseudonyms = Pseudonyms::new(key(1));
        for business in 0..CACHED_MAX + 10 {
            let _ = pseudonyms.of(&business.to_string(), person());
        }
        assert!(pseudonyms.derived.len() <= CACHED_MAX);
    }

    #[test]
    fn a_short_key_or_an_odd_id_is_refused() {
        let short = SecretSlice::from(vec![1; SECRET_LEN_MIN - 1]);
        assert!(PseudonymKey::new("k1", short).is_err());
        for id in ["", "a b", &"x".repeat(65)] {
            let secret = SecretSlice::from(vec![1; SECRET_LEN_MIN]);
            assert!(PseudonymKey::new(id, secret).is_err(), "{id:?}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?}", key(0x41));
        assert!(!shown.contains("65") && !shown.contains("AAAA"), "{shown}");
    }
}
