//! One customer of one business: who they are, and what they have agreed and objected to.

use super::business::Business;
use super::draw::draw;
use crate::decision::Reason;

/// How a person is addressed.
#[derive(Clone, PartialEq, Eq)]
pub enum Address {
    /// A phone number of the made-up country code 999.
    Phone(String),
    /// A business-scoped user id of the unassigned country ZZ.
    UserId(String),
}

impl Address {
    /// The address as the platform uses it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Phone(text) | Self::UserId(text) => text,
        }
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Made up, but whoever copies this line may have real ones.
        f.write_str(match self {
            Self::Phone(_) => "Phone(***)",
            Self::UserId(_) => "UserId(***)",
        })
    }
}

/// What a customer has said so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Story {
    /// Agreed to some scopes.
    Agreed,
    /// Was asked, agreed and confirmed it.
    Confirmed,
    /// Had left in an older system, and agreed anew later.
    Returned,
    /// Agreed, and withdraws while the campaign runs.
    Leaving,
    /// Agreed, then withdrew from everything.
    Withdrew,
    /// Agreed, then withdrew from one scope.
    WithdrewOne,
    /// Was asked and declined.
    Refused,
    /// Agreed, then complained.
    Complained,
    /// Agreed, then the number proved to be somebody else's.
    WrongNumber,
    /// Agreed, and stands on the business's own list.
    Blocked,
    /// Agreed, then had the processing restricted.
    Restricted,
    /// Agreed, then asked to be erased.
    Erased,
    /// Agreed for a time that is over.
    Lapsed,
    /// The box was ticked for them.
    PreTicked,
    /// Came with a list from elsewhere.
    Imported,
    /// Nobody knows them.
    Stranger,
}

/// How many of a thousand customers have each story.
const SHARES: [(Story, u64); 15] = [
    (Story::Agreed, 560),
    (Story::Confirmed, 100),
    (Story::Returned, 30),
    (Story::Leaving, 80),
    (Story::Withdrew, 60),
    (Story::WithdrewOne, 30),
    (Story::Refused, 25),
    (Story::Complained, 10),
    (Story::WrongNumber, 10),
    (Story::Blocked, 15),
    (Story::Restricted, 5),
    (Story::Erased, 10),
    (Story::Lapsed, 25),
    (Story::PreTicked, 10),
    (Story::Imported, 30),
];

impl Story {
    /// The story for a number drawn at random.
    pub(super) fn drawn(number: u64) -> Self {
        let mut point = number % 1_000;
        for (story, share) in SHARES {
            if point < share {
                return story;
            }
            point -= share;
        }
        Self::Agreed
    }
}

/// The right answer to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It may go.
    Allowed,
    /// It may go until the person's withdrawal is acknowledged; after that it is suppressed as
    /// withdrawn.
    AllowedUntilWithdrawn,
    /// It must not, for this reason first.
    Suppressed(Reason),
}

/// One customer of one business, or somebody that it writes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer<'w> {
    /// The customer's number in the world.
    pub number: u64,
    /// The business.
    pub business: &'w Business,
    /// How the business addresses them.
    pub address: Address,
    /// What they have said.
    pub story: Story,
    pub(super) seed: u64,
}

impl<'w> Customer<'w> {
    /// What the customer agreed to at some time: at least one of the business's scopes.
    pub fn agreed(&self) -> impl Iterator<Item = &'static str> + use<> {
        let scopes = self.business.trade.scopes();
        let drawn = draw(self.seed ^ 0x5c, self.number);
        let first = drawn as usize % scopes.len();
        let more = drawn >> 8;
        let is_agreed = move |at: usize| at == first || (more >> at) & 1 == 1;
        scopes
            .iter()
            .copied()
            .enumerate()
            .filter(move |(at, _)| is_agreed(*at))
            .map(|(_, name)| name)
    }

    /// One of the scopes that they agreed to.
    pub(super) fn agreed_scope(&self, drawn: u64) -> &'static str {
        let count = self.agreed().count().max(1);
        self.agreed().nth(drawn as usize % count).unwrap_or("offers")
    }

    /// The scope that [`Story::WithdrewOne`] withdrew from.
    pub(super) fn left_scope(&self) -> &'static str {
        self.agreed().next().unwrap_or("offers")
    }

    /// The right answer to a message for a scope that the standard policy knows, if nothing is wrong
    /// with the message itself.
    pub fn answer(&self, scope: &str) -> Expected {
        let agreed = self.agreed().any(|name| name == scope);
        let because = Expected::Suppressed;
        if scope == "authentication" && matches!(self.address, Address::UserId(_)) {
            return because(Reason::IdentityUnsuited);
        }
        match self.story {
            Story::Blocked => because(Reason::Blocked),
            Story::Restricted => because(Reason::Restricted),
            Story::Withdrew | Story::Refused => because(Reason::Withdrawn),
            Story::Complained => because(Reason::Complained),
            Story::WrongNumber => because(Reason::WrongNumber),
            Story::Erased => because(Reason::Erased),
            Story::WithdrewOne if scope == self.left_scope() => because(Reason::Withdrawn),
            Story::PreTicked | Story::Imported | Story::Stranger => because(Reason::NoGrant),
            // An old objection that no grant of this scope has overcome.
            Story::Returned if !agreed => because(Reason::Withdrawn),
            _ if !agreed => because(Reason::NoGrant),
            Story::Lapsed => because(Reason::GrantExpired),
            Story::Leaving => Expected::AllowedUntilWithdrawn,
            Story::Agreed | Story::Confirmed | Story::Returned | Story::WithdrewOne => {
                Expected::Allowed
            }
        }
    }
}
