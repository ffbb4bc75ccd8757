//! The scopes of a business, each with its grants and the bitmap of those that stand.
//!
//! The first scopes of a business have a flag in the directory and, once the business is large, a
//! bitmap that must agree with it.

use hashbrown::HashMap;
use roaring::RoaringBitmap;

use crate::consent::ScopeName;

use super::grants::Grants;
use super::hot::ScopeIx;

/// One scope of one business.
pub(super) struct Scope {
    pub grants: Grants,
    /// The local ids whose grant stands unconditionally; kept for hot scopes of large businesses.
    /// Never optimised while it lives: run containers make later changes slow and large.
    pub standing: RoaringBitmap,
}

impl Scope {
    /// Reads where grants and bitmap lie.
    pub(super) fn touch(&self) -> usize {
        self.grants.len() ^ usize::from(self.standing.is_empty())
    }
}

/// The scopes of one business, in the order in which they were first named.
pub(super) struct Scopes {
    /// Beside each other, so that a look-up by name reads little memory.
    names: Vec<Name>,
    scopes: Vec<Scope>,
    /// By name, once there are too many to compare one by one.
    numbers: HashMap<ScopeName, ScopeIx>,
}

struct Name {
    /// The name's length and its first bytes: mostly enough to tell it from others.
    start: u64,
    name: ScopeName,
}

fn start_of(name: &str) -> u64 {
    let mut start = [0; 8];
    for (to, from) in start.iter_mut().zip([name.len() as u8].iter().chain(name.as_bytes())) {
        *to = *from;
    }
    u64::from_le_bytes(start)
}

/// Up to so many names are compared one by one.
const COMPARED: usize = 16;

impl Scopes {
    pub(super) fn new() -> Self {
        Self { names: Vec::new(), scopes: Vec::new(), numbers: HashMap::new() }
    }

    /// Reads the first name and the first scope.
    pub(super) fn touch(&self) -> usize {
        let name = self.names.first().map_or(0, |name| name.start as usize);
        name ^ self.scopes.first().map_or(0, |scope| scope.grants.len())
    }

    /// The number of a scope that some fact named.
    pub(super) fn find(&self, name: &str) -> Option<ScopeIx> {
        if self.names.len() > COMPARED {
            return self.numbers.get(name).copied();
        }
        let start = start_of(name);
        let is_it = |known: &Name| known.start == start && known.name.as_str() == name;
        let at = self.names.iter().position(is_it)?;
        u16::try_from(at).ok().map(ScopeIx)
    }

    /// The number of a scope, new or known; `None` when all numbers are used up.
    pub(super) fn number(&mut self, name: &ScopeName) -> Option<ScopeIx> {
        if let Some(known) = self.find(name.as_str()) {
            return Some(known);
        }
        let number = u16::try_from(self.names.len()).ok().map(ScopeIx)?;
        self.names.push(Name { start: start_of(name.as_str()), name: name.clone() });
        self.scopes.push(Scope { grants: Grants::new(), standing: RoaringBitmap::new() });
        if self.names.len() > COMPARED {
            let numbered = (0..=u16::MAX).map(ScopeIx).zip(&self.names);
            let missing = numbered.skip(self.numbers.len());
            self.numbers.extend(missing.map(|(number, known)| (known.name.clone(), number)));
        }
        Some(number)
    }

    pub(super) fn name(&self, scope: ScopeIx) -> Option<&ScopeName> {
        self.names.get(usize::from(scope.0)).map(|known| &known.name)
    }

    pub(super) fn get(&self, scope: ScopeIx) -> Option<&Scope> {
        self.scopes.get(usize::from(scope.0))
    }

    pub(super) fn get_mut(&mut self, scope: ScopeIx) -> Option<&mut Scope> {
        self.scopes.get_mut(usize::from(scope.0))
    }

    /// All scopes with their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = (ScopeIx, &Scope)> {
        (0..=u16::MAX).map(ScopeIx).zip(&self.scopes)
    }

    /// All scopes with their numbers, to change them.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (ScopeIx, &mut Scope)> {
        (0..=u16::MAX).map(ScopeIx).zip(&mut self.scopes)
    }
}
