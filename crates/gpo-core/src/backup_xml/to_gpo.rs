//! From a Backup.xml back to the GPO that it describes.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::build::LOCATION;
use super::directory_objects::to_directory;
use super::template::Place;
use super::{BackupObject, BackupXml, DsObject, ExtensionBlock, FsObject};
use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::foreign::Foreign;
use crate::gpo::Gpo;
use crate::inventory::{EntryKind, Inventory};
use crate::path::GpoPath;

/// The SYSVOL tree of a backup, and where list and disk disagree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BackupInventory {
    /// What is there, in the case of SYSVOL as far as the backup tells it: every file on disk,
    /// every folder on disk or in the list.
    pub inventory: Inventory,
    /// Files that the list has and the disk has not.
    pub missing_files: Vec<GpoPath>,
    /// Folders likewise. No error: archives and version control lose empty folders.
    pub missing_folders: Vec<GpoPath>,
    /// Files that the disk has and the list has not.
    pub unlisted_files: Vec<GpoPath>,
}

impl BackupXml {
    /// Every file and folder that has a place in the backup, in the order of the document.
    pub fn objects_with_location(&self) -> impl Iterator<Item = (&FsObject, bool)> {
        let mut objects = Vec::new();
        for block in &self.extensions {
            block
                .objects
                .iter()
                .for_each(|object| collect(object, &mut objects));
        }
        objects
            .into_iter()
            .filter(|(object, _)| object.location.is_some())
    }

    /// Where the files and folders lie in the backup: the tree below `DomainSysvol\GPO`, in the
    /// case in which GPMC makes it, which is that of the first place named (census: 967 of 967).
    ///
    /// Sizes are not known from here, they are 0.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Path`] for a place outside the tree, or one that no file can have.
    pub fn layout(&self) -> Result<Inventory> {
        let mut layout = Inventory::default();
        for (object, folder) in self.objects_with_location() {
            let kind = if folder {
                EntryKind::Folder
            } else {
                EntryKind::File(0)
            };
            match layout.insert(object.place()?, kind) {
                // A file that is listed twice is still one file.
                Err(_) if layout.get(&object.place()?).is_some_and(|(_, k)| k == kind) => {}
                result => result?,
            }
        }
        Ok(layout)
    }

    /// The SYSVOL tree of the GPO, from the tree on disk below `DomainSysvol\GPO` and this list.
    ///
    /// # Errors
    ///
    /// As [`layout`](Self::layout).
    pub fn inventory(&self, disk: &Inventory) -> Result<BackupInventory> {
        let mut result = BackupInventory::default();
        let mut spelling = BTreeMap::new();
        for (half, spelled) in self.half_folders() {
            if disk.get(&half).is_some() || !spelled.is_empty() {
                let name = if spelled.is_empty() {
                    half
                } else {
                    GpoPath::from_name(&spelled)?
                };
                result.inventory.insert(name, EntryKind::Folder)?;
            }
        }
        let mut listed = Inventory::default();
        // "Unknown Extension" has SYSVOL's case, the template its own: the former first.
        for unknown in [true, false] {
            for block in &self.extensions {
                if (block.id == ExtensionBlock::UNKNOWN_EXTENSION) != unknown {
                    continue;
                }
                let mut objects = Vec::new();
                block
                    .objects
                    .iter()
                    .for_each(|object| collect(object, &mut objects));
                for (object, folder) in objects {
                    if object.location.is_none() {
                        continue;
                    }
                    let place = object.place()?;
                    if folder {
                        result.inventory.insert(place.clone(), EntryKind::Folder)?;
                        if disk.get(&place).is_none() {
                            result.missing_folders.push(place);
                        }
                        continue;
                    }
                    // A folder of this name is no such file.
                    let there = matches!(disk.get(&place), Some((_, EntryKind::File(_))));
                    if !there && listed.get(&place).is_none() {
                        result.missing_files.push(place.clone());
                    }
                    if unknown && let Some(name) = place.file_name() {
                        spelling.insert(place.clone(), String::from(name));
                    }
                    if listed.get(&place).is_none() {
                        listed.insert(place, EntryKind::File(0))?;
                    }
                }
            }
        }
        for (path, kind) in disk.iter() {
            let spelled = match (path.parent(), spelling.get(path)) {
                (Some(parent), Some(name)) => parent.join(name)?,
                _ => path.clone(),
            };
            if kind != EntryKind::Folder && listed.get(path).is_none() {
                result.unlisted_files.push(path.clone());
            }
            result.inventory.insert(spelled, kind)?;
        }
        Ok(result)
    }

