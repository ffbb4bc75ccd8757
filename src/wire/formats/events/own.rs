//! Our own JSON: the keys of [`JsonEvent`](crate::wire::json::JsonEvent), as places.
//!
//! A test holds the two together: what one writes the other reads.

use std::collections::BTreeMap;

use super::field::EventField as F;
use super::mapping::{EventMapping, Unit, Whose};
use crate::wire::formats::field::FieldSet;
use crate::wire::formats::plan::Plan;

const PLACES: &[(&[&str], F)] = &[
    (&["event_id"], F::EventId),
    (&["business_id"], F::Business),
    (&["phone"], F::Phone),
    (&["user_id"], F::UserId),
    (&["kind"], F::Kind),
    (&["effect"], F::Effect),
    (&["min_reader"], F::MinReader),
    (&["scopes"], F::Scopes),
    (&["occurred_at"], F::OccurredAt),
    (&["occurred_at_ms"], F::OccurredAt),
    (&["historic"], F::Historic),
    (&["method"], F::Method),
    (&["expression"], F::Expression),
    (&["text_id"], F::TextId),
    (&["text_version"], F::TextVersion),
    (&["language"], F::Language),
    (&["text_sha256"], F::TextSha256),
    (&["text"], F::Sentence),
    (&["channels"], F::Channels),
    (&["evidence"], F::Evidence),
    (&["actor"], F::Actor),
    (&["recorder"], F::Recorder),
    (&["strength"], F::Strength),
    (&["valid_until"], F::ValidUntil),
    (&["valid_until_ms"], F::ValidUntil),
    (&["linked_phone"], F::LinkedPhone),
    (&["linked_user_id"], F::LinkedUserId),
    (&["until"], F::Until),
    (&["until_ms"], F::Until),
    (&["pause", "scope"], F::PauseScope),
    (&["pause", "campaign_id"], F::PauseCampaign),
    (&["pause", "template"], F::PauseTemplate),
    (&["void", "place", "topic"], F::VoidTopic),
    (&["void", "place", "partition"], F::VoidPartition),
    (&["void", "place", "offset"], F::VoidOffset),
    (&["void", "replaced_by_event_ids"], F::ReplacedBy),
    (&["void", "drop_reason"], F::DropReason),
    (&["confirms_event_id"], F::Confirms),
    (&["inbound_id"], F::InboundId),
];

/// Keys that the contract has and no rule reads.
const UNREAD: [&str; 2] = ["reason", "source"];

/// Our own form.
pub(super) fn mapping() -> EventMapping {
    let words = BTreeMap::new();
    EventMapping { plan: plan(), words, unit: Unit::Millis, whose: Whose::Ours }
}

fn plan() -> Plan {
    let mut plan = Plan::default();
    for (keys, field) in PLACES {
        plan.map(keys, field.set());
        if let Some(element) = field.element() {
            plan.map_each(keys, element.set());
        }
    }
    for key in UNREAD {
        plan.map(&[key], FieldSet::default());
    }
    plan
}
