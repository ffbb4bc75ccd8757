//! The campaign: messages of about one size to the people of a world, each with its right answer.
//!
//! A message follows from its number, so whoever reads its id can ask for the answer again.

use super::customer::{Customer, Expected, Story};
use super::draw::draw;
use super::message::{Flaw, Plan, SimulatedMessage, number_of};
use super::world::World;

/// What a campaign is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadSpec {
    /// How many messages.
    pub messages: u64,
    /// How many of a hundred go to people who agreed.
    pub allowed_percent: u8,
    /// How long a message's value is, in bytes, if it can be made so.
    pub message_bytes: usize,
}

impl Default for LoadSpec {
    fn default() -> Self {
        Self { messages: 1_000_000, allowed_percent: 90, message_bytes: 300 }
    }
}

/// A campaign.
#[derive(Clone, Copy, Debug)]
pub struct Load<'w> {
    world: &'w World,
    spec: LoadSpec,
}

/// How often to look for somebody of the wanted kind before writing to a stranger instead.
const TRIES: u64 = 64;
/// Scopes that the standard policy knows, for messages that nobody agreed to.
const SCOPES: [&str; 9] = [
    "delivery_updates",
    "appointment_reminders",
    "order_updates",
    "recommendations",
    "alerts",
    "offers",
    "surveys",
    "customer_support",
    "authentication",
];

impl<'w> Load<'w> {
    /// A campaign to the people of a world.
    pub fn new(world: &'w World, spec: LoadSpec) -> Self {
        Self { world, spec }
    }

    /// How many messages it has.
    pub fn len(&self) -> u64 {
        self.spec.messages
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.spec.messages == 0
    }

    /// All messages in order.
    pub fn messages(&self) -> impl Iterator<Item = SimulatedMessage> + use<'w> {
        let load = *self;
        (0..load.spec.messages).map(move |number| load.message(number))
    }

    /// The message of a number.
    pub fn message(&self, number: u64) -> SimulatedMessage {
        let drawn = self.draw(number, 0);
        let (customer, scope, flaw) = if drawn % 100 < self.spec.allowed_percent.into() {
            self.for_who_agreed(number)
        } else {
            self.for_somebody_else(number, (drawn >> 32) % 100)
        };
        self.build(&customer, scope, flaw, number)
    }

    /// A message of this number to this customer, for a scope that they agreed to.
    pub fn message_to(&self, customer: &Customer<'_>, number: u64) -> SimulatedMessage {
        let scope = customer.agreed_scope(self.draw(number, 1));
        self.build(customer, scope, Flaw::None, number)
    }

    /// The message with this id; `None` if the id is not one of a campaign.
    pub fn message_of(&self, message_id: &str) -> Option<SimulatedMessage> {
        number_of(message_id).map(|number| self.message(number))
    }

    fn for_who_agreed(&self, number: u64) -> (Customer<'w>, &'static str, Flaw) {
        self.for_who(number, |answer| !matches!(answer, Expected::Suppressed(_)))
    }

    /// Somebody whose answer does not change while the campaign runs.
    fn for_who_stays(&self, number: u64) -> (Customer<'w>, &'static str, Flaw) {
        self.for_who(number, |answer| answer == Expected::Allowed)
    }

    fn for_who_objects(&self, number: u64) -> (Customer<'w>, &'static str, Flaw) {
        self.for_who(number, |answer| matches!(answer, Expected::Suppressed(_)))
    }

    fn for_who(
        &self,
        number: u64,
        wanted: impl Fn(Expected) -> bool,
    ) -> (Customer<'w>, &'static str, Flaw) {
        for turn in 0..TRIES {
            let customer = self.world.customer(self.draw(number, 2 + turn));
            let scope = customer.agreed_scope(self.draw(number, 1));
            if wanted(customer.answer(scope)) {
                return (customer, scope, Flaw::None);
            }
        }
        self.for_stranger(number)
    }

    fn for_somebody_else(&self, number: u64, point: u64) -> (Customer<'w>, &'static str, Flaw) {
        let flawed = |flaw| {
            let (customer, scope, _) = self.for_who_stays(number);
            (customer, scope, flaw)
        };
        match point {
            0..35 => self.for_stranger(number),
            35..75 => self.for_who_objects(number),
            75..85 => self.for_another_scope(number),
            85..90 => flawed(Flaw::TooLate),
            90..94 => flawed(Flaw::NoWayOut),
            94..97 => flawed(Flaw::UnknownScope),
            97..99 => flawed(Flaw::UnknownBusiness),
            _ => flawed(Flaw::Unreadable),
        }
    }

    fn for_stranger(&self, number: u64) -> (Customer<'w>, &'static str, Flaw) {
        let stranger = self.world.stranger(number);
        let scope = stranger.agreed_scope(self.draw(number, 1));
        (stranger, scope, Flaw::None)
    }

    fn for_another_scope(&self, number: u64) -> (Customer<'w>, &'static str, Flaw) {
        let (customer, agreed, _) = self.for_who_stays(number);
        if customer.story == Story::Stranger {
            return (customer, agreed, Flaw::None);
        }
        let first = self.draw(number, 1) as usize;
        let mut turns =
            (0..SCOPES.len()).filter_map(|turn| SCOPES.get((first + turn) % SCOPES.len()));
        let other = turns.find(|scope| customer.agreed().all(|agreed| agreed != **scope));
        let scope = other.copied().unwrap_or(agreed);
        (customer, scope, Flaw::None)
    }

    fn build(
        &self,
        customer: &Customer<'_>,
        scope: &'static str,
        flaw: Flaw,
        number: u64,
    ) -> SimulatedMessage {
        let drawn = self.draw(number, 1);
        Plan { customer, scope, flaw, number, drawn, bytes: self.spec.message_bytes }.build()
    }

    fn draw(&self, number: u64, purpose: u64) -> u64 {
        draw(self.world.seed() ^ 0x10ad, number.wrapping_mul(128) + purpose)
    }
}
