//! Access rights and their letters.

use core::fmt;

use crate::ace_type::AceType;

bitflags::bitflags! {
    /// The rights of an ACE or of a request ([MS-DTYP] 2.4.3). Bits without a name are kept.
    ///
    /// The low 16 bits mean something else for every type of object; the names here are those of
    /// a directory object ([MS-ADTS] 5.1.3.2), those of files and registry keys are constants below.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct AccessMask: u32 {
        /// `CC`: create a child object.
        const CREATE_CHILD = 0x0000_0001;
        /// `DC`: delete a child object.
        const DELETE_CHILD = 0x0000_0002;
        /// `LC`: list the children.
        const LIST_CHILDREN = 0x0000_0004;
        /// `SW`: write a property that checks what is written (a validated write).
        const SELF_WRITE = 0x0000_0008;
        /// `RP`: read a property.
        const READ_PROPERTY = 0x0000_0010;
        /// `WP`: write a property.
        const WRITE_PROPERTY = 0x0000_0020;
        /// `DT`: delete the object with all below it.
        const DELETE_TREE = 0x0000_0040;
        /// `LO`: see the object in a list.
        const LIST_OBJECT = 0x0000_0080;
        /// `CR`: an extended right, named by the GUID of the ACE.
        const CONTROL_ACCESS = 0x0000_0100;
        /// `SD`: delete the object.
        const DELETE = 0x0001_0000;
        /// `RC`: read the security descriptor, without the SACL.
        const READ_CONTROL = 0x0002_0000;
        /// `WD`: write the DACL.
        const WRITE_DAC = 0x0004_0000;
        /// `WO`: take ownership.
        const WRITE_OWNER = 0x0008_0000;
        /// Wait on the object.
        const SYNCHRONIZE = 0x0010_0000;
        /// Read and write the SACL.
        const ACCESS_SYSTEM_SECURITY = 0x0100_0000;
        /// In a request: everything that can be had.
        const MAXIMUM_ALLOWED = 0x0200_0000;
        /// `GA`: all rights.
        const GENERIC_ALL = 0x1000_0000;
        /// `GX`: execute.
        const GENERIC_EXECUTE = 0x2000_0000;
        /// `GW`: write.
        const GENERIC_WRITE = 0x4000_0000;
        /// `GR`: read.
        const GENERIC_READ = 0x8000_0000;

        const _ = !0;
    }
}

impl AccessMask {
    /// `FA`: everything on a file.
    pub const FILE_ALL: Self = Self::from_bits_retain(0x001f_01ff);
    /// `FR`: read a file.
    pub const FILE_READ: Self = Self::from_bits_retain(0x0012_0089);
    /// `FW`: write a file.
    pub const FILE_WRITE: Self = Self::from_bits_retain(0x0012_0116);
    /// `FX`: execute a file.
    pub const FILE_EXECUTE: Self = Self::from_bits_retain(0x0012_00a0);
    /// `KA`: everything on a registry key.
    pub const KEY_ALL: Self = Self::from_bits_retain(0x000f_003f);
    /// `KR` and `KX`: read a registry key.
    pub const KEY_READ: Self = Self::from_bits_retain(0x0002_0019);
    /// `KW`: write a registry key.
    pub const KEY_WRITE: Self = Self::from_bits_retain(0x0002_0006);
    /// `NW`: a subject of lower integrity may not write (mandatory label ACE).
    pub const NO_WRITE_UP: Self = Self::from_bits_retain(1);
    /// `NR`: a subject of lower integrity may not read (mandatory label ACE).
    pub const NO_READ_UP: Self = Self::from_bits_retain(2);
    /// `NX`: a subject of lower integrity may not execute (mandatory label ACE).
    pub const NO_EXECUTE_UP: Self = Self::from_bits_retain(4);
}

/// The type of the object that a descriptor protects, which decides what its rights are called.
///
/// Windows writes SDDL without knowing it: that is [`Generic`](Self::Generic).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ObjectType {
    /// Not known: the letters of every type, as Windows has them.
    #[default]
    Generic,
    /// A file or folder: `FA`, `FR`, `FW`, `FX`.
    File,
    /// A registry key: `KA`, `KR`, `KW`.
    RegistryKey,
    /// An object in the directory: single rights only.
    DirectoryService,
}

impl ObjectType {
    /// Replaces the generic rights by what they stand for with this type of object. Those of
    /// [`Generic`](Self::Generic) stay.
    pub fn map_generic(self, mask: AccessMask) -> AccessMask {
        let [all, execute, write, read] = match self {
            Self::Generic => return mask,
            Self::File => [
                AccessMask::FILE_ALL,
                AccessMask::FILE_EXECUTE,
                AccessMask::FILE_WRITE,
                AccessMask::FILE_READ,
            ],
            Self::RegistryKey => [
                AccessMask::KEY_ALL,
                AccessMask::KEY_READ,
                AccessMask::KEY_WRITE,
                AccessMask::KEY_READ,
            ],
            // [MS-ADTS] 5.1.3.2
            Self::DirectoryService => [0x000f_01ff, 0x0002_0004, 0x0002_0028, 0x0002_0094]
                .map(AccessMask::from_bits_retain),
        };
        let generic = [
            (AccessMask::GENERIC_ALL, all),
            (AccessMask::GENERIC_EXECUTE, execute),
            (AccessMask::GENERIC_WRITE, write),
            (AccessMask::GENERIC_READ, read),
        ];
        generic
            .into_iter()
            .filter(|&(right, _)| mask.contains(right))
            .fold(mask, |mask, (right, rights)| {
                mask.difference(right) | rights
            })
    }
}

