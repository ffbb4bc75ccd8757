//! An outbound message as JSON.
//!
//! The fields are those of `proto/outbound.proto` that decide; the body is not among them.

use prost::Message as _;
use serde::{Deserialize, Serialize};

use super::value::{EnumNames, Named, instant_ms};
use crate::wire::WireError;
use crate::wire::proto::outbound::{Category, OptOutPath, OutboundMessage};

const CATEGORIES: EnumNames<Category> = EnumNames {
    field: "category",
    prefix: "CATEGORY_",
    parse: Category::from_str_name,
    name: Category::as_str_name,
};
const OPT_OUT_PATHS: EnumNames<OptOutPath> = EnumNames {
    field: "opt_out_path",
    prefix: "OPT_OUT_PATH_",
    parse: OptOutPath::from_str_name,
    name: OptOutPath::as_str_name,
};

/// An outbound message. Fields that are absent are unspecified.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JsonMessage {
    /// The caller's id of the message.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message_id: String,
    /// The caller's campaign.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub campaign_id: String,
    /// The business that sends.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub business_id: String,
    /// The number that sends, by the platform's id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sender: String,
    /// The address: an E.164 number or a business-scoped user id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub to: String,
    /// Another identity of the same person.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub also_known_as: String,
    /// The purpose.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// Meta's category, for example `marketing`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<Named>,
    /// The template's name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub template: String,
    /// The template's language.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub template_language: String,
    /// When it is too late, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline_ms: Option<i64>,
    /// When it is too late, as RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<String>,
    /// `footer`, `button` or `link`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opt_out_path: Option<Named>,
    /// For a farewell: the objection that it answers.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub objection_event_id: String,
}

impl JsonMessage {
    /// The message in the contract's form.
    ///
    /// # Errors
    /// A name that the contract does not have, or a time that is none or given twice.
    pub fn to_proto(&self) -> Result<OutboundMessage, WireError> {
        let deadline = self.deadline.as_deref();
        Ok(OutboundMessage {
            message_id: self.message_id.clone(),
            campaign_id: self.campaign_id.clone(),
            business_id: self.business_id.clone(),
            to: self.to.clone(),
            also_known_as: self.also_known_as.clone(),
            scope: self.scope.clone(),
            category: CATEGORIES.number(self.category.as_ref())?,
            template: self.template.clone(),
            template_language: self.template_language.clone(),
            deadline_ms: instant_ms("deadline", self.deadline_ms, deadline)?,
            opt_out_path: OPT_OUT_PATHS.number(self.opt_out_path.as_ref())?,
            objection_event_id: self.objection_event_id.clone(),
            sender: self.sender.clone(),
            body: Vec::new(),
        })
    }

    /// The bytes of an outbound record, for [`crate::wire::outbound::decode`].
    ///
    /// # Errors
    /// As [`Self::to_proto`].
    pub fn encode(&self) -> Result<Vec<u8>, WireError> {
        Ok(self.to_proto()?.encode_to_vec())
    }
}
