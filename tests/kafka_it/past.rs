//! `trial` on a real Kafka: a past with planted slips, all found, none invented.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::time::Duration;

use consentgate::commands::trial::{TrialPlan, trial};
use libtest_mimic::Trial;

use crate::support::chance::chance;
use crate::support::gate::config;
use crate::support::planted::{TOLERANCE_MS, plant};
use crate::support::producers::Place;
use crate::trial::on_shared;

pub fn trials() -> Vec<Trial> {
    vec![on_shared("trial_finds_all_planted_slips_and_invents_none", |kafka| {
        let mut chance = chance("trial-real");
        let planted = plant(kafka, "trial-real", 60, 1_500, &mut chance);
        let out = tempfile::tempdir().expect("a folder");
        let plan = TrialPlan {
            topic: planted.stage.topics.outbound.clone(),
            from_ms: None,
            to_ms: None,
            tolerance: Duration::from_millis(TOLERANCE_MS as u64),
            out: out.path().to_owned(),
            start_over: false,
        };
        let config = config(&planted.stage.toml(""), "gate-0");
        let told = trial(&config, &plan, |_| ControlFlow::Continue(())).expect("a trial");
        println!("{}", told.expect("it ran to its end"));
        let mut reader = csv::Reader::from_path(out.path().join("slips.csv")).expect("slips.csv");
        let place = |record: csv::StringRecord| Place {
            partition: record[1].parse().expect("a partition"),
            offset: record[2].parse().expect("an offset"),
        };
        let found: BTreeSet<_> =
            reader.records().map(|record| place(record.expect("a line"))).collect();
        assert!(planted.truth.slips.len() > 50, "a past worth a trial");
        assert_eq!(found, planted.truth.slips);
    })]
}
