//! Why a row is not taken, by itself.
//!
//! Each reason has a name that stays and a sentence that says what would be right. None repeats what
//! the row says.

/// A reason to refuse a row, whatever else the file and the log hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// Longer than 64 KiB, or more than 64 fields.
    TooLong,
    /// A quote that does not stand around a whole field.
    QuoteAstray,
    /// More or fewer fields than the first row.
    ColumnCount,
    /// No business, or one that cannot be one.
    BusinessInvalid,
    /// Neither a phone number nor a user id.
    PersonMissing,
    /// Both a phone number and a user id.
    PersonTwice,
    /// No E.164 number.
    PhoneInvalid,
    /// No user id.
    UserIdInvalid,
    /// No kind that is known.
    KindUnknown,
    /// A kind that an import does not take.
    KindNotTaken,
    /// A field that is no UTF-8.
    NotUtf8,
    /// A field that is longer than it may be.
    FieldTooLong,
    /// A grant without a date.
    Undated,
    /// A date that could be several, or is none.
    DateUnclear,
    /// A grant of tomorrow.
    DatedInFuture,
    /// No collection method, or none that is known.
    MethodUnknown,
    /// The method `import`.
    ImportNeverGrants,
    /// No expression, or none that is known.
    ExpressionUnknown,
    /// Pre-ticked or bundled.
    NoConsent,
    /// A QR code or an ad without the person's own words or tap.
    ConversationOnly,
    /// No text id or no version.
    TextMissing,
    /// No pointer to a proof.
    EvidenceMissing,
    /// An expression that does not suit the method.
    ExpressionUnsuited,
    /// Asked by somebody, and nobody knows by whom.
    RecorderMissing,
    /// A QR code or an ad without the id of the person's own message or tap.
    OwnMessageMissing,
    /// A grant of nothing in particular.
    ScopesMissing,
    /// A scope that the policy does not know.
    ScopeUnknown,
    /// Somebody else than the person or a guardian agreed.
    ActorInvalid,
    /// A strength that is not known.
    StrengthUnknown,
    /// The validity cannot be read, or ends before it begins.
    ValidityUnclear,
    /// The gate's own rules would not count it.
    ProofMissing,
}

impl Refusal {
    /// All reasons.
    pub const ALL: [Self; 31] = [
        Self::TooLong,
        Self::QuoteAstray,
        Self::ColumnCount,
        Self::BusinessInvalid,
        Self::PersonMissing,
        Self::PersonTwice,
        Self::PhoneInvalid,
        Self::UserIdInvalid,
        Self::KindUnknown,
        Self::KindNotTaken,
        Self::NotUtf8,
        Self::FieldTooLong,
        Self::Undated,
        Self::DateUnclear,
        Self::DatedInFuture,
        Self::MethodUnknown,
        Self::ImportNeverGrants,
        Self::ExpressionUnknown,
        Self::NoConsent,
        Self::ConversationOnly,
        Self::TextMissing,
        Self::EvidenceMissing,
        Self::ExpressionUnsuited,
        Self::RecorderMissing,
        Self::OwnMessageMissing,
        Self::ScopesMissing,
        Self::ScopeUnknown,
        Self::ActorInvalid,
        Self::StrengthUnknown,
        Self::ValidityUnclear,
        Self::ProofMissing,
    ];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::TooLong => "row_too_long",
            Self::QuoteAstray => "quote_astray",
            Self::ColumnCount => "column_count",
            Self::BusinessInvalid => "business_invalid",
            Self::PersonMissing => "person_missing",
            Self::PersonTwice => "person_twice",
            Self::PhoneInvalid => "phone_invalid",
            Self::UserIdInvalid => "user_id_invalid",
            Self::KindUnknown => "kind_unknown",
            Self::KindNotTaken => "kind_not_taken",
            Self::NotUtf8 => "not_utf8",
            Self::FieldTooLong => "field_too_long",
            Self::Undated => "undated",
            Self::DateUnclear => "date_unclear",
            Self::DatedInFuture => "dated_in_future",
            Self::MethodUnknown => "method_unknown",
            Self::ImportNeverGrants => "import_never_grants",
            Self::ExpressionUnknown => "expression_unknown",
            Self::NoConsent => "no_consent",
            Self::ConversationOnly => "conversation_only",
            Self::TextMissing => "text_missing",
            Self::EvidenceMissing => "evidence_missing",
            Self::ExpressionUnsuited => "expression_unsuited",
            Self::RecorderMissing => "recorder_missing",
            Self::OwnMessageMissing => "own_message_missing",
            Self::ScopesMissing => "scopes_missing",
            Self::ScopeUnknown => "scope_unknown",
            Self::ActorInvalid => "actor_invalid",
            Self::StrengthUnknown => "strength_unknown",
            Self::ValidityUnclear => "validity_unclear",
            Self::ProofMissing => "proof_missing",
        }
    }

    /// What would be right.
    pub fn advice(self) -> &'static str {
        match self {
            Self::TooLong => "a row has at most 64 KiB and 64 fields; is a quote left open?",
            Self::QuoteAstray => {
                "a quote is left open or stands within a field: quote the field, and write the quote twice"
            }
            Self::ColumnCount => {
                "as many fields as the first row; quote a field with the delimiter"
            }
            Self::BusinessInvalid => "business_id: 1 to 128 bytes without white space or /",
            Self::PersonMissing => "phone or user_id must say whom the row is about",
            Self::PersonTwice => "phone and user_id in one row: write a row for each",
            Self::PhoneInvalid => "phone: + and 7 to 15 digits with the country code, nothing else",
            Self::UserIdInvalid => "user_id: as the platform gives it, such as US.1234",
            Self::KindUnknown => {
                "kind: grant, withdraw, refuse, platform_stop, complaint, wrong_number, reassigned, \
                 erase, block or restrict"
            }
            Self::KindNotTaken => "an import takes grants and suppressions, and lifts nothing",
            Self::NotUtf8 => "a field is not UTF-8, save the file as UTF-8",
            Self::FieldTooLong => "a field of a grant has at most 1,024 bytes",
            Self::Undated => "a grant without occurred_at is no proof",
            Self::DateUnclear => "occurred_at: RFC 3339 with an offset, 2024-05-01T10:00:00+02:00",
            Self::DatedInFuture => "occurred_at lies in the future",
            Self::MethodUnknown => "method: the original one of the ten, such as website_form",
            Self::ImportNeverGrants => "method import never grants: name the original method",
            Self::ExpressionUnknown => {
                "expression: box_ticked, button_tapped, words_written or voice"
            }
            Self::NoConsent => "what was ticked for the person or bundled is no consent",
            Self::ConversationOnly => {
                "a QR code or an ad opens a conversation: the person's own words or tap must follow"
            }
            Self::TextMissing => "text_id and text_version must say what the person agreed to",
            Self::EvidenceMissing => "evidence must say where the proof lies",
            Self::ExpressionUnsuited => {
                "voice is heard by customer_support and asked_in_person alone"
            }
            Self::RecorderMissing => "recorder must say who of the business asked the person",
            Self::OwnMessageMissing => {
                "inbound_id must name the message or the tap by which the person agreed"
            }
            Self::ScopesMissing => "scopes must say what the person agreed to receive",
            Self::ScopeUnknown => "a scope that the policy does not have",
            Self::ActorInvalid => "actor: subject or guardian; nobody else can agree",
            Self::StrengthUnknown => "strength: single or double",
            Self::ValidityUnclear => "valid_until: RFC 3339 with an offset, after occurred_at",
            Self::ProofMissing => "the gate's rules would not count it as a grant",
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.advice())
    }
}
