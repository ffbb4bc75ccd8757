//! How fast to write: so many a second, or as fast as they are taken.

use std::str::FromStr;
use std::time::{Duration, Instant};

/// A rate of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// So many a second.
    PerSecond(u32),
    /// As fast as they are taken.
    FlatOut,
}

impl FromStr for Rate {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match (text, text.replace('_', "").parse()) {
            ("flat-out", _) => Ok(Self::FlatOut),
            (_, Ok(rate)) if rate > 0 => Ok(Self::PerSecond(rate)),
            _ => Err("expected flat-out, or a whole number above 0"),
        }
    }
}

/// Keeps a rate, by saying how many records are due by now.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    began: Instant,
    rate: Rate,
}

/// A pause shorter than this is not worth a switch of threads.
const PAUSE_MIN: Duration = Duration::from_millis(1);

impl Pace {
    /// A pace that begins now.
    pub fn start(rate: Rate) -> Self {
        Self { began: Instant::now(), rate }
    }

    /// How many records are due.
    pub fn due(&self) -> u64 {
        match self.rate {
            // A count of seconds times 2^32 is far below 2^64.
            Rate::PerSecond(rate) => (self.began.elapsed().as_secs_f64() * f64::from(rate)) as u64,
            Rate::FlatOut => u64::MAX,
        }
    }

    /// Waits until more than `done` records are due.
    pub fn wait_for(&self, done: u64) {
        if let Rate::PerSecond(rate) = self.rate {
            let at = Duration::from_secs_f64((done as f64 + 1.0) / f64::from(rate));
            let left = at.saturating_sub(self.began.elapsed());
            if left >= PAUSE_MIN {
                std::thread::sleep(left);
            }
        }
    }

    /// How long it has been going.
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_number_or_flat_out() {
        assert_eq!("5_000".parse(), Ok(Rate::PerSecond(5_000)));
        assert_eq!("flat-out".parse(), Ok(Rate::FlatOut));
        for text in ["0", "-1", "fast", "1.5", ""] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }

    #[test]
    fn flat_out_everything_is_due_at_once() {
        let pace = Pace::start(Rate::FlatOut);
        assert_eq!(pace.due(), u64::MAX);
        pace.wait_for(u64::MAX - 1);
    }
}
