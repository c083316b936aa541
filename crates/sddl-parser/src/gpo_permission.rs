//! The permission levels of a GPO, as GPMC shows them.

use alloc::vec::Vec;

use crate::access_mask::{AccessMask, ObjectType};
use crate::ace::{Ace, AceFlags, ObjectTypes};
use crate::acl::Acl;
use crate::control::Control;
use crate::guid::Guid;
use crate::security_descriptor::SecurityDescriptor;
use crate::sid::Sid;

/// The extended right to have a GPO applied, `Apply-Group-Policy`.
pub const APPLY_GROUP_POLICY: Guid = Guid::from_fields(
    0xedac_fd8f,
    0xffb3,
    0x11d1,
    [0xb4, 0x1d, 0x00, 0xa0, 0xc9, 0x68, 0xf9, 0x39],
);

const LIST: AccessMask = AccessMask::LIST_CHILDREN;
/// Of the default DACL; GPMC itself gives `LIST_OBJECT` only there (1,234 against 47 in 630 backups).
const DEFAULT_READ: AccessMask = GpoPermission::READ.union(AccessMask::LIST_OBJECT);
/// Everything but the extended rights.
const FULL: AccessMask = GpoPermission::EDIT_SECURITY_AND_DELETE;

/// What a trustee may do with a GPO (`GPMPermissionType`).
///
/// ```
/// use sddl_parser::{GpoPermission, SddlContext, SecurityDescriptor};
///
/// let text = "D:(OA;CI;CR;edacfd8f-ffb3-11d1-b41d-00a0c968f939;;AU)(A;CI;LCRPLORC;;;AU)(A;CI;LCRPLORC;;;ED)";
/// let descriptor = SecurityDescriptor::from_sddl(text, &SddlContext::new())?;
/// let permissions = GpoPermission::of_acl(descriptor.dacl().unwrap());
/// assert_eq!(permissions.len(), 2);
/// assert_eq!(permissions[0].permission, GpoPermission::Apply);
/// assert_eq!(permissions[1].permission, GpoPermission::Read);
/// # Ok::<(), sddl_parser::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GpoPermission {
    /// Something else than the levels below.
    Custom,
    /// Read.
    Read,
    /// Read, and have it applied.
    Apply,
    /// Edit the settings.
    Edit,
    /// Edit the settings, delete the GPO, change its permissions.
    EditSecurityAndDelete,
}

/// What one trustee has, of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct GpoTrusteePermission {
    /// Who.
    pub trustee: Sid,
    /// Which level.
    pub permission: GpoPermission,
    /// Whether it is denied, not given.
    pub denied: bool,
    /// Whether it comes from the parent.
    pub inherited: bool,
    /// Whether the containers below the GPO inherit it.
    pub inheritable: bool,
}

impl GpoPermission {
    /// The rights of [`Read`](Self::Read) as GPMC gives them: `LCRPRC`.
    pub const READ: AccessMask = LIST
        .union(AccessMask::READ_PROPERTY)
        .union(AccessMask::READ_CONTROL);
    /// The rights of [`Edit`](Self::Edit) as GPMC gives them: `CCDCLCRPWPRC`.
    pub const EDIT: AccessMask = Self::READ
        .union(AccessMask::CREATE_CHILD)
        .union(AccessMask::DELETE_CHILD)
        .union(AccessMask::WRITE_PROPERTY);
    /// The rights of [`EditSecurityAndDelete`](Self::EditSecurityAndDelete) as GPMC gives them:
    /// `CCDCLCSWRPWPDTLOSDRCWDWO`.
    pub const EDIT_SECURITY_AND_DELETE: AccessMask = AccessMask::from_bits_retain(0x000f_00ff);

    /// The number that GPMC has for it (`permGPOApply` and so on).
    pub fn gpm_permission_type(self) -> u32 {
        match self {
            Self::Apply => 0x1_0000,
            Self::Read => 0x1_0100,
            Self::Edit => 0x1_0101,
            Self::EditSecurityAndDelete => 0x1_0102,
            Self::Custom => 0x1_0103,
        }
    }

