//! Everything that there is to see in one backup.

use gpo_core::{
    BackupFolder, BackupInst, BackupInventory, BackupObject, BackupStore, BackupXml, Contents,
    DsObject, EntryKind, FileKind, FsObject, GpoPath, Guid, Sidecar, SourceError,
};
use sddl_parser::{
    GpoPermission, GpoTrusteePermission, ObjectType, SddlContext, SecurityDescriptor, Sid,
};
use sha2::{Digest, Sha256};

use crate::backup::INCOMPLETE;
use crate::backup_files::{BackupFiles, backup_xml, sysvol_folder};
use crate::backup_set::read_bkup_info_or_finding;
use crate::finding::{Finding, FindingKind};

/// Everything that there is to see in one backup.
#[derive(Debug)]
pub struct BackupDetails {
    /// Where it is.
    pub folder: BackupFolder,
    /// What bkupInfo.xml says.
    pub inst: Option<BackupInst>,
    /// What Backup.xml says.
    pub xml: BackupXml,
    /// The SYSVOL tree, and where the list in Backup.xml disagrees with it.
    pub tree: BackupInventory,
    /// The files of each extension, in the order of Backup.xml; last those that it does not list.
    pub extensions: Vec<ExtensionFiles>,
    /// The security descriptor, where there is one that can be read.
    pub security: Option<DescriptorDetails>,
    /// What GPMC's layout has no place for, where that is in the backup and can be read.
    pub sidecar: Option<Sidecar>,
    /// The files beside the SYSVOL tree.
    pub files: BackupFiles,
    /// What could not be read.
    pub findings: Vec<Finding>,
}

/// The files of an extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtensionFiles {
    /// The extension; none for files that Backup.xml does not list.
    pub id: Option<Guid>,
    /// The name that Backup.xml has for it.
    pub name: String,
    /// The files and folders with a place in the backup.
    pub entries: Vec<BackupEntry>,
    /// The directory objects, by their path in Backup.xml, with their class.
    pub directory_objects: Vec<(String, String)>,
}

/// A file or folder of an extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupEntry {
    /// Its path in SYSVOL.
    pub path: GpoPath,
    /// What is there; none where the place is empty.
    pub entry: Option<EntryKind>,
    /// What it is by its place, if it is a file.
    pub kind: Option<FileKind>,
    /// The SHA-256 of a file that no parser reads: all that can be said of its content.
    pub sha256: Option<[u8; 32]>,
}

/// The security descriptor of a GPO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescriptorDetails {
    /// Its text in SDDL, with the aliases of the GPO's domain.
    pub sddl: String,
    /// The permission levels in its DACL.
    pub permissions: Vec<GpoTrusteePermission>,
    /// Whether the DACL gives everybody everything, because there is none.
    pub null_dacl: bool,
}

impl BackupDetails {
    /// Whether it is the backup of half a GPO, which a restore refuses unless it is allowed.
    pub fn is_half(&self) -> bool {
        let note = GpoPath::from_name(INCOMPLETE);
        note.is_ok_and(|note| self.files.beside.get(&note).is_some())
    }

    /// Reads a backup: the two XML files, the names and sizes of the others, and for their hash
    /// those whose content no parser reads.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::Invalid`](gpo_core::SourceErrorKind::Invalid) where Backup.xml is missing
    /// or cannot be read; any failure to read the store.
    pub fn read(store: &dyn BackupStore, folder: &BackupFolder) -> Result<Self, SourceError> {
        let contents = store.open(folder)?;
        let xml = backup_xml(&*contents, &folder.path)?;
        let files = BackupFiles::read(&*contents)?;
        let mut findings: Vec<Finding> = files.findings(&folder.path).collect();
        let inst = match read_bkup_info_or_finding(store, folder) {
            Ok(info) => Some(info.inst),
            Err(finding) => {
                findings.push(finding);
                None
            }
        };
        let sidecar = Sidecar::read(&*contents).unwrap_or_else(|error| {
            let finding = Finding::new(FindingKind::InvalidSidecar, &folder.path, error.message());
            findings.push(finding.in_file(Sidecar::NAME));
            None
        });
        let tree = xml
            .inventory(&files.sysvol)
            .map_err(|error| SourceError::invalid("Backup.xml", error))?;
        let security = match xml.core.security_descriptor.as_deref() {
            None => None,
            Some(bytes) => match DescriptorDetails::read(bytes, &xml) {
                Ok(details) => Some(details),
                Err(error) => {
                    let kind = FindingKind::InvalidDescriptor;
                    let finding = Finding::new(kind, &folder.path, error.to_string());
                    findings.push(finding.in_file("Backup.xml"));
                    None
                }
            },
        };
        let mut extensions = extensions(&xml, &tree, &files);
        for extension in &mut extensions {
            for entry in &mut extension.entries {
                if let Err(error) = entry.hash(&*contents) {
                    let finding =
                        Finding::new(FindingKind::Unreadable, &folder.path, error.message());
                    findings.push(finding.in_file(error.object()));
                }
            }
        }
        Ok(Self {
            folder: folder.clone(),
            inst,
            extensions,
            tree,
            security,
            sidecar,
            files,
            findings,
            xml,
        })
    }

