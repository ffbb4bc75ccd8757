//! One file, or folder, for each subcommand.

pub mod story;
