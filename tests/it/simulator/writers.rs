//! Those who write: people and businesses into the consent topics, engines into the outbound topic.
//!
//! Some write badly: unreadable records, times that lie ahead, transactions that stay open. What
//! they do is noted as windows in which nothing may be decided.

use std::collections::BTreeSet;

use consentgate::consent::{Offset, Partition, Place, Placement};
use consentgate::stream::OnUndecodable;
use consentgate::wire::consent::produce;
use consentgate::wire::proto::consent as proto;
use consentgate::wire::proto::consent::{ConsentEvent, Kind};
use consentgate::wire::proto::outbound::OutboundMessage;
use prost::Message as _;
use rand::Rng;

use super::cluster::{Cluster, Shared, Why, topic_of};
use super::log::{Bytes, Name, Txn, TxnState};
use crate::support::world;

pub(crate) const BUSINESSES: [&str; 2] = ["cafe", "shop"];
pub(crate) const PEOPLE: u32 = 4;
/// How far an append time may lie ahead before it holds the gate, in seconds.
pub(crate) const AHEAD_LIMIT_S: u32 = 30;

/// All writers.
#[derive(Debug)]
pub(crate) struct Writers {
    shared: Shared,
    on_undecodable: OnUndecodable,
    /// Transactions on the consent topics that are not ended yet.
    consent_txns: Vec<Txn>,
    outbound_txns: Vec<Txn>,
    /// Records that hold or quarantine until they are voided.
    bad: BTreeSet<Place>,
    /// All that ever did, but those that were cut off.
    once_bad: BTreeSet<Place>,
    /// Whether everything was paused last.
    is_paused: bool,
    messages: u64,
}

impl Writers {
    pub(crate) fn new(shared: &Shared, on_undecodable: OnUndecodable) -> Self {
        Self {
            shared: shared.clone(),
            on_undecodable,
            consent_txns: Vec::new(),
            outbound_txns: Vec::new(),
            bad: BTreeSet::new(),
            once_bad: BTreeSet::new(),
            is_paused: false,
            messages: 0,
        }
    }

    /// How many messages were written so far.
    pub(crate) fn messages(&self) -> u64 {
        self.messages
    }

    /// Something happens in the consent topics.
    pub(crate) fn consent(&mut self) {
        match self.shared.below(100) {
            0..=33 => self.agree(),
            34..=36 => self.template(),
            37..=62 => self.object(),
            63..=69 | 72 => self.list(),
            71 => self.switch(),
            73..=77 => self.transaction(),
            78..=83 => self.end_one_transaction(),
            84 => self.unreadable(),
            85 if self.shared.chance(40) => self.ahead(),
            _ => self.agree(),
        }
    }

    fn person(&self) -> (&'static str, u32) {
        (BUSINESSES[self.shared.below(BUSINESSES.len())], self.shared.below(PEOPLE as usize) as u32)
    }

    fn agree(&mut self) {
        let (business, person) = self.person();
        let late_ms = [0, 0, 0, 2_500][self.shared.below(4)];
        let at_ms = self.shared.borrow().clock.broker_ms() - late_ms;
        let event = world::grant(business, person, &["offers"], at_ms);
        self.shared.borrow().pass_a_second();
        append(&mut self.shared.borrow(), Name::Events, &event.key, event.value, None, 0);
    }

    fn object(&mut self) {
        let (business, person) = self.person();
        let kinds = [
            Kind::Withdraw,
            Kind::Withdraw,
            Kind::Refuse,
            Kind::Complaint,
            Kind::Erase,
            Kind::PlatformStop,
        ];
        let kind = kinds[self.shared.below(kinds.len())];
        let event = objection(&mut self.shared.borrow(), business, person, kind);
        let name = if self.shared.chance(15) { Name::Activity } else { Name::Events };
        append(&mut self.shared.borrow(), name, &event.key, event.value, None, 0);
    }

