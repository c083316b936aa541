//! What came of the faults, counted.

use gpo_testkit::{Fault, FaultCount};

use crate::operation::{Ended, Operation};
use crate::snapshot::Snapshot;

/// The GPO before and after an operation that meets no fault, and how often either was found
/// after one that does.
pub(crate) struct Tally {
    operation: Operation,
    kind: &'static str,
    old: Snapshot,
    new: Snapshot,
    calls: u64,
    points: u64,
    was_old: u64,
    was_new: u64,
}

impl Tally {
    /// `kind` is what befalls it, and where.
    pub(crate) fn new(
        operation: Operation,
        kind: &'static str,
        (old, new): (Snapshot, Snapshot),
        calls: u64,
    ) -> Self {
        assert_ne!(old, new, "{operation:?}");
        Self {
            operation,
            kind,
            old,
            new,
            calls,
            points: 0,
            was_old: 0,
            was_new: 0,
        }
    }

    /// Every call, with each of these faults.
    pub(crate) fn each_call<'a>(
        &self,
        faults: &'a [Fault],
    ) -> impl Iterator<Item = (Fault, u64)> + use<'a> {
        let calls = self.calls;
        faults
            .iter()
            .flat_map(move |fault| (0..calls).map(|call| (*fault, call)))
    }

    pub(crate) fn place(&self, fault: Fault, call: u64) -> String {
        let Self {
            operation, calls, ..
        } = self;
        format!("{operation:?}, {fault:?} at call {call} of {calls}")
    }

    /// Notes what is there after a fault, which is the old GPO or the new one; says whether it is
    /// the new one.
    pub(crate) fn note(&mut self, found: &Snapshot, place: &str) -> bool {
        self.points += 1;
        let is_new = *found == self.new;
        if is_new {
            self.was_new += 1;
        } else {
            assert_eq!(*found, self.old.in_the_domain_of(found), "{place}");
            self.was_old += 1;
        }
        is_new
    }

    /// Looks whether what an operation said is what came of it.
    pub(crate) fn check_told(is_new: bool, ended: &Ended, place: &str) {
        if !is_new {
            assert!(ended.failed, "{place}: it told of no failure");
            let mut messages = ended.messages.iter();
            assert!(
                messages.any(|text| text.starts_with("error") || text.contains("injected")),
                "{place}: {:?}",
                ended.messages
            );
        }
    }

    /// Every call met each fault, and both outcomes came up.
    pub(crate) fn finish(self, faults: &[Fault]) {
        let count = self.count(faults.len() as u64 * self.calls);
        assert_eq!(count.fired, count.points, "{count}");
        assert!(count.old > 0 && count.new > 0, "{count}");
        println!("{count}");
    }

    /// What was noted, of so many faults that were to come.
    pub(crate) fn count(&self, points: u64) -> FaultCount {
        FaultCount {
            operation: format!("{:?}", self.operation),
            kind: self.kind.into(),
            points,
            fired: self.points,
            old: self.was_old,
            new: self.was_new,
        }
    }
}
