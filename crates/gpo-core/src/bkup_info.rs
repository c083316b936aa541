//! bkupInfo.xml: which GPO a backup is of, when it was made, and what it is called.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::backup_time::BackupTime;
use crate::error::Result;
use crate::foreign::Foreign;
use crate::guid::{BackupId, DomainId, GpoId};
use crate::xml_form::XmlForm;
#[cfg(feature = "xml")]
use crate::xml_reader::Vocabulary;
use crate::xml_writer::{XmlWriter, check_writable};

/// The namespace of bkupInfo.xml and manifest.xml.
pub(crate) const NAMESPACE: &str = "http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest";

#[cfg(feature = "xml")]
pub(crate) const VOCABULARY: Vocabulary = Vocabulary {
    namespace: NAMESPACE,
    prefix: "mfst",
};

/// What bkupInfo.xml, and its entry in manifest.xml, say about a backup (census: the eight fields
/// in this order in 648 of 648 files).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupInst {
    /// The GPO, spelled as in the directory.
    pub gpo_id: GpoId,
    /// The DNS name of its domain.
    pub gpo_domain: String,
    /// The GUID of its domain, in lower case; none in some backups made by hand.
    pub gpo_domain_id: Option<DomainId>,
    /// The DNS name of the domain controller that was read.
    pub domain_controller: String,
    /// When the backup was made.
    pub time: BackupTime,
    /// The ID of the backup, upper case, the name of its folder.
    pub id: BackupId,
    /// What the person who made the backup wrote about it; at most 2,047 characters in GPMC.
    pub comment: String,
    /// The name of the GPO when it was backed up.
    pub display_name: String,
    /// Whether the backup has a Software Installation block (`mfst:SIPresent="true"`).
    pub software_installation: bool,
    /// What is unusual about it: fields missing or in another order, things unknown.
    pub unusual: Option<Box<UnusualInst>>,
}

/// Where a `BackupInst` differs from GPMC's form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnusualInst {
    /// The fields as they stand, where they are not the eight in GPMC's order.
    pub fields: Option<Vec<InstField>>,
    /// Attributes and nodes that are no part of the format.
    pub foreign: Foreign,
}

/// A field of a `BackupInst`, by its element name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of the elements")]
pub enum InstField {
    GpoGuid,
    GpoDomain,
    GpoDomainGuid,
    GpoDomainController,
    BackupTime,
    Id,
    Comment,
    GpoDisplayName,
}

impl InstField {
    /// All fields in GPMC's order.
    pub const ALL: [Self; 8] = [
        Self::GpoGuid,
        Self::GpoDomain,
        Self::GpoDomainGuid,
        Self::GpoDomainController,
        Self::BackupTime,
        Self::Id,
        Self::Comment,
        Self::GpoDisplayName,
    ];

    /// The name of the element.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GpoGuid => "GPOGuid",
            Self::GpoDomain => "GPODomain",
            Self::GpoDomainGuid => "GPODomainGuid",
            Self::GpoDomainController => "GPODomainController",
            Self::BackupTime => "BackupTime",
            Self::Id => "ID",
            Self::Comment => "Comment",
            Self::GpoDisplayName => "GPODisplayName",
        }
    }
}

/// How the start tag of a `BackupInst` is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum InstTag {
    /// As the root of bkupInfo.xml, and in manifests rebuilt from it: namespaces declared.
    Declared,
    /// As an entry of a manifest.
    Plain,
}

