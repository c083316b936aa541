//! Comparing the files of a backup with the list in its side-car.

use std::format;
use std::string::String;
use std::vec::Vec;

use sha2::{Digest, Sha256};

use super::Sidecar;
use crate::contents::Contents;
use crate::path::GpoPath;
use crate::source_error::{SourceError, SourceErrorKind};

impl Sidecar {
    /// What became of a file that has this size and this SHA-256 now; `None` where it is what was
    /// backed up, or is not listed.
    pub fn change_of(&self, path: &GpoPath, size: u64, sha256: [u8; 32]) -> Option<String> {
        let listed = self.file(path).filter(|file| file.sha256 != sha256)?;
        let text = "its content is not what was backed up: it";
        Some(match listed.size {
            before if before == size => format!("{text} is damaged"),
            before => format!("{text} has {size} bytes, and had {before}"),
        })
    }

    /// Reads every listed file of the backup, the folder with its Backup.xml: an error for each
    /// that is not what was backed up, or that cannot be read. Files that are not there are left
    /// out: Backup.xml tells which of them matter.
    pub fn changed_files(&self, backup: &dyn Contents) -> Vec<SourceError> {
        let mut errors = Vec::new();
        for file in &self.files {
            let (mut size, mut hash) = (0, Sha256::new());
            let read = backup.read(&file.path, &mut |data| {
                size += data.len() as u64;
                hash.update(data);
                Ok(())
            });
            match read {
                Ok(()) => {
                    let change = self.change_of(&file.path, size, hash.finalize().into());
                    errors.extend(change.map(|text| {
                        SourceError::new(SourceErrorKind::Invalid, file.path.as_str(), text)
                    }));
                }
                Err(error) if error.kind() == SourceErrorKind::NotFound => {}
                Err(error) => errors.push(error),
            }
        }
        errors
    }
}
