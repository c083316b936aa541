//! The journal: what a GPO was before an operation, kept until the operation is over.

use gpo_core::{
    BackupFolder, BackupInst, BackupStoreWrite, BackupXml, BkupInfo, Contents, Domain, GpoId,
    GpoPath, SourceError, SourceErrorKind, StagedBackup,
};

use crate::backup_files::{self, BACKUP_XML};
use crate::gpo_state::{GptIniFile, gpo_of};
use crate::new_tree::{NewTree, TreeSource};
use crate::observer::Cancel;
use crate::plan::Plan;
use crate::source::gpo_folder;
use crate::stamps::Stamps;
use crate::target::Target;

mod record;

pub(crate) use record::Record;

/// The file that makes a folder of the store an entry of the journal.
const JOURNAL: &str = "gpo-journal.json";

/// The largest one that is read, in bytes: the objects of a GPO are in it.
const LARGEST: u64 = 256 << 20;

/// Where operations keep what was there before, until they are over.
///
/// An entry is a backup of the GPO as it was, with a file `gpo-journal.json` that says what the
/// backup leaves out, and which operation it was. Nothing is left in the store when an operation
/// has ended, well or badly; after the death of a process its entry is there for
/// [`recover`](crate::recover).
///
/// The store is the caller's: a folder of its own, of which several domains can make use.
#[derive(Clone, Copy)]
pub struct Journal<'a> {
    pub(crate) store: &'a dyn BackupStoreWrite,
    pub(crate) stamps: Stamps<'a>,
}

/// An entry of the journal.
pub(crate) struct Entry {
    pub(crate) folder: BackupFolder,
    pub(crate) record: Record,
}

impl<'a> Journal<'a> {
    /// A journal in a store.
    pub fn new(store: &'a dyn BackupStoreWrite, stamps: Stamps<'a>) -> Self {
        Self { store, stamps }
    }

    /// Keeps what a GPO is before a plan is carried out.
    pub(crate) fn write(
        &self,
        plan: &Plan,
        domain: &Domain,
        target: Target<'_>,
        cancel: &Cancel,
    ) -> Result<Entry, SourceError> {
        let inst = self.inst(plan, domain);
        let record = Record::of_plan(plan, domain);
        let mut stage = self.store.stage(inst.id)?;
        if let Some(tree) = &plan.before.tree {
            let folder = gpo_folder(plan.gpo_id)?;
            let source = TreeSource::new(target.sysvol, &folder);
            let tree = NewTree {
                inventory: tree.clone(),
                ..NewTree::default()
            };
            stage.create_folder(&backup_files::sysvol_folder())?;
            tree.write(source, &mut Below(stage.as_mut()), cancel)?;
        }
        if let Some(container) = &plan.before.container {
            let inventory = plan.before.tree.clone().unwrap_or_default();
            let version = plan.before.gpt_ini.as_ref().and_then(GptIniFile::version);
            let (id, name) = (plan.gpo_id, &domain.dns_name);
            let gpo = gpo_of(id, name, Some(container), version, inventory);
            let xml = BackupXml::build(&gpo, &domain.domain_controller, Vec::new(), Vec::new());
            // The record alone is enough to go back; a name that XML cannot hold is no reason to
            // keep an administrator from giving the GPO a better one.
            if let Ok(bytes) = xml.to_bytes() {
                write_file(stage.as_mut(), BACKUP_XML, &bytes)?;
            }
        }
        let json = record.to_json()?;
        // What cannot be read again is no way back.
        Record::from_json(&json)?.state()?;
        write_file(stage.as_mut(), JOURNAL, &json)?;
        let folder = inst.id.guid().to_upper().to_string();
        let info = BkupInfo::new(inst).to_bytes();
        let info = info.map_err(|e| SourceError::invalid("bkupInfo.xml", e))?;
        write_file(stage.as_mut(), "bkupInfo.xml", &info)?;
        cancel.check()?;
        let folder = BackupFolder { path: folder };
        if let Err(error) = stage.commit() {
            // It may be there all the same, and nothing has been done that could be undone.
            let _ = self.store.remove(&folder);
            return Err(error);
        }
        Ok(Entry { folder, record })
    }

