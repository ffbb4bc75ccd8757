//! One cell of a table: what a person reads on the page, and what a program reads in the CSV.

use super::numbers::{grouped, percent};

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Words, a name, an instant.
    Text(String),
    /// A count of things.
    Count(u64),
    /// A part of a whole.
    Share {
        /// How many of them.
        part: u64,
        /// How many there are.
        whole: u64,
    },
}

impl Cell {
    /// As on the page.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Count(count) => grouped(*count),
            Self::Share { part, whole } => percent(*part, *whole),
        }
    }

    /// As in the CSV: plain digits, a share as a fraction of 1, nothing for a share of nothing. Words
    /// that a spreadsheet would run as a formula begin with an apostrophe.
    pub(super) fn plain(&self) -> String {
        match self {
            Self::Text(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => {
                format!("'{text}")
            }
            Self::Text(text) => text.clone(),
            Self::Count(count) => count.to_string(),
            Self::Share { whole: 0, .. } => String::new(),
            Self::Share { part, whole } => {
                let millionths = u128::from(*part) * 1_000_000 / u128::from(*whole);
                format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
            }
        }
    }

    /// Whether it is read from the right, as numbers are.
    pub(super) fn class(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Count(_) | Self::Share { .. } => "number",
        }
    }
}

impl From<u64> for Cell {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
