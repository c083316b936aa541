use super::*;
use crate::preferences::Preferences;
use alloc::string::String;
use alloc::vec;
use proptest::prelude::*;

fn text(document: &XmlDocument) -> String {
    String::from_utf8(document.to_bytes().unwrap()).unwrap()
}

#[test]
fn what_is_whole_is_saved() {
    for (xml, saved, place, skipped) in [
        ("<a><b/>", "<a><b/></a>", 7, 7..7),
        ("<a><b/><c><d/>", "<a><b/></a>", 14, 7..14),
        ("<a>x<b/><c>&no;</c><b/></a>", "<a>x<b/></a>", 11, 8..23),
        ("<a><b/></c>", "<a><b/></a>", 7, 7..11),
        ("<a><b/></a>x", "<a><b/></a>", 11, 11..12),
        ("<a><b/><c x></c></a>", "<a><b/></a>", 7, 7..16),
        ("<a><b/><c x:y:z='1'/></a>", "<a><b/></a>", 7, 7..21),
        ("<a/>x", "<a/>", 4, 4..5),
        ("<a><b/>\u{1}</a >", "<a><b/></a >", 7, 7..8),
        ("<!--\u{1}--><a/>", "<!--\u{1}--><a/>", 4, 0..0),
    ] {
        let (document, damage) = XmlDocument::parse_lossy(xml.as_bytes()).unwrap();
        assert_eq!(text(&document), saved, "{xml}");
        let first = &damage[0].error;
        assert_eq!(first.position().unwrap().offset, place, "{xml}");
        assert_eq!((damage.len(), &damage[0].skipped), (1, &skipped), "{xml}");
    }
    let (document, damage) = XmlDocument::parse_lossy(b"<a><b></b> </a>\n").unwrap();
    assert_eq!(
        (text(&document).as_str(), damage),
        ("<a><b></b> </a>\n", vec![])
    );
    for xml in ["<a", "<a xmlns:='1'/>"] {
        assert!(XmlDocument::parse_lossy(xml.as_bytes()).is_err(), "{xml}");
    }
}

/// `1` is an item, `(` and `)` stand around a collection, `?` is targeting.
fn file(sketch: &str) -> String {
    let body: String = sketch
        .chars()
        .map(|c| match c {
            '(' => "<Collection clsid='{0}' name='c'>".into(),
            ')' => "</Collection>".into(),
            '?' => "<Filters><FilterOs/></Filters>".into(),
            '1'..='9' => format!("<Registry clsid='{{0}}' name='{c}'><Properties/></Registry>"),
            _ => String::from(c),
        })
        .collect();
    format!("<RegistrySettings>{body}</RegistrySettings>")
}

#[test]
fn later_items_are_saved_and_no_condition_is_lost() {
    for (broken, whole, damages) in [
        ("1<x></y>2", "12", 1),
        ("1</Registry>23", "123", 1),
        ("1&no;2", "12", 1),
        ("1<!-- 2 --><b>3", "1<!-- 2 -->3", 1),
        ("1<b <!-- 2 -->3", "13", 1),
        ("1<![CDATA[ 23", "1", 1),
        ("1<!-- 23", "1", 1),
        ("1<Properties/></Registry>2", "12", 1),
        ("1(?2<x></y>3)4", "1(?23)4", 1),
        ("1(2<x></y>3)4", "1(23)4", 1),
        // Whose targeting it is cannot be told.
        ("1(2</z>?3)4", "14", 2),
        ("1(2<x>?</y>3)4", "14", 2),
        ("1(?2", "1(?2)", 1),
        ("1(2", "1", 2),
        ("1(23</RegistrySettings>", "1", 3),
    ] {
        let (saved, damage) = Preferences::parse_lossy(file(broken).as_bytes()).unwrap();
        assert_eq!(text(saved.document()), file(whole), "{broken}");
        assert_eq!(damage.len(), damages, "{broken}: {damage:#?}");
    }
}

#[test]
fn places_behind_what_is_no_text_are_those_of_the_file() {
    let file = file("1XX2</b>3");
    let mut bytes = file.replace("XX", "\u{e9}\u{e9}").into_bytes();
    let at = bytes.iter().position(|&b| b == 0xc3).unwrap();
    bytes.splice(at..at + 4, [0xe9, b' ', 0xe9]);
    let (saved, damage) = Preferences::parse_lossy(&bytes).unwrap();
    assert_eq!(saved.items().count(), 3);
    let places: Vec<_> = damage.iter().map(|damage| damage.skipped.clone()).collect();
    let end = file.find("</b>").unwrap() + 1;
    assert_eq!(places, [at..at + 1, at + 2..at + 3, end..end + 4]);
    let place = damage[2].error.position().unwrap().offset;
    assert_eq!(place, end as u64);
}

#[test]
fn a_file_full_of_damage_is_read_to_its_end() {
    for piece in [
        "<D clsid=''><!--",
        "<D clsid=''>",
        "<a '",
        "<D clsid='' ",
        "</",
        "<D clsid=''/x>",
        "&",
    ] {
        let file = format!("<Drives>{}", piece.repeat(2_000));
        let (_, damage) = Preferences::parse_lossy(file.as_bytes()).unwrap();
        assert!(!damage.is_empty());
    }
}

proptest! {
    #[test]
    fn an_item_that_is_not_touched_is_saved(
        at in 0usize..1000, length in 0usize..60, new in "[<>/a= &;]{0,6}",
    ) {
        let whole = file("1\n2\n3\n4\n5\n6\n");
        let head = "<RegistrySettings>".len();
        let at = head + at % (whole.len() - 2 * head);
        let end = (at + length).min(whole.len() - head - 1);
        let mut broken = whole.clone();
        broken.replace_range(at..end, &new);
        let (saved, damage) = Preferences::parse_lossy(broken.as_bytes()).unwrap();
        let is_whole = Preferences::parse(broken.as_bytes()).is_ok();
        prop_assert_eq!(damage.is_empty(), is_whole);
        let again = Preferences::parse(&saved.to_bytes().unwrap());
        prop_assert_eq!(again.as_ref(), Ok(&saved));
        let original = Preferences::parse(whole.as_bytes()).unwrap();
        let saved: Vec<_> = saved.items().map(|item| item.element.clone()).collect();
        let mut start = head;
        for item in original.items() {
            let mut text = String::new();
            item.element.append_to(&mut text);
            if start + text.len() <= at || start >= end.max(at) {
                prop_assert!(saved.contains(item.element), "{} of {}", text, broken);
            }
            start += text.len() + 1;
        }
    }

    #[test]
    fn what_is_saved_is_a_file(xml in "(<(Registry|Collection|Filters|x)( clsid='')?/?>|</(Registry|Collection|Filters|RegistrySettings)>|<!--|-->|<!\\[CDATA\\[|\\]\\]>|&|'|\u{1}|a){0,16}") {
        let xml = format!("<RegistrySettings>{xml}");
        let (saved, damage) = Preferences::parse_lossy(xml.as_bytes()).unwrap();
        prop_assert_eq!(damage.is_empty(), Preferences::parse(xml.as_bytes()).is_ok());
        prop_assert_eq!(Preferences::parse(&saved.to_bytes().unwrap()), Ok(saved));
    }
}
