//! What is known only when somebody asks: how old the last proof is, and what was built.

use std::sync::{LazyLock, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// When this process first asked; staleness before the first proof counts from here.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);
static CURRENT_AT: Mutex<Option<Instant>> = Mutex::new(None);
static BUILD: OnceLock<(String, String)> = OnceLock::new();

/// The index has all that the consent topics held at an instant just now:
/// `consentgate_consent_staleness_seconds` starts again from zero.
pub fn consent_current() {
    *CURRENT_AT.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
}

/// Time since the index last had everything; since the start if it never had.
pub fn consent_staleness() -> Duration {
    let current = *CURRENT_AT.lock().unwrap_or_else(PoisonError::into_inner);
    current.unwrap_or(*START).elapsed()
}

/// Puts down the versions, once: `consentgate_build_info`.
pub fn build_info(version: &str, librdkafka: &str) {
    let _ = *START;
    let _ = BUILD.set((version.to_owned(), librdkafka.to_owned()));
}

pub(super) fn build() -> Option<(&'static str, &'static str)> {
    BUILD.get().map(|(version, librdkafka)| (version.as_str(), librdkafka.as_str()))
}
