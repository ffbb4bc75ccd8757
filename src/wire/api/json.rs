//! The same questions and answers as JSON.
//!
//! Unknown keys are refused, so that a misspelt one is no missing one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::QuestionError;
use crate::decision::Reason;
use crate::wire::json::JsonMessage;
use crate::wire::proto::api as proto;
use crate::wire::proto::api::recheck_item::Body;
use crate::wire::proto::outbound::Category;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecheckQuestion {
    items: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    /// The record's value, if it is text.
    record: Option<String>,
    /// The fields of `proto/outbound.proto`.
    message: Option<JsonMessage>,
    #[serde(default)]
    headers: Vec<ItemHeader>,
    timestamp_ms: Option<i64>,
}

/// A list and no map: a header that stands there twice must be seen twice.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemHeader {
    name: String,
    value: Option<String>,
}

pub(super) fn recheck(body: &[u8]) -> Result<Vec<proto::RecheckItem>, QuestionError> {
    let question: RecheckQuestion = serde_json::from_slice(body)
        .map_err(|_| QuestionError::Unreadable("JSON object with items"))?;
    let item_of = |(nth, item): (usize, Item)| {
        let body = match (item.record, item.message) {
            (Some(record), None) => Body::Record(record.into_bytes()),
            (None, Some(message)) => {
                Body::Message(message.encode().map_err(|_| QuestionError::Item(nth))?)
            }
            (None, None) | (Some(_), Some(_)) => return Err(QuestionError::Item(nth)),
        };
        let header = |header: ItemHeader| proto::Header {
            name: header.name,
            value: header.value.map(String::into_bytes),
        };
        Ok(proto::RecheckItem {
            body: Some(body),
            headers: item.headers.into_iter().map(header).collect(),
            timestamp_ms: item.timestamp_ms,
        })
    };
    question.items.into_iter().enumerate().map(item_of).collect()
}

#[derive(Serialize)]
struct Verdicts {
    decided_at_ms: i64,
    verdicts: Vec<Verdict>,
}

#[derive(Serialize)]
struct Verdict {
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_before_ms: Option<i64>,
}

pub(super) fn verdicts(response: &proto::RecheckResponse) -> Vec<u8> {
    let verdict = |verdict: &proto::Verdict| Verdict {
        outcome: match verdict.outcome() {
            proto::Outcome::Allowed => "allowed",
            proto::Outcome::Suppressed | proto::Outcome::Unspecified => "suppressed",
        },
        reason: name_of(verdict.reason),
        reasons: verdict.reasons.iter().filter_map(|reason| name_of(*reason)).collect(),
        not_before_ms: verdict.not_before_ms,
    };
    let verdicts = response.verdicts.iter().map(verdict).collect();
    written(&Verdicts { decided_at_ms: response.decided_at_ms, verdicts })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckQuestion {
    business_id: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    category: Option<String>,
    #[serde(default)]
    template: String,
    #[serde(default)]
    template_language: String,
    recipients: Vec<String>,
}

pub(super) fn check(body: &[u8]) -> Result<proto::CheckRequest, QuestionError> {
    let question: CheckQuestion = serde_json::from_slice(body).map_err(|_| {
        QuestionError::Unreadable("JSON object with business_id, scope and recipients")
    })?;
    let category = match question.category {
        None => Category::Unspecified,
        Some(name) => Category::from_str_name(&format!("CATEGORY_{}", name.to_uppercase()))
            .ok_or(QuestionError::Missing("a category that is one"))?,
    };
    Ok(proto::CheckRequest {
        business_id: question.business_id,
        scope: question.scope,
        category: category.into(),
        template: question.template,
        template_language: question.template_language,
        recipients: question.recipients,
    })
}

#[derive(Serialize)]
struct Counts {
    decided_at_ms: i64,
    asked: u64,
    reachable: u64,
    unreachable: BTreeMap<&'static str, u64>,
}

pub(super) fn counts(response: &proto::CheckResponse) -> Vec<u8> {
    let unreachable = response
        .unreachable
        .iter()
        .filter_map(|count| Some((name_of(count.reason)?, count.people)))
        .collect();
    written(&Counts {
        decided_at_ms: response.decided_at_ms,
        asked: response.asked,
        reachable: response.reachable,
        unreachable,
    })
}

fn name_of(number: u32) -> Option<&'static str> {
    Reason::ALL.into_iter().find(|reason| u32::from(reason.number()) == number).map(Reason::name)
}

/// Text keys and numbers can always be written; an empty body would be no answer.
fn written(answer: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(answer).unwrap_or_default()
}
