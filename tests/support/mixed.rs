//! A mixed world, as chance of a seed will have it: most kinds of consent events, a few of them odd, and
//! messages of every category. What is right is for others to say. It has no clock: whoever plays it says
//! what time it is.

use std::time::Duration;

use consentgate::consent::Topic;
use consentgate::wire::consent::{Produced, encode, produce};
use consentgate::wire::proto::consent::{
    Actor, Channel, ConsentEvent, Expression, Kind, Method, PauseTarget, Place as SaidPlace,
    Strength, TemplateCategory, TemplateOptOutPath, TemplateState, TemplateStatus, TopicRole,
    VoidTarget,
};
use consentgate::wire::proto::outbound::OutboundMessage;
use prost::Message as _;
use rand::Rng as _;
use rand::rngs::StdRng;

use super::producers::NewRecord;
use super::stage::{Stage, event_record};
use super::world::{now_ms, phone};

const BUSINESSES: [&str; 3] = ["cafe", "shop", "bank"];
const SCOPES: [&str; 5] = ["offers", "surveys", "order_updates", "authentication", "raffles"];
const PEOPLE: u32 = 40;
const DAY_MS: i64 = 86_400_000;
/// Often, so that most people have agreed to something.
const KINDS: [(Kind, u32); 24] = [
    (Kind::Grant, 120),
    (Kind::Confirm, 8),
    (Kind::Withdraw, 8),
    (Kind::Refuse, 3),
    (Kind::PlatformStop, 4),
    (Kind::PlatformResume, 2),
    (Kind::Complaint, 2),
    (Kind::WrongNumber, 2),
    (Kind::Reassigned, 1),
    (Kind::Erase, 3),
    (Kind::Block, 3),
    (Kind::Unblock, 3),
    (Kind::Restrict, 2),
    (Kind::Unrestrict, 2),
    (Kind::IdentityLink, 3),
    (Kind::IdentityUnlink, 2),
    (Kind::IdentityChanged, 1),
    (Kind::Cooldown, 3),
    (Kind::Pause, 1),
    (Kind::Resume, 6),
    (Kind::Inbound, 15),
    (Kind::UserRequest, 8),
    (Kind::TemplateState, 4),
    (Kind::Invalidate, 1),
];

