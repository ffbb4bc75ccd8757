//! The contracts in `proto/`, as prost compiles them.
//!
//! Generated, so the contracts' own comments are the documentation. Everything else in this room
//! turns these types into the domain's words at once; no other room should need them but to write
//! events.
#![allow(missing_docs)]

/// `proto/consent.proto`.
pub mod consent {
    include!(concat!(env!("OUT_DIR"), "/consentgate.consent.v1.rs"));
}

/// `proto/outbound.proto`.
pub mod outbound {
    include!(concat!(env!("OUT_DIR"), "/consentgate.outbound.v1.rs"));
}

/// `proto/consent_state.proto`.
pub mod consent_state {
    include!(concat!(env!("OUT_DIR"), "/consentgate.consent_state.v1.rs"));
}

/// `proto/optout.proto`.
pub mod optout {
    include!(concat!(env!("OUT_DIR"), "/consentgate.optout.v1.rs"));
}

/// `proto/audit.proto`.
pub mod audit {
    include!(concat!(env!("OUT_DIR"), "/consentgate.audit.v1.rs"));
}

/// `proto/api.proto`.
pub mod api {
    include!(concat!(env!("OUT_DIR"), "/consentgate.api.v1.rs"));
}
