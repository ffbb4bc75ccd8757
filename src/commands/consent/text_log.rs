//! What the log of record says about the texts of one business: each publication with its sentence,
//! and what they all come to by the gate's own rules.
//!
//! Changes nothing. A record that the rules refuse is kept, and said to prove nothing.

use std::collections::BTreeMap;

use crate::app::AppError;
use crate::commands::exit::Failure;
use crate::config::Config;
use crate::consent::partitioner::partition_of;
use crate::consent::state::BusinessState;
use crate::consent::{
    BusinessId, Coded, Content, EventKind, Fact, Partition, Place, Seconds, State, TextRef, Topic,
    fold,
};
use crate::kafka::{Clients, Span, TopicReader, TopicRecord};
use crate::stream::AppendClock;
use crate::wire::proto::consent::ConsentEvent;

/// How much of the log is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// All of it: what ends a text counts wherever it lies.
    Whole,
    /// Where publications of the business lie: none counts elsewhere.
    Publications,
}

/// A text as it was published.
#[derive(Clone, Debug)]
pub(super) struct Published {
    /// Where the record lies.
    pub(super) place: Place,
    /// From when it was known.
    pub(super) at: Seconds,
    /// What it says, word for word.
    pub(super) event: ConsentEvent,
    /// Which text it is; `None` if the rules refuse it.
    pub(super) text: Option<TextRef>,
}

/// The texts of one business.
#[derive(Debug, Default)]
pub(super) struct TextLog {
    /// In the order of their records.
    pub(super) published: Vec<Published>,
    /// What they come to.
    pub(super) state: BusinessState,
}

impl TextLog {
    /// Reads the log of record.
    ///
    /// # Errors
    /// Kafka is not reached, or the topic cannot be read to its end.
    pub(super) fn read(
        clients: &Clients,
        config: &Config,
        business: &BusinessId,
        reach: Reach,
    ) -> Result<Self, Failure> {
        let topic = Topic::ConsentEvents;
        let name = config.topics.consent_events.as_str();
        let reader = TopicReader::open(clients, name).map_err(AppError::Kafka)?;
        let mut spans: BTreeMap<Partition, Span> = reader.whole();
        let widths = [reader.width(topic)];
        if reach == Reach::Publications {
            let [width] = widths;
            let home = partition_of(format!("{business}/").as_bytes(), width.partitions);
            spans.retain(|partition, _| Some(*partition) == home);
        }
        let (mut clock, mut state, mut published) =
            (AppendClock::default(), State::default(), Vec::new());
        let each = |record: &TopicRecord<'_>| {
            let raw = record.to_consent(topic);
            let Some(broker_time) = raw.broker_time() else {
                return;
            };
            let at = clock.observe(raw.place(), broker_time, Seconds(u32::MAX), u32::MAX);
            let record = raw.to_record(at, &widths, &config.consent);
            let Content::Event(event) = &record.content else {
                return;
            };
            let Coded::Known(kind) = event.kind else {
                return;
            };
            let is_about_texts = matches!(
                kind,
                EventKind::TextPublished | EventKind::TextRetired | EventKind::Invalidate
            );
            if !is_about_texts {
                return;
            }
            let mut text = None;
            for fact in fold(&record).facts {
                if let Fact::TextPublished { text: published, .. } = &fact {
                    text = Some(published.clone());
                }
                state.join(fact);
            }
            if kind == EventKind::TextPublished && event.business.as_ref() == Some(business) {
                let event = raw.value.as_deref();
                let event = event.and_then(|value| config.consent.events.contract(value));
                let place = record.place;
                published.extend(event.map(|event| Published { place, at, event, text }));
            }
        };
        reader.read(&spans, each).map_err(AppError::Kafka)?;
        let state = state.businesses.remove(business).unwrap_or_default();
        Ok(Self { published, state })
    }
}