    /// A business puts somebody on its list, or takes somebody off.
    fn list(&mut self) {
        let (business, person) = self.person();
        let kind = if self.shared.chance(40) { Kind::Block } else { Kind::Unblock };
        let cluster = &mut *self.shared.borrow();
        cluster.pass_a_second();
        let event = ConsentEvent {
            event_id: format!("list-{}", cluster.next_seq()),
            business_id: business.to_string(),
            phone: world::phone(person),
            kind: kind.into(),
            occurred_at_ms: Some(cluster.clock.broker_ms()),
            ..ConsentEvent::default()
        };
        let event = produce(event).unwrap();
        append(cluster, Name::Events, &event.key, event.value, None, 0);
    }

    /// Everything is paused, or goes on.
    fn switch(&mut self) {
        let kind = if self.is_paused { Kind::Resume } else { Kind::Pause };
        let cluster = &mut *self.shared.borrow();
        cluster.pass_a_second();
        let event = world::switch(kind, None, cluster.clock.broker_ms());
        if append(cluster, Name::Events, &event.key, event.value, None, 0).is_some() {
            self.is_paused = !self.is_paused;
        }
    }

    /// The platform takes the template of all offers away, or gives it back.
    fn template(&mut self) {
        let (business, _) = self.person();
        let is_back = self.shared.chance(70);
        let cluster = &mut *self.shared.borrow();
        cluster.pass_a_second();
        let mut said = proto::TemplateState {
            template: "spring_offer".to_string(),
            language: "en".to_string(),
            ..proto::TemplateState::default()
        };
        said.set_status(match is_back {
            true => proto::TemplateStatus::Approved,
            false => proto::TemplateStatus::Paused,
        });
        let event = ConsentEvent {
            event_id: format!("template-{}", cluster.next_seq()),
            business_id: business.to_string(),
            kind: Kind::TemplateState.into(),
            occurred_at_ms: Some(cluster.clock.broker_ms()),
            template_state: Some(said),
            ..ConsentEvent::default()
        };
        let event = produce(event).unwrap();
        append(cluster, Name::Templates, &event.key, event.value, None, 0);
    }

    /// Somebody writes grants and objections in a transaction and leaves it open.
    fn transaction(&mut self) {
        let txn = self.shared.borrow().log.begin();
        self.shared.borrow().open_window(Why::OpenTransaction(txn));
        let mut is_empty = true;
        for _ in 0..=self.shared.below(2) {
            let (business, person) = self.person();
            let at_ms = self.shared.borrow().clock.broker_ms();
            let event = match self.shared.chance(70) {
                true => world::grant(business, person, &["offers"], at_ms),
                false => objection(&mut self.shared.borrow(), business, person, Kind::Withdraw),
            };
            let cluster = &mut self.shared.borrow();
            is_empty &=
                append(cluster, Name::Events, &event.key, event.value, Some(txn), 0).is_none();
        }
        if is_empty {
            // It never reached a broker, so nothing is open.
            let cluster = &mut *self.shared.borrow();
            cluster.windows.retain(|window| window.why != Why::OpenTransaction(txn));
            cluster.end(txn, TxnState::Aborted);
            return;
        }
        self.consent_txns.push(txn);
    }

    fn end_one_transaction(&mut self) {
        if !self.consent_txns.is_empty() {
            let txn = self.consent_txns.remove(0);
            let commits = self.shared.chance(50);
            let state = if commits { TxnState::Committed } else { TxnState::Aborted };
            self.shared.borrow().end(txn, state);
        }
    }

    fn unreadable(&mut self) {
        let (business, person) = self.person();
        let of_person = format!("{business}/{}", world::phone(person));
        let (key, value) = match self.shared.below(5) {
            0 => (String::new(), b"\xff\xff no event".to_vec()),
            1 => (format!("{business}/"), b"\xff\xff no event".to_vec()),
            2 => (of_person, b"\xff\xff no event".to_vec()),
            _ => (of_person, self.without_kind(business, person)),
        };
        let cluster = &mut *self.shared.borrow();
        let Some(place) = append(cluster, Name::Events, &key, value, None, 0) else {
            return;
        };
        if key.is_empty() || self.on_undecodable == OnUndecodable::Hold {
            cluster.open_window(Why::Record(place));
        }
        self.bad.insert(place);
        self.once_bad.insert(place);
    }

