//! Every real backup, restored into an empty domain and backed up again.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used
)]

mod common;

use std::collections::BTreeMap;

use common::corpus;
use gpo_core::{BackupLayout, BackupObject, BackupStore, BackupXml, DsObject, FsObject};
use gpo_engine::{
    Backup, Cancel, Journal, Restore, Selection, Severity, Source, Stamps, Status, Target,
};
use gpo_local::{FolderDomain, FolderStore};
use sddl_parser::SecurityDescriptor;

/// The Backup.xml without what must differ: time and ID are not in it, the versions go up.
fn comparable(mut backup: BackupXml) -> BackupXml {
    backup.core.user_version = None;
    backup.core.machine_version = None;
    let controller = backup.domain_controller().unwrap_or_default().to_owned();
    for object in backup
        .extensions
        .iter_mut()
        .flat_map(|block| &mut block.objects)
    {
        match object {
            BackupObject::File(object) | BackupObject::Folder(object) => cut(object, &controller),
            BackupObject::Directory(object) => cut_ds(object, &controller),
        }
    }
    backup
}

/// Takes the deployment GUIDs of software packages out, which a directory makes anew.
fn without_deployment(object: &mut DsObject) {
    if object
        .object_class
        .eq_ignore_ascii_case("packageRegistration")
    {
        object
            .attributes
            .retain(|attribute| !attribute.name.eq_ignore_ascii_case("objectGUID"));
    }
}

/// Takes the domain controller out of the expanded paths.
fn cut(object: &mut FsObject, controller: &str) {
    if let Some(path) = &mut object.source_expanded_path
        && let Some(rest) = path
            .strip_prefix("\\\\")
            .and_then(|p| p.strip_prefix(controller))
    {
        *path = rest.to_owned();
    }
    for object in &mut object.matches {
        cut(object, controller);
    }
}

fn cut_ds(object: &mut DsObject, controller: &str) {
    without_deployment(object);
    for file in &mut object.files {
        cut(file, controller);
    }
    for child in &mut object.children {
        cut_ds(child, controller);
    }
}

/// Why two Backup.xml differ, in words that name the cause.
fn causes(before: &BackupXml, after: &BackupXml, missing: bool) -> Vec<&'static str> {
    let mut causes = Vec::new();
    if before.security_groups != after.security_groups {
        causes.push(cause_in_groups(before, after));
    }
    if before.file_paths != after.file_paths {
        causes.push("paths");
    }
    if before.core.wmi_filter != after.core.wmi_filter {
        causes.push("a domain made from a backup has no WMI filters");
    }
    let mut core = after.core.clone();
    core.wmi_filter.clone_from(&before.core.wmi_filter);
    core.wmi_filter_name
        .clone_from(&before.core.wmi_filter_name);
    if before.core != core {
        causes.push("core settings");
    }
    if before.extensions != after.extensions {
        causes.push(match before.form.layout {
            BackupLayout::Lgpo => "LGPO.exe always writes a Security block",
            BackupLayout::Gpmc if missing => "the backup has lost files",
            BackupLayout::Gpmc => "extensions",
        });
    }
    causes
}

fn cause_in_groups(before: &BackupXml, after: &BackupXml) -> &'static str {
    let descriptor = before
        .core
        .security_descriptor
        .as_deref()
        .unwrap_or_default();
    if SecurityDescriptor::from_bytes(descriptor).is_err() {
        return "the descriptor is cut off before its DACL";
    }
    if before.security_groups.is_empty() {
        return "the backup lists no principals";
    }
    let sids = |backup: &BackupXml| -> Vec<_> {
        backup
            .security_groups
            .iter()
            .map(|g| g.sid.clone())
            .filter(|s| !s.is_empty())
            .collect()
    };
    let (before_sids, after_sids) = (sids(before), sids(after));
    let admins_first = |sids: &[String]| {
        let place = |rid| sids.iter().position(|sid| sid.ends_with(rid));
        place("-512") < place("-519")
    };
    if admins_first(&before_sids) != admins_first(&after_sids) {
        return "Domain Admins before Enterprise Admins";
    }
    if before_sids == after_sids {
        return "well-known principals in an order of their own";
    }
    "principals"
}

#[test]
fn a_restored_backup_backs_up_the_same() {
    let Some(corpus) = corpus() else { return };
    let store = FolderStore::open(&corpus).unwrap();
    let mut found: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let (mut total, mut same) = (0, 0);
    for folder in store.backups().unwrap() {
        total += 1;
        let place = tempfile::tempdir().unwrap();
        for name in ["domain", "backups", "state"] {
            std::fs::create_dir(place.path().join(name)).unwrap();
        }
        let domain = FolderDomain::open(place.path().join("domain")).unwrap();
        let contents = store.open(&folder).unwrap();
        let state = FolderStore::open(place.path().join("state")).unwrap();
        let journal = Journal::new(&state, Stamps::system());
        let restored = Restore::new(contents.as_ref(), Target::of(&domain), Stamps::system())
            .allow_missing(true)
            .run(&journal, &mut (), &Cancel::default());
        let errors: Vec<_> = restored
            .messages
            .iter()
            .filter(|m| m.severity == Severity::Error)
            .collect();
        assert!(errors.is_empty(), "{}: {errors:?}", folder.path);
        let plan = restored.value.unwrap();
        let left = std::fs::read_dir(place.path().join("state")).unwrap();
        assert_eq!(left.count(), 0, "{}: the journal", folder.path);

        let backups = FolderStore::open(place.path().join("backups")).unwrap();
        let outcome = Backup::new(Source::of(&domain), &backups, Stamps::system()).run(
            &Selection::All,
            &mut (),
            &Cancel::default(),
        );
        assert_ne!(
            outcome.status,
            Status::Failed,
            "{}: {:?}",
            folder.path,
            outcome.messages
        );
        let again = backups.backups().unwrap().remove(0);
        let read = |contents: &dyn gpo_core::Contents| {
            let bytes = contents
                .read_all(&"Backup.xml".parse().unwrap(), u64::MAX)
                .unwrap();
            comparable(BackupXml::parse(&bytes).unwrap())
        };
        let before = read(contents.as_ref());
        let after = read(backups.open(&again).unwrap().as_ref());
        let causes = causes(&before, &after, !plan.missing_files.is_empty());
        if causes.is_empty() {
            same += 1;
        }
        for cause in causes {
            found.entry(cause).or_default().push(folder.path.clone());
        }
    }
    println!("{same} of {total} the same");
    let counts: Vec<_> = found
        .iter()
        .map(|(cause, folders)| (*cause, folders.len()))
        .collect();
    // The first is in 65 of 1,744 lists of the census: the order in which the domain controller
    // answers. The last is the one of 123 lists that is not the template read backwards.
    let expected = [
        ("Domain Admins before Enterprise Admins", 6),
        ("LGPO.exe always writes a Security block", 22),
        ("a domain made from a backup has no WMI filters", 4),
        ("the backup has lost files", 4),
        ("the backup lists no principals", 2),
        ("the descriptor is cut off before its DACL", 19),
        ("well-known principals in an order of their own", 1),
    ];
    assert_eq!(counts, expected, "{found:#?}");
    assert_eq!((same, total), (293, 351));
}
