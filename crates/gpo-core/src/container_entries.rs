//! A GPO's container, from the entries of the directory.

use alloc::format;
use alloc::vec::Vec;

use crate::directory::{GpoContainer, Som, WmiFilter};
use crate::directory_entry::DirectoryEntry;
use crate::directory_object::DirectoryObject;
use crate::dn::{Dn, rdn_value};
use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::gpo::{GpoStatus, Half};
use crate::gpt_ini::GpoVersion;
use crate::guid::{GpoId, WmiFilterId};

/// How many levels of objects a GPO may have below its container. Software installation, the
/// deepest that is known, has three.
const DEEPEST: usize = 64;

impl GpoContainer {
    /// The container of a GPO, with the entries of the objects below it in any order. Those that
    /// are below neither `CN=Machine` nor `CN=User` are left out.
    ///
    /// # Errors
    ///
    /// A value that is not valid; [`ErrorKind::Missing`] for an object whose parent is not among
    /// them; [`ErrorKind::Limit`] for one that is more than 64 levels deep.
    pub fn from_entries(
        id: GpoId,
        container: &DirectoryEntry,
        below: &[DirectoryEntry],
    ) -> Result<Self> {
        let (machine_objects, user_objects) = objects_below(Dn::new(&container.dn), below)?;
        Ok(Self {
            id,
            display_name: container.text("displayName")?,
            status: GpoStatus::from_bits_retain(container.number("flags")?),
            version: GpoVersion::new(container.number("versionNumber")?),
            machine_extensions: container.text("gPCMachineExtensionNames")?,
            user_extensions: container.text("gPCUserExtensionNames")?,
            wql_filter: container.text("gPCWQLFilter")?,
            file_sys_path: container.text("gPCFileSysPath")?,
            security_descriptor: container.security_descriptor(),
            machine_objects,
            user_objects,
            when_created: container.text("whenCreated")?,
            when_changed: container.text("whenChanged")?,
        })
    }
}

impl WmiFilter {
    /// A WMI filter.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Encoding`] for a value that is no UTF-8.
    pub fn from_entry(id: WmiFilterId, entry: &DirectoryEntry) -> Result<Self> {
        Ok(Self {
            id,
            name: entry.text("msWMI-Name")?,
            description: entry.text("msWMI-Parm1")?,
            queries: entry.text("msWMI-Parm2")?,
            author: entry.text("msWMI-Author")?,
            created: entry.text("msWMI-CreationDate")?,
            changed: entry.text("msWMI-ChangeDate")?,
        })
    }
}

impl Som {
    /// A SOM.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Encoding`] for links that are no UTF-8, [`ErrorKind::Value`] for options that
    /// are no number.
    pub fn from_entry(entry: &DirectoryEntry) -> Result<Self> {
        Ok(Self {
            dn: entry.dn.clone(),
            links: entry.text("gPLink")?,
            block_inheritance: entry.number("gPOptions")? & 1 != 0,
        })
    }
}

/// The objects below `CN=Machine` and those below `CN=User`.
fn objects_below(
    container: Dn<'_>,
    entries: &[DirectoryEntry],
) -> Result<(Vec<DirectoryObject>, Vec<DirectoryObject>)> {
    let mut below: Vec<(usize, &DirectoryEntry)> = entries
        .iter()
        .filter_map(|entry| Some((Dn::new(&entry.dn).depth_below(container)?, entry)))
        .collect();
    // Parents before children; the order of the source otherwise.
    below.sort_by_key(|(depth, _)| *depth);
    let (mut machine, mut user) = (Vec::new(), Vec::new());
    for (depth, entry) in below {
        if depth > DEEPEST {
            let message = format!(
                "the object {} is too deep below its GPO",
                Quoted::new(&entry.dn)
            );
            return Err(Error::new(ErrorKind::Limit, message));
        }
        let mut path: Vec<&str> = Dn::new(&entry.dn).rdns().take(depth).collect();
        let half = path.pop().and_then(|rdn| rdn_value(rdn, "CN"));
        let is = |other: Half| half.is_some_and(|half| half.eq_ignore_ascii_case(other.name()));
        let objects = if path.is_empty() {
            continue;
        } else if is(Half::Machine) {
            &mut machine
        } else if is(Half::User) {
            &mut user
        } else {
            continue;
        };
        insert(objects, &path, entry.to_object())?;
    }
    Ok((machine, user))
}

/// Puts an object below the one that the path leads to, the outermost name last.
fn insert(
    mut objects: &mut Vec<DirectoryObject>,
    path: &[&str],
    object: DirectoryObject,
) -> Result<()> {
    let above = path.get(1..).unwrap_or_default();
    for rdn in above.iter().rev() {
        let found = objects
            .iter_mut()
            .find(|object| Dn::new(&object.rdn) == Dn::new(rdn));
        let Some(found) = found else {
            let message = format!(
                "the object {} is there, but not {} above it",
                Quoted::new(&object.rdn),
                Quoted::new(rdn)
            );
            return Err(Error::new(ErrorKind::Missing, message));
        };
        objects = &mut found.children;
    }
    let is_there = |other: &DirectoryObject| Dn::new(&other.rdn) == Dn::new(&object.rdn);
    // Of entries with one name the first counts.
    if !objects.iter().any(is_there) {
        objects.push(object);
    }
    Ok(())
}
