//! `[receipts]` as written: what the signed receipts say beside what they must.

use crate::config::section::{choice, section};

choice! {
    /// What receipts say of the messages that were allowed.
    AllowedMessages {
        /// Their offsets.
        Offsets = "offsets",
        /// Their offsets, and a row for each: pseudonym, the caller's ids, scope, template, text.
        Listed = "listed",
    }
}

section! {
    /// What the signed receipts say.
    ["receipts"] ReceiptsSettings {
        /// "offsets" says which messages were allowed by their offsets alone: who they were for is known
        /// as long as the outbound or the allowed topic keeps them. "listed" adds a row for each, by which
        /// `explain` and `reconcile` answer later too: the person's pseudonym, the caller's message id
        /// and campaign, scope, category, template and the text agreed to. A row takes about 18 to
        /// 40 bytes in the receipts topic.
        allowed_messages: AllowedMessages = AllowedMessages::Offsets;
    }
}
