//! What customers say, as consent events.
//!
//! All ten ways of collecting consent occur, each with a text that its business publishes. A QR code and
//! an ad only open a conversation, so there the person writes words or taps a button; everywhere else any
//! expression will do.

use super::business::Business;
use super::customer::{Address, Customer, Story};
use super::draw::draw;
use crate::wire::consent::{Produced, Publication, effect_of, encode};
use crate::wire::proto::consent::{
    Actor, Channel, ConsentEvent, Expression, Kind, Method, Strength,
};

/// The first day of the world: 2023-01-01.
const BEGINNING_MS: i64 = 1_672_531_200_000;
/// Everybody agreed within two years of it.
const SPAN_S: u64 = 2 * 365 * 86_400;
const DAY_MS: i64 = 86_400_000;
/// What was agreed to for a time ended on 2025-07-01.
const LAPSED_MS: i64 = 1_751_328_000_000;
/// Some agree for a time that has not come: until 2100-01-01.
const FAR_MS: i64 = 4_102_444_800_000;

const METHODS: [(Method, &str); 10] = [
    (Method::WebsiteForm, "website"),
    (Method::Purchase, "checkout"),
    (Method::QrCode, "poster"),
    (Method::SocialMedia, "social"),
    (Method::Newsletter, "newsletter"),
    (Method::CustomerSupport, "support"),
    (Method::ExitPopup, "popup"),
    (Method::LandingPage, "landing"),
    (Method::ClickToWhatsappAd, "ad"),
    (Method::AskedInPerson, "counter"),
];

/// Every text has so many versions.
const VERSIONS: u64 = 3;
const LANGUAGE: &str = "en";

/// What a business shows to people: a text for each way of asking, in all its versions.
pub(super) fn publications(business: &Business) -> impl Iterator<Item = Produced> + '_ {
    let versions = METHODS.iter().flat_map(|(_, text)| (1..=VERSIONS).map(move |v| (text, v)));
    versions.map(|(text, version)| published(business, text, &version.to_string()))
}

fn published(business: &Business, text: &str, version: &str) -> Produced {
    let scopes = business.trade.scopes();
    let sentence = format!(
        "Yes, {} may write to me on WhatsApp ({}), until I say stop. [{text} {version}]",
        business.id,
        scopes.join(", "),
    );
    let publication = Publication {
        business: &business.id,
        id: text,
        version,
        language: LANGUAGE,
        sentence: &sentence,
        scopes,
        channels: &[Channel::Whatsapp],
    };
    let event = ConsentEvent {
        event_id: format!("publishes-{}-{text}-{version}", business.id),
        occurred_at_ms: Some(BEGINNING_MS),
        source: "simulate".to_owned(),
        ..publication.event()
    };
    Produced { key: format!("{}/", business.id), value: encode(&event) }
}

