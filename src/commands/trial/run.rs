//! A trial from its plan to its report: which topics, which range, and on from where it stopped.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::checkpoint::{self, Checkpoint};
use super::progress::Bar;
use super::report::{About, Report};
use super::sides::Sides;
use super::slips::{self, SlipFile};
use super::walk::{Subject, Walk};
use crate::app::pseudonym_keys;
use crate::commands::exit::{Exit, Failure};
use crate::commands::output::note;
use crate::commands::rolled::{refuse_trouble, rolled_for};
use crate::config::Config;
use crate::config::keys::KeyKind;
use crate::consent::{Offset, Partition, RULES_VERSION, Topic};
use crate::kafka::topics::TopicAdmin;
use crate::kafka::{Clients, MergedInput, Span, TopicReader, TopicRecord, read_merged};
use crate::stream::ports::AppendTime;
use crate::stream::{Fault, FaultKind};
use crate::wire::pseudonym::Pseudonyms;
use crate::wire::receipt::{PolicyHash, VerifyingKeys};

/// How often it is written down how far a trial has come.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(10);

/// What to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialPlan {
    /// The topic whose messages are tried.
    pub topic: String,
    /// Only messages from this time on, in milliseconds since 1970.
    pub from_ms: Option<i64>,
    /// Only messages before this time, in milliseconds since 1970.
    pub to_ms: Option<i64>,
    /// How far clocks may be apart.
    pub tolerance: Duration,
    /// The folder for what is written.
    pub out: PathBuf,
    /// Forget how far the last trial in this folder came.
    pub start_over: bool,
}

/// The topics of a trial, as they stood when it began.
struct Opened {
    cluster_id: String,
    consent: Vec<(Topic, TopicReader)>,
    messages: TopicReader,
}

/// Tries what the plan says and writes report and figures into its folder. Asks `go_on` after each
/// message that was read, with how many were decided; if it breaks, what was reached is written down and nothing told.
///
/// # Errors
/// Kafka not reached (69), files that cannot be written (74), keys that are no good (78).
pub fn trial(
    config: &Config,
    plan: &TrialPlan,
    go_on: impl FnMut(u64) -> ControlFlow<()>,
) -> Result<Option<String>, Failure> {
    let unavailable = |fault: Fault| Failure::unavailable(&fault);
    let unwritable = |error: io::Error| {
        let message = format!("cannot write to {}: {error}", plan.out.display());
        Failure::new(Exit::Io, message)
    };
    let opened = Opened::open(config, plan).map_err(unavailable)?;
    let whole = opened.range(plan).map_err(unavailable)?;
    let pseudonyms = pseudonyms(config)?;
    let rolled = rolled_for(config, VerifyingKeys::default())?;
    fs::create_dir_all(&plan.out).map_err(unwritable)?;
    let about = about(config, plan, &opened.cluster_id, pseudonyms.key_id());
    let begun = Begun::find(plan, &about, whole, &opened).map_err(unwritable)?;
    let inputs = opened.inputs(begun.unread.clone(), plan).map_err(unavailable)?;
    let sides = Sides::new(
        &opened.begins(),
        opened.consent.iter().map(|(topic, reader)| reader.width(*topic)).collect(),
        config.consent.clone(),
        rolled,
        plan.tolerance_ms(),
    );
    let subject = Subject {
        topic: &plan.topic,
        format: &config.messages,
        policy: &config.policy,
        from_ms: plan.from_ms,
        to_ms: plan.to_ms,
        tolerance_ms: plan.tolerance_ms(),
    };
    let mut walk = Walk::new(subject, sides, begun.slips, pseudonyms, begun.read, begun.found);
    let walked = opened.walk_through(&inputs, &mut walk, (&about, plan), go_on);
    if walked.map_err(unavailable)?.is_break() {
        return Ok(None);
    }
    walk.finish().map_err(unwritable)?;
    opened.refuse_trouble(&walk, plan).map_err(unavailable)?;
    let about = About {
        topic: &plan.topic,
        cluster_id: &opened.cluster_id,
        policy: PolicyHash::of(&config.policy).to_string(),
        from_ms: plan.from_ms,
        to_ms: plan.to_ms,
        tolerance: plan.tolerance,
        trimmed: opened.trimmed(),
    };
    let report = Report { about, counts: &walk.counts, seen: walk.sides.seen };
    report.write(&plan.out).map_err(unwritable)?;
    checkpoint::remove(&plan.out).map_err(unwritable)?;
    Ok(Some(report.text()))
}

