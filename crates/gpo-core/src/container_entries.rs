//! A GPO's container, from the entries of the directory.

use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::format;
use alloc::string::String;
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
    let mut objects: Vec<(Parent, DirectoryObject)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (depth, entry) in below {
        let dn = Dn::new(&entry.dn);
        if depth > DEEPEST {
            let message = format!(
                "the object {} is too deep below its GPO",
                Quoted::new(&entry.dn)
            );
            return Err(Error::new(ErrorKind::Limit, message));
        }
        let Some(half) = depth
            .checked_sub(1)
            .and_then(|top| half_of(dn.rdns().nth(top)?))
        else {
            continue;
        };
        let parent = match depth {
            1 => continue,
            2 => Parent::Half(half),
            _ => {
                let above = dn.parent().unwrap_or(container);
                let place = places.get(&above.key());
                Parent::Object(*place.ok_or_else(|| orphan(dn.rdn(), above.rdn()))?)
            }
        };
        // Of entries with one name the first counts.
        if let Entry::Vacant(place) = places.entry(dn.key()) {
            place.insert(objects.len());
            objects.push((parent, entry.to_object()));
        }
    }
    Ok(trees(objects))
}

/// Where an object belongs.
enum Parent {
    Half(Half),
    /// The one at this place in the list.
    Object(usize),
}

/// The half whose container has this relative name.
fn half_of(rdn: &str) -> Option<Half> {
    let name = rdn_value(rdn, "CN")?;
    Half::BOTH
        .into_iter()
        .find(|half| half.name().eq_ignore_ascii_case(name))
}

fn orphan(rdn: &str, above: &str) -> Error {
    let message = format!(
        "the object {} is there, but not {} above it",
        Quoted::new(rdn),
        Quoted::new(above)
    );
    Error::new(ErrorKind::Missing, message)
}

/// The objects of both halves, each with its children, from a list in which parents come first.
fn trees(
    mut objects: Vec<(Parent, DirectoryObject)>,
) -> (Vec<DirectoryObject>, Vec<DirectoryObject>) {
    let (mut machine, mut user) = (Vec::new(), Vec::new());
    // From the last one on, so that an object is whole when it goes to its parent.
    while let Some((parent, mut object)) = objects.pop() {
        object.children.reverse();
        match parent {
            Parent::Half(Half::Machine) => machine.push(object),
            Parent::Half(Half::User) => user.push(object),
            Parent::Object(place) => {
                if let Some((_, parent)) = objects.get_mut(place) {
                    parent.children.push(object);
                }
            }
        }
    }
    machine.reverse();
    user.reverse();
    (machine, user)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory_object::DirectoryAttribute;

    const CONTAINER: &str = "CN={A},CN=Policies,DC=x";

    fn entry(names: &str, class: &str) -> DirectoryEntry {
        DirectoryEntry {
            dn: format!("{names},{CONTAINER}"),
            attributes: [DirectoryAttribute {
                name: "objectClass".into(),
                values: [class.into()].into(),
            }]
            .into(),
        }
    }

    fn shown(objects: &[DirectoryObject]) -> String {
        let objects = objects.iter();
        let objects = objects.map(|o| format!("{}({})", o.class, shown(&o.children)));
        objects.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn objects_are_put_below_their_parents_in_the_order_of_the_source() {
        let entries = [
            entry("CN=d,CN=c,CN=Machine", "d"),
            entry("CN=Machine", "container"),
            entry("CN=e,cn=C, cn=machine", "e"),
            entry("CN=z,CN=Other", "z"),
            entry("CN=c,CN=MACHINE", "c"),
            entry("CN=C,CN=machine", "again"),
            entry("CN=u,CN=User", "u"),
            entry("CN=b,CN=Machine", "b"),
        ];
        let (machine, user) = objects_below(Dn::new(CONTAINER), &entries).unwrap();
        assert_eq!(
            (shown(&machine), shown(&user)),
            ("c(d() e()) b()".into(), "u()".into())
        );
    }

    #[test]
    fn an_object_without_its_parent_is_an_error_that_names_both() {
        let entries = [entry("CN=d,CN=c,CN=Machine", "d")];
        let error = objects_below(Dn::new(CONTAINER), &entries).unwrap_err();
        assert_eq!(
            error.message(),
            "the object \"CN=d\" is there, but not \"CN=c\" above it"
        );
        let deep = "CN=a,".repeat(64) + "CN=User";
        let error = objects_below(Dn::new(CONTAINER), &[entry(&deep, "a")]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
    }
}
