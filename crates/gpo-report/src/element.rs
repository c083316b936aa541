//! The elements that a report is made of.

use std::collections::BTreeMap;
use std::sync::Arc;

use gpo_core::XmlElement;

use crate::xml_writer::{Tag, XmlWriter};

/// An element of a report, without regard to prefixes and to the layout between elements.
///
/// ```
/// use gpo_report::{Namespace, ReportElement};
///
/// let order = ReportElement::leaf(Namespace::Extension, "GPOSettingOrder", "1");
/// let drive = ReportElement::parent(Namespace::Extension, "Drive", vec![order])
///     .with_attribute("name", "S:");
/// assert_eq!(drive.attribute("name"), Some("S:"));
/// assert_eq!(drive.child("GPOSettingOrder").unwrap().text, "1");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ReportElement {
    /// The namespace of its name.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub namespace: Namespace,
    /// The name without a prefix.
    pub name: String,
    /// Names and values of the attributes, in order, without namespace declarations. A name has a
    /// prefix in two cases: `xsi:` and `xml:`.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serialize::pairs"))]
    pub attributes: Vec<(String, String)>,
    /// The text in it; beside children, without white space around it (no report of Windows has
    /// both).
    pub text: String,
    /// The elements in it.
    pub children: Vec<ReportElement>,
}

/// The namespaces of a report.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Namespace {
    /// `http://www.microsoft.com/GroupPolicy/Settings`: the general part.
    Settings,
    /// `http://www.microsoft.com/GroupPolicy/Types`: principals and identifiers.
    Types,
    /// `http://www.microsoft.com/GroupPolicy/Types/Security`: security descriptors.
    Security,
    /// That of the extension in which the element stands; see
    /// [`ReportExtension`](crate::ReportExtension).
    Extension,
    /// Any other; empty for none. Shared by the elements in the scope of one declaration.
    Other(Arc<str>),
}

pub(crate) const SETTINGS: &str = "http://www.microsoft.com/GroupPolicy/Settings";
const TYPES: &str = "http://www.microsoft.com/GroupPolicy/Types";
const SECURITY: &str = "http://www.microsoft.com/GroupPolicy/Types/Security";
/// The namespace of `xsi:type` and `xsi:nil`.
pub(crate) const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

impl Namespace {
    fn of_uri(uri: Arc<str>, extension: Option<&str>) -> Self {
        match &*uri {
            own if Some(own) == extension => Self::Extension,
            SETTINGS => Self::Settings,
            TYPES => Self::Types,
            SECURITY => Self::Security,
            _ => Self::Other(uri),
        }
    }

    /// None for that of the extension, which has a prefix.
    fn uri(&self) -> Option<&str> {
        match self {
            Self::Settings => Some(SETTINGS),
            Self::Types => Some(TYPES),
            Self::Security => Some(SECURITY),
            Self::Other(uri) => Some(uri),
            Self::Extension => None,
        }
    }
}

impl ReportElement {
    /// An element that holds text.
    pub fn leaf(namespace: Namespace, name: &str, text: impl Into<String>) -> Self {
        Self {
            namespace,
            name: name.to_owned(),
            attributes: Vec::new(),
            text: text.into(),
            children: Vec::new(),
        }
    }

    /// An element that holds elements.
    pub fn parent(namespace: Namespace, name: &str, children: Vec<Self>) -> Self {
        Self {
            children,
            ..Self::leaf(namespace, name, "")
        }
    }

