//! What a grant must carry, by the way in which consent was collected.
//!
//! The rules as a table, pure: an event in, what it lacks out. It does not know whether the proof is
//! true, only whether it is there. In doubt it is not.
//!
//! Sources: GDPR Art. 7(1), the controller must be able to show who agreed, when, how and to what;
//! Art. 4(11) and CJEU C-673/17, a box that was ticked for the person is no consent; Art. 7(2), nor is
//! what was part of something else. A scan or an ad opens a conversation, and only what the person
//! then writes or taps agrees to anything. Where somebody of the business asks, it must be known who.

use super::event::{Actor, Coded, ConsentEvent, Expression, Method};

/// The most scopes one event may name.
pub(super) const SCOPES_MAX: usize = 64;

/// What a way of collecting consent demands beside who, when, which text and where the proof lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// How the person may have expressed it.
    pub expressions: &'static [Expression],
    /// What else must be there.
    pub also: Also,
    /// What the evidence points to.
    pub points_to: &'static str,
}

/// What else must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Also {
    /// Nothing.
    Nothing,
    /// Who of the business asked.
    Recorder,
    /// The platform's id of the person's own message or tap.
    OwnMessage,
}

/// On a screen: a box, a button, or words.
const ON_SCREEN: &[Expression] =
    &[Expression::BoxTicked, Expression::ButtonTapped, Expression::WordsWritten];
/// In a chat: words or a button.
const IN_CHAT: &[Expression] = &[Expression::ButtonTapped, Expression::WordsWritten];
/// Between people: by voice too.
const BETWEEN_PEOPLE: &[Expression] =
    &[Expression::BoxTicked, Expression::ButtonTapped, Expression::WordsWritten, Expression::Voice];

impl Demand {
    /// What a method demands; `None` for an import, which never grants by itself.
    pub fn of(method: Method) -> Option<Self> {
        use Also::{Nothing, OwnMessage, Recorder};
        let (expressions, also, points_to) = match method {
            Method::WebsiteForm => (ON_SCREEN, Nothing, "the form, its version and the entry"),
            Method::Purchase => (ON_SCREEN, Nothing, "the order"),
            Method::QrCode => (IN_CHAT, OwnMessage, "the code and the place where it hangs"),
            Method::SocialMedia => (ON_SCREEN, Nothing, "the lead or the thread"),
            Method::Newsletter => (ON_SCREEN, Nothing, "the mail and the click"),
            Method::CustomerSupport => (BETWEEN_PEOPLE, Recorder, "the case"),
            Method::ExitPopup => (ON_SCREEN, Nothing, "the page and the popup's version"),
            Method::LandingPage => (ON_SCREEN, Nothing, "the page and its version"),
            Method::ClickToWhatsappAd => (IN_CHAT, OwnMessage, "the ad"),
            Method::AskedInPerson => {
                (BETWEEN_PEOPLE, Recorder, "the place, and the scan if there is one")
            }
            Method::Import => return None,
        };
        Some(Self { expressions, also, points_to })
    }
}

/// What a grant lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Lack {
    /// It cannot be named.
    #[error("it has no event id")]
    EventId,
    /// Somebody else acted.
    #[error("only the person or a guardian can agree: actor")]
    Person,
    /// It does not say to what, or not in a way that can be read.
    #[error("it must name 1 to 64 scopes")]
    Scopes,
    /// It does not say to which text, or its hash cannot be read.
    #[error("it must name the text: text_id, and text_sha256 of 32 bytes if any")]
    Text,
    /// It does not say how.
    #[error("it must say how consent was collected: method")]
    Method,
    /// Carried over from another system.
    #[error("an import never grants by itself, name the original method")]
    OriginalMethod,
    /// It does not say how the person expressed it, or in a way that the method does not know.
    #[error("it must say how the person expressed it, in a way that suits the method: expression")]
    Expression,
    /// Ticked for the person, or part of something else.
    #[error("what was ticked for the person or bundled is no consent")]
    OwnAct,
    /// It does not say where the proof lies.
    #[error("it must say where the proof lies: evidence")]
    Evidence,
    /// It does not say who asked.
    #[error("it must say who asked: recorder")]
    Recorder,
    /// It does not name what the person wrote or tapped.
    #[error("it must name the person's own message or tap: inbound_id")]
    OwnMessage,
}

/// The first thing that a grant lacks; `None` if nothing is missing but perhaps its date.
pub fn lacks(event: &ConsentEvent) -> Option<Lack> {
    let scopes = event.scopes.len();
    let is_scoped = event.scopes_complete && (1..=SCOPES_MAX).contains(&scopes);
    let has_text = event.text.as_ref().is_some_and(|text| !text.id.is_empty());
    let method = event.method.known();
    let demand = method.and_then(Demand::of);
    match demand {
        _ if event.event_id.is_none() => Some(Lack::EventId),
        None if method.is_some() => Some(Lack::OriginalMethod),
        None => Some(Lack::Method),
        _ if !acts_for_person(event.actor) => Some(Lack::Person),
        _ if !is_scoped => Some(Lack::Scopes),
        _ if !has_text || !event.text_complete => Some(Lack::Text),
        Some(demand) => {
            expression_lacks(demand, event.expression).or_else(|| proof_lacks(demand, event))
        }
    }
}

fn expression_lacks(demand: Demand, expression: Coded<Expression>) -> Option<Lack> {
    match expression {
        Coded::Known(Expression::PreTicked | Expression::Bundled) => Some(Lack::OwnAct),
        Coded::Known(known) if demand.expressions.contains(&known) => None,
        _ => Some(Lack::Expression),
    }
}

fn proof_lacks(demand: Demand, event: &ConsentEvent) -> Option<Lack> {
    let is_sign = |sign: char| !sign.is_whitespace() && !sign.is_control();
    let is_said = |text: &Option<String>| text.iter().any(|text| text.chars().any(is_sign));
    if !is_said(&event.evidence) {
        return Some(Lack::Evidence);
    }
    match demand.also {
        Also::Recorder if !is_said(&event.recorder) => Some(Lack::Recorder),
        Also::OwnMessage if event.inbound.is_none() => Some(Lack::OwnMessage),
        _ => None,
    }
}

/// Whether the person acted, or who acts for them.
pub(super) fn acts_for_person(actor: Coded<Actor>) -> bool {
    matches!(actor, Coded::Known(Actor::Subject | Actor::Guardian))
}
