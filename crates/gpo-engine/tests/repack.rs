//! Repacking sets of backups.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use common::{backup, backup_xml, commit, corpus, inst, store_of, tree_of};
use gpo_core::{
    BackupFolder, BackupId, BackupStore, BackupTime, BackupXml, BkupInfo, Contents, EntryKind,
    GpoPath, Guid, Manifest, SourceError, SourceErrorKind, TreeWriter,
};
use gpo_engine::{
    Backup, Cancel, FindingKind, Outcome, Repack, RepackedBackup, Selection, Severity, Source,
    Stamps, Status, Verify,
};
use gpo_local::FolderStore;
use gpo_testkit::{Fault, Faults, Faulty, MemoryDomain, MemoryStore, MemoryTree};

/// Repacks with the IDs 100, 101, … for backups that need one.
fn repack(from: &dyn BackupStore) -> (MemoryStore, Outcome<Vec<RepackedBackup>>) {
    let to = MemoryStore::default();
    let next = Mutex::new(100u128);
    let new_id = || {
        let mut next = next.lock().unwrap();
        *next += 1;
        BackupId::new(Guid::from_u128(*next - 1))
    };
    let now = || BackupTime::EPOCH;
    let stamps = Stamps {
        now: &now,
        new_id: &new_id,
    };
    let outcome = Repack::new(from, &to, stamps).run(&mut (), &Cancel::default());
    (to, outcome)
}

fn id(n: u32) -> String {
    inst(n).id.to_string()
}

/// Every folder and file of a backup.
fn tree(contents: &dyn Contents) -> BTreeMap<String, Option<Vec<u8>>> {
    let mut paths = Vec::new();
    contents
        .walk(&GpoPath::root(), &mut |entry| {
            paths.push(entry?);
            Ok(())
        })
        .unwrap();
    let read = |path: &GpoPath| contents.read_all(path, u64::MAX).unwrap();
    let content = |path: &GpoPath, kind| (kind != EntryKind::Folder).then(|| read(path));
    let entries = paths.iter();
    entries
        .map(|entry| (entry.path.to_string(), content(&entry.path, entry.kind)))
        .collect()
}

fn open(store: &dyn BackupStore, path: &str) -> BTreeMap<String, Option<Vec<u8>>> {
    tree(&*store.open(&BackupFolder { path: path.into() }).unwrap())
}

fn assert_clean(store: &dyn BackupStore) {
    let result = Verify::new(store)
        .round_trip(true)
        .run(&mut (), &Cancel::default())
        .unwrap();
    assert_eq!(result.findings, []);
}

#[test]
fn an_untouched_set_keeps_every_byte() {
    let store = store_of(&[inst(2), inst(1), inst(3)]);
    let (to, outcome) = repack(&store);
    assert_eq!(outcome.status, Status::Succeeded);
    assert_eq!(to.manifest("").unwrap(), store.manifest("").unwrap());
    for n in 1..=3 {
        assert_eq!(open(&to, &id(n)), open(&store, &id(n)));
    }
    assert!(outcome.value.iter().all(|backup| !backup.rebuilt));
}

#[test]
fn folders_get_their_ids_and_the_set_its_manifest() {
    let store = MemoryStore::default();
    store.put_backup("b/renamed", backup(&inst(1)));
    store.put_backup(&format!("c/{}", id(2).to_lowercase()), backup(&inst(2)));
    let (to, outcome) = repack(&store);
    assert_eq!(outcome.status, Status::Succeeded);
    assert_eq!(open(&to, &id(1)), open(&store, "b/renamed"));
    let manifest = Manifest::parse(&to.manifest("").unwrap().unwrap()).unwrap();
    let insts: Vec<_> = manifest
        .entries
        .into_iter()
        .map(|entry| entry.inst)
        .collect();
    assert_eq!(insts, [inst(2), inst(1)], "newest first");
    assert_clean(&to);
}

