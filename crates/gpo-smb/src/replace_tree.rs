//! Giving a new tree the place of the old one.
//!
//! A file server swaps no folders: each file of the new tree is renamed to its name, which takes
//! the place of the old one, then what is gone is deleted, and GPT.INI comes last, because clients
//! look there for a new version. A process that dies before the first of these steps leaves the old
//! tree as it was, and some files under temporary names, which the next one removes.

use std::collections::BTreeMap;
use std::sync::Arc;

use gpo_core::{EntryKind, GpoPath, SourceError, TreeWriter};

use crate::connection::Connection;
use crate::new_tree::{NewTree, Written};
use crate::open::{ATTRIBUTE_READONLY, WirePath};
use crate::sysvol::SmbSysvol;
use crate::temporary_name::{LOCK, is_temporary};
use crate::tree_removal::Outcome;
use crate::write::{clear_attributes, rename};

/// The file that says which version of the GPO this is.
const GPT_INI: &str = "GPT.INI";

impl SmbSysvol {
    /// Replaces the tree of a folder that is there and locked.
    pub(crate) fn replace_locked(
        &self,
        connection: &Arc<Connection>,
        folder: &GpoPath,
        fill: &mut dyn FnMut(&mut dyn TreeWriter) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        self.remove_temporaries(connection, folder)?;
        let mut old = BTreeMap::new();
        for (path, found) in self.everything_below(folder)? {
            let path = path.strip_prefix(folder).unwrap_or(path);
            if !path.components().any(is_temporary) {
                old.insert(path, found);
            }
        }
        let mut tree = NewTree::new(self, Arc::clone(connection), folder.clone(), old);
        let written = fill(&mut tree).and_then(|()| tree.finish());
        let result = match written {
            Ok(()) => Commit::new(self, connection, folder, &tree).run(),
            Err(error) => {
                tree.abandon();
                Err(error)
            }
        };
        if result.is_err() && !connection.is_dead() {
            // The first failure is the one to tell; what stays is removed by the next one.
            let _ = self.remove_temporaries(connection, folder);
        }
        result
    }

    /// Removes all that is in a folder that is locked, but for the lock.
    pub(crate) fn empty_locked(
        &self,
        connection: &Arc<Connection>,
        folder: &GpoPath,
    ) -> Result<(), SourceError> {
        let all = self.everything_below(folder)?.into_iter();
        let all = all.filter(|(path, _)| !path.components().any(|name| name == LOCK));
        let all: Vec<_> = all.map(|(path, found)| (path, found.kind)).collect();
        self.delete_all(connection, all)?.result(self)
    }

    /// Removes what a dead process, or one that failed, left in a folder that is locked.
    pub(crate) fn remove_temporaries(
        &self,
        connection: &Arc<Connection>,
        folder: &GpoPath,
    ) -> Result<(), SourceError> {
        let left: Vec<_> = self
            .everything_below(folder)?
            .into_iter()
            .filter(|(path, _)| {
                let below = path.strip_prefix(folder).unwrap_or_default();
                let in_the_making = below.components().any(is_temporary);
                in_the_making && !below.components().eq([LOCK])
            })
            .map(|(path, found)| (path, found.kind))
            .collect();
        self.delete_all(connection, left)?.result(self)
    }
}

/// A tree on its way to its place.
///
/// After a failure nothing further is begun, but what would have been done is written down: who
/// reads the error knows what is where.
struct Commit<'a> {
    sysvol: &'a SmbSysvol,
    connection: &'a Arc<Connection>,
    folder: &'a GpoPath,
    tree: &'a NewTree<'a>,
    written: Outcome,
    removed: Outcome,
}

impl<'a> Commit<'a> {
    fn new(
        sysvol: &'a SmbSysvol,
        connection: &'a Arc<Connection>,
        folder: &'a GpoPath,
        tree: &'a NewTree<'a>,
    ) -> Self {
        Self {
            sysvol,
            connection,
            folder,
            tree,
            written: Outcome::default(),
            removed: Outcome::default(),
        }
    }

