//! How a trial comes by its Kafka.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use libtest_mimic::{Completion, Failed, Trial};

use super::kafka::{
    Cluster, ClusterError, ClusterSpec, absent_line, on_ci, possible, try_shared_kafka,
};

/// The longest takes a third of this on two busy cores.
const TRIAL_LIMIT: Duration = Duration::from_secs(600);

/// A trial on the shared Kafka; it gets the bootstrap address.
pub fn on_shared(name: &str, run: fn(&str)) -> Trial {
    Trial::ignorable_test(name, move || match try_shared_kafka() {
        Ok(bootstrap) => {
            within(TRIAL_LIMIT, || run(bootstrap));
            Ok(Completion::Completed)
        }
        Err(error) => without_kafka(error),
    })
}

/// A trial on a cluster of its own. Two of them never run side by side.
pub fn on_own(name: &str, spec: ClusterSpec<'static>, run: fn(&Cluster)) -> Trial {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    Trial::ignorable_test(name, move || {
        let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        match Cluster::start(spec) {
            Ok(cluster) => {
                within(TRIAL_LIMIT, || run(&cluster));
                Ok(Completion::Completed)
            }
            Err(error) => without_kafka(&error),
        }
    })
}

/// A trial that starts its clusters itself.
pub fn on_none(name: &str, run: fn()) -> Trial {
    where_possible(name, possible, run)
}

/// The same, on machines that have what it needs.
pub fn where_possible(name: &str, possible: fn() -> Result<(), ClusterError>, run: fn()) -> Trial {
    where_possible_within(TRIAL_LIMIT, name, possible, run)
}

/// The same with a time of its own.
pub fn where_possible_within(
    limit: Duration,
    name: &str,
    possible: fn() -> Result<(), ClusterError>,
    run: fn(),
) -> Trial {
    Trial::ignorable_test(name, move || match possible() {
        Ok(()) => {
            within(limit, run);
            Ok(Completion::Completed)
        }
        Err(error) => without_kafka(&error),
    })
}

/// Ends the whole binary if a trial hangs, as a call of librdkafka may: no other thread can end it.
#[allow(clippy::exit, reason = "the hanging call would keep an orderly end waiting for ever")]
fn within(limit: Duration, run: impl FnOnce()) {
    let (over, is_over) = mpsc::channel::<()>();
    thread::spawn(move || {
        if is_over.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
            eprintln!("the trial has not ended within {limit:?}");
            std::process::exit(101);
        }
    });
    run();
    drop(over);
}

fn without_kafka(error: &ClusterError) -> Result<Completion, Failed> {
    match error {
        ClusterError::Absent(why) if !on_ci() => {
            absent_line(why);
            Ok(Completion::ignored_with("no Kafka here"))
        }
        error => Err(Failed::from(format!("no Kafka: {error}"))),
    }
}
