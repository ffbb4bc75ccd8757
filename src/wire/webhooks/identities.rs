//! Identities that changed, and identities that belong together.
//!
//! A change is told by a system message, and by `user_id_update` where an older delivery still has
//! it. Every old identity is named for every new one: what is not linked would not carry an objection.
//! The person's own name, which the sentence in the body holds, is never searched for identities.

use super::draft::{self, Named};
use super::envelope::{Certainty, Change};
use super::json::Json;
use super::note::Note;
use super::person::{Person, identities};
use super::statuses::seconds_of;
use crate::consent::Identity;
use crate::wire::consent::name_linked;
use crate::wire::proto::consent::{Actor, Kind};

/// What becomes of two identities that Meta names for one person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Links {
    /// They are counted. A gate of rules version 3 or older reads a link as an objection to everything.
    LeaveOut,
    /// They are published as `identity_link`: what the person says on one counts on the other.
    #[default]
    Publish,
}

const NEW: [&str; 4] = ["wa_id", "new_wa_id", "user_id", "parent_user_id"];
const OLD: [&str; 3] = ["customer", "previous_user_id", "previous_parent_user_id"];
const SENDER: [&str; 3] = ["from", "from_user_id", "from_parent_user_id"];

/// A message of type `system`: the person changed the number or the user id.
pub(super) fn read_system(change: &mut Change<'_>, message: &Json) {
    let (mut new, mut old) = (Vec::new(), identities(message, &SENDER));
    for system in message.each("system") {
        new.extend(identities(system, &NEW));
        old.extend(identities(system, &OLD));
    }
    let id = message.texts("id").find_map(draft::meta_id);
    let mark = id.map_or_else(|| time_mark(message), |_| String::new());
    changed(change, &new, &old, message, Named { meta_id: id, mark: &mark, body: &[] });
}

/// An element of `user_id_update`.
pub(super) fn read_update(change: &mut Change<'_>, update: &Json) {
    let (mut new, mut old) = (Vec::new(), Vec::new());
    for part in ["user_id", "parent_user_id"] {
        for ids in update.each(part) {
            new.extend(identities(ids, &["current"]));
            old.extend(identities(ids, &["previous"]));
        }
    }
    // From one user id to another there is but one change.
    let named = Named { meta_id: Some("user_id_update"), mark: "", body: &[] };
    changed(change, &new, &old, update, named);
}

fn changed(
    change: &mut Change<'_>,
    new: &[Identity],
    old: &[Identity],
    part: &Json,
    named: Named<'_>,
) {
    let old: Vec<_> = old.iter().filter(|identity| !new.contains(identity)).collect();
    if new.is_empty() || old.is_empty() {
        change.note(Note::ChangeWithoutOld);
        return;
    }
    if change.businesses.is_empty() {
        change.note(Note::UnplacedOptOut);
        return;
    }
    let named = Named { body: change.body, ..named };
    let seconds = seconds_of(part);
    for business in change.businesses.clone() {
        for identity in new {
            for old in &old {
                let kind = Kind::IdentityChanged;
                let mut event = draft::event(kind, Actor::Platform, business, identity);
                event.occurred_at_ms = seconds.map(|seconds| seconds * 1_000);
                name_linked(&mut event, old);
                change.push(draft::sealed(event, named));
            }
        }
    }
}

/// The identities of one sender, where Meta itself names them for one person: in the message, and in
/// the contact that shares an identity with it.
pub(super) fn link(change: &mut Change<'_>, person: &Person) {
    let Some((first, others)) = person.certain.split_first() else {
        return;
    };
    if others.is_empty() || change.certainty != Certainty::Certain {
        return;
    }
    if change.reader.links == Links::LeaveOut {
        change.note(Note::LinkLeftOut);
        return;
    }
    // A link is the same fact in every message, so nothing of the message is part of it.
    let named = Named { meta_id: Some("contact"), mark: "", body: &[] };
    for business in change.businesses.clone() {
        for other in others {
            let mut event = draft::event(Kind::IdentityLink, Actor::Platform, business, first);
            name_linked(&mut event, other);
            change.push(draft::sealed(event, named));
        }
    }
}

fn time_mark(part: &Json) -> String {
    seconds_of(part).map_or_else(String::new, |seconds| seconds.to_string())
}
