//! Between a consent event as JSON and the contract's form.
//!
//! An effect that is absent becomes that of the kind, as producers write it.

use super::event::{JsonEvent, JsonPause, JsonPlace, JsonTemplateState, JsonVoid};
use super::value::{EnumNames, Named, format_instant, instant_ms, parse_hex};
use crate::wire::WireError;
use crate::wire::consent::effect_of;
use crate::wire::proto::consent::{
    Actor, Channel, ConsentEvent, Effect, Expression, Kind, Method, PauseTarget, Place, Strength,
    TemplateCategory, TemplateOptOutPath, TemplateState, TemplateStatus, TopicRole, VoidTarget,
};

pub(in crate::wire) const KINDS: EnumNames<Kind> = EnumNames {
    field: "kind",
    prefix: "KIND_",
    parse: Kind::from_str_name,
    name: Kind::as_str_name,
};
pub(in crate::wire) const EFFECTS: EnumNames<Effect> = EnumNames {
    field: "effect",
    prefix: "EFFECT_",
    parse: Effect::from_str_name,
    name: Effect::as_str_name,
};
pub(in crate::wire) const METHODS: EnumNames<Method> = EnumNames {
    field: "method",
    prefix: "METHOD_",
    parse: Method::from_str_name,
    name: Method::as_str_name,
};
pub(in crate::wire) const EXPRESSIONS: EnumNames<Expression> = EnumNames {
    field: "expression",
    prefix: "EXPRESSION_",
    parse: Expression::from_str_name,
    name: Expression::as_str_name,
};
pub(in crate::wire) const ACTORS: EnumNames<Actor> = EnumNames {
    field: "actor",
    prefix: "ACTOR_",
    parse: Actor::from_str_name,
    name: Actor::as_str_name,
};
pub(in crate::wire) const STRENGTHS: EnumNames<Strength> = EnumNames {
    field: "strength",
    prefix: "STRENGTH_",
    parse: Strength::from_str_name,
    name: Strength::as_str_name,
};
const CHANNELS: EnumNames<Channel> = EnumNames {
    field: "channels",
    prefix: "CHANNEL_",
    parse: Channel::from_str_name,
    name: Channel::as_str_name,
};
pub(in crate::wire) const TOPICS: EnumNames<TopicRole> = EnumNames {
    field: "topic",
    prefix: "TOPIC_ROLE_",
    parse: TopicRole::from_str_name,
    name: TopicRole::as_str_name,
};

const STATUSES: EnumNames<TemplateStatus> = EnumNames {
    field: "status",
    prefix: "TEMPLATE_STATUS_",
    parse: TemplateStatus::from_str_name,
    name: TemplateStatus::as_str_name,
};
const CATEGORIES: EnumNames<TemplateCategory> = EnumNames {
    field: "category",
    prefix: "TEMPLATE_CATEGORY_",
    parse: TemplateCategory::from_str_name,
    name: TemplateCategory::as_str_name,
};
const OPT_OUT_PATHS: EnumNames<TemplateOptOutPath> = EnumNames {
    field: "opt_out_path",
    prefix: "TEMPLATE_OPT_OUT_PATH_",
    parse: TemplateOptOutPath::from_str_name,
    name: TemplateOptOutPath::as_str_name,
};

impl JsonEvent {
    /// The event in the contract's form.
    ///
    /// # Errors
    /// A name that the contract does not have, a time that is none or given twice, a hash that is
    /// not in hex.
    pub fn to_proto(&self) -> Result<ConsentEvent, WireError> {
        let kind = KINDS.number(self.kind.as_ref())?;
        let effect = match &self.effect {
            None => effect_of(Kind::try_from(kind).unwrap_or_default()).into(),
            given => EFFECTS.number(given.as_ref())?,
        };
        let at = self.occurred_at.as_deref();
        let valid_until = self.valid_until.as_deref();
        Ok(ConsentEvent {
            event_id: self.event_id.clone(),
            business_id: self.business_id.clone(),
            phone: self.phone.clone(),
            user_id: self.user_id.clone(),
            kind,
            effect,
            min_reader: self.min_reader,
            scopes: self.scopes.clone(),
            occurred_at_ms: instant_ms("occurred_at", self.occurred_at_ms, at)?,
            historic: self.historic,
            method: METHODS.number(self.method.as_ref())?,
            expression: EXPRESSIONS.number(self.expression.as_ref())?,
            text_id: self.text_id.clone(),
            text_version: self.text_version.clone(),
            text_sha256: parse_hex("text_sha256", &self.text_sha256)?,
            language: self.language.clone(),
            evidence: self.evidence.clone(),
            actor: ACTORS.number(self.actor.as_ref())?,
            recorder: self.recorder.clone(),
            strength: STRENGTHS.number(self.strength.as_ref())?,
            valid_until_ms: instant_ms("valid_until", self.valid_until_ms, valid_until)?,
            reason: self.reason.clone(),
            source: self.source.clone(),
            linked_phone: self.linked_phone.clone(),
            linked_user_id: self.linked_user_id.clone(),
            until_ms: instant_ms("until", self.until_ms, self.until.as_deref())?,
            pause: self.pause.as_ref().map(pause_to_proto),
            void: self.void.as_ref().map(void_to_proto).transpose()?,
            confirms_event_id: self.confirms_event_id.clone(),
            inbound_id: self.inbound_id.clone(),
            text: self.text.clone(),
            template_state: self.template_state.as_ref().map(template_to_proto).transpose()?,
            channels: self
                .channels
                .iter()
                .map(|channel| CHANNELS.number(Some(channel)))
                .collect::<Result<_, _>>()?,
            // Never read from JSON, and never shown.
            sealed: None,
            roll: None,
        })
    }
}

