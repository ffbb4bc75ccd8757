//! Arguments of `run`: the gate itself.

use clap::Args;

use super::settings_args::SettingsArgs;

const EXAMPLES: &str = "\
Examples:
  consentgate run --config gate.toml
  consentgate run --config gate.toml --start-from beginning    the first start of a group";

/// Arguments of `run`.
#[derive(Clone, Debug, Args)]
#[command(before_help = EXAMPLES)]
pub struct RunArgs {
    /// The configuration.
    #[command(flatten)]
    pub settings: SettingsArgs,
    /// Where to start on partitions without a position of ours: beginning, end, committed, or a
    /// time (gate.start_from).
    #[arg(long, value_name = "WHERE")]
    pub start_from: Option<String>,
    /// This instance's own name, stable over restarts (gate.instance).
    #[arg(long, value_name = "NAME")]
    pub instance: Option<String>,
    /// Worker threads (gate.lanes).
    #[arg(long, value_name = "COUNT")]
    pub lanes: Option<String>,
    /// Address and port of the admin page (admin.listen).
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
}

impl RunArgs {
    /// The flags as (flag, key, value).
    pub fn flags(&self) -> Vec<(&str, &str, &str)> {
        let flags = [
            ("--start-from", "gate.start_from", &self.start_from),
            ("--instance", "gate.instance", &self.instance),
            ("--lanes", "gate.lanes", &self.lanes),
            ("--listen", "admin.listen", &self.listen),
        ];
        let set = flags
            .into_iter()
            .filter_map(|(flag, key, value)| Some((flag, key, value.as_deref()?)));
        set.collect()
    }
}
