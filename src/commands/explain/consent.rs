//! Reads the consent topics for an answer: folded for each message as of its own positions, or record by
//! record.

use std::collections::BTreeMap;

use super::reading::Reading;
use crate::commands::exit::Failure;
use crate::commands::rolled::refuse_trouble;
use crate::commands::subject::{Asked, Gathering, gather_all};
use crate::consent::{Offset, Partition, Seconds, Topic};
use crate::kafka::TopicReader;
use crate::stream::ports::{Extent, RawConsent, TopicWidth};
use crate::stream::{Fault, RolledLog};

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
}
