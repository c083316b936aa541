//! XML of open grammar.

use gpo_core::{XmlDocument, XmlElement};

/// The file is written back to the same bytes, also with every attribute and text set to what it
/// is.
pub fn xml_document(data: &[u8]) {
    let Ok(document) = XmlDocument::parse(data) else {
        return;
    };
    assert_eq!(document.to_bytes().as_deref(), Ok(data));
    let mut same = document.clone();
    set(&mut same.root);
    assert_eq!(same, document);
    for (path, element) in document.elements() {
        assert_eq!(document.element(&path), Some(element));
    }
}

fn set(element: &mut XmlElement) {
    let before = element.clone();
    for (name, value) in before.attributes() {
        element.set_attribute(name, &value).expect("the attribute was read");
    }
    element.set_text(&before.text()).expect("the text was read");
    element.elements_mut().for_each(set);
}
