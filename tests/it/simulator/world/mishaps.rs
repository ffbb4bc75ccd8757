//! Whatever goes wrong in a run, and how it ends.
//!
//! Nothing here may break a promise: that is what the laws are for.

use std::rc::Rc;

use consentgate::consent::{Offset, Partition};

use super::{Process, World};
use crate::simulator::cluster::{EndsTrouble, Why};
use crate::simulator::log::Name;
use crate::simulator::producers::ProducerId;

impl World {
    /// What is dead and not in the middle of anything is taken away; its sessions end later.
    pub(super) fn bury(&self) {
        let is_gone = |process: &Rc<Process>| !process.life.get() && process.is_between_steps();
        let gone: Vec<_> = self.processes.borrow_mut().extract_if(.., |p| is_gone(p)).collect();
        for process in gone {
            for slot in &process.lanes {
                let member = slot.borrow_mut().take().map(|running| running.member);
                self.expiring.borrow_mut().extend(member);
            }
        }
    }

    /// A session ends.
    pub(super) fn expire(&self) {
        if let Some(member) = self.expiring.borrow_mut().pop() {
            self.note(|| format!("the session of {member:?} ends"));
            self.shared().borrow().group.leave(member);
        }
    }

    /// kill -9, wherever the process is.
    pub(super) fn kill(&self) {
        if let Some(process) = self.any() {
            self.note(|| format!("gate-{} is killed", process.gate));
            self.count(|mishaps| mishaps.killed += 1);
            process.life.set(false);
        }
    }

    /// A process stands still so long that group and supervisor give it up, and then goes on: another
    /// one of the same name works beside it.
    pub(super) fn freeze(&self) {
        let Some(process) = self.any().filter(|process| !process.is_zombie.get()) else {
            return;
        };
        self.note(|| format!("gate-{} is given up and goes on", process.gate));
        self.count(|mishaps| mishaps.frozen += 1);
        process.is_zombie.set(true);
        for slot in &process.lanes {
            if let Ok(slot) = slot.try_borrow()
                && let Some(running) = &*slot
            {
                self.shared().borrow().group.throw_out(running.member);
            }
        }
    }

    /// A gate is stopped in order: what is decided is committed.
    pub(super) fn stop(&self) {
        let Some(process) = self.any().filter(|process| process.is_between_steps()) else {
            return;
        };
        self.note(|| format!("gate-{} is stopped in order", process.gate));
        self.count(|mishaps| mishaps.stopped += 1);
        for slot in &process.lanes {
            if let Some(mut running) = slot.borrow_mut().take() {
                self.find_broken(running.lane.finish());
                self.shared().borrow().group.leave(running.member);
            }
        }
        process.life.set(false);
    }

    pub(super) fn throw_out(&self) {
        let Some(process) = self.any() else {
            return;
        };
        let number = self.shared().below(process.lanes.len());
        if let Ok(slot) = process.lanes[number].try_borrow()
            && let Some(running) = &*slot
        {
            self.note(|| format!("{} is thrown out", running.name));
            self.count(|mishaps| mishaps.thrown_out += 1);
            self.shared().borrow().group.throw_out(running.member);
        }
    }

    /// Transactions of lanes that are gone come to their end.
    pub(super) fn coordinate(&self) {
        let processes = self.processes.borrow();
        let is_gone = |id: ProducerId| {
            !processes.iter().any(|process| {
                let slot = process.lanes.get(id.lane as usize);
                process.gate == id.gate
                    && slot.is_some_and(|slot| slot.try_borrow().map_or(true, |s| s.is_some()))
            })
        };
        self.shared().borrow().coordinate(is_gone);
    }

    pub(super) fn change_ends_trouble(&self) {
        use EndsTrouble::{Error, Missing, Regress, Silent};
        let kind = [Silent, Missing, Error, Regress][self.shared().below(4)];
        let cluster = &mut *self.shared().borrow();
        if cluster.ends.is_none() {
            cluster.ends = Some(kind);
            cluster.note(|| format!("log ends: {kind:?}"));
            cluster.open_window(Why::Ends);
        }
    }

    pub(super) fn change_leader(&self) {
        let cluster = &mut *self.shared().borrow();
        if cluster.leaderless.is_empty() {
            let name = Name::ALL[cluster.pick(Name::ALL.len())];
            let width = usize::try_from(cluster.log.width(name)).unwrap();
            let partition = Partition(i32::try_from(cluster.pick(width)).unwrap());
            cluster.change_leader(name, partition);
        }
    }

    /// What is wrong does not last as long as what is right.
    pub(super) fn mend(&self) {
        self.common.writers.borrow_mut().mend();
        if let Some(process) = self.any() {
            process.clock.set_back(0);
            if process.is_zombie.get() {
                process.life.set(false);
            }
        }
        let cluster = &mut *self.shared().borrow();
        if cluster.ends.take().is_some() {
            cluster.close_windows(|why| why == Why::Ends);
        } else if let Some((name, partition)) = cluster.leaderless.first().copied() {
            cluster.change_leader(name, partition);
        }
    }

    /// A partition of the log of record is cut short, or made again.
    pub(super) fn cut(&self) {
        let cluster = &mut *self.shared().borrow();
        let partition = Partition(i32::try_from(cluster.pick(2)).unwrap());
        let (name, high) = (Name::Events, cluster.log.high(Name::Events, partition));
        let is_open = cluster.log.stable(name, partition) < high;
        if is_open || high.0 < 4 || cluster.is_cut_unseen(name, partition) {
            return;
        }
        let high = usize::try_from(high.0).unwrap();
        let keep = if cluster.chance(50) { 0 } else { high - 1 - cluster.pick(3) };
        cluster.note(|| format!("{name:?} {partition} is cut from {high} to {keep}"));
        let seq = cluster.next_seq();
        cluster.log.cut(name, partition, keep, seq);
        let end = Offset(i64::try_from(keep).unwrap());
        self.common.writers.borrow_mut().forget(cluster, partition, end);
    }

    /// A gate's wall clock is set back, or right again.
    pub(super) fn set_a_clock(&self) {
        if let Some(process) = self.any() {
            let back_ms = [0, 0, 700, 33_000, 90_000][self.shared().below(5)];
            self.note(|| format!("the clock of gate-{} is {back_ms} ms behind", process.gate));
            self.count(|mishaps| mishaps.clocks += 1);
            process.clock.set_back(back_ms);
        }
    }
}