    /// All of a grant but its kind: the enum is at its zero, as in a record that was cut short.
    fn without_kind(&self, business: &str, person: u32) -> Vec<u8> {
        let at_ms = self.shared.borrow().clock.broker_ms();
        let grant = world::grant(business, person, &["offers"], at_ms);
        let mut event = ConsentEvent::decode(&grant.value[..]).unwrap();
        event.set_kind(Kind::Unspecified);
        event.set_effect(proto::Effect::Unspecified);
        event.encode_to_vec()
    }

    /// A broker whose clock is ahead takes an objection.
    fn ahead(&mut self) {
        let (business, person) = self.person();
        let cluster = &mut *self.shared.borrow();
        let event = objection(cluster, business, person, Kind::Withdraw);
        let ahead_ms = 1_000 * i64::from(AHEAD_LIMIT_S) + 60_000;
        // A second less, for the gate counts in whole seconds.
        let until_ms = cluster.clock.broker_ms() + 59_000;
        let appended = append(cluster, Name::Events, &event.key, event.value, None, ahead_ms);
        if let Some(place) = appended {
            cluster.open_window(Why::Ahead(place, until_ms));
            self.bad.insert(place);
            self.once_bad.insert(place);
        }
    }

    /// An operator voids the oldest bad record.
    fn void_one(&mut self) {
        let Some(place) = self.bad.first().copied() else {
            return;
        };
        let event = ConsentEvent {
            event_id: format!("void-{place}"),
            kind: Kind::Void.into(),
            void: Some(proto::VoidTarget {
                place: Some(proto::Place {
                    topic: proto::TopicRole::ConsentEvents.into(),
                    partition: place.partition.0,
                    offset: place.offset.0,
                }),
                replaced_by_event_ids: Vec::new(),
                drop_reason: "not what it should be".to_string(),
            }),
            ..ConsentEvent::default()
        };
        let event = produce(event).unwrap();
        let cluster = &mut *self.shared.borrow();
        if append(cluster, Name::Events, &event.key, event.value, None, 0).is_some() {
            self.bad.remove(&place);
            cluster.close_windows(|why| is_about(why, place));
        }
    }

    /// A partition of the log of record was cut off at `end`: what lay behind it is no trouble now.
    pub(crate) fn forget(&mut self, cluster: &mut Cluster, partition: Partition, end: Offset) {
        let is_kept = |place: &Place| place.partition != partition || place.offset < end;
        for place in self.bad.iter().filter(|place| !is_kept(place)) {
            cluster.close_windows(|why| is_about(why, *place));
        }
        self.bad.retain(is_kept);
        self.once_bad.retain(is_kept);
    }

    /// An engine sends a message, or ends a transaction of messages.
    pub(crate) fn engine(&mut self) {
        match self.shared.below(100) {
            0..=79 => self.message(None),
            80..=89 => {
                let txn = self.shared.borrow().log.begin();
                (0..3).for_each(|_| self.message(Some(txn)));
                self.outbound_txns.push(txn);
            }
            _ => self.end_outbound(),
        }
    }

    fn end_outbound(&mut self) {
        if !self.outbound_txns.is_empty() {
            let txn = self.outbound_txns.remove(0);
            let commits = self.shared.chance(60);
            let state = if commits { TxnState::Committed } else { TxnState::Aborted };
            self.shared.borrow().end(txn, state);
        }
    }

    fn message(&mut self, txn: Option<Txn>) {
        let (business, person) = self.person();
        self.messages += 1;
        let value = match self.shared.below(20) {
            0 => Some(format!("\u{ff} no message {}", self.messages).into_bytes()),
            1 => None,
            2..=4 => Some(self.offer(business, person, Some(2_000))),
            _ => Some(self.offer(business, person, None)),
        };
        let cluster = &mut *self.shared.borrow();
        let bytes = Bytes {
            key: Some(format!("k{}", self.messages).into_bytes()),
            value,
            headers: vec![(b"trace\xff".to_vec(), Some(vec![1])), (b"none".to_vec(), None)],
            // One that has no timestamp cannot be kept as it is.
            timestamp_ms: if cluster.chance(3) { 0 } else { cluster.clock.broker_ms() },
        };
        let partition = Partition(cluster.rng.random_range(0..cluster.log.width(Name::Outbound)));
        if cluster.has_leader(Name::Outbound, partition) {
            let offset = cluster.append(Name::Outbound, partition, bytes, txn, None);
            cluster.note(|| format!("Outbound {partition} at {offset}: to {business}/{person}"));
        }
    }

