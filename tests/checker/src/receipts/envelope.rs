//! The envelope of a record in the receipts topic: what it holds, and who signed it.

use ed25519_dalek::{Signature, VerifyingKey};
use prost::Message as _;

use crate::error::CheckError;
use crate::report::Law;
use crate::spec::audit::SignedRecord;
use crate::spec::audit::signed_record::Body as Said;

/// The public keys that are believed.
#[derive(Clone, Debug)]
pub(crate) struct Keys(Vec<VerifyingKey>);

impl Keys {
    pub(crate) fn new(keys: &[[u8; 32]]) -> Result<Self, CheckError> {
        let read = |key: &[u8; 32]| VerifyingKey::from_bytes(key).map_err(|_| CheckError::BadKey);
        Ok(Self(keys.iter().map(read).collect::<Result<_, _>>()?))
    }

    fn vouch(&self, domain: &[u8], body: &[u8], signature: &[u8]) -> bool {
        let Ok(signature) = Signature::from_slice(signature) else { return false };
        let signed = [domain, body].concat();
        self.0.iter().any(|key| key.verify_strict(&signed, &signature).is_ok())
    }
}

/// What a signed record holds.
pub(super) enum Body {
    Receipt(Vec<u8>),
    Policy(String),
    Allowed(Vec<u8>),
}

/// Opens a record; the law that it breaks if nobody known has signed it.
pub(super) fn open(value: Option<&[u8]>, keys: &Keys) -> Result<Body, Law> {
    let record = value.and_then(|value| SignedRecord::decode(value).ok()).ok_or(Law::Signature)?;
    let said = record.body.ok_or(Law::Signature)?;
    let (domain, body): (&[u8], &[u8]) = match &said {
        Said::Receipt(body) => (b"consentgate/receipt/v1\0", body),
        Said::Policy(body) => (b"consentgate/policy/v1\0", body),
        Said::Allowed(body) => (b"consentgate/allowed/v1\0", body),
    };
    if !keys.vouch(domain, body, &record.signature) {
        return Err(Law::Signature);
    }
    match said {
        Said::Receipt(body) => Ok(Body::Receipt(body)),
        Said::Allowed(body) => Ok(Body::Allowed(body)),
        Said::Policy(body) => {
            String::from_utf8(body).map(Body::Policy).map_err(|_| Law::ReceiptUnreadable)
        }
    }
}
