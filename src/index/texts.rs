//! The texts that a business's grants name, by number.
//!
//! A text is valid until a pattern of the business invalidates it, and never again after that.

use hashbrown::HashMap;

use crate::consent::TextRef;
use crate::consent::state::BusinessState;

/// A text's number within its business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TextIx(pub u32);

impl TextIx {
    /// The greatest number that a cell can hold.
    pub(super) const MAX: Self = Self((1 << 30) - 1);
}

struct Text {
    text: TextRef,
    valid: bool,
}

/// The texts of one business.
pub(super) struct Texts {
    known: Vec<Text>,
    numbers: HashMap<TextRef, TextIx>,
}

impl Texts {
    pub(super) fn new() -> Self {
        Self { known: Vec::new(), numbers: HashMap::new() }
    }

    /// The number of a text, new or known; `None` when all numbers are used up.
    pub(super) fn number(&mut self, text: &TextRef, business: &BusinessState) -> Option<TextIx> {
        if let Some(number) = self.numbers.get(text) {
            return Some(*number);
        }
        let number = u32::try_from(self.known.len()).ok().map(TextIx)?;
        if number.0 > TextIx::MAX.0 {
            return None;
        }
        self.known.push(Text { text: text.clone(), valid: !business.is_invalid(text) });
        self.numbers.insert(text.clone(), number);
        Some(number)
    }

    /// The text of a number.
    pub(super) fn get(&self, number: TextIx) -> Option<&TextRef> {
        self.known.get(number.0 as usize).map(|text| &text.text)
    }

    /// Whether the text may still carry a grant. A number that was never given may not.
    pub(super) fn is_valid(&self, number: TextIx) -> bool {
        self.known.get(number.0 as usize).is_some_and(|text| text.valid)
    }

    /// Invalidates what a pattern matches. Whether anything that was valid no longer is.
    pub(super) fn invalidate(&mut self, id: Option<&str>, version: Option<&str>) -> bool {
        let mut changed = false;
        for text in self.known.iter_mut().filter(|text| text.valid) {
            text.valid = !text.text.is_named_by(id, version);
            changed |= !text.valid;
        }
        changed
    }

    /// Bytes of texts and numbers, about.
    pub(super) fn bytes(&self) -> usize {
        let names: usize =
            self.known.iter().map(|text| text.text.id.len() + text.text.version.len() + 32).sum();
        names + self.known.capacity() * size_of::<Text>() + self.numbers.allocation_size()
    }
}
