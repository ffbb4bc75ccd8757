//! The formats of consent events: ours, our JSON, anybody's JSON, each perhaps behind a prefix.
//!
//! A format belongs to a topic, and whoever folds the topic must read with it. What cannot be read is
//! undecodable and quarantines. The gate's own commands can write into every topic: where the format
//! is not ours to write, our JSON stands under the one key `consentgate`.

mod field;
mod gathered;
mod mapping;
mod own;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use prost::Message as _;

pub use field::EventField;
pub use mapping::{ReadEvent, Unit, Words};

use self::mapping::{EventMapping, Whose};
use super::plan::Plan;
use super::refusal::{Fault, Refusal};
use super::{Framing, Source};
use crate::consent::{ConsentRecord, Content, KeyParts, Place, Placement, Seconds, Topic};
use crate::wire::consent::{Produced, decode};
use crate::wire::json::JsonEvent;
use crate::wire::proto::consent::ConsentEvent;

/// What a record of ours begins with in a topic of another format.
const ENVELOPE: &[u8] = b"{\"consentgate\":";

static OWN: LazyLock<EventMapping> = LazyLock::new(own::mapping);

/// How the records of a consent topic are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventFormat {
    framing: Framing,
    body: Body,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Body {
    Protobuf,
    Own,
    Mapped(Box<EventMapping>),
}

/// Where the fields of any JSON stand, and what its words mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventPlaces {
    /// The places of each field. A field may have several, which must agree.
    pub places: Vec<(EventField, Source)>,
    /// Words of a field by our names for them. Where there are any, no other word is known.
    pub words: BTreeMap<EventField, Words>,
}

/// Why there is no such format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventFormatError {
    /// An event without it objects for nobody.
    #[error("is not mapped, say where it stands")]
    Unmapped(EventField),
    /// The key and the value of a record are all that is read.
    #[error("must be a JSON pointer, for headers of consent records are not read")]
    Header(EventField),
    /// Two lists cannot be held against each other.
    #[error("must have one place")]
    OnePlace(EventField),
    /// Too many places to keep apart.
    #[error("has too many places")]
    TooMany(EventField),
    /// Its values are no words.
    #[error("takes no map, its values are no words")]
    NoWords(EventField),
    /// A map to a name that is none.
    #[error("maps to \"{1}\", which is no name of ours")]
    NoName(EventField, String),
}

impl EventFormatError {
    /// The field at fault.
    pub fn field(&self) -> EventField {
        match self {
            Self::Unmapped(field)
            | Self::Header(field)
            | Self::OnePlace(field)
            | Self::TooMany(field)
            | Self::NoWords(field)
            | Self::NoName(field, _) => *field,
        }
    }
}

impl EventFormat {
    /// `ConsentEvent` of `proto/consent.proto`, without a prefix.
    pub const PROTOBUF: Self = Self::protobuf(Framing::Plain);

    /// `ConsentEvent` of `proto/consent.proto`.
    pub const fn protobuf(framing: Framing) -> Self {
        Self { framing, body: Body::Protobuf }
    }

    /// Our JSON, the one of stories.
    pub const fn own_json(framing: Framing) -> Self {
        Self { framing, body: Body::Own }
    }

