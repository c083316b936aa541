//! Two GPOs, or two states of one, side by side.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use gpo_admx::AdmxSet;
use gpo_core::{BackupFolder, BackupStore, BackupTime, Contents, GpoPath, Inventory, SourceError};
use gpo_report::{Report, ReportChange};
use sha2::{Digest, Sha256};

use crate::backup::report_gpo;
use crate::backup_files::{BackupFiles, sysvol_folder};
use crate::gpo_state::read_tree;
use crate::observer::Cancel;
use crate::report::BackupReport;
use crate::selection::GpoSelector;
use crate::source::{Source, gpo_folder};

/// A GPO to be compared: its report, and what its files are.
///
/// Two reports can be the same where files are not: a password is in none of them, nor is a value of
/// registry.pol that has no policy and is a list or binary. So the files are compared, too.
#[derive(Clone, Debug)]
pub struct ComparedGpo {
    /// The report.
    pub report: Report,
    /// Size and SHA-256 of each file below the folder of the GPO, without GPT.INI.
    files: BTreeMap<GpoPath, (u64, [u8; 32])>,
}

impl ComparedGpo {
    /// Reads the GPO of a backup.
    ///
    /// # Errors
    ///
    /// As [`BackupReport::read`]; any failure to read a file.
    pub fn of_backup(
        store: &dyn BackupStore,
        folder: &BackupFolder,
        admx: Option<&AdmxSet>,
        cancel: &Cancel,
    ) -> Result<Self, SourceError> {
        let contents = store.open(folder)?;
        let tree = BackupFiles::read(&*contents)?.sysvol;
        Ok(Self {
            report: BackupReport::read(store, folder, admx)?.report,
            files: digests(&*contents, &sysvol_folder(), &tree, cancel)?,
        })
    }

    /// Reads a GPO of a domain; the time is that of its report.
    ///
    /// # Errors
    ///
    /// As [`report_gpo`]; any failure to read a file.
    pub fn of_source(
        from: Source<'_>,
        gpo: &GpoSelector,
        time: BackupTime,
        admx: Option<&AdmxSet>,
        cancel: &Cancel,
    ) -> Result<Self, SourceError> {
        let report = report_gpo(from, gpo, time, admx, cancel)?;
        let folder = gpo_folder(report.id)?;
        let tree = read_tree(from, &folder)?.0.unwrap_or_default();
        let files = digests(from.sysvol, &folder, &tree, cancel)?;
        Ok(Self { report, files })
    }

    /// What is another in the GPO after: [what the reports say](Report::compare), then the files, in
    /// a section of their own with size and SHA-256 as their value.
    pub fn compare(&self, after: &Self) -> Vec<ReportChange> {
        let mut changes = self.report.compare(&after.report);
        let old = self.files.keys();
        let new = after.files.keys();
        let new = new.filter(|path| !self.files.contains_key(*path));
        for path in old.chain(new) {
            let (before, after) = (self.files.get(path), after.files.get(path));
            if before != after {
                changes.push(ReportChange {
                    section: vec!["Files".to_owned()],
                    name: path.to_string(),
                    before: before.map(text),
                    after: after.map(text),
                });
            }
        }
        changes
    }
}

fn digests(
    contents: &dyn Contents,
    folder: &GpoPath,
    tree: &Inventory,
    cancel: &Cancel,
) -> Result<BTreeMap<GpoPath, (u64, [u8; 32])>, SourceError> {
    let mut digests = BTreeMap::new();
    for (path, _) in tree.files() {
        cancel.check()?;
        let place = folder.join_path(path);
        let place = place.map_err(|error| SourceError::invalid(path.as_str(), error))?;
        let (mut size, mut digest) = (0, Sha256::new());
        contents.read(&place, &mut |piece| {
            size += piece.len() as u64;
            digest.update(piece);
            Ok(())
        })?;
        digests.insert(path.clone(), (size, digest.finalize().into()));
    }
    Ok(digests)
}

fn text((size, digest): &(u64, [u8; 32])) -> String {
    let mut text = format!("{size} bytes, SHA-256 ");
    for byte in digest {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
