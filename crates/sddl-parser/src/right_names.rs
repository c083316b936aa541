//! Access rights in words.

use alloc::string::String;
use core::fmt::Write;

use crate::access_mask::{AccessMask, ObjectType};

/// Names of bits from the lowest up.
type Names = [(u32, &'static str)];

const FILE: &Names = &[
    (0x0001, "read data or list folder"),
    (0x0002, "write data or create files"),
    (0x0004, "append data or create folders"),
    (0x0008, "read extended attributes"),
    (0x0010, "write extended attributes"),
    (0x0020, "execute file or traverse folder"),
    (0x0040, "delete subfolders and files"),
    (0x0080, "read attributes"),
    (0x0100, "write attributes"),
];
const REGISTRY_KEY: &Names = &[
    (0x0001, "query value"),
    (0x0002, "set value"),
    (0x0004, "create subkey"),
    (0x0008, "enumerate subkeys"),
    (0x0010, "notify"),
    (0x0020, "create link"),
];
const DIRECTORY_SERVICE: &Names = &[
    (0x0001, "create child"),
    (0x0002, "delete child"),
    (0x0004, "list children"),
    (0x0008, "validated write"),
    (0x0010, "read property"),
    (0x0020, "write property"),
    (0x0040, "delete tree"),
    (0x0080, "list object"),
    (0x0100, "extended right"),
];
const COMMON: &Names = &[
    (0x0001_0000, "delete"),
    (0x0002_0000, "read permissions"),
    (0x0004_0000, "change permissions"),
    (0x0008_0000, "take ownership"),
    (0x0010_0000, "synchronize"),
    (0x0100_0000, "read and write the SACL"),
    (0x0200_0000, "maximum allowed"),
    (0x1000_0000, "generic all"),
    (0x2000_0000, "generic execute"),
    (0x4000_0000, "generic write"),
    (0x8000_0000, "generic read"),
];

impl AccessMask {
    /// The rights in English words, with commas between them; bits that have no name for this type
    /// of object, in hexadecimal at the end.
    ///
    /// ```
    /// use sddl_parser::{AccessMask, ObjectType};
    ///
    /// let describe = |mask: AccessMask, object_type| mask.describe(object_type);
    /// assert_eq!(describe(AccessMask::FILE_ALL, ObjectType::File), "full control");
    /// assert_eq!(
    ///     describe(AccessMask::KEY_READ, ObjectType::RegistryKey),
    ///     "query value, enumerate subkeys, notify, read permissions",
    /// );
    /// assert_eq!(describe(AccessMask::CREATE_CHILD, ObjectType::Generic), "0x1");
    /// ```
    pub fn describe(self, object_type: ObjectType) -> String {
        let own: &Names = match object_type {
            ObjectType::Generic => &[],
            ObjectType::File => FILE,
            ObjectType::RegistryKey => REGISTRY_KEY,
            ObjectType::DirectoryService => DIRECTORY_SERVICE,
        };
        let all = object_type.map_generic(Self::GENERIC_ALL);
        if self == all && object_type != ObjectType::Generic {
            return "full control".into();
        }
        let mut out = String::new();
        let mut rest = self.bits();
        for (bit, name) in own
            .iter()
            .chain(COMMON)
            .filter(|(bit, _)| self.bits() & bit != 0)
        {
            out.push_str(if out.is_empty() { "" } else { ", " });
            out.push_str(name);
            rest &= !bit;
        }
        if rest != 0 {
            out.push_str(if out.is_empty() { "" } else { ", " });
            // Writing into a string cannot fail.
            let _ = write!(out, "{rest:#x}");
        }
        out
    }
}
