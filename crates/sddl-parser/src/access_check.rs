//! Who gets what: the access check.

use alloc::vec::Vec;

use crate::access_mask::{AccessMask, ObjectType};
use crate::ace::{Ace, AceFlags};
use crate::ace_type::AceType;
use crate::acl::Acl;
use crate::condition::{Claims, Ternary};
use crate::guid::Guid;
use crate::object_tree::{ObjectTree, Rights};
use crate::security_descriptor::SecurityDescriptor;
use crate::sid::Sid;

/// Level of an object without a label.
const MEDIUM_INTEGRITY: u32 = 0x2000;

bitflags::bitflags! {
    /// Privileges that give rights past the DACL ([MS-DTYP] 2.5.3.2).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct Privileges: u8 {
        /// `SeSecurityPrivilege`: read and write the SACL.
        const SECURITY = 1;
        /// `SeTakeOwnershipPrivilege`: become the owner.
        const TAKE_OWNERSHIP = 2;
    }
}

/// A SID of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TokenSid {
    /// The SID.
    pub sid: Sid,
    /// Whether it counts only where access is denied (`SE_GROUP_USE_FOR_DENY_ONLY`).
    pub deny_only: bool,
}

impl From<Sid> for TokenSid {
    /// A SID that counts everywhere.
    fn from(sid: Sid) -> Self {
        Self {
            sid,
            deny_only: false,
        }
    }
}

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Token {
    /// The user and all groups, those of the logon (`S-1-1-0`, `S-1-5-11`) included.
    pub sids: Vec<TokenSid>,
    /// The restricting SIDs. If there are any, they must get every right besides.
    pub restricting_sids: Vec<Sid>,
    /// The privileges that are enabled.
    pub privileges: Privileges,
    /// The integrity level, as in `S-1-16-<level>`; `None` to leave mandatory labels out.
    pub integrity_level: Option<u32>,
    /// Claims of the user, the device and the application for conditional ACEs. Resource
    /// attributes come from the descriptor; `user_sids` comes from [`sids`](Self::sids).
    pub claims: Claims,
}

impl Token {
    /// The token of these SIDs, without privileges and claims.
    pub fn new(sids: impl IntoIterator<Item = Sid>) -> Self {
        Self {
            sids: sids.into_iter().map(TokenSid::from).collect(),
            ..Self::default()
        }
    }

    fn has(&self, sid: &Sid, deny: bool) -> bool {
        self.sids
            .iter()
            .any(|held| held.sid == *sid && (deny || !held.deny_only))
    }
}

/// An access check ([MS-DTYP] 2.5.3.2): token, type of object, object tree and the SID that stands
/// for `S-1-5-10` are its settings.
///
/// It follows the DACL from its first ACE: each right belongs to the first ACE that gives or denies
/// it. Central access policies (`SP`), process trust labels (`TL`) and access filters (`FL`) are
/// not looked at.
///
/// ```
/// use sddl_parser::{AccessCheck, AccessMask, ObjectType, SddlContext, SecurityDescriptor, Token};
///
/// let text = "O:BAD:(D;;FW;;;BG)(A;;FA;;;BA)(A;;GR;;;AU)";
/// let descriptor = SecurityDescriptor::from_sddl(text, &SddlContext::new())?;
/// let token = Token::new(["S-1-5-21-1-2-3-1104".parse()?, "S-1-5-11".parse()?]);
/// let check = AccessCheck::new(&token, ObjectType::File);
/// assert!(check.check(&descriptor, AccessMask::FILE_READ).is_granted());
/// assert!(!check.check(&descriptor, AccessMask::FILE_WRITE).is_granted());
/// assert_eq!(check.maximum(&descriptor), AccessMask::FILE_READ);
/// # Ok::<(), sddl_parser::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct AccessCheck<'a> {
    token: &'a Token,
    object_type: ObjectType,
    object_tree: Option<&'a ObjectTree>,
    principal_self: Option<&'a Sid>,
}

/// What came of an access check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessResult {
    granted: bool,
    mask: AccessMask,
    nodes: Vec<AccessMask>,
}

impl AccessResult {
    /// Whether everything that was asked for is granted, on the object as a whole.
    pub fn is_granted(&self) -> bool {
        self.granted
    }

