//! Texts that a record spells differently than it means them, such as JSON with escapes.
//!
//! A message borrows its fields from the record. Where the record's own bytes are not the text, the
//! text is kept here for as long as the message lives. Nothing is taken back before all of it is.

use std::cell::{Cell, OnceCell};

/// How many texts the first block holds; each later one holds twice as many.
const FIRST_BLOCK: usize = 32;

/// Keeps texts; takes no memory until there is one.
#[derive(Debug, Default)]
pub struct Texts {
    first: OnceCell<Block>,
}

#[derive(Debug)]
struct Block {
    texts: Vec<OnceCell<Box<str>>>,
    used: Cell<usize>,
    next: OnceCell<Box<Block>>,
}

impl Texts {
    /// Keeps a text.
    pub(super) fn keep(&self, text: &str) -> &str {
        let mut block = self.first.get_or_init(|| Block::of(FIRST_BLOCK));
        loop {
            let used = block.used.get();
            if let Some(free) = block.texts.get(used) {
                block.used.set(used + 1);
                return free.get_or_init(|| text.into());
            }
            block = block.next.get_or_init(|| Box::new(Block::of(used * 2)));
        }
    }
}

impl Block {
    fn of(texts: usize) -> Self {
        let texts = (0..texts).map(|_| OnceCell::new()).collect();
        Self { texts, used: Cell::new(0), next: OnceCell::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_stays_as_it_was_kept() {
        let texts = Texts::default();
        let kept: Vec<&str> =
            (0..1_000).map(|number: usize| texts.keep(&number.to_string())).collect();
        assert!(kept.iter().enumerate().all(|(number, text)| *text == number.to_string()));
    }
}
