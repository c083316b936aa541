use super::*;
use alloc::string::ToString;
use alloc::vec;
use proptest::prelude::*;

#[test]
fn the_bytes_decide_the_encoding() {
    use Encoding::{Utf8, Utf16Be, Utf16Le, Windows1252};
    for (bytes, text, encoding, bom) in [
        (&b""[..], "", Utf8, false),
        (b"a=\xc3\xa9", "a=\u{e9}", Utf8, false),
        (b"\xef\xbb\xbfa", "a", Utf8, true),
        (b"\xff\xfea\0\xe9\0", "a\u{e9}", Utf16Le, true),
        (b"\xfe\xff\0a", "a", Utf16Be, true),
        (b"<\0a\0", "<a", Utf16Le, false),
        (b"\0<\0a", "<a", Utf16Be, false),
        (b"caf\xe9 \x80", "caf\u{e9} \u{20ac}", Windows1252, false),
        (b"\xff\xfe", "", Utf16Le, true),
        (b"\xff\xfe\xff\xfea\0", "\u{feff}a", Utf16Le, true),
        (b"\xff\xfe\x3d\xd8\x00\xde", "\u{1f600}", Utf16Le, true),
    ] {
        let decoded = Text::decode(bytes).unwrap();
        assert_eq!(decoded, Text::new(text, encoding, bom), "{bytes:x?}");
        assert_eq!(decoded.encode().unwrap(), bytes);
    }
}

#[test]
fn an_error_counts_bytes_of_the_file() {
    let long = [b"\xff\xfe".as_slice(), &b"a\0".repeat(100), b"\x00\xdca\0"].concat();
    for (bytes, offset) in [
        (&b"\xff\xfea\0b"[..], 4),
        (b"\xff\xfea\0\x3d\xd8", 4),
        (b"\xff\xfea\0\x3d\xd8a\0", 4),
        (b"\xff\xfe\x00\xdca\0", 2),
        (b"\xfe\xff\xdc\0", 2),
        (b"\xef\xbb\xbfab\xff", 5),
        (&long, 202),
    ] {
        let error = Text::decode(bytes).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encoding);
        assert_eq!(error.position().unwrap().offset, offset, "{bytes:x?}");
    }
}

#[test]
fn xml_is_no_8_bit_text() {
    let declared = b"<?xml version=\"1.0\" encoding=\"utf-16\"?>\xc3\xa9";
    assert_eq!(
        Text::decode_xml(declared).unwrap().encoding(),
        Encoding::Utf8
    );
    let error = Text::decode_xml(b"<a>\xe9</a>").unwrap_err();
    assert_eq!(
        error.to_string(),
        "byte 3: the bytes from here are no UTF-8"
    );
}

#[test]
fn lossy_decoding_says_what_it_replaced() {
    for (bytes, text, replaced) in [
        (&b"\xff\xfea\0\x00\xd8\x01\xd8b\0"[..], "a\u{fffd}b", 4..8),
        (b"\xff\xfea\0\x00\xd8b", "a\u{fffd}", 4..7),
        (b"\xef\xbb\xbfa\xff\xffb", "a\u{fffd}b", 4..6),
    ] {
        let (decoded, places) = Text::decode_lossy(bytes);
        assert_eq!(
            (decoded.as_str(), &places[..]),
            (text, core::slice::from_ref(&replaced))
        );
    }
}

#[test]
fn positions_are_places_in_the_file() {
    let text = Text::decode(b"\xff\xfea\0\n\0\xe9\0b\0").unwrap();
    let position = text.position("a\n\u{e9}".len());
    assert_eq!((position.offset, position.line_column), (8, Some((2, 2))));
}

#[test]
fn an_8_bit_file_refuses_what_it_cannot_hold() {
    let text = Text::new("\u{416}", Encoding::Windows1252, false);
    assert_eq!(text.encode().unwrap_err().kind(), ErrorKind::Unwritable);
}

#[test]
fn line_ends_are_kept_line_by_line() {
    use LineEnd::{Cr, CrLf, Lf, Missing};
    let read: Vec<_> = lines("a\r\nb\nc\rd\r\r\ne")
        .map(|l| (l.text, l.end))
        .collect();
    let expected = [
        ("a", CrLf),
        ("b", Lf),
        ("c", Cr),
        ("d", Cr),
        ("", CrLf),
        ("e", Missing),
    ];
    assert_eq!(read, expected);
}

proptest! {
    #[test]
    fn what_was_decoded_is_encoded_the_same(bytes in any_file()) {
        for text in [Text::decode(&bytes), Text::decode_xml(&bytes)].into_iter().flatten() {
            prop_assert_eq!(text.encode().unwrap(), bytes.clone());
            let end = text.position(text.as_str().len());
            prop_assert_eq!(end.offset, bytes.len() as u64);
        }
        let (text, replaced) = Text::decode_lossy(&bytes);
        prop_assert_eq!(replaced.is_empty(), Text::decode(&bytes).is_ok());
        prop_assert!(replaced.len() <= text.as_str().matches(char::REPLACEMENT_CHARACTER).count());
    }

    #[test]
    fn text_survives_every_unicode_encoding(text in "(\\PC|[a-z\r\n]{30,90}){0,20}", bom: bool) {
        for encoding in [Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be] {
            let bytes = Text::new(text.as_str(), encoding, bom).encode().unwrap();
            let start = if bom { encoding.bom().len() } else { 0 };
            prop_assert_eq!(start + encoding.encoded_len(&text), bytes.len());
            let decoded = Text::decode_as(&bytes, encoding).unwrap();
            prop_assert_eq!((decoded.as_str(), decoded.has_bom()), (text.as_str(), bom));
        }
    }

    #[test]
    fn lines_put_together_are_the_text(text in "[ab\r\n]{0,40}") {
        let mut together = String::new();
        for line in lines(&text) {
            prop_assert!(!line.text.contains(['\r', '\n']));
            together.push_str(line.text);
            together.push_str(line.end.as_str());
        }
        prop_assert_eq!(together, text);
    }
}

fn any_file() -> impl Strategy<Value = Vec<u8>> {
    let start = prop::sample::select(vec![&b""[..], b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf"]);
    let piece = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..8),
        Just(b"k\0".repeat(40)),
        Just(b"\x3d\xd8\x00\xde".to_vec()),
    ];
    (start, prop::collection::vec(piece, 0..8))
        .prop_map(|(start, pieces)| [start, &pieces.concat()].concat())
}