    fn inst(&self, plan: &Plan, domain: &Domain) -> BackupInst {
        BackupInst {
            gpo_id: plan.gpo_id,
            gpo_domain: domain.dns_name.clone(),
            gpo_domain_id: domain.id,
            domain_controller: domain.domain_controller.clone(),
            time: (self.stamps.now)(),
            id: (self.stamps.new_id)(),
            comment: format!("before {}", plan.operation),
            // What XML cannot hold is not worth the journal.
            display_name: plan.gpo_id.to_string(),
            software_installation: false,
            unusual: None,
        }
    }

    /// The entries for a domain. What else is in the store is none of ours.
    pub(crate) fn entries(&self, domain: &Domain) -> Result<Vec<Entry>, SourceError> {
        let mut entries = Vec::new();
        for folder in self.store.backups()? {
            if let Some(record) = self.record(&folder)?
                && record.is_of(domain)
            {
                entries.push(Entry { folder, record });
            }
        }
        Ok(entries)
    }

    /// The record in a folder of the store; none where the folder is gone, or no entry.
    pub(crate) fn record(&self, folder: &BackupFolder) -> Result<Option<Record>, SourceError> {
        let read = || {
            let contents = self.store.open(folder)?;
            let path = path(JOURNAL)?;
            Record::from_json(&contents.read_all(&path, LARGEST)?)
        };
        match read() {
            Ok(record) => Ok(Some(record)),
            Err(error) if error.kind() == SourceErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The files of an entry.
    pub(crate) fn open(&self, entry: &Entry) -> Result<Box<dyn Contents + 'a>, SourceError> {
        self.store.open(&entry.folder)
    }

    /// Removes an entry: the operation is over.
    pub(crate) fn remove(&self, entry: &Entry) -> Result<(), SourceError> {
        match self.store.remove(&entry.folder) {
            // What counts is that it is gone, whatever the answer was.
            Err(_) if matches!(self.record(&entry.folder), Ok(None)) => Ok(()),
            removed => removed,
        }
    }

    /// Whether an operation on a GPO has an entry.
    pub(crate) fn entry_of(
        &self,
        domain: &Domain,
        id: GpoId,
    ) -> Result<Option<Entry>, SourceError> {
        let entries = self.entries(domain)?;
        Ok(entries
            .into_iter()
            .find(|entry| entry.record.gpo_id() == id))
    }
}

fn path(name: &str) -> Result<GpoPath, SourceError> {
    GpoPath::from_name(name).map_err(|e| SourceError::invalid(name, e))
}

fn write_file(stage: &mut dyn StagedBackup, name: &str, bytes: &[u8]) -> Result<(), SourceError> {
    stage.create_file(&path(name)?)?;
    stage.append(bytes)
}

/// Writes the tree of a GPO to its place in a backup.
struct Below<'a>(&'a mut dyn StagedBackup);

impl Below<'_> {
    fn place(path: &GpoPath) -> Result<GpoPath, SourceError> {
        let place = backup_files::sysvol_folder().join_path(path);
        place.map_err(|e| SourceError::invalid(path.as_str(), e))
    }
}

impl gpo_core::TreeWriter for Below<'_> {
    fn create_folder(&mut self, path: &GpoPath) -> Result<(), SourceError> {
        self.0.create_folder(&Self::place(path)?)
    }

    fn create_file(&mut self, path: &GpoPath) -> Result<(), SourceError> {
        self.0.create_file(&Self::place(path)?)
    }

    fn append(&mut self, data: &[u8]) -> Result<(), SourceError> {
        self.0.append(data)
    }
}
