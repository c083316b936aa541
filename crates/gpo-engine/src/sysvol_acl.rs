//! The descriptor of a GPO's folder in SYSVOL, which follows from that of its container.

use gpo_core::{SourceError, SourceErrorKind};
use sddl_parser::{Control, SecurityDescriptor};

/// The descriptor that a GPO's folder is to have, its owner and group kept; none where its DACL
/// agrees with that of the container.
///
/// A container without a DACL, or with one that cannot be read, says nothing about its folder.
pub(crate) fn sysvol_descriptor(
    container: &[u8],
    folder: &[u8],
) -> Result<Option<Vec<u8>>, SourceError> {
    let invalid = |error: sddl_parser::Error| {
        let kind = SourceErrorKind::Invalid;
        SourceError::new(kind, "nTSecurityDescriptor", error.to_string())
    };
    let container = SecurityDescriptor::from_bytes(container).map_err(invalid)?;
    let Some(dacl) = container.dacl() else {
        return Ok(None);
    };
    let mut folder = SecurityDescriptor::from_bytes(folder).map_err(invalid)?;
    if folder
        .dacl()
        .is_some_and(|own| dacl.sysvol_difference(own).is_empty())
    {
        return Ok(None);
    }
    folder.set_dacl(Some(dacl.sysvol_dacl()));
    // Nothing comes from the folder above, which is for all GPOs.
    let control = folder.control() | Control::DACL_PROTECTED | Control::DACL_AUTO_INHERITED;
    folder.set_control(control);
    folder.use_windows_layout();
    folder.to_bytes().map(Some).map_err(invalid)
}
