//! The laws of the command line.

use clap::{Args, Command as ClapCommand, CommandFactory};

use super::*;

/// All arguments that are described, in the tree or not yet.
fn described() -> Vec<ClapCommand> {
    let command = ClapCommand::new;
    vec![
        Cli::command(),
        run::RunArgs::augment_args(command("run")),
        check::CheckArgs::augment_args(command("check")),
        topics::TopicsArgs::augment_args(command("topics")),
        consent::ConsentArgs::augment_args(command("consent")),
        mapping::MappingArgs::augment_args(command("mapping")),
        message::MessageArgs::augment_args(command("message")),
        story::StoryArgs::augment_args(command("story")),
        verify::VerifyArgs::augment_args(command("verify")),
        replay::ReplayArgs::augment_args(command("replay")),
        audit::AuditArgs::augment_args(command("audit")),
        audit::AuditTailArgs::augment_args(command("tail")),
        receipts::ReceiptsArgs::augment_args(command("receipts")),
        receipts::ReceiptsTailArgs::augment_args(command("tail")),
        webhooks::WebhooksArgs::augment_args(command("webhooks")),
        explain::ExplainArgs::augment_args(command("explain")),
        reconcile::ReconcileArgs::augment_args(command("reconcile")),
    ]
}

/// A command and all below it.
fn with_children(command: &ClapCommand) -> Vec<&ClapCommand> {
    let below = command.get_subcommands().flat_map(with_children);
    std::iter::once(command).chain(below).collect()
}

#[test]
fn every_command_is_well_formed() {
    for command in described() {
        command.debug_assert();
    }
}

#[test]
fn every_flag_and_command_is_explained() {
    for root in described() {
        for command in with_children(&root) {
            for argument in command.get_arguments() {
                let explained =
                    argument.get_help().is_some_and(|help| !help.to_string().is_empty());
                assert!(explained, "{} {}", command.get_name(), argument.get_id());
            }
            for below in command.get_subcommands() {
                assert!(below.get_about().is_some(), "{}", below.get_name());
            }
        }
    }
}

#[test]
fn no_argument_can_name_a_recipient() {
    for root in described() {
        for command in with_children(&root) {
            for argument in command.get_arguments() {
                let name = argument.get_id().as_str();
                for word in ["recipient", "phone", "to", "number", "identity", "user_id"] {
                    assert_ne!(name, word, "{}", command.get_name());
                }
            }
        }
    }
}

#[test]
fn help_opens_with_examples() {
    for mut command in described() {
        let help = command.render_long_help().to_string();
        assert!(help.starts_with("Examples:\n"), "{help}");
    }
}

#[test]
fn the_flags_of_run_become_settings() {
    let mut command = run::RunArgs::augment_args(ClapCommand::new("run"));
    let matches = command
        .try_get_matches_from_mut([
            "run",
            "--start-from",
            "end",
            "--lanes",
            "3",
            "--set",
            "log.format=json",
        ])
        .expect("readable");
    let args =
        <run::RunArgs as clap::FromArgMatches>::from_arg_matches(&matches).expect("readable");
    let loaded = args.settings.load(&args.flags()).expect("sound");
    assert_eq!(loaded.config.gate.lanes, 3);
    assert_eq!(loaded.config.gate.start_from, Some(crate::config::StartFrom::End));
    assert_eq!(loaded.origins.of("gate.lanes").to_string(), "--lanes");
}
