//! A domain in memory, where every call meets every fault, reading and writing.

use gpo_core::{BackupStore, DirectoryWrite, SourceErrorKind, Sysvol, SysvolWrite};
use gpo_engine::{Journal, Source, Stamps, Status, Target, fix_acl, recover};
use gpo_testkit::{Fault, FaultCount, Faults, Faulty, MemoryDomain, MemoryStore, sample};

use crate::SMALLER;
use crate::operation::{Operation, Place, folder};
use crate::snapshot::Snapshot;
use crate::tally::Tally;
use crate::two_writers;

const FAULTS: [Fault; 4] = [
    Fault::Fail(SourceErrorKind::Denied),
    Fault::AnswerLost(SourceErrorKind::TimedOut),
    Fault::ShortWrite,
    Fault::Stop,
];

/// A place in memory.
struct MemoryPlace {
    domain: MemoryDomain,
    state: MemoryStore,
}

impl MemoryPlace {
    fn new(operation: Operation) -> Self {
        let domain = match operation {
            Operation::RestoreIntoVacant => MemoryDomain::default(),
            _ => MemoryDomain::new(sample::domain()),
        };
        Self {
            domain,
            state: MemoryStore::default(),
        }
    }

    fn with<'a>(&'a self, backups: &'a MemoryStore) -> Place<'a> {
        Place {
            target: Target::of(&self.domain),
            backups,
            state: &self.state,
        }
    }

    fn snapshot(&self, operation: Operation) -> Snapshot {
        Snapshot::of(Source::of(&self.domain), operation.gpo())
    }

    /// Rolls back what is left half written; the process that does it may meet faults, too.
    fn recover(&self, faults: &Faults) -> Status {
        let domain = Faulty::new(&self.domain, faults);
        let state = Faulty::new(&self.state, faults);
        let journal = Journal::new(&state, Stamps::system());
        recover(Target::of(&domain), &journal).status
    }

    fn assert_nothing_left(&self, operation: Operation, place: &str) {
        assert_eq!(self.state.backups().unwrap(), [], "{place}: the journal");
        drop(self.domain.lock(operation.gpo()).expect(place));
    }
}

/// The backups for an operation.
fn backups(operation: Operation) -> MemoryStore {
    let backups = MemoryStore::default();
    operation.prepare_backup(MemoryPlace::new(operation).with(&backups));
    backups
}

/// A place as it is before an operation.
fn prepared(operation: Operation) -> MemoryPlace {
    let place = MemoryPlace::new(operation);
    operation.prepare(Target::of(&place.domain));
    place
}

/// The operation without a fault: what is there before and after, and how many calls it takes.
fn dry_pass(operation: Operation, kind: &'static str, backups: &MemoryStore) -> Tally {
    let place = prepared(operation);
    let old = place.snapshot(operation);
    let none = Faults::none();
    let ended = operation.run(place.with(backups), &none);
    assert!(!ended.failed, "{operation:?}: {:?}", ended.messages);
    let new = place.snapshot(operation);
    place.assert_nothing_left(operation, "without a fault");
    if operation != Operation::FixAcl {
        new.assert_agrees(Source::of(&place.domain), operation.gpo());
    }
    Tally::new(operation, kind, (old, new), none.calls())
}

fn every_call_meets_each_fault(operation: Operation) {
    let backups = backups(operation);
    let kind = "each call fails or is the last, in memory";
    let mut tally = dry_pass(operation, kind, &backups);
    for (fault, call) in tally.each_call(&FAULTS) {
        let named = tally.place(fault, call);
        let place = prepared(operation);
        let faults = Faults::at(call, fault);
        let ended = operation.run(place.with(&backups), &faults);
        assert!(faults.calls() > call, "{named}: it never came");
        if fault == Fault::Stop {
            assert_ne!(place.recover(&Faults::none()), Status::Failed, "{named}");
        }
        let is_new = tally.note(&place.snapshot(operation), &named);
        Tally::check_told(is_new, &ended, &named);
        place.assert_nothing_left(operation, &named);
    }
    tally.finish(&FAULTS);
}

#[test]
fn restores() {
    use Operation::{Restore, RestoreDeleted, RestoreIntoVacant, RestoreWithLinks};
    for operation in [Restore, RestoreDeleted, RestoreIntoVacant, RestoreWithLinks] {
        every_call_meets_each_fault(operation);
    }
}

#[test]
fn imports_and_copies() {
    use Operation::{Copy, Import, ImportArea, ImportNew};
    for operation in [Import, ImportArea, ImportNew, Copy] {
        every_call_meets_each_fault(operation);
    }
}

