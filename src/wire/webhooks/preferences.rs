//! `user_preferences`: the person stopped or resumed marketing in WhatsApp itself.
//!
//! A stop objects to marketing; a resume is recorded and lifts nothing. Anything else is an objection
//! too: to marketing if it is said to be about marketing, else to everything.

use super::draft::{self, Named};
use super::envelope::Change;
use super::json::Json;
use super::note::Note;
use super::person::Person;
use super::statuses::seconds_of;
use crate::wire::proto::consent::{Actor, Kind};

const FIELDS: [&str; 3] = ["wa_id", "user_id", "parent_user_id"];

/// What a preference says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Stop,
    Resume,
    /// Something about marketing that this version cannot read.
    Marketing,
    /// Something that this version cannot read.
    Anything,
}

pub(super) fn read(change: &mut Change<'_>, preference: &Json, contacts: &[&Json]) {
    let person = Person::of(preference, &FIELDS, contacts);
    let wish = wish_of(preference);
    if matches!(wish, Wish::Marketing | Wish::Anything) {
        change.note(Note::UnknownPreference);
    }
    if person.is_nobody() || change.businesses.is_empty() {
        if wish != Wish::Resume {
            change.note(Note::UnplacedOptOut);
        }
        return;
    }
    let kind = match wish {
        Wish::Stop | Wish::Marketing => Kind::PlatformStop,
        Wish::Resume => Kind::PlatformResume,
        Wish::Anything => Kind::Withdraw,
    };
    // When Meta sent the webhook, which is not when the person chose.
    let seconds = seconds_of(preference);
    let mark = seconds.map_or_else(String::new, |seconds| seconds.to_string());
    // The time alone tells two choices apart, so it stands where others have an id.
    let named = Named {
        meta_id: seconds.is_some().then_some("preference"),
        mark: &mark,
        body: change.body,
    };
    for business in change.businesses.clone() {
        for identity in person.all() {
            let mut event = draft::event(kind, Actor::Platform, business, identity);
            event.occurred_at_ms = seconds.map(|seconds| seconds * 1_000);
            event.reason = "user_preferences".to_owned();
            change.push(draft::sealed(event, named));
        }
    }
}

/// Two values, as in a doubtful body, are none of the known ones unless one of them is a stop.
fn wish_of(preference: &Json) -> Wish {
    let values: Vec<_> = preference.each("value").map(Json::text).collect();
    let mut categories = preference.each("category").map(Json::text);
    let is_marketing = categories.all(|category| category == Some("marketing_messages"))
        && preference.has("category");
    match (is_marketing, values.as_slice()) {
        (true, [Some("stop")]) => Wish::Stop,
        (_, [Some("resume")]) => Wish::Resume,
        (true, _) => Wish::Marketing,
        (false, _) => Wish::Anything,
    }
}
