//! A client that sends single requests, for what librdkafka never sends.

use std::io::{Read, Write};
use std::net::TcpStream;

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::produce_response::PartitionProduceResponse;
use kafka_protocol::messages::{
    ApiKey, BrokerId, FetchRequest, FindCoordinatorRequest, InitProducerIdRequest,
    ListOffsetsRequest, MetadataRequest, MetadataResponse, ProduceRequest, RequestHeader,
    TopicName, TransactionalId,
};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Request, StrBytes};

use super::support::LONG;

/// Text in a request.
pub fn text(value: &str) -> StrBytes {
    StrBytes::from_string(value.to_owned())
}

/// A topic's name in a request.
pub fn topic_name(value: &str) -> TopicName {
    TopicName(text(value))
}

/// A connection to one node.
pub struct Wire {
    stream: TcpStream,
}

impl Wire {
    /// Connects to the first address of a bootstrap string.
    pub fn connect(bootstrap: &str) -> Self {
        let first = bootstrap.split(',').next().expect("an address");
        let stream = TcpStream::connect(first).expect("a connection");
        stream.set_read_timeout(Some(LONG)).expect("a time-out");
        Self { stream }
    }

    /// Connects to the leader of a partition.
    pub fn to_leader(bootstrap: &str, topic: &str, partition: usize) -> Self {
        let metadata = Self::connect(bootstrap).metadata(topic);
        let topics = &metadata.topics;
        let leader = topics[0].partitions[partition].leader_id;
        Self::to_node(&metadata, leader.0)
    }

    /// Connects to a node of these metadata.
    pub fn to_node(metadata: &MetadataResponse, node: i32) -> Self {
        let broker = metadata
            .brokers
            .iter()
            .find(|broker| broker.node_id.0 == node)
            .expect("the node is alive");
        Self::connect(&format!("{}:{}", broker.host, broker.port))
    }

    /// Connects to the coordinator of a group (0) or transactional id (1).
    pub fn to_coordinator(bootstrap: &str, key: &str, kind: i8) -> Self {
        let mut address = String::new();
        super::support::eventually("the coordinator is there", || {
            let request = FindCoordinatorRequest::default().with_key(text(key)).with_key_type(kind);
            let found = Self::connect(bootstrap).call(2, &request);
            address = format!("{}:{}", found.host, found.port);
            found.error_code == 0
        });
        Self::connect(&address)
    }

    /// Sends a request and reads its answer.
    pub fn call<R: Request>(&mut self, version: i16, request: &R) -> R::Response {
        let api = ApiKey::try_from(R::KEY).expect("a known api");
        let header = RequestHeader::default()
            .with_request_api_key(R::KEY)
            .with_request_api_version(version)
            .with_correlation_id(7)
            .with_client_id(Some(text("wire")));
        let mut frame = BytesMut::new();
        frame.put_i32(0);
        let form = api.request_header_version(version);
        header.encode(&mut frame, form).expect("a header");
        request.encode(&mut frame, version).expect("a request");
        let length = i32::try_from(frame.len() - 4).expect("fits");
        frame[..4].copy_from_slice(&length.to_be_bytes());
        self.stream.write_all(&frame).expect("sent");

        let mut length = [0; 4];
        self.stream.read_exact(&mut length).expect("an answer");
        let length = usize::try_from(i32::from_be_bytes(length)).expect("a length");
        let mut answer = vec![0; length];
        self.stream.read_exact(&mut answer).expect("the answer");
        let mut answer = Bytes::from(answer);
        let tagged = R::Response::header_version(version) >= 1;
        let header = answer.split_to(if tagged { 5 } else { 4 });
        assert_eq!(&header[..4], &7i32.to_be_bytes(), "the correlation id");
        R::Response::decode(&mut answer, version).expect("an answer that parses")
    }

    /// Metadata of one topic.
    pub fn metadata(&mut self, topic: &str) -> MetadataResponse {
        let asked = MetadataRequestTopic::default().with_name(Some(topic_name(topic)));
        let request = MetadataRequest::default()
            .with_topics(Some(vec![asked]))
            .with_allow_auto_topic_creation(false);
        self.call(9, &request)
    }

