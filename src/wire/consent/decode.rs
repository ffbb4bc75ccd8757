//! From the bytes of a consent event to what it says.
//!
//! Judges nothing. A field that cannot be read becomes `None` or `Unknown`, never a guess: the fold
//! then takes it in the direction that suppresses.

use prost::Message as _;

use super::publication::hash_of;
use crate::consent::{
    Actor, BusinessId, Category, Coded, ConsentEvent, Content, Effect, EventId, EventKind,
    Expression, Identity, Method, NamesWhatsapp, Offset, Partition, PauseTarget, Phone, Place,
    ScopeName, Strength, TemplateRef, TemplateSaid, TextHash, TextRef, Topic, Usability, UserId,
    VoidRemedy, WayOut,
};
use crate::wire::proto::consent as proto;

/// Reads the value of a consent record.
///
/// No value, an empty one, and bytes that are no consent event are undecodable.
pub fn decode(value: Option<&[u8]>) -> Content {
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return Content::Undecodable;
    };
    match proto::ConsentEvent::decode(value) {
        Ok(event) => Content::Event(Box::new(event_of(&event))),
        Err(_) => Content::Undecodable,
    }
}

fn event_of(event: &proto::ConsentEvent) -> ConsentEvent {
    let (pauses, pauses_complete) = event.pause.as_ref().map_or((vec![], true), pauses_of);
    let scopes: Vec<_> = event.scopes.iter().filter_map(|scope| ScopeName::parse(scope)).collect();
    ConsentEvent {
        event_id: event_id(&event.event_id),
        business: BusinessId::parse(&event.business_id),
        identity: identity_of(event),
        kind: coded(event.kind, kind_of),
        effect: coded(event.effect, effect_of),
        min_reader: event.min_reader,
        scopes_complete: scopes.len() == event.scopes.len(),
        scopes,
        occurred_at_ms: event.occurred_at_ms,
        historic: event.historic,
        method: coded(event.method, method_of),
        expression: coded(event.expression, expression_of),
        text: text_of(event),
        text_complete: event.text_sha256.is_empty() || text_hash(event).is_some(),
        sentence: given(&event.text).map(hash_of),
        whatsapp: whatsapp_in(&event.channels),
        evidence: given(&event.evidence).map(str::to_string),
        actor: coded(event.actor, actor_of),
        recorder: given(&event.recorder).map(str::to_string),
        strength: coded(event.strength, strength_of),
        valid_until_ms: event.valid_until_ms,
        confirms: event_id(&event.confirms_event_id),
        inbound: event_id(&event.inbound_id),
        linked: one_identity(&event.linked_phone, &event.linked_user_id),
        until_ms: event.until_ms,
        pauses,
        pauses_complete,
        voids: event.void.as_ref().and_then(void_place),
        remedy: event.void.as_ref().map_or(VoidRemedy::None, remedy_of),
        template: event.template_state.as_ref().map(template_of),
    }
}

