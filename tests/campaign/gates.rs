//! Two gates under a supervisor, as they stand in production: one that asks to be started again is
//! started again; one that ends for any other reason is a find.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::support::child::{GateChild, GateHome};

/// How many gates stand there.
pub const GATES: usize = 2;
/// The exit codes that ask to be started again: a call to Kafka hung, or Kafka did not answer.
const TRY_AGAIN: [i32; 2] = [75, 69];
/// The exit code of a shell whose child was ended by SIGABRT.
const ABORTED: i32 = 134;
/// A supervisor waits a little.
const PAUSE: Duration = Duration::from_millis(300);
/// Where Debian puts the library that gives a process a clock of its own.
const FAKETIME: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

/// The gates of a round.
#[derive(Debug)]
pub struct Gates {
    home: GateHome,
    slots: Vec<Mutex<Slot>>,
    ends: Mutex<Vec<End>>,
}

/// How a gate ended that no fault had ended.
#[derive(Debug)]
pub enum End {
    /// It asks to be started again.
    TryAgain,
    /// librdkafka found itself in a state that it holds for impossible; this line says in which.
    Assertion(String),
    /// In no way that it should.
    Odd(String),
}

#[derive(Debug)]
enum Slot {
    Running(GateChild),
    /// A fault wants it so.
    Away,
}

impl Gates {
    /// Starts all of them.
    pub fn start(toml: &str) -> Gates {
        let home = GateHome::new(toml);
        let slots = (0..GATES).map(|nth| Mutex::new(Slot::Running(home.start(&name(nth)))));
        let slots = slots.collect();
        Gates { home, slots, ends: Mutex::default() }
    }

    /// Starts again what ended and asks for it, until it is over.
    pub fn supervise(&self, over: &AtomicBool) {
        while !over.load(Ordering::SeqCst) {
            (0..GATES).for_each(|nth| self.look_after(nth));
            thread::sleep(Duration::from_millis(100));
        }
    }

    fn look_after(&self, nth: usize) {
        let mut slot = self.slot(nth);
        let Slot::Running(gate) = &mut *slot else { return };
        if let Some(code) = gate.ended() {
            self.note_end(nth, code);
            thread::sleep(PAUSE);
            *slot = Slot::Running(self.home.start(&name(nth)));
        }
    }

    /// Ends a gate as a power cut would; it stays away.
    pub fn kill(&self, nth: usize) {
        if let Slot::Running(gate) = std::mem::replace(&mut *self.slot(nth), Slot::Away) {
            gate.kill9();
        }
    }

    /// Ends a gate in order; it stays away.
    pub fn stop(&self, nth: usize) {
        let mut slot = self.slot(nth);
        if let Slot::Running(gate) = std::mem::replace(&mut *slot, Slot::Away) {
            let code = gate.terminate();
            if code != 0 {
                self.note_end(nth, code);
            }
        }
    }

    /// Starts a gate that is away.
    pub fn be_there(&self, nth: usize) {
        let mut slot = self.slot(nth);
        if matches!(*slot, Slot::Away) {
            *slot = Slot::Running(self.home.start(&name(nth)));
        }
    }

    /// Freezes a gate for so long.
    pub fn freeze(&self, nth: usize, time: Duration) {
        let mut slot = self.slot(nth);
        if let Slot::Running(gate) = &mut *slot {
            gate.pause();
            thread::sleep(time);
            gate.resume();
        }
    }

    /// A gate beside the others. One with a name of theirs is their twin.
    pub fn another(&self, name: &str) -> GateChild {
        self.home.start(name)
    }

    /// A twin's name.
    pub fn name(&self, nth: usize) -> String {
        name(nth)
    }

    /// Starts a gate that is away with a clock of its own.
    pub fn be_there_with_a_clock(&self, nth: usize) -> Clock {
        assert!(Path::new(FAKETIME).exists(), "no libfaketime: {FAKETIME} is missing");
        let clock = Clock { file: self.home.path().join(format!("clock-{nth}")) };
        clock.set("+0");
        let variables = [
            ("LD_PRELOAD", OsString::from(FAKETIME)),
            ("FAKETIME_TIMESTAMP_FILE", clock.file.clone().into()),
            ("FAKETIME_CACHE_DURATION", OsString::from("1")),
            ("FAKETIME_DONT_FAKE_MONOTONIC", OsString::from("1")),
        ];
        *self.slot(nth) = Slot::Running(self.home.start_with(&name(nth), &variables));
        clock
    }

    /// Ends all in order, and says how others have ended since this was asked last.
    pub fn end(&self) -> Vec<End> {
        (0..GATES).for_each(|nth| self.stop(nth));
        std::mem::take(&mut *lock(&self.ends))
    }

    /// Where they live: for `verify`.
    pub fn home(&self) -> &GateHome {
        &self.home
    }

    /// What all of them, and those beside them, have logged.
    pub fn logs(&self) -> String {
        let files = fs::read_dir(self.home.path()).expect("the gates' folder");
        let logs = files.map(|file| file.expect("a file").path());
        let logs = logs.filter(|path| path.extension().is_some_and(|it| it == "log"));
        logs.map(|path| fs::read_to_string(path).unwrap_or_default()).collect()
    }

    fn note_end(&self, nth: usize, code: i32) {
        let name = name(nth);
        let log = self.home.log(&name);
        let lines: Vec<&str> = log.lines().collect();
        let last = &lines[lines.len().saturating_sub(12)..];
        let assertion =
            last.iter().find(|line| line.contains("rdkafka") && line.contains("Assertion"));
        let end = match (code, assertion) {
            (code, _) if TRY_AGAIN.contains(&code) => End::TryAgain,
            (ABORTED, Some(line)) => End::Assertion((*line).to_owned()),
            _ => End::Odd(format!("{name} ended with {code}:\n{}", last.join("\n"))),
        };
        lock(&self.ends).push(end);
    }

    fn slot(&self, nth: usize) -> MutexGuard<'_, Slot> {
        lock(&self.slots[nth])
    }
}

/// The clock of one gate.
#[derive(Debug)]
pub struct Clock {
    file: PathBuf,
}

impl Clock {
    /// Sets it off by so much, for instance `+3600`. It counts within a second.
    pub fn set(&self, offset_s: &str) {
        fs::write(&self.file, offset_s).expect("the clock's file");
    }
}

fn name(nth: usize) -> String {
    format!("gate-{nth}")
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
