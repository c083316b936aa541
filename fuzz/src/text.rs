//! Decoding text.

use gpo_core::{Encoding, LineEnd, Text, lines};

const ENCODINGS: [Encoding; 4] = [
    Encoding::Utf8,
    Encoding::Utf16Le,
    Encoding::Utf16Be,
    Encoding::Windows1252,
];

/// What is decoded is encoded to the same bytes, in whichever way it was decoded; what is not can
/// still be shown, and the places that were replaced are named.
pub fn text(data: &[u8]) {
    let decoded = Text::decode(data);
    if let Ok(text) = &decoded {
        check(text, data);
    }
    if let Ok(text) = Text::decode_xml(data) {
        assert_eq!(Ok(&text), decoded.as_ref(), "the bytes decide in XML, too");
    }
    for encoding in ENCODINGS {
        if let Ok(text) = Text::decode_as(data, encoding) {
            assert_eq!(text.encoding(), encoding);
            check(&text, data);
        }
    }
    let (lossy, replaced) = Text::decode_lossy(data);
    assert_eq!(replaced.is_empty(), decoded.is_ok());
    assert!(lossy.encode().is_ok());
    assert!(replaced.iter().all(|place| place.start < place.end));
    assert!(replaced.windows(2).all(|pair| pair[0].end < pair[1].start));
    assert!(replaced.last().is_none_or(|last| last.end <= data.len()));
    if let Ok(text) = str::from_utf8(data) {
        stored(text);
    }
}

fn check(text: &Text<'_>, data: &[u8]) {
    assert_eq!(text.encode().as_deref(), Ok(data));
    let content = text.as_str();
    assert_eq!(text.position(content.len()).offset, data.len() as u64);
    let mut joined = String::new();
    for line in lines(content) {
        assert!(!line.text.contains(['\r', '\n']));
        joined += line.text;
        joined += line.end.as_str();
    }
    assert_eq!(joined, content);
    if let Some(last) = lines(content).last() {
        let open = !content.ends_with(['\r', '\n']);
        assert_eq!(last.end == LineEnd::Missing, open);
    }
}

/// Text of our own, stored in any encoding that has its characters, is read back the same.
fn stored(content: &str) {
    // Without a mark of its own, such a text would be taken for one that has it.
    if content.starts_with('\u{feff}') {
        return;
    }
    for encoding in ENCODINGS {
        for bom in [false, true] {
            let text = Text::new(content, encoding, bom);
            if let Ok(bytes) = text.encode() {
                assert_eq!(Text::decode_as(&bytes, encoding), Ok(text));
            } else {
                assert_eq!(encoding, Encoding::Windows1252);
            }
        }
    }
}
