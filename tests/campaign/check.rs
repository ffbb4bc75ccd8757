//! The check of a round: its topics, its pairs, its logs. It reads all of them anew, and trusts nothing
//! that a gate says of itself.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use consentgate_checker::{Acknowledged, CausalPair, Run, check_pairs};

use crate::follower::Follower;
use crate::gates::Gates;
use crate::support::checker::{checked, checker_options, checker_topics};
use crate::support::quiet::text_of;
use crate::support::receipts::Receipts;
use crate::support::stage::Stage;
use crate::traffic::{Must, Pair, Traffic};
use crate::verdict::{Promise, Verdict};

/// How every made-up number begins.
const NUMBERS: [&str; 2] = ["+9991", "9991000"];

/// Ends the gates and checks what they did.
pub fn check(stage: &Stage, gates: &Gates, follower: Follower, traffic: &Traffic) -> Verdict {
    let ends = gates.end();
    settle(stage, gates);
    let ledger = stage.ledger();
    let pairs = traffic.pairs();
    let mut verdict = Verdict {
        messages: ledger.fates.len(),
        allowed: ledger.allowed(),
        suppressed: ledger.suppressed(),
        pairs: pairs.len(),
        ..Verdict::default()
    };
    let wrong = |must: Must| {
        let of_kind = pairs.iter().filter(move |pair| pair.must == must);
        let allowed = must == Must::BeAllowed;
        of_kind.filter(|pair| ledger.is_allowed(pair.place) != allowed).count()
    };
    let (slipped, unseen) = (wrong(Must::BeSuppressed), wrong(Must::BeAllowed));
    verdict.broken(Promise::Fenced, slipped, "messages left after an acknowledged opt-out");
    verdict.broken(Promise::Fenced, unseen, "messages were kept after an acknowledged opt-in");
    let (lost, doubled) = (ledger.lost().len(), ledger.doubled().len());
    verdict.broken(Promise::Conserved, lost, "messages are lost");
    verdict.broken(Promise::Conserved, doubled, "messages are doubled");
    if let Some(differs) = follower.differs(&stage.kafka, &stage.topics) {
        verdict.broken(Promise::Conserved, 1, &differs);
    }
    verdict.broken(Promise::Untouched, ledger.foreign.len(), "records that nobody wrote");
    verdict.broken(Promise::Untouched, ledger.disorder.len(), "records out of order");
    let tell = AssertUnwindSafe(|| {
        Receipts::read(&stage.kafka, &stage.topics).assert_tell(&ledger);
    });
    if let Err(panic) = catch_unwind(tell) {
        let why = text_of(&*panic);
        verdict.broken(Promise::Provable, 1, &format!("receipts do not tell of the topics: {why}"));
    }
    let (code, said) = gates.home().verify();
    if code != Some(0) {
        verdict.broken(Promise::Provable, 1, &format!("verify ended with {code:?}: {said}"));
    }
    ask_the_checker(stage, &pairs, &mut verdict);
    let logs = gates.logs();
    let shown: usize = NUMBERS.iter().map(|number| logs.matches(number).count()).sum();
    verdict.broken(Promise::NoPersonalData, shown, "numbers stand in logs");
    verdict.enter_ends(ends);
    verdict
}

/// The independent checker reads all topics for itself, and judges by rules of its own.
fn ask_the_checker(stage: &Stage, pairs: &[Pair], verdict: &mut Verdict) {
    let report = checked(&stage.kafka, &stage.topics);
    verdict.judged = report.counts.decisions;
    verdict.not_judged = report.not_judged.values().sum();
    let acknowledged = pairs.iter().map(|pair| CausalPair {
        acknowledged: match pair.must {
            Must::BeAllowed => Acknowledged::Grant,
            Must::BeSuppressed => Acknowledged::OptOut,
        },
        partition: pair.place.partition,
        offset: pair.place.offset,
    });
    let acknowledged: Vec<_> = acknowledged.collect();
    let topics = checker_topics(&stage.kafka, &stage.topics);
    let of_pairs = check_pairs(&topics, &acknowledged, &checker_options(Run::Finished));
    for report in [report, of_pairs.expect("readable topics")] {
        let found = report.violation_count as usize;
        verdict.broken(
            Promise::Checked,
            found,
            &format!("found by the checker: {}", report.to_text()),
        );
    }
}

/// What the gates had read and not committed when they ended, a last one decides.
fn settle(stage: &Stage, gates: &Gates) {
    let last = gates.another("gate-last");
    let drained = catch_unwind(AssertUnwindSafe(|| {
        stage.await_drained(Duration::from_secs(180));
    }));
    last.terminate();
    drained.expect("a last gate decides what is left");
}