/// A text that was given at all.
fn given(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn event_id(text: &str) -> Option<EventId> {
    given(text).map(EventId::of)
}

/// Exactly one of phone and user id names a person; both at once name nobody.
pub(super) fn identity_of(event: &proto::ConsentEvent) -> Option<Identity> {
    one_identity(&event.phone, &event.user_id)
}

/// The one person that a number or a user id names.
pub(in crate::wire) fn one_identity(phone: &str, user_id: &str) -> Option<Identity> {
    match (given(phone), given(user_id)) {
        (Some(phone), None) => Phone::parse(phone).map(Identity::Phone),
        (None, Some(id)) => UserId::parse(id).map(Identity::UserId),
        _ => None,
    }
}

fn text_of(event: &proto::ConsentEvent) -> Option<TextRef> {
    let named = !(event.text_id.is_empty() && event.text_version.is_empty());
    named.then(|| TextRef {
        sha256: text_hash(event),
        ..TextRef::new(&event.text_id, &event.text_version).in_language(&event.language)
    })
}

fn text_hash(event: &proto::ConsentEvent) -> Option<TextHash> {
    event.text_sha256.as_slice().try_into().ok().map(TextHash)
}

fn whatsapp_in(channels: &[i32]) -> NamesWhatsapp {
    let whatsapp = i32::from(proto::Channel::Whatsapp);
    if channels.contains(&whatsapp) { NamesWhatsapp::Yes } else { NamesWhatsapp::No }
}

/// All that a pause names, and whether all of it could be read.
fn pauses_of(pause: &proto::PauseTarget) -> (Vec<PauseTarget>, bool) {
    let scope = given(&pause.scope).map(ScopeName::parse);
    let complete = scope != Some(None);
    let scope = scope.flatten().map(PauseTarget::Scope);
    let campaign = given(&pause.campaign_id).map(|id| PauseTarget::Campaign(id.into()));
    let template = given(&pause.template).map(|name| PauseTarget::Template(name.into()));
    (scope.into_iter().chain(campaign).chain(template).collect(), complete)
}

fn void_place(void: &proto::VoidTarget) -> Option<Place> {
    let place = void.place.as_ref()?;
    let topic = topic_of(place.topic)?;
    (place.partition >= 0 && place.offset >= 0).then_some(Place {
        topic,
        partition: Partition(place.partition),
        offset: Offset(place.offset),
    })
}

fn remedy_of(void: &proto::VoidTarget) -> VoidRemedy {
    let replaced: Vec<_> =
        void.replaced_by_event_ids.iter().filter_map(|id| event_id(id)).collect();
    match (replaced.is_empty(), given(&void.drop_reason)) {
        (false, _) => VoidRemedy::Replaced(replaced),
        (true, Some(reason)) => VoidRemedy::Dropped(reason.to_string()),
        (true, None) => VoidRemedy::None,
    }
}

fn template_of(said: &proto::TemplateState) -> TemplateSaid {
    TemplateSaid {
        template: TemplateRef::new(&said.template, &said.language),
        usability: coded(said.status, usability_of),
        category: coded(said.category, category_of),
        announced: coded(said.announced_category, category_of),
        announced_from_ms: said.announced_from_ms,
        way_out: coded(said.opt_out_path, way_out_of),
    }
}

/// The topic of a role's number.
pub(in crate::wire) fn topic_of(number: i32) -> Option<Topic> {
    match proto::TopicRole::try_from(number).ok()? {
        proto::TopicRole::Unspecified => None,
        proto::TopicRole::ConsentEvents => Some(Topic::ConsentEvents),
        proto::TopicRole::ConsentActivity => Some(Topic::ConsentActivity),
        proto::TopicRole::TemplateStates => Some(Topic::TemplateStates),
    }
}

/// A topic's role.
pub(in crate::wire) fn role_of(topic: Topic) -> proto::TopicRole {
    match topic {
        Topic::ConsentEvents => proto::TopicRole::ConsentEvents,
        Topic::ConsentActivity => proto::TopicRole::ConsentActivity,
        Topic::TemplateStates => proto::TopicRole::TemplateStates,
    }
}

/// The value of a number in the contract.
pub(in crate::wire) fn coded<P: TryFrom<i32>, T>(
    number: i32,
    known: fn(P) -> Option<T>,
) -> Coded<T> {
    match (number, P::try_from(number).ok().and_then(known)) {
        (0, _) => Coded::Unspecified,
        (_, Some(value)) => Coded::Known(value),
        (number, None) => Coded::Unknown(number),
    }
}

/// The kinds that this version folds by their own rules; all others count by their effect.
pub(in crate::wire) fn kind_of(kind: proto::Kind) -> Option<EventKind> {
    match kind {
        proto::Kind::Request => Some(EventKind::Request),
        proto::Kind::Grant => Some(EventKind::Grant),
        proto::Kind::Confirm => Some(EventKind::Confirm),
        proto::Kind::Refuse => Some(EventKind::Refuse),
        proto::Kind::Withdraw => Some(EventKind::Withdraw),
        proto::Kind::PlatformStop => Some(EventKind::PlatformStop),
        proto::Kind::PlatformResume => Some(EventKind::PlatformResume),
        proto::Kind::Complaint => Some(EventKind::Complaint),
        proto::Kind::WrongNumber => Some(EventKind::WrongNumber),
        proto::Kind::Reassigned => Some(EventKind::Reassigned),
        proto::Kind::Erase => Some(EventKind::Erase),
        proto::Kind::IdentityLink => Some(EventKind::IdentityLink),
        proto::Kind::IdentityUnlink => Some(EventKind::IdentityUnlink),
        proto::Kind::IdentityChanged => Some(EventKind::IdentityChanged),
        proto::Kind::Block => Some(EventKind::Block),
        proto::Kind::Unblock => Some(EventKind::Unblock),
        proto::Kind::Restrict => Some(EventKind::Restrict),
        proto::Kind::Unrestrict => Some(EventKind::Unrestrict),
        proto::Kind::Cooldown => Some(EventKind::Cooldown),
        proto::Kind::Pause => Some(EventKind::Pause),
        proto::Kind::Resume => Some(EventKind::Resume),
        proto::Kind::Inbound => Some(EventKind::Inbound),
        proto::Kind::UserRequest => Some(EventKind::UserRequest),
        proto::Kind::Invalidate => Some(EventKind::Invalidate),
        proto::Kind::Heartbeat => Some(EventKind::Heartbeat),
        proto::Kind::Void => Some(EventKind::Void),
        proto::Kind::TextPublished => Some(EventKind::TextPublished),
        proto::Kind::TextRetired => Some(EventKind::TextRetired),
        proto::Kind::TemplateState => Some(EventKind::TemplateState),
        proto::Kind::Unspecified => None,
    }
}

pub(in crate::wire) fn effect_of(effect: proto::Effect) -> Option<Effect> {
    match effect {
        proto::Effect::Unspecified => None,
        proto::Effect::Objects => Some(Effect::Objects),
        proto::Effect::Permits => Some(Effect::Permits),
        proto::Effect::Neutral => Some(Effect::Neutral),
    }
}

pub(in crate::wire) fn method_of(method: proto::Method) -> Option<Method> {
    match method {
        proto::Method::Unspecified => None,
        proto::Method::WebsiteForm => Some(Method::WebsiteForm),
        proto::Method::Purchase => Some(Method::Purchase),
        proto::Method::QrCode => Some(Method::QrCode),
        proto::Method::SocialMedia => Some(Method::SocialMedia),
        proto::Method::Newsletter => Some(Method::Newsletter),
        proto::Method::CustomerSupport => Some(Method::CustomerSupport),
        proto::Method::ExitPopup => Some(Method::ExitPopup),
        proto::Method::LandingPage => Some(Method::LandingPage),
        proto::Method::ClickToWhatsappAd => Some(Method::ClickToWhatsappAd),
        proto::Method::AskedInPerson => Some(Method::AskedInPerson),
        proto::Method::Import => Some(Method::Import),
    }
}

pub(in crate::wire) fn expression_of(expression: proto::Expression) -> Option<Expression> {
    match expression {
        proto::Expression::Unspecified => None,
        proto::Expression::BoxTicked => Some(Expression::BoxTicked),
        proto::Expression::ButtonTapped => Some(Expression::ButtonTapped),
        proto::Expression::WordsWritten => Some(Expression::WordsWritten),
        proto::Expression::Voice => Some(Expression::Voice),
        proto::Expression::PreTicked => Some(Expression::PreTicked),
        proto::Expression::Bundled => Some(Expression::Bundled),
    }
}

pub(in crate::wire) fn actor_of(actor: proto::Actor) -> Option<Actor> {
    match actor {
        proto::Actor::Unspecified => None,
        proto::Actor::Subject => Some(Actor::Subject),
        proto::Actor::Guardian => Some(Actor::Guardian),
        proto::Actor::Business => Some(Actor::Business),
        proto::Actor::Authority => Some(Actor::Authority),
        proto::Actor::Platform => Some(Actor::Platform),
        proto::Actor::Importer => Some(Actor::Importer),
    }
}

fn usability_of(status: proto::TemplateStatus) -> Option<Usability> {
    use proto::TemplateStatus as Status;
    match status {
        Status::Unspecified => None,
        Status::Approved | Status::Reinstated | Status::Unarchived | Status::Flagged => {
            Some(Usability::Usable)
        }
        Status::Pending
        | Status::Rejected
        | Status::Paused
        | Status::Disabled
        | Status::Deleted
        | Status::PendingDeletion
        | Status::InAppeal
        | Status::Archived
        | Status::LimitExceeded
        | Status::Locked
        | Status::Other => Some(Usability::Unusable),
    }
}

fn category_of(category: proto::TemplateCategory) -> Option<Category> {
    match category {
        proto::TemplateCategory::Unspecified => None,
        proto::TemplateCategory::Marketing => Some(Category::Marketing),
        proto::TemplateCategory::Utility => Some(Category::Utility),
        proto::TemplateCategory::Authentication => Some(Category::Authentication),
    }
}

fn way_out_of(path: proto::TemplateOptOutPath) -> Option<WayOut> {
    use proto::TemplateOptOutPath as Path;
    match path {
        Path::Unspecified => None,
        Path::None => Some(WayOut::Missing),
        Path::Unclear => Some(WayOut::Unclear),
        Path::Footer | Path::Button | Path::Link => Some(WayOut::Carried),
    }
}

pub(in crate::wire) fn strength_of(strength: proto::Strength) -> Option<Strength> {
    match strength {
        proto::Strength::Unspecified => None,
        proto::Strength::Single => Some(Strength::Single),
        proto::Strength::Double => Some(Strength::Double),
    }
}
