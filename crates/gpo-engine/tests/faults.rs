//! Each call of a source or a store fails, one after the other: the outcome says so and names the
//! object, nothing half done can be seen, and the other GPOs go on.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

mod common;

use std::collections::BTreeMap;

use common::{dump, inst, store_of, with_stamps};
use gpo_core::{
    BackupFolder, BackupStore, Contents, Directory, DirectoryWrite, EntryKind, GpoContainer, GpoId,
    GpoPath, SourceErrorKind,
};
use gpo_engine::{
    BackedUpGpo, Backup, Cancel, ExportedDomain, FindingKind, Outcome, Repack, Selection, Severity,
    Source, Status, Target, Verify, delete_backup, export_domain,
};
use gpo_testkit::{Fault, FaultCount, Faults, Faulty, MemoryDomain, MemoryStore, sample};

const FAULTS: [Fault; 3] = [
    Fault::Fail(SourceErrorKind::Denied),
    Fault::ShortWrite,
    Fault::Stop,
];

/// Two GPOs with files.
fn domain() -> MemoryDomain {
    let domain = MemoryDomain::example();
    let container = sample::container(2);
    let folder = format!(r"Policies\{}", container.id);
    let ini = format!("[General]\r\nVersion={}\r\n", container.version.value());
    domain.edit_sysvol(|sysvol| {
        for (name, bytes) in [
            ("GPT.INI", ini.as_bytes()),
            (r"User\Scripts\scripts.ini", b"[Logon]\r\n"),
            (r"User\Scripts\Logon\a.cmd", b"echo a"),
        ] {
            let path = format!(r"{folder}\{name}").parse().unwrap();
            sysvol.put_file(&path, bytes).unwrap();
        }
    });
    domain.put_container(&container).unwrap();
    domain
}

fn back_up(
    domain: &MemoryDomain,
    store: &MemoryStore,
    faults: &Faults,
) -> Outcome<Vec<BackedUpGpo>> {
    let (source, store) = (Faulty::new(domain, faults), Faulty::new(store, faults));
    with_stamps(|stamps| {
        Backup::new(Source::of(&source), &store, stamps).run(
            &Selection::All,
            &mut (),
            &Cancel::default(),
        )
    })
}

/// How many calls there are without a fault.
fn calls(run: impl FnOnce(&Faults)) -> u64 {
    let none = Faults::none();
    run(&none);
    none.calls()
}

/// Runs with each fault at each call; `run` says whether everything was done all the same.
fn with_each_fault(operation: &str, calls: u64, run: impl Fn(&Faults, Fault, &str) -> bool) {
    let mut count = FaultCount {
        operation: operation.into(),
        kind: "each call fails or is the last, in memory".into(),
        points: FAULTS.len() as u64 * calls,
        ..FaultCount::default()
    };
    for fault in FAULTS {
        for call in 0..calls {
            let faults = Faults::at(call, fault);
            let done = run(&faults, fault, &format!("{fault:?} at call {call}"));
            assert!(faults.calls() > call, "{fault:?} at call {call} never came");
            count.note(done);
        }
    }
    println!("{count}");
}

/// Everything in a store is whole; what the manifest has no entry for is no harm.
fn assert_sound(store: &MemoryStore, place: &str) {
    let verification = Verify::new(store).run(&mut (), &Cancel::default()).unwrap();
    for finding in verification.findings {
        let harmless = finding.severity() == Severity::Info
            || finding.kind == FindingKind::FolderWithoutEntry
            // The GPOs of the test kit have objects that no list of extensions names.
            || finding.kind == FindingKind::BlockMismatch;
        assert!(harmless, "{place}: {finding}");
    }
}

/// An error that says to what it happened.
fn assert_named_error<T>(outcome: &Outcome<T>, place: &str) {
    assert_eq!(outcome.status, Status::Failed, "{place}");
    let mut messages = outcome.messages.iter();
    let named = messages.all(|m| !m.object_path.is_empty() && !m.text.is_empty());
    assert!(named, "{place}: {:?}", outcome.messages);
    let worst = outcome.messages.iter().map(|m| m.severity).max();
    assert_eq!(worst, Some(Severity::Error), "{place}");
}

#[test]
fn backup() {
    let domain = domain();
    let good = MemoryStore::default();
    let calls = calls(|none| assert_eq!(back_up(&domain, &good, none).messages, []));
    assert!(calls > 60, "{calls}");
    assert_sound(&good, "without a fault");
    with_each_fault("Backup of two GPOs", calls, |faults, fault, place| {
        let store = MemoryStore::default();
        let outcome = back_up(&domain, &store, faults);
        assert_sound(&store, place);
        let made = outcome.value.iter().filter(|gpo| gpo.backup.is_some());
        assert_eq!(made.count(), store.backups().unwrap().len(), "{place}");
        match outcome.status {
            // What could be tried again, and a lock that only saves work.
            Status::Succeeded => assert_eq!(dump(&store), dump(&good), "{place}"),
            Status::Warnings => {
                assert!(outcome.messages.iter().all(|m| !m.object_path.is_empty()));
                assert_eq!(store.backups().unwrap().len(), 2, "{place}");
            }
            _ => {
                assert_named_error(&outcome, place);
                // The GPOs are not known yet, or both were asked for in the call that failed.
                let both = outcome.value.is_empty()
                    || outcome.messages.len() == 2
                        && outcome
                            .messages
                            .iter()
                            .all(|m| m.text.starts_with("directory:"));
                if fault != Fault::Stop && !both {
                    assert_ne!(store.backups().unwrap(), [], "{place}: the other goes on");
                }
            }
        }
        store.backups().unwrap().len() == 2
    });
}

