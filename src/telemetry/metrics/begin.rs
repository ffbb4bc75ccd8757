//! The first call of a gate: from here on every counter is there, at zero.
//!
//! A counter that appears with its first increment hides that increment from `increase()`.

use std::sync::LazyLock;

use super::{boards, consent, index, lane, transaction};

/// Lets every series begin and puts the versions down: `consentgate_build_info`.
pub fn begin(version: &str, librdkafka: &str) {
    LazyLock::force(&lane::LANES);
    LazyLock::force(&transaction::TRANSACTIONS);
    LazyLock::force(&consent::CONSENT);
    LazyLock::force(&index::INDEX);
    boards::build_info(version, librdkafka);
}
