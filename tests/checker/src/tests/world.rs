//! A small world in memory, and what an honest gate would leave: every answer is written down by hand.

use ed25519_dalek::{Signer as _, SigningKey};
use prost::Message as _;
use sha2::{Digest as _, Sha256};

use crate::model::bit;
use crate::receipts::write_bitmap;
use crate::source::memory::{Kept, Memory};
use crate::spec::audit::signed_record::Body;
use crate::spec::audit::{
    AuditEntry, BatchReceipt, ConsentPosition, PartitionRange, PreviousReceipt, Reason, Receipt,
    SignedRecord,
};
use crate::spec::consent::{Actor, ConsentEvent, Effect, Expression, Kind, Method};
use crate::spec::outbound::{Category, OptOutPath, OutboundMessage};
use crate::{Law, Options, Report, Topics, check_in};

const POLICY: &str = "consentgate policy 2\nmax_age marketing 86400\nmax_age utility 86400\n\
                      max_age authentication 600\nmax_age service 86400\nmax_age farewell 86400\n\
                      scope alerts informing single\nscope offers marketing single\n";
/// When the world begins, in milliseconds.
pub(super) const DAWN_MS: i64 = 1_767_225_600_000;
pub(super) const SECOND: i64 = 1_000;
const PARTITIONS: i32 = 2;

/// The topics, and what is in them.
#[derive(Clone)]
pub(super) struct World {
    pub(super) memory: Memory,
    pub(super) topics: Topics,
    pub(super) messages: usize,
    fates: Vec<(i32, i64, Option<Reason>)>,
}

/// Anna to Fritz: what is known of each is in [`World::events`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Person {
    Agreed = 0,
    Left = 1,
    Stranger = 2,
    Blocked = 3,
    Returned = 4,
    AlsoAgreed = 5,
}

fn phone(person: Person) -> String {
    format!("+99910000000{}", person as u8)
}

fn signing(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

pub(super) fn public_key(number: u8) -> [u8; 32] {
    signing(number).verifying_key().to_bytes()
}

/// The record of a consent event of the cafe.
pub(super) fn event_record(at_s: i64, number: u8, event: ConsentEvent) -> Kept {
    let phone = format!("+99910000000{number}");
    let effect = match event.kind() {
        Kind::Grant | Kind::Unblock => Effect::Permits,
        _ => Effect::Objects,
    };
    let key = format!("cafe/{phone}").into_bytes();
    let event =
        ConsentEvent { business_id: "cafe".to_owned(), phone, effect: effect.into(), ..event };
    let timestamp_ms = DAWN_MS + at_s * SECOND;
    Kept { timestamp_ms, key: Some(key), value: Some(event.encode_to_vec()), headers: vec![] }
}

pub(super) fn of_kind(kind: Kind) -> ConsentEvent {
    ConsentEvent { event_id: format!("{kind:?}"), kind: kind.into(), ..ConsentEvent::default() }
}

pub(super) fn granted(at_s: i64) -> ConsentEvent {
    ConsentEvent {
        event_id: format!("grant-{at_s}"),
        scopes: vec!["offers".to_owned()],
        occurred_at_ms: Some(DAWN_MS + at_s * SECOND),
        method: Method::WebsiteForm.into(),
        expression: Expression::BoxTicked.into(),
        text_id: "t".to_owned(),
        text_version: "1".to_owned(),
        evidence: "form/1".to_owned(),
        actor: Actor::Subject.into(),
        ..of_kind(Kind::Grant)
    }
}

/// One batch of a partition: whom, and the right answer.
type Batch = &'static [(Person, Flaw, Option<Reason>)];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    NoPath,
    OldScope,
    Garbage,
    Empty,
}

use Flaw::{Empty, Garbage, NoPath, None as Fine, OldScope};
use Person::{Agreed, AlsoAgreed, Blocked, Left, Returned, Stranger};

