//! The integration tests, in one binary.

#[cfg(feature = "demo")]
mod conformance;
#[cfg(feature = "demo")]
mod embedded_broker;
#[cfg(feature = "demo")]
mod embedded_broker_faults;
#[cfg(feature = "demo")]
mod embedded_broker_nodes;
