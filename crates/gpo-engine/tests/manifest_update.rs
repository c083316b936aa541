//! Updating a manifest: what it does to a manifest, and that nobody loses an entry by it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

mod common;

use std::any::Any;
use std::sync::{Condvar, Mutex};

use common::{commit, inst, tree, tree_of};
use gpo_core::{
    BackupFolder, BackupId, BackupInst, BackupStore, BackupStoreWrite, Contents, GpoPath, Manifest,
    SourceError, SourceErrorKind, StagedBackup, TreeWriter,
};
use gpo_engine::ManifestUpdate;
use gpo_testkit::{MemoryStore, MemoryTree};

/// Adds backups of these numbers in one run.
fn back_up(store: &dyn BackupStoreWrite, numbers: &[u32]) {
    let mut update = ManifestUpdate::begin(store).unwrap();
    let insts: Vec<_> = numbers.iter().map(|&n| inst(n)).collect();
    for inst in &insts {
        commit(store, inst);
    }
    update.add(&insts.iter().collect::<Vec<_>>()).unwrap();
}

fn delete(store: &dyn BackupStoreWrite, n: u32) {
    let mut update = ManifestUpdate::begin(store).unwrap();
    let id = inst(n).id;
    update.remove(id).unwrap();
    store
        .remove(&BackupFolder {
            path: id.to_string(),
        })
        .unwrap();
    update.remove(id).unwrap();
}

fn manifest(store: &dyn BackupStore) -> Manifest {
    Manifest::parse(&store.manifest("").unwrap().expect("a manifest")).unwrap()
}

/// The numbers of the entries, in their order.
fn listed(store: &dyn BackupStore) -> Vec<u32> {
    let number = |inst: &BackupInst| inst.display_name[4..].parse().unwrap();
    manifest(store)
        .entries
        .iter()
        .map(|entry| number(&entry.inst))
        .collect()
}

#[test]
fn the_last_planned_comes_first() {
    let store = MemoryStore::default();
    back_up(&store, &[1, 2, 3]);
    back_up(&store, &[5, 4]);
    assert_eq!(listed(&store), [4, 5, 3, 2, 1]);
    let own: Vec<_> = [4, 5, 3, 2, 1].into_iter().map(inst).collect();
    let found: Vec<_> = manifest(&store)
        .entries
        .into_iter()
        .map(|e| e.inst)
        .collect();
    assert_eq!(found, own);
}

#[test]
fn entries_that_another_run_made_get_the_order_of_the_plan() {
    let store = MemoryStore::default();
    let mut update = ManifestUpdate::begin(&store).unwrap();
    for n in [2, 1] {
        commit(&store, &inst(n));
    }
    back_up(&store, &[3]);
    assert_eq!(listed(&store), [3, 2, 1], "the order of their times");
    update.add(&[&inst(2), &inst(1)]).unwrap();
    assert_eq!(listed(&store), [3, 1, 2]);
}

#[test]
fn an_entry_goes_with_its_backup() {
    let store = MemoryStore::default();
    back_up(&store, &[1, 2, 3]);
    delete(&store, 2);
    assert_eq!(listed(&store), [3, 1]);
}

#[test]
fn without_an_entry_to_take_out_nothing_is_written() {
    let store = MemoryStore::default();
    commit(&store, &inst(1));
    delete(&store, 1);
    assert!(store.manifest("").unwrap().is_none());
}

#[test]
fn a_folder_without_entry_gets_one_at_the_place_of_its_time() {
    let store = MemoryStore::default();
    back_up(&store, &[1, 3, 5]);
    for n in [0, 2, 4, 6] {
        commit(&store, &inst(n));
    }
    back_up(&store, &[7]);
    assert_eq!(listed(&store), [7, 6, 5, 4, 3, 2, 1, 0]);
}

#[test]
fn folders_that_are_no_backup_of_their_name_are_left_alone() {
    let store = MemoryStore::default();

    store.put_backup("renamed", tree(&inst(8)));
    store.put_backup(&inst(9).id.to_string(), tree(&inst(8)));
    store.put_backup(
        &inst(10).id.to_string(),
        tree_of("bkupInfo.xml", "<damaged"),
    );
    store.put_backup(&inst(11).id.to_string(), MemoryTree::default());
    back_up(&store, &[1]);
    assert_eq!(listed(&store), [1]);
}

#[test]
fn entries_whose_folder_was_never_there_stay() {
    let store = MemoryStore::default();
    let mut stale = Manifest::default();
    stale.insert(inst(1));
    store.put_manifest("", stale.to_bytes().unwrap());
    back_up(&store, &[2]);
    assert_eq!(listed(&store), [2, 1]);
}

#[test]
fn what_is_no_manifest_is_left_as_it_is() {
    let store = MemoryStore::default();
    store.put_manifest("", "<Backups>damaged");
    let mut update = ManifestUpdate::begin(&store).unwrap();
    commit(&store, &inst(1));
    let error = update.add(&[&inst(1)]).unwrap_err();
    assert_eq!(error.kind(), SourceErrorKind::Invalid);
    assert!(
        error
            .to_string()
            .contains("makes a new one from the folders"),
        "{error}"
    );
    assert_eq!(store.manifest("").unwrap().unwrap(), b"<Backups>damaged");
}

