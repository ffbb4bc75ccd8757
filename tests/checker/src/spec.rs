//! The contracts of `proto/`, compiled anew for this crate.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::all,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "generated"
)]

pub(crate) mod consent {
    include!(concat!(env!("OUT_DIR"), "/consentgate.consent.v1.rs"));
}

pub(crate) mod outbound {
    include!(concat!(env!("OUT_DIR"), "/consentgate.outbound.v1.rs"));
}

pub(crate) mod audit {
    include!(concat!(env!("OUT_DIR"), "/consentgate.audit.v1.rs"));
}
