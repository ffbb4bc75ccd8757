//! What the tests of this room share: one sample of each thing.

mod audit;
mod golden;
mod shown;

use roaring::RoaringTreemap;
use secrecy::SecretSlice;

use super::proto::consent::{
    Actor, ConsentEvent, Effect, Expression, Kind, Method, Strength, TemplateCategory,
    TemplateOptOutPath, TemplateState, TemplateStatus,
};
use super::proto::outbound::OutboundMessage;
use super::receipt::{
    BatchReceipt, FenceMode, Gap, Hold, Mode, PartitionRange, PolicyHash, Previous, Receipt,
    ReceiptHash, ReceiptId, SigningKey,
};
use crate::consent::{Category, IdentityRef, Offset, Partition, RouteName, Topic};
use crate::decision::{Message, OptOutPath};
use crate::policy::{Policy, TemplateNeed};

/// A marketing message to a person with two identities.
pub(crate) fn sample_message() -> Message<'static> {
    Message {
        business: "acme",
        sender: "",
        to: IdentityRef::parse("+12025550101"),
        also: [IdentityRef::parse("IN.Abc123"), None],
        scope: "offers",
        category: Category::Marketing,
        sent_at: None,
        deadline: None,
        opt_out_path: OptOutPath::Offered,
        answers: None,
        message_id: "m-1",
        campaign_id: "autumn",
        template: "autumn_offer",
        template_language: "en_US",
    }
}

/// The standard policy as the first version published it.
pub(crate) fn policy_1() -> Policy {
    let scopes = Policy::standard().to_canonical_text();
    let scopes: String =
        scopes.lines().filter(|line| line.starts_with("scope")).collect::<Vec<_>>().join("\n");
    Policy::from_canonical_text(&format!("consentgate policy 1\n{scopes}\n")).unwrap()
}

/// A policy with what came after version 2.
pub(crate) fn policy_3() -> Policy {
    Policy::standard().with_templates(TemplateNeed::Registered)
}

/// What the platform says of a template, with every field.
pub(crate) fn template_state() -> ConsentEvent {
    ConsentEvent {
        event_id: "e-3".to_string(),
        business_id: "acme".to_string(),
        kind: Kind::TemplateState.into(),
        effect: Effect::Objects.into(),
        occurred_at_ms: Some(1_790_000_000_000),
        actor: Actor::Platform.into(),
        template_state: Some(TemplateState {
            template: "autumn_offer".to_string(),
            language: "en_US".to_string(),
            status: TemplateStatus::Approved.into(),
            category: TemplateCategory::Utility.into(),
            announced_category: TemplateCategory::Marketing.into(),
            announced_from_ms: Some(1_790_086_400_000),
            opt_out_path: TemplateOptOutPath::Button.into(),
        }),
        ..Default::default()
    }
}

/// A message with every field.
pub(crate) fn outbound() -> OutboundMessage {
    OutboundMessage {
        message_id: "m-1".to_string(),
        campaign_id: "autumn".to_string(),
        business_id: "acme".to_string(),
        to: "+12025550101".to_string(),
        also_known_as: "IN.Abc123".to_string(),
        scope: "offers".to_string(),
        category: 1,
        template: "autumn_offer".to_string(),
        template_language: "en_US".to_string(),
        deadline_ms: Some(1_790_000_600_999),
        opt_out_path: 2,
        objection_event_id: "e-7".to_string(),
        sender: String::new(),
        body: b"the sender's own".to_vec(),
    }
}

/// A complete grant.
pub(crate) fn grant() -> ConsentEvent {
    ConsentEvent {
        event_id: "e-1".to_string(),
        business_id: "acme".to_string(),
        phone: "+12025550101".to_string(),
        kind: Kind::Grant.into(),
        effect: Effect::Permits.into(),
        min_reader: 1,
        scopes: vec!["offers".to_string(), "surveys".to_string()],
        occurred_at_ms: Some(1_790_000_000_123),
        method: Method::WebsiteForm.into(),
        expression: Expression::BoxTicked.into(),
        text_id: "newsletter".to_string(),
        text_version: "3".to_string(),
        text_sha256: vec![0xaa; 32],
        language: "en".to_string(),
        evidence: "vault://proof/1".to_string(),
        actor: Actor::Subject.into(),
        recorder: "shop".to_string(),
        strength: Strength::Double.into(),
        valid_until_ms: Some(1_890_000_000_000),
        source: "shop".to_string(),
        ..Default::default()
    }
}

/// A withdrawal from one scope.
pub(crate) fn withdraw() -> ConsentEvent {
    ConsentEvent {
        event_id: "e-2".to_string(),
        business_id: "acme".to_string(),
        phone: "+12025550101".to_string(),
        kind: Kind::Withdraw.into(),
        effect: Effect::Objects.into(),
        scopes: vec!["offers".to_string()],
        actor: Actor::Subject.into(),
        inbound_id: "wamid.1".to_string(),
        ..Default::default()
    }
}

/// A key that signs.
pub(crate) fn signing_key(byte: u8) -> SigningKey {
    SigningKey::from_seed(&SecretSlice::from(vec![byte; 32])).unwrap()
}

/// A receipt with two batches, a hold and a gap.
pub(crate) fn receipt() -> Receipt {
    let range = |partition, first, next, allowed: &[u64], received| PartitionRange {
        partition: Partition(partition),
        first: Offset(first),
        next: Offset(next),
        allowed: allowed.iter().copied().collect::<RoaringTreemap>(),
        received,
    };
    let batch = |ranges, events, activity, now_ms, policy| BatchReceipt {
        ranges,
        positions: [
            (Topic::ConsentEvents, Partition(0), Offset(events)),
            (Topic::ConsentActivity, Partition(0), Offset(activity)),
        ]
        .into_iter()
        .collect(),
        now_ms,
        policy,
    };
    Receipt {
        id: ReceiptId([7; 16]),
        gate_version: "0.1.0".to_string(),
        rules_version: 1,
        cluster_id: "cluster-1".to_string(),
        instance: "gate-0".to_string(),
        lane: 2,
        route: RouteName::MAIN,
        source_topic: "outbound-messages".to_string(),
        policy: PolicyHash::of(&policy_1()),
        previous: vec![
            Previous { partition: Partition(3), hash: Some(ReceiptHash([5; 32])) },
            Previous { partition: Partition(1), hash: None },
        ],
        batches: vec![
            batch(
                vec![range(1, 100, 105, &[0, 2, 3], 4), range(3, 0, 2, &[], 2)],
                1_000,
                0,
                1_790_000_000_000,
                None,
            ),
            batch(
                vec![range(1, 105, 106, &[0], 1)],
                1_001,
                0,
                1_790_000_000_050,
                Some(PolicyHash([9; 32])),
            ),
        ],
        holds: vec![Hold {
            cause: "fence_stale".to_string(),
            began_ms: 1_789_999_990_000,
            ended_ms: Some(1_789_999_995_000),
        }],
        gaps: vec![Gap {
            partition: Partition(3),
            first: Offset(2),
            next: Offset(9),
            reason: "restored from backup".to_string(),
        }],
        fence: FenceMode::Leader,
        fence_limit_ms: None,
        decision_header: None,
        allowed: 4,
        suppressed: 3,
        mode: Mode::Gate,
        allowed_parts: Vec::new(),
    }
}
