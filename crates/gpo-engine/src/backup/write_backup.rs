//! Writing one backup: staged, and visible only when it is whole.

use std::collections::BTreeSet;

use gpo_core::{
    BackupInst, BackupXml, BkupInfo, EntryKind, GpoPath, Inventory, LARGEST_BACKUP_XML, Piece,
    SourceError, SourceErrorKind, TreeWriter,
};
use gpo_report::GpoFiles;

use super::read_gpo::invalid;
use crate::backup_files::{BACKUP_XML, sysvol_folder};
use crate::hashed_files::check_size;
use crate::observer::Cancel;

/// The note in a backup of half a GPO. Restoring such a one has to be allowed.
pub(crate) const INCOMPLETE: &str = "INCOMPLETE.txt";

/// Copies the files of a GPO into a backup; gives the number of bytes, and the files that a
/// report needs.
pub(super) fn copy_files(
    contents: &dyn gpo_core::Contents,
    folder: &GpoPath,
    inventory: &Inventory,
    backup: &BackupXml,
    stage: &mut dyn TreeWriter,
    in_flight: usize,
    cancel: &Cancel,
) -> Result<(u64, GpoFiles), SourceError> {
    let root = sysvol_folder();
    for half in ["Machine", "User"] {
        stage.create_folder(&invalid(half, root.join(half))?)?;
    }
    let layout = invalid("Backup.xml", backup.layout())?;
    let wanted: BTreeSet<&GpoPath> = GpoFiles::wanted(inventory).map(|(path, _)| path).collect();
    let (mut from, mut to) = (Vec::new(), Vec::new());
    for (path, kind) in layout.iter() {
        let place = invalid(path.as_str(), root.join_path(path))?;
        match (kind, inventory.get(path)) {
            (EntryKind::File(_), Some((spelled, EntryKind::File(size)))) => {
                from.push(invalid(path.as_str(), folder.join_path(spelled))?);
                to.push((place, size, wanted.contains(spelled).then_some(spelled)));
            }
            _ => stage.create_folder(&place)?,
        }
    }
    let mut bytes = 0;
    let mut settings = GpoFiles::default();
    let mut content = Vec::new();
    // The file that is open, and how much of it came.
    let mut open: Option<(usize, u64)> = None;
    contents.read_many(&from, in_flight, &mut |n, piece| {
        cancel.check()?;
        let Some((place, size, wanted)) = to.get(n) else {
            return Ok(());
        };
        if open.is_none_or(|(opened, _)| opened != n) {
            stage.create_file(place)?;
            open = Some((n, 0));
        }
        match piece {
            Piece::Data(data) => {
                if let Some((_, came)) = &mut open {
                    *came += data.len() as u64;
                    // A file that grows for ever must not fill the disk.
                    if *came > *size {
                        return Err(changed(&from, n));
                    }
                }
                if wanted.is_some() {
                    content.extend_from_slice(data);
                }
                stage.append(data)
            }
            Piece::End => {
                let came = open.take().map_or(0, |(_, came)| came);
                bytes += came;
                if let Some(path) = wanted {
                    settings.insert((*path).clone(), std::mem::take(&mut content));
                }
                if came == *size {
                    Ok(())
                } else {
                    Err(changed(&from, n))
                }
            }
            Piece::Failed(error) if error.kind() == SourceErrorKind::NotFound => {
                Err(changed(&from, n).caused_by(error))
            }
            Piece::Failed(error) => Err(error),
        }
    })?;
    Ok((bytes, settings))
}

fn changed(paths: &[GpoPath], n: usize) -> SourceError {
    let path = paths.get(n).map(GpoPath::as_str).unwrap_or_default();
    SourceError::new(
        SourceErrorKind::Changed,
        path,
        "the file changed while it was copied",
    )
}

/// Writes the files beside `DomainSysvol`: Backup.xml, the report, and bkupInfo.xml at last.
pub(super) fn write_descriptions(
    stage: &mut dyn TreeWriter,
    backup: &BackupXml,
    inst: &BackupInst,
    report: Option<&[u8]>,
    missing: Option<&str>,
) -> Result<(), SourceError> {
    let xml = invalid(BACKUP_XML, backup.to_bytes())?;
    check_size(BACKUP_XML, &xml, LARGEST_BACKUP_XML)?;
    write_file(stage, BACKUP_XML, &xml)?;
    if let Some(report) = report {
        write_file(stage, "gpreport.xml", report)?;
    }
    if let Some(missing) = missing {
        let note = format!(
            "This is the backup of half a GPO: {missing}.\r\n\
             It is restored only when that is allowed.\r\n"
        );
        write_file(stage, INCOMPLETE, note.as_bytes())?;
    }
    let info = BkupInfo::new(inst.clone());
    write_file(
        stage,
        "bkupInfo.xml",
        &invalid("bkupInfo.xml", info.to_bytes())?,
    )
}

fn write_file(stage: &mut dyn TreeWriter, name: &str, bytes: &[u8]) -> Result<(), SourceError> {
    stage.create_file(&invalid(name, GpoPath::from_name(name))?)?;
    stage.append(bytes)
}
