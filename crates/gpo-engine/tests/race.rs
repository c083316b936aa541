//! Several writers at once in one folder of backups, with the lock and without: nobody loses
//! anything.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::thread;

use gpo_core::{BackupFolder, BackupId, Manifest};
use gpo_engine::{
    Backup, Cancel, GpoSelector, Repack, Selection, Severity, Source, Stamps, Status, Verify,
    delete_backup,
};
use gpo_local::{FolderDomain, FolderStore};
use gpo_testkit::FaultCount;

const WRITERS: usize = 4;
const ROUNDS: usize = 8;

/// GPOs with few files, in an order that is not that of their names.
const GPOS: [&str; 3] = [
    "{10AD0005-6C1B-4F55-9B5C-7E3A4C2F0005}",
    "{31B2F340-016D-11D2-945F-00C04FB984F9}",
    "{10AD0002-6C1B-4F55-9B5C-7E3A4C2F0002}",
];

fn store(folder: &Path, lock: bool) -> FolderStore {
    FolderStore::open(folder).unwrap().with_lock(lock)
}

/// Backs up the GPOs; gives the IDs of the backups in the order of the plan.
fn back_up(folder: &Path, lock: bool) -> Vec<BackupId> {
    let domain = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/domain");
    let domain = FolderDomain::open(domain).unwrap();
    let gpos = GPOS.map(|gpo| GpoSelector::Id(gpo.parse().unwrap()));
    let outcome = Backup::new(Source::of(&domain), &store(folder, lock), Stamps::system())
        .report(false)
        .run(&Selection::Gpos(gpos.into()), &mut (), &Cancel::default());
    assert_eq!(outcome.status, Status::Succeeded, "{:?}", outcome.messages);
    let backups = outcome.value.into_iter();
    backups.map(|gpo| gpo.backup.unwrap().id).collect()
}

/// The IDs of the entries, the last planned first.
fn entries(folder: &Path) -> Vec<BackupId> {
    let bytes = fs::read(folder.join("manifest.xml")).unwrap();
    let manifest = Manifest::parse(&bytes).unwrap();
    manifest.entries.iter().map(|e| e.inst.id).collect()
}

fn assert_complete(folder: &Path, expected: &BTreeSet<BackupId>) {
    let entries = entries(folder);
    let listed: BTreeSet<_> = entries.iter().copied().collect();
    assert_eq!(listed.len(), entries.len(), "an entry stands twice");
    assert_eq!(listed, *expected);
    let verified = Verify::new(&store(folder, false))
        .run(&mut (), &Cancel::default())
        .unwrap();
    assert_eq!(verified.backups, expected.len() as u64);
    assert_eq!(
        verified.count(Severity::Warning),
        0,
        "{:?}",
        verified.findings
    );
    assert_eq!(
        verified.count(Severity::Error),
        0,
        "{:?}",
        verified.findings
    );
    let hidden = fs::read_dir(folder)
        .unwrap()
        .filter(|e| e.as_ref().unwrap().file_name().as_encoded_bytes()[0] == b'.');
    assert_eq!(hidden.count(), 0);
}

/// Backs up from several sides at once, again and again; gives the runs of each round.
fn race(lock: bool, check: impl Fn(&Path, &[Vec<BackupId>])) {
    let kind = if lock {
        "with the lock"
    } else {
        "without the lock"
    };
    let folder = tempfile::tempdir().unwrap();
    let mut all = BTreeSet::new();
    for _ in 0..ROUNDS {
        let runs: Vec<Vec<BackupId>> = thread::scope(|scope| {
            let writers = [(); WRITERS].map(|()| scope.spawn(|| back_up(folder.path(), lock)));
            writers.map(|writer| writer.join().unwrap()).into()
        });
        check(folder.path(), &runs);
        all.extend(runs.into_iter().flatten());
        assert_complete(folder.path(), &all);
    }
    let kind = format!("race with other backups in one set, {kind}");
    println!("{}", all_done("Backup of three GPOs", kind, WRITERS));
}

/// What so many in each round came to: each was done.
fn all_done(operation: &str, kind: String, at_once: usize) -> FaultCount {
    let points = (at_once * ROUNDS) as u64;
    FaultCount {
        operation: operation.into(),
        kind,
        points,
        fired: points,
        old: 0,
        new: points,
    }
}

#[test]
fn without_the_lock_nothing_is_lost() {
    race(false, |_, _| ());
}

/// Without it, a writer that was overwritten has its entries taken from its folders, where the
/// order within a second is not known.
#[test]
fn with_the_lock_each_run_keeps_its_order() {
    race(true, |folder, runs| {
        let entries = entries(folder);
        for run in runs {
            let mut order: Vec<_> = entries.iter().filter(|id| run.contains(id)).collect();
            order.reverse();
            assert_eq!(order, run.iter().collect::<Vec<_>>(), "as planned");
        }
    });
}

/// Without the lock, an entry may come back where three are at it.
#[test]
fn backups_and_deletes_do_not_get_in_each_others_way() {
    let folder = tempfile::tempdir().unwrap();
    let mut there: BTreeSet<_> = back_up(folder.path(), true).into_iter().collect();
    for _ in 0..ROUNDS {
        let old: Vec<_> = there.iter().copied().collect();
        let made: Vec<Vec<BackupId>> = thread::scope(|scope| {
            let folder = folder.path();
            let deleters = old.chunks(2).map(|ids| {
                scope.spawn(move || {
                    for id in ids {
                        let path = id.to_string();
                        delete_backup(&store(folder, true), &BackupFolder { path }).unwrap();
                    }
                })
            });
            let deleters: Vec<_> = deleters.collect();
            let writers = [(); 2].map(|()| scope.spawn(|| back_up(folder, true)));
            for deleter in deleters {
                deleter.join().unwrap();
            }
            writers.map(|writer| writer.join().unwrap()).into()
        });
        there = made.into_iter().flatten().collect();
        assert_complete(folder.path(), &there);
    }
    let kind = "race with deletes in one set, with the lock".into();
    println!("{}", all_done("Backup of three GPOs", kind, 2));
}

#[test]
fn backups_and_repacks_do_not_get_in_each_others_way() {
    let folder = tempfile::tempdir().unwrap();
    let mut there = BTreeSet::new();
    for _ in 0..ROUNDS {
        let sources = [(); 2].map(|()| {
            let source = tempfile::tempdir().unwrap();
            back_up(source.path(), false);
            source
        });
        let made: Vec<Vec<BackupId>> = thread::scope(|scope| {
            let folder = folder.path();
            let repacks = sources.each_ref().map(|source| {
                scope.spawn(|| {
                    let (from, to) = (store(source.path(), false), store(folder, false));
                    let repack = Repack::new(&from, &to, Stamps::system());
                    let outcome = repack.run(&mut (), &Cancel::default());
                    assert_eq!(outcome.status, Status::Succeeded, "{:?}", outcome.messages);
                    outcome.value.into_iter().map(|backup| backup.id).collect()
                })
            });
            let writers = [(); 2].map(|()| scope.spawn(|| back_up(folder, false)));
            let all = repacks.into_iter().chain(writers);
            all.map(|one| one.join().unwrap()).collect()
        });
        there.extend(made.into_iter().flatten());
        assert_complete(folder.path(), &there);
    }
    let kind = "race with backups in one set".into();
    println!("{}", all_done("Repack of three backups", kind, 2));
}
