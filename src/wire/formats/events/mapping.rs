//! Where the fields of a consent event stand, what its words mean, and the event that they make.
//!
//! What objects needs a kind and a person; what else is missing or in doubt widens it. What permits
//! is refused for any doubt: its effect is then one that nobody knows, which the fold takes for void.
//! A kind that no map knows is none, so the record is one that cannot be read.

use std::collections::BTreeMap;

use super::field::EventField;
use super::gathered::{Gathered, UnknownKeys};
use super::words::{self, IGNORE, UNREADABLE};
use crate::consent::{
    Coded, ConsentEvent, Content, EventId, NamesWhatsapp, Offset, Partition, PauseTarget, Place,
    ScopeName, TextHash, TextRef, VoidRemedy,
};
use crate::wire::consent::hash_of;
use crate::wire::formats::plan::Plan;
use crate::wire::formats::refusal::Refusal;
use crate::wire::formats::sink::Value;
use crate::wire::formats::{Texts, json};

/// The unit of times that are numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds since 1970.
    Millis,
    /// Seconds since 1970.
    Seconds,
}

impl Unit {
    /// The time in milliseconds. A second that no clock of ours can show is none: it was meant in
    /// another unit.
    pub(super) fn to_millis(self, number: i64) -> Option<i64> {
        match self {
            Self::Millis => Some(number),
            Self::Seconds => u32::try_from(number).ok().map(|second| i64::from(second) * 1_000),
        }
    }
}

/// Names of ours by the words of others.
pub type Words = BTreeMap<String, String>;

/// Where the fields stand, and what words mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EventMapping {
    pub(super) plan: Plan,
    pub(super) words: BTreeMap<EventField, Words>,
    pub(super) unit: Unit,
    pub(super) whose: Whose,
}

/// Whose form it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// Ours: all of its keys are known.
    Ours,
    /// Somebody else's.
    Others,
}

/// A consent event that was read, and the fields of it that are in doubt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadEvent {
    /// What it says.
    pub content: Content,
    /// What was there and could not be used, by its name in configuration.
    pub doubts: Vec<&'static str>,
}

impl EventMapping {
    /// Reads a value.
    ///
    /// # Errors
    /// It is no JSON.
    pub(super) fn read(&self, value: &[u8]) -> Result<ReadEvent, Refusal> {
        let unknown_keys = match self.whose {
            Whose::Ours => UnknownKeys::Doubtful,
            Whose::Others => UnknownKeys::Ignored,
        };
        let texts = Texts::default();
        let mut found = Gathered::nothing(self.unit, unknown_keys);
        json::read(value, &self.plan, &texts, &mut found)?;
        let content = self.content(&mut found);
        Ok(ReadEvent { content, doubts: found.doubts() })
    }

