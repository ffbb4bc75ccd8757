//! Consent events and messages of a small world, as bytes.
//!
//! Numbers come from a made-up country plan (999).

use consentgate::wire::consent::{Produced, Publication, produce};
use consentgate::wire::proto::consent::{
    Actor, Channel, ConsentEvent, Expression, Kind, Method, PauseTarget, Strength, TemplateState,
    TemplateStatus,
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
        evidence: format!("form/{person}"),
        actor: Actor::Subject.into(),
        strength: Strength::Single.into(),
        ..event(business, person, Kind::Grant, &format!("grant-{business}-{person}-{at_ms}"))
    })
    .expect("a grant")
}

/// The business publishes the text of [`grant`], for these scopes on WhatsApp.
pub fn published(business: &str, scopes: &[&str], at_ms: i64) -> Produced {
    let publication = Publication {
        business,
        id: "newsletter",
        version: "1",
        language: "en",
        sentence: "Yes, you may write to me on WhatsApp, until I say stop.",
        scopes,
        channels: &[Channel::Whatsapp],
    };
    produce(ConsentEvent {
        event_id: format!("published-{business}-{at_ms}"),
        occurred_at_ms: Some(at_ms),
        ..publication.event()
    })
    .expect("a publication")
}

/// The person withdraws from everything.
pub fn withdraw(business: &str, person: u32) -> Produced {
    let id = format!("withdraw-{business}-{person}");
    produce(event(business, person, Kind::Withdraw, &id)).expect("a withdrawal")
}

/// The person withdraws from everything by this message.
pub fn withdraw_by(business: &str, person: u32, inbound_id: &str) -> Produced {
    let id = format!("withdraw-{business}-{person}");
    let inbound_id = inbound_id.to_string();
    produce(ConsentEvent { inbound_id, ..event(business, person, Kind::Withdraw, &id) })
        .expect("a withdrawal")
}

/// The person wrote this message.
pub fn wrote(business: &str, person: u32, inbound_id: &str, at_ms: i64) -> Produced {
    produce(ConsentEvent {
        occurred_at_ms: Some(at_ms),
        actor: Actor::Subject.into(),
        inbound_id: inbound_id.to_string(),
        ..event(business, person, Kind::Inbound, &format!("inbound-{inbound_id}"))
    })
    .expect("an inbound message")
}

/// The person asked for a code.
pub fn asked(business: &str, person: u32, at_ms: i64) -> Produced {
    produce(ConsentEvent {
        occurred_at_ms: Some(at_ms),
        actor: Actor::Subject.into(),
        ..event(business, person, Kind::UserRequest, &format!("asked-{person}-{at_ms}"))
    })
    .expect("a request")
}

/// Two people turn out to be one.
pub fn link(business: &str, person: u32, other: u32) -> Produced {
    let id = format!("link-{business}-{person}-{other}");
    let linked_phone = phone(other);
    produce(ConsentEvent { linked_phone, ..event(business, person, Kind::IdentityLink, &id) })
        .expect("a link")
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

/// What became of the template of all offers of a business.
pub fn template(business: &str, status: TemplateStatus, at_ms: i64) -> Produced {
    produce(ConsentEvent {
        event_id: format!("template-{business}-{at_ms}"),
        business_id: business.to_string(),
        kind: Kind::TemplateState.into(),
        occurred_at_ms: Some(at_ms),
        template_state: Some(TemplateState {
            template: "spring_offer".to_string(),
            language: "en".to_string(),
            status: status.into(),
            ..TemplateState::default()
        }),
        ..ConsentEvent::default()
    })
    .expect("a state")
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

/// An answer to the person, or a farewell that answers an objection.
pub fn reply(business: &str, person: u32, category: Category, answers: Option<&str>) -> Vec<u8> {
    OutboundMessage {
        business_id: business.to_string(),
        to: phone(person),
        category: category.into(),
        objection_event_id: answers.unwrap_or_default().to_string(),
        ..OutboundMessage::default()
    }
    .encode_to_vec()
}

/// A code for the person.
pub fn code(business: &str, person: u32) -> Vec<u8> {
    reply(business, person, Category::Authentication, None)
}

/// The current time in milliseconds.
pub fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.expect("a clock after 1970").as_millis()).expect("a clock before 292278994")
}
