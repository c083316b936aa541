//! The settings files of a GPO.

use std::collections::BTreeMap;

use gpo_core::{Contents, FileKind, GpoPath, Inventory, LARGEST_SETTINGS_FILE, SourceError};

/// The settings files of a GPO, in memory.
///
/// ```
/// use gpo_report::GpoFiles;
///
/// let mut files = GpoFiles::default();
/// let path = r"Machine\registry.pol".parse()?;
/// files.insert(path, b"PReg\x01\0\0\0".to_vec());
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GpoFiles {
    files: BTreeMap<GpoPath, Vec<u8>>,
}

/// The most that a report reads of one GPO, in bytes.
const LARGEST_TOTAL: u64 = 2 * LARGEST_SETTINGS_FILE;

impl GpoFiles {
    /// The files of a GPO that a report needs: settings stand in them. Those that are larger than
    /// [`LARGEST_SETTINGS_FILE`], or that come after twice as much, are left out.
    pub fn wanted(inventory: &Inventory) -> impl Iterator<Item = (&GpoPath, u64)> {
        let mut total = 0;
        inventory.files().filter(move |&(path, size)| {
            let wanted = FileKind::of(path).has_format()
                && size <= LARGEST_SETTINGS_FILE
                && total + size <= LARGEST_TOTAL;
            total += if wanted { size } else { 0 };
            wanted
        })
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
        for (path, size) in Self::wanted(inventory) {
            let place = folder
                .join_path(path)
                .map_err(|error| SourceError::invalid(path.as_str(), error))?;
            files.insert(path.clone(), contents.read_all(&place, size)?);
        }
        Ok(files)
    }

    pub(crate) fn get(&self, path: &GpoPath) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }
}
