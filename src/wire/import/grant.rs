//! A row that permits: all of its evidence, or it is no grant.
//!
//! Whatever is missing, unclear or in the future refuses the whole row. At the end the gate's own
//! rules are asked, so that nothing is taken here that they would not count.

use super::event::{Base, Cells, names};
use super::header::Column;
use super::id::id_of;
use super::instant::instant_ms;
use super::refusal::Refusal;
use crate::consent::{
    ConsentRecord, Content, Fact, KeyParts, Lack, Offset, Partition, Place, Placement, ScopeName,
    Seconds, Subject, Topic, fold, lacks,
};
use crate::wire::consent::{Produced, decode, encode};
use crate::wire::proto::consent::{Actor, ConsentEvent, Expression, Method, Strength};

/// The longest field of a grant, in bytes.
const FIELD_LEN_MAX: usize = 1_024;

/// A grant as the log will have it.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedGrant {
    /// Who agreed.
    pub subject: Subject,
    /// To what.
    pub scopes: Vec<ScopeName>,
    /// When.
    pub at: Seconds,
    event: ConsentEvent,
}

impl ImportedGrant {
    /// Its event.
    pub fn event(&self) -> &ConsentEvent {
        &self.event
    }

    /// The record to write.
    pub fn produced(&self) -> Produced {
        Produced { key: self.subject.key(), value: encode(&self.event) }
    }
}

/// The grant that a row says.
///
/// # Errors
/// What it lacks.
pub(super) fn grant(cells: &Cells<'_>, base: Base) -> Result<ImportedGrant, Refusal> {
    let Base { subject, mut event } = base;
    let occurred_at_ms = occurred_at_ms(cells)?;
    event.occurred_at_ms = Some(occurred_at_ms);
    event.set_actor(actor(cells)?);
    let method = method(cells)?;
    event.set_method(method);
    event.set_expression(expression(cells, method)?);
    event.text_id = proof(cells, Column::TextId, Refusal::TextMissing)?;
    event.text_version = proof(cells, Column::TextVersion, Refusal::TextMissing)?;
    event.evidence = proof(cells, Column::Evidence, Refusal::EvidenceMissing)?;
    match field(cells, Column::Recorder)? {
        "" if is_asked_by_somebody(method) => return Err(Refusal::RecorderMissing),
        "" => {}
        recorder => event.recorder = recorder.to_owned(),
    }
    event.inbound_id = field(cells, Column::InboundId)?.to_owned();
    event.language = field(cells, Column::Language)?.to_owned();
    event.reason = field(cells, Column::Reason)?.to_owned();
    event.set_strength(strength(cells)?);
    event.valid_until_ms = valid_until_ms(cells, occurred_at_ms)?;
    let scopes = scopes(cells)?;
    event.scopes = scopes.iter().map(ScopeName::to_string).collect();
    event.event_id = id_of(&event);
    let at = Seconds::from_millis(occurred_at_ms).ok_or(Refusal::DateUnclear)?;
    let grant = ImportedGrant { subject, scopes, at, event };
    match what_it_lacks(&grant) {
        None if counts(&grant) => Ok(grant),
        lack => Err(lack.map_or(Refusal::ProofMissing, refusal_of)),
    }
}

/// Who imports is not who asked.
fn is_asked_by_somebody(method: Method) -> bool {
    matches!(method, Method::CustomerSupport | Method::AskedInPerson)
}

fn what_it_lacks(grant: &ImportedGrant) -> Option<Lack> {
    match decode(Some(&grant.produced().value)) {
        Content::Event(event) => lacks(&event),
        Content::Ignored | Content::Undecodable => None,
    }
}

fn refusal_of(lack: Lack) -> Refusal {
    match lack {
        Lack::Expression => Refusal::ExpressionUnsuited,
        Lack::Evidence => Refusal::EvidenceMissing,
        Lack::Recorder => Refusal::RecorderMissing,
        Lack::OwnMessage => Refusal::OwnMessageMissing,
        _ => Refusal::ProofMissing,
    }
}

