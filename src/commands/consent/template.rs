//! Arguments of `consent template-state`: what the platform says of a template, by hand.
//!
//! For templates that were there before the webhooks were read, and for a way to leave that no webhook
//! tells of. What is not given stays as it was.

use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser};
use clap::{ArgGroup, Args};

use super::EventArgs;
use super::grant::known;
use super::write::{event_of, write};
use crate::commands::exit::{Exit, Failure};
use crate::commands::instant_arg::instant_ms;
use crate::wire::proto::consent::{
    Actor, ConsentEvent, Kind, TemplateCategory, TemplateOptOutPath, TemplateState, TemplateStatus,
};

const STATUSES: [&str; 14] = [
    "approved",
    "reinstated",
    "unarchived",
    "flagged",
    "pending",
    "rejected",
    "paused",
    "disabled",
    "deleted",
    "pending_deletion",
    "in_appeal",
    "archived",
    "limit_exceeded",
    "locked",
];
/// Those of them in which a template may be sent.
const USABLE: [&str; 4] = ["approved", "reinstated", "unarchived", "flagged"];
const CATEGORIES: [&str; 3] = ["marketing", "utility", "authentication"];
const PATHS: [&str; 5] = ["none", "footer", "button", "link", "unclear"];

/// Arguments of `consent template-state`.
#[derive(Clone, Debug, Args)]
#[command(group(ArgGroup::new("said").required(true).multiple(true)))]
pub struct TemplateArgs {
    /// The business.
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    pub business: String,
    /// The template's name.
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    pub template: String,
    /// Its language, such as en_US. Without one: what is said against it counts in every language, and
    /// what is said for it in none.
    #[arg(long, default_value = "")]
    pub language: String,
    /// Whether it may be sent, in Meta's word.
    #[arg(long, group = "said", value_parser = PossibleValuesParser::new(STATUSES))]
    pub status: Option<String>,
    /// What it is.
    #[arg(long, group = "said", value_parser = PossibleValuesParser::new(CATEGORIES))]
    pub category: Option<String>,
    /// What it will be: counts at once if it is stricter.
    #[arg(long, group = "said", value_parser = PossibleValuesParser::new(CATEGORIES))]
    pub announced_category: Option<String>,
    /// From when it will be that, such as 2026-01-31T12:00:00Z; 30 days from now, if not given.
    #[arg(long, value_name = "TIME", requires = "announced_category", value_parser = instant_ms)]
    pub announced_from: Option<i64>,
    /// How a person can leave from it; `none` beats what a message says, with `unclear` that counts.
    #[arg(long, group = "said", value_parser = PossibleValuesParser::new(PATHS))]
    pub opt_out_path: Option<String>,
    /// The rest of the event.
    #[command(flatten)]
    pub event: EventArgs,
}

impl TemplateArgs {
    /// Writes the event.
    pub(super) fn run(self) -> Result<(), Failure> {
        let settings = self.event.settings.clone();
        write(&settings, self.into_event()?)
    }

    fn into_event(self) -> Result<ConsentEvent, Failure> {
        self.expect_language()?;
        let mut said = TemplateState {
            template: self.template,
            language: self.language,
            announced_from_ms: self.announced_from,
            ..TemplateState::default()
        };
        if let Some(name) = &self.status {
            said.set_status(known(name, "TEMPLATE_STATUS", TemplateStatus::from_str_name)?);
        }
        let category =
            |name: &str| known(name, "TEMPLATE_CATEGORY", TemplateCategory::from_str_name);
        if let Some(name) = &self.category {
            said.set_category(category(name)?);
        }
        if let Some(name) = &self.announced_category {
            said.set_announced_category(category(name)?);
        }
        if let Some(name) = &self.opt_out_path {
            let path = known(name, "TEMPLATE_OPT_OUT_PATH", TemplateOptOutPath::from_str_name)?;
            said.set_opt_out_path(path);
        }
        Ok(ConsentEvent {
            business_id: self.business,
            actor: Actor::Platform.into(),
            template_state: Some(said),
            ..event_of(&self.event, Kind::TemplateState)
        })
    }
}

