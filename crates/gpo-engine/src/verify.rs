//! Checking the backups of a store.

use std::collections::BTreeSet;

use gpo_core::{BackupStore, Manifest, SourceError};

use crate::backup_set::{BackupSet, SetMember};
use crate::finding::{Finding, FindingKind};
use crate::observer::{Cancel, Observer, Progress};
use crate::status::Severity;

mod backup_check;
pub(crate) mod file_format;
mod round_trip;

use backup_check::BackupCheck;
use round_trip::round_trip;

/// A check of every backup of a store: reads every file, and parses those whose format is known.
///
/// ```
/// use gpo_engine::{Cancel, Verify};
/// use gpo_testkit::MemoryStore;
///
/// let store = MemoryStore::default();
/// let checked = Verify::new(&store).round_trip(true).run(&mut (), &Cancel::default())?;
/// assert!(checked.findings.is_empty());
/// # Ok::<(), gpo_core::SourceError>(())
/// ```
pub struct Verify<'a> {
    store: &'a dyn BackupStore,
    round_trip: bool,
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// How many backups were checked.
    pub backups: u64,
    /// How many of their files were read.
    pub files: u64,
    /// How many bytes these have.
    pub bytes: u64,
    /// What was found, by folder; first what concerns the set.
    pub findings: Vec<Finding>,
}

impl Verification {
    /// How many findings have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        let same = |finding: &&Finding| finding.severity() == severity;
        self.findings.iter().filter(same).count()
    }
}

impl<'a> Verify<'a> {
    /// A check of this store.
    pub fn new(store: &'a dyn BackupStore) -> Self {
        Self {
            store,
            round_trip: false,
        }
    }

    /// Whether each file that is parsed is written again, in memory, and compared.
    #[must_use]
    pub fn round_trip(mut self, round_trip: bool) -> Self {
        self.round_trip = round_trip;
        self
    }

    /// Runs the check. Findings are kept, files are not: one is in memory at a time.
    ///
    /// # Errors
    ///
    /// Any failure to list the folders of the store, and a cancelled run. What is wrong with a
    /// backup is a finding.
    pub fn run(
        self,
        observer: &mut dyn Observer,
        cancel: &Cancel,
    ) -> Result<Verification, SourceError> {
        let set = BackupSet::read(self.store, cancel)?;
        let mut result = Verification {
            findings: set.findings,
            ..Verification::default()
        };
        let mut progress = Progress {
            steps: set.backups.len() as u64,
            ..Progress::default()
        };
        for member in &set.backups {
            cancel.check()?;
            let folder = &member.folder.path;
            progress.object.clone_from(folder);
            observer.progress(&progress);
            match self.store.open(&member.folder) {
                Ok(contents) => {
                    let mut check = BackupCheck {
                        folder,
                        contents: &*contents,
                        round_trip: self.round_trip,
                        findings: Vec::new(),
                        sidecar: None,
                        files: 0,
                        bytes: 0,
                    };
                    check.run(member.inst.as_ref(), cancel)?;
                    result.findings.append(&mut check.findings);
                    result.files += check.files;
                    result.bytes += check.bytes;
                }
                Err(error) => {
                    let kind = FindingKind::Unreadable;
                    result
                        .findings
                        .push(Finding::new(kind, folder, error.message()));
                }
            }
            result.backups += 1;
            progress.step += 1;
            progress.bytes = result.bytes;
        }
        observer.progress(&progress);
        if self.round_trip {
            self.check_manifests(&set.backups, &mut result.findings);
        }
        result.findings.sort_by(|a, b| a.folder.cmp(&b.folder));
        Ok(result)
    }

    /// Whether each manifest is written back as it was read.
    fn check_manifests(&self, members: &[SetMember], findings: &mut Vec<Finding>) {
        let parents: BTreeSet<&str> = members
            .iter()
            .map(|member| member.folder.parent())
            .collect();
        for folder in parents {
            // What cannot be read was reported with the set.
            if let Ok(Some(bytes)) = self.store.manifest(folder)
                && let Ok(manifest) = Manifest::parse(&bytes)
            {
                findings.extend(round_trip(
                    folder,
                    "manifest.xml",
                    &bytes,
                    manifest.to_bytes(),
                ));
            }
        }
    }
}