#[test]
fn smaller_operations() {
    for operation in SMALLER {
        every_call_meets_each_fault(operation);
    }
}

/// Who dies while he rolls back leaves it to the next one. `FixAcl` is a single call, without a
/// journal.
#[test]
fn a_recovery_that_dies_can_be_done_again() {
    for operation in Operation::ALL
        .into_iter()
        .filter(|o| *o != Operation::FixAcl)
    {
        let backups = backups(operation);
        let mut tally = dry_pass(
            operation,
            "its recovery dies at each call, in memory",
            &backups,
        );
        // After all has been written, while the old state is still kept.
        let last_write = {
            let place = prepared(operation);
            let none = Faults::none().writes_only();
            operation.run(place.with(&backups), &none);
            none.calls() - 1
        };
        let died = || {
            let place = prepared(operation);
            let faults = Faults::at(last_write, Fault::Stop).writes_only();
            operation.run(place.with(&backups), &faults);
            assert_ne!(place.state.backups().unwrap(), [], "{operation:?}");
            place
        };
        let none = Faults::none();
        assert_ne!(died().recover(&none), Status::Failed);
        let calls = none.calls();
        for call in 0..calls {
            let place = died();
            place.recover(&Faults::at(call, Fault::Stop));
            let named = format!("{operation:?}: recovery died at call {call} of {calls}");
            assert_ne!(place.recover(&Faults::none()), Status::Failed, "{named}");
            assert!(!tally.note(&place.snapshot(operation), &named), "{named}");
            place.assert_nothing_left(operation, &named);
        }
        println!("{}", tally.count(calls));
    }
}

#[test]
fn two_writers_of_one_gpo() {
    for operation in Operation::ALL {
        if operation != Operation::RestoreIntoVacant {
            let (backups, place) = (backups(operation), prepared(operation));
            let other = Target::of(&place.domain);
            two_writers::the_second_is_refused(operation, place.with(&backups), other);
        }
    }
    let (backups, place) = (MemoryStore::default(), prepared(Operation::Delete));
    let other = Target::of(&place.domain);
    two_writers::a_plan_for_another_state_is_refused(place.with(&backups), other);
}

/// Descriptors are fixed one GPO after the other, without a journal: what fails between two leaves
/// the first as they should be and the others as they were, and the next run fixes the rest.
#[test]
fn descriptors_that_were_not_fixed_are_fixed_by_the_next_run() {
    let ids = [1, 2, 3].map(|n| sample::container(n).id);
    let prepared = || {
        let domain = MemoryDomain::new(sample::domain());
        for (n, id) in (1..).zip(ids) {
            domain.put_container(&sample::container(n)).unwrap();
            let ini = folder(id).join("GPT.INI").unwrap();
            domain.edit_sysvol(|sysvol| sysvol.put_file(&ini, "[General]\r\n").unwrap());
        }
        domain
    };
    let fix = |domain: &MemoryDomain, faults: &Faults| {
        let domain = Faulty::new(domain, faults);
        let mut ids = ids.iter();
        ids.try_for_each(|id| fix_acl(Target::of(&domain), *id).map(drop))
    };
    let descriptors =
        |domain: &MemoryDomain| ids.map(|id| domain.descriptor(&folder(id)).unwrap().unwrap());
    let (domain, none) = (prepared(), Faults::none());
    let old = descriptors(&domain);
    fix(&domain, &none).unwrap();
    let (new, calls) = (descriptors(&domain), none.calls());
    let mut count = FaultCount {
        operation: "FixAcl of three GPOs".into(),
        kind: "each call fails or is the last, in memory".into(),
        points: FAULTS.len() as u64 * calls,
        ..FaultCount::default()
    };
    for (fault, call) in FAULTS
        .iter()
        .flat_map(|f| (0..calls).map(move |call| (*f, call)))
    {
        let named = format!("{fault:?} at call {call} of {calls}");
        let (domain, faults) = (prepared(), Faults::at(call, fault));
        fix(&domain, &faults).expect_err(&named);
        assert!(faults.calls() > call, "{named}: it never came");
        let found = descriptors(&domain);
        let fixed = (0..ids.len()).take_while(|n| found[*n] == new[*n]).count();
        assert_eq!(found[fixed..], old[fixed..], "{named}");
        count.note(fixed == ids.len());
        fix(&domain, &Faults::none()).expect(&named);
        assert_eq!(descriptors(&domain), new, "{named}");
    }
    assert_eq!(count.fired, count.points, "{count}");
    assert!(count.old > 0 && count.new > 0, "{count}");
    println!("{count}");
}