/// The world of one seed.
pub struct Mixed {
    chance: StdRng,
    now_ms: i64,
    grants: Vec<(u32, &'static str, String)>,
    inbounds: Vec<String>,
    objections: Vec<(u32, &'static str, String)>,
    number: u64,
}

impl Mixed {
    pub fn new(chance: StdRng) -> Self {
        let (grants, inbounds, objections) = (Vec::new(), Vec::new(), Vec::new());
        Self { chance, now_ms: 0, grants, inbounds, objections, number: 0 }
    }

    /// What follows happens at this time.
    pub fn at(&mut self, now_ms: i64) -> &mut Self {
        self.now_ms = now_ms;
        self
    }

    /// Writes events and then messages, in turns; every event is acknowledged before what comes after it.
    pub fn play(&mut self, stage: &Stage, rounds: u32, events: u32, messages: u32) {
        for round in 0..rounds {
            for _ in 0..events {
                if let Some((topic, produced)) = self.at(now_ms()).event() {
                    stage.writer().write_one(topic_of(stage, topic), &event_record(&produced));
                }
            }
            if round == rounds / 2 {
                self.write_garbage(stage);
            }
            self.at(now_ms());
            let records: Vec<_> = (0..messages).map(|_| self.message()).collect();
            let records: Vec<_> = records
                .iter()
                .map(|(key, value, timestamp_ms)| NewRecord {
                    key: Some(key.as_bytes()),
                    value: value.as_deref(),
                    timestamp_ms: Some(*timestamp_ms),
                    headers: &[("trace", Some(b"t1")), ("empty", None)],
                    ..NewRecord::default()
                })
                .collect();
            stage.writer().write(&stage.topics.outbound, &records);
            // Some of it comes in later seconds.
            std::thread::sleep(Duration::from_millis(700));
        }
    }

    fn often(&mut self, percent: u32) -> bool {
        self.chance.random_range(0..100) < percent
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.chance.random_range(0..of.len())]
    }

    fn id(&mut self, what: &str) -> String {
        self.number += 1;
        format!("{what}-{}", self.number)
    }

    /// A number or a user id; a few have the two forms of Mexico.
    fn person(&mut self, person: u32) -> (String, String) {
        match person % 10 {
            9 => (String::new(), format!("ZZ.person{person}")),
            8 => {
                let one = if self.often(50) { "1" } else { "" };
                (format!("+52{one}{:010}", person), String::new())
            }
            _ => (phone(person), String::new()),
        }
    }

    /// Mostly long before now, so that what is written now comes later.
    fn then_ms(&mut self) -> i64 {
        match self.often(60) {
            true => self.now_ms - self.chance.random_range(0..300) * DAY_MS / 10,
            false => self.now_ms - self.chance.random_range(0..5_000),
        }
    }

    /// The next event with its topic, unless chance made one that nobody would write.
    pub fn event(&mut self) -> Option<(Topic, Produced)> {
        let all: u32 = KINDS.iter().map(|(_, share)| share).sum();
        let mut drawn = self.chance.random_range(0..all);
        let kind = KINDS.iter().find(|(_, share)| {
            let found = drawn < *share;
            drawn = drawn.wrapping_sub(*share);
            found
        });
        let kind = kind.expect("one").0;
        let event = self.event_of(kind);
        // A writer who says too little, or something of a later version.
        let is_about_person = !(event.phone.is_empty() && event.user_id.is_empty());
        let event = match self.chance.random_range(0..100) {
            0 => ConsentEvent { occurred_at_ms: None, ..event },
            // About nobody it would stop a business for good.
            1 if is_about_person => ConsentEvent { min_reader: 99, ..event },
            2 => ConsentEvent { actor: Actor::Business.into(), ..event },
            3 => ConsentEvent { evidence: String::new(), ..event },
            _ => event,
        };
        let topic = match kind {
            Kind::Inbound | Kind::UserRequest => Topic::ConsentActivity,
            Kind::TemplateState => Topic::TemplateStates,
            _ => Topic::ConsentEvents,
        };
        Some((topic, produce(event).ok()?))
    }

    fn event_of(&mut self, kind: Kind) -> ConsentEvent {
        let who = self.chance.random_range(0..PEOPLE);
        let business = self.one(&BUSINESSES);
        let (phone, user_id) = self.person(who);
        let count = self.chance.random_range(1..3_usize);
        let scopes = match kind {
            Kind::Withdraw | Kind::Refuse if self.often(50) => vec![],
            _ => (0..count).map(|_| self.one(&SCOPES).to_owned()).collect(),
        };
        let event_id = self.id("e");
        let event = ConsentEvent {
            event_id: event_id.clone(),
            business_id: business.to_owned(),
            phone,
            user_id,
            kind: kind.into(),
            scopes,
            occurred_at_ms: Some(self.then_ms()),
            actor: Actor::Subject.into(),
            ..ConsentEvent::default()
        };
        match kind {
            Kind::Grant => {
                self.grants.push((who, business, event_id));
                self.grant(event)
            }
            Kind::Confirm => match self.grants.is_empty() {
                true => event,
                false => {
                    let nth = self.chance.random_range(0..self.grants.len());
                    let (who, business, id) = self.grants[nth].clone();
                    let (phone, user_id) = self.person(who);
                    let business_id = business.to_owned();
                    ConsentEvent { phone, user_id, business_id, confirms_event_id: id, ..event }
                }
            },
            Kind::Withdraw | Kind::Refuse | Kind::PlatformStop | Kind::Complaint => {
                self.objections.push((who, business, event_id));
                let named = self.often(40) && !self.inbounds.is_empty();
                let inbound_id = match named {
                    true => {
                        let nth = self.chance.random_range(0..self.inbounds.len());
                        self.inbounds[nth].clone()
                    }
                    false => String::new(),
                };
                let imported = self.often(30);
                let (method, actor) = match imported {
                    true => (Method::Import, Actor::Importer),
                    false => (Method::Unspecified, Actor::Subject),
                };
                let (method, actor) = (method.into(), actor.into());
                ConsentEvent { inbound_id, historic: imported, method, actor, ..event }
            }
            Kind::IdentityLink | Kind::IdentityUnlink | Kind::IdentityChanged => {
                let other = self.chance.random_range(0..PEOPLE);
                let (linked_phone, linked_user_id) = self.person(other);
                ConsentEvent { linked_phone, linked_user_id, ..event }
            }
            Kind::Cooldown => {
                let until = self.now_ms + self.chance.random_range(-2..9) * 500;
                ConsentEvent { until_ms: Some(until), ..event }
            }
            Kind::Pause | Kind::Resume => {
                let event = nobodys(ConsentEvent { scopes: vec![], ..event });
                let campaign_id = self.one(&["spring", "summer"]).to_owned();
                let pause = Some(PauseTarget { campaign_id, ..PauseTarget::default() });
                let occurred_at_ms = Some(self.now_ms);
                ConsentEvent { pause, occurred_at_ms, ..event }
            }
            Kind::Inbound => {
                let inbound_id = self.id("wamid");
                self.inbounds.push(inbound_id.clone());
                let at = self.now_ms - self.chance.random_range(0..100_000);
                ConsentEvent { inbound_id, occurred_at_ms: Some(at), scopes: vec![], ..event }
            }
            Kind::UserRequest => {
                let at = self.now_ms - self.chance.random_range(0..700_000);
                ConsentEvent { occurred_at_ms: Some(at), scopes: vec![], ..event }
            }
            Kind::TemplateState => self.template(event),
            Kind::Invalidate => {
                let text_version = self.one(&["1", "2"]).to_owned();
                let event = nobodys(ConsentEvent { scopes: vec![], ..event });
                ConsentEvent { text_id: "rare".to_owned(), text_version, ..event }
            }
            _ => event,
        }
    }

    fn grant(&mut self, event: ConsentEvent) -> ConsentEvent {
        let method = self.one(&[
            Method::WebsiteForm,
            Method::Purchase,
            Method::AskedInPerson,
            Method::QrCode,
            Method::Import,
        ]);
        let expression = self.one(&[
            Expression::ButtonTapped,
            Expression::BoxTicked,
            Expression::WordsWritten,
            Expression::ButtonTapped,
            Expression::Voice,
        ]);
        let valid_until_ms =
            self.often(10).then(|| self.now_ms + self.chance.random_range(-3..9) * 1_000);
        let strength = self.one(&[Strength::Single, Strength::Double, Strength::Unspecified]);
        ConsentEvent {
            method: method.into(),
            expression: expression.into(),
            text_id: self.one(&["newsletter", "newsletter", "rare"]).to_owned(),
            text_version: self.one(&["1", "2"]).to_owned(),
            language: "en".to_owned(),
            evidence: "form/1".to_owned(),
            recorder: self.one(&["", "clerk"]).to_owned(),
            inbound_id: self.one(&["", "yes"]).to_owned(),
            strength: strength.into(),
            valid_until_ms,
            ..event
        }
    }

    fn template(&mut self, event: ConsentEvent) -> ConsentEvent {
        let status = self.one(&[
            TemplateStatus::Unspecified,
            TemplateStatus::Approved,
            TemplateStatus::Approved,
            TemplateStatus::Paused,
        ]);
        let category = self.one(&[
            TemplateCategory::Unspecified,
            TemplateCategory::Marketing,
            TemplateCategory::Utility,
        ]);
        let path = self.one(&[
            TemplateOptOutPath::Unspecified,
            TemplateOptOutPath::Footer,
            TemplateOptOutPath::None,
            TemplateOptOutPath::Unclear,
        ]);
        let template_state = TemplateState {
            template: self.one(&["sale", "news", "code"]).to_owned(),
            language: self.one(&["en", "en_US", "sv", ""]).to_owned(),
            status: status.into(),
            category: category.into(),
            opt_out_path: path.into(),
            ..TemplateState::default()
        };
        let event = nobodys(ConsentEvent { scopes: vec![], ..event });
        ConsentEvent { template_state: Some(template_state), ..event }
    }

    /// What the businesses show to people whom they ask.
    pub fn publications(&mut self) -> Vec<Produced> {
        use consentgate::wire::consent::Publication;
        let all = BUSINESSES.iter().flat_map(|business| {
            [("newsletter", "1"), ("newsletter", "2"), ("rare", "1")].map(|text| (*business, text))
        });
        let published = all.map(|(business, (id, version))| {
            let publication = Publication {
                business,
                id,
                version,
                language: "en",
                sentence: "Yes, write to me on WhatsApp, until I say stop.",
                scopes: if version == "1" { &SCOPES } else { &SCOPES[..2] },
                channels: &[Channel::Whatsapp],
            };
            let event_id = format!("publishes-{business}-{id}-{version}");
            let occurred_at_ms = Some(self.now_ms);
            let event = ConsentEvent { event_id, occurred_at_ms, ..publication.event() };
            Produced { key: format!("{business}/"), value: encode(&event) }
        });
        published.collect()
    }

    /// A record that nobody can read: it stops a business until it is voided.
    pub fn garbage() -> Produced {
        Produced { key: format!("bank/{}", phone(3)), value: b"\xff no event".to_vec() }
    }

    /// Voids the record at this place of the log of record.
    pub fn void(&mut self, partition: i32, offset: i64) -> Produced {
        let place = SaidPlace { topic: TopicRole::ConsentEvents.into(), partition, offset };
        let void = VoidTarget { place: Some(place), ..VoidTarget::default() };
        let void = ConsentEvent {
            event_id: self.id("void"),
            kind: Kind::Void.into(),
            void: Some(void),
            ..ConsentEvent::default()
        };
        produce(void).expect("a void")
    }

    fn write_garbage(&mut self, stage: &Stage) {
        let garbage = Self::garbage();
        let topic = &stage.topics.consent_events;
        let place = stage.writer().write_one(topic, &event_record(&garbage));
        self.at(now_ms());
        let messages: Vec<_> = (0..20).map(|_| self.message()).collect();
        for (key, value, _) in &messages {
            let (key, value) = (Some(key.as_bytes()), value.as_deref());
            let record = NewRecord { key, value, ..NewRecord::default() };
            stage.writer().write_one(&stage.topics.outbound, &record);
        }
        let void = self.void(place.partition, place.offset);
        stage.writer().write_one(topic, &event_record(&void));
    }

    /// Key, value and timestamp of a message.
    pub fn message(&mut self) -> (String, Option<Vec<u8>>, i64) {
        let mut who = self.chance.random_range(0..PEOPLE + 2);
        let strange = self.often(4);
        let mut business = if strange { "zoo" } else { self.one(&BUSINESSES) };
        let mut objection_event_id = String::new();
        let category = self.one(&[1, 1, 1, 2, 2, 3, 4, 5, 0]);
        if category == 5 && self.often(80) && !self.objections.is_empty() {
            let nth = self.chance.random_range(0..self.objections.len());
            (who, business, objection_event_id) = self.objections[nth].clone();
        }
        let (phone, user_id) = self.person(who);
        let to = if phone.is_empty() { user_id } else { phone };
        let also = self.chance.random_range(0..PEOPLE);
        let (phone, user_id) = self.person(also);
        let also = if phone.is_empty() { user_id } else { phone };
        let scope = match category {
            2 if self.often(5) => "horoscopes",
            2 => self.one(&["order_updates", "order_updates", "offers"]),
            3 if self.often(5) => "offers",
            3 => self.one(&["", "authentication", "authentication"]),
            4 | 5 => self.one(&["", "", "order_updates"]),
            _ if self.often(5) => self.one(&["raffles", ""]),
            _ => self.one(&["offers", "offers", "surveys", "order_updates"]),
        };
        let template = if self.often(25) { self.one(&["sale", "news", "code"]) } else { "" };
        let message = OutboundMessage {
            message_id: self.id("m"),
            campaign_id: self.one(&["spring", "summer", "autumn"]).to_owned(),
            business_id: business.to_owned(),
            to: if self.often(1) { "nobody".to_owned() } else { to.clone() },
            also_known_as: if self.often(10) { also } else { String::new() },
            scope: scope.to_owned(),
            category,
            template: template.to_owned(),
            template_language: self.one(&["en", "en-us", "sv", "", "de"]).to_owned(),
            deadline_ms: self
                .often(5)
                .then(|| self.now_ms + self.chance.random_range(-1..2) * DAY_MS),
            opt_out_path: self.one(&[1, 1, 2, 3, 1, 0]),
            objection_event_id,
            ..OutboundMessage::default()
        };
        let value = match self.chance.random_range(0..100) {
            0 => None,
            1 => Some(b"\xff no message".to_vec()),
            _ => Some(message.encode_to_vec()),
        };
        let age = if self.often(4) { 2 * DAY_MS } else { 0 };
        (to, value, self.now_ms - age)
    }
}

/// What a topic is called on this stage.
fn topic_of(stage: &Stage, topic: Topic) -> &str {
    match topic {
        Topic::ConsentEvents => &stage.topics.consent_events,
        Topic::ConsentActivity => &stage.topics.consent_activity,
        Topic::TemplateStates => &stage.topics.template_states,
    }
}

/// An event of the business about nobody in particular.
fn nobodys(event: ConsentEvent) -> ConsentEvent {
    ConsentEvent { phone: String::new(), user_id: String::new(), ..event }
}
