//! What stands beside a backup, for which GPMC's layout has no place.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

mod common;

use std::path::Path;

use common::{dump, with_stamps};
use gpo_core::{BackupFolder, BackupStore, GpoPath, Sidecar, TreeWriter};
use gpo_engine::{
    Backup, BackupDetails, Cancel, Copy, FindingKind, Import, Journal, Repack, Restore, Selection,
    Source, Stamps, Status, Target, Verify, export_domain,
};
use gpo_local::{BackupSetSource, FolderDomain, NewFolderDomain};
use gpo_testkit::{MemoryDomain, MemoryStore, MemoryTree};
use sha2::{Digest, Sha256};

/// A GPO of the small domain with a WMI filter.
const FILTERED: &str = "{10AD0001-6C1B-4F55-9B5C-7E3A4C2F0001}";

fn domain() -> FolderDomain {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/domain");
    FolderDomain::open(path).unwrap()
}

fn backups(names: &[&str]) -> MemoryStore {
    let (domain, store) = (domain(), MemoryStore::default());
    let gpos = names.iter().map(|name| name.parse().unwrap()).collect();
    with_stamps(|stamps| {
        let outcome = Backup::new(Source::of(&domain), &store, stamps).run(
            &Selection::Gpos(gpos),
            &mut (),
            &Cancel::default(),
        );
        assert!(outcome.value.iter().all(|gpo| gpo.backup.is_some()));
    });
    store
}

fn first(store: &MemoryStore) -> BackupFolder {
    store.backups().unwrap().remove(0)
}

fn sidecar(store: &MemoryStore) -> Sidecar {
    let contents = store.open(&first(store)).unwrap();
    Sidecar::read(&*contents).unwrap().unwrap()
}

/// A copy of a backup, to be changed.
fn copy(store: &MemoryStore) -> MemoryTree {
    let contents = store.open(&first(store)).unwrap();
    let mut tree = MemoryTree::default();
    let mut entries = Vec::new();
    contents
        .walk(&GpoPath::root(), &mut |entry| {
            entries.push(entry.unwrap());
            Ok(())
        })
        .unwrap();
    for entry in entries {
        match contents.read_all(&entry.path, u64::MAX) {
            Ok(bytes) => tree.put_file(&entry.path, bytes).unwrap(),
            Err(_) => tree.create_folder(&entry.path).unwrap(),
        }
    }
    tree
}

fn path(text: &str) -> GpoPath {
    text.parse().unwrap()
}

/// The kinds of the findings that tell of the side-car, and their files.
fn findings(store: &MemoryStore) -> Vec<(FindingKind, String)> {
    let checked = Verify::new(store).run(&mut (), &Cancel::default());
    let found = checked.unwrap().findings.into_iter();
    let mut found: Vec<_> = found
        .filter(|finding| {
            use FindingKind::{AddedFile, ChangedFile, InvalidSidecar, MissingFile};
            [AddedFile, ChangedFile, InvalidSidecar, MissingFile].contains(&finding.kind)
        })
        .map(|finding| (finding.kind, finding.file.unwrap()))
        .collect();
    found.sort();
    found
}

#[test]
fn it_holds_links_filter_owner_and_gpt_ini() {
    let all = backups(&[FILTERED]);
    let known = sidecar(&all);
    assert!(known.tool.starts_with("gpo "));
    let filter = known.wmi_filter.unwrap();
    assert!(filter.queries.contains("SELECT"), "{filter:?}");
    assert!(known.owner.is_some() && known.group.is_some());
    assert!(known.gpt_ini.is_some_and(|ini| ini.len() > 10));
}

#[test]
fn a_link_is_there_with_its_place_its_options_and_its_som() {
    let known = sidecar(&backups(&[FILTERED]));
    let links = known.links.unwrap();
    let of: Vec<_> = links
        .iter()
        .map(|known| {
            let link = &known.link;
            let som = known.som.as_ref().unwrap();
            assert_eq!(som.dn, link.target);
            assert!(som.links.to_lowercase().contains("10ad0001"));
            (
                link.index,
                link.enforced,
                link.disabled,
                som.block_inheritance,
            )
        })
        .collect();
    assert_eq!(of, [(0, false, false, false), (1, true, true, false)]);
    let blocked = sidecar(&backups(&["{10AD0002-6C1B-4F55-9B5C-7E3A4C2F0002}"]));
    assert!(
        blocked.links.unwrap()[0]
            .som
            .as_ref()
            .unwrap()
            .block_inheritance
    );
}

