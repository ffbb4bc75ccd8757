//! Arguments of `consent void`: the record by its place, and what stands in its stead.

use clap::{Args, ValueEnum};

use crate::commands::settings_args::SettingsArgs;
use crate::consent::Topic;

/// The topic that the record lies in, by its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum VoidTopic {
    /// The log of record.
    ConsentEvents,
    /// Inbound messages, requests, heartbeats.
    ConsentActivity,
}

impl From<VoidTopic> for Topic {
    fn from(topic: VoidTopic) -> Self {
        match topic {
            VoidTopic::ConsentEvents => Self::ConsentEvents,
            VoidTopic::ConsentActivity => Self::ConsentActivity,
        }
    }
}

/// Arguments of `consent void`.
#[derive(Clone, Debug, Args)]
pub struct VoidArgs {
    /// The configuration.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// The topic, by its role.
    #[arg(long, value_enum)]
    pub topic: VoidTopic,
    /// The partition.
    #[arg(long)]
    pub partition: i32,
    /// The offset.
    #[arg(long)]
    pub offset: i64,
    /// An event that was written in its place, by id. Can be repeated.
    #[arg(long, value_name = "EVENT_ID", conflicts_with = "drop")]
    pub replaced_by: Vec<String>,
    /// Nothing stands in its place, for this reason. Only needed if its key names no person.
    #[arg(long, value_name = "REASON")]
    pub drop: Option<String>,
    /// Who types this in.
    #[arg(long, default_value = "operator")]
    pub recorder: String,
}