#[test]
fn a_manifest_is_brought_up_to_date() {
    let store = store_of(&[inst(1), inst(3)]);
    let mut manifest = Manifest::default();
    manifest.insert(inst(9));
    let renamed = gpo_core::BackupInst {
        display_name: "Renamed".into(),
        ..inst(1)
    };
    manifest.insert(renamed);
    store.put_manifest("", manifest.to_bytes().unwrap());
    let (to, _) = repack(&store);
    assert_clean(&to);
}

/// A backup without its description is repacked by what else it says; one line tells which.
#[test]
fn a_description_that_is_missing_or_broken_is_told() {
    for broken in [None, Some("<x")] {
        let store = MemoryStore::default();
        let mut tree = backup(&inst(1));
        let path: GpoPath = "bkupInfo.xml".parse().unwrap();
        assert!(tree.remove(&path));
        if let Some(bytes) = broken {
            tree.put_file(&path, bytes).unwrap();
        }
        store.put_backup("b", tree);
        let (to, outcome) = repack(&store);
        let told = outcome.messages.iter();
        let told = told.filter(|m| m.object_path == "b/bkupInfo.xml");
        assert_eq!(told.count(), 1, "{broken:?}: {:?}", outcome.messages);
        assert_eq!(to.backups().unwrap().len(), 1);
    }
}

/// What no backup can have is an error, and the rest is repacked; what could not be read this time
/// makes the backup fail.
#[test]
fn a_name_that_no_file_can_have_is_left_out() {
    for (kind, made) in [
        (SourceErrorKind::Invalid, 1),
        (SourceErrorKind::Unsupported, 1),
        (SourceErrorKind::Denied, 0),
    ] {
        let store = WithBadEntry(store_of(&[inst(1)]), kind);
        let (to, outcome) = repack(&store);
        assert_eq!(outcome.status, Status::Failed, "{kind:?}");
        let mut told = outcome.messages.iter();
        assert!(
            told.any(|m| m.text.contains("a bad name")),
            "{kind:?}: {:?}",
            outcome.messages
        );
        assert_eq!(to.backups().unwrap().len(), made, "{kind:?}");
    }
}

/// A store whose backups have an entry that cannot be one.
struct WithBadEntry(MemoryStore, SourceErrorKind);

impl BackupStore for WithBadEntry {
    fn backups(&self) -> Result<Vec<BackupFolder>, SourceError> {
        self.0.backups()
    }

    fn open(&self, folder: &BackupFolder) -> Result<Box<dyn Contents + '_>, SourceError> {
        Ok(Box::new(BadEntry(self.0.open(folder)?, self.1)))
    }

    fn manifest(&self, folder: &str) -> Result<Option<Vec<u8>>, SourceError> {
        self.0.manifest(folder)
    }
}

struct BadEntry<'a>(Box<dyn Contents + 'a>, SourceErrorKind);

impl Contents for BadEntry<'_> {
    fn walk(
        &self,
        folder: &GpoPath,
        visit: &mut dyn FnMut(Result<gpo_core::Entry, SourceError>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        self.0.walk(folder, visit)?;
        visit(Err(SourceError::new(self.1, "x", "a bad name")))
    }

    fn read(
        &self,
        path: &GpoPath,
        sink: &mut dyn FnMut(&[u8]) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        self.0.read(path, sink)
    }
}

#[test]
fn what_version_control_did_to_a_backup_is_undone() {
    let damaged = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    let mut tree = backup(&inst(1));
    for name in ["Backup.xml", "bkupInfo.xml"] {
        let path: GpoPath = name.parse().unwrap();
        let bytes = damaged(tree.file(&path).unwrap());
        tree.put_file(&path, bytes).unwrap();
    }
    tree.remove(&r"DomainSysvol\GPO\User\Scripts\Logoff".parse().unwrap());
    let store = MemoryStore::default();
    store.put_backup(&id(1), tree);
    let (to, outcome) = repack(&store);
    assert_eq!(outcome.status, Status::Succeeded);
    assert!(outcome.value[0].rebuilt);
    assert_eq!(open(&to, &id(1)), open(&store_of(&[inst(1)]), &id(1)));
}

