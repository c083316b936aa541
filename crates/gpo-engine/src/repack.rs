//! Writing the backups of any set as a clean, native one.

use std::collections::{BTreeMap, BTreeSet};

use gpo_core::{
    BackupId, BackupInst, BackupStore, BackupStoreWrite, Manifest, ManifestEntry, SourceError,
    SourceErrorKind,
};

use crate::backup_set::BackupSet;
use crate::finding::{Finding, FindingKind};
use crate::manifest_update::{ManifestUpdate, insert_by_time};
use crate::observer::{Cancel, Observer, Progress};
use crate::stamps::Stamps;
use crate::status::{OperationCode, Outcome, Severity, StatusMessage};

mod assign_ids;
mod native_backup;

use assign_ids::assign_ids;
use native_backup::NativeBackup;

/// Writing the backups of a set into the root of a store, in the form that GPMC gives them.
///
/// IDs, times, names and comments stay. Folders get the ID as their name, listed folders that are
/// missing are made, files get the case in which Backup.xml names them first, and there is a sound
/// manifest. bkupInfo.xml is written in GPMC's form, and so is a Backup.xml that is in another one:
/// with its line ends converted, or from LGPO.exe. Everything else is copied byte for byte, also
/// what is not understood. No file is added but the manifest.
///
/// A side-car gets the hashes of what is written. So a backup with a file that is not the one that its
/// side-car tells of is an error and is not repacked: its damage could no longer be seen.
///
/// A set that GPMC wrote and nobody touched comes out with the same bytes in every file.
///
/// ```
/// use gpo_engine::{Repack, Stamps};
/// use gpo_testkit::MemoryStore;
///
/// let (from, to) = (MemoryStore::default(), MemoryStore::default());
/// let outcome = Repack::new(&from, &to, Stamps::system()).run(&mut (), &Default::default());
/// assert!(outcome.value.is_empty(), "there was nothing to repack");
/// ```
pub struct Repack<'a> {
    from: &'a dyn BackupStore,
    to: To<'a>,
    stamps: Stamps<'a>,
}

/// Where a repack writes.
#[derive(Clone, Copy)]
enum To<'a> {
    Store(&'a dyn BackupStoreWrite),
    /// Nowhere; these folders are in the place that is meant.
    Nowhere(&'a [String]),
}

/// A backup that was repacked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepackedBackup {
    /// Where it was, by its path from the root of the source.
    pub folder: String,
    /// Its ID, the name of its new folder.
    pub id: BackupId,
    /// What its new bkupInfo.xml says, where the source had one that could be read.
    pub inst: Option<BackupInst>,
    /// Whether Backup.xml was written anew.
    pub rebuilt: bool,
}

impl<'a> Repack<'a> {
    /// A repack from one store to another.
    pub fn new(
        from: &'a dyn BackupStore,
        to: &'a dyn BackupStoreWrite,
        stamps: Stamps<'a>,
    ) -> Self {
        let to = To::Store(to);
        Self { from, to, stamps }
    }

    /// A repack that reads everything, says what it would do to a store whose root has folders of
    /// these names, and writes nothing.
    pub fn dry_run(from: &'a dyn BackupStore, there: &'a [String], stamps: Stamps<'a>) -> Self {
        let to = To::Nowhere(there);
        Self { from, to, stamps }
    }

    /// Runs it. A backup that cannot be repacked is an error, and the others go on. Gives the
    /// backups that were, in the order of their paths.
    pub fn run(self, observer: &mut dyn Observer, cancel: &Cancel) -> Outcome<Vec<RepackedBackup>> {
        let mut run = Run {
            repack: &self,
            observer,
            messages: Vec::new(),
            done: Vec::new(),
        };
        if let Err(error) = run.run(cancel) {
            let operation = OperationCode::WriteBackup;
            run.tell(StatusMessage::of_source_error(operation, &error));
        }
        let outcome = Outcome::new(run.done, run.messages);
        if cancel.is_cancelled() {
            outcome.cancelled()
        } else {
            outcome
        }
    }
}

struct Run<'r, 'a> {
    repack: &'r Repack<'a>,
    observer: &'r mut dyn Observer,
    messages: Vec<StatusMessage>,
    done: Vec<RepackedBackup>,
}