impl From<&ConsentEvent> for JsonEvent {
    /// Times come as RFC 3339 where that form reaches.
    fn from(event: &ConsentEvent) -> Self {
        let (occurred_at, occurred_at_ms) = readable(event.occurred_at_ms);
        let (valid_until, valid_until_ms) = readable(event.valid_until_ms);
        let (until, until_ms) = readable(event.until_ms);
        Self {
            event_id: event.event_id.clone(),
            business_id: event.business_id.clone(),
            phone: event.phone.clone(),
            user_id: event.user_id.clone(),
            kind: KINDS.named(event.kind),
            // An effect of 0 must not come back as that of the kind.
            effect: Some(EFFECTS.named(event.effect).unwrap_or("unspecified".into())),
            min_reader: event.min_reader,
            scopes: event.scopes.clone(),
            occurred_at_ms,
            occurred_at,
            historic: event.historic,
            method: METHODS.named(event.method),
            expression: EXPRESSIONS.named(event.expression),
            text_id: event.text_id.clone(),
            text_version: event.text_version.clone(),
            text_sha256: hex::encode(&event.text_sha256),
            language: event.language.clone(),
            evidence: event.evidence.clone(),
            actor: ACTORS.named(event.actor),
            recorder: event.recorder.clone(),
            strength: STRENGTHS.named(event.strength),
            valid_until_ms,
            valid_until,
            reason: event.reason.clone(),
            source: event.source.clone(),
            linked_phone: event.linked_phone.clone(),
            linked_user_id: event.linked_user_id.clone(),
            until_ms,
            until,
            pause: event.pause.as_ref().map(pause_from_proto),
            void: event.void.as_ref().map(void_from_proto),
            confirms_event_id: event.confirms_event_id.clone(),
            inbound_id: event.inbound_id.clone(),
            text: event.text.clone(),
            template_state: event.template_state.as_ref().map(template_from_proto),
            channels: event.channels.iter().copied().map(channel_named).collect(),
        }
    }
}

/// An unspecified channel must not be lost.
fn channel_named(number: i32) -> Named {
    CHANNELS.named(number).unwrap_or(Named::Number(number))
}

/// A time in the form that a person reads, else in milliseconds.
fn readable(ms: Option<i64>) -> (Option<String>, Option<i64>) {
    match ms.and_then(format_instant) {
        Some(text) => (Some(text), None),
        None => (None, ms),
    }
}

fn pause_to_proto(pause: &JsonPause) -> PauseTarget {
    PauseTarget {
        scope: pause.scope.clone(),
        campaign_id: pause.campaign_id.clone(),
        template: pause.template.clone(),
    }
}

fn pause_from_proto(pause: &PauseTarget) -> JsonPause {
    JsonPause {
        scope: pause.scope.clone(),
        campaign_id: pause.campaign_id.clone(),
        template: pause.template.clone(),
    }
}

fn template_to_proto(said: &JsonTemplateState) -> Result<TemplateState, WireError> {
    let from = said.announced_from.as_deref();
    Ok(TemplateState {
        template: said.template.clone(),
        language: said.language.clone(),
        status: STATUSES.number(said.status.as_ref())?,
        category: CATEGORIES.number(said.category.as_ref())?,
        announced_category: CATEGORIES.number(said.announced_category.as_ref())?,
        announced_from_ms: instant_ms("announced_from", said.announced_from_ms, from)?,
        opt_out_path: OPT_OUT_PATHS.number(said.opt_out_path.as_ref())?,
    })
}

fn template_from_proto(said: &TemplateState) -> JsonTemplateState {
    let (announced_from, announced_from_ms) = readable(said.announced_from_ms);
    JsonTemplateState {
        template: said.template.clone(),
        language: said.language.clone(),
        status: STATUSES.named(said.status),
        category: CATEGORIES.named(said.category),
        announced_category: CATEGORIES.named(said.announced_category),
        announced_from_ms,
        announced_from,
        opt_out_path: OPT_OUT_PATHS.named(said.opt_out_path),
    }
}

fn place_to_proto(place: &JsonPlace) -> Result<Place, WireError> {
    Ok(Place {
        topic: TOPICS.number(Some(&place.topic))?,
        partition: place.partition,
        offset: place.offset,
    })
}

fn void_to_proto(void: &JsonVoid) -> Result<VoidTarget, WireError> {
    Ok(VoidTarget {
        place: void.place.as_ref().map(place_to_proto).transpose()?,
        replaced_by_event_ids: void.replaced_by_event_ids.clone(),
        drop_reason: void.drop_reason.clone(),
    })
}

fn void_from_proto(void: &VoidTarget) -> JsonVoid {
    JsonVoid {
        place: void.place.map(|place| JsonPlace {
            topic: TOPICS.named(place.topic).unwrap_or("unspecified".into()),
            partition: place.partition,
            offset: place.offset,
        }),
        replaced_by_event_ids: void.replaced_by_event_ids.clone(),
        drop_reason: void.drop_reason.clone(),
    }
}
