//! What a consent record says, decoded but not yet judged.
//!
//! Knows the field's words and nothing of bytes. Every value that could not be read is `None` or
//! `Unknown`, and [`super::fold()`] takes it in the direction that suppresses.

use super::category::Category;
use super::identity::Identity;
use super::ids::{BusinessId, EventId, ScopeName};
use super::kind::{Effect, EventKind};
use super::pause::PauseTarget;
use super::position::Place;
use super::template::{TemplateRef, Usability, WayOut};
use super::text::{NamesWhatsapp, TextHash, TextRef};

/// An enum value as it came over the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Coded<T> {
    /// Zero: the writer did not say.
    Unspecified,
    /// A value that this version knows.
    Known(T),
    /// A number from a later version.
    Unknown(i32),
}

impl<T: Copy> Coded<T> {
    /// The value, if this version knows it.
    pub fn known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unspecified | Self::Unknown(_) => None,
        }
    }
}

/// How consent was collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// A form on a website.
    WebsiteForm,
    /// During a purchase.
    Purchase,
    /// A QR code that opens a conversation.
    QrCode,
    /// Social media.
    SocialMedia,
    /// A newsletter.
    Newsletter,
    /// A support case.
    CustomerSupport,
    /// An exit popup.
    ExitPopup,
    /// A landing page.
    LandingPage,
    /// An ad that opens a conversation.
    ClickToWhatsappAd,
    /// Asked in person.
    AskedInPerson,
    /// Carried over from another system: never grants by itself.
    Import,
}

/// How the person expressed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Expression {
    /// They ticked an empty box.
    BoxTicked,
    /// They tapped a button.
    ButtonTapped,
    /// They wrote it.
    WordsWritten,
    /// They said it.
    Voice,
    /// The box was ticked for them: no consent (CJEU C-673/17).
    PreTicked,
    /// It was part of something else, such as general terms: no consent (GDPR Art. 7(2)).
    Bundled,
}

/// Who acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// The person.
    Subject,
    /// Who acts for a child or a ward.
    Guardian,
    /// The business.
    Business,
    /// An authority.
    Authority,
    /// WhatsApp.
    Platform,
    /// A data import.
    Importer,
}

/// How strong a grant is, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Strength {
    /// One act.
    Single = 1,
    /// Confirmed by a second act.
    Double = 2,
}

/// What replaces a record that is voided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VoidRemedy {
    /// Nothing was said. Enough only if the record's key named its subject.
    None,
    /// Events that were written in its place.
    Replaced(Vec<EventId>),
    /// The record is dropped, for this reason.
    Dropped(String),
}

/// What a `template_state` says. What it does not mention stays as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateSaid {
    /// Of which template; `None` if it names none.
    pub template: Option<TemplateRef>,
    /// Whether it may be sent.
    pub usability: Coded<Usability>,
    /// What it is.
    pub category: Coded<Category>,
    /// What it will be.
    pub announced: Coded<Category>,
    /// From when it will be that, in milliseconds since 1970.
    pub announced_from_ms: Option<i64>,
    /// Whether it offers a way to leave.
    pub way_out: Coded<WayOut>,
}

/// One consent event.
///
/// `None` means that the field was absent or could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentEvent {
    /// Digest of the event's id; `None` if it has none.
    pub event_id: Option<EventId>,
    /// The business named in the value.
    pub business: Option<BusinessId>,
    /// The person named in the value.
    pub identity: Option<Identity>,
    /// What happened.
    pub kind: Coded<EventKind>,
    /// What it means to a reader that does not know the kind.
    pub effect: Coded<Effect>,
    /// The lowest rules version that can read this event by its kind; 0 = any.
    pub min_reader: u32,
    /// The scopes named, as far as they could be read.
    pub scopes: Vec<ScopeName>,
    /// Whether every scope named could be read. If not, an objection covers all scopes.
    pub scopes_complete: bool,
    /// When it happened, in milliseconds since 1970.
    pub occurred_at_ms: Option<i64>,
    /// An imported old objection that counts from when it happened.
    pub historic: bool,
    /// How consent was collected.
    pub method: Coded<Method>,
    /// How the person expressed it.
    pub expression: Coded<Expression>,
    /// The text agreed to, or the text that an `invalidate`, a `text_published` or a `text_retired`
    /// names.
    pub text: Option<TextRef>,
    /// Whether the text's hash could be read, if there is one. If not, nothing is permitted.
    pub text_complete: bool,
    /// The hash of the sentence that a `text_published` carries.
    pub sentence: Option<TextHash>,
    /// Whether a `text_published` says that its sentence names WhatsApp.
    pub whatsapp: NamesWhatsapp,
    /// Where the proof lies: a pointer, never the proof.
    pub evidence: Option<String>,
    /// Who acted.
    pub actor: Coded<Actor>,
    /// Who typed it in.
    pub recorder: Option<String>,
    /// How strong the grant is.
    pub strength: Coded<Strength>,
    /// Until when the grant is valid, in milliseconds since 1970.
    pub valid_until_ms: Option<i64>,
    /// The grant that a `confirm` names.
    pub confirms: Option<EventId>,
    /// The inbound message that an `inbound` tells of, by which the person objected, or by which they
    /// agreed after a QR code or an ad.
    pub inbound: Option<EventId>,
    /// The other identity of a link; of an `identity_changed` the old one.
    pub linked: Option<Identity>,
    /// Until when a `cooldown` lasts, in milliseconds since 1970.
    pub until_ms: Option<i64>,
    /// What a `pause` stops and a `resume` lets go again, as far as it could be read; none = all of
    /// the business.
    pub pauses: Vec<PauseTarget>,
    /// Whether all that it names could be read. If not, a pause covers all of the business.
    pub pauses_complete: bool,
    /// The record that a `void` names.
    pub voids: Option<Place>,
    /// What a `void` puts in its place.
    pub remedy: VoidRemedy,
    /// What a `template_state` says.
    pub template: Option<TemplateSaid>,
}

impl Default for ConsentEvent {
    fn default() -> Self {
        Self {
            event_id: None,
            business: None,
            identity: None,
            kind: Coded::Unspecified,
            effect: Coded::Unspecified,
            min_reader: 0,
            scopes: Vec::new(),
            scopes_complete: true,
            occurred_at_ms: None,
            historic: false,
            method: Coded::Unspecified,
            expression: Coded::Unspecified,
            text: None,
            text_complete: true,
            sentence: None,
            whatsapp: NamesWhatsapp::No,
            evidence: None,
            actor: Coded::Unspecified,
            recorder: None,
            strength: Coded::Unspecified,
            valid_until_ms: None,
            confirms: None,
            inbound: None,
            linked: None,
            until_ms: None,
            pauses: Vec::new(),
            pauses_complete: true,
            voids: None,
            remedy: VoidRemedy::None,
            template: None,
        }
    }
}