    /// The name of a principal, from the backup's list, or Windows' own.
    pub fn principal_name(&self, sid: &Sid) -> Option<String> {
        principal_name(&self.xml, sid)
    }
}

/// `DOMAIN\name` of a principal that the backup lists; the name of a well-known one.
pub(crate) fn principal_name(xml: &BackupXml, sid: &Sid) -> Option<String> {
    let text = sid.to_string();
    let listed = xml.security_groups.iter().find(|group| group.sid == text);
    match listed.filter(|group| !group.sam_account_name.is_empty()) {
        Some(group) if group.netbios_domain.is_empty() => Some(group.sam_account_name.clone()),
        Some(group) => Some(format!(
            "{}\\{}",
            group.netbios_domain, group.sam_account_name
        )),
        None => sid.well_known_name().map(str::to_owned),
    }
}

impl DescriptorDetails {
    fn read(bytes: &[u8], xml: &BackupXml) -> Result<Self, sddl_parser::Error> {
        let descriptor = SecurityDescriptor::from_bytes(bytes)?;
        let permissions = descriptor.dacl().map(GpoPermission::of_acl);
        Ok(Self {
            sddl: descriptor.to_sddl(&sddl_context(xml))?,
            permissions: permissions.unwrap_or_default(),
            null_dacl: descriptor.has_null_dacl(),
        })
    }
}

/// The SIDs of the GPO's domain and of its forest, as far as the listed principals tell them.
pub(crate) fn sddl_context(xml: &BackupXml) -> SddlContext {
    /// Enterprise Admins and Schema Admins, which the root domain of a forest has.
    const FOREST_RIDS: [u32; 2] = [519, 518];
    let mut context = SddlContext::new().with_object_type(ObjectType::DirectoryService);
    for group in &xml.security_groups {
        let Ok(sid) = group.sid.parse::<Sid>() else {
            continue;
        };
        let Some(domain) = sid.domain().filter(Sid::is_domain) else {
            continue;
        };
        if context.domain().is_none() && group.dns_domain.eq_ignore_ascii_case(&xml.core.domain) {
            context = context.with_domain(domain);
        }
        if sid.rid().is_some_and(|rid| FOREST_RIDS.contains(&rid)) {
            context = context.with_forest(domain);
        }
    }
    context
}

/// The files and directory objects by extension.
fn extensions(xml: &BackupXml, tree: &BackupInventory, files: &BackupFiles) -> Vec<ExtensionFiles> {
    let mut extensions: Vec<ExtensionFiles> = xml
        .extensions
        .iter()
        .map(|block| {
            let mut extension = ExtensionFiles {
                id: Some(block.id),
                name: block.name.clone(),
                entries: Vec::new(),
                directory_objects: Vec::new(),
            };
            for object in &block.objects {
                match object {
                    BackupObject::File(object) | BackupObject::Folder(object) => {
                        extension.add_fs(object, files);
                    }
                    BackupObject::Directory(object) => extension.add_ds(object, files),
                }
            }
            extension
        })
        .collect();
    if !tree.unlisted_files.is_empty() {
        let unlisted = tree.unlisted_files.iter();
        extensions.push(ExtensionFiles {
            id: None,
            name: "not listed".into(),
            entries: unlisted
                .map(|path| BackupEntry::of(path.clone(), files))
                .collect(),
            directory_objects: Vec::new(),
        });
    }
    extensions
}

impl BackupEntry {
    fn of(path: GpoPath, files: &BackupFiles) -> Self {
        let entry = files.sysvol.get(&path).map(|(_, entry)| entry);
        let is_file = matches!(entry, Some(EntryKind::File(_)));
        Self {
            kind: is_file.then(|| FileKind::of(&path)),
            path,
            entry,
            sha256: None,
        }
    }

    /// Reads the file for its hash, unless its kind has a format.
    fn hash(&mut self, contents: &dyn Contents) -> Result<(), SourceError> {
        if self.kind.is_none_or(FileKind::has_format) {
            return Ok(());
        }
        let place = sysvol_folder()
            .join_path(&self.path)
            .map_err(|error| SourceError::invalid(self.path.as_str(), error))?;
        let mut hash = Sha256::new();
        contents.read(&place, &mut |bytes| {
            hash.update(bytes);
            Ok(())
        })?;
        self.sha256 = Some(hash.finalize().into());
        Ok(())
    }
}

impl ExtensionFiles {
    // The depth of these recursions is limited by the reader of Backup.xml.
    fn add_fs(&mut self, object: &FsObject, files: &BackupFiles) {
        if let Ok(place) = object.place() {
            self.entries.push(BackupEntry::of(place, files));
        }
        object
            .matches
            .iter()
            .for_each(|found| self.add_fs(found, files));
    }

    fn add_ds(&mut self, object: &DsObject, files: &BackupFiles) {
        let class = object.object_class.clone();
        self.directory_objects.push((object.path.clone(), class));
        object
            .files
            .iter()
            .for_each(|file| self.add_fs(file, files));
        object
            .children
            .iter()
            .for_each(|child| self.add_ds(child, files));
    }
}