#[test]
fn names_get_the_case_of_backup_xml() {
    let mut tree = MemoryTree::default();
    for (path, content) in open(&store_of(&[inst(1)]), &id(1)) {
        let path = path.to_uppercase().parse().unwrap();
        match content {
            Some(bytes) => tree.put_file(&path, bytes).unwrap(),
            None => tree.create_folder(&path).unwrap(),
        }
    }
    let store = MemoryStore::default();
    store.put_backup(&id(1), tree);
    let (to, _) = repack(&store);
    assert_eq!(open(&to, &id(1)), open(&store_of(&[inst(1)]), &id(1)));
}

#[test]
fn of_backups_with_one_id_the_first_keeps_it() {
    let store = MemoryStore::default();
    store.put_backup("a", backup(&inst(1)));
    store.put_backup(&format!("b-{}", id(2)), backup(&inst(1)));
    store.put_backup(&format!("c-{}", id(2)), backup(&inst(1)));
    store.put_backup(&format!("d-{}", id(4)), backup(&inst(1)));
    store.put_backup("e", backup(&inst(4)));
    let (to, outcome) = repack(&store);
    let ids: Vec<_> = outcome.value.iter().map(|backup| backup.id).collect();
    let given = |n| BackupId::new(Guid::from_u128(n));
    assert_eq!(ids, [given(1), given(2), given(100), given(101), given(4)]);
    let warned: Vec<_> = outcome
        .messages
        .iter()
        .map(|message| message.object_path.as_str())
        .collect();
    assert_eq!(
        warned,
        [
            format!("b-{}", id(2)),
            format!("c-{}", id(2)),
            format!("d-{}", id(4))
        ]
    );
    assert_eq!(outcome.status, Status::Warnings);
    assert_clean(&to);
}

#[test]
fn what_is_not_understood_is_copied() {
    let mut tree = backup(&inst(1));
    let mut put = |path: &str, bytes: &str| tree.put_file(&path.parse().unwrap(), bytes).unwrap();
    put("readme.txt", "mine");
    put(r"DomainSysvol\GPO\User\unlisted.txt", "mine");
    put(r"folder\file", "mine");
    put("gpreport.xml", "<broken");
    let store = store_of(&[inst(1)]);
    store.put_backup(&id(1), tree);
    let (to, _) = repack(&store);
    assert_eq!(open(&to, &id(1)), open(&store, &id(1)));

    store.put_backup(&id(1), tree_of("Backup.xml", "<broken"));
    let (to, outcome) = repack(&store);
    assert_eq!(open(&to, &id(1))["Backup.xml"], Some(b"<broken".to_vec()));
    assert_eq!(outcome.status, Status::Warnings);
    assert!(
        !open(&to, &id(1)).contains_key("bkupInfo.xml"),
        "no file is added"
    );
}

#[test]
fn unknown_xml_survives_in_gpmcs_form() {
    let xml = backup_xml(&inst(1)).to_bytes().unwrap();
    let xml = String::from_utf8(xml).unwrap().replace("\r\n", "\n");
    let xml = xml.replace("<SecurityGroups>", "<SecurityGroups><New a=\"1\"/>");
    let store = store_of(&[inst(1)]);
    let mut tree = backup(&inst(1));
    tree.put_file(&"Backup.xml".parse().unwrap(), xml.clone())
        .unwrap();
    store.put_backup(&id(1), tree);
    let (to, _) = repack(&store);
    let written = open(&to, &id(1))["Backup.xml"].clone().unwrap();
    assert_eq!(
        String::from_utf8(written).unwrap(),
        xml.replace('\n', "\r\n")
    );
}

