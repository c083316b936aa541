//! The report, and how it is read and written.

use gpo_core::{Error, ErrorKind, GpoId, Guid, HalfVersion, XmlDocument, XmlElement};
use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::element::{INSTANCE, Namespace, ReportElement, SETTINGS, Scope};
use crate::extension::{ExtensionContent, ReportExtension};
use crate::link::ReportLink;
use crate::record::{Element, Field, Fields, Misfit};
use crate::security::ReportSecurity;
use crate::xml_writer::{Tag, XmlWriter};

/// What a report says about a GPO. The fields stand in the order of the file.
///
/// A value is read from a gpreport.xml by [`parse`](Self::parse), made from a GPO by
/// [`of_gpo`](Self::of_gpo), or field by field.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Report {
    /// The ID of the GPO.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::text"))]
    pub id: GpoId,
    /// The DNS name of its domain.
    pub domain: String,
    /// Its name.
    pub name: String,
    /// Whether comments on settings are shown; Windows has never written `false` (census: 644
    /// reports).
    pub include_comments: bool,
    /// When the GPO was made. The file has no time zone.
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "crate::serialize::optional_text")
    )]
    pub created: Option<DateTime>,
    /// When it was changed last, likewise.
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "crate::serialize::optional_text")
    )]
    pub modified: Option<DateTime>,
    /// When the report was made: UTC, in steps of 100 ns (census: 4 to 7 digits).
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::text"))]
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
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ReportFilter {
    /// Its name.
    pub name: String,
    /// Its description; left out of the file where it is empty.
    pub description: String,
}

/// One half of a GPO.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ReportHalf {
    /// Its version in the directory and in SYSVOL.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::version"))]
    pub version: HalfVersion,
    /// Whether it is switched on.
    pub enabled: bool,
    /// What the extensions say, in the order of the file.
    pub extensions: Vec<ReportExtension>,
}

/// The root's attributes.
const DECLARATIONS: [(&str, &str); 3] = [
    ("xmlns:xsd", "http://www.w3.org/2001/XMLSchema"),
    ("xmlns:xsi", INSTANCE),
    ("xmlns", SETTINGS),
];

impl From<Misfit> for Error {
    fn from(misfit: Misfit) -> Self {
        unexpected(misfit.0)
    }
}

/// The error that something is not what a report has there.
pub(crate) fn unexpected(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Syntax, message)
}

impl Report {
    /// Reads a gpreport.xml, in whatever encoding.
    ///
    /// What is read is written again with the same content, and to the same bytes where Windows wrote
    /// them (census: 326 reports). Comments are lost.
    ///
    /// # Errors
    ///
    /// As [`XmlDocument::parse`]; [`ErrorKind::Syntax`] where the general part is not that of a
    /// report. The settings of extensions can be anything.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let document = XmlDocument::parse(bytes)?;
        let mut halves = Vec::with_capacity(2);
        let mut general = Vec::new();
        let mut scope = Scope::default();
        scope.within(&document.root, |scope| {
            if document.root.local_name() != "GPO" || scope.uri_of(document.root.name()) != SETTINGS
            {
                let message = format!(
                    "expected the root element GPO of {SETTINGS}, found {}",
                    document.root.name()
                );
                return Err(unexpected(message));
            }
            for element in document.root.elements() {
                if matches!(element.local_name(), "Computer" | "User") {
                    halves.push(ReportHalf::read(element, scope)?);
                    let place = ReportElement::leaf(Namespace::Settings, element.local_name(), "");
                    general.push(place);
                } else {
                    general.push(ReportElement::read(element, scope, None));
                }
            }
            Ok(())
        })?;
        Ok(Self::of_elements(&general, halves)?)
    }

    /// The report of these elements, of which Computer and User stand in `halves`.
    fn of_elements(general: &[ReportElement], halves: Vec<ReportHalf>) -> Result<Self, Misfit> {
        let mut fields = Fields::new("GPO", general);
        let identity: ReportElement = field(&mut fields, "Identifier")?;
        let mut identity_fields = Fields::of(&identity)?;
        let id = Field::read(&mut identity_fields, &Namespace::Types, "Identifier")?;
        let domain = Field::read(&mut identity_fields, &Namespace::Types, "Domain")?;
        identity_fields.finish()?;
        let fields = &mut fields;
        let mut report = Self {
            id,
            domain,
            name: field(fields, "Name")?,
            include_comments: field(fields, "IncludeComments")?,
            created: field(fields, "CreatedTime")?,
            modified: field(fields, "ModifiedTime")?,
            read: field(fields, "ReadTime")?,
            security: field(fields, "SecurityDescriptor")?,
            filter_data_available: field(fields, "FilterDataAvailable")?,
            filter: None,
            computer: ReportHalf::default(),
            user: ReportHalf::default(),
            links: Vec::new(),
        };
        if let Some(name) = field(fields, "FilterName")? {
            let description: Option<String> = field(fields, "FilterDescription")?;
            report.filter = Some(ReportFilter {
                name,
                description: description.unwrap_or_default(),
            });
        }
        for name in ["Computer", "User"] {
            let _: ReportElement = field(fields, name)?;
        }
        let mut halves = halves.into_iter();
        report.computer = halves.next().unwrap_or_default();
        report.user = halves.next().unwrap_or_default();
        report.links = field(fields, "LinksTo")?;
        match fields.take_if(|_| true) {
            None => Ok(report),
            Some(element) => Err(Misfit(format!("{} is not expected in GPO", element.name))),
        }
    }

    /// The file as Windows writes it: UTF-16LE with BOM, CRLF, nothing behind the root, the prefixes
    /// `q1`, `q2` … for the extensions.
    ///
    /// Characters that XML cannot hold, U+0001 for one, are written as U+FFFD: a report says what
    /// there is and is never a reason to fail.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut xml = XmlWriter::new();
        let root = Tag {
            prefix: "",
            name: "GPO",
            attributes: &DECLARATIONS,
        };
        xml.element(
            &root,
            "",
            Some(&mut |xml| {
                write_all(xml, &self.identity());
                let mut number = 0;
                self.computer.write(xml, "Computer", &mut number);
                self.user.write(xml, "User", &mut number);
                let mut links = Vec::new();
                put(&mut links, "LinksTo", &self.links);
                write_all(xml, &links);
            }),
        );
        xml.into_bytes()
    }

    /// What stands before the halves.
    fn identity(&self) -> Vec<ReportElement> {
        let identity = vec![
            self.id.to_element(&Namespace::Types, "Identifier"),
            self.domain.to_element(&Namespace::Types, "Domain"),
        ];
        let mut elements = vec![ReportElement::parent(
            Namespace::Settings,
            "Identifier",
            identity,
        )];
        put(&mut elements, "Name", &self.name);
        put(&mut elements, "IncludeComments", &self.include_comments);
        put(&mut elements, "CreatedTime", &self.created);
        put(&mut elements, "ModifiedTime", &self.modified);
        put(&mut elements, "ReadTime", &self.read);
        put(&mut elements, "SecurityDescriptor", &self.security);
        put(
            &mut elements,
            "FilterDataAvailable",
            &self.filter_data_available,
        );
        if let Some(filter) = &self.filter {
            put(&mut elements, "FilterName", &filter.name);
            if !filter.description.is_empty() {
                put(&mut elements, "FilterDescription", &filter.description);
            }
        }
        elements
    }
}

