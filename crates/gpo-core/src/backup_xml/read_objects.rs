//! Reading the principals, files, folders and directory objects of Backup.xml.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::read::{Parser, boxed};
use super::{BackupObject, DsAttribute, DsAttributeKind, DsObject, FsObject};
use crate::error::{Error, ErrorKind, Result};
use crate::foreign::Foreign;
use crate::hex_text::from_spaced_hex;
use crate::principal::PrincipalKind;
use crate::security_group::{GroupSource, SecurityGroup};
use crate::xml_reader::Tag;

/// What a `Group` says, each at most once.
const GROUP_FIELDS: [&str; 6] = [
    "Sid",
    "SamAccountName",
    "Type",
    "NetBIOSDomainName",
    "DnsDomainName",
    "UPN",
];

/// The attributes of a file or folder, and of a directory object.
const PLACE: [&str; 4] = [
    "Path",
    "SourceExpandedPath",
    "ReEvaluateFunction",
    "Location",
];
const CLASS: [&str; 4] = [
    "Path",
    "ObjectClass",
    "SourceExpandedPath",
    "ReEvaluateFunction",
];

impl<'a> Parser<'a> {
    pub(super) fn group(&mut self) -> Result<SecurityGroup> {
        let mut group = SecurityGroup::named("");
        let mut foreign = Foreign::default();
        for attribute in self.reader.attributes() {
            let (known, attribute) = attribute?;
            match known {
                Some("Source") => group.source = GroupSource::from_text(&attribute.value),
                _ => foreign.attributes.push(attribute.to_pair()),
            }
        }
        let (mut seen, mut leaves) = (Vec::new(), Vec::new());
        self.children(&mut foreign, |this, tag| {
            let known = GROUP_FIELDS
                .into_iter()
                .find(|name| *name == tag.local_name());
            let Some(name) = known else {
                return Ok(false);
            };
            if seen.contains(&name) {
                return Err(this.stands_twice(tag));
            }
            seen.push(name);
            let text = this.reader.leaf((name, 0), &mut leaves)?;
            let field = match name {
                "Sid" => &mut group.sid,
                "SamAccountName" => &mut group.sam_account_name,
                "Type" => {
                    group.kind = PrincipalKind::from_name(&text);
                    return Ok(true);
                }
                "NetBIOSDomainName" => &mut group.netbios_domain,
                "DnsDomainName" => &mut group.dns_domain,
                _ => &mut group.upn,
            };
            *field = text;
            Ok(true)
        })?;
        foreign.leaves = leaves;
        group.foreign = boxed(foreign);
        Ok(group)
    }

    /// A file, folder or directory object; `None` for another element.
    pub(super) fn backup_object(&mut self, tag: &Tag<'a>) -> Result<Option<BackupObject>> {
        Ok(Some(match tag.local_name() {
            "FSObjectFile" => BackupObject::File(self.fs_object(tag)?),
            "FSObjectDir" => BackupObject::Folder(self.fs_object(tag)?),
            "DSObject" => BackupObject::Directory(self.ds_object(tag)?),
            _ => return Ok(None),
        }))
    }

    // The recursion of this and of `ds_object` ends at the reader's limit on depth.
    fn fs_object(&mut self, tag: &Tag<'a>) -> Result<FsObject> {
        let mut foreign = Foreign::default();
        let [path, source_expanded_path, re_evaluate_function, location] =
            self.known_attributes(PLACE, &mut foreign)?;
        let mut object = FsObject {
            path: path.ok_or_else(|| self.missing_path(tag))?,
            source_expanded_path,
            re_evaluate_function,
            location,
            ..FsObject::default()
        };
        let element = tag.local_name();
        self.children(&mut foreign, |this, tag| {
            let same = tag.local_name() == element;
            if same {
                object.matches.push(this.fs_object(tag)?);
            }
            Ok(same)
        })?;
        object.foreign = boxed(foreign);
        Ok(object)
    }

