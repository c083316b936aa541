//! Windows security descriptors: SIDs, ACEs, ACLs; self-relative bytes and SDDL text.
#![no_std]

extern crate alloc;

mod access_mask;
mod ace;
mod ace_ref;
mod ace_type;
mod acl;
mod acl_ref;
mod bytes;
mod control;
mod error;
mod guid;
mod sddl;
mod sddl_context;
mod security_descriptor;
mod security_descriptor_ref;
mod sid;
mod sid_ref;
mod well_known_sid;

pub use access_mask::{AccessMask, ObjectType};
pub use ace::{Ace, AceFlags, ObjectTypes};
pub use ace_ref::AceRef;
pub use ace_type::AceType;
pub use acl::Acl;
pub use acl_ref::AclRef;
pub use control::Control;
pub use error::{Error, ErrorKind, Part};
pub use guid::Guid;
pub use sddl_context::SddlContext;
pub use security_descriptor::SecurityDescriptor;
pub use security_descriptor_ref::SecurityDescriptorRef;
pub use sid::Sid;
pub use sid_ref::SidRef;
