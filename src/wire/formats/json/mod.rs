//! One pass over a JSON value along a plan.
//!
//! Reads to the end, so that what follows cannot say otherwise. A key of the plan that comes twice is
//! a contradiction, whichever reader would take which. What is of no interest is skipped, but it must
//! be JSON all the same.

mod document;
mod text;

use document::{Document, Quoted, deeper};

use super::plan::{Key, Node, Plan};
use super::refusal::{Fault, Refusal};
use super::sink::{Sink, Value};
use super::texts::Texts;

/// Enters what the plan asks for.
///
/// # Errors
/// [`Fault::NotJson`].
pub(super) fn read<'r>(
    bytes: &'r [u8],
    plan: &Plan,
    texts: &'r Texts,
    found: &mut impl Sink<'r>,
) -> Result<(), Refusal> {
    let is_read = simdutf8::basic::from_utf8(bytes).is_ok_and(|text| {
        let document = Document(text);
        let mut walk = Walk { document, texts, found };
        let end = walk.value(0, plan.root(), 0);
        end.is_some_and(|end| document.take(end).is_none())
    });
    if is_read { Ok(()) } else { Err(Refusal::whole(Fault::NotJson)) }
}

/// Goes through a document and enters what it finds. Recurses no deeper than the plan. Each step
/// gives the place behind what it read.
struct Walk<'w, 'r, S> {
    document: Document<'r>,
    texts: &'r Texts,
    found: &'w mut S,
}

impl<'r, S: Sink<'r>> Walk<'_, 'r, S> {
    fn value(&mut self, start: usize, at: &Node, depth: u32) -> Option<usize> {
        let document = self.document;
        let (first, within) = document.take(start)?;
        let (value, behind) = match first {
            b'"' => match document.string(within)? {
                (Quoted::Plain(text), behind) => (Value::Text(text), behind),
                (Quoted::Escaped(text), behind) => (Value::Text(self.meaning(text)), behind),
            },
            b'{' if at.has_children() => (Value::Other, self.object(within, at, deeper(depth)?)?),
            b'[' if at.has_children() => (Value::List, self.list(within, at, deeper(depth)?)?),
            b'{' => (Value::Other, document.skip(start, depth)?),
            b'[' => (Value::List, document.skip(start, depth)?),
            b'n' => {
                self.found.null(at.fields());
                return document.scalar(first, within);
            }
            b't' | b'f' => (Value::Flag(first == b't'), document.scalar(first, within)?),
            first => {
                let behind = document.scalar(first, within)?;
                (Value::Number(document.between(within - 1, behind)?), behind)
            }
        };
        if first != b'{' && at.has_keys() && !(first == b'[' && at.has_elements()) {
            self.found.misfit(at);
        }
        self.found.mark(at.mark());
        self.found.put_all(at.fields(), value);
        Some(behind)
    }

    fn object(&mut self, mut place: usize, at: &Node, depth: u32) -> Option<usize> {
        let document = self.document;
        if let (b'}', behind) = document.take(place)? {
            return Some(behind);
        }
        let mut seen = 0u128;
        loop {
            let (key, behind) = document.key(place)?;
            let key = match key {
                Quoted::Plain(key) => at.key(key),
                Quoted::Escaped(key) => at.key(self.meaning(key)),
            };
            let behind = match key {
                Key::Child(child, number) => {
                    let bit = 1 << number;
                    if seen & bit != 0 {
                        self.found.contradict(child, Fault::Twice);
                    }
                    seen |= bit;
                    self.value(behind, child, depth)?
                }
                Key::Almost(child) => {
                    self.found.contradict(child, Fault::AlmostTwice);
                    document.skip(behind, depth)?
                }
                Key::Unknown => {
                    self.found.unknown();
                    document.skip(behind, depth)?
                }
            };
            match document.take(behind)? {
                (b',', next) => place = next,
                (b'}', next) => return Some(next),
                _ => return None,
            }
        }
    }

    fn list(&mut self, mut place: usize, at: &Node, depth: u32) -> Option<usize> {
        let document = self.document;
        if let (b']', behind) = document.take(place)? {
            return Some(behind);
        }
        let mut index = 0;
        loop {
            let behind = match at.element(index) {
                Some(element) => self.value(place, element, depth)?,
                None => document.skip(place, depth)?,
            };
            index += 1;
            match document.take(behind)? {
                (b',', next) => place = next,
                (b']', next) => return Some(next),
                _ => return None,
            }
        }
    }

    /// What a text with escapes means, kept for as long as the message lives.
    #[cold]
    fn meaning(&self, text: &str) -> &'r str {
        self.texts.keep(&text::unescape(text))
    }
}
