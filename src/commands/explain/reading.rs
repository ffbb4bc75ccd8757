//! Reads the topics for a question, each to where it ended when it was opened.
//!
//! The outbound topic first, then the outputs, then the receipts that tell of both, then the consent
//! topics, as often as links and voids ask for. A topic of messages that is gone is no failure: what it
//! would have said is left open, and a note says so. A topic that is there and cannot be read fails the
//! answer, for half an answer is none.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::book::{Found, Input, KnownFrom, People, Wanted};
use super::copies::Copy;
use super::kept::Kept;
use super::question::{Place, Question};
use super::receipts::Receipts;
use crate::commands::exit::{Exit, Failure};
use crate::commands::rolled::refuse_trouble;
use crate::commands::subject::{Asked, At, Gathering, gather_all};
use crate::commands::verify::Progress;
use crate::config::Config;
use crate::consent::{Offset, Partition, Seconds, Subject, Topic};
use crate::decision::{Message, Reason};
use crate::kafka::{Clients, Span, TopicReader, TopicRecord};
use crate::stream::ports::{Extent, RawConsent, TopicWidth};
use crate::stream::{Fault, FaultKind, RolledLog};
use crate::wire::audit::decode_entry;
use crate::wire::formats::{Refusal, Texts};
use crate::wire::pseudonym::PseudonymKey;
use crate::wire::receipt::{VerifyingKeys, inspect};

/// The topics of a gate, read for one question.
pub(super) struct Reading<'a> {
    pub(super) config: &'a Config,
    pub(super) keys: &'a [Arc<PseudonymKey>],
    pub(super) trusted: &'a VerifyingKeys,
    pub(super) clients: Clients,
    pub(super) progress: &'a Progress,
    pub(super) rolled: RolledLog,
    pub(super) notes: Vec<String>,
}

/// What the consent topics are like now.
#[derive(Debug, Default)]
pub(super) struct ConsentExtents {
    pub(super) widths: Vec<TopicWidth>,
    pub(super) extents: BTreeMap<(Topic, Partition), Extent>,
    /// When the first record that is still kept was appended.
    pub(super) first_kept: BTreeMap<(Topic, Partition), Seconds>,
    /// Up to where the log was rolled: what erasures hid before that is gone.
    pub(super) rolled: BTreeMap<Partition, Offset>,
}