/// Two processes take turns at a store, so many calls each time; in the end, each when the other
/// is done.
struct Turns {
    schedule: [u32; 4],
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    calls: u32,
    ended: [bool; 2],
}

impl Turns {
    fn is_turn(&self, state: &State, process: usize) -> bool {
        let mut end = 0;
        let turn = self.schedule.iter().position(|calls| {
            end += calls;
            state.calls < end
        });
        turn.unwrap_or(self.schedule.len()) % 2 == process || state.ended[1 - process]
    }

    fn call<T>(&self, process: usize, call: impl FnOnce() -> T) -> T {
        let state = self.state.lock().unwrap();
        let wait = |state: &mut State| !self.is_turn(state, process);
        let mut state = self.changed.wait_while(state, wait).unwrap();
        let result = call();
        state.calls += 1;
        self.changed.notify_all();
        result
    }

    fn end(&self, process: usize) {
        self.state.lock().unwrap().ended[process] = true;
        self.changed.notify_all();
    }
}

/// A store as one of the processes sees it.
struct Process<'a> {
    number: usize,
    turns: &'a Turns,
    store: &'a MemoryStore,
}

impl Process<'_> {
    fn call<T>(&self, call: impl FnOnce(&MemoryStore) -> T) -> T {
        self.turns.call(self.number, || call(self.store))
    }
}

impl BackupStore for Process<'_> {
    fn backups(&self) -> Result<Vec<BackupFolder>, SourceError> {
        self.call(BackupStore::backups)
    }

    fn open(&self, folder: &BackupFolder) -> Result<Box<dyn Contents + '_>, SourceError> {
        self.turns.call(self.number, || self.store.open(folder))
    }

    fn manifest(&self, folder: &str) -> Result<Option<Vec<u8>>, SourceError> {
        self.call(|store| store.manifest(folder))
    }
}

impl BackupStoreWrite for Process<'_> {
    fn stage(&self, id: BackupId) -> Result<Box<dyn StagedBackup + '_>, SourceError> {
        Ok(Box::new(Staged {
            process: self,
            backup: self.store.stage(id)?,
        }))
    }

    fn folder_names(&self) -> Result<Vec<String>, SourceError> {
        self.call(BackupStoreWrite::folder_names)
    }

    fn lock_manifest(&self) -> Result<Option<Box<dyn Any + Send>>, SourceError> {
        Ok(None)
    }

    fn replace_manifest(&self, bytes: &[u8]) -> Result<(), SourceError> {
        self.call(|store| store.replace_manifest(bytes))
    }

    fn remove(&self, folder: &BackupFolder) -> Result<(), SourceError> {
        self.call(|store| store.remove(folder))
    }
}

/// Writing a backup is out of sight of others; giving it its place is not.
struct Staged<'a> {
    process: &'a Process<'a>,
    backup: Box<dyn StagedBackup + 'a>,
}

impl TreeWriter for Staged<'_> {
    fn create_folder(&mut self, path: &GpoPath) -> Result<(), SourceError> {
        self.backup.create_folder(path)
    }

    fn create_file(&mut self, path: &GpoPath) -> Result<(), SourceError> {
        self.backup.create_file(path)
    }

    fn append(&mut self, data: &[u8]) -> Result<(), SourceError> {
        self.backup.append(data)
    }
}

impl StagedBackup for Staged<'_> {
    fn commit(self: Box<Self>) -> Result<(), SourceError> {
        self.process.call(|_| self.backup.commit())
    }
}

/// All ways to interrupt two runs of some ten calls up to three times.
fn schedules() -> impl Iterator<Item = [u32; 4]> {
    let calls = 0..11u32;
    calls.clone().flat_map(move |a| {
        let calls = calls.clone();
        calls
            .clone()
            .flat_map(move |b| calls.clone().map(move |c| [a, b, c, 99]))
    })
}

type Action = fn(&dyn BackupStoreWrite);

#[test]
fn between_two_processes_nothing_is_lost_and_nothing_returns() {
    let add_2: Action = |store| back_up(store, &[2]);
    let add_3: Action = |store| back_up(store, &[3]);
    let delete_1: Action = |store| delete(store, 1);
    let delete_0: Action = |store| delete(store, 0);
    for (name, actions, left) in [
        ("two backups", [add_2, add_3], vec![0, 1, 2, 3]),
        ("a backup and a deletion", [add_2, delete_1], vec![0, 2]),
        ("two deletions", [delete_0, delete_1], vec![]),
    ] {
        for schedule in schedules() {
            let store = MemoryStore::default();
            back_up(&store, &[0, 1]);
            let turns = Turns {
                schedule,
                state: Mutex::default(),
                changed: Condvar::new(),
            };
            std::thread::scope(|scope| {
                for (number, action) in actions.into_iter().enumerate() {
                    let (turns, store) = (&turns, &store);
                    scope.spawn(move || {
                        action(&Process {
                            number,
                            turns,
                            store,
                        });
                        turns.end(number);
                    });
                }
            });
            let mut listed = listed(&store);
            listed.sort_unstable();
            assert_eq!(listed, left, "{name}, schedule {schedule:?}");
        }
    }
}
