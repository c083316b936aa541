//! INF and INI files.

use gpo_core::{InfDocument, InfEntry};

/// A document is written back to the same bytes, says of each entry where it is, and changes
/// nothing but the value that is set.
pub fn inf(data: &[u8]) {
    let (lossy, replaced) = InfDocument::parse_lossy(data);
    let Ok(document) = InfDocument::parse(data) else {
        assert!(!replaced.is_empty());
        return;
    };
    assert!(replaced.is_empty());
    assert_eq!(lossy, document);
    assert_eq!(document.to_bytes().as_deref(), Ok(data));

    let mut last = 0;
    for section in document.sections() {
        assert!(section.line > last, "sections come in file order");
        last = section.line;
        let offset = document.text().position(section.line, 0).offset;
        assert!(offset < data.len() as u64);
        for (line, _) in section.lines() {
            assert_eq!(line, last + 1);
            last = line;
        }
        for InfEntry { key, value, .. } in section.entries() {
            assert!(document.value(section.name, key).is_some());
            set(&document, section.name, key, value);
        }
    }
    set(&document, "New", "Key", "1");
}

fn set(document: &InfDocument, section: &str, key: &str, value: &str) {
    let mut same = document.clone();
    if let Some(first) = document.value(section, key) {
        same.set_value(section, key, first)
            .expect("the value was read");
        assert_eq!(&same, document, "a value that is there changes nothing");
    }
    let value = format!("{value}1");
    let mut changed = document.clone();
    if changed.set_value(section, key, &value).is_err() {
        return;
    }
    assert_eq!(changed.value(section, key), Some(&*value));
    let bytes = changed.to_bytes().expect("the characters were there");
    // Without a mark, what is set may make the file look like one of another encoding.
    if document.text().has_bom() {
        assert_eq!(InfDocument::parse(&bytes).as_ref(), Ok(&changed));
    }
}
