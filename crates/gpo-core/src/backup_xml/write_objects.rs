//! Writing the files, folders and directory objects of Backup.xml.

use super::write::{ForeignNodes, Writer};
use super::{BackupObject, DsAttribute, DsAttributeKind, DsObject, ExtensionBlock, FsObject};
use crate::hex_text::to_spaced_hex;
use crate::security_group::SecurityGroup;

impl Writer<'_> {
    pub(super) fn security_group(&mut self, group: &SecurityGroup) {
        self.xml.raw("<Group");
        self.optional_attribute("bkp:Source", group.source.as_text());
        if let Some(foreign) = &group.foreign {
            self.foreign_attributes(foreign);
        }
        self.xml.raw(">");
        for (name, value) in [
            ("Sid", group.sid.as_str()),
            ("SamAccountName", &group.sam_account_name),
            ("Type", group.kind.name()),
            ("NetBIOSDomainName", &group.netbios_domain),
            ("DnsDomainName", &group.dns_domain),
            ("UPN", &group.upn),
        ] {
            if let Some(foreign) = &group.foreign {
                self.xml.with_attributes(foreign.of_leaf(name));
            }
            self.leaf(name, value);
        }
        if let Some(foreign) = &group.foreign {
            self.foreign_rest(&foreign.nodes);
        }
        self.xml.close("Group");
    }

    pub(super) fn object(&mut self, object: &BackupObject) {
        match object {
            BackupObject::File(file) => self.fs_object("FSObjectFile", file),
            BackupObject::Folder(folder) => self.fs_object("FSObjectDir", folder),
            BackupObject::Directory(object) => self.ds_object(object),
        }
    }

    fn fs_object(&mut self, element: &'static str, object: &FsObject) {
        self.xml.raw("<");
        self.xml.raw(element);
        self.attribute("bkp:Path", &object.path);
        self.optional_attribute(
            "bkp:SourceExpandedPath",
            object.source_expanded_path.as_deref(),
        );
        self.optional_attribute(
            "bkp:ReEvaluateFunction",
            object.re_evaluate_function.as_deref(),
        );
        self.optional_attribute("bkp:Location", object.location.as_deref());
        if let Some(foreign) = &object.foreign {
            self.foreign_attributes(foreign);
        }
        if object.matches.is_empty() && object.foreign.as_ref().is_none_or(|f| f.nodes.is_empty()) {
            self.xml.raw("/>");
            return;
        }
        self.xml.raw(">");
        object
            .matches
            .iter()
            .for_each(|found| self.fs_object(element, found));
        if let Some(foreign) = &object.foreign {
            self.foreign_rest(&foreign.nodes);
        }
        self.xml.close(element);
    }

    /// A class store for each half: the user's on a line of 12 blanks, the computer's on the next
    /// (that the first line is the user's is inferred; only computer packages are known).
    pub(super) fn software_installation(
        &mut self,
        block: &ExtensionBlock,
        mut foreign: ForeignNodes<'_>,
    ) {
        self.indent("            ");
        let mut second_line = false;
        for (n, object) in block.objects.iter().enumerate() {
            self.foreign_before(&mut foreign, n);
            let user =
                matches!(object, BackupObject::Directory(o) if o.path.contains("%GPO_USER_"));
            if !user && !second_line {
                self.xml.line_end();
                self.indent("        ");
                second_line = true;
            }
            match object {
                BackupObject::Directory(store) => self.class_store(store, 0),
                other => self.object(other),
            }
        }
        if !second_line {
            self.xml.line_end();
            self.indent("        ");
        }
        self.xml.line_end();
        self.foreign_rest(foreign);
    }

    /// An object of the class-store tree: level 0 the store, 1 `Packages`, 2 the wildcard for all
    /// packages, 3 a package.
    fn class_store(&mut self, object: &DsObject, level: usize) {
        // Indentation of the children, of attributes, and of the end tag.
        let (children, own, end) = match level {
            0 => ("                ", "                ", "            "),
            1 => (
                "                    ",
                "                    ",
                "                ",
            ),
            _ => ("", "                        ", "                    "),
        };
        // The stores have a line for each child; packages follow each other on one line.
        let on_lines = level < 2;
        self.ds_tag(object);
        self.xml.raw(">");
        object
            .files
            .iter()
            .for_each(|file| self.fs_object("FSObjectFile", file));
        if on_lines {
            self.xml.line_end();
        }
        for child in &object.children {
            self.indent(children);
            self.class_store(child, level + 1);
            if on_lines {
                self.xml.line_end();
            }
        }
        if !on_lines {
            self.xml.line_end();
        }
        if let Some(descriptor) = &object.security_descriptor {
            self.indent(own);
            if let Some(foreign) = &object.foreign {
                let attributes = foreign.of_leaf("SecurityDescriptor");
                self.xml.with_attributes(attributes);
            }
            self.descriptor(descriptor.as_deref());
            self.xml.line_end();
        }
        for attribute in &object.attributes {
            self.indent(own);
            if attribute.kind == DsAttributeKind::ExpandedString {
                self.expanded_string(attribute, own);
            } else {
                self.ds_attribute(attribute);
            }
            self.xml.line_end();
        }
        if let Some(foreign) = &object.foreign {
            self.foreign_rest(&foreign.nodes);
        }
        self.indent(end);
        self.xml.close("DSObject");
    }

    fn expanded_string(&mut self, attribute: &DsAttribute, indent: &str) {
        self.ds_attribute_tag(attribute);
        self.xml.raw(">");
        self.xml.line_end();
        for value in &attribute.values {
            self.indent(indent);
            self.indent("    ");
            self.ds_value(attribute.kind, value);
            self.xml.line_end();
        }
        self.indent(indent);
        self.xml.close(attribute.kind.element());
    }

    /// The start tag up to its attributes, which come in three orders (census): that of a real
    /// package, that of the template, that under "Unknown Extension".
    fn ds_tag(&mut self, object: &DsObject) {
        let (path, class) = (object.path.as_str(), object.object_class.as_str());
        let source = object.source_expanded_path.as_deref();
        self.xml.raw("<DSObject");
        match class {
            "packageRegistration" if !path.starts_with('*') => {
                self.attribute("bkp:ObjectClass", class);
                self.attribute("bkp:Path", path);
                self.optional_attribute("bkp:SourceExpandedPath", source);
            }
            "packageRegistration" | "classStore" => {
                self.attribute("bkp:Path", path);
                self.attribute("bkp:ObjectClass", class);
                self.optional_attribute("bkp:SourceExpandedPath", source);
            }
            _ => {
                self.attribute("bkp:Path", path);
                self.optional_attribute("bkp:SourceExpandedPath", source);
                self.attribute("bkp:ObjectClass", class);
            }
        }
        self.optional_attribute(
            "bkp:ReEvaluateFunction",
            object.re_evaluate_function.as_deref(),
        );
        if let Some(foreign) = &object.foreign {
            self.foreign_attributes(foreign);
        }
    }

    fn ds_object(&mut self, object: &DsObject) {
        self.ds_tag(object);
        let bare = object.children.is_empty()
            && object.files.is_empty()
            && object.security_descriptor.is_none()
            && object.attributes.is_empty()
            && object.foreign.as_ref().is_none_or(|f| f.nodes.is_empty());
        if bare {
            self.xml.raw("/>");
            return;
        }
        self.xml.raw(">");
        object
            .children
            .iter()
            .for_each(|child| self.ds_object(child));
        object
            .files
            .iter()
            .for_each(|file| self.fs_object("FSObjectFile", file));
        if let Some(descriptor) = &object.security_descriptor {
            if let Some(foreign) = &object.foreign {
                let attributes = foreign.of_leaf("SecurityDescriptor");
                self.xml.with_attributes(attributes);
            }
            self.descriptor(descriptor.as_deref());
        }
        object
            .attributes
            .iter()
            .for_each(|attribute| self.ds_attribute(attribute));
        if let Some(foreign) = &object.foreign {
            self.foreign_rest(&foreign.nodes);
        }
        self.xml.close("DSObject");
    }

    fn descriptor(&mut self, descriptor: Option<&[u8]>) {
        match descriptor {
            None => self.xml.empty("SecurityDescriptor"),
            Some(bytes) => self
                .xml
                .text_element("SecurityDescriptor", &to_spaced_hex(bytes)),
        }
    }

    fn ds_attribute_tag(&mut self, attribute: &DsAttribute) {
        self.xml.raw("<");
        self.xml.raw(attribute.kind.element());
        self.attribute("bkp:DSAttrName", &attribute.name);
        if let Some(foreign) = &attribute.foreign {
            self.foreign_attributes(foreign);
        }
    }

    fn ds_attribute(&mut self, attribute: &DsAttribute) {
        self.ds_attribute_tag(attribute);
        let nodes = attribute
            .foreign
            .as_ref()
            .is_some_and(|f| !f.nodes.is_empty());
        if attribute.values.is_empty() && !nodes {
            self.xml.raw("/>");
            return;
        }
        self.xml.raw(">");
        let foreign = attribute.foreign.as_deref();
        let attributes = foreign.map(|foreign| foreign.of_leaves("DSValue"));
        let attributes = attributes.unwrap_or_default();
        for (number, value) in attribute.values.iter().enumerate() {
            self.xml
                .with_attributes(attributes.get(&number).copied().unwrap_or_default());
            self.ds_value(attribute.kind, value);
        }
        if let Some(foreign) = &attribute.foreign {
            self.foreign_rest(&foreign.nodes);
        }
        self.xml.close(attribute.kind.element());
    }

    /// Values are CDATA but for expanded strings, which are text (census).
    fn ds_value(&mut self, kind: DsAttributeKind, value: &str) {
        if kind == DsAttributeKind::ExpandedString {
            self.check("DSValue", value);
            self.xml.text_element("DSValue", value);
        } else {
            self.leaf("DSValue", value);
        }
    }
}