/// Two batches of each partition; Left leaves and Returned comes back between the two.
const BATCHES: [[Batch; 2]; 2] = [
    [
        &[
            (Agreed, Fine, None),
            (Left, Fine, None),
            (Stranger, Fine, Some(Reason::NoGrant)),
            (Returned, Fine, Some(Reason::NoGrant)),
        ],
        &[
            (Left, Fine, Some(Reason::Withdrawn)),
            (Agreed, Fine, None),
            (Returned, Fine, None),
            (Blocked, Fine, Some(Reason::Blocked)),
            (AlsoAgreed, Fine, None),
        ],
    ],
    [
        &[
            (Agreed, NoPath, Some(Reason::NoOptOutPath)),
            (AlsoAgreed, Fine, None),
            (Agreed, Garbage, Some(Reason::Malformed)),
        ],
        &[
            (AlsoAgreed, OldScope, Some(Reason::ScopeUnknown)),
            (AlsoAgreed, Empty, Some(Reason::Malformed)),
            (AlsoAgreed, Fine, None),
            (Agreed, Fine, None),
            (Agreed, Fine, None),
        ],
    ],
];

impl World {
    /// What an honest gate leaves.
    pub(super) fn honest() -> Self {
        let name = |name: &str| name.to_owned();
        let topics = Topics {
            bootstrap: String::new(),
            consent_events: name("events"),
            consent_activity: name("activity"),
            template_states: None,
            outbound: name("outbound"),
            allowed: name("allowed"),
            audit: name("audit"),
            receipts: name("receipts"),
        };
        let mut world = Self { memory: Memory::default(), topics, messages: 0, fates: vec![] };
        world.memory.partition("activity", 0);
        for topic in ["allowed", "audit", "receipts", "outbound"] {
            world.memory.partition(topic, 1);
        }
        world.events();
        world.sign(0, Body::Policy(POLICY.as_bytes().to_vec()));
        let mut previous = vec![vec![]; PARTITIONS as usize];
        for round in 0..2 {
            for (partition, previous) in previous.iter_mut().enumerate() {
                let receipt = world.batch(round, partition, previous.clone());
                *previous = Sha256::digest(receipt.encode_to_vec()).to_vec();
                world.sign(partition, Body::Receipt(receipt.encode_to_vec()));
            }
        }
        world
    }

    pub(super) fn options(&self) -> Options {
        Options { public_keys: vec![public_key(1)], ..Options::default() }
    }

    /// An allowed message, and one that was suppressed for an opt-out.
    pub(super) fn an_allowed(&self) -> (i32, i64) {
        self.first(None)
    }

    pub(super) fn a_withdrawn(&self) -> (i32, i64) {
        self.first(Some(Reason::Withdrawn))
    }

    fn first(&self, fate: Option<Reason>) -> (i32, i64) {
        let found = self.fates.iter().find(|(_, _, found)| *found == fate).expect("one");
        (found.0, found.1)
    }

    /// Seven records before the second round, in one partition.
    fn events(&mut self) {
        let events = self.memory.partition("events", 0);
        for (at_s, person, event) in [
            (100, Agreed, granted(100)),
            (100, Left, granted(100)),
            (100, Blocked, granted(100)),
            (100, AlsoAgreed, granted(100)),
            (101, Blocked, of_kind(Kind::Block)),
            (500, Left, of_kind(Kind::Withdraw)),
            (500, Returned, granted(500)),
        ] {
            events.push(event_record(at_s, person as u8, event));
        }
    }

    pub(super) fn sign(&mut self, partition: usize, body: Body) {
        let (domain, bytes): (&[u8], _) = match &body {
            Body::Policy(bytes) => (b"consentgate/policy/v1\0", bytes),
            Body::Receipt(bytes) => (b"consentgate/receipt/v1\0", bytes),
            Body::Allowed(bytes) => (b"consentgate/allowed/v1\0", bytes),
        };
        let signature = signing(1).sign(&[domain, bytes].concat()).to_bytes().to_vec();
        let record = SignedRecord { body: Some(body), key_id: "k".to_owned(), signature };
        let value = Some(record.encode_to_vec());
        self.memory.partition("receipts", partition).push(Kept { value, ..Kept::default() });
    }

