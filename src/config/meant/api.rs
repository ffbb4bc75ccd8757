//! `[api]` as meant.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::admin::listen_address;
use super::check::Check;
use crate::config::settings::ApiSettings;
use crate::config::value::Size;

/// Where senders and engines ask the gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Where the token is.
    pub token_file: PathBuf,
    /// The most messages or people a question.
    pub max_items: usize,
    /// The most bytes a question.
    pub max_body: usize,
    /// The most questions at once.
    pub max_waiting: usize,
}

impl ApiConfig {
    /// `Some(None)`: nothing is served.
    pub(super) fn check(settings: &ApiSettings, check: &mut Check<'_>) -> Option<Option<Self>> {
        let listen = listen_address("api.listen", &settings.listen, check);
        let max_items = check.count("api.max_items", settings.max_items, 1..=100_000);
        let max_waiting = check.count("api.max_waiting", settings.max_waiting, 1..=400);
        let limits = Size(1_024)..=Size::mib(256);
        if !limits.contains(&settings.max_body) {
            let what = format!("\"{}\" is out of range", settings.max_body);
            check.refuse("api.max_body", what, "1KiB to 256MiB", "");
        }
        let Some(token_file) = settings.token_file.clone() else {
            return Some(None);
        };
        Some(Some(Self {
            listen: listen?,
            token_file,
            max_items: max_items as usize,
            max_body: usize::try_from(settings.max_body.0).ok()?,
            max_waiting: max_waiting as usize,
        }))
    }
}
