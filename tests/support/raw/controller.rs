//! Which node leads the controllers.
//!
//! `DescribeQuorum` knows flexible versions alone, so its bytes come from kafka-protocol's codecs.

use std::io;

use bytes::{Bytes, BytesMut};
use kafka_protocol::messages::describe_quorum_request::{PartitionData, TopicData};
use kafka_protocol::messages::{
    DescribeQuorumRequest, DescribeQuorumResponse, RequestHeader, ResponseHeader, TopicName,
};
use kafka_protocol::protocol::{Decodable, Encodable, StrBytes};

use super::coordinator::ask;
use super::{Api, Connection};

const VERSION: i16 = 0;

/// The broker id of the node that leads the controllers, asked until there is one.
pub fn controller(bootstrap: &str) -> i32 {
    ask(bootstrap, "the leader of the controllers", |connection| {
        let answer = connection.call_frame(request)?;
        let answer = response(answer).map_err(io::Error::other)?;
        let partition = answer.topics.first().and_then(|topic| topic.partitions.first());
        let leader = partition.filter(|found| answer.error_code == 0 && found.error_code == 0);
        Ok(leader.map(|found| found.leader_id.0).filter(|id| *id > 0))
    })
}

fn request(correlation_id: i32) -> Vec<u8> {
    let header = RequestHeader::default()
        .with_request_api_key(Api::DESCRIBE_QUORUM.0)
        .with_request_api_version(VERSION)
        .with_correlation_id(correlation_id);
    let metadata = TopicName(StrBytes::from_static_str("__cluster_metadata"));
    let partitions = vec![PartitionData::default()];
    let topic = TopicData::default().with_topic_name(metadata).with_partitions(partitions);
    let mut frame = BytesMut::new();
    header.encode(&mut frame, 2).expect("a header");
    let body = DescribeQuorumRequest::default().with_topics(vec![topic]);
    body.encode(&mut frame, VERSION).expect("a request");
    frame.to_vec()
}

fn response(frame: Vec<u8>) -> Result<DescribeQuorumResponse, String> {
    let mut frame = Bytes::from(frame);
    ResponseHeader::decode(&mut frame, 1)
        .and_then(|_| DescribeQuorumResponse::decode(&mut frame, VERSION))
        .map_err(|error| error.to_string())
}
