//! Reading Backup.xml.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::write::SECTIONS;
use super::{
    BackupForm, BackupLayout, BackupSection, BackupXml, CoreField, CoreSettings, ExtensionBlock,
    UnusualBackup, VOCABULARY,
};
use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::extension_list::ExtensionList;
use crate::foreign::{Foreign, ForeignNode};
use crate::gpo::{GpoStatus, HalfVersion};
use crate::hex_text::from_spaced_hex;
use crate::security_group::SecurityGroup;
use crate::text::{LineEnd, Text};
use crate::wmi_filter_link::WmiFilterLink;
use crate::xml_form::XmlForm;
use crate::xml_reader::{Content, Tag, XmlReader, is_space, tag_name};

impl BackupXml {
    /// Reads the bytes of a file.
    ///
    /// Takes every form that is known from practice: with a byte order mark, with LF, of
    /// LGPO.exe, made by hand with empty settings and without groups. What it does not know it
    /// keeps and [reports](Self::foreign).
    ///
    /// # Errors
    ///
    /// What is wrong, with line, column and byte: text that is no well-formed XML, another root
    /// element, no core settings or no GPO ID in them, a value that is not of its type.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let text = Text::decode_xml(bytes)?;
        let mut reader = XmlReader::new(&text, &VOCABULARY)?;
        let (prolog, root) = reader.root()?;
        reader.expect_root(&root, "GroupPolicyBackupScheme")?;
        let mut parser = Parser {
            reader,
            unusual: UnusualBackup::default(),
            layout: None,
        };
        parser.scheme()?;
        let mut backup = parser.object_of_scheme(&root)?;
        let epilog = parser.reader.finish()?;
        backup.form = BackupForm {
            xml: XmlForm::of(&text, prolog, epilog),
            line_end: line_end_after(text.as_str(), prolog.len()),
            layout: parser.layout.unwrap_or(BackupLayout::Gpmc),
        };
        let unusual = parser.unusual;
        backup.unusual = (unusual != UnusualBackup::default()).then(|| Box::new(unusual));
        Ok(backup)
    }
}

/// The first line end from here on: that of the markup, for none in a value comes before it.
fn line_end_after(text: &str, start: usize) -> LineEnd {
    let text = text.get(start..).unwrap_or_default();
    match text.split_once('\n') {
        Some((line, _)) if !line.ends_with('\r') => LineEnd::Lf,
        _ => LineEnd::CrLf,
    }
}

pub(super) struct Parser<'a> {
    pub(super) reader: XmlReader<'a>,
    unusual: UnusualBackup,
    /// Known from the first white space.
    layout: Option<BackupLayout>,
}

/// A known child, or what there is instead.
enum Child<'a> {
    Known(Tag<'a>),
    Foreign(ForeignNode),
}

impl<'a> Parser<'a> {
    fn scheme(&mut self) -> Result<()> {
        let Self {
            reader, unusual, ..
        } = self;
        (unusual.version, unusual.kind) = (String::new(), String::new());
        for attribute in reader.attributes() {
            match attribute? {
                (Some("version"), version) => unusual.version = version.value.as_ref().into(),
                (Some("type"), kind) => unusual.kind = kind.value.as_ref().into(),
                (_, foreign) => unusual.root.attributes.push(foreign.to_pair()),
            }
        }
        Ok(())
    }

    fn object_of_scheme(&mut self, root: &Tag<'a>) -> Result<BackupXml> {
        let mut backup = None;
        while let Some(child) = self.child(usize::from(backup.is_some()))? {
            match child {
                Child::Known(tag) if tag.local_name() == "GroupPolicyObject" => {
                    if backup.is_some() {
                        let message = "a second GroupPolicyObject: a backup holds one GPO";
                        return Err(self.reader.error_in(&tag, ErrorKind::Syntax, message));
                    }
                    backup = Some(self.object(&tag)?);
                }
                Child::Known(tag) => {
                    let node = self.skip(&tag, usize::from(backup.is_some()))?;
                    self.unusual.root.nodes.push(node);
                }
                Child::Foreign(node) => self.unusual.root.nodes.push(node),
            }
        }
        backup.ok_or_else(|| {
            let message = "the element GroupPolicyObject is missing";
            self.reader.error_in(root, ErrorKind::Missing, message)
        })
    }

