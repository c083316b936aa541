//! A domain in a folder, from any source.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a panic is the verdict of a test"
)]

mod common;

use std::fs;
use std::path::Path;

use common::{dump, with_stamps};
use gpo_core::Directory;
use gpo_engine::{
    Backup, Cancel, Observer, Outcome, Progress, Selection, Source, Status, Target, export_domain,
};
use gpo_local::{BackupSetSource, FolderDomain, NewFolderDomain};
use gpo_testkit::{MemoryDomain, MemoryStore};

fn small_domain() -> FolderDomain {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/domain");
    FolderDomain::open(path).unwrap()
}

/// A backup of everything, half GPOs, too.
fn backup(source: Source<'_>) -> MemoryStore {
    let store = MemoryStore::default();
    let _ = with_stamps(|stamps| {
        Backup::new(source, &store, stamps).allow_half(true).run(
            &Selection::All,
            &mut (),
            &Cancel::default(),
        )
    });
    store
}

/// What an export says, and the domain that it made.
fn export(
    source: Source<'_>,
    place: &Path,
) -> (Outcome<Option<gpo_engine::ExportedDomain>>, FolderDomain) {
    let new = NewFolderDomain::begin(place).unwrap();
    let outcome = export_domain(
        source,
        Target::of(new.domain()),
        &mut (),
        &Cancel::default(),
    );
    assert!(outcome.value.is_some(), "{:?}", outcome.messages);
    assert!(
        !place.join("directory.ldif").exists(),
        "not before it is whole"
    );
    new.commit().unwrap();
    (outcome, FolderDomain::open(place).unwrap())
}

/// Compares backups file by file, so that a difference has a name.
fn assert_same(one: &MemoryStore, other: &MemoryStore) {
    let (one, other) = (dump(one), dump(other));
    let names = |files: &[(String, Vec<u8>)]| -> Vec<String> {
        files.iter().map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(names(&one), names(&other));
    for ((name, one), (_, other)) in one.iter().zip(&other) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(text(one), text(other), "{name}");
        assert_eq!(one, other, "{name}");
    }
}

#[test]
fn a_backup_of_the_export_is_the_backup_of_the_domain() {
    let (source, place) = (small_domain(), tempfile::tempdir().unwrap());
    let (outcome, copy) = export(Source::of(&source), &place.path().join("copy"));
    let exported = outcome.value.unwrap();
    assert_eq!(
        (exported.gpos.len(), exported.wmi_filters, exported.soms),
        (9, 1, 5)
    );
    assert_same(&backup(Source::of(&source)), &backup(Source::of(&copy)));
    // And the second time it is the same to the byte.
    let (_, again) = export(Source::of(&copy), &place.path().join("again"));
    drop(again);
    let ldif = |name: &str| fs::read(place.path().join(name).join("directory.ldif")).unwrap();
    assert_eq!(ldif("copy"), ldif("again"));
    let left: Vec<_> = fs::read_dir(place.path()).unwrap().collect();
    assert_eq!(left.len(), 2, "nothing of ours stays beside it: {left:?}");
}

#[test]
fn memory_and_folder_give_the_same() {
    let (source, place) = (MemoryDomain::example(), tempfile::tempdir().unwrap());
    let template = r"Policies\PolicyDefinitions\en-US\a.adml".parse().unwrap();
    source.edit_sysvol(|sysvol| sysvol.put_file(&template, "<a/>").unwrap());
    let (_, copy) = export(Source::of(&source), &place.path().join("copy"));
    let read = gpo_core::Contents::read_all(&copy, &template, 99).unwrap();
    assert_eq!(read, b"<a/>", "the central store comes along");
    assert_eq!(copy.domain().unwrap(), source.domain().unwrap());
}