impl BackupInst {
    pub(crate) fn write(&self, xml: &mut XmlWriter, tag: InstTag) -> Result<()> {
        xml.raw("<BackupInst");
        if tag == InstTag::Declared {
            xml.attribute("xmlns", NAMESPACE);
        }
        let usual = UnusualInst::default();
        let unusual = self.unusual.as_deref().unwrap_or(&usual);
        if self.software_installation {
            let mut foreign = unusual.foreign.attributes.iter();
            if tag == InstTag::Declared && !foreign.any(|(name, _)| name == "xmlns:mfst") {
                xml.attribute("xmlns:mfst", NAMESPACE);
            }
            xml.attribute("mfst:SIPresent", "true");
        }
        for (name, value) in &unusual.foreign.attributes {
            xml.attribute(name, value);
        }
        xml.raw(">");
        let fields = unusual.fields.as_deref().unwrap_or(&InstField::ALL);
        let mut nodes = unusual.foreign.nodes.iter().peekable();
        for (n, &field) in fields.iter().enumerate() {
            while let Some(node) = nodes.next_if(|node| node.before <= n) {
                xml.raw(&node.xml);
            }
            let value = self.field(field);
            check_writable(field.name(), &value)?;
            xml.with_attributes(unusual.foreign.of_leaf(field.name()));
            xml.cdata_element(field.name(), &value);
        }
        nodes.for_each(|node| xml.raw(&node.xml));
        xml.close("BackupInst");
        Ok(())
    }

    /// About how many bytes it takes in a manifest.
    pub(crate) fn size_hint(&self) -> usize {
        /// Tags, IDs and time.
        const FIXED: usize = 460;
        let texts = [
            &self.gpo_domain,
            &self.domain_controller,
            &self.comment,
            &self.display_name,
        ];
        FIXED + texts.iter().map(|text| text.len()).sum::<usize>()
    }

    fn field(&self, field: InstField) -> alloc::borrow::Cow<'_, str> {
        match field {
            InstField::GpoGuid => self.gpo_id.to_string().into(),
            InstField::GpoDomain => self.gpo_domain.as_str().into(),
            InstField::GpoDomainGuid => self
                .gpo_domain_id
                .map(|id| id.to_string())
                .unwrap_or_default()
                .into(),
            InstField::GpoDomainController => self.domain_controller.as_str().into(),
            InstField::BackupTime => self.time.to_string().into(),
            InstField::Id => self.id.to_string().into(),
            InstField::Comment => self.comment.as_str().into(),
            InstField::GpoDisplayName => self.display_name.as_str().into(),
        }
    }
}

/// A bkupInfo.xml: one `BackupInst` as root, on one line, with a line end behind it.
///
#[cfg_attr(
    feature = "xml",
    doc = r#"
```
use gpo_core::BkupInfo;

let xml = concat!(
    "<BackupInst xmlns=\"http://www.microsoft.com/GroupPolicy/GPOOperations/Manifest\">",
    "<GPOGuid><![CDATA[{31B2F340-016D-11D2-945F-00C04FB984F9}]]></GPOGuid>",
    "<GPODomain><![CDATA[example.test]]></GPODomain>",
    "<GPODomainGuid><![CDATA[{c517a4d0-ce5b-45e2-84c4-da9f7f3c757c}]]></GPODomainGuid>",
    "<GPODomainController><![CDATA[dc1.example.test]]></GPODomainController>",
    "<BackupTime><![CDATA[2026-04-22T18:36:39]]></BackupTime>",
    "<ID><![CDATA[{602F142B-D8BE-4807-9D7F-8F6AF943FE72}]]></ID>",
    "<Comment><![CDATA[]]></Comment>",
    "<GPODisplayName><![CDATA[Default Domain Policy]]></GPODisplayName></BackupInst>\r\n",
);
let info = BkupInfo::parse(xml.as_bytes())?;
assert_eq!(info.inst.display_name, "Default Domain Policy");
assert_eq!(info.to_bytes()?, xml.as_bytes());
# Ok::<(), gpo_core::Error>(())
```
"#
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BkupInfo {
    /// What the file says.
    pub inst: BackupInst,
    /// What stands around the root element.
    pub form: XmlForm,
}

impl BkupInfo {
    /// A file in GPMC's form.
    pub fn new(inst: BackupInst) -> Self {
        Self {
            inst,
            form: XmlForm::new("", "\r\n"),
        }
    }

