//! The consent topics, folded into the gate's own index, and followed.
//!
//! Each time it reads from where it stands to where the topics ended when it asked, so an answer rests
//! on all that was acknowledged before. It remembers the last record of each partition: a topic that is
//! not what it was, or a void, lets it begin anew. What the gate would hold for is a fault here: nothing
//! is told on half a log.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::roster::Roster;
use crate::commands::exit::Failure;
use crate::commands::rolled::{refuse_trouble, rolled_for};
use crate::commands::verify::Progress;
use crate::config::{Config, TopicName};
use crate::consent::{
    ConsentRecord, Fact, Folded, Offset, Partition, Place, Positions, Seconds, Topic, fold,
};
use crate::index::{CaughtUp, ConsentIndex, ConsentView, Fence, IndexKeys, Tick};
use crate::kafka::{Clients, Span, TopicReader};
use crate::stream::ports::{RawConsent, TopicWidth};
use crate::stream::{AppendClock, Fault, FaultKind, RolledLog, wall_ms};
use crate::wire::formats::EventFormats;
use crate::wire::receipt::VerifyingKeys;

/// A broker's time further ahead of this machine's clock than this is believed by no gate.
const AHEAD_LIMIT_S: u32 = 300;

/// Who sees every record as it is taken in.
pub(in crate::commands) trait Watch {
    /// All is read once more from its beginning.
    fn begin_anew(&mut self);
    /// A record, what it says, and what it comes to.
    fn take(&mut self, raw: &RawConsent, record: &ConsentRecord, folded: &Folded);
}

/// Nobody.
impl Watch for () {
    fn begin_anew(&mut self) {}
    fn take(&mut self, _: &RawConsent, _: &ConsentRecord, _: &Folded) {}
}

/// The consent topics, as far as they were read.
pub(in crate::commands) struct StateLog {
    clients: Clients,
    topics: Vec<(Topic, TopicName)>,
    formats: EventFormats,
    rolled: RolledLog,
    clock: AppendClock,
    widths: Vec<TopicWidth>,
    index: ConsentIndex,
    pub(super) roster: Roster,
    /// Up to where each partition was read, and its last record.
    read: BTreeMap<(Topic, Partition), ReadTo>,
    ends: Positions,
    trouble: Trouble,
}

#[derive(Clone, Copy, Debug)]
struct ReadTo {
    next: Offset,
    last: Option<(Offset, u64)>,
}

/// What a reading found that it cannot go on with.
#[derive(Clone, Copy, Debug, Default)]
struct Trouble {
    /// A void names a record that was read before it, or a topic is not what it was: begin anew.
    begin_anew: bool,
    /// A record has not the broker's append time.
    undated: Option<Place>,
}

impl StateLog {
    /// A log that nothing was read of.
    ///
    /// # Errors
    /// A key that cannot be used.
    pub(in crate::commands) fn new(config: &Config) -> Result<Self, Failure> {
        let topics = config.topics.consent_topics().map(|(role, name)| (role, name.clone()));
        Ok(Self {
            clients: Clients::new(config.kafka.clone(), config.gate.clone()),
            topics: topics.collect(),
            formats: config.consent.clone(),
            rolled: rolled_for(config, VerifyingKeys::default())?,
            clock: AppendClock::default(),
            widths: Vec::new(),
            index: empty(),
            roster: Roster::default(),
            read: BTreeMap::new(),
            ends: Positions::default(),
            trouble: Trouble::default(),
        })
    }

    /// Reads on to where the topics end now.
    ///
    /// # Errors
    /// Kafka that is not reached, or a log that no gate would rely on.
    pub(in crate::commands) fn catch_up(
        &mut self,
        progress: &Progress,
        watch: &mut dyn Watch,
    ) -> Result<(), Fault> {
        loop {
            let readers = self.open()?;
            if !self.goes_on(&readers) {
                self.begin_anew();
                watch.begin_anew();
            }
            self.refuse_cut(&readers)?;
            self.widths = readers.iter().map(|(role, reader)| reader.width(*role)).collect();
            for (role, reader) in &readers {
                self.read_on(*role, reader, (progress, watch))?;
            }
            self.refuse_doubts(&readers)?;
            if !self.trouble.begin_anew {
                self.reach(&readers);
                return Ok(());
            }
            tracing::info!("consent_state.begins_anew");
            self.begin_anew();
            watch.begin_anew();
        }
    }