    /// The same with one more attribute.
    #[must_use]
    pub fn with_attribute(mut self, name: &str, value: impl Into<String>) -> Self {
        self.attributes.push((name.to_owned(), value.into()));
        self
    }

    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        let found = attributes.find(|(own, _)| own == name)?;
        Some(&found.1)
    }

    /// The first child of this name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Reads an element, in which the prefixes of `scope` are declared. It nests at most 100
    /// elements, the limit of [`XmlDocument`](gpo_core::XmlDocument), so the recursion ends.
    pub(crate) fn read(element: &XmlElement, scope: &mut Scope, extension: Option<&str>) -> Self {
        scope.within(element, |scope| {
            let children: Vec<Self> = element
                .elements()
                .map(|child| Self::read(child, scope, extension))
                .collect();
            let text = element.text();
            Self {
                namespace: Namespace::of_uri(scope.shared_uri_of(element.name()), extension),
                name: element.local_name().to_owned(),
                attributes: attributes(element, scope),
                text: if children.is_empty() {
                    text
                } else {
                    // White space around elements is layout.
                    text.trim_ascii().to_owned()
                },
                children,
            }
        })
    }

    /// An element of a settings file as one of its extension, whatever namespace it has there: settings
    /// files have none, and one that is declared once would be written with every element.
    pub(crate) fn of_settings_file(element: &XmlElement) -> Self {
        let mut read = Self::read(element, &mut Scope::default(), None);
        read.put_into_extension();
        read
    }

    /// Elements nest as [`read`](Self::read) says.
    fn put_into_extension(&mut self) {
        self.namespace = Namespace::Extension;
        self.children.iter_mut().for_each(Self::put_into_extension);
    }

    /// Writes the element. Those of the extension's namespace have the `prefix`; the others declare
    /// theirs where the one `around` them is another.
    pub(crate) fn write(&self, xml: &mut XmlWriter, prefix: &str, around: &str) {
        let namespace = self.namespace.uri().unwrap_or(around);
        let mut attributes = Vec::with_capacity(self.attributes.len() + 1);
        if namespace != around {
            attributes.push(("xmlns", namespace));
        }
        let own = self.attributes.iter();
        attributes.extend(own.map(|(name, value)| (name.as_str(), value.as_str())));
        let tag = Tag {
            prefix: match self.namespace {
                Namespace::Extension => prefix,
                _ => "",
            },
            name: &self.name,
            attributes: &attributes,
        };
        let mut children = |xml: &mut XmlWriter| {
            for child in &self.children {
                child.write(xml, prefix, namespace);
            }
        };
        let has_children = !self.children.is_empty();
        xml.element(&tag, &self.text, has_children.then_some(&mut children));
    }
}

/// The attributes of an element but for namespace declarations.
fn attributes(element: &XmlElement, scope: &Scope) -> Vec<(String, String)> {
    let mut attributes: Vec<(String, String)> = Vec::new();
    for (name, value) in element.attributes() {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        // `p:xmlns` is none, but would be one without its prefix.
        if prefix == "xmlns" || local == "xmlns" {
            continue;
        }
        let name = match prefix {
            "xml" => name.to_owned(),
            prefix if !prefix.is_empty() && scope.uri(prefix) == INSTANCE => format!("xsi:{local}"),
            _ => local.to_owned(),
        };
        if attributes.iter().all(|(own, _)| *own != name) {
            attributes.push((name, value.into_owned()));
        }
    }
    attributes
}

/// The namespace declarations that hold at a place of a document.
#[derive(Default)]
pub(crate) struct Scope {
    /// By prefix the namespaces, the innermost last.
    bindings: BTreeMap<String, Vec<Arc<str>>>,
}

impl Scope {
    /// Does something with the declarations of an element.
    pub(crate) fn within<T>(
        &mut self,
        element: &XmlElement,
        read: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let mut declared = Vec::new();
        for (name, value) in element.attributes() {
            let prefix = match name.strip_prefix("xmlns") {
                Some("") => "",
                Some(rest) => match rest.strip_prefix(':') {
                    Some(prefix) => prefix,
                    None => continue,
                },
                None => continue,
            };
            let namespaces = self.bindings.entry(prefix.to_owned()).or_default();
            namespaces.push(value.into());
            declared.push(prefix.to_owned());
        }
        let value = read(self);
        for prefix in declared {
            if let Some(namespaces) = self.bindings.get_mut(&prefix) {
                namespaces.pop();
            }
        }
        value
    }

    /// What a prefix is bound to.
    fn binding(&self, prefix: &str) -> Option<&Arc<str>> {
        self.bindings.get(prefix)?.last()
    }

    /// The namespace of a prefix, empty where there is none.
    fn uri(&self, prefix: &str) -> &str {
        self.binding(prefix).map_or("", |uri| uri)
    }

    /// The namespace of an element's name.
    pub(crate) fn uri_of(&self, name: &str) -> &str {
        self.uri(prefix_of(name))
    }

    fn shared_uri_of(&self, name: &str) -> Arc<str> {
        self.binding(prefix_of(name)).cloned().unwrap_or_default()
    }
}

fn prefix_of(name: &str) -> &str {
    name.split_once(':').map_or("", |(prefix, _)| prefix)
}
