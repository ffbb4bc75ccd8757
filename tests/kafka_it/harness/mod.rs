//! The harness tested by itself: what other trials take for granted.

pub mod orphan;

mod absence;
mod cluster;
mod log;
mod proxy;

pub use self::proxy::PROXIED;

use libtest_mimic::Trial;

pub fn trials() -> Vec<Trial> {
    [log::trials(), absence::trials(), cluster::trials(), proxy::trials(), orphan::trials()]
        .into_iter()
        .flatten()
        .collect()
}
