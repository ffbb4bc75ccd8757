//! What the system says of this process. A number that it does not say is left out.

use std::fs;
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use super::catalogue as all;
use super::catalogue::Metric;

/// Linux counts processor time for user space in hundredths of a second.
const TICKS_PER_SECOND: f64 = 100.0;

/// Read once: computed anew it would differ by some milliseconds, and every scrape would look like a
/// restart.
static STARTED: LazyLock<Option<f64>> =
    LazyLock::new(|| start_time(&fs::read_to_string("/proc/self/stat").ok()?));

/// All that could be read.
pub(super) fn readings() -> Vec<(Metric, f64)> {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let fds = fs::read_dir("/proc/self/fd").ok().map(|entries| entries.count() as f64);
    let readings = [
        (all::PROCESS_CPU, cpu_seconds(&stat)),
        (all::PROCESS_MEMORY, field(&status, "VmRSS:").map(|kib| kib * 1024.0)),
        (all::PROCESS_OPEN_FDS, fds),
        (all::PROCESS_THREADS, field(&status, "Threads:")),
        (all::PROCESS_START_TIME, *STARTED),
    ];
    readings.into_iter().filter_map(|(metric, value)| Some((metric, value?))).collect()
}

/// The numbers after the process's name, which may hold spaces and parentheses.
fn stat_fields(stat: &str) -> Option<Vec<&str>> {
    let (_, rest) = stat.rsplit_once(')')?;
    Some(rest.split_whitespace().collect())
}

fn cpu_seconds(stat: &str) -> Option<f64> {
    let fields = stat_fields(stat)?;
    let user: f64 = fields.get(11)?.parse().ok()?;
    let system: f64 = fields.get(12)?.parse().ok()?;
    Some((user + system) / TICKS_PER_SECOND)
}

fn start_time(stat: &str) -> Option<f64> {
    let started: f64 = stat_fields(stat)?.get(19)?.parse().ok()?;
    let uptime = fs::read_to_string("/proc/uptime").ok()?;
    let uptime: f64 = uptime.split_whitespace().next()?.parse().ok()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs_f64();
    Some(now - uptime + started / TICKS_PER_SECOND)
}

fn field(status: &str, name: &str) -> Option<f64> {
    let line = status.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_found_behind_a_strange_process_name() {
        let stat = "7 (a) b) S 1 1 1 0 -1 4194560 1 2 3 4 150 50 0 0 20 0 4 0 1000 0 0";
        assert_eq!(cpu_seconds(stat), Some(2.0));
    }

    #[test]
    fn a_process_that_goes_on_has_one_start() {
        let started = || readings().iter().find(|(m, _)| *m == all::PROCESS_START_TIME).cloned();
        let first = started();
        std::thread::sleep(std::time::Duration::from_millis(15));
        assert!(first.is_some());
        assert_eq!(started(), first);
    }

    #[test]
    fn this_process_can_be_read() {
        let readings = readings();
        assert_eq!(readings.len(), 5);
        assert!(readings.iter().all(|(_, value)| *value >= 0.0));
    }
}
