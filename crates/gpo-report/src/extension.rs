//! What an extension says in a half of a report.

use gpo_core::{Error, XmlElement};

use crate::element::{INSTANCE, Namespace, ReportElement, SETTINGS, Scope};
use crate::record::{Element, record};
use crate::settings::Settings;
use crate::xml_writer::{Tag, XmlWriter};

/// What an extension says in a half of a report (`ExtensionData`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportExtension {
    /// The name of the extension: `Registry`, `Drive Maps`.
    pub name: String,
    /// Its settings, or why they are not there.
    pub content: ExtensionContent,
}

/// The settings of an extension, or why they are not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExtensionContent {
    /// The settings.
    Settings {
        /// The namespace of the elements: what stands behind
        /// `http://www.microsoft.com/GroupPolicy/Settings/`, `DriveMaps` for one.
        namespace: String,
        /// The name of the type in `xsi:type`: `DriveMapSettings`.
        type_name: String,
        /// The settings.
        settings: Settings,
    },
    /// They could not be read.
    Error(ExtensionError),
}

record! {
    /// Why the settings of an extension could not be read.
    pub struct ExtensionError in Settings {
        /// What reported it.
        "Source" source: Option<String>,
        /// The error.
        "Details" details: Option<String>,
        /// What the user may do about it.
        "Description" description: Option<String>,
    }
}

impl ReportExtension {
    /// The extension that has these settings; none for [`Settings::Elements`], which any can have.
    ///
    /// ```
    /// use gpo_report::{ReportExtension, ScriptsSettings, Settings};
    ///
    /// let settings = Settings::Scripts(ScriptsSettings { scripts: Vec::new() });
    /// assert_eq!(ReportExtension::of_settings(settings).unwrap().name, "Scripts");
    /// ```
    pub fn of_settings(settings: Settings) -> Option<Self> {
        let [namespace, type_name, name] = settings.extension()?;
        Some(Self::new(namespace, type_name, name, settings))
    }

    pub(crate) fn new(namespace: &str, type_name: &str, name: &str, settings: Settings) -> Self {
        Self {
            name: name.to_owned(),
            content: ExtensionContent::Settings {
                namespace: namespace.to_owned(),
                type_name: type_name.to_owned(),
                settings,
            },
        }
    }

    /// The settings, if there are any.
    pub fn settings(&self) -> Option<&Settings> {
        match &self.content {
            ExtensionContent::Settings { settings, .. } => Some(settings),
            ExtensionContent::Error(_) => None,
        }
    }

    /// Reads an `ExtensionData`.
    pub(crate) fn read(data: &XmlElement, scope: &mut Scope) -> Result<Self, Error> {
        scope.within(data, |scope| {
            let mut elements = data.elements();
            let (Some(content), Some(name), None) =
                (elements.next(), elements.next(), elements.next())
            else {
                return Err(crate::report::unexpected(
                    "ExtensionData has not two elements, Extension or Error, and Name",
                ));
            };
            let content = match content.local_name() {
                "Extension" => read_settings(content, scope)?,
                "Error" => {
                    let error = ReportElement::read(content, scope, None);
                    ExtensionContent::Error(Element::of_element(&error)?)
                }
                other => {
                    let message = format!("expected Extension in ExtensionData, found {other}");
                    return Err(crate::report::unexpected(message));
                }
            };
            let name = ReportElement::read(name, scope, None);
            if name.name != "Name" {
                let message = format!("expected Name in ExtensionData, found {}", name.name);
                return Err(crate::report::unexpected(message));
            }
            Ok(Self {
                name: String::of_element(&name)?,
                content,
            })
        })
    }

    /// Writes an `ExtensionData`; `number` counts the namespaces of extensions in the report.
    pub(crate) fn write(&self, xml: &mut XmlWriter, number: &mut usize) {
        let tag = Tag {
            prefix: "",
            name: "ExtensionData",
            attributes: &[],
        };
        xml.element(
            &tag,
            "",
            Some(&mut |xml| {
                match &self.content {
                    ExtensionContent::Settings {
                        namespace,
                        type_name,
                        settings,
                    } => {
                        *number += 1;
                        write_settings(xml, *number, [namespace, type_name], settings);
                    }
                    ExtensionContent::Error(error) => {
                        let error = error.to_element(&Namespace::Settings, "Error");
                        error.write(xml, "", SETTINGS);
                    }
                }
                let name = self.name.to_element(&Namespace::Settings, "Name");
                name.write(xml, "", SETTINGS);
            }),
        );
    }
}

/// Reads an `Extension`.
fn read_settings(extension: &XmlElement, scope: &mut Scope) -> Result<ExtensionContent, Error> {
    scope.within(extension, |scope| {
        let mut attributes = extension.attributes();
        let xsi_type = attributes.find_map(|(name, value)| {
            let is_type = name
                .split_once(':')
                .is_some_and(|(_, local)| local == "type")
                && scope.uri_of(name) == INSTANCE;
            is_type.then_some(value)
        });
        let Some(xsi_type) = xsi_type else {
            return Err(crate::report::unexpected("an Extension has no xsi:type"));
        };
        let uri = scope.uri_of(&xsi_type).to_owned();
        let type_name = xsi_type
            .split_once(':')
            .map_or(&*xsi_type, |(_, name)| name);
        let Some(namespace) = uri.strip_prefix(SETTINGS).and_then(|u| u.strip_prefix('/')) else {
            let message = format!(
                "the namespace of the extension {} is {}",
                gpo_core::Quoted::new(type_name),
                gpo_core::Quoted::new(&uri)
            );
            return Err(crate::report::unexpected(message));
        };
        let elements = extension
            .elements()
            .map(|element| ReportElement::read(element, scope, Some(&uri)))
            .collect();
        Ok(ExtensionContent::Settings {
            settings: Settings::of_elements(namespace, type_name, elements),
            namespace: namespace.to_owned(),
            type_name: type_name.to_owned(),
        })
    })
}

/// Writes an `Extension`.
fn write_settings(
    xml: &mut XmlWriter,
    number: usize,
    [namespace, type_name]: [&str; 2],
    settings: &Settings,
) {
    let prefix = format!("q{number}");
    let tag = Tag {
        prefix: "",
        name: "Extension",
        attributes: &[
            (
                &format!("xmlns:{prefix}"),
                &format!("{SETTINGS}/{namespace}"),
            ),
            ("xsi:type", &format!("{prefix}:{type_name}")),
        ],
    };
    let elements = settings.to_elements();
    let mut write = |xml: &mut XmlWriter| {
        for element in &elements {
            element.write(xml, &prefix, SETTINGS);
        }
    };
    xml.element(&tag, "", (!elements.is_empty()).then_some(&mut write));
}
