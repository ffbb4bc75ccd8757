//! What a message consists of, and which of it an operator can map.
//!
//! Knows names, not places: where a field stands is a [`Source`](super::Source).

/// A field of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Field {
    /// The business that sends.
    Business,
    /// The address that the platform uses.
    Recipient,
    /// Another identity of the same person.
    AlsoKnownAs,
    /// The purpose.
    Scope,
    /// Meta's class, as declared.
    Category,
    /// The endpoint that the message is meant for.
    Endpoint,
    /// The template's name.
    Template,
    /// The template's language.
    TemplateLanguage,
    /// When it is too late.
    Deadline,
    /// How the person can leave.
    OptOutPath,
    /// For a farewell: the objection that it answers.
    Answers,
    /// The caller's id of the message.
    MessageId,
    /// The caller's campaign.
    CampaignId,
    /// Cloud API: `messaging_product`.
    Product,
    /// Cloud API: whether the address is a person or a group.
    RecipientType,
    /// Cloud API: the message's type.
    Type,
    /// Cloud API: the user id beside, or in place of, the number.
    UserId,
}

impl Field {
    /// How many there are.
    pub(super) const COUNT: usize = Self::UserId as usize + 1;

    /// The fields that can be mapped, in the order of the manual.
    pub const MAPPED: [Self; 13] = [
        Self::Business,
        Self::Recipient,
        Self::AlsoKnownAs,
        Self::Scope,
        Self::Category,
        Self::Endpoint,
        Self::Template,
        Self::TemplateLanguage,
        Self::Deadline,
        Self::OptOutPath,
        Self::Answers,
        Self::MessageId,
        Self::CampaignId,
    ];

    /// The name in configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Business => "business",
            Self::Recipient => "recipient",
            Self::AlsoKnownAs => "also_known_as",
            Self::Scope => "scope",
            Self::Category => "category",
            Self::Endpoint => "endpoint",
            Self::Template => "template",
            Self::TemplateLanguage => "template_language",
            Self::Deadline => "deadline",
            Self::OptOutPath => "opt_out_path",
            Self::Answers => "answers",
            Self::MessageId => "message_id",
            Self::CampaignId => "campaign_id",
            Self::Product => "messaging_product",
            Self::RecipientType => "recipient_type",
            Self::Type => "type",
            Self::UserId => "user id in recipient",
        }
    }
}

/// Fields that stand in one place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FieldSet(u32);

impl FieldSet {
    pub(super) fn add(&mut self, field: Field) {
        self.0 |= 1 << field as u8;
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Field> {
        ALL.into_iter().filter(move |field| self.0 & (1 << *field as u8) != 0)
    }
}

const ALL: [Field; Field::COUNT] = [
    Field::Business,
    Field::Recipient,
    Field::AlsoKnownAs,
    Field::Scope,
    Field::Category,
    Field::Endpoint,
    Field::Template,
    Field::TemplateLanguage,
    Field::Deadline,
    Field::OptOutPath,
    Field::Answers,
    Field::MessageId,
    Field::CampaignId,
    Field::Product,
    Field::RecipientType,
    Field::Type,
    Field::UserId,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_fields_stand_in_the_order_of_their_numbers() {
        assert!(ALL.iter().enumerate().all(|(number, field)| *field as usize == number));
    }

    #[test]
    fn a_set_gives_back_what_was_put_in() {
        let mut set = FieldSet::default();
        assert!(set.is_empty());
        set.add(Field::UserId);
        set.add(Field::Business);
        assert_eq!(set.iter().collect::<Vec<_>>(), [Field::Business, Field::UserId]);
    }
}
