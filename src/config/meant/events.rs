//! `[consent_events]` and `[consent_activity]` as meant: an [`EventFormat`] each.
//!
//! A place that is none, and one that the format has no use for, stop the start.

use std::collections::BTreeMap;

use super::check::Check;
use super::messages::{framing_of, sources_at};
use crate::config::mapped::MappedPlaces;
use crate::config::settings::{EventForm, EventsSettings, TimeUnit};
use crate::config::value::Places;
use crate::wire::formats::{EventField, EventFormat, EventFormatError, EventPlaces, Unit};

/// The format of one topic; `section` is its name in the file.
pub(super) fn check(
    section: &str,
    settings: &EventsSettings,
    check: &mut Check<'_>,
) -> Option<EventFormat> {
    let framing = framing_of(settings.framing);
    let places = places(section, settings, check)?;
    let unit = match settings.time_unit {
        TimeUnit::Millis => Unit::Millis,
        TimeUnit::Seconds => Unit::Seconds,
    };
    let own = match settings.format {
        EventForm::Protobuf => EventFormat::protobuf(framing),
        EventForm::OwnJson => EventFormat::own_json(framing),
        EventForm::Json => match EventFormat::json(framing, places, unit) {
            Ok(format) => return Some(format),
            Err(errors) => {
                for error in errors {
                    refuse(section, &error, check);
                }
                return None;
            }
        },
    };
    if unit != Unit::Millis {
        let key = format!("{section}.time_unit");
        check.refuse(&key, "is fixed in this format, leave it out", "", "");
        return None;
    }
    for (field, _) in &places.places {
        let key = format!("{section}.{}", field.name());
        check.refuse(&key, "has a fixed place in this format, leave it out", "", "");
    }
    places.places.is_empty().then_some(own)
}

fn refuse(section: &str, error: &EventFormatError, check: &mut Check<'_>) {
    let name = error.field().name();
    let hint = match error {
        EventFormatError::Unmapped(_) => {
            format!("with format = \"json\" write {name} = \"/{name}\"")
        }
        EventFormatError::NoName(EventField::Kind, _) => {
            "kinds are those of proto/consent.proto in lower case, such as grant; or ignore".into()
        }
        _ => String::new(),
    };
    check.refuse(&format!("{section}.{name}"), error.to_string(), "", hint);
}

/// The places of all fields; `None` if one of them is none.
fn places(section: &str, settings: &EventsSettings, check: &mut Check<'_>) -> Option<EventPlaces> {
    let (mut places, mut complete) = (EventPlaces::default(), true);
    for field in EventField::MAPPED {
        let (written, words) = written(settings, field);
        match sources_at(&format!("{section}.{}", field.name()), written, check) {
            Some(all) => places.places.extend(all.into_iter().map(|source| (field, source))),
            None => complete = false,
        }
        if let Some(words) = words {
            places.words.insert(field, words.clone());
        }
    }
    complete.then_some(places)
}

/// The places of a field and our names for its words.
fn written(
    settings: &EventsSettings,
    field: EventField,
) -> (&[String], Option<&BTreeMap<String, String>>) {
    use EventField as F;
    match field {
        F::Business => only(&settings.business),
        F::Identity => only(&settings.identity),
        F::Kind => mapped(&settings.kind),
        F::EventId => only(&settings.event_id),
        F::OccurredAt => only(&settings.occurred_at),
        F::Scopes => mapped(&settings.scopes),
        F::Method => mapped(&settings.method),
        F::Expression => mapped(&settings.expression),
        F::TextId => only(&settings.text_id),
        F::TextVersion => only(&settings.text_version),
        F::Evidence => only(&settings.evidence),
        F::Language => only(&settings.language),
        F::TextSha256 => only(&settings.text_sha256),
        F::Recorder => only(&settings.recorder),
        F::Actor => mapped(&settings.actor),
        F::Strength => mapped(&settings.strength),
        F::ValidUntil => only(&settings.valid_until),
        F::Confirms => only(&settings.confirms),
        F::InboundId => only(&settings.inbound_id),
        F::Linked => only(&settings.linked),
        F::Until => only(&settings.until),
        F::PauseScope => only(&settings.pause_scope),
        F::PauseCampaign => only(&settings.pause_campaign),
        F::PauseTemplate => only(&settings.pause_template),
        _ => (&[], None),
    }
}

fn only(places: &Option<Places>) -> (&[String], Option<&BTreeMap<String, String>>) {
    (places.as_ref().map_or(&[], Places::each), None)
}

fn mapped(places: &Option<MappedPlaces>) -> (&[String], Option<&BTreeMap<String, String>>) {
    let each = places.as_ref().map_or(&[][..], MappedPlaces::each);
    (each, places.as_ref().and_then(MappedPlaces::map))
}
