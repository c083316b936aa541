//! Which files and folders the SYSVOL tree of a GPO has.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;
use core::ops::Bound;

use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::path::GpoPath;

/// A file or a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// A folder.
    Folder,
    /// A file of so many bytes.
    File(u64),
}

/// The files and folders of a GPO's SYSVOL tree, without GPT.INI, spelled as SYSVOL spells them,
/// in the order in which GPMC walks them.
///
/// ```
/// use gpo_core::{EntryKind, Inventory};
///
/// let mut inventory = Inventory::default();
/// inventory.insert(r"Machine\Registry.pol".parse()?, EntryKind::File(8))?;
/// let path = r"MACHINE\registry.pol".parse()?;
/// let (spelled, kind) = inventory.get(&path).ok_or("missing")?;
/// assert_eq!((spelled.as_str(), kind), (r"Machine\Registry.pol", EntryKind::File(8)));
/// assert_eq!(inventory.len(), 2, "the folder Machine is there, too");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Limits
///
/// Folders that are there only because something is in them may have paths of 32 MiB together: a
/// path of 32,767 characters can name 16,000 of them.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    entries: BTreeMap<GpoPath, EntryKind>,
    /// The bytes of the folders that were made without having been named.
    implied: usize,
}

impl PartialEq for Inventory {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl Eq for Inventory {}

/// The most bytes of folders that nobody named.
const MOST_IMPLIED: usize = 32 << 20;

impl Inventory {
    /// Adds a file or folder, and the folders above it that are not there yet.
    ///
    /// Folders keep the spelling in which they came first, so what is added below one takes it on,
    /// and adding a folder again changes nothing.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Path`] where the name is taken: two files that differ only in upper and lower
    /// case, or a file where a folder is; [`ErrorKind::Limit`].
    pub fn insert(&mut self, path: GpoPath, kind: EntryKind) -> Result<()> {
        if let Some((there, known)) = self.entries.get_key_value(&path) {
            if (*known, kind) == (EntryKind::Folder, EntryKind::Folder) {
                return Ok(());
            }
            return Err(clash(&path, there));
        }
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Ok(());
        };
        let spelled = if parent.is_root() {
            path
        } else {
            self.folder(parent)?.join(name)?
        };
        self.entries.insert(spelled, kind);
        Ok(())
    }

    /// The spelling of a folder, made if it is not there.
    fn folder(&mut self, path: GpoPath) -> Result<GpoPath> {
        let mut missing = Vec::new();
        let mut at = path;
        let mut spelled = loop {
            match self.entries.get_key_value(&at) {
                Some((there, EntryKind::Folder)) => break there.clone(),
                Some((there, EntryKind::File(_))) => return Err(clash(&at, there)),
                None => {}
            }
            let Some(parent) = at.parent() else { break at };
            self.implied += at.as_str().len();
            if self.implied > MOST_IMPLIED {
                let message = format!(
                    "the folders above what is there have paths of more than {MOST_IMPLIED} bytes"
                );
                return Err(Error::new(ErrorKind::Limit, message));
            }
            missing.push(at);
            at = parent;
        };
        while let Some(folder) = missing.pop() {
            spelled = spelled.join(folder.file_name().unwrap_or_default())?;
            self.entries.insert(spelled.clone(), EntryKind::Folder);
        }
        Ok(spelled)
    }

    /// The entry at a path, found without case, as SYSVOL spells it.
    pub fn get(&self, path: &GpoPath) -> Option<(&GpoPath, EntryKind)> {
        self.entries
            .get_key_value(path)
            .map(|(path, kind)| (path, *kind))
    }

    /// Whether there is a folder of this name at the top.
    pub(crate) fn is_folder(&self, name: &str) -> bool {
        GpoPath::from_name(name)
            .is_ok_and(|path| self.entries.get(&path) == Some(&EntryKind::Folder))
    }

    /// Takes out one entry; what is below it stays.
    pub fn remove(&mut self, path: &GpoPath) -> Option<EntryKind> {
        self.entries.remove(path)
    }

    /// Every entry, depth first, a folder before what is in it.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&GpoPath, EntryKind)> {
        self.entries.iter().map(|(path, kind)| (path, *kind))
    }

    /// A folder and every entry below it.
    pub fn below<'a>(
        &'a self,
        folder: &'a GpoPath,
    ) -> impl Iterator<Item = (&'a GpoPath, EntryKind)> {
        // In this order, a folder and what is below it stand side by side.
        self.entries
            .range::<GpoPath, _>((Bound::Included(folder), Bound::Unbounded))
            .map(|(path, kind)| (path, *kind))
            .take_while(move |(path, _)| path.starts_with(folder))
    }

    /// Every file with its size, in the same order.
    pub fn files(&self) -> impl Iterator<Item = (&GpoPath, u64)> {
        self.iter().filter_map(|(path, kind)| match kind {
            EntryKind::File(size) => Some((path, size)),
            EntryKind::Folder => None,
        })
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

fn clash(new: &GpoPath, there: &GpoPath) -> Error {
    Error::new(
        ErrorKind::Path,
        format!(
            "{} and {} are the same name on Windows",
            Quoted::new(there.as_str()),
            Quoted::new(new.as_str())
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> GpoPath {
        text.parse().unwrap()
    }

    #[test]
    fn names_that_differ_only_in_case_clash() {
        let mut inventory = Inventory::default();
        inventory
            .insert(path("Machine"), EntryKind::Folder)
            .unwrap();
        inventory
            .insert(path("MACHINE"), EntryKind::Folder)
            .unwrap();
        inventory
            .insert(path("machine\\a"), EntryKind::File(1))
            .unwrap();
        assert!(
            inventory
                .insert(path("Machine\\A"), EntryKind::File(1))
                .is_err()
        );
        assert!(
            inventory
                .insert(path("Machine"), EntryKind::File(1))
                .is_err()
        );
        assert!(
            inventory
                .insert(path("Machine\\a\\b"), EntryKind::File(1))
                .is_err()
        );
        assert_eq!(inventory.len(), 2);
    }

    #[test]
    fn a_path_of_thousands_of_folders_is_refused() {
        let mut inventory = Inventory::default();
        let deep = path(&"a\\".repeat(16_000)[..31_999]);
        let error = inventory.insert(deep, EntryKind::File(0)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
        assert_eq!(inventory, Inventory::default());
    }

    #[test]
    fn below_is_the_folder_and_nothing_beside_it() {
        let mut inventory = Inventory::default();
        for name in ["a\\b", "a-b\\c", "a.b", "a\\b2\\c", "ab"] {
            inventory.insert(path(name), EntryKind::File(0)).unwrap();
        }
        let folder = path("A");
        let below: Vec<_> = inventory.below(&folder).map(|(p, _)| p.as_str()).collect();
        assert_eq!(below, ["a", "a\\b", "a\\b2", "a\\b2\\c"]);
    }

    #[test]
    fn what_is_below_a_folder_takes_on_its_spelling() {
        let mut inventory = Inventory::default();
        for name in ["m\\X", "M\\x\\y", "M\\Z\\z"] {
            inventory
                .insert(path(name), EntryKind::File(0))
                .unwrap_or_default();
        }
        inventory.insert(path("A"), EntryKind::Folder).unwrap();
        inventory
            .insert(path("a\\B\\c"), EntryKind::File(0))
            .unwrap();
        let all: Vec<_> = inventory.iter().map(|(p, _)| p.as_str()).collect();
        assert_eq!(
            all,
            ["A", "A\\B", "A\\B\\c", "m", "m\\X", "m\\Z", "m\\Z\\z"]
        );
    }
}
