//! The DACL of a GPO's folder in SYSVOL, which follows from the one in the directory.

use alloc::vec::Vec;

use crate::access_mask::{AccessMask, ObjectType};
use crate::ace::{Ace, AceFlags};
use crate::ace_type::AceType;
use crate::acl::Acl;
use crate::sid::Sid;

const STANDARD_RIGHTS: AccessMask = AccessMask::from_bits_retain(0x001f_0000);

/// What a folder's DACL lacks and what it has too much; ACEs as they are compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SysvolDifference {
    /// ACEs that follow from the directory's DACL and are not in the folder's.
    pub missing: Vec<Ace>,
    /// ACEs that are in the folder's DACL and do not follow from the directory's.
    pub unexpected: Vec<Ace>,
}

impl SysvolDifference {
    /// Whether both agree.
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.unexpected.is_empty()
    }
}

impl Acl {
    /// The DACL of the folder that belongs to this DACL of a GPO's container.
    ///
    /// ACEs that allow are kept, all others fall away, as do those for S-1-5-32-554. Files and
    /// folders inherit them; for CREATOR OWNER they are only inherited. Rights become those of a
    /// file: reading and listing together give reading and execution, writing properties gives
    /// writing, children are files and folders. An object ACE stays one, though files do not know
    /// its right. (The relation that `samba-tool gpo aclcheck` tests; that of Windows is not
    /// published.)
    ///
    /// ```
    /// use sddl_parser::{SddlContext, SecurityDescriptor};
    ///
    /// let context = SddlContext::new();
    /// let directory = SecurityDescriptor::from_sddl("D:P(A;CI;CCDCLCSWRPWPDTLOSDRCWDWO;;;SY)(A;CI;LCRPLORC;;;AU)", &context)?;
    /// let mut folder = SecurityDescriptor::new();
    /// folder.set_dacl(directory.dacl().map(|dacl| dacl.sysvol_dacl()));
    /// assert_eq!(folder.to_sddl(&context)?, "D:(A;OICI;FA;;;SY)(A;OICI;0x1200a9;;;AU)");
    /// # Ok::<(), sddl_parser::Error>(())
    /// ```
    #[must_use]
    pub fn sysvol_dacl(&self) -> Self {
        let kept = self.aces.iter().filter(|ace| {
            let allows = [AceType::ACCESS_ALLOWED, AceType::ACCESS_ALLOWED_OBJECT];
            // Those of before Windows 2000 have nothing to do in SYSVOL.
            let nobody = Some(&Sid::PRE_WINDOWS_2000_COMPATIBLE_ACCESS);
            allows.contains(&ace.ace_type()) && ace.sid() != nobody
        });
        Self::new(kept.map(folder_ace).collect())
    }

    /// What keeps the DACL of a GPO's folder from agreeing with this one of its container.
    ///
    /// The order of the ACEs, repeated ones, whether they are inherited, and ACEs that give nothing
    /// do not count: both agree when they give the same rights to the same trustees. A folder's
    /// generic rights are compared as what they stand for.
    pub fn sysvol_difference(&self, folder: &Self) -> SysvolDifference {
        let expected: Vec<_> = self
            .sysvol_dacl()
            .aces
            .into_iter()
            .filter_map(|ace| compared(&ace))
            .collect();
        let found: Vec<_> = folder.aces.iter().filter_map(compared).collect();
        let without = |aces: &[Ace], others: &[Ace]| -> Vec<Ace> {
            let mut rest: Vec<Ace> = Vec::new();
            for ace in aces.iter().filter(|ace| !others.contains(ace)) {
                if !rest.contains(ace) {
                    rest.push(ace.clone());
                }
            }
            rest
        };
        SysvolDifference {
            missing: without(&expected, &found),
            unexpected: without(&found, &expected),
        }
    }
}

fn folder_ace(ace: &Ace) -> Ace {
    let mut flags = ace.flags() | AceFlags::OBJECT_INHERIT | AceFlags::CONTAINER_INHERIT;
    if ace.sid() == Some(&Sid::CREATOR_OWNER) {
        flags |= AceFlags::INHERIT_ONLY;
    }
    let mask = folder_rights(ace.mask().unwrap_or_default());
    ace.clone().with_flags(flags).with_mask(mask)
}

fn folder_rights(mask: AccessMask) -> AccessMask {
    const READ: AccessMask = AccessMask::from_bits_retain(0x0010_00a9);
    const WRITE: AccessMask = AccessMask::from_bits_retain(0x0010_0116);
    const ADD_FILE_AND_FOLDER: AccessMask = AccessMask::from_bits_retain(0x0006);
    const DELETE_CHILD: AccessMask = AccessMask::from_bits_retain(0x0040);
    let rules = [
        (AccessMask::READ_PROPERTY | AccessMask::LIST_CHILDREN, READ),
        (AccessMask::WRITE_PROPERTY, WRITE),
        (AccessMask::CREATE_CHILD, ADD_FILE_AND_FOLDER),
        (AccessMask::DELETE_CHILD, DELETE_CHILD),
    ];
    let mask = ObjectType::DirectoryService.map_generic(mask);
    let granted = rules
        .into_iter()
        .filter(|&(needed, _)| mask.contains(needed));
    granted.fold(mask & STANDARD_RIGHTS, |rights, (_, more)| rights | more)
}

/// The ACE in the form in which folders' ACEs are compared; `None` if it gives and denies nothing.
fn compared(ace: &Ace) -> Option<Ace> {
    let mask = ObjectType::File.map_generic(ace.mask().unwrap_or_default());
    if mask.is_empty() && ace.mask().is_some() {
        return None;
    }
    Some(
        ace.clone()
            .with_flags(ace.flags().difference(AceFlags::INHERITED))
            .with_mask(mask),
    )
}
