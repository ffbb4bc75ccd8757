//! The wall: librdkafka's errors become faults here, and nowhere else.
//!
//! Whatever is not known to be harmless is fatal: the client is thrown away and the committed
//! offsets say what came of it.

use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use crate::stream::{Fault, FaultKind};

/// Sorts an error; `what` says what was tried, in lower case.
pub(super) fn fault_of(what: &str, error: &KafkaError) -> Fault {
    Fault::new(kind_of(error), format!("{what}: {error}"))
}

fn kind_of(error: &KafkaError) -> FaultKind {
    match error {
        KafkaError::Transaction(error) => {
            if error.code() == RDKafkaErrorCode::Fenced {
                FaultKind::Fenced
            } else if error.is_fatal() {
                FaultKind::Fatal
            } else if error.txn_requires_abort() {
                in_transaction(error.code())
            } else if error.is_retriable() {
                FaultKind::Retriable
            } else {
                FaultKind::Fatal
            }
        }
        KafkaError::MessageProduction(code) => in_transaction(*code),
        KafkaError::MessageConsumptionFatal(_) => FaultKind::Fatal,
        other => other.rdkafka_error_code().map_or(FaultKind::Fatal, kind_of_code),
    }
}

/// A record that was refused inside a transaction takes the transaction with it. What is refused because
/// the topic or a right to it is gone would be refused again.
fn in_transaction(code: RDKafkaErrorCode) -> FaultKind {
    match kind_of_code(code) {
        FaultKind::Refused => FaultKind::Refused,
        _ => FaultKind::Abortable,
    }
}

fn kind_of_code(code: RDKafkaErrorCode) -> FaultKind {
    match code {
        RDKafkaErrorCode::BrokerTransportFailure
        | RDKafkaErrorCode::AllBrokersDown
        | RDKafkaErrorCode::Resolve
        | RDKafkaErrorCode::OperationTimedOut
        | RDKafkaErrorCode::RequestTimedOut
        | RDKafkaErrorCode::LeaderNotAvailable
        | RDKafkaErrorCode::NotLeaderForPartition
        | RDKafkaErrorCode::FencedLeaderEpoch
        | RDKafkaErrorCode::UnknownLeaderEpoch
        | RDKafkaErrorCode::CoordinatorLoadInProgress
        | RDKafkaErrorCode::CoordinatorNotAvailable
        | RDKafkaErrorCode::NotCoordinator
        | RDKafkaErrorCode::NetworkException
        | RDKafkaErrorCode::WaitingForCoordinator
        | RDKafkaErrorCode::InProgress
        | RDKafkaErrorCode::UnstableOffsetCommit
        | RDKafkaErrorCode::KafkaStorageError
        | RDKafkaErrorCode::ReplicaNotAvailable
        | RDKafkaErrorCode::OffsetNotAvailable => FaultKind::Retriable,
        RDKafkaErrorCode::AutoOffsetReset
        | RDKafkaErrorCode::OffsetOutOfRange
        | RDKafkaErrorCode::LogTruncation
        | RDKafkaErrorCode::UnknownTopicOrPartition
        | RDKafkaErrorCode::UnknownTopic
        | RDKafkaErrorCode::UnknownPartition
        | RDKafkaErrorCode::TopicAuthorizationFailed
        | RDKafkaErrorCode::GroupAuthorizationFailed
        | RDKafkaErrorCode::TransactionalIdAuthorizationFailed
        | RDKafkaErrorCode::ClusterAuthorizationFailed => FaultKind::Refused,
        RDKafkaErrorCode::Fenced
        | RDKafkaErrorCode::FencedInstanceId
        | RDKafkaErrorCode::UnknownMemberId
        | RDKafkaErrorCode::IllegalGeneration
        | RDKafkaErrorCode::PollExceeded => FaultKind::Fenced,
        _ => FaultKind::Fatal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_that_is_gone_is_refused_and_never_retried() {
        let gone = KafkaError::MessageConsumption(RDKafkaErrorCode::AutoOffsetReset);
        assert_eq!(fault_of("polling", &gone).kind, FaultKind::Refused);
    }

    #[test]
    fn a_record_without_the_right_to_it_is_refused_and_any_other_can_be_tried_again() {
        let refused = KafkaError::MessageProduction(RDKafkaErrorCode::TopicAuthorizationFailed);
        assert_eq!(fault_of("sending", &refused).kind, FaultKind::Refused);
        let too_large = KafkaError::MessageProduction(RDKafkaErrorCode::MessageSizeTooLarge);
        assert_eq!(fault_of("sending", &too_large).kind, FaultKind::Abortable);
    }

    #[test]
    fn a_lost_broker_is_retried_and_an_unknown_error_is_fatal() {
        let lost = KafkaError::MessageConsumption(RDKafkaErrorCode::BrokerTransportFailure);
        assert_eq!(fault_of("polling", &lost).kind, FaultKind::Retriable);
        let odd = KafkaError::Global(RDKafkaErrorCode::InvalidArgument);
        assert_eq!(fault_of("polling", &odd).kind, FaultKind::Fatal);
    }
}
