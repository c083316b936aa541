//! The settings files of a GPO.

use std::collections::BTreeMap;

use gpo_core::{Contents, FileKind, GpoPath, Inventory, SourceError};

/// The settings files of a GPO, in memory.
///
/// ```
/// use gpo_report::GpoFiles;
///
/// let mut files = GpoFiles::default();
/// let path = r"Machine\registry.pol".parse()?;
/// assert!(GpoFiles::wants(&path, 8));
/// files.insert(path, b"PReg\x01\0\0\0".to_vec());
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GpoFiles {
    files: BTreeMap<GpoPath, Vec<u8>>,
}

/// The largest file that a report reads, in bytes.
const LARGEST: u64 = 64 << 20;

impl GpoFiles {
    /// Whether a report needs the file at this path below the folder of the GPO: its settings stand in
    /// it, and it has at most 64 MiB.
    pub fn wants(path: &GpoPath, size: u64) -> bool {
        FileKind::of(path).has_format() && size <= LARGEST
    }

    /// Adds a file.
    pub fn insert(&mut self, path: GpoPath, bytes: Vec<u8>) {
        self.files.insert(path, bytes);
    }

    /// Reads the files of a GPO that a report needs; `folder` is where `Machine` and `User` are.
    ///
    /// # Errors
    ///
    /// Any failure to read a file.
    pub fn read(
        contents: &dyn Contents,
        folder: &GpoPath,
        inventory: &Inventory,
    ) -> Result<Self, SourceError> {
        let mut files = Self::default();
        for (path, size) in inventory.files() {
            if Self::wants(path, size) {
                let place = folder
                    .join_path(path)
                    .map_err(|error| SourceError::invalid(path.as_str(), error))?;
                files.insert(path.clone(), contents.read_all(&place, LARGEST)?);
            }
        }
        Ok(files)
    }

    pub(crate) fn get(&self, path: &GpoPath) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }
}
