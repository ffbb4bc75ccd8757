//! What a message consists of, and which of it an operator can map.
//!
//! Knows names, not places: where a field stands is a [`Source`](super::Source).

/// A field of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Field {
    /// The business that sends.
    Business,
    /// The number that sends.
    Sender,
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
    pub const MAPPED: [Self; 14] = [
        Self::Business,
        Self::Sender,
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

    /// The field with this number.
    pub(super) fn numbered(number: usize) -> Option<Self> {
        ALL.get(number).copied()
    }

    /// The name in configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Business => "business",
            Self::Sender => "sender",
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
pub(super) struct FieldSet(u64);

impl FieldSet {
    /// A set of one.
    #[inline]
    pub(super) fn of(field: Field) -> Self {
        Self::numbered(field as u8)
    }

    /// The set of the field with this number.
    #[inline]
    pub(super) fn numbered(number: u8) -> Self {
        Self(1 << number)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    #[inline]
    pub(super) fn add_all(&mut self, fields: Self) {
        self.0 |= fields.0;
    }

    /// Whether they have a field in common.
    #[inline]
    pub(super) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The numbers of the fields, in order.
    #[inline]
    pub(super) fn numbers(self) -> impl Iterator<Item = usize> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let number = left.trailing_zeros();
            (left != 0).then(|| {
                left &= left - 1;
                number as usize
            })
        })
    }

    /// The first of the fields.
    pub(super) fn first(self) -> Option<Field> {
        self.numbers().next().and_then(Field::numbered)
    }
}

const ALL: [Field; Field::COUNT] = [
    Field::Business,
    Field::Sender,
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
        assert_eq!(set.first(), None);
        set.add_all(FieldSet::of(Field::UserId));
        set.add_all(FieldSet::of(Field::Business));
        let fields: Vec<_> = set.numbers().filter_map(Field::numbered).collect();
        assert_eq!(fields, [Field::Business, Field::UserId]);
        assert_eq!(set.first(), Some(Field::Business));
        assert!(set.meets(FieldSet::of(Field::UserId)) && !set.meets(FieldSet::of(Field::Scope)));
    }
}
