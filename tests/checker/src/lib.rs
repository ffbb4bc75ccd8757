//! The independent checker of consentgate: were the promises kept, as far as the topics of a run tell?
//!
//! It shares no code with the gate. The contracts in `proto/` are compiled anew, Kafka is read over
//! connections of its own without librdkafka, and the rules are told a second time, naively, from the
//! product's documents. So what it finds wrong is wrong either here or there, and what both find right two
//! have found right by themselves.
//!
//! | Room | What it does | Knows not |
//! |---|---|---|
//! | `source` | records of a Kafka under `read_committed`, batch by batch | what is in them |
//! | `spec` | the contracts, generated | |
//! | `receipts` | signatures, chains, which batch decided which input | the rules |
//! | `model` | the consent log as lists of facts, and the rules on it | receipts, topics |
//! | `ledger` | one input partition: every record's one fate, its bytes, its order, its reasons | |
//! | `rules` | the rules on records in memory, for tests of other rules | receipts, topics |
//! | `pairs` | P1 by pairs of acknowledgement and message | the rules |
//! | `report` | what was found | |
//!
//! It fails towards telling: what the documents leave open, or what it cannot read, is counted as not
//! judged with the reason why, never as right.

mod error;
mod fingerprint;
mod ledger;
mod model;
mod pairs;
mod receipts;
mod report;
mod rules;
mod source;
mod spec;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI32, Ordering};

pub use error::{CheckError, Result};
pub use pairs::{Acknowledged, CausalPair};
pub use report::{At, Counts, Law, Report, Violation};
pub use rules::{ConsentTopic, Rules, UpTo};

use ledger::{Ledger, Pseudonyms, compare_partitions};
use model::{Log, Place, Policy, Topic};
use receipts::{Book, Keys};
use source::Source;
use source::kafka::Kafka;

/// The topics of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topics {
    /// `host:port` of a broker, or several with commas; without TLS and passwords.
    pub bootstrap: String,
    /// The log of record.
    pub consent_events: String,
    /// What people do just now.
    pub consent_activity: String,
    /// What the platform says of templates, if there is such a topic.
    pub template_states: Option<String>,
    /// The input.
    pub outbound: String,
    /// What was allowed. In shadow mode nothing is written to it.
    pub allowed: String,
    /// What was suppressed.
    pub audit: String,
    /// The receipts.
    pub receipts: String,
}

/// Whether the gates are done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Run {
    /// All input must be decided.
    #[default]
    Finished,
    /// What lies behind the last receipt is counted, and not held against anybody.
    Running,
}

/// How the records of the outbound topic are to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Messages {
    /// As `OutboundMessage`.
    #[default]
    Protobuf,
    /// In another format: fates, bytes and receipts are checked, and no decision is judged.
    Other,
}

/// How to check.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The public keys that are believed, of Ed25519.
    pub public_keys: Vec<[u8; 32]>,
    /// Whether the gates are done.
    pub run: Run,
    /// How messages are to be read.
    pub messages: Messages,
}

/// Reads the topics of a run, and checks the promises as far as they tell.
///
/// # Errors
/// See [`CheckError`]: topics that cannot be read. What is wrong in them is in the report.
pub fn check(topics: &Topics, options: &Options) -> Result<Report> {
    check_in(&Kafka::new(&topics.bootstrap), topics, options)
}

/// Checks that what was acknowledged before a message was written is honoured for it: every opt-out
/// suppressed, every grant allowed. No rule is asked, so whoever wrote the pairs answers for them.
///
/// # Errors
/// See [`CheckError`].
pub fn check_pairs(topics: &Topics, pairs: &[CausalPair], options: &Options) -> Result<Report> {
    pairs::check(&Kafka::new(&topics.bootstrap), topics, pairs, options)
}

/// Reads a public key as `consentgate keys` prints it: 64 hexadecimal digits.
///
/// # Errors
/// [`CheckError::BadKey`].
pub fn public_key(text: &str) -> Result<[u8; 32]> {
    let bytes = hex::decode(text.trim()).map_err(|_| CheckError::BadKey)?;
    bytes.try_into().map_err(|_| CheckError::BadKey)
}

