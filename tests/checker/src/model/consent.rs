//! From a consent record to what its event says: key, value, place and times, each read by itself.

use prost::Message as _;

use super::words::{Id, Identity, is_name, partition_of, seconds};
use super::{Place, RULES_VERSION};
use crate::spec::consent::{Actor, ConsentEvent, Effect, Kind, Method};

/// Whom a record's key names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Person(Box<str>, Identity),
    Business(Box<str>),
    /// The platform, or nobody who can be read.
    Nobody,
}

impl Key {
    fn read(key: Option<&[u8]>) -> Self {
        let text = key.and_then(|key| std::str::from_utf8(key).ok()).unwrap_or("");
        match text.split_once('/') {
            Some((business, person)) if is_name(business) => match Identity::read(person) {
                Some(person) => Self::Person(business.into(), person),
                None => Self::Business(business.into()),
            },
            _ => Self::Nobody,
        }
    }

    pub(super) fn business(&self) -> Option<&str> {
        match self {
            Self::Person(business, _) | Self::Business(business) => Some(business),
            Self::Nobody => None,
        }
    }

    pub(super) fn person(&self) -> Option<&Identity> {
        match self {
            Self::Person(_, person) => Some(person),
            _ => None,
        }
    }
}

/// How an event's effect goes with its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sense {
    /// It says what its kind says, or nothing.
    Plain,
    /// It says something that this version does not know.
    Doubtful,
    /// It says the contrary.
    Contrary,
}

/// One record of a consent topic.
pub(super) struct Told {
    pub(super) place: Place,
    /// Append time in whole seconds; of the log of record the running maximum.
    pub(super) at: i64,
    pub(super) key: Key,
    pub(super) in_its_partition: bool,
    /// Nothing if nobody can read it.
    pub(super) event: Option<ConsentEvent>,
}

impl Told {
    pub(super) fn read(
        place: Place,
        partitions: i32,
        at: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
    ) -> Self {
        let parts = Key::read(key);
        let spelt = match &parts {
            Key::Person(business, person) => format!("{business}/{}", person.spelt()).into_bytes(),
            _ => key.unwrap_or_default().to_vec(),
        };
        let in_its_partition = key.is_some() && partition_of(&spelt, partitions) == place.partition;
        let event = value.filter(|value| !value.is_empty());
        let event = event.and_then(|value| ConsentEvent::decode(value).ok());
        Self { place, at, key: parts, in_its_partition, event }
    }
}

/// The kind by whose own rules an event counts; nothing for one that counts by its effect alone.
pub(super) fn kind_of(event: &ConsentEvent) -> Option<Kind> {
    let known = event.min_reader <= RULES_VERSION;
    Kind::try_from(event.kind).ok().filter(|kind| known && *kind != Kind::Unspecified)
}

/// The effect that a kind has by the documents; nothing where they do not say.
pub(super) fn effect_of(kind: Kind) -> Option<Effect> {
    Some(match kind {
        Kind::Refuse
        | Kind::Withdraw
        | Kind::PlatformStop
        | Kind::Complaint
        | Kind::WrongNumber
        | Kind::Reassigned
        | Kind::Erase
        | Kind::Block
        | Kind::Restrict
        | Kind::Invalidate
        | Kind::IdentityLink
        | Kind::IdentityChanged
        | Kind::Cooldown
        | Kind::Pause => Effect::Objects,
        Kind::Grant
        | Kind::Confirm
        | Kind::Unblock
        | Kind::Unrestrict
        | Kind::IdentityUnlink
        | Kind::Resume
        | Kind::Inbound
        | Kind::UserRequest => Effect::Permits,
        Kind::Request | Kind::PlatformResume | Kind::Heartbeat => Effect::Neutral,
        _ => return None,
    })
}

/// How the effect goes with a known kind.
pub(super) fn sense_of(event: &ConsentEvent, kind: Kind) -> Sense {
    match Effect::try_from(event.effect) {
        Ok(Effect::Unspecified) => Sense::Plain,
        Err(_) => Sense::Doubtful,
        Ok(effect) => match effect_of(kind) {
            Some(own) if own != effect => Sense::Contrary,
            _ => Sense::Plain,
        },
    }
}

/// The one person that two fields name.
pub(super) fn one(phone: &str, user_id: &str) -> Option<Identity> {
    match (phone.is_empty(), user_id.is_empty()) {
        (false, true) => Identity::phone(phone),
        (true, false) => Identity::user(user_id),
        _ => None,
    }
}

pub(super) fn person_of(event: &ConsentEvent) -> Option<Identity> {
    one(&event.phone, &event.user_id)
}

pub(super) fn business_of(event: &ConsentEvent) -> Option<&str> {
    Some(event.business_id.as_str()).filter(|name| is_name(name))
}

/// The scopes, and whether each could be read.
pub(super) fn scopes_of(event: &ConsentEvent) -> (Vec<Box<str>>, bool) {
    let read: Vec<Box<str>> =
        event.scopes.iter().filter(|name| is_name(name)).map(|name| name.as_str().into()).collect();
    let whole = read.len() == event.scopes.len();
    (read, whole)
}

/// When what imposes counts from: its append, but for an imported old objection.
pub(super) fn imposed_at(event: &ConsentEvent, at: i64) -> i64 {
    let imported = event.historic
        && event.method == Method::Import as i32
        && event.actor == Actor::Importer as i32;
    let occurred = event.occurred_at_ms.map(seconds);
    match occurred {
        Some(occurred) if imported => occurred.min(at),
        _ => at,
    }
}

/// When what permits or lifts counts from; undated it never does.
pub(super) fn permitted_at(event: &ConsentEvent, at: i64) -> Option<i64> {
    event.occurred_at_ms.map(|ms| seconds(ms).min(at))
}

pub(super) fn id_of(text: &str) -> Option<Id> {
    Id::of(text)
}

/// Whether the person or a guardian acted.
pub(super) fn is_by_person(event: &ConsentEvent) -> bool {
    event.actor == Actor::Subject as i32 || event.actor == Actor::Guardian as i32
}
