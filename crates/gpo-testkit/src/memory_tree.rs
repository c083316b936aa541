//! A tree of files in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use gpo_core::{
    Contents, Entry, EntryKind, GpoPath, Sink, SourceError, SourceErrorKind, TreeWriter, Visitor,
};

/// How much [`Contents::read`] gives at once, in bytes; small, so that a reader meets pieces.
const CHUNK: usize = 4096;

/// A tree of files and folders in memory, found without case.
///
/// ```
/// use gpo_core::{Contents, TreeWriter};
/// use gpo_testkit::MemoryTree;
///
/// let mut tree = MemoryTree::default();
/// tree.create_file(&r"Machine\Registry.pol".parse()?)?;
/// tree.append(b"PReg")?;
/// assert_eq!(tree.read_all(&r"MACHINE\registry.pol".parse()?, 10)?, b"PReg");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryTree {
    /// Every file and folder; the key has the spelling that came first.
    nodes: BTreeMap<GpoPath, Node>,
    /// The file that [`TreeWriter::append`] writes to.
    current: Option<GpoPath>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Folder,
    File(Arc<Vec<u8>>),
}

impl MemoryTree {
    /// The content of a file.
    pub fn file(&self, path: &GpoPath) -> Option<&[u8]> {
        match self.nodes.get(path)? {
            Node::Folder => None,
            Node::File(bytes) => Some(bytes),
        }
    }

    /// Whether a file or folder is at a path.
    pub fn contains(&self, path: &GpoPath) -> bool {
        path.is_root() || self.nodes.contains_key(path)
    }

    /// Puts a file at a path, with the folders above it, whatever was there.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::Exists`] where a file stands where a folder is needed.
    pub fn put_file(
        &mut self,
        path: &GpoPath,
        bytes: impl Into<Vec<u8>>,
    ) -> Result<(), SourceError> {
        self.remove(path);
        self.insert(path, Node::File(Arc::new(bytes.into())))
    }

    /// Takes out a file, or a folder with all that is in it; says whether there was one.
    pub fn remove(&mut self, path: &GpoPath) -> bool {
        let before = self.nodes.len();
        self.nodes.retain(|other, _| !other.starts_with(path));
        self.nodes.len() < before
    }

    /// Puts a whole tree in the place of a folder, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// As [`put_file`](Self::put_file), or [`SourceErrorKind::Invalid`] for paths that get too long.
    pub fn replace(&mut self, folder: &GpoPath, tree: Self) -> Result<(), SourceError> {
        let spelled = match self.nodes.get_key_value(folder) {
            Some((spelled, _)) => spelled.clone(),
            None => folder.clone(),
        };
        self.remove(&spelled);
        self.create_folder(&spelled)?;
        for (path, node) in tree.nodes {
            let path = spelled
                .join_path(&path)
                .map_err(|e| SourceError::invalid(path.as_str(), e))?;
            self.insert(&path, node)?;
        }
        Ok(())
    }

    fn insert(&mut self, path: &GpoPath, node: Node) -> Result<(), SourceError> {
        if path.is_root() {
            let kind = SourceErrorKind::Invalid;
            return Err(SourceError::new(kind, "", "a file needs a name"));
        }
        let path = match path.parent() {
            Some(parent) if !parent.is_root() => {
                self.create_folder(&parent)?;
                // The folders may be there in another spelling.
                let (parent, _) = self
                    .nodes
                    .get_key_value(&parent)
                    .unwrap_or((&parent, &node));
                parent
                    .join(path.file_name().unwrap_or_default())
                    .map_err(|e| SourceError::invalid(path.as_str(), e))?
            }
            _ => path.clone(),
        };
        self.nodes.insert(path, node);
        Ok(())
    }
}

fn error(kind: SourceErrorKind, path: &GpoPath, message: &str) -> SourceError {
    SourceError::new(kind, path.as_str(), message)
}

fn not_found(path: &GpoPath) -> SourceError {
    error(
        SourceErrorKind::NotFound,
        path,
        "there is no such file or folder",
    )
}

impl Contents for MemoryTree {
    fn walk(&self, folder: &GpoPath, visit: Visitor<'_>) -> Result<(), SourceError> {
        if !folder.is_root() && !matches!(self.nodes.get(folder), Some(Node::Folder)) {
            return Err(not_found(folder));
        }
        for (path, node) in &self.nodes {
            if path == folder || !path.starts_with(folder) {
                continue;
            }
            let kind = match node {
                Node::Folder => EntryKind::Folder,
                Node::File(bytes) => EntryKind::File(bytes.len() as u64),
            };
            visit(Ok(Entry {
                path: path.clone(),
                kind,
            }))?;
        }
        Ok(())
    }

    fn read(&self, path: &GpoPath, sink: Sink<'_>) -> Result<(), SourceError> {
        match self.nodes.get(path) {
            Some(Node::File(bytes)) => bytes.chunks(CHUNK).try_for_each(sink),
            Some(Node::Folder) => Err(error(
                SourceErrorKind::Invalid,
                path,
                "a folder, not a file",
            )),
            None => Err(not_found(path)),
        }
    }
}

impl TreeWriter for MemoryTree {
    fn create_folder(&mut self, path: &GpoPath) -> Result<(), SourceError> {
        match self.nodes.get(path) {
            Some(Node::Folder) => Ok(()),
            Some(Node::File(_)) => Err(error(
                SourceErrorKind::Exists,
                path,
                "a file with this name was written before",
            )),
            None if path.is_root() => Ok(()),
            None => self.insert(path, Node::Folder),
        }
    }

    fn create_file(&mut self, path: &GpoPath) -> Result<(), SourceError> {
        if self.nodes.contains_key(path) {
            return Err(error(
                SourceErrorKind::Exists,
                path,
                "a file or folder with this name was written before",
            ));
        }
        self.insert(path, Node::File(Arc::default()))?;
        self.current = Some(path.clone());
        Ok(())
    }

    fn append(&mut self, data: &[u8]) -> Result<(), SourceError> {
        let file = self
            .current
            .as_ref()
            .and_then(|path| self.nodes.get_mut(path));
        let Some(Node::File(bytes)) = file else {
            let kind = SourceErrorKind::Invalid;
            return Err(SourceError::new(kind, "", "no file was begun"));
        };
        Arc::make_mut(bytes).extend_from_slice(data);
        Ok(())
    }
}
