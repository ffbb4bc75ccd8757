//! The ledger of a run: what became of each input record, from the topics alone.
//!
//! It knows no gate. An allowed record is found by its partition and all of its bytes, so input
//! records must differ; an audit entry names its record. Receipts are checked by
//! [`receipts`](super::receipts).

use std::collections::{BTreeMap, HashMap};

use consentgate::wire::proto::audit::AuditEntry;
use prost::Message as _;

use super::producers::Place;
use super::reading::{Headers, Isolation, ReadRecord, read_all};
use super::topics::GateTopics;

/// What became of one record: where its copies lie in the allowed topic, and its audit entries.
#[derive(Debug, Default)]
pub struct Fate {
    pub allowed_at: Vec<i64>,
    pub audit: Vec<AuditEntry>,
}

/// All fates, by place of the input record.
#[derive(Debug)]
pub struct Ledger {
    pub fates: BTreeMap<Place, Fate>,
    /// Records and entries that no input record explains: changed, or made up.
    pub foreign: Vec<String>,
    /// Neighbours in an output partition whose input records stand the other way round.
    pub disorder: Vec<(Place, Place)>,
}

impl Ledger {
    /// Reads input and outputs under `read_committed`.
    pub fn read(kafka: &str, topics: &GateTopics) -> Ledger {
        let read = |topic: &str| read_all(kafka, topic, Isolation::Committed);
        let input = read(&topics.outbound);
        let mut ledger = Ledger {
            fates: input.iter().map(|record| (place_of(record), Fate::default())).collect(),
            foreign: Vec::new(),
            disorder: Vec::new(),
        };
        ledger.enter_allowed(&input, &read(&topics.allowed));
        ledger.enter_audit(&read(&topics.audit), &topics.outbound);
        ledger
    }

    /// How many input records were allowed.
    pub fn allowed(&self) -> usize {
        self.fates.values().filter(|fate| !fate.allowed_at.is_empty()).count()
    }

    /// How many input records were suppressed.
    pub fn suppressed(&self) -> usize {
        self.fates.values().filter(|fate| !fate.audit.is_empty()).count()
    }

    /// How many input records have a fate.
    pub fn decided(&self) -> usize {
        self.fates.values().filter(|fate| fate.count() > 0).count()
    }

    /// Input records without a fate.
    pub fn lost(&self) -> Vec<Place> {
        self.places_with(|fate| fate.count() == 0)
    }

    /// Input records with more than one fate.
    pub fn doubled(&self) -> Vec<Place> {
        self.places_with(|fate| fate.count() > 1)
    }

    /// Whether this record was allowed.
    pub fn is_allowed(&self, place: Place) -> bool {
        !self.fates[&place].allowed_at.is_empty()
    }

    /// The audit entry of a suppressed record.
    pub fn entry(&self, place: Place) -> &AuditEntry {
        let audit = &self.fates[&place].audit;
        audit.first().unwrap_or_else(|| panic!("{place:?} was not suppressed"))
    }

    /// Asserts P2 and P4: each record exactly once, in order, and with all its bytes.
    pub fn assert_clean(&self) {
        let (lost, doubled) = (self.lost(), self.doubled());
        let some = |places: &[Place]| format!("{} {:?}", places.len(), places.iter().take(5));
        assert!(lost.is_empty(), "lost: {}", some(&lost));
        assert!(doubled.is_empty(), "doubled: {}", some(&doubled));
        assert_eq!(self.foreign, Vec::<String>::new(), "records that nobody wrote");
        assert_eq!(self.disorder, Vec::new(), "records that changed their order");
    }

    fn places_with(&self, holds: impl Fn(&Fate) -> bool) -> Vec<Place> {
        let found = self.fates.iter().filter(|(_, fate)| holds(fate));
        found.map(|(place, _)| *place).collect()
    }

    fn enter_allowed(&mut self, input: &[ReadRecord], allowed: &[ReadRecord]) {
        let mut by_bytes = HashMap::with_capacity(input.len());
        for record in input {
            let twin = by_bytes.insert(bytes_of(record), place_of(record));
            assert_eq!(twin, None, "two input records are the same");
        }
        let mut last: HashMap<i32, Place> = HashMap::new();
        for record in allowed {
            let Some(&place) = by_bytes.get(&bytes_of(record)) else {
                self.foreign.push(format!("allowed-{}@{}", record.partition, record.offset));
                continue;
            };
            self.fates.get_mut(&place).expect("an input record").allowed_at.push(record.offset);
            self.enter_order(&mut last, record.partition, place);
        }
    }

    fn enter_audit(&mut self, audit: &[ReadRecord], source_topic: &str) {
        let mut last: HashMap<i32, Place> = HashMap::new();
        for record in audit {
            let entry = AuditEntry::decode(record.value.as_deref().unwrap_or_default());
            let entry = entry.expect("an audit entry");
            let (partition, offset) = (entry.source_partition, entry.source_offset);
            let place = Place { partition, offset };
            let known = entry.source_topic == source_topic && partition == record.partition;
            match self.fates.get_mut(&place).filter(|_| known) {
                Some(fate) => fate.audit.push(entry),
                None => self.foreign.push(format!("audit-{}@{}", record.partition, record.offset)),
            }
            self.enter_order(&mut last, record.partition, place);
        }
    }

    fn enter_order(&mut self, last: &mut HashMap<i32, Place>, partition: i32, place: Place) {
        if let Some(before) = last.insert(partition, place)
            && before >= place
        {
            self.disorder.push((before, place));
        }
    }
}

impl Fate {
    fn count(&self) -> usize {
        self.allowed_at.len() + self.audit.len()
    }
}

fn place_of(record: &ReadRecord) -> Place {
    Place { partition: record.partition, offset: record.offset }
}

/// All that must not change. The partition is among it.
type Bytes<'r> =
    (i32, Option<i64>, Option<&'r [u8]>, Option<&'r [u8]>, Option<&'r [(String, Option<Vec<u8>>)]>);

fn bytes_of(record: &ReadRecord) -> Bytes<'_> {
    let headers = match &record.headers {
        Headers::Text(headers) => Some(headers.as_slice()),
        Headers::NotText => None, // compared byte for byte by who writes such
    };
    (record.partition, record.timestamp_ms, record.key.as_deref(), record.value.as_deref(), headers)
}