#[test]
fn every_file_but_itself_is_listed_with_its_hash() {
    let store = backups(&["Default Domain Policy"]);
    let contents = store.open(&first(&store)).unwrap();
    let known = sidecar(&store);
    let mut files = 0;
    contents
        .walk(&GpoPath::root(), &mut |entry| {
            let entry = entry.unwrap();
            let Ok(bytes) = contents.read_all(&entry.path, u64::MAX) else {
                return Ok(());
            };
            if entry.path.as_str() == Sidecar::NAME {
                return Ok(());
            }
            files += 1;
            let listed = known.file(&entry.path).unwrap();
            assert_eq!(listed.size, bytes.len() as u64);
            assert_eq!(listed.sha256, <[u8; 32]>::from(Sha256::digest(&bytes)));
            Ok(())
        })
        .unwrap();
    assert_eq!(known.files.len(), files);
    assert!(files >= 4, "{files}");
}

/// What is done to a backup and a file of it, and what is found where; an empty name is that file.
type Damage = (fn(&mut MemoryTree, &str), FindingKind, &'static str);

#[test]
fn damage_is_found_file_by_file() {
    let good = backups(&["Default Domain Policy"]);
    assert_eq!(findings(&good), []);
    let inf = r"DomainSysvol\GPO\Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf";
    let spelled = sidecar(&good).file(&path(inf)).unwrap().path.to_string();
    let cases: [Damage; 6] = [
        (
            |tree, file| {
                let mut bytes = tree.file(&path(file)).unwrap().to_vec();
                *bytes.last_mut().unwrap() ^= 1;
                tree.remove(&path(file));
                tree.put_file(&path(file), bytes).unwrap();
            },
            FindingKind::ChangedFile,
            "",
        ),
        (
            |tree, file| assert!(tree.remove(&path(file))),
            FindingKind::MissingFile,
            "",
        ),
        (
            |tree, _| {
                let bytes = tree.file(&path("bkupInfo.xml")).unwrap().to_vec();
                tree.remove(&path("bkupInfo.xml"));
                let bytes = String::from_utf8(bytes)
                    .unwrap()
                    .replace("Default", "Another");
                tree.put_file(&path("bkupInfo.xml"), bytes).unwrap();
            },
            FindingKind::ChangedFile,
            "bkupInfo.xml",
        ),
        (
            |tree, _| assert!(tree.remove(&path("gpreport.xml"))),
            FindingKind::MissingFile,
            "gpreport.xml",
        ),
        (
            |tree, _| tree.put_file(&path("note.txt"), "x").unwrap(),
            FindingKind::AddedFile,
            "note.txt",
        ),
        (
            |tree, _| {
                tree.remove(&path(Sidecar::NAME));
                tree.put_file(&path(Sidecar::NAME), "{}").unwrap();
            },
            FindingKind::InvalidSidecar,
            Sidecar::NAME,
        ),
    ];
    for (damage, kind, file) in cases {
        let mut tree = copy(&good);
        damage(&mut tree, &spelled);
        let damaged = MemoryStore::default();
        damaged.put_backup(&first(&good).path, tree);
        let file = if file.is_empty() { &spelled } else { file };
        assert_eq!(findings(&damaged), [(kind, file.to_owned())]);
    }
}

#[test]
fn a_damaged_one_stops_no_restore_and_is_shown() {
    let store = backups(&["Default Domain Policy"]);
    for hostile in [
        String::new(),
        "{\"schema\": \"gpo/sidecar/9\"}".to_owned(),
        "[".repeat(1 << 20),
    ] {
        let mut tree = copy(&store);
        tree.remove(&path(Sidecar::NAME));
        tree.put_file(&path(Sidecar::NAME), hostile).unwrap();
        let damaged = MemoryStore::default();
        damaged.put_backup(&first(&store).path, tree);
        let details = BackupDetails::read(&damaged, &first(&damaged)).unwrap();
        assert_eq!(details.findings[0].kind, FindingKind::InvalidSidecar);
        let contents = damaged.open(&first(&damaged)).unwrap();
        let (target, state) = (domain_like_the_other(), MemoryStore::default());
        let journal = gpo_engine::Journal::new(&state, Stamps::system());
        let restored = Restore::new(&*contents, Target::of(&target), Stamps::system()).run(
            &journal,
            &mut (),
            &Cancel::default(),
        );
        assert_ne!(restored.status, Status::Failed, "{:?}", restored.messages);
    }
}

/// The default policy of the small domain, with a bit of its security template turned.
fn damaged_backup() -> (MemoryStore, String) {
    let good = backups(&["Default Domain Policy"]);
    let inf = r"DomainSysvol\GPO\Machine\Microsoft\Windows NT\SecEdit\GptTmpl.inf";
    let inf = sidecar(&good).file(&path(inf)).unwrap().path.clone();
    let mut tree = copy(&good);
    let mut bytes = tree.file(&inf).unwrap().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    tree.remove(&inf);
    tree.put_file(&inf, bytes).unwrap();
    let damaged = MemoryStore::default();
    damaged.put_backup(&first(&good).path, tree);
    (damaged, inf.to_string())
}

#[test]
fn whoever_uses_a_damaged_file_is_told() {
    let (store, file) = damaged_backup();
    let contents = store.open(&first(&store)).unwrap();
    let (cancel, state) = (Cancel::default(), MemoryStore::default());
    let target = domain_like_the_other();
    let journal = Journal::new(&state, Stamps::system());
    let restored = Restore::new(&*contents, Target::of(&target), Stamps::system()).run(
        &journal,
        &mut (),
        &cancel,
    );
    let name = "Imported".parse().unwrap();
    let imported = Import::new(&*contents, Target::of(&target), name, Stamps::system())
        .create_if_needed(true)
        .run(&journal, &mut (), &cancel);

    let set = BackupSetSource::new(Box::new(damaged_backup().0)).unwrap();
    let gpo = restored.value.as_ref().unwrap().gpo_id;
    let copied = Copy::new(Source::of(&set), gpo, Target::of(&target), Stamps::system()).run(
        &journal,
        &mut (),
        &cancel,
    );
    let again = MemoryStore::default();
    let backed_up = Backup::new(Source::of(&set), &again, Stamps::system()).run(
        &Selection::All,
        &mut (),
        &cancel,
    );
    let place = tempfile::tempdir().unwrap();
    let new = NewFolderDomain::begin(place.path().join("copy")).unwrap();
    let exported = export_domain(Source::of(&set), Target::of(new.domain()), &mut (), &cancel);

    for (what, status, messages) in [
        ("restore", restored.status, restored.messages),
        ("import", imported.status, imported.messages),
        ("copy", copied.status, copied.messages),
        ("backup", backed_up.status, backed_up.messages),
        ("export", exported.status, exported.messages),
    ] {
        assert_eq!(status, Status::Warnings, "{what}: {messages:?}");
        let told = format!("{file}: its content is not what was backed up: it is damaged");
        let named = messages.iter().filter(|message| message.text == told);
        assert_eq!(named.count(), 1, "{what}: {messages:?}");
    }
}

fn domain_like_the_other() -> MemoryDomain {
    MemoryDomain::new(gpo_core::Directory::domain(&domain()).unwrap())
}

#[test]
fn a_repack_keeps_it_and_takes_new_hashes() {
    let run = |from: &MemoryStore| {
        let to = MemoryStore::default();
        let outcome =
            with_stamps(|stamps| Repack::new(from, &to, stamps).run(&mut (), &Cancel::default()));
        (to, outcome)
    };
    let store = backups(&[FILTERED]);
    let (same, outcome) = run(&store);
    assert_eq!(outcome.status, Status::Succeeded, "{:?}", outcome.messages);
    assert_eq!(dump(&same), dump(&store), "not a byte changes");

    let mut tree = copy(&store);
    tree.put_file(&path("note.txt"), "x").unwrap();
    let bytes = tree.file(&path("gpreport.xml")).unwrap().to_vec();
    tree.remove(&path("gpreport.xml"));
    tree.put_file(&path("gpreport.xml"), [&bytes[..], b" "].concat())
        .unwrap();
    let changed = MemoryStore::default();
    changed.put_backup(&first(&store).path, tree);
    let (repacked, outcome) = run(&changed);
    let told: Vec<_> = outcome.messages.iter().map(|m| &*m.text).collect();
    assert!(
        told.iter()
            .any(|text| text.contains("gpreport.xml: its content is not what was backed up")),
        "{told:?}"
    );
    assert_eq!(outcome.status, Status::Failed);
    assert_eq!(repacked.backups().unwrap(), [], "no hash hides the damage");
    let there = [];
    let dry = with_stamps(|stamps| {
        Repack::dry_run(&changed, &there, stamps).run(&mut (), &Cancel::default())
    });
    assert_eq!(dry.messages, outcome.messages);

    let mut tree = copy(&store);
    tree.put_file(&path("note.txt"), "x").unwrap();
    let added = MemoryStore::default();
    added.put_backup(&first(&store).path, tree);
    let (repacked, _) = run(&added);
    assert_eq!(findings(&repacked), []);
    assert_eq!(sidecar(&repacked).links, sidecar(&store).links);

    let mut tree = copy(&store);
    tree.remove(&path(Sidecar::NAME));
    let plain = MemoryStore::default();
    plain.put_backup(&first(&store).path, tree);
    let (repacked, _) = run(&plain);
    let contents = repacked.open(&first(&repacked)).unwrap();
    assert_eq!(Sidecar::read(&*contents).unwrap(), None, "none is made up");
}
