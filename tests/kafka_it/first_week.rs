//! What the first week asks of a real Kafka: each command in a world in which the right answer is known.
//!
//! The tests themselves are those of the integration tests, on another Kafka.

#![allow(dead_code, unused_imports, reason = "not all tests of these modules run here")]

/// The tests of a module that run on every Kafka, as trials.
macro_rules! on_every_kafka {
    ($($test:ident,)*) => {
        pub fn trials() -> Vec<libtest_mimic::Trial> {
            let module = module_path!().rsplit("::").next().unwrap_or_default();
            let name = |test: &str| format!("{module}_{test}");
            vec![$(crate::trial::on_shared(&name(stringify!($test)), |kafka| {
                crate::support::home::lend(kafka, $test);
            })),*]
        }
    };
}

#[path = "../it/api.rs"]
mod api;
#[path = "../it/breaker.rs"]
mod breaker;
#[path = "../it/consent_state.rs"]
mod consent_state;
#[path = "../it/explain.rs"]
mod explain;
#[path = "../it/figures.rs"]
mod figures;
#[path = "../it/optout.rs"]
mod optout;
#[path = "../it/reconcile.rs"]
mod reconcile;
#[path = "../it/redrive.rs"]
mod redrive;
#[path = "../it/shadow.rs"]
mod shadow;

use libtest_mimic::Trial;

pub fn trials() -> Vec<Trial> {
    [
        api::trials(),
        breaker::trials(),
        consent_state::trials(),
        explain::trials(),
        figures::trials(),
        optout::trials(),
        reconcile::trials(),
        redrive::trials(),
        shadow::trials(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
