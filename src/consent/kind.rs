//! The kinds of consent events, and what each means to a reader that does not know it.
//!
//! Knows names and effects, no rules: those are [`super::fold()`]'s.

/// What an event does, for readers that do not know its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It speaks against sending.
    Objects,
    /// It speaks for sending, or lifts something.
    Permits,
    /// It changes nothing about sending.
    Neutral,
}

/// The kinds that this version folds by their own rules. All others count by their effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// The business asked for consent.
    Request,
    /// The person agreed.
    Grant,
    /// The person confirmed a grant (double opt-in).
    Confirm,
    /// The person declined when asked.
    Refuse,
    /// The person took consent back.
    Withdraw,
    /// The platform reports that the person stopped marketing.
    PlatformStop,
    /// The platform reports that the stop is over: recorded only, it lifts nothing.
    PlatformResume,
    /// The person complained.
    Complaint,
    /// The number is not theirs.
    WrongNumber,
    /// The number has a new owner.
    Reassigned,
    /// The person asked to be erased (GDPR Art. 17).
    Erase,
    /// Two identities are the same person's.
    IdentityLink,
    /// They are not, or not any longer.
    IdentityUnlink,
    /// The person has a new identity in place of an old one.
    IdentityChanged,
    /// The business put the person on its own list.
    Block,
    /// The business took the person off its list.
    Unblock,
    /// Processing is restricted (GDPR Art. 18).
    Restrict,
    /// The restriction is lifted.
    Unrestrict,
    /// The platform has had enough of marketing to this person for a while: it waits.
    Cooldown,
    /// A kill switch is on: of a business, a scope, a campaign, a template, or of everything.
    Pause,
    /// A kill switch is off again.
    Resume,
    /// The person wrote: a conversation is open.
    Inbound,
    /// The person asked for a code.
    UserRequest,
    /// A consent text turned out to be no good.
    Invalidate,
    /// What a consent text says, word for word.
    TextPublished,
    /// A consent text is not shown any longer: later grants do not stand on it.
    TextRetired,
    /// A quiet partition is alive.
    Heartbeat,
    /// The operator's way out for an undecodable record.
    Void,
    /// What the platform says of a message template.
    TemplateState,
}

impl EventKind {
    /// All kinds that this version knows.
    pub const ALL: [Self; 29] = [
        Self::Request,
        Self::Grant,
        Self::Confirm,
        Self::Refuse,
        Self::Withdraw,
        Self::PlatformStop,
        Self::PlatformResume,
        Self::Complaint,
        Self::WrongNumber,
        Self::Reassigned,
        Self::Erase,
        Self::IdentityLink,
        Self::IdentityUnlink,
        Self::IdentityChanged,
        Self::Block,
        Self::Unblock,
        Self::Restrict,
        Self::Unrestrict,
        Self::Cooldown,
        Self::Pause,
        Self::Resume,
        Self::Inbound,
        Self::UserRequest,
        Self::Invalidate,
        Self::TextPublished,
        Self::TextRetired,
        Self::Heartbeat,
        Self::Void,
        Self::TemplateState,
    ];

    /// The kind's own effect; an event that says otherwise contradicts itself.
    pub fn effect(self) -> Effect {
        match self {
            Self::Request
            | Self::PlatformResume
            | Self::TextPublished
            | Self::TextRetired
            | Self::Heartbeat
            | Self::Void => Effect::Neutral,
            Self::Grant
            | Self::Confirm
            | Self::Unblock
            | Self::Unrestrict
            | Self::Resume
            | Self::IdentityUnlink
            | Self::Inbound
            | Self::UserRequest => Effect::Permits,
            Self::Refuse
            | Self::Withdraw
            | Self::PlatformStop
            | Self::Complaint
            | Self::WrongNumber
            | Self::Reassigned
            | Self::Erase
            | Self::IdentityLink
            | Self::IdentityChanged
            | Self::Block
            | Self::Restrict
            | Self::Cooldown
            | Self::Pause
            | Self::Invalidate
            // It may say that a template is no good any longer: who cannot read it must not send.
            | Self::TemplateState => Effect::Objects,
        }
    }

    /// Whether it is about what a person does just now. Such events matter for a day, so they may lie
    /// in a topic that is trimmed.
    pub fn is_activity(self) -> bool {
        matches!(self, Self::Inbound | Self::UserRequest)
    }

    /// The name in JSON, logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Grant => "grant",
            Self::Confirm => "confirm",
            Self::Refuse => "refuse",
            Self::Withdraw => "withdraw",
            Self::PlatformStop => "platform_stop",
            Self::PlatformResume => "platform_resume",
            Self::Complaint => "complaint",
            Self::WrongNumber => "wrong_number",
            Self::Reassigned => "reassigned",
            Self::Erase => "erase",
            Self::IdentityLink => "identity_link",
            Self::IdentityUnlink => "identity_unlink",
            Self::IdentityChanged => "identity_changed",
            Self::Block => "block",
            Self::Unblock => "unblock",
            Self::Restrict => "restrict",
            Self::Unrestrict => "unrestrict",
            Self::Cooldown => "cooldown",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Inbound => "inbound",
            Self::UserRequest => "user_request",
            Self::Invalidate => "invalidate",
            Self::TextPublished => "text_published",
            Self::TextRetired => "text_retired",
            Self::Heartbeat => "heartbeat",
            Self::Void => "void",
            Self::TemplateState => "template_state",
        }
    }
}
