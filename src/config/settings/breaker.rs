//! `[breaker]` as written: when a lane stops because messages are faulty.
//!
//! It can only make a lane hold.

use crate::config::section::section;

section! {
    /// The breaker: a lane stops before a mistake of a machine burns a campaign. It counts messages
    /// that are suppressed as malformed, contradictory, unforwardable, business_unknown,
    /// identity_unreadable, identity_unsuited, scope_unknown, no_opt_out_path, template_unusable,
    /// sender_unregistered or index_inconsistent, and nothing that people said. The batch is not
    /// written; an operator releases the lane (POST /v1/lanes/release, or a restart with
    /// --set breaker.share_percent=100).
    ["breaker"] BreakerSettings {
        /// A lane stops when more than so many of a hundred messages are faulty; 100: it never does.
        share_percent: u32 = 90;
        /// Of at least so many messages. Batches that are smaller count together.
        least_messages: u32 = 1_000;
    }
}
