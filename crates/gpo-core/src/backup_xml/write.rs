//! Writing Backup.xml: GPMC's white space, or LGPO's.

use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::iter::Peekable;
use core::slice;

use super::template::{Line, LineKind, SLOTS, Slot, SlotContent};
use super::{
    BackupLayout, BackupObject, BackupSection, BackupXml, CoreField, CoreSettings, ExtensionBlock,
    NAMESPACE, UnusualBackup,
};
use crate::error::{Error, Result};
use crate::foreign::{Foreign, ForeignNode};
use crate::gpo::HalfVersion;
use crate::hex_text::to_spaced_hex;
use crate::xml_writer::{XmlWriter, check_writable};

/// The sections before the extensions, in GPMC's order.
pub(super) const SECTIONS: [BackupSection; 3] = [
    BackupSection::SecurityGroups,
    BackupSection::FilePaths,
    BackupSection::GroupPolicyCoreSettings,
];

impl BackupXml {
    /// The bytes of the file.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`](crate::ErrorKind::Unwritable) where a value has a character that
    /// XML cannot hold.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let usual = UnusualBackup::default();
        let unusual = self.unusual.as_deref().unwrap_or(&usual);
        let xml = XmlWriter::with_capacity(self.form.line_end.as_str(), self.size_hint());
        let indented = self.form.layout == BackupLayout::Gpmc;
        let mut writer = Writer {
            xml,
            backup: self,
            unusual,
            indented,
            error: None,
        };
        writer.scheme();
        match writer.error {
            Some(error) => Err(error),
            None => self.form.xml.enclose(writer.xml.finish()),
        }
    }

    /// About how many bytes the file will have.
    fn size_hint(&self) -> usize {
        let objects: usize = self.extensions.iter().map(|e| e.objects.len()).sum();
        let descriptor = self
            .core
            .security_descriptor
            .as_ref()
            .map_or(0, |sd| sd.len() * 3);
        2048 + self.security_groups.len() * 420 + objects * 480 + descriptor
    }
}

/// The unknown nodes of an element that are still to be written.
pub(super) type ForeignNodes<'a> = Peekable<slice::Iter<'a, ForeignNode>>;

pub(super) struct Writer<'a> {
    pub(super) xml: XmlWriter,
    backup: &'a BackupXml,
    unusual: &'a UnusualBackup,
    indented: bool,
    /// The first value that cannot be written.
    error: Option<Error>,
}