    fn object(&mut self, tag: &Tag<'a>) -> Result<BackupXml> {
        self.unusual.object.attributes = self.foreign_attributes()?;
        let mut sections = Vec::new();
        let (mut groups, mut paths, mut core, mut extensions) =
            (Vec::new(), Vec::new(), None, Vec::new());
        while let Some(child) = self.child(sections.len())? {
            let child = match child {
                Child::Known(child) => child,
                Child::Foreign(node) => {
                    self.unusual.object.nodes.push(node);
                    continue;
                }
            };
            let section = match child.local_name() {
                "SecurityGroups" => BackupSection::SecurityGroups,
                "FilePaths" => BackupSection::FilePaths,
                "GroupPolicyCoreSettings" => BackupSection::GroupPolicyCoreSettings,
                "GroupPolicyExtension" => BackupSection::GroupPolicyExtension,
                _ => {
                    let node = self.skip(&child, sections.len())?;
                    self.unusual.object.nodes.push(node);
                    continue;
                }
            };
            if section != BackupSection::GroupPolicyExtension && sections.contains(&section) {
                let message = format!("the element {} stands twice", tag_name(&child));
                return Err(self.reader.error_in(&child, ErrorKind::Syntax, message));
            }
            sections.push(section);
            match section {
                BackupSection::SecurityGroups => groups = self.security_groups()?,
                BackupSection::FilePaths => paths = self.file_paths()?,
                BackupSection::GroupPolicyCoreSettings => core = Some(self.core_settings(&child)?),
                BackupSection::GroupPolicyExtension => extensions.push(self.extension(&child)?),
            }
        }
        let core = core.ok_or_else(|| {
            let message = "the element GroupPolicyCoreSettings is missing";
            self.reader.error_in(tag, ErrorKind::Missing, message)
        })?;
        let usual = SECTIONS.into_iter();
        let blocks = core::iter::repeat_n(BackupSection::GroupPolicyExtension, extensions.len());
        if !sections.iter().copied().eq(usual.chain(blocks)) {
            self.unusual.sections = Some(sections);
        }
        Ok(BackupXml {
            security_groups: groups,
            file_paths: paths,
            core,
            extensions,
            form: BackupForm::default(),
            unusual: None,
        })
    }

    fn security_groups(&mut self) -> Result<Vec<SecurityGroup>> {
        let mut foreign = Foreign {
            attributes: self.foreign_attributes()?,
            ..Foreign::default()
        };
        let mut groups = Vec::new();
        while let Some(child) = self.child(groups.len())? {
            match child {
                Child::Known(tag) if tag.local_name() == "Group" => groups.push(self.group()?),
                Child::Known(tag) => foreign.nodes.push(self.skip(&tag, groups.len())?),
                Child::Foreign(node) => foreign.nodes.push(node),
            }
        }
        self.unusual.security_groups = foreign;
        Ok(groups)
    }

    fn file_paths(&mut self) -> Result<Vec<String>> {
        let mut foreign = Foreign {
            attributes: self.foreign_attributes()?,
            ..Foreign::default()
        };
        let mut paths = Vec::new();
        while let Some(child) = self.child(paths.len())? {
            match child {
                Child::Known(tag) if tag.local_name() == "Path" => {
                    let leaf = ("Path", paths.len());
                    paths.push(self.reader.leaf(leaf, &mut foreign.leaves)?);
                }
                Child::Known(tag) => foreign.nodes.push(self.skip(&tag, paths.len())?),
                Child::Foreign(node) => foreign.nodes.push(node),
            }
        }
        self.unusual.file_paths = foreign;
        Ok(paths)
    }

    fn core_settings(&mut self, tag: &Tag<'a>) -> Result<CoreSettings> {
        self.unusual.core.attributes = self.foreign_attributes()?;
        let mut values: Vec<(CoreField, usize, String)> = Vec::new();
        while let Some(child) = self.child(values.len())? {
            match child {
                Child::Known(tag) => {
                    let name = tag.local_name();
                    let Some(field) = CoreField::ALL.into_iter().find(|f| f.name() == name) else {
                        let node = self.skip(&tag, values.len())?;
                        self.unusual.core.nodes.push(node);
                        continue;
                    };
                    if values.iter().any(|v| v.0 == field) {
                        let message = format!("the element {name} stands twice");
                        return Err(self.reader.error_in(&tag, ErrorKind::Syntax, message));
                    }
                    let offset = self.reader.offset();
                    let leaves = &mut self.unusual.core.leaves;
                    let value = self.reader.leaf((field.name(), 0), leaves)?;
                    values.push((field, offset, value));
                }
                Child::Foreign(node) => self.unusual.core.nodes.push(node),
            }
        }
        let core = self.core_values(tag, &values)?;
        self.note_spelling(&core, values);
        Ok(core)
    }

    fn core_values(
        &self,
        tag: &Tag<'a>,
        values: &[(CoreField, usize, String)],
    ) -> Result<CoreSettings> {
        let get = |field| values.iter().find(|v| v.0 == field && !v.2.is_empty());
        let text = |field| get(field).map_or("", |v| v.2.as_str());
        let number = |field: CoreField| {
            let Some((_, offset, text)) = get(field) else {
                return Ok(None);
            };
            text.trim().parse::<u32>().map(Some).map_err(|_| {
                let found = Quoted::new(text);
                let message = format!("{} is {found}, expected a 32-bit number", field.name());
                self.reader
                    .locate(*offset, Error::new(ErrorKind::Value, message))
            })
        };
        let descriptor = match get(CoreField::SecurityDescriptor) {
            Some((_, offset, text)) => {
                Some(from_spaced_hex(text).map_err(|e| self.reader.locate(*offset, e))?)
            }
            None => None,
        };
        let (_, offset, id) = get(CoreField::Id).ok_or_else(|| {
            let message = "the element ID is missing or empty";
            self.reader.error_in(tag, ErrorKind::Missing, message)
        })?;
        let present = values.iter().any(|v| v.0 == CoreField::WmiFilterName);
        Ok(CoreSettings {
            id: id.parse().map_err(|e| self.reader.locate(*offset, e))?,
            domain: text(CoreField::Domain).into(),
            security_descriptor: descriptor,
            display_name: text(CoreField::DisplayName).into(),
            options: number(CoreField::Options)?.map(GpoStatus::from_bits_retain),
            user_version: number(CoreField::UserVersionNumber)?.map(HalfVersion::from_bits),
            machine_version: number(CoreField::MachineVersionNumber)?.map(HalfVersion::from_bits),
            machine_extensions: ExtensionList::from_text(text(CoreField::MachineExtensionGuids)),
            user_extensions: ExtensionList::from_text(text(CoreField::UserExtensionGuids)),
            wmi_filter: get(CoreField::WmiFilter).map(|v| WmiFilterLink::from_text(v.2.as_str())),
            wmi_filter_name: present.then(|| text(CoreField::WmiFilterName).into()),
        })
    }

