//! Keys of a run, the same for all: nothing here is secret.

use std::sync::Arc;

use consentgate::wire::pseudonym::PseudonymKey;
use consentgate::wire::receipt::{SigningKey, VerifyingKeys};
use secrecy::SecretSlice;

/// Signs, is trusted, and hides names.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    pub(crate) signing: Arc<SigningKey>,
    pub(crate) trusted: VerifyingKeys,
    pub(crate) pseudonym: Arc<PseudonymKey>,
}

impl Keys {
    pub(crate) fn new() -> Self {
        let signing = SigningKey::from_seed(&SecretSlice::from(vec![9; 32])).unwrap();
        let mut trusted = VerifyingKeys::default();
        trusted.pin(&signing);
        let pseudonym = PseudonymKey::new("k1", SecretSlice::from(vec![8; 32])).unwrap();
        Self { signing: Arc::new(signing), trusted, pseudonym: Arc::new(pseudonym) }
    }
}