impl Writer<'_> {
    fn scheme(&mut self) {
        let unusual = self.unusual;
        self.xml.raw("<GroupPolicyBackupScheme");
        self.attribute("bkp:version", &unusual.version);
        self.attribute("bkp:type", &unusual.kind);
        self.attribute("xmlns:bkp", NAMESPACE);
        self.attribute("xmlns", NAMESPACE);
        self.foreign_attributes(&unusual.root);
        self.xml.raw(">");
        let mut foreign = unusual.root.nodes.iter().peekable();
        self.foreign_before(&mut foreign, 0);
        self.xml.line_end();
        self.indent("    ");
        self.xml.raw("<GroupPolicyObject");
        self.foreign_attributes(&unusual.object);
        self.xml.raw(">");
        match &unusual.sections {
            None => self.usual_sections(),
            Some(sections) => self.unusual_sections(sections),
        }
        self.xml.close("GroupPolicyObject");
        self.foreign_rest(foreign);
        self.xml.line_end();
        self.xml.close("GroupPolicyBackupScheme");
    }

    fn usual_sections(&mut self) {
        let mut foreign = self.unusual.object.nodes.iter().peekable();
        for (n, section) in SECTIONS.into_iter().enumerate() {
            self.foreign_before(&mut foreign, n);
            self.section(section);
        }
        self.xml.raw(" ");
        self.xml.line_end();
        self.extensions(&mut foreign);
        self.foreign_rest(foreign);
    }

    /// Parts that are missing or in an order of their own: no template to follow.
    fn unusual_sections(&mut self, sections: &[BackupSection]) {
        let mut foreign = self.unusual.object.nodes.iter().peekable();
        let mut extensions = self.backup.extensions.iter();
        for (n, &section) in sections.iter().enumerate() {
            self.foreign_before(&mut foreign, n);
            if section == BackupSection::GroupPolicyExtension {
                extensions
                    .next()
                    .into_iter()
                    .for_each(|block| self.plain_block(block));
            } else {
                self.section(section);
            }
        }
        extensions.for_each(|block| self.plain_block(block));
        self.foreign_rest(foreign);
    }

    fn section(&mut self, section: BackupSection) {
        match section {
            BackupSection::SecurityGroups => self.security_groups(),
            BackupSection::FilePaths => self.file_paths(),
            BackupSection::GroupPolicyCoreSettings => self.core_settings(),
            BackupSection::GroupPolicyExtension => {}
        }
    }

    fn security_groups(&mut self) {
        let (groups, foreign) = (&self.backup.security_groups, &self.unusual.security_groups);
        self.element("SecurityGroups", foreign, groups.is_empty(), |this| {
            let mut nodes = foreign.nodes.iter().peekable();
            for (n, group) in groups.iter().enumerate() {
                this.foreign_before(&mut nodes, n);
                this.security_group(group);
            }
            this.foreign_rest(nodes);
        });
    }

    fn file_paths(&mut self) {
        let (paths, foreign) = (&self.backup.file_paths, &self.unusual.file_paths);
        self.element("FilePaths", foreign, paths.is_empty(), |this| {
            let mut nodes = foreign.nodes.iter().peekable();
            let attributes = foreign.of_leaves("Path");
            for (n, path) in paths.iter().enumerate() {
                this.foreign_before(&mut nodes, n);
                this.xml
                    .with_attributes(attributes.get(&n).copied().unwrap_or_default());
                this.leaf("Path", path);
            }
            this.foreign_rest(nodes);
        });
    }

    fn core_settings(&mut self) {
        let (core, foreign) = (&self.backup.core, &self.unusual.core);
        let fields = match &self.unusual.core_fields {
            Some(fields) => Cow::Borrowed(fields.as_slice()),
            None => Cow::Owned(core.usual_fields().collect()),
        };
        self.element("GroupPolicyCoreSettings", foreign, false, |this| {
            let mut nodes = foreign.nodes.iter().peekable();
            for (n, &field) in fields.iter().enumerate() {
                this.foreign_before(&mut nodes, n);
                this.core_setting(field);
            }
            this.foreign_rest(nodes);
        });
    }

    fn core_setting(&mut self, field: CoreField) {
        let text = self.backup.core.text(field);
        let spelled = self
            .unusual
            .spellings
            .iter()
            .find(|s| s.0 == field && s.1 == text);
        let text = spelled.map_or(text, |s| Cow::Borrowed(s.2.as_str()));
        let attributes = self.unusual.core.of_leaf(field.name());
        self.xml.with_attributes(attributes);
        if field == CoreField::SecurityDescriptor && !text.is_empty() {
            self.check(field.name(), &text);
            self.xml.text_element(field.name(), &text);
        } else {
            self.leaf(field.name(), &text);
        }
    }

    /// The blocks, in GPMC's slots if they fit them, and the unknown nodes before them.
    fn extensions(&mut self, foreign: &mut ForeignNodes<'_>) {
        let blocks = self.backup.extensions.as_slice();
        let Some((slots, unknown)) = self.indented.then(|| assign_slots(blocks)).flatten() else {
            return self.blocks_line_by_line(blocks, foreign);
        };
        let mut before = SECTIONS.len();
        for (slot, block) in SLOTS.iter().zip(slots) {
            self.xml.raw("        ");
            if let (Some(slot), Some(block)) = (slot, block) {
                self.foreign_before(foreign, before);
                self.typed_block(slot, block);
                before += 1;
            }
            self.xml.line_end();
        }
        self.xml.raw("    ");
        self.foreign_before(foreign, before);
        self.plain_block(unknown);
    }

    fn blocks_line_by_line(&mut self, blocks: &[ExtensionBlock], foreign: &mut ForeignNodes<'_>) {
        for (n, block) in blocks.iter().enumerate() {
            if n > 0 {
                self.xml.line_end();
            }
            self.indent("        ");
            self.foreign_before(foreign, SECTIONS.len() + n);
            match SLOTS.iter().flatten().find(|slot| slot.id == block.id) {
                Some(slot) => self.typed_block(slot, block),
                None => self.plain_block(block),
            }
        }
    }

    fn block_tag(&mut self, block: &ExtensionBlock) {
        self.xml.raw("<GroupPolicyExtension");
        self.attribute("bkp:ID", &block.id.to_string());
        self.attribute("bkp:DescName", &block.name);
        if let Some(foreign) = &block.foreign {
            self.foreign_attributes(foreign);
        }
    }

    /// A block without white space; self-closed without content.
    fn plain_block(&mut self, block: &ExtensionBlock) {
        self.block_tag(block);
        let empty = Foreign::default();
        let foreign = block.foreign.as_deref().unwrap_or(&empty);
        if block.objects.is_empty() && foreign.nodes.is_empty() {
            self.xml.raw("/>");
            return;
        }
        self.xml.raw(">");
        let mut nodes = foreign.nodes.iter().peekable();
        for (n, object) in block.objects.iter().enumerate() {
            self.foreign_before(&mut nodes, n);
            self.object(object);
        }
        self.foreign_rest(nodes);
        self.xml.close("GroupPolicyExtension");
    }

    /// A block with a line for each element.
    fn typed_block(&mut self, slot: &Slot, block: &ExtensionBlock) {
        self.block_tag(block);
        self.xml.raw(">");
        self.xml.line_end();
        let foreign = block
            .foreign
            .as_ref()
            .map_or(&[][..], |foreign| &foreign.nodes);
        let foreign = foreign.iter().peekable();
        match slot.content {
            SlotContent::SoftwareInstallation => self.software_installation(block, foreign),
            SlotContent::Lines(lines) => self.lines(lines, block, foreign),
        }
        self.indent("        ");
        self.xml.close("GroupPolicyExtension");
    }

    fn lines(&mut self, lines: &[Line], block: &ExtensionBlock, mut foreign: ForeignNodes<'_>) {
        let mut objects = block.objects.iter().enumerate().peekable();
        for line in lines {
            let object = objects.next_if(|(_, object)| line.matches(object));
            if object.is_none() && !self.indented {
                continue;
            }
            self.indent(line.indent);
            if let Some((n, object)) = object {
                self.foreign_before(&mut foreign, n);
                self.object(object);
            }
            self.xml.line_end();
        }
        for (n, object) in objects {
            self.indent("            ");
            self.foreign_before(&mut foreign, n);
            self.object(object);
            self.xml.line_end();
        }
        self.foreign_rest(foreign);
    }

    fn element(
        &mut self,
        name: &'static str,
        foreign: &Foreign,
        empty: bool,
        content: impl FnOnce(&mut Self),
    ) {
        self.xml.raw("<");
        self.xml.raw(name);
        self.foreign_attributes(foreign);
        if empty && foreign.nodes.is_empty() {
            self.xml.raw("/>");
            return;
        }
        self.xml.raw(">");
        content(self);
        self.xml.close(name);
    }

    pub(super) fn leaf(&mut self, name: &'static str, value: &str) {
        self.check(name, value);
        self.xml.leaf(name, value);
    }

    pub(super) fn attribute(&mut self, name: &str, value: &str) {
        self.check(name, value);
        self.xml.attribute(name, value);
    }

    pub(super) fn optional_attribute(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.attribute(name, value);
        }
    }

    pub(super) fn check(&mut self, name: &str, value: &str) {
        if self.error.is_none() {
            self.error = check_writable(name, value).err();
        }
    }

    pub(super) fn indent(&mut self, indent: &str) {
        if self.indented {
            self.xml.raw(indent);
        }
    }

    pub(super) fn foreign_attributes(&mut self, foreign: &Foreign) {
        foreign
            .attributes
            .iter()
            .for_each(|(name, value)| self.attribute(name, value));
    }

    /// The unknown nodes before a known child, of which there are so many in front.
    pub(super) fn foreign_before(&mut self, nodes: &mut ForeignNodes<'_>, known: usize) {
        while let Some(node) = nodes.next_if(|node| node.before <= known) {
            self.xml.raw(&node.xml);
        }
    }

    /// The unknown nodes behind all known children.
    pub(super) fn foreign_rest<'n>(&mut self, nodes: impl IntoIterator<Item = &'n ForeignNode>) {
        nodes.into_iter().for_each(|node| self.xml.raw(&node.xml));
    }
}

