//! The businesses of the world: what they are called, what they write about, how large they are.
//!
//! Sizes follow Zipf's law: a few are large, most are small.

/// What a business does, and what it asks consent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trade {
    /// A café.
    Cafe,
    /// A shop.
    Shop,
    /// A bank.
    Bank,
    /// A clinic.
    Clinic,
    /// An airline.
    Airline,
}

impl Trade {
    const ALL: [Self; 5] = [Self::Cafe, Self::Shop, Self::Bank, Self::Clinic, Self::Airline];

    /// The scopes that a business of this trade asks for.
    pub fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::Cafe => &["offers", "surveys", "order_updates"],
            Self::Shop => &["offers", "recommendations", "order_updates", "delivery_updates"],
            Self::Bank => &["alerts", "authentication", "offers", "customer_support"],
            Self::Clinic => &["appointment_reminders", "surveys", "customer_support"],
            Self::Airline => &["alerts", "offers", "recommendations", "customer_support"],
        }
    }

    /// The businesses of the first ranks have names of their own.
    fn names(self) -> [&'static str; 2] {
        match self {
            Self::Cafe => ["cafe-luna", "cafe"],
            Self::Shop => ["shop-arcade", "shop"],
            Self::Bank => ["bank-nord", "bank"],
            Self::Clinic => ["clinic-linden", "clinic"],
            Self::Airline => ["air-meridian", "air"],
        }
    }
}

/// A business of the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Business {
    /// Its id.
    pub id: String,
    /// What it does.
    pub trade: Trade,
    /// The number of its first customer in the world.
    pub first_customer: u64,
    /// How many customers it has.
    pub customers: u64,
}

/// So many businesses share about so many customers by Zipf's law; each has at least one and at most
/// `most`.
pub(super) fn businesses(count: u32, customers: u64, most: u64) -> Vec<Business> {
    let weight = |rank: u32| 1.0 / (f64::from(rank) + 1.0);
    let sum: f64 = (0..count).map(weight).sum();
    let mut first_customer = 0;
    let of_rank = |rank: u32| {
        // A share of a count of people: far below 2^53.
        let share = (customers as f64 * weight(rank) / sum) as u64;
        let customers = share.clamp(1, most.max(1));
        let business = business(rank, first_customer, customers);
        first_customer += customers;
        business
    };
    (0..count).map(of_rank).collect()
}

fn business(rank: u32, first_customer: u64, customers: u64) -> Business {
    let trades = Trade::ALL.len();
    let position = rank as usize % trades;
    let trade = Trade::ALL.get(position).copied().unwrap_or(Trade::Shop);
    let [own, common] = trade.names();
    let id = if (rank as usize) < trades { own.to_owned() } else { format!("{common}-{rank:05}") };
    Business { id, trade, first_customer, customers }
}
