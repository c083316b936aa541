//! Comparing a file with what it is when it is written back.

use gpo_core::{Error, ErrorKind, XmlDocument, XmlElement, XmlNode};

use crate::finding::{Finding, FindingKind};

/// What differs between a file and the same file written back, if anything does.
pub(super) fn round_trip(
    folder: &str,
    file: &str,
    read: &[u8],
    written: Result<Vec<u8>, Error>,
) -> Option<Finding> {
    let (kind, error) = match written {
        Ok(written) if written == read => return None,
        Ok(written) if same_xml(read, &written) => {
            let text = "the file is laid out in another way than GPMC's, which is not kept";
            (FindingKind::Layout, Error::new(ErrorKind::Syntax, text))
        }
        Ok(written) => {
            let same = read
                .iter()
                .zip(&written)
                .take_while(|(a, b)| a == b)
                .count();
            let text = "written back, the file differs from here on";
            let error = Error::new(ErrorKind::Value, text).at_offset(same);
            (FindingKind::RoundTrip, error)
        }
        Err(error) => (FindingKind::RoundTrip, error),
    };
    Some(Finding::of_error(kind, folder, file, &error))
}

/// Whether two files are the same XML but for white space between elements, and for the way in
/// which texts, attributes and empty elements are written.
fn same_xml(a: &[u8], b: &[u8]) -> bool {
    match (XmlDocument::parse(a), XmlDocument::parse(b)) {
        (Ok(a), Ok(b)) => same_element(&a.root, &b.root),
        _ => false,
    }
}

// The depth of this recursion is limited by the reader.
fn same_element(a: &XmlElement, b: &XmlElement) -> bool {
    let attributes = |element: &XmlElement| {
        let attributes = element.attributes();
        let owned = attributes.map(|(name, value)| (name.to_owned(), value.into_owned()));
        let mut owned: Vec<_> = owned.collect();
        owned.sort_unstable();
        owned
    };
    let has_elements = |element: &XmlElement| element.elements().next().is_some();
    let comments = |element: &XmlElement| {
        let nodes = element.nodes().iter();
        let others = nodes.filter_map(|node| match node {
            XmlNode::Other(text) => Some(text.clone()),
            _ => None,
        });
        others.collect::<Vec<_>>()
    };
    let text = |element: &XmlElement| {
        let text = element.text();
        let between_elements = has_elements(element) && text.trim().is_empty();
        if between_elements {
            String::new()
        } else {
            text
        }
    };
    a.name() == b.name()
        && attributes(a) == attributes(b)
        && text(a) == text(b)
        && comments(a) == comments(b)
        && a.elements().count() == b.elements().count()
        && a.elements()
            .zip(b.elements())
            .all(|(a, b)| same_element(a, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_between_elements_is_layout_and_nothing_else_is() {
        let file = b"<a x='1'>\n  <b>text</b><!--c-->\n</a>";
        for (other, same) in [
            ("<a x=\"1\"><b><![CDATA[text]]></b><!--c--></a>", true),
            ("<a x='1'><b> text</b><!--c--></a>", false),
            ("<a x='2'><b>text</b><!--c--></a>", false),
            ("<a x='1'><b>text</b></a>", false),
            ("<a x='1'><b>text</b><b/><!--c--></a>", false),
            ("<a x='1'>t<b>text</b><!--c--></a>", false),
            ("<a><b>text</b><!--c--></a>", false),
        ] {
            assert_eq!(same_xml(file, other.as_bytes()), same, "{other}");
        }
    }
}
