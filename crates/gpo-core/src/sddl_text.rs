//! SDDL that stands in settings.

use sddl_parser::{Error, SddlContext, SecurityDescriptor, Sid};

/// Checks that Windows takes a text as a security descriptor.
///
/// Aliases of accounts of a domain, such as `DA`, are taken: which domain they are of, the computer
/// that applies the settings says.
pub(crate) fn check_sddl(text: &str) -> Result<(), Error> {
    let any: Sid = "S-1-5-21-0-0-0".parse()?;
    let context = SddlContext::new().with_domain(any).with_forest(any);
    SecurityDescriptor::from_sddl(text, &context).map(drop)
}
