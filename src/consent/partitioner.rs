//! murmur2, the partitioner of Kafka's Java client: where a key belongs.
//!
//! One subject's events must lie in one partition. A record found elsewhere still objects, but it
//! permits nothing.

use super::position::Partition;

/// The partition of `key` among `count` partitions, as Java's default partitioner and librdkafka's
/// `murmur2_random` compute it. `None` if there are no partitions.
pub fn partition_of(key: &[u8], count: i32) -> Option<Partition> {
    if count <= 0 {
        return None;
    }
    let positive = (murmur2(key) & 0x7fff_ffff).cast_signed();
    Some(Partition(positive % count))
}

/// Kafka's murmur2 with its fixed seed.
fn murmur2(data: &[u8]) -> u32 {
    const M: u32 = 0x5bd1_e995;
    const R: u32 = 24;
    // Kafka keys are at most megabytes, so the cut to 32 bits is the algorithm's own.
    let mut hash = 0x9747_b28c_u32 ^ (data.len() as u32);
    let mut chunks = data.chunks_exact(4);
    for chunk in &mut chunks {
        let mut k = chunk.iter().rev().fold(0u32, |acc, &byte| (acc << 8) | u32::from(byte));
        k = k.wrapping_mul(M);
        k ^= k >> R;
        k = k.wrapping_mul(M);
        hash = hash.wrapping_mul(M) ^ k;
    }
    let tail = chunks.remainder();
    if !tail.is_empty() {
        hash ^= tail.iter().rev().fold(0u32, |acc, &byte| (acc << 8) | u32::from(byte));
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ (hash >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors of Kafka's own UtilsTest.
    #[test]
    fn murmur2_agrees_with_kafka() {
        for (key, hash) in [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
        ] {
            assert_eq!(murmur2(key.as_bytes()).cast_signed(), hash, "{key}");
        }
    }
}
