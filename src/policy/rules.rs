//! What messages need: of each scope its rule, and of all messages together the rest.
//!
//! The platform has one such set, and each business that is stricter has one of its own. Knows no
//! person and no instant.

use std::collections::BTreeMap;

use super::{ConsentTexts, MaxAges, QuietTimes, Reach, ScopeRule, TemplateNeed};
use crate::consent::ScopeName;

/// Where a scope stands among those of its policy, by name, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScopeRank(pub u8);

/// A rule, and where its scope stands by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ranked {
    rule: ScopeRule,
    rank: ScopeRank,
}

/// What messages need whatever their scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageRules {
    /// How old they may be.
    pub max_ages: MaxAges,
    /// Which of them must offer a way to leave.
    pub opt_out_path: Reach,
    /// Which consent texts their grants may stand on.
    pub consent_texts: ConsentTexts,
    /// When they wait.
    pub quiet_hours: QuietTimes,
    /// What must be known of their templates.
    pub templates: TemplateNeed,
}

/// What the messages of the platform, or of one business, need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    scopes: BTreeMap<ScopeName, Ranked>,
    pub(super) messages: MessageRules,
}

impl Rules {
    pub(super) fn new(scopes: BTreeMap<ScopeName, ScopeRule>, messages: MessageRules) -> Self {
        let ranks = (0..).map(ScopeRank);
        let ranked = scopes.into_iter().zip(ranks);
        let scopes = ranked.map(|((name, rule), rank)| (name, Ranked { rule, rank })).collect();
        Self { scopes, messages }
    }

    pub(super) fn with_messages(self, messages: MessageRules) -> Self {
        Self { messages, ..self }
    }

    /// All scopes with their rules, by name.
    pub fn scopes(&self) -> impl Iterator<Item = (&ScopeName, ScopeRule)> {
        self.scopes.iter().map(|(name, ranked)| (name, ranked.rule))
    }

    /// What messages need whatever their scope.
    pub fn messages(&self) -> &MessageRules {
        &self.messages
    }

    pub(super) fn ranked(&self, name: &str) -> Option<(ScopeRule, ScopeRank)> {
        self.scopes.get(name).map(|ranked| (ranked.rule, ranked.rank))
    }

    pub(super) fn knows(&self, name: &str) -> bool {
        self.scopes.contains_key(name)
    }
}