    /// Sends bytes as the records of partition 0, with acks=all.
    pub fn produce(&mut self, topic: &str, records: Bytes) -> PartitionProduceResponse {
        let partition = PartitionProduceData::default().with_index(0).with_records(Some(records));
        let data = TopicProduceData::default()
            .with_name(topic_name(topic))
            .with_partition_data(vec![partition]);
        let request = ProduceRequest::default()
            .with_acks(-1)
            .with_timeout_ms(10_000)
            .with_topic_data(vec![data]);
        let answer = self.call(7, &request);
        answer.responses[0].partition_responses[0].clone()
    }

    /// Error and end offset of partition 0, asked as this replica (-1: a
    /// client) with this leader epoch (-1: any).
    pub fn end(&mut self, topic: &str, replica: i32, epoch: i32) -> (i16, i64) {
        let partition = ListOffsetsPartition::default()
            .with_partition_index(0)
            .with_current_leader_epoch(epoch)
            .with_timestamp(-1);
        let asked = ListOffsetsTopic::default()
            .with_name(topic_name(topic))
            .with_partitions(vec![partition]);
        let request = ListOffsetsRequest::default()
            .with_replica_id(BrokerId(replica))
            .with_topics(vec![asked]);
        let answer = self.call(7, &request);
        let told = &answer.topics[0].partitions[0];
        (told.error_code, told.offset)
    }

    /// The error of a fetch from partition 0.
    pub fn fetch(&mut self, topic: &str, offset: i64) -> i16 {
        let partition = FetchPartition::default()
            .with_partition(0)
            .with_fetch_offset(offset)
            .with_partition_max_bytes(1_000);
        let asked =
            FetchTopic::default().with_topic(topic_name(topic)).with_partitions(vec![partition]);
        let request = FetchRequest::default().with_topics(vec![asked]);
        let answer = self.call(11, &request);
        answer.responses[0].partitions[0].error_code
    }

    /// A producer id and epoch, with or without a transactional id.
    pub fn producer(&mut self, transactional_id: Option<&str>) -> (i64, i16) {
        let id = transactional_id.map(|id| TransactionalId(text(id)));
        let request = InitProducerIdRequest::default()
            .with_transactional_id(id)
            .with_transaction_timeout_ms(30_000)
            .with_producer_id((-1).into())
            .with_producer_epoch(-1);
        let mut given = None;
        super::support::eventually("a producer id is given", || {
            let answer = self.call(4, &request);
            given = Some((answer.producer_id.0, answer.producer_epoch));
            answer.error_code == 0
        });
        given.expect("a producer id")
    }
}

/// The producer fields of a batch: id, epoch and first sequence.
pub type Origin = (i64, i16, i32);

/// No idempotence.
pub const ANONYMOUS: Origin = (-1, -1, -1);

/// A batch of one record whose value is as long as makes the whole batch
/// `size` bytes, from 70 on.
pub fn batch(size: usize, (producer, epoch, sequence): Origin) -> Bytes {
    // Header 61, then the record: length, attributes, two deltas, key length
    // (null), value length, value, header count.
    let mut value = size - 61 - 7;
    let record = loop {
        let mut body = BytesMut::new();
        body.put_slice(&[0, 0, 0, 1]);
        varint(&mut body, value);
        body.put_bytes(b'x', value);
        body.put_u8(0);
        let mut record = BytesMut::new();
        varint(&mut record, body.len());
        record.put_slice(&body);
        if record.len() + 61 <= size {
            assert_eq!(record.len() + 61, size, "the size can be met");
            break record;
        }
        value -= 1;
    };
    let mut sealed = BytesMut::new();
    // Attributes, last offset delta, both times.
    sealed.put_i16(0);
    sealed.put_i32(0);
    sealed.put_i64(1_700_000_000_000);
    sealed.put_i64(1_700_000_000_000);
    sealed.put_i64(producer);
    sealed.put_i16(epoch);
    sealed.put_i32(sequence);
    sealed.put_i32(1);
    sealed.put_slice(&record);
    let mut batch = BytesMut::new();
    batch.put_i64(0);
    batch.put_i32(i32::try_from(sealed.len() + 9).expect("fits"));
    batch.put_i32(-1);
    batch.put_u8(2);
    batch.put_u32(crc32c::crc32c(&sealed));
    batch.put_slice(&sealed);
    batch.freeze()
}

/// A length as a zigzag varint.
fn varint(out: &mut BytesMut, length: usize) {
    let mut left = length << 1;
    while left >= 0x80 {
        out.put_u8(u8::try_from(left & 0x7f).expect("seven bits") | 0x80);
        left >>= 7;
    }
    out.put_u8(u8::try_from(left).expect("seven bits"));
}
