//! Serializing a report with serde: names of fields as they are here, not those of the XML.

use std::fmt::Display;

use gpo_core::HalfVersion;
use sddl_parser::GpoPermission;
use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::extension::{ExtensionContent, ReportExtension};
use crate::security::level_name;

/// A value as its text.
pub(crate) fn text<S: Serializer>(value: &impl Display, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

/// A value as its text, if there is one.
#[allow(clippy::ref_option)] // serde gives a reference to the field.
pub(crate) fn optional_text<S: Serializer>(
    value: &Option<impl Display>,
    to: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => to.collect_str(value),
        None => to.serialize_none(),
    }
}

/// Names and values in their order: a name may be there more than once.
pub(crate) fn pairs<S: Serializer>(pairs: &[(String, String)], to: S) -> Result<S::Ok, S::Error> {
    #[derive(serde::Serialize)]
    struct Pair<'a> {
        name: &'a str,
        value: &'a str,
    }
    to.collect_seq(pairs.iter().map(|(name, value)| Pair { name, value }))
}

/// The names of permissions.
pub(crate) fn levels<S: Serializer>(levels: &[GpoPermission], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(levels.iter().map(|level| level_name(*level)))
}

/// The version of a half.
#[allow(clippy::trivially_copy_pass_by_ref)] // serde gives a reference to the field.
pub(crate) fn version<S: Serializer>(version: &HalfVersion, to: S) -> Result<S::Ok, S::Error> {
    let mut fields = to.serialize_struct("HalfVersion", 2)?;
    fields.serialize_field("directory", &version.directory)?;
    fields.serialize_field("sysvol", &version.sysvol)?;
    fields.end()
}

impl Serialize for crate::PermissionType {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

impl Serialize for ReportExtension {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let (kind, settings, error) = match &self.content {
            ExtensionContent::Settings {
                type_name,
                settings,
                ..
            } => (Some(type_name), Some(settings), None),
            ExtensionContent::Error(error) => (None, None, Some(error)),
        };
        let mut fields = to.serialize_struct("ReportExtension", 4)?;
        fields.serialize_field("name", &self.name)?;
        fields.serialize_field("type", &kind)?;
        fields.serialize_field("settings", &settings)?;
        fields.serialize_field("error", &error)?;
        fields.end()
    }
}