#[test]
fn delete() {
    let folder = BackupFolder {
        path: inst(1).id.to_string(),
    };
    let run =
        |store: &MemoryStore, faults: &Faults| delete_backup(&Faulty::new(store, faults), &folder);
    let calls = calls(|none| run(&store_of(&[inst(1), inst(2)]), none).unwrap());
    assert!(calls > 10, "{calls}");
    with_each_fault("Delete of a backup", calls, |faults, _, place| {
        let store = store_of(&[inst(1), inst(2)]);
        if let Err(error) = run(&store, faults) {
            assert!(!error.to_string().is_empty());
        } else {
            assert!(store.backup(&folder.path).is_none(), "{place}");
        }
        assert_sound(&store, place);
        assert!(store.backup(&inst(2).id.to_string()).is_some(), "{place}");
        store.backup(&folder.path).is_none()
    });
}

#[test]
fn repack() {
    let from = store_of(&[inst(1), inst(2)]);
    let run = |to: &MemoryStore, faults: &Faults| {
        let (from, to) = (Faulty::new(&from, faults), Faulty::new(to, faults));
        with_stamps(|stamps| Repack::new(&from, &to, stamps).run(&mut (), &Cancel::default()))
    };
    let good = MemoryStore::default();
    let calls = calls(|none| assert_eq!(run(&good, none).messages, []));
    assert!(calls > 60, "{calls}");
    with_each_fault("Repack of two backups", calls, |faults, fault, place| {
        let to = MemoryStore::default();
        let outcome = run(&to, faults);
        assert_sound(&to, place);
        match outcome.status {
            Status::Succeeded => assert_eq!(dump(&to), dump(&good), "{place}"),
            Status::Warnings => {}
            _ => {
                assert_named_error(&outcome, place);
                if fault != Fault::Stop && !outcome.value.is_empty() {
                    assert_ne!(to.backups().unwrap(), [], "{place}: the other goes on");
                }
            }
        }
        to.backups().unwrap().len() == 2
    });
}

/// A GPO as a domain has it: its container, and its files with their content, folders without.
type Found = (
    Option<GpoContainer>,
    Option<BTreeMap<String, Option<Vec<u8>>>>,
);

fn find(domain: &MemoryDomain, id: GpoId) -> Found {
    let Ok(mut containers) = domain.containers(&[id]) else {
        return (None, None);
    };
    let folder: GpoPath = format!(r"Policies\{id}").parse().unwrap();
    let mut files = BTreeMap::new();
    let walked = domain.walk(&folder, &mut |entry| {
        let entry = entry?;
        let content = match entry.kind {
            EntryKind::Folder => None,
            EntryKind::File(_) => Some(domain.read_all(&entry.path, u64::MAX)?),
        };
        files.insert(entry.path.to_string(), content);
        Ok(())
    });
    (
        containers.remove(0).unwrap(),
        walked.is_ok().then_some(files),
    )
}

#[test]
fn export() {
    let domain = domain();
    domain.put_wmi_filter(&sample::wmi_filter(1)).unwrap();
    let run = |to: &MemoryDomain, faults: &Faults| -> Outcome<Option<ExportedDomain>> {
        let (from, to) = (Faulty::new(&domain, faults), Faulty::new(to, faults));
        export_domain(
            Source::of(&from),
            Target::of(&to),
            &mut (),
            &Cancel::default(),
        )
    };
    let good = MemoryDomain::default();
    let calls = calls(|none| assert_eq!(run(&good, none).messages, []));
    assert!(calls > 40, "{calls}");
    with_each_fault("Export of two GPOs", calls, |faults, _, place| {
        let to = MemoryDomain::default();
        let outcome = run(&to, faults);
        // Without a value the caller throws the copy away.
        let Some(exported) = outcome.value.as_ref() else {
            assert_named_error(&outcome, place);
            return false;
        };
        let copied: Vec<_> = exported.gpos.iter().map(|gpo| gpo.id).collect();
        for id in [1, 2].map(|n| sample::container(n).id) {
            if copied.contains(&id) {
                assert_eq!(find(&to, id), find(&good, id), "{place}");
            } else {
                assert_eq!(find(&to, id), (None, None), "{place}: half of it");
                assert_named_error(&outcome, place);
            }
        }
        if outcome.status == Status::Succeeded {
            assert_eq!(
                outcome.value,
                run(&MemoryDomain::default(), &Faults::none()).value
            );
            let filters = |domain: &MemoryDomain| domain.all_wmi_filters().unwrap();
            assert_eq!(filters(&to), filters(&good), "{place}");
        }
        copied.len() == 2
    });
}
