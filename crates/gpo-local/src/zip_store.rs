//! A zip archive with backups in it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use gpo_core::{
    BackupFolder, BackupStore, Contents, Entry, EntryKind, GpoPath, LARGEST_MANIFEST, Quoted, Sink,
    SourceError, SourceErrorKind, Visitor, fold_name,
};

use crate::folder_store::marks_backup;
use crate::shared_file::SharedFile;
use crate::zip_directory::{ZipEntry, open_entry, read_entries};

/// What a file may inflate to, for each byte that it takes in the archive.
const HIGHEST_RATIO: u64 = 200;
/// What a file may inflate to whatever the ratio, in bytes: an empty report compresses well.
const ALWAYS_ALLOWED: u64 = 16 * 1024 * 1024;
/// What all files together may inflate to, in bytes.
const LARGEST_TOTAL: u64 = 16 * 1024 * 1024 * 1024;
/// The longest name of a file, in bytes, and with it the depth of folders.
const LONGEST_NAME: usize = 4096;
/// What the paths of all folders may have together, in bytes, for each byte in the names of the
/// entries: a name of 4096 bytes could make 2048 folders, whose paths have a thousand times as many.
const MOST_FOLDERS: usize = 16;
/// The same, whatever the names.
const ALWAYS_ALLOWED_FOLDERS: usize = 1024 * 1024;
/// How much is inflated at once, in bytes.
const CHUNK: usize = 128 * 1024;

/// A zip archive with one or more backups in it, at its root or in folders at any depth.
///
/// Names are found without case; `\` separates folders as `/` does, since .NET on Windows once
/// wrote it. Refused on opening, because no honest tool makes them: names that are absolute or have
/// `..`, names that are the same on Windows, data that several files share, a file that inflates to
/// more than 16 MiB and 200 times its size, 16 GiB in all, names that make far more folders than
/// they are long. A file that is encrypted is an error when
/// it is read, and so is one that inflates to more than it declares.
///
/// Content is inflated when it is read, and never held as a whole. Several threads can read at
/// once.
#[derive(Debug)]
pub struct ZipStore {
    file: SharedFile,
    label: String,
    entries: Vec<ZipEntry>,
    /// By folded path, `/` between the names.
    nodes: BTreeMap<String, Node>,
}

/// A file or a folder.
#[derive(Debug)]
struct Node {
    /// The path as it is spelled, `/` between the names.
    path: String,
    kind: NodeKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NodeKind {
    Folder,
    /// The place of its entry, and the bytes that it declares to inflate to.
    File {
        index: usize,
        size: u64,
    },
    Link,
}

impl ZipStore {
    /// Opens an archive.
    ///
    /// # Errors
    ///
    /// [`SourceErrorKind::Invalid`] for a file that is no zip archive, or one that is refused as
    /// said above; any failure to read it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SourceError> {
        let label = path.as_ref().display().to_string();
        let io = |error| SourceError::io(label.as_str(), error);
        let mut file = SharedFile::new(File::open(path).map_err(io)?).map_err(io)?;
        let entries = read_entries(&mut file).map_err(io)?;
        let nodes = read_nodes(&entries).map_err(|why| invalid(&label, why))?;
        Ok(Self {
            file,
            label,
            entries,
            nodes,
        })
    }

    fn label(&self, path: &str) -> String {
        match path {
            "" => self.label.clone(),
            path => format!("{}/{path}", self.label),
        }
    }

    fn node(&self, path: &str) -> Option<&Node> {
        self.nodes.get(&fold_name(path))
    }

    /// What is below a folder, folders before what is in them.
    fn below(&self, folder: &str) -> impl Iterator<Item = &Node> {
        let start = match folder {
            "" => String::new(),
            folder => fold_name(folder) + "/",
        };
        self.nodes
            .range(start.clone()..)
            .take_while(move |(path, _)| path.starts_with(&start))
            .map(|(_, node)| node)
    }

