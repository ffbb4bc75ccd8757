//! What each fuzz target does with its bytes, and the laws that must hold of them.
//!
//! Nothing panics, and bytes that do not decode never become a message, a permit or a signature that
//! holds. The same functions run under cargo-fuzz and, on the corpus, as plain tests; so they use only
//! what the crate shows. A law that is broken panics.

mod events;
mod files;
mod http;
mod messages;
mod receipts;

/// A target by its name, which is also that of its corpus.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 14] = [
    ("webhook", events::webhook),
    ("consent_event", events::consent_event),
    ("consent_mapping", events::consent_mapping),
    ("outbound", messages::outbound),
    ("cloud_api", messages::cloud_api),
    ("json_mapping", messages::json_mapping),
    ("headers", messages::headers),
    ("framing", messages::framing),
    ("import", files::import),
    ("config", files::config),
    ("policy", files::policy),
    ("receipt", receipts::receipt),
    ("admin_http", http::admin_http),
    ("question", http::question),
];

/// Runs a target.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|(known, _)| *known == name);
    let (_, body) = target.unwrap_or_else(|| panic!("no target {name}"));
    body(bytes);
}
