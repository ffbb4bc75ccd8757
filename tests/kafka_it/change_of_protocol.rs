//! From one way of sharing the partitions to another, one gate after the other, while messages flow.
//!
//! Between the classic protocols and the brokers' own this goes on without an end. Between the two classic
//! ones it does not: who comes under the other name is turned away until the last of the old are gone. In
//! no case is anything lost or doubled.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use libtest_mimic::Trial;

use crate::kills::{QUICK_SHARING, write_until};
use crate::support::child::GateHome;
use crate::support::stage::Stage;
use crate::support::world::{grant, now_ms};
use crate::take_over::{
    GATES, MESSAGES_A_SECOND, PARTITIONS, PEOPLE, Seen, assert_all_told, await_settled, end, name,
    owners,
};
use crate::trial::on_own;

/// How long each new gate has before the next one follows.
const PAUSE: Duration = Duration::from_secs(12);

pub fn trials() -> Vec<Trial> {
    vec![on_own(
        "a_change_of_the_group_protocol_loses_and_doubles_nothing",
        QUICK_SHARING,
        |cluster| {
            for (from, to) in
                [("range", "consumer"), ("consumer", "cooperative"), ("cooperative", "range")]
            {
                change(&cluster.bootstrap(), from, to);
            }
        },
    )]
}

fn change(kafka: &str, from: &str, to: &str) {
    let stage = Stage::new(kafka, &format!("change-{from}-{to}"), PARTITIONS);
    let past = now_ms() - 60_000;
    let agreed: Vec<_> = (0..PEOPLE).map(|one| grant("cafe", one, &["offers"], past)).collect();
    stage.consent(&agreed);
    let home = |protocol| GateHome::new(&stage.toml(&format!("group_protocol = \"{protocol}\"")));
    let (old, new) = (home(from), home(to));
    let (over, seen) = (AtomicBool::new(false), Seen::default());
    thread::scope(|scope| {
        scope.spawn(|| write_until(&stage, &over, MESSAGES_A_SECOND));
        scope.spawn(|| seen.watch(kafka, &stage.topics.allowed, &over));
        let mut gates: Vec<_> = (0..GATES).map(|nth| Some(old.start(&name(nth)))).collect();
        await_settled(&stage, &seen, &gates);
        let began = Instant::now();
        for (nth, gate) in gates.iter_mut().enumerate() {
            assert_eq!(gate.take().expect("it runs").terminate(), 0, "an orderly end");
            *gate = Some(new.start(&name(nth)));
            thread::sleep(PAUSE);
            println!("{from} -> {to}: {} of {GATES}: {:?}", nth + 1, owners(&stage));
        }
        await_settled(&stage, &seen, &gates);
        let silences: Vec<_> = (0..PARTITIONS)
            .map(|partition| format!("{:.1}", seen.silence(partition, began).as_secs_f64()))
            .collect();
        println!("{from} -> {to}: the longest silences of the partitions in s: {silences:?}");
        over.store(true, Ordering::SeqCst);
        end(&stage, gates);
    });
    assert_all_told(&stage, &new);
}
