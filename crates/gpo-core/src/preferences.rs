//! Group Policy Preferences.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::Result;
#[cfg(feature = "xml")]
use crate::error::{Error, ErrorKind, Quoted};
#[cfg(feature = "xml")]
use crate::xml_document::XmlParts;
use crate::xml_document::{XmlDocument, XmlElement, XmlNode, XmlPath};

mod item;
mod kind;
mod layout;
mod password;
mod reference;
mod targeting;

pub use item::{PreferenceAction, PreferenceItem};
pub use kind::{PREFERENCE_KINDS, PreferenceKind};
use reference::PASSWORD;
pub use targeting::{TargetingFilter, TargetingKind};

/// `Preferences\<Kind>\<Kind>.xml` of either half ([MS-GPPREF] 2.2).
///
/// UTF-8, mostly without a byte order mark, CRLF. The root element, one of 21 [kinds](PreferenceKind),
/// holds items; in Registry.xml also collections of items. An item has options that all kinds share
/// (name, GUID, disabled, item-level targeting) and `Properties` that are its own, with an action.
///
/// # Limits
///
/// Those of [`XmlDocument`]. Elements of a kind that is not in the table are kept.
///
/// ```
/// # #[cfg(feature = "xml")] {
/// use gpo_core::{PreferenceAction, Preferences, TargetingKind};
///
/// let drives = Preferences::parse(br#"<?xml version="1.0" encoding="utf-8"?>
/// <Drives clsid="{8FDDCC1A-0C3C-43cd-A6B4-71A6DF20DA8C}">
///   <Drive clsid="{935D1B74-9CB8-4e3c-9914-7DD559B7A417}" name="S:" uid="{EB3A9A8F-2852-421C-963E-7F496EA5F15A}">
///     <Properties action="U" path="\\srv\share" letter="S"/>
///     <Filters><FilterGroup bool="AND" not="1" name="CORP\Guests" sid="S-1-5-21-1-2-3-514"/></Filters>
///   </Drive>
/// </Drives>"#)?;
/// let item = drives.items().next().unwrap();
/// assert_eq!(item.action(), Some(PreferenceAction::Update));
/// let filter = &item.targeting()[0];
/// assert_eq!((filter.kind(), filter.is_not()), (TargetingKind::Group, true));
///
/// let references = drives.references();
/// assert_eq!(references[0].text, r"\\srv\share");
/// assert_eq!(references[0].place.to_string(), "/Drives/Drive[1]/Properties[1]/@path");
/// # }
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preferences {
    document: XmlDocument,
}

xml_file!(Preferences);

impl Preferences {
    /// A file of this kind without items.
    ///
    /// # Errors
    ///
    /// None at present; edits of a document may fail.
    pub fn new(kind: &PreferenceKind) -> Result<Self> {
        let mut root = XmlElement::new(kind.root)?;
        if let Some(clsid) = kind.clsid {
            root.set_attribute("clsid", &format!("{clsid}"))?;
        }
        let prolog = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n";
        let document = XmlDocument::new(prolog, root, "\r\n");
        Ok(Self { document })
    }

    /// Items have a class. A collection applies as its targeting says, and with it all that is in it.
    #[cfg(feature = "xml")]
    const PARTS: XmlParts = XmlParts {
        containers: &[COLLECTION],
        is_part: |_, element| element.attribute("clsid").is_some(),
        condition: Some(FILTERS),
    };

    /// The file, if the document is one.
    #[cfg(feature = "xml")]
    fn of_document(document: XmlDocument) -> Result<Self> {
        let name = document.root.local_name();
        if !PREFERENCE_KINDS.iter().any(|kind| kind.root == name) {
            let message = format!("{} is no kind of preferences", Quoted::new(name));
            return Err(Error::new(ErrorKind::Syntax, message));
        }
        Ok(Self { document })
    }

    /// The file as XML, to be changed.
    pub fn document_mut(&mut self) -> &mut XmlDocument {
        &mut self.document
    }

    /// The kind.
    pub fn kind(&self) -> Option<&'static PreferenceKind> {
        let name = self.document.root.local_name();
        PREFERENCE_KINDS.iter().find(|kind| kind.root == name)
    }

    /// The items in file order, those of collections where the collection stands.
    pub fn items(&self) -> impl Iterator<Item = PreferenceItem<'_>> {
        // The root and the collections that are open, each with the elements that are left in it.
        let mut open = Vec::from([self.document.root.elements().enumerate()]);
        let (mut path, mut collections) = (XmlPath::new(), Vec::new());
        core::iter::from_fn(move || {
            loop {
                let Some((number, element)) = open.last_mut()?.next() else {
                    open.pop();
                    path.pop();
                    collections.pop();
                    continue;
                };
                match element.local_name() {
                    COLLECTION => {
                        path.push(number);
                        collections.push(element);
                        open.push(element.elements().enumerate());
                    }
                    FILTERS if !collections.is_empty() => {}
                    _ => {
                        let mut path = path.clone();
                        path.push(number);
                        return Some(PreferenceItem {
                            element,
                            path,
                            collections: collections.clone(),
                        });
                    }
                }
            }
        })
    }

    /// Adds an item behind the others, with line breaks around it and in it as the editor writes
    /// them. White space between elements of the item is replaced.
    pub fn push_item(&mut self, mut item: XmlElement) {
        let line_end = self.document.form.line_end();
        layout::lay_out(&mut item, 1, line_end);
        let root = &mut self.document.root;
        if root.nodes().is_empty() {
            let end = XmlNode::Text(line_end.into());
            root.nodes_mut().extend([XmlNode::Element(item), end]);
        } else {
            root.push_line(&format!("{line_end}\t"), item, line_end);
        }
    }

    /// The elements with a password in `cpassword`, which everybody can decipher: [MS-GPPREF] 2.2.1.1.4
    /// publishes the key. The password itself is not given.
    pub fn secrets(&self) -> impl Iterator<Item = XmlPath> {
        let elements = self.document.elements();
        let secrets = elements.filter(|(_, element)| {
            let password = element.attribute(PASSWORD);
            password.is_some_and(|password| !password.is_empty())
        });
        secrets.map(|(path, _)| path)
    }
}

const COLLECTION: &str = "Collection";
const FILTERS: &str = "Filters";
const PROPERTIES: &str = "Properties";

/// Whether an attribute is there and not `0`.
fn flag(element: &XmlElement, name: &str) -> bool {
    element
        .attribute(name)
        .is_some_and(|value| !value.is_empty() && value != "0")
}

/// The GUID in an attribute.
fn guid(element: &XmlElement, name: &str) -> Option<crate::guid::Guid> {
    element.attribute(name)?.parse().ok()
}

/// The value of an attribute as a text of its own; empty where it is not there.
fn text(element: &XmlElement, name: &str) -> String {
    element.attribute(name).unwrap_or_default().into_owned()
}

#[cfg(test)]
#[cfg(feature = "xml")]
mod tests;