    /// The folders of the halves, with SYSVOL's spelling where an expanded path tells it.
    fn half_folders(&self) -> impl Iterator<Item = (GpoPath, String)> {
        let unknown = self
            .extensions
            .iter()
            .find(|b| b.id == ExtensionBlock::UNKNOWN_EXTENSION);
        let objects = unknown.map_or(&[][..], |block| &block.objects);
        Place::ALL.into_iter().filter_map(move |place| {
            let folder = place.folder()?;
            let spelled = objects.iter().find_map(|object| {
                let (BackupObject::File(object) | BackupObject::Folder(object)) = object else {
                    return None;
                };
                if !object.path.starts_with(place.variable()) {
                    return None;
                }
                // \\dc\sysvol\domain\Policies\{GUID}\MACHINE\…
                let name = object.source_expanded_path.as_deref()?.split('\\').nth(7)?;
                name.eq_ignore_ascii_case(folder).then(|| name.into())
            });
            Some((
                GpoPath::from_name(folder).ok()?,
                spelled.unwrap_or_default(),
            ))
        })
    }

    /// The GPO that the backup describes, with this SYSVOL tree.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Path`] for a directory object that is not below the GPO's container;
    /// [`ErrorKind::Value`] for binary values that are not hexadecimal.
    pub fn to_gpo(&self, inventory: Inventory) -> Result<Gpo> {
        let core = &self.core;
        let objects: Vec<&DsObject> = self
            .extensions
            .iter()
            .flat_map(|block| &block.objects)
            .filter_map(|object| match object {
                BackupObject::Directory(object) => Some(object),
                _ => None,
            })
            .collect();
        let (machine_objects, user_objects) = to_directory(&objects, core.id, &core.domain)?;
        Ok(Gpo {
            id: core.id,
            domain: core.domain.clone(),
            display_name: core.display_name.clone(),
            status: core.options.unwrap_or_default(),
            machine_version: core.machine_version.unwrap_or_default(),
            user_version: core.user_version.unwrap_or_default(),
            machine_extensions: core.machine_extensions.clone(),
            user_extensions: core.user_extensions.clone(),
            wmi_filter: core.wmi_filter.clone(),
            wmi_filter_name: core.wmi_filter_name.clone().unwrap_or_default(),
            security_descriptor: core.security_descriptor.clone(),
            inventory,
            machine_objects,
            user_objects,
        })
    }

    /// The domain controller that the backup was made from, as the expanded paths name it.
    pub fn domain_controller(&self) -> Option<&str> {
        self.extensions
            .iter()
            .flat_map(|block| &block.objects)
            .find_map(|object| match object {
                BackupObject::File(file) | BackupObject::Folder(file) => file
                    .source_expanded_path
                    .as_deref()?
                    .strip_prefix("\\\\")?
                    .split('\\')
                    .next(),
                BackupObject::Directory(_) => None,
            })
    }

    /// Everything unknown, with the element that it stands in.
    pub fn foreign(&self) -> impl Iterator<Item = (&'static str, &Foreign)> {
        let parts = self
            .unusual
            .as_deref()
            .into_iter()
            .flat_map(super::UnusualBackup::foreign);
        let groups = self
            .security_groups
            .iter()
            .filter_map(|g| Some(("Group", g.foreign.as_deref()?)));
        let mut nested = Vec::new();
        for block in &self.extensions {
            nested.extend(
                block
                    .foreign
                    .as_deref()
                    .map(|f| ("GroupPolicyExtension", f)),
            );
            block
                .objects
                .iter()
                .for_each(|object| foreign_of(object, &mut nested));
        }
        parts.chain(groups).chain(nested)
    }
}

