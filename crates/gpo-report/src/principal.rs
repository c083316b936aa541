//! Principals in a report.

use sddl_parser::Sid;

use crate::record::record;

record! {
    /// A principal in a report.
    pub struct ReportTrustee in Types {
        /// Its SID as it stands; none for a name that nobody could resolve.
        "SID" sid: Option<String>,
        /// Its name, with its domain or authority in front; none where nobody knows it.
        "Name" name: Option<String>,
    }
}

impl ReportTrustee {
    /// The principal of a SID.
    pub fn new(sid: &Sid, name: Option<String>) -> Self {
        Self {
            sid: Some(sid.to_string()),
            name,
        }
    }

    /// Its SID; none where there is no text that is one.
    ///
    /// ```
    /// let everyone = gpo_report::ReportTrustee { sid: Some("s-1-1-0".into()), name: None };
    /// assert_eq!(everyone.parse_sid().unwrap().to_string(), "S-1-1-0");
    /// ```
    pub fn parse_sid(&self) -> Option<Sid> {
        self.sid.as_ref()?.parse().ok()
    }
}
