//! A made-up world: businesses, their customers, and what these agreed and objected to.
//!
//! Everything follows from a seed and the number of a customer, so a world of any size takes little
//! memory. Phone numbers belong to the made-up country code 999, user ids to the unassigned country
//! ZZ. All acts of the world lie in the past at fixed dates; only an objection counts from when it is
//! written, so the right answers do not depend on the day.

use super::business::{Business, businesses};
use super::customer::{Address, Customer, Story};
use super::draw::{draw, scatter, scattered};
use super::history::publications;
use crate::wire::consent::Produced;

/// How large a world is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorldSize {
    /// How many businesses.
    pub businesses: u32,
    /// How many people. A quarter of them are customers of two businesses.
    pub people: u64,
}

/// A made-up world.
#[derive(Clone, Debug)]
pub struct World {
    seed: u64,
    people: u64,
    businesses: Vec<Business>,
}

/// People beyond this number are nobody's customers.
const STRANGERS_FROM: u64 = 1 << 29;
/// Phone numbers have this many bits of their own.
const NUMBER_BITS: u32 = 30;
/// The made-up country code 999, and ten digits.
const PLAN: u64 = 9_990_000_000_000;

impl World {
    /// The world of a seed and a size; at least one business and one person.
    pub fn seeded(seed: u64, size: WorldSize) -> Self {
        let people = size.people.clamp(1, STRANGERS_FROM - 1);
        let customers = people + people / 4;
        let businesses = businesses(size.businesses.max(1), customers, people);
        Self { seed, people, businesses }
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The businesses, the largest first.
    pub fn businesses(&self) -> &[Business] {
        &self.businesses
    }

    /// How many customers all businesses have together.
    pub fn customer_count(&self) -> u64 {
        self.businesses.last().map_or(0, |last| last.first_customer + last.customers)
    }

    /// The customer of this number, from 0 to below [`World::customer_count`]; larger numbers begin
    /// again.
    pub fn customer(&self, number: u64) -> Customer<'_> {
        let number = number % self.customer_count().max(1);
        let business = self.business_of(number);
        Customer {
            number,
            business,
            address: self.address(business, number % self.people),
            story: Story::drawn(draw(self.seed ^ 0x57, number)),
            seed: self.seed,
        }
    }

    /// Somebody whom no business knows, written to by a business all the same.
    pub fn stranger(&self, number: u64) -> Customer<'_> {
        let business =
            self.business_of(draw(self.seed ^ 0x3b, number) % self.customer_count().max(1));
        let person = STRANGERS_FROM + number % STRANGERS_FROM;
        Customer {
            number: STRANGERS_FROM * 4 + number,
            business,
            address: self.address(business, person),
            story: Story::Stranger,
            seed: self.seed,
        }
    }

    /// All customers, in a scattered order, so that all businesses grow together.
    pub fn customers(&self) -> impl Iterator<Item = Customer<'_>> {
        scattered(self.seed ^ 0x21, self.customer_count()).map(|number| self.customer(number))
    }

    /// What the businesses show to people whom they ask.
    pub fn publications(&self) -> impl Iterator<Item = Produced> {
        self.businesses.iter().flat_map(publications)
    }

    /// All that was said before the campaign: the texts, and each customer's events in their order.
    pub fn consents(&self) -> impl Iterator<Item = Produced> {
        let said = self.customers().flat_map(|customer| customer.events());
        self.publications().chain(said)
    }

    /// The customers who take their consent back while the campaign runs.
    pub fn leavers(&self) -> impl Iterator<Item = Customer<'_>> {
        self.customers().filter(|customer| customer.story == Story::Leaving)
    }

    /// What the leavers say, one withdrawal each.
    pub fn withdrawals(&self) -> impl Iterator<Item = Produced> {
        self.leavers().map(|customer| customer.withdrawal())
    }

    fn business_of(&self, customer: u64) -> &Business {
        let after = self.businesses.partition_point(|b| b.first_customer <= customer);
        // There is at least one business and its first customer is 0.
        &self.businesses[after.saturating_sub(1)]
    }

    fn address(&self, business: &Business, person: u64) -> Address {
        let drawn = draw(self.seed ^ business.first_customer, person);
        if drawn.is_multiple_of(12) {
            // A user id is the person's with one business only.
            let low = draw(self.seed ^ 0x99, drawn);
            return Address::UserId(format!("ZZ.{drawn:016x}{:08x}", low >> 32));
        }
        let number = PLAN + scatter(self.seed ^ 0x0d, person, NUMBER_BITS);
        Address::Phone(format!("+{number}"))
    }
}
