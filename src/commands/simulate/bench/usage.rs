//! What a process has used, as the kernel counts it (`/proc`, Linux).

use std::time::Duration;

use crate::commands::exit::{Exit, Failure};

/// The kernel counts processor time for user space in hundredths of a second on every architecture.
const TICK: Duration = Duration::from_millis(10);

/// Processor time and memory of a process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    /// User and system time since it began, all threads.
    pub(super) processor: Duration,
    /// The most memory it has had resident, in bytes.
    pub(super) peak_bytes: u64,
}

impl Usage {
    /// Of the process with this id.
    pub(super) fn of(process: u32) -> Result<Self, Failure> {
        let read = |file: &str| {
            let path = format!("/proc/{process}/{file}");
            std::fs::read_to_string(&path)
                .map_err(|error| Failure::new(Exit::Io, format!("cannot read {path}: {error}")))
        };
        let (stat, status) = (read("stat")?, read("status")?);
        let unknown = || Failure::new(Exit::Io, "/proc has another form on this system");
        Ok(Self {
            processor: processor_time(&stat).ok_or_else(unknown)?,
            peak_bytes: peak_bytes(&status).ok_or_else(unknown)?,
        })
    }
}

/// Fields 14 and 15 of `stat`; the name before them may hold anything.
fn processor_time(stat: &str) -> Option<Duration> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_ascii_whitespace().skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some(TICK * user.checked_add(system)?)
}

fn peak_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_user_and_system_whatever_the_name_is() {
        let stat = "42 (odd ) name) S 1 42 42 0 -1 4194304 10 0 0 0 150 25 7 7 20 0 9 0 1 2 3";
        assert_eq!(processor_time(stat), Some(Duration::from_millis(1_750)));
        assert_eq!(processor_time("42 (short) S 1"), None);
    }

    #[test]
    fn the_peak_is_the_high_water_mark() {
        let status = "Name:\tx\nVmPeak:\t  900 kB\nVmHWM:\t   64 kB\nVmRSS:\t   32 kB\n";
        assert_eq!(peak_bytes(status), Some(65_536));
        assert_eq!(peak_bytes("Name:\tx\n"), None);
    }

    #[test]
    fn this_process_has_used_something() {
        assert!(Usage::of(std::process::id()).unwrap().peak_bytes > 1 << 20);
    }
}