impl Reading<'_> {
    /// The messages that a question is about, as far as the topics of messages keep them.
    ///
    /// # Errors
    /// A record that is not there, or a topic that cannot be read.
    pub(super) fn messages(
        &mut self,
        question: &Question,
    ) -> Result<(Wanted, BTreeMap<Input, Found>), Failure> {
        let (mut wanted, mut found) = (Wanted::default(), BTreeMap::new());
        match question {
            Question::MessageId(id) => wanted.message_id = Some(id.clone()),
            Question::Person { subject, range } => {
                wanted.person = Some((People::new(subject, self.keys), *range));
            }
            Question::At { place: Place::Allowed, partition, offset } => {
                self.copied((*partition, *offset), &mut wanted, &mut found)?;
            }
            Question::At { place: Place::Outbound, partition, offset } => {
                wanted.inputs.insert((*partition, *offset));
            }
            Question::At { place: Place::Audit, partition, offset } => {
                let input = self.input_of_entry((*partition, *offset))?;
                wanted.inputs.insert(input);
            }
        }
        for input in &wanted.inputs {
            found.entry(*input).or_default();
        }
        self.outbound(question, &wanted, &mut found)?;
        self.audit(question, &wanted, &mut found)?;
        Ok((wanted, found))
    }

    /// What the receipts say of them; finds what only the column of allowed messages still knows.
    ///
    /// # Errors
    /// A topic that cannot be read.
    pub(super) fn receipts(
        &mut self,
        wanted: &Wanted,
        found: &mut BTreeMap<Input, Found>,
    ) -> Result<Receipts, Failure> {
        let mut receipts = Receipts::default();
        let name = self.config.topics.receipts.as_str();
        let reader = self.must_open(name)?;
        let source = self.config.topics.outbound.as_str();
        self.read(&reader, &reader.whole(), |record| {
            match inspect(record.value().unwrap_or_default(), self.trusted) {
                Ok(inspected) => {
                    let at = At::of(name, record);
                    receipts.take(at, inspected, source, wanted, found);
                }
                Err(_) => receipts.unbelieved += 1,
            }
        })?;
        receipts.end();
        Ok(receipts)
    }

    /// What the consent topics said of these people, each as of its own positions.
    ///
    /// # Errors
    /// A topic that cannot be read to its end.
    pub(super) fn consent(
        &mut self,
        asked: &[Asked],
    ) -> Result<(Vec<Gathering>, ConsentExtents), Failure> {
        let (readers, mut about) = self.consent_readers()?;
        let mut rolled = self.rolled.clone();
        let widths = about.widths.clone();
        let gathered = gather_all(asked, &widths, &self.config.consent, |gatherings| {
            self.each_consent(&readers, &mut rolled, |name, raw| {
                if let Some(at) = raw.broker_time() {
                    about.first_kept.entry((raw.topic, raw.partition)).or_insert(at);
                }
                gatherings.iter_mut().for_each(|gathering| gathering.take(name, raw));
            })
        });
        let gathered = gathered.map_err(|fault| Failure::unavailable(&fault))?;
        about.rolled = rolled.ends();
        Ok((gathered, about))
    }

    /// Shows every consent record, in the order of each partition.
    ///
    /// # Errors
    /// A topic that cannot be read to its end.
    pub(super) fn consent_records(
        &self,
        mut each: impl FnMut(&RawConsent, &[TopicWidth]),
    ) -> Result<(), Failure> {
        let (readers, about) = self.consent_readers()?;
        let mut rolled = self.rolled.clone();
        let read = self.each_consent(&readers, &mut rolled, |_, raw| each(raw, &about.widths));
        read.map_err(|fault| Failure::unavailable(&fault))
    }

    fn consent_readers(&self) -> Result<(Vec<(Topic, TopicReader)>, ConsentExtents), Failure> {
        let (mut readers, mut about) = (Vec::new(), ConsentExtents::default());
        for (topic, name) in self.config.topics.consent_topics() {
            let reader = self.must_open(name.as_str())?;
            about.widths.push(reader.width(topic));
            let extents = reader.extents().iter();
            about.extents.extend(extents.map(|extent| ((topic, extent.partition), *extent)));
            readers.push((topic, reader));
        }
        Ok((readers, about))
    }

    fn each_consent(
        &self,
        readers: &[(Topic, TopicReader)],
        rolled: &mut RolledLog,
        mut each: impl FnMut(&str, &RawConsent),
    ) -> Result<(), Fault> {
        rolled.restart();
        for (topic, reader) in readers {
            let spans = reader.whole();
            self.progress.begin(reader.topic(), &spans);
            reader.read(&spans, |record| {
                each(reader.topic(), &rolled.take(&record.to_consent(*topic)));
                self.progress.step(record.partition(), record.offset());
            })?;
            if *topic == Topic::ConsentEvents {
                refuse_trouble(rolled, reader)?;
            }
        }
        Ok(())
    }

    fn outbound(
        &mut self,
        question: &Question,
        wanted: &Wanted,
        found: &mut BTreeMap<Input, Found>,
    ) -> Result<(), Failure> {
        let Some(reader) = self.open(self.config.topics.outbound.as_str())? else {
            return Ok(());
        };
        let mut spans = reader.whole();
        match question {
            Question::At { .. } => {
                narrow(&mut spans, wanted.inputs.iter().copied());
                for input in &wanted.inputs {
                    self.note_gone(reader.extents(), *input);
                }
            }
            Question::Person { range, .. } if range.from_ms > 0 => {
                let since = reader.since(spans, range.from_ms);
                spans = since.map_err(|fault| Failure::unavailable(&fault))?;
            }
            Question::Person { .. } | Question::MessageId(_) => {}
        }
        self.read(&reader, &spans, |record| {
            let input = (record.partition(), record.offset());
            let sent_ms = record.timestamp_ms();
            let texts = Texts::default();
            let message = self.read_message(record, &texts);
            let policy = &self.config.policy;
            let at_home = message.as_ref().ok().map(|message| message.at_home(policy));
            if wanted.has_record(input, at_home.as_ref(), sent_ms) {
                let kept = message.map(|message| Kept::of(&message, policy));
                let message = found.entry(input).or_default();
                message.record = Some((KnownFrom::Outbound, kept));
                message.sent_ms = sent_ms;
            }
        })?;
        if let Question::At { .. } = question {
            self.drop_marks(&reader, found);
        }
        Ok(())
    }

    /// What lies within the topic and is no record is a mark of a transaction, or was aborted.
    fn drop_marks(&mut self, reader: &TopicReader, found: &mut BTreeMap<Input, Found>) {
        let spans = reader.whole();
        found.retain(|(partition, offset), message| {
            let span = spans.get(partition);
            let is_kept = span.is_some_and(|span| span.first <= *offset && *offset < span.next);
            let is_record = !is_kept || message.record.is_some();
            if !is_record {
                self.notes.push(format!(
                    "{} partition {} offset {} holds no message: it is a mark of a transaction, or was \
                     aborted",
                    reader.topic(),
                    partition.0,
                    offset.0
                ));
            }
            is_record
        });
    }

    fn audit(
        &mut self,
        question: &Question,
        wanted: &Wanted,
        found: &mut BTreeMap<Input, Found>,
    ) -> Result<(), Failure> {
        let name = self.config.topics.audit.as_str();
        let Some(reader) = self.open(name)? else {
            return Ok(());
        };
        let mut spans = reader.whole();
        if let Question::At { .. } = question {
            // An entry lies in the partition of its message.
            let partitions: Vec<_> =
                wanted.inputs.iter().map(|(partition, _)| *partition).collect();
            spans.retain(|partition, _| partitions.contains(partition));
        }
        let source = self.config.topics.outbound.as_str();
        let mut unreadable = 0_u64;
        self.read(&reader, &spans, |record| {
            match decode_entry(record.value().unwrap_or_default()) {
                Ok(entry) if entry.source_topic == source => {
                    let input = (entry.partition, entry.offset);
                    if found.contains_key(&input) || wanted.has_entry(&entry) {
                        found.entry(input).or_default().entry = Some((At::of(name, record), entry));
                    }
                }
                Ok(_) => {}
                Err(_) => unreadable += 1,
            }
        })?;
        if unreadable > 0 {
            self.notes
                .push(format!("{unreadable} records of {name} are no entries of this version"));
        }
        Ok(())
    }

    /// The input record of an audit entry.
    fn input_of_entry(&mut self, at: Input) -> Result<Input, Failure> {
        let name = self.config.topics.audit.as_str();
        let reader = self.must_open(name)?;
        let mut input = None;
        self.one(&reader, at, |record| {
            input = decode_entry(record.value().unwrap_or_default()).ok()
        })?;
        let entry = input.ok_or_else(|| {
            let (Partition(partition), Offset(offset)) = at;
            let what =
                format!("{name} partition {partition} offset {offset}: no audit entry lies there");
            Failure::new(Exit::Data, what)
        })?;
        Ok((entry.partition, entry.offset))
    }

    /// The input records of a message in the allowed topic: those with the same bytes.
    fn copied(
        &mut self,
        at: Input,
        wanted: &mut Wanted,
        found: &mut BTreeMap<Input, Found>,
    ) -> Result<(), Failure> {
        let name = self.config.topics.allowed.as_str();
        let allowed = self.must_open(name)?;
        let (mut copy, mut message, mut place) = (None, None, None);
        self.one(&allowed, at, |record| {
            copy = Some(Copy::of(record));
            message = self.message_of(record).ok();
            place = Some((At::of(name, record), record.timestamp_ms()));
        })?;
        let (Some(copy), Some((place, sent_ms))) = (copy, place) else {
            let (Partition(partition), Offset(offset)) = at;
            let what =
                format!("{name} partition {partition} offset {offset}: no record lies there");
            return Err(Failure::new(Exit::Data, what));
        };
        if let Some(outbound) = self.open(self.config.topics.outbound.as_str())? {
            let mut spans = outbound.whole();
            spans.retain(|partition, _| *partition == at.0);
            self.read(&outbound, &spans, |record| {
                if Copy::of(record) == copy {
                    wanted.inputs.insert((record.partition(), record.offset()));
                }
            })?;
        }
        for input in &wanted.inputs {
            found.entry(*input).or_default().copy = Some(place.clone());
        }
        if wanted.inputs.len() > 1 {
            let count = wanted.inputs.len();
            self.notes.push(format!(
                "{count} records of the outbound topic have these very bytes, key and time; each is \
                 explained"
            ));
        }
        if let (true, Some(message)) = (wanted.inputs.is_empty(), message) {
            self.alike(at.0, &message, wanted);
            let (message, from) = (Ok(message), KnownFrom::Allowed);
            wanted.copy = Some(Found {
                record: Some((from, message)),
                sent_ms,
                copy: Some(place),
                ..Found::default()
            });
        }
        Ok(())
    }

    fn alike(&self, partition: Partition, message: &Kept, wanted: &mut Wanted) {
        let named = super::again::subject_of(message);
        if let Some(Subject { business, identity }) = named {
            let people = People::new(&Subject { business, identity }, self.keys);
            wanted.alike = Some((partition, message.message_id.clone(), people));
        }
    }

    fn message_of(&self, record: &TopicRecord<'_>) -> Result<Kept, Reason> {
        let texts = Texts::default();
        let message = self.read_message(record, &texts)?;
        Ok(Kept::of(&message, &self.config.policy))
    }

    fn read_message<'r>(
        &self,
        record: &'r TopicRecord<'_>,
        texts: &'r Texts,
    ) -> Result<Message<'r>, Reason> {
        let show = |show: &mut dyn FnMut(_)| record.each_text_header(show);
        let message = self.config.messages.read(record.value(), show, texts);
        let message = message.map_err(Refusal::reason)?;
        Ok(message.sent_at_ms(record.timestamp_ms()))
    }

    fn one(
        &self,
        reader: &TopicReader,
        at: Input,
        each: impl FnOnce(&TopicRecord<'_>),
    ) -> Result<(), Failure> {
        let mut spans = reader.whole();
        narrow(&mut spans, std::iter::once(at));
        let mut each = Some(each);
        let read = reader.read_while(&spans, |record| {
            if (record.partition(), record.offset()) == at
                && let Some(each) = each.take()
            {
                each(record);
            }
            ControlFlow::Continue(())
        });
        read.map_err(|fault| Failure::unavailable(&fault))
    }

    fn note_gone(&mut self, extents: &[Extent], (partition, offset): Input) {
        let extent = extents.iter().find(|extent| extent.partition == partition);
        let outbound = &self.config.topics.outbound;
        match extent {
            Some(extent) if offset >= extent.end => self.notes.push(format!(
                "{outbound} partition {} ends before offset {}: there is no such record yet",
                partition.0, offset.0
            )),
            Some(extent) if offset < extent.begin => self.notes.push(format!(
                "{outbound} no longer keeps this record: its partition {} begins at offset {}",
                partition.0, extent.begin.0
            )),
            Some(_) => {}
            None => self.notes.push(format!("{outbound} has no partition {}", partition.0)),
        }
    }

    /// A topic that may be gone.
    fn open(&mut self, topic: &str) -> Result<Option<TopicReader>, Failure> {
        match TopicReader::open(&self.clients, topic) {
            Ok(reader) => Ok(Some(reader)),
            Err(fault) if fault.kind == FaultKind::Refused => {
                let note = format!(
                    "topic {topic} is not there, or may not be read: this answer rests on the others"
                );
                if !self.notes.contains(&note) {
                    self.notes.push(note);
                }
                Ok(None)
            }
            Err(fault) => Err(Failure::unavailable(&fault)),
        }
    }

    fn must_open(&self, topic: &str) -> Result<TopicReader, Failure> {
        TopicReader::open(&self.clients, topic).map_err(|fault| Failure::unavailable(&fault))
    }

    fn read(
        &self,
        reader: &TopicReader,
        spans: &BTreeMap<Partition, Span>,
        mut each: impl FnMut(&TopicRecord<'_>),
    ) -> Result<(), Failure> {
        self.progress.begin(reader.topic(), spans);
        let read = reader.read(spans, |record| {
            each(record);
            self.progress.step(record.partition(), record.offset());
        });
        read.map_err(|fault| Failure::unavailable(&fault))
    }
}

/// Only these records, as far as they are kept.
fn narrow(spans: &mut BTreeMap<Partition, Span>, inputs: impl Iterator<Item = Input>) {
    let mut narrowed: BTreeMap<Partition, Span> = BTreeMap::new();
    for (partition, offset) in inputs {
        let Some(span) = spans.get(&partition) else {
            continue;
        };
        if offset < span.first || offset >= span.next {
            continue;
        }
        let one = Span { first: offset, next: offset.next() };
        let known = narrowed.entry(partition).or_insert(one);
        *known = Span { first: known.first.min(one.first), next: known.next.max(one.next) };
    }
    *spans = narrowed;
}