/// Letters of a whole mask. The order decides what is written; `KX` is `KR`.
const FILE_RIGHTS: [(&[u8; 2], AccessMask); 4] = [
    (b"FA", AccessMask::FILE_ALL),
    (b"FR", AccessMask::FILE_READ),
    (b"FW", AccessMask::FILE_WRITE),
    (b"FX", AccessMask::FILE_EXECUTE),
];
const KEY_RIGHTS: [(&[u8; 2], AccessMask); 4] = [
    (b"KA", AccessMask::KEY_ALL),
    (b"KR", AccessMask::KEY_READ),
    (b"KW", AccessMask::KEY_WRITE),
    (b"KX", AccessMask::KEY_READ),
];
/// Letters of a single bit in the order in which Windows writes them: from low to high.
const SINGLE_RIGHTS: [(&[u8; 2], AccessMask); 17] = [
    (b"CC", AccessMask::CREATE_CHILD),
    (b"DC", AccessMask::DELETE_CHILD),
    (b"LC", AccessMask::LIST_CHILDREN),
    (b"SW", AccessMask::SELF_WRITE),
    (b"RP", AccessMask::READ_PROPERTY),
    (b"WP", AccessMask::WRITE_PROPERTY),
    (b"DT", AccessMask::DELETE_TREE),
    (b"LO", AccessMask::LIST_OBJECT),
    (b"CR", AccessMask::CONTROL_ACCESS),
    (b"SD", AccessMask::DELETE),
    (b"RC", AccessMask::READ_CONTROL),
    (b"WD", AccessMask::WRITE_DAC),
    (b"WO", AccessMask::WRITE_OWNER),
    (b"GA", AccessMask::GENERIC_ALL),
    (b"GX", AccessMask::GENERIC_EXECUTE),
    (b"GW", AccessMask::GENERIC_WRITE),
    (b"GR", AccessMask::GENERIC_READ),
];
/// Letters of a mandatory label ACE, whose mask has a meaning of its own ([MS-DTYP] 2.4.4.13).
const LABEL_RIGHTS: [(&[u8; 2], AccessMask); 3] = [
    (b"NW", AccessMask::NO_WRITE_UP),
    (b"NR", AccessMask::NO_READ_UP),
    (b"NX", AccessMask::NO_EXECUTE_UP),
];

impl AccessMask {
    /// What two letters, in upper case, stand for in an ACE of this type.
    pub(crate) fn from_letters(letters: [u8; 2], ace_type: AceType) -> Option<Self> {
        let label: &[_] = if ace_type == AceType::SYSTEM_MANDATORY_LABEL {
            &LABEL_RIGHTS
        } else {
            &[]
        };
        SINGLE_RIGHTS
            .iter()
            .chain(&FILE_RIGHTS)
            .chain(&KEY_RIGHTS)
            .chain(label)
            .find(|(name, _)| **name == letters)
            .map(|&(_, mask)| mask)
    }

    /// Writes the mask as Windows does in an ACE of this type: letters of the whole mask if there
    /// are any, letters of its bits if all of them have some, else hexadecimal.
    pub(crate) fn write_letters(
        self,
        out: &mut impl fmt::Write,
        ace_type: AceType,
        object_type: ObjectType,
    ) -> fmt::Result {
        let whole: [&[_]; 2] = match object_type {
            ObjectType::Generic => [&FILE_RIGHTS, &KEY_RIGHTS],
            ObjectType::File => [&FILE_RIGHTS, &[]],
            ObjectType::RegistryKey => [&[], &KEY_RIGHTS],
            ObjectType::DirectoryService => [&[], &[]],
        };
        let single: &[(&[u8; 2], Self)] = if ace_type == AceType::SYSTEM_MANDATORY_LABEL {
            &LABEL_RIGHTS
        } else {
            let mut names = whole.iter().copied().flatten();
            if let Some((letters, _)) = names.find(|(_, mask)| *mask == self) {
                return write_pair(out, **letters);
            }
            &SINGLE_RIGHTS
        };
        let nameable = single
            .iter()
            .fold(Self::empty(), |all, &(_, mask)| all | mask);
        if !nameable.contains(self) {
            return write!(out, "0x{:x}", self.bits());
        }
        for (letters, _) in single.iter().filter(|&&(_, mask)| self.contains(mask)) {
            write_pair(out, **letters)?;
        }
        Ok(())
    }
}

fn write_pair(out: &mut impl fmt::Write, letters: [u8; 2]) -> fmt::Result {
    out.write_str(core::str::from_utf8(&letters).unwrap_or_default())
}
