//! Changing a store's manifest.xml beside others who change it, too.
//!
//! The manifest is replaced as a whole, and nothing makes reading it and replacing it one step:
//! locks do not hold between all hosts, and GPMC takes none. So an update is a loop: read the
//! manifest, list the folders, make the one agree with the other, replace it, and do it again
//! until there is nothing left to change. Whoever was overwritten in between finds its entry taken
//! from its folder by the one who overwrote it: that one lists the folders after its last write,
//! and a folder is always there before its entry is written. The same holds for a backup that is
//! removed, whose folder goes before the last look at the manifest.
//!
//! So no backup loses its entry. What may come back, where three write at once and locks do not hold
//! between them, is the entry of a backup that one of them removed: the second, who still saw its
//! folder, puts it back and takes it out again, and in between the third, who never saw the folder,
//! takes it for one that had none all along. Verifying tells of it.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

use gpo_core::{
    BackupFolder, BackupId, BackupInst, BackupStoreWrite, LARGEST_MANIFEST, Manifest,
    ManifestEntry, SourceError, SourceErrorKind,
};

use crate::backup_set::read_bkup_info;
use crate::hashed_files::check_size;

/// How often a manifest is written before the update gives up. Each time, another process must
/// have written in the milliseconds between reading and replacing.
const MOST_ROUNDS: usize = 1000;

/// The changes that one run makes to the manifest of a store.
///
/// ```
/// use gpo_core::{BackupStore, Manifest};
/// use gpo_engine::ManifestUpdate;
/// use gpo_testkit::MemoryStore;
///
/// let store = MemoryStore::default();
/// let mut update = ManifestUpdate::begin(&store)?;
/// // … make backups in the store …
/// update.add(&[])?;
/// assert!(store.manifest("")?.is_none(), "there was nothing to add");
/// # Ok::<(), gpo_core::SourceError>(())
/// ```
pub struct ManifestUpdate<'a> {
    store: &'a dyn BackupStoreWrite,
    /// Every backup whose folder was there at some time since the start: when it is gone, its
    /// entry goes, too. Entries whose folder was never there are not this run's affair.
    seen: BTreeSet<BackupId>,
}

impl<'a> ManifestUpdate<'a> {
    /// Begins a run; call it before the first change to the store's folders.
    ///
    /// # Errors
    ///
    /// Any failure to list the folders of the store.
    pub fn begin(store: &'a dyn BackupStoreWrite) -> Result<Self, SourceError> {
        let seen = backup_folders(store)?.into_iter().map(|f| f.0).collect();
        Ok(Self { store, seen })
    }

    /// Adds the entries of backups whose folders are in their places, in the order in which the
    /// backups were planned: the last one comes first, as GPMC puts each new entry in front.
    ///
    /// A backup folder of the root that has no entry gets one from its bkupInfo.xml, at the place
    /// of its time: it may be the backup of another process whose entry is not written yet or was
    /// just overwritten. Folders that are not named by their ID, or that cannot be read, are left
    /// alone.
    ///
    /// # Errors
    ///
    /// Any failure to read or replace the manifest. One that is no manifest is left as it is.
    pub fn add(&mut self, entries: &[&BackupInst]) -> Result<(), SourceError> {
        self.seen.extend(entries.iter().map(|inst| inst.id));
        self.settle(&Change::Add(entries))
    }

