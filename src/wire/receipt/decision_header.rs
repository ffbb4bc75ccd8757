//! The one header that a gate may append to what it allows: when it was decided, until when that
//! counts, and which receipt says so.
//!
//! Off unless configured. The receipt tells whether it was on, so a verifier demands exactly this header
//! where it was, and none where it was not.

use super::ids::ReceiptId;

/// The header's name.
pub const DECISION_HEADER: &str = "consentgate-decision";

/// That a gate appends the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecisionHeader {
    /// For so long a decision counts, in milliseconds.
    pub valid_for_ms: u32,
}

impl DecisionHeader {
    /// What a receipt's number means: 0 is off.
    pub(super) fn of_number(valid_for_ms: u32) -> Option<Self> {
        (valid_for_ms > 0).then_some(Self { valid_for_ms })
    }

    /// The header's value for all of a batch: `decided_at_ms=...;valid_until_ms=...;receipt=...`, in
    /// milliseconds since 1970 and in hex.
    pub fn value(self, receipt: ReceiptId, now_ms: i64) -> String {
        let until_ms = now_ms.saturating_add(self.valid_for_ms.into());
        let receipt = hex::encode(receipt.0);
        format!("decided_at_ms={now_ms};valid_until_ms={until_ms};receipt={receipt}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_names_instant_end_and_receipt() {
        let header = DecisionHeader { valid_for_ms: 60_000 };
        assert_eq!(
            header.value(ReceiptId([0xab; 16]), 1_000),
            format!("decided_at_ms=1000;valid_until_ms=61000;receipt={}", "ab".repeat(16))
        );
        assert_eq!(DecisionHeader::of_number(0), None);
    }
}
