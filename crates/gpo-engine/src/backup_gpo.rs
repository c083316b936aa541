//! The GPO in a backup, read to be written into a domain.

use gpo_core::{
    BackupInst, BackupInventory, BackupXml, BkupInfo, Contents, Gpo, GpoPath, Inventory,
    LARGEST_BACKUP_XML, LARGEST_BKUP_INFO, Sidecar, SourceError, SourceErrorKind,
};

use crate::backup::INCOMPLETE;
use crate::backup_files::{BACKUP_XML, BackupFiles};
use crate::plan::Plan;

/// What of a backup may be wrong.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Allowed {
    /// Files that it lists may be missing.
    pub(crate) missing: bool,
    /// It may be of half a GPO.
    pub(crate) half: bool,
}

/// The GPO in a backup.
pub(crate) struct BackupGpo {
    pub(crate) gpo: Gpo,
    pub(crate) xml: BackupXml,
    /// What bkupInfo.xml says; none where it is missing and may be.
    pub(crate) info: Option<BackupInst>,
    /// What was written beside it; none where there is nothing.
    pub(crate) sidecar: Result<Option<Sidecar>, SourceError>,
    /// Files that are not what was backed up.
    changed_files: Vec<SourceError>,
    missing_files: Vec<GpoPath>,
    unlisted_files: Vec<GpoPath>,
    /// Why it must not be written.
    refusals: Vec<SourceError>,
}

impl BackupGpo {
    /// Reads the folder of a backup.
    ///
    /// # Errors
    ///
    /// Where nothing can be made of it; what only has to be allowed is kept for the plan.
    pub(crate) fn read(contents: &dyn Contents, allowed: Allowed) -> Result<Self, SourceError> {
        let mut refusals = Vec::new();
        let info = info(contents, allowed, &mut refusals)?;
        let xml = BackupXml::parse(&file(contents, BACKUP_XML, LARGEST_BACKUP_XML)?);
        let xml = xml.map_err(|e| SourceError::invalid(BACKUP_XML, e))?;
        let disk = disk(contents, allowed, &mut refusals)?;
        let tree = xml.inventory(&disk);
        let BackupInventory {
            mut inventory,
            missing_files,
            unlisted_files,
            ..
        } = tree.map_err(|e| SourceError::invalid(BACKUP_XML, e))?;
        if !missing_files.is_empty() && !allowed.missing {
            refusals.push(missing(&missing_files));
        }
        for path in &unlisted_files {
            inventory.remove(path);
        }
        let gpo = xml.to_gpo(inventory);
        let sidecar = Sidecar::read(contents);
        let known = sidecar.as_ref().ok().and_then(Option::as_ref);
        let changed_files = known.map(|known| known.changed_files(contents));
        Ok(Self {
            gpo: gpo.map_err(|e| SourceError::invalid(BACKUP_XML, e))?,
            xml,
            info,
            changed_files: changed_files.unwrap_or_default(),
            sidecar,
            missing_files,
            unlisted_files,
            refusals,
        })
    }

    /// Tells the plan what is to be said about the backup.
    pub(crate) fn tell(self, plan: &mut Plan) {
        for error in &self.refusals {
            plan.refuse(error);
        }
        if self.info.is_none() && self.refusals.is_empty() {
            plan.warn("bkupInfo.xml is not in the backup");
        }
        if let Err(error) = &self.sidecar {
            plan.warn(format!(
                "{error}; whether the files are those that were backed up is not known"
            ));
        }
        for file in &self.changed_files {
            plan.warn(file.to_string());
        }
        let (missing, unlisted) = (self.missing_files.len(), self.unlisted_files.len());
        if missing > 0 && self.refusals.is_empty() {
            plan.warn(format!(
                "listed files that are not in the backup: {missing}"
            ));
        }
        if unlisted > 0 {
            plan.warn(format!(
                "files of the backup that are not in its list: {unlisted}"
            ));
        }
        plan.missing_files = self.missing_files;
        plan.unlisted_files = self.unlisted_files;
    }
}

fn file(contents: &dyn Contents, name: &str, limit: u64) -> Result<Vec<u8>, SourceError> {
    let path = GpoPath::from_name(name).map_err(|e| SourceError::invalid(name, e))?;
    contents.read_all(&path, limit)
}

fn info(
    contents: &dyn Contents,
    allowed: Allowed,
    refusals: &mut Vec<SourceError>,
) -> Result<Option<BackupInst>, SourceError> {
    match file(contents, "bkupInfo.xml", LARGEST_BKUP_INFO) {
        Ok(bytes) => BkupInfo::parse(&bytes)
            .map(|info| Some(info.inst))
            .map_err(|e| SourceError::invalid("bkupInfo.xml", e)),
        Err(error) if error.kind() == SourceErrorKind::NotFound => {
            if !allowed.missing {
                refusals.push(error);
            }
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The tree below `DomainSysvol\GPO`.
fn disk(
    contents: &dyn Contents,
    allowed: Allowed,
    refusals: &mut Vec<SourceError>,
) -> Result<Inventory, SourceError> {
    let files = BackupFiles::read(contents)?;
    if let Some(refused) = files.refused.into_iter().next() {
        return Err(refused);
    }
    let note = GpoPath::from_name(INCOMPLETE).map_err(|e| SourceError::invalid(INCOMPLETE, e))?;
    if files.beside.get(&note).is_some() && !allowed.half {
        let message = "this is the backup of half a GPO, which has to be allowed";
        let kind = SourceErrorKind::Invalid;
        refusals.push(SourceError::new(kind, INCOMPLETE, message));
    }
    Ok(files.sysvol)
}

fn missing(files: &[GpoPath]) -> SourceError {
    let first = files
        .iter()
        .take(3)
        .map(GpoPath::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    let message = format!(
        "{} files that the backup lists are not in it ({first}{}); restoring it has to be allowed",
        files.len(),
        if files.len() > 3 { ", …" } else { "" }
    );
    SourceError::new(SourceErrorKind::NotFound, BACKUP_XML, message)
}
