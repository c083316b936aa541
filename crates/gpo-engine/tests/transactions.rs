//! A GPO is written wholly or not at all: each call of an operation fails, or is the last that its
//! process makes, and afterwards the GPO is exactly the old or exactly the new one, on both sides,
//! and no lock and no journal is left.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

mod common;

use std::collections::BTreeMap;

use common::{inst, store_of};
use gpo_core::{
    BackupStore, Contents, Directory, DirectoryWrite, GpoContainer, GpoId, GpoPath, Som,
    SourceErrorKind, Sysvol, SysvolWrite,
};
use gpo_engine::{
    Cancel, Copy, GpoSelector, Import, Journal, Outcome, Plan, Restore, SettingsArea, Severity,
    Source, Stamps, Status, Target, recover,
};
use gpo_testkit::{Fault, Faults, Faulty, MemoryDomain, MemoryStore, sample};

const FAULTS: [Fault; 3] = [
    Fault::Fail(SourceErrorKind::Denied),
    Fault::ShortWrite,
    Fault::Stop,
];

/// The GPO of the backup.
fn id() -> GpoId {
    inst(1).gpo_id
}

fn folder() -> GpoPath {
    format!(r"Policies\{}", id()).parse().unwrap()
}

#[derive(Clone, Copy, Debug)]
enum Operation {
    /// Over a GPO that is there, with other settings.
    Restore,
    RestoreDeleted,
    RestoreIntoVacant,
    /// Into a GPO that is there.
    Import,
    /// Of one area, the others stay.
    ImportArea,
    /// Into the same domain; the copy is the GPO that is looked at.
    Copy,
}

impl Operation {
    const ALL: [Self; 6] = [
        Self::Restore,
        Self::RestoreDeleted,
        Self::RestoreIntoVacant,
        Self::Import,
        Self::ImportArea,
        Self::Copy,
    ];

    fn place(self) -> MemoryDomain {
        match self {
            Self::RestoreIntoVacant => return MemoryDomain::default(),
            Self::Restore | Self::Import | Self::ImportArea => {}
            Self::Copy => return MemoryDomain::example(),
            Self::RestoreDeleted => return MemoryDomain::new(sample::domain()),
        }
        let domain = MemoryDomain::new(sample::domain());
        let mut container = sample::container(1);
        container.id = id();
        container.version = gpo_core::GpoVersion::from_halves(0xffff, 7);
        domain.put_container(&container).unwrap();
        domain.edit_sysvol(|sysvol| {
            for (name, content) in [
                ("gpt.ini", &b"[General]\r\nVersion=4294901767\r\n"[..]),
                // The size of the new one, and another content.
                (r"Machine\Registry.pol", b"PReg\x01\0\0\x01"),
                (r"USER\old.txt", b"old"),
            ] {
                let path = folder().join_path(&name.parse().unwrap()).unwrap();
                sysvol.put_file(&path, content).unwrap();
            }
        });
        domain
            .set_descriptor(
                &folder(),
                &[
                    1, 0, 4, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 2, 0, 8, 0, 0,
                    0, 0, 0,
                ],
            )
            .unwrap();
        domain
    }

    fn run(
        self,
        domain: &MemoryDomain,
        state: &MemoryStore,
        faults: &Faults,
    ) -> Outcome<Option<Plan>> {
        let store = store_of(&[inst(1)]);
        let backup = store.open(&store.backups().unwrap()[0]).unwrap();
        let backup = Faulty::new(backup.as_ref(), faults);
        let (domain, state) = (Faulty::new(domain, faults), Faulty::new(state, faults));
        let journal = Journal::new(&state, Stamps::system());
        let target = Target::of(&domain);
        let cancel = Cancel::default();
        let import = |areas: &[SettingsArea]| {
            Import::new(&backup, target, GpoSelector::Id(id()), Stamps::system())
                .areas(areas.iter().copied())
                .run(&journal, &mut (), &cancel)
        };
        match self {
            Self::Import => import(&SettingsArea::ALL),
            Self::ImportArea => import(&[SettingsArea::Scripts]),
            Self::Copy => {
                let stamps = Stamps {
                    now: &|| gpo_core::BackupTime::EPOCH,
                    new_id: &|| gpo_core::BackupId::new(id().guid()),
                };
                let from = sample::container(1).id;
                Copy::new(Source::of(&domain), from, target, stamps)
                    .with_permissions(true)
                    .run(&journal, &mut (), &cancel)
            }
            Self::Restore | Self::RestoreDeleted | Self::RestoreIntoVacant => {
                Restore::new(&backup, target, Stamps::system()).run(&journal, &mut (), &cancel)
            }
        }
    }
}

