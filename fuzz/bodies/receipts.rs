//! Receipts and what else lies beside them.

use consentgate::wire::receipt::{SigningKey, VerifyingKeys, inspect, open};
use secrecy::SecretSlice;

/// Nothing that we did not sign opens.
pub(super) fn receipt(bytes: &[u8]) {
    let key = SigningKey::from_seed(&SecretSlice::from(vec![0xa7; 32])).expect("a key");
    let mut keys = VerifyingKeys::default();
    keys.pin(&key);
    assert!(open(bytes, &keys).is_err(), "a signature that nobody made");
    let _shown = inspect(bytes, &keys);
    let _audit = consentgate::wire::audit::decode_entry(bytes);
}
