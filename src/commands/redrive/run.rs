//! The steps of a redrive: what was suppressed, what has a copy, the copies.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::RedriveArgs;
use super::plan::{Counts, Plan, REDRIVEN_HEADER};
use crate::commands::exit::{Exit, Failure};
use crate::commands::output::{note, print};
use crate::config::Config;
use crate::consent::Partition;
use crate::kafka::{Clients, HeaderView, RedriveWriter, Span, TopicReader, TopicRecord};
use crate::stream::{Fault, FaultKind, wall_ms};
use crate::wire::audit::{AuditEntry, decode_entry};

/// So many copies a transaction.
const COMMIT_EVERY: u64 = 10_000;

/// Audit records may bear times of another clock than decisions: so much earlier their reading begins.
const CLOCKS_MS: i64 = 60_000;

pub(super) fn run(args: &RedriveArgs) -> Result<(), Failure> {
    if args.from >= args.until {
        return Err(Failure::new(Exit::Usage, "--from must be before --to"));
    }
    let config = args.settings.load(&[])?;
    let clients = Clients::new(config.kafka.clone(), config.gate.clone());
    let outbound = config.topics.outbound.as_str();
    let mut plan = suppressed(args, &config, &clients).map_err(failed)?;
    // Opened before the look at what has a copy: whoever was at it is shut out from here on.
    let writer = match args.write {
        true => Some(RedriveWriter::open(&clients, outbound).map_err(failed)?),
        false => None,
    };
    let reader = TopicReader::open(&clients, outbound).map_err(failed)?;
    look(args, &reader, &mut plan).map_err(failed)?;
    print(&told(args, &plan.counts()))?;
    let Some(writer) = writer else {
        note("nothing is written without --write");
        return Ok(());
    };
    let written = copy(&reader, &plan, writer).map_err(failed)?;
    print(&format!("written                          {written:>10}\n"))
}

/// What the audit topic says was suppressed.
fn suppressed(args: &RedriveArgs, config: &Config, clients: &Clients) -> Result<Plan, Fault> {
    let (mut plan, mut unreadable) = (Plan::default(), 0_u64);
    let reader = TopicReader::open(clients, config.topics.audit.as_str())?;
    let spans = reader.since(reader.whole(), args.from.saturating_sub(CLOCKS_MS))?;
    reader.read(&spans, |record| match decode_entry(record.value().unwrap_or_default()) {
        Ok(entry)
            if args.asks_for(&entry) && entry.source_topic == config.topics.outbound.as_str() =>
        {
            let at = (entry.partition, entry.offset);
            plan.suppress(at, entry.suppression.primary, entry.receipt);
        }
        Ok(_) => {}
        Err(_) => unreadable += 1,
    })?;
    if unreadable > 0 {
        note(&format!("{unreadable} records of the audit topic cannot be read and are left out"));
    }
    Ok(plan)
}

impl RedriveArgs {
    fn asks_for(&self, entry: &AuditEntry) -> bool {
        let is_named = |names: &[String], name: &String| names.is_empty() || names.contains(name);
        (self.from..self.until).contains(&entry.decided_at_ms)
            && self.reason.contains(&entry.suppression.primary)
            && is_named(&self.business, &entry.business)
            && is_named(&self.campaign, &entry.campaign_id)
    }
}

/// Reads the outbound topic from the oldest message on.
fn look(args: &RedriveArgs, reader: &TopicReader, plan: &mut Plan) -> Result<(), Fault> {
    let begins = plan.begins();
    let mut spans = reader.whole();
    spans.retain(|partition, span| match begins.get(partition) {
        Some(begin) => {
            span.first = span.first.max(*begin).min(span.next);
            true
        }
        None => false,
    });
    let max_age_ms = i64::try_from(args.max_age.as_millis()).unwrap_or(i64::MAX);
    let oldest_ms = wall_ms().saturating_sub(max_age_ms);
    reader.read(&spans, |record| {
        let is_young = record.timestamp_ms().is_some_and(|at_ms| at_ms >= oldest_ms);
        let mark = mark_in(record);
        plan.see((record.partition(), record.offset()), mark.as_deref(), is_young);
    })
}

/// The mark of a copy. One that stands there without a value is one all the same.
fn mark_in(record: &TopicRecord<'_>) -> Option<Vec<u8>> {
    let mut mark = None;
    record.each_header(|header| {
        if let HeaderView::Text { name: REDRIVEN_HEADER, value } = header {
            mark = Some(value.unwrap_or_default().to_vec());
        }
    });
    mark
}

fn copy(reader: &TopicReader, plan: &Plan, mut writer: RedriveWriter) -> Result<u64, Fault> {
    let spans: BTreeMap<Partition, Span> = plan
        .spans()
        .into_iter()
        .map(|(partition, (first, last))| (partition, Span { first, next: last.next() }))
        .collect();
    let (mut written, mut fault) = (0, None);
    reader.read_while(&spans, |record| {
        let Some(mark) = plan.mark((record.partition(), record.offset())) else {
            return ControlFlow::Continue(());
        };
        let mut step = writer.write(record, (REDRIVEN_HEADER, &mark));
        written += 1;
        if step.is_ok() && written % COMMIT_EVERY == 0 {
            step = writer.commit();
        }
        match step {
            Ok(()) => ControlFlow::Continue(()),
            Err(why) => {
                fault = Some(why);
                ControlFlow::Break(())
            }
        }
    })?;
    fault.map_or_else(|| writer.commit(), Err)?;
    Ok(written)
}

/// What was committed stays, and the next run goes on from there.
fn failed(fault: Fault) -> Failure {
    let exit = match fault.kind {
        FaultKind::Fenced => Exit::TryAgain,
        FaultKind::Refused => Exit::Config,
        _ => return Failure::unavailable(&fault),
    };
    Failure::new(exit, format!("{fault}\nrun it again: what has a copy gets no other"))
}

fn told(args: &RedriveArgs, counts: &Counts) -> String {
    let mut lines = String::new();
    let mut line = |what: &str, count: u64| lines.push_str(&format!("{what:<32} {count:>10}\n"));
    for (reason, count) in &counts.by_reason {
        line(&format!("suppressed as {}", reason.name()), *count);
    }
    line("gone from the outbound topic", counts.gone);
    let max_age = humantime::format_duration(args.max_age);
    line(&format!("older than {max_age}"), counts.too_old);
    line("redriven before", counts.copied);
    line("to be written", counts.fresh);
    lines
}
