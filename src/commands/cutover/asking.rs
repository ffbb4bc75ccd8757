//! Asking Kafka how everything stands, without changing anything.
//!
//! Groups first, then topics, then the groups again: what moved meanwhile is no ground for a plan.

use std::collections::BTreeMap;

use super::back::Way;
use super::cut::sent_to;
use super::decided::{Decided, Pieces};
use super::facts::{Facts, Mark, Spans, Standing, Standings};
use super::pairing::{compare, pairs_of_cut, unread};
use crate::commands::exit::{Exit, Failure};
use crate::config::Config;
use crate::consent::{Offset, Partition};
use crate::kafka::{
    Clients, GroupMember, GroupPlace, Questions, Span, TopicReader, TopicRecord, TopicRules,
};
use crate::stream::ports::CommittedOffset;
use crate::stream::{Fault, FaultKind};
use crate::wire::receipt::{CommitMetadata, Mode, Opened, VerifyingKeys, open};

/// So many of the last offsets of each partition of the receipts topic are read first, and eight times as
/// many each time that they do not reach back far enough.
const FIRST_REACH: i64 = 4_096;
const FURTHER: i64 = 8;

/// What the facts are wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A cut.
    Cut,
    /// A way back.
    Back(Way),
    /// Only how everything stands.
    Standing,
}

/// Asks.
pub(super) struct Asking<'a> {
    config: &'a Config,
    trusted: &'a VerifyingKeys,
    sender: &'a str,
    clients: Clients,
    questions: Questions,
}

/// Who is in the groups, and where they stand.
#[derive(Clone, Debug, PartialEq)]
struct Groups {
    senders: Vec<GroupMember>,
    gates: Vec<GroupMember>,
    sender_outbound: Vec<CommittedOffset>,
    sender_allowed: Vec<CommittedOffset>,
    gate: Vec<CommittedOffset>,
}

impl<'a> Asking<'a> {
    /// About this configuration's topics, its gate's group and the sender's.
    ///
    /// # Errors
    /// A client could not be made.
    pub(super) fn open(
        config: &'a Config,
        trusted: &'a VerifyingKeys,
        sender: &'a str,
    ) -> Result<Self, Fault> {
        let clients = Clients::new(config.kafka.clone(), config.gate.clone());
        let questions = Questions::open(&clients)?;
        Ok(Self { config, trusted, sender, clients, questions })
    }

    /// How everything stands.
    ///
    /// # Errors
    /// Kafka not reached, a topic that is not there, or somebody moved a group meanwhile (75).
    pub(super) fn facts(&self, wanted: Wanted) -> Result<Facts, Failure> {
        let facts = self.look(wanted).map_err(super::failed)?;
        facts.ok_or_else(|| {
            let what =
                "somebody joined, left or moved a group while this was looked at; run it again";
            Failure::new(Exit::TryAgain, what)
        })
    }

    fn look(&self, wanted: Wanted) -> Result<Option<Facts>, Fault> {
        let topics = &self.config.topics;
        let width = TopicReader::open(&self.clients, topics.outbound.as_str())?.extents().len();
        let groups = self.groups(width)?;
        // After the groups: where a topic ends is then not before what was read of it.
        let outbound = TopicReader::open(&self.clients, topics.outbound.as_str())?;
        let allowed = TopicReader::open(&self.clients, topics.allowed.as_str())?;
        let partitions = standings(&outbound.whole(), &allowed, &groups)?;
        let mut facts = Facts {
            senders: groups.senders.clone(),
            gates: groups.gates.clone(),
            partitions,
            decided: BTreeMap::new(),
            pairs: BTreeMap::new(),
            outbound_rules: self.rules(topics.outbound.as_str())?,
            allowed_rules: self.rules(topics.allowed.as_str())?,
        };
        if facts.is_still() {
            self.map(wanted, &outbound, &allowed, &mut facts)?;
        }
        let is_same = !facts.is_still() || self.groups(width)? == groups;
        Ok(is_same.then_some(facts))
    }

    fn rules(&self, topic: &str) -> Result<TopicRules, Fault> {
        self.questions.rules(topic)
    }

    fn groups(&self, width: usize) -> Result<Groups, Fault> {
        let (sender, gate) = (self.sender, self.config.gate.group.as_str());
        let topics = &self.config.topics;
        let (outbound, allowed) = (topics.outbound.as_str(), topics.allowed.as_str());
        let place = |group, topic| GroupPlace::open(&self.clients, group, topic)?.committed(width);
        Ok(Groups {
            senders: self.questions.members(sender)?,
            gates: self.questions.members(gate)?,
            sender_outbound: place(sender, outbound)?,
            sender_allowed: place(sender, allowed)?,
            gate: place(gate, outbound)?,
        })
    }

