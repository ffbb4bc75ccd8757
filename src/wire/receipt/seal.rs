//! Sealing and opening: from a receipt or a policy to a signed record, and back.
//!
//! The signature is checked before anything else is read, so what a stranger signed is never opened.

use prost::Message as _;

use super::column::{AllowedColumn, ColumnPart, read_column};
use super::from_proto::from_proto;
use super::ids::{ColumnHash, PolicyHash, ReceiptHash};
use super::model::Receipt;
use super::sign::{Domain, SigningKey, VerifyingKeys};
use super::to_proto::to_proto;
use crate::consent::Partition;
use crate::policy::{Policy, PolicyError};
use crate::wire::WireError;
use crate::wire::proto::audit::{self as proto, SignedRecord, signed_record::Body};

/// A signed receipt, ready to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedReceipt {
    /// The record's value.
    pub value: Vec<u8>,
    /// The hash for the next receipts of its partitions, and for the committed offsets.
    pub hash: ReceiptHash,
    /// The partition of the receipts topic that it belongs in.
    pub lowest_partition: Partition,
}

/// A signed policy, ready to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedPolicy {
    /// The record's value.
    pub value: Vec<u8>,
    /// The hash by which receipts name it.
    pub hash: PolicyHash,
}

/// A record of the receipts topic that was signed by a pinned key.
#[derive(Clone, Debug, PartialEq)]
pub enum Opened {
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
    /// A part of the column of allowed messages. It counts only if the receipt that it belongs to
    /// names its hash.
    Allowed {
        /// What it says.
        column: Box<AllowedColumn>,
        /// Its hash.
        hash: ColumnHash,
    },
}

/// Signs a receipt.
///
/// # Errors
/// A receipt that does not hold together. The transaction must then be aborted.
pub fn seal(receipt: &Receipt, key: &SigningKey) -> Result<SealedReceipt, WireError> {
    let body = to_proto(receipt)?.encode_to_vec();
    let nowhere = WireError::field("previous", "is empty, a receipt belongs to a partition");
    Ok(SealedReceipt {
        hash: ReceiptHash::of(&body),
        lowest_partition: receipt.lowest_partition().ok_or(nowhere)?,
        value: signed(key, Domain::Receipt, body, Body::Receipt),
    })
}

/// Signs a policy's canonical text.
pub fn seal_policy(policy: &Policy, key: &SigningKey) -> SealedPolicy {
    let text = policy.to_canonical_text().into_bytes();
    SealedPolicy {
        hash: PolicyHash::of_text(&text),
        value: signed(key, Domain::Policy, text, Body::Policy),
    }
}

/// Signs a part of the column of allowed messages.
pub fn seal_column(part: &ColumnPart, key: &SigningKey) -> Vec<u8> {
    signed(key, Domain::Allowed, part.body.clone(), Body::Allowed)
}

fn signed(
    key: &SigningKey,
    domain: Domain,
    body: Vec<u8>,
    form: impl FnOnce(Vec<u8>) -> Body,
) -> Vec<u8> {
    let signature = key.sign(domain, &body);
    let key_id = key.id().to_string();
    SignedRecord { body: Some(form(body)), key_id, signature }.encode_to_vec()
}

/// Verifies and reads a record of the receipts topic.
///
/// # Errors
/// Bytes that are no signed record, a key that is not pinned, a signature that does not fit, or a
/// body that this version would not have written.
pub fn open(value: &[u8], keys: &VerifyingKeys) -> Result<Opened, WireError> {
    let what = "signed record";
    let record = SignedRecord::decode(value).map_err(|_| WireError::NotProtobuf { what })?;
    let verify = |domain, body: &[u8]| keys.verify(domain, &record.key_id, body, &record.signature);
    match &record.body {
        Some(Body::Receipt(body)) => {
            verify(Domain::Receipt, body)?;
            let (receipt, hash) = read_receipt(body)?;
            Ok(Opened::Receipt { receipt: Box::new(receipt), hash })
        }
        Some(Body::Policy(text)) => {
            verify(Domain::Policy, text)?;
            let (policy, hash) = read_policy(text)?;
            Ok(Opened::Policy { policy, hash })
        }
        Some(Body::Allowed(body)) => {
            verify(Domain::Allowed, body)?;
            let (column, hash) = read_column(body)?;
            Ok(Opened::Allowed { column: Box::new(column), hash })
        }
        None => Err(WireError::field("body", "is missing")),
    }
}

pub(super) fn read_receipt(body: &[u8]) -> Result<(Receipt, ReceiptHash), WireError> {
    let what = "receipt";
    let receipt = proto::Receipt::decode(body).map_err(|_| WireError::NotProtobuf { what })?;
    Ok((from_proto(receipt)?, ReceiptHash::of(body)))
}

pub(super) fn read_policy(bytes: &[u8]) -> Result<(Policy, PolicyHash), WireError> {
    let unreadable = |line| WireError::Policy(PolicyError::Unreadable { line });
    let text = std::str::from_utf8(bytes).map_err(|_| unreadable(1))?;
    let policy = Policy::from_canonical_text(text)?;
    // One policy has one text; another text of the same policy would have another hash.
    if policy.to_canonical_text() != text {
        return Err(unreadable(1));
    }
    Ok((policy, PolicyHash::of_text(bytes)))
}
