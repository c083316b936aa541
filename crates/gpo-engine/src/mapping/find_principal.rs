//! Whom a person means.

use gpo_core::{Directory, Quoted, SourceError, SourceErrorKind};
use sddl_parser::Sid;

use super::principal_lookup::PrincipalLookup;

/// The SID of a principal, which is written as a SID, as `DOMAIN\name`, as `name@dns.domain`, as a
/// name of the directory's own domain, or as Windows' name of a well-known one.
///
/// ```
/// use gpo_engine::find_principal;
/// use gpo_testkit::MemoryDomain;
///
/// let domain = MemoryDomain::example();
/// let known = find_principal(&domain, "Authenticated Users")?;
/// assert_eq!(known.to_string(), "S-1-5-11");
/// assert!(find_principal(&domain, "Nobody").is_err());
/// # Ok::<(), gpo_core::SourceError>(())
/// ```
///
/// # Errors
///
/// [`SourceErrorKind::NotFound`] where nobody has this name; any failure to read. A SID need not be
/// anybody's.
pub fn find_principal(directory: &dyn Directory, text: &str) -> Result<Sid, SourceError> {
    if let Ok(sid) = text.parse() {
        return Ok(sid);
    }
    let mut lookup = PrincipalLookup::new(directory);
    // The first time only the question is noted.
    lookup.name(text);
    lookup.fetch()?;
    let found = lookup.name(text).map(|principal| principal.sid);
    found
        .or_else(|| Sid::from_well_known_name(text))
        .ok_or_else(|| {
            let message = "the domain knows nobody of this name";
            let name = Quoted::bare(text).to_string();
            SourceError::new(SourceErrorKind::NotFound, name, message)
        })
}
