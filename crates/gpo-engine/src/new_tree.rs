//! The files that a GPO is going to have.

use std::collections::{BTreeMap, BTreeSet};

use gpo_core::{
    Contents, EntryKind, GpoPath, Half, Inventory, LARGEST_SETTINGS_FILE, SourceError,
    SourceErrorKind, TreeWriter,
};

use crate::gpo_folder::of_listed;
use crate::gpo_state::GptIniFile;
use crate::observer::Cancel;

/// Where the content of files comes from: the tree below a folder.
#[derive(Clone, Copy)]
pub(crate) struct TreeSource<'a> {
    pub(crate) contents: &'a dyn Contents,
    pub(crate) root: &'a GpoPath,
    /// Where files come from that a GPO keeps.
    kept: Option<(&'a dyn Contents, &'a GpoPath)>,
}

impl<'a> TreeSource<'a> {
    pub(crate) fn new(contents: &'a dyn Contents, root: &'a GpoPath) -> Self {
        Self {
            contents,
            root,
            kept: None,
        }
    }

    /// The same, with the tree from which a GPO keeps files.
    pub(crate) fn beside(self, contents: &'a dyn Contents, root: &'a GpoPath) -> Self {
        Self {
            kept: Some((contents, root)),
            ..self
        }
    }

    pub(crate) fn read(
        &self,
        path: &GpoPath,
        sink: &mut dyn FnMut(&[u8]) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let from = self.root.join_path(path);
        let from = from.map_err(|e| SourceError::invalid(path.as_str(), e))?;
        self.contents.read(&from, sink)
    }
}

/// The tree of a GPO as it is to be: which files, and what is in those that do not come from a
/// [`TreeSource`] as they are.
#[derive(Clone, Debug, Default)]
pub(crate) struct NewTree {
    pub(crate) inventory: Inventory,
    /// By the path in the inventory.
    pub(crate) replaced: BTreeMap<GpoPath, Vec<u8>>,
    /// The files that are those of the GPO as it is.
    pub(crate) kept: BTreeSet<GpoPath>,
    pub(crate) gpt_ini: Option<GptIniFile>,
}

impl NewTree {
    /// A tree of these files and GPT.INI, with the folders of both halves, which every GPO has.
    pub(crate) fn new(
        mut inventory: Inventory,
        replaced: BTreeMap<GpoPath, Vec<u8>>,
        gpt_ini: Option<GptIniFile>,
    ) -> Result<Self, SourceError> {
        for half in Half::BOTH {
            let folder = GpoPath::from_name(half.name());
            folder
                .and_then(|folder| inventory.insert(folder, EntryKind::Folder))
                .map_err(|e| SourceError::invalid(half.name(), e))?;
        }
        for (path, bytes) in &replaced {
            inventory.remove(path);
            let kind = EntryKind::File(bytes.len() as u64);
            inventory
                .insert(path.clone(), kind)
                .map_err(|e| SourceError::invalid(path.as_str(), e))?;
        }
        Ok(Self {
            inventory,
            replaced,
            kept: BTreeSet::new(),
            gpt_ini,
        })
    }

    /// The same tree, of which these files are those of the GPO as it is.
    pub(crate) fn keep(mut self, kept: BTreeSet<GpoPath>) -> Self {
        self.replaced.retain(|path, _| !kept.contains(path));
        self.kept = kept;
        self
    }

    /// Writes the tree, GPT.INI last; gives the number of bytes.
    pub(crate) fn write(
        &self,
        source: TreeSource<'_>,
        tree: &mut dyn TreeWriter,
        cancel: &Cancel,
    ) -> Result<u64, SourceError> {
        let mut bytes = 0;
        for (path, kind) in self.inventory.iter() {
            cancel.check()?;
            let EntryKind::File(size) = kind else {
                tree.create_folder(path)?;
                continue;
            };
            tree.create_file(path)?;
            let changed = |now: &str| {
                let message = format!("the file has {now} bytes, not {size} as before");
                SourceError::new(SourceErrorKind::Changed, path.as_str(), message)
            };
            let mut written = 0;
            self.read(source, path, &mut |data| {
                cancel.check()?;
                written += data.len() as u64;
                // A file that grows for ever must not fill the disk.
                if written > size {
                    return Err(changed("more"));
                }
                tree.append(data)
            })?;
            if written != size {
                return Err(changed(&written.to_string()));
            }
            bytes += written;
        }
        if let Some(ini) = &self.gpt_ini {
            let path = GpoPath::from_name(&ini.name);
            tree.create_file(&path.map_err(|e| SourceError::invalid(ini.name.as_str(), e))?)?;
            tree.append(&ini.bytes)?;
        }
        Ok(bytes)
    }

    /// The content of a file of the inventory.
    pub(crate) fn read(
        &self,
        source: TreeSource<'_>,
        path: &GpoPath,
        sink: &mut dyn FnMut(&[u8]) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        if let Some(bytes) = self.replaced.get(path) {
            return sink(bytes);
        }
        match source.kept.filter(|_| self.kept.contains(path)) {
            Some((contents, root)) => TreeSource::new(contents, root).read(path, sink),
            None => source.read(path, sink),
        }
    }

    /// Whether a file has the same content in this tree and in another that has it, too, at the
    /// same size.
    pub(crate) fn same_content(
        &self,
        source: TreeSource<'_>,
        other: TreeSource<'_>,
        path: &GpoPath,
        size: u64,
    ) -> Result<bool, SourceError> {
        // One side is held, and the other compared as it comes; larger files are taken for
        // different.
        let mut bytes = Vec::new();
        if size > LARGEST_SETTINGS_FILE {
            return Ok(false);
        }
        self.read(source, path, &mut |data| {
            bytes.extend_from_slice(data);
            Ok(())
        })?;
        let mut rest = bytes.as_slice();
        let mut same = true;
        of_listed(other.read(path, &mut |data| {
            match rest.strip_prefix(data) {
                Some(after) => rest = after,
                None => same = false,
            }
            Ok(())
        }))?;
        Ok(same && rest.is_empty())
    }
}
