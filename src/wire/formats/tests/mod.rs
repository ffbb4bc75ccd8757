//! The formats read what is there, refuse what contradicts itself, and decide nothing in doubt's favour.

mod cloud_api;
mod headers;
mod json;
mod laws;

use super::*;
use crate::consent::{Category, IdentityRef, Seconds};
use crate::decision::{OptOutPath, Reason};

/// Sources as they are written in configuration.
fn sources(written: &[(Field, &str)]) -> Vec<(Field, Source)> {
    written.iter().map(|(field, text)| (*field, Source::parse(text).unwrap())).collect()
}

fn format(kind: Kind, written: &[(Field, &str)]) -> Format {
    Format::new(kind, Framing::Plain, &sources(written)).unwrap()
}

/// Headers by name; `None` is null.
type Headers<'h> = &'h [(&'h str, Option<&'h [u8]>)];

fn read<'r>(
    format: &Format,
    value: &'r [u8],
    headers: Headers<'r>,
    texts: &'r Texts,
) -> Result<Message<'r>, Refusal> {
    let show = |show: &mut dyn FnMut(Header<'r>)| {
        headers.iter().for_each(|&(name, value)| show(Header { name, value }));
    };
    format.read(Some(value), show, texts)
}

/// Why a value without headers is refused.
fn refusal(format: &Format, value: &[u8]) -> Refusal {
    read(format, value, &[], &Texts::default()).expect_err("refused")
}
