//! Backup.xml made from the settings of the GPO and the tree on disk.

use gpo_core::{
    BackupLayout, BackupObject, BackupXml, EntryKind, FsObject, GpoPath, Half, Inventory,
};

use super::difference;
use super::tally::Outcome;
use crate::Result;

/// What was made.
pub(crate) struct Regenerated {
    /// How it compares with what is there.
    pub(crate) outcome: Outcome,
    /// Files that are listed and not on disk: they were taken from the list.
    pub(crate) lost_files: usize,
    /// Files on disk that are not listed: they were left out.
    pub(crate) added_files: usize,
    /// Folders likewise. (Folders that are listed and lost mean nothing: archives and version
    /// control drop empty ones.)
    pub(crate) added_folders: usize,
}

/// Makes the Backup.xml of a GPO from core settings, the principals and paths as listed, and the
/// tree on disk, and compares it.
pub(crate) fn regenerate(
    backup: &BackupXml,
    disk: &Inventory,
    bytes: &[u8],
) -> Result<Regenerated> {
    let found = backup.inventory(disk)?;
    let mut inventory = found.inventory;
    for path in &found.missing_files {
        inventory.insert(path.clone(), EntryKind::File(0))?;
    }
    for path in &found.unlisted_files {
        inventory.remove(path);
    }
    let added_folders = unlisted_folders(backup, &inventory)?;
    for path in &added_folders {
        inventory.remove(path);
    }
    let gpo = backup.to_gpo(inventory)?;
    let build = match backup.form.layout {
        BackupLayout::Gpmc => BackupXml::build,
        BackupLayout::Lgpo => BackupXml::build_lgpo,
    };
    let controller = backup.domain_controller().unwrap_or_default();
    let groups = backup.security_groups.clone();
    let made = build(&gpo, controller, groups, backup.file_paths.clone()).to_bytes()?;
    Ok(Regenerated {
        outcome: compare(backup, &made, bytes),
        lost_files: found.missing_files.len(),
        added_files: found.unlisted_files.len(),
        added_folders: added_folders.len(),
    })
}

/// Folders that no entry of the list is or lies in.
fn unlisted_folders(backup: &BackupXml, inventory: &Inventory) -> Result<Vec<GpoPath>> {
    let listed = backup.layout()?;
    let is_half = |path: &GpoPath| {
        let name = path.file_name().unwrap_or_default();
        let half = |half: &Half| name.eq_ignore_ascii_case(half.name());
        path.components().count() == 1 && Half::BOTH.iter().any(half)
    };
    Ok(inventory
        .iter()
        .filter(|(path, kind)| *kind == EntryKind::Folder && !is_half(path))
        .filter(|(path, _)| listed.below(path).next().is_none())
        .map(|(path, _)| path.clone())
        .collect())
}

/// Compares, and says what people have done to the content where that can be told.
fn compare(backup: &BackupXml, made: &[u8], bytes: &[u8]) -> Outcome {
    let outcome = difference::compare(made, bytes);
    if !matches!(outcome, Outcome::Unequal(_)) {
        return outcome;
    }
    if lacks_fields(backup) {
        return Outcome::Explained(vec!["fields left out or added by hand"]);
    }
    let [made, bytes] = [made, bytes].map(without_source);
    match difference::compare(&made, &bytes) {
        Outcome::Unequal(_) | Outcome::Unreadable(_) => outcome,
        Outcome::Exact => Outcome::Explained(vec![SOURCE_EDITED]),
        Outcome::Explained(mut causes) => {
            causes.insert(0, SOURCE_EDITED);
            Outcome::Explained(causes)
        }
    }
}

const SOURCE_EDITED: &str = "expanded paths that name another domain or GPO than the settings";

/// Whether something is not there that GPMC and LGPO.exe always write, or is there that they never
/// write.
fn lacks_fields(backup: &BackupXml) -> bool {
    let core = &backup.core;
    let files = backup.extensions.iter().flat_map(|block| &block.objects);
    let without_source = |file: &FsObject| file.source_expanded_path.is_none();
    backup.unusual.is_some()
        || core.options.is_none()
        || core.user_version.is_none()
        || core.machine_version.is_none()
        || files.into_iter().any(|object| match object {
            BackupObject::File(file) | BackupObject::Folder(file) => {
                without_source(file) || file.matches.iter().any(without_source)
            }
            BackupObject::Directory(_) => false,
        })
}

/// The text without server, domain and GPO in the expanded paths:
/// `SourceExpandedPath="\\server\sysvol\domain\Policies\{GUID}\…`.
fn without_source(bytes: &[u8]) -> Vec<u8> {
    const ATTRIBUTE: &str = "SourceExpandedPath=\"\\\\";
    const NAMES: usize = 5;
    let Ok(text) = std::str::from_utf8(bytes) else {
        return bytes.to_vec();
    };
    let mut result = String::with_capacity(text.len());
    let mut pieces = text.split(ATTRIBUTE);
    result.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let (path, rest) = piece.split_once('"').unwrap_or((piece, ""));
        let below = path.splitn(NAMES + 1, '\\').nth(NAMES).unwrap_or_default();
        result.extend([ATTRIBUTE, below, "\"", rest]);
    }
    result.into_bytes()
}
