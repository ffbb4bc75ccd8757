//! The four ways in which Kafka compresses a batch.

use std::borrow::Cow;
use std::io::Read as _;

use super::batch::Flaw;

/// No batch of a sane topic is larger; a bomb is.
const LARGEST: u64 = 1 << 30;
/// What Java's snappy writes before its blocks: magic, version and compatible version.
const XERIAL: &[u8] = b"\x82SNAPPY\0";
const XERIAL_HEAD: usize = 16;

/// The records of a batch by Kafka's number of a codec.
pub(super) fn decompress(codec: i16, bytes: &[u8]) -> Result<Cow<'_, [u8]>, Flaw> {
    match codec {
        0 => Ok(Cow::Borrowed(bytes)),
        1 => read(flate2::read::GzDecoder::new(bytes), "a batch that is no gzip"),
        2 => snappy(bytes).map(Cow::Owned).ok_or("a batch that is no snappy"),
        3 => read(lz4_flex::frame::FrameDecoder::new(bytes), "a batch that is no lz4"),
        4 => {
            let flaw = "a batch that is no zstd";
            read(zstd::stream::read::Decoder::new(bytes).map_err(|_| flaw)?, flaw)
        }
        _ => Err("a batch of an unknown compression"),
    }
}

fn read<'a>(from: impl std::io::Read, flaw: Flaw) -> Result<Cow<'a, [u8]>, Flaw> {
    let mut all = Vec::new();
    from.take(LARGEST).read_to_end(&mut all).map_err(|_| flaw)?;
    Ok(Cow::Owned(all))
}

/// Java writes blocks, each behind its length; others write one block.
fn snappy(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut decoder = snap::raw::Decoder::new();
    if !bytes.starts_with(XERIAL) {
        return decoder.decompress_vec(bytes).ok();
    }
    let mut rest = bytes.get(XERIAL_HEAD..)?;
    let mut all = Vec::new();
    while !rest.is_empty() {
        let (length, behind) = rest.split_first_chunk::<4>()?;
        let (block, behind) = behind.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        all.extend(decoder.decompress_vec(block).ok()?);
        rest = behind;
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn all_four_read_back_and_damage_is_named() {
        let text = b"so long and so long and so long".repeat(9);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&text).unwrap();
        let mut lz4 = lz4_flex::frame::FrameEncoder::new(Vec::new());
        lz4.write_all(&text).unwrap();
        let snappy = snap::raw::Encoder::new().compress_vec(&text).unwrap();
        let blocks = [XERIAL, &[0; 8], &(snappy.len() as u32).to_be_bytes(), &snappy].concat();
        let all = [
            (0, text.clone()),
            (1, gzip.finish().unwrap()),
            (2, snappy),
            (2, blocks),
            (3, lz4.finish().unwrap()),
            (4, zstd::encode_all(&text[..], 1).unwrap()),
        ];
        for (codec, bytes) in all {
            assert_eq!(decompress(codec, &bytes).unwrap(), text, "codec {codec}");
            if codec != 0 {
                assert!(decompress(codec, &bytes[..bytes.len() / 2]).is_err(), "codec {codec}");
            }
        }
        assert!(decompress(5, &text).is_err());
    }
}