#[test]
fn a_listed_file_that_is_missing_stays_listed() {
    let store = store_of(&[inst(1)]);
    let mut tree = backup(&inst(1));
    let lf = backup_xml(&inst(1)).to_bytes().unwrap();
    let lf = String::from_utf8(lf).unwrap().replace("\r\n", "\n");
    tree.put_file(&"Backup.xml".parse().unwrap(), lf).unwrap();
    tree.remove(&r"DomainSysvol\GPO\Machine\registry.pol".parse().unwrap());
    store.put_backup(&id(1), tree);
    let (to, outcome) = repack(&store);
    assert_eq!(outcome.status, Status::Warnings);
    let written = open(&to, &id(1))["Backup.xml"].clone().unwrap();
    assert_eq!(written, backup_xml(&inst(1)).to_bytes().unwrap());
}

#[test]
fn a_backup_that_is_there_stays_and_is_an_error() {
    let from = store_of(&[inst(1), inst(2)]);
    let to = MemoryStore::default();
    commit(&to, &inst(1));
    let before = open(&to, &id(1));
    let outcome = Repack::new(&from, &to, Stamps::system()).run(&mut (), &Cancel::default());
    assert_eq!(outcome.status, Status::Failed);
    assert_eq!(outcome.value.len(), 1, "the other goes on");
    assert_eq!(open(&to, &id(1)), before);
}

#[test]
fn a_place_outside_the_backup_is_refused() {
    let xml = backup_xml(&inst(1)).to_bytes().unwrap();
    let xml = String::from_utf8(xml).unwrap();
    let xml = xml.replace(r"DomainSysvol\GPO\GPO.cmt", r"DomainSysvol\GPO\..\..\..\x");
    let store = store_of(&[inst(1)]);
    let mut tree = backup(&inst(1));
    tree.put_file(&"Backup.xml".parse().unwrap(), xml).unwrap();
    store.put_backup(&id(1), tree);
    let (to, outcome) = repack(&store);
    assert_eq!(outcome.status, Status::Failed);
    assert!(to.backups().unwrap().is_empty());
}

#[test]
fn whatever_fails_what_is_there_is_whole() {
    let from = store_of(&[inst(1), inst(2)]);
    let sound = |n| open(&from, &id(n));
    let run = |to: &MemoryStore, faults: &Faults| {
        let (from, to) = (Faulty::new(&from, faults), Faulty::new(to, faults));
        Repack::new(&from, &to, Stamps::system()).run(&mut (), &Cancel::default())
    };
    let counted = Faults::none();
    assert_eq!(
        run(&MemoryStore::default(), &counted).status,
        Status::Succeeded
    );
    assert!(counted.calls() > 50);
    for call in 0..counted.calls() {
        for fault in [
            Fault::Fail(SourceErrorKind::Denied),
            Fault::ShortWrite,
            Fault::Stop,
        ] {
            let to = MemoryStore::default();
            let outcome = run(&to, &Faults::at(call, fault));
            for folder in to.backups().unwrap() {
                let n = if folder.path == id(1) { 1 } else { 2 };
                assert!(
                    open(&to, &folder.path) == sound(n),
                    "call {call}, {fault:?}"
                );
            }
            let manifest = to
                .manifest("")
                .unwrap()
                .map(|bytes| Manifest::parse(&bytes).unwrap());
            let whole =
                to.backups().unwrap().len() == 2 && manifest.is_some_and(|m| m.entries.len() == 2);
            assert!(
                whole || outcome.status == Status::Failed,
                "call {call}, {fault:?}: {outcome:?}"
            );
        }
    }
}

