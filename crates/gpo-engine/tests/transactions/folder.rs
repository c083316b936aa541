//! A domain in a folder, where every call that writes fails, and where the process dies at each.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output};
use std::{env, fs};

use gpo_core::{DirectoryWrite, SourceErrorKind};
use gpo_engine::{Journal, Source, Stamps, Status, Target, recover};
use gpo_local::{FolderDomain, FolderStore};
use gpo_testkit::{Fault, Faults, sample};
use tempfile::TempDir;

use crate::SMALLER;
use crate::operation::{Ended, Operation, Place};
use crate::snapshot::Snapshot;
use crate::tally::Tally;
use crate::two_writers;

const FAULTS: [Fault; 3] = [
    Fault::Fail(SourceErrorKind::Denied),
    Fault::AnswerLost(SourceErrorKind::TimedOut),
    Fault::Die,
];

/// Tells a process that it is the one to die: the operation, the call, the folder.
const CHILD: &str = "GPO_TRANSACTION_CHILD";

/// The signal of `abort`.
const SIGABRT: i32 = 6;

/// A folder with the domain, the backups and the journal, each in its own.
struct Folders {
    domain: FolderDomain,
    backups: FolderStore,
    state: FolderStore,
}

impl Folders {
    fn open(folder: &Path) -> Self {
        let [domain, backups, state] = ["domain", "backups", "state"].map(|name| {
            let folder = folder.join(name);
            fs::create_dir_all(&folder).unwrap();
            folder
        });
        Self {
            domain: FolderDomain::open(domain).unwrap(),
            backups: FolderStore::open(backups).unwrap(),
            state: FolderStore::open(state).unwrap(),
        }
    }

    fn place(&self) -> Place<'_> {
        Place {
            target: Target::of(&self.domain),
            backups: &self.backups,
            state: &self.state,
        }
    }

    fn run(&self, operation: Operation, faults: &Faults) -> Ended {
        operation.run(self.place(), faults)
    }

    fn snapshot(&self, operation: Operation) -> Snapshot {
        Snapshot::of(Source::of(&self.domain), operation.gpo())
    }
}

/// The folder as it is before an operation.
fn prepared(operation: Operation) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let folders = Folders::open(folder.path());
    if operation != Operation::RestoreIntoVacant {
        let (domain, principals) = (sample::domain(), sample::principals());
        folders.domain.create_domain(&domain, &principals).unwrap();
    }
    operation.prepare_backup(folders.place());
    operation.prepare(folders.place().target);
    folder
}

/// Every file and folder below one, by its path.
fn tree(folder: &Path) -> BTreeMap<String, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let below = path.strip_prefix(folder).unwrap().to_str().unwrap().into();
            found.insert(below, fs::read(&path).ok());
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    found
}

fn copy(from: &Path) -> TempDir {
    let to = tempfile::tempdir().unwrap();
    // In the order of their paths, a folder before what is in it.
    for (path, content) in tree(from) {
        let path = to.path().join(path);
        match content {
            None => fs::create_dir_all(path).unwrap(),
            Some(bytes) => fs::write(path, bytes).unwrap(),
        }
    }
    to
}

/// Runs an operation in a process of its own that dies at a call.
fn run_and_die(operation: Operation, call: u64, folder: &Path) -> Output {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "folder::process_that_dies", "--ignored"])
        .arg("--test-threads=1")
        .env(CHILD, format!("{operation:?} {call} {}", folder.display()))
        .output()
        .unwrap()
}

#[test]
#[ignore = "it is run by the other tests of this file, as a process that is to die"]
fn process_that_dies() {
    let Ok(task) = env::var(CHILD) else { return };
    let [operation, call, folder] = task.splitn(3, ' ').collect::<Vec<_>>()[..] else {
        panic!("{task}");
    };
    let operation = Operation::named(operation);
    let faults = Faults::at(call.parse().unwrap(), Fault::Die).writes_only();
    Folders::open(Path::new(folder)).run(operation, &faults);
}

/// Nothing but the domain and its backups is there, and the domain has the parts it had.
fn assert_nothing_left(folder: &Path, place: &str) {
    let left: Vec<_> = tree(folder).into_keys().collect();
    let hidden = |path: &&String| path.split('/').any(|name| name.starts_with('.'));
    assert_eq!(left.iter().find(hidden), None, "{place}");
    let journal = |path: &&String| path.starts_with("state/");
    assert_eq!(left.iter().find(journal), None, "{place}");
}

fn every_write_fails_and_is_the_last(operation: Operation) {
    let before = prepared(operation);
    let old = Folders::open(before.path()).snapshot(operation);
    let done = copy(before.path());
    let folders = Folders::open(done.path());
    let none = Faults::none().writes_only();
    let ended = folders.run(operation, &none);
    assert!(!ended.failed, "{operation:?}: {:?}", ended.messages);
    let new = folders.snapshot(operation);
    new.assert_agrees(folders.place().target.source(), operation.gpo());
    assert_nothing_left(done.path(), "without a fault");
    let kind = "each write fails or is the last, in a folder";
    let mut tally = Tally::new(operation, kind, (old, new), none.calls());
    for (fault, call) in tally.each_call(&FAULTS) {
        let named = tally.place(fault, call);
        let folder = copy(before.path());
        let folders = Folders::open(folder.path());
        let mut ended = None;
        if fault == Fault::Die {
            let output = run_and_die(operation, call, folder.path());
            assert_eq!(output.status.signal(), Some(SIGABRT), "{named}: {output:?}");
        } else {
            let faults = Faults::at(call, fault).writes_only();
            ended = Some(folders.run(operation, &faults));
            assert!(faults.calls() > call, "{named}: it never came");
        }
        // A failure leaves nothing to recover, or is made good by it.
        let journal = Journal::new(&folders.state, Stamps::system());
        let recovered = recover(folders.place().target, &journal);
        assert_ne!(recovered.status, Status::Failed, "{named}: {recovered:?}");
        let is_new = tally.note(&folders.snapshot(operation), &named);
        if let Some(ended) = ended {
            assert_eq!(recovered.value, [], "{named}: it was not rolled back");
            Tally::check_told(is_new, &ended, &named);
        }
        assert_nothing_left(folder.path(), &named);
    }
    tally.finish(&FAULTS);
}

#[test]
fn restores() {
    use Operation::{Restore, RestoreDeleted, RestoreIntoVacant, RestoreWithLinks};
    for operation in [Restore, RestoreDeleted, RestoreIntoVacant, RestoreWithLinks] {
        every_write_fails_and_is_the_last(operation);
    }
}

#[test]
fn imports_and_copies() {
    use Operation::{Copy, Import, ImportArea, ImportNew};
    for operation in [Import, ImportArea, ImportNew, Copy] {
        every_write_fails_and_is_the_last(operation);
    }
}

/// A folder has no descriptors of SYSVOL that could be repaired.
#[test]
fn smaller_operations() {
    for operation in SMALLER.into_iter().filter(|o| *o != Operation::FixAcl) {
        every_write_fails_and_is_the_last(operation);
    }
}

#[test]
fn two_writers_of_one_gpo() {
    for operation in [Operation::Restore, Operation::Copy, Operation::Rename] {
        let folder = prepared(operation);
        let [own, other] = [(); 2].map(|()| Folders::open(folder.path()));
        two_writers::the_second_is_refused(operation, own.place(), other.place().target);
    }
    let folder = prepared(Operation::Delete);
    let [own, other] = [(); 2].map(|()| Folders::open(folder.path()));
    two_writers::a_plan_for_another_state_is_refused(own.place(), other.place().target);
}