/// Whether the gate's own rules make this grant of the record, for each of its scopes.
fn counts(grant: &ImportedGrant) -> bool {
    let record = ConsentRecord {
        place: Place { topic: Topic::ConsentEvents, partition: Partition(0), offset: Offset(0) },
        appended_at: Seconds(u32::MAX),
        key: KeyParts::Subject(grant.subject.clone()),
        placement: Placement::Right,
        content: decode(Some(&grant.produced().value)),
    };
    let folded = fold(&record);
    let is_it = |fact: &Fact| {
        matches!(fact, Fact::Grant { subject, scope, grant: counted }
            if *subject == grant.subject && grant.scopes.contains(scope) && counted.at == grant.at)
    };
    folded.notes.is_empty()
        && folded.facts.len() == grant.scopes.len()
        && folded.facts.iter().all(is_it)
}

fn field<'c>(cells: &Cells<'c>, column: Column) -> Result<&'c str, Refusal> {
    let text = cells.text(column)?;
    if text.len() > FIELD_LEN_MAX { Err(Refusal::FieldTooLong) } else { Ok(text) }
}

fn proof(cells: &Cells<'_>, column: Column, missing: Refusal) -> Result<String, Refusal> {
    match field(cells, column)? {
        "" => Err(missing),
        text => Ok(text.to_owned()),
    }
}

fn occurred_at_ms(cells: &Cells<'_>) -> Result<i64, Refusal> {
    match field(cells, Column::OccurredAt)? {
        "" => Err(Refusal::Undated),
        text => match instant_ms(text) {
            None => Err(Refusal::DateUnclear),
            Some(at) if at > cells.context.now_ms => Err(Refusal::DatedInFuture),
            Some(at) => Ok(at),
        },
    }
}

fn valid_until_ms(cells: &Cells<'_>, occurred_at_ms: i64) -> Result<Option<i64>, Refusal> {
    match field(cells, Column::ValidUntil)? {
        "" => Ok(None),
        text => match instant_ms(text) {
            Some(until) if until > occurred_at_ms => Ok(Some(until)),
            _ => Err(Refusal::ValidityUnclear),
        },
    }
}

fn actor(cells: &Cells<'_>) -> Result<Actor, Refusal> {
    match field(cells, Column::Actor)? {
        "" | "subject" => Ok(Actor::Subject),
        "guardian" => Ok(Actor::Guardian),
        _ => Err(Refusal::ActorInvalid),
    }
}

fn strength(cells: &Cells<'_>) -> Result<Strength, Refusal> {
    match field(cells, Column::Strength)? {
        "" | "single" => Ok(Strength::Single),
        "double" => Ok(Strength::Double),
        _ => Err(Refusal::StrengthUnknown),
    }
}

fn method(cells: &Cells<'_>) -> Result<Method, Refusal> {
    let name = field(cells, Column::Method)?;
    match Method::from_str_name(&format!("METHOD_{}", name.to_ascii_uppercase())) {
        None | Some(Method::Unspecified) => Err(Refusal::MethodUnknown),
        Some(Method::Import) => Err(Refusal::ImportNeverGrants),
        Some(method) => Ok(method),
    }
}

/// Pre-ticked and bundled consent is none. A QR code or an ad only opens a conversation.
fn expression(cells: &Cells<'_>, method: Method) -> Result<Expression, Refusal> {
    let name = field(cells, Column::Expression)?;
    let opens = matches!(method, Method::QrCode | Method::ClickToWhatsappAd);
    match Expression::from_str_name(&format!("EXPRESSION_{}", name.to_ascii_uppercase())) {
        None | Some(Expression::Unspecified) => Err(Refusal::ExpressionUnknown),
        Some(Expression::PreTicked | Expression::Bundled) => Err(Refusal::NoConsent),
        Some(Expression::BoxTicked | Expression::Voice) if opens => Err(Refusal::ConversationOnly),
        Some(expression) => Ok(expression),
    }
}

/// The scopes named, sorted, each known to the policy, which has at most as many as an event may.
fn scopes(cells: &Cells<'_>) -> Result<Vec<ScopeName>, Refusal> {
    let list = cells.text(Column::Scopes)?;
    let mut scopes = Vec::new();
    for name in names(list) {
        let known = ScopeName::parse(name).filter(|_| cells.context.policy.scope(name).is_some());
        scopes.push(known.ok_or(Refusal::ScopeUnknown)?);
    }
    scopes.sort();
    scopes.dedup();
    if scopes.is_empty() { Err(Refusal::ScopesMissing) } else { Ok(scopes) }
}
