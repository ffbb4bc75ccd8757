//! `statuses`: what became of a message that was sent.
//!
//! Only failures say anything about consent. 131050 is a stop; 131049 makes marketing wait for a day
//! and is none; 131026 is counted. All other states and codes are passed over.

use super::draft::{self, Named};
use super::envelope::Change;
use super::json::Json;
use super::note::Note;
use super::person::Person;
use crate::consent::Seconds;
use crate::wire::proto::consent::{Actor, Kind};

/// The person has stopped marketing from this business.
const STOPPED: i64 = 131_050;
/// Meta has had enough of marketing to this person for a while.
const ENOUGH: i64 = 131_049;
/// Not on WhatsApp, terms not accepted, or an old app.
const UNDELIVERABLE: i64 = 131_026;
/// How long marketing waits after [`ENOUGH`].
const COOLDOWN_SECONDS: i64 = 24 * 3_600;

pub(super) const FIELDS: [&str; 4] =
    ["recipient_id", "recipient_user_id", "recipient_parent_user_id", "recipient_participant_id"];

pub(super) fn read(change: &mut Change<'_>, status: &Json, contacts: &[&Json]) {
    let errors = status.each("errors").flat_map(Json::items);
    let codes: Vec<_> =
        errors.flat_map(|error| error.each("code")).filter_map(Json::whole).collect();
    if codes.is_empty() && status.texts("status").any(|state| state == "failed") {
        change.note(Note::UnreadableError);
    }
    if codes.contains(&UNDELIVERABLE) {
        change.note(Note::Unreachable);
    }
    if codes.contains(&STOPPED) {
        objects(change, status, contacts, Kind::PlatformStop);
    }
    if codes.contains(&ENOUGH) {
        objects(change, status, contacts, Kind::Cooldown);
    }
}

fn objects(change: &mut Change<'_>, status: &Json, contacts: &[&Json], kind: Kind) {
    let person = Person::of(status, &FIELDS, contacts);
    if person.is_nobody() || change.businesses.is_empty() {
        change.note(Note::UnplacedOptOut);
        return;
    }
    let seconds = seconds_of(status);
    // A stop is one fact a message. Of two waits the later end counts, so its time is part of it.
    let (code, at) = match kind {
        Kind::Cooldown => (ENOUGH, seconds.map_or_else(String::new, |at| format!(" at {at}"))),
        _ => (STOPPED, String::new()),
    };
    let mark = format!("error {code}{at}");
    let meta_id = status.texts("id").find_map(draft::meta_id);
    let named = Named { meta_id, mark: &mark, body: change.body };
    for business in change.businesses.clone() {
        for identity in person.all() {
            let mut event = draft::event(kind, Actor::Platform, business, identity);
            event.occurred_at_ms = seconds.map(|seconds| seconds * 1_000);
            if kind == Kind::Cooldown {
                // Without a time it has no end here, and the fold takes the longest there is.
                event.until_ms = seconds.map(|seconds| (seconds + COOLDOWN_SECONDS) * 1_000);
            }
            event.reason = format!("error {code}");
            change.push(draft::sealed(event, named));
        }
    }
}

/// The part's timestamp in seconds, a number or a text; `None` if it is no time that the rules know.
pub(super) fn seconds_of(part: &Json) -> Option<i64> {
    let seconds = part.each("timestamp").find_map(Json::whole)?;
    Seconds::from_millis(seconds.checked_mul(1_000)?).map(|seconds| seconds.0.into())
}