    /// The ACEs that give this level to a trustee; `None` for [`Custom`](Self::Custom), which GPMC
    /// does not give either.
    pub fn to_aces(self, trustee: Sid) -> Option<Vec<Ace>> {
        let mask = match self {
            Self::Custom => return None,
            Self::Read | Self::Apply => Self::READ,
            Self::Edit => Self::EDIT,
            Self::EditSecurityAndDelete => Self::EDIT_SECURITY_AND_DELETE,
        };
        let apply = (self == Self::Apply).then(|| apply_ace(trustee));
        let basic = Ace::allow(mask, trustee).with_flags(AceFlags::CONTAINER_INHERIT);
        Some(apply.into_iter().chain([basic]).collect())
    }

    /// The levels in the DACL of a GPO, by trustee in the order of their first ACE.
    ///
    /// A trustee has an entry for what is allowed and one for what is denied, and one each for what
    /// is inherited. `Apply` besides `Edit` or more is an entry of its own. ACEs that only children
    /// inherit do not count (as in the report: census of 1,174).
    pub fn of_acl(acl: &Acl) -> Vec<GpoTrusteePermission> {
        let mut trustees: Vec<Trustee> = Vec::new();
        for ace in acl
            .aces
            .iter()
            .filter(|ace| !ace.flags().contains(AceFlags::INHERIT_ONLY))
        {
            let ace_type = ace.ace_type();
            let (Some(&sid), true) = (ace.sid(), ace_type.allows() || ace_type.denies()) else {
                continue;
            };
            let key = (
                sid,
                ace_type.denies(),
                ace.flags().contains(AceFlags::INHERITED),
            );
            let at = trustees.iter().position(|trustee| trustee.key == key);
            let at = at.unwrap_or_else(|| {
                trustees.push(Trustee {
                    key,
                    ..Trustee::new(sid)
                });
                trustees.len() - 1
            });
            if let Some(trustee) = trustees.get_mut(at) {
                trustee.add(ace);
            }
        }
        trustees.iter().flat_map(Trustee::permissions).collect()
    }
}

fn apply_ace(trustee: Sid) -> Ace {
    let right = ObjectTypes::new(Some(APPLY_GROUP_POLICY), None);
    Ace::allow_object(AccessMask::CONTROL_ACCESS, right, trustee)
        .with_flags(AceFlags::CONTAINER_INHERIT)
}

/// What the ACEs of one trustee add up to.
struct Trustee {
    key: (Sid, bool, bool),
    mask: AccessMask,
    apply: bool,
    // Rights on something else, or on a condition: no level has them.
    other: bool,
    inheritable: bool,
}

impl Trustee {
    fn new(sid: Sid) -> Self {
        Self {
            key: (sid, false, false),
            mask: AccessMask::empty(),
            apply: false,
            other: false,
            inheritable: false,
        }
    }

    fn add(&mut self, ace: &Ace) {
        let types = ace.object_types().unwrap_or_default();
        let mask = ace.mask().unwrap_or_default();
        let mask = ObjectType::DirectoryService.map_generic(mask);
        self.inheritable |= ace.flags().contains(AceFlags::CONTAINER_INHERIT);
        if ace.ace_type().is_conditional() || types.inherited_object_type.is_some() {
            self.other = true;
        } else if types.object_type == Some(APPLY_GROUP_POLICY) {
            self.apply |= mask.contains(AccessMask::CONTROL_ACCESS);
            self.other |= mask != AccessMask::CONTROL_ACCESS;
        } else if types.object_type.is_some() {
            self.other = true;
        } else {
            // Without a GUID it stands for all extended rights.
            self.apply |= mask.contains(AccessMask::CONTROL_ACCESS);
            self.mask |= mask.difference(AccessMask::CONTROL_ACCESS);
        }
    }

