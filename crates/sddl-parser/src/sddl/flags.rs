//! The letters of flags, in the order in which Windows writes them.

use crate::ace::AceFlags;
use crate::control::Control;
use crate::error::Part;

/// The flags of an ACE. Of an access filter, `SA` is written `TP`.
pub(super) const ACE_FLAGS: [(&str, AceFlags); 8] = [
    ("OI", AceFlags::OBJECT_INHERIT),
    ("CI", AceFlags::CONTAINER_INHERIT),
    ("NP", AceFlags::NO_PROPAGATE_INHERIT),
    ("IO", AceFlags::INHERIT_ONLY),
    ("ID", AceFlags::INHERITED),
    ("CR", AceFlags::CRITICAL),
    ("SA", AceFlags::SUCCESSFUL_ACCESS),
    ("FA", AceFlags::FAILED_ACCESS),
];

/// The flags in front of the ACEs of a DACL or a SACL.
pub(super) fn acl_flags(acl: Part) -> [(&'static str, Control); 3] {
    let [protected, request, inherited] = if acl == Part::Dacl {
        [
            Control::DACL_PROTECTED,
            Control::DACL_AUTO_INHERIT_REQ,
            Control::DACL_AUTO_INHERITED,
        ]
    } else {
        [
            Control::SACL_PROTECTED,
            Control::SACL_AUTO_INHERIT_REQ,
            Control::SACL_AUTO_INHERITED,
        ]
    };
    [("P", protected), ("AR", request), ("AI", inherited)]
}
