//! Deleting many files and folders.

use std::collections::BTreeMap;
use std::sync::Arc;

use gpo_core::{EntryKind, GpoPath, SourceError};

use crate::connection::Connection;
use crate::failure::Failure;
use crate::in_flight::InFlight;
use crate::sysvol::SmbSysvol;
use crate::write::delete;

/// How many changes are under way at a time.
pub(crate) const CHANGES: usize = 16;

/// What became of a number of changes.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) done: Vec<GpoPath>,
    /// What failed, or was not tried after the first failure.
    pub(crate) not_done: Vec<GpoPath>,
    /// What the connection broke under.
    pub(crate) unknown: Vec<GpoPath>,
    /// Why the first one failed.
    pub(crate) failure: Option<(GpoPath, Failure)>,
}

impl Outcome {
    /// The failure, if there was one.
    pub(crate) fn result(self, sysvol: &SmbSysvol) -> Result<(), SourceError> {
        match self.failure {
            None => Ok(()),
            Some((path, failure)) => Err(failure.at(sysvol.label(&path))),
        }
    }

    /// Adds what came of further changes.
    pub(crate) fn and(&mut self, other: Self) {
        self.done.extend(other.done);
        self.not_done.extend(other.not_done);
        self.unknown.extend(other.unknown);
        self.failure = self.failure.take().or(other.failure);
    }
}

impl SmbSysvol {
    /// Makes changes, each to what is at a path, many at a time. After the first failure no further
    /// one is started.
    pub(crate) fn change_all<T, F>(
        &self,
        changes: Vec<(GpoPath, T)>,
        change: impl Fn(T) -> F,
    ) -> Result<Outcome, SourceError>
    where
        F: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        let mut outcome = Outcome::default();
        let mut under_way = InFlight::new(&self.runtime);
        let mut waiting = changes.into_iter();
        loop {
            while outcome.failure.is_none()
                && under_way.running() < CHANGES
                && let Some((path, with)) = waiting.next()
            {
                under_way.start(path, change(with));
            }
            let Some(ended) = under_way.next() else { break };
            match ended? {
                (path, Ok(())) => outcome.done.push(path),
                (path, Err(failure)) => {
                    let list = match failure {
                        Failure::Broken(_) | Failure::TimedOut(_) => &mut outcome.unknown,
                        _ => &mut outcome.not_done,
                    };
                    list.push(path.clone());
                    outcome.failure.get_or_insert((path, failure));
                }
            }
        }
        outcome.not_done.extend(waiting.map(|(path, _)| path));
        Ok(outcome)
    }

    /// Deletes files, and then folders, which hold nothing but one another: the deepest first.
    /// After the first failure the rest stays.
    pub(crate) fn delete_all(
        &self,
        connection: &Arc<Connection>,
        entries: impl IntoIterator<Item = (GpoPath, EntryKind)>,
    ) -> Result<Outcome, SourceError> {
        let mut files = Vec::new();
        let mut folders: BTreeMap<usize, Vec<_>> = BTreeMap::new();
        for (path, kind) in entries {
            let depth = path.components().count();
            let wire = self.wire(&path)?;
            match kind {
                EntryKind::File(_) => files.push((path, wire)),
                EntryKind::Folder => folders.entry(depth).or_default().push((path, wire)),
            }
        }
        let mut outcome = Outcome::default();
        for paths in [files].into_iter().chain(folders.into_values().rev()) {
            if outcome.failure.is_some() {
                outcome
                    .not_done
                    .extend(paths.into_iter().map(|(path, _)| path));
                continue;
            }
            let deleted = self.change_all(paths, |wire| {
                Arc::clone(connection).patiently(move |connection| delete(connection, wire.clone()))
            })?;
            outcome.and(deleted);
        }
        Ok(outcome)
    }

    /// Everything below a folder, what is in the making, too, and links as files.
    pub(crate) fn everything_below(
        &self,
        folder: &GpoPath,
    ) -> Result<BTreeMap<GpoPath, Found>, SourceError> {
        let mut found = BTreeMap::new();
        self.each_listed(folder, |at, listed| {
            let kind = match listed.kind() {
                // Not a place to look or to write into.
                _ if listed.is_link() => EntryKind::File(0),
                kind => kind,
            };
            let attributes = listed.attributes;
            let path = self.path_of(at, listed.name)?;
            found.insert(path.clone(), Found { kind, attributes });
            Ok((kind == EntryKind::Folder).then_some(path))
        })?;
        Ok(found)
    }
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) kind: EntryKind,
    pub(crate) attributes: u32,
}