impl Customer<'_> {
    /// What the customer said before the campaign, in order.
    pub fn events(&self) -> Vec<Produced> {
        let at_ms = self.agreed_at_ms();
        let grant = || self.grant(at_ms);
        let objection = |kind| self.event(kind, "objects", Some(at_ms + 30 * DAY_MS));
        let events = match self.story {
            Story::Agreed | Story::Leaving => vec![grant()],
            Story::Confirmed => vec![self.request(at_ms), grant(), self.confirmation(at_ms)],
            Story::Returned => vec![self.old_objection(at_ms), grant()],
            Story::Withdrew => vec![grant(), objection(Kind::Withdraw)],
            Story::WithdrewOne => {
                let scopes = vec![self.left_scope().to_owned()];
                vec![grant(), ConsentEvent { scopes, ..objection(Kind::Withdraw) }]
            }
            Story::Refused => vec![self.request(at_ms), objection(Kind::Refuse)],
            Story::Complained => vec![grant(), objection(Kind::Complaint)],
            Story::WrongNumber => vec![grant(), objection(Kind::WrongNumber)],
            Story::Blocked => vec![grant(), objection(Kind::Block)],
            Story::Restricted => vec![grant(), objection(Kind::Restrict)],
            Story::Erased => vec![grant(), objection(Kind::Erase)],
            Story::Lapsed => {
                let valid_until_ms = Some(LAPSED_MS);
                vec![ConsentEvent { valid_until_ms, ..grant() }]
            }
            Story::PreTicked => {
                let expression = Expression::PreTicked.into();
                vec![ConsentEvent { expression, ..grant() }]
            }
            Story::Imported => {
                let (method, actor) = (Method::Import.into(), Actor::Importer.into());
                vec![ConsentEvent { method, actor, ..grant() }]
            }
            Story::Stranger => Vec::new(),
        };
        events.into_iter().map(|event| self.produced(event)).collect()
    }

    /// The customer withdraws from everything, now.
    pub fn withdrawal(&self) -> Produced {
        self.produced(self.event(Kind::Withdraw, "leaves", None))
    }

    /// The customer agrees at this time to the scopes of [`Customer::agreed`], with all the evidence
    /// that it takes.
    pub fn agreement(&self, at_ms: i64) -> Produced {
        self.produced(self.grant(at_ms))
    }

    fn agreed_at_ms(&self) -> i64 {
        // Two years of seconds.
        let seconds = (draw(self.seed ^ 0xa6, self.number) % SPAN_S).cast_signed();
        BEGINNING_MS + seconds * 1_000
    }

    fn event(&self, kind: Kind, what: &str, occurred_at_ms: Option<i64>) -> ConsentEvent {
        let (phone, user_id) = match &self.address {
            Address::Phone(phone) => (phone.clone(), String::new()),
            Address::UserId(id) => (String::new(), id.clone()),
        };
        ConsentEvent {
            event_id: format!("{what}-{:x}-{:x}", self.seed, self.number),
            business_id: self.business.id.clone(),
            phone,
            user_id,
            kind: kind.into(),
            effect: effect_of(kind).into(),
            occurred_at_ms,
            actor: Actor::Subject.into(),
            source: "simulate".to_owned(),
            ..ConsentEvent::default()
        }
    }

    fn request(&self, at_ms: i64) -> ConsentEvent {
        let mut event = self.event(Kind::Request, "asks", Some(at_ms - DAY_MS));
        event.set_actor(Actor::Business);
        event
    }

    fn grant(&self, at_ms: i64) -> ConsentEvent {
        let drawn = draw(self.seed ^ 0xe1, self.number);
        let (method, text) = METHODS
            .get(drawn as usize % METHODS.len())
            .copied()
            .unwrap_or((Method::WebsiteForm, "website"));
        let expression = match (method, (drawn >> 8) % 3) {
            (Method::QrCode | Method::ClickToWhatsappAd, 0) => Expression::ButtonTapped,
            (Method::QrCode | Method::ClickToWhatsappAd, _) => Expression::WordsWritten,
            (Method::AskedInPerson, _) => Expression::Voice,
            (_, 0) => Expression::ButtonTapped,
            _ => Expression::BoxTicked,
        };
        ConsentEvent {
            scopes: self.agreed().map(str::to_owned).collect(),
            method: method.into(),
            expression: expression.into(),
            text_id: text.to_owned(),
            text_version: format!("{}", 1 + (drawn >> 16) % VERSIONS),
            language: LANGUAGE.to_owned(),
            evidence: format!("crm/{:x}", self.number),
            recorder: match method {
                Method::CustomerSupport | Method::AskedInPerson => "clerk".to_owned(),
                _ => String::new(),
            },
            inbound_id: match method {
                Method::QrCode | Method::ClickToWhatsappAd => format!("yes-{:x}", self.number),
                _ => String::new(),
            },
            strength: Strength::Single.into(),
            valid_until_ms: (drawn >> 24).is_multiple_of(5).then_some(FAR_MS),
            ..self.event(Kind::Grant, "agrees", Some(at_ms))
        }
    }

    fn confirmation(&self, at_ms: i64) -> ConsentEvent {
        ConsentEvent {
            confirms_event_id: self.grant(at_ms).event_id,
            ..self.event(Kind::Confirm, "confirms", Some(at_ms + 60_000))
        }
    }

    /// An objection that an older system kept, from a year before the grant.
    fn old_objection(&self, at_ms: i64) -> ConsentEvent {
        let mut event = self.event(Kind::Withdraw, "left", Some(at_ms - 365 * DAY_MS));
        event.historic = true;
        event.set_method(Method::Import);
        event.set_actor(Actor::Importer);
        event
    }

    fn produced(&self, event: ConsentEvent) -> Produced {
        let key = format!("{}/{}", self.business.id, self.address.as_str());
        Produced { key, value: encode(&event) }
    }
}