    /// Lays outbound and allowed topic side by side.
    fn map(
        &self,
        wanted: Wanted,
        outbound: &TopicReader,
        allowed: &TopicReader,
        facts: &mut Facts,
    ) -> Result<(), Fault> {
        let partitions = &facts.partitions;
        match wanted {
            Wanted::Standing => return Ok(()),
            Wanted::Cut => {
                facts.decided = self.decided(|known| {
                    partitions.iter().all(|(at, standing)| reaches_cut(standing, known.get(at)))
                })?;
                facts.pairs = pairs_of_cut(allowed, partitions, &facts.decided)?;
            }
            Wanted::Back(way) => {
                facts.pairs = unread(allowed, partitions)?;
                let pairs = &facts.pairs;
                let needs = |at| match pairs.get(at) {
                    Some(Ok(pair)) if way == Way::AtOnce => pair.unread,
                    _ => 0,
                };
                facts.decided = self.decided(|known| {
                    partitions
                        .iter()
                        .all(|(at, standing)| reaches_back(standing, known.get(at), needs(at)))
                })?;
                for (partition, pair) in &mut facts.pairs {
                    if let (Ok(pair), Some(known)) = (pair, facts.decided.get(partition)) {
                        pair.outbound = known.last_but(pair.unread);
                    }
                }
            }
        }
        compare(outbound, allowed, &mut facts.pairs)
    }

    /// Reads the receipts backwards until they are enough, or all of them.
    fn decided(
        &self,
        is_enough: impl Fn(&BTreeMap<Partition, Decided>) -> bool,
    ) -> Result<BTreeMap<Partition, Decided>, Fault> {
        let reader = TopicReader::open(&self.clients, self.config.topics.receipts.as_str())?;
        let (whole, mut reach) = (reader.whole(), FIRST_REACH);
        loop {
            let mut spans = whole.clone();
            for span in spans.values_mut() {
                span.first = span.first.max(Offset(span.next.0.saturating_sub(reach)));
            }
            let mut pieces = Pieces::default();
            reader.read(&spans, |record| self.take(record, &mut pieces))?;
            let decided = pieces.laid();
            if spans == whole || is_enough(&decided) {
                return Ok(decided);
            }
            reach = reach.saturating_mul(FURTHER);
        }
    }

    fn take(&self, record: &TopicRecord<'_>, pieces: &mut Pieces) {
        let opened = open(record.value().unwrap_or_default(), self.trusted);
        if let Ok(Opened::Receipt { receipt, .. }) = opened
            && receipt.source_topic == self.config.topics.outbound.as_str()
            && receipt.mode == Mode::Gate
        {
            pieces.take(&receipt);
        }
    }
}

fn standings(outbound: &Spans, allowed: &TopicReader, groups: &Groups) -> Result<Standings, Fault> {
    let allowed_spans = allowed.whole();
    let place = |places: &[CommittedOffset], partition| {
        places.iter().find(|place| place.partition == partition).and_then(|place| place.next)
    };
    let gate = |partition| {
        let place = groups.gate.iter().find(|place| place.partition == partition)?;
        let mark = match CommitMetadata::parse(&place.metadata) {
            Some(_) => Mark::Gates,
            None => Mark::Others,
        };
        Some((place.next?, mark))
    };
    let standing = |(partition, span): (&Partition, &Span)| {
        let allowed = allowed_spans.get(partition).ok_or_else(|| {
            let what = format!(
                "topic {} has no partition {partition}; run `consentgate topics plan`",
                allowed.topic()
            );
            Fault::new(FaultKind::Refused, what)
        })?;
        let standing = Standing {
            outbound: *span,
            allowed: *allowed,
            sender_outbound: place(&groups.sender_outbound, *partition),
            sender_allowed: place(&groups.sender_allowed, *partition),
            gate: gate(*partition),
        };
        Ok((*partition, standing))
    };
    outbound.iter().map(standing).collect()
}

/// Whether the receipts tell enough for a cut. Where the gate's mark is gone only all of them do, for a
/// later one may lie among others.
fn reaches_cut(standing: &Standing, known: Option<&Decided>) -> bool {
    match (sent_to(standing), standing.gate) {
        (Err(_), _) => true,
        (Ok(sent), Some((end, Mark::Gates))) => {
            end <= sent || known.is_some_and(|known| known.to == end && known.from <= sent)
        }
        (Ok(_), _) => false,
    }
}

/// Whether the receipts tell where the last so many allowed messages came from.
fn reaches_back(standing: &Standing, known: Option<&Decided>, unread: u64) -> bool {
    match standing.gate {
        Some((end, Mark::Gates)) => {
            unread == 0 || known.is_some_and(|known| known.to == end && known.allowed() >= unread)
        }
        _ => false,
    }
}
