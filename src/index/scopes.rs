//! The scopes of a business, each with its grants and the bitmap of those that stand.
//!
//! The first scopes of a business have a flag in the directory and, once the business is large, a
//! bitmap that must agree with it.

use prefetch_index::prefetch_index;
use roaring::RoaringBitmap;
use smallvec::SmallVec;

use super::grants::Grants;
use super::hot::ScopeIx;
use super::names::NameIx;

/// One scope of one business.
pub(super) struct Scope {
    pub grants: Grants,
    /// The local ids whose grant stands unconditionally; kept for hot scopes of large businesses.
    /// Never optimised while it lives: run containers make later changes slow and large.
    pub standing: RoaringBitmap,
}

/// The scopes of one business, in the order in which they were first named.
pub(super) struct Scopes {
    /// Beside each other and within the business, so that a look-up reads little memory.
    names: SmallVec<[NameIx; 8]>,
    scopes: Vec<Scope>,
}

impl Scopes {
    pub(super) fn new() -> Self {
        Self { names: SmallVec::new(), scopes: Vec::new() }
    }

    /// Brings near what says where the grants and the bitmap of a scope lie.
    pub(super) fn bring(&self, scope: ScopeIx) {
        prefetch_index(&self.scopes, usize::from(scope.0));
    }

    /// The number of a scope that some fact of this business named.
    pub(super) fn find(&self, name: NameIx) -> Option<ScopeIx> {
        let at = self.names.iter().position(|known| *known == name)?;
        u16::try_from(at).ok().map(ScopeIx)
    }

    /// The number of a scope, new or known; `None` when all numbers are used up.
    pub(super) fn number(&mut self, name: NameIx) -> Option<ScopeIx> {
        if let Some(known) = self.find(name) {
            return Some(known);
        }
        let number = u16::try_from(self.names.len()).ok().map(ScopeIx)?;
        self.names.push(name);
        self.scopes.push(Scope { grants: Grants::new(), standing: RoaringBitmap::new() });
        Some(number)
    }

    pub(super) fn name(&self, scope: ScopeIx) -> Option<NameIx> {
        self.names.get(usize::from(scope.0)).copied()
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
