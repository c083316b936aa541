//! What one backup becomes.

use std::collections::{BTreeMap, BTreeSet};

use gpo_core::{
    BackupForm, BackupId, BackupInst, BackupStore, BackupStoreWrite, BackupXml, BkupInfo, Contents,
    EntryKind, GpoPath, Half, Inventory, Result as CoreResult, Sidecar, SourceError,
    SourceErrorKind, StagedBackup, TreeWriter, same_name,
};

use crate::backup_files::{BACKUP_XML, BackupFiles, read_backup_xml, sysvol_folder};
use crate::backup_set::SetMember;
use crate::finding::FindingKind;
use crate::hashed_files::HashedFiles;
use crate::observer::Cancel;
use crate::status::Severity;

const BKUP_INFO: &str = "bkupInfo.xml";

/// A backup in GPMC's form: which files and folders it has, and where their content comes from.
pub(super) struct NativeBackup<'a> {
    member: &'a SetMember,
    id: BackupId,
    folders: BTreeSet<GpoPath>,
    files: BTreeMap<GpoPath, Content>,
    /// What bkupInfo.xml will say.
    pub(super) inst: Option<BackupInst>,
    /// Its side-car; none where there is none, or none that can be read, which is copied.
    sidecar: Option<Sidecar>,
    /// Whether Backup.xml is written anew.
    pub(super) rebuilt: bool,
    /// What there is to say about it.
    pub(super) remarks: Vec<(Severity, String)>,
}

enum Content {
    /// A copy of this file.
    Copy(GpoPath),
    /// These bytes.
    Bytes(Vec<u8>),
}

impl<'a> NativeBackup<'a> {
    pub(super) fn read(
        contents: &dyn Contents,
        member: &'a SetMember,
        id: BackupId,
    ) -> Result<Self, SourceError> {
        let id = BackupId::new(id.guid().to_upper());
        let mut files = BackupFiles::read(contents)?;
        let mut backup = Self {
            member,
            id,
            folders: BTreeSet::new(),
            files: BTreeMap::new(),
            inst: member.inst.clone().map(|inst| native_inst(inst, id)),
            sidecar: None,
            rebuilt: false,
            remarks: Vec::new(),
        };
        backup.leave_out(std::mem::take(&mut files.refused))?;
        backup.copy_beside(&files)?;
        backup.take_sidecar(contents)?;
        let mut layout = Inventory::default();
        match read_backup_xml(contents, &member.folder.path) {
            Ok(xml) => layout = backup.take_xml(xml, &files).map_err(invalid(BACKUP_XML))?,
            Err(finding) if finding.kind == FindingKind::Unreadable => {
                let kind = SourceErrorKind::Other;
                return Err(SourceError::new(kind, BACKUP_XML, finding.text));
            }
            Err(finding) => {
                let text = format!("copied without looking into it: {finding}");
                backup.remarks.push((Severity::Warning, text));
            }
        }
        backup
            .copy_sysvol(&files, layout)
            .map_err(invalid("DomainSysvol"))?;
        Ok(backup)
    }

    /// What no backup can have is left out. What merely could not be read is not: a later run may
    /// read it.
    fn leave_out(&mut self, refused: Vec<SourceError>) -> Result<(), SourceError> {
        for error in refused {
            match error.kind() {
                SourceErrorKind::Invalid | SourceErrorKind::Unsupported => {
                    let text = format!("left out: {error}");
                    self.remarks.push((Severity::Error, text));
                }
                _ => return Err(error),
            }
        }
        Ok(())
    }

    /// What stands beside the SYSVOL tree, under the names that GPMC gives the files it knows.
    fn copy_beside(&mut self, files: &BackupFiles) -> Result<(), SourceError> {
        for (path, kind) in files.beside.iter() {
            let known = [
                BACKUP_XML,
                BKUP_INFO,
                "gpreport.xml",
                Sidecar::NAME,
                "DomainSysvol",
            ];
            let known = known
                .into_iter()
                .find(|name| same_name(name, path.as_str()));
            let place = match known {
                Some(name) => GpoPath::from_name(name).map_err(invalid(name))?,
                None => path.clone(),
            };
            if kind == EntryKind::Folder {
                self.folders.insert(place);
            } else {
                self.files.insert(place, Content::Copy(path.clone()));
            }
        }
        if let Some(inst) = &self.inst {
            let bytes = BkupInfo::new(inst.clone())
                .to_bytes()
                .map_err(invalid(BKUP_INFO))?;
            let place = GpoPath::from_name(BKUP_INFO).map_err(invalid(BKUP_INFO))?;
            self.files.insert(place, Content::Bytes(bytes));
        }
        Ok(())
    }