    /// What was granted of it, on the object as a whole; with `MAXIMUM_ALLOWED` all that can be had.
    pub fn mask(&self) -> AccessMask {
        self.mask
    }

    /// What was granted of it on each node of the object tree.
    pub fn nodes(&self) -> &[AccessMask] {
        &self.nodes
    }
}

impl<'a> AccessCheck<'a> {
    /// Checks access of this token to objects of this type, which gives generic rights a meaning.
    pub fn new(token: &'a Token, object_type: ObjectType) -> Self {
        Self {
            token,
            object_type,
            object_tree: None,
            principal_self: None,
        }
    }

    /// With the tree of classes, property sets and properties that access is asked for. Without
    /// one, object ACEs with a GUID give nothing, and deny on the object as a whole.
    #[must_use]
    pub fn with_object_tree(mut self, tree: &'a ObjectTree) -> Self {
        self.object_tree = Some(tree);
        self
    }

    /// With the SID of the object itself, for ACEs that name `S-1-5-10`.
    #[must_use]
    pub fn with_principal_self(mut self, sid: &'a Sid) -> Self {
        self.principal_self = Some(sid);
        self
    }

    /// Everything that the token can have on the object as a whole.
    pub fn maximum(&self, descriptor: &SecurityDescriptor) -> AccessMask {
        self.check(descriptor, AccessMask::MAXIMUM_ALLOWED).mask()
    }

    /// Checks whether `desired` is granted. With `MAXIMUM_ALLOWED` in it, the result has all that
    /// can be had, and is granted if that is something and has the rest of `desired`.
    pub fn check(&self, descriptor: &SecurityDescriptor, desired: AccessMask) -> AccessResult {
        let desired = self.object_type.map_generic(desired);
        let maximum = desired.contains(AccessMask::MAXIMUM_ALLOWED);
        let wanted = desired.difference(AccessMask::MAXIMUM_ALLOWED);
        let limit = self.integrity_limit(descriptor);
        let privileged = self.privileged();
        let granted = |rights: AccessMask| {
            // Only the privilege opens the SACL.
            let rights = rights.difference(AccessMask::ACCESS_SYSTEM_SECURITY) & limit;
            let rights = rights | privileged;
            if maximum { rights } else { rights & wanted }
        };
        let nodes: Vec<_> = self
            .rights(descriptor)
            .iter()
            .map(|&node| granted(node))
            .collect();
        let mask = nodes.first().copied().unwrap_or_default();
        let something = !maximum || !mask.is_empty();
        AccessResult {
            granted: something && mask.contains(wanted),
            mask,
            nodes,
        }
    }

    fn privileged(&self) -> AccessMask {
        let privileges = [
            (Privileges::SECURITY, AccessMask::ACCESS_SYSTEM_SECURITY),
            (Privileges::TAKE_OWNERSHIP, AccessMask::WRITE_OWNER),
        ];
        let held = privileges
            .into_iter()
            .filter(|&(p, _)| self.token.privileges.contains(p));
        held.fold(AccessMask::empty(), |rights, (_, right)| rights | right)
    }

    /// The rights that the DACL gives on each node, for the token and its restricting SIDs.
    fn rights(&self, descriptor: &SecurityDescriptor) -> Vec<AccessMask> {
        let nodes = self.object_tree.map_or(1, ObjectTree::len);
        let Some(dacl) = descriptor.dacl() else {
            // Without a DACL and with a null one, nothing is protected.
            return [AccessMask::all()].repeat(nodes);
        };
        let claims = self.claims(descriptor, false);
        let deny_claims = self.claims(descriptor, true);
        let holds = |ace: &Ace, deny: bool| {
            ace.condition()
                .ok()
                .flatten()
                .map(|condition| condition.evaluate(if deny { &deny_claims } else { &claims }))
        };
        let owner = descriptor.owner();
        let of_token = |sid: &Sid, deny: bool| self.token.has(sid, deny);
        let granted = self.walk(dacl, owner, &of_token, &holds);
        if self.token.restricting_sids.is_empty() {
            return granted;
        }
        let restricting = |sid: &Sid, _| self.token.restricting_sids.contains(sid);
        let restricted = self.walk(dacl, owner, &restricting, &holds);
        granted
            .into_iter()
            .zip(restricted)
            .map(|(a, b)| a & b)
            .collect()
    }

