//! The references of a whole GPO.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::Reference;
use crate::client_side_extension::ClientSideExtension;
use crate::directory_object::DirectoryObject;
use crate::error::{Error, ErrorKind};
use crate::gpo::{Gpo, Half};
use crate::path::GpoPath;
use crate::settings_file::SettingsFile;
use crate::size_limits::LARGEST_SETTINGS_FILE;

/// What a GPO names, and what could not be looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GpoReferences {
    /// The references: those of files by path, then those of directory objects.
    pub found: Vec<GpoReference>,
    /// Why files were not read, each with its path.
    pub unread: Vec<Error>,
}

/// A reference and the file or object that it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GpoReference {
    /// Where it is.
    pub source: ReferenceSource,
    /// The reference, for [`SettingsFile::set_reference`] or
    /// [`DirectoryObject::set_reference`].
    pub reference: Reference,
    /// Whether GPMC lists it in Backup.xml: whether it is one that is [listed](Reference::is_listed)
    /// and its extension has a block there, which it has where the GPO lists it (census: 649 of 649
    /// backups; without the block, 0 of 54 name a principal of the security template).
    pub is_listed: bool,
}

/// What a reference is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReferenceSource {
    /// The GPO's own container: its security descriptor.
    Container,
    /// A file, by its path in SYSVOL.
    File(GpoPath),
    /// An object below the container of a half.
    Object {
        /// The half.
        half: Half,
        /// The relative names from the container down to the object.
        rdns: Vec<String>,
    },
}

impl fmt::Display for ReferenceSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Container => f.write_str("permissions"),
            Self::File(path) => path.fmt(f),
            Self::Object { half, rdns } => write!(f, "{}: {}", half.name(), rdns.join(", ")),
        }
    }
}

/// Every principal and path that the settings of a GPO name, in files and directory objects.
///
/// `read` gives the content of a file of the inventory; files that hold no settings are not asked
/// for. The GPO's own security descriptor and WMI filter are no settings.
///
/// # Errors
///
/// What `read` returned. A file that cannot be parsed, or that is larger than
/// [`LARGEST_SETTINGS_FILE`], is in [`GpoReferences::unread`].
///
/// ```
/// use gpo_core::{EntryKind, Gpo, ScriptEvent, ScriptsIni, references};
///
/// # fn demo(gpo: &Gpo) -> Result<(), Box<dyn std::error::Error>> {
/// let sysvol = std::path::Path::new("/sysvol/corp.example/Policies/{31B2F340-016D-11D2-945F-00C04FB984F9}");
/// let read = |path: &gpo_core::GpoPath| std::fs::read(sysvol.join(path.as_str().replace('\\', "/")));
/// for found in references(gpo, read)?.found {
///     println!("{:?} {}: {}", found.source, found.reference.place, found.reference.text);
/// }
/// # Ok(())
/// # }
/// ```
pub fn references<E>(
    gpo: &Gpo,
    mut read: impl FnMut(&GpoPath) -> Result<Vec<u8>, E>,
) -> Result<GpoReferences, E> {
    let mut result = GpoReferences::default();
    for (path, size) in gpo.inventory.files() {
        if !SettingsFile::is_known(path) {
            continue;
        }
        if size > LARGEST_SETTINGS_FILE {
            let message = format!("the file is larger than {LARGEST_SETTINGS_FILE} bytes");
            let error = Error::new(ErrorKind::Limit, message);
            result.unread.push(error.in_file(path.as_str()));
            continue;
        }
        let file = match SettingsFile::parse(path, &read(path)?) {
            Ok(file) => file,
            Err(error) => {
                result.unread.push(error.in_file(path.as_str()));
                continue;
            }
        };
        let has_block =
            ClientSideExtension::owner(path).is_some_and(|owner| gpo.has_extension(owner.id));
        result
            .found
            .extend(file.references().into_iter().map(|reference| GpoReference {
                source: ReferenceSource::File(path.clone()),
                is_listed: has_block && reference.is_listed(),
                reference,
            }));
    }
    let has_block = gpo.has_extension(ClientSideExtension::SOFTWARE_INSTALLATION);
    for half in Half::BOTH {
        let mut rdns = Vec::new();
        for object in gpo.objects(half) {
            of_object(object, half, has_block, &mut rdns, &mut result.found);
        }
    }
    Ok(result)
}

/// Sources limit the depth of objects, so the recursion ends.
fn of_object(
    object: &DirectoryObject,
    half: Half,
    has_block: bool,
    rdns: &mut Vec<String>,
    found: &mut Vec<GpoReference>,
) {
    rdns.push(object.rdn.clone());
    found.extend(
        object
            .references()
            .into_iter()
            .map(|reference| GpoReference {
                source: ReferenceSource::Object {
                    half,
                    rdns: rdns.clone(),
                },
                is_listed: has_block && reference.is_listed(),
                reference,
            }),
    );
    for child in &object.children {
        of_object(child, half, has_block, rdns, found);
    }
    rdns.pop();
}
