//! Windows security descriptors: SIDs, ACEs, ACLs; self-relative bytes and SDDL text.
#![no_std]

extern crate alloc;

mod access_check;
mod access_mask;
mod ace;
mod ace_ref;
mod ace_type;
mod acl;
mod acl_ref;
mod bytes;
mod canonical_order;
mod claim;
mod condition;
mod control;
mod error;
mod gpo_permission;
mod guid;
mod object_tree;
mod right_names;
mod sddl;
mod sddl_context;
mod security_descriptor;
mod security_descriptor_ref;
#[cfg(feature = "serde")]
mod serde;
mod sid;
mod sid_ref;
mod sysvol_dacl;
mod well_known_sid;
mod wide_string;

pub use access_check::{AccessCheck, AccessResult, Privileges, Token, TokenSid};
pub use access_mask::{AccessMask, ObjectType};
pub use ace::{Ace, AceFlags, ObjectTypes};
pub use ace_ref::AceRef;
pub use ace_type::AceType;
pub use acl::Acl;
pub use acl_ref::AclRef;
pub use claim::{Claim, ClaimValues};
pub use condition::{
    Attribute, AttributeSource, Claims, Condition, Integer, IntegerBase, IntegerSign, IntegerSize,
    Literal, MembershipOperator, Operand, RelationalOperator, Ternary,
};
pub use control::Control;
pub use error::{Error, ErrorKind, Part};
pub use gpo_permission::{APPLY_GROUP_POLICY, GpoPermission, GpoTrusteePermission};
pub use guid::Guid;
pub use object_tree::ObjectTree;
pub use sddl_context::SddlContext;
pub use security_descriptor::SecurityDescriptor;
pub use security_descriptor_ref::SecurityDescriptorRef;
pub use sid::Sid;
pub use sid_ref::SidRef;
pub use sysvol_dacl::SysvolDifference;
pub use wide_string::WideString;
