//! A consent event as JSON.
//!
//! The fields are those of `proto/consent.proto`; times may be given in milliseconds or as RFC 3339.

use serde::{Deserialize, Serialize};

use super::value::Named;

/// A consent event. Fields that are absent are unspecified.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JsonEvent {
    /// The event's id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub event_id: String,
    /// The business.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub business_id: String,
    /// The person's E.164 number.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// The person's business-scoped user id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub user_id: String,
    /// What happened, for example `grant`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Named>,
    /// `objects`, `permits` or `neutral`; absent = that of the kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<Named>,
    /// The lowest rules version that can read it by its kind.
    #[serde(skip_serializing_if = "is_zero")]
    pub min_reader: u32,
    /// The scopes named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// When it happened, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occurred_at_ms: Option<i64>,
    /// When it happened, as RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<String>,
    /// An imported old objection.
    #[serde(skip_serializing_if = "is_false")]
    pub historic: bool,
    /// How consent was collected, for example `website_form`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<Named>,
    /// How the person expressed it, for example `box_ticked`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expression: Option<Named>,
    /// The text agreed to.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text_id: String,
    /// Its version.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text_version: String,
    /// Its SHA-256, in hex.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text_sha256: String,
    /// Its language.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub language: String,
    /// Where the proof lies.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub evidence: String,
    /// Who acted, for example `subject`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<Named>,
    /// Who typed it in.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub recorder: String,
    /// `single` or `double`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strength: Option<Named>,
    /// Until when the grant is valid, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until_ms: Option<i64>,
    /// Until when the grant is valid, as RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Which system wrote it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The other number of a link.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub linked_phone: String,
    /// The other user id of a link.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub linked_user_id: String,
    /// Until when marketing waits, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_ms: Option<i64>,
    /// Until when marketing waits, as RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// What a pause stops.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pause: Option<JsonPause>,
    /// What a void names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub void: Option<JsonVoid>,
    /// The grant that a confirm names.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub confirms_event_id: String,
    /// The inbound message, or the one by which the person objected.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub inbound_id: String,
    /// The sentence itself.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// What the platform says of a template.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template_state: Option<JsonTemplateState>,
    /// The channels that the sentence names, for example `whatsapp`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Named>,
}

/// What the platform says of a template. What is absent stays as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JsonTemplateState {
    /// Its name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub template: String,
    /// Its language, for example `en_US`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub language: String,
    /// For example `approved`, `paused`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Named>,
    /// `marketing`, `utility` or `authentication`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<Named>,
    /// What it will be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub announced_category: Option<Named>,
    /// From when it will be that, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub announced_from_ms: Option<i64>,
    /// From when it will be that, as RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub announced_from: Option<String>,
    /// `none`, `footer`, `button`, `link` or `unclear`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opt_out_path: Option<Named>,
}

/// What a pause stops.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JsonPause {
    /// A scope.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// A campaign.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub campaign_id: String,
    /// A template.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub template: String,
}

/// A record's place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonPlace {
    /// `consent_events`, `consent_activity` or `template_states`.
    pub topic: Named,
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
}

/// What a void names, and what it puts in its place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JsonVoid {
    /// The undecodable record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<JsonPlace>,
    /// The events written in its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replaced_by_event_ids: Vec<String>,
    /// Why it is dropped.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub drop_reason: String,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn is_false(flag: &bool) -> bool {
    !*flag
}
