//! One poll of a lane: first what is no record, then a batch.
//!
//! A rebalance is told before anything is taken, so no batch has to be given back. A record that did
//! not come by its partition's queue ends the lane: it would be read out of order.

use std::time::{Duration, Instant};

use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;

use super::{Exchange, LaneClients, Record};
use crate::kafka::context::Change;
use crate::kafka::fault::fault_of;
use crate::kafka::native::NativeMessage;
use crate::stream::ports::{LaneEvent, PollLimits, Revocation};
use crate::stream::{Fault, FaultKind};

/// How long one poll waits while a batch is being collected. Not less: the client counts in whole
/// milliseconds and would spin.
const COLLECT_STEP: Duration = Duration::from_millis(1);

impl LaneClients {
    pub(super) fn poll_batch<'a>(
        &'a self,
        limits: PollLimits,
        batch: &mut Vec<Record<'a>>,
    ) -> Result<LaneEvent, Fault> {
        self.writer.serve();
        self.serve_group()?;
        if let Some(change) = self.next_change() {
            return Ok(change);
        }
        let mut wait = limits.first;
        let mut empty_since: Option<Instant> = None;
        while batch.len() < limits.records {
            // A poll that waits asks for one record: it would wait until it has all.
            let mut taken = self.take(wait, 1, batch)?;
            taken += self.take(Duration::ZERO, limits.records - batch.len(), batch)?;
            let is_over = |since: &mut Instant| since.elapsed() >= limits.collect;
            if batch.is_empty()
                || taken == 0 && is_over(empty_since.get_or_insert_with(Instant::now))
            {
                break;
            }
            wait = COLLECT_STEP;
        }
        Ok(LaneEvent::Records)
    }

    fn next_change(&self) -> Option<LaneEvent> {
        let consumer = self.consumer.consumer();
        Some(match consumer.context().next_change()? {
            Change::Assign(partitions) => LaneEvent::Assigned(partitions),
            Change::Revoke(partitions, _) if consumer.assignment_lost() => {
                LaneEvent::Revoked(partitions, Revocation::Lost)
            }
            Change::Revoke(partitions, how) => LaneEvent::Revoked(partitions, how),
        })
    }

    /// Serves what is no record: rebalances, errors, log lines.
    pub(super) fn serve_group(&self) -> Result<(), Fault> {
        while let Some(served) = self.consumer.consumer().poll(Duration::ZERO) {
            match served {
                Err(error) => self.judge_poll(&error)?,
                // It would be read out of order, so the lane is built anew and reads it again.
                Ok(_) => {
                    let what = "a record came past the queue of its partition";
                    return Err(Fault::new(FaultKind::Fatal, what));
                }
            }
        }
        Ok(())
    }

    /// Takes up to `max` more records, waiting for so many as long as `wait`.
    fn take<'a>(
        &'a self,
        wait: Duration,
        max: usize,
        batch: &mut Vec<Record<'a>>,
    ) -> Result<usize, Fault> {
        let mut failed = None;
        let taken = self.consumer.poll(wait, max, |polled| match polled {
            Ok(message) if !self.is_new(&message) => {}
            Ok(message) => {
                batch.push(Record::new(message, self.message_bytes_max, &self.oversize));
            }
            Err(error) => failed = self.judge_poll(&error).err().or(failed.take()),
        });
        failed.map_or(Ok(taken), Err)
    }

    /// Whether a record is for the lane. Where all partitions change hands together, librdkafka brings
    /// none that is not.
    fn is_new(&self, message: &NativeMessage<'_>) -> bool {
        match self.exchange {
            Exchange::Whole => true,
            Exchange::Piecewise => self.fetched.takes(message.partition(), message.offset()),
        }
    }

    /// Whether an error of a poll ends the lane. What librdkafka mends by itself does not.
    fn judge_poll(&self, error: &KafkaError) -> Result<(), Fault> {
        let fault = fault_of("polling the outbound topic", error);
        if fault.kind == FaultKind::Retriable {
            tracing::warn!(%fault, "lane.poll");
            return Ok(());
        }
        Err(fault)
    }
}
