//! The container of a GPO that is made.

use gpo_core::{Directory, Domain, GpoContainer, GpoId, PrincipalQuery, SourceError};
use sddl_parser::SecurityDescriptor;

/// The container of a GPO without settings, as GPMC makes it.
pub(crate) fn new_container(
    directory: &dyn Directory,
    domain: &Domain,
    id: GpoId,
    display_name: &str,
) -> Result<GpoContainer, SourceError> {
    Ok(GpoContainer {
        file_sys_path: file_sys_path(&domain.dns_name, id),
        security_descriptor: new_descriptor(directory, domain)?,
        ..GpoContainer::new(id, display_name)
    })
}

/// Where a GPO's folder is, as clients reach it.
pub(crate) fn file_sys_path(domain: &str, id: GpoId) -> String {
    format!("\\\\{domain}\\SysVol\\{domain}\\Policies\\{id}")
}

/// The descriptor that GPMC gives to a new GPO; none where the SID of the Enterprise Admins is not
/// known, as in a domain below the root of its forest: then the directory gives its own.
fn new_descriptor(
    directory: &dyn Directory,
    domain: &Domain,
) -> Result<Option<Vec<u8>>, SourceError> {
    let Some(sid) = domain.sid else {
        return Ok(None);
    };
    let Some(enterprise_admins) = sid.with_rid(519) else {
        return Ok(None);
    };
    let known = directory.principals(&[PrincipalQuery::Sid(enterprise_admins)])?;
    if !known.iter().any(Option::is_some) {
        return Ok(None);
    }
    let descriptor = SecurityDescriptor::new_gpo(&sid, &sid);
    let invalid = |error: sddl_parser::Error| {
        let kind = gpo_core::SourceErrorKind::Invalid;
        SourceError::new(kind, domain.dns_name.as_str(), error.to_string())
    };
    descriptor.to_bytes().map(Some).map_err(invalid)
}
