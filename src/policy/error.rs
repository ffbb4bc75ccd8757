//! Why a policy cannot be built.

use super::{
    BUSINESSES_MAX, COUNTRIES_MAX, CallingPrefix, EXCEPTIONS_MAX, Looser, MAX_AGE_MAX_S,
    MAX_AGE_MIN_S, QUIET_HOURS_MAX, SENDERS_MAX, TimeOfDay, VALID_FOR_MAX_S, VALID_FOR_MIN_S,
};
use crate::consent::{BusinessId, Category, ScopeName};

/// A policy that is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// No scope: nothing could ever be sent.
    #[error("the policy names no scope, name at least one")]
    NoScopes,
    /// More scopes than a policy may have.
    #[error("the policy names {0} scopes, at most 64 are allowed")]
    TooManyScopes(usize),
    /// One scope stands in both lists.
    #[error("scope {0} is both current and retired, keep it in one list")]
    CurrentAndRetired(ScopeName),
    /// A limit that is none: nothing could be sent, or what was meant long ago.
    #[error(
        "the maximum age of {} messages must lie between {MAX_AGE_MIN_S} and {MAX_AGE_MAX_S} seconds",
        .0.name()
    )]
    MaxAge(Category),
    /// A grant would never stand, or for longer than anybody remembers giving it.
    #[error(
        "grants for scope {0} must be valid for {VALID_FOR_MIN_S} to {VALID_FOR_MAX_S} seconds, or without a limit"
    )]
    ValidFor(ScopeName),
    /// More businesses with rules of their own than a policy may have.
    #[error("at most {BUSINESSES_MAX} businesses may have rules of their own")]
    TooManyBusinesses,
    /// A business that would loosen its platform's rules.
    #[error("business {business} may only be stricter than its platform: {}", sentences(looser))]
    Looser {
        /// Which one.
        business: BusinessId,
        /// What it would loosen.
        looser: Vec<Looser>,
    },
    /// Quiet hours that are none, or that leave no time at all: that is a pause.
    #[error(
        "the quiet hours from {0} leave no time of the day, alone or together; pause what should never go"
    )]
    EndlessQuietHours(TimeOfDay),
    /// More quiet hours than a policy may have.
    #[error("{0} quiet hours are too many, at most {QUIET_HOURS_MAX} are allowed")]
    TooManyQuietHours(usize),
    /// More countries than a policy may have.
    #[error("{0} countries are too many, at most {COUNTRIES_MAX} are allowed")]
    TooManyCountries(usize),
    /// More exceptions than a country may have.
    #[error("{0} exceptions are too many, at most {EXCEPTIONS_MAX} are allowed")]
    TooManyExceptions(usize),
    /// An exception that is none.
    #[error("the exception {0} does not lie within the prefix, or is all of it")]
    ExceptionElsewhere(CallingPrefix),
    /// An id of a number that is none.
    #[error("business {0} has a sender that is no id: 1 to 64 visible ASCII characters")]
    NoSender(BusinessId),
    /// One number of two businesses.
    #[error(
        "sender {sender} belongs to {} and to {}, a number sends for one business",
        .businesses[0], .businesses[1]
    )]
    SharedSender {
        /// The number's id.
        sender: String,
        /// Whose it is.
        businesses: [BusinessId; 2],
    },
    /// More numbers than a policy may register.
    #[error("at most {SENDERS_MAX} senders can be registered")]
    TooManySenders,
    /// A canonical text that this version did not write.
    #[error("line {line} of the policy text cannot be read")]
    Unreadable {
        /// The line, from 1.
        line: usize,
    },
}

fn sentences(looser: &[Looser]) -> String {
    let sentences: Vec<_> = looser.iter().map(Looser::to_string).collect();
    sentences.join("; ")
}
