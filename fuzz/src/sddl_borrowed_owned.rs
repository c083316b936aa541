//! Reading in place against reading into values.

use sddl_parser::{Acl, AclRef, SecurityDescriptor, SecurityDescriptorRef};

/// Both take the same bytes, refuse them for the same reason, and find the same in them.
pub fn sddl_borrowed_owned(data: &[u8]) {
    let owned = SecurityDescriptor::from_bytes(data);
    let borrowed = SecurityDescriptorRef::from_bytes(data);
    let (owned, borrowed) = match (owned, borrowed) {
        (Ok(owned), Ok(borrowed)) => (owned, borrowed),
        (owned, borrowed) => {
            assert_eq!(owned.err(), borrowed.err());
            return;
        }
    };
    assert_eq!(borrowed.control(), owned.control());
    assert_eq!(borrowed.resource_manager_control(), owned.resource_manager_control());
    assert_eq!(borrowed.owner().map(|sid| sid.to_sid()).as_ref(), owned.owner());
    assert_eq!(borrowed.group().map(|sid| sid.to_sid()).as_ref(), owned.group());
    assert_eq!(borrowed.has_null_dacl(), owned.has_null_dacl());
    same_acl(borrowed.dacl(), owned.dacl());
    same_acl(borrowed.sacl(), owned.sacl());
}

fn same_acl(borrowed: Option<AclRef<'_>>, owned: Option<&Acl>) {
    assert_eq!(borrowed.is_some(), owned.is_some());
    let (Some(borrowed), Some(owned)) = (borrowed, owned) else {
        return;
    };
    assert_eq!(borrowed.as_bytes().len(), owned.size());
    assert_eq!(borrowed.revision(), owned.revision);
    assert_eq!(borrowed.slack(), owned.slack);
    assert_eq!(borrowed.len(), owned.aces.len());
    assert_eq!(borrowed.aces().count(), owned.aces.len());
    for (borrowed, owned) in borrowed.aces().zip(&owned.aces) {
        assert_eq!(borrowed.as_bytes(), owned.to_bytes());
        assert_eq!(borrowed.ace_type(), owned.ace_type());
        assert_eq!(borrowed.flags(), owned.flags());
        assert_eq!(borrowed.mask(), owned.mask());
        assert_eq!(borrowed.object_types(), owned.object_types());
        assert_eq!(borrowed.data(), owned.data());
        match (borrowed.sid(), owned.sid()) {
            (Some(borrowed), Some(owned)) => {
                assert_eq!(borrowed, *owned);
                assert_eq!(borrowed.to_string(), owned.to_string());
            }
            (borrowed, owned) => assert!(borrowed.is_none() && owned.is_none()),
        }
    }
}
