//! The independent checker on the embedded broker: it and `verify` agree.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use consentgate::broker::{Broker, BrokerConfig};

use crate::support::checker::both_agree_on_a_mixed_world;

#[test]
fn verify_and_the_checker_agree_on_a_mixed_world() {
    let broker = Broker::start(BrokerConfig::default()).expect("a broker");
    both_agree_on_a_mixed_world(&broker.bootstrap(), "agreed");
}

/// Everything that a package of the lock file is built from, itself included.
fn built_from(package: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock");
    let lock: toml::Table = fs::read_to_string(path).unwrap().parse().unwrap();
    let packages = lock["package"].as_array().unwrap();
    let mut found = BTreeSet::new();
    let mut next = vec![package.to_owned()];
    while let Some(name) = next.pop() {
        if !found.insert(name.clone()) {
            continue;
        }
        // Several versions of one name are followed all.
        let named = packages.iter().filter(|package| package["name"].as_str() == Some(&*name));
        let needs = named.filter_map(|package| package.get("dependencies")?.as_array());
        let needs = needs.flatten().filter_map(|need| need.as_str()?.split(' ').next());
        next.extend(needs.map(str::to_owned));
    }
    found
}

#[test]
fn the_checker_shares_neither_code_nor_client_with_the_gate() {
    let checker = built_from("consentgate-checker");
    assert!(checker.contains("kafka-protocol") && checker.len() > 20, "{checker:?}");
    for shared in ["consentgate", "rdkafka", "rdkafka-sys", "roaring"] {
        assert!(built_from("consentgate").contains(shared), "{shared} is no part of the gate");
        assert!(!checker.contains(shared), "the checker is built from {shared}");
    }
}
