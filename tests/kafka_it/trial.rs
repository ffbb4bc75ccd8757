//! How a trial comes by its Kafka.

use std::sync::{Mutex, PoisonError};

use libtest_mimic::{Completion, Failed, Trial};

use super::support::kafka::{
    Cluster, ClusterError, ClusterSpec, absent_line, on_ci, possible, try_shared_kafka,
};

/// A trial on the shared Kafka; it gets the bootstrap address.
pub fn on_shared(name: &str, run: fn(&str)) -> Trial {
    Trial::ignorable_test(name, move || match try_shared_kafka() {
        Ok(bootstrap) => {
            run(bootstrap);
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
                run(&cluster);
                Ok(Completion::Completed)
            }
            Err(error) => without_kafka(&error),
        }
    })
}

/// A trial that starts its clusters itself.
pub fn on_none(name: &str, run: fn()) -> Trial {
    Trial::ignorable_test(name, move || match possible() {
        Ok(()) => {
            run();
            Ok(Completion::Completed)
        }
        Err(error) => without_kafka(&error),
    })
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
