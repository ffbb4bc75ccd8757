//! A real Kafka and the embedded broker agree: every check of the conformance table holds here too.

use libtest_mimic::Trial;

use crate::conformance;
use crate::trial::on_shared;

pub fn trials() -> Vec<Trial> {
    let checks = conformance::all().iter();
    checks.map(|(name, check)| on_shared(&format!("conformance::{name}"), *check)).collect()
}
