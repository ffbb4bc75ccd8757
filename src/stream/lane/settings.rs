//! What a lane is made of and how it paces itself.

use std::sync::Arc;
use std::time::Duration;

use super::ownership::StartFrom;
use crate::consent::RouteName;
use crate::policy::Policy;
use crate::stream::shared_index::SharedIndex;
use crate::wire::audit::AuditEncoder;
use crate::wire::formats::Format;
use crate::wire::receipt::{ColumnWriter, FenceMode, Mode, SigningKey, VerifyingKeys};

/// What a lane shares with others or owns for writing.
#[derive(Debug)]
pub struct LaneParts {
    /// The index.
    pub index: Arc<SharedIndex>,
    /// How a record is read.
    pub format: Arc<Format>,
    /// The rules.
    pub policy: Arc<Policy>,
    /// Encodes audit entries.
    pub audit: AuditEncoder,
    /// Lists what is allowed, if receipts are to say so.
    pub column: Option<ColumnWriter>,
    /// Signs receipts.
    pub signing: Arc<SigningKey>,
    /// What every receipt of this lane says of its origin.
    pub origin: Origin,
    /// Trusted for receipts that this lane goes on after.
    pub trusted: VerifyingKeys,
}

/// Who decides, and how: the same in every receipt of a lane.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The Kafka cluster.
    pub cluster_id: String,
    /// The route.
    pub route: RouteName,
    /// The instance.
    pub instance: String,
    /// The lane's number in it.
    pub lane: u32,
    /// How the fence is proven.
    pub fence: FenceMode,
    /// Whether what is allowed is also written.
    pub mode: Mode,
}

/// Pace and limits of a lane.
#[derive(Clone, Debug)]
pub struct LaneSettings {
    /// The input topic's name, for audit and receipts.
    pub source_topic: String,
    /// At most so many records a batch.
    pub batch_records: usize,
    /// How long a batch goes on collecting.
    pub batch_wait: Duration,
    /// How long an idle poll waits.
    pub idle_wait: Duration,
    /// Commit when a transaction is this old.
    pub commit_every: Duration,
    /// Commit when it holds so many records.
    pub commit_records: u64,
    /// How long a batch waits for its fence before the lane holds. Receipts tell it.
    pub fence_limit: Duration,
    /// Where to start partitions that have no offset of ours.
    pub start_from: Option<StartFrom>,
}
