//! A made-up world for benches: businesses, people, consent, and messages to be decided.
//!
//! Everything follows from a seed and the number of a subject, so a world takes no memory and two
//! benches see the same one. Phone numbers belong to the made-up country code 999. Recipients are
//! drawn at random: sorted ones would flatter every design.
//!
//! ```ignore
//! let world = World::new(Size::from_env(Size::Tenth));
//! let index = world.index();
//! let asks = world.mix(1, 1_000);
//! let queries: Vec<_> = asks.iter().map(Ask::query).collect();
//! ```

#![allow(dead_code, reason = "each bench uses a part")]

mod draw;
mod load;
mod message;
mod people;
mod traffic;

use consentgate::consent::{BusinessId, ScopeName, TextRef};

#[allow(unused_imports, reason = "not every bench looks at an index")]
pub(crate) use load::{eternal_fence, view};
#[allow(unused_imports, reason = "not every bench decides messages")]
pub(crate) use message::{NOW, read, records};
#[allow(unused_imports, reason = "not every bench asks")]
pub(crate) use traffic::Ask;

/// How large a world is. The shares of businesses stay the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// About 1 million grants.
    Tenth,
    /// About 10 million grants of 4.1 million subjects.
    Full,
}

impl Size {
    /// `CONSENTGATE_BENCH_WORLD=full` or `=tenth`; anything else is `default`.
    pub(crate) fn from_env(default: Self) -> Self {
        match std::env::var("CONSENTGATE_BENCH_WORLD").as_deref() {
            Ok("full") => Self::Full,
            Ok("tenth") => Self::Tenth,
            _ => default,
        }
    }

    /// Subjects of the one huge business, of each of 100 medium ones, and the number of small ones.
    fn shares(self) -> (u64, u64, u64) {
        match self {
            Self::Full => (1_370_000, 13_700, 2_730),
            Self::Tenth => (137_000, 1_370, 273),
        }
    }
}

const MEDIUM: u64 = 100;
/// Subjects of a small business.
const SMALL: u64 = 500;

/// The purposes, and how many of a hundred subjects agreed to each.
const SCOPES: [(&str, u64); 6] = [
    ("order_updates", 90),
    ("offers", 45),
    ("delivery_updates", 60),
    ("recommendations", 30),
    ("surveys", 20),
    ("alerts", 10),
];

/// A business of the world.
#[derive(Clone, Debug)]
pub(crate) struct Company {
    /// Its id.
    pub(crate) id: BusinessId,
    /// The number of its first subject in the world.
    first: u64,
    /// How many subjects it has.
    pub(crate) subjects: u64,
    /// How many of the scopes it uses.
    scopes: usize,
    texts: [TextRef; 3],
}

/// A made-up world.
pub(crate) struct World {
    /// The businesses, the largest first.
    pub(crate) companies: Vec<Company>,
    scopes: Vec<ScopeName>,
    /// All subjects of all businesses.
    pub(crate) subjects: u64,
    /// Cumulated weights of the businesses by Zipf's law.
    zipf: Vec<f64>,
}

impl World {
    /// The world of a size.
    pub(crate) fn new(size: Size) -> Self {
        let (huge, medium, small) = size.shares();
        let counts = std::iter::once(huge)
            .chain((0..MEDIUM).map(|_| medium))
            .chain((0..small).map(|_| SMALL));
        let mut companies = Vec::new();
        let mut first = 0;
        for (rank, subjects) in counts.enumerate() {
            companies.push(Company {
                id: BusinessId::parse(&format!("company-{rank:05}")).unwrap(),
                first,
                subjects,
                scopes: 4 + rank % 3,
                texts: [1, 2, 3].map(|version| TextRef::new("welcome", &version.to_string())),
            });
            first += subjects;
        }
        // The huge business uses all scopes.
        companies[0].scopes = SCOPES.len();
        let mut sum = 0.0;
        let weights = (0..companies.len()).map(|rank| 1.0 / (rank as f64 + 1.0));
        let zipf = weights.map(|weight| {
            sum += weight;
            sum
        });
        Self {
            zipf: zipf.collect(),
            scopes: SCOPES.iter().map(|(name, _)| ScopeName::parse(name).unwrap()).collect(),
            companies,
            subjects: first,
        }
    }

    /// What the world is made of, in words.
    pub(crate) fn describe(&self) -> String {
        format!(
            "{} businesses (one of {}, {MEDIUM} of {}, the rest of {SMALL}), {} subjects; 10 % user \
             ids; 4 to 6 scopes agreed to by 90/45/60/30/20/10 %; 30 % of grants end; 5 % of \
             subjects objected (half before their grants), 2 % confirmed, 1 % blocked, 0.2 % erased",
            self.companies.len(),
            self.companies[0].subjects,
            self.companies[1].subjects,
            self.subjects,
        )
    }
}
