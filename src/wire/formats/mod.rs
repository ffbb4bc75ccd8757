//! The formats of outbound messages: ours, Meta's, anybody's JSON, or headers alone; and those of
//! consent [`events`].
//!
//! A format says where the fields of a message stand; the record itself is never changed. Fields that
//! contradict each other are refused and never guessed, and so is what cannot be read to its end.

mod cloud_api;
mod drawers;
mod events;
mod field;
mod found;
mod framing;
mod headers;
mod json;
mod mapping;
mod names;
mod plan;
mod refusal;
mod sink;
mod source;
#[cfg(test)]
mod tests;
mod texts;

pub use events::{
    EventField, EventFormat, EventFormatError, EventFormats, EventPlaces, ReadEvent, Unit, Words,
};
pub use field::Field;
pub use framing::Framing;
pub use headers::Header;
pub use refusal::{Fault, Refusal};
pub use source::{Source, SourceError};
pub use texts::Texts;

use mapping::{Mapping, Shape};

use crate::decision::Message;
use crate::wire::outbound;

/// What the records of a topic are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `OutboundMessage` of `proto/outbound.proto`.
    Protobuf,
    /// The body of a call to Meta's Cloud API.
    CloudApi,
    /// Any JSON.
    Json,
    /// Anything: the value is not read.
    Headers,
}

/// How the records of a topic are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    framing: Framing,
    body: Body,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Body {
    Protobuf,
    Json(Mapping),
    Headers(Mapping),
}

/// Why there is no such format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// The contract says where the fields are.
    #[error("has a fixed place in protobuf, leave it out")]
    Fixed(Field),
    /// The value is not read.
    #[error("must be a header, for with this format the value is not read")]
    NotRead(Field),
    /// A message without it is none.
    #[error("is not mapped, say where it stands")]
    Unmapped(Field),
    /// Too many places to keep apart.
    #[error("has too many places")]
    TooMany(Field),
    /// There is no value to take a prefix off.
    #[error("has no meaning where the value is not read")]
    Framing,
}

impl Format {
    /// Our own protobuf, without a prefix.
    pub const PROTOBUF: Self = Self { framing: Framing::Plain, body: Body::Protobuf };

    /// A format with fields in these places. A field may have several places, which must agree.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn new(
        kind: Kind,
        framing: Framing,
        sources: &[(Field, Source)],
    ) -> Result<Self, Vec<FormatError>> {
        let mut errors = Vec::new();
        for (field, source) in sources {
            match (kind, source) {
                (Kind::Protobuf, _) => errors.push(FormatError::Fixed(*field)),
                (Kind::Headers, Source::Pointer(_)) => errors.push(FormatError::NotRead(*field)),
                _ => {}
            }
        }
        let needed: &[Field] = match kind {
            Kind::Protobuf => &[],
            Kind::CloudApi => &[Field::Business],
            Kind::Json | Kind::Headers => &[Field::Business, Field::Recipient],
        };
        let stands = |field: Field| sources.iter().any(|(mapped, _)| *mapped == field);
        // Who sends may say whose message it is.
        let is_mapped =
            |field: &Field| stands(*field) || *field == Field::Business && stands(Field::Sender);
        let missing = needed.iter().filter(|field| !is_mapped(field));
        errors.extend(missing.map(|field| FormatError::Unmapped(*field)));
        if kind == Kind::Headers && framing != Framing::Plain {
            errors.push(FormatError::Framing);
        }
        let body = match kind {
            Kind::Protobuf => Body::Protobuf,
            Kind::CloudApi => Body::Json(Mapping::new(Shape::CloudApi, sources)),
            Kind::Json => Body::Json(Mapping::new(Shape::Any, sources)),
            Kind::Headers => Body::Headers(Mapping::new(Shape::Any, sources)),
        };
        if let Body::Json(mapping) | Body::Headers(mapping) = &body
            && !mapping.fits()
        {
            errors.extend(sources.last().map(|(field, _)| FormatError::TooMany(*field)));
        }
        if errors.is_empty() { Ok(Self { framing, body }) } else { Err(errors) }
    }

    /// Whether records are written as `OutboundMessage`s, without a prefix.
    pub fn is_plain_protobuf(&self) -> bool {
        *self == Self::PROTOBUF
    }

    /// Reads a record. `headers` shows the record's headers one by one; it is not called if the
    /// format needs none. What the record spells differently than it means it is kept in `texts`. When
    /// the message was sent stands in no format: whoever has the record says so.
    ///
    /// # Errors
    /// Why the record is no message.
    pub fn read<'r>(
        &self,
        value: Option<&'r [u8]>,
        headers: impl FnOnce(&mut dyn FnMut(Header<'r>)),
        texts: &'r Texts,
    ) -> Result<Message<'r>, Refusal> {
        let value = value.ok_or(Refusal::whole(Fault::NoValue))?;
        match &self.body {
            Body::Protobuf => {
                let decoded = outbound::decode(Some(self.framing.protobuf(value)?));
                decoded.map_err(|_| Refusal::whole(Fault::NotProtobuf))
            }
            Body::Json(mapping) => mapping.read(Some(self.framing.json(value)?), headers, texts),
            Body::Headers(mapping) => mapping.read(None, headers, texts),
        }
    }
}
