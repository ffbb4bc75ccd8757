//! The conformance checks on the embedded broker, each as a test of its own. The same table runs on a
//! real Kafka as trials of `real_kafka`.

use std::panic;

use consentgate::broker::{Broker, BrokerConfig};

use crate::conformance::{self, for_each_check};

fn run(name: &str) {
    let checks = conformance::all();
    let (_, check) =
        checks.iter().find(|(known, _)| *known == name).expect("the check is in the table");
    let broker = Broker::start(BrokerConfig::default()).expect("a broker");
    check(&broker.bootstrap());
}

macro_rules! tests {
    ($($name:ident: $($path:ident)::+,)*) => {
        $(
            #[test]
            fn $name() {
                run(stringify!($name));
            }
        )*
    };
}
for_each_check!(tests);

/// The same table with leaders and coordinators on three nodes.
#[test]
fn every_check_holds_with_three_nodes() {
    let broker =
        Broker::start(BrokerConfig { nodes: 3, ..BrokerConfig::default() }).expect("a broker");
    run_all(&broker.bootstrap());
}

fn run_all(bootstrap: &str) {
    let mut failed = Vec::new();
    for (name, check) in conformance::all() {
        match panic::catch_unwind(|| check(bootstrap)) {
            Ok(()) => println!("ok      {name}"),
            Err(_) => {
                println!("FAILED  {name}");
                failed.push(*name);
            }
        }
    }
    assert_eq!(failed, Vec::<&str>::new(), "checks that failed");
}
