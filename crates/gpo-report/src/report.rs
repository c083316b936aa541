//! The report and its bytes.

use gpo_core::{GpoId, HalfVersion};
use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::link::ReportLink;
use crate::security::ReportSecurity;
use crate::xml_writer::XmlWriter;

/// What a report says about a GPO. The fields stand in the order of the file.
///
/// A value is made from a GPO by [`of_gpo`](Self::of_gpo), or field by field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The ID of the GPO.
    pub id: GpoId,
    /// The DNS name of its domain.
    pub domain: String,
    /// Its name.
    pub name: String,
    /// Whether comments on settings are shown; Windows has never written `false` (census: 644
    /// reports).
    pub include_comments: bool,
    /// When the GPO was made. The file has no time zone.
    pub created: Option<DateTime>,
    /// When it was changed last, likewise.
    pub modified: Option<DateTime>,
    /// When the report was made: UTC, in steps of 100 ns (census: 4 to 7 digits).
    pub read: Timestamp,
    /// Who may do what with it; none where its security descriptor is not known.
    pub security: Option<ReportSecurity>,
    /// Whether the WMI filter could be read, if there is one.
    pub filter_data_available: bool,
    /// The WMI filter that it is linked to.
    pub filter: Option<ReportFilter>,
    /// The computer half.
    pub computer: ReportHalf,
    /// The user half.
    pub user: ReportHalf,
    /// Where it is linked, in the order of the directory.
    pub links: Vec<ReportLink>,
}

/// The WMI filter of a GPO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportFilter {
    /// Its name.
    pub name: String,
    /// Its description; left out of the file where it is empty.
    pub description: String,
}

/// One half of a GPO.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportHalf {
    /// Its version in the directory and in SYSVOL.
    pub version: HalfVersion,
    /// Whether it is switched on.
    pub enabled: bool,
}

/// The root's name with its namespaces.
const ROOT: &str = "GPO xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
    xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
    xmlns=\"http://www.microsoft.com/GroupPolicy/Settings\"";

impl Report {
    /// The file as Windows writes it: UTF-16LE with BOM, CRLF, nothing behind the root.
    ///
    /// Characters that XML cannot hold, U+0001 for one, are written as U+FFFD: a report says what
    /// there is and is never a reason to fail.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut xml = XmlWriter::new();
        xml.element(ROOT, |xml| {
            self.write_identity(xml);
            if let Some(security) = &self.security {
                security.write(xml);
            }
            xml.boolean("FilterDataAvailable", self.filter_data_available);
            if let Some(filter) = &self.filter {
                filter.write(xml);
            }
            self.computer.write(xml, "Computer");
            self.user.write(xml, "User");
            for link in &self.links {
                link.write(xml);
            }
        });
        xml.into_bytes()
    }

    fn write_identity(&self, xml: &mut XmlWriter) {
        xml.element("Identifier", |xml| {
            xml.leaf(types!("Identifier"), &self.id.to_string());
            xml.leaf(types!("Domain"), &self.domain);
        });
        xml.leaf("Name", &self.name);
        xml.boolean("IncludeComments", self.include_comments);
        for (name, time) in [
            ("CreatedTime", self.created),
            ("ModifiedTime", self.modified),
        ] {
            if let Some(time) = time {
                xml.leaf(name, &time.to_string());
            }
        }
        xml.leaf("ReadTime", &self.read.to_string());
    }
}

impl ReportFilter {
    fn write(&self, xml: &mut XmlWriter) {
        xml.leaf("FilterName", &self.name);
        if !self.description.is_empty() {
            xml.leaf("FilterDescription", &self.description);
        }
    }
}

impl ReportHalf {
    fn write(self, xml: &mut XmlWriter, name: &str) {
        xml.element(name, |xml| {
            xml.leaf("VersionDirectory", &self.version.directory.to_string());
            xml.leaf("VersionSysvol", &self.version.sysvol.to_string());
            xml.boolean("Enabled", self.enabled);
        });
    }
}

/// An element of the namespace that most leaves below the general part have.
macro_rules! types {
    ($name:literal) => {
        concat!(
            $name,
            " xmlns=\"http://www.microsoft.com/GroupPolicy/Types\""
        )
    };
}
pub(crate) use types;
