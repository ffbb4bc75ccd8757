//! What is known only when somebody asks: how old the last proof is, and what was built.

use std::sync::{LazyLock, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// When this process first asked; staleness before the first proof counts from here.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);
static CURRENT_AT: Mutex<Option<Instant>> = Mutex::new(None);
static BUILD: OnceLock<(String, String)> = OnceLock::new();

/// The index has all that the consent topics held this long ago:
/// `consentgate_consent_staleness_seconds` counts from then.
pub fn consent_current(asked_ago: Duration) {
    *CURRENT_AT.lock().unwrap_or_else(PoisonError::into_inner) =
        Instant::now().checked_sub(asked_ago);
}

/// Time since the index last had everything; since the start if it never had.
pub fn consent_staleness() -> Duration {
    let current = *CURRENT_AT.lock().unwrap_or_else(PoisonError::into_inner);
    current.unwrap_or(*START).elapsed()
}

/// Puts down the versions, once.
pub(super) fn build_info(version: &str, librdkafka: &str) {
    let _ = *START;
    let _ = BUILD.set((version.to_owned(), librdkafka.to_owned()));
}

pub(super) fn build() -> Option<(&'static str, &'static str)> {
    BUILD.get().map(|(version, librdkafka)| (version.as_str(), librdkafka.as_str()))
}
