//! The optional features.

#![allow(clippy::unwrap_used)]

#[cfg(feature = "serde")]
#[test]
fn values_are_serialized_without_loss() {
    use sddl_parser::{AccessMask, Guid, SddlContext, SecurityDescriptor, Sid};

    let sid: Sid = "S-1-5-32-544".parse().unwrap();
    let guid: Guid = "edacfd8f-ffb3-11d1-b41d-00a0c968f939".parse().unwrap();
    let mask = AccessMask::FILE_ALL;
    let json = serde_json::to_string(&(sid, guid, mask)).unwrap();
    assert_eq!(
        json,
        r#"["S-1-5-32-544","edacfd8f-ffb3-11d1-b41d-00a0c968f939",2032127]"#
    );
    assert_eq!(
        serde_json::from_str::<(Sid, Guid, AccessMask)>(&json).unwrap(),
        (sid, guid, mask)
    );

    let descriptor = SecurityDescriptor::from_sddl("O:SY", &SddlContext::new()).unwrap();
    let json = serde_json::to_string(&descriptor).unwrap();
    assert_eq!(
        json,
        r#""0100008014000000000000000000000000000000010100000000000512000000""#
    );
    assert_eq!(
        serde_json::from_str::<SecurityDescriptor>(&json).unwrap(),
        descriptor
    );
    for broken in [r#""01""#, r#""0""#, r#""zz""#] {
        assert!(serde_json::from_str::<SecurityDescriptor>(broken).is_err());
    }
}

#[cfg(feature = "uuid")]
#[test]
fn guids_are_uuids() {
    let text = "edacfd8f-ffb3-11d1-b41d-00a0c968f939";
    let guid: sddl_parser::Guid = text.parse().unwrap();
    let uuid = uuid::Uuid::from(guid);
    assert_eq!(uuid, uuid::Uuid::parse_str(text).unwrap());
    assert_eq!(sddl_parser::Guid::from(uuid), guid);
}
