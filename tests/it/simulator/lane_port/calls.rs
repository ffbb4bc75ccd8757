//! What a lane asks of its port.

use consentgate::consent::{Offset, Partition};
use consentgate::stream::ports::{
    Allowed, CommitOffset, CommittedOffset, Extent, LaneEvent, LanePort, PollLimits,
};
use consentgate::stream::{Fault, FaultKind};

use super::{Defence, ModelLane, SUDDEN, of_value, pulse};
use crate::simulator::fetched::Fetched;
use crate::simulator::log::{Isolation, Name, TxnState};

impl LanePort for ModelLane {
    type Record<'a> = Fetched;

    fn poll(&self, limits: PollLimits, batch: &mut Vec<Fetched>) -> Result<LaneEvent, Fault> {
        let most = {
            let cluster = &mut *self.shared.borrow();
            pulse(cluster, &self.life)?;
            cluster.trouble(2, &SUDDEN)?;
            let hears_late = cluster.group.has_given_up(self.member) && cluster.is_hit(700);
            let event = match hears_late {
                true => None,
                false => cluster.group.next_event(self.member),
            };
            if let Some(event) = event {
                if let LaneEvent::Revoked(partitions, _) = &event {
                    self.fetch.borrow_mut().retain(|partition, _| !partitions.contains(partition));
                }
                return Ok(event);
            }
            limits.records.min(1 + cluster.next_seq() as usize % 8)
        };
        while batch.len() < most {
            if self.shared.borrow().is_hit(50) {
                // Somebody acts between two fetches of one batch.
                self.writers.borrow_mut().consent();
            }
            let cluster = &mut *self.shared.borrow();
            let Some(record) = self.fetch_one(cluster, Isolation::Committed) else {
                break;
            };
            batch.push(record);
        }
        if batch.is_empty() {
            let cluster = &mut *self.shared.borrow();
            cluster.clock.advance(u64::try_from(limits.first.as_millis()).unwrap().min(20));
        }
        Ok(LaneEvent::Records)
    }

    fn committed(&self, partitions: &[Partition]) -> Result<Vec<CommittedOffset>, Fault> {
        let cluster = &mut *self.shared.borrow();
        pulse(cluster, &self.life)?;
        cluster.trouble(20, &[FaultKind::Retriable])?;
        if partitions.iter().any(|partition| cluster.group.pending.contains_key(partition)) {
            return Err(Fault::new(FaultKind::Retriable, "a transaction with offsets is open"));
        }
        let of = |&partition: &Partition| {
            let offset = cluster.group.offsets.get(&partition);
            let metadata = offset.map(|(_, metadata)| metadata.clone()).unwrap_or_default();
            CommittedOffset { partition, next: offset.map(|(next, _)| *next), metadata }
        };
        Ok(partitions.iter().map(of).collect())
    }

    fn extents(&self, partitions: &[Partition], _at_ms: Option<i64>) -> Result<Vec<Extent>, Fault> {
        let cluster = &mut *self.shared.borrow();
        pulse(cluster, &self.life)?;
        cluster.trouble(20, &[FaultKind::Retriable])?;
        if !partitions.iter().all(|partition| cluster.has_leader(Name::Outbound, *partition)) {
            return Err(Fault::new(FaultKind::Retriable, "no leader"));
        }
        let of = |&partition: &Partition| {
            let end = cluster.log.high(Name::Outbound, partition);
            Extent { partition, begin: Offset(0), end, at: None }
        };
        Ok(partitions.iter().map(of).collect())
    }

    fn assign(&self, starts: &[(Partition, Offset)]) -> Result<(), Fault> {
        let cluster = &mut *self.shared.borrow();
        pulse(cluster, &self.life)?;
        cluster.trouble(2, &[FaultKind::Fatal])?;
        *self.fetch.borrow_mut() = starts.iter().copied().collect();
        self.answer_unheard(cluster);
        Ok(())
    }

    fn assign_also(&self, starts: &[(Partition, Offset)]) -> Result<(), Fault> {
        let cluster = &mut *self.shared.borrow();
        pulse(cluster, &self.life)?;
        cluster.trouble(2, &[FaultKind::Fatal])?;
        self.fetch.borrow_mut().extend(starts.iter().copied());
        Ok(())
    }

    fn give_back(&self, partitions: &[Partition]) -> Result<(), Fault> {
        self.fetch.borrow_mut().retain(|partition, _| !partitions.contains(partition));
        let cluster = &mut *self.shared.borrow();
        pulse(cluster, &self.life)?;
        cluster.group.given_back(self.member, partitions);
        self.answer_unheard(cluster);
        Ok(())
    }

    fn begin(&self) -> Result<(), Fault> {
        let cluster = &mut *self.shared.borrow();
        pulse(cluster, &self.life)?;
        cluster.trouble(5, &SUDDEN)?;
        if self.in_transaction.replace(true) {
            return Err(Fault::new(FaultKind::Fatal, "a transaction is open already"));
        }
        let of_late_end = self.has_late_end.get() && self.defence != Defence::NotOfLateEnds;
        let has_given_up = !self.given_up.borrow().is_empty();
        let of_given_up = has_given_up && self.defence != Defence::NotOfGivenUp;
        if of_late_end || of_given_up {
            cluster.note(|| format!("  {:?} replaces its producer", self.id));
            self.replace_producer(cluster);
            self.replacements.set(self.replacements.get() + 1);
        }
        Ok(())
    }

    fn allow(&self, allowed: Allowed<'_, Fetched>) -> Result<(), Fault> {
        let record = allowed.record();
        let bytes = (*record.bytes).clone();
        self.write(Name::Allowed, record.partition, bytes, Some(record.seq))
    }

    fn audit(&self, partition: Partition, entry: &[u8]) -> Result<(), Fault> {
        let decoded = consentgate::wire::audit::decode_entry(entry).unwrap();
        let fetched = self.fetched_at(partition, decoded.offset);
        self.write(Name::Audit, partition, of_value(entry), fetched)
    }

    fn receipt(&self, partition: Partition, record: &[u8]) -> Result<(), Fault> {
        self.write(Name::Receipts, partition, of_value(record), None)
    }

    fn commit(&self, offsets: &[CommitOffset]) -> Result<(), Fault> {
        self.check_membership()?;
        self.commit_unchecked(offsets)
    }

    fn abort(&self) -> Result<(), Fault> {
        let cluster = &mut *self.shared.borrow();
        pulse(cluster, &self.life)?;
        self.txn(cluster)?;
        cluster.trouble(50, &[FaultKind::Fatal])?;
        if cluster.producers.is_prepared(self.id) {
            return Err(Fault::new(FaultKind::Fatal, "a commit is under way"));
        }
        self.end_transaction(cluster, TxnState::Aborted, 250)
    }

    fn replacements(&self) -> u64 {
        self.replacements.get()
    }

    fn receipts(&self, each: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
        let records = {
            let cluster = &mut *self.shared.borrow();
            pulse(cluster, &self.life)?;
            cluster.trouble(20, &[FaultKind::Retriable])?;
            cluster.log.all_committed(Name::Receipts)
        };
        records.iter().for_each(|record| each(record.bytes.value.as_deref().unwrap_or_default()));
        Ok(())
    }
}