    /// The bytes of the file.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`](crate::ErrorKind::Unwritable) where a value has a character that
    /// XML cannot hold.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut xml = XmlWriter::default();
        self.inst.write(&mut xml, InstTag::Declared)?;
        self.form.enclose(xml.finish())
    }
}

#[cfg(feature = "xml")]
pub(crate) mod read {
    use alloc::format;

    use super::{
        BackupInst, BkupInfo, Box, DomainId, Foreign, InstField, NAMESPACE, Result, String,
        UnusualInst, VOCABULARY, Vec, XmlForm,
    };
    use crate::error::{Error, ErrorKind};
    use crate::foreign::ForeignNode;
    use crate::guid::Guid;
    use crate::text::Text;
    use crate::xml_reader::{Content, Tag, XmlReader, is_space};

    impl BkupInfo {
        /// Reads the bytes of a file.
        ///
        /// # Errors
        ///
        /// What is wrong, with line, column and byte: text that is no well-formed XML, another
        /// root element, a field that is missing (the two IDs and the time must be there) or is
        /// not of its type.
        pub fn parse(bytes: &[u8]) -> Result<Self> {
            let text = Text::decode_xml(bytes)?;
            let mut reader = XmlReader::new(&text, &VOCABULARY)?;
            let (prolog, root) = reader.root()?;
            reader.expect_root(&root, "BackupInst")?;
            let (inst, _) = read_inst(&mut reader, &root)?;
            Ok(Self {
                inst,
                form: XmlForm::of(&text, prolog, reader.finish()?),
            })
        }
    }

    /// Reads a `BackupInst` whose start tag was read; says whether it declares the namespace.
    pub(crate) fn read_inst<'a>(
        reader: &mut XmlReader<'a>,
        tag: &Tag<'a>,
    ) -> Result<(BackupInst, bool)> {
        let mut unusual = UnusualInst::default();
        let mut software_installation = false;
        for attribute in reader.attributes() {
            let (known, attribute) = attribute?;
            if known == Some("SIPresent") && attribute.value == "true" {
                software_installation = true;
            } else {
                unusual.foreign.attributes.push(attribute.to_pair());
            }
        }
        let own = reader.declares(None);
        if reader.declares(Some("mfst")) && !software_installation {
            let declaration = ("xmlns:mfst".into(), NAMESPACE.into());
            unusual.foreign.attributes.insert(0, declaration);
        }
        let (fields, values) = read_fields(reader, &mut unusual.foreign)?;
        let missing = |field: InstField| {
            let message = format!("the element {} is missing", field.name());
            reader.error_in(tag, ErrorKind::Missing, message)
        };
        let get = |field: InstField| values.iter().find(|v| v.0 == field);
        let text = |field| get(field).map_or("", |v| v.2.as_str());
        let guid = |field: InstField| -> Result<Option<Guid>> {
            match get(field) {
                Some((_, _, text)) if text.is_empty() => Ok(None),
                Some((_, offset, text)) => text
                    .parse()
                    .map(Some)
                    .map_err(|e| reader.locate(*offset, e)),
                None => Ok(None),
            }
        };
        let id = |field| guid(field)?.ok_or_else(|| missing(field));
        let time = get(InstField::BackupTime).ok_or_else(|| missing(InstField::BackupTime))?;
        let inst = BackupInst {
            gpo_id: id(InstField::GpoGuid)?.into(),
            gpo_domain: text(InstField::GpoDomain).into(),
            gpo_domain_id: guid(InstField::GpoDomainGuid)?.map(DomainId::new),
            domain_controller: text(InstField::GpoDomainController).into(),
            time: time
                .2
                .parse()
                .map_err(|e: Error| reader.locate(time.1, e))?,
            id: id(InstField::Id)?.into(),
            comment: text(InstField::Comment).into(),
            display_name: text(InstField::GpoDisplayName).into(),
            software_installation,
            unusual: None,
        };
        if fields != InstField::ALL {
            unusual.fields = Some(fields);
        }
        let unusual = (unusual != UnusualInst::default()).then(|| Box::new(unusual));
        Ok((BackupInst { unusual, ..inst }, own))
    }

    type Values = Vec<(InstField, usize, String)>;

    fn read_fields(
        reader: &mut XmlReader<'_>,
        foreign: &mut Foreign,
    ) -> Result<(Vec<InstField>, Values)> {
        let (mut fields, mut values) = (Vec::new(), Vec::new());
        loop {
            let before = fields.len();
            let keep = |xml: &str| ForeignNode {
                before,
                xml: xml.into(),
            };
            match reader.next()? {
                Content::End => return Ok((fields, values)),
                Content::Text(text) if is_space(&text) => {}
                Content::Text(_) => {
                    return Err(reader.error(ErrorKind::Syntax, "expected an element, found text"));
                }
                Content::Other(xml) => foreign.nodes.push(keep(xml)),
                Content::Element(tag) => {
                    let name = tag.local_name();
                    let field = InstField::ALL.into_iter().find(|f| f.name() == name);
                    let Some(field) = field.filter(|_| reader.is_own(&tag)) else {
                        let xml = reader.skip(&tag)?;
                        foreign.nodes.push(keep(xml));
                        continue;
                    };
                    if fields.contains(&field) {
                        let message = format!("the element {} stands twice", field.name());
                        return Err(reader.error(ErrorKind::Syntax, message));
                    }
                    let offset = reader.offset();
                    fields.push(field);
                    let leaf = (field.name(), 0);
                    let value = reader.leaf(leaf, &mut foreign.leaves)?;
                    values.push((field, offset, value));
                }
            }
        }
    }
}

