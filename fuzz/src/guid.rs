//! GUIDs in braces.

use gpo_core::Guid;

/// A GUID that is taken is written with the case it had; its bytes are the same GUID.
pub fn guid(data: &[u8]) {
    if let Ok(bytes) = <[u8; 16]>::try_from(data) {
        let guid = Guid::from_bytes(bytes);
        assert_eq!(guid.to_bytes(), bytes);
        assert_eq!(guid.to_string().parse(), Ok(guid));
        assert_eq!(guid.to_lower().to_string().parse(), Ok(guid));
    }
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    if let Ok(guid) = text.parse::<Guid>() {
        assert_eq!(guid.to_string(), text);
        assert_eq!(Guid::from_bytes(guid.to_bytes()), guid);
    }
}
