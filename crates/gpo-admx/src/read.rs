//! Reading elements of ADMX and ADML.

use std::borrow::Cow;
use std::str::FromStr;

use gpo_core::{Error, ErrorKind, Quoted, Result, Text, XmlDocument, XmlElement};

/// Reads a file whose root element must be `root`.
///
/// Templates that people write are not always UTF-8. One that is neither that nor UTF-16 is read as
/// Windows-1252, and the second value says so.
pub(crate) fn document(bytes: &[u8], root: &str) -> Result<(XmlDocument, Option<Error>)> {
    let (document, warning) = match XmlDocument::parse(bytes) {
        Err(error) if error.kind() == ErrorKind::Encoding => {
            let text = Text::decode(bytes).map_err(|_| error.clone())?;
            let document = XmlDocument::parse(text.as_str().as_bytes())?;
            let message = format!("{}; read as Windows-1252", error.message());
            let warning = Error::new(ErrorKind::Encoding, message);
            let warning = error
                .position()
                .map_or(warning.clone(), |at| warning.at(at));
            (document, Some(warning))
        }
        other => (other?, None),
    };
    let found = document.root.local_name();
    if found != root {
        let message = format!(
            "the root element is {}, expected {root}",
            Quoted::new(found)
        );
        return Err(Error::new(ErrorKind::Syntax, message));
    }
    Ok((document, warning))
}

/// An attribute that has to be there.
pub(crate) fn attribute<'a>(element: &'a XmlElement, name: &str) -> Result<Cow<'a, str>> {
    element.attribute(name).ok_or_else(|| {
        let message = format!("{} has no attribute {name}", element.local_name());
        Error::new(ErrorKind::Missing, message)
    })
}

/// An attribute's text, where it is there.
pub(crate) fn optional(element: &XmlElement, name: &str) -> Option<String> {
    element.attribute(name).map(Cow::into_owned)
}

/// The number in an attribute.
pub(crate) fn number<T: FromStr>(
    element: &XmlElement,
    name: &str,
    text: impl AsRef<str>,
) -> Result<T> {
    let text = text.as_ref();
    text.trim().parse().map_err(|_| {
        let message = format!(
            "{name}={} of {} is no number that fits there",
            Quoted::new(text),
            element.local_name()
        );
        Error::new(ErrorKind::Value, message)
    })
}

/// The number in an attribute, where it is there.
pub(crate) fn optional_number<T: FromStr>(element: &XmlElement, name: &str) -> Result<Option<T>> {
    let text = element.attribute(name);
    text.map(|text| number(element, name, text)).transpose()
}

/// Whether an attribute is `true` or `1`; it is false where it is absent.
pub(crate) fn flag(element: &XmlElement, name: &str) -> bool {
    element
        .attribute(name)
        .is_some_and(|text| matches!(text.trim(), "true" | "1"))
}

/// An element lacks one in it.
pub(crate) fn missing(parent: &XmlElement, what: &str) -> Error {
    let message = format!("{} holds no {what}", parent.local_name());
    Error::new(ErrorKind::Missing, message)
}

/// The elements of this name in the element `group` of `parent`.
pub(crate) fn in_group<'a>(
    parent: &'a XmlElement,
    group: &str,
    name: &'static str,
) -> impl Iterator<Item = &'a XmlElement> {
    parent
        .element(group)
        .into_iter()
        .flat_map(XmlElement::elements)
        .filter(move |element| element.local_name() == name)
}

/// The text of an element, with the line ends that XML gives it ([XML] 2.11).
///
/// [XML]: https://www.w3.org/TR/xml/#sec-line-ends
pub(crate) fn text(element: &XmlElement) -> String {
    let text = element.text();
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text
    }
}