#[cfg(all(test, feature = "xml"))]
mod tests {
    use alloc::format;

    use super::*;
    use crate::manifest::Manifest;

    fn xml(attributes: &str, id: u32) -> String {
        let guid = |n| format!("{{00000000-0000-0000-0000-{n:012}}}");
        let fields = InstField::ALL.map(|field| {
            let value = match field {
                InstField::BackupTime => "2026-04-22T18:36:39".into(),
                InstField::Id => guid(id),
                InstField::GpoGuid | InstField::GpoDomainGuid => guid(7),
                _ => "x".into(),
            };
            let name = field.name();
            format!("<{name}><![CDATA[{value}]]></{name}>")
        });
        let fields = fields.concat();
        format!(r#"<BackupInst xmlns="{NAMESPACE}"{attributes}>{fields}</BackupInst>"#)
    }

    /// Only the value that GPMC writes says that software is in the backup; another, and another
    /// attribute, are kept.
    #[test]
    fn software_installation_is_one_attribute_with_one_value() {
        let declared = format!(r#" xmlns:mfst="{NAMESPACE}""#);
        for (attributes, expected) in [
            (String::new(), false),
            (format!(r#"{declared} mfst:SIPresent="true""#), true),
            (format!(r#"{declared} mfst:SIPresent="false""#), false),
            (format!(r#"{declared} mfst:Other="true""#), false),
            (r#" SIPresent="true""#.into(), false),
        ] {
            let text = xml(&attributes, 1);
            let info = BkupInfo::parse(text.as_bytes()).unwrap();
            assert_eq!(info.inst.software_installation, expected, "{attributes}");
            let bytes = info.to_bytes().unwrap();
            assert_eq!(String::from_utf8(bytes).unwrap(), text);
        }
    }

    #[test]
    fn a_manifest_finds_the_entry_of_a_backup() {
        let mut manifest = Manifest::default();
        let inst = |id| BkupInfo::parse(xml("", id).as_bytes()).unwrap().inst;
        for id in 1..4 {
            manifest.insert(inst(id));
        }
        for id in 1..4 {
            let found = manifest.entry(inst(id).id).unwrap();
            assert_eq!(found.inst, inst(id));
        }
        assert!(manifest.remove(inst(2).id) && !manifest.remove(inst(2).id));
        assert_eq!(manifest.entry(inst(2).id), None);
    }
}