    /// The claims for conditions: `Member_of` sees SIDs for deny only in ACEs that deny.
    fn claims(&self, descriptor: &SecurityDescriptor, deny: bool) -> Claims {
        let mut claims = self.token.claims.clone();
        let sids = self
            .token
            .sids
            .iter()
            .filter(|held| deny || !held.deny_only);
        claims.user_sids = sids.map(|held| held.sid).collect();
        let sacl = descriptor.sacl().map_or(&[][..], |sacl| &sacl.aces);
        claims.resource = sacl
            .iter()
            .filter_map(|ace| ace.claim().ok().flatten())
            .collect();
        claims
    }

    /// Goes through the DACL for those whom `is_member` knows.
    fn walk(
        &self,
        dacl: &Acl,
        owner: Option<&Sid>,
        is_member: &dyn Fn(&Sid, bool) -> bool,
        condition: &dyn Fn(&Ace, bool) -> Option<Ternary>,
    ) -> Vec<AccessMask> {
        let mut rights = Rights::new(self.object_tree);
        let is_owner = owner.is_some_and(|owner| is_member(owner, false));
        let effective = || {
            dacl.aces
                .iter()
                .filter(|ace| !ace.flags().contains(AceFlags::INHERIT_ONLY))
        };
        if is_owner && !effective().any(|ace| ace.sid() == Some(&Sid::OWNER_RIGHTS)) {
            rights.allow(None, AccessMask::READ_CONTROL | AccessMask::WRITE_DAC);
        }
        for ace in effective() {
            let (ace_type, Some(sid), Some(mask)) = (ace.ace_type(), ace.sid(), ace.mask()) else {
                continue;
            };
            let deny = ace_type.denies();
            if !deny && !ace_type.allows() {
                continue;
            }
            let concerned = match *sid {
                Sid::OWNER_RIGHTS => is_owner,
                Sid::PRINCIPAL_SELF => self.principal_self.is_some_and(|own| is_member(own, deny)),
                ref sid => is_member(sid, deny),
            };
            // An allow counts only if its condition is true, a deny unless it is false.
            let decisive = if deny { Ternary::False } else { Ternary::True };
            let holds = !ace_type.is_conditional()
                || (condition(ace, deny).unwrap_or(Ternary::Unknown) == decisive) != deny;
            if concerned && holds {
                self.apply(&mut rights, ace.object_type(), mask, deny);
            }
        }
        rights.granted()
    }

    fn apply(&self, rights: &mut Rights<'_>, object: Option<Guid>, mask: AccessMask, deny: bool) {
        let mask = self.object_type.map_generic(mask);
        match (self.object_tree, object) {
            (None, Some(_)) if !deny => {}
            (None, _) => rights.apply(None, mask, deny),
            (Some(_), object) => rights.apply(object, mask, deny),
        }
    }

    /// The rights that the object's mandatory label leaves to the token ([MS-DTYP] 2.5.3.3).
    fn integrity_limit(&self, descriptor: &SecurityDescriptor) -> AccessMask {
        let Some(level) = self.token.integrity_level else {
            return AccessMask::all();
        };
        let sacl = descriptor.sacl().map_or(&[][..], |sacl| &sacl.aces);
        let label = sacl.iter().find(|ace| {
            ace.ace_type() == AceType::SYSTEM_MANDATORY_LABEL
                && !ace.flags().contains(AceFlags::INHERIT_ONLY)
        });
        let (object_level, policy) = label
            .and_then(|ace| Some((ace.sid()?.rid()?, ace.mask()?)))
            .unwrap_or((MEDIUM_INTEGRITY, AccessMask::NO_WRITE_UP));
        if level >= object_level {
            return AccessMask::all();
        }
        let rules = [
            (AccessMask::NO_READ_UP, AccessMask::GENERIC_READ),
            (AccessMask::NO_WRITE_UP, AccessMask::GENERIC_WRITE),
            (AccessMask::NO_EXECUTE_UP, AccessMask::GENERIC_EXECUTE),
        ];
        let allowed = rules
            .into_iter()
            .filter(|&(forbids, _)| !policy.contains(forbids));
        allowed.fold(AccessMask::empty(), |rights, (_, generic)| {
            rights | self.object_type.map_generic(generic)
        })
    }
}
