//! The backups of a store, and where its manifests disagree with them.
//!
//! The manifest is an index that lies (census: 468 folders are in no manifest, 217 entries have no
//! folder), so the folders say what is there.

use std::collections::{BTreeMap, BTreeSet};

use gpo_core::{
    BackupFolder, BackupId, BackupInst, BackupStore, BkupInfo, GpoPath, LARGEST_BKUP_INFO,
    Manifest, Quoted, SourceError, SourceErrorKind,
};

use crate::finding::{Finding, FindingKind};
use crate::observer::Cancel;

/// The backups of a store: what the folders say, not what the manifests say.
///
/// Of each backup only bkupInfo.xml is read, and some 500 bytes are kept.
#[derive(Clone, Debug, Default)]
pub struct BackupSet {
    /// The backups, sorted by path.
    pub backups: Vec<SetMember>,
    /// What is wrong with bkupInfo.xml files, names of folders and manifests.
    pub findings: Vec<Finding>,
}

/// A backup of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetMember {
    /// Where it is.
    pub folder: BackupFolder,
    /// What its bkupInfo.xml says; nothing where it cannot be read or is not there.
    pub inst: Option<BackupInst>,
}

impl SetMember {
    /// The ID: that of bkupInfo.xml, else the name of the folder if it is one.
    pub fn id(&self) -> Option<BackupId> {
        let named = || self.folder.name().parse().ok();
        self.inst.as_ref().map(|inst| inst.id).or_else(named)
    }
}

impl BackupSet {
    /// Reads the bkupInfo.xml of every backup, and the manifests beside them.
    ///
    /// # Errors
    ///
    /// Any failure to list the folders of the store, and a cancelled run. What is wrong with a
    /// single backup or manifest becomes a finding.
    pub fn read(store: &dyn BackupStore, cancel: &Cancel) -> Result<Self, SourceError> {
        let mut set = Self::default();
        for folder in store.backups()? {
            cancel.check()?;
            let inst = set.read_inst(store, &folder);
            set.backups.push(SetMember { folder, inst });
        }
        set.find_shared_ids();
        let mut parents: BTreeMap<&str, Vec<&SetMember>> = BTreeMap::new();
        for member in &set.backups {
            let parent = member.folder.parent();
            parents.entry(parent).or_default().push(member);
        }
        let mut findings = Vec::new();
        for (parent, members) in parents {
            cancel.check()?;
            compare_manifest(store, parent, &members, &mut findings);
        }
        set.findings.extend(findings);
        Ok(set)
    }

    fn read_inst(&mut self, store: &dyn BackupStore, folder: &BackupFolder) -> Option<BackupInst> {
        let inst = match read_bkup_info_or_finding(store, folder) {
            Ok(info) => info.inst,
            Err(finding) => {
                self.findings.push(finding);
                return None;
            }
        };
        let named = folder.name().parse().ok() == Some(inst.id);
        if !named && !folder.path.is_empty() {
            let text = format!(
                "the folder is not named by the ID of its backup, {}",
                inst.id
            );
            let finding = Finding::new(FindingKind::FolderName, &folder.path, text);
            self.findings.push(finding);
        }
        Some(inst)
    }

    fn find_shared_ids(&mut self) {
        let mut first: BTreeMap<BackupId, &str> = BTreeMap::new();
        for member in &self.backups {
            let Some(id) = member.id() else { continue };
            let path = &member.folder.path;
            if let Some(other) = first.get(&id) {
                let text = format!("{} has the same ID, {id}", Quoted::new(other));
                let finding = Finding::new(FindingKind::SharedId, path, text);
                self.findings.push(finding);
            } else {
                first.insert(id, path);
            }
        }
    }
}

const BKUP_INFO: &str = "bkupInfo.xml";
const MANIFEST: &str = "manifest.xml";

/// Why a bkupInfo.xml cannot be read.
pub(crate) enum BkupInfoError {
    Source(SourceError),
    Invalid(gpo_core::Error),
}

impl From<SourceError> for BkupInfoError {
    fn from(error: SourceError) -> Self {
        Self::Source(error)
    }
}

/// Reads the bkupInfo.xml of a backup.
pub(crate) fn read_bkup_info(
    store: &dyn BackupStore,
    folder: &BackupFolder,
) -> Result<BkupInfo, BkupInfoError> {
    let contents = store.open(folder)?;
    let path = GpoPath::from_name(BKUP_INFO).map_err(BkupInfoError::Invalid)?;
    let bytes = contents.read_all(&path, LARGEST_BKUP_INFO)?;
    BkupInfo::parse(&bytes).map_err(BkupInfoError::Invalid)
}

