//! A record of the receipts topic for people, whoever signed it.
//!
//! What it says is a claim, beside it what its signature is worth; nothing is ever decided or verified
//! on it. Whoever believes receipts calls [`super::open`].

use prost::Message as _;

use super::column::{AllowedColumn, read_column};
use super::ids::{ColumnHash, PolicyHash, ReceiptHash};
use super::model::Receipt;
use super::seal::{read_policy, read_receipt};
use super::sign::{Domain, VerifyingKeys, shown_key_id};
use crate::policy::Policy;
use crate::wire::WireError;
use crate::wire::proto::audit::{SignedRecord, signed_record::Body};

/// A signed record, looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspected {
    /// The key that the record names, cut to 64 characters.
    pub key_id: String,
    /// What the signature is worth.
    pub signature: SignatureState,
    /// What the record says, or why that cannot be read.
    pub claim: Result<Claim, WireError>,
}

/// What a signature is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureState {
    /// A pinned key has signed these bytes.
    Valid,
    /// The record names a pinned key, but that key has not signed these bytes.
    Invalid,
    /// The record names a key that is not pinned.
    UnknownKey,
}

impl SignatureState {
    /// The words for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::UnknownKey => "unknown key",
        }
    }
}

/// What a record says; true only if the signature is.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// A receipt.
    Receipt {
        /// What it says.
        receipt: Box<Receipt>,
        /// Its hash.
        hash: ReceiptHash,
    },
    /// A policy.
    Policy {
        /// The policy.
        policy: Policy,
        /// Its hash.
        hash: PolicyHash,
    },
    /// A part of the column of allowed messages.
    Allowed {
        /// What it says.
        column: Box<AllowedColumn>,
        /// Its hash.
        hash: ColumnHash,
    },
}

/// Looks at a record of the receipts topic.
///
/// # Errors
/// Bytes that are no signed record.
pub fn inspect(value: &[u8], keys: &VerifyingKeys) -> Result<Inspected, WireError> {
    let what = "signed record";
    let record = SignedRecord::decode(value).map_err(|_| WireError::NotProtobuf { what })?;
    let (domain, body, claim) = match &record.body {
        Some(Body::Receipt(body)) => (Domain::Receipt, body, claimed_receipt(body)),
        Some(Body::Policy(text)) => (Domain::Policy, text, claimed_policy(text)),
        Some(Body::Allowed(body)) => (Domain::Allowed, body, claimed_column(body)),
        None => return Err(WireError::field("body", "is missing")),
    };
    let signature = match keys.verify(domain, &record.key_id, body, &record.signature) {
        Ok(()) => SignatureState::Valid,
        Err(WireError::UnknownKey { .. }) => SignatureState::UnknownKey,
        Err(_) => SignatureState::Invalid,
    };
    Ok(Inspected { key_id: shown_key_id(&record.key_id), signature, claim })
}

fn claimed_receipt(body: &[u8]) -> Result<Claim, WireError> {
    let (receipt, hash) = read_receipt(body)?;
    Ok(Claim::Receipt { receipt: Box::new(receipt), hash })
}

fn claimed_policy(text: &[u8]) -> Result<Claim, WireError> {
    let (policy, hash) = read_policy(text)?;
    Ok(Claim::Policy { policy, hash })
}

fn claimed_column(body: &[u8]) -> Result<Claim, WireError> {
    let (column, hash) = read_column(body)?;
    Ok(Claim::Allowed { column: Box::new(column), hash })
}