impl TrialPlan {
    fn tolerance_ms(&self) -> i64 {
        i64::try_from(self.tolerance.as_millis()).unwrap_or(i64::MAX / 4)
    }
}

/// Where a trial begins: at the beginning of its range, or where an earlier one stopped.
struct Begun {
    found: Option<Checkpoint>,
    slips: SlipFile,
    /// Up to where each partition was read, and where its range ends.
    read: BTreeMap<Partition, Span>,
    /// What is to be read.
    unread: BTreeMap<Partition, Span>,
}

impl Begun {
    fn find(
        plan: &TrialPlan,
        about: &str,
        whole: BTreeMap<Partition, Span>,
        opened: &Opened,
    ) -> io::Result<Self> {
        let path = plan.out.join(slips::FILE);
        let found = match plan.start_over {
            true => None,
            false => Checkpoint::read(&plan.out, about, &path),
        };
        let found = found.filter(|found| opened.still_holds(&found.unread()));
        let (slips, read, unread) = match &found {
            Some(found) => {
                note(&format!("going on after {} messages", found.counts.messages));
                (SlipFile::resume(&path, found.slips_bytes)?, found.spans(), found.unread())
            }
            None => (SlipFile::create(&path)?, whole.clone(), whole),
        };
        Ok(Self { found, slips, read, unread })
    }
}

/// When a record counts, as its topic says; one that has no time counts where it lies.
fn time_of(_input: usize, record: &TopicRecord<'_>) -> i64 {
    match record.appended() {
        AppendTime::Broker(at_ms) => at_ms,
        AppendTime::Rolled { original_ms, .. } => original_ms,
        AppendTime::NotBroker => record.timestamp_ms().unwrap_or(i64::MIN),
    }
}

