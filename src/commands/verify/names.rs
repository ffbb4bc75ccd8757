//! Names that many facts share, each kept once.
//!
//! A log has few scopes and texts and many grants: kept once they take less memory, and lie in the
//! cache when they are compared.

use std::sync::Arc;

use hashbrown::HashSet;

use crate::consent::{Fact, ScopeName, TextRef};

/// The names seen so far.
#[derive(Debug, Default)]
pub(super) struct Names {
    scopes: HashSet<ScopeName>,
    texts: HashSet<Arc<str>>,
}

impl Names {
    /// The same fact with names that are kept once.
    pub(super) fn share(&mut self, mut fact: Fact) -> Fact {
        match &mut fact {
            Fact::Grant { scope, grant, .. } => {
                self.share_scope(scope);
                self.share_text(&mut grant.text);
            }
            Fact::ScopeObjection { scope, .. } => self.share_scope(scope),
            _ => {}
        }
        fact
    }

    fn share_scope(&mut self, scope: &mut ScopeName) {
        scope.clone_from(self.scopes.get_or_insert_with(scope, ScopeName::clone));
    }

    fn share_text(&mut self, text: &mut TextRef) {
        for part in [&mut text.id, &mut text.version] {
            part.clone_from(self.texts.get_or_insert_with(part, Arc::clone));
        }
    }
}
