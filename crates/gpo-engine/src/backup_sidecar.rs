//! The side-car of a new backup.

use gpo_core::Sidecar;
use sddl_parser::{SecurityDescriptor, SecurityDescriptorRef};

/// The tool that writes side-cars.
const TOOL: &str = concat!("gpo ", env!("CARGO_PKG_VERSION"));

/// A side-car with what the descriptor of a container has beside its DACL.
pub(crate) fn with_descriptor(descriptor: Option<&[u8]>) -> Sidecar {
    let mut sidecar = Sidecar::new(TOOL);
    // One that cannot be read is in Backup.xml as it is.
    let Some(Ok(descriptor)) = descriptor.map(SecurityDescriptorRef::from_bytes) else {
        return sidecar;
    };
    let mut descriptor: SecurityDescriptor = descriptor.to_descriptor();
    sidecar.owner = descriptor.owner().copied();
    sidecar.group = descriptor.group().copied();
    if descriptor.sacl().is_some() {
        descriptor.set_owner(None);
        descriptor.set_group(None);
        descriptor.set_dacl(None);
        descriptor.use_windows_layout();
        sidecar.sacl = descriptor.to_bytes().ok();
    }
    sidecar
}
