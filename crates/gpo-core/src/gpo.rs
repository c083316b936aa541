//! The model of a GPO: what the directory and SYSVOL together say about it.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use bitflags::bitflags;

use crate::directory_object::DirectoryObject;
use crate::extension_list::ExtensionList;
use crate::guid::{GpoId, Guid};
use crate::inventory::Inventory;
use crate::wmi_filter_link::WmiFilterLink;

/// The half of a GPO that a setting belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Half {
    /// Computer configuration, the folder `Machine` and the container `CN=Machine`.
    Machine,
    /// User configuration, the folder `User` and the container `CN=User`.
    User,
}

impl Half {
    /// Both halves, in the order of a backup.
    pub const BOTH: [Self; 2] = [Self::Machine, Self::User];

    /// The name of its folder and of its container.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Machine => "Machine",
            Self::User => "User",
        }
    }
}

bitflags! {
    /// Which halves of a GPO are switched off: the attribute `flags`, `Options` in Backup.xml.
    /// Bits without a name are kept.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct GpoStatus: u32 {
        /// The user half is disabled.
        const USER_DISABLED = 1;
        /// The computer half is disabled.
        const COMPUTER_DISABLED = 2;
        const _ = !0;
    }
}

impl fmt::Display for GpoStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            match (
                self.contains(Self::USER_DISABLED),
                self.contains(Self::COMPUTER_DISABLED),
            ) {
                (false, false) => "enabled",
                (true, false) => "user settings disabled",
                (false, true) => "computer settings disabled",
                (true, true) => "all settings disabled",
            },
        )
    }
}

/// The version of one half of a GPO: the number in the directory and the number in SYSVOL, which
/// agree when replication has settled.
///
/// Backup.xml holds both in 32 bits, SYSVOL in the high word (census: 3 of the 3 backups in which
/// they differ).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct HalfVersion {
    /// The half of the directory's `versionNumber`.
    pub directory: u16,
    /// The half of GPT.INI's `Version`.
    pub sysvol: u16,
}

impl HalfVersion {
    /// The version in the 32 bits of Backup.xml.
    pub const fn from_bits(bits: u32) -> Self {
        let [low0, low1, high0, high1] = bits.to_le_bytes();
        Self {
            directory: u16::from_le_bytes([low0, low1]),
            sysvol: u16::from_le_bytes([high0, high1]),
        }
    }

    /// The 32 bits of Backup.xml.
    pub const fn to_bits(self) -> u32 {
        let ([low0, low1], [high0, high1]) =
            (self.directory.to_le_bytes(), self.sysvol.to_le_bytes());
        u32::from_le_bytes([low0, low1, high0, high1])
    }

    /// Whether directory and SYSVOL agree.
    pub const fn agrees(self) -> bool {
        self.directory == self.sysvol
    }
}

/// A GPO without the content of its files, which comes from a source or a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gpo {
    /// Its ID, spelled as in the directory.
    pub id: GpoId,
    /// The DNS name of its domain, spelled as in the directory.
    pub domain: String,
    /// Its name. Not unique.
    pub display_name: String,
    /// Which halves are switched off.
    pub status: GpoStatus,
    /// The version of the computer half.
    pub machine_version: HalfVersion,
    /// The version of the user half.
    pub user_version: HalfVersion,
    /// `gPCMachineExtensionNames`.
    pub machine_extensions: ExtensionList,
    /// `gPCUserExtensionNames`.
    pub user_extensions: ExtensionList,
    /// The WMI filter that it is linked to.
    pub wmi_filter: Option<WmiFilterLink>,
    /// The name of that filter.
    pub wmi_filter_name: String,
    /// The security descriptor of its container, self-relative; none in some backups made by hand.
    pub security_descriptor: Option<Vec<u8>>,
    /// The files and folders in SYSVOL.
    pub inventory: Inventory,
    /// The objects below `CN=Machine` of its container.
    pub machine_objects: Vec<DirectoryObject>,
    /// The objects below `CN=User` of its container.
    pub user_objects: Vec<DirectoryObject>,
}

impl Gpo {
    /// The objects below the container of a half.
    pub fn objects(&self, half: Half) -> &[DirectoryObject] {
        match half {
            Half::Machine => &self.machine_objects,
            Half::User => &self.user_objects,
        }
    }

    /// Whether an extension is listed in either half.
    pub fn has_extension(&self, cse: Guid) -> bool {
        self.machine_extensions.contains_cse(cse) || self.user_extensions.contains_cse(cse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_version() {
        assert_eq!(
            HalfVersion::from_bits(0x0001_0000),
            HalfVersion {
                directory: 0,
                sysvol: 1
            }
        );
    }
}
