//! What consentgate needs of a Kafka broker, as checks against any broker.
//!
//! Each check takes a bootstrap string, makes topics and groups of its own,
//! and panics if the broker differs from what the gate relies on. They run on
//! the embedded broker and on an Apache Kafka: what does not hold on both is a
//! fault of the check or of the embedded broker.

#![allow(dead_code, unused_imports, reason = "each test binary uses its own part")]

mod drained;
mod fetches;
mod groups;
mod isolation;
mod offsets;
mod producers;
mod protocol;
mod records;
pub mod support;
mod topics;
mod transactions;
mod versions;
pub mod wire;

/// A check against the broker at a bootstrap string.
pub type Check = fn(&str);

/// Hands the list of checks to another macro, as `name: path,` lines.
macro_rules! for_each_check {
    ($then:ident) => {
        $then! {
            cluster_id_is_told: topics::check_cluster_id_is_told,
            topic_is_created_with_its_configs: topics::check_topic_is_created_with_its_configs,
            unknown_topic_is_refused: topics::check_unknown_topic_is_refused,
            partitions_are_added: topics::check_partitions_are_added,
            recreated_topic_is_empty: topics::check_recreated_topic_is_empty,
            deleted_records_move_the_start: topics::check_deleted_records_move_the_start,
            order_is_kept_in_each_partition: records::check_order_is_kept_in_each_partition,
            record_comes_back_byte_for_byte: records::check_record_comes_back_byte_for_byte,
            append_time_overwrites_the_writers: records::check_append_time_overwrites_the_writers,
            compressed_batches_are_kept: records::check_compressed_batches_are_kept,
            large_partition_is_kept: records::check_large_partition_is_kept,
            message_too_large_is_refused: records::check_message_too_large_is_refused,
            far_future_time_is_refused: records::check_far_future_time_is_refused,
            small_fetches_lose_nothing: fetches::check_small_fetches_lose_nothing,
            waiting_fetch_is_woken: fetches::check_waiting_fetch_is_woken,
            offset_out_of_range_is_an_error: fetches::check_offset_out_of_range_is_an_error,
            watermarks_are_told: offsets::check_watermarks_are_told,
            offsets_for_times: offsets::check_offsets_for_times,
            committed_offset_keeps_its_metadata: offsets::check_committed_offset_keeps_its_metadata,
            long_metadata_is_refused: offsets::check_long_metadata_is_refused,
            consumer_resumes_at_its_commit: offsets::check_consumer_resumes_at_its_commit,
            range_group_shares_and_takes_over: groups::check_range_group_shares_and_takes_over,
            cooperative_group_shares_and_takes_over:
                groups::check_cooperative_group_shares_and_takes_over,
            static_member_comes_back_without_rebalance:
                groups::check_static_member_comes_back_without_rebalance,
            second_static_member_fences_the_first:
                groups::check_second_static_member_fences_the_first,
            members_are_told_and_keep_their_group:
                groups::check_members_are_told_and_keep_their_group,
            idempotent_producer: producers::check_idempotent_producer,
            zombie_is_fenced: producers::check_zombie_is_fenced,
            idle_zombie_is_fenced: producers::check_idle_zombie_is_fenced,
            committed_transaction_is_visible: isolation::check_committed_transaction_is_visible,
            aborted_transaction_is_hidden: isolation::check_aborted_transaction_is_hidden,
            open_transaction_is_hidden: isolation::check_open_transaction_is_hidden,
            interleaved_transactions_are_told_apart:
                isolation::check_interleaved_transactions_are_told_apart,
            markers_take_offsets: isolation::check_markers_take_offsets,
            offsets_belong_to_the_transaction:
                transactions::check_offsets_belong_to_the_transaction,
            stale_generation_is_refused: transactions::check_stale_generation_is_refused,
            unknown_member_is_refused: transactions::check_unknown_member_is_refused,
            two_batches_are_refused: protocol::check_two_batches_are_refused,
            wrong_checksum_is_refused: protocol::check_wrong_checksum_is_refused,
            batch_limit_is_exact: protocol::check_batch_limit_is_exact,
            unknown_topic_in_produce_is_refused:
                protocol::check_unknown_topic_in_produce_is_refused,
            repeated_batch_gets_its_old_offset: protocol::check_repeated_batch_gets_its_old_offset,
            gap_in_the_sequence_is_refused: protocol::check_gap_in_the_sequence_is_refused,
            unstable_offset_is_refused: protocol::check_unstable_offset_is_refused,
            late_end_of_transaction_is_refused: protocol::check_late_end_of_transaction_is_refused,
            every_replica_tells_its_end: protocol::check_every_replica_tells_its_end,
            wrong_leader_epoch_is_refused: protocol::check_wrong_leader_epoch_is_refused,
            old_versions_of_reading_are_answered:
                versions::check_old_versions_of_reading_are_answered,
            old_versions_of_writing_are_answered:
                versions::check_old_versions_of_writing_are_answered,
            old_versions_of_groups_are_answered:
                versions::check_old_versions_of_groups_are_answered,
        }
    };
}
pub(crate) use for_each_check;

macro_rules! table {
    ($($name:ident: $($path:ident)::+,)*) => {
        &[$((stringify!($name), $($path)::+ as Check)),*]
    };
}

/// Every check with its name.
pub fn all() -> &'static [(&'static str, Check)] {
    for_each_check!(table)
}
