//! Security descriptors as bytes.

use sddl_parser::{AccessCheck, GpoPermission, ObjectType, SddlContext, SecurityDescriptor, Token};

/// What is taken is written back the same. Text that it can be written as is read as a value whose
/// text is the same, apart from object ACEs without a GUID, of which Windows makes ordinary ones.
pub fn sddl_bytes(data: &[u8]) {
    let Ok(descriptor) = SecurityDescriptor::from_bytes(data) else {
        return;
    };
    assert_eq!(descriptor.to_bytes().as_deref(), Ok(data));
    assert_eq!(descriptor.size(), data.len());
    let context = SddlContext::new();
    if let Ok(text) = descriptor.to_sddl(&context) {
        // Text has rules for which ACE stands where; bytes have none.
        if let Ok(read) = SecurityDescriptor::from_sddl(&text, &context) {
            let again = read.to_sddl(&context).unwrap();
            let has_object_ace = ["(OA;", "(OD;", "(OU;", "(OL;"].iter().any(|o| text.contains(o));
            assert!(again == text || has_object_ace, "{text}\n{again}");
        }
    }
    if let Some(dacl) = descriptor.dacl() {
        let mut sorted = dacl.clone();
        sorted.sort_canonical();
        assert!(sorted.is_canonical());
        assert!(dacl.sysvol_difference(&dacl.sysvol_dacl()).is_empty());
        let _ = GpoPermission::of_acl(dacl);
    }
    let token = Token::new(descriptor.owner().copied());
    let _ = AccessCheck::new(&token, ObjectType::DirectoryService).maximum(&descriptor);
}
