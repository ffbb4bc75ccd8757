//! `[admin]` and `[log]` as meant.

use std::net::SocketAddr;

use super::check::Check;
use crate::config::settings::{AdminSettings, LogFormat, LogLevel, LogSettings};

/// The admin page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdminConfig {
    /// Where it listens.
    pub listen: SocketAddr,
}

impl AdminConfig {
    pub(super) fn check(settings: &AdminSettings, check: &mut Check<'_>) -> Option<Self> {
        listen_address("admin.listen", &settings.listen, check).map(|listen| Self { listen })
    }
}

/// An address to listen on.
pub(super) fn listen_address(key: &str, text: &str, check: &mut Check<'_>) -> Option<SocketAddr> {
    let listen = text.parse().ok();
    if listen.is_none() {
        let what = format!("\"{text}\" is no address to listen on");
        let allowed = "an IP address with a port, such as \"127.0.0.1:9464\" or \"[::1]:9464\"";
        check.refuse(key, what, allowed, "");
    }
    listen
}

/// The log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// How lines look.
    pub format: LogFormat,
    /// The least important lines that are written.
    pub level: LogLevel,
}

impl From<&LogSettings> for LogConfig {
    fn from(settings: &LogSettings) -> Self {
        Self { format: settings.format, level: settings.level }
    }
}
