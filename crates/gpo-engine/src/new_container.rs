//! The container of a GPO that is made.

use gpo_core::{
    Directory, Domain, GpoContainer, GpoId, PrincipalQuery, Quoted, SourceError, SourceErrorKind,
};
use sddl_parser::SecurityDescriptor;

/// The container of a GPO without settings, as GPMC makes it.
pub(crate) fn new_container(
    directory: &dyn Directory,
    domain: &Domain,
    id: GpoId,
    display_name: &str,
) -> Result<GpoContainer, SourceError> {
    check_new_name(display_name)?;
    Ok(GpoContainer {
        file_sys_path: file_sys_path(&domain.dns_name, id),
        security_descriptor: new_descriptor(directory, domain)?,
        ..GpoContainer::new(id, display_name)
    })
}

/// What the schema allows a displayName, in units of UTF-16 (its rangeUpper).
const LONGEST_NAME: usize = 256;

/// Refuses a name that no directory takes, or that nobody should give a GPO: people would not find
/// it, and no backup can hold most control characters.
pub(crate) fn check_new_name(name: &str) -> Result<(), SourceError> {
    let message = if name.trim().is_empty() {
        "a GPO needs a name".to_owned()
    } else if let Some(c) = name.chars().find(|c| c.is_control()) {
        let c = u32::from(c);
        format!("a GPO cannot be given a name with the control character U+{c:04X}")
    } else if name.encode_utf16().count() > LONGEST_NAME {
        format!("the name of a GPO has at most {LONGEST_NAME} characters")
    } else {
        return Ok(());
    };
    let name = Quoted::new(name).to_string();
    Err(SourceError::new(SourceErrorKind::Invalid, name, message))
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
        let kind = SourceErrorKind::Invalid;
        SourceError::new(kind, domain.dns_name.as_str(), error.to_string())
    };
    descriptor.to_bytes().map(Some).map_err(invalid)
}
