//! One story told in words: a person says STOP, and the next message is stopped.

use std::time::{Duration, Instant};

use super::pairs::OWN_MESSAGES_FROM;
use super::watch::{Fate, Watch};
use crate::app::AppError;
use crate::commands::exit::{Exit, Failure};
use crate::commands::output::print;
use crate::commands::simulate::{Customer, Load, SimulatedMessage};
use crate::config::TopicNames;
use crate::kafka::{Clients, EventWriter};

/// How long a fate may take to be seen.
const FATE_LIMIT: Duration = Duration::from_secs(30);

/// Lives the story with a customer who has agreed, and tells it.
///
/// # Errors
/// Kafka did not take a record, or a fate was not seen in time.
pub(super) fn tell(
    clients: &Clients,
    topics: &TopicNames,
    load: &Load<'_>,
    customer: &Customer<'_>,
    watch: &Watch,
) -> Result<(), Failure> {
    let writer = EventWriter::open(clients).map_err(AppError::Kafka)?;
    let number = OWN_MESSAGES_FROM * 2;
    let (first, second) =
        (load.message_to(customer, number), load.message_to(customer, number + 1));
    let business = &customer.business.id;
    let send = |message: &SimulatedMessage| {
        let outbound = topics.outbound.as_str();
        writer.write(outbound, None, &message.key, &message.value)?;
        writer.flush().map(|()| writer.last_place())
    };
    send(&first).map_err(AppError::Kafka)?;
    let before = await_fate(watch, number)?;
    let opt_out = customer.withdrawal();
    let written = writer
        .write(topics.consent_events.as_str(), None, opt_out.key.as_bytes(), &opt_out.value)
        .and_then(|()| writer.flush());
    written.map_err(AppError::Kafka)?;
    let acknowledged = Instant::now();
    let place = writer.last_place();
    send(&second).map_err(AppError::Kafka)?;
    let after = await_fate(watch, number + 1)?;
    let took_ms = acknowledged.elapsed().as_millis();
    let place = place.map_or(String::new(), |(partition, offset)| {
        format!(" at partition {partition}, offset {offset} of {}", topics.consent_events)
    });
    print(&format!(
        "One story. A customer of {business} had agreed. A message to them: {}. Then they say STOP;\n\
         Kafka acknowledges that{place}. {business} sends again. {took_ms} ms after the\n\
         acknowledgement the fate of that message is committed: {}.\n\n",
        words(before),
        words(after),
    ))
}

fn await_fate(watch: &Watch, number: u64) -> Result<Fate, Failure> {
    let began = Instant::now();
    while began.elapsed() < FATE_LIMIT {
        if let Some((fate, _)) = watch.fate_of(number) {
            return Ok(fate);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    Err(Failure::new(Exit::Invariant, "the fate of a message was not seen in 30 s"))
}

fn words(fate: Fate) -> String {
    match fate {
        Fate::Allowed => "allowed".to_owned(),
        Fate::Suppressed(reason) => format!("suppressed, reason {}", reason.name()),
    }
}