    /// The state, as far as it was read. What holds a gate gives none.
    ///
    /// # Errors
    /// The record that holds everything, and what must be done.
    pub(in crate::commands) fn view(&self) -> Result<ConsentView<'_>, Fault> {
        view(&self.index, &self.ends)
    }

    /// The state, and whom to ask it about.
    ///
    /// # Errors
    /// As [`Self::view`].
    pub(in crate::commands) fn parts(&mut self) -> Result<(ConsentView<'_>, &mut Roster), Fault> {
        Ok((view(&self.index, &self.ends)?, &mut self.roster))
    }

    fn open(&self) -> Result<Vec<(Topic, TopicReader)>, Fault> {
        let open = |(role, name): &(Topic, TopicName)| {
            Ok((*role, TopicReader::open(&self.clients, name.as_str())?))
        };
        self.topics.iter().map(open).collect()
    }

    /// Whether the topics are those that were read, as far as their ends can tell.
    fn goes_on(&self, readers: &[(Topic, TopicReader)]) -> bool {
        let partitions: usize = readers.iter().map(|(_, reader)| reader.extents().len()).sum();
        let mut all = readers
            .iter()
            .flat_map(|(role, reader)| reader.extents().iter().map(move |extent| (*role, extent)));
        self.read.is_empty()
            || self.read.len() == partitions
                && all.all(|(role, extent)| {
                    let read = self.read.get(&(role, extent.partition));
                    read.is_some_and(|read| (extent.begin..=extent.end).contains(&read.next))
                })
    }

    fn begin_anew(&mut self) {
        self.index = empty();
        self.clock.restart();
        self.rolled.restart();
        self.read.clear();
        self.roster.change_all();
        self.trouble = Trouble::default();
    }

    fn read_on(
        &mut self,
        role: Topic,
        reader: &TopicReader,
        (progress, watch): (&Progress, &mut dyn Watch),
    ) -> Result<(), Fault> {
        let mut spans = reader.whole();
        for (partition, span) in &mut spans {
            if let Some(read) = self.read.get(&(role, *partition)) {
                span.first = self.first_to_read(*read, *span);
            }
        }
        progress.begin(reader.topic(), &spans);
        reader.read(&spans, |record| {
            self.take(&record.to_consent(role), watch);
            progress.step(record.partition(), record.offset());
        })?;
        for (partition, span) in spans {
            let read = self.read.entry((role, partition));
            read.or_insert(ReadTo { next: span.next, last: None }).next = span.next;
        }
        Ok(())
    }

    /// The last record once more, if anything follows it and it is still there.
    fn first_to_read(&self, read: ReadTo, span: Span) -> Offset {
        match read.last {
            Some((last, _)) if read.next < span.next && last >= span.first => last,
            _ => read.next,
        }
    }

    /// Takes in one record. Records of one partition come in order.
    fn take(&mut self, raw: &RawConsent, watch: &mut dyn Watch) {
        let place = raw.place();
        let (key, now) = ((place.topic, place.partition), Seconds::nearest_to_millis(wall_ms()));
        let print = fingerprint(raw);
        if let Some((last, known)) = self.read.get(&key).and_then(|read| read.last)
            && place.offset <= last
        {
            self.trouble.begin_anew |= place.offset == last && known != print;
            return;
        }
        let read = ReadTo { next: place.offset.next(), last: Some((place.offset, print)) };
        self.read.insert(key, read);
        let counted = self.rolled.take(raw).into_owned();
        let Some(broker_time) = counted.broker_time() else {
            self.trouble.undated.get_or_insert(place);
            return;
        };
        let at = self.clock.observe(place, broker_time, now, AHEAD_LIMIT_S);
        let record = counted.to_record(at, &self.widths, &self.formats);
        let folded = fold(&record);
        watch.take(&counted, &record, &folded);
        for fact in folded.facts {
            if let Fact::Void { place, .. } = &fact {
                self.trouble.begin_anew |= self.clock.void(*place);
            }
            self.roster.note(&fact);
            self.index.apply(fact);
        }
    }

    /// A log that is kept for ever must have its first record.
    fn refuse_cut(&self, readers: &[(Topic, TopicReader)]) -> Result<(), Fault> {
        for (role, reader) in readers {
            let is_cut = reader.extents().iter().any(|extent| extent.begin > Offset(0));
            if role.is_kept_whole() && is_cut {
                let topic = reader.topic();
                let what = format!("topic {topic} was cut short: objections may be gone from it");
                return Err(Fault::new(FaultKind::Refused, what));
            }
        }
        Ok(())
    }

    fn refuse_doubts(&mut self, readers: &[(Topic, TopicReader)]) -> Result<(), Fault> {
        if let Some(place) = self.trouble.undated {
            let what = format!("the record at {place} has no append time of the broker's");
            return Err(Fault::new(FaultKind::Refused, what + "; see `consentgate topics plan`"));
        }
        let now = Seconds::nearest_to_millis(wall_ms());
        if let Some(place) = self.clock.ahead_of(now, AHEAD_LIMIT_S) {
            let what = format!("the record at {place} lies ahead of this machine's clock");
            return Err(Fault::new(FaultKind::Retriable, what));
        }
        let log = readers.iter().find(|(role, _)| *role == Topic::ConsentEvents);
        log.map_or(Ok(()), |(_, reader)| refuse_trouble(&self.rolled, reader))
    }

    /// Everything before these ends is applied.
    fn reach(&mut self, readers: &[(Topic, TopicReader)]) {
        let ends = readers.iter().flat_map(|(role, reader)| {
            reader.extents().iter().map(move |extent| (*role, extent.partition, extent.end))
        });
        self.ends = ends.collect();
        for (topic, partition, end) in self.ends.iter() {
            self.index.advance(topic, partition, end);
        }
    }
}

/// A view of an index that was read to these ends, which were asked for before it was.
fn view<'i>(index: &'i ConsentIndex, ends: &Positions) -> Result<ConsentView<'i>, Fault> {
    let asked_at = Tick(0);
    let fence = Fence { asked_at, ends: ends.clone() };
    let proof = CaughtUp::prove(index, &fence, asked_at);
    let held = |held| Fault::new(FaultKind::Retriable, format!("nothing is told: {held}"));
    proof.map(CaughtUp::view).map_err(held)
}

/// Nothing of this index leaves the process, so its keys need not last.
fn empty() -> ConsentIndex {
    ConsentIndex::new(IndexKeys {
        mixing: rand::random(),
        user_ids: rand::random(),
        tombstones: rand::random(),
    })
}

/// What a record is, for comparing it with itself later.
fn fingerprint(raw: &RawConsent) -> u64 {
    let mut hasher = DefaultHasher::new();
    (raw.broker_ms(), raw.key(), raw.value()).hash(&mut hasher);
    hasher.finish()
}