impl CoreSettings {
    /// The settings that GPMC writes, in its order.
    pub(super) fn usual_fields(&self) -> impl Iterator<Item = CoreField> {
        let named = self.wmi_filter_name.is_some();
        CoreField::ALL
            .into_iter()
            .filter(move |&f| named || f != CoreField::WmiFilterName)
    }

    /// GPMC's text of a setting; empty for an empty element.
    pub(super) fn text(&self, field: CoreField) -> Cow<'_, str> {
        let number = |bits: Option<u32>| bits.map(|b| b.to_string()).unwrap_or_default().into();
        match field {
            CoreField::Id => self.id.to_string().into(),
            CoreField::Domain => self.domain.as_str().into(),
            CoreField::SecurityDescriptor => self
                .security_descriptor
                .as_deref()
                .map(to_spaced_hex)
                .unwrap_or_default()
                .into(),
            CoreField::DisplayName => self.display_name.as_str().into(),
            CoreField::Options => number(self.options.map(|o| o.bits())),
            CoreField::UserVersionNumber => number(self.user_version.map(HalfVersion::to_bits)),
            CoreField::MachineVersionNumber => {
                number(self.machine_version.map(HalfVersion::to_bits))
            }
            CoreField::MachineExtensionGuids => self.machine_extensions.as_str().into(),
            CoreField::UserExtensionGuids => self.user_extensions.as_str().into(),
            CoreField::WmiFilter => self
                .wmi_filter
                .as_ref()
                .map_or("", |link| link.as_str())
                .into(),
            CoreField::WmiFilterName => self.wmi_filter_name.as_deref().unwrap_or_default().into(),
        }
    }
}

impl Line {
    fn matches(&self, object: &BackupObject) -> bool {
        let path = match (self.kind, object) {
            (LineKind::File | LineKind::Files, BackupObject::File(file)) => &file.path,
            (LineKind::Folders, BackupObject::Folder(folder)) => &folder.path,
            _ => return false,
        };
        path.strip_prefix(self.place.variable())
            .and_then(|rest| rest.strip_prefix('\\'))
            == Some(self.path)
    }
}

/// The block of each slot, and the last block; `None` where the blocks are not in the order of the
/// slots, or one has no slot.
fn assign_slots(
    blocks: &[ExtensionBlock],
) -> Option<([Option<&ExtensionBlock>; 10], &ExtensionBlock)> {
    let (unknown, typed) = blocks.split_last()?;
    if unknown.id != ExtensionBlock::UNKNOWN_EXTENSION {
        return None;
    }
    let mut assigned = [None; 10];
    let mut next = 0;
    for block in typed {
        let slot = SLOTS
            .iter()
            .position(|s| s.as_ref().is_some_and(|s| s.id == block.id))?;
        if slot < next {
            return None;
        }
        *assigned.get_mut(slot)? = Some(block);
        next = slot + 1;
    }
    Some((assigned, unknown))
}