#[test]
fn a_gpo_whose_backup_lacks_a_file_is_left_out() {
    let (source, place) = (small_domain(), tempfile::tempdir().unwrap());
    let store = backup(Source::of(&source));
    let folders = gpo_core::BackupStore::backups(&store).unwrap().into_iter();
    let mut lost = String::new();
    for folder in folders {
        let mut tree = gpo_testkit::MemoryTree::clone(&store.backup(&folder.path).unwrap());
        for name in ["registry.pol", "Registry.pol"] {
            let pol = format!(r"DomainSysvol\GPO\Machine\{name}").parse().unwrap();
            if lost.is_empty() && tree.remove(&pol) {
                lost = format!("{}/Machine/{name}", folder.path);
            }
        }
        store.put_backup(&folder.path, tree);
    }
    assert!(!lost.is_empty());
    let set = BackupSetSource::new(Box::new(store)).unwrap();
    let (outcome, copy) = export(Source::of(&set), &place.path().join("copy"));
    let errors: Vec<_> = outcome
        .messages
        .iter()
        .filter(|message| message.severity == gpo_engine::Severity::Error)
        .collect();
    let [error] = errors.as_slice() else {
        panic!("{errors:?}")
    };
    assert!(
        error.text.to_lowercase().contains(&lost.to_lowercase()),
        "{error}"
    );
    assert!(error.text.ends_with("the GPO is left out"), "{error}");
    let left_out = |id: &str| error.object_path.contains(id);
    copy.list(&mut |gpo| {
        assert!(!left_out(&gpo.id.to_string()), "{gpo:?}");
        Ok(())
    })
    .unwrap();
}

#[test]
fn backups_give_what_they_know() {
    let (source, place) = (small_domain(), tempfile::tempdir().unwrap());
    let set = BackupSetSource::new(Box::new(backup(Source::of(&source)))).unwrap();
    let (_, copy) = export(Source::of(&set), &place.path().join("copy"));
    let (of_set, of_copy) = (backup(Source::of(&set)), backup(Source::of(&copy)));
    let without_reports = |store: &MemoryStore| -> Vec<_> {
        let files = dump(store).into_iter();
        // A folder does not know which domain controller a backup was made on when it says nothing.
        files
            .filter(|(name, _)| name.ends_with("Backup.xml") || name.contains("DomainSysvol"))
            .collect()
    };
    assert_eq!(
        without_reports(&of_set).len(),
        without_reports(&of_copy).len()
    );
    for ((name, one), (_, other)) in without_reports(&of_set)
        .iter()
        .zip(without_reports(&of_copy))
    {
        assert_eq!(*one, other, "{name}");
    }
    let links = |directory: &dyn Directory| {
        let ids: Vec<_> = {
            let mut ids = Vec::new();
            directory
                .list(&mut |gpo| {
                    ids.push(gpo.id);
                    Ok(())
                })
                .unwrap();
            ids.sort();
            ids
        };
        gpo_engine::links_of(directory, &ids).unwrap()
    };
    assert_eq!(links(&set).len(), links(&copy).len());
    assert_eq!(
        set.all_wmi_filters().unwrap(),
        source.all_wmi_filters().unwrap(),
        "from the side-cars"
    );
}

/// Cancels at the n-th progress.
struct CancelAt(usize, Cancel);

impl Observer for CancelAt {
    fn progress(&mut self, _: &Progress) {
        self.0 = self.0.saturating_sub(1);
        if self.0 == 0 {
            self.1.cancel();
        }
    }
}

#[test]
fn a_cancelled_export_leaves_nothing() {
    let (source, place) = (small_domain(), tempfile::tempdir().unwrap());
    for n in [1, 5, 10] {
        let new = NewFolderDomain::begin(place.path().join("copy")).unwrap();
        let cancel = Cancel::default();
        let mut observer = CancelAt(n, cancel.clone());
        let target = Target::of(new.domain());
        let outcome = export_domain(Source::of(&source), target, &mut observer, &cancel);
        assert_eq!((outcome.status, outcome.value), (Status::Cancelled, None));
        drop(new);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0, "{n}");
    }
}

#[test]
fn nothing_that_is_there_is_overwritten() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("file"), "x").unwrap();
    for name in ["file", "."] {
        let error = NewFolderDomain::begin(place.path().join(name)).unwrap_err();
        assert!(
            matches!(
                error.kind(),
                gpo_core::SourceErrorKind::Exists | gpo_core::SourceErrorKind::Invalid
            ),
            "{error:?}"
        );
    }
    fs::create_dir(place.path().join("empty")).unwrap();
    NewFolderDomain::begin(place.path().join("empty"))
        .unwrap()
        .commit()
        .unwrap();
    assert!(NewFolderDomain::begin(place.path().join("no/where")).is_err());
    assert_eq!(fs::read(place.path().join("file")).unwrap(), b"x");
}
