//! Walking a tree, many folders at a time.

use std::collections::VecDeque;

use gpo_core::{Entry, EntryKind, GpoPath, SourceError, SourceErrorKind, Visitor};

use crate::failure::Failure;
use crate::in_flight::InFlight;
use crate::listing::{Listed, list};
use crate::open::{ATTRIBUTE_DIRECTORY, ATTRIBUTE_REPARSE_POINT};
use crate::sysvol::SmbSysvol;
use crate::temporary_name::is_temporary;

/// How many folders are listed at a time.
const LISTINGS: usize = 16;

impl Listed {
    pub(crate) fn is_link(&self) -> bool {
        self.attributes & ATTRIBUTE_REPARSE_POINT != 0
    }

    pub(crate) fn kind(&self) -> EntryKind {
        if self.attributes & ATTRIBUTE_DIRECTORY == 0 {
            EntryKind::File(self.size)
        } else {
            EntryKind::Folder
        }
    }
}

impl SmbSysvol {
    /// Lists a folder, and the folders below it that the visitor gives back. The visitor gets each
    /// folder with what is in it.
    pub(crate) fn each_listed(
        &self,
        folder: &GpoPath,
        mut visit: impl FnMut(&GpoPath, Listed) -> Result<Option<GpoPath>, SourceError>,
    ) -> Result<(), SourceError> {
        let mut listings = InFlight::new(&self.runtime);
        let mut waiting = VecDeque::from([folder.clone()]);
        loop {
            while listings.running() < LISTINGS
                && let Some(next) = waiting.pop_front()
            {
                let wire = self.wire(&next)?;
                listings.start(next, self.reading(wire, list));
            }
            let Some(listed) = listings.next() else {
                return Ok(());
            };
            let (at, listed) = listed?;
            let listed = listed.map_err(|failure| {
                if failure.is_not_found() && at != *folder {
                    let message = "the folder went away while the tree was read";
                    return Failure::changed(message).at(self.label(&at));
                }
                failure.at(self.label(&at))
            })?;
            for listed in listed {
                waiting.extend(visit(&at, listed)?);
            }
        }
    }

    /// Visits what is in a folder, one level or all below. What is in the making is not shown.
    pub(crate) fn visit(
        &self,
        folder: &GpoPath,
        deep: bool,
        visit: Visitor<'_>,
    ) -> Result<(), SourceError> {
        self.each_listed(folder, |at, listed| {
            if listed.name.as_deref().is_ok_and(is_temporary) {
                return Ok(None);
            }
            let kind = listed.kind();
            let path = if listed.is_link() {
                let name = listed.name.unwrap_or_else(|replaced| replaced);
                Err(self.refused(at, &name, Failure::link().message()))
            } else {
                self.path_of(at, listed.name)
            };
            let below = match &path {
                Ok(path) if deep && kind == EntryKind::Folder => Some(path.clone()),
                _ => None,
            };
            visit(path.map(|path| Entry { path, kind }))?;
            Ok(below)
        })
    }

    /// The path of a name of a listing, if it can be one.
    pub(crate) fn path_of(
        &self,
        folder: &GpoPath,
        name: Result<String, String>,
    ) -> Result<GpoPath, SourceError> {
        match name {
            Ok(name) => folder
                .join(&name)
                .map_err(|error| self.refused(folder, &name, error.to_string())),
            Err(name) => {
                let message = "the name is not valid UTF-16";
                Err(self.refused(folder, &name, message.into()))
            }
        }
    }

    fn refused(&self, folder: &GpoPath, name: &str, message: String) -> SourceError {
        let label = format!("{}\\{name}", self.label(folder));
        SourceError::new(SourceErrorKind::Invalid, label, message)
    }
}