    fn permissions(&self) -> impl Iterator<Item = GpoTrusteePermission> + use<> {
        use GpoPermission as Level;
        let (trustee, denied, inherited) = self.key;
        // These come and go within a level.
        let essential = self
            .mask
            .difference(AccessMask::SELF_WRITE | AccessMask::LIST_OBJECT);
        let full = FULL
            .difference(AccessMask::SELF_WRITE | AccessMask::LIST_OBJECT | AccessMask::DELETE_TREE);
        let level = if self.other {
            Some(Level::Custom)
        } else if essential == Level::READ && !self.mask.contains(AccessMask::SELF_WRITE) {
            Some(if self.apply {
                Level::Apply
            } else {
                Level::Read
            })
        } else if essential == Level::EDIT {
            Some(Level::Edit)
        } else if essential.difference(AccessMask::DELETE_TREE) == full {
            Some(Level::EditSecurityAndDelete)
        } else if self.mask.is_empty() && self.apply && denied {
            None
        } else {
            Some(Level::Custom)
        };
        let beside = match level {
            None | Some(Level::Edit | Level::EditSecurityAndDelete) => self.apply,
            _ => false,
        };
        let inheritable = self.inheritable;
        level
            .into_iter()
            .chain(beside.then_some(Level::Apply))
            .map(move |permission| GpoTrusteePermission {
                trustee,
                permission,
                denied,
                inherited,
                inheritable,
            })
    }
}

impl SecurityDescriptor {
    /// The descriptor that a GPO has when GPMC makes it: owner and group Domain Admins, a protected
    /// DACL in the order in which it is found (`PAI`; census of 326 reports, Server 2003 to 2025).
    ///
    /// `domain` is the SID of the GPO's domain, `forest` that of the forest's root domain.
    ///
    /// ```
    /// use sddl_parser::{GpoPermission, SecurityDescriptor};
    ///
    /// let domain = "S-1-5-21-1-2-3".parse()?;
    /// let descriptor = SecurityDescriptor::new_gpo(&domain, &domain);
    /// let permissions = GpoPermission::of_acl(descriptor.dacl().unwrap());
    /// assert_eq!(permissions[0].permission, GpoPermission::Apply);
    /// assert_eq!(permissions[0].trustee.to_string(), "S-1-5-11");
    /// # Ok::<(), sddl_parser::Error>(())
    /// ```
    pub fn new_gpo(domain: &Sid, forest: &Sid) -> Self {
        // The SID of a domain has room for an account.
        let domain_admins = domain.with_rid(512).unwrap_or(*domain);
        let enterprise_admins = forest.with_rid(519).unwrap_or(*forest);
        let inherited = AceFlags::CONTAINER_INHERIT;
        let only_inherited = inherited | AceFlags::INHERIT_ONLY;
        let mut descriptor = Self::new();
        descriptor.set_owner(Some(domain_admins));
        descriptor.set_group(Some(domain_admins));
        descriptor.set_dacl(Some(Acl::new(
            [
                apply_ace(Sid::AUTHENTICATED_USERS),
                // What CREATOR OWNER becomes for the owner.
                Ace::allow(FULL, domain_admins),
                Ace::allow(FULL, domain_admins).with_flags(inherited),
                Ace::allow(FULL, enterprise_admins).with_flags(inherited),
                Ace::allow(DEFAULT_READ, Sid::ENTERPRISE_DOMAIN_CONTROLLERS).with_flags(inherited),
                Ace::allow(DEFAULT_READ, Sid::AUTHENTICATED_USERS).with_flags(inherited),
                Ace::allow(FULL, Sid::SYSTEM).with_flags(inherited),
                Ace::allow(FULL, Sid::CREATOR_OWNER).with_flags(only_inherited),
            ]
            .into(),
        )));
        let flags = Control::DACL_PROTECTED | Control::DACL_AUTO_INHERITED;
        descriptor.set_control(descriptor.control() | flags);
        descriptor
    }
}
