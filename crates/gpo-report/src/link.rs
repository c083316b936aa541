//! Where a GPO is linked.

use gpo_core::GpoLink;

use crate::canonical_name::CanonicalName;
use crate::record::record;

record! {
    /// A link of the GPO to its domain or an organizational unit (a scope of management, SOM).
    pub struct ReportLink in Settings {
        /// The name of the domain or organizational unit: of `example.test` it is `example`.
        "SOMName" name: String,
        /// Its canonical name, `example.test/Offices/Berlin`.
        "SOMPath" path: String,
        /// Whether the link is applied.
        "Enabled" enabled: bool,
        /// Whether it cannot be overridden; GPMC calls it enforced.
        "NoOverride" no_override: bool,
    }
}

impl ReportLink {
    /// The link as a report shows it. None for a site, and for anything outside the GPO's `domain`:
    /// a report lists the links of its domain only.
    ///
    /// ```
    /// use gpo_core::GpoLink;
    /// use gpo_report::ReportLink;
    ///
    /// let mut link = GpoLink {
    ///     target: "OU=Berlin,OU=Offices,DC=example,DC=test".into(),
    ///     index: 0,
    ///     disabled: false,
    ///     enforced: true,
    /// };
    /// let shown = ReportLink::of_link(&link, "example.test").unwrap();
    /// assert_eq!((&*shown.name, &*shown.path), ("Berlin", "example.test/Offices/Berlin"));
    ///
    /// link.target = "CN=Berlin,CN=Sites,CN=Configuration,DC=example,DC=test".into();
    /// assert_eq!(ReportLink::of_link(&link, "example.test"), None);
    /// ```
    pub fn of_link(link: &GpoLink, domain: &str) -> Option<Self> {
        let target = CanonicalName::of_dn(&link.target)?;
        if target.is_site || !target.domain.eq_ignore_ascii_case(domain) {
            return None;
        }
        Some(Self {
            path: target.to_string(),
            name: target.name,
            enabled: !link.disabled,
            no_override: link.enforced,
        })
    }
}