impl Default for ReportHalf {
    /// One without settings that is switched on.
    fn default() -> Self {
        Self {
            version: HalfVersion::default(),
            enabled: true,
            extensions: Vec::new(),
        }
    }
}

impl Report {
    /// The settings that could not be read, of the computer and then of the user: the name of their
    /// extension, and why. One that nobody knows has no settings that anybody could read.
    pub fn unreadable(&self) -> impl Iterator<Item = String> {
        let halves = [&self.computer, &self.user].into_iter();
        halves
            .flat_map(|half| &half.extensions)
            .filter_map(|extension| {
                let ExtensionContent::Error(error) = &extension.content else {
                    return None;
                };
                let why = error.details.as_deref().unwrap_or("cannot be read");
                let is_known = extension.name.parse::<Guid>().is_err();
                is_known.then(|| format!("{}: {why}", extension.name))
            })
    }
}

impl ReportHalf {
    fn read(half: &XmlElement, scope: &mut Scope) -> Result<Self, Error> {
        scope.within(half, |scope| {
            let mut extensions = Vec::new();
            let mut general = Vec::new();
            for element in half.elements() {
                if element.local_name() == "ExtensionData" {
                    extensions.push(ReportExtension::read(element, scope)?);
                } else {
                    general.push(ReportElement::read(element, scope, None));
                }
            }
            let mut fields = Fields::new(half.local_name(), &general);
            let version = HalfVersion {
                directory: field(&mut fields, "VersionDirectory")?,
                sysvol: field(&mut fields, "VersionSysvol")?,
            };
            let enabled = field(&mut fields, "Enabled")?;
            fields.finish()?;
            Ok(Self {
                version,
                enabled,
                extensions,
            })
        })
    }

    fn write(&self, xml: &mut XmlWriter, name: &str, number: &mut usize) {
        let mut general = Vec::new();
        put(&mut general, "VersionDirectory", &self.version.directory);
        put(&mut general, "VersionSysvol", &self.version.sysvol);
        put(&mut general, "Enabled", &self.enabled);
        let tag = Tag {
            prefix: "",
            name,
            attributes: &[],
        };
        xml.element(
            &tag,
            "",
            Some(&mut |xml| {
                write_all(xml, &general);
                for extension in &self.extensions {
                    extension.write(xml, number);
                }
            }),
        );
    }
}

/// Reads a field of the general part.
fn field<T: Field>(fields: &mut Fields<'_>, name: &str) -> Result<T, Misfit> {
    T::read(fields, &Namespace::Settings, name)
}

/// Adds a field of the general part.
fn put(elements: &mut Vec<ReportElement>, name: &str, value: &impl Field) {
    value.write(elements, &Namespace::Settings, name);
}

fn write_all(xml: &mut XmlWriter, elements: &[ReportElement]) {
    for element in elements {
        element.write(xml, "", SETTINGS);
    }
}
