//! What a verdict rests on, for people who look for the cause of a violation.
//!
//! Judges nothing and names nobody: times are seconds before the decision, so what is later is negative.

use std::fmt::Write as _;

use super::{Case, Other, Relation};
use crate::model::fact::{Class, List};

impl Case<'_> {
    /// All that was said by and about the people of the message, one after the other.
    pub(super) fn grounds(&self) -> String {
        let people = self.people.iter().map(|other| self.grounds_of(other));
        people.collect::<Vec<_>>().join("; ")
    }

    fn grounds_of(&self, other: &Other<'_>) -> String {
        let ago = |at: i64| self.now - at;
        let known = &other.known;
        let mut told = format!("{:?}:", other.relation);
        let mut tell = |what: std::fmt::Arguments<'_>| {
            // A string takes whatever is written to it.
            let _ = told.write_fmt(what);
        };
        for objection in &known.objections {
            let counts = match other.relation {
                Relation::Linked if !objection.class.travels() => " (stays there)",
                _ if self.counts_here(other, objection.at) => "",
                _ => " (does not count here)",
            };
            match objection.class {
                Class::Scopes(scopes) => {
                    tell(format_args!(" objection to {scopes:?} {}{counts},", ago(objection.at)));
                }
                class => tell(format_args!(" {class:?} {}{counts},", ago(objection.at))),
            }
        }
        for scope in known.agreed_scopes() {
            for grant in known.winners(scope) {
                let until = grant.until.map(ago);
                let double = known.is_double(grant);
                tell(format_args!(
                    " agreed to {scope} {} (until {until:?}, double {double}),",
                    ago(grant.at)
                ));
            }
        }
        for list in [List::Block, List::Restrict] {
            if let Some(at) = known.listed_at(list) {
                tell(format_args!(" {list:?} {},", ago(at)));
            }
        }
        for (at, _) in known.written() {
            tell(format_args!(" wrote {},", ago(at)));
        }
        if let Some(at) = known.requested() {
            tell(format_args!(" asked {},", ago(at)));
        }
        told
    }
}