fn check_in(source: &impl Source, topics: &Topics, options: &Options) -> Result<Report> {
    let keys = Keys::new(&options.public_keys)?;
    let mut report = Report::default();
    let book = Book::read(source, &topics.receipts, &keys, &mut report)?;
    let log = read_log(source, topics)?;
    report.counts.consent = log.records;
    report.leave("a consent record whose append time steps back", log.steps_back);
    let policies = policies(&book, &mut report);
    for batch in &book.batches {
        if let Some((topic, partition, next)) = log.beyond(&batch.positions) {
            let Some(entry) = book.receipts.get(batch.receipt) else { continue };
            let what = format!("position {next} of {topic:?} [{partition}] is behind its end");
            report.violate(Law::PositionsBeyond, entry.at.clone(), what);
        }
    }
    let ledger = Ledger {
        source,
        topics,
        run: options.run,
        messages: options.messages,
        book: &book,
        log: &log,
        policies,
        prints: fingerprint::Fingerprints::default(),
    };
    check_partitions(&ledger, &mut report)?;
    report.settle();
    Ok(report)
}

/// Every policy that a batch names; nothing for one that this model cannot read.
fn policies<'b>(book: &'b Book, report: &mut Report) -> HashMap<&'b [u8], Option<Policy>> {
    let mut policies = HashMap::new();
    for batch in &book.batches {
        let hash = batch.policy.as_slice();
        match book.policies.get(hash) {
            Some(text) => drop(policies.entry(hash).or_insert_with(|| Policy::read(text))),
            None if book.is_cut => report.leave("a policy before what is kept", 1),
            None => {
                let Some(entry) = book.receipts.get(batch.receipt) else { continue };
                let what = "its policy was not published";
                report.violate(Law::PolicyMissing, entry.at.clone(), what);
            }
        }
    }
    policies
}

fn read_log(source: &impl Source, topics: &Topics) -> Result<Log> {
    let mut log = Log::default();
    let names = [
        (Topic::Events, Some(&topics.consent_events)),
        (Topic::Activity, Some(&topics.consent_activity)),
        (Topic::Templates, topics.template_states.as_ref()),
    ];
    for (topic, name) in names {
        let Some(name) = name else { continue };
        let partitions = source.partitions(name)?;
        for partition in 0..partitions {
            let extent = source.read(name, partition, &mut |record| {
                let place = Place { topic, partition, offset: record.offset };
                log.take(place, partitions, record.timestamp_ms, record.key, record.value);
            })?;
            log.end(topic, partition, extent.end);
        }
    }
    Ok(log)
}

/// Checks the input's partitions, as many at once as the machine has cores.
fn check_partitions<S: Source>(ledger: &Ledger<'_, S>, report: &mut Report) -> Result<()> {
    let partitions = ledger.source.partitions(&ledger.topics.outbound)?;
    let mut pseudonyms = Pseudonyms::default();
    let next = AtomicI32::new(0);
    let done = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let partition = next.fetch_add(1, Ordering::Relaxed);
                    if partition >= partitions {
                        return;
                    }
                    let mut part = Report::default();
                    let left = ledger.check(partition, pseudonyms.alike(), &mut part);
                    if let Ok(mut done) = done.lock() {
                        done.push(left.map(|left| (left, part)));
                    }
                }
            });
        }
    });
    let done = done.into_inner().map_err(|_| CheckError::Worker)?;
    let mut all = Vec::new();
    for part in done {
        let (mut left, part) = part?;
        report.add(part);
        let seen = std::mem::take(&mut left.pseudonyms);
        let unfit = pseudonyms.add(seen);
        if unfit > 0 {
            let (topic, partition) = (ledger.topics.audit.clone(), left.partition);
            let what = format!("{unfit} people have other pseudonyms in another partition");
            report.violate(Law::Pseudonym, At { topic, partition, offset: -1 }, what);
        }
        all.push(left);
    }
    if all.len() != usize::try_from(partitions).unwrap_or(0) {
        return Err(CheckError::Worker);
    }
    compare_partitions(ledger.topics, &all, report);
    Ok(())
}