    /// The side-car, which is written with the hashes of what is written.
    fn take_sidecar(&mut self, contents: &dyn Contents) -> Result<(), SourceError> {
        match Sidecar::read(contents) {
            Ok(Some(sidecar)) => {
                let place = GpoPath::from_name(Sidecar::NAME).map_err(invalid(Sidecar::NAME))?;
                self.files.remove(&place);
                check_hashes(&sidecar, contents)?;
                self.sidecar = Some(sidecar);
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(error) if error.kind() == SourceErrorKind::Invalid => {
                let text = format!("copied without looking into it: {error}");
                self.remarks.push((Severity::Warning, text));
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Backup.xml in GPMC's form; gives where it puts the files.
    fn take_xml(&mut self, xml: BackupXml, files: &BackupFiles) -> CoreResult<Inventory> {
        let tree = xml.inventory(&files.sysvol)?;
        for path in &tree.missing_files {
            let text = format!("Backup.xml lists {path}, which is missing");
            self.remarks.push((Severity::Warning, text));
        }
        if xml.form == BackupForm::default() && xml.unusual.is_none() {
            return xml.layout();
        }
        let native = if is_plain(&xml) {
            let listed = listed_inventory(&xml, &tree.inventory)?;
            let controller = match &self.inst {
                Some(inst) => inst.domain_controller.as_str(),
                None => xml.domain_controller().unwrap_or_default(),
            };
            let gpo = xml.to_gpo(listed)?;
            BackupXml::build(
                &gpo,
                controller,
                xml.security_groups.clone(),
                xml.file_paths.clone(),
            )
        } else {
            BackupXml {
                form: BackupForm::default(),
                ..xml
            }
        };
        let place = GpoPath::from_name(BACKUP_XML)?;
        self.files.insert(place, Content::Bytes(native.to_bytes()?));
        self.rebuilt = true;
        native.layout()
    }

    /// The SYSVOL tree: what is listed has the case and the folders of the list, and what is not
    /// is copied beside it.
    fn copy_sysvol(&mut self, files: &BackupFiles, mut layout: Inventory) -> CoreResult<()> {
        let root = sysvol_folder();
        for half in Half::BOTH {
            layout.insert(GpoPath::from_name(half.name())?, EntryKind::Folder)?;
        }
        let mut there = BTreeSet::new();
        for (path, kind) in files.sysvol.iter() {
            if kind != EntryKind::Folder {
                there.insert(path);
            }
            if layout.get(path).is_none() {
                layout.insert(path.clone(), kind)?;
            }
        }
        for (path, kind) in layout.iter() {
            let place = root.join_path(path)?;
            match (kind, there.get(path)) {
                (EntryKind::Folder, _) => {
                    self.folders.insert(place);
                }
                (EntryKind::File(_), Some(from)) => {
                    self.files
                        .insert(place, Content::Copy(root.join_path(from)?));
                }
                // Listed and missing: nothing to copy.
                (EntryKind::File(_), None) => {}
            }
        }
        Ok(())
    }

    /// Writes it; gives the number of bytes.
    pub(super) fn write(
        &self,
        from: &dyn BackupStore,
        to: &dyn BackupStoreWrite,
        cancel: &Cancel,
    ) -> Result<u64, SourceError> {
        let contents = from.open(&self.member.folder)?;
        let mut stage = to.stage(self.id)?;
        let mut hashed = HashedFiles::new(stage.as_mut());
        for folder in &self.folders {
            hashed.create_folder(folder)?;
        }
        let mut written = 0;
        for (place, content) in &self.files {
            cancel.check()?;
            hashed.create_file(place)?;
            match content {
                Content::Bytes(bytes) => {
                    hashed.append(bytes)?;
                    written += bytes.len() as u64;
                }
                Content::Copy(path) => contents.read(path, &mut |data| {
                    cancel.check()?;
                    written += data.len() as u64;
                    hashed.append(data)
                })?,
            }
        }
        if let Some(sidecar) = &self.sidecar {
            written += hashed.write_sidecar(sidecar.clone())?;
        }
        StagedBackup::commit(stage)?;
        Ok(written)
    }
}

/// Refuses damaged files: they would get hashes that say that they are not.
fn check_hashes(sidecar: &Sidecar, contents: &dyn Contents) -> Result<(), SourceError> {
    let changed = sidecar.changed_files(contents);
    let Some(first) = changed.first() else {
        return Ok(());
    };
    let files: Vec<_> = changed.iter().map(ToString::to_string).collect();
    let message = format!(
        "{}; it is not repacked, because its files would get new hashes. Without {} it is",
        files.join("; "),
        Sidecar::NAME
    );
    Err(SourceError::new(first.kind(), Sidecar::NAME, message))
}

fn invalid(object: &str) -> impl Fn(gpo_core::Error) -> SourceError + '_ {
    move |error| SourceError::invalid(object, error)
}

/// What bkupInfo.xml says, with this ID, and with the fields in GPMC's order; what is unknown in it
/// stays.
fn native_inst(mut inst: BackupInst, id: BackupId) -> BackupInst {
    if let Some(unusual) = inst.unusual.as_deref_mut() {
        unusual.fields = None;
        if unusual.foreign.is_empty() {
            inst.unusual = None;
        }
    }
    BackupInst { id, ..inst }
}

/// Whether a Backup.xml can be built anew from what it says: there is nothing unknown in it, and
/// nothing is left empty that GPMC fills in.
fn is_plain(xml: &BackupXml) -> bool {
    let core = &xml.core;
    xml.unusual.is_none()
        && xml.foreign().next().is_none()
        && core.options.is_some()
        && core.machine_version.is_some()
        && core.user_version.is_some()
}

/// The tree that Backup.xml lists, spelled as in SYSVOL, files that are missing included: what it
/// does not list is no part of the GPO.
fn listed_inventory(xml: &BackupXml, tree: &Inventory) -> CoreResult<Inventory> {
    let layout = xml.layout()?;
    let mut listed = Inventory::default();
    let halves = |path: &GpoPath| {
        Half::BOTH
            .iter()
            .any(|half| same_name(half.name(), path.as_str()))
    };
    for (path, kind) in tree.iter() {
        if layout.get(path).is_some() || halves(path) {
            listed.insert(path.clone(), kind)?;
        }
    }
    for (path, kind) in layout.iter() {
        if listed.get(path).is_none() {
            listed.insert(path.clone(), kind)?;
        }
    }
    Ok(listed)
}