    /// Any JSON.
    ///
    /// # Errors
    /// All that is wrong with the places and the words.
    pub fn json(
        framing: Framing,
        places: EventPlaces,
        unit: Unit,
    ) -> Result<Self, Vec<EventFormatError>> {
        let mut errors = places.errors();
        let mut plan = Plan::default();
        for (field, source) in &places.places {
            let Source::Pointer(keys) = source else { continue };
            plan.map(keys, field.set());
            if let Some(element) = field.element() {
                plan.map_each(keys, element.set());
            }
        }
        if !plan.fits() {
            errors.extend(places.places.last().map(|(field, _)| EventFormatError::TooMany(*field)));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let mapping = EventMapping { plan, words: places.words, unit, whose: Whose::Others };
        Ok(Self { framing, body: Body::Mapped(Box::new(mapping)) })
    }

    /// Whether events are written as `ConsentEvent`s, without a prefix.
    pub fn is_plain_protobuf(&self) -> bool {
        *self == Self::PROTOBUF
    }

    /// Reads the value of a record.
    pub fn read(&self, value: Option<&[u8]>) -> Content {
        self.try_read(value).map_or(Content::Undecodable, |read| read.content)
    }

    /// Reads the value of a record, and says what of it is in doubt.
    ///
    /// # Errors
    /// Why it is undecodable.
    pub fn try_read(&self, value: Option<&[u8]>) -> Result<ReadEvent, Refusal> {
        let value = value.filter(|value| !value.is_empty());
        let value = value.ok_or(Refusal::whole(Fault::NoValue))?;
        if let Some(inner) = self.enveloped(value) {
            return OWN.read(inner);
        }
        match &self.body {
            Body::Protobuf => match decode(Some(self.framing.protobuf(value)?)) {
                Content::Undecodable => Err(Refusal::whole(Fault::NotProtobuf)),
                content => Ok(ReadEvent { content, doubts: Vec::new() }),
            },
            Body::Own => OWN.read(self.framing.json(value)?),
            Body::Mapped(mapping) => mapping.read(self.framing.json(value)?),
        }
    }

    /// The record of ours in the form of this topic. One that is in it already stays as it is.
    pub fn write(&self, produced: Produced) -> Produced {
        if self.is_plain_protobuf() {
            return produced;
        }
        // What we made is protobuf; should it not be, an empty value is undecodable to every reader.
        let event = ConsentEvent::decode(produced.value.as_slice()).ok();
        let json = event.and_then(|event| serde_json::to_vec(&JsonEvent::from(&event)).ok());
        let json = json.unwrap_or_default();
        let value = match self.writes_envelopes() {
            true => [ENVELOPE, &json, b"}"].concat(),
            false => json,
        };
        Produced { value, ..produced }
    }

    /// The event in the contract's form, with all that no rule reads, if it is one of ours.
    pub fn contract(&self, value: &[u8]) -> Option<ConsentEvent> {
        let json = |value: &[u8]| {
            let event: JsonEvent = serde_json::from_slice(value).ok()?;
            event.to_proto().ok()
        };
        if let Some(inner) = self.enveloped(value) {
            return json(inner);
        }
        match &self.body {
            Body::Protobuf => ConsentEvent::decode(self.framing.protobuf(value).ok()?).ok(),
            Body::Own => json(self.framing.json(value).ok()?),
            Body::Mapped(_) => None,
        }
    }

    /// What stands in a record of ours, where records are of another format.
    fn enveloped<'v>(&self, value: &'v [u8]) -> Option<&'v [u8]> {
        let inner = value.strip_prefix(ENVELOPE).filter(|_| self.writes_envelopes())?;
        // With anything beside it the rest is no JSON.
        inner.strip_suffix(b"}")
    }

    fn writes_envelopes(&self) -> bool {
        self.framing != Framing::Plain || matches!(self.body, Body::Mapped(_))
    }
}

impl EventPlaces {
    fn errors(&self) -> Vec<EventFormatError> {
        use EventFormatError as E;
        let mut errors = Vec::new();
        let count = |field: EventField| self.places.iter().filter(|(it, _)| *it == field).count();
        for field in [EventField::Business, EventField::Identity, EventField::Kind] {
            if count(field) == 0 {
                errors.push(E::Unmapped(field));
            }
        }
        if count(EventField::Scopes) > 1 {
            errors.push(E::OnePlace(EventField::Scopes));
        }
        for (field, source) in &self.places {
            if matches!(source, Source::Header(_)) {
                errors.push(E::Header(*field));
            }
        }
        for (field, words) in &self.words {
            if !words::has_words(*field) {
                errors.push(E::NoWords(*field));
                continue;
            }
            let wrong = words.values().filter(|name| !words::is_name(*field, name));
            errors.extend(wrong.map(|name| E::NoName(*field, name.clone())));
        }
        errors
    }
}

static TEMPLATE_STATES: EventFormat = EventFormat::PROTOBUF;

/// The formats of the consent topics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventFormats {
    /// Of the log of record.
    pub events: EventFormat,
    /// Of what people do just now.
    pub activity: EventFormat,
}

impl Default for EventFormats {
    fn default() -> Self {
        Self { events: EventFormat::PROTOBUF, activity: EventFormat::PROTOBUF }
    }
}

impl EventFormats {
    /// The format of a topic.
    pub fn of(&self, topic: Topic) -> &EventFormat {
        match topic {
            Topic::ConsentEvents => &self.events,
            Topic::ConsentActivity => &self.activity,
            // Fed by our own adapter alone.
            Topic::TemplateStates => &TEMPLATE_STATES,
        }
    }

    /// A consent record as the fold receives it; see [`crate::wire::consent::record`].
    pub fn record(
        &self,
        place: Place,
        appended_at: Seconds,
        key: Option<&[u8]>,
        placement: Placement,
        value: Option<&[u8]>,
    ) -> ConsentRecord {
        let content = self.of(place.topic).read(value);
        ConsentRecord { place, appended_at, key: KeyParts::parse(key), placement, content }
    }
}
