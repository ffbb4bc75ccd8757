//! `[messages]` as meant: a [`Format`].
//!
//! A place that is none, and one that the format has no use for, stop the start: a field that is read
//! nowhere would be a rule that is kept by nobody.

use super::check::Check;
use crate::config::settings::{MessageFormat, MessageFraming, MessagesSettings};
use crate::config::value::Places;
use crate::wire::formats::{Field, Format, FormatError, Framing, Kind, Source};

/// At most so many places may hold one field.
const PLACES_MAX: usize = 4;

pub(super) fn check(settings: &MessagesSettings, check: &mut Check<'_>) -> Option<Format> {
    let kind = match settings.format {
        MessageFormat::Protobuf => Kind::Protobuf,
        MessageFormat::CloudApi => Kind::CloudApi,
        MessageFormat::Json => Kind::Json,
        MessageFormat::Headers => Kind::Headers,
    };
    let framing = framing_of(settings.framing);
    let sources = sources(settings, check)?;
    match Format::new(kind, framing, &sources) {
        Ok(format) => Some(format),
        Err(errors) => {
            for error in errors {
                let key = format!("messages.{}", field_of(error).map_or("framing", Field::name));
                check.refuse(&key, error.to_string(), "", hint_of(error, settings.format));
            }
            None
        }
    }
}

/// What stands in front of a value.
pub(super) fn framing_of(setting: MessageFraming) -> Framing {
    match setting {
        MessageFraming::Plain => Framing::Plain,
        MessageFraming::Confluent => Framing::Confluent,
    }
}

/// The places of all fields; `None` if one of them is none.
fn sources(settings: &MessagesSettings, check: &mut Check<'_>) -> Option<Vec<(Field, Source)>> {
    let (mut sources, mut complete) = (Vec::new(), true);
    for field in Field::MAPPED {
        let written = places_of(settings, field).map_or(&[][..], Places::each);
        match sources_at(&format!("messages.{}", field.name()), written, check) {
            Some(places) => sources.extend(places.into_iter().map(|source| (field, source))),
            None => complete = false,
        }
    }
    complete.then_some(sources)
}

/// The places of one field; `None` if one of them is none, or if there are too many.
pub(super) fn sources_at(
    key: &str,
    written: &[String],
    check: &mut Check<'_>,
) -> Option<Vec<Source>> {
    if written.len() > PLACES_MAX {
        check.refuse(key, "has too many places", format!("at most {PLACES_MAX}"), "");
    }
    let mut sources = Vec::new();
    for text in written {
        match Source::parse(text) {
            Ok(source) => sources.push(source),
            Err(error) => check.refuse(key, format!("\"{text}\" {error}"), "", ""),
        }
    }
    (written.len() <= PLACES_MAX && sources.len() == written.len()).then_some(sources)
}

fn places_of(settings: &MessagesSettings, field: Field) -> Option<&Places> {
    match field {
        Field::Business => settings.business.as_ref(),
        Field::Sender => settings.sender.as_ref(),
        Field::Recipient => settings.recipient.as_ref(),
        Field::AlsoKnownAs => settings.also_known_as.as_ref(),
        Field::Scope => settings.scope.as_ref(),
        Field::Category => settings.category.as_ref(),
        Field::Endpoint => settings.endpoint.as_ref(),
        Field::Template => settings.template.as_ref(),
        Field::TemplateLanguage => settings.template_language.as_ref(),
        Field::Deadline => settings.deadline.as_ref(),
        Field::OptOutPath => settings.opt_out_path.as_ref(),
        Field::Answers => settings.answers.as_ref(),
        Field::MessageId => settings.message_id.as_ref(),
        Field::CampaignId => settings.campaign_id.as_ref(),
        Field::Product | Field::RecipientType | Field::Type | Field::UserId => None,
    }
}

fn field_of(error: FormatError) -> Option<Field> {
    match error {
        FormatError::Fixed(field)
        | FormatError::NotRead(field)
        | FormatError::Unmapped(field)
        | FormatError::TooMany(field) => Some(field),
        FormatError::Framing => None,
    }
}

fn hint_of(error: FormatError, format: MessageFormat) -> String {
    match error {
        FormatError::Unmapped(field) => {
            let name = field.name();
            format!("with format = \"{}\" write {name} = \"header:{name}\"", format.name())
        }
        _ => String::new(),
    }
}