impl TemplateArgs {
    /// Refuses what would be of no effect: without a language only what speaks against a template counts.
    fn expect_language(&self) -> Result<(), Failure> {
        let is_said = |said: &Option<String>, words: &[&str]| {
            said.as_deref().is_some_and(|said| words.contains(&said))
        };
        let loosens = is_said(&self.status, &USABLE)
            || is_said(&self.category, &["utility", "authentication"])
            || is_said(&self.opt_out_path, &["footer", "button", "link", "unclear"]);
        if self.language.is_empty() && loosens {
            let message =
                "--language is missing: without it only what speaks against a template counts";
            return Err(Failure::new(Exit::Usage, message));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::{Command, FromArgMatches};

    use super::*;
    use crate::consent::{
        Category, ConsentRecord, Fact, KeyParts, Offset, Partition, Place, Placement, Seconds,
        TemplateStanding, Topic, Usability, WayOut, fold,
    };
    use crate::wire::consent::{decode, produce, topic_for};

    fn parse(line: &str) -> Result<TemplateArgs, clap::Error> {
        let words = std::iter::once("template-state").chain(line.split_whitespace());
        let mut command = TemplateArgs::augment_args(Command::new("template-state"));
        TemplateArgs::from_arg_matches(&command.try_get_matches_from_mut(words)?)
    }

    /// What the gate makes of the record that such a command writes.
    fn standing(line: &str) -> TemplateStanding {
        let event = parse(line).unwrap().into_event().unwrap();
        let topic = topic_for(event.kind());
        assert_eq!(topic, Topic::TemplateStates);
        let produced = produce(event).unwrap();
        let record = ConsentRecord {
            place: Place { topic, partition: Partition(0), offset: Offset(0) },
            appended_at: Seconds(u32::MAX),
            key: KeyParts::parse(Some(produced.key.as_bytes())),
            placement: Placement::Right,
            content: decode(Some(&produced.value)),
        };
        match &fold(&record).facts[..] {
            [Fact::Template { said, .. }] => said.standing(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_word_says_what_it_means() {
        let of = "--business cafe --template sale --language en_US";
        for status in STATUSES {
            let usable = USABLE.contains(&status);
            let expected = if usable { Usability::Usable } else { Usability::Unusable };
            let said = standing(&format!("{of} --status {status}"));
            assert_eq!(said.usability, Some(expected), "{status}");
        }
        for name in CATEGORIES {
            let category = Category::parse(name);
            assert_eq!(standing(&format!("{of} --category {name}")).category, category);
            assert_eq!(standing(&format!("{of} --announced-category {name}")).category, category);
        }
        for path in PATHS {
            let expected = match path {
                "none" => WayOut::Missing,
                "unclear" => WayOut::Unclear,
                _ => WayOut::Carried,
            };
            let said = standing(&format!("{of} --opt-out-path {path}"));
            assert_eq!(said.way_out, Some(expected), "{path}");
        }
    }

    #[test]
    fn what_says_nothing_or_of_nothing_is_refused() {
        for line in [
            "--business cafe --template sale",
            "--business cafe --status paused",
            "--template sale --status paused",
            "--business cafe --template= --status paused",
            "--business cafe --template sale --status sent",
            "--business cafe --template sale --announced-from 2026-01-31T12:00:00Z",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
        let of = "--business cafe --template sale";
        let event = |line: &str| parse(&format!("{of} {line}")).unwrap().into_event();
        for line in ["--status paused", "--category marketing", "--opt-out-path none"] {
            assert!(event(line).is_ok(), "{line}");
        }
        for line in ["--status approved", "--category utility", "--opt-out-path button"] {
            assert!(event(line).is_err(), "{line}");
        }
    }
}