    fn ds_object(&mut self, tag: &Tag<'a>) -> Result<DsObject> {
        let mut foreign = Foreign::default();
        let [
            path,
            object_class,
            source_expanded_path,
            re_evaluate_function,
        ] = self.known_attributes(CLASS, &mut foreign)?;
        let mut object = DsObject {
            path: path.ok_or_else(|| self.missing_path(tag))?,
            object_class: object_class.unwrap_or_default(),
            source_expanded_path,
            re_evaluate_function,
            ..DsObject::default()
        };
        let mut leaves = Vec::new();
        self.children(&mut foreign, |this, tag| {
            match tag.local_name() {
                "DSObject" => object.children.push(this.ds_object(tag)?),
                "FSObjectFile" => object.files.push(this.fs_object(tag)?),
                "SecurityDescriptor" if object.security_descriptor.is_some() => {
                    return Err(this.stands_twice(tag));
                }
                "SecurityDescriptor" => {
                    let offset = this.reader.offset();
                    let leaf = ("SecurityDescriptor", 0);
                    let text = this.reader.leaf(leaf, &mut leaves)?;
                    let bytes = (!text.trim().is_empty()).then(|| from_spaced_hex(&text));
                    let bytes = bytes
                        .transpose()
                        .map_err(|e| this.reader.locate(offset, e))?;
                    object.security_descriptor = Some(bytes);
                }
                name => match DsAttributeKind::ALL
                    .into_iter()
                    .find(|k| k.element() == name)
                {
                    Some(kind) => object.attributes.push(this.ds_attribute(kind)?),
                    None => return Ok(false),
                },
            }
            Ok(true)
        })?;
        foreign.leaves = leaves;
        object.foreign = boxed(foreign);
        Ok(object)
    }

    fn ds_attribute(&mut self, kind: DsAttributeKind) -> Result<DsAttribute> {
        let mut foreign = Foreign::default();
        let mut name = String::new();
        for attribute in self.reader.attributes() {
            let (known, attribute) = attribute?;
            match known {
                Some("DSAttrName") => name = attribute.value.as_ref().into(),
                _ => foreign.attributes.push(attribute.to_pair()),
            }
        }
        let (mut values, mut leaves) = (Vec::new(), Vec::new());
        self.children(&mut foreign, |this, tag| {
            let value = tag.local_name() == "DSValue";
            if value {
                let leaf = ("DSValue", values.len());
                values.push(this.reader.leaf(leaf, &mut leaves)?);
            }
            Ok(value)
        })?;
        foreign.leaves = leaves;
        Ok(DsAttribute {
            kind,
            name,
            values,
            foreign: boxed(foreign),
        })
    }

    /// The values of these attributes; the others go to the foreign ones, and so does a second one that
    /// has the same name by another prefix.
    fn known_attributes(
        &self,
        names: [&'static str; 4],
        foreign: &mut Foreign,
    ) -> Result<[Option<String>; 4]> {
        let mut values = [const { None }; 4];
        for attribute in self.reader.attributes() {
            let (known, attribute) = attribute?;
            let known = known.and_then(|known| names.iter().position(|name| *name == known));
            match known.and_then(|index| values.get_mut(index)) {
                Some(value @ None) => *value = Some(attribute.value.as_ref().into()),
                _ => foreign.attributes.push(attribute.to_pair()),
            }
        }
        Ok(values)
    }

    fn stands_twice(&self, tag: &Tag<'a>) -> Error {
        let message = format!("the element {} stands twice", tag.local_name());
        self.reader.error_in(tag, ErrorKind::Syntax, message)
    }

    fn missing_path(&self, tag: &Tag<'a>) -> Error {
        let message = format!("the attribute bkp:Path of {} is missing", tag.local_name());
        self.reader.error_in(tag, ErrorKind::Missing, message)
    }
}