impl FsObject {
    /// Where it lies below `DomainSysvol\GPO`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Path`] where it has no place, one outside that folder, or one that no file can
    /// have.
    pub fn place(&self) -> Result<GpoPath> {
        let location = self.location.as_deref().unwrap_or_default();
        let outside = || {
            let found = Quoted::new(location);
            let message = format!("the location {found} is not below {LOCATION}");
            Error::new(ErrorKind::Path, message)
        };
        let path: GpoPath = location.parse()?;
        let folder: GpoPath = LOCATION.parse()?;
        path.strip_prefix(&folder)
            .filter(|path| !path.is_root())
            .ok_or_else(outside)
    }

    /// Where GPMC puts it when it restores: its [`path`](Self::path) below the folder of the GPO.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Path`] where the path begins with no variable of the GPO, or leaves its folder.
    pub fn target(&self) -> Result<GpoPath> {
        let found = Place::ALL.into_iter().find_map(|place| {
            let (variable, below) = self.path.split_at_checked(place.variable().len())?;
            let same = variable.eq_ignore_ascii_case(place.variable());
            same.then_some((place.folder().unwrap_or_default(), below))
        });
        let Some((folder, below)) = found else {
            let found = Quoted::new(&self.path);
            let message = format!("the path {found} is not below the folder of the GPO");
            return Err(Error::new(ErrorKind::Path, message));
        };
        format!("{folder}{below}").trim_start_matches('\\').parse()
    }
}

/// The files and folders of an object, nested ones behind their parent; true for a folder.
fn collect<'a>(object: &'a BackupObject, into: &mut Vec<(&'a FsObject, bool)>) {
    match object {
        BackupObject::File(file) => collect_fs(file, false, into),
        BackupObject::Folder(folder) => collect_fs(folder, true, into),
        BackupObject::Directory(object) => collect_ds(object, into),
    }
}

// The depth of these recursions is limited by the reader.
fn collect_fs<'a>(object: &'a FsObject, folder: bool, into: &mut Vec<(&'a FsObject, bool)>) {
    into.push((object, folder));
    object
        .matches
        .iter()
        .for_each(|found| collect_fs(found, folder, into));
}

fn collect_ds<'a>(object: &'a DsObject, into: &mut Vec<(&'a FsObject, bool)>) {
    object
        .files
        .iter()
        .for_each(|file| collect_fs(file, false, into));
    object
        .children
        .iter()
        .for_each(|child| collect_ds(child, into));
}

fn foreign_of<'a>(object: &'a BackupObject, into: &mut Vec<(&'static str, &'a Foreign)>) {
    match object {
        BackupObject::File(file) => foreign_of_fs("FSObjectFile", file, into),
        BackupObject::Folder(folder) => foreign_of_fs("FSObjectDir", folder, into),
        BackupObject::Directory(object) => foreign_of_ds(object, into),
    }
}

fn foreign_of_fs<'a>(
    element: &'static str,
    object: &'a FsObject,
    into: &mut Vec<(&'static str, &'a Foreign)>,
) {
    into.extend(object.foreign.as_deref().map(|foreign| (element, foreign)));
    object
        .matches
        .iter()
        .for_each(|found| foreign_of_fs(element, found, into));
}

fn foreign_of_ds<'a>(object: &'a DsObject, into: &mut Vec<(&'static str, &'a Foreign)>) {
    into.extend(
        object
            .foreign
            .as_deref()
            .map(|foreign| ("DSObject", foreign)),
    );
    for attribute in &object.attributes {
        into.extend(
            attribute
                .foreign
                .as_deref()
                .map(|foreign| (attribute.kind.element(), foreign)),
        );
    }
    object
        .files
        .iter()
        .for_each(|file| foreign_of_fs("FSObjectFile", file, into));
    object
        .children
        .iter()
        .for_each(|child| foreign_of_ds(child, into));
}