impl Run<'_, '_> {
    fn run(&mut self, cancel: &Cancel) -> Result<(), SourceError> {
        let Repack { from, to, stamps } = *self.repack;
        let mut update = match to {
            To::Store(to) => Some(ManifestUpdate::begin(to)?),
            To::Nowhere(_) => None,
        };
        let set = BackupSet::read(from, cancel)?;
        let mut unreadable = BTreeMap::new();
        for finding in &set.findings {
            match (finding.kind, &finding.file) {
                (FindingKind::Unreadable, Some(file)) if file == "bkupInfo.xml" => {
                    unreadable.insert(finding.folder.as_str(), finding);
                }
                // What was wrong with a manifest is of no interest any more: there is a new one.
                (FindingKind::MissingFile | FindingKind::InvalidFile, Some(file)) => {
                    let object = [finding.folder.as_str(), file.as_str()].join("/");
                    self.say(
                        Severity::Warning,
                        object.trim_start_matches('/'),
                        &*finding.text,
                    );
                }
                _ => {}
            }
        }
        let mut progress = Progress {
            steps: set.backups.len() as u64,
            ..Progress::default()
        };
        for (member, assigned) in set.backups.iter().zip(assign_ids(&set, stamps.new_id)) {
            let folder = &member.folder;
            progress.object.clone_from(&folder.path);
            self.observer.progress(&progress);
            if cancel.is_cancelled() {
                break;
            }
            if let Some(why) = assigned.why {
                self.say(
                    Severity::Warning,
                    &folder.path,
                    format!("{why}; it gets {}", assigned.id),
                );
            }
            let repacked = match unreadable.get(folder.path.as_str()) {
                // Its ID is not known, so it must not be given another one.
                Some(finding) => Err(unreadable_error(finding)),
                None => from
                    .open(folder)
                    .and_then(|contents| NativeBackup::read(&*contents, member, assigned.id))
                    .and_then(|backup| {
                        Ok((write(&backup, assigned.id, from, to, cancel)?, backup))
                    }),
            };
            match repacked {
                Ok((bytes, backup)) => {
                    progress.bytes += bytes;
                    for (severity, text) in backup.remarks {
                        self.say(severity, &folder.path, text);
                    }
                    self.done.push(RepackedBackup {
                        folder: folder.path.clone(),
                        id: assigned.id,
                        inst: backup.inst,
                        rebuilt: backup.rebuilt,
                    });
                }
                Err(error) => {
                    let operation = OperationCode::WriteBackup;
                    let mut message = StatusMessage::of_source_error(operation, &error);
                    message.object_path = if error.kind() == SourceErrorKind::Exists {
                        // In the new set, not in the old one.
                        error.object().to_owned()
                    } else {
                        let object = [folder.path.as_str(), error.object()].join("/");
                        object.trim_matches('/').to_owned()
                    };
                    self.tell(message);
                }
            }
            progress.step += 1;
        }
        self.observer.progress(&progress);
        match (to, &mut update) {
            (To::Store(to), Some(update)) => self.write_manifest(&set, to, update),
            _ => Ok(()),
        }
    }

    fn say(&mut self, severity: Severity, object: &str, text: impl Into<String>) {
        self.tell(StatusMessage::new(
            severity,
            OperationCode::WriteBackup,
            object,
            text,
        ));
    }

    fn tell(&mut self, message: StatusMessage) {
        self.observer.message(&message);
        self.messages.push(message);
    }

    fn write_manifest(
        &self,
        set: &BackupSet,
        to: &dyn BackupStoreWrite,
        update: &mut ManifestUpdate<'_>,
    ) -> Result<(), SourceError> {
        let from = self.repack.from;
        let insts = self.done.iter().filter_map(|backup| backup.inst.clone());
        let mut insts: Vec<BackupInst> = insts.collect();
        if insts.is_empty() {
            return Ok(());
        }
        // In the place of none, the new manifest is the one of the source, brought up to date: so
        // an untouched set keeps every byte of it.
        if to.manifest("")?.is_none() {
            let manifest = updated_manifest(from, set, &insts);
            let bytes = manifest
                .to_bytes()
                .map_err(|e| SourceError::invalid("manifest.xml", e))?;
            to.replace_manifest(&bytes)?;
            insts = manifest.entries.into_iter().map(|e| e.inst).rev().collect();
        } else {
            insts.sort_by_key(|inst| inst.time);
        }
        update.add(&insts.iter().collect::<Vec<_>>())
    }
}

/// Writes a backup, or says what would keep it from being written.
fn write(
    backup: &NativeBackup,
    id: BackupId,
    from: &dyn BackupStore,
    to: To<'_>,
    cancel: &Cancel,
) -> Result<u64, SourceError> {
    match to {
        To::Store(to) => backup.write(from, to, cancel),
        To::Nowhere(there) => {
            let name = id.guid().to_upper().to_string();
            if there.iter().any(|other| other.eq_ignore_ascii_case(&name)) {
                let message = "a backup with this ID is there already";
                return Err(SourceError::new(SourceErrorKind::Exists, name, message));
            }
            Ok(0)
        }
    }
}

fn unreadable_error(finding: &Finding) -> SourceError {
    let file = finding.file.as_deref().unwrap_or_default();
    SourceError::new(SourceErrorKind::Other, file, &*finding.text)
}

/// The manifest of the source with an entry for each of these backups and no others. Where there
/// is none that can be read, or the backups lie in several folders, the entries stand newest first.
fn updated_manifest(from: &dyn BackupStore, set: &BackupSet, insts: &[BackupInst]) -> Manifest {
    let parents = set.backups.iter().map(|member| member.folder.parent());
    let parents: BTreeSet<&str> = parents.collect();
    let mut manifest = match parents.iter().collect::<Vec<_>>().as_slice() {
        [parent] => {
            let bytes = from.manifest(parent).ok().flatten();
            bytes
                .and_then(|bytes| Manifest::parse(&bytes).ok())
                .unwrap_or_default()
        }
        _ => Manifest::default(),
    };
    let mut missing: BTreeMap<BackupId, &BackupInst> =
        insts.iter().map(|inst| (inst.id, inst)).collect();
    manifest
        .entries
        .retain_mut(|entry| match missing.remove(&entry.inst.id) {
            Some(inst) => {
                entry.inst.clone_from(inst);
                true
            }
            None => false,
        });
    let missing = missing.into_values().cloned().map(ManifestEntry::from);
    insert_by_time(&mut manifest.entries, missing.collect());
    manifest
}
