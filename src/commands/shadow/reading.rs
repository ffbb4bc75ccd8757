//! A shadow's topics, read once: receipts first, so that each entry finds its own.

use std::fs;
use std::path::PathBuf;

use super::counts::Counts;
use super::page::Told;
use crate::commands::exit::{Exit, Failure};
use crate::config::Config;
use crate::kafka::{Clients, TopicReader};
use crate::stream::Fault;
use crate::wire::audit::decode_entry;
use crate::wire::receipt::{Opened, VerifyingKeys, open};

/// What to tell of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShadowPlan {
    /// Only this business; all without it.
    pub business: Option<String>,
    /// Only what was decided from this time on, in milliseconds since 1970.
    pub from_ms: Option<i64>,
    /// Only what was decided before this time.
    pub to_ms: Option<i64>,
    /// The folder for what is written.
    pub out: PathBuf,
}

/// Reads what the shadow of this configuration wrote, writes page and figures into the plan's folder,
/// and returns a summary. The configuration is one of a shadow (`gate.mode = "shadow"`).
///
/// # Errors
/// Kafka not reached (69), files that cannot be written (74).
pub fn report(config: &Config, keys: VerifyingKeys, plan: &ShadowPlan) -> Result<String, Failure> {
    let counts = read(config, &keys, plan).map_err(|fault| Failure::unavailable(&fault))?;
    let told = Told { counts: &counts, plan, config };
    let written = fs::create_dir_all(&plan.out).and_then(|()| told.write(&plan.out));
    written.map_err(|error| {
        let message = format!("cannot write to {}: {error}", plan.out.display());
        Failure::new(Exit::Io, message)
    })?;
    Ok(told.text())
}

fn read(config: &Config, keys: &VerifyingKeys, plan: &ShadowPlan) -> Result<Counts, Fault> {
    let clients = Clients::new(config.kafka.clone(), config.gate.clone());
    let topics = &config.topics;
    let mut counts = Counts::of(plan.from_ms, plan.to_ms);
    // Entries first asked for, receipts first read: each entry's receipt is then among them.
    let audits = TopicReader::open_committed(&clients, topics.audit.as_str())?;
    let receipts = TopicReader::open_committed(&clients, topics.receipts.as_str())?;
    receipts.read(&receipts.whole(), |record| {
        match open(record.value().unwrap_or_default(), keys) {
            Ok(Opened::Receipt { receipt, .. })
                if receipt.source_topic == topics.outbound.as_str() =>
            {
                counts.take_receipt(&receipt);
            }
            Ok(_) => {}
            Err(_) => counts.unbelieved += 1,
        }
    })?;
    let business = plan.business.as_deref();
    audits.read(&audits.whole(), |record| {
        match decode_entry(record.value().unwrap_or_default()) {
            Ok(entry) => counts.take_entry(&entry, business),
            Err(_) => counts.unbelieved += 1,
        }
    })?;
    Ok(counts)
}
