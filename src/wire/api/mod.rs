//! Questions to a running gate and their answers, as protobuf or as JSON.
//!
//! Knows the contract and no HTTP. What is missing or unknown in a question is never filled in for its
//! benefit: an item that cannot be read gets a reason, a question that cannot be read gets none.

mod json;
#[cfg(test)]
mod tests;

use prost::Message as _;

use crate::consent::IdentityRef;
use crate::decision::{Decision, Message, OptOutPath, Reason, Tally};
use crate::policy::Policy;
use crate::wire::formats::{Format, Header, Refusal, Texts};
use crate::wire::outbound;
use crate::wire::proto::api as proto;

/// How a question is written, and its answer with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// `proto/api.proto`.
    Protobuf,
    /// The same fields by name.
    Json,
}

/// Why a question cannot be read. It quotes nothing of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuestionError {
    /// The body is not what its type says.
    #[error("the body is no {0}")]
    Unreadable(&'static str),
    /// A name that the contract does not have, or a time that is none.
    #[error("item {0} has a field that cannot be read")]
    Item(usize),
    /// A field without which there is no question.
    #[error("{0} is missing")]
    Missing(&'static str),
}

/// Messages to be decided again.
#[derive(Debug)]
pub struct Recheck(Vec<proto::RecheckItem>);

impl Recheck {
    /// Reads a question.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn read(encoding: Encoding, body: &[u8]) -> Result<Self, QuestionError> {
        match encoding {
            Encoding::Protobuf => proto::RecheckRequest::decode(body)
                .map(|request| Self(request.items))
                .map_err(|_| QuestionError::Unreadable("RecheckRequest")),
            Encoding::Json => json::recheck(body).map(Self),
        }
    }

    /// How many messages it asks about.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it asks about none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The messages, each read as a lane would read its record.
    pub fn messages<'r>(
        &'r self,
        format: &Format,
        policy: &'r Policy,
        texts: &'r Texts,
    ) -> Vec<Result<Message<'r>, Reason>> {
        self.0.iter().map(|item| message_of(item, format, policy, texts)).collect()
    }
}

fn message_of<'r>(
    item: &'r proto::RecheckItem,
    format: &Format,
    policy: &'r Policy,
    texts: &'r Texts,
) -> Result<Message<'r>, Reason> {
    use proto::recheck_item::Body;
    // A lane cannot pass on a record without a timestamp, or with 0.
    let timestamp_ms = item.timestamp_ms.filter(|at_ms| *at_ms > 0).ok_or(Reason::Malformed)?;
    let headers = |show: &mut dyn FnMut(Header<'r>)| {
        for header in &item.headers {
            show(Header { name: &header.name, value: header.value.as_deref() });
        }
    };
    let message = match &item.body {
        Some(Body::Record(value)) => {
            format.read(Some(value), headers, texts).map_err(Refusal::reason)?
        }
        Some(Body::Message(bytes)) => outbound::decode(Some(bytes))?,
        None => return Err(Reason::Malformed),
    };
    Ok(message.sent_at_ms(Some(timestamp_ms)).at_home(policy))
}

/// The answer to a [`Recheck`].
pub fn verdicts(encoding: Encoding, decided_at_ms: i64, decisions: &[Decision]) -> Vec<u8> {
    let verdicts = decisions.iter().map(verdict).collect();
    let response = proto::RecheckResponse { decided_at_ms, verdicts };
    match encoding {
        Encoding::Protobuf => response.encode_to_vec(),
        Encoding::Json => json::verdicts(&response),
    }
}

fn verdict(decision: &Decision) -> proto::Verdict {
    match decision {
        Decision::Allow(_) => {
            proto::Verdict { outcome: proto::Outcome::Allowed.into(), ..<_>::default() }
        }
        Decision::Suppress(suppression) => proto::Verdict {
            outcome: proto::Outcome::Suppressed.into(),
            reason: suppression.primary.number().into(),
            reasons: suppression.all.iter().map(|reason| reason.number().into()).collect(),
            not_before_ms: suppression.not_before.map(|at| i64::from(at.0) * 1_000),
        },
    }
}

/// People of whom it is asked whether they could be reached.
#[derive(Debug)]
pub struct Check(proto::CheckRequest);

impl Check {
    /// Reads a question.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn read(encoding: Encoding, body: &[u8]) -> Result<Self, QuestionError> {
        let request = match encoding {
            Encoding::Protobuf => proto::CheckRequest::decode(body)
                .map_err(|_| QuestionError::Unreadable("CheckRequest"))?,
            Encoding::Json => json::check(body)?,
        };
        match request.business_id.is_empty() {
            true => Err(QuestionError::Missing("business_id")),
            false => Ok(Self(request)),
        }
    }

    /// How many people it asks about.
    pub fn len(&self) -> usize {
        self.0.recipients.len()
    }

    /// Whether it asks about nobody.
    pub fn is_empty(&self) -> bool {
        self.0.recipients.is_empty()
    }

    /// A message to each of them, sent at this instant and with a way to leave.
    pub fn messages(&self, at_ms: i64) -> Vec<Result<Message<'_>, Reason>> {
        self.0.recipients.iter().map(|recipient| Ok(self.message_to(recipient, at_ms))).collect()
    }

    fn message_to<'c>(&'c self, recipient: &'c str, at_ms: i64) -> Message<'c> {
        let request = &self.0;
        let message = Message {
            business: &request.business_id,
            sender: "",
            to: IdentityRef::parse(recipient),
            also: [None, None],
            scope: &request.scope,
            category: outbound::category_of(request.category),
            sent_at: None,
            deadline: None,
            opt_out_path: OptOutPath::Offered,
            answers: None,
            message_id: "",
            campaign_id: "",
            template: &request.template,
            template_language: &request.template_language,
        };
        message.sent_at_ms(Some(at_ms))
    }
}

/// The answer to a [`Check`]: counts alone.
pub fn counts(encoding: Encoding, decided_at_ms: i64, tally: &Tally) -> Vec<u8> {
    let unreachable = tally
        .by_reason()
        .map(|(reason, people)| proto::ReasonCount { reason: reason.number().into(), people })
        .collect();
    let response = proto::CheckResponse {
        decided_at_ms,
        asked: tally.received_count(),
        reachable: tally.allowed_count(),
        unreachable,
    };
    match encoding {
        Encoding::Protobuf => response.encode_to_vec(),
        Encoding::Json => json::counts(&response),
    }
}
