//! Windows security descriptors, exactly as Windows has them: SIDs, ACEs of every type, ACLs,
//! descriptors; self-relative bytes and SDDL text, both ways.
//!
//! ```
//! use sddl_parser::{AccessCheck, AccessMask, ObjectType, SddlContext, SecurityDescriptor, Token};
//!
//! let domain = "S-1-5-21-1-2-3".parse()?;
//! let context = SddlContext::new().with_domain(domain);
//!
//! // Text to a value, and to the bytes that Windows makes of it.
//! let text = r#"O:DAG:DAD:PAI(A;;FA;;;SY)(XA;;FR;;;AU;(@User.Title == "Boss"))"#;
//! let descriptor = SecurityDescriptor::from_sddl(text, &context)?;
//! let bytes = descriptor.to_bytes()?;
//!
//! // Bytes to a value, and to the text that Windows writes.
//! let mut descriptor = SecurityDescriptor::from_bytes(&bytes)?;
//! assert_eq!(
//!     descriptor.to_sddl(&context)?,
//!     r#"O:DAG:DAD:PAI(A;;FA;;;SY)(XA;;FR;;;AU;(@USER.Title == "Boss"))"#,
//! );
//!
//! // A value can be edited and asked.
//! for ace in &descriptor.dacl().unwrap().aces {
//!     println!("{:?} {} {:?}", ace.ace_type(), ace.sid().unwrap(), ace.mask().unwrap());
//! }
//! descriptor.set_owner(Some("S-1-5-18".parse()?));
//! let token = Token::new(["S-1-5-18".parse()?]);
//! let check = AccessCheck::new(&token, ObjectType::File);
//! assert!(check.check(&descriptor, AccessMask::GENERIC_ALL).is_granted());
//! # Ok::<(), sddl_parser::Error>(())
//! ```
//!
//! # Where to start
//!
//! * [`SecurityDescriptor`], [`Acl`], [`Ace`], [`Sid`] are values to build and edit. What is read
//!   from bytes is written back the same: slack, the order of the parts, unknown types and bits.
//! * [`SecurityDescriptorRef`], [`AclRef`], [`AceRef`], [`SidRef`] read in place, without allocation.
//! * [`SddlContext`] says what text needs to know: the domain that `DA` belongs to, and for which
//!   type of object rights are named.
//! * [`Condition`] and [`Claim`] are what callback and resource attribute ACEs hold.
//! * [`AccessCheck`] tells who gets what.
//! * [`GpoPermission`], [`SecurityDescriptor::new_gpo`] and [`Acl::sysvol_dacl`] are for Group
//!   Policy objects.
//!
//! # Where the sources differ
//!
//! The grammar of [MS-DTYP] 2.5.1 and Windows are not the same; this crate follows Windows, as far
//! as its behaviour is known from 3,836 pairs of text and bytes and 113 cases of text. The rules are
//! with [`SecurityDescriptor::from_sddl`] and [`Condition::from_sddl`].
//!
//! # Limits
//!
//! An ACE and an ACL have at most 65,535 bytes, a SID 15 sub-authorities, conditions 256 levels.
//! Nothing panics on any input, and memory stays in proportion to its size.
//!
//! # Features
//!
//! `no_std` with `alloc`; no dependency but `bitflags`. `serde` adds `Serialize` and `Deserialize`
//! to SIDs, GUIDs, masks and descriptors, `uuid` conversions from and to `uuid::Uuid`.
//!
//! [MS-DTYP]: https://learn.microsoft.com/openspecs/windows_protocols/ms-dtyp/
#![no_std]

extern crate alloc;

// The README's example runs with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

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
mod inheritance;
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
pub use inheritance::Heir;
pub use object_tree::ObjectTree;
pub use sddl_context::SddlContext;
pub use security_descriptor::SecurityDescriptor;
pub use security_descriptor_ref::SecurityDescriptorRef;
pub use sid::Sid;
pub use sid_ref::SidRef;
pub use sysvol_dacl::SysvolDifference;
pub use wide_string::WideString;
