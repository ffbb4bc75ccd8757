//! Arguments that say which decisions are meant, and whose receipts are believed.
//!
//! What is left out means all, and the configured signing key's own receipts.

use std::collections::BTreeSet;

use clap::Args;

use super::pinned_or_own;
use super::range::{Bound, Range, parse_receipt};
use crate::commands::exit::Failure;
use crate::commands::instant_arg::instant_ms;
use crate::config::Config;
use crate::consent::Partition;
use crate::wire::receipt::{ReceiptId, VerifyingKeys};

/// Which decisions, and whose receipts.
#[derive(Clone, Debug, Args)]
pub struct DecidedArgs {
    /// A public key that receipts may be signed with: 64 hexadecimal digits, or a file that holds
    /// them, as `keys generate` prints it. Can be repeated. Without it: that of the configured
    /// signing key. Keys are pinned here and never read from the topic.
    #[arg(long, value_name = "HEX|FILE")]
    pub public_key: Vec<String>,
    /// Only these partitions of the outbound topic.
    #[arg(long, value_name = "NUMBER")]
    pub partition: Vec<i32>,
    /// Only what was decided at this time or later, such as 2026-01-31T00:00:00Z. Receipts are checked
    /// whole all the same.
    #[arg(long = "from", value_name = "TIME", value_parser = instant_ms, conflicts_with = "from_receipt")]
    pub from_time: Option<i64>,
    /// Only what was decided at this time or before.
    #[arg(long = "to", value_name = "TIME", value_parser = instant_ms, conflicts_with = "to_receipt")]
    pub to_time: Option<i64>,
    /// Only what was decided when this receipt's first batch was, or later: the id as `receipts tail`
    /// and the audit show it.
    #[arg(long, value_name = "ID", value_parser = parse_receipt)]
    pub from_receipt: Option<ReceiptId>,
    /// Only what was decided when this receipt's last batch was, or before.
    #[arg(long, value_name = "ID", value_parser = parse_receipt)]
    pub to_receipt: Option<ReceiptId>,
}

impl DecidedArgs {
    /// The keys that receipts may be signed with.
    ///
    /// # Errors
    /// A key that is none (65), or a configured key that cannot be read (78).
    pub(in crate::commands) fn keys(&self, config: &Config) -> Result<VerifyingKeys, Failure> {
        pinned_or_own(config, &self.public_key)
    }

    /// The partitions; none means all.
    pub(in crate::commands) fn only(&self) -> BTreeSet<Partition> {
        self.partition.iter().map(|number| Partition(*number)).collect()
    }

    /// The span of decisions.
    pub(in crate::commands) fn range(&self) -> Range {
        let bound = |time: Option<i64>, receipt: Option<ReceiptId>| {
            time.map(Bound::Time).or(receipt.map(Bound::Receipt))
        };
        Range {
            from: bound(self.from_time, self.from_receipt),
            to: bound(self.to_time, self.to_receipt),
        }
    }
}
