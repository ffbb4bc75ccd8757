//! Countries to whose people marketing is not sent at all.
//!
//! Meta does not deliver marketing templates to numbers of the United States; a platform may have
//! reasons of its own. A rule only ever refuses: there is none that permits.

use super::{CallingPrefix, PolicyError, Region};
use crate::consent::IdentityRef;

/// The most rules that a policy may have.
pub const COUNTRIES_MAX: usize = 256;
/// The most areas that one rule may leave out.
pub const EXCEPTIONS_MAX: usize = 256;

/// A region to which no marketing goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CountryRule {
    region: Region,
    /// In order.
    except: Vec<CallingPrefix>,
}

impl CountryRule {
    /// No marketing to this region but for some areas of it, such as Canada within `+1`.
    ///
    /// # Errors
    /// An exception that lies elsewhere or leaves nothing, or too many of them.
    pub fn new(
        region: Region,
        except: impl IntoIterator<Item = CallingPrefix>,
    ) -> Result<Self, PolicyError> {
        let mut except: Vec<_> = except.into_iter().collect();
        except.sort_unstable();
        except.dedup();
        if except.len() > EXCEPTIONS_MAX {
            return Err(PolicyError::TooManyExceptions(except.len()));
        }
        let is_within = |area: &CallingPrefix| {
            region.prefix().is_some_and(|prefix| prefix.covers(*area) && prefix != *area)
        };
        match except.iter().find(|area| !is_within(area)) {
            Some(area) => Err(PolicyError::ExceptionElsewhere(*area)),
            None => Ok(Self { region, except }),
        }
    }

    /// Where.
    pub fn region(&self) -> Region {
        self.region
    }

    /// But not there.
    pub fn except(&self) -> &[CallingPrefix] {
        &self.except
    }

    /// Whether no marketing goes to somebody.
    pub fn refuses(&self, identity: IdentityRef<'_>) -> bool {
        let is_left_out = || {
            let mut areas = self.except.iter();
            areas.any(|area| match identity {
                IdentityRef::Phone(phone) => area.begins(phone.digits()),
                IdentityRef::UserId(_) => false,
            })
        };
        self.region.holds(identity) && !is_left_out()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &str) -> CallingPrefix {
        CallingPrefix::parse(text).unwrap()
    }

    #[test]
    fn an_exception_lies_within_and_leaves_something() {
        let region = Region::new(Some(prefix("+1")), None).unwrap();
        assert!(CountryRule::new(region, [prefix("+1416"), prefix("+1416")]).is_ok());
        for bad in ["+1", "+44", "+7"] {
            assert!(CountryRule::new(region, [prefix(bad)]).is_err(), "{bad}");
        }
    }
}