    fn read(&self, path: &str, sink: Sink<'_>) -> Result<(), SourceError> {
        let label = self.label(path);
        let Some(node) = self.node(path) else {
            let message = "there is no such file in the archive";
            return Err(SourceError::new(SourceErrorKind::NotFound, label, message));
        };
        let (entry, size) = match node.kind {
            NodeKind::File { index, size } => (self.entries.get(index), size),
            NodeKind::Folder => return Err(invalid(&label, "a folder, not a file")),
            NodeKind::Link => return Err(invalid(&label, LINK)),
        };
        let io = |error| SourceError::io(label.as_str(), error);
        let Some(entry) = entry else { return Ok(()) };
        let mut file = open_entry(self.file.clone(), entry).map_err(io)?;
        let wanted = usize::try_from(size).map_or(CHUNK, |size| size.clamp(1, CHUNK));
        let mut buffer = vec![0; wanted];
        loop {
            match file.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(read) => sink(buffer.get(..read).unwrap_or_default())?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(io(error)),
            }
        }
    }
}

const LINK: &str = "a link, which is not followed";

fn invalid(label: &str, message: impl Into<String>) -> SourceError {
    SourceError::new(SourceErrorKind::Invalid, label, message)
}

/// The files and folders that the entries make; an error says why the archive is refused.
fn read_nodes(entries: &[ZipEntry]) -> Result<BTreeMap<String, Node>, String> {
    let mut nodes = BTreeMap::new();
    let mut total = 0u64;
    let (mut names, mut folders) = (0usize, 0usize);
    for (index, entry) in entries.iter().enumerate() {
        total = total.saturating_add(entry.size);
        let honest = entry.size <= ALWAYS_ALLOWED || entry.size / HIGHEST_RATIO <= entry.packed;
        let name = entry.name.replace('\\', "/");
        let kind = if name.ends_with('/') {
            NodeKind::Folder
        } else if entry.link {
            NodeKind::Link
        } else {
            let size = entry.size;
            NodeKind::File { index, size }
        };
        let placed = if honest && total <= LARGEST_TOTAL {
            check_name(&name).and_then(|()| {
                names = names.saturating_add(name.len());
                folders = folders.saturating_add(insert(&mut nodes, &name, kind)?);
                let most = names.saturating_mul(MOST_FOLDERS);
                if folders > most.saturating_add(ALWAYS_ALLOWED_FOLDERS) {
                    return Err("lies in more folders than an honest one would: a zip bomb?");
                }
                Ok(())
            })
        } else {
            Err("inflates to more than an honest one would: a zip bomb?")
        };
        placed.map_err(|why| format!("the file {} {why}", Quoted::new(&entry.name)))?;
    }
    // Each file has a header of 30 bytes and a name before its data.
    let mut data: Vec<_> = entries.iter().map(|e| (e.offset, e.packed)).collect();
    data.sort_unstable();
    let overlaps = data.windows(2).any(|pair| match pair {
        [(start, packed), (next, _)] => start.saturating_add(30).saturating_add(*packed) > *next,
        _ => false,
    });
    if overlaps {
        return Err("files share their data: a zip bomb?".into());
    }
    Ok(nodes)
}

fn check_name(name: &str) -> Result<(), &'static str> {
    if name.len() > LONGEST_NAME {
        return Err("has a name that is too long");
    }
    if name.starts_with('/') || name.get(1..2) == Some(":") {
        return Err("has an absolute name");
    }
    if name.split('/').any(|part| part == "..") {
        return Err("has \"..\" in its name");
    }
    if name.contains('\0') {
        return Err("has a NUL in its name");
    }
    Ok(())
}

/// Adds a node, and the folders above it that are missing; what comes first gives the spelling.
/// Gives the bytes in the paths of the folders that were missing.
fn insert(
    nodes: &mut BTreeMap<String, Node>,
    name: &str,
    kind: NodeKind,
) -> Result<usize, &'static str> {
    let (mut path, mut added) = (String::new(), 0);
    let mut names = name
        .split('/')
        .filter(|part| !matches!(*part, "" | "."))
        .peekable();
    while let Some(part) = names.next() {
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(part);
        let own = match names.peek() {
            Some(_) => NodeKind::Folder,
            None => kind,
        };
        let key = fold_name(&path);
        match nodes.get(&key) {
            Some(there) if (there.kind, own) == (NodeKind::Folder, NodeKind::Folder) => {
                path.clone_from(&there.path);
            }
            Some(_) => return Err("has a name that another has, too, as Windows compares names"),
            None => {
                if own == NodeKind::Folder {
                    added += path.len();
                }
                let path = path.clone();
                nodes.insert(key, Node { path, kind: own });
            }
        }
    }
    Ok(added)
}

