//! From a consent event to the record that carries it.
//!
//! For commands, simulations and whoever writes to the log of record. An event that names a person
//! in a way that nobody could read is refused here, before it becomes a quarantine.

use prost::Message as _;

use super::decode::identity_of;
use crate::consent::{BusinessId, Subject};
use crate::wire::WireError;
use crate::wire::proto::consent::{ConsentEvent, Effect, Kind};

/// A consent event as key and value, ready to be written.
///
/// The partition is the key's by murmur2; see [`crate::consent::partitioner`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Produced {
    /// `business/identity`, `business/` or `/`.
    pub key: String,
    /// The encoded event.
    pub value: Vec<u8>,
}

/// Makes the record of an event; an unspecified effect becomes that of its kind.
///
/// # Errors
/// See [`key_of`]; also an event about a person that names none.
pub fn produce(mut event: ConsentEvent) -> Result<Produced, WireError> {
    let key = key_of(&event)?;
    if is_about_person(event.kind()) && key.ends_with('/') {
        return Err(WireError::field(
            "phone or user_id",
            "is missing, this kind of event is about a person",
        ));
    }
    if event.effect() == Effect::Unspecified {
        event.set_effect(effect_of(event.kind()));
    }
    let value = encode(&event);
    Ok(Produced { key, value })
}

/// The bytes of an event as it stands.
pub fn encode(event: &ConsentEvent) -> Vec<u8> {
    event.encode_to_vec()
}

/// The key that an event belongs under.
///
/// # Errors
/// A business id or an identity that cannot be read, both a phone number and a user id, or a person
/// without a business.
pub fn key_of(event: &ConsentEvent) -> Result<String, WireError> {
    let names_person = !(event.phone.is_empty() && event.user_id.is_empty());
    if event.business_id.is_empty() {
        return match names_person {
            true => Err(WireError::field("business_id", "is missing, name the business")),
            false => Ok("/".to_string()),
        };
    }
    let business = BusinessId::parse(&event.business_id).ok_or(WireError::field(
        "business_id",
        "must be 1 to 128 bytes without white space, control characters or /",
    ))?;
    if !names_person {
        return Ok(format!("{business}/"));
    }
    let identity = identity_of(event).ok_or(WireError::field(
        "phone or user_id",
        "must be exactly one E.164 number or one business-scoped user id",
    ))?;
    Ok(Subject { business, identity }.key())
}

/// A heartbeat: an event that says nothing, names nobody and takes a place in its partition.
pub fn heartbeat(source: &str) -> ConsentEvent {
    ConsentEvent {
        kind: Kind::Heartbeat.into(),
        effect: effect_of(Kind::Heartbeat).into(),
        source: source.to_owned(),
        ..ConsentEvent::default()
    }
}

/// The effect of each kind: what a reader goes by that does not know the kind.
pub fn effect_of(kind: Kind) -> Effect {
    match kind {
        Kind::Unspecified => Effect::Unspecified,
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
        | Kind::Pause
        | Kind::TemplateState => Effect::Objects,
        Kind::Grant
        | Kind::Confirm
        | Kind::Unblock
        | Kind::Unrestrict
        | Kind::IdentityUnlink
        | Kind::Resume
        | Kind::Inbound
        | Kind::UserRequest => Effect::Permits,
        Kind::Request
        | Kind::PlatformResume
        | Kind::Heartbeat
        | Kind::Void
        | Kind::TextPublished
        | Kind::TextRetired => Effect::Neutral,
    }
}

/// Whether an event of this kind means nothing without a person.
fn is_about_person(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Unspecified
            | Kind::Invalidate
            | Kind::Pause
            | Kind::Resume
            | Kind::Heartbeat
            | Kind::Void
            | Kind::TextPublished
            | Kind::TextRetired
            | Kind::TemplateState
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{Coded, Content};
    use crate::wire::consent::decode;
    use crate::wire::tests::{grant, withdraw};

    #[test]
    fn a_produced_effect_is_the_one_that_the_fold_expects() {
        for number in 1..=29 {
            let kind = Kind::try_from(number).unwrap();
            let mut event = grant();
            event.set_kind(kind);
            event.set_effect(effect_of(kind));
            let Content::Event(event) = decode(Some(&encode(&event))) else {
                panic!("undecodable");
            };
            assert_ne!(event.effect, Coded::Unspecified, "{kind:?}");
            if let (Coded::Known(kind), effect) = (event.kind, event.effect) {
                assert_eq!(effect, Coded::Known(kind.effect()), "{kind:?}");
            }
        }
    }

    #[test]
    fn keys_name_the_person_the_business_or_the_platform() {
        let key = |business: &str, phone: &str| {
            key_of(&ConsentEvent {
                business_id: business.to_string(),
                phone: phone.to_string(),
                ..Default::default()
            })
        };
        assert_eq!(key("acme", "12025550101").unwrap(), "acme/+12025550101");
        assert_eq!(key("acme", "").unwrap(), "acme/");
        assert_eq!(key("", "").unwrap(), "/");
        for (business, phone) in [("", "+12025550101"), ("a/b", ""), ("acme", "nobody")] {
            assert!(key(business, phone).is_err(), "{business:?} {phone:?}");
        }
    }

    #[test]
    fn an_event_about_a_person_is_not_produced_without_one() {
        let mut event = withdraw();
        event.effect = 0;
        let produced = produce(event.clone()).unwrap();
        assert_eq!(produced.key, "acme/+12025550101");
        assert_eq!(decode(Some(&produced.value)), decode(Some(&encode(&withdraw()))));
        event.phone.clear();
        assert!(produce(event.clone()).is_err());
        event.set_kind(Kind::Invalidate);
        assert!(produce(event).is_ok());
    }
}