fn offsets(inputs: &[MergedInput<'_>]) -> u64 {
    let spans = inputs.iter().flat_map(|input| input.spans.values());
    spans.map(|span| u64::try_from(span.next.0 - span.first.0).unwrap_or(0)).sum()
}

/// A digest of all that must be the same for a stopped trial to go on.
fn about(config: &Config, plan: &TrialPlan, cluster_id: &str, key_id: &str) -> String {
    let TrialPlan { topic, from_ms, to_ms, tolerance, .. } = plan;
    let names: Vec<_> = config.topics.consent_topics().collect();
    let what = format!(
        "{}|{RULES_VERSION}|{cluster_id}|{topic}|{from_ms:?}|{to_ms:?}|{tolerance:?}|{}|{:?}|{:?}|\
         {names:?}|{key_id}",
        env!("CARGO_PKG_VERSION"),
        PolicyHash::of(&config.policy),
        config.messages,
        config.consent,
    );
    hex::encode(Sha256::digest(what.as_bytes()))
}

fn pseudonyms(config: &Config) -> Result<Pseudonyms, Failure> {
    let mut warnings = Vec::new();
    let key = config.keys.load_one(KeyKind::Pseudonym, &mut warnings)?;
    warnings.iter().for_each(|warning| note(&warning.to_string()));
    let missing = || Failure::new(Exit::Config, "there is no pseudonym key; see `keys generate`");
    let key = pseudonym_keys(std::slice::from_ref(&key))?.into_iter().next().ok_or_else(missing)?;
    Ok(Pseudonyms::new(key))
}

impl Opened {
    fn open(config: &Config, plan: &TrialPlan) -> Result<Self, Fault> {
        let clients = Clients::new(config.kafka.clone(), config.gate.clone());
        let cluster_id = TopicAdmin::open(&clients)?.cluster()?.id;
        // Messages first: what people said before them is then in what is read of consent.
        let messages = TopicReader::open_committed(&clients, &plan.topic)?;
        let consent = config
            .topics
            .consent_topics()
            .map(|(topic, name)| Ok((topic, TopicReader::open_committed(&clients, name.as_str())?)))
            .collect::<Result<_, Fault>>()?;
        Ok(Self { cluster_id, consent, messages })
    }

    /// Where each consent partition begins.
    fn begins(&self) -> Vec<(Topic, Partition, Offset)> {
        let begin = |(topic, reader): &(Topic, TopicReader)| {
            let topic = *topic;
            let extents = reader.extents().iter();
            extents.map(move |extent| (topic, extent.partition, extent.begin)).collect::<Vec<_>>()
        };
        self.consent.iter().flat_map(begin).collect()
    }

    /// Topics that must be kept whole and are not.
    fn trimmed(&self) -> Vec<String> {
        let kept_whole = self.consent.iter().filter(|(topic, _)| topic.is_kept_whole());
        let trimmed = kept_whole
            .filter(|(_, reader)| reader.extents().iter().any(|extent| extent.begin.0 > 0));
        trimmed.map(|(_, reader)| reader.topic().to_owned()).collect()
    }

    /// The parts of the topic that lie in the plan's range.
    fn range(&self, plan: &TrialPlan) -> Result<BTreeMap<Partition, Span>, Fault> {
        let mut spans = self.messages.whole();
        if let Some(to_ms) = plan.to_ms {
            end_at(&self.messages, &mut spans, to_ms)?;
        }
        match plan.from_ms {
            Some(from_ms) => self.messages.since(spans, from_ms),
            None => Ok(spans),
        }
    }

    /// Whether these parts are all still there.
    fn still_holds(&self, spans: &BTreeMap<Partition, Span>) -> bool {
        let extents = self.messages.extents();
        extents.len() == spans.len()
            && extents.iter().all(|extent| {
                spans.get(&extent.partition).is_some_and(|span| {
                    let is_over = span.first >= span.next;
                    is_over || span.first >= extent.begin && span.next <= extent.end
                })
            })
    }

    /// Consent first, so that of one time it comes before the messages.
    fn inputs(
        &self,
        messages: BTreeMap<Partition, Span>,
        plan: &TrialPlan,
    ) -> Result<Vec<MergedInput<'_>>, Fault> {
        let mut inputs = Vec::new();
        for (_, reader) in &self.consent {
            let mut spans = reader.whole();
            if let Some(to_ms) = plan.to_ms {
                let until_ms = to_ms.saturating_add(plan.tolerance_ms().saturating_mul(2));
                end_at(reader, &mut spans, until_ms)?;
            }
            inputs.push(MergedInput { reader, spans });
        }
        inputs.push(MergedInput { reader: &self.messages, spans: messages });
        Ok(inputs)
    }

    /// Shows the walk everything in order, and writes down now and then how far it came.
    fn walk_through(
        &self,
        inputs: &[MergedInput<'_>],
        walk: &mut Walk<'_>,
        (about, plan): (&str, &TrialPlan),
        mut go_on: impl FnMut(u64) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Fault> {
        let unwritten = |error| {
            let what = format!("cannot write to {}: {error}", plan.out.display());
            Fault::new(FaultKind::Fatal, what)
        };
        let mut bar = Bar::new(offsets(inputs));
        let mut written = Instant::now();
        let mut stopped = ControlFlow::Continue(());
        read_merged(inputs, time_of, |input, at_ms, record| {
            if let Some((topic, _)) = self.consent.get(input) {
                bar.step("consent");
                let raw = record.to_consent(*topic);
                walk.consent(&raw, record.timestamp_ms(), at_ms).map_err(unwritten)?;
                return Ok(stopped);
            }
            bar.step("messages");
            walk.message(record, at_ms).map_err(unwritten)?;
            stopped = go_on(walk.counts.messages);
            if stopped.is_break() || written.elapsed() > CHECKPOINT_EVERY {
                let checkpoint = walk.checkpoint(about).map_err(unwritten)?;
                checkpoint.write(&plan.out).map_err(unwritten)?;
                written = Instant::now();
            }
            Ok(stopped)
        })?;
        bar.end();
        Ok(stopped)
    }

    /// Refuses a rolled log that must not be relied on, if it was read to its end.
    fn refuse_trouble(&self, walk: &Walk<'_>, plan: &TrialPlan) -> Result<(), Fault> {
        let log = self.consent.iter().find(|(topic, _)| *topic == Topic::ConsentEvents);
        match log {
            Some((_, reader)) if plan.to_ms.is_none() => {
                refuse_trouble(walk.sides.rolled(), reader)
            }
            _ => Ok(()),
        }
    }
}

/// Ends each span at the first record of this time or later.
fn end_at(
    reader: &TopicReader,
    spans: &mut BTreeMap<Partition, Span>,
    at_ms: i64,
) -> Result<(), Fault> {
    let after = reader.since(spans.clone(), at_ms)?;
    for (partition, span) in spans {
        span.next = after.get(partition).map_or(span.next, |after| after.first);
    }
    Ok(())
}
