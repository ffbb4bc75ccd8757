//! The body of a call that sends a WhatsApp message through Meta's Cloud API.
//!
//! Knows the body's fields and what its type says of the category. `to` is what the platform uses;
//! a user id beside it is another identity of the same person. A type that is not known promotes.

use super::field::{Field, FieldSet};
use super::found::Found;
use super::mapping::{People, another, declared};
use super::plan::Plan;
use super::refusal::{Fault, Refusal};
use crate::consent::{Category, IdentityRef};

/// The types of messages. Each has its content under a key of its own name.
pub(super) const TYPES: [&str; 11] = [
    "text",
    "template",
    "interactive",
    "image",
    "audio",
    "video",
    "document",
    "sticker",
    "location",
    "contacts",
    "reaction",
];
/// The type of a body that names none.
const TYPE_BY_DEFAULT: &str = "text";

/// Keys that only bodies for the marketing endpoint have.
pub(super) const MARKETING_KEYS: [&str; 2] = ["product_policy", "message_activity_sharing"];
const MARKETING_MARK: u32 = 1 << TYPES.len();
const CONTENT_MARKS: u32 = MARKETING_MARK - 1;

/// The places of the body.
pub(super) fn map(plan: &mut Plan) {
    plan.map(&["messaging_product"], FieldSet::of(Field::Product));
    plan.map(&["recipient_type"], FieldSet::of(Field::RecipientType));
    plan.map(&["to"], FieldSet::of(Field::Recipient));
    plan.map(&["recipient"], FieldSet::of(Field::UserId));
    plan.map(&["type"], FieldSet::of(Field::Type));
    plan.map(&["category"], FieldSet::of(Field::Category));
    plan.map(&["template", "name"], FieldSet::of(Field::Template));
    plan.map(&["template", "language", "code"], FieldSet::of(Field::TemplateLanguage));
    for (number, name) in TYPES.iter().enumerate() {
        plan.mark(&[name], 1 << number);
    }
    for key in MARKETING_KEYS {
        plan.mark(&[key], MARKETING_MARK);
    }
}

/// Whom the body addresses. A group is nobody who could have agreed.
pub(super) fn people<'r>(found: &Found<'r>) -> Result<People<'r>, Refusal> {
    let is_person = matches!(found.text(Field::RecipientType)?, None | Some("individual"));
    let beside = another(found, Field::AlsoKnownAs)?;
    let (to, user_id) = match found.text_or_empty(Field::Recipient)? {
        "" => (IdentityRef::parse(found.required(Field::UserId)?), None),
        to => (IdentityRef::parse(to), another(found, Field::UserId)?),
    };
    Ok(People { to: to.filter(|_| is_person), also: [user_id, beside] })
}

/// The strictest of what is declared, what the type says and what the endpoint's own keys say.
pub(super) fn category(found: &Found<'_>) -> Result<Category, Refusal> {
    if !matches!(found.text(Field::Product)?, None | Some("whatsapp")) {
        return Err(Refusal::of(Field::Product, Fault::WrongType));
    }
    let kind = found.text(Field::Type)?.unwrap_or(TYPE_BY_DEFAULT);
    let content = content_of(kind, found)?;
    let declared = declared(found)?;
    let category = match content {
        Content::Template => match declared {
            // A template is never the free-form reply that this category is.
            Some(Category::Service) => return Err(Refusal::of(Field::Category, Fault::Unfitting)),
            declared => declared.unwrap_or(Category::Marketing),
        },
        Content::FreeForm => declared.unwrap_or(Category::Service),
        Content::Unknown => Category::Marketing,
    };
    match found.marks & MARKETING_MARK {
        0 => Ok(category),
        _ => Ok(category.stricter(Category::Marketing)),
    }
}

/// What a type is to the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Template,
    FreeForm,
    Unknown,
}

/// The content must be that of the type, and no other.
fn content_of(kind: &str, found: &Found<'_>) -> Result<Content, Refusal> {
    let number = TYPES.iter().position(|known| *known == kind);
    let own = number.map_or(0, |number| 1 << number);
    if found.marks & CONTENT_MARKS & !own != 0 {
        return Err(Refusal::of(Field::Type, Fault::Unfitting));
    }
    if number.is_some() && found.marks & own == 0 {
        return Err(Refusal::of(Field::Type, Fault::Missing));
    }
    match (number, kind) {
        (None, _) => Ok(Content::Unknown),
        (Some(_), "template") => {
            found.required(Field::Template)?;
            Ok(Content::Template)
        }
        (Some(_), _) => Ok(Content::FreeForm),
    }
}
