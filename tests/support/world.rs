//! Consent events and messages of a small world, as bytes.
//!
//! Numbers come from a made-up country plan (999).

use consentgate::wire::consent::{Produced, produce};
use consentgate::wire::proto::consent::{
    Actor, ConsentEvent, Expression, Kind, Method, PauseTarget, Strength,
};
use consentgate::wire::proto::outbound::{Category, OptOutPath, OutboundMessage};
use prost::Message as _;

/// The person with this number.
pub fn phone(person: u32) -> String {
    format!("+999{:08}", 10_000_000 + person)
}

fn event(business: &str, person: u32, kind: Kind, id: &str) -> ConsentEvent {
    ConsentEvent {
        event_id: id.to_string(),
        business_id: business.to_string(),
        phone: phone(person),
        kind: kind.into(),
        ..ConsentEvent::default()
    }
}

/// The person agrees to these scopes.
pub fn grant(business: &str, person: u32, scopes: &[&str], at_ms: i64) -> Produced {
    produce(ConsentEvent {
        scopes: scopes.iter().map(ToString::to_string).collect(),
        occurred_at_ms: Some(at_ms),
        method: Method::WebsiteForm.into(),
        expression: Expression::BoxTicked.into(),
        text_id: "newsletter".to_string(),
        text_version: "1".to_string(),
        actor: Actor::Subject.into(),
        strength: Strength::Single.into(),
        ..event(business, person, Kind::Grant, &format!("grant-{business}-{person}-{at_ms}"))
    })
    .expect("a grant")
}

/// The person withdraws from everything.
pub fn withdraw(business: &str, person: u32) -> Produced {
    let id = format!("withdraw-{business}-{person}");
    produce(event(business, person, Kind::Withdraw, &id)).expect("a withdrawal")
}

/// A pause or a resume of a campaign of a business, or, without a business, of everything.
pub fn switch(kind: Kind, of: Option<(&str, &str)>, at_ms: i64) -> Produced {
    let (business, campaign) = of.unwrap_or_default();
    produce(ConsentEvent {
        event_id: format!("switch-{business}-{at_ms}"),
        business_id: business.to_string(),
        kind: kind.into(),
        occurred_at_ms: Some(at_ms),
        pause: of.map(|_| PauseTarget { campaign_id: campaign.to_string(), ..<_>::default() }),
        ..ConsentEvent::default()
    })
    .expect("a switch")
}

/// An offer to the person, with a number of its own.
pub fn offer(business: &str, person: u32, number: u64) -> Vec<u8> {
    OutboundMessage {
        message_id: format!("m-{number}"),
        campaign_id: "spring".to_string(),
        business_id: business.to_string(),
        to: phone(person),
        scope: "offers".to_string(),
        category: Category::Marketing.into(),
        template: "spring_offer".to_string(),
        template_language: "en".to_string(),
        opt_out_path: OptOutPath::Footer.into(),
        body: vec![b'x'; 200],
        ..OutboundMessage::default()
    }
    .encode_to_vec()
}

/// The current time in milliseconds.
pub fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.expect("a clock after 1970").as_millis()).expect("a clock before 292278994")
}