/// All that there is of a GPO.
#[derive(Debug, PartialEq)]
struct Snapshot {
    container: Option<GpoContainer>,
    files: Option<BTreeMap<String, Vec<u8>>>,
    descriptor: Option<Vec<u8>>,
    som: Option<Som>,
}

fn snapshot(domain: &MemoryDomain) -> Snapshot {
    let mut files = BTreeMap::new();
    let walk = domain.walk(&folder(), &mut |entry| {
        let path = entry?.path;
        // A folder has no content.
        let bytes = domain.read_all(&path, u64::MAX).unwrap_or_default();
        files.insert(path.as_str().to_owned(), bytes);
        Ok(())
    });
    let dn = sample::domain().dn;
    Snapshot {
        container: domain.containers(&[id()]).unwrap().remove(0).unwrap(),
        files: walk.is_ok().then_some(files),
        descriptor: domain.descriptor(&folder()).ok().flatten(),
        som: domain.soms(&[dn]).unwrap().remove(0),
    }
}

#[test]
fn every_call_fails_and_every_call_is_the_last() {
    for operation in Operation::ALL {
        let (domain, state) = (operation.place(), MemoryStore::default());
        let mut old = snapshot(&domain);
        let none = Faults::none();
        let outcome = operation.run(&domain, &state, &none);
        assert_ne!(outcome.status, Status::Failed, "{:?}", outcome.messages);
        let new = snapshot(&domain);
        assert_ne!(old, new);
        assert_eq!(state.backups().unwrap(), []);
        let calls = none.calls();
        let (mut points, mut was_old, mut was_new) = (0, 0, 0);
        for fault in FAULTS {
            for call in 0..calls {
                let place = format!("{operation:?}, {fault:?} at call {call} of {calls}");
                let (domain, state) = (operation.place(), MemoryStore::default());
                let faults = Faults::at(call, fault);
                let outcome = operation.run(&domain, &state, &faults);
                assert!(faults.calls() > call, "{place}: it never came");
                points += 1;
                if fault == Fault::Stop {
                    let journal = Journal::new(&state, Stamps::system());
                    let recovered = recover(Target::of(&domain), &journal);
                    assert_ne!(
                        recovered.status,
                        Status::Failed,
                        "{place}: {:?}",
                        recovered.messages
                    );
                }
                let found = snapshot(&domain);
                // A domain that was made for the GPO stays.
                old.som = found.som.clone();
                if found == new {
                    was_new += 1;
                } else {
                    assert_eq!(found, old, "{place}");
                    was_old += 1;
                    assert_eq!(outcome.status, Status::Failed, "{place}");
                    let errors = outcome
                        .messages
                        .iter()
                        .filter(|m| m.severity == Severity::Error);
                    assert!(errors.count() > 0, "{place}");
                }
                assert_eq!(state.backups().unwrap(), [], "{place}: the journal");
                drop(domain.lock(id()).unwrap());
            }
        }
        assert_eq!(points, 3 * calls);
        assert!(
            was_old > 0 && was_new > 0,
            "{operation:?}: {was_old} old, {was_new} new"
        );
        println!("{operation:?}: {calls} calls, {points} faults: {was_old} old, {was_new} new");
    }
}
