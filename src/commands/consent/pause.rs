//! Arguments of `consent pause` and `consent resume`: the kill switches.
//!
//! One thing at a time: an event that names several would stop each of them, and none could go on by
//! naming them together.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::EventArgs;
use super::write::{event_of, write};
use crate::commands::exit::Failure;
use crate::wire::proto::consent::{Actor, ConsentEvent, Kind, PauseTarget};

/// Arguments of `consent pause` and `consent resume`.
#[derive(Clone, Debug, Args)]
pub struct PauseArgs {
    /// The business.
    #[arg(long, required_unless_present = "platform", value_parser = NonEmptyStringValueParser::new())]
    pub business: Option<String>,
    /// Everything of everybody: while it is paused, all gates hold.
    #[arg(long, conflicts_with_all = ["business", "scope", "campaign", "template"])]
    pub platform: bool,
    /// Only messages of this scope.
    #[arg(long, group = "part", value_parser = NonEmptyStringValueParser::new())]
    pub scope: Option<String>,
    /// Only messages with this campaign id.
    #[arg(long, group = "part", value_parser = NonEmptyStringValueParser::new())]
    pub campaign: Option<String>,
    /// Only messages with this template.
    #[arg(long, group = "part", value_parser = NonEmptyStringValueParser::new())]
    pub template: Option<String>,
    /// The rest of the event.
    #[command(flatten)]
    pub event: EventArgs,
}

impl PauseArgs {
    /// Writes the event.
    pub(super) fn run(self, kind: Kind) -> Result<(), Failure> {
        let settings = self.event.settings.clone();
        write(&settings, self.of_kind(kind))
    }

    fn of_kind(self, kind: Kind) -> ConsentEvent {
        let part = PauseTarget {
            scope: self.scope.unwrap_or_default(),
            campaign_id: self.campaign.unwrap_or_default(),
            template: self.template.unwrap_or_default(),
        };
        let actor = if self.platform { Actor::Unspecified } else { Actor::Business };
        ConsentEvent {
            business_id: self.business.unwrap_or_default(),
            actor: actor.into(),
            pause: (part != PauseTarget::default()).then_some(part),
            ..event_of(&self.event, kind)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{Command, FromArgMatches};

    use super::*;
    use crate::consent::{
        ConsentRecord, Fact, KeyParts, Offset, Partition, Place, Placement, Seconds, Topic, fold,
    };
    use crate::wire::consent::{decode, produce};

    fn parse(line: &str) -> Result<PauseArgs, clap::Error> {
        let words = std::iter::once("pause").chain(line.split_whitespace());
        let mut command = PauseArgs::augment_args(Command::new("pause"));
        PauseArgs::from_arg_matches(&command.try_get_matches_from_mut(words)?)
    }

    /// What the gate makes of the record that such a command writes.
    fn facts(kind: Kind, line: &str) -> Vec<Fact> {
        let produced = produce(parse(line).unwrap().of_kind(kind)).unwrap();
        let place =
            Place { topic: Topic::ConsentEvents, partition: Partition(0), offset: Offset(0) };
        let record = ConsentRecord {
            place,
            appended_at: Seconds(u32::MAX),
            key: KeyParts::parse(Some(produced.key.as_bytes())),
            placement: Placement::Right,
            content: decode(Some(&produced.value)),
        };
        fold(&record).facts
    }

    #[test]
    fn each_command_pauses_and_resumes_the_one_thing_that_it_names() {
        for line in [
            "--business cafe",
            "--business cafe --scope offers",
            "--business cafe --campaign spring",
            "--business cafe --template sale",
        ] {
            let (paused, resumed) = (facts(Kind::Pause, line), facts(Kind::Resume, line));
            let ([Fact::Pause { business, target, .. }], [Fact::Resume { .. }]) =
                (&paused[..], &resumed[..])
            else {
                panic!("{line}: {paused:?} {resumed:?}");
            };
            let same = matches!(&resumed[0], Fact::Resume { business: b, target: t, .. }
                if b == business && t == target);
            assert!(same, "{line}");
        }
        let all = "--platform";
        assert!(matches!(&facts(Kind::Pause, all)[..], [Fact::PauseAll { .. }]));
        assert!(matches!(&facts(Kind::Resume, all)[..], [Fact::ResumeAll(_)]));
    }

    #[test]
    fn what_would_be_wider_than_meant_is_refused() {
        for line in [
            "",
            "--scope offers",
            "--platform --business cafe",
            "--platform --campaign spring",
            "--business cafe --scope offers --campaign spring",
            "--business cafe --campaign=",
            "--business=",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
