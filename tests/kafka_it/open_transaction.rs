//! An open transaction on the consent topic hides what lies behind it: the gate holds, says why, and
//! goes on when it ends.

use std::thread;
use std::time::Duration;

use consentgate::telemetry::HoldCause;
use libtest_mimic::Trial;

use crate::support::gate::{await_ready, await_that};
use crate::support::producers::Transaction;
use crate::support::receipts::Receipts;
use crate::support::stage::{Stage, event_record};
use crate::support::world::{grant, now_ms, withdraw};
use crate::trial::on_shared;

/// Longer than the fence's limit.
const A_WHILE: Duration = Duration::from_secs(3);

pub fn trials() -> Vec<Trial> {
    vec![
        on_shared("open_transaction_on_consent_holds_until_its_commit", |kafka| {
            let (allowed, suppressed) = hold_and_end(kafka, Transaction::commit);
            assert_eq!((allowed, suppressed), (1, 1), "the opt-out inside is honoured");
        }),
        on_shared("open_transaction_on_consent_holds_until_its_abort", |kafka| {
            let (allowed, suppressed) = hold_and_end(kafka, Transaction::abort);
            assert_eq!((allowed, suppressed), (2, 0), "the opt-out inside never was");
        }),
        on_shared("open_transaction_on_consent_holds_a_gate_that_starts", |kafka| {
            let stage = Stage::new(kafka, "starts-held", 2);
            stage.consent(&[grant("cafe", 1, &["offers"], now_ms() - 60_000)]);
            let transaction = Transaction::begin(kafka, &stage.topics.consent_events);
            write_opt_out(&stage, &transaction);
            stage.offer(1, 1);
            let gate = stage.gate();
            await_that("the gate holds for the open transaction", || {
                gate.health.causes().contains(&HoldCause::ConsentTransactionOpen)
            });
            assert_eq!(stage.ledger().decided(), 0);
            transaction.commit();
            stage.await_drained(Duration::from_secs(60));
            gate.join(Duration::from_secs(20)).expect("an orderly end");
            assert_eq!(stage.ledger().suppressed(), 1);
        }),
    ]
}

/// Two people agreed; the first one's opt-out lies in a transaction. Returns how many of their two
/// messages were allowed and suppressed after its end.
fn hold_and_end(kafka: &str, end: fn(Transaction)) -> (usize, usize) {
    let stage = Stage::new(kafka, "held", 2);
    let past = now_ms() - 60_000;
    stage.consent(&[grant("cafe", 1, &["offers"], past), grant("cafe", 2, &["offers"], past)]);
    let gate = stage.gate();
    await_ready(&gate);

    let transaction = Transaction::begin(kafka, &stage.topics.consent_events);
    write_opt_out(&stage, &transaction);
    stage.offers(&[1, 2], 1);
    await_that("the gate holds for the open transaction", || {
        gate.health.causes().contains(&HoldCause::ConsentTransactionOpen)
    });
    thread::sleep(A_WHILE);
    assert_eq!(gate.health.causes(), [HoldCause::ConsentTransactionOpen]);
    assert_eq!(stage.ledger().decided(), 0, "nothing is decided while it is open");

    end(transaction);
    await_ready(&gate);
    stage.await_drained(Duration::from_secs(60));
    gate.join(Duration::from_secs(20)).expect("an orderly end");
    let (ledger, receipts) = (stage.ledger(), Receipts::read(kafka, &stage.topics));
    ledger.assert_clean();
    receipts.assert_tell(&ledger);
    let causes = receipts.hold_causes();
    assert!(causes.contains("consent_transaction_open"), "the receipts tell: {causes:?}");
    (ledger.allowed(), ledger.suppressed())
}

fn write_opt_out(stage: &Stage, transaction: &Transaction) {
    let event = withdraw("cafe", 1);
    transaction.write(&stage.topics.consent_events, &[event_record(&event)]);
}
