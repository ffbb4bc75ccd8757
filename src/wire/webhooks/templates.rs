//! `message_template_status_update`, `template_category_update`, `message_template_components_update`:
//! what became of a template.
//!
//! In an impending re-categorisation `new_category` is the *current* category and `correct_category` the
//! coming one; in a done one `new_category` is what it is now. Meta leaves quick-reply buttons out of an
//! edited template's components, so a way to leave that is not found there may be there all the same:
//! then nobody can tell. What is doubtful has no date, so it lifts nothing.

use super::draft::{self, Named};
use super::envelope::{Certainty, Change, list};
use super::json::Json;
use super::note::Note;
use super::stop_words::Found;
use crate::consent::Seconds;
use crate::wire::proto::consent::{
    Actor, ConsentEvent, Kind, TemplateCategory, TemplateOptOutPath, TemplateState, TemplateStatus,
};

/// The parts that tell of a template.
const NAME: &str = "message_template_name";
const LANGUAGE: &str = "message_template_language";
const COMPONENTS: [&str; 4] = [
    "message_template_element",
    "message_template_title",
    "message_template_footer",
    "message_template_buttons",
];

/// The kinds of webhook that tell something of a template that matters here.
const FIELDS: [&str; 3] = [
    "message_template_components_update",
    "message_template_status_update",
    "template_category_update",
];

pub(super) fn read(change: &mut Change<'_>, entry: &Json) {
    let is_meant = change.fields.iter().any(|field| FIELDS.contains(field));
    let names: Vec<_> = change.value.texts(NAME).filter(|name| !name.is_empty()).collect();
    if names.is_empty() {
        if is_meant {
            change.note(Note::UnplacedTemplate);
        }
        return;
    }
    let said = said(change);
    if said == TemplateState::default() {
        return;
    }
    let certain = change.certainty == Certainty::Certain;
    let occurred_at_ms = sent_at_s(entry).map(|at| at * 1_000).filter(|_| certain);
    let language = language_of(change.value);
    for business in change.businesses.clone() {
        for name in &names {
            let event = ConsentEvent {
                business_id: business.as_str().to_owned(),
                kind: Kind::TemplateState.into(),
                actor: Actor::Platform.into(),
                source: draft::SOURCE.to_owned(),
                occurred_at_ms,
                reason: change.fields.first().copied().unwrap_or_default().to_owned(),
                template_state: Some(TemplateState {
                    template: (*name).to_owned(),
                    language: language.to_owned(),
                    ..said.clone()
                }),
                ..ConsentEvent::default()
            };
            let mark = format!("template {name}");
            let named = Named { meta_id: None, mark: &mark, body: change.body };
            change.push(draft::sealed(event, named));
        }
    }
}

/// What is said, but of which template.
fn said(change: &Change<'_>) -> TemplateState {
    let value = change.value;
    let mut said = TemplateState::default();
    said.set_status(status_of(value));
    let current = ["message_template_category", "new_category"];
    said.set_category(strictest(current.iter().flat_map(|name| value.each(name))));
    let coming = strictest(value.each("correct_category"));
    if coming != TemplateCategory::Unspecified {
        said.set_announced_category(coming);
        let from = value.each("category_update_timestamp").filter_map(seconds).max();
        said.announced_from_ms = from.map(|from| from * 1_000);
    }
    if COMPONENTS.iter().any(|part| value.has(part)) {
        said.set_opt_out_path(path_of(change));
    }
    said
}

/// The status; one that is not known, or said in two ways, is one that nobody may send in.
fn status_of(value: &Json) -> TemplateStatus {
    let mut events = value.each("event").map(|event| {
        let name = event.text().map(|name| format!("TEMPLATE_STATUS_{name}"));
        let known = name.and_then(|name| TemplateStatus::from_str_name(&name));
        known.filter(|known| *known != TemplateStatus::Unspecified).unwrap_or(TemplateStatus::Other)
    });
    let Some(first) = events.next() else {
        return TemplateStatus::Unspecified;
    };
    if events.all(|event| event == first) { first } else { TemplateStatus::Other }
}

/// The strictest of categories; one that is not known is marketing.
fn strictest<'j>(values: impl Iterator<Item = &'j Json>) -> TemplateCategory {
    let categories = values.map(|value| match value.text() {
        Some("UTILITY") => TemplateCategory::Utility,
        Some("AUTHENTICATION") => TemplateCategory::Authentication,
        _ => TemplateCategory::Marketing,
    });
    categories.min_by_key(|category| *category as i32).unwrap_or(TemplateCategory::Unspecified)
}

/// Where an edited template offers a way to leave, as far as anybody can tell.
fn path_of(change: &Change<'_>) -> TemplateOptOutPath {
    let (words, value) = (&change.reader.stop_words, change.value);
    if change.certainty == Certainty::Doubtful {
        return TemplateOptOutPath::Unclear;
    }
    let says_so = |text: &str| words.find_on_button(text) != Found::Nothing;
    let buttons = list(value, "message_template_buttons", &mut Vec::new());
    let leaves = buttons
        .into_iter()
        .find(|button| button.texts("message_template_button_text").any(says_so));
    match leaves {
        Some(button) if button.has("message_template_button_url") => TemplateOptOutPath::Link,
        Some(_) => TemplateOptOutPath::Button,
        None if value.texts("message_template_footer").any(says_so) => TemplateOptOutPath::Footer,
        None => TemplateOptOutPath::Unclear,
    }
}

/// The language, if it is one; what is said against the template else counts in all.
fn language_of(value: &Json) -> &str {
    let languages: Vec<_> = value.each(LANGUAGE).map(Json::text).collect();
    match languages[..] {
        [Some(language)] => language,
        _ => "",
    }
}

/// When Meta sent the webhook, in seconds since 1970.
fn sent_at_s(entry: &Json) -> Option<i64> {
    entry.each("time").find_map(seconds)
}

fn seconds(time: &Json) -> Option<i64> {
    let seconds = time.whole()?;
    Seconds::from_millis(seconds.checked_mul(1_000)?).map(|seconds| seconds.0.into())
}