    /// An offer; some must not go any more after so many milliseconds.
    fn offer(&self, business: &str, person: u32, valid_ms: Option<i64>) -> Vec<u8> {
        let offer = world::offer(business, person, self.messages);
        let mut offer = OutboundMessage::decode(&offer[..]).unwrap();
        let now_ms = self.shared.borrow().clock.broker_ms();
        offer.deadline_ms = valid_ms.map(|valid_ms| now_ms + valid_ms);
        offer.encode_to_vec()
    }

    /// One thing that is wrong is set right.
    pub(crate) fn mend(&mut self) {
        match self.shared.below(3) {
            0 if self.is_paused => self.switch(),
            1 => self.end_one_transaction(),
            _ => self.void_one(),
        }
    }

    /// From here on nobody writes anything bad.
    pub(crate) fn begin_to_heal(&mut self) {
        // A void may have been cut off since; what it voided is bad again.
        self.bad = self.once_bad.clone();
        // Whether a pause or a resume was cut off nobody knows; a resume more does no harm.
        self.is_paused = true;
    }

    /// What was left open is ended, what is bad is voided, as far as that is possible now.
    pub(crate) fn heal(&mut self) {
        while !self.consent_txns.is_empty() {
            self.end_one_transaction();
        }
        while !self.outbound_txns.is_empty() {
            self.end_outbound();
        }
        if !self.bad.is_empty() {
            self.void_one();
        }
        if self.is_paused {
            self.switch();
        }
    }
}

impl Cluster {
    /// Often a later second, so that what lifts can lift; not always, for whoever waits for a fence
    /// would wait in vain.
    fn pass_a_second(&mut self) {
        if !self.is_troubled || self.chance(35) {
            self.clock.advance(1_100);
        }
    }
}

fn is_about(why: Why, place: Place) -> bool {
    match why {
        Why::Record(of) | Why::Ahead(of, _) => of == place,
        Why::Ends | Why::Leader(..) | Why::OpenTransaction(_) => false,
    }
}

fn objection(
    cluster: &mut Cluster,
    business: &str,
    person: u32,
    kind: Kind,
) -> consentgate::wire::consent::Produced {
    let event = ConsentEvent {
        event_id: format!("objection-{}", cluster.next_seq()),
        business_id: business.to_string(),
        phone: world::phone(person),
        kind: kind.into(),
        ..ConsentEvent::default()
    };
    produce(event).unwrap()
}

/// Appends an event where its key belongs, with the broker's time moved ahead by so much. `None` if it
/// was not taken: there is no leader, or the partition was cut and readers do not know yet. (One that
/// is filled again before anybody looked is told from the old one by reading a record again, every
/// few seconds; until then no promise holds.)
fn append(
    cluster: &mut Cluster,
    name: Name,
    key: &str,
    value: Vec<u8>,
    txn: Option<Txn>,
    ahead_ms: i64,
) -> Option<Place> {
    let width = cluster.log.width(name);
    let is_right =
        |p: &Partition| Placement::of(Some(key.as_bytes()), *p, width) == Placement::Right;
    let partition = cluster.log.partitions(name).find(is_right).unwrap_or_default();
    if !cluster.has_leader(name, partition) || cluster.is_cut_unseen(name, partition) {
        return None;
    }
    let bytes = Bytes {
        key: (!key.is_empty()).then(|| key.as_bytes().to_vec()),
        value: Some(value),
        headers: Vec::new(),
        timestamp_ms: cluster.clock.broker_ms() + ahead_ms,
    };
    let offset = cluster.append(name, partition, bytes, txn, None);
    cluster.note(|| format!("{name:?} {partition} at {offset}: {key} writes"));
    Some(Place { topic: topic_of(name), partition, offset })
}

/// The person's business and number, read back from a message.
pub(crate) fn addressed(value: Option<&[u8]>) -> Option<(String, String)> {
    let message = OutboundMessage::decode(value?).ok()?;
    Some((message.business_id, message.to))
}
