//! `subject erase`: the person asked to be erased (GDPR Art. 17).
//!
//! Says first what it will hide and what stays, asks, writes one `erase` event and waits until all
//! replicas have it. Nothing is written without a yes. The records themselves stay in the log.

use std::io::{BufRead, IsTerminal};

use clap::Args;

use super::gather::Gathering;
use super::held::About;
use super::reading::Reading;
use crate::commands::consent::{EventArgs, event_of, write_to};
use crate::commands::exit::{Exit, Failure};
use crate::commands::output::note;
use crate::commands::verify::Progress;
use crate::commands::{read_recipient, subject};
use crate::kafka::Clients;
use crate::wire::consent::{name_person, produce, topic_for};
use crate::wire::json::Named;
use crate::wire::proto::consent::{Actor, ConsentEvent, Kind};

/// Kinds that an erasure hides if they are not later than it.
const HIDDEN: [&str; 4] = ["grant", "confirm", "inbound", "user_request"];

/// Arguments of `subject erase`.
#[derive(Clone, Debug, Args)]
pub struct EraseArgs {
    /// The business.
    #[arg(long)]
    pub business: String,
    /// Do not ask. Without it the line after the person must say yes.
    #[arg(long)]
    pub yes: bool,
    /// The rest of the event.
    #[command(flatten)]
    pub event: EventArgs,
}

impl EraseArgs {
    /// Erases.
    ///
    /// # Errors
    /// No person, no business, no yes (2, 65), Kafka not reached (69), a configuration that is no good
    /// (78).
    pub(super) fn run(self) -> Result<(), Failure> {
        let config = self.event.settings.load(&[])?.config;
        let subject = subject::subject(&self.business, read_recipient()?)?;
        let progress = Progress::new();
        let gathered = Reading::new(&config, &progress).consent(&subject);
        progress.end();
        let gathered = gathered.map_err(|fault| Failure::unavailable(&fault))?;
        note(&forecast(&gathered));
        if !self.yes {
            confirm(&mut std::io::stdin().lock(), std::io::stdin().is_terminal())?;
        }
        let mut event =
            ConsentEvent { business_id: self.business, ..event_of(&self.event, Kind::Erase) };
        event.source = "consentgate subject".to_owned();
        event.set_actor(Actor::Subject);
        name_person(&mut event, &subject.identity);
        let (id, topic) = (event.event_id.clone(), topic_for(Kind::Erase));
        let produced =
            produce(event).map_err(|error| Failure::new(Exit::Data, error.to_string()))?;
        let clients = Clients::new(config.kafka.clone(), config.gate.clone());
        write_to(&clients, config.topics.consent(topic), None, &produced, &id)?;
        note(
            "from now on every gate suppresses as erased whatever this business sends to this identity, \
             until the person agrees again",
        );
        Ok(())
    }
}

/// What the erasure will do, without naming anybody.
fn forecast(gathered: &Gathering) -> String {
    let (mut hidden, mut stays) = (0, 0);
    for held in &gathered.held {
        let kind = held.event.as_ref().and_then(|event| event.kind.as_ref());
        let is_hidden = |kind: &Named| HIDDEN.iter().any(|name| *kind == Named::from(*name));
        match held.about {
            About::Person if kind.is_some_and(is_hidden) => hidden += 1,
            _ => stays += 1,
        }
    }
    let linked = gathered.linked().len();
    let also = match linked {
        0 => String::new(),
        count => format!(
            "\nLinked identities: {count}. Nothing is sent to them either while they are linked; what \
             they agreed to is hidden only by an erasure of their own (`subject report` names them)."
        ),
    };
    format!(
        "Hides: agreements, confirmations, messages and requests of the person up to now ({hidden} \
         records).\n\
         Keeps: a keyed tombstone, objections, blocks, restrictions, cool-downs and links ({stays} \
         records), so that nobody writes to the person by mistake.\n\
         The log keeps all records as they are: it is a proof, and it is only appended to.{also}"
    )
}

/// Reads a yes.
fn confirm(input: &mut impl BufRead, is_terminal: bool) -> Result<(), Failure> {
    if is_terminal {
        note("Erase? Write yes:");
    }
    let mut line = String::new();
    input.read_line(&mut line).map_err(|error| {
        Failure::new(Exit::Io, format!("cannot read the answer from standard input: {error}"))
    })?;
    if line.trim() == "yes" {
        return Ok(());
    }
    let message = "nothing was written: the line after the person must say yes, or give --yes";
    Err(Failure::new(Exit::Usage, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_yes_is_a_yes() {
        for (answer, is_yes) in
            [("yes\n", true), ("yes", true), ("", false), ("y\n", false), ("no\nyes\n", false)]
        {
            let answered = confirm(&mut answer.as_bytes(), false);
            assert_eq!(answered.is_ok(), is_yes, "{answer:?}");
        }
    }
}