    /// Takes out the entry of a backup. To be called twice: before its folder is removed, so that
    /// no reader finds an entry without a folder, and after, because until then another process
    /// may have put it back.
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add). A manifest without the entry is not written.
    pub fn remove(&mut self, id: BackupId) -> Result<(), SourceError> {
        match read_manifest(self.store)? {
            Some(manifest) if manifest.entry(id).is_some() => self.settle(&Change::Remove(id)),
            _ => Ok(()),
        }
    }

    fn settle(&mut self, change: &Change<'_>) -> Result<(), SourceError> {
        // The lock only saves rounds: nothing is lost without it, so failing to get it is no error.
        let _lock = self.store.lock_manifest();
        let mut left_alone = BTreeSet::new();
        for _ in 0..MOST_ROUNDS {
            let mut manifest = read_manifest(self.store)?.unwrap_or_default();
            if !self.merge(&mut manifest, change, &mut left_alone)? {
                return Ok(());
            }
            let bytes = manifest
                .to_bytes()
                .map_err(|e| SourceError::invalid(MANIFEST, e))?;
            check_size(MANIFEST, &bytes, LARGEST_MANIFEST)?;
            self.store.replace_manifest(&bytes)?;
        }
        let message = format!("other processes replaced the file {MOST_ROUNDS} times meanwhile");
        Err(SourceError::new(SourceErrorKind::Busy, MANIFEST, message))
    }

    /// Makes the manifest agree with the folders and the change; says whether it did not before.
    fn merge(
        &mut self,
        manifest: &mut Manifest,
        change: &Change<'_>,
        left_alone: &mut BTreeSet<BackupId>,
    ) -> Result<bool, SourceError> {
        let folders = backup_folders(self.store)?;
        let present: BTreeSet<BackupId> = folders.iter().map(|folder| folder.0).collect();
        self.seen.extend(&present);

        let before = manifest.entries.len();
        manifest.entries.retain(|entry| {
            let id = entry.inst.id;
            let gone = self.seen.contains(&id) && !present.contains(&id);
            !gone && !change.removes(id)
        });
        let mut changed = manifest.entries.len() < before;

        let mut listed: BTreeSet<BackupId> = manifest.entries.iter().map(|e| e.inst.id).collect();
        let ours: Vec<ManifestEntry> = change
            .added()
            .iter()
            .rev()
            .filter(|inst| present.contains(&inst.id) && listed.insert(inst.id))
            .map(|inst| ManifestEntry::from(BackupInst::clone(inst)))
            .collect();
        changed |= !ours.is_empty();
        manifest.entries.splice(0..0, ours);

        changed |= put_in_order(&mut manifest.entries, change.added());

        let mut found = Vec::new();
        for (id, name) in folders {
            if listed.contains(&id) || change.removes(id) || left_alone.contains(&id) {
                continue;
            }
            match read_bkup_info(self.store, &BackupFolder { path: name }) {
                Ok(info) if info.inst.id == id => found.push(info.inst.into()),
                // Not a backup, not this ID's, or gone again: nothing to list. What is wrong with
                // the backup of somebody else must not make this run fail.
                _ => {
                    left_alone.insert(id);
                }
            }
        }
        changed |= !found.is_empty();
        insert_by_time(&mut manifest.entries, found);
        Ok(changed)
    }
}

const MANIFEST: &str = "manifest.xml";

enum Change<'a> {
    Add(&'a [&'a BackupInst]),
    Remove(BackupId),
}

impl Change<'_> {
    fn added(&self) -> &[&BackupInst] {
        match self {
            Self::Add(entries) => entries,
            Self::Remove(_) => &[],
        }
    }

    fn removes(&self, id: BackupId) -> bool {
        matches!(self, Self::Remove(removed) if *removed == id)
    }
}

/// The folders of the root whose name is an ID.
fn backup_folders(store: &dyn BackupStoreWrite) -> Result<Vec<(BackupId, String)>, SourceError> {
    let names = store.folder_names()?.into_iter();
    Ok(names
        .filter_map(|name| Some((name.parse().ok()?, name)))
        .collect())
}

fn read_manifest(store: &dyn BackupStoreWrite) -> Result<Option<Manifest>, SourceError> {
    let Some(bytes) = store.manifest("")? else {
        return Ok(None);
    };
    Manifest::parse(&bytes).map(Some).map_err(|error| {
        let message = format!(
            "{error}; it was left as it is. It is an index only: once it is moved away, \
             the next backup or repack makes a new one from the folders"
        );
        SourceError::new(SourceErrorKind::Invalid, MANIFEST, message).caused_by(error)
    })
}

/// Gives those of the entries that are a run's own the order of its plan, the last one first, and
/// leaves all others where they are. Says whether they had another one: a process that found the
/// folders first puts their entries in the order of their times, which are whole seconds.
fn put_in_order(entries: &mut [ManifestEntry], planned: &[&BackupInst]) -> bool {
    let rank: BTreeMap<BackupId, usize> = planned
        .iter()
        .rev()
        .enumerate()
        .map(|(rank, inst)| (inst.id, rank))
        .collect();
    let mut own: Vec<(usize, &mut ManifestEntry)> = entries
        .iter_mut()
        .filter_map(|entry| Some((*rank.get(&entry.inst.id)?, entry)))
        .collect();
    if own.is_sorted_by_key(|(rank, _)| *rank) {
        return false;
    }
    let mut sorted: Vec<(usize, ManifestEntry)> = own
        .iter()
        .map(|(rank, entry)| (*rank, (**entry).clone()))
        .collect();
    sorted.sort_by_key(|(rank, _)| *rank);
    for ((_, place), (_, entry)) in own.iter_mut().zip(sorted) {
        **place = entry;
    }
    true
}

/// Puts each entry in front of the first that is no newer than it: entries stand newest first.
pub(crate) fn insert_by_time(entries: &mut Vec<ManifestEntry>, mut found: Vec<ManifestEntry>) {
    if found.is_empty() {
        return;
    }
    found.sort_by_key(|entry| (entry.inst.time, entry.inst.id));
    let there = mem::take(entries);
    for entry in there {
        while let Some(newer) = found.pop_if(|found| found.inst.time >= entry.inst.time) {
            entries.push(newer);
        }
        entries.push(entry);
    }
    entries.extend(found.into_iter().rev());
}