/// The same, with a finding in the place of an error.
pub(crate) fn read_bkup_info_or_finding(
    store: &dyn BackupStore,
    folder: &BackupFolder,
) -> Result<BkupInfo, Finding> {
    read_bkup_info(store, folder).map_err(|error| match error {
        BkupInfoError::Invalid(error) => {
            Finding::of_error(FindingKind::InvalidFile, &folder.path, BKUP_INFO, &error)
        }
        BkupInfoError::Source(error) => {
            let (kind, text) = match error.kind() {
                SourceErrorKind::NotFound => {
                    let text = "the file is missing: GPMC does not know such a backup";
                    (FindingKind::MissingFile, text)
                }
                _ => (FindingKind::Unreadable, error.message()),
            };
            Finding::new(kind, &folder.path, text).in_file(BKUP_INFO)
        }
    })
}

/// Compares the manifest of a folder with the backups in it.
fn compare_manifest(
    store: &dyn BackupStore,
    parent: &str,
    members: &[&SetMember],
    findings: &mut Vec<Finding>,
) {
    let manifest = match read_manifest(store, parent) {
        Ok(manifest) => manifest,
        Err(finding) => return findings.push(finding),
    };
    let mut find = |kind, folder: &str, text| findings.push(Finding::new(kind, folder, text));
    let mut entries: BTreeMap<BackupId, &BackupInst> = BTreeMap::new();
    for entry in &manifest.entries {
        if entries.insert(entry.inst.id, &entry.inst).is_some() {
            let text = format!("manifest.xml has several entries for {}", entry.inst.id);
            find(FindingKind::EntryTwice, parent, text);
        }
    }
    let mut there: BTreeSet<BackupId> = BTreeSet::new();
    for member in members {
        let path = &member.folder.path;
        there.extend(member.folder.name().parse::<BackupId>());
        there.extend(member.id());
        let entry = member.id().and_then(|id| entries.get(&id));
        match (entry, &member.inst) {
            (Some(entry), Some(inst)) => {
                if let Some(text) = difference(entry, inst) {
                    find(FindingKind::EntryDiffers, path, text);
                }
            }
            // Without a bkupInfo.xml there is nothing that an entry could say.
            (_, None) => {}
            (None, Some(_)) => {
                let text = "manifest.xml has no entry for it".to_owned();
                find(FindingKind::FolderWithoutEntry, path, text);
            }
        }
    }
    for (id, inst) in entries {
        if !there.contains(&id) {
            let name = Quoted::new(&inst.display_name);
            let text = format!("manifest.xml has an entry for {id}, {name}, which is not there");
            find(FindingKind::EntryWithoutFolder, parent, text);
        }
    }
}

fn read_manifest(store: &dyn BackupStore, folder: &str) -> Result<Manifest, Finding> {
    match store.manifest(folder) {
        Ok(Some(bytes)) => Manifest::parse(&bytes).map_err(|error| {
            Finding::of_error(FindingKind::InvalidManifest, folder, MANIFEST, &error)
        }),
        Ok(None) => {
            let text = "there is no manifest.xml";
            Err(Finding::new(FindingKind::NoManifest, folder, text))
        }
        Err(error) => {
            let finding = Finding::new(FindingKind::Unreadable, folder, error.message());
            Err(finding.in_file(MANIFEST))
        }
    }
}

/// Where the entry of a manifest says something else than bkupInfo.xml.
fn difference(entry: &BackupInst, inst: &BackupInst) -> Option<String> {
    let fields = [
        ("GPOGuid", entry.gpo_id == inst.gpo_id),
        ("GPODomain", entry.gpo_domain == inst.gpo_domain),
        ("GPODomainGuid", entry.gpo_domain_id == inst.gpo_domain_id),
        (
            "GPODomainController",
            entry.domain_controller == inst.domain_controller,
        ),
        ("BackupTime", entry.time == inst.time),
        ("Comment", entry.comment == inst.comment),
        ("GPODisplayName", entry.display_name == inst.display_name),
        (
            "SIPresent",
            entry.software_installation == inst.software_installation,
        ),
    ];
    let different = fields.into_iter().filter(|(_, same)| !same);
    let names: Vec<&str> = different.map(|(name, _)| name).collect();
    (!names.is_empty()).then(|| {
        let names = names.join(", ");
        format!("manifest.xml and bkupInfo.xml differ in {names}")
    })
}
