//! Local ids, and the flags that answer most questions.
//!
//! A local id is dense within its business and never used again. The flags lie beside it in the
//! directory, so that the common answer needs no other memory. A flag may only be set if nothing at
//! all needs to be looked at; when in doubt it is clear.

/// A subject's number within its business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LocalId(pub u32);

impl LocalId {
    /// Marks an empty slot; never given to a subject.
    pub(super) const NONE: Self = Self(u32::MAX);
}

/// A scope's number within its business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ScopeIx(pub u16);

impl ScopeIx {
    /// Whether the scope has a flag and a bitmap. Grants for later scopes are always weighed.
    pub(super) fn is_hot(self) -> bool {
        self.0 < HotFlags::SCOPES
    }
}

/// What is known of a subject at a glance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct HotFlags(u32);

impl HotFlags {
    /// How many scopes have a flag.
    pub(super) const SCOPES: u16 = 30;
    const SUPPRESSES: u32 = 1 << 31;
    const HAS_RARE: u32 = 1 << 30;

    /// Whether the grant for this scope stands unconditionally.
    pub(super) fn stands(self, scope: ScopeIx) -> bool {
        scope.is_hot() && self.0 & (1 << scope.0) != 0
    }

    /// Sets or clears the flag of a scope; a scope without one is left alone.
    pub(super) fn set_stands(&mut self, scope: ScopeIx, stands: bool) {
        if scope.is_hot() {
            self.set(1 << scope.0, stands);
        }
    }

    /// Whether anything speaks against sending: an objection or a cool-down however old, a block, a
    /// restriction.
    pub(super) fn suppresses(self) -> bool {
        self.0 & Self::SUPPRESSES != 0
    }

    /// Says whether anything speaks against sending.
    pub(super) fn set_suppresses(&mut self, suppresses: bool) {
        self.set(Self::SUPPRESSES, suppresses);
    }

    /// Whether there are rare facts about the subject.
    pub(super) fn has_rare(self) -> bool {
        self.0 & Self::HAS_RARE != 0
    }

    /// Says whether there are rare facts about the subject.
    pub(super) fn set_has_rare(&mut self, has_rare: bool) {
        self.set(Self::HAS_RARE, has_rare);
    }

    fn set(&mut self, bit: u32, on: bool) {
        if on {
            self.0 |= bit;
        } else {
            self.0 &= !bit;
        }
    }
}

/// What the directory holds of one identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub id: LocalId,
    pub flags: HotFlags,
}

impl Default for Entry {
    /// The entry of an empty slot.
    fn default() -> Self {
        Self { id: LocalId::NONE, flags: HotFlags::default() }
    }
}
