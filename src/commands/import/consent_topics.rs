//! The consent topics, read whole before anything is written, and what came since.

use std::collections::BTreeMap;

use indicatif::ProgressBar;

use super::known::Known;
use crate::app::AppError;
use crate::commands::exit::{Exit, Failure};
use crate::commands::rolled::refuse_trouble;
use crate::config::TopicNames;
use crate::consent::{Partition, Seconds, Topic};
use crate::kafka::{Clients, Span, TopicReader, TopicRecord};
use crate::stream::{AppendClock, RolledLog};
use crate::wire::formats::EventFormats;

/// The two topics and how far they were read.
pub(super) struct ConsentTopics<'c> {
    clients: &'c Clients,
    names: &'c TopicNames,
    formats: &'c EventFormats,
    clock: AppendClock,
    rolled: RolledLog,
    next: BTreeMap<(Topic, Partition), Span>,
}

/// Which part is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    Rest,
}

impl<'c> ConsentTopics<'c> {
    /// The topics of a configuration, not read yet.
    pub(super) fn new(
        clients: &'c Clients,
        names: &'c TopicNames,
        formats: &'c EventFormats,
        rolled: RolledLog,
    ) -> Self {
        let (clock, next) = (AppendClock::default(), BTreeMap::new());
        Self { clients, names, formats, clock, rolled, next }
    }

    /// Reads all that the topics hold.
    ///
    /// # Errors
    /// A topic that cannot be read to its end, or whose append times are not the broker's.
    pub(super) fn read(&mut self, known: &mut Known<'_>) -> Result<(), Failure> {
        self.read_part(Part::Whole, known)
    }

    /// Reads what was written since.
    ///
    /// # Errors
    /// As for the whole.
    pub(super) fn read_rest(&mut self, known: &mut Known<'_>) -> Result<(), Failure> {
        self.read_part(Part::Rest, known)
    }

    fn read_part(&mut self, part: Part, known: &mut Known<'_>) -> Result<(), Failure> {
        let spinner = ProgressBar::new_spinner().with_message("what the log holds");
        let mut undated = false;
        for (topic, name) in self.names.consent_topics() {
            let reader = TopicReader::open(self.clients, name.as_str()).map_err(AppError::Kafka)?;
            let mut spans = reader.whole();
            let widths = [reader.width(topic)];
            for (partition, span) in &mut spans {
                let read = self.next.insert((topic, *partition), *span);
                if let (Part::Rest, Some(read)) = (part, read) {
                    span.first = span.first.max(read.next);
                }
            }
            let (clock, formats, rolled) = (&mut self.clock, self.formats, &mut self.rolled);
            let each = |record: &TopicRecord<'_>| {
                spinner.inc(1);
                let raw = record.to_consent(topic);
                let raw = rolled.take(&raw);
                let Some(broker_time) = raw.broker_time() else {
                    undated = true;
                    return;
                };
                // Whether a time lies ahead of some clock is the gate's matter.
                let at = clock.observe(raw.place(), broker_time, Seconds(u32::MAX), u32::MAX);
                let record = raw.to_record(at, &widths, formats);
                match part {
                    Part::Whole => known.record(&record, raw.value.as_deref()),
                    Part::Rest => known.later_record(&record, raw.value.as_deref()),
                }
            };
            reader.read(&spans, each).map_err(AppError::Kafka)?;
            if topic == Topic::ConsentEvents {
                refuse_trouble(&self.rolled, &reader).map_err(AppError::Kafka)?;
            }
        }
        spinner.finish_and_clear();
        if undated {
            let message = "a consent topic does not have the broker's append times; see \
                           `consentgate check`";
            return Err(Failure::new(Exit::Config, message));
        }
        Ok(())
    }
}