    fn run(mut self) -> Result<(), SourceError> {
        let NewTree { old, new, .. } = self.tree;
        let is_gpt_ini = |path: &GpoPath| path.as_str().eq_ignore_ascii_case(GPT_INI);
        // What has the name of something old that is of the other kind.
        let displaces = |path: &GpoPath, written: &Written| {
            let old = old.get(path);
            old.is_some_and(|old| (old.kind == EntryKind::Folder) != written.is_folder)
        };
        let (mut plain, mut displacing, mut last) = (Vec::new(), Vec::new(), Vec::new());
        for (path, written) in new.iter().filter(|(_, w)| w.moves_to.is_some()) {
            let group = match path {
                path if displaces(path, written) => &mut displacing,
                path if is_gpt_ini(path) => &mut last,
                _ => &mut plain,
            };
            group.push(path);
        }
        let gone = |path: &GpoPath| displacing.iter().any(|new| path.starts_with(new));
        self.rename(&plain)?;
        self.remove(&gone)?;
        self.rename(&displacing)?;
        self.remove(&|path| !gone(path) && !new.contains_key(path))?;
        self.rename(&last)?;
        self.result()
    }

    fn failed(&self) -> bool {
        self.written.failure.is_some() || self.removed.failure.is_some()
    }

    fn full(&self, path: &GpoPath) -> Result<GpoPath, SourceError> {
        let full = self.folder.join_path(path);
        full.map_err(|error| SourceError::invalid(path.as_str(), error))
    }

    /// Renames what was written from its temporary name.
    fn rename(&mut self, paths: &[&GpoPath]) -> Result<(), SourceError> {
        let full: Result<Vec<_>, _> = paths.iter().map(|path| self.full(path)).collect();
        let full = full?;
        if self.failed() {
            self.written.not_done.extend(full);
            return Ok(());
        }
        let renamed = self.sysvol.change_all(full, |path| {
            let path = path.strip_prefix(self.folder).unwrap_or_default();
            let written = self.tree.new.get(&path);
            let (at, to) = written
                .and_then(|written| Some((&written.at, written.moves_to.as_ref()?)))
                .unwrap_or((&path, &path));
            let wire = |path| {
                self.sysvol
                    .wire_path(&self.folder.join_path(path).unwrap_or_default())
            };
            let (from, to) = (wire(at)?, wire(to)?);
            let old = self.tree.old.get(&path);
            // A server may keep the spelling of what it replaces; then it is changed afterwards.
            let spelled = self.tree.old.get_key_value(&path);
            let is_spelled_anew =
                spelled.is_some_and(|(old, _)| old.file_name() != path.file_name());
            let is_read_only = old.is_some_and(|old| old.attributes & ATTRIBUTE_READONLY != 0);
            let connection = Arc::clone(self.connection);
            Ok(async move {
                if is_read_only {
                    clear_attributes(Arc::clone(&connection), to.clone()).await?;
                }
                let rename = |from: &WirePath| {
                    let (from, to) = (from.clone(), to.clone());
                    Arc::clone(&connection)
                        .patiently(move |connection| rename(connection, from.clone(), to.clone()))
                };
                rename(&from).await?;
                if is_spelled_anew {
                    rename(&to).await?;
                }
                Ok(())
            })
        })?;
        self.written.and(renamed);
        Ok(())
    }

    /// Deletes these of the old tree.
    fn remove(&mut self, is_gone: &dyn Fn(&GpoPath) -> bool) -> Result<(), SourceError> {
        let gone = self.tree.old.iter().filter(|(path, _)| is_gone(path));
        let gone: Result<Vec<_>, _> = gone
            .map(|(path, found)| Ok((self.full(path)?, found.kind)))
            .collect();
        let gone = gone?;
        if self.failed() {
            let paths = gone.into_iter().map(|(path, _)| path);
            self.removed.not_done.extend(paths);
            return Ok(());
        }
        let removed = self.sysvol.delete_all(self.connection, gone)?;
        self.removed.and(removed);
        Ok(())
    }

    fn result(self) -> Result<(), SourceError> {
        let failure = self
            .written
            .failure
            .as_ref()
            .or(self.removed.failure.as_ref());
        let Some((path, failure)) = failure else {
            return Ok(());
        };
        let mut message = failure.message();
        message += "; the tree is replaced in part.";
        for (what, paths) in [
            ("Written", &self.written.done),
            ("Removed", &self.removed.done),
            ("Not known whether written", &self.written.unknown),
            ("Not known whether removed", &self.removed.unknown),
            ("Not written", &self.written.not_done),
            ("Not removed", &self.removed.not_done),
        ] {
            let names = paths.iter().map(|path| {
                let below = path.strip_prefix(self.folder);
                below.unwrap_or_else(|| path.clone()).to_string()
            });
            let names: Vec<_> = names.collect();
            if !names.is_empty() {
                message += [" ", what, ": ", &names.join(", "), "."].concat().as_str();
            }
        }
        Err(SourceError::new(
            failure.kind(),
            self.sysvol.label(path),
            message,
        ))
    }
}