/// All sets in the corpus whose bytes nobody touched: those that reached the public in a zip file.
#[test]
fn real_untouched_sets_keep_every_byte() {
    let Some(corpus) = corpus() else { return };
    let mut compared = 0;
    for set in sets(&corpus)
        .iter()
        .filter(|set| set.to_string_lossy().contains("/_zip/"))
    {
        let store = FolderStore::open(set).unwrap();
        let (to, outcome) = repack(&store);
        for backup in &outcome.value {
            let xml = open(&store, &backup.folder)["Backup.xml"].clone().unwrap();
            let lgpo = BackupXml::parse(&xml).unwrap().form != gpo_core::BackupForm::default();
            assert_eq!(backup.rebuilt, lgpo, "{}", set.display());
            if lgpo {
                continue;
            }
            let files = |store: &dyn BackupStore, folder: &str| {
                // The folders that were empty are lost in the corpus.
                let tree = open(store, folder).into_iter();
                tree.filter(|(_, content)| content.is_some())
                    .collect::<BTreeMap<_, _>>()
            };
            let (was, is) = (
                files(&store, &backup.folder),
                files(&to, &backup.id.to_string()),
            );
            assert_eq!(
                is.keys().collect::<Vec<_>>(),
                was.keys().collect::<Vec<_>>()
            );
            for (path, bytes) in &was {
                assert!(is[path] == *bytes, "{}: {path}", set.display());
            }
            compared += 1;
        }
        if let Some(manifest) = store.manifest("").unwrap() {
            assert_eq!(
                to.manifest("").unwrap().unwrap(),
                manifest,
                "{}",
                set.display()
            );
        }
    }
    assert!(compared > 30, "{compared}");
}

/// Every folder of the corpus that has backups directly in it.
fn sets(corpus: &Path) -> Vec<std::path::PathBuf> {
    let backups = FolderStore::open(corpus).unwrap().backups().unwrap();
    let mut sets: Vec<_> = backups
        .iter()
        .map(|folder| corpus.join(folder.parent()))
        .collect();
    sets.dedup();
    sets
}

#[test]
fn all_real_backups_become_one_clean_set() {
    let Some(corpus) = corpus() else { return };
    let store = FolderStore::open(&corpus).unwrap();
    let (to, outcome) = repack(&store);
    let failed: Vec<_> = outcome
        .messages
        .iter()
        .filter(|m| m.severity == Severity::Error)
        .collect();
    assert!(failed.is_empty(), "{failed:?}");
    assert_eq!(outcome.value.len(), 351);
    let result = Verify::new(&to)
        .round_trip(true)
        .run(&mut (), &Cancel::default())
        .unwrap();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &result.findings {
        if !matches!(
            finding.kind,
            FindingKind::UnlistedExtension | FindingKind::StrayFile
        ) {
            *kinds.entry(finding.kind.name()).or_default() += 1;
        }
    }
    // Nothing is left but what the sources lack, or say themselves.
    let expected = BTreeMap::from([
        ("missing-file", 7),
        ("unlisted-file", 2),
        ("invalid-descriptor", 19),
        ("unlisted-principal", 4),
        ("versions-differ", 3),
    ]);
    assert_eq!(kinds, expected);
    for backup in outcome.value.iter().filter(|backup| backup.inst.is_some()) {
        let was = open(&store, &backup.folder);
        let name = was
            .keys()
            .find(|name| name.eq_ignore_ascii_case("bkupInfo.xml"))
            .unwrap();
        let info = BkupInfo::parse(was[name].as_ref().unwrap()).unwrap().inst;
        let inst = backup.inst.as_ref().unwrap();
        assert_eq!(
            (inst.time, &inst.display_name, &inst.comment, inst.gpo_id),
            (info.time, &info.display_name, &info.comment, info.gpo_id)
        );
    }
}

#[test]
fn a_dry_run_says_the_same_and_writes_nothing() {
    let source = MemoryStore::default();
    let domain = MemoryDomain::example();
    let _ = Backup::new(Source::of(&domain), &source, Stamps::system()).run(
        &Selection::All,
        &mut (),
        &Cancel::default(),
    );
    let dry = Repack::dry_run(&source, &[], Stamps::system()).run(&mut (), &Cancel::default());
    let target = MemoryStore::default();
    let real = Repack::new(&source, &target, Stamps::system()).run(&mut (), &Cancel::default());
    assert_eq!((&dry.value, &dry.messages), (&real.value, &real.messages));
    let there: Vec<String> = target
        .backups()
        .unwrap()
        .iter()
        .map(|f| f.path.clone())
        .collect();
    let again = Repack::dry_run(&source, &there, Stamps::system());
    let again = again.run(&mut (), &Cancel::default());
    assert_eq!((again.status, again.value.len()), (Status::Failed, 0));
}
