//! `consentgate verify` and `tail` on topics that a real gate wrote, and on copies that somebody tampered
//! with.
//!
//! One gate runs once; every test writes its own copies of what came of it. A faithful copy verifies,
//! so whatever a test finds is what it did.

mod clean;
mod command;
mod continuous;
mod conversations;
mod copies;
mod independent;
mod links;
mod pauses;
mod policies;
mod ranges;
mod receipts;
mod records;
mod replays;
mod stage;
mod tails;
mod tampered;
mod templates;
mod world;
