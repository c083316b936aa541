//! Handing a folder's descriptor down to what is in it.
//!
//! A server stores the descriptor that it is given and looks no further: the client makes what is
//! below inherit, as Windows' own tools do.

use std::collections::VecDeque;
use std::sync::Arc;

use gpo_core::{EntryKind, GpoPath, SourceError};
use sddl_parser::{AceFlags, Acl, Control, Heir, SecurityDescriptor};

use crate::connection::Connection;
use crate::descriptor::{read_descriptor, write_descriptor};
use crate::failure::Failure;
use crate::in_flight::InFlight;
use crate::listing::{Listed, list};
use crate::open::WirePath;
use crate::sysvol::SmbSysvol;
use crate::tree_removal::CHANGES;

/// One step on the way down.
enum Step {
    /// What is in a folder with this DACL.
    Listed(Arc<Acl>, Vec<Listed>),
    /// The DACL that a file or folder has now.
    Updated(EntryKind, Acl),
    /// It inherits nothing, nor does what is below it from above.
    Protected,
}

impl SmbSysvol {
    /// Makes all that is below a folder inherit from this DACL of it. Links are left alone.
    pub(crate) fn propagate(
        &self,
        connection: &Arc<Connection>,
        folder: &GpoPath,
        dacl: Acl,
    ) -> Result<(), SourceError> {
        let mut steps = InFlight::new(&self.runtime);
        let mut folders = VecDeque::from([(folder.clone(), Arc::new(dacl))]);
        let mut entries: VecDeque<(GpoPath, EntryKind, Arc<Acl>)> = VecDeque::new();
        loop {
            while steps.running() < CHANGES {
                let connection = Arc::clone(connection);
                if let Some((path, kind, dacl)) = entries.pop_front() {
                    let wire = self.wire(&path)?;
                    steps.start(path, update(connection, wire, kind, dacl));
                } else if let Some((path, dacl)) = folders.pop_front() {
                    let wire = self.wire(&path)?;
                    let listed =
                        async move { Ok(Step::Listed(dacl, list(connection, wire).await?)) };
                    steps.start(path, listed);
                } else {
                    break;
                }
            }
            let Some(step) = steps.next() else {
                return Ok(());
            };
            let (path, step) = step?;
            match step.map_err(|failure| failure.at(self.label(&path)))? {
                Step::Listed(dacl, listed) => {
                    for listed in listed.into_iter().filter(|listed| !listed.is_link()) {
                        let kind = listed.kind();
                        let child = self.path_of(&path, listed.name)?;
                        entries.push_back((child, kind, Arc::clone(&dacl)));
                    }
                }
                Step::Updated(EntryKind::Folder, dacl) => {
                    folders.push_back((path, Arc::new(dacl)));
                }
                Step::Updated(EntryKind::File(_), _) | Step::Protected => {}
            }
        }
    }
}

/// Gives a file or folder what it inherits, and keeps what is its own.
async fn update(
    connection: Arc<Connection>,
    path: WirePath,
    kind: EntryKind,
    parent: Arc<Acl>,
) -> Result<Step, Failure> {
    let bytes = read_descriptor(Arc::clone(&connection), path.clone()).await?;
    let found = SecurityDescriptor::from_bytes(&bytes)
        .map_err(|error| Failure::garbled(&error.to_string()))?;
    let Some(dacl) = found.dacl() else {
        return Ok(Step::Protected);
    };
    if found.control().contains(Control::DACL_PROTECTED) {
        return Ok(Step::Protected);
    }
    let (Some(owner), Some(group)) = (found.owner(), found.group()) else {
        return Err(Failure::garbled("a descriptor without owner and group"));
    };
    let heir = match kind {
        EntryKind::File(_) => Heir::File,
        EntryKind::Folder => Heir::Folder,
    };
    // What is its own, then what is inherited: the order of Windows.
    let own = dacl.aces.iter();
    let own = own.filter(|ace| !ace.flags().contains(AceFlags::INHERITED));
    let inherited = parent.inherited(heir, owner, group);
    let new = Acl::new(own.cloned().chain(inherited).collect());
    if new.aces != dacl.aces {
        let mut descriptor = SecurityDescriptor::new();
        descriptor.set_dacl(Some(new.clone()));
        descriptor.set_control(
            descriptor.control() | Control::DACL_AUTO_INHERITED | Control::DACL_AUTO_INHERIT_REQ,
        );
        write_descriptor(connection, path, &descriptor).await?;
    }
    Ok(Step::Updated(kind, new))
}
