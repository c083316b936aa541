//! Giving a new tree the place of the old one.
//!
//! A file server swaps no folders: each file of the new tree is renamed to its name, which takes
//! the place of the old one, then what is gone is deleted, and GPT.INI comes last, because clients
//! look there for a new version. A process that dies before the first of these steps leaves the old
//! tree as it was, and some files under temporary names, which the next one removes.

use std::collections::BTreeMap;
use std::sync::Arc;

use gpo_core::{EntryKind, GpoPath, SourceError, SourceErrorKind, TreeWriter};

use crate::connection::Connection;
use crate::failure::Failure;
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
        let (mut left, mut old) = (Vec::new(), BTreeMap::new());
        for (path, found) in self.everything_below(folder)? {
            let below = path.strip_prefix(folder).unwrap_or_default();
            match place(&below) {
                Place::Tree => _ = old.insert(below, found),
                Place::Temporary => left.push((path, found.kind)),
                Place::Lock => {}
            }
        }
        self.delete_all(connection, left)?.result(self)?;
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
        self.delete_where(connection, folder, |place| place != Place::Lock)
    }

    /// Removes what a dead process, or one that failed, left in a folder that is locked.
    pub(crate) fn remove_temporaries(
        &self,
        connection: &Arc<Connection>,
        folder: &GpoPath,
    ) -> Result<(), SourceError> {
        self.delete_where(connection, folder, |place| place == Place::Temporary)
    }

    fn delete_where(
        &self,
        connection: &Arc<Connection>,
        folder: &GpoPath,
        is_to_go: impl Fn(Place) -> bool,
    ) -> Result<(), SourceError> {
        let all = self.everything_below(folder)?.into_iter();
        let gone = all.filter(|(path, _)| {
            let below = path.strip_prefix(folder).unwrap_or_default();
            is_to_go(place(&below))
        });
        let gone: Vec<_> = gone.map(|(path, found)| (path, found.kind)).collect();
        self.delete_all(connection, gone)?.result(self)
    }
}

/// What a file or folder in a GPO's folder belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Tree,
    Temporary,
    Lock,
}

fn place(below: &GpoPath) -> Place {
    if below.components().eq([LOCK]) {
        Place::Lock
    } else if below.components().any(is_temporary) {
        Place::Temporary
    } else {
        Place::Tree
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
        let renames: Result<Vec<_>, _> = paths.iter().map(|path| self.renaming(path)).collect();
        let renames = renames?;
        if self.failed() {
            let paths = renames.into_iter().map(|(path, _)| path);
            self.written.not_done.extend(paths);
            return Ok(());
        }
        let outcome = self.sysvol.change_all(renames, |renaming| {
            renaming.run(Arc::clone(self.connection))
        })?;
        self.written.and(outcome);
        Ok(())
    }

    fn renaming(&self, path: &GpoPath) -> Result<(GpoPath, Renaming), SourceError> {
        let full = self.full(path)?;
        let written = self.tree.new.get(path);
        let written = written.and_then(|written| Some((&written.at, written.moves_to.as_ref()?)));
        let Some((at, to)) = written else {
            let message = "it was not written under another name";
            let kind = SourceErrorKind::Other;
            return Err(SourceError::new(kind, self.sysvol.label(&full), message));
        };
        let old = self.tree.old.get_key_value(path);
        let renaming = Renaming {
            from: self.sysvol.wire(&self.full(at)?)?,
            to: self.sysvol.wire(&self.full(to)?)?,
            is_over_read_only: old.is_some_and(|(_, old)| old.attributes & ATTRIBUTE_READONLY != 0),
            is_spelled_anew: old.is_some_and(|(old, _)| old.file_name() != path.file_name()),
        };
        Ok((full, renaming))
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
        let done = [&self.written.done, &self.removed.done];
        let unknown = [&self.written.unknown, &self.removed.unknown];
        if done.into_iter().chain(unknown).all(Vec::is_empty) {
            message += "; the old tree is as it was.";
            return Err(SourceError::new(
                failure.kind(),
                self.sysvol.label(path),
                message,
            ));
        }
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

/// A file or folder on its way to its name.
struct Renaming {
    from: WirePath,
    to: WirePath,
    is_over_read_only: bool,
    /// A server may keep the spelling of what is replaced; then it is changed afterwards.
    is_spelled_anew: bool,
}

impl Renaming {
    async fn run(self, connection: Arc<Connection>) -> Result<(), Failure> {
        let Self { from, to, .. } = self;
        if self.is_over_read_only {
            clear_attributes(Arc::clone(&connection), to.clone()).await?;
        }
        // Whoever may write into the folder may rename in it, as a rule: then this says that a
        // client has the old file open for the moment, which servers do not tell apart.
        let may_pass = |failure: &Failure| failure.is_busy() || failure.is_access_denied();
        let renamed = |from: WirePath| {
            let (connection, to) = (Arc::clone(&connection), to.clone());
            let request = move |connection| rename(connection, from.clone(), to.clone());
            connection.patiently_while(may_pass, request)
        };
        let named = async {
            renamed(from).await?;
            if self.is_spelled_anew {
                renamed(to.clone()).await?;
            }
            Ok(())
        };
        named.await.map_err(|failure: Failure| {
            if failure.is_access_denied() {
                let message = "the right to replace it is missing, or somebody has it open";
                return Failure::Other(SourceErrorKind::Denied, message.into());
            }
            failure
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_lock_of_the_folder_itself_is_spared() {
        for (path, expected) in [
            ("GPT.INI", Place::Tree),
            ("~gpo-lock.tmp", Place::Lock),
            (r"Machine\~gpo-lock.tmp", Place::Temporary),
            ("~gpo-0000000000000000.tmp", Place::Temporary),
            (r"Machine\~gpo-0000000000000000.tmp\a", Place::Temporary),
            (r"~gpo\a", Place::Tree),
        ] {
            assert_eq!(place(&path.parse().unwrap()), expected, "{path}");
        }
    }
}