    fn content<'w>(&'w self, found: &mut Gathered<'w>) -> Content {
        let kind = self.word(found, EventField::Kind);
        let is_ignored = kind == Word::Text(IGNORE) && self.words.contains_key(&EventField::Kind);
        let mut event = self.event(found, kind);
        if is_ignored && !found.has_doubt() {
            return Content::Ignored;
        }
        if found.is_doubtful(EventField::Kind) {
            event.kind = UNREADABLE;
        }
        if found.has_doubt() {
            event.effect = Coded::Unknown(words::NUMBER_OF_NONE);
            event.historic = false;
        }
        Content::Event(Box::new(event))
    }

    fn event<'w>(&'w self, found: &mut Gathered<'w>, kind: Word<'w>) -> ConsentEvent {
        let (scopes, scopes_complete) = self.scopes(found);
        let (pauses, pauses_complete) = self.pauses(found);
        let effect = self.word(found, EventField::Effect);
        ConsentEvent {
            event_id: event_id(found, EventField::EventId),
            business: found.business(),
            identity: found.identity(EventField::Identity, (EventField::Phone, EventField::UserId)),
            kind: words::kind(kind),
            effect: words::effect(effect, kind),
            min_reader: match found.number(EventField::MinReader) {
                None if found.is_doubtful(EventField::MinReader) => u32::MAX,
                version => version.unwrap_or_default(),
            },
            scopes,
            scopes_complete,
            occurred_at_ms: found.time_ms(EventField::OccurredAt),
            historic: found.flag(EventField::Historic),
            method: words::method(self.word(found, EventField::Method)),
            expression: words::expression(self.word(found, EventField::Expression)),
            text: text(found),
            text_complete: is_hash_readable(found),
            sentence: given(found, EventField::Sentence).map(|text| hash_of(&text)),
            whatsapp: whatsapp(found),
            evidence: given(found, EventField::Evidence),
            actor: words::actor(self.word(found, EventField::Actor)),
            recorder: given(found, EventField::Recorder),
            strength: words::strength(self.word(found, EventField::Strength)),
            valid_until_ms: found.time_ms(EventField::ValidUntil),
            confirms: event_id(found, EventField::Confirms),
            inbound: event_id(found, EventField::InboundId),
            linked: found
                .identity(EventField::Linked, (EventField::LinkedPhone, EventField::LinkedUserId)),
            until_ms: found.time_ms(EventField::Until),
            pauses,
            pauses_complete,
            voids: self.void_place(found),
            remedy: remedy(found),
            // Templates have a topic of their own, with one form.
            template: None,
        }
    }

    /// The word in a field, by its name with us.
    fn word<'w>(&'w self, found: &mut Gathered<'w>, field: EventField) -> Word<'w> {
        let value = match found.value(field) {
            None if found.is_doubtful(field) => return Word::Unknown,
            None => return Word::Absent,
            Some(value) => value,
        };
        let written = match value {
            Value::Text(text) | Value::Number(text) => text,
            Value::Flag(true) => "true",
            Value::Flag(false) => "false",
            Value::List | Value::Other => {
                found.doubt(field);
                return Word::Unknown;
            }
        };
        match (self.words.get(&field), value) {
            (Some(words), _) => match words.get(written) {
                Some(name) => Word::Text(name),
                None => Word::Unknown,
            },
            (None, Value::Text("")) => Word::Absent,
            (None, Value::Text(text)) => Word::Text(text),
            // A number of a later version, as in protobuf; only our own form has such.
            (None, Value::Number(number)) if self.whose == Whose::Ours => {
                number.parse().map_or(Word::Unknown, Word::Number)
            }
            (None, _) => Word::Unknown,
        }
    }

    /// The scopes that can be read, and whether all can.
    fn scopes(&self, found: &Gathered<'_>) -> (Vec<ScopeName>, bool) {
        let words = self.words.get(&EventField::Scopes);
        let written = found.list(EventField::Scopes);
        let name = |text: &str| match words {
            Some(words) => words.get(text).and_then(|name| ScopeName::parse(name)),
            None => ScopeName::parse(text),
        };
        let scopes: Vec<_> = written.iter().filter_map(|text| name((*text)?)).collect();
        let is_complete = scopes.len() == written.len() && !found.is_doubtful(EventField::Scopes);
        (scopes, is_complete)
    }

    /// All that a pause names, and whether all of it can be read.
    fn pauses(&self, found: &mut Gathered<'_>) -> (Vec<PauseTarget>, bool) {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let scope = given(found.text(EventField::PauseScope));
        let campaign = given(found.text(EventField::PauseCampaign));
        let template = given(found.text(EventField::PauseTemplate));
        let is_named = scope.is_some();
        let scope = scope.and_then(|scope| match self.words.get(&EventField::Scopes) {
            Some(words) => ScopeName::parse(words.get(&scope)?),
            None => ScopeName::parse(&scope),
        });
        let doubtful =
            [EventField::PauseScope, EventField::PauseCampaign, EventField::PauseTemplate]
                .into_iter()
                .any(|field| found.is_doubtful(field));
        let is_complete = scope.is_some() == is_named && !doubtful;
        let targets = [
            scope.map(PauseTarget::Scope),
            campaign.map(|id| PauseTarget::Campaign(id.as_str().into())),
            template.map(|name| PauseTarget::Template(name.as_str().into())),
        ];
        (targets.into_iter().flatten().collect(), is_complete)
    }

    fn void_place<'w>(&'w self, found: &mut Gathered<'w>) -> Option<Place> {
        let topic = words::topic(self.word(found, EventField::VoidTopic))?;
        let partition = found.number(EventField::VoidPartition).filter(|number| *number >= 0)?;
        let offset = found.number(EventField::VoidOffset).filter(|number| *number >= 0)?;
        Some(Place { topic, partition: Partition(partition), offset: Offset(offset) })
    }
}

/// A word of an enum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word<'w> {
    /// Nobody said it.
    Absent,
    /// The name in our contract, or what stands in its place.
    Text(&'w str),
    /// The number in our contract.
    Number(i32),
    /// None that is known.
    Unknown,
}

fn event_id(found: &mut Gathered<'_>, field: EventField) -> Option<EventId> {
    Some(found.text(field)).filter(|text| !text.is_empty()).map(EventId::of)
}

/// An id that is in doubt makes it any text.
fn text(found: &mut Gathered<'_>) -> Option<TextRef> {
    let (id, version) = (found.text(EventField::TextId), found.text(EventField::TextVersion));
    let named = !(id.is_empty() && version.is_empty());
    let language = found.text(EventField::Language);
    (named && !found.is_doubtful(EventField::TextId)).then(|| TextRef {
        sha256: text_hash(found),
        ..TextRef::new(id, version).in_language(language)
    })
}

fn text_hash(found: &mut Gathered<'_>) -> Option<TextHash> {
    let mut hash = [0; 32];
    hex::decode_to_slice(found.text(EventField::TextSha256), &mut hash).ok()?;
    Some(TextHash(hash))
}

fn is_hash_readable(found: &mut Gathered<'_>) -> bool {
    let is_absent = found.text(EventField::TextSha256).is_empty();
    let is_doubtful = found.is_doubtful(EventField::TextSha256);
    !is_doubtful && (is_absent || text_hash(found).is_some())
}

fn whatsapp(found: &Gathered<'_>) -> NamesWhatsapp {
    let is_named = found.list(EventField::Channels).contains(&Some(words::WHATSAPP));
    if is_named { NamesWhatsapp::Yes } else { NamesWhatsapp::No }
}

fn given(found: &mut Gathered<'_>, field: EventField) -> Option<String> {
    Some(found.text(field).to_owned()).filter(|text| !text.is_empty())
}

fn remedy(found: &mut Gathered<'_>) -> VoidRemedy {
    let ids = found.list(EventField::ReplacedBy);
    let replaced: Vec<_> =
        ids.into_iter().flatten().filter(|id| !id.is_empty()).map(EventId::of).collect();
    match (replaced.is_empty(), found.text(EventField::DropReason)) {
        (false, _) => VoidRemedy::Replaced(replaced),
        (true, "") => VoidRemedy::None,
        (true, reason) => VoidRemedy::Dropped(reason.to_owned()),
    }
}
