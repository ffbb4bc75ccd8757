//! `[topics]` as written: the names of the topics.
//!
//! Knows names only; what Kafka says of them is the business of `check` and `topics`.

use crate::config::section::section;

section! {
    /// Which topics play which role. All names must differ.
    ["topics"] TopicsSettings {
        /// The log of record of consent: grants, withdrawals, blocks, erasures. Kept for ever.
        consent_events: String = "consent-events".to_owned();
        /// Inbound messages, requests for codes, heartbeats. Kept for days.
        consent_activity: String = "consent-activity".to_owned();
        /// What the platform says of message templates. Kept for ever. Without it nothing is known of any
        /// template. Once it is set, all gates need it, and read it to its end before they decide.
        template_states: Option<String> = None, example "\"template-states\"";
        /// Who may be reached, for which scope, until when: a compacted topic that `consentgate
        /// consent-state publish` keeps, for engines to choose whom to write to. It holds people in clear.
        /// The gate itself does not need it, and decides each message all the same.
        consent_state: Option<String> = None, example "\"consent-state\"";
        /// The messages that want to leave.
        outbound: String = "outbound-messages".to_owned();
        /// The messages that may leave, byte for byte.
        allowed: String = "allowed-messages".to_owned();
        /// One entry for each suppressed message, with the reason.
        audit: String = "message-audit".to_owned();
        /// One signed receipt for each transaction.
        receipts: String = "decision-receipts".to_owned();
    }
}
