//! The entries of a migration table for what backups name.

use std::collections::HashSet;

use gpo_core::{
    BackupFolder, BackupStore, BackupXml, Error, GpoReference, GpoReferences, GroupSource,
    MigrationDestination, MigrationEntry, MigrationSourceKind, Principal, PrincipalKind,
    ReferenceKind, SecurityGroup, SourceError, fold_name, unc_folder,
};

use crate::backup_files::backup_xml;
use crate::mapping::{KnownPrincipals, Subject, is_in_own_folder};
use crate::references::references_of;

/// Collects what backups name into the entries of a migration table, as `IGPMMigrationTable::Add`
/// does: a name that comes twice is one entry.
///
/// First come the principals and folders that each Backup.xml lists, which is all that GPMC takes: a principal as `name@dns.domain`, without a domain by its name, one that nobody
/// knew by its SID. Then what else its settings name, such as the members of groups in preferences:
/// a name as it stands, a path by the folder that it lies in, but not without a share. What means
/// the same in every domain is only there if Backup.xml lists it.
///
/// ```
/// use gpo_core::MigrationTable;
/// use gpo_engine::MigrationEntries;
///
/// let table = MigrationTable::from_entries(&MigrationEntries::new().into_entries())?;
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct MigrationEntries {
    entries: Vec<MigrationEntry>,
    sources: HashSet<String>,
    backups: Vec<Named>,
    like_gpmc: bool,
    map_by_name: bool,
    with_permissions: bool,
}

/// What a backup knows, and what its settings name.
#[derive(Clone, Debug)]
struct Named {
    principals: Vec<Principal>,
    found: Vec<GpoReference>,
}

impl MigrationEntries {
    /// No entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether only what Backup.xml lists is taken.
    #[must_use]
    pub fn like_gpmc(self, like_gpmc: bool) -> Self {
        Self { like_gpmc, ..self }
    }

    /// Whether users, computers and groups are mapped to those of the same name; else everything
    /// stays as it is.
    #[must_use]
    pub fn map_by_name(self, map_by_name: bool) -> Self {
        Self {
            map_by_name,
            ..self
        }
    }

    /// Whether principals are taken that are only in the permissions of the GPO
    /// (`GPM_PROCESS_SECURITY`).
    #[must_use]
    pub fn with_permissions(self, with_permissions: bool) -> Self {
        Self {
            with_permissions,
            ..self
        }
    }

    /// Adds what a backup names; returns why files of it were not read, each with its path.
    ///
    /// # Errors
    ///
    /// As [`backup_references`](crate::backup_references).
    pub fn add_backup(
        &mut self,
        store: &dyn BackupStore,
        folder: &BackupFolder,
    ) -> Result<Vec<Error>, SourceError> {
        let contents = store.open(folder)?;
        let xml = backup_xml(&*contents, &folder.path)?;
        self.add_listed(&xml);
        if self.like_gpmc {
            return Ok(Vec::new());
        }
        let id = xml.core.id;
        let GpoReferences { found, unread } = references_of(&*contents, &xml)?;
        let named = found.into_iter().filter(|found| {
            let is_path = found.reference.kind == ReferenceKind::UncPath;
            !(is_path && is_in_own_folder(&found.reference.text, id))
        });
        let principals = xml.security_groups.iter();
        self.backups.push(Named {
            principals: principals.filter_map(SecurityGroup::principal).collect(),
            found: named.collect(),
        });
        Ok(unread)
    }

    fn add_listed(&mut self, xml: &BackupXml) {
        for group in &xml.security_groups {
            if group.source == GroupSource::Settings || self.with_permissions {
                let source = [&group.upn, &group.sam_account_name, &group.sid]
                    .into_iter()
                    .find(|text| !text.is_empty());
                if let Some(source) = source {
                    self.add_principal(group.kind.clone(), source);
                }
            }
        }
        for path in &xml.file_paths {
            self.add(MigrationSourceKind::UncPath, path);
        }
    }

    /// The entries: what the backups list in their order, then what else they name.
    ///
    /// Who somebody is counts in the backup that says so, and nowhere else, as in an import of it:
    /// whom one backup names as `OLD\Red` and another one knows to be `Red@old.example` gets two
    /// entries.
    pub fn into_entries(mut self) -> Vec<MigrationEntry> {
        for named in std::mem::take(&mut self.backups) {
            self.add_named(&named);
        }
        self.entries
    }

    fn add_named(&mut self, Named { principals, found }: &Named) {
        let known = KnownPrincipals::new(principals, found);
        for GpoReference { reference, .. } in found {
            if reference.kind == ReferenceKind::UncPath {
                self.add_path(&reference.text);
                continue;
            }
            let subject = Subject::of(reference, &known);
            if subject.is_same_everywhere() || subject.is_of_machine() {
                continue;
            }
            let is_there = |form: &String| self.sources.contains(&fold_name(form));
            if subject.forms().iter().any(is_there) {
                continue;
            }
            match subject.principal {
                Some(principal) if !principal.upn.is_empty() => {
                    self.add_principal(principal.kind.clone(), &principal.upn);
                }
                _ => self.add_principal(PrincipalKind::Unknown, subject.text()),
            }
        }
    }

    /// The folder of a path, unless that has an entry, or one above it.
    fn add_path(&mut self, path: &str) {
        let path = path.trim_end_matches('\\');
        let folder = unc_folder(path).filter(|folder| folder.matches('\\').count() > 2);
        let folder = folder.unwrap_or(path);
        let mut above = Some(folder);
        while let Some(own) = above {
            if self.sources.contains(&fold_name(own)) {
                return;
            }
            above = unc_folder(own);
        }
        self.add(MigrationSourceKind::UncPath, folder);
    }

    fn add_principal(&mut self, kind: PrincipalKind, source: &str) {
        self.add(MigrationSourceKind::Principal(kind), source);
    }

    fn add(&mut self, kind: MigrationSourceKind, source: &str) {
        if !self.sources.insert(fold_name(source)) {
            return;
        }
        let has_name = match &kind {
            MigrationSourceKind::Principal(kind) => *kind != PrincipalKind::Unknown,
            MigrationSourceKind::UncPath => false,
        };
        let destination = if self.map_by_name && has_name {
            MigrationDestination::ByRelativeName
        } else {
            MigrationDestination::SameAsSource
        };
        self.entries.push(MigrationEntry {
            kind,
            source: source.to_owned(),
            destination,
        });
    }
}
