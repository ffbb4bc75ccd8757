//! One file for each API, or for a few that are alike: request in, answer out.
//!
//! A file here knows the fields of its messages and which part of the state
//! decides. What an API cannot do it refuses with the code that Kafka uses.

pub(super) mod add_to_txn;
pub(super) mod create_topics;
pub(super) mod describe_acls;
pub(super) mod describe_configs;
pub(super) mod describe_groups;
pub(super) mod end_txn;
pub(super) mod fetch;
mod fetch_answer;
pub(super) mod find_coordinator;
pub(super) mod init_producer_id;
pub(super) mod join_group;
pub(super) mod leader_epoch;
pub(super) mod list_offsets;
pub(super) mod membership;
pub(super) mod metadata;
pub(super) mod offset_commit;
pub(super) mod offset_fetch;
pub(super) mod produce;
pub(super) mod sync_group;
pub(super) mod topic_changes;
pub(super) mod txn_offset_commit;
pub(super) mod versions;

use kafka_protocol::protocol::StrBytes;

/// Text in an answer.
fn text(value: &str) -> StrBytes {
    StrBytes::from_string(value.to_owned())
}
