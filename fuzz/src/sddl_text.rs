//! Security descriptors as text.

use sddl_parser::{SddlContext, SecurityDescriptor, Sid};

/// Text that is taken has a canonical form: written again it is the same, and it means the same
/// bytes, unless Windows made an ordinary ACE of an object ACE without a GUID.
pub fn sddl_text(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let domain: Sid = "S-1-5-21-1-2-3".parse().unwrap();
    let context = SddlContext::new().with_domain(domain).with_forest(domain);
    let Ok(first) = SecurityDescriptor::from_sddl(text, &context) else {
        return;
    };
    let canonical = first.to_sddl(&context).unwrap();
    let second = SecurityDescriptor::from_sddl(&canonical, &context).unwrap();
    assert_eq!(second.to_sddl(&context).as_ref(), Ok(&canonical));
    let spare = [first.dacl(), first.sacl()].into_iter().flatten().any(|acl| !acl.slack.is_empty());
    if !spare {
        assert_eq!(first, second, "{canonical}");
    }
    if let Ok(bytes) = first.to_bytes() {
        assert_eq!(SecurityDescriptor::from_bytes(&bytes), Ok(first));
    }
}
