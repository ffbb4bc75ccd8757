//! The signed end of the rolled part of one partition: a hand-over of positions.

use prost::Message as _;

use crate::consent::{Offset, Partition};
use crate::wire::WireError;
use crate::wire::consent::heartbeat;
use crate::wire::proto::consent::{ConsentEvent, Roll, SignedRoll};
use crate::wire::receipt::{Domain, SigningKey, VerifyingKeys};

/// Which roll it was: 16 random bytes, the same in all partitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RollId(pub [u8; 16]);

/// What is vouched for of one partition: all before `end`, which means the same place in both topics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollSeal {
    /// Which roll.
    pub roll: RollId,
    /// The Kafka cluster.
    pub cluster_id: String,
    /// The topic that was rolled.
    pub from_topic: String,
    /// The topic that it was rolled to.
    pub to_topic: String,
    /// Which partition.
    pub partition: Partition,
    /// How many partitions both topics have.
    pub partitions: i32,
    /// The offset after the last rolled record.
    pub end: Offset,
    /// [`RollDigest`](super::RollDigest) over all records before it.
    pub digest: [u8; 32],
    /// How many records were left out.
    pub left_out: u64,
    /// How many were encrypted.
    pub sealed: u64,
    /// When, in milliseconds since 1970.
    pub rolled_at_ms: i64,
}

impl RollSeal {
    /// The value of the record that carries it: a heartbeat to all who do not know it.
    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        let roll = Roll {
            roll_id: self.roll.0.to_vec(),
            cluster_id: self.cluster_id.clone(),
            from_topic: self.from_topic.clone(),
            to_topic: self.to_topic.clone(),
            partition: self.partition.0,
            partitions: self.partitions,
            end: self.end.0,
            sha256: self.digest.to_vec(),
            left_out: self.left_out,
            sealed: self.sealed,
            rolled_at_ms: self.rolled_at_ms,
        };
        let roll = roll.encode_to_vec();
        let signature = key.sign(Domain::Roll, &roll);
        let event = ConsentEvent {
            roll: Some(SignedRoll { roll, key_id: key.id().to_string(), signature }),
            ..heartbeat("")
        };
        event.encode_to_vec()
    }

    /// The seal in a record's value; `None` if there is none.
    ///
    /// # Errors
    /// One that no pinned key has signed, or that makes no sense.
    pub fn open(value: &[u8], keys: &VerifyingKeys) -> Option<Result<Self, WireError>> {
        let signed = ConsentEvent::decode(value).ok()?.roll?;
        Some(Self::verified(&signed, keys))
    }

    fn verified(signed: &SignedRoll, keys: &VerifyingKeys) -> Result<Self, WireError> {
        keys.verify(Domain::Roll, &signed.key_id, &signed.roll, &signed.signature)?;
        let what = "roll";
        let roll =
            Roll::decode(signed.roll.as_slice()).map_err(|_| WireError::NotProtobuf { what })?;
        let bytes = |field| WireError::field(field, "has another length");
        Ok(Self {
            roll: RollId(roll.roll_id.try_into().map_err(|_| bytes("roll_id"))?),
            cluster_id: roll.cluster_id,
            from_topic: roll.from_topic,
            to_topic: roll.to_topic,
            partition: Partition(roll.partition),
            partitions: roll.partitions,
            end: Offset(roll.end),
            digest: roll.sha256.try_into().map_err(|_| bytes("sha256"))?,
            left_out: roll.left_out,
            sealed: roll.sealed,
            rolled_at_ms: roll.rolled_at_ms,
        })
    }
}
