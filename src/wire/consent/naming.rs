//! How an event names a person, and how a kind is called and where it belongs.
//!
//! For all who write events; what is read goes through [`super::decode()`].

use super::decode::kind_of;
use crate::consent::{EventKind, Identity, Topic};
use crate::wire::proto::consent::{ConsentEvent, Kind};

/// Names the person that an event is about.
pub fn name_person(event: &mut ConsentEvent, identity: &Identity) {
    (event.phone, event.user_id) = fields(identity);
}

/// Names the other identity of a link.
pub fn name_linked(event: &mut ConsentEvent, identity: &Identity) {
    (event.linked_phone, event.linked_user_id) = fields(identity);
}

/// The number and the user id; one of them is empty.
fn fields(identity: &Identity) -> (String, String) {
    let name = identity.as_ref().canonical();
    match identity {
        Identity::Phone(_) => (name, String::new()),
        Identity::UserId(_) => (String::new(), name),
    }
}

/// A kind's name in reports and metrics; `other` for those without rules of their own.
pub fn kind_name(kind: Kind) -> &'static str {
    kind_of(kind).map_or("other", EventKind::name)
}

/// The topic that events of a kind are written to.
pub fn topic_for(kind: Kind) -> Topic {
    match kind_of(kind) {
        Some(kind) if kind.is_activity() => Topic::ConsentActivity,
        Some(EventKind::TemplateState) => Topic::TemplateStates,
        _ => Topic::ConsentEvents,
    }
}
