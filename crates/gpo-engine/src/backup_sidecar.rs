//! The side-car in the folder of a backup.

use gpo_core::{Contents, GpoPath, Sidecar, SourceError, SourceErrorKind};
use sddl_parser::{SecurityDescriptor, SecurityDescriptorRef};

/// The tool that writes side-cars.
const TOOL: &str = concat!("gpo ", env!("CARGO_PKG_VERSION"));

/// Reads the `gpo-sidecar.json` of a backup, the folder with its Backup.xml; `None` where there is
/// none, as in GPMC's own backups.
///
/// # Errors
///
/// [`SourceErrorKind::Invalid`] where it is no side-car, or larger than [`Sidecar::LARGEST`]; any
/// failure to read it.
pub fn read_sidecar(backup: &dyn Contents) -> Result<Option<Sidecar>, SourceError> {
    let invalid = |e| SourceError::invalid(Sidecar::NAME, e);
    let path = GpoPath::from_name(Sidecar::NAME).map_err(invalid)?;
    match backup.read_all(&path, Sidecar::LARGEST) {
        Ok(bytes) => Sidecar::parse(&bytes).map(Some).map_err(invalid),
        Err(error) if error.kind() == SourceErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

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
