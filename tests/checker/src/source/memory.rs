//! Topics in memory, for tests: each partition a list of records.

use std::collections::BTreeMap;

use super::varint::put_varlong;
use super::{Extent, Headers, Record, Source};
use crate::error::{CheckError, Result};

/// A record that owns what it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) timestamp_ms: i64,
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) headers: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

/// Topics by name; offsets are places in the list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory(pub(crate) BTreeMap<String, Vec<Vec<Kept>>>);

impl Memory {
    pub(crate) fn partition(&mut self, topic: &str, partition: usize) -> &mut Vec<Kept> {
        let partitions = self.0.entry(topic.to_owned()).or_default();
        let missing = (partition + 1).saturating_sub(partitions.len());
        partitions.extend(std::iter::repeat_n(Vec::new(), missing));
        &mut partitions[partition]
    }
}

impl Source for Memory {
    fn partitions(&self, topic: &str) -> Result<i32> {
        let partitions = self.0.get(topic).ok_or(CheckError::NoTopic(topic.to_owned()))?;
        Ok(partitions.len() as i32)
    }

    fn read(
        &self,
        topic: &str,
        partition: i32,
        each: &mut dyn FnMut(&Record<'_>),
    ) -> Result<Extent> {
        let records = &self.0[topic][partition as usize];
        for (offset, kept) in records.iter().enumerate() {
            let mut bytes = Vec::new();
            for (name, value) in &kept.headers {
                put_varlong(name.len() as i64, &mut bytes);
                bytes.extend(name);
                put_varlong(value.as_ref().map_or(-1, |value| value.len() as i64), &mut bytes);
                bytes.extend(value.iter().flatten());
            }
            each(&Record {
                offset: offset as i64,
                timestamp_ms: kept.timestamp_ms,
                key: kept.key.as_deref(),
                value: kept.value.as_deref(),
                headers: Headers::checked(kept.headers.len(), &bytes).expect("headers"),
            });
        }
        let end = records.len() as i64;
        Ok(Extent { start: 0, stable_end: end, end })
    }
}
