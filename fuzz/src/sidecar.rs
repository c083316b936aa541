//! gpo-sidecar.json.

use gpo_core::Sidecar;

/// What is read is written, and read as the same.
pub fn sidecar(data: &[u8]) {
    if let Ok(sidecar) = Sidecar::parse(data) {
        let written = sidecar.to_bytes().expect("it was read");
        assert_eq!(Sidecar::parse(&written), Ok(sidecar));
    }
}
