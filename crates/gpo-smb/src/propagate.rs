//! Handing a folder's descriptor down to what is in it.
//!
//! A server stores the descriptor that it is given and looks no further: the client makes what is
//! below inherit, as Windows' own tools do. Samba does not always mark what a new file inherited,
//! so that what the old descriptor of the folder gave counts as inherited, too.

use std::collections::VecDeque;
use std::sync::Arc;

use gpo_core::{EntryKind, GpoPath, SourceError};
use sddl_parser::{Ace, AceFlags, Acl, Control, Heir, ObjectTypes, SecurityDescriptor};

use crate::connection::Connection;
use crate::descriptor::{read_descriptor, write_descriptor};
use crate::failure::Failure;
use crate::in_flight::InFlight;
use crate::listing::{Listed, list};
use crate::open::WirePath;
use crate::sysvol::SmbSysvol;
use crate::tree_removal::CHANGES;

/// What a folder hands down.
pub(crate) struct Estate {
    /// Its DACL before.
    pub(crate) old: Option<Acl>,
    /// Its DACL now.
    pub(crate) new: Acl,
}

/// One step on the way down.
enum Step {
    /// What is in a folder.
    Listed(Arc<Estate>, Vec<Listed>),
    /// What a file or folder hands down in its turn.
    Updated(EntryKind, Estate),
    /// It inherits nothing, nor does what is below it from above.
    Protected,
}

impl SmbSysvol {
    /// Makes all that is below a folder inherit from it. Links are left alone.
    pub(crate) fn propagate(
        &self,
        connection: &Arc<Connection>,
        folder: &GpoPath,
        estate: Estate,
    ) -> Result<(), SourceError> {
        let mut steps = InFlight::new(&self.runtime);
        let mut folders = VecDeque::from([(folder.clone(), Arc::new(estate))]);
        let mut entries: VecDeque<(GpoPath, EntryKind, Arc<Estate>)> = VecDeque::new();
        loop {
            while steps.running() < CHANGES {
                let connection = Arc::clone(connection);
                if let Some((path, kind, estate)) = entries.pop_front() {
                    let wire = self.wire(&path)?;
                    steps.start(path, update(connection, wire, kind, estate));
                } else if let Some((path, estate)) = folders.pop_front() {
                    let wire = self.wire(&path)?;
                    let listed =
                        async move { Ok(Step::Listed(estate, list(connection, wire).await?)) };
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
                Step::Listed(estate, listed) => {
                    for listed in listed.into_iter().filter(|listed| !listed.is_link()) {
                        let kind = listed.kind();
                        let child = self.path_of(&path, listed.name)?;
                        entries.push_back((child, kind, Arc::clone(&estate)));
                    }
                }
                Step::Updated(EntryKind::Folder, estate) => {
                    folders.push_back((path, Arc::new(estate)));
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
    parent: Arc<Estate>,
) -> Result<Step, Failure> {
    let bytes = read_descriptor(Arc::clone(&connection), path.clone()).await?;
    let found = SecurityDescriptor::from_bytes(&bytes)
        .map_err(|error| Failure::malformed(&error.to_string()))?;
    let Some(dacl) = found.dacl() else {
        return Ok(Step::Protected);
    };
    if found.control().contains(Control::DACL_PROTECTED) {
        return Ok(Step::Protected);
    }
    let (Some(owner), Some(group)) = (found.owner(), found.group()) else {
        return Err(Failure::malformed("a descriptor without owner and group"));
    };
    let heir = match kind {
        EntryKind::File(_) => Heir::File,
        EntryKind::Folder => Heir::Folder,
    };
    let before = parent
        .old
        .as_ref()
        .map(|old| old.inherited(heir, owner, group));
    let before: Vec<_> = before.iter().flatten().map(compared).collect();
    let own = dacl.aces.iter().filter(|ace| {
        !ace.flags().contains(AceFlags::INHERITED) && !before.contains(&compared(ace))
    });
    // What is its own, then what is inherited: the order of Windows.
    let inherited = parent.new.inherited(heir, owner, group);
    let new = Acl::new(own.cloned().chain(inherited).collect());
    if new.aces != dacl.aces {
        let mut descriptor = SecurityDescriptor::new();
        descriptor.set_dacl(Some(new.clone()));
        descriptor.set_control(descriptor.control() | Control::DACL_AUTO_INHERITED);
        write_descriptor(connection, path, &descriptor).await?;
    }
    let old = Some(dacl.clone());
    Ok(Step::Updated(kind, Estate { old, new }))
}

/// An inherited ACE whether it is marked or not, without its GUIDs, which Samba 4.17 spoils in
/// those that files inherit.
fn compared(ace: &Ace) -> Ace {
    let flags = ace.flags().difference(AceFlags::INHERITED);
    let ace = ace.clone().with_flags(flags);
    ace.with_object_types(ObjectTypes::default())
}
