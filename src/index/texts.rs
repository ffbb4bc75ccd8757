//! The texts that a business's grants name, by number, each with what it is good for.
//!
//! What is known of a text is worked out when something about it is told, not when it is asked: an
//! answer reads one entry of a table, without a look-up by name. A number that was never given is
//! good for nothing.

use std::slice::from_ref;

use hashbrown::HashMap;
use prefetch_index::prefetch_index;
use smallvec::SmallVec;

use crate::consent::state::BusinessState;
use crate::consent::text::is_too_late;
use crate::consent::{ScopeName, Seconds, TextRef};

use super::names::NameIx;
use super::standing::TextProof;

/// A text's number within its business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TextIx(pub u32);

impl TextIx {
    /// The greatest number that a cell can hold.
    pub(super) const MAX: Self = Self((1 << 30) - 1);
}

struct Text {
    text: TextRef,
    good_for: GoodFor,
}

/// What a text is good for.
#[derive(PartialEq, Eq)]
struct GoodFor {
    valid: bool,
    retired_at: Option<Seconds>,
    /// The scopes that it proves, at most as many as an event may name.
    proves: SmallVec<[NameIx; 8]>,
}

/// The texts of one business.
pub(super) struct Texts {
    known: Vec<Text>,
    numbers: HashMap<TextRef, TextIx>,
    scopes: NamedScopes,
}

/// The numbers of the scopes that any publication names, by name. A list: there are few, and a tree's
/// first node would take three times as much for each business.
#[derive(Default)]
struct NamedScopes(Vec<(ScopeName, NameIx)>);

impl NamedScopes {
    fn insert(&mut self, scope: ScopeName, number: NameIx) {
        match self.0.binary_search_by(|(known, _)| known.cmp(&scope)) {
            Ok(at) => self.0[at].1 = number,
            Err(at) => {
                reserve_few(&mut self.0);
                self.0.insert(at, (scope, number));
            }
        }
    }

    fn get(&self, scope: &ScopeName) -> Option<NameIx> {
        let at = self.0.binary_search_by(|(known, _)| known.cmp(scope)).ok()?;
        self.0.get(at).map(|(_, number)| *number)
    }
}

/// Room for one more, and for no more than that while there are few: most businesses have a text or two.
fn reserve_few<T>(list: &mut Vec<T>) {
    const FEW: usize = 8;
    if list.len() < FEW {
        list.reserve_exact(1);
    }
}

impl Texts {
    pub(super) fn new() -> Self {
        Self { known: Vec::new(), numbers: HashMap::new(), scopes: NamedScopes::default() }
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
        let good_for = good_for(text, business, &self.scopes);
        reserve_few(&mut self.known);
        self.known.push(Text { text: text.clone(), good_for });
        self.numbers.insert(text.clone(), number);
        Some(number)
    }

    /// Brings near what a text is good for.
    pub(super) fn bring(&self, number: TextIx) {
        if let Some(Text { good_for, .. }) = self.at(number) {
            prefetch_index(from_ref(&good_for.valid), 0);
            prefetch_index(from_ref(&good_for.proves), 0);
        }
    }

    /// The text of a number.
    pub(super) fn get(&self, number: TextIx) -> Option<&TextRef> {
        self.at(number).map(|text| &text.text)
    }

    /// Whether the text may carry a grant of this second.
    pub(super) fn may_carry(&self, number: TextIx, granted_at: Seconds) -> bool {
        self.at(number).is_some_and(|Text { good_for, .. }| {
            good_for.valid && !is_too_late(good_for.retired_at, granted_at)
        })
    }

    /// Whether the text proves that who agreed to it agreed to this scope.
    pub(super) fn proves(&self, number: TextIx, scope: Option<NameIx>) -> TextProof {
        let proves = |scope| self.at(number).is_some_and(|t| t.good_for.proves.contains(&scope));
        if scope.is_some_and(proves) { TextProof::Complete } else { TextProof::Missing }
    }

    /// Keeps the number of a scope that a publication names.
    pub(super) fn name_scope(&mut self, scope: ScopeName, number: NameIx) {
        self.scopes.insert(scope, number);
    }

    /// Works out again what the texts of this id and version are good for, `None` meaning all. The
    /// numbers of those for which it is something else now, in order.
    pub(super) fn weigh(
        &mut self,
        id: Option<&str>,
        version: Option<&str>,
        business: &BusinessState,
    ) -> Vec<TextIx> {
        let mut changed = Vec::new();
        for (number, known) in (0..).map(TextIx).zip(&mut self.known) {
            if !known.text.is_named_by(id, version) {
                continue;
            }
            let now = good_for(&known.text, business, &self.scopes);
            if known.good_for != now {
                known.good_for = now;
                changed.push(number);
            }
        }
        changed
    }

    /// Bytes of texts and numbers, about.
    pub(super) fn bytes(&self) -> usize {
        let names: usize = self
            .known
            .iter()
            .map(|Text { text, good_for }| {
                let spilled = if good_for.proves.spilled() { good_for.proves.len() } else { 0 };
                let proves = spilled * size_of::<NameIx>();
                text.id.len() + text.version.len() + text.language.as_str().len() + proves + 48
            })
            .sum();
        let scopes = self.scopes.0.capacity() * size_of::<(ScopeName, NameIx)>();
        names + scopes + self.known.capacity() * size_of::<Text>() + self.numbers.allocation_size()
    }

    fn at(&self, number: TextIx) -> Option<&Text> {
        self.known.get(number.0 as usize)
    }
}

fn good_for(text: &TextRef, business: &BusinessState, scopes: &NamedScopes) -> GoodFor {
    let proven = business.texts.proven_scopes(text);
    GoodFor {
        valid: !business.is_invalid(text),
        retired_at: business.texts.retired_at(text),
        proves: proven.iter().filter_map(|scope| scopes.get(scope)).collect(),
    }
}
