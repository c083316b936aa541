//! Updating a manifest: what it does to a manifest, and that nobody loses an entry by it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

mod common;

use std::any::Any;
use std::sync::{Arc, Condvar, Mutex};

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

/// Processes take turns at a store, each call in the order that is told; who is done, or waits for the
/// lock, is passed over.
struct Turns {
    order: Vec<usize>,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    calls: usize,
    running: Vec<bool>,
    /// Who waits for the lock, and who has it.
    waiting: Vec<bool>,
    holder: Option<usize>,
}

impl Turns {
    /// Runs them all against a store in which the backups 0 and 1 are; gives what is listed then.
    fn run(order: &[usize], has_lock: bool, actions: &[Action]) -> Vec<u32> {
        let store = MemoryStore::default();
        back_up(&store, &[0, 1]);
        let state = State {
            calls: 0,
            running: vec![true; actions.len()],
            waiting: vec![false; actions.len()],
            holder: None,
        };
        let turns = Arc::new(Turns {
            order: order.to_vec(),
            state: Mutex::new(state),
            changed: Condvar::new(),
        });
        std::thread::scope(|scope| {
            for (number, action) in actions.iter().enumerate() {
                let (turns, store) = (&turns, &store);
                scope.spawn(move || {
                    action(&Process {
                        number,
                        has_lock,
                        turns,
                        store,
                    });
                    turns.change(|state| state.running[number] = false);
                });
            }
        });
        let mut listed = listed(&store);
        listed.sort_unstable();
        listed
    }

    fn is_turn(&self, state: &State, process: usize) -> bool {
        let rest = self.order.iter().skip(state.calls);
        let mut all = rest.copied().chain(0..state.running.len());
        let is_held = state.holder.is_some();
        let can_run = |next: &usize| state.running[*next] && !(is_held && state.waiting[*next]);
        all.find(can_run) == Some(process)
    }

    fn call<T>(&self, process: usize, call: impl FnOnce(&mut State) -> T) -> T {
        let state = self.state.lock().unwrap();
        let wait = |state: &mut State| !self.is_turn(state, process);
        let mut state = self.changed.wait_while(state, wait).unwrap();
        let result = call(&mut state);
        state.calls += 1;
        self.changed.notify_all();
        result
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
        self.changed.notify_all();
    }
}

/// Held by one process until it is dropped.
struct Lock(Arc<Turns>);

impl Drop for Lock {
    fn drop(&mut self) {
        self.0.change(|state| state.holder = None);
    }
}

/// A store as one of the processes sees it.
struct Process<'a> {
    number: usize,
    has_lock: bool,
    turns: &'a Arc<Turns>,
    store: &'a MemoryStore,
}

impl Process<'_> {
    fn call<T>(&self, call: impl FnOnce(&MemoryStore) -> T) -> T {
        self.turns.call(self.number, |_| call(self.store))
    }
}

impl BackupStore for Process<'_> {
    fn backups(&self) -> Result<Vec<BackupFolder>, SourceError> {
        self.call(BackupStore::backups)
    }

    fn open(&self, folder: &BackupFolder) -> Result<Box<dyn Contents + '_>, SourceError> {
        self.turns.call(self.number, |_| self.store.open(folder))
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
        if !self.has_lock {
            return Ok(None);
        }
        let number = self.number;
        self.turns.change(|state| state.waiting[number] = true);
        self.turns.call(number, |state| {
            state.waiting[number] = false;
            state.holder = Some(number);
        });
        Ok(Some(Box::new(Lock(self.turns.clone()))))
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
fn orders_of_two() -> impl Iterator<Item = Vec<usize>> {
    let calls = 0..11;
    let all = calls.clone().flat_map(move |a| {
        let calls = calls.clone();
        calls
            .clone()
            .flat_map(move |b| calls.clone().map(move |c| [a, b, c]))
    });
    all.map(|[a, b, c]| [vec![0; a], vec![1; b], vec![0; c]].concat())
}

/// So many ways to interrupt several runs after one to six calls, drawn from a fixed start.
fn drawn_orders(processes: u64, count: usize) -> impl Iterator<Item = Vec<usize>> {
    let mut state = 1_u64;
    let mut draw = move |below: u64| {
        // Knuth's linear generator; its high bits are the good ones.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from((state >> 33) % below).unwrap()
    };
    let mut order = move || {
        (0..12)
            .flat_map(|_| vec![draw(processes); 1 + draw(6)])
            .collect()
    };
    (0..count).map(move |_| order())
}

type Action = fn(&dyn BackupStoreWrite);

const ADD_2: Action = |store| back_up(store, &[2]);
const ADD_3: Action = |store| back_up(store, &[3]);
const DELETE_0: Action = |store| delete(store, 0);
const DELETE_1: Action = |store| delete(store, 1);

#[test]
fn between_two_processes_nothing_is_lost_and_nothing_returns() {
    for (name, actions, left) in [
        ("two backups", [ADD_2, ADD_3], vec![0, 1, 2, 3]),
        ("a backup and a deletion", [ADD_2, DELETE_1], vec![0, 2]),
        ("two deletions", [DELETE_0, DELETE_1], vec![]),
    ] {
        for order in orders_of_two() {
            let listed = Turns::run(&order, false, &actions);
            assert_eq!(listed, left, "{name}, {order:?}");
        }
    }
}

#[test]
fn among_several_processes_nothing_is_lost_and_with_the_lock_nothing_returns() {
    let some = [ADD_2, ADD_3, DELETE_1];
    let others = [ADD_2, DELETE_0, DELETE_1];
    let all = [ADD_2, ADD_3, DELETE_0, DELETE_1];
    for (name, actions, left) in [
        ("two backups and a deletion", &some[..], vec![0, 2, 3]),
        ("a backup and two deletions", &others, vec![2]),
        ("two backups and two deletions", &all, vec![2, 3]),
    ] {
        let mut returned = 0;
        for order in drawn_orders(actions.len() as u64, 400) {
            let listed = Turns::run(&order, true, actions);
            assert_eq!(listed, left, "{name}, with the lock, {order:?}");
            let listed = Turns::run(&order, false, actions);
            let lost = left.iter().any(|n| !listed.contains(n));
            assert!(!lost, "{name}, {order:?}: {listed:?}");
            returned += usize::from(listed != left);
        }
        println!("{name}: {returned} entries of 400 came back without the lock");
    }
}
