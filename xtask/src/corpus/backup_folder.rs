//! One backup: its files read, built anew, regenerated.

use std::fs;
use std::path::{Path, PathBuf};

use gpo_core::{BackupLayout, BackupXml, BkupInfo, EntryKind, GpoPath, Inventory};

use sddl_parser::SecurityDescriptor;

use super::regenerate::regenerate;
use super::tally::{Outcome, Part, Tally, Verdict};
use super::{difference, principals, rebuild};
use crate::Result;

/// Compares the files of a backup with what is made of them.
pub(crate) fn check(folder: &Path, pristine: bool, tally: &mut Tally) -> Result<Verdict> {
    let mut disk = Inventory::default();
    let mut verdict = Verdict::Exact;
    if let Some(root) = find(folder, "DomainSysvol")? {
        let root = root.join("GPO");
        walk(&root, &GpoPath::root(), &mut disk)?;
    }
    let Some(path) = find(folder, "Backup.xml")? else {
        return Err(format!("{}: Backup.xml has gone", folder.display()).into());
    };
    let bytes = fs::read(&path)?;
    let backup = match BackupXml::parse(&bytes) {
        Ok(backup) => backup,
        Err(error) => {
            let outcome = Outcome::Unreadable(error.to_string());
            return Ok(tally.add(Part::BackupXml, &path, pristine, outcome));
        }
    };
    note_what_is_unusual(&backup, tally);
    let outcome = rebuilt(rebuild::backup_xml(&backup), BackupXml::to_bytes, &bytes);
    verdict = verdict.max(tally.add(Part::BackupXml, &path, pristine, outcome));
    add_regenerated(&backup, &disk, (&path, &bytes), pristine, tally);
    if let Some(outcome) = principals::recompute(folder, &backup)? {
        tally.add(Part::Principals, &path, false, outcome);
    }
    if let Some(path) = find(folder, "bkupInfo.xml")? {
        let outcome = bkup_info(&fs::read(&path)?, backup.form.layout);
        verdict = verdict.max(tally.add(Part::BkupInfo, &path, pristine, outcome));
    } else {
        tally.note("backups without bkupInfo.xml");
    }
    Ok(verdict)
}

fn note_what_is_unusual(backup: &BackupXml, tally: &mut Tally) {
    if backup.foreign().any(|(_, foreign)| !foreign.is_empty()) {
        tally.note("backups with XML that is unknown, and kept");
    }
    let descriptor = backup.core.security_descriptor.as_deref();
    if descriptor.is_some_and(|bytes| SecurityDescriptor::from_bytes(bytes).is_err()) {
        tally.note("backups whose security descriptor is none, and kept");
    }
}

/// Compares the bytes of a value that was built anew with those that were read.
fn rebuilt<T>(
    value: Result<T>,
    to_bytes: fn(&T) -> gpo_core::Result<Vec<u8>>,
    read: &[u8],
) -> Outcome {
    match value.and_then(|value| Ok(to_bytes(&value)?)) {
        Ok(written) => difference::compare(&written, read),
        Err(error) => Outcome::Unequal(format!("cannot be written: {error}")),
    }
}

fn bkup_info(bytes: &[u8], layout: BackupLayout) -> Outcome {
    match BkupInfo::parse(bytes) {
        Ok(read) => rebuilt(rebuild::bkup_info(&read, layout), BkupInfo::to_bytes, bytes),
        Err(error) => Outcome::Unreadable(error.to_string()),
    }
}

/// Counts how Backup.xml comes out when it is made from settings and tree.
fn add_regenerated(
    backup: &BackupXml,
    disk: &Inventory,
    (path, bytes): (&Path, &[u8]),
    pristine: bool,
    tally: &mut Tally,
) {
    let outcome = match regenerate(backup, disk, bytes) {
        Err(error) => Outcome::Unequal(format!("cannot be made: {error}")),
        Ok(found) => {
            let changes: Vec<&'static str> = [
                (
                    found.lost_files,
                    "backups with files that are listed and lost",
                ),
                (
                    found.added_files,
                    "backups with files that were added later",
                ),
                (
                    found.added_folders,
                    "backups with folders that were added later",
                ),
            ]
            .into_iter()
            .filter_map(|(number, what)| (number > 0).then_some(what))
            .collect();
            for &what in &changes {
                tally.note(what);
            }
            match found.outcome {
                Outcome::Exact if pristine && !changes.is_empty() => Outcome::Explained(changes),
                outcome => outcome,
            }
        }
    };
    tally.add(Part::RegeneratedBackupXml, path, pristine, outcome);
}

/// A file or folder directly in a folder, whatever the case of its name.
pub(crate) fn find(folder: &Path, name: &str) -> Result<Option<PathBuf>> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().eq_ignore_ascii_case(name) {
            return Ok(Some(entry.path()));
        }
    }
    Ok(None)
}

/// The files and folders below a folder; none where it is not there.
fn walk(folder: &Path, below: &GpoPath, inventory: &mut Inventory) -> Result {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = below.join(&entry.file_name().to_string_lossy())?;
        if entry.file_type()?.is_dir() {
            inventory.insert(path.clone(), EntryKind::Folder)?;
            walk(&entry.path(), &path, inventory)?;
        } else {
            inventory.insert(path, EntryKind::File(entry.metadata()?.len()))?;
        }
    }
    Ok(())
}
