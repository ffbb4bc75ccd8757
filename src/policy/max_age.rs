//! How old a message of each category may be when it is decided.
//!
//! A message is as old as its record says, in whole seconds; it knows no clock. There is no "for ever"
//! that could be configured: what lay too long says something that is no longer true.

use super::PolicyError;
use crate::consent::Category;

const MINUTE_S: u32 = 60;
const DAY_S: u32 = 24 * 60 * MINUTE_S;

/// The shortest age that may be the limit, in seconds.
pub const MAX_AGE_MIN_S: u32 = 1;
/// The longest: as long as WhatsApp itself would go on trying to deliver.
pub const MAX_AGE_MAX_S: u32 = 30 * DAY_S;

/// The greatest age of a message of each category, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxAges {
    marketing_s: u32,
    utility_s: u32,
    authentication_s: u32,
    service_s: u32,
    farewell_s: u32,
}

impl MaxAges {
    /// A code is good for ten minutes, anything else for a day.
    pub const STANDARD: Self = Self { authentication_s: 10 * MINUTE_S, ..Self::of_all(DAY_S) };

    /// None: what policies meant whose text says nothing of ages. Cannot be configured.
    pub(super) const NONE: Self = Self::of_all(u32::MAX);

    const fn of_all(age_s: u32) -> Self {
        Self {
            marketing_s: age_s,
            utility_s: age_s,
            authentication_s: age_s,
            service_s: age_s,
            farewell_s: age_s,
        }
    }

    /// The limit of a category, in seconds.
    pub fn of(&self, category: Category) -> u32 {
        match category {
            Category::Marketing => self.marketing_s,
            Category::Utility => self.utility_s,
            Category::Authentication => self.authentication_s,
            Category::Service => self.service_s,
            Category::Farewell => self.farewell_s,
        }
    }

    /// The same with another limit for one category.
    ///
    /// # Errors
    /// Less than a second, or more than 30 days.
    pub fn with(mut self, category: Category, age_s: u32) -> Result<Self, PolicyError> {
        if !(MAX_AGE_MIN_S..=MAX_AGE_MAX_S).contains(&age_s) {
            return Err(PolicyError::MaxAge(category));
        }
        let slot = match category {
            Category::Marketing => &mut self.marketing_s,
            Category::Utility => &mut self.utility_s,
            Category::Authentication => &mut self.authentication_s,
            Category::Service => &mut self.service_s,
            Category::Farewell => &mut self.farewell_s,
        };
        *slot = age_s;
        Ok(self)
    }
}

impl Default for MaxAges {
    fn default() -> Self {
        Self::STANDARD
    }
}
