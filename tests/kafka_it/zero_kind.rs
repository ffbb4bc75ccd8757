//! A record whose kind is at zero, as one that was cut short has it: all of a grant, and no grant.
//!
//! Kind is the only field that is missing, so a decoder that takes zero for the first kind of its list
//! reads a grant. The control gives the gate the log as such a decoder reads it: people are written to
//! who never agreed, and the count of the trial tells.

use consentgate::wire::consent::Produced;
use consentgate::wire::proto::consent::{ConsentEvent, Kind};
use libtest_mimic::Trial;
use prost::Message as _;

use crate::support::gate::decide_all;
use crate::support::stage::Stage;
use crate::support::world::{grant, now_ms};
use crate::trial::on_shared;

const PEOPLE: u32 = 20;

pub fn trials() -> Vec<Trial> {
    vec![
        on_shared("a_kind_at_zero_grants_nothing", |kafka| {
            assert_eq!(written_to_who_never_agreed(kafka, Kind::Unspecified), 0);
        }),
        on_shared("a_kind_at_zero_read_as_a_grant_writes_to_who_never_agreed", |kafka| {
            assert_eq!(written_to_who_never_agreed(kafka, Kind::Grant), PEOPLE as usize);
        }),
    ]
}

/// How many messages leave to people whose only record has its kind at zero, where that is read so.
fn written_to_who_never_agreed(kafka: &str, zero_is_read_as: Kind) -> usize {
    let stage = Stage::new(kafka, "zero", 2);
    let past = now_ms() - 60_000;
    let as_read = |person| {
        let Produced { key, value } = grant("cafe", person, &["offers"], past);
        let event = ConsentEvent::decode(&value[..]).expect("an event");
        let event = ConsentEvent { kind: zero_is_read_as.into(), ..event };
        Produced { key, value: event.encode_to_vec() }
    };
    let cut_short: Vec<_> = (0..PEOPLE).map(as_read).collect();
    stage.consent(&cut_short);
    let people: Vec<u32> = (0..PEOPLE).collect();
    stage.offers(&people, 0);
    let ledger = decide_all(kafka, &stage.toml(""), &stage.topics);
    ledger.assert_clean();
    assert_eq!(ledger.decided(), PEOPLE as usize);
    ledger.allowed()
}
