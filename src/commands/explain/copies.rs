//! A record with all that a lane passes on, to find it again by its bytes.

use crate::kafka::TopicRecord;

/// Key, value, headers and time of a record.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Copy {
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Vec<(String, Option<Vec<u8>>)>,
    sent_ms: Option<i64>,
}

impl Copy {
    /// That of a record.
    pub(super) fn of(record: &TopicRecord<'_>) -> Self {
        let mut headers = Vec::new();
        record.each_text_header(&mut |header| {
            headers.push((header.name.to_owned(), header.value.map(<[u8]>::to_vec)));
        });
        let (key, value) = (record.key().map(<[u8]>::to_vec), record.value().map(<[u8]>::to_vec));
        Self { key, value, headers, sent_ms: record.timestamp_ms() }
    }
}
