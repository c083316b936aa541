//! What came of the faults, counted.

use std::fmt;

use gpo_testkit::Fault;

use crate::operation::{Ended, Operation};
use crate::snapshot::Snapshot;

/// The GPO before and after an operation that meets no fault, and how often either was found
/// after one that does.
pub(crate) struct Tally {
    operation: Operation,
    old: Snapshot,
    new: Snapshot,
    calls: u64,
    points: u64,
    was_old: u64,
    was_new: u64,
}

impl Tally {
    pub(crate) fn new(operation: Operation, old: Snapshot, new: Snapshot, calls: u64) -> Self {
        assert_ne!(old, new, "{operation:?}");
        Self {
            operation,
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
        assert_eq!(self.points, faults.len() as u64 * self.calls, "{self}");
        assert!(self.was_old > 0 && self.was_new > 0, "{self}");
        println!("{self}");
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            operation,
            calls,
            points,
            was_old,
            was_new,
            ..
        } = self;
        write!(
            f,
            "{operation:?}: {calls} calls, {points} faults: {was_old} old, {was_new} new"
        )
    }
}