    /// Keeps what GPMC would have written in another way.
    fn note_spelling(&mut self, core: &CoreSettings, values: Vec<(CoreField, usize, String)>) {
        let fields = values.iter().map(|v| v.0);
        if !fields.clone().eq(core.usual_fields()) {
            self.unusual.core_fields = Some(fields.collect());
        }
        for (field, _, text) in values {
            let usual = core.text(field);
            if usual != text {
                self.unusual
                    .spellings
                    .push((field, usual.into_owned(), text));
            }
        }
    }

    fn extension(&mut self, tag: &Tag<'a>) -> Result<ExtensionBlock> {
        let (mut id, mut name) = (None, String::new());
        let mut foreign = Foreign::default();
        for attribute in self.reader.attributes() {
            let (known, attribute) = attribute?;
            match known {
                Some("ID") => {
                    let here = |e| self.reader.locate(tag.offset(), e);
                    id = Some(attribute.value.parse().map_err(here)?);
                }
                Some("DescName") => name = attribute.value.as_ref().into(),
                _ => foreign.attributes.push(attribute.to_pair()),
            }
        }
        let id = id.ok_or_else(|| {
            self.reader
                .error_in(tag, ErrorKind::Missing, "the attribute bkp:ID is missing")
        })?;
        let mut objects = Vec::new();
        while let Some(child) = self.child(objects.len())? {
            match child {
                Child::Known(tag) => match self.backup_object(&tag)? {
                    Some(object) => objects.push(object),
                    None => foreign.nodes.push(self.skip(&tag, objects.len())?),
                },
                Child::Foreign(node) => foreign.nodes.push(node),
            }
        }
        Ok(ExtensionBlock {
            id,
            name,
            objects,
            foreign: boxed(foreign),
        })
    }

    /// The next child of the open element; `None` at its end. White space is passed over.
    fn child(&mut self, before: usize) -> Result<Option<Child<'a>>> {
        loop {
            return Ok(Some(match self.reader.next()? {
                Content::End => return Ok(None),
                Content::Text(text) if is_space(&text) => {
                    self.layout.get_or_insert_with(|| {
                        if text.contains(' ') {
                            BackupLayout::Gpmc
                        } else {
                            BackupLayout::Lgpo
                        }
                    });
                    continue;
                }
                Content::Text(text) => {
                    let message =
                        format!("expected an element, found {}", Quoted::new(text.trim()));
                    return Err(self.reader.error(ErrorKind::Syntax, message));
                }
                Content::Other(xml) => Child::Foreign(ForeignNode {
                    before,
                    xml: xml.into(),
                }),
                Content::Element(tag) if self.reader.is_own(&tag) => Child::Known(tag),
                Content::Element(tag) => Child::Foreign(self.skip(&tag, before)?),
            }));
        }
    }

    /// Visits the known children of the open element up to its end; the visitor says whether it
    /// took one. The rest goes to `foreign`, behind everything known.
    pub(super) fn children(
        &mut self,
        foreign: &mut Foreign,
        mut visit: impl FnMut(&mut Self, &Tag<'a>) -> Result<bool>,
    ) -> Result<()> {
        while let Some(child) = self.child(0)? {
            match child {
                Child::Known(tag) => {
                    if !visit(self, &tag)? {
                        foreign.nodes.push(self.skip(&tag, 0)?);
                    }
                }
                Child::Foreign(node) => foreign.nodes.push(node),
            }
        }
        Ok(())
    }

    fn skip(&mut self, tag: &Tag<'a>, before: usize) -> Result<ForeignNode> {
        Ok(ForeignNode {
            before,
            xml: self.reader.skip(tag)?.into(),
        })
    }

    fn foreign_attributes(&self) -> Result<Vec<(String, String)>> {
        self.reader
            .attributes()
            .map(|attribute| attribute.map(|(_, foreign)| foreign.to_pair()))
            .collect()
    }
}

pub(super) fn boxed(foreign: Foreign) -> Option<Box<Foreign>> {
    (!foreign.is_empty()).then(|| Box::new(foreign))
}