    fn batch(&mut self, round: usize, partition: usize, previous: Vec<u8>) -> Receipt {
        let now_ms = DAWN_MS + [300, 600][round] * SECOND + 250;
        let receipt_id = vec![round as u8 * 2 + partition as u8; 16];
        let first = self.memory.partition("outbound", partition).len() as i64;
        let mut allowed = Vec::new();
        let batch = BATCHES[partition][round];
        for (nth, (person, flaw, fate)) in batch.iter().enumerate() {
            let offset = first + nth as i64;
            let record = self.message(partition, *person, *flaw);
            self.fates.push((partition as i32, offset, *fate));
            match fate {
                None => {
                    allowed.push(nth as u64);
                    self.memory.partition("allowed", partition).push(record);
                }
                Some(reason) => {
                    let entry = entry(*person, *flaw, *reason, (partition, offset, now_ms));
                    let entry = AuditEntry { receipt_id: receipt_id.clone(), ..entry };
                    let value = Some(entry.encode_to_vec());
                    let entries = self.memory.partition("audit", partition);
                    entries.push(Kept { value, timestamp_ms: now_ms, ..Kept::default() });
                }
            }
        }
        let (received, next) = (batch.len() as u32, first + batch.len() as i64);
        let range = PartitionRange {
            partition: partition as i32,
            first,
            next,
            allowed: write_bitmap(&allowed),
            received,
        };
        let position = ConsentPosition { topic: 1, partition: 0, next: [5, 7][round] };
        let batch = BatchReceipt {
            ranges: vec![range],
            positions: vec![position],
            now_ms,
            policy_sha256: vec![],
        };
        let previous = PreviousReceipt { partition: partition as i32, sha256: previous };
        Receipt {
            receipt_id,
            rules_version: crate::model::RULES_VERSION,
            source_topic: "outbound".to_owned(),
            policy_sha256: Sha256::digest(POLICY).to_vec(),
            previous: vec![previous],
            batches: vec![batch],
            allowed: allowed.len() as u64,
            suppressed: u64::from(received) - allowed.len() as u64,
            ..Receipt::default()
        }
    }

    /// Writes a message to the input.
    fn message(&mut self, partition: usize, person: Person, flaw: Flaw) -> Kept {
        self.messages += 1;
        let mut value = message(person, flaw).encode_to_vec();
        value.extend((flaw == Flaw::Garbage).then_some([0x7a, 0x7f]).into_iter().flatten());
        let record = Kept {
            timestamp_ms: DAWN_MS + 200 * SECOND + self.messages as i64,
            key: Some(phone(person).into_bytes()),
            value: (flaw != Flaw::Empty).then_some(value),
            headers: vec![(vec![0xff, 0xfe], Some(b"v".to_vec())), (b"empty".to_vec(), None)],
        };
        self.memory.partition("outbound", partition).push(record.clone());
        record
    }

    /// Writes messages that no receipt covers.
    pub(super) fn undecided(&mut self, partition: usize, count: usize) {
        for _ in 0..count {
            self.message(partition, Agreed, Fine);
        }
    }
}

fn message(person: Person, flaw: Flaw) -> OutboundMessage {
    OutboundMessage {
        message_id: "m".to_owned(),
        campaign_id: "spring".to_owned(),
        business_id: "cafe".to_owned(),
        to: phone(person),
        scope: if flaw == Flaw::OldScope { "horoscopes" } else { "offers" }.to_owned(),
        category: Category::Marketing.into(),
        opt_out_path: if flaw == Flaw::NoPath { 0 } else { OptOutPath::Footer as i32 },
        ..OutboundMessage::default()
    }
}

fn entry(
    person: Person,
    flaw: Flaw,
    reason: Reason,
    (partition, offset, decided_at_ms): (usize, i64, i64),
) -> AuditEntry {
    let more = match flaw {
        // Nobody agreed to a scope that there is not.
        Flaw::OldScope => bit(Reason::NoGrant),
        _ => 0,
    };
    let readable = !matches!(flaw, Flaw::Garbage | Flaw::Empty);
    let told = |text: &str| if readable { text.to_owned() } else { String::new() };
    AuditEntry {
        source_topic: "outbound".to_owned(),
        source_partition: partition as i32,
        source_offset: offset,
        business_id: told("cafe"),
        message_id: told("m"),
        campaign_id: told("spring"),
        pseudonym: if readable { vec![person as u8 + 1; 16] } else { vec![] },
        pseudonym_key_id: "p".to_owned(),
        reason: reason.into(),
        reasons_mask: bit(reason) | more,
        decided_at_ms,
        ..AuditEntry::default()
    }
}

/// What a check finds with the world's own key.
pub(super) fn report_of(world: &World) -> Report {
    check_in(&world.memory, &world.topics, &world.options()).expect("readable topics")
}

/// The laws that are broken, in order.
pub(super) fn laws(report: &Report) -> Vec<Law> {
    report.violations_by_law.keys().copied().collect()
}