impl BackupStore for ZipStore {
    fn backups(&self) -> Result<Vec<BackupFolder>, SourceError> {
        let mut found: Vec<BackupFolder> = Vec::new();
        for node in self.nodes.values() {
            let (folder, name) = node.path.rsplit_once('/').unwrap_or(("", &node.path));
            if matches!(node.kind, NodeKind::File { .. }) && marks_backup(name) {
                found.push(BackupFolder {
                    path: folder.to_owned(),
                });
            }
        }
        found.sort_unstable();
        found.dedup();
        // What is inside a backup is none.
        let outer: std::collections::HashSet<String> =
            found.iter().map(|folder| folder.path.clone()).collect();
        found.retain(|folder| {
            let mut above = folder.path.as_str();
            while !above.is_empty() {
                above = above.rsplit_once('/').map_or("", |(parent, _)| parent);
                if outer.contains(above) {
                    return false;
                }
            }
            true
        });
        Ok(found)
    }

    fn open(&self, folder: &BackupFolder) -> Result<Box<dyn Contents + '_>, SourceError> {
        let is_folder = |node: &Node| node.kind == NodeKind::Folder;
        if !folder.path.is_empty() && !self.node(&folder.path).is_some_and(is_folder) {
            let message = "there is no such folder in the archive";
            let label = self.label(&folder.path);
            return Err(SourceError::new(SourceErrorKind::NotFound, label, message));
        }
        Ok(Box::new(ZipFolder {
            store: self,
            path: folder.path.clone(),
        }))
    }

    fn manifest(&self, folder: &str) -> Result<Option<Vec<u8>>, SourceError> {
        let folder = BackupFolder {
            path: folder.to_owned(),
        };
        let path = GpoPath::from_name("manifest.xml")
            .map_err(|e| SourceError::invalid(self.label.as_str(), e))?;
        match self.open(&folder)?.read_all(&path, LARGEST_MANIFEST) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == SourceErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A folder of the archive.
struct ZipFolder<'a> {
    store: &'a ZipStore,
    path: String,
}

impl ZipFolder<'_> {
    /// The path in the archive.
    fn whole(&self, path: &GpoPath) -> String {
        let path = path.as_str().replace('\\', "/");
        match (self.path.as_str(), path.as_str()) {
            ("", path) => path.to_owned(),
            (folder, "") => folder.to_owned(),
            (folder, path) => format!("{folder}/{path}"),
        }
    }
}

impl Contents for ZipFolder<'_> {
    fn walk(&self, folder: &GpoPath, visit: Visitor<'_>) -> Result<(), SourceError> {
        let whole = self.whole(folder);
        let node = self.store.node(&whole);
        if !whole.is_empty() && node.is_none_or(|node| node.kind != NodeKind::Folder) {
            let message = "there is no such folder in the archive";
            let label = self.store.label(&whole);
            return Err(SourceError::new(SourceErrorKind::NotFound, label, message));
        }
        let above = self.path.split('/').filter(|part| !part.is_empty()).count();
        for node in self.store.below(&whole) {
            let label = || self.store.label(&node.path);
            let mut names = node.path.split('/').skip(above);
            let path = names.try_fold(GpoPath::root(), |path, name| path.join(name));
            let entry = match (path, node.kind) {
                (Err(error), _) => Err(SourceError::invalid(label(), error)),
                (Ok(_), NodeKind::Link) => Err(invalid(&label(), LINK)),
                (Ok(path), NodeKind::Folder) => Ok((path, EntryKind::Folder)),
                (Ok(path), NodeKind::File { size, .. }) => Ok((path, EntryKind::File(size))),
            };
            visit(entry.map(|(path, kind)| Entry { path, kind }))?;
        }
        Ok(())
    }

    fn read(&self, path: &GpoPath, sink: Sink<'_>) -> Result<(), SourceError> {
        self.store.read(&self.whole(path), sink)
    }
}

#[cfg(test)]
mod tests;
