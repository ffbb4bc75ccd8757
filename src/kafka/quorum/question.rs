//! The question to one broker: where do its replicas end, as their leader and as a replica?
//!
//! An error, or an epoch that is not told, is no answer.

use std::collections::BTreeMap;
use std::io;
use std::time::Instant;

use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::list_offsets_response::ListOffsetsPartitionResponse;
use kafka_protocol::messages::{
    BrokerId as Asker, ListOffsetsRequest, ListOffsetsResponse, TopicName,
};

use super::view::{View, name_of};
use crate::consent::{Offset, Partition, Topic};
use crate::kafka::ConsentTopic;
use crate::kafka::line::{Connection, Sent};
use crate::stream::quorum::{BrokerId, LeaderEpoch, Voice};

/// Kafka 2.8 and later. Answers tell the leader's epoch from version 4 on.
const VERSION: i16 = 7;
/// A consumer: only the leader answers, with its high watermark.
const CONSUMER: Asker = Asker(-1);
/// Kafka's debugging consumer: every replica answers.
const ANY_REPLICA: Asker = Asker(-2);
/// Where the log ends, in place of a time.
const LATEST: i64 = -1;

/// What one broker's replicas told.
pub(super) type Voices = BTreeMap<(Topic, Partition), Voice>;

/// Both questions, on their way.
pub(super) struct Question {
    as_leader: Sent<ListOffsetsRequest>,
    as_replica: Sent<ListOffsetsRequest>,
}

impl Question {
    /// Asks for the partitions of which this broker keeps a replica.
    pub(super) fn send(
        connection: &mut Connection,
        broker: BrokerId,
        topics: &[ConsentTopic],
        view: &View,
        deadline: Instant,
    ) -> io::Result<Self> {
        let request = request(broker, topics, view);
        let as_leader = request.clone().with_replica_id(CONSUMER);
        let as_replica = request.with_replica_id(ANY_REPLICA);
        Ok(Self {
            as_leader: connection.send(&as_leader, VERSION, deadline)?,
            as_replica: connection.send(&as_replica, VERSION, deadline)?,
        })
    }

    /// Receives both answers.
    pub(super) fn receive(
        &self,
        connection: &mut Connection,
        broker: BrokerId,
        topics: &[ConsentTopic],
        deadline: Instant,
    ) -> io::Result<Voices> {
        let as_leader = connection.receive(&self.as_leader, deadline)?;
        let as_replica = connection.receive(&self.as_replica, deadline)?;
        Ok(voices(broker, topics, &as_leader, &as_replica))
    }
}

fn request(broker: BrokerId, topics: &[ConsentTopic], view: &View) -> ListOffsetsRequest {
    let partitions = |topic: &ConsentTopic| {
        let kept = view.keeping.iter().filter(|((role, _), keeping)| {
            *role == topic.role && keeping.replicas.contains(&broker)
        });
        kept.map(|((_, partition), _)| {
            ListOffsetsPartition::default()
                .with_partition_index(partition.0)
                .with_current_leader_epoch(-1)
                .with_timestamp(LATEST)
        })
        .collect()
    };
    let topics = topics.iter().map(|topic| {
        ListOffsetsTopic::default()
            .with_name(TopicName(name_of(topic)))
            .with_partitions(partitions(topic))
    });
    ListOffsetsRequest::default()
        .with_topics(topics.filter(|topic| !topic.partitions.is_empty()).collect())
}

fn voices(
    broker: BrokerId,
    topics: &[ConsentTopic],
    as_leader: &ListOffsetsResponse,
    as_replica: &ListOffsetsResponse,
) -> Voices {
    let mut voices = Voices::new();
    for (place, told) in answers(topics, as_replica) {
        let epoch = LeaderEpoch(told.leader_epoch);
        voices.insert(place, Voice { broker, epoch, high_watermark: None });
    }
    for (place, told) in answers(topics, as_leader) {
        let epoch = LeaderEpoch(told.leader_epoch);
        let leading = Voice { broker, epoch, high_watermark: Some(Offset(told.offset)) };
        // Between the two it may have learnt of a later leader, even of itself.
        let voice = voices.entry(place).or_insert(leading);
        if voice.epoch <= epoch {
            *voice = leading;
        }
    }
    voices
}

fn answers<'a>(
    topics: &'a [ConsentTopic],
    response: &'a ListOffsetsResponse,
) -> impl Iterator<Item = ((Topic, Partition), &'a ListOffsetsPartitionResponse)> {
    response.topics.iter().flat_map(move |told| {
        let role = topics.iter().find(|topic| told.name.as_str() == topic.name);
        let usable = told.partitions.iter().filter(|partition| {
            partition.error_code == 0 && partition.offset >= 0 && partition.leader_epoch >= 0
        });
        usable.filter_map(move |partition| {
            Some(((role?.role, Partition(partition.partition_index)), partition))
        })
    })
}

#[cfg(test)]
mod tests {
    use kafka_protocol::messages::list_offsets_response::ListOffsetsTopicResponse;

    use super::*;

    fn topics() -> Vec<ConsentTopic> {
        vec![ConsentTopic { role: Topic::ConsentEvents, name: "events".into(), partitions: 1 }]
    }

    fn told(error: i16, epoch: i32, offset: i64) -> ListOffsetsResponse {
        let partition = ListOffsetsPartitionResponse::default()
            .with_error_code(error)
            .with_leader_epoch(epoch)
            .with_offset(offset);
        let topic = ListOffsetsTopicResponse::default()
            .with_name(TopicName(name_of(&topics()[0])))
            .with_partitions(vec![partition]);
        ListOffsetsResponse::default().with_topics(vec![topic])
    }

    fn voice(as_leader: &ListOffsetsResponse, as_replica: &ListOffsetsResponse) -> Option<Voice> {
        let voices = voices(BrokerId(1), &topics(), as_leader, as_replica);
        voices.get(&(Topic::ConsentEvents, Partition(0))).copied()
    }

    #[test]
    fn a_leader_names_its_end_and_a_follower_only_its_epoch() {
        let leader = voice(&told(0, 4, 9), &told(0, 4, 11)).expect("an answer");
        assert_eq!((leader.epoch, leader.high_watermark), (LeaderEpoch(4), Some(Offset(9))));
        let follower = voice(&told(6, -1, -1), &told(0, 4, 11)).expect("an answer");
        assert_eq!((follower.epoch, follower.high_watermark), (LeaderEpoch(4), None));
    }

    #[test]
    fn a_leader_that_hears_of_a_later_one_between_the_questions_names_no_end() {
        let voice = voice(&told(0, 4, 9), &told(0, 5, 9)).expect("an answer");
        assert_eq!((voice.epoch, voice.high_watermark), (LeaderEpoch(5), None));
    }

    #[test]
    fn errors_and_answers_without_an_epoch_are_no_answers() {
        assert_eq!(voice(&told(6, -1, -1), &told(3, -1, -1)), None);
        assert_eq!(voice(&told(0, -1, 9), &told(0, -1, 9)), None);
    }
}
