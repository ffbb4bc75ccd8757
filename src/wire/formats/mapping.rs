//! Where the fields of a message stand, and the message that they make.
//!
//! Business, or the number that sends, and recipient must be there. What else is missing is as if the
//! message did not say it, which the rules take for the strictest.

use super::field::{Field, FieldSet};
use super::found::Found;
use super::headers::{Header, HeaderPlan};
use super::names::{category_of, deadline_of, opt_out_path_of, promotes, sender_in};
use super::plan::Plan;
use super::refusal::{Fault, Refusal};
use super::source::Source;
use super::texts::Texts;
use super::{cloud_api, json};
use crate::consent::{Category, EventId, IdentityRef};
use crate::decision::{Message, OptOutPath};

/// Which values a mapping is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Nothing is known of the value but what is mapped.
    Any,
    /// It is the body of a call to the Cloud API.
    CloudApi,
}

/// Where the fields stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mapping {
    shape: Shape,
    plan: Plan,
    headers: HeaderPlan,
}

impl Mapping {
    pub(super) fn new(shape: Shape, sources: &[(Field, Source)]) -> Self {
        let (mut plan, mut headers) = (Plan::default(), HeaderPlan::default());
        if shape == Shape::CloudApi {
            cloud_api::map(&mut plan);
        }
        for (field, source) in sources {
            match source {
                Source::Pointer(keys) => plan.map(keys, FieldSet::of(*field)),
                Source::Header(name) => headers.map(name, *field),
            }
        }
        Self { shape, plan, headers }
    }

    /// Whether there are not too many places.
    pub(super) fn fits(&self) -> bool {
        self.plan.fits() && self.headers.fits()
    }

    /// Reads a record; its value only if `value` is given.
    pub(super) fn read<'r>(
        &self,
        value: Option<&'r [u8]>,
        headers: impl FnOnce(&mut dyn FnMut(Header<'r>)),
        texts: &'r Texts,
    ) -> Result<Message<'r>, Refusal> {
        let mut found = Found::nothing();
        if let Some(value) = value {
            json::read(value, &self.plan, texts, &mut found)?;
        }
        if !self.headers.is_empty() {
            self.headers.read(headers, &mut found)?;
        }
        found.consistent()?;
        self.message(&found)
    }

    #[inline]
    fn message<'r>(&self, found: &Found<'r>) -> Result<Message<'r>, Refusal> {
        let (people, category) = match self.shape {
            Shape::Any => (people(found)?, declared(found)?.unwrap_or(Category::Marketing)),
            Shape::CloudApi => (cloud_api::people(found)?, cloud_api::category(found)?),
        };
        let endpoint = found.text(Field::Endpoint)?;
        let category = match endpoint.is_some_and(promotes) {
            true => category.stricter(Category::Marketing),
            false => category,
        };
        let sender = sender(found, endpoint)?;
        let business = match sender {
            "" => found.required(Field::Business)?,
            _ => found.text_or_empty(Field::Business)?,
        };
        let answers = found.text_or_empty(Field::Answers)?;
        let way_out = found.text(Field::OptOutPath)?;
        let deadline = found.value(Field::Deadline).map(deadline_of).transpose()?;
        Ok(Message {
            business,
            sender,
            to: people.to,
            also: people.also,
            scope: found.text_or_empty(Field::Scope)?,
            category,
            sent_at: None,
            deadline: deadline.flatten(),
            opt_out_path: way_out.map_or(OptOutPath::Missing, opt_out_path_of),
            answers: (!answers.is_empty()).then(|| EventId::of(answers)),
            message_id: found.text_or_empty(Field::MessageId)?,
            campaign_id: found.text_or_empty(Field::CampaignId)?,
            template: found.text_or_empty(Field::Template)?,
            template_language: found.text_or_empty(Field::TemplateLanguage)?,
        })
    }
}

/// Whom a message goes to.
pub(super) struct People<'r> {
    pub(super) to: Option<IdentityRef<'r>>,
    pub(super) also: [Option<IdentityRef<'r>>; 2],
}

fn people<'r>(found: &Found<'r>) -> Result<People<'r>, Refusal> {
    let to = IdentityRef::parse(found.required(Field::Recipient)?);
    Ok(People { to, also: [another(found, Field::AlsoKnownAs)?, None] })
}

/// Another identity of the person. One that cannot be read may carry an objection.
pub(super) fn another<'r>(
    found: &Found<'r>,
    field: Field,
) -> Result<Option<IdentityRef<'r>>, Refusal> {
    match found.text_or_empty(field)? {
        "" => Ok(None),
        text => match IdentityRef::parse(text) {
            Some(identity) => Ok(Some(identity)),
            None => Err(Refusal::of(field, Fault::NoIdentity)),
        },
    }
}

/// The number that sends: as it is mapped, or as the endpoint's path names it. Both must agree.
fn sender<'r>(found: &Found<'r>, endpoint: Option<&'r str>) -> Result<&'r str, Refusal> {
    let mapped = found.text_or_empty(Field::Sender)?;
    match (mapped, endpoint.and_then(sender_in)) {
        (mapped, None) => Ok(mapped),
        ("", Some(sender)) => Ok(sender),
        (mapped, Some(sender)) if mapped == sender => Ok(mapped),
        _ => Err(Refusal::of(Field::Sender, Fault::Differs)),
    }
}

/// The category that the message declares; one that is not known is marketing.
pub(super) fn declared(found: &Found<'_>) -> Result<Option<Category>, Refusal> {
    let name = found.text(Field::Category)?;
    Ok(name.map(|name| category_of(name).unwrap_or(Category::Marketing)))
}
