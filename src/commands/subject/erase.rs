//! `subject erase`: the person asked to be erased (GDPR Art. 17).
//!
//! Says first what it will hide and what stays, asks, writes one `erase` event for each identity and
//! waits until all replicas have it. Nothing is written without a yes. The records themselves stay in
//! the log.

use std::io::{BufRead, IsTerminal};

use clap::Args;

use super::gather::Gathering;
use super::held::About;
use super::reading::Reading;
use crate::commands::consent::{EventArgs, event_of, write_to};
use crate::commands::exit::{Exit, Failure};
use crate::commands::output::note;
use crate::commands::rolled::rolled_for;
use crate::commands::verify::Progress;
use crate::commands::{read_recipient, subject};
use crate::config::Config;
use crate::consent::{Identity, LinkReach, Subject};
use crate::kafka::Clients;
use crate::wire::consent::{name_person, produce};
use crate::wire::json::Named;
use crate::wire::proto::consent::{Actor, ConsentEvent, Kind};
use crate::wire::receipt::VerifyingKeys;

/// Kinds that an erasure hides if they are not later than it.
const HIDDEN: [&str; 4] = ["grant", "confirm", "inbound", "user_request"];

/// Arguments of `subject erase`.
#[derive(Clone, Debug, Args)]
pub struct EraseArgs {
    /// The business.
    #[arg(long)]
    pub business: String,
    /// Erase the identities that are linked to this one now, too.
    #[arg(long)]
    pub linked: bool,
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
        let rolled = rolled_for(&config, VerifyingKeys::default())?;
        let progress = Progress::new();
        let gathered = Reading::new(&config, rolled, &progress).consent(&subject);
        progress.end();
        let gathered = gathered.map_err(|fault| Failure::unavailable(&fault))?;
        note(&self.forecast(&gathered));
        if !self.yes {
            confirm(&mut std::io::stdin().lock(), std::io::stdin().is_terminal())?;
        }
        for identity in self.identities(&gathered)? {
            self.write(&config, &identity)?;
        }
        note(
            "from now on every gate suppresses as erased whatever this business sends there, until the \
             person agrees again",
        );
        Ok(())
    }

    /// Whom to erase.
    fn identities(&self, gathered: &Gathering) -> Result<Vec<Identity>, Failure> {
        // The same number in its other form, if anything was said of it.
        let is_known = |form: &&Subject| {
            **form == gathered.subject || gathered.state.subjects.contains_key(*form)
        };
        let forms = gathered.forms.iter().filter(is_known);
        let mut identities: Vec<_> = forms.map(|form| form.identity.clone()).collect();
        if self.linked {
            let linked = gathered.linked().into_iter();
            let linked = linked.filter(|(_, reach)| *reach == LinkReach::Everything);
            identities.extend(linked.map(|(identity, _)| identity.clone()));
        }
        if self.event.event_id.is_some() && identities.len() > 1 {
            let message = "--event-id names one event, and several will be written: leave it out";
            return Err(Failure::new(Exit::Usage, message));
        }
        Ok(identities)
    }

    fn write(&self, config: &Config, identity: &Identity) -> Result<(), Failure> {
        let business_id = self.business.clone();
        let mut event = ConsentEvent { business_id, ..event_of(&self.event, Kind::Erase) };
        event.source = "consentgate subject".to_owned();
        event.set_actor(Actor::Subject);
        name_person(&mut event, identity);
        let id = event.event_id.clone();
        let produced =
            produce(event).map_err(|error| Failure::new(Exit::Data, error.to_string()))?;
        let produced = config.consent.events.write(produced);
        let clients = Clients::new(config.kafka.clone(), config.gate.clone());
        write_to(&clients, &config.topics.consent_events, None, &produced, &id)
    }
}

impl EraseArgs {
    /// What the erasure will do, without naming anybody.
    fn forecast(&self, gathered: &Gathering) -> String {
        let (mut hidden, mut stays) = (0, 0);
        for held in &gathered.held {
            let kind = held.event.as_ref().and_then(|event| event.kind.as_ref());
            let is_hidden = |kind: &Named| HIDDEN.iter().any(|name| *kind == Named::from(*name));
            match held.about {
                About::Person if kind.is_some_and(is_hidden) => hidden += 1,
                _ => stays += 1,
            }
        }
        let nothing = match hidden + stays {
            0 => "Nothing is held about this person for this business. Is it the right one?\n",
            _ => "",
        };
        format!(
            "{nothing}Hides: agreements, confirmations, messages and requests of the person up to now \
             ({hidden} records).\n\
             Keeps: that the person is erased, objections, blocks, restrictions, cool-downs and links \
             ({stays} records), so that nobody writes to them by mistake.\n\
             The log keeps the records until the next `consentgate roll`. {}",
            self.forecast_of_linked(gathered)
        )
    }

    fn forecast_of_linked(&self, gathered: &Gathering) -> String {
        match (gathered.linked().len(), self.linked) {
            (0, _) => "No other identity is linked to this one.".to_owned(),
            (count, true) => format!(
                "Other identities: {count}; those that are linked now are erased too, a yes for all."
            ),
            (count, false) => format!(
                "Other identities: {count}. While they are linked nothing is sent to them either; what \
                 was agreed to on them is hidden only by an erasure of their own, or by --linked."
            ),
        }
    }
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
