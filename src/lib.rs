//! A gate between campaign engines and WhatsApp senders, on Kafka.
//!
//! It reads every outbound message, asks "may this business send this kind of message to this
//! person, now?", forwards what may go, byte for byte, and sends the rest to an audit topic with the
//! reason. In doubt nothing is sent, and nothing is lost.
//!
//! # The rooms, in reading order
//!
//! | Room | What it is | What it never sees |
//! |---|---|---|
//! | [`consent`] | vocabulary, and the rules as one pure function | everything else |
//! | [`index`] | the state: a cache of the rules' result, asked in batches | Kafka, clocks |
//! | [`policy`] | what each scope and category needs | the index |
//! | [`decision`] | the answer: a permit, or a suppression with its reason | Kafka, clocks |
//! | [`wire`] | bytes: events, messages, audit entries, receipts | Kafka |
//! | [`stream`] | the journey: loops, fence, outbox, over ports | Kafka's client |
//! | [`kafka`] | the adapter: the only room that names rdkafka | the rules |
//! | `broker` | an embedded in-memory broker for demo and tests (feature `demo`) | all other rooms |
//! | [`telemetry`] | metrics, health, log, admin page | Kafka's client |
//! | [`config`] | settings as written, configuration as meant | all loops |
//! | [`app`] | the only wiring | |
//! | [`commands`] | one file a subcommand | |
//!
//! A test reads the source and holds this table (`tests/it/import_table.rs`).
//!
//! # The chain of keys
//!
//! `CaughtUp -> ConsentView -> Permit -> Allowed`: each has private fields and one maker, from the
//! one before it. [`index::CaughtUp`] proves that the index has applied all that the consent topics
//! held when the batch was polled; [`index::ConsentView`] is the right to look; a
//! [`decision::Permit`] is an answer that met every rule; [`stream::Allowed`] is the only thing that
//! can be written to the allowed topic. Without proof nothing can be decided; without a permit
//! nothing can go.
//!
//! # One outbound message
//!
//! 1. [`kafka`] polls a batch; the lane takes the instant T after the last poll (`stream/lane`).
//! 2. The lane waits for a fence that was asked for at or after T and opens a view.
//! 3. [`wire`] borrows the fields that decide from the record's bytes.
//! 4. [`index`] answers for the whole batch; [`policy`] says what is needed; [`decision`] judges.
//! 5. `stream/outbox` sends the untouched record on, or an audit entry in its place.
//! 6. With the receipt and the offsets, one transaction is committed.
//!
//! # One consent event
//!
//! 1. [`kafka`] reads it, committed and with its checksum verified; the append time is the broker's.
//! 2. [`wire`] decodes it; what cannot be decoded stays a record that nobody may ignore.
//! 3. [`consent::fold()`] turns it into facts.
//! 4. [`index`] joins the facts under the write lock, in chunks, and moves its positions.
//! 5. The fence finds the positions past the ends that it asked for, and publishes.

pub mod app;
#[cfg(feature = "demo")]
pub mod broker;
pub mod commands;
pub mod config;
pub mod consent;
pub mod decision;
pub mod index;
pub mod kafka;
pub mod policy;
pub mod stream;
pub mod telemetry;
pub mod wire;
