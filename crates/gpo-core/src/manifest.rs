//! manifest.xml: the index of the backups in a folder.

use alloc::string::String;
use alloc::vec::Vec;

use crate::bkup_info::{BackupInst, InstTag, NAMESPACE};
use crate::error::Result;
use crate::foreign::Foreign;
use crate::guid::BackupId;
use crate::xml_form::XmlForm;
use crate::xml_writer::XmlWriter;

/// A manifest.xml.
///
/// It is an index only, and often a wrong one (census: 468 folders are in no manifest, 217 entries
/// have no folder): the folders say what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The entries, newest first: GPMC puts a new one in front (census: 33 of 33).
    pub entries: Vec<ManifestEntry>,
    /// The version, `1.0` in every manifest known.
    pub version: String,
    /// Attributes and nodes that are no part of the format.
    pub foreign: Foreign,
    /// What stands around the root element.
    pub form: XmlForm,
}

/// An entry of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestEntry {
    /// What the backup's bkupInfo.xml says, byte for byte (census: 973 of 975).
    pub inst: BackupInst,
    /// Whether the entry declares the namespaces again, as bkupInfo.xml does (census: in 65 of
    /// 603 manifests).
    pub declares_namespace: bool,
}

impl From<BackupInst> for ManifestEntry {
    /// An entry as GPMC writes it.
    fn from(inst: BackupInst) -> Self {
        Self {
            inst,
            declares_namespace: false,
        }
    }
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            version: "1.0".into(),
            foreign: Foreign::default(),
            form: XmlForm::new("", ""),
        }
    }
}

impl Manifest {
    /// Puts an entry in front, in place of one with the same ID.
    pub fn insert(&mut self, inst: BackupInst) {
        self.remove(inst.id);
        self.entries.insert(0, inst.into());
    }

    /// Takes out the entries of a backup; says whether there were any.
    pub fn remove(&mut self, id: BackupId) -> bool {
        let before = self.entries.len();
        self.entries.retain(|entry| entry.inst.id != id);
        self.entries.len() < before
    }

    /// The entry of a backup.
    pub fn entry(&self, id: BackupId) -> Option<&ManifestEntry> {
        self.entries.iter().find(|entry| entry.inst.id == id)
    }

    /// The bytes of the file.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`](crate::ErrorKind::Unwritable) where a value has a character that
    /// XML cannot hold.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let sizes = self.entries.iter().map(|entry| entry.inst.size_hint());
        let mut xml = XmlWriter::with_capacity("", 256 + sizes.sum::<usize>());
        xml.raw("<Backups");
        xml.attribute("xmlns", NAMESPACE);
        xml.attribute("xmlns:mfst", NAMESPACE);
        xml.attribute("mfst:version", &self.version);
        for (name, value) in &self.foreign.attributes {
            xml.attribute(name, value);
        }
        xml.raw(">");
        let mut nodes = self.foreign.nodes.iter().peekable();
        for (n, entry) in self.entries.iter().enumerate() {
            while let Some(node) = nodes.next_if(|node| node.before <= n) {
                xml.raw(&node.xml);
            }
            let tag = if entry.declares_namespace {
                InstTag::Declared
            } else {
                InstTag::Plain
            };
            entry.inst.write(&mut xml, tag)?;
        }
        nodes.for_each(|node| xml.raw(&node.xml));
        xml.close("Backups");
        self.form.enclose(xml.finish())
    }
}

#[cfg(feature = "xml")]
mod read {
    use super::{Manifest, ManifestEntry, Result, XmlForm};
    use crate::bkup_info::VOCABULARY;
    use crate::bkup_info::read::read_inst;
    use crate::error::ErrorKind;
    use crate::foreign::ForeignNode;
    use crate::text::Text;
    use crate::xml_reader::{Content, XmlReader, is_space};

    impl Manifest {
        /// Reads the bytes of a file.
        ///
        /// # Errors
        ///
        /// What is wrong, with line, column and byte, as in
        /// [`BkupInfo::parse`](crate::BkupInfo::parse).
        pub fn parse(bytes: &[u8]) -> Result<Self> {
            let text = Text::decode_xml(bytes)?;
            let mut reader = XmlReader::new(&text, &VOCABULARY)?;
            let (prolog, root) = reader.root()?;
            reader.expect_root(&root, "Backups")?;
            let mut manifest = Self::default();
            manifest.read_attributes(&reader)?;
            manifest.read_entries(&mut reader)?;
            manifest.form = XmlForm::of(&text, prolog, reader.finish()?);
            Ok(manifest)
        }

        fn read_attributes(&mut self, reader: &XmlReader<'_>) -> Result<()> {
            self.version.clear();
            for attribute in reader.attributes() {
                match attribute? {
                    (Some("version"), version) => self.version = version.value.as_ref().into(),
                    (_, foreign) => self.foreign.attributes.push(foreign.to_pair()),
                }
            }
            Ok(())
        }

        fn read_entries(&mut self, reader: &mut XmlReader<'_>) -> Result<()> {
            loop {
                let before = self.entries.len();
                let keep = |xml: &str| ForeignNode {
                    before,
                    xml: xml.into(),
                };
                match reader.next()? {
                    Content::End => return Ok(()),
                    Content::Text(text) if is_space(&text) => {}
                    Content::Text(_) => {
                        let message = "expected a BackupInst, found text";
                        return Err(reader.error(ErrorKind::Syntax, message));
                    }
                    Content::Other(xml) => self.foreign.nodes.push(keep(xml)),
                    Content::Element(tag) => {
                        if tag.local_name() == "BackupInst" && reader.is_own(&tag) {
                            let (inst, declares_namespace) = read_inst(reader, &tag)?;
                            self.entries.push(ManifestEntry {
                                inst,
                                declares_namespace,
                            });
                        } else {
                            let xml = reader.skip(&tag)?;
                            self.foreign.nodes.push(keep(xml));
                        }
                    }
                }
            }
        }
    }
}
