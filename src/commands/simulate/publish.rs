//! Writes a world and its campaign, and says what was written.
//!
//! What people said is acknowledged before the first message is written. A record that Kafka does not
//! take ends the run: a world with holes would have other right answers.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::customer::Expected;
use super::load::Load;
use super::pace::{Pace, Rate};
use super::world::World;
use super::{SimulateArgs, SimulatedMessage};
use crate::app::AppError;
use crate::commands::exit::{Exit, Failure};
use crate::commands::output::print;
use crate::commands::settings_args::{expect_own_events, expect_own_format};
use crate::kafka::{Clients, EventWriter};
use crate::stream::Fault;
use crate::wire::consent::Produced;

/// Delivery reports are served once in so many records.
const SERVE_EVERY: u64 = 500;

/// What a campaign came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Messages written.
    pub messages: u64,
    /// Messages that may go, or may go until their person withdraws.
    pub allowed: u64,
    /// Withdrawals written while the campaign ran.
    pub withdrawals: u64,
}

/// Runs the command.
pub(super) fn run(args: &SimulateArgs) -> Result<(), Failure> {
    let config = args.settings.load(&[])?;
    expect_own_format(&config)?;
    expect_own_events(&config)?;
    let clients = Clients::new(config.kafka.clone(), config.gate.clone());
    let writer = EventWriter::open(&clients).map_err(AppError::Kafka)?;
    let world = args.world();
    let (events, outbound) = (&config.topics.consent_events, &config.topics.outbound);
    let began = Pace::start(Rate::FlatOut);
    let count = write_consents(&writer, events.as_str(), &world)?;
    print(&format!(
        "{} businesses, {} customers: {count} consent events to {events} in {:.1} s\n",
        world.businesses().len(),
        world.customer_count(),
        began.elapsed().as_secs_f64(),
    ))?;
    let campaign = Campaign {
        writer: &writer,
        outbound: outbound.as_str(),
        consent_events: events.as_str(),
        rate: args.rate,
        withdrawals_per_second: args.withdrawals_per_second,
        limit: args.limit,
    };
    let began = Pace::start(Rate::FlatOut);
    let written = campaign.write(&world, &Load::new(&world, args.spec()))?;
    let seconds = began.elapsed().as_secs_f64();
    print(&format!(
        "{} messages to {outbound} in {seconds:.1} s ({:.0} a second): {} to people who agreed, {} \
         to others; {} withdrawals meanwhile\n",
        written.messages,
        written.messages as f64 / seconds.max(0.001),
        written.allowed,
        written.messages - written.allowed,
        written.withdrawals,
    ))
}

/// Writes all that was said before the campaign, acknowledged when this returns.
///
/// # Errors
/// Kafka was not reached, or refused a record.
pub fn write_consents(writer: &EventWriter, topic: &str, world: &World) -> Result<u64, Failure> {
    let bar = bar("what people said", world.customer_count())?;
    let mut count = 0;
    for event in world.publications() {
        write_event(writer, topic, &event).map_err(AppError::Kafka)?;
        count += 1;
    }
    for customer in world.customers() {
        for event in customer.events() {
            write_event(writer, topic, &event).map_err(AppError::Kafka)?;
            count += 1;
            if count % SERVE_EVERY == 0 {
                writer.serve();
            }
        }
        bar.inc(1);
    }
    writer.flush().map_err(AppError::Kafka)?;
    bar.finish_and_clear();
    Ok(count)
}

/// How a campaign is written.
pub struct Campaign<'c> {
    /// Writes both topics.
    pub writer: &'c EventWriter,
    /// The outbound topic.
    pub outbound: &'c str,
    /// The topic of the withdrawals.
    pub consent_events: &'c str,
    /// How fast.
    pub rate: Rate,
    /// How many withdrawals a second meanwhile; none are written once everybody has left.
    pub withdrawals_per_second: u32,
    /// When to stop early.
    pub limit: Option<Duration>,
}

impl Campaign<'_> {
    /// Writes the campaign; all of it is acknowledged when this returns.
    ///
    /// # Errors
    /// Kafka was not reached, or refused a record.
    pub fn write(&self, world: &World, load: &Load<'_>) -> Result<Written, Failure> {
        let bar = bar("the campaign", load.len())?;
        let pace = Pace::start(self.rate);
        let leaving = match self.withdrawals_per_second {
            0 => None,
            rate => Some(Pace::start(Rate::PerSecond(rate))),
        };
        let mut withdrawals = world.withdrawals();
        let mut written = Written::default();
        for message in load.messages() {
            pace.wait_for(written.messages);
            self.write_message(&message).map_err(AppError::Kafka)?;
            written.messages += 1;
            written.allowed += u64::from(!matches!(message.expected, Expected::Suppressed(_)));
            if !written.messages.is_multiple_of(SERVE_EVERY) && self.rate == Rate::FlatOut {
                continue;
            }
            self.writer.serve();
            bar.set_position(written.messages);
            while leaving.is_some_and(|leaving| leaving.due() > written.withdrawals) {
                let Some(event) = withdrawals.next() else { break };
                write_event(self.writer, self.consent_events, &event).map_err(AppError::Kafka)?;
                written.withdrawals += 1;
            }
            if self.limit.is_some_and(|limit| pace.elapsed() > limit) {
                break;
            }
        }
        self.writer.flush().map_err(AppError::Kafka)?;
        bar.finish_and_clear();
        Ok(written)
    }

    fn write_message(&self, message: &SimulatedMessage) -> Result<(), Fault> {
        self.writer.write(self.outbound, None, &message.key, &message.value)
    }
}

fn write_event(writer: &EventWriter, topic: &str, event: &Produced) -> Result<(), Fault> {
    writer.write(topic, None, event.key.as_bytes(), &event.value)
}

fn bar(what: &'static str, len: u64) -> Result<ProgressBar, Failure> {
    let template = "{msg:<20} {bar:30} {human_pos}/{human_len}  {per_sec}  {eta}";
    let style = ProgressStyle::with_template(template)
        .map_err(|error| Failure::new(Exit::Usage, format!("no progress bar: {error}")))?;
    Ok(ProgressBar::new(len).with_style(style).with_message(what))
}
