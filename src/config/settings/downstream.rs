//! `[downstream]` as written: how far behind the sender may be.
//!
//! Every limit here can only make a lane hold sooner or later.

use crate::config::section::section;
use crate::config::value::Span;

section! {
    /// The sender that reads the allowed topic. With its group named, a lane stops fetching while the
    /// sender is too far behind, so that no decision grows old before it is sent.
    ["downstream"] DownstreamSettings {
        /// The sender's consumer group. It must commit what it has sent, and the gate needs the right
        /// to describe it and to read the allowed topic. If not set: nobody watches the sender.
        group: Option<String> = None, example "\"whatsapp-sender\"";
        /// At most so many records of one partition of the allowed topic may be unread. Offsets are
        /// counted, and each transaction takes one more. It is looked at five times a second, so
        /// what is decided in between comes on top.
        max_ahead: u32 = 10_000;
        /// At most so old may the oldest unread decision of a partition be.
        max_age: Span = Span::secs(60);
        /// A lane holds when nobody has said for longer where the sender stands.
        silence_limit: Span = Span::secs(5);
    }
}
