//! `[admin]` and `[log]` as written.
//!
//! The admin page has no password, so it listens on this machine only unless told otherwise.

use crate::config::section::{choice, section};

choice! {
    /// How log lines look.
    LogFormat {
        /// For people.
        Text = "text",
        /// One JSON object a line.
        Json = "json",
    }
}

choice! {
    /// The least important lines that are written.
    LogLevel {
        /// What needs someone.
        Error = "error",
        /// What may need someone.
        Warn = "warn",
        /// Every change of state.
        Info = "info",
        /// For those who look for a fault.
        Debug = "debug",
        /// Everything.
        Trace = "trace",
    }
}

section! {
    /// The admin page: /metrics, /live, /ready, /status. It shows no personal data and has no
    /// password.
    ["admin"] AdminSettings {
        /// Address and port to listen on.
        listen: String = "127.0.0.1:9464".to_owned();
    }
}

section! {
    /// The log, written to standard error.
    ["log"] LogSettings {
        /// "text" for people, "json" for machines.
        format: LogFormat = LogFormat::Text;
        /// The least important lines that are written: "error", "warn", "info", "debug", "trace".
        level: LogLevel = LogLevel::Info;
    }
}
