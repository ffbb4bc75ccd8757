//! The prefix that Confluent's serializers put in front of a value.
//!
//! Magic byte 0, four bytes of schema id, and for protobuf the place of the message in its schema:
//! how many indexes, then the indexes, as zigzag varints; a single 0 stands for the first message.
//! No registry is asked: the id is skipped.

use super::refusal::{Fault, Refusal};

/// What stands in front of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Nothing.
    Plain,
    /// Confluent's prefix.
    Confluent,
}

const MAGIC: u8 = 0;

impl Framing {
    /// The JSON behind the prefix.
    pub(super) fn json(self, value: &[u8]) -> Result<&[u8], Refusal> {
        match self {
            Self::Plain => Ok(value),
            Self::Confluent => behind_id(value),
        }
    }

    /// The protobuf message behind the prefix. It must be the first of its schema.
    pub(super) fn protobuf(self, value: &[u8]) -> Result<&[u8], Refusal> {
        match self {
            Self::Plain => Ok(value),
            // The first message is written in one byte, or as a list of one that is 0.
            Self::Confluent => match behind_id(value)? {
                [0, message @ ..] | [2, 0, message @ ..] => Ok(message),
                [] => Err(Refusal::whole(Fault::NoPrefix)),
                _ => Err(Refusal::whole(Fault::OtherMessage)),
            },
        }
    }
}

fn behind_id(value: &[u8]) -> Result<&[u8], Refusal> {
    match value {
        [MAGIC, _, _, _, _, rest @ ..] => Ok(rest),
        _ => Err(Refusal::whole(Fault::NoPrefix)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_is_taken_off_json() {
        let fault = |value: &[u8]| Framing::Confluent.json(value).err().map(|it| it.fault);
        assert_eq!(Framing::Confluent.json(&[0, 0, 0, 0, 7, b'{', b'}']), Ok(&b"{}"[..]));
        assert_eq!(Framing::Confluent.json(&[0, 255, 255, 255, 255]), Ok(&b""[..]));
        for value in [&b""[..], b"{}", &[0], &[0, 0, 0, 7], &[1, 0, 0, 0, 7, b'{', b'}']] {
            assert_eq!(fault(value), Some(Fault::NoPrefix), "{value:?}");
        }
        assert_eq!(Framing::Plain.json(b"{}"), Ok(&b"{}"[..]));
    }

    #[test]
    fn protobuf_must_be_the_first_message_of_its_schema() {
        let of = |rest: &[u8]| {
            let value = [&[0, 0, 0, 0, 7], rest].concat();
            Framing::Confluent.protobuf(&value).map(<[u8]>::to_vec).map_err(|it| it.fault)
        };
        assert_eq!(of(&[0, 26, 1]), Ok(vec![26, 1]));
        assert_eq!(of(&[2, 0, 26, 1]), Ok(vec![26, 1]));
        assert_eq!(of(&[0]), Ok(vec![]));
        assert_eq!(of(&[]), Err(Fault::NoPrefix));
        for other in
            [&[2, 2, 26, 1][..], &[4, 0, 0, 26], &[2], &[1, 0, 26], &[0x80, 0x80], &[26, 1]]
        {
            assert_eq!(of(other), Err(Fault::OtherMessage), "{other:?}");
        }
        assert_eq!(Framing::Plain.protobuf(&[26, 1]), Ok(&[26, 1][..]));
    }
}
