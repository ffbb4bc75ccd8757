//! The view of a batch: the index at fixed positions.
//!
//! Made by a proof alone. It borrows the index, so nothing is applied while it answers.

use crate::consent::{Positions, TemplateStanding, TextRef};

use super::answer::Answer;
use super::batch;
use super::consent_index::ConsentIndex;
use super::query::Query;

/// The index at fixed positions, fenced.
#[derive(Clone, Copy, Debug)]
pub struct ConsentView<'i> {
    index: &'i ConsentIndex,
}

impl<'i> ConsentView<'i> {
    pub(super) fn new(index: &'i ConsentIndex) -> Self {
        Self { index }
    }

    /// The positions that every answer of this view rests on.
    pub fn positions(&self) -> &'i Positions {
        self.index.positions()
    }

    /// Whether anything is known of any template.
    pub fn knows_templates(&self) -> bool {
        self.index.knows_templates()
    }

    /// What counts for a message of this business that names this template and this language.
    pub fn template(&self, business: &str, name: &str, language: &str) -> TemplateStanding {
        self.index.template(business, name, language)
    }

    /// The text of the grant that an identity has for this scope; `None` if it has none.
    pub fn text(&self, query: &Query<'_>) -> Option<&'i TextRef> {
        self.index.text(query)
    }

    /// Answers a batch: one answer for each query, in their order. What `answers` held is dropped.
    pub fn answer_batch(&self, queries: &[Query<'_>], answers: &mut Vec<Answer<'i>>) {
        batch::answer(self.index, queries, answers);
    }
}
